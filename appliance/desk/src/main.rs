//! `cloison-desk`: the kiosk on a desk: its whole brain, and its screens as pictures.
//!
//! It runs the real session and is driven by JSON lines on its input, answering one JSON line for
//! each on its output, so that a script, a test or a trainer can hold a whole ceremony. It is a
//! program of its own and never in a release image: `docs/desk.md` has its language.

mod answers;
mod commands;
mod desk;
mod lines;
mod machine;

use clap::Parser;
use cloison_protocol::Language;
use cloison_screens::{Pace, Size};
use std::{io::BufReader, path::PathBuf, process::ExitCode};

/// Runs the kiosk on a desk, driven by JSON lines.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  echo '{\"do\":\"screen\"}' | cloison-desk --data /tmp/vault\n\nFor tests and training; never put a real vault here."
)]
struct Arguments {
    /// The folder where the store is kept; made where it is missing.
    #[arg(long, value_name = "DIR", required_unless_present = "reader")]
    data: Option<PathBuf>,
    /// The printer: a device such as /dev/usb/lp0, or an ordinary file that is added to.
    #[arg(long, value_name = "PATH", conflicts_with = "paper")]
    printer: Option<PathBuf>,
    /// A folder instead of a printer: cards come out there as pictures, card-1.png and so on.
    #[arg(long, value_name = "DIR")]
    paper: Option<PathBuf>,
    /// Starts the desk's own clock at this time, in seconds since 1970 UTC, instead of the computer's.
    #[arg(long, value_name = "SECONDS")]
    clock: Option<u64>,
    /// The size of the screen: 800x480 or 1280x720.
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "800x480")]
    size: Size,
    /// How codes are shown, from 1, which every camera reads, to 6: two fine ones side by side.
    #[arg(long, value_name = "1..6", value_parser = clap::value_parser!(u8).range(1..=6))]
    profile: Option<u8>,
    /// Watches as a device does: seals at once, and offers nothing, where anything leads out of this machine.
    #[arg(long)]
    air_gap: bool,
    /// What the kiosk speaks: `en` or `fr`.
    #[arg(long, value_name = "LANGUAGE", value_parser = language, default_value = "en")]
    language: Language,
    /// Reads pictures, shows a record or looks through a camera for another process (internal).
    #[arg(value_parser = role, hide = true)]
    reader: Option<String>,
}

fn main() -> ExitCode {
    let Arguments { data, printer, paper, clock, air_gap, size, profile, language, reader } = Arguments::parse();
    let (input, output) = (std::io::stdin(), std::io::stdout().lock());
    let result = match (reader.as_deref(), data) {
        (Some(role), _) => cloison_eye::roles::serve(role, input.lock(), output).map_err(desk::DeskError::Pipe),
        (None, Some(data)) => {
            let printer = printer.map(machine::DeskPrinter::Device).or_else(|| paper.map(machine::DeskPrinter::Folder));
            let pace = profile.map_or_else(Pace::default, |number| Pace { profile: number - 1, ..Pace::default() });
            desk::run(desk::Setup { data, printer, clock, air_gap, language, size, pace }, BufReader::new(input), output)
        }
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

fn size(label: &str) -> Result<Size, &'static str> {
    Size::named(label).ok_or("a screen is 800x480 or 1280x720. Give one of them")
}

fn language(label: &str) -> Result<Language, &'static str> {
    Language::named(label).ok_or("the kiosk speaks `en` and `fr`. Give one of them")
}

fn role(argument: &str) -> Result<String, &'static str> {
    let role = cloison_eye::roles::is_role(argument).then(|| argument.to_owned());
    role.ok_or("only options are understood. See them with `--help`")
}
