//! Messages as codes and back.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Qr {
    /// Shows a file as QR codes: in the terminal, as pictures, or as an animated GIF
    Show(Show),
    /// Puts a message together from pictures of its codes, in any order, or through a camera
    #[command(after_help = "Examples:
  cloison qr scan --camera -o keys.cloison
  cloison qr scan photos/*.jpg -o reply.cloison
  cloison qr scan screen.gif -o keys.cloison

Hold the camera before the codes until they are complete; Ctrl-C ends. Nothing is written unless all of it was
read and its digest is right.")]
    Scan {
        /// PNG, JPEG or GIF pictures
        #[arg(required_unless_present = "camera")]
        pictures: Vec<PathBuf>,
        /// Look through a camera instead: this one, such as /dev/video0, or the first that works. A folder
        /// of PNG and JPEG pictures stands for a camera, to rehearse
        #[arg(long, value_name = "DEVICE", conflicts_with = "pictures")]
        camera: Option<Option<PathBuf>>,
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
    /// Finds out how dense codes may be between a screen and a camera: shows a test pattern, or reads one
    Test(Trial),
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison qr test                        shows a pattern here, for the kiosk to read
  cloison qr test --camera               reads the pattern that the kiosk shows
  cloison qr test film/*.png --json

The kiosk has a pattern, and reads one, under `Test the codes`. A pattern shows every profile in turn
for a few seconds; whoever reads it says which one carries most.")]
pub(crate) struct Trial {
    /// PNG, JPEG or GIF pictures of a pattern to read
    #[arg(group = "source")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Read the pattern through a camera: this one, such as /dev/video0, or the first that works
    #[arg(long, value_name = "DEVICE", group = "source")]
    pub(crate) camera: Option<Option<PathBuf>>,
    /// Say what was read as one line of JSON
    #[arg(long, requires = "source")]
    pub(crate) json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison qr show ask.cloison
  cloison qr show ask.cloison --gif ask.gif
  cloison qr show ask.cloison --png frames --frames 40
  cloison qr show ask.cloison --png frames --frames 20      twenty more, other ones

The row of codes has no end: any of them, in any order, about as many as the message needs, carry
it. In the terminal, + and - change the speed, D and S make codes denser and safer, and any other
key ends; what was chosen is remembered. After long, codes become safer by themselves.

Profiles: 1 is version 10-M, 2 15-M, 3 20-L, 4 two 20-L, 5 two 25-L, 6 two 27-L. `cloison qr test`
finds out which one a screen and a camera manage.")]
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
    /// How many pictures
    #[arg(long, value_name = "N", requires = "place", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) frames: Option<u32>,
    /// How codes are shown, from what every camera reads to two fine codes side by side
    #[arg(long, value_name = "1..6", conflicts_with_all = ["density", "level", "across"],
        value_parser = clap::value_parser!(u8).range(1..=6))]
    pub(crate) profile: Option<u8>,
    /// The QR version, 1 to 40: how much one code holds, and how fine it is [pictures: 25]
    #[arg(long, value_name = "1..40", value_parser = clap::value_parser!(u8).range(1..=40))]
    pub(crate) density: Option<u8>,
    /// How much of a code may be damaged: 7, 15, 25 or 30 % [pictures: L]
    #[arg(long, value_enum, ignore_case = true)]
    pub(crate) level: Option<Level>,
    /// How many codes stand side by side [pictures: 1]
    #[arg(long, value_name = "1..2", value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) across: Option<u8>,
    /// Pixels a module, in pictures
    #[arg(long, value_name = "PX", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) scale: u32,
    /// Number of the first picture
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(0..=0x00ff_ffff))]
    pub(crate) from: Option<u32>,
    /// Milliseconds that each picture stays [as the profile says; pictures without --profile: 120]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u16).range(20..=5000))]
    pub(crate) delay: Option<u16>,
    /// Replace files that exist
    #[arg(long)]
    pub(crate) force: bool,
}

/// Names the levels of error correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum Level {
    L,
    M,
    Q,
    H,
}
