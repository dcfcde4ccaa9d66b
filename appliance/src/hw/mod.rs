//! The machine itself: what is plugged into it, and what the kiosk's own process may do on it.

pub mod airgap;
pub mod backlight;
pub mod harden;
