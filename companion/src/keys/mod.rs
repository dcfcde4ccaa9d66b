//! Taking in and showing the public keys of vaults.

mod import;

use crate::{
    args::Signing,
    error::Error,
    home::Home,
    screen::{hex, note, say},
    vaults::{self, Known, Vault},
};
use cloison_formats::signature::public_pem;
use cloison_protocol::{Algorithm, Mode, PublicKey, PublicKeys, Usage, VaultId};
use serde_json::json;

pub(crate) use import::{ImportError, import};

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
        let followed = vault.successor().map(|successor| format!("  followed by {successor}")).unwrap_or_default();
        let body = vault.keys().body();
        say(format_args!("{}  {}  {} of {}{rehearsal}{followed}", vault.id(), vault.title(), body.threshold, body.cards))?;
    }
    damaged.map_or(Ok(()), Err)
}

/// Shows one vault, or one of its signing keys as PEM.
///
/// # Errors
/// There is no such vault or key.
pub(crate) fn show(home: &Home, wanted: Option<&str>, pem: Option<Signing>, as_json: bool) -> Result<(), Error> {
    let vault = vaults::find(home, wanted)?;
    if let Some(which) = pem {
        return print_pem(&vault, which);
    }
    if as_json {
        return Ok(say(entry(&vault))?);
    }
    let mut lines = Vec::new();
    describe(vault.keys(), |line| lines.push(line));
    if let Some(successor) = vault.successor() {
        lines.push(format!("next    followed by {}", called(home, successor)));
    }
    if let Some(predecessor) = vault.keys().body().predecessor {
        lines.push(format!("before  follows {}", called(home, predecessor)));
    }
    lines.push(format!("seen    generation {}", vault.seen().generation));
    lines.push(format!("words   {}", vault.keys().fingerprint()));
    Ok(lines.iter().try_for_each(say)?)
}

/// Names another vault by its whole id, and by its title where it is known.
fn called(home: &Home, id: VaultId) -> String {
    let title = vaults::with_id(home, id).map(|vault| format!(" ('{}')", vault.title()));
    hex(&id.0.0) + &title.unwrap_or_else(|_| " (not known here)".to_owned())
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
        line(format!("key     {}  {}", known.key, policy(known)));
    }
}

/// Says what the vault's policy was of one key when it was exported.
fn policy(known: &PublicKey) -> String {
    let mut words = vec![format!("{} at once", known.batch)];
    let rules = [(known.view_only, "view only"), (known.declared_only, "declared only"), (known.retired, "RETIRED")];
    words.extend(rules.iter().filter(|(holds, _)| *holds).map(|(_, words)| (*words).to_owned()));
    words.join(", ")
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
        "predecessor": body.predecessor.map(|id| hex(&id.0.0)),
        "successor": vault.successor().map(|id| hex(&id.0.0)),
        "keys": body.keys.as_slice().iter().map(key_entry).collect::<Vec<_>>(),
    })
}

fn key_entry(known: &PublicKey) -> serde_json::Value {
    json!({
        "key": known.key.to_string(),
        "batch": known.batch,
        "view_only": known.view_only,
        "declared_only": known.declared_only,
        "retired": known.retired,
    })
}
