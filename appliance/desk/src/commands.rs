//! The desk's language: one JSON object a line in, one a line out.

use cloison_appliance::words;
use cloison_ceremony::{Button, Ended, Field, FieldState, Screen};
use serde::{Deserialize, Serialize};
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
}

/// What is answered.
#[derive(Serialize)]
pub(crate) struct Answer {
    pub(crate) ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) screen: Option<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frames: Option<Vec<Seen>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files: Option<Vec<PathBuf>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<&'static str>,
}

/// What came of one picture.
#[derive(Serialize)]
pub(crate) struct Seen {
    pub(crate) image: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) symbols: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// A screen in words.
#[derive(Serialize)]
pub(crate) struct Shown {
    name: &'static str,
    title: String,
    texts: Vec<String>,
    buttons: Vec<&'static str>,
    fields: Vec<ShownField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    camera: bool,
    code: bool,
}

#[derive(Serialize)]
struct ShownField {
    name: &'static str,
    label: &'static str,
    shown: String,
}

impl Answer {
    pub(crate) fn screen(screen: &Screen) -> Self {
        Self { screen: Some(shown(screen)), ..Self::empty(true) }
    }

    pub(crate) fn failed(error: impl ToString) -> Self {
        Self { error: Some(error.to_string()), ..Self::empty(false) }
    }

    pub(crate) fn with_end(self, ended: Option<Ended>) -> Self {
        let ended = ended.map(|ended| match ended {
            Ended::Created => "created",
            Ended::Sealed => "sealed",
        });
        Self { ended, ..self }
    }

    pub(crate) fn empty(ok: bool) -> Self {
        Self { ok, error: None, screen: None, frames: None, files: None, ended: None }
    }
}

fn shown(screen: &Screen) -> Shown {
    let said = words::said(screen);
    let field = |state: &FieldState| {
        let (name, label) = words::field(state.field);
        ShownField { name, label, shown: state.shown.clone() }
    };
    Shown {
        name: screen.view.name(),
        title: said.title,
        texts: said.texts,
        buttons: screen.buttons.iter().map(|button| words::label(*button)).collect(),
        fields: screen.fields.iter().map(field).collect(),
        notice: screen.notice.as_ref().map(words::notice),
        camera: screen.camera,
        code: screen.code.is_some(),
    }
}

/// Finds the button that is on the screen under this label.
pub(crate) fn button(screen: &Screen, label: &str) -> Option<Button> {
    screen.buttons.iter().copied().find(|button| words::label(*button) == label)
}

/// Finds the field that is on the screen under this name or label.
pub(crate) fn field(screen: &Screen, name: &str) -> Option<Field> {
    let named = |state: &&FieldState| {
        let (short, label) = words::field(state.field);
        short == name || label == name
    };
    screen.fields.iter().find(named).map(|state| state.field)
}
