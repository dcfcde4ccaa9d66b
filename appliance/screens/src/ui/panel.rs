//! The panel itself: which way up it is, how bright, and dark when nobody is there.

use super::{Touch, Ui, generated as g};
use crate::Kind;
use cloison_ceremony::View;
use core::time::Duration;
use slint::{ComponentHandle, Global};
use std::time::Instant;

/// How the panel rests.
#[derive(Default)]
pub(super) struct Rest {
    /// The last touch; nothing where none came by [`Ui::touch`].
    touched: Option<Instant>,
    dark: bool,
    /// Whether the finger that woke the panel is still on it.
    waking: bool,
}

impl Ui {
    /// Tells `turn` when it is asked on the first screen to turn the picture.
    pub fn listen_for_turn(&self, turn: impl Fn() + 'static) {
        g::HomeScreen::get(&self.window).on_turn(turn);
    }

    /// Offers on the first screen to turn the picture, or does not.
    pub fn turns(&self, turns: bool) {
        g::HomeScreen::get(&self.window).set_turns(turns);
    }

    /// Tells `brighten` when it is asked on the first screen for another brightness of the panel;
    /// [`Ui::light`] is to say how bright it is then.
    pub fn listen_for_light(&self, brighten: impl Fn() + 'static) {
        g::HomeScreen::get(&self.window).on_brighten(brighten);
    }

    /// Shows how bright the panel is, in percent, and offers to change it; at 0 it is not offered.
    pub fn light(&self, percent: u8) {
        g::HomeScreen::get(&self.window).set_light(percent.into());
    }

    /// Tells whether the panel is wider than it is high, as the screens are; nothing before it is known.
    #[must_use]
    pub fn is_wide(&self) -> Option<bool> {
        let size = self.window.window().size();
        (size.width > 0 && size.height > 0).then_some(size.width >= size.height)
    }

    /// Tells for how long nobody has touched the screen; nothing before the first touch or rest.
    pub fn untouched(&self) -> Duration {
        self.state.borrow_mut().rest.touched.get_or_insert_with(Instant::now).elapsed()
    }

    /// Tells whether the panel may go dark: nothing is open, nothing alarms, no code is shown or looked
    /// for, and nothing is at work.
    #[must_use]
    pub fn may_rest(&self) -> bool {
        let state = self.state.borrow();
        let Some(screen) = &state.screen else { return false };
        let is_told = matches!(screen.view, View::Alarm { .. } | View::Ended) || screen.notice.is_some();
        let shows = screen.code.is_some() || screen.camera || Kind::of(&screen.view) == Kind::Show;
        let is_busy = g::Busy::get(&self.window).get_active();
        screen.left.is_none() && !is_told && !shows && !is_busy
    }

    /// Makes the panel dark, until it is touched or another screen is shown.
    pub fn darken(&self) {
        self.state.borrow_mut().rest.dark = true;
        g::Dark::get(&self.window).set_active(true);
    }

    /// Tells whether the panel is dark.
    #[must_use]
    pub fn is_dark(&self) -> bool {
        self.state.borrow().rest.dark
    }

    /// Shows what is on the screen again.
    pub fn wake(&self) {
        let mut state = self.state.borrow_mut();
        state.rest.touched = Some(Instant::now());
        state.rest.dark = false;
        g::Dark::get(&self.window).set_active(false);
    }

    /// Notes a touch; tells whether it is for waking the panel alone.
    pub(super) fn wakes(&self, touch: Touch) -> bool {
        let is_down = matches!(touch, Touch::Down(..));
        if is_down && self.is_dark() {
            self.wake();
            self.state.borrow_mut().rest.waking = true;
            return true;
        }
        let rest = &mut self.state.borrow_mut().rest;
        rest.touched = Some(Instant::now());
        let is_waking = rest.waking && !is_down;
        rest.waking &= matches!(touch, Touch::Move(..));
        is_waking
    }
}
