//! The two word lists: a word by its index, an index by what was typed.

use super::typed::plain;
use crate::plan::Language;
use core::{cmp::Ordering, fmt};
use std::{collections::BTreeMap, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;

/// How many letters a word may be away from what was typed, to be offered.
const NEAR: usize = 2;
static ENGLISH: LazyLock<Table> = LazyLock::new(|| Table::of(bip39::Language::English));
static FRENCH: LazyLock<Table> = LazyLock::new(|| Table::of(bip39::Language::French));

/// Names the BIP-39 list that a card's words are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordList {
    /// The English list.
    English,
    /// The French list.
    French,
}

impl WordList {
    /// Gives a word as it is written: in small letters, its accents composed.
    pub(super) fn word(self, index: u16) -> &'static str {
        self.table().written.get(usize::from(index)).map(String::as_str).unwrap_or_default()
    }

    /// Finds a word by its [`plain`] letters.
    pub(super) fn index(self, plain: &str) -> Option<u16> {
        self.table().plain.get(plain).copied()
    }

    /// Finds the word that is nearest, if it is near and no other is as near.
    pub(super) fn nearest(self, typed: &str) -> Option<&'static str> {
        let typed: Vec<char> = typed.chars().collect();
        let (mut least, mut nearest) = (NEAR + 1, None);
        for (plain, index) in &self.table().plain {
            let edits = edits(plain, &typed);
            match edits.cmp(&least) {
                Ordering::Less => (least, nearest) = (edits, Some(*index)),
                Ordering::Equal => nearest = None,
                Ordering::Greater => {}
            }
        }
        nearest.map(|index| self.word(index))
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::English => Self::French,
            Self::French => Self::English,
        }
    }

    fn table(self) -> &'static Table {
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
        }
    }
}

impl From<Language> for WordList {
    fn from(language: Language) -> Self {
        match language {
            Language::English => Self::English,
            Language::French => Self::French,
        }
    }
}

impl fmt::Display for WordList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

struct Table {
    written: Vec<String>,
    plain: BTreeMap<String, u16>,
}

impl Table {
    fn of(language: bip39::Language) -> Self {
        let words = language.word_list();
        Self {
            written: words.iter().map(|word| word.nfc().collect()).collect(),
            plain: words.iter().map(|word| plain(word)).zip(0..).collect(),
        }
    }
}

/// Counts the letters to be put in, left out or replaced that make one of the other (Levenshtein's
/// distance); above [`NEAR`], it may be too small.
fn edits(word: &str, typed: &[char]) -> usize {
    let lengths_differ = word.len().abs_diff(typed.len());
    if lengths_differ > NEAR {
        return lengths_differ;
    }
    let mut row: Vec<usize> = (0..=typed.len()).collect();
    for (above, letter) in (1..).zip(word.chars()) {
        let mut diagonal = core::mem::replace(&mut row[0], above);
        for (at, other) in typed.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [WordList; 2] = [WordList::English, WordList::French];

    #[test]
    fn without_accents_each_list_still_has_2048_different_words() {
        for list in BOTH {
            assert_eq!((list.table().written.len(), list.table().plain.len()), (2048, 2048), "{list}");
            for index in 0..2048 {
                assert_eq!(list.index(&plain(list.word(index))), Some(index));
            }
            assert!(list.table().plain.keys().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())), "{list}");
        }
    }

    #[test]
    fn words_are_written_with_composed_accents() {
        let accented: Vec<&String> = FRENCH.written.iter().filter(|word| !word.is_ascii()).collect();
        assert!(accented.len() > 300 && accented.iter().all(|word| word.chars().all(char::is_alphabetic)));
    }

    #[test]
    fn no_index_means_the_same_word_in_both_lists() {
        let shared = ENGLISH.plain.iter().filter_map(|(word, english)| Some((english, FRENCH.plain.get(word)?)));
        let shared: Vec<_> = shared.collect();
        assert_eq!(shared.len(), 123);
        assert!(shared.iter().all(|(english, french)| english != french));
    }

    #[test]
    fn the_nearest_word_is_offered_only_where_it_is_near_and_alone() {
        let near = |list: WordList, typed: &str| list.nearest(typed);
        assert_eq!(near(WordList::English, "abandn"), Some("abandon"));
        assert_eq!(near(WordList::English, "abadnon"), Some("abandon"));
        assert_eq!(near(WordList::English, "elefant"), Some("elegant"), "one letter; elephant is two");
        assert_eq!(near(WordList::French, "elefant"), Some("élégant"));
        assert_eq!(near(WordList::English, "bost"), None, "boat, boost, boss, cost, host, most, post");
        assert_eq!(near(WordList::English, "qqqqqq"), None);
        assert_eq!(near(WordList::English, ""), None);
        assert_eq!(near(WordList::English, &"a".repeat(4096)), None);
    }

    #[test]
    fn edits_are_counted_as_by_levenshtein() {
        let counted = |word: &str, typed: &str| edits(word, &typed.chars().collect::<Vec<_>>());
        assert_eq!(counted("zoo", "zoo"), 0);
        assert_eq!(counted("zoo", "zo"), 1);
        assert_eq!(counted("zoo", "zoom"), 1);
        assert_eq!(counted("kitten", "sitting"), 3);
        assert_eq!(counted("able", "bale"), 2);
        assert_eq!(counted("able", "élan"), 4);
        assert!(counted("zoo", "zoological") > NEAR);
    }
}
