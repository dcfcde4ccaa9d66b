//! Bounded text and its refused characters; fingerprint words.

use crate::case::Case;
use cloison_protocol::{
    BoundError, Fingerprint,
    bounded::{Bytes, Fixed, Line, List, Prose},
};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "characters" => characters(case),
        "allowed" => assert_eq!(bounded(case), Ok(()), "{}", case.name()),
        "refused" => assert_eq!(format!("{:?}", bounded(case).unwrap_err()), case.text("error"), "{}", case.name()),
        "words" => {
            let fingerprint = Fingerprint::of(&Fixed(case.array("digest")));
            assert_eq!(fingerprint.words().as_slice(), case.list_of_text("words"), "{}", case.name());
        }
        "typed" => {
            let fingerprint = Fingerprint::of(&Fixed(case.array("digest")));
            assert_eq!(fingerprint.matches(case.text("typed")), case.flag("matches"), "{}", case.name());
        }
        other => panic!("{}: no check {other}", case.name()),
    }
}

/// Tries every Unicode scalar value against the published ranges.
fn characters(case: &Case) {
    let ranges: Vec<(u32, u32)> =
        case.list("refused").iter().map(|range| (range.number("first"), range.number("last"))).collect();
    let extra: Vec<u64> = case.list_of_numbers("allowed_in_prose");
    for c in '\0'..=char::MAX {
        let point = u32::from(c);
        let refused = ranges.iter().any(|(first, last)| (*first..=*last).contains(&point));
        let text = c.to_string();
        assert_eq!(Line::<4>::new(&text).is_err(), refused, "a line and U+{point:04X}");
        assert_eq!(Prose::<4>::new(&text).is_err(), refused && !extra.contains(&point.into()), "prose and U+{point:04X}");
    }
}

fn bounded(case: &Case) -> Result<(), BoundError> {
    let value = case.bytes("value");
    let text = || String::from_utf8(value.clone()).unwrap();
    match case.text("type") {
        "Line<64>" => Line::<64>::new(&text()).map(drop),
        "Prose<8192>" => Prose::<8192>::new(&text()).map(drop),
        "Bytes<2048>" => Bytes::<2048>::new(value).map(drop),
        "List<u8, 16>" => List::<u8, 16>::new(value).map(drop),
        other => panic!("{}: no type {other}", case.name()),
    }
}
