//! What is on paper stays readable: cards of version 1, as their codes' bytes and as their words.
//!
//! The vectors fix what is on it. A later version of the card adds its own tests here, and takes
//! none away.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use cloison_custody::{Passphrase, vectors::open_with};
use cloison_protocol::{Card, CardWords, WordList};
use serde_json::Value;
use std::collections::BTreeSet;

/// The sealed cards of `card.json`; a number that may only grow.
const SEALED: usize = 5;
/// The cards of `card.json` that are decoded without a passphrase.
const DECODED: usize = 2;
/// The cards of `card_words.json`, each in one language.
const WRITTEN: usize = 9;
/// What people may type for them.
const TYPED: usize = 14;

/// A card on paper, and what is inside.
struct Paper {
    bytes: Vec<u8>,
    passphrase: String,
    share: Vec<u8>,
}

impl Paper {
    fn opens(&self, card: &Card) {
        assert_eq!(card.encode().as_slice(), self.bytes);
        let share = open_with(card, &Passphrase::typed(&self.passphrase).unwrap()).expect("the passphrase opens it");
        assert_eq!(share.expose().as_slice(), self.share);
    }
}

#[test]
fn old_paper_of_version_1_is_read_from_its_code_and_opened_for_ever() {
    let papers = papers();
    assert!(papers.len() >= SEALED, "vectors are missing");
    for paper in papers {
        assert_eq!(paper.bytes[0], 0xA1);
        paper.opens(&Card::decode(&paper.bytes).unwrap());
    }
}

#[test]
fn old_paper_of_version_1_is_read_from_its_code_whatever_its_profile_for_ever() {
    let decoded = cases("card", "decoded");
    assert!(decoded.len() >= DECODED, "vectors are missing");
    for case in decoded {
        let card = Card::decode(&hex(&case["bytes"])).unwrap();
        assert_eq!(card.sealed.0.as_slice(), hex(&case["sealed"]));
        assert_eq!(u64::from(card.header.profile), case["header"]["profile"].as_u64().unwrap());
    }
}

#[test]
fn old_paper_of_version_1_is_read_from_its_words_and_opened_for_ever() {
    let (papers, written) = (papers(), cases("card_words", "written"));
    assert!(written.len() >= WRITTEN, "vectors are missing");
    let mut opened = BTreeSet::new();
    for case in &written {
        let card = CardWords::read(&lines(case).join("\n")).unwrap();
        assert_eq!(card.encode().as_slice(), hex(&case["bytes"]));
        if let Some(paper) = papers.iter().find(|paper| paper.bytes == hex(&case["bytes"])) {
            paper.opens(&card);
            opened.insert((paper.bytes.clone(), case["list"].as_str().unwrap()));
        }
    }
    for paper in papers {
        for list in ["English", "French"] {
            assert!(opened.contains(&(paper.bytes.clone(), list)), "a card was not opened from its {list} words");
        }
    }
}

#[test]
fn old_paper_of_version_1_is_read_however_its_words_are_typed_for_ever() {
    let typed = cases("card_words", "typed");
    assert!(typed.len() >= TYPED, "vectors are missing");
    for case in typed {
        let text = case["typed"].as_str().map_or_else(|| utf8(&case["utf8"]), str::to_owned);
        assert_eq!(CardWords::read(&text).unwrap().encode().as_slice(), hex(&case["bytes"]));
    }
}

/// Paper that is written today has the words that it had: the two lists, too, are frozen.
#[test]
fn old_paper_of_version_1_would_be_written_with_the_same_words_for_ever() {
    for case in cases("card_words", "written") {
        let list = if case["list"] == "English" { WordList::English } else { WordList::French };
        let card = Card::decode(&hex(&case["bytes"])).unwrap();
        assert_eq!(CardWords::of(&card, list).lines().as_slice(), lines(&case));
    }
}

fn papers() -> Vec<Paper> {
    let sealed = cases("card", "sealed").into_iter();
    let paper = |case: Value| Paper {
        bytes: hex(&case["bytes"]),
        passphrase: case["passphrase"].as_str().unwrap().to_owned(),
        share: hex(&case["share"]),
    };
    sealed.map(paper).collect()
}

/// Reads the cases of a file of vectors that are for one check.
fn cases(file: &str, check: &str) -> Vec<Value> {
    let path = format!("{}/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the vectors are there");
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    cases.into_iter().filter(|case| case["check"] == check).collect()
}

fn lines(case: &Value) -> Vec<&str> {
    case["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
}

/// Reads text as pieces of its UTF-8, each of them hex or `{"repeat": hex, "times": number}`.
fn utf8(pieces: &Value) -> String {
    let piece = |piece: &Value| match piece["times"].as_u64() {
        Some(times) => hex(&piece["repeat"]).repeat(times.try_into().unwrap()),
        None => hex(piece),
    };
    String::from_utf8(pieces.as_array().unwrap().iter().flat_map(piece).collect()).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
