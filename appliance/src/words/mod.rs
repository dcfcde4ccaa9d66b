//! The words of every screen, in English.
//!
//! The one place where a screen's data becomes sentences, for people who are no engineers: what
//! this is, and what to do. The touch screen brings French beside it; until then the kiosk speaks
//! English. What other crates say of an error is said as they say it, in whole sentences.
//!
//! Nothing is cut off here, and nothing is private: what only the person before the screen may see
//! is lent by the session, and never stands in a sentence.

mod ceremony;
mod figures;
mod labels;
mod life;
mod notices;
mod policies;
mod presenting;
mod reviews;
mod screens;
#[cfg(test)]
mod tests;
mod vault;

pub use labels::{field, label};
pub use notices::{judgement, notice};
pub use screens::said;

use cloison_ceremony::{Ended, Screen};
use figures::duration;

/// A screen in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its title.
    pub title: String,
    /// Its texts, in reading order.
    pub texts: Vec<String>,
}

/// Says how long the vault stays open yet; nothing where none is open.
#[must_use]
pub fn left(screen: &Screen) -> Option<String> {
    let (idle, all) = screen.left?;
    let all_of_it = format!("The vault seals itself in {}.", duration(all));
    if all <= idle {
        return Some(all_of_it);
    }
    Some(format!("The vault seals itself in {} if nobody touches the kiosk, else in {}.", duration(idle), duration(all)))
}

/// Says why the process ends.
#[must_use]
pub fn ended(ended: Ended) -> &'static str {
    match ended {
        Ended::Created => "The cards are made and stored. The kiosk starts anew with nothing in memory, for the drill.",
        Ended::Drilled => "The cards are drilled, and the vault serves. The kiosk starts anew with nothing in memory.",
        Ended::Restored => "The vault is restored. The kiosk starts anew with nothing in memory.",
        Ended::Sealed => "The vault is sealed. Nothing of it is in memory.",
        Ended::Idle => "Nobody touched the kiosk for as long as the vault allows, so it was sealed.",
        Ended::TimeUp => "The vault was open for as long as it allows, so it was sealed.",
        Ended::ClockWentBack => {
            "The clock went back, so the vault was sealed. Find out why before you open it: the log and all limits count on it."
        }
    }
}
