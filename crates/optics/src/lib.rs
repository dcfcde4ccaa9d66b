//! Turns bytes into QR pictures and pictures back into bytes.
//!
//! - [`Symbol`] makes one QR symbol at a chosen [`Density`], always in byte mode and always with
//!   the same mask; [`Press`] makes many of one density, and [`Fit`] sets one or two on a plate;
//! - [`Reader`] finds the QR symbols in grey pictures that follow one another and gives back their
//!   exact bytes; [`examine`] and [`read()`] do so for a single picture;
//! - [`picture`] makes and opens PNG and GIF files in memory, and opens JPEG;
//! - [`draw`] sets symbols and words on a plain pixel buffer, for screens and printers.
//!
//! What it deliberately does not do: it opens no file and no camera, starts no thread, reads no
//! clock, and knows no key and no message. Whatever a symbol carries is bytes here.
//!
//! Reading is the first stop of hostile input. Sizes are checked before memory is taken, what pixels
//! can make the reader do is counted and limited, and a decoder's panic is caught and counts as
//! "nothing found" (where panics unwind). [`Reader::read`] asks its caller whether there is time left;
//! who reads pictures of strangers does so through `cloison-eye` all the same, in a process that can
//! be killed.

mod binarize;
pub mod draw;
mod grid;
mod locate;
mod luma;
pub mod picture;
mod plate;
mod prepare;
mod press;
mod read;
mod sample;
mod scan;
mod second;
mod symbol;

pub use luma::{Luma, MAX_PIXELS, MAX_SIDE};
pub use picture::{Format, PictureError};
pub use plate::Fit;
pub use press::Press;
pub use read::{MAX_SYMBOL_BYTES, MAX_SYMBOLS, Reader, Reading, examine, read};
pub use symbol::{Density, Level, QUIET_ZONE, Symbol, SymbolError};
