//! Messages as codes and back.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Qr {
    /// Shows a file as QR codes: in the terminal, as pictures, or as an animated GIF
    Show(Show),
    /// Puts a message together from pictures of its codes, in any order
    #[command(after_help = "Examples:
  cloison qr scan photos/*.jpg -o reply.cloison
  cloison qr scan screen.gif -o keys.cloison

Nothing is written unless all of it was read and its digest is right.")]
    Scan {
        /// PNG, JPEG or GIF pictures
        #[arg(required = true)]
        pictures: Vec<PathBuf>,
        /// Where to write the message
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
    /// Tells what codes are on pictures
    #[command(after_help = "Example:
  cloison qr read photo.jpg --json")]
    Read {
        /// PNG, JPEG or GIF pictures
        #[arg(required = true)]
        pictures: Vec<PathBuf>,
        /// One line of JSON a picture: its name, the codes' bytes in hex, the microseconds that reading it took
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison qr show ask.cloison
  cloison qr show ask.cloison --gif ask.gif
  cloison qr show ask.cloison --png frames --frames 40
  cloison qr show ask.cloison --png frames --frames 20      twenty more, other ones

The row of codes has no end: any of them, in any order, about as many as the message needs, carry
it. In the terminal, + and - change the speed and any other key ends.")]
pub(crate) struct Show {
    /// The message to show
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) codes: Codes,
}

/// How codes are shown.
#[derive(Args)]
pub(crate) struct Codes {
    /// Write the next codes as pictures into this folder
    #[arg(long, value_name = "DIR", group = "place", requires = "frames", conflicts_with = "gif")]
    pub(crate) png: Option<PathBuf>,
    /// Write an animated GIF
    #[arg(long, value_name = "OUT", group = "place")]
    pub(crate) gif: Option<PathBuf>,
    /// How many codes
    #[arg(long, value_name = "N", requires = "place", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) frames: Option<u32>,
    /// The QR version, 1 to 40: how much one code holds, and how fine it is
    #[arg(long, value_name = "1..40", default_value_t = 25, value_parser = clap::value_parser!(u8).range(1..=40))]
    pub(crate) density: u8,
    /// How much of a code may be damaged: 7, 15, 25 or 30 %
    #[arg(long, value_enum, ignore_case = true, default_value = "L")]
    pub(crate) level: Level,
    /// Pixels a module, in pictures
    #[arg(long, value_name = "PX", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) scale: u32,
    /// Number of the first code
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(0..=0x00ff_ffff))]
    pub(crate) from: Option<u32>,
    /// Milliseconds that each code stays
    #[arg(long, value_name = "MS", default_value_t = 120, value_parser = clap::value_parser!(u16).range(20..=5000))]
    pub(crate) delay: u16,
    /// Replace files that exist
    #[arg(long)]
    pub(crate) force: bool,
}

/// Names the levels of error correction.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum Level {
    L,
    M,
    Q,
    H,
}
