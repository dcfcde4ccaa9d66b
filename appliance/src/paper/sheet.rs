//! What a card's sheet says, and in which order.

use super::{
    Language, PaperError, draw, english, french,
    layout::{Column, Layout, Style},
    text::FIRM,
};
use cloison_optics::{Density, Level, Luma, Symbol, SymbolError, picture};
use cloison_protocol::{Card, CardHeader, CardWords, Mode, VaultId, WordList};
use unicode_normalization::UnicodeNormalization;

/// The profile that the instructions describe.
const PROFILE: u8 = 1;
/// Mends about 30 % of the code. It is larger than at the other levels and still has nine pixels,
/// more than a millimetre, a module.
const LEVEL: Level = Level::H;
/// The columns that the number of a line of words, or of a step, takes.
const NUMBER: usize = 4;
/// The pixels between two parts.
const PART: u32 = 20;
/// The most bytes of a name or a title: more than a plan takes.
const MAX_TEXT: usize = 256;

/// A custodian's card as it is printed, with what a person needs to know about it.
///
/// A sheet is drawn only if its parts agree: the card is the vault's, the words are the card's, and
/// the instructions are true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The card.
    pub card: Card,
    /// The custodian's name.
    pub custodian: String,
    /// The vault's title, which names the organisation.
    pub title: String,
    /// The vault.
    pub vault: VaultId,
    /// When the card was made, in seconds since 1970 UTC.
    pub made: u64,
    /// The card in words ([`CardWords::lines`]) of either list.
    pub word_lines: Vec<String>,
    /// The language of everything else.
    pub language: Language,
}

impl Sheet {
    /// Draws the sheet, [`WIDTH`](super::WIDTH) pixels wide and as high as it needs; every pixel is
    /// black or white.
    ///
    /// # Errors
    /// As [`Self::layout`]; [`PaperError::Picture`] where the sheet is higher than a picture may be,
    /// which no card makes it.
    pub fn draw(&self) -> Result<Luma, PaperError> {
        let symbol = self.symbol()?;
        draw::sheet(&self.set(&symbol)?, &symbol)
    }

    /// Draws the sheet as a PNG file.
    ///
    /// # Errors
    /// As [`Self::draw`].
    pub fn to_png(&self) -> Result<Vec<u8>, PaperError> {
        Ok(picture::png(&self.draw()?)?)
    }

    /// Sets the sheet in lines.
    ///
    /// # Errors
    /// [`PaperError::TooLong`]; [`PaperError::WrongVault`], [`PaperError::Unreadable`],
    /// [`PaperError::Profile`] and [`PaperError::Words`] where the parts disagree;
    /// [`PaperError::Symbol`], which 80 bytes never cause.
    pub fn layout(&self) -> Result<Layout, PaperError> {
        self.set(&self.symbol()?)
    }

    fn symbol(&self) -> Result<Symbol, PaperError> {
        let bytes = self.card.encode();
        let density = Density::smallest_for(bytes.len(), LEVEL);
        let too_long = SymbolError::TooLong { found: bytes.len(), capacity: 0 };
        Ok(Symbol::encode(&bytes, density.ok_or(too_long)?)?)
    }

    fn set(&self, symbol: &Symbol) -> Result<Layout, PaperError> {
        let wording = self.wording(self.checked()?);
        let mut column = Column::new();
        self.head(&mut column, &wording);
        let code = column.code(symbol);
        self.words(&mut column, &wording);
        for part in &wording.parts {
            part.set(&mut column);
        }
        Ok(column.end(code))
    }

    /// Checks that the parts agree, and finds the list that the words are of.
    fn checked(&self) -> Result<WordList, PaperError> {
        for text in [&self.title, &self.custodian] {
            within(text)?;
        }
        let header = &self.card.header;
        if !header.names(&self.vault) {
            return Err(PaperError::WrongVault);
        }
        if Card::decode(&self.card.encode()).as_ref() != Ok(&self.card) {
            return Err(PaperError::Unreadable);
        }
        if header.profile != PROFILE {
            return Err(PaperError::Profile { found: header.profile, known: PROFILE });
        }
        let lines: Vec<String> = self.word_lines.iter().map(|line| line.nfc().collect()).collect();
        let written = |list: &WordList| CardWords::of(&self.card, *list).lines()[..] == lines[..];
        [WordList::English, WordList::French].into_iter().find(written).ok_or(PaperError::Words)
    }

    fn wording(&self, list: WordList) -> Wording {
        let of: fn(&CardHeader, WordList) -> Wording = match self.language {
            Language::French => french::wording,
            _ => english::wording,
        };
        of(&self.card.header, list)
    }

