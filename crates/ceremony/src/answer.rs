//! A request looked at page by page, and approved or declined.

use crate::screen::{Button, Screen, View};
use cloison_custody::{NotYet, Review};

/// Puts a review's page on a screen; what can be pressed follows from what is missing.
pub(crate) fn screen(review: &Review) -> Screen {
    let (page, number, of) = review.page();
    let Some(page) = page else { return Screen::of(View::Saving, &[Button::Cancel]) };
    let mut buttons = Vec::new();
    if number < of {
        buttons.push(Button::Next);
    } else {
        buttons.push(match review.missing() {
            None => Button::Approve,
            Some(NotYet::Quorum) => Button::PresentCards,
            Some(_) => Button::Next,
        });
    }
    if number > 1 {
        buttons.push(Button::Back);
    }
    buttons.extend([Button::Decline, Button::Cancel, Button::Seal]);
    Screen::of(View::Review { page: page.clone(), number, of }, &buttons)
}
