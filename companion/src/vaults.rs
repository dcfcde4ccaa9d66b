//! The vaults that this workstation knows: their public keys, and the newest state seen of each.
//!
//! Every reply and every export tells the vault's state. A state older than one that was seen, or
//! another one of the same age, means that the vault's store was rolled back or copied.

use crate::{
    error::Error,
    files::{self, FileError, Readers},
    home::Home,
    screen::hex,
};
use cloison_protocol::{Algorithm, Digest, KeyRef, Mode, Point, PublicKey, PublicKeys, Seen, Usage, VaultId, bounded::Fixed};
use std::{
    fs,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// The longest export of public keys.
pub(crate) const MAX_KEYS: u64 = 128 << 10;
const MAX_STATE: u64 = 256;

/// One imported vault.
///
/// # Invariants
/// Somebody compared its words with the kiosk's when it was imported.
pub(crate) struct Vault {
    keys: PublicKeys,
    seen: Seen,
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

    /// Gives the newest key of one usage and algorithm.
    ///
    /// # Errors
    /// [`VaultError::NoKey`].
    pub(crate) fn newest(&self, usage: Usage, algorithm: Algorithm) -> Result<&PublicKey, VaultError> {
        let missing = || VaultError::NoKey { title: self.title().to_owned(), usage: usage.label(), algorithm: algorithm.label() };
        self.of(usage, algorithm).first().copied().ok_or_else(missing)
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
        self.seen = seen(&self.folder, &self.keys)?;
        let title = self.title().to_owned();
        if [asked, self.seen].iter().any(|seen| seen.generation == state.generation && seen.head != state.head) {
            return Err(Alarm::Forked { title, generation: state.generation }.into());
        }
        if state.generation <= asked.generation {
            return Err(Alarm::WentBack { title, seen: asked.generation, found: state.generation }.into());
        }
        if state.generation > self.seen.generation {
            write_state(&self.folder, state)?;
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
    let Known { mut vaults, mut damaged } = all(home)?;
    if wanted.is_none()
        && let Some(error) = damaged.take()
    {
        return Err(error);
    }
    if damaged.is_none() && vaults.is_empty() {
        return Err(VaultError::NoneImported.into());
    }
    if let Some(wanted) = wanted {
        vaults.retain(|vault| is_called(vault, wanted));
    }
    let titles = || vaults.iter().map(|vault| format!("'{}' ({})", vault.title(), vault.id())).collect::<Vec<_>>().join(", ");
    match (vaults.len(), wanted) {
        (0, Some(wanted)) if damaged.is_none() => Err(VaultError::Unknown(wanted.to_owned()).into()),
        (0, _) => Err(damaged.unwrap_or_else(|| VaultError::NoneImported.into())),
        (1, _) => vaults.pop().ok_or_else(|| VaultError::NoneImported.into()),
        _ => Err(VaultError::Several(titles()).into()),
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

/// Takes in a vault whose words were compared, or a newer export of one that is known.
///
/// # Errors
/// [`Alarm`] where the vault's identity is another one or its state forked.
pub(crate) fn import(home: &Home, keys: &PublicKeys) -> Result<(), Error> {
    let _lock = home.lock()?;
    check_import(home, keys)?;
    let folder = folder_of(home, keys.body().vault);
    let newest = keys.body().state;
    files::make_private_folder(&folder)?;
    files::write(&keys_file(&folder), keys.as_bytes(), Readers::Owner, true)?;
    Ok(write_state(&folder, newest)?)
}

/// Tells whether an export may be taken in, before anybody is asked for its words.
///
/// # Errors
/// Those of [`import`].
pub(crate) fn check_import(home: &Home, keys: &PublicKeys) -> Result<(), Error> {
    let body = keys.body();
    let folder = folder_of(home, body.vault);
    if !is_vault(&folder) {
        return Ok(());
    }
    let known = load(folder)?;
    let title = known.title().to_owned();
    if known.keys.body().identity != body.identity || known.keys.body().mode != body.mode {
        return Err(Alarm::OtherIdentity { title }.into());
    }
    if body.state.generation == known.seen.generation && body.state.head != known.seen.head {
        return Err(Alarm::Forked { title, generation: body.state.generation }.into());
    }
    // An old export is a file that lay about, not a vault that went back: no alarm.
    if body.state.generation < known.seen.generation {
        return Err(VaultError::OldExport { title, seen: known.seen.generation, found: body.state.generation }.into());
    }
    Ok(())
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
    let seen = seen(&folder, &keys)?;
    Ok(Vault { keys, seen, folder })
}

fn seen(folder: &Path, keys: &PublicKeys) -> Result<Seen, FileError> {
    match read_state(folder) {
        // An import that was cut off between its two files had seen what its export says.
        Err(FileError::Missing(_)) => Ok(keys.body().state),
        read => read,
    }
}

fn state_file(folder: &Path) -> PathBuf {
    folder.join("seen")
}

fn write_state(folder: &Path, state: Seen) -> Result<(), FileError> {
    let line = format!("{} {}\n", state.generation, hex(&state.head.0));
    files::write(&state_file(folder), line.as_bytes(), Readers::Owner, true)
}

fn read_state(folder: &Path) -> Result<Seen, FileError> {
    let path = state_file(folder);
    let bytes = files::read(&path, MAX_STATE)?;
    let parsed = str::from_utf8(&bytes)
        .ok()
        .and_then(|line| line.trim_end().split_once(' '))
        .and_then(|(generation, head)| Some(Seen { generation: generation.parse().ok()?, head: digest(head)? }));
    parsed.ok_or(FileError::Damaged(path))
}

fn digest(text: &str) -> Option<Digest> {
    let mut bytes = [0; 48];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    (text.len() == 96).then_some(Fixed(bytes))
}

/// Says why no vault, or no key of it, can be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum VaultError {
    /// Nothing was imported.
    #[error("no vault is known here yet. Import its public keys with `cloison keys import FILE`")]
    NoneImported,
    /// No such vault.
    #[error("no vault called '{0}' is known here. `cloison keys list` shows those that are")]
    Unknown(String),
    /// More than one.
    #[error("several vaults are meant by that: {0}. Name one by its title, or by its id where titles are alike")]
    Several(String),
    /// It has no such key.
    #[error("the vault '{title}' exported no {usage} key for {algorithm}. Ask its custodians for one, or choose another kind")]
    NoKey {
        /// The vault.
        title: String,
        /// The use.
        usage: &'static str,
        /// The algorithm.
        algorithm: &'static str,
    },
    /// An export made before what is known.
    #[error(
        "this export of '{title}' is of generation {found}, and generation {seen} was seen already. Export the keys again at the kiosk"
    )]
    OldExport {
        /// The vault.
        title: String,
        /// What was seen.
        seen: u64,
        /// What came.
        found: u64,
    },
}

/// Says that a vault is not what it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum Alarm {
    /// Its store is older than it was.
    #[error(
        "ALARM: '{title}' answers from generation {found}, and generation {seen} was seen before. Its store may have been \
         rolled back: use nothing from it and tell its custodians"
    )]
    WentBack {
        /// The vault.
        title: String,
        /// What was seen.
        seen: u64,
        /// What came.
        found: u64,
    },
    /// There are two of it.
    #[error(
        "ALARM: '{title}' shows two different logs at generation {generation}. Its store may have been copied and used twice: \
         use nothing from it and tell its custodians"
    )]
    Forked {
        /// The vault.
        title: String,
        /// Where they part.
        generation: u64,
    },
    /// Another key signs for it.
    #[error(
        "ALARM: these keys claim to be those of '{title}', but another identity signed them. Refuse them, and tell the \
         custodians that somebody may be posing as their vault"
    )]
    OtherIdentity {
        /// The vault.
        title: String,
    },
}
