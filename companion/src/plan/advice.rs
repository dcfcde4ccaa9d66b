//! What is worth a second thought in a plan that can be held. None of it is a fault.

use cloison_protocol::{KeyRef, PlanBody, Policy, Role, Usage};

/// Keys that two people alone should not open without somebody having thought of it.
const MANY_KEYS: usize = 5;
/// Quotas above these are unusual: the usual ones are 5, 10, 10 and 1000.
const HIGH_BATCH: u8 = 20;
const HIGH_QUOTA: u16 = 100;
const HIGH_TOTAL: u32 = 10_000;

/// Gives advice on a plan, in whole sentences without the last full stop. `now` is in seconds since
/// 1970 UTC.
pub(super) fn on(body: &PlanBody, now: u64) -> Vec<String> {
    let mut advice = on_people(body);
    advice.extend(on_cards(body));
    if body.languages.as_slice().len() < 2 {
        advice.push("only one language is offered. Somebody may know the other one better; name both".to_owned());
    }
    for (key, policy) in body.key_refs() {
        advice.extend(on_key(key, &policy, body.threshold, now).into_iter().map(|told| format!("{key}: {told}")));
    }
    advice
}

fn on_people(body: &PlanBody) -> Vec<String> {
    let has = |role| body.people.as_slice().iter().any(|person| person.role == role);
    let mut advice = Vec::new();
    if !has(Role::Administrator) {
        advice.push("no administrator is named. A custodian who also leads the ceremony has two duties".to_owned());
    }
    if !has(Role::Witness) {
        advice.push("no witness is named. Without one, nobody but those who hold cards can say what happened".to_owned());
    }
    if body.place.as_str().is_empty() {
        advice.push("no place is named. The transcript will not say where the ceremony was held".to_owned());
    }
    advice
}

fn on_cards(body: &PlanBody) -> Option<String> {
    let (need, cards, keys) = (body.threshold, body.cards(), body.keys.as_slice().len());
    if need == cards {
        return Some(format!("all {cards} cards are needed. One that is lost loses the vault and every record; make more cards"));
    }
    (need == 2 && keys >= MANY_KEYS)
        .then(|| format!("any two of {cards} people open all {keys} keys. Consider that more are needed"))
}

fn on_key(key: KeyRef, policy: &Policy, threshold: u8, now: u64) -> Vec<String> {
    let mut advice = high_quotas(policy);
    if !policy.each && key.usage != Usage::Text {
        let told =
            "one quorum opens it for a whole session, and then the operator approves alone what nobody reads. Consider \"each\"";
        advice.push(told.to_owned());
    }
    if policy.emergency > 0 && policy.cards(threshold) == threshold {
        advice.push(
            "an emergency sets nothing aside but quotas, since no more cards are asked for than open the vault. Ask for more \
             approvals, or for no emergency"
                .to_owned(),
        );
    }
    if policy.expires != 0 && policy.expires < now {
        advice.push("its last day is over already. Write a later one, or none".to_owned());
    }
    advice
}

fn high_quotas(policy: &Policy) -> Vec<String> {
    let quotas = [
        (policy.batch > HIGH_BATCH, "batch", u32::from(policy.batch)),
        (policy.per_session > HIGH_QUOTA, "per-session", policy.per_session.into()),
        (policy.per_day > HIGH_QUOTA, "per-day", policy.per_day.into()),
        (policy.total > HIGH_TOTAL, "total", policy.total),
        (policy.emergency > HIGH_QUOTA, "emergency", policy.emergency.into()),
    ];
    let high = quotas.iter().filter(|(high, ..)| *high);
    high.map(|(_, name, quota)| {
        format!("`{name}` is {quota}, which is unusually much. A stolen workstation could ask for all of it")
    })
    .collect()
}