    fn head(&self, column: &mut Column, wording: &Wording) {
        column.text("Cloison", Style::Headline);
        match self.card.header.mode {
            Mode::Real => column.text(wording.purpose, Style::Body),
            Mode::Rehearsal => {
                column.text(wording.rehearsal[0], Style::Banner);
                column.text(&firm(wording.rehearsal[1]), Style::Heading);
            }
        }
        column.rule();
        column.text(&self.title, Style::Title);
        column.text(&firm(&wording.card), Style::Title);
        column.gap(8);
        self.facts(column, &wording.labels);
        column.rule();
    }

    fn facts(&self, column: &mut Column, labels: &[&str; 4]) {
        let values = [self.custodian.clone(), grouped(&self.vault), self.card.header.epoch.to_string(), date(self.made)];
        let indent = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0) + 2;
        for (label, value) in labels.iter().zip(&values) {
            column.marked(label, indent, value);
        }
    }

    fn words(&self, column: &mut Column, wording: &Wording) {
        column.text(wording.words, Style::Heading);
        for (number, line) in self.word_lines.iter().enumerate() {
            column.gap(6);
            column.numbered(&format!("{:>2}", number + 1), NUMBER, line);
        }
        column.gap(PART);
    }
}

/// The words of a sheet in one language.
pub(super) struct Wording {
    /// What a real card is, in a line.
    pub(super) purpose: &'static str,
    /// The mark of a rehearsal, and what it means.
    pub(super) rehearsal: [&'static str; 2],
    /// Which card it is, and how many are needed.
    pub(super) card: String,
    /// The names of the custodian, the vault's id, the epoch and the date.
    pub(super) labels: [&'static str; 4],
    pub(super) words: &'static str,
    pub(super) parts: Vec<Part>,
}

/// One part of the instructions. In its texts a `~` is a space at which no line is broken.
pub(super) struct Part {
    heading: &'static str,
    texts: Vec<String>,
    steps: Vec<String>,
}

impl Part {
    pub(super) fn plain<const N: usize>(heading: &'static str, texts: [impl Into<String>; N]) -> Self {
        Self { heading, texts: texts.map(Into::into).to_vec(), steps: Vec::new() }
    }

    pub(super) fn numbered<const N: usize>(heading: &'static str, text: String, steps: [String; N]) -> Self {
        Self { heading, texts: vec![text], steps: steps.to_vec() }
    }

    fn set(&self, column: &mut Column) {
        column.text(self.heading, Style::Heading);
        for text in &self.texts {
            column.gap(4);
            column.text(&firm(text), Style::Body);
        }
        for (number, step) in self.steps.iter().enumerate() {
            column.gap(4);
            column.marked(&format!("{}.", number + 1), NUMBER - 1, &firm(step));
        }
        column.gap(PART);
    }
}

fn within(text: &str) -> Result<(), PaperError> {
    let (found, limit) = (text.len(), MAX_TEXT);
    if found > limit { Err(PaperError::TooLong { found, limit }) } else { Ok(()) }
}

fn firm(text: &str) -> String {
    text.replace('~', &FIRM.to_string())
}

/// Writes a vault's whole id, in groups that can be compared by eye.
fn grouped(vault: &VaultId) -> String {
    let groups = vault.0.0.chunks(2).map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// Writes a day in UTC; one that no calendar has is written as its seconds.
fn date(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| format!("second {seconds}"), |moment| moment.strftime("%Y-%m-%d (UTC)").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::text::is_drawn;
    use cloison_protocol::bounded::Fixed;

    fn wordings() -> [Wording; 2] {
        let header = CardHeader {
            vault: Fixed([0; 6]),
            epoch: 1,
            threshold: 3,
            cards: 5,
            index: 2,
            mode: Mode::Real,
            profile: PROFILE,
            salt: Fixed([0; 16]),
        };
        [english::wording(&header, WordList::English), french::wording(&header, WordList::French)]
    }

    #[test]
    fn both_languages_say_as_much() {
        let [english, french] = wordings().map(|wording| {
            let counts = wording.parts.iter().map(|part| (part.texts.len(), part.steps.len()));
            counts.collect::<Vec<_>>()
        });
        assert_eq!(english, french);
    }

    #[test]
    fn our_own_words_need_no_escape() {
        for wording in wordings() {
            let texts = wording.parts.iter().flat_map(|part| part.texts.iter().chain(&part.steps)).map(String::as_str);
            let short = wording.parts.iter().map(|part| part.heading).chain(wording.labels).chain(wording.rehearsal);
            for text in texts.chain(short).chain([&wording.card, wording.purpose, wording.words]) {
                assert!(text.chars().all(|sign| sign == ' ' || is_drawn(sign)), "{text}");
            }
        }
    }

    #[test]
    fn a_day_is_written_in_utc_and_an_impossible_one_as_its_seconds() {
        assert_eq!(date(0), "1970-01-01 (UTC)");
        assert_eq!(date(951_868_799), "2000-02-29 (UTC)");
        assert_eq!(date(u64::MAX), "second 18446744073709551615");
    }
}
