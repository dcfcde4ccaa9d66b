//! Boots an image in QEMU, looks at its screen, touches it, holds codes before its camera, and goes
//! the journeys of people before it.
//!
//! Nothing of the test is in the image: the camera is a USB camera at QEMU's end of the bus. Where a
//! test needs a hand inside, an overlay is appended to the image's initramfs, and said to be.

mod cuts;
mod disk;
mod film;
mod find;
mod guest;
mod images;
mod journey;
mod keyboard;
mod kills;
mod letters;
mod light;
mod network;
mod panel;
mod past;
mod person;
mod pi;
mod picture;
mod place;
mod qmp;
mod redir;
mod screens;
mod start;
mod steps;
mod webcam;

use clap::Parser;
use std::{path::PathBuf, process::ExitCode, sync::OnceLock, time::Instant};

/// Boots the images and tells what comes of it.
#[derive(Parser, Debug)]
#[command(name = "cloison-boot", version)]
pub(crate) struct Arguments {
    /// The folder of what `images/build` made.
    #[arg(long, value_name = "DIR", default_value = "target/images")]
    pub(crate) images: PathBuf,
    /// The hand inside a guest, compiled for arm64.
    #[arg(long, value_name = "FILE")]
    pub(crate) hand: PathBuf,
    /// Where pictures and files of the test are left; made anew.
    #[arg(long, value_name = "DIR", default_value = "target/boot-test")]
    pub(crate) out: PathBuf,
    /// What to test; all of it without a word.
    pub(crate) steps: Vec<String>,
}

fn main() -> ExitCode {
    let _ = begun();
    match steps::run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn begun() -> Instant {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    *BEGUN.get_or_init(Instant::now)
}

/// Tells how far the test is.
pub(crate) fn say(what: &str) {
    println!("{:7.1} s  {what}", begun().elapsed().as_secs_f32());
}
