//! The test pattern: shown, or read from another screen to find out how dense its codes may be.

use crate::{
    event::Event,
    screen::{Button, Code, Notice, Screen, View},
};
use cloison_protocol::{PatternCode, Tally};

/// A pattern of another screen being read.
pub(crate) struct Trial(Tally);

impl Trial {
    pub(crate) fn new() -> Self {
        Self(Tally::new())
    }

    /// Takes one code.
    pub(crate) fn code(&mut self, bytes: &[u8]) -> Option<Notice> {
        match PatternCode::decode(bytes) {
            Some(code) => {
                self.0.take(&code);
                None
            }
            None => Some(Notice::NotAPattern),
        }
    }

    pub(crate) fn screen(&self) -> Screen {
        let Self(tally) = self;
        let view = View::Trial { percent: tally.percent(), scores: tally.scores(), best: tally.best() };
        let mut screen = Screen::of(view, &[Button::Back]);
        screen.camera = true;
        screen
    }
}

/// What the test of codes is doing.
pub(crate) enum Test {
    Shown,
    Read(Trial),
}

/// Where the test goes on; `None` where it is over.
pub(crate) fn handle(test: Test, event: &Event) -> Option<(Test, Option<Notice>)> {
    match (test, event) {
        (Test::Shown, Event::Press(Button::ReadPattern)) => Some((Test::Read(Trial::new()), None)),
        (Test::Shown, Event::Press(Button::Back)) => None,
        (Test::Read(_), Event::Press(Button::Back)) => Some((Test::Shown, None)),
        (Test::Read(mut trial), Event::Code(bytes)) => {
            let notice = trial.code(bytes);
            Some((Test::Read(trial), notice))
        }
        (test, _) => Some((test, None)),
    }
}

pub(crate) fn screen(test: &Test) -> Screen {
    match test {
        Test::Shown => {
            let mut screen = Screen::of(View::Pattern, &[Button::ReadPattern, Button::Back]);
            screen.code = Some(Code::Pattern);
            screen
        }
        Test::Read(trial) => trial.screen(),
    }
}
