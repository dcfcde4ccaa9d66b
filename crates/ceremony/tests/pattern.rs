//! The test of codes: a pattern shown, and one of another screen read; no vault is needed for it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Code, Event, Notice, View};
use cloison_protocol::{PATTERN_TURN, PatternCode, Profile, Transfer};
use support::Kiosk;

#[test]
fn a_pattern_is_shown_and_another_is_read_and_the_best_density_is_named() {
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::TestCodes);
    assert_eq!((kiosk.screen().view, kiosk.screen().code), (View::Pattern, Some(Code::Pattern)));
    kiosk.press(Button::ReadPattern);
    assert!(kiosk.screen().camera && kiosk.screen().code.is_none());
    // The other screen has room for one symbol, and the camera misses most of the finest.
    let one = |profile: Profile| profile.across == 1;
    let shown =
        (0..4 * PATTERN_TURN).flat_map(|number| PatternCode::screen(number, one).into_iter().map(move |code| (number, code)));
    for (number, code) in shown {
        if code.profile() < 2 || number % 3 == 0 {
            kiosk.send(Event::Code(code.encode()));
            assert_eq!(kiosk.screen().notice, None);
        }
    }
    let View::Trial { percent: 100, scores, best: Some(1) } = kiosk.screen().view else { panic!("{:?}", kiosk.screen().view) };
    let read: Vec<(u8, bool)> = scores.iter().map(|score| (score.profile, score.read == score.shown)).collect();
    assert_eq!(read, [(0, true), (1, true), (2, false)]);
    kiosk.press(Button::Back);
    assert_eq!(kiosk.screen().view, View::Pattern);
    kiosk.press(Button::Back);
    assert_eq!(kiosk.screen().view.name(), "blank");
}

#[test]
fn what_is_no_pattern_is_named_and_the_count_goes_on() {
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::TestCodes);
    kiosk.press(Button::ReadPattern);
    let pattern = PatternCode::screen(0, |_| true)[0].encode();
    kiosk.send(Event::Code(pattern.clone()));
    let counted = kiosk.screen().view;
    for code in
        [Transfer::new(b"a message", 200).unwrap().frame(0), Vec::new(), b"https://example.org".to_vec(), pattern[1..].to_vec()]
    {
        kiosk.send(Event::Code(code.clone()));
        assert_eq!((kiosk.screen().notice, &kiosk.screen().view), (Some(Notice::NotAPattern), &counted));
    }
    kiosk.send(Event::Code(pattern.clone()));
    assert_eq!((kiosk.screen().notice, kiosk.screen().view), (None, counted), "a code that is read again changes nothing");
}
