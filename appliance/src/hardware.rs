//! What the kiosk needs of the machine that it runs on.

use cloison_ceremony::EntropyInputs;
use thiserror::Error;

/// The machine: each part is a trait, so that a desk can stand in for a device.
pub trait Hardware {
    /// Gathers entropy for a new root.
    ///
    /// # Errors
    /// [`HardwareError`] when the operating system gives none; the ceremony stops.
    fn entropy(&mut self) -> Result<EntropyInputs, HardwareError>;
    /// Gives the place where the store is kept.
    fn store(&mut self) -> &mut dyn Store;
    /// Gives the clock.
    fn clock(&self) -> &dyn Clock;
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
