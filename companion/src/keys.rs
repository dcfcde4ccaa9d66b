//! Taking in and showing the public keys of vaults.

use crate::{
    args::Signing,
    error::Error,
    files,
    home::Home,
    screen::{ask, hex, note, say, somebody_is_there},
    vaults::{self, Known, MAX_KEYS, Vault},
};
use cloison_formats::signature::public_pem;
use cloison_protocol::{Algorithm, Mode, PublicKeys, Usage};
use serde_json::json;
use std::path::Path;
use thiserror::Error;

/// Takes in a vault's keys once somebody typed the words that the kiosk shows.
///
/// The words are not printed before they match: whoever could copy them from this screen would
/// compare the file with itself.
///
/// # Errors
/// [`ImportError`], and alarms.
pub(crate) fn import(home: &Home, file: &Path, words: Option<&str>) -> Result<(), Error> {
    let keys = PublicKeys::decode(&files::read(file, MAX_KEYS)?)?;
    vaults::check_import(home, &keys)?;
    describe(&keys, note);
    let typed = match words {
        Some(words) => words.to_owned(),
        None if somebody_is_there() => ask("Type the eight words that the kiosk shows:").unwrap_or_default(),
        None => return Err(ImportError::NoWords.into()),
    };
    if !keys.fingerprint().matches(&typed) {
        return Err(ImportError::WrongWords.into());
    }
    warn_of_namesakes(home, &keys)?;
    vaults::import(home, &keys)?;
    say(format_args!("words   {}", keys.fingerprint()))?;
    note("The words match, and the vault is known here now. Encrypt with `cloison encrypt FILE`.");
    Ok(())
}

/// Lists all vaults.
///
/// # Errors
/// A stored vault is damaged; the others were listed.
pub(crate) fn list(home: &Home, as_json: bool) -> Result<(), Error> {
    let Known { vaults: all, damaged } = vaults::all(home)?;
    if as_json {
        let entries: Vec<_> = all.iter().map(entry).collect();
        say(json!(entries))?;
        return damaged.map_or(Ok(()), Err);
    }
    if all.is_empty() && damaged.is_none() {
        note("No vault is known here yet. Import its public keys with `cloison keys import FILE`.");
    }
    for vault in &all {
        let rehearsal = if vault.is_rehearsal() { "  REHEARSAL" } else { "" };
        let body = vault.keys().body();
        say(format_args!("{}  {}  {} of {}{rehearsal}", vault.id(), vault.title(), body.threshold, body.cards))?;
    }
    damaged.map_or(Ok(()), Err)
}

/// Shows one vault, or one of its signing keys as PEM.
///
/// # Errors
/// There is no such vault or key.
pub(crate) fn show(home: &Home, wanted: Option<&str>, pem: Option<Signing>) -> Result<(), Error> {
    let vault = vaults::find(home, wanted)?;
    if let Some(which) = pem {
        return print_pem(&vault, which);
    }
    let mut lines = Vec::new();
    describe(vault.keys(), |line| lines.push(line));
    lines.push(format!("seen    generation {}", vault.seen().generation));
    lines.push(format!("words   {}", vault.keys().fingerprint()));
    Ok(lines.iter().try_for_each(say)?)
}

fn print_pem(vault: &Vault, which: Signing) -> Result<(), Error> {
    let usage = usage_of(which);
    let key = vault.newest(usage, Algorithm::P384)?.key;
    let pem = vault.verifying(key).and_then(|point| public_pem(&point)).ok_or(ImportError::NotAPoint)?;
    if vault.is_rehearsal() {
        note("REHEARSAL: this key was made for practice. Its signatures prove nothing.");
    }
    Ok(say(pem.trim_end())?)
}

/// Gives the usage of a signing key as it is typed.
pub(crate) fn usage_of(which: Signing) -> Usage {
    match which {
        Signing::Text => Usage::Text,
        Signing::Digest => Usage::Digest,
    }
}

fn describe(keys: &PublicKeys, mut line: impl FnMut(String)) {
    let body = keys.body();
    line(format!("title   {}", body.title.as_str()));
    line(format!("vault   {}", hex(&body.vault.0.0)));
    line(match body.mode {
        Mode::Real => "mode    real".to_owned(),
        Mode::Rehearsal => "mode    REHEARSAL: made for practice, protects nothing".to_owned(),
    });
    line(format!("cards   {} of {} open it", body.threshold, body.cards));
    for known in body.keys.as_slice() {
        line(format!("key     {}", known.key));
    }
}

fn entry(vault: &Vault) -> serde_json::Value {
    let body = vault.keys().body();
    json!({
        "vault": hex(&body.vault.0.0),
        "title": body.title.as_str(),
        "mode": body.mode.label(),
        "threshold": body.threshold,
        "cards": body.cards,
        "words": vault.keys().fingerprint().to_string(),
        "generation": vault.seen().generation,
        "keys": body.keys.as_slice().iter().map(|known| known.key.to_string()).collect::<Vec<_>>(),
    })
}

fn warn_of_namesakes(home: &Home, keys: &PublicKeys) -> Result<(), Error> {
    let body = keys.body();
    let same = |vault: &Vault| vault.title() == body.title.as_str() && vault.id() != body.vault;
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
