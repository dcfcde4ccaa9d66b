//! The screens on which cards are presented or checked.

use super::{
    Words,
    catalogue::{tr, trn},
    screens::{Texts, says},
};
use cloison_ceremony::{Purposes, View};

impl Words {
    /// Puts a screen of cards into words.
    pub(super) fn presenting(self, view: &View) -> Option<Texts> {
        Some(match view {
            View::Cards { purpose, accepted, needed, card } => {
                let mut texts = vec![self.far(accepted.len(), *needed), self.asked_card(card.as_ref())];
                texts.extend(self.why(*purpose));
                (self.occasion(*purpose), texts)
            }
            View::Check { read: Some(card) } => says(
                tr!(self, "Check a card"),
                [tr!(self, "Card {card}: look around you, then type its passphrase. Nothing is opened by it.", card)],
            ),
            View::Check { read: None } => says(
                tr!(self, "Check a card"),
                [tr!(
                    self,
                    "Hold the card before the camera, or type its ten lines of words. It is checked alone, and nothing is \
                     opened by it."
                )],
            ),
            _ => return None,
        })
    }

    fn far(self, accepted: usize, needed: u8) -> String {
        if needed == 0 {
            // Without its descriptor the first card says how many there must be.
            return tr!(self, "No card accepted yet.");
        }
        trn!(self, needed, "{accepted} of {count} card accepted.", "{accepted} of {count} cards accepted.", accepted)
    }

    fn asked_card(self, card: Option<&(u8, String)>) -> String {
        match card {
            Some((card, custodian)) if custodian.is_empty() => {
                tr!(self, "Card {card}: look around you, then type its passphrase.", card)
            }
            Some((card, custodian)) => {
                tr!(self, "Card {card}, {custodian}: look around you, then type its passphrase.", card, custodian)
            }
            None => tr!(self, "Hold a card before the camera, or type its ten lines of words."),
        }
    }

    fn occasion(self, purpose: Purposes) -> String {
        match purpose {
            Purposes::Opening => tr!(self, "Present the cards to open the vault"),
            Purposes::Request => tr!(self, "Present the cards to approve this request"),
            Purposes::Emergency => tr!(self, "Present the cards for this emergency"),
            Purposes::Enrolment => tr!(self, "Present the cards to enrol this workstation"),
            Purposes::Revocation => tr!(self, "Present the cards to revoke this workstation"),
            Purposes::Renewal => tr!(self, "Present the cards to renew the quotas"),
            Purposes::Confirmation => tr!(self, "Present the cards to confirm the keys"),
            Purposes::Rotation => tr!(self, "Present the cards to rotate this key"),
            Purposes::Succession => tr!(self, "Present the cards to name the vault that follows"),
            Purposes::Following => tr!(self, "Present the cards to acknowledge the vault before"),
            Purposes::Reshare => tr!(self, "Present the old cards to deal new ones"),
            Purposes::Drill => tr!(self, "Present every card for the drill"),
            Purposes::Restore => tr!(self, "Present the cards to restore the vault"),
        }
    }

    /// Says what comes of it, where the title alone does not.
    fn why(self, purpose: Purposes) -> Option<String> {
        Some(match purpose {
            Purposes::Emergency => {
                tr!(self, "Quotas and further approvals are set aside. It is reviewed when the vault is opened next.")
            }
            Purposes::Revocation => tr!(self, "It can ask for nothing any more, and its key never comes back."),
            Purposes::Renewal => tr!(self, "What was used so far is forgotten, and each key’s whole quota is there again."),
            Purposes::Confirmation => {
                tr!(self, "The keys that were found without the descriptor sign again and serve as before.")
            }
            Purposes::Rotation => tr!(
                self,
                "A new key takes its place. The old one signs nothing any more and still opens what was encrypted to it."
            ),
            Purposes::Succession => {
                tr!(self, "From then on this vault only opens records, and signs nothing for others.")
            }
            Purposes::Following => tr!(self, "Workstations that trust the vault before can then trust this one."),
            Purposes::Reshare => {
                tr!(self, "The same secret is dealt to new cards. Old cards are refused once the new ones were drilled.")
            }
            Purposes::Drill => tr!(self, "Nothing serves before every card was proven here, from nothing."),
            Purposes::Opening | Purposes::Request | Purposes::Enrolment | Purposes::Restore => return None,
        })
    }
}
