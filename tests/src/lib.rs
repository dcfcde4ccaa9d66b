//! Drives both halves of Cloison as people do: the real `cloison`, the real `cloison-desk`, and
//! between them nothing but pictures of codes.
//!
//! The demo and the end-to-end tests are written with it. Nothing here knows a key or a share.
//!
//! [`light`] is apart: screens and cameras that are computed, for the optical bench.

pub mod channel;
pub mod desk;
pub mod light;
pub mod programs;
pub mod story;
pub mod workstation;

/// What can go wrong while driving, in words.
pub type Result<T> = std::result::Result<T, String>;
