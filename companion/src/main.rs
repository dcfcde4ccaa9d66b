//! `cloison`: the command line on a networked workstation.
//!
//! It encrypts to a vault's public keys, makes requests and reads replies, turns messages into QR
//! codes and back, and verifies what the vault signed. It holds no vault key and links no code
//! that could; pictures are decoded in a process of their own.

mod args;
mod decrypt;
mod encrypt;
mod error;
mod exchange;
mod fields;
mod files;
mod home;
mod identity;
mod keys;
mod pending;
mod pictures;
mod plan;
mod progress;
mod qr;
mod random;
mod records;
mod reply_key;
mod run;
mod screen;
mod sign;
mod signals;
mod vaults;
mod verify;
mod view;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run::run(args::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
