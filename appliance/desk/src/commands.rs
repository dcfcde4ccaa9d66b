//! The desk's language, what is asked: one JSON object a line.

use cloison_appliance::words::Words;
use cloison_ceremony::{Button, Field, FieldState, Screen};
use serde::Deserialize;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// What can be asked.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Command {
    /// Tell what is shown.
    Screen,
    /// Press the button with this label.
    Press { label: String },
    /// Type a field's whole text.
    Type { field: String, text: Zeroizing<String> },
    /// Hold pictures before the camera, one frame each.
    Camera { images: Vec<PathBuf> },
    /// Write the next screens that show a code.
    Codes { dir: PathBuf, count: u32 },
    /// Write a picture of the screen; while it is held, where that is asked.
    Screenshot {
        file: PathBuf,
        #[serde(default)]
        hold: bool,
    },
    /// Let the kiosk look at its clock.
    Tick,
    /// Move the desk's own clock on, and let the kiosk look at it.
    Wait { seconds: u64 },
}

/// Finds the button that is on the screen under this label.
pub(crate) fn button(screen: &Screen, words: Words, label: &str) -> Option<Button> {
    screen.buttons.iter().copied().find(|button| words.label(screen, *button) == label)
}

/// Finds the field that is on the screen under this name or label.
pub(crate) fn field(screen: &Screen, words: Words, name: &str) -> Option<Field> {
    let named = |state: &&FieldState| {
        let (short, label) = words.field(state.field);
        short == name || label == name
    };
    screen.fields.iter().find(named).map(|state| state.field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_ceremony::View;
    use cloison_protocol::Language;

    fn start() -> Screen {
        let field = FieldState { field: Field::Title, shown: String::new() };
        Screen { fields: vec![field], ..Screen::of(View::Start, &[Button::ReadPlan, Button::Cancel]) }
    }

    #[test]
    fn a_button_is_found_by_its_label_in_the_desks_own_language() {
        let (english, french) = (Words::new(Language::English), Words::new(Language::French));
        assert_eq!(button(&start(), english, "Read a plan"), Some(Button::ReadPlan));
        assert_eq!(button(&start(), french, "Lire un plan"), Some(Button::ReadPlan));
        assert_eq!(button(&start(), french, "Read a plan"), None);
        assert_eq!(button(&start(), english, "Lire un plan"), None);
    }

    #[test]
    fn a_field_is_found_by_its_name_in_every_language_and_by_its_label() {
        for (language, label) in [(Language::English, "Title of the vault"), (Language::French, "Intitulé du coffre")] {
            for name in ["title", label] {
                assert_eq!(field(&start(), Words::new(language), name), Some(Field::Title));
            }
        }
        assert_eq!(field(&start(), Words::new(Language::French), "Title of the vault"), None);
    }
}
