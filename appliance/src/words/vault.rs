//! The first screen, and the screens of an open vault's desk.

use super::{
    figures::{count, sentences},
    screens::{Words, says},
};
use cloison_ceremony::{Choice, HomeView, View};
use cloison_custody::Waiting;

/// Puts a vault's screen into words.
pub(super) fn said(view: &View) -> Option<Words> {
    Some(match view {
        View::Home(home) => self::home(home),
        View::Desk { title, enrolled, generation, head, waiting, .. } => {
            let mut texts = vec![
                "The vault is open.".to_owned(),
                format!("{} enrolled. State {generation}; the words of its log:", count(*enrolled, "workstation")),
                head.to_string(),
            ];
            texts.extend(waits(waiting));
            (title.clone(), texts)
        }
        View::Manage { waiting } => {
            let mut texts = vec!["What changes the vault needs as many cards as open it.".to_owned()];
            texts.extend(waits(waiting));
            ("The vault itself".to_owned(), texts)
        }
        View::Choose { items } => choose(items),
        View::Enrolment { name, words } => (
            format!("Enrol “{name}”?"),
            vec!["Compare these words with the workstation’s screen, face to face:".to_owned(), words.to_string()],
        ),
        View::Succession { title, words } => (
            format!("Is “{title}” to follow this vault?"),
            vec![
                "From then on this vault only opens records. Workstations use the other one.".to_owned(),
                "Compare these words with the other kiosk’s screen, face to face:".to_owned(),
                words.to_string(),
            ],
        ),
        View::Following { old } => says(
            "Does this vault follow another?",
            [
                format!("The vault {old} names this one as the vault that follows it."),
                "Only those who held the other ceremony know whether that is right. Ask them, then present the cards.".to_owned(),
            ],
        ),
        _ => return None,
    })
}

fn home(home: &HomeView) -> Words {
    match home {
        HomeView::Blank => says(
            "No vault yet",
            [
                "This appliance holds no vault. Create one with its custodians, or rehearse first.",
                "A vault whose appliance is lost is restored here from its cards.",
            ],
        ),
        HomeView::Sealed { title, vault, threshold, cards, serves, drill, .. } => {
            let mut texts = vec![format!("Sealed. Vault {vault}.")];
            if *serves {
                texts.push(format!("{threshold} of {cards} cards open it."));
            } else {
                texts.push("It does not serve yet: first every card must be drilled.".to_owned());
            }
            if let Some(epoch) = drill {
                texts.push(format!("The cards of epoch {epoch} wait for their drill. Bring all of them."));
            }
            (title.clone(), texts)
        }
        HomeView::Broken(error) => says(
            "The store cannot be used",
            [sentences(error), "It is left as it is until a restored vault takes its place.".to_owned()],
        ),
    }
}

/// Says what waits for a vault's people.
fn waits(waiting: &Waiting) -> Vec<String> {
    let Waiting { emergencies, unconfirmed, undrilled, successor, since_backup } = *waiting;
    let mut texts = Vec::new();
    if emergencies > 0 {
        texts.push(format!("{} granted in emergencies wait for a review.", count(emergencies, "operation")));
    }
    if unconfirmed {
        texts.push("Its keys only open records until the custodians confirm them.".to_owned());
    }
    if let Some(epoch) = undrilled {
        texts.push(format!("New cards of epoch {epoch} wait for their drill. Seal the vault to hold it."));
    }
    if successor {
        texts.push("Another vault follows this one, which only opens records now.".to_owned());
    }
    if since_backup > 0 {
        texts.push(format!("{} newer than the last backup. Make one.", count(since_backup, "change")));
    }
    texts
}

fn choose(items: &[Choice]) -> Words {
    match items {
        [] => says("Nothing to choose", ["There is none of these in this vault. Cancel."]),
        [Choice::Workstation(_), ..] => says(
            "Which workstation is revoked?",
            ["It can ask for nothing any more, and its key never comes back. The cards are asked for next."],
        ),
        [Choice::Key(_), ..] => says(
            "Which key is rotated?",
            ["A new key takes its place; the old one still opens what was encrypted to it. The cards are asked for next."],
        ),
    }
}
