//! What the kiosk does next: a pure function from state and event to screen and effects.
//!
//! [`Session::handle`] takes one [`Event`] and gives a [`Step`]: the screen to show and what the
//! appliance is to do. One module a flow, one enum of states a flow. Randomness and time are
//! arguments, so a whole ceremony runs in a test.
//!
//! What this crate deliberately does not do: it holds no sentence meant for a human (screens are
//! data, words live in the appliance), and touches no file, thread, clock, camera or screen.

mod answer;
mod cards;
mod check;
mod clock;
mod create;
mod date;
mod drill;
mod enrol;
mod event;
mod flow;
mod guard;
mod home;
mod manage;
mod pattern;
mod quorum;
mod reader;
mod restore;
mod scan;
mod screen;
mod session;
mod view;

pub use event::{Effect, Ended, EntropyInputs, Event, Kiosk, NoPlace, Sheet, Step, Typed, Unshown};
pub use screen::{Button, Choice, Code, Field, FieldState, HomeView, Notice, PlanPage, Purposes, Screen, Seen, View};
pub use session::Session;

#[cfg(test)]
mod tests {
    use super::*;
    use static_assertions::assert_not_impl_any;

    // Everything in which a passphrase, a share or an opened vault can be.
    assert_not_impl_any!(Typed: core::fmt::Debug, Clone, Copy);
    assert_not_impl_any!(EntropyInputs: core::fmt::Debug, Clone, Copy);
    assert_not_impl_any!(Event: core::fmt::Debug, Clone, Copy);
    assert_not_impl_any!(Session: core::fmt::Debug, Clone, Copy);
}
