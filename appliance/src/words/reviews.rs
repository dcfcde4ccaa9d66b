//! The pages of a request, before it is approved.

use super::{
    Words,
    catalogue::{tr, trn},
    figures::whole,
};
use cloison_custody::Page;
use cloison_protocol::{KeyRef, Purpose};

impl Words {
    /// Puts a page into words.
    pub(super) fn page(self, page: &Page) -> Vec<String> {
        match page {
            Page::Who { requester, purpose, key, operations, made, expires, cards, emergency, quota } => {
                let mut texts: Vec<String> = emergency.then(|| self.emergency_first()).into_iter().collect();
                texts.extend(self.asked(requester, purpose, *key, *operations));
                texts.extend([
                    self.quota(quota, key.usage),
                    tr!(self, "Made on {date}, by the workstation’s clock.", date = self.date(*made)),
                    tr!(self, "Not to be answered after {date}.", date = self.date(*expires)),
                    self.approval(*cards),
                ]);
                texts
            }
            Page::Text { operation, part, parts, text } => {
                vec![tr!(self, "Text {operation} to sign, part {part} of {parts}:", operation, part, parts), text.clone()]
            }
            Page::Digest { operation, name, size, digest } => vec![
                tr!(
                    self,
                    "File {operation} to sign: “{name}”, {size} bytes, as the requester says.",
                    operation,
                    name,
                    size = self.number(*size)
                ),
                tr!(self, "The appliance cannot show this file. It signs the digest only:"),
                format!("{digest:?}"),
            ],
            Page::Record { operation, viewed, header } => vec![
                self.record_asked(*operation, *viewed),
                tr!(self, "What it is, is shown after the cards were presented."),
                tr!(self, "Its header’s digest: {digest}", digest = format!("{header:?}")),
            ],
            Page::Declared { .. } => self.declared(page),
            _ => vec![tr!(self, "This program has no words for this page. Decline, and use a newer appliance.")],
        }
    }

    fn declared(self, page: &Page) -> Vec<String> {
        let Page::Declared { operation, refused, declared } = page else { return Vec::new() };
        let mut texts = match declared {
            Ok(Some(declared)) => vec![
                tr!(self, "Record {operation}, as declared by the encryptor:", operation),
                tr!(self, "Name: {name}", name = declared.record.as_str()),
                tr!(self, "Class: {class}", class = declared.class.as_str()),
                tr!(self, "Size: {size} bytes", size = self.number(declared.size)),
            ],
            // Of a record that stays shut nobody knows what it declares.
            Ok(None) if refused.is_some() => Vec::new(),
            Ok(None) => vec![tr!(self, "Record {operation} declares nothing of itself.", operation)],
            Err(_) => vec![tr!(self, "Record {operation}: {why}", operation, why = whole(&self.not_readable()))],
        };
        texts.extend(
            refused
                .map(|reason| tr!(self, "Record {operation} will be refused: {why}", operation, why = self.sentences(&reason))),
        );
        texts
    }

    fn emergency_first(self) -> String {
        tr!(
            self,
            "EMERGENCY: quotas and further approvals are set aside. It is logged, and must be reviewed when the vault is opened \
             next."
        )
    }

    fn asked(self, requester: &str, purpose: &Purpose, key: KeyRef, operations: usize) -> [String; 4] {
        [
            tr!(self, "“{requester}” asks.", requester),
            tr!(self, "Case: {case}", case = purpose.case.as_str()),
            tr!(self, "Reason: {reason}", reason = purpose.reason.as_str()),
            tr!(self, "Key: {key}, {operations}.", key = self.key(key), operations = self.operations(operations)),
        ]
    }

    fn approval(self, cards: Option<u8>) -> String {
        match cards {
            Some(cards) => {
                trn!(self, cards, "{count} card are presented for this request.", "{count} cards are presented for this request.")
            }
            None => tr!(self, "The operator approves this alone, by the key’s policy."),
        }
    }

    fn record_asked(self, operation: usize, viewed: bool) -> String {
        if viewed {
            tr!(self, "Record {operation} to show on this kiosk only. Nothing of it is given away.", operation)
        } else {
            tr!(self, "Record {operation} to open. The workstation gets its key, and reads it there.", operation)
        }
    }
}
