//! What stands on buttons and beside fields.

use super::policies::key_words;
use cloison_ceremony::{Button, Choice, Field, Screen, View};

/// Names a button as it is labelled on this screen; no two buttons of one screen are named alike.
#[must_use]
pub fn label(screen: &Screen, button: Button) -> String {
    match (button, &screen.view) {
        (Button::Item(at), View::Choose { items }) => item(items.get(usize::from(at)), at),
        (Button::Item(at), _) => item(None, at),
        (Button::ShowWords, View::Card { words: Some(_), .. }) => "Other words, or the code".to_owned(),
        (Button::Propose, View::Passphrase { .. }) if screen.private => "Propose other words".to_owned(),
        (button, _) => fixed(button),
    }
}

fn item(choice: Option<&Choice>, at: u8) -> String {
    match choice {
        Some(Choice::Workstation(name)) => format!("Revoke “{name}”"),
        Some(Choice::Key(key)) => format!("Rotate {}", key_words(*key)),
        None => format!("Number {}", u16::from(at) + 1),
    }
}

fn fixed(button: Button) -> String {
    let label = at_home(button).or_else(|| in_a_ceremony(button)).or_else(|| at_an_open_vault(button));
    // A button that is newer than this program is named for what it does, as all of them are.
    label.map_or_else(|| format!("{button:?}"), str::to_owned)
}

fn at_home(button: Button) -> Option<&'static str> {
    Some(match button {
        Button::CreateVault => "Create a vault",
        Button::RehearseVault => "Rehearse",
        Button::OpenVault => "Open the vault",
        Button::CheckCard => "Check a card",
        Button::Drill => "Hold the drill",
        Button::Restore => "Restore",
        Button::GiveUp => "Give the cards up",
        Button::EndRehearsal => "End the rehearsal",
        Button::Erase => "Remove it",
        Button::Without => "Go on without it",
        _ => return None,
    })
}

fn in_a_ceremony(button: Button) -> Option<&'static str> {
    Some(match button {
        Button::ReadPlan => "Read a plan",
        Button::TypePlan => "Type a plan",
        Button::Here => "Is here",
        Button::NotHere => "Is not here",
        Button::AddRolls => "Add these rolls",
        Button::Propose => "Propose six words",
        Button::MakeCard => "Make the card",
        Button::ShowWords => "Show the words",
        Button::Print => "Print the card",
        Button::ReadBack => "Read it back",
        Button::ReadWords => "Read the typed words",
        Button::Verify => "Verify",
        Button::ShowAgain => "Show it again",
        Button::NewCard => "Make this card anew",
        Button::TryAgain => "Try again",
        Button::Present => "Present this card",
        Button::Continue => "Continue",
        Button::Next => "Next",
        Button::Back => "Back",
        Button::Done => "Done",
        Button::Cancel => "Cancel",
        _ => return None,
    })
}

fn at_an_open_vault(button: Button) -> Option<&'static str> {
    Some(match button {
        Button::ReadRequest => "Read a request",
        Button::Enrol => "Enrol a workstation",
        Button::ShowPublicKeys => "Show the public keys",
        Button::Manage => "Manage",
        Button::WordsMatch => "The words are the same",
        Button::PresentCards => "Present the cards",
        Button::Approve => "Approve",
        Button::Decline => "Decline",
        Button::Answer => "Show the answer",
        Button::Emergency => "Emergency",
        Button::Reviewed => "All of it is reviewed",
        Button::BackUp => "Make a backup",
        Button::ShowLog => "Show the log",
        Button::ShowTranscript => "Show the transcript",
        Button::ShowDescriptor => "Show the descriptor",
        Button::Renew => "Renew the quotas",
        Button::Revoke => "Revoke a workstation",
        Button::Rotate => "Rotate a key",
        Button::Reshare => "Deal new cards",
        Button::ConfirmKeys => "Confirm the keys",
        Button::GiveUpNewCards => "Give up the new cards",
        Button::Succeed => "Name the vault that follows",
        Button::Follow => "Acknowledge the vault before",
        Button::Seal => "Seal",
        _ => return None,
    })
}

/// Names a field, for scripts and for its label.
#[must_use]
pub fn field(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Title => ("title", "Title of the vault"),
        Field::Place => ("place", "Place of the ceremony"),
        Field::Threshold => ("threshold", "Cards needed to open it"),
        Field::Cards => ("cards", "Cards to make"),
        Field::Administrator => ("administrator", "Name of the administrator"),
        Field::Witness => ("witness", "Name of the witness"),
        Field::Custodian => ("custodian", "Name of the custodian"),
        Field::Date => ("date", "Date and time in UTC"),
        Field::Contributor => ("contributor", "Who threw these dice"),
        Field::Rolls => ("rolls", "What the dice show, 1 to 6"),
        Field::Words => ("words", "The card’s ten lines of words"),
        Field::Passphrase => ("passphrase", "Passphrase"),
        Field::PassphraseAgain => ("passphrase-again", "The same passphrase again"),
        _ => ("other", "A field that is newer than this program"),
    }
}
