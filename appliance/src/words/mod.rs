//! The words of every screen, in English and in French.
//!
//! The one place where a screen's data becomes sentences, for people who are no engineers: what
//! this is, and what to do. The English stands here; `appliance/lang` has the French. What other
//! crates say of an error is said in their own words in English, and translated like everything
//! else ([`Explain`]).
//!
//! Nothing is cut off here, and nothing is private: what only the person before the screen may see
//! is lent by the session, and never stands in a sentence.

mod alarms;
mod catalogue;
mod ceremony;
mod errors;
mod figures;
mod kinds;
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

pub use cloison_protocol::Language;
pub use errors::Explain;

use catalogue::tr;
use cloison_ceremony::{Ended, Screen};

/// A screen in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its title.
    pub title: String,
    /// Its texts, in reading order.
    pub texts: Vec<String>,
}

/// Puts what a kiosk shows into the words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

impl Words {
    /// Speaks a language.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// Gives the language that is spoken.
    #[must_use]
    pub const fn language(self) -> Language {
        self.language
    }

    /// Says how long the vault stays open yet; nothing where none is open.
    #[must_use]
    pub fn left(self, screen: &Screen) -> Option<String> {
        let (idle, all) = screen.left?;
        if all <= idle {
            return Some(tr!(self, "The vault seals itself in {all}.", all = self.duration(all)));
        }
        let (idle, all) = (self.duration(idle), self.duration(all));
        Some(tr!(self, "The vault seals itself in {idle} if nobody touches the kiosk, else in {all}.", idle, all))
    }

    /// Says why the process ends.
    #[must_use]
    pub fn ended(self, ended: Ended) -> String {
        match ended {
            Ended::Created => {
                tr!(self, "The cards are made and stored. The kiosk starts anew with nothing in memory, for the drill.")
            }
            Ended::Drilled => {
                tr!(self, "The cards are drilled, and the vault serves. The kiosk starts anew with nothing in memory.")
            }
            Ended::Restored => tr!(self, "The vault is restored. The kiosk starts anew with nothing in memory."),
            Ended::Sealed => tr!(self, "The vault is sealed. Nothing of it is in memory."),
            Ended::Idle => tr!(self, "Nobody touched the kiosk for as long as the vault allows, so it was sealed."),
            Ended::TimeUp => tr!(self, "The vault was open for as long as it allows, so it was sealed."),
            Ended::ClockWentBack => tr!(
                self,
                "The clock went back, so the vault was sealed. Find out why before you open it: the log and all limits count \
                 on it."
            ),
            Ended::Alarm => {
                tr!(
                    self,
                    "The kiosk found what must not be here, so it sealed and stopped everything. Nothing of a vault is in memory."
                )
            }
        }
    }
}
