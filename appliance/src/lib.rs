//! The kiosk around the ceremony: hardware, storage, and words for people.
//!
//! [`Kiosk`] runs a [`cloison_ceremony::Session`] on some [`Hardware`]: it hands it events with the
//! time and fresh randomness, carries out its effects, and keeps what a record shows for as long as
//! it is on the screen. The sentences that people read are in [`words`]; the ceremony has none.

mod content;
pub mod entropy;
mod hardware;
pub mod hw;
mod kiosk;
pub mod paper;
mod store;
pub mod words;

pub use content::ContentPage;
pub use hardware::{Booted, CardPrinter, Clock, Hardware, HardwareError, Store};
pub use kiosk::{Kiosk, KioskError};
pub use store::DiskStore;
