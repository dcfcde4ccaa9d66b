//! The screens on which cards are presented or checked.

use super::{
    figures::count,
    screens::{Words, says},
};
use cloison_ceremony::{Purposes, View};

/// Puts a screen of cards into words.
pub(super) fn said(view: &View) -> Option<Words> {
    Some(match view {
        View::Cards { purpose, accepted, needed, card } => presenting(*purpose, accepted, *needed, card.as_ref()),
        View::Check { read } => says(
            "Check a card",
            [match read {
                Some(index) => format!("Card {index}: look around you, then type its passphrase. Nothing is opened by it."),
                None => "Hold the card before the camera, or type its ten lines of words. It is checked alone, and nothing is \
                         opened by it."
                    .to_owned(),
            }],
        ),
        _ => return None,
    })
}

fn presenting(purpose: Purposes, accepted: &[u8], needed: u8, card: Option<&(u8, String)>) -> Words {
    let far = match (accepted.len(), needed) {
        // Without its descriptor the first card says how many there must be.
        (_, 0) => "No card accepted yet.".to_owned(),
        (accepted, needed) => format!("{accepted} of {} accepted.", count(needed, "card")),
    };
    let ask = match card {
        Some((index, custodian)) if custodian.is_empty() => {
            format!("Card {index}: look around you, then type its passphrase.")
        }
        Some((index, custodian)) => format!("Card {index}, {custodian}: look around you, then type its passphrase."),
        None => "Hold a card before the camera, or type its ten lines of words.".to_owned(),
    };
    let mut texts = vec![far, ask];
    texts.extend(why(purpose).map(str::to_owned));
    (title(purpose).to_owned(), texts)
}

fn title(purpose: Purposes) -> &'static str {
    match purpose {
        Purposes::Opening => "Present the cards to open the vault",
        Purposes::Request => "Present the cards to approve this request",
        Purposes::Emergency => "Present the cards for this emergency",
        Purposes::Enrolment => "Present the cards to enrol this workstation",
        Purposes::Revocation => "Present the cards to revoke this workstation",
        Purposes::Renewal => "Present the cards to renew the quotas",
        Purposes::Confirmation => "Present the cards to confirm the keys",
        Purposes::Rotation => "Present the cards to rotate this key",
        Purposes::Succession => "Present the cards to name the vault that follows",
        Purposes::Following => "Present the cards to acknowledge the vault before",
        Purposes::Reshare => "Present the old cards to deal new ones",
        Purposes::Drill => "Present every card for the drill",
        Purposes::Restore => "Present the cards to restore the vault",
    }
}

/// Says what comes of it, where the title alone does not.
fn why(purpose: Purposes) -> Option<&'static str> {
    Some(match purpose {
        Purposes::Emergency => "Quotas and further approvals are set aside. It is reviewed when the vault is opened next.",
        Purposes::Revocation => "It can ask for nothing any more, and its key never comes back.",
        Purposes::Renewal => "What was used so far is forgotten, and each key’s whole quota is there again.",
        Purposes::Confirmation => "The keys that were found without the descriptor sign again and serve as before.",
        Purposes::Rotation => {
            "A new key takes its place. The old one signs nothing any more and still opens what was encrypted to it."
        }
        Purposes::Succession => "From then on this vault only opens records, and signs nothing for others.",
        Purposes::Following => "Workstations that trust the vault before can then trust this one.",
        Purposes::Reshare => "The same secret is dealt to new cards. Old cards are refused once the new ones were drilled.",
        Purposes::Drill => "Nothing serves before every card was proven here, from nothing.",
        Purposes::Opening | Purposes::Request | Purposes::Enrolment | Purposes::Restore => return None,
    })
}
