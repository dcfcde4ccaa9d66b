//! What was typed: commands, options and the help that teaches them.
//!
//! Nothing here reads a file or decides anything; the modules that act take these values and find
//! out what they mean.

mod ask;
mod encrypt;
mod identity;
mod keys;
mod plan;
mod qr;
mod records;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

pub(crate) use ask::{Decrypt, Exchange, Sign, Verify, View};
pub(crate) use encrypt::Encrypt;
pub(crate) use identity::Identity;
pub(crate) use keys::{Import, Keys, Signing};
pub(crate) use plan::{NewPlan, Plan, ShowPlan};
pub(crate) use qr::{Codes, Level, Qr, Show, Trial};
pub(crate) use records::{Log, Tongue, Transcript, TranscriptHtml, VerifyLog, VerifyTranscript};

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
  cloison decrypt record.pdf.age --case 2026-114 --reason 'hearing of 3 March'

A vault begins with a plan:
  cloison plan new                               then fill in the names in plan.toml
  cloison plan lint plan.toml
  cloison plan show plan.toml                    hold it before the kiosk's camera";

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
    /// Asks the vault to show an encrypted file on the kiosk's screen, and nowhere else
    View(View),
    /// Asks the vault to sign a file, and writes the signature from its reply
    Sign(Sign),
    /// Tells which key of a vault signed a file
    Verify(Verify),
    /// Writes, checks and shows the plan of a key ceremony
    #[command(subcommand)]
    Plan(Plan),
    /// Verifies the signed transcript of a ceremony, and puts it on paper
    #[command(subcommand)]
    Transcript(Transcript),
    /// Verifies what a vault did and refused
    #[command(subcommand)]
    Log(Log),
    /// Turns messages into QR codes, and pictures of QR codes into messages
    #[command(subcommand)]
    Qr(Qr),
    /// Reads pictures for the program that started it, over a pipe
    #[command(hide = true)]
    Eye {
        /// What it is: the reader of pictures, or a camera's process
        #[arg(default_value = "eye")]
        role: String,
    },
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
