//! Taking in public keys, with the kiosk's words or on the word of a vault that is known.

use super::describe;
use crate::{
    args,
    error::Error,
    files,
    home::Home,
    screen::{ask, note, say, somebody_is_there},
    vaults::{self, Because, MAX_KEYS, MAX_SUCCESSION, Vault},
};
use cloison_protocol::{PublicKeys, Seen, Succession};
use std::path::Path;
use thiserror::Error;

/// Takes in a vault's keys once somebody typed the words that the kiosk shows, or where a vault
/// that is known here signed that they follow its own.
///
/// # Errors
/// [`ImportError`], [`vaults::SuccessionError`], and alarms; then nothing was taken in.
pub(crate) fn import(home: &Home, typed: &args::Import) -> Result<(), Error> {
    let keys = PublicKeys::decode(&files::read(&typed.file, MAX_KEYS)?)?;
    match &typed.succession {
        Some(succession) => by_succession(home, &keys, succession),
        None => by_words(home, &keys, typed),
    }
}

/// Compares the words with those that somebody types.
///
/// The words are not printed before they match: whoever could copy them from this screen would
/// compare the file with itself.
fn by_words(home: &Home, keys: &PublicKeys, typed: &args::Import) -> Result<(), Error> {
    let because = if typed.restored { Because::Restored } else { Because::New };
    let seen = vaults::check_import(home, keys, because)?;
    describe(keys, note);
    if let (Because::Restored, Some(seen)) = (because, seen) {
        warn_of_the_restore(keys, seen);
    }
    let words = match &typed.words {
        Some(words) => words.clone(),
        None if somebody_is_there() => ask("Type the eight words that the kiosk shows:").unwrap_or_default(),
        None => return Err(ImportError::NoWords.into()),
    };
    if !keys.fingerprint().matches(&words) {
        return Err(ImportError::WrongWords.into());
    }
    warn_of_namesakes(home, keys)?;
    vaults::import(home, keys, because)?;
    say(format_args!("words   {}", keys.fingerprint()))?;
    match because {
        Because::New => note("The words match, and the vault is known here now. Encrypt with `cloison encrypt FILE`."),
        Because::Restored => note(
            "The words match, and the vault's state is the one of this export now. Requests that were made before and still \
             wait cannot be answered any more: make them again.",
        ),
    }
    Ok(())
}

/// Says what is accepted, before it is.
fn warn_of_the_restore(keys: &PublicKeys, seen: Seen) {
    note(format_args!(
        "RESTORED: this vault was seen at generation {}, and this export is of generation {}. All that it did in between is \
         missing from its store and its log: which requests it answered, and how much of each quota was used. That is right \
         only if its custodians restored it from a backup. Ask them; the words below do not tell it.",
        seen.generation,
        keys.body().state.generation
    ));
}

fn by_succession(home: &Home, keys: &PublicKeys, file: &Path) -> Result<(), Error> {
    let succession = Succession::decode(&files::read(file, MAX_SUCCESSION)?)?;
    let old = vaults::follow(home, keys, &succession)?;
    describe(keys, note);
    warn_of_namesakes(home, keys)?;
    say(format_args!("words   {}", keys.fingerprint()))?;
    note(format_args!(
        "'{}' ({}) signed that this vault follows it, and it is known here now. Nothing more is encrypted to the old one; its \
         records can still be asked for.",
        old.title(),
        old.id()
    ));
    Ok(())
}

fn warn_of_namesakes(home: &Home, keys: &PublicKeys) -> Result<(), Error> {
    let body = keys.body();
    let same =
        |vault: &Vault| vault.title() == body.title.as_str() && vault.id() != body.vault && vault.successor() != Some(body.vault);
    if vaults::all(home)?.vaults.iter().any(same) {
        note("Another vault of this title is known here: name them by their ids from now on.");
    }
    Ok(())
}

/// Says why keys were not taken in.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum ImportError {
    /// Nobody to ask.
    #[error("the words that the kiosk shows are needed, and there is no terminal to ask for them. Give them with --words")]
    NoWords,
    /// They differ.
    #[error(
        "these are not the words of these keys, and nothing was imported. Check each word with the kiosk; if all are right, \
         the file was not made by that vault"
    )]
    WrongWords,
    /// The key is no point.
    #[error("this signing key is not a P-384 key. Export the vault's keys again")]
    NotAPoint,
}
