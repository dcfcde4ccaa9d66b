//! A plan in the words of a page.

use cloison_protocol::{PlanBody, Policy};
use jiff::Timestamp;

/// Gives the lines that say what a plan makes, who takes part and what each key allows.
pub(super) fn lines(body: &PlanBody) -> Vec<String> {
    let languages: Vec<_> = body.languages.as_slice().iter().map(|language| language.label()).collect();
    let limits = body.limits;
    let mut lines = vec![
        format!("title           {}", body.title.as_str()),
        format!("place           {}", body.place.as_str()),
        format!("cards           {} of {} open the vault", body.threshold, body.cards()),
        format!("languages       {}", languages.join(", ")),
        format!("sealed          after {} minutes idle, or {} in all", limits.idle_minutes, limits.session_minutes),
    ];
    lines.extend(body.people.as_slice().iter().map(|person| format!("{:<16}{}", person.role.label(), person.name.as_str())));
    for (key, policy) in body.key_refs() {
        lines.push(format!("key             {key}"));
        lines.extend(rules(&policy, body.threshold).iter().map(|rule| format!("                {rule}")));
    }
    lines
}

fn rules(policy: &Policy, threshold: u8) -> Vec<String> {
    let cards = policy.cards(threshold);
    let quorum = if policy.each { "at each request" } else { "at each opening; then the operator approves alone" };
    let mut rules = vec![
        format!("{cards} cards {quorum}"),
        format!(
            "at most {} in a request, {} in a session, {} of one workstation a day, {} in all",
            policy.batch, policy.per_session, policy.per_day, policy.total
        ),
    ];
    let flags = [(policy.view_only, "view only"), (policy.declared_only, "declared records only")];
    rules.extend(flags.iter().filter(|(holds, _)| *holds).map(|(_, words)| (*words).to_owned()));
    if policy.expires != 0 {
        rules.push(format!("until {}", day(policy.expires)));
    }
    let requesters: Vec<_> = policy.requesters.as_slice().iter().map(|name| name.as_str()).collect();
    if !requesters.is_empty() {
        rules.push(format!("only for {}", requesters.join(", ")));
    }
    if policy.emergency > 0 {
        rules.push(format!("{} in an emergency", policy.emergency));
    }
    rules
}

/// Gives the day of a moment, in UTC.
fn day(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| format!("second {seconds}"), |moment| moment.strftime("%Y-%m-%d").to_string())
}
