//! Cards as words: written, read whole, and checked line by line.

use crate::case::Case;
use cloison_protocol::{Card, CardWords, WordList};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "written" => written(case),
        "typed" => assert_eq!(CardWords::read(&typed(case)), Ok(card(case)), "{}", case.name()),
        "line" => assert_eq!(CardWords::check_line(case.number("line"), &typed(case)), Ok(list(case)), "{}", case.name()),
        "malformed" => {
            let error = CardWords::read(&typed(case)).unwrap_err();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "malformed-line" => {
            let error = CardWords::check_line(case.number("line"), &typed(case)).unwrap_err();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn written(case: &Case) {
    let (card, list, lines) = (card(case), list(case), case.list_of_text("lines"));
    let words = CardWords::of(&card, list);
    assert_eq!(words.lines().as_slice(), lines, "{}", case.name());
    assert_eq!(words.to_string(), lines.join("\n"));
    assert_eq!(CardWords::read(&lines.join("\n")), Ok(card), "{}", case.name());
    for (number, line) in (1..).zip(&lines) {
        assert_eq!(CardWords::check_line(number, line), Ok(list), "{}: line {number}", case.name());
    }
}

fn card(case: &Case) -> Card {
    Card::decode(&case.bytes("bytes")).unwrap()
}

fn list(case: &Case) -> WordList {
    match case.text("list") {
        "English" => WordList::English,
        "French" => WordList::French,
        other => panic!("{}: no list {other}", case.name()),
    }
}

/// Gives what somebody typed: as it is or, where it is long, as its UTF-8 in pieces.
fn typed(case: &Case) -> String {
    if case.has("utf8") { String::from_utf8(case.bytes("utf8")).unwrap() } else { case.text("typed").to_owned() }
}
