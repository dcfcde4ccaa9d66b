//! The workstation's own key.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Identity {
    /// Makes this workstation's signing key and its enrolment
    #[command(after_help = "Example:
  cloison identity new --name 'Claire Martin, desk 4' -o claire.cloison

The key stays on this workstation, in a file that only its owner can read. The enrolment goes to
the kiosk by QR; the custodians compare its words with the ones printed here.")]
    New {
        /// The name shown at the kiosk with every request: a person or a desk
        #[arg(long)]
        name: String,
        /// Where to write the enrolment
        #[arg(short, long, value_name = "FILE", default_value = "enrolment.cloison")]
        output: PathBuf,
        /// Replace the identity that is here; vaults will no longer know this workstation
        #[arg(long)]
        force: bool,
    },
    /// Shows this workstation's name and words, and writes its enrolment again
    #[command(after_help = "Example:
  cloison identity show -o enrolment.cloison")]
    Show {
        /// Where to write the enrolment
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
}
