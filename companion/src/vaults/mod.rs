//! The vaults that this workstation knows: their public keys, and the newest state seen of each.
//!
//! Every reply and every export tells the vault's state. A state older than one that was seen, or
//! another one of the same age, means that the vault's store was rolled back or copied.

mod error;
mod import;
mod state;

use crate::{
    error::Error,
    files::{self, FileError},
    home::Home,
    screen::hex,
};
use cloison_protocol::{Algorithm, KeyRef, Mode, Point, PublicKey, PublicKeys, Seen, Succession, Usage, VaultId};
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) use error::{Alarm, VaultError};
pub(crate) use import::{Because, SuccessionError, check_import, follow, import};

/// The longest export of public keys.
pub(crate) const MAX_KEYS: u64 = 128 << 10;
/// The longest file that is looked at for a succession, so that another message is told by its kind.
pub(crate) const MAX_SUCCESSION: u64 = MAX_KEYS;

/// One imported vault.
///
/// # Invariants
/// Somebody compared its words with the kiosk's when it was imported, or a vault of which that is
/// true signed that this one follows it.
pub(crate) struct Vault {
    keys: PublicKeys,
    seen: Seen,
    /// What it signed of the vault that follows it, where that was imported here.
    succession: Option<Succession>,
    folder: PathBuf,
}

impl Vault {
    /// Lends the vault's export.
    pub(crate) fn keys(&self) -> &PublicKeys {
        &self.keys
    }

    /// Gives the vault's id.
    pub(crate) fn id(&self) -> VaultId {
        self.keys.body().vault
    }

    /// Lends the vault's title.
    pub(crate) fn title(&self) -> &str {
        self.keys.body().title.as_str()
    }

    /// Tells whether the vault was made for practice.
    pub(crate) fn is_rehearsal(&self) -> bool {
        self.keys.body().mode == Mode::Rehearsal
    }

    /// Gives the newest state that was seen.
    pub(crate) fn seen(&self) -> Seen {
        self.seen
    }

    /// Lists the keys of one usage and algorithm, the newest first.
    pub(crate) fn of(&self, usage: Usage, algorithm: Algorithm) -> Vec<&PublicKey> {
        let all = self.keys.body().keys.as_slice();
        let mut keys: Vec<_> = all.iter().filter(|known| known.key.usage == usage && known.key.algorithm == algorithm).collect();
        keys.sort_by_key(|known| std::cmp::Reverse(known.key.number));
        keys
    }

    /// Lists the keys of one usage and algorithm that are not retired, the newest first.
    ///
    /// # Errors
    /// [`VaultError::NoKey`], [`VaultError::AllRetired`].
    pub(crate) fn current(&self, usage: Usage, algorithm: Algorithm) -> Result<Vec<&PublicKey>, VaultError> {
        let (title, algorithm_label, usage_label) = (self.title().to_owned(), algorithm.label(), usage.label());
        let mut keys = self.of(usage, algorithm);
        if keys.is_empty() {
            return Err(VaultError::NoKey { title, usage: usage_label, algorithm: algorithm_label });
        }
        keys.retain(|known| !known.retired);
        if keys.is_empty() {
            return Err(VaultError::AllRetired { title, usage: usage_label, algorithm: algorithm_label });
        }
        Ok(keys)
    }

    /// Gives the newest key of one usage and algorithm that is not retired.
    ///
    /// # Errors
    /// Those of [`Vault::current`].
    pub(crate) fn newest(&self, usage: Usage, algorithm: Algorithm) -> Result<&PublicKey, VaultError> {
        let none = || VaultError::NoKey { title: self.title().to_owned(), usage: usage.label(), algorithm: algorithm.label() };
        self.current(usage, algorithm)?.first().copied().ok_or_else(none)
    }

    /// Names the vault that follows this one, as its export or a succession says.
    pub(crate) fn successor(&self) -> Option<VaultId> {
        self.keys.body().successor.or(self.succession.as_ref().map(|succession| succession.body().new))
    }

    /// Gives a signing key as a point.
    pub(crate) fn verifying(&self, key: KeyRef) -> Option<Point> {
        let bytes = self.keys.find(key)?.bytes.as_slice().try_into().ok()?;
        Point::from_bytes(bytes)
    }

    /// Takes note of the state in a reply to a request that was made when `asked` was the newest.
    ///
    /// A reply comes after all that its request knew of. It may come before what was seen since,
    /// when replies are read out of their order: then the newest state stays the newest, and the
    /// next request has the vault itself prove that it went through it.
    ///
    /// # Errors
    /// [`Alarm`]; then nothing is noted.
    pub(crate) fn observe(&mut self, home: &Home, state: Seen, asked: Seen) -> Result<(), Error> {
        // Another run may have noted a newer state since this vault was read.
        let _lock = home.lock()?;
        self.seen = state::seen(&self.folder, &self.keys)?;
        let title = self.title().to_owned();
        if [asked, self.seen].iter().any(|seen| seen.generation == state.generation && seen.head != state.head) {
            return Err(Alarm::Forked { title, generation: state.generation }.into());
        }
        if state.generation <= asked.generation {
            return Err(Alarm::WentBack { title, seen: asked.generation, found: state.generation }.into());
        }
        if state.generation > self.seen.generation {
            state::write(&self.folder, state)?;
            self.seen = state;
        }
        Ok(())
    }
}

/// The imported vaults, as far as they can be read.
#[derive(Default)]
pub(crate) struct Known {
    /// Those that are whole, in the order of their titles.
    pub(crate) vaults: Vec<Vault>,
    /// What is wrong with another one.
    pub(crate) damaged: Option<Error>,
}

