//! Encrypting a file to a vault, as an ordinary age file with two stanzas of Cloison.

use crate::{
    args,
    error::Error,
    fields::{CLASS, RECORD},
    files::{self, Draft, FileError, Readers},
    home::Home,
    progress, random,
    screen::{note, shown, size},
    vaults::{self, Vault},
};
use age::EncryptError;
use age_core::{format::FileKey as AgeKey, secrecy::ExposeSecret};
use cloison_formats::age::{Declared, Recipient, RecipientError, Stanza, StanzaKind};
use cloison_protocol::{
    Algorithm, KeyRef, PublicKey, Usage,
    secret::{FileKey, Secret},
};
use rand_chacha::ChaCha20Rng;
use std::{
    cell::RefCell,
    collections::HashSet,
    ffi::OsStr,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use thiserror::Error;
use zeroize::Zeroizing;

/// The label by which age keeps post-quantum recipients apart from others (C2SP age).
const POST_QUANTUM: &str = "postquantum";

/// Encrypts one file.
///
/// # Errors
/// [`EncryptFailure`], [`FileError`]; then no output is left.
pub(crate) fn run(home: &Home, typed: &args::Encrypt) -> Result<(), Error> {
    let output = typed.output.clone().unwrap_or_else(|| beside(&typed.file));
    files::refuse_existing(&output, typed.force)?;
    files::refuse_itself(&typed.file, &output)?;
    home.refuse_own(&output)?;
    let vault = vaults::find_in_service(home, typed.to.as_deref())?;
    check_mode(&vault, typed.rehearsal)?;
    let (file, length) = files::open(&typed.file)?;
    if length == 0 {
        return Err(FileError::Empty(typed.file.clone()).into());
    }
    let key = choose_key(&vault, typed)?;
    let ours =
        ToVault { recipient: recipient(key)?, declared: declared(typed, length)?, rng: RefCell::new(random::generator()?) };
    let others = typed.recipients.iter().map(|text| ordinary(text)).collect::<Result<Vec<_>, _>>()?;
    let all = std::iter::once(&ours as &dyn age::Recipient).chain(others.iter().map(|other| other as &dyn age::Recipient));
    let encryptor = age::Encryptor::with_recipients(all).map_err(EncryptFailure::from)?;
    let bar = progress::bar("encrypting", &typed.file, length);
    write(encryptor, bar.wrap_read(file), length, typed, &output)?;
    note(format_args!("Encrypted {} to '{}' as {}.", size(length), vault.title(), shown(&output)));
    if key.view_only {
        note(format_args!("It is only ever shown on the kiosk, with `cloison view`: its key, {}, is view only.", key.key));
    }
    Ok(())
}

/// Copies everything through age into a draft, which takes its place only when it is complete.
fn write(encryptor: age::Encryptor, input: impl Read, length: u64, typed: &args::Encrypt, output: &Path) -> Result<(), Error> {
    let unwritable = |error: io::Error| FileError::unwritable(output, &error);
    let mut draft = Draft::for_file(output, Readers::Umask, typed.force)?;
    let mut writer = encryptor.wrap_output(BufWriter::new(&mut draft)).map_err(unwritable)?;
    // One byte more than was declared is enough to notice that the file grew.
    let (mut input, mut buffer, mut copied) = (input.take(length + 1), Zeroizing::new(vec![0; 64 << 10]), 0);
    loop {
        let read = input.read(&mut buffer).map_err(|error| FileError::unreadable(&typed.file, &error))?;
        if read == 0 {
            break;
        }
        writer.write_all(buffer.get(..read).unwrap_or_default()).map_err(unwritable)?;
        copied += read as u64;
    }
    if copied != length {
        return Err(EncryptFailure::Changed(typed.file.clone()).into());
    }
    writer.finish().and_then(|mut buffer| buffer.flush()).map_err(unwritable)?;
    Ok(draft.keep()?)
}

/// The vault as age's library sees it: two stanzas, and a label where the key is a hybrid.
struct ToVault {
    recipient: Recipient,
    declared: Declared,
    rng: RefCell<ChaCha20Rng>,
}

impl age::Recipient for ToVault {
    fn wrap_file_key(&self, file_key: &AgeKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let unusable = || EncryptError::Io(io::ErrorKind::InvalidInput.into());
        let key = Secret::copied(file_key.expose_secret()).map(FileKey).ok_or_else(unusable)?;
        let wrapped = self.recipient.wrap(&key, &mut *self.rng.borrow_mut()).map_err(|_| unusable())?;
        let record = self.declared.seal(&key).ok_or_else(unusable)?;
        let labels = match self.recipient.kind() {
            StanzaKind::Hybrid => HashSet::from([POST_QUANTUM.to_owned()]),
            StanzaKind::Classical => HashSet::new(),
        };
        Ok((vec![wrapped, record], labels))
    }
}

fn check_mode(vault: &Vault, rehearsal: bool) -> Result<(), EncryptFailure> {
    let title = || vault.title().to_owned();
    match (vault.is_rehearsal(), rehearsal) {
        (true, false) => Err(EncryptFailure::Rehearsal(title())),
        (false, true) => Err(EncryptFailure::Real(title())),
        (true, true) => {
            note(format_args!("REHEARSAL: '{}' was made for practice. This file is not protected.", vault.title()));
            Ok(())
        }
        (false, false) => Ok(()),
    }
}

/// Chooses the key that was named, or the newest of the kind that was asked for.
fn choose_key<'a>(vault: &'a Vault, typed: &args::Encrypt) -> Result<&'a PublicKey, Error> {
    if let Some(name) = &typed.key {
        return Ok(named(vault, name)?);
    }
    let algorithm = if typed.classical { Algorithm::P384 } else { Algorithm::MlKem1024P384 };
    let keys = vault.current(Usage::Age, algorithm)?;
    let fits = keys.iter().find(|known| known.view_only == typed.view_only).copied();
    match (fits, keys.first()) {
        (Some(known), _) => Ok(known),
        // Where there is nothing else, a key that gives less away is no surprise; one that gives
        // more would be.
        (None, Some(known)) if !typed.view_only => Ok(known),
        _ => Err(EncryptFailure::NotViewOnly { title: vault.title().to_owned(), algorithm: algorithm.label() }.into()),
    }
}

