//! Turns bytes into QR pictures and pictures back into bytes.
//!
//! - [`Symbol`] makes one QR symbol at a chosen [`Density`], always in byte mode and always with
//!   the same mask;
//! - [`read()`] finds the QR symbols in a grey picture and gives back their exact bytes;
//!   [`examine`] also tells whether a limit was reached;
//! - [`picture`] makes and opens PNG and GIF files in memory, and opens JPEG;
//! - [`draw`] sets symbols and words on a plain pixel buffer, for screens and printers.
//!
//! What it deliberately does not do: it opens no file and no camera, starts no thread, reads no
//! clock, and knows no key and no message. Whatever a symbol carries is bytes here.
//!
//! Reading is the first stop of hostile input. Sizes are checked before memory is taken, of a
//! picture crowded with finder patterns only some are tried, and a decoder's panic is caught and counts as "nothing
//! found" (where panics unwind). Time is not bounded here: `cloison-eye` does that, in a process
//! that can be killed.

pub mod draw;
mod luma;
pub mod picture;
mod prepare;
mod read;
mod symbol;

pub use luma::{Luma, MAX_PIXELS, MAX_SIDE};
pub use picture::{Format, PictureError};
pub use read::{MAX_SYMBOL_BYTES, MAX_SYMBOLS, Reading, examine, read};
pub use symbol::{Density, Level, QUIET_ZONE, Symbol, SymbolError};
