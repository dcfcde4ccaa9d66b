//! Encrypting to a vault.

use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  cloison encrypt record.pdf
  cloison encrypt record.pdf --record 2026-114/7 --class restricted -o 7.age
  cloison encrypt record.pdf --view-only
  cloison encrypt record.pdf --key age/mlkem1024p384/1
  cloison encrypt record.pdf --classical -r age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p

The vault's default key is a post-quantum hybrid. Ordinary age recipients beside it would leave the
file without that protection, so age refuses the mixture; with --classical they go together.

The newest key that is not retired is taken. A record encrypted with --view-only is only ever shown
on the kiosk (`cloison view`); its key is taken without asking only where the vault has no other.")]
pub(crate) struct Encrypt {
    /// The file to encrypt
    pub(crate) file: PathBuf,
    /// Where to write the encrypted file [default: FILE.age]
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// The vault's title or the start of its id; not needed if there is only one
    #[arg(long, value_name = "VAULT")]
    pub(crate) to: Option<String>,
    /// Encrypt to the vault's P-384 key instead of the post-quantum hybrid
    #[arg(long)]
    pub(crate) classical: bool,
    /// Encrypt to a key whose records are only ever shown on the kiosk
    #[arg(long)]
    pub(crate) view_only: bool,
    /// Encrypt to this key of the vault; `cloison keys show` names them
    #[arg(long, value_name = "KEY", conflicts_with_all = ["classical", "view_only"])]
    pub(crate) key: Option<String>,
    /// Another reader with an ordinary age key; only beside a P-384 key of the vault
    #[arg(short, long = "recipient", value_name = "age1…")]
    pub(crate) recipients: Vec<String>,
    /// What the custodians will see as the record's name [default: the file's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) record: Option<String>,
    /// What the custodians will see as the record's class
    #[arg(long, default_value = "unclassified")]
    pub(crate) class: String,
    /// Encrypt to a vault made for practice; its cards protect nothing
    #[arg(long)]
    pub(crate) rehearsal: bool,
    /// Replace the output if it exists
    #[arg(long)]
    pub(crate) force: bool,
}
