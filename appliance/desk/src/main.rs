//! `cloison-desk`: the kiosk's whole brain on a desk, without a display.
//!
//! It runs the real session and is driven by JSON lines on its input, answering one JSON line for
//! each on its output, so that a script, a test or a trainer can hold a whole ceremony. It is a
//! program of its own and never in a release image: `docs/desk.md` has its language.

mod commands;
mod desk;
mod plate;

use clap::Parser;
use std::{path::PathBuf, process::ExitCode};

/// Runs the kiosk on a desk, driven by JSON lines.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  echo '{\"do\":\"screen\"}' | cloison-desk --data /tmp/vault\n\nFor tests and training; never put a real vault here."
)]
struct Arguments {
    /// The folder where the store is kept; made where it is missing.
    #[arg(long, value_name = "DIR", required_unless_present = "eye")]
    data: Option<PathBuf>,
    /// Reads pictures for another process (internal).
    #[arg(value_parser = ["eye"], hide = true)]
    eye: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.eye, arguments.data) {
        (Some(_), _) => cloison_eye::serve(std::io::stdin().lock(), std::io::stdout().lock()).map_err(desk::DeskError::Pipe),
        (None, Some(data)) => desk::run(&data, std::io::stdin().lock(), std::io::stdout().lock()),
        (None, None) => return ExitCode::from(2),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cloison-desk: {error}.");
            ExitCode::FAILURE
        }
    }
}
