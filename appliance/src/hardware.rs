//! What the kiosk needs of the machine that it runs on.

use crate::paper::{PaperError, Printer, Sheet};
use cloison_ceremony::{EntropyInputs, NoPlace};
use cloison_eye::viewer::{Content, Limits, ViewError};
use cloison_protocol::{Alarm, Digest, bounded::Line};
use std::io::Write;
use thiserror::Error;

/// The machine: each part is a trait, so that a desk can stand in for a device.
pub trait Hardware {
    /// Names the program that runs here.
    fn program(&self) -> Line<64>;
    /// Tells what is known by now of the image that this machine started from.
    fn booted(&self) -> Booted;
    /// Tells whether this is an ordinary computer, on which only rehearsals are held.
    fn is_training(&self) -> bool;
    /// Says why there is no place to keep a store; nothing where there is one.
    fn no_place(&self) -> Option<NoPlace>;
    /// Looks for whatever leads out of this machine or leaves the kiosk unguarded; nothing found is
    /// an empty list. It is asked at the start and at every tick, and takes no longer than a blink.
    fn watch(&mut self) -> Vec<Alarm>;
    /// Gathers entropy for a new root.
    ///
    /// # Errors
    /// [`HardwareError`] when the operating system gives none; the ceremony stops.
    fn entropy(&mut self) -> Result<EntropyInputs, HardwareError>;
    /// Gives the place where the store is kept.
    fn store(&mut self) -> &mut dyn Store;
    /// Gives the clock.
    fn clock(&self) -> &dyn Clock;
    /// Gives the printer, where there is one.
    fn printer(&mut self) -> Option<&mut dyn CardPrinter>;
    /// Decodes a record for the screen, in a process that is started for it alone.
    ///
    /// # Errors
    /// [`ViewError`]; nothing is shown then.
    fn view(&mut self, record: &[u8], limits: &Limits) -> Result<Content, ViewError>;
}

/// What is known of the image that a machine started from.
///
/// A machine says this of itself: an image that was changed could say what it likes. The card is
/// checked on another machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booted {
    /// It started from no image of ours.
    Nothing,
    /// Its files are being read.
    Reading,
    /// The digest of its boot files.
    Image(Digest),
    /// They could not be read.
    Unreadable,
}

/// Keeps the bytes of the store.
pub trait Store {
    /// Reads them; `None` where nothing was ever saved.
    ///
    /// # Errors
    /// [`HardwareError`].
    fn load(&mut self) -> Result<Option<Vec<u8>>, HardwareError>;
    /// Replaces them, wholly or not at all, and returns when they are on disk.
    ///
    /// # Errors
    /// [`HardwareError`]; what was saved before is still there.
    fn save(&mut self, bytes: &[u8]) -> Result<(), HardwareError>;
    /// Removes them, wholly or not at all, and returns when they are gone from the database.
    ///
    /// # Errors
    /// [`HardwareError`]; what was saved before is still there.
    fn erase(&mut self) -> Result<(), HardwareError>;
}

/// Tells the time.
pub trait Clock {
    /// Gives seconds since 1970 UTC, as far as this machine knows.
    fn now(&self) -> u64;
}

/// Prints cards.
pub trait CardPrinter {
    /// Prints a card's sheet, and returns when the printer has taken all of it.
    ///
    /// # Errors
    /// [`PaperError`]; a part may be on the paper then. No error does not prove that anything is:
    /// the card that is read back does.
    fn print(&mut self, sheet: &Sheet) -> Result<(), PaperError>;
}

impl<W: Write> CardPrinter for Printer<W> {
    fn print(&mut self, sheet: &Sheet) -> Result<(), PaperError> {
        Printer::print(self, &sheet.draw()?)
    }
}

/// Says what failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HardwareError {
    /// No entropy.
    #[error("the operating system gave no random bytes ({0}). Do not make keys on this machine")]
    Entropy(getrandom::Error),
    /// The disk.
    #[error("the store could not be read or written ({0}). Check the data partition, its free space and its permissions")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}