/// Reads all imported vaults.
///
/// # Errors
/// [`FileError`] where their folder cannot be read.
pub(crate) fn all(home: &Home) -> Result<Known, Error> {
    let folder = home.vaults();
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Known::default()),
        Err(error) => return Err(FileError::unreadable(&folder, &error).into()),
    };
    let mut known = Known::default();
    for entry in entries {
        let path = entry.map_err(|error| FileError::unreadable(&folder, &error))?.path();
        if !is_vault(&path) {
            continue;
        }
        match load(path) {
            Ok(vault) => known.vaults.push(vault),
            Err(error) => known.damaged = Some(error),
        }
    }
    known.vaults.sort_by(|a, b| a.title().cmp(b.title()).then(a.id().cmp(&b.id())));
    Ok(known)
}

/// Finds the vault with this title or id, or the only one.
///
/// # Errors
/// [`VaultError`] where there is none, or more than one; a damaged one only where it may be meant.
pub(crate) fn find(home: &Home, wanted: Option<&str>) -> Result<Vault, Error> {
    Ok(only(candidates(home, wanted)?)?)
}

/// Finds the vault to which something new is encrypted, or which is to sign: where a vault and the
/// one that follows it may both be meant, it is the one that follows.
///
/// # Errors
/// Those of [`find`], and where only a vault that was followed may be meant.
pub(crate) fn find_in_service(home: &Home, wanted: Option<&str>) -> Result<Vault, Error> {
    let mut vaults = candidates(home, wanted)?;
    if vaults.iter().any(|vault| vault.successor().is_none()) {
        vaults.retain(|vault| vault.successor().is_none());
    }
    let vault = only(vaults)?;
    match vault.successor() {
        None => Ok(vault),
        Some(successor) => Err(followed(home, &vault, successor).into()),
    }
}

/// Lists the vaults that may be meant by this title or id, or all; never an empty list.
///
/// # Errors
/// [`VaultError`] where there is none; a damaged one only where it may be meant.
pub(crate) fn candidates(home: &Home, wanted: Option<&str>) -> Result<Vec<Vault>, Error> {
    let Known { mut vaults, damaged } = all(home)?;
    let Some(wanted) = wanted else {
        if let Some(error) = damaged {
            return Err(error);
        }
        return if vaults.is_empty() { Err(VaultError::NoneImported.into()) } else { Ok(vaults) };
    };
    if damaged.is_none() && vaults.is_empty() {
        return Err(VaultError::NoneImported.into());
    }
    vaults.retain(|vault| is_called(vault, wanted));
    if vaults.is_empty() {
        return Err(damaged.unwrap_or_else(|| VaultError::Unknown(wanted.to_owned()).into()));
    }
    Ok(vaults)
}

/// Says that more than one of these may be meant.
pub(crate) fn several(vaults: &[Vault]) -> VaultError {
    let titles = vaults.iter().map(|vault| format!("'{}' ({})", vault.title(), vault.id()));
    VaultError::Several(titles.collect::<Vec<_>>().join(", "))
}

fn only(mut vaults: Vec<Vault>) -> Result<Vault, VaultError> {
    if vaults.len() > 1 {
        return Err(several(&vaults));
    }
    vaults.pop().ok_or(VaultError::NoneImported)
}

fn followed(home: &Home, vault: &Vault, successor: VaultId) -> VaultError {
    let title = vault.title().to_owned();
    match with_id(home, successor) {
        Ok(newer) => VaultError::FollowedBy { title, newer: newer.title().to_owned(), id: successor },
        Err(_) => VaultError::Followed { title, successor },
    }
}

/// Finds the vault with exactly this id.
///
/// # Errors
/// [`VaultError::Unknown`].
pub(crate) fn with_id(home: &Home, id: VaultId) -> Result<Vault, Error> {
    let folder = folder_of(home, id);
    if is_vault(&folder) { load(folder) } else { Err(VaultError::Unknown(id.to_string()).into()) }
}

fn is_called(vault: &Vault, wanted: &str) -> bool {
    vault.title() == wanted || (wanted.len() >= 4 && hex(&vault.id().0.0).starts_with(&wanted.to_lowercase()))
}

fn folder_of(home: &Home, id: VaultId) -> PathBuf {
    home.vaults().join(hex(&id.0.0))
}

fn keys_file(folder: &Path) -> PathBuf {
    folder.join("keys.cloison")
}

/// Tells a vault's folder from one that an import left empty, or that strayed here.
fn is_vault(folder: &Path) -> bool {
    keys_file(folder).symlink_metadata().is_ok()
}

fn load(folder: PathBuf) -> Result<Vault, Error> {
    let path = keys_file(&folder);
    let bytes = files::read(&path, MAX_KEYS)?;
    let keys = PublicKeys::decode(&bytes).map_err(|_| FileError::Damaged(path.clone()))?;
    if folder.file_name().is_none_or(|name| *name != *hex(&keys.body().vault.0.0)) {
        return Err(FileError::Damaged(path).into());
    }
    let seen = state::seen(&folder, &keys)?;
    let succession = succession(&folder, &keys)?;
    Ok(Vault { keys, seen, succession, folder })
}

fn succession_file(folder: &Path) -> PathBuf {
    folder.join("succession.cloison")
}

/// Reads what this vault signed of the one that follows it; its signature is verified each time.
fn succession(folder: &Path, keys: &PublicKeys) -> Result<Option<Succession>, Error> {
    let path = succession_file(folder);
    let bytes = match files::read(&path, MAX_SUCCESSION) {
        Err(FileError::Missing(_)) => return Ok(None),
        read => read?,
    };
    let (succession, body) = (Succession::decode(&bytes), keys.body());
    let own = |found: &Succession| found.body().old == body.vault && found.body().old_identity == body.identity;
    Ok(Some(succession.ok().filter(own).ok_or(FileError::Damaged(path))?))
}
