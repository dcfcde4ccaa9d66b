//! Records for programs. The names of fields and of what happened are those of the vectors.

use super::{
    alarms,
    continuity::Continuity,
    signer::{Signer, identity_words},
};
use crate::screen::hex;
use cloison_protocol::{Act, Alarm, Ceremony, Digest, Happening, Heading, VaultId, Whose};
use serde_json::{Value, json};

/// Writes one entry: what it says in fields and in words, and the head after it.
pub(super) fn entry(number: u64, at: u64, head: &Digest, mut fields: Value, sentence: String) -> Value {
    if let Value::Object(map) = &mut fields {
        let common = [("number", json!(number)), ("at", json!(at)), ("head", hash(head)), ("sentence", json!(sentence))];
        map.extend(common.map(|(name, value)| (name.to_owned(), value)));
    }
    fields
}

/// Writes a heading.
pub(super) fn heading(heading: &Heading) -> Value {
    let whose = &heading.whose;
    json!({
        "vault": id(whose.vault),
        "mode": whose.mode.label(),
        "title": whose.title.as_str(),
        "identity": hex(&whose.identity.to_bytes()),
        "first": heading.first,
        "before": hash(&heading.before),
    })
}

/// Writes who signed.
pub(super) fn signer(signer: &Signer, whose: &Whose) -> Value {
    json!({
        "imported": signer.vault().is_some(),
        "title": signer.vault().map(|vault| vault.title()),
        "identity_words": identity_words(whose).to_string(),
    })
}

/// Writes how a log stands to what was seen before.
pub(super) fn continuity(continuity: Continuity) -> &'static str {
    match continuity {
        Continuity::Continues { .. } => "continues",
        Continuity::Apart { .. } => "apart",
        Continuity::Older { .. } => "older",
        Continuity::Forked { .. } => "forked",
    }
}

/// Writes what happened at a ceremony.
pub(super) fn act(act: &Act) -> Value {
    match act {
        Act::Began { ceremony, plan, program, image } => json!({
            "act": "began", "ceremony": purpose(*ceremony), "plan": hash(plan), "program": program.as_str(),
            "image": image.as_ref().map(hash),
        }),
        Act::SelfTested { answers } => json!({"act": "self-tested", "answers": answers}),
        Act::Present { name, role } => json!({"act": "present", "name": name.as_str(), "role": role.label()}),
        Act::Absent { name, role } => json!({"act": "absent", "name": name.as_str(), "role": role.label()}),
        Act::Entropy { source, by, amount, tested } => json!({
            "act": "entropy", "source": source.as_str(), "by": by.as_str(), "amount": amount, "tested": tested,
        }),
        Act::Dealt { vault, epoch, threshold, cards } => json!({
            "act": "dealt", "vault": id(*vault), "epoch": epoch, "threshold": threshold, "cards": cards,
        }),
        Act::Shown { index, custodian } => json!({"act": "shown", "index": index, "custodian": custodian.as_str()}),
        Act::ReadBack { index } => json!({"act": "read-back", "index": index}),
        Act::Stored => json!({"act": "stored"}),
        Act::DrillBegan => json!({"act": "drill-began"}),
        Act::Drilled { index } => json!({"act": "drilled", "index": index}),
        Act::Proven { cards, subsets } => json!({"act": "proven", "cards": cards, "subsets": subsets}),
        Act::KeysCompared { keys, fingerprint } => {
            json!({"act": "keys-compared", "keys": keys, "fingerprint": hash(fingerprint)})
        }
        Act::Activated { descriptor } => json!({"act": "activated", "descriptor": hash(descriptor)}),
        _ => json!({"act": null}),
    }
}