/// Finds the key that was named, where a record may be encrypted to it.
fn named<'a>(vault: &'a Vault, name: &str) -> Result<&'a PublicKey, EncryptFailure> {
    let all = vault.keys().body().keys.as_slice();
    let title = || vault.title().to_owned();
    match all.iter().find(|known| known.key.usage == Usage::Age && known.key.to_string() == name) {
        Some(known) if known.retired => Err(EncryptFailure::Retired { key: known.key, title: title() }),
        Some(known) => Ok(known),
        None => Err(EncryptFailure::NoSuchKey { key: name.to_owned(), title: title(), usable: usable(all) }),
    }
}

/// Names the keys to which a record may be encrypted.
fn usable(all: &[PublicKey]) -> String {
    let usable = all.iter().filter(|known| known.key.usage == Usage::Age && !known.retired);
    let names: Vec<_> = usable.map(|known| known.key.to_string()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn recipient(key: &PublicKey) -> Result<Recipient, EncryptFailure> {
    let bytes = key.bytes.as_slice();
    let made = match key.key.algorithm {
        Algorithm::P384 => Recipient::classical(bytes),
        _ => Recipient::hybrid(bytes),
    };
    made.map_err(EncryptFailure::Recipient)
}

fn ordinary(text: &str) -> Result<age::x25519::Recipient, EncryptFailure> {
    text.parse().map_err(|_| EncryptFailure::NotARecipient(text.to_owned()))
}

fn declared(typed: &args::Encrypt, size: u64) -> Result<Declared, Error> {
    let own = || typed.file.file_name().and_then(OsStr::to_str);
    let name = typed.record.as_deref().or_else(own).ok_or_else(|| EncryptFailure::Nameless(typed.file.clone()))?;
    Ok(Declared { record: RECORD.line(name)?, class: CLASS.line(&typed.class)?, size })
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".age");
    name.into()
}

/// Says why a file was not encrypted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum EncryptFailure {
    /// A practice vault.
    #[error(
        "'{0}' was made for a rehearsal, and its cards protect nothing. To practise, add --rehearsal; otherwise name the real vault with --to"
    )]
    Rehearsal(String),
    /// A real vault.
    #[error("'{0}' is a real vault, and --rehearsal was given. Leave it out, or name the rehearsal's vault with --to")]
    Real(String),
    /// A key that is not there.
    #[error("'{title}' has no key {key} for records. Those that it has are: {usable}; `cloison keys show` tells their policies")]
    NoSuchKey {
        /// The name that was given.
        key: String,
        /// The vault.
        title: String,
        /// The names that could be.
        usable: String,
    },
    /// A key that a newer one follows.
    #[error("{key} of '{title}' is retired, and nothing is encrypted to it any more. Leave out --key to take the newest")]
    Retired {
        /// The key.
        key: KeyRef,
        /// The vault.
        title: String,
    },
    /// No key shows records only.
    #[error(
        "'{title}' has no {algorithm} key whose records are only shown on the kiosk. Leave out --view-only, or ask the custodians \
         for such a key"
    )]
    NotViewOnly {
        /// The vault.
        title: String,
        /// The algorithm.
        algorithm: &'static str,
    },
    /// Hybrid and ordinary.
    #[error(
        "a post-quantum file cannot have an ordinary age recipient beside the vault, who would leave it without that \
         protection. Leave out --recipient, or add --classical if that is meant"
    )]
    Mixed,
    /// Another kind of text.
    #[error("'{0}' is not an age recipient. Give one that begins with age1 and that `age-keygen` printed")]
    NotARecipient(String),
    /// The vault's key.
    #[error(transparent)]
    Recipient(RecipientError),
    /// The file's name is no text.
    #[error("the name of {} is not UTF-8, so the kiosk cannot show it. Give the record a name with --record", shown(.0))]
    Nameless(PathBuf),
    /// The file did not stay as it was.
    #[error("{} changed while it was being encrypted. Wait until nobody writes to it, then encrypt it again", shown(.0))]
    Changed(PathBuf),
    /// age's library.
    #[error("the file could not be encrypted: {0}. Import the vault's public keys again; if it stays so, report it")]
    Age(EncryptError),
}

impl From<EncryptError> for EncryptFailure {
    fn from(error: EncryptError) -> Self {
        match error {
            EncryptError::IncompatibleRecipients { .. } => Self::Mixed,
            other => Self::Age(other),
        }
    }
}
