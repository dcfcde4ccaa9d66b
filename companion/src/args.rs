//! What was typed: commands, options and the help that teaches them.
//!
//! Nothing here reads a file or decides anything; the modules that act take these values and find
//! out what they mean.

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed; nothing half-made is left behind
  2  the command was not understood
  3  the vault refused at least one operation
  4  alarm: the vault's state went back or forked, or its identity changed
  A signal ends it as usual (130 in a shell after Ctrl-C); no plaintext is left then either.

A first journey:
  cloison identity new --name 'Claire Martin, desk 4'
  cloison qr show enrolment.cloison              hold it before the kiosk's camera
  cloison qr scan photos/*.jpg -o keys.cloison   photos of the kiosk showing its public keys
  cloison keys import keys.cloison               type the words that the kiosk shows
  cloison encrypt record.pdf
  cloison decrypt record.pdf.age --case 2026-114 --reason 'hearing of 3 March'";

/// Works with a vault behind an air gap: encrypts to its keys, asks it, reads and checks its answers.
#[derive(Parser)]
#[command(name = "cloison", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Where the identity, the vaults and the waiting requests are kept [default: cloison in the
    /// platform's folder for settings, such as ~/.config/cloison]
    #[arg(long, global = true, env = "CLOISON_HOME", value_name = "DIR", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(crate) home: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes and shows the key by which vaults know this workstation
    #[command(subcommand)]
    Identity(Identity),
    /// Imports and shows the public keys of vaults
    #[command(subcommand)]
    Keys(Keys),
    /// Encrypts a file so that only the vault can open it
    Encrypt(Encrypt),
    /// Asks the vault for the keys of encrypted files, and decrypts them with its reply
    Decrypt(Decrypt),
    /// Asks the vault to sign a file, and writes the signature from its reply
    Sign(Sign),
    /// Tells which key of a vault signed a file
    Verify(Verify),
    /// Turns messages into QR codes, and pictures of QR codes into messages
    #[command(subcommand)]
    Qr(Qr),
    /// Reads pictures for the program that started it, over a pipe
    #[command(hide = true)]
    Eye,
}

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

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Takes in a vault's public keys, once their words were compared with the kiosk's
    #[command(after_help = "Example:
  cloison qr scan photos/*.jpg -o keys.cloison
  cloison keys import keys.cloison

Type the eight words that the kiosk shows, or that somebody in that room reads out over the phone.
They are not printed here before they match, so that nobody copies them from this screen.")]
    Import {
        /// The file of public keys that the kiosk exported
        file: PathBuf,
        /// The eight words that the kiosk shows; without this they are asked for
        #[arg(long, value_name = "WORDS")]
        words: Option<String>,
    },
    /// Lists the vaults that were imported
    #[command(after_help = "Example:
  cloison keys list --json")]
    List {
        /// One JSON array, for programs
        #[arg(long)]
        json: bool,
    },
    /// Shows one vault's keys
    #[command(after_help = "Example:
  cloison keys show 'Court of Lyon' --pem text > text.pem
  openssl dgst -sha384 -verify text.pem -signature statement.txt.sig statement.txt")]
    Show {
        /// The vault's title or the start of its id; not needed if there is only one
        vault: Option<String>,
        /// Print one signing key as PEM instead
        #[arg(long, value_name = "KEY")]
        pem: Option<Signing>,
    },
}

/// Names the two keys that sign for people.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signing {
    /// Signs texts that the custodians read whole
    Text,
    /// Signs digests of files that the kiosk cannot show
    Digest,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison encrypt record.pdf
  cloison encrypt record.pdf --record 2026-114/7 --class restricted -o 7.age
  cloison encrypt record.pdf --classical -r age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p

The vault's default key is a post-quantum hybrid. Ordinary age recipients beside it would leave the
file without that protection, so age refuses the mixture; with --classical they go together.")]
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
    /// Another reader with an ordinary age key; only with --classical
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
it is written.")]
pub(crate) struct Decrypt {
    /// The encrypted files, at most 16; a vault answers five at once unless its policy allows more
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

#[derive(Subcommand)]
pub(crate) enum Qr {
    /// Shows a file as QR codes: in the terminal, as pictures, or as an animated GIF
    Show(Show),
    /// Puts a message together from pictures of its codes, in any order
    #[command(after_help = "Examples:
  cloison qr scan photos/*.jpg -o reply.cloison
  cloison qr scan screen.gif -o keys.cloison

Nothing is written unless all of it was read and its digest is right.")]
    Scan {
        /// PNG, JPEG or GIF pictures
        #[arg(required = true)]
        pictures: Vec<PathBuf>,
        /// Where to write the message
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
    /// Tells what codes are on pictures
    #[command(after_help = "Example:
  cloison qr read photo.jpg --json")]
    Read {
        /// PNG, JPEG or GIF pictures
        #[arg(required = true)]
        pictures: Vec<PathBuf>,
        /// One line of JSON a picture: its name, the codes' bytes in hex, the microseconds that reading it took
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
#[command(after_help = "Examples:
  cloison qr show ask.cloison
  cloison qr show ask.cloison --gif ask.gif
  cloison qr show ask.cloison --png frames --frames 40
  cloison qr show ask.cloison --png frames --frames 20      twenty more, other ones

The row of codes has no end: any of them, in any order, about as many as the message needs, carry
it. In the terminal, + and - change the speed and any other key ends.")]
pub(crate) struct Show {
    /// The message to show
    pub(crate) file: PathBuf,
    /// Write the next codes as pictures into this folder
    #[arg(long, value_name = "DIR", group = "place", requires = "frames", conflicts_with = "gif")]
    pub(crate) png: Option<PathBuf>,
    /// Write an animated GIF
    #[arg(long, value_name = "OUT", group = "place")]
    pub(crate) gif: Option<PathBuf>,
    /// How many codes
    #[arg(long, value_name = "N", requires = "place", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) frames: Option<u32>,
    /// The QR version, 1 to 40: how much one code holds, and how fine it is
    #[arg(long, value_name = "1..40", default_value_t = 25, value_parser = clap::value_parser!(u8).range(1..=40))]
    pub(crate) density: u8,
    /// How much of a code may be damaged: 7, 15, 25 or 30 %
    #[arg(long, value_enum, ignore_case = true, default_value = "L")]
    pub(crate) level: Level,
    /// Pixels a module, in pictures
    #[arg(long, value_name = "PX", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) scale: u32,
    /// Number of the first code
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(0..=0x00ff_ffff))]
    pub(crate) from: Option<u32>,
    /// Milliseconds that each code stays
    #[arg(long, value_name = "MS", default_value_t = 120, value_parser = clap::value_parser!(u16).range(20..=5000))]
    pub(crate) delay: u16,
    /// Replace the GIF if it exists
    #[arg(long)]
    pub(crate) force: bool,
}

/// Names the levels of error correction.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum Level {
    L,
    M,
    Q,
    H,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent_and_every_visible_command_has_an_example() {
        let mut command = Arguments::command();
        command.build();
        command.clone().debug_assert();
        check(&command);
    }

    fn check(command: &clap::Command) {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
            let example = inner.get_after_help().is_some_and(|help| help.to_string().contains("cloison "));
            assert!(example || inner.has_subcommands(), "{} has no example", inner.get_name());
            check(inner);
        }
    }
}
