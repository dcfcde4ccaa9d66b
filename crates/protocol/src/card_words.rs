//! A custodian's card as words, for paper that is written and read by hand.
//!
//! The 80 bytes are 59 words of a BIP-39 list in ten lines, each of which ends with a check word, so
//! that a slip is shown in its line. Nothing is corrected: a word that is not in the list is an
//! error, which may carry the word that was perhaps meant, for a person to decide. Like the card's
//! bytes, this form keeps its reader and its vectors for ever.
//!
//! Whoever holds the words holds the card, whose share is sealed under a passphrase: they are as
//! public as the card's code, and nothing here is wiped.

mod list;
#[cfg(test)]
mod tests;
mod typed;

use crate::{
    card::{CARD_BYTES, Card, CardError},
    fingerprint::digest,
};
use core::fmt;
pub use list::WordList;
use thiserror::Error;

/// The lines of a card.
const LINES: usize = 10;
/// The words of a line that carry bits of the card; the last line has one less.
const IN_LINE: usize = 6;
/// The words of a card that carry its bits: 59 × 11 = 640 + 9.
const WORDS: usize = 59;
/// The last of these words ends with 9 bits of padding.
const PADDING: u16 = 0x1ff;
/// The longest text that is read, in bytes: more than four times a card's.
const MAX_TEXT: usize = 4096;
const LABEL: &[u8] = b"cloison/v1/card-line";

/// A card's ten lines, as they are written on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardWords([String; LINES]);

impl CardWords {
    /// Writes a card in words of a list.
    #[must_use]
    pub fn of(card: &Card, list: WordList) -> Self {
        let indices = indices(&card.encode());
        let mut lines = (1..).zip(indices.chunks(IN_LINE)).map(|(number, line)| written(list, number, line));
        Self(core::array::from_fn(|_| lines.next().unwrap_or_default()))
    }

    /// Lends the lines, in order: six words and a check word; in the last, five and a check word.
    #[must_use]
    pub fn lines(&self) -> &[String; LINES] {
        &self.0
    }

    /// Reads a card from its words, whichever list they are of.
    ///
    /// Where one line alone of the text has words, it is the whole card in a run; otherwise each
    /// line that has words is a line of the card. Case, accents and line numbers do not matter.
    ///
    /// # Errors
    /// [`CardWordsError`], of the first line that is wrong.
    pub fn read(text: &str) -> Result<Card, CardWordsError> {
        within(text)?;
        let lines = typed::lines(text);
        in_its_list(&lines, |list| card_in(list, &lines))
    }

    /// Checks one line as it is typed, and gives the list that its words are of.
    ///
    /// # Errors
    /// [`CardWordsError`], of this line. A right line may be another card's.
    pub fn check_line(number: u8, text: &str) -> Result<WordList, CardWordsError> {
        if !(1..=LINES).contains(&usize::from(number)) {
            return Err(CardWordsError::NoSuchLine(number));
        }
        within(text)?;
        let words = typed::line(text);
        in_its_list(core::slice::from_ref(&words), |list| line_in(list, number, &words).map(|_| list))
    }
}

impl fmt::Display for CardWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

fn written(list: WordList, number: u8, indices: &[u16]) -> String {
    let check = check_word(number, indices);
    let words: Vec<&str> = indices.iter().chain([&check]).map(|index| list.word(*index)).collect();
    words.join(" ")
}

/// Cuts a card into 11 bits a word, most significant first, with zeros after the last.
fn indices(bytes: &[u8; CARD_BYTES]) -> [u16; WORDS] {
    let bit = |i: usize| bytes.get(i / 8).map_or(0, |byte| u16::from(byte >> (7 - i % 8) & 1));
    core::array::from_fn(|word| (0..11).fold(0, |sum, i| sum << 1 | bit(word * 11 + i)))
}

/// Puts the bits of 59 words together again.
fn bytes(words: &[u16]) -> Result<[u8; CARD_BYTES], CardWordsError> {
    if words.last().is_none_or(|last| last & PADDING != 0) {
        return Err(CardWordsError::Padding);
    }
    let bit = |i: usize| words.get(i / 11).is_some_and(|word| word >> (10 - i % 11) & 1 == 1);
    Ok(core::array::from_fn(|byte| (0..8).fold(0, |sum, i| sum << 1 | u8::from(bit(byte * 8 + i)))))
}

/// Gives the index of a line's check word: it is of the line's number and words, in their order.
fn check_word(number: u8, indices: &[u16]) -> u16 {
    let words: Vec<u8> = indices.iter().flat_map(|index| index.to_be_bytes()).collect();
    let [first, second, ..] = digest(&[LABEL, &[number], &words]).0;
    u16::from_be_bytes([first, second]) >> 5
}

fn within(text: &str) -> Result<(), CardWordsError> {
    if text.len() > MAX_TEXT { Err(CardWordsError::TooLong { found: text.len(), limit: MAX_TEXT }) } else { Ok(()) }
}

/// Reads lines in the list that they are of; in both, where both have every word.
fn in_its_list<T>(lines: &[Vec<String>], read: impl Fn(WordList) -> Result<T, CardWordsError>) -> Result<T, CardWordsError> {
    match list_of(lines)? {
        Some(list) => read(list),
        None => read(WordList::English).or_else(|error| read(WordList::French).map_err(|_| error)),
    }
}

