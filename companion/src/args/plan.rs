//! The plan of a ceremony.

use super::Codes;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Plan {
    /// Writes a plan to fill in, which explains each of its lines
    New(NewPlan),
    /// Tells all that keeps a plan from being held, and what is worth a second thought
    #[command(after_help = "Examples:
  cloison plan lint plan.toml
  cloison plan lint plan.toml --json

Every fault is named with its line, all of them at once, and then the exit code is 1. A plan without
faults can be held: its summary, its words and its digest are printed. Lines that begin with
`advice` are no faults; they name what people have regretted. A plan that was read from codes
(`cloison qr scan`) is checked in the same way.")]
    Lint {
        /// The plan, as TOML or as a message
        file: PathBuf,
        /// One JSON object, for programs
        #[arg(long)]
        json: bool,
    },
    /// Shows a plan to the kiosk as QR codes, and the words to compare there
    Show(ShowPlan),
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison plan new
  cloison plan new -o plan.toml --title 'Court of Lyon' --need 2 \\
    --custodian 'Anne Roux' --custodian 'Karim Benali' --custodian 'Jeanne Petit' \\
    --administrator 'Paul Morel' --witness 'Zoé Lam'

Without names the plan has lines to fill in for three cards of five. With names it is complete, and
is written only if it can be held. `cloison plan lint` checks it, `cloison plan show` carries it to
the kiosk.")]
pub(crate) struct NewPlan {
    /// Where to write the plan
    #[arg(short, long, value_name = "FILE", default_value = "plan.toml")]
    pub(crate) output: PathBuf,
    /// The vault's title, by which its users will know it
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Where the ceremony is held
    #[arg(long)]
    pub(crate) place: Option<String>,
    /// How many cards open the vault [default: more than half of them]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(2..=16))]
    pub(crate) need: Option<u8>,
    /// A custodian, who gets one card; once for each, in the order of the cards
    #[arg(long = "custodian", value_name = "NAME")]
    pub(crate) custodians: Vec<String>,
    /// Who leads the ceremony, and holds no card
    #[arg(long = "administrator", value_name = "NAME")]
    pub(crate) administrators: Vec<String>,
    /// Who watches it and signs its transcript, and holds no card
    #[arg(long = "witness", value_name = "NAME")]
    pub(crate) witnesses: Vec<String>,
    /// Replace the file if it exists
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison plan show plan.toml
  cloison plan show plan.toml --gif plan.gif
  cloison plan show plan.toml --png frames --frames 20
  cloison plan show plan.toml -o plan.cloison

The kiosk shows the plan page by page, and eight words at its end. They must be the ones that are
printed here: then it read this plan and no other. With -o alone the message is written to a file,
and no codes are shown.")]
pub(crate) struct ShowPlan {
    /// The plan, as TOML or as a message
    pub(crate) file: PathBuf,
    /// Write the plan as a message
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) codes: Codes,
}
