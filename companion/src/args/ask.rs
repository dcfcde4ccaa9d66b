//! What is asked of a vault, and what is checked of its answers.

use clap::Args;
use std::path::PathBuf;

/// How a request leaves and its reply comes back.
#[derive(Args)]
pub(crate) struct Exchange {
    /// The case or file number, shown to the custodians
    #[arg(long, required_unless_present = "reply", conflicts_with = "reply")]
    pub(crate) case: Option<String>,
    /// Why it is needed, shown to the custodians
    #[arg(long, required_unless_present = "reply", conflicts_with = "reply")]
    pub(crate) reason: Option<String>,
    /// Write the request to this file and stop there
    #[arg(long, value_name = "OUT", conflicts_with = "reply")]
    pub(crate) request: Option<PathBuf>,
    /// Go on with the vault's reply in this file
    #[arg(long, value_name = "REPLY")]
    pub(crate) reply: Option<PathBuf>,
    /// How long the vault may answer the request
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=720))]
    pub(crate) expires: u16,
    /// Replace files that exist
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison decrypt a.pdf.age b.pdf.age --case 2026-114 --reason 'hearing' --request ask.cloison
  cloison decrypt a.pdf.age b.pdf.age --reply answer.cloison
  cloison decrypt a.pdf.age --case 2026-114 --reason 'hearing'

Only the files' headers cross the gap, whatever their size. Without --request and --reply the
request is shown as QR in this terminal, and the pictures of the reply are asked for afterwards:
paths, patterns such as photos/*.jpg, or a folder. A reply may be given again for files that are
still to be decrypted; those that were are left as they are.
Each file is decrypted once to nowhere, so that all of it is known to be genuine, before a byte of
it is written.

How many files one request may ask for is the vault's policy: `cloison keys show` tells it, and more
are refused before anybody is asked. Records of a key that is view only are for `cloison view`.")]
pub(crate) struct Decrypt {
    /// The encrypted files, as many as the vault's policy allows at once, and never more than 100
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The vault's title or the start of its id; not needed if there is only one
    #[arg(long, value_name = "VAULT")]
    pub(crate) to: Option<String>,
    /// Ask for the vault's P-384 key only
    #[arg(long)]
    pub(crate) classical: bool,
    #[command(flatten)]
    pub(crate) exchange: Exchange,
    /// Where to write the plaintext of a single file [default: FILE without .age]
    #[arg(short, long, value_name = "OUT", conflicts_with_all = ["output_dir", "request"])]
    pub(crate) output: Option<PathBuf>,
    /// The folder for the plaintexts
    #[arg(long, value_name = "DIR", conflicts_with = "request")]
    pub(crate) output_dir: Option<PathBuf>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison view a.pdf.age --case 2026-114 --reason 'hearing' --request ask.cloison
  cloison view a.pdf.age --reply answer.cloison
  cloison view a.pdf.age --case 2026-114 --reason 'hearing'

The whole encrypted file crosses the gap, at most 1 MiB of it, and its content appears on the
kiosk's screen and nowhere else: no key and no plaintext comes back. The reply only says that it was
shown, or why not. Records of this size take minutes to cross; where the vault's policy allows it,
`cloison decrypt` needs only the header of a file.")]
pub(crate) struct View {
    /// The encrypted file
    pub(crate) file: PathBuf,
    /// The vault's title or the start of its id; not needed if there is only one
    #[arg(long, value_name = "VAULT")]
    pub(crate) to: Option<String>,
    /// Ask for the vault's P-384 key only
    #[arg(long)]
    pub(crate) classical: bool,
    #[command(flatten)]
    pub(crate) exchange: Exchange,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison sign statement.txt --text --case 2026-114 --reason 'statement' --request ask.cloison
  cloison sign statement.txt --reply answer.cloison
  cloison sign image.iso --digest --case 2026-9 --reason 'release' --request ask.cloison

With --text the custodians read the whole text, and the vault's text key signs it. With --digest
they see name, size and digest only, and another key signs. Both are ECDSA P-384 with SHA-384 over
the file, in DER, as openssl reads them.")]
pub(crate) struct Sign {
    /// The file to sign
    pub(crate) file: PathBuf,
    /// Have the file's text shown whole and signed (at most 8192 bytes of UTF-8)
    #[arg(long, required_unless_present_any = ["reply", "digest"], conflicts_with_all = ["digest", "reply"])]
    pub(crate) text: bool,
    /// Have the file's digest signed
    #[arg(long, conflicts_with = "reply")]
    pub(crate) digest: bool,
    /// The vault's title or the start of its id; not needed if there is only one
    #[arg(long, value_name = "VAULT")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) exchange: Exchange,
    /// Where to write the signature [default: FILE.sig]
    #[arg(short, long, value_name = "SIG", conflicts_with = "request")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args)]
#[command(after_help = "Example:
  cloison verify statement.txt --signature statement.txt.sig

The exit code is 0 only if a key of an imported vault signed exactly this file.")]
pub(crate) struct Verify {
    /// The file that was signed
    pub(crate) file: PathBuf,
    /// The signature, in DER
    #[arg(long, value_name = "SIG")]
    pub(crate) signature: PathBuf,
    /// The vault's title or the start of its id; without it every imported vault is tried
    #[arg(long, value_name = "VAULT")]
    pub(crate) from: Option<String>,
}