/// Finds the list that has more of the words or, where both have as many, the first that one alone
/// has. `None` is where no word tells: some are in both lists.
fn list_of(lines: &[Vec<String>]) -> Result<Option<WordList>, CardWordsError> {
    let mut count = [0; 2];
    let mut first = None;
    for word in lines.iter().flatten() {
        let [english, french] = [WordList::English, WordList::French].map(|list| list.index(word).is_some());
        count[0] += usize::from(english);
        count[1] += usize::from(french);
        if english != french {
            first = first.or(Some(if english { WordList::English } else { WordList::French }));
        }
    }
    match count {
        [0, 0] if lines.iter().all(Vec::is_empty) => Err(CardWordsError::Empty),
        [0, 0] => Err(CardWordsError::NotWords),
        [english, french] if english > french => Ok(Some(WordList::English)),
        [english, french] if english < french => Ok(Some(WordList::French)),
        _ => Ok(first),
    }
}

fn card_in(list: WordList, lines: &[Vec<String>]) -> Result<Card, CardWordsError> {
    if lines.len() != LINES {
        return Err(CardWordsError::WrongLines { found: lines.len(), expected: LINES });
    }
    let mut words = Vec::with_capacity(WORDS);
    for (number, line) in (1..).zip(lines) {
        words.extend(line_in(list, number, line)?);
    }
    Card::decode(&bytes(&words)?).map_err(|error| match error {
        CardError::Damaged => CardWordsError::NotOneCard,
        other => CardWordsError::Card(other),
    })
}

/// Reads one line, and gives its words without the check word.
fn line_in(list: WordList, line: u8, words: &[String]) -> Result<Vec<u16>, CardWordsError> {
    let expected = 1 + if usize::from(line) == LINES { WORDS % IN_LINE } else { IN_LINE };
    if words.len() != expected {
        return Err(CardWordsError::WrongCount { line, found: words.len(), expected });
    }
    let index = |(word, typed): (u8, &String)| list.index(typed).ok_or_else(|| not_in(list, line, word, typed));
    let mut indices = (1..).zip(words).map(index).collect::<Result<Vec<_>, _>>()?;
    let check = indices.pop();
    if check == Some(check_word(line, &indices)) { Ok(indices) } else { Err(CardWordsError::Slip { line }) }
}

fn not_in(list: WordList, line: u8, word: u8, typed: &str) -> CardWordsError {
    if list.other().index(typed).is_some() {
        CardWordsError::Mixed { line, word, list }
    } else {
        CardWordsError::UnknownWord { line, word, nearest: list.nearest(typed) }
    }
}

/// Says why words are not a card's. Lines and words are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CardWordsError {
    /// More text than any card has.
    #[error("this text has {found} bytes, and a card's words have less than {limit}. Give one card's words and nothing else")]
    TooLong {
        /// What came.
        found: usize,
        /// What is read.
        limit: usize,
    },
    /// No word at all.
    #[error("there are no words. Type the ten lines of a card")]
    Empty,
    /// Not one word of either list.
    #[error("none of these words is in a list of a card's words. Type the card's lines as they are on paper")]
    NotWords,
    /// A card has ten lines.
    #[error("{found} lines have words, and a card has {expected}. Type the card line by line, or all of it as one line")]
    WrongLines {
        /// How many came.
        found: usize,
        /// How many a card has.
        expected: usize,
    },
    /// There is no line of that number.
    #[error("a card has no line {0}. Its lines are numbered from 1 to {LINES}")]
    NoSuchLine(u8),
    /// A word is missing from a line, or one too many.
    #[error("line {line} has {found} words instead of {expected}. Compare it with the paper, word by word")]
    WrongCount {
        /// The line.
        line: u8,
        /// How many words it has.
        found: usize,
        /// How many it should have, the check word included.
        expected: usize,
    },
    /// A word is in neither list.
    #[error("word {word} of line {line} is in no list of a card's words. Compare it with the paper, letter by letter")]
    UnknownWord {
        /// The line.
        line: u8,
        /// The word in it.
        word: u8,
        /// The one word of the list that is nearest, at most two letters away: to be offered to a
        /// person, and never to be taken without one.
        nearest: Option<&'static str>,
    },
    /// A word is in the other list only.
    #[error(
        "word {word} of line {line} is not in the {list} list, as the others are. Compare it with the paper: a card has one language"
    )]
    Mixed {
        /// The line.
        line: u8,
        /// The word in it.
        word: u8,
        /// The list of the other words.
        list: WordList,
    },
    /// A line's check word is not that of its words.
    #[error("there is a slip in line {line}: its last word does not agree with the others. Compare this line with the paper")]
    Slip {
        /// The line.
        line: u8,
    },
    /// Each line is right by itself, and together they are no card.
    #[error("every line is right by itself, but they are not of one card. Type the ten lines of the same card")]
    NotOneCard,
    /// Each line is right, and the bits after the card are not zero.
    #[error("every line is right, but a bit beyond the card is not zero. It was not made by Cloison; use another card")]
    Padding,
    /// The words are right, and what they spell is not a card that is known here.
    #[error(transparent)]
    Card(#[from] CardError),
}
