//! Taking in public keys: the first time, as an update, after a restore, and after a succession.

use super::{Alarm, Vault, VaultError, folder_of, is_vault, keys_file, load, state, succession_file, with_id};
use crate::{
    error::Error,
    files::{self, Readers},
    home::Home,
};
use cloison_protocol::{PublicKeys, Seen, Succession, VaultId};
use thiserror::Error;

/// Says why an export is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Because {
    /// It is the first, or newer than what was seen.
    New,
    /// Somebody says that the vault was restored from a backup, and went back by that.
    Restored,
}

/// Takes in a vault whose words were compared, or a newer export of one that is known.
///
/// # Errors
/// [`Alarm`] where the vault's identity is another one or its state forked.
pub(crate) fn import(home: &Home, keys: &PublicKeys, because: Because) -> Result<(), Error> {
    let _lock = home.lock()?;
    check_import(home, keys, because)?;
    keep(home, keys)
}

/// Takes in a vault on the word of the one that it follows, and notes there that it was followed.
///
/// # Errors
/// [`SuccessionError`], [`Alarm`]; then nothing was taken in.
pub(crate) fn follow(home: &Home, keys: &PublicKeys, succession: &Succession) -> Result<Vault, Error> {
    let _lock = home.lock()?;
    let old = check_succession(home, keys, succession)?;
    check_import(home, keys, Because::New)?;
    keep(home, keys)?;
    // Last, so that a run that is cut off is only to be repeated.
    files::write(&succession_file(&old.folder), succession.as_bytes(), Readers::Owner, true)?;
    Ok(old)
}

fn keep(home: &Home, keys: &PublicKeys) -> Result<(), Error> {
    let folder = folder_of(home, keys.body().vault);
    files::make_private_folder(&folder)?;
    files::write(&keys_file(&folder), keys.as_bytes(), Readers::Owner, true)?;
    Ok(state::write(&folder, keys.body().state)?)
}

/// Tells whether an export may be taken in, before anybody is asked for its words; gives the state
/// that was seen where the vault is known.
///
/// # Errors
/// Those of [`import`].
pub(crate) fn check_import(home: &Home, keys: &PublicKeys, because: Because) -> Result<Option<Seen>, Error> {
    let body = keys.body();
    let folder = folder_of(home, body.vault);
    if !is_vault(&folder) {
        return match because {
            Because::New => Ok(None),
            Because::Restored => Err(VaultError::NotKnownBefore(body.title.as_str().to_owned()).into()),
        };
    }
    let known = load(folder)?;
    let (title, seen) = (known.title().to_owned(), known.seen);
    if known.keys.body().identity != body.identity || known.keys.body().mode != body.mode {
        return Err(Alarm::OtherIdentity { title }.into());
    }
    // An old export is a file that lay about, not a vault that went back: no alarm.
    let back = body.state.generation < seen.generation;
    let forked = body.state.generation == seen.generation && body.state.head != seen.head;
    match because {
        Because::Restored if !back && !forked => Err(VaultError::NotBack(title).into()),
        Because::New if forked => Err(Alarm::Forked { title, generation: seen.generation }.into()),
        Because::New if back => Err(VaultError::OldExport { title, seen: seen.generation, found: body.state.generation }.into()),
        _ => Ok(Some(seen)),
    }
}

/// Gives the vault that is followed, where its signature and that of the new vault agree.
fn check_succession(home: &Home, keys: &PublicKeys, succession: &Succession) -> Result<Vault, Error> {
    let (said, new) = (succession.body(), keys.body());
    let known = is_vault(&folder_of(home, said.old));
    let old = if known { with_id(home, said.old)? } else { return Err(SuccessionError::OldUnknown(said.old).into()) };
    let title = old.title().to_owned();
    if old.keys.body().identity != said.old_identity {
        return Err(Alarm::FalseSuccession { title }.into());
    }
    if let Some(known) = old.successor().filter(|known| *known != said.new) {
        return Err(Alarm::TwoSuccessors { title, known, found: said.new }.into());
    }
    if new.vault != said.new {
        return Err(SuccessionError::OtherVault { named: said.new, found: new.vault }.into());
    }
    if new.identity != said.new_identity {
        return Err(SuccessionError::OtherIdentity(title).into());
    }
    if said.mode != old.keys.body().mode || said.mode != new.mode {
        return Err(SuccessionError::OtherMode.into());
    }
    if new.predecessor != Some(said.old) {
        return Err(SuccessionError::NotAcknowledged(title).into());
    }
    // What is left are the keys themselves.
    if succession.leads_to(keys) { Ok(old) } else { Err(SuccessionError::OtherKeys(title).into()) }
}

/// Says why a succession does not lead to these keys.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum SuccessionError {
    /// Nobody here knows the old vault.
    #[error(
        "this succession comes from the vault {0}, which is not known here. Import these keys without --succession, with the \
         words that the kiosk shows"
    )]
    OldUnknown(VaultId),
    /// It names another vault.
    #[error(
        "this succession names the vault {named}, and these are the keys of {found}. Give the keys of the vault that follows"
    )]
    OtherVault {
        /// The one that it names.
        named: VaultId,
        /// The one whose keys came.
        found: VaultId,
    },
    /// The new vault's keys are signed by somebody else.
    #[error(
        "these keys are signed by another identity than the one that '{0}' named, and nothing was imported. Ask the custodians \
         who made them"
    )]
    OtherIdentity(String),
    /// Practice and reality.
    #[error(
        "a rehearsal's vault neither follows a real one nor is followed by one, and nothing was imported. Give the right files"
    )]
    OtherMode,
    /// The new vault does not name the old one.
    #[error(
        "the new vault does not say that it follows '{0}'. Export its public keys again after it acknowledged the succession, \
         or import them with the words that the kiosk shows"
    )]
    NotAcknowledged(String),
    /// The keys changed since.
    #[error(
        "these are not the keys that '{0}' signed for: keys were added since, or they were altered. Import them without \
         --succession, with the words that the kiosk shows"
    )]
    OtherKeys(String),
}
