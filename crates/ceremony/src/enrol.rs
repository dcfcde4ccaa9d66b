//! A workstation's introduction, compared by its words before cards are presented for it.

use crate::screen::{Button, Screen, View};
use cloison_protocol::Enrolment;

/// Shows who asks to be enrolled, and the words to compare with the workstation's screen.
pub(crate) fn screen(enrolment: &Enrolment) -> Screen {
    let name = enrolment.body().name.as_str().to_owned();
    let view = View::Enrolment { name, words: enrolment.fingerprint() };
    Screen::of(view, &[Button::WordsMatch, Button::Cancel, Button::Seal])
}