/// Writes what a vault did or refused.
pub(super) fn happening(happening: &Happening) -> Value {
    match happening {
        Happening::Created => json!({"happening": "created"}),
        Happening::Opened { custodians } => json!({"happening": "opened", "cards": custodians.as_slice()}),
        Happening::Enrolled { name, key, custodians } => json!({
            "happening": "enrolled", "name": name.as_str(), "key": hash(key), "cards": custodians.as_slice(),
        }),
        Happening::Presented { request, requester, custodians } => json!({
            "happening": "presented", "request": hash(request), "requester": hash(requester), "cards": custodians.as_slice(),
        }),
        Happening::Answered { request, requester, case, key, custodians, granted, emergency } => json!({
            "happening": "answered", "request": hash(request), "requester": hash(requester), "case": hash(&case.0),
            "key": key.to_string(), "cards": custodians.as_slice(), "granted": granted, "emergency": emergency,
        }),
        Happening::Refused { request, requester, reason } => json!({
            "happening": "refused", "request": hash(request), "requester": hash(requester), "reason": reason.code(),
        }),
        Happening::Reviewed { custodians, operations } => json!({
            "happening": "reviewed", "cards": custodians.as_slice(), "operations": operations,
        }),
        Happening::BackedUp { backup } => json!({"happening": "backed-up", "backup": hash(backup)}),
        Happening::Alarmed { alarms } => json!({
            "happening": "alarmed", "alarms": alarms.named().iter().map(alarm).collect::<Vec<_>>(), "more": alarms.more(),
        }),
        other => of_its_life(other),
    }
}

fn alarm(alarm: &Alarm) -> Value {
    match alarm {
        Alarm::Interface(name) => json!({"alarm": "interface", "name": name.as_str()}),
        Alarm::Radio(name) => json!({"alarm": "radio", "name": name.as_str()}),
        Alarm::UsbDevice { vendor, product, class, name } => json!({
            "alarm": "usb-device", "vendor": vendor, "product": product, "class": class, "name": name.as_str(),
        }),
        Alarm::Unreadable(what) => json!({"alarm": "unreadable", "name": what.as_str()}),
        Alarm::Unconfined(measure) => json!({"alarm": "unconfined", "measure": alarms::label(*measure)}),
        _ => json!({"alarm": null}),
    }
}

fn of_its_life(happening: &Happening) -> Value {
    match happening {
        Happening::Drilled { epoch, cards, transcript } => json!({
            "happening": "drilled", "epoch": epoch, "count": cards, "transcript": hash(transcript),
        }),
        Happening::Redealt { epoch, custodians } => {
            json!({"happening": "redealt", "epoch": epoch, "cards": custodians.as_slice()})
        }
        Happening::RedealAbandoned { epoch } => json!({"happening": "redeal-abandoned", "epoch": epoch}),
        Happening::Restored { custodians, descriptor, backup } => json!({
            "happening": "restored", "cards": custodians.as_slice(), "descriptor": descriptor, "backup": backup,
        }),
        Happening::Confirmed { custodians } => json!({"happening": "confirmed", "cards": custodians.as_slice()}),
        Happening::Renewed { custodians } => json!({"happening": "renewed", "cards": custodians.as_slice()}),
        Happening::Rotated { key, custodians } => json!({
            "happening": "rotated", "key": key.to_string(), "cards": custodians.as_slice(),
        }),
        Happening::Revoked { name, key, custodians } => json!({
            "happening": "revoked", "name": name.as_str(), "key": hash(key), "cards": custodians.as_slice(),
        }),
        Happening::Succeeded { by, custodians } => json!({
            "happening": "succeeded", "by": id(*by), "cards": custodians.as_slice(),
        }),
        Happening::Follows { old, custodians } => json!({
            "happening": "follows", "old": id(*old), "cards": custodians.as_slice(),
        }),
        _ => json!({"happening": null}),
    }
}

fn purpose(ceremony: Ceremony) -> Option<&'static str> {
    match ceremony {
        Ceremony::Creation => Some("creation"),
        Ceremony::Reshare => Some("reshare"),
        _ => None,
    }
}

fn hash(digest: &Digest) -> Value {
    json!(hex(&digest.0))
}

fn id(vault: VaultId) -> Value {
    json!(hex(&vault.0.0))
}
