//! The kiosk's touch screens: the ceremony's screens as pictures, and touches as its events.
//!
//! [`Ui::present`] shows a [`cloison_ceremony::Screen`], put into words by [`Spoken`], with what the
//! kiosk lends for as long as it is shown ([`Lent`]); [`Ui::listen`] turns what is touched into
//! [`cloison_ceremony::Event`]s. Nothing outside `ui` knows a Slint type. [`Ui::render`] gives the
//! picture that is on the screen, so that a desk or a test can look at it as a camera would.
//!
//! What this crate deliberately does not do: it decides nothing, holds no key, opens no file,
//! camera or device, and has no thread. What is typed is kept here, and wiped; a secret reaches
//! Slint only as bullets, and what is private only while it is held or uncovered.

mod arrange;
mod code;
mod keys;
mod kinds;
mod lent;
mod snapshot;
mod spoken;
mod typing;
mod ui;

pub use cloison_protocol::Language;
pub use code::Pace;
pub use kinds::Kind;
pub use lent::{Content, Fate, Hint, Lent, Looking, Sighted};
pub use snapshot::Snapshot;
pub use spoken::Spoken;
pub use ui::{Courier, Display, Pixels, Size, Starting, Touch, Ui, UiError};

/// Lends what Slint generated, for tests that look at elements; programs use [`Ui`].
#[doc(hidden)]
pub mod inside {
    pub use crate::ui::{Pair, hear, pairs, press};
}
