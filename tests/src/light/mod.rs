//! Synthetic light: what a camera sees of a screen, computed from a seed.
//!
//! - [`Screen`] is a plate with one symbol or several side by side, in whole pixels a module;
//! - [`Shot`] describes one picture of it: where the camera stands, what its lens, its sensor and
//!   its file format do to the light; equal descriptions give equal pixels;
//! - [`corpus`] draws single shots with random defects, each with the bytes that are in it;
//! - [`film`] shows a row of plates before a camera that has a rate, a shutter and a read-out time.
//!
//! It is a model: straight lenses, one grey channel, Gaussian blur and noise. It compares readers
//! on equal terms and finds where they give up; it does not stand for a photograph.

pub mod corpus;
mod dice;
pub mod film;
mod jpeg;
mod lens;
mod screen;
mod sensor;
mod shot;

pub use dice::Dice;
pub use lens::Plate;
pub use screen::Screen;
pub use shot::{Camera, Glare, Motion, Pose, Shot};
