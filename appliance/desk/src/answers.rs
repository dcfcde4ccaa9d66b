//! The desk's language, what is answered: one JSON object a line.
//!
//! A desk is for training and tests, so it answers with what is private as well, in the answer
//! while it is shown; a kiosk draws it and tells nobody.

use cloison_appliance::{
    ContentPage, Hardware, Kiosk,
    words::{Said, Words},
};
use cloison_ceremony::{Ended, FieldState, Screen};
use serde::Serialize;
use std::path::PathBuf;
use zeroize::Zeroizing;

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
    buttons: Vec<String>,
    fields: Vec<ShownField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<Zeroizing<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<Left>,
    rehearsal: bool,
    camera: bool,
    code: bool,
}

#[derive(Serialize)]
struct ShownField {
    name: &'static str,
    label: String,
    shown: String,
}

/// What a record shows on this page.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Content {
    Text { lines: Vec<Zeroizing<String>> },
    Table { rows: Vec<[Zeroizing<String>; 2]> },
    Picture { width: u16, height: u16, original: (u32, u32) },
}

/// How long the vault stays open yet, in seconds and in words.
#[derive(Serialize)]
struct Left {
    idle: u64,
    all: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<String>,
}

impl Answer {
    pub(crate) fn screen<H: Hardware>(kiosk: &Kiosk<H>, words: Words) -> Self {
        Self { screen: Some(shown(kiosk, words)), ..Self::empty(true) }
    }

    pub(crate) fn failed(error: impl ToString) -> Self {
        Self { error: Some(error.to_string()), ..Self::empty(false) }
    }

    pub(crate) fn with_end(self, ended: Option<Ended>) -> Self {
        Self { ended: ended.map(end), ..self }
    }

    pub(crate) fn empty(ok: bool) -> Self {
        Self { ok, error: None, screen: None, frames: None, files: None, ended: None }
    }
}

fn end(ended: Ended) -> &'static str {
    match ended {
        Ended::Created => "created",
        Ended::Drilled => "drilled",
        Ended::Restored => "restored",
        Ended::Sealed => "sealed",
        Ended::Idle => "idle",
        Ended::TimeUp => "time-up",
        Ended::ClockWentBack => "clock-went-back",
        Ended::Alarm => "alarm",
    }
}

fn shown<H: Hardware>(kiosk: &Kiosk<H>, words: Words) -> Shown {
    let screen = kiosk.screen();
    let Said { title, texts } = words.said(&screen);
    Shown {
        name: screen.view.name(),
        title,
        texts,
        buttons: screen.buttons.iter().map(|button| words.label(&screen, *button)).collect(),
        fields: screen.fields.iter().map(|state| field(state, words)).collect(),
        notice: screen.notice.as_ref().map(|notice| words.notice(notice)),
        detail: kiosk.detail().map(|detail| detail.explain(words)),
        strength: kiosk.judgement().map(|judgement| words.judgement(judgement)),
        private: kiosk.private().map(|text| Zeroizing::new(text.to_owned())),
        content: kiosk.content_page().map(content),
        left: left(&screen, words),
        rehearsal: screen.rehearsal,
        camera: screen.camera,
        code: screen.code.is_some(),
    }
}

fn field(state: &FieldState, words: Words) -> ShownField {
    let (name, label) = words.field(state.field);
    ShownField { name, label, shown: state.shown.clone() }
}

fn content(page: ContentPage<'_>) -> Content {
    let wiped = |text: &str| Zeroizing::new(text.to_owned());
    match page {
        ContentPage::Lines(lines) => Content::Text { lines: lines.into_iter().map(wiped).collect() },
        ContentPage::Rows(rows) => {
            Content::Table { rows: rows.into_iter().map(|(path, value)| [wiped(path), wiped(value)]).collect() }
        }
        ContentPage::Picture(picture) => {
            Content::Picture { width: picture.width(), height: picture.height(), original: picture.original() }
        }
    }
}

fn left(screen: &Screen, words: Words) -> Option<Left> {
    screen.left.map(|(idle, all)| Left { idle, all, said: words.left(screen) })
}
