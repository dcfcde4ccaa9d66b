//! The test pattern, and the count of what was read of it.

use crate::case::Case;
use cloison_protocol::{PatternCode, Profile, Score, Tally};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "code" => {
            let (bytes, code) = (case.bytes("bytes"), code(case));
            assert_eq!(PatternCode::decode(&bytes), Some(code), "{}", case.name());
            assert_eq!((code.encode(), code.profile()), (bytes, case.number("profile")));
        }
        "none" => assert_eq!(PatternCode::decode(&case.bytes("bytes")), None, "{}", case.name()),
        "tally" => tally(case),
        other => panic!("{}: no check {other}", case.name()),
    }
}

/// Makes a code from the profiles that are shown, its screen and its place.
fn code(case: &Case) -> PatternCode {
    let shows: u8 = case.number("shows");
    let is_shown = |profile: Profile| Profile::ALL.iter().zip(0..).any(|(one, bit)| *one == profile && shows >> bit & 1 == 1);
    PatternCode::screen(case.number("screen"), is_shown)[case.number::<usize>("place")]
}

fn tally(case: &Case) {
    let mut tally = Tally::new();
    for read in case.list("read") {
        assert!(tally.take(&code(&read)), "{}", case.name());
    }
    let score =
        |score: &Case| Score { profile: score.number("profile"), read: score.number("read"), shown: score.number("shown") };
    assert_eq!(tally.scores(), case.list("scores").iter().map(score).collect::<Vec<_>>(), "{}", case.name());
    assert_eq!(tally.best(), case.optional_number("best"), "{}", case.name());
}
