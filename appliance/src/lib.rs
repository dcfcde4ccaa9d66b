//! The kiosk around the ceremony: hardware, storage, and words for people.
//!
//! [`Kiosk`] runs a [`cloison_ceremony::Session`] on some [`Hardware`]: it hands it events with the
//! time and fresh randomness, and carries out its effects. The sentences that people read are in
//! [`words`]; the ceremony has none.

pub mod entropy;
mod hardware;
mod kiosk;
mod store;
pub mod words;

pub use hardware::{Clock, Hardware, HardwareError, Store};
pub use kiosk::{Kiosk, KioskError};
pub use store::DiskStore;
