//! A screen in words: the one place that asks the appliance for them.

use cloison_appliance::{
    Booted,
    words::{Said, Words},
};
use cloison_ceremony::{Button, Notice, PlanPage, Screen, View};
use cloison_custody::passphrase::Judgement;
use cloison_protocol::Language;

/// Everything that a screen says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spoken {
    /// Its title.
    pub title: String,
    /// Its texts, in reading order, but for `words`.
    pub texts: Vec<String>,
    /// Words to be compared with another screen, where there are any.
    pub words: Option<String>,
    /// What there is to say of the last event.
    pub notice: Option<String>,
    /// Whether that is good.
    pub good: bool,
    /// The labels of its buttons, in their order.
    pub buttons: Vec<String>,
    /// The labels of its fields, in their order.
    pub fields: Vec<String>,
    /// How hard a passphrase that was typed is to guess.
    pub strength: Vec<String>,
}

impl Spoken {
    /// Puts a screen into words. `detail` is what the machine knows more of the last event.
    #[must_use]
    pub fn of(screen: &Screen, language: Language, judgement: Option<&Judgement>, detail: Option<&str>) -> Self {
        let words = Words::new(language);
        // A rehearsal has a banner of its own.
        let real = Screen { rehearsal: false, ..screen.clone() };
        let Said { title, mut texts } = words.said(&real);
        let compared = compared(&screen.view);
        texts.retain(|text| Some(text) != compared.as_ref());
        if matches!(screen.view, View::Desk { .. }) {
            texts.extend(words.left(screen));
        }
        Self {
            title,
            texts,
            words: compared,
            notice: notice(screen.notice.as_ref().map(|notice| words.notice(notice)), detail),
            good: screen.notice.as_ref().is_some_and(is_good),
            buttons: screen.buttons.iter().map(|button| words.label(screen, *button)).collect(),
            fields: screen.fields.iter().map(|state| words.field(state.field).1).collect(),
            strength: judgement.map(|judgement| words.judgement(judgement)).unwrap_or_default(),
        }
    }

    /// Adds what the first screen says of the machine itself.
    #[must_use]
    pub fn of_machine(mut self, screen: &Screen, language: Language, booted: Booted) -> Self {
        if matches!(screen.view, View::Home(_)) {
            self.texts.extend(Words::new(language).booted(booted));
        }
        self
    }

    /// Gives the label of a button, if the screen has it.
    pub(crate) fn label(&self, screen: &Screen, button: Button) -> Option<&str> {
        let at = screen.buttons.iter().position(|known| *known == button)?;
        self.buttons.get(at).map(String::as_str)
    }
}

fn notice(said: Option<String>, detail: Option<&str>) -> Option<String> {
    let detail = detail.map(|detail| format!("{}.", capitalised(detail.trim_end_matches('.'))));
    match (said, detail) {
        (Some(said), Some(detail)) => Some(format!("{said} {detail}")),
        (said, detail) => said.or(detail),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Finds the words that people compare, or write down, on a screen.
fn compared(view: &View) -> Option<String> {
    match view {
        View::Drilled { words, .. }
        | View::Enrolment { words, .. }
        | View::Succession { words, .. }
        | View::Export { words: Some(words), .. }
        | View::PlanPage { page: PlanPage::Head { words, .. }, .. } => Some(words.to_string()),
        _ => None,
    }
}

fn is_good(notice: &Notice) -> bool {
    matches!(
        notice,
        Notice::Accepted(_) | Notice::Proven(_) | Notice::Printed | Notice::Changed(_) | Notice::Enrolled(_) | Notice::Rolled(..)
    )
}
