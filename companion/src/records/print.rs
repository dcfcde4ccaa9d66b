//! What transcripts and logs have in common on a terminal.

use super::{
    signer::{Signer, identity_words},
    words::Words,
};
use crate::{error::Error, screen::say};
use cloison_protocol::{Mode, Whose};
use std::fmt::Display;

/// Prints a value behind its label.
pub(super) fn line(label: &str, value: impl Display) -> Result<(), Error> {
    Ok(say(format_args!("{label:<10}  {value}"))?)
}

/// Prints whose record it is, and first of all whether it is of a rehearsal.
pub(super) fn print_heading(whose: &Whose, words: &dyn Words) -> Result<(), Error> {
    if whose.mode == Mode::Rehearsal {
        say(words.labels().rehearsal)?;
    }
    line(words.labels().vault, format_args!("{} ({})", whose.title.as_str(), whose.vault))
}

/// Prints who signed, and the words of the identity; once more whether it is of a rehearsal.
pub(super) fn print_signer(signer: &Signer, whose: &Whose, words: &dyn Words) -> Result<(), Error> {
    let labels = words.labels();
    match signer.vault() {
        Some(vault) => line(labels.signed, words.imported(vault.title()))?,
        None => line(labels.signed, labels.stranger)?,
    }
    if whose.mode == Mode::Rehearsal {
        line("", labels.rehearsal)?;
    }
    line(labels.identity, identity_words(whose))
}
