//! What a kiosk shows at one moment, taken from where it runs to where it is drawn.

use crate::{Content, Language, Lent, Spoken};
use cloison_appliance::{Hardware, Kiosk, words::Words};
use cloison_ceremony::Screen;
use zeroize::Zeroizing;

/// A screen, its words, and what is lent with it; what is private in it is wiped when it goes.
pub struct Snapshot {
    screen: Screen,
    spoken: Spoken,
    private: Option<Zeroizing<String>>,
    content: Option<Kept>,
}

impl Snapshot {
    /// Takes what a kiosk shows now.
    #[must_use]
    pub fn of<H: Hardware>(kiosk: &Kiosk<H>, language: Language) -> Self {
        let screen = kiosk.screen();
        let detail = kiosk.detail().map(|detail| detail.explain(Words::new(language)));
        let spoken =
            Spoken::of(&screen, language, kiosk.judgement(), detail.as_deref()).of_machine(&screen, language, kiosk.booted());
        let private = kiosk.private().map(|text| Zeroizing::new(text.to_owned()));
        let content = kiosk.content_page().map(|page| Kept::of(&page.into()));
        Self { screen, spoken, private, content }
    }

    /// Lends the screen.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Lends its words.
    #[must_use]
    pub fn spoken(&self) -> &Spoken {
        &self.spoken
    }

    /// Lends what else is on it.
    #[must_use]
    pub fn lent(&self) -> Lent<'_> {
        let private = self.private.as_ref().map(|text| text.as_str());
        Lent { private, content: self.content.as_ref().map(Kept::lend) }
    }
}

/// A page of a record, wiped.
pub(crate) enum Kept {
    Lines(Vec<Zeroizing<String>>),
    Rows(Vec<[Zeroizing<String>; 2]>),
    Picture { size: (u32, u32), original: (u32, u32), rgb: Zeroizing<Vec<u8>> },
}

impl Kept {
    pub(crate) fn of(content: &Content<'_>) -> Self {
        let wiped = |text: &str| Zeroizing::new(text.to_owned());
        match content {
            Content::Lines(lines) => Self::Lines(lines.iter().map(|line| wiped(line)).collect()),
            Content::Rows(rows) => Self::Rows(rows.iter().map(|(name, value)| [wiped(name), wiped(value)]).collect()),
            Content::Picture { size, original, rgb } => {
                Self::Picture { size: *size, original: *original, rgb: Zeroizing::new(rgb.to_vec()) }
            }
        }
    }

    fn lend(&self) -> Content<'_> {
        match self {
            Self::Lines(lines) => Content::Lines(lines.iter().map(|line| line.as_str()).collect()),
            Self::Rows(rows) => Content::Rows(rows.iter().map(|[name, value]| (name.as_str(), value.as_str())).collect()),
            Self::Picture { size, original, rgb } => Content::Picture { size: *size, original: *original, rgb },
        }
    }
}
