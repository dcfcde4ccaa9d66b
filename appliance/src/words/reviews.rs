//! The pages of a request, before it is approved.

use super::{
    figures::{count, date, sentences},
    policies::{key_words, quota},
};
use cloison_custody::Page;
use cloison_protocol::{KeyRef, Purpose};

/// Puts a page into words.
pub(super) fn page(page: &Page) -> Vec<String> {
    match page {
        Page::Who { requester, purpose, key, operations, made, expires, cards, emergency, quota: used } => {
            let mut texts = emergency_first(*emergency);
            texts.extend(asked(requester, purpose, *key, *operations));
            texts.extend([
                quota(used, key.usage),
                format!("Made on {}, by the workstation’s clock.", date(*made)),
                format!("Not to be answered after {}.", date(*expires)),
                approval(*cards),
            ]);
            texts
        }
        Page::Text { operation, part, parts, text } => {
            vec![format!("Text {operation} to sign, part {part} of {parts}:"), text.clone()]
        }
        Page::Digest { operation, name, size, digest } => vec![
            format!("File {operation} to sign: “{name}”, {size} bytes, as the requester says."),
            "The appliance cannot show this file. It signs the digest only:".to_owned(),
            format!("{digest:?}"),
        ],
        Page::Record { operation, viewed, header } => vec![
            record(*operation, *viewed),
            "What it is, is shown after the cards were presented.".to_owned(),
            format!("Its header’s digest: {header:?}"),
        ],
        Page::Declared { operation, refused, declared } => {
            let mut texts = match declared {
                Ok(Some(declared)) => vec![
                    format!("Record {operation}, as declared by the encryptor:"),
                    format!("Name: {}", declared.record.as_str()),
                    format!("Class: {}", declared.class.as_str()),
                    format!("Size: {} bytes", declared.size),
                ],
                // Of a record that stays shut nobody knows what it declares.
                Ok(None) if refused.is_some() => Vec::new(),
                Ok(None) => vec![format!("Record {operation} declares nothing of itself.")],
                Err(error) => vec![format!("Record {operation}: {}", sentences(error))],
            };
            texts.extend(refused.map(|reason| format!("Record {operation} will be refused: {}", sentences(reason))));
            texts
        }
        _ => vec!["This program has no words for this page. Decline, and use a newer appliance.".to_owned()],
    }
}

fn emergency_first(emergency: bool) -> Vec<String> {
    let text = "EMERGENCY: quotas and further approvals are set aside. It is logged, and must be reviewed when the vault is \
                opened next.";
    if emergency { vec![text.to_owned()] } else { Vec::new() }
}

fn asked(requester: &str, purpose: &Purpose, key: KeyRef, operations: usize) -> [String; 4] {
    [
        format!("“{requester}” asks."),
        format!("Case: {}", purpose.case.as_str()),
        format!("Reason: {}", purpose.reason.as_str()),
        format!("Key: {}, {}.", key_words(key), count(operations, "operation")),
    ]
}

fn approval(cards: Option<u8>) -> String {
    match cards {
        Some(cards) => format!("{} are presented for this request.", count(cards, "card")),
        None => "The operator approves this alone, by the key’s policy.".to_owned(),
    }
}

fn record(operation: usize, viewed: bool) -> String {
    if viewed {
        format!("Record {operation} to show on this kiosk only. Nothing of it is given away.")
    } else {
        format!("Record {operation} to open. The workstation gets its key, and reads it there.")
    }
}
