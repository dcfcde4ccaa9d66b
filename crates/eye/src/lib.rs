//! Reads codes in a process of its own, so that hostile pictures harm nothing that matters.
//!
//! Decoding pictures is the largest heap of foreign code that hostile input reaches, and some
//! pictures make decoders panic or work for seconds. So the program that needs a picture read
//! starts a second process, the *eye*, sends it pictures over a pipe, and kills and replaces it
//! when it overruns its time or dies.
//!
//! - [`serve`] is the whole of the child: it reads jobs and answers them until its input ends.
//! - [`Eye`] is the parent's side: it starts the child, gives it a budget for each job, and
//!   believes nothing it answers beyond fixed limits.
//!
//! The child can be the running program itself, started with a hidden argument, or `cloison-eye`,
//! which is nothing but these processes. Such an argument is a role ([`roles`]), and what starts a
//! program in a role is a [`spawn::Spawn`].
//!
//! What the eye deliberately does not do: it opens no camera (frames are given to it), holds no key,
//! knows no message, opens no file, and inherits no environment.
//!
//! Beside the eye are the [`viewer`], for one record that is shown and never stored, and, on Linux,
//! the `camera`, which opens a device and decodes its frames itself. Each of the three confines
//! itself ([`confine`]) before it looks at anything.

mod budget;
#[cfg(target_os = "linux")]
pub mod camera;
mod child;
pub mod confine;
mod parent;
pub mod roles;
pub mod spawn;
pub mod viewer;
mod wire;
mod worker;

pub use budget::{FRAME_BUDGET, PICTURE_BUDGET};
pub use child::serve;
pub use parent::{Eye, EyeError};
pub use wire::{MAX_PICTURE_BYTES, Reason};

/// Holds what was seen in one frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// The contents of the QR symbols, each once; see [`cloison_optics::examine`] for what is not seen.
    pub symbols: Vec<Vec<u8>>,
    /// How long reading the frame took the child, in microseconds; a picture file's frames without
    /// the time to decode the file.
    pub micros: u32,
    /// A limit was reached before the whole frame was searched, so there may be more symbols.
    pub crowded: bool,
    /// The time was over before the whole frame was searched, so there may be more symbols.
    pub unfinished: bool,
}
