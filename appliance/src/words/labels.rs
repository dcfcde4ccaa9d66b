//! What stands on buttons and beside fields.

use super::{
    Words,
    catalogue::{tr, trc},
};
use cloison_ceremony::{Button, Choice, Field, Screen, View};

impl Words {
    /// Names a button as it is labelled on this screen; no two buttons of one screen are named alike.
    #[must_use]
    pub fn label(self, screen: &Screen, button: Button) -> String {
        match (button, &screen.view) {
            (Button::Item(at), View::Choose { items }) => self.item(items.get(usize::from(at)), at),
            (Button::Item(at), _) => self.item(None, at),
            (Button::ShowWords, View::Card { words: Some(_), .. }) => trc!(self, "button", "Other words, or the code"),
            (Button::Propose, View::Passphrase { .. }) if screen.private => trc!(self, "button", "Propose other words"),
            (button, _) => self.fixed(button),
        }
    }

    fn item(self, choice: Option<&Choice>, at: u8) -> String {
        match choice {
            Some(Choice::Workstation(name)) => tr!(self, "Revoke “{name}”", name),
            Some(Choice::Key(key)) => tr!(self, "Rotate {key}", key = self.key(*key)),
            None => tr!(self, "Number {number}", number = u16::from(at) + 1),
        }
    }

    fn fixed(self, button: Button) -> String {
        let label = self.at_home(button).or_else(|| self.in_a_ceremony(button)).or_else(|| self.at_an_open_vault(button));
        // A button that is newer than this program is named for what it does, as all of them are.
        label.unwrap_or_else(|| format!("{button:?}"))
    }

    fn at_home(self, button: Button) -> Option<String> {
        Some(match button {
            Button::CreateVault => trc!(self, "button", "Create a vault"),
            Button::RehearseVault => trc!(self, "button", "Rehearse"),
            Button::OpenVault => trc!(self, "button", "Open the vault"),
            Button::CheckCard => trc!(self, "button", "Check a card"),
            Button::TestCodes => trc!(self, "button", "Test the codes"),
            Button::ReadPattern => trc!(self, "button", "Read another screen"),
            Button::Drill => trc!(self, "button", "Hold the drill"),
            Button::Restore => trc!(self, "button", "Restore"),
            Button::GiveUp => trc!(self, "button", "Give the cards up"),
            Button::EndRehearsal => trc!(self, "button", "End the rehearsal"),
            Button::Erase => trc!(self, "button", "Remove it"),
            Button::Without => trc!(self, "button", "Go on without it"),
            _ => return None,
        })
    }

    fn in_a_ceremony(self, button: Button) -> Option<String> {
        Some(match button {
            Button::ReadPlan => trc!(self, "button", "Read a plan"),
            Button::TypePlan => trc!(self, "button", "Type a plan"),
            Button::Here => trc!(self, "button", "Is here"),
            Button::NotHere => trc!(self, "button", "Is not here"),
            Button::AddRolls => trc!(self, "button", "Add these rolls"),
            Button::Propose => trc!(self, "button", "Propose six words"),
            Button::MakeCard => trc!(self, "button", "Make the card"),
            Button::ShowWords => trc!(self, "button", "Show the words"),
            Button::Print => trc!(self, "button", "Print the card"),
            Button::ReadBack => trc!(self, "button", "Read it back"),
            Button::ReadWords => trc!(self, "button", "Read the typed words"),
            Button::Verify => trc!(self, "button", "Verify"),
            Button::ShowAgain => trc!(self, "button", "Show it again"),
            Button::NewCard => trc!(self, "button", "Make this card anew"),
            Button::TryAgain => trc!(self, "button", "Try again"),
            Button::Present => trc!(self, "button", "Present this card"),
            Button::Continue => trc!(self, "button", "Continue"),
            Button::Next => trc!(self, "button", "Next"),
            Button::Back => trc!(self, "button", "Back"),
            Button::Done => trc!(self, "button", "Done"),
            Button::Cancel => trc!(self, "button", "Cancel"),
            _ => return None,
        })
    }

    fn at_an_open_vault(self, button: Button) -> Option<String> {
        Some(match button {
            Button::ReadRequest => trc!(self, "button", "Read a request"),
            Button::Enrol => trc!(self, "button", "Enrol a workstation"),
            Button::ShowPublicKeys => trc!(self, "button", "Show the public keys"),
            Button::Manage => trc!(self, "button", "Manage"),
            Button::WordsMatch => trc!(self, "button", "The words are the same"),
            Button::PresentCards => trc!(self, "button", "Present the cards"),
            Button::Approve => trc!(self, "button", "Approve"),
            Button::Decline => trc!(self, "button", "Decline"),
            Button::Answer => trc!(self, "button", "Show the answer"),
            Button::Emergency => trc!(self, "button", "Emergency"),
            Button::Reviewed => trc!(self, "button", "All of it is reviewed"),
            Button::BackUp => trc!(self, "button", "Make a backup"),
            Button::ShowLog => trc!(self, "button", "Show the log"),
            Button::ShowTranscript => trc!(self, "button", "Show the transcript"),
            Button::ShowDescriptor => trc!(self, "button", "Show the descriptor"),
            Button::Renew => trc!(self, "button", "Renew the quotas"),
            Button::Revoke => trc!(self, "button", "Revoke a workstation"),
            Button::Rotate => trc!(self, "button", "Rotate a key"),
            Button::Reshare => trc!(self, "button", "Deal new cards"),
            Button::ConfirmKeys => trc!(self, "button", "Confirm the keys"),
            Button::GiveUpNewCards => trc!(self, "button", "Give up the new cards"),
            Button::Succeed => trc!(self, "button", "Name the vault that follows"),
            Button::Follow => trc!(self, "button", "Acknowledge the vault before"),
            Button::Seal => trc!(self, "button", "Seal"),
            _ => return None,
        })
    }

    /// Names a field, for scripts in every language alike and for its label.
    #[must_use]
    pub fn field(self, field: Field) -> (&'static str, String) {
        match field {
            Field::Title => ("title", trc!(self, "field", "Title of the vault")),
            Field::Place => ("place", trc!(self, "field", "Place of the ceremony")),
            Field::Threshold => ("threshold", trc!(self, "field", "Cards needed to open it")),
            Field::Cards => ("cards", trc!(self, "field", "Cards to make")),
            Field::Administrator => ("administrator", trc!(self, "field", "Name of the administrator")),
            Field::Witness => ("witness", trc!(self, "field", "Name of the witness")),
            Field::Custodian => ("custodian", trc!(self, "field", "Name of the custodian")),
            Field::Date => ("date", trc!(self, "field", "Date and time in UTC")),
            Field::Contributor => ("contributor", trc!(self, "field", "Who threw these dice")),
            Field::Rolls => ("rolls", trc!(self, "field", "What the dice show, 1 to 6")),
            Field::Words => ("words", trc!(self, "field", "The card’s ten lines of words")),
            Field::Passphrase => ("passphrase", trc!(self, "field", "Passphrase")),
            Field::PassphraseAgain => ("passphrase-again", trc!(self, "field", "The same passphrase again")),
            _ => ("other", trc!(self, "field", "A field that is newer than this program")),
        }
    }
}
