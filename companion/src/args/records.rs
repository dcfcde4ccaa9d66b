//! What a vault says of its past: transcripts and logs.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Transcript {
    /// Verifies every link and the signature, and tells what happened, entry by entry
    Verify(VerifyTranscript),
    /// Writes a page that can be printed, and signed by hand by those who were present
    Html(TranscriptHtml),
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison qr scan photos/*.jpg -o transcript.cloison
  cloison transcript verify transcript.cloison
  cloison transcript verify transcript.cloison --vault 'Court of Lyon' --plan plan.toml

The exit code is 0 only if every link and the signature are right, the vault that signed it was
imported here, and it is the transcript of a whole ceremony: every card shown, read back and
drilled, all proven together, the keys compared and then activated. Compare the words with those
that the witnesses signed. What an appliance says of itself proves nothing if its image was changed.")]
pub(crate) struct VerifyTranscript {
    /// The transcript that the kiosk exported
    pub(crate) file: PathBuf,
    /// The title, or the start of the id, of the vault that must have signed it
    #[arg(long, value_name = "VAULT")]
    pub(crate) vault: Option<String>,
    /// The plan by which the ceremony must have been held, as TOML or as a message
    #[arg(long, value_name = "PLAN")]
    pub(crate) plan: Option<PathBuf>,
    /// The language of the answer
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) language: Tongue,
    /// One JSON object, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  cloison transcript html transcript.cloison -o transcript.html --language fr

Nothing is written unless every link and the signature are right. If the vault is not known here,
or the ceremony was not a whole one, the page says so. It is one file that loads nothing, for A4.")]
pub(crate) struct TranscriptHtml {
    /// The transcript that the kiosk exported
    pub(crate) file: PathBuf,
    /// Where to write the page
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The title, or the start of the id, of the vault that must have signed it
    #[arg(long, value_name = "VAULT")]
    pub(crate) vault: Option<String>,
    /// The language of the page
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) language: Tongue,
    /// Replace the page if it exists
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Subcommand)]
pub(crate) enum Log {
    /// Verifies every link and the signature, tells what the vault did, and adds it up
    Verify(VerifyLog),
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison log verify log.cloison
  cloison log verify log.cloison --before log-of-june.cloison
  cloison log verify log.cloison --json

The log is compared with the newest state of the vault that this workstation has seen, and with an
earlier export if one is given: a log that ends before it, or is another one, is an alarm (exit code
4). The exit code is 0 only if the vault that signed it was imported here.")]
pub(crate) struct VerifyLog {
    /// The log that the kiosk exported
    pub(crate) file: PathBuf,
    /// The title, or the start of the id, of the vault that must have signed it
    #[arg(long, value_name = "VAULT")]
    pub(crate) vault: Option<String>,
    /// An earlier export, which this one must continue
    #[arg(long, value_name = "EARLIER")]
    pub(crate) before: Option<PathBuf>,
    /// The language of the answer
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) language: Tongue,
    /// One JSON object, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Names the languages in which records are told.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tongue {
    /// English
    En,
    /// French
    Fr,
}
