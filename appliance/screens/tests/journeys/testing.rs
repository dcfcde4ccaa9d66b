//! The test of codes: a pattern shown, and read off another screen.

use crate::stage::Stage;
use cloison_ceremony::{Button, View};
use cloison_optics::read;
use cloison_protocol::{PATTERN_TURN, PatternCode, Profile, Tally};

/// Shows the pattern, reads some of it off the screen, and shows that to a camera in turn.
pub(crate) fn codes_are_tested(stage: &mut Stage) {
    stage.press(Button::TestCodes);
    stage.is_on("pattern");
    let round = PATTERN_TURN * Profile::ALL.len() as u32;
    let (mut film, mut tally) = (Vec::new(), Tally::new());
    for number in 0..round {
        if number % 9 == 0 || number == round - 1 {
            let picture = stage.picture();
            let codes = read(&picture);
            assert!(!codes.is_empty(), "nothing is read of screen {number}");
            codes.iter().for_each(|code| assert!(tally.take(&PatternCode::decode(code).unwrap())));
            film.push(picture);
        }
        stage.ui.next_frame().unwrap();
    }
    assert!(tally.is_whole() && tally.scores().len() == Profile::ALL.len(), "every profile fits both screens");
    // The buttons are there also where two codes stand above them.
    (0..PATTERN_TURN * 4).for_each(|_| assert!(stage.ui.next_frame().unwrap() > 0));
    stage.press(Button::ReadPattern);
    stage.is_on("trial");
    film.iter().for_each(|picture| stage.sees(picture));
    let View::Trial { percent: 100, scores, best: None } = stage.screen().view else { panic!("{:?}", stage.screen().view) };
    assert_eq!(scores, tally.scores());
    stage.press(Button::Back);
    stage.is_on("pattern");
    stage.press(Button::Back);
}
