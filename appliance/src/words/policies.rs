//! Keys, what their policies allow, and what was used of it.

use super::figures::{count, date, listed};
use cloison_custody::Quota;
use cloison_protocol::{Algorithm, KeyRef, Policy, Usage};

/// Names a key by what it is for.
pub(super) fn key_words(key: KeyRef) -> String {
    let usage = match key.usage {
        Usage::Text => "signs texts",
        Usage::Digest => "signs files by their digest",
        Usage::Age => "opens records",
        Usage::Identity => "signs for the vault itself",
        Usage::Store => "guards the store",
        _ => "has a use that this program does not know",
    };
    format!("{key} ({usage})")
}

/// Says how strong a key is, for those who ask.
pub(super) fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::MlKem1024P384 => "It withstands quantum computers as well: ML-KEM-1024 together with P-384.",
        Algorithm::P384 => "Its algorithm is P-384, which every common tool knows and which no quantum computer is to attack.",
        _ => "Its algorithm is one of the vault’s own.",
    }
}

/// Says how a key may be used.
pub(super) fn policy(policy: &Policy, usage: Usage) -> Vec<String> {
    let mut texts = vec![approvals(policy)];
    if policy.view_only {
        texts.push("Its records are only shown on this kiosk; nothing of them is given away.".to_owned());
    }
    if policy.declared_only {
        texts.push("It opens only records that declare what they are.".to_owned());
    }
    texts.push(quotas(policy, usage));
    texts.push(requesters(policy));
    if policy.expires > 0 {
        texts.push(format!("It may be used until {}.", date(policy.expires)));
    }
    texts.push(emergency(policy));
    texts
}

fn approvals(policy: &Policy) -> String {
    match (policy.each, policy.approvals) {
        (false, _) => "While the vault is open, its operator approves requests alone.".to_owned(),
        (true, 0) => "Each request needs as many cards as open the vault.".to_owned(),
        (true, cards) => format!("Each request needs {}.", count(cards, "card")),
    }
}

fn quotas(policy: &Policy, usage: Usage) -> String {
    let Policy { batch, per_session, per_day, total, .. } = policy;
    format!(
        "Allowed are {} in one request, {per_session} each time the vault is open, {per_day} a day for each workstation, and \
         {total} in all until the custodians renew that.",
        count(*batch, thing(usage))
    )
}

fn requesters(policy: &Policy) -> String {
    let names: Vec<String> = policy.requesters.as_slice().iter().map(|name| format!("“{}”", name.as_str())).collect();
    match names.as_slice() {
        [] => "Every enrolled workstation may ask.".to_owned(),
        names => format!("Only {} may ask.", listed(names, "and")),
    }
}

fn emergency(policy: &Policy) -> String {
    match policy.emergency {
        0 => "There is no emergency path.".to_owned(),
        operations => format!(
            "In an emergency {} go beyond this with no more cards than open the vault, until the custodians review them.",
            count(operations, "operation")
        ),
    }
}

fn thing(usage: Usage) -> &'static str {
    match usage {
        Usage::Age => "record",
        Usage::Text => "text",
        Usage::Digest => "file",
        _ => "operation",
    }
}

/// Says what was used of a key before this request, and what is allowed.
pub(super) fn quota(quota: &Quota, usage: Usage) -> String {
    let done = match usage {
        Usage::Age => "opened",
        Usage::Text | Usage::Digest => "signed",
        _ => "used",
    };
    let of = |(used, allowed): (u32, u32)| format!("{used} of {allowed}");
    let Quota { session, day, total } = *quota;
    format!(
        "Before this request: {} {done} since the vault was opened; {} today by this workstation; {} in all.",
        of(session),
        of(day),
        of(total)
    )
}
