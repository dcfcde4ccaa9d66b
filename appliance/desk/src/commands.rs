//! The desk's language, what is asked: one JSON object a line.

use cloison_appliance::words;
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
    /// Let the kiosk look at its clock.
    Tick,
    /// Move the desk's own clock on, and let the kiosk look at it.
    Wait { seconds: u64 },
}

/// Finds the button that is on the screen under this label.
pub(crate) fn button(screen: &Screen, label: &str) -> Option<Button> {
    screen.buttons.iter().copied().find(|button| words::label(screen, *button) == label)
}

/// Finds the field that is on the screen under this name or label.
pub(crate) fn field(screen: &Screen, name: &str) -> Option<Field> {
    let named = |state: &&FieldState| {
        let (short, label) = words::field(state.field);
        short == name || label == name
    };
    screen.fields.iter().find(named).map(|state| state.field)
}
