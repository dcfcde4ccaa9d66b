//! The first program of a boot test's guest: leaves a process that is the test's hand, and becomes
//! the image's own first program.
//!
//! It comes in an overlay that only the test appends to an image's initramfs. Nothing in the image
//! knows of it.

mod hand;
mod port;
mod prepare;

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, ExitCode},
};

/// What the overlay's `/init` stands before.
const KIOSK: &str = "/cloison";
const SELF: &str = "/init";
/// Where this is there, nothing else is: the time until here is what the kernel takes alone.
const BARE: &str = "/bare";
/// What is said then.
const HERE: &str = "the first program is here";

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("hand") {
        return hand::serve().map_or_else(
            |error| {
                eprintln!("hand: {error}");
                ExitCode::FAILURE
            },
            |()| ExitCode::SUCCESS,
        );
    }
    if Path::new(BARE).exists() {
        println!("{HERE}");
        loop {
            std::thread::park();
        }
    }
    if let Err(error) = prepare::all() {
        eprintln!("hand: {error}");
    }
    if let Err(error) = Command::new(SELF).arg("hand").spawn() {
        eprintln!("hand: no process for it ({error})");
    }
    // Only an error comes back.
    let error = Command::new(KIOSK).exec();
    eprintln!("hand: {KIOSK} does not start ({error})");
    ExitCode::FAILURE
}
