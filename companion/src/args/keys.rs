//! The public keys of vaults.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Takes in a vault's public keys, once their words were compared with the kiosk's
    Import(Import),
    /// Lists the vaults that were imported
    #[command(after_help = "Example:
  cloison keys list --json")]
    List {
        /// One JSON array, for programs
        #[arg(long)]
        json: bool,
    },
    /// Shows one vault's keys
    #[command(after_help = "Examples:
  cloison keys show 'Court of Lyon'
  cloison keys show 'Court of Lyon' --json
  cloison keys show 'Court of Lyon' --pem text > text.pem
  openssl dgst -sha384 -verify text.pem -signature statement.txt.sig statement.txt

Beside each key stands what the vault's policy says of it, when it was exported: how many operations
one request may hold; `view only` where records are only ever shown on the kiosk; `declared only`
where a record must say what it is; `retired` where a newer key took its place.")]
    Show {
        /// The vault's title or the start of its id; not needed if there is only one
        vault: Option<String>,
        /// Print one signing key as PEM instead
        #[arg(long, value_name = "KEY")]
        pem: Option<Signing>,
        /// One JSON object, for programs
        #[arg(long, conflicts_with = "pem")]
        json: bool,
    },
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison qr scan photos/*.jpg -o keys.cloison
  cloison keys import keys.cloison
  cloison keys import keys.cloison --restored
  cloison keys import new.cloison --succession succession.cloison

Type the eight words that the kiosk shows, or that somebody in that room reads out over the phone.
They are not printed here before they match, so that nobody copies them from this screen.

A vault that was restored from a backup is in an older state than the one that was seen here, which
otherwise means that somebody took its store back. --restored accepts that once, and needs the
words again: ask the custodians whether they restored it before you use this.

When a vault is followed by a new one, the old vault signs a succession that names the new vault's
keys. A workstation that knows the old vault needs no words then: --succession compares both
signatures. Nothing more is encrypted to the old vault; records of it can still be asked for.")]
pub(crate) struct Import {
    /// The file of public keys that the kiosk exported
    pub(crate) file: PathBuf,
    /// The eight words that the kiosk shows; without this they are asked for
    #[arg(long, value_name = "WORDS")]
    pub(crate) words: Option<String>,
    /// Accept that the vault went back to an older state: its custodians restored it from a backup
    #[arg(long)]
    pub(crate) restored: bool,
    /// The succession by which a vault that is known here names this one; no words are needed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["words", "restored"])]
    pub(crate) succession: Option<PathBuf>,
}

/// Names the two keys that sign for people.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signing {
    /// Signs texts that the custodians read whole
    Text,
    /// Signs digests of files that the kiosk cannot show
    Digest,
}
