//! The key by which vaults know this workstation: made once, signs every request.

use crate::{
    error::Error,
    fields::NAME,
    files::{self, Draft, FileError, Readers},
    home::Home,
    random,
    screen::{note, say, shown},
};
use cloison_protocol::{Enrolment, EnrolmentBody, Point, Sign, SignError, Signature, bounded::Fixed};
use p384::{
    ecdsa::{Signature as Ecdsa, SigningKey, signature::RandomizedSigner},
    elliptic_curve::Generate,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
};
use rand_chacha::ChaCha20Rng;
use std::{io::Write, path::Path};
use thiserror::Error;

const MAX_KEY_FILE: u64 = 4096;
const MAX_ENROLMENT: u64 = 4096;

/// This workstation's signing key and what it says of itself.
///
/// # Invariants
/// The enrolment is signed by this very key. The key is wiped on drop.
pub(crate) struct Identity {
    key: SigningKey,
    rng: ChaCha20Rng,
}

impl Identity {
    /// Reads the key that `cloison identity new` made.
    ///
    /// # Errors
    /// [`IdentityError::None`] where there is none, [`FileError`] where it is damaged or exposed.
    pub(crate) fn load(home: &Home) -> Result<Self, Error> {
        let path = home.identity_key();
        let pem = files::read_secret(&path, MAX_KEY_FILE).map_err(|error| match error {
            FileError::Missing(_) => Error::from(IdentityError::None),
            other => other.into(),
        })?;
        let text = str::from_utf8(&pem).map_err(|_| FileError::Damaged(path.clone()))?;
        let key = SigningKey::from_pkcs8_pem(text).map_err(|_| FileError::Damaged(path))?;
        Ok(Self { key, rng: random::generator()? })
    }
}

impl Sign for Identity {
    fn public(&self) -> Point {
        Point::from(*self.key.verifying_key())
    }

    /// Hedged as RFC 6979 §3.6 allows: a fault or a weak generator alone gives nothing away.
    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        let ecdsa: Ecdsa = self.key.try_sign_with_rng(&mut self.rng, message).map_err(|_| SignError)?;
        let signature = Signature(Fixed(ecdsa.to_bytes().into()));
        if self.public().verifies(message, &signature) { Ok(signature) } else { Err(SignError) }
    }
}

/// Makes the key and its enrolment.
///
/// # Errors
/// [`IdentityError::Exists`] where there is one, unless `force`; [`FileError`]. Then nothing changed.
pub(crate) fn new(home: &Home, name: &str, output: &Path, force: bool) -> Result<(), Error> {
    if !force && home.identity_key().symlink_metadata().is_ok() {
        return Err(IdentityError::Exists.into());
    }
    home.refuse_own(output)?;
    let name = NAME.line(name)?;
    let mut rng = random::generator()?;
    let mut identity = Identity { key: SigningKey::generate_from_rng(&mut rng), rng };
    let enrolment = Enrolment::sign(EnrolmentBody { name, key: identity.public() }, &mut identity)?;
    store(home, &identity, &enrolment, output, force)?;
    describe(&enrolment)?;
    note(format_args!(
        "The enrolment is in {0}. Show it to the kiosk with `cloison qr show {0}`, and compare these words there.",
        shown(output)
    ));
    Ok(())
}

/// Shows the identity, and writes its enrolment if asked.
///
/// # Errors
/// [`IdentityError::None`], [`FileError`].
pub(crate) fn show(home: &Home, output: Option<&Path>, force: bool) -> Result<(), Error> {
    let identity = Identity::load(home)?;
    let path = home.enrolment();
    let enrolment = Enrolment::decode(&files::read(&path, MAX_ENROLMENT)?)?;
    if enrolment.body().key != identity.public() {
        return Err(FileError::Damaged(path).into());
    }
    if let Some(output) = output {
        home.refuse_own(output)?;
        files::write(output, enrolment.as_bytes(), Readers::Umask, force)?;
    }
    Ok(describe(&enrolment)?)
}

/// Keeps the key last: an identity that is replaced is gone, and all else must have worked by then.
fn store(home: &Home, identity: &Identity, enrolment: &Enrolment, output: &Path, force: bool) -> Result<(), Error> {
    let pem = identity.key.to_pkcs8_pem(LineEnding::LF).map_err(|_| SignError)?;
    let handed_out = draft(output, enrolment.as_bytes(), Readers::Umask, force)?;
    home.make()?;
    let key = draft(&home.identity_key(), pem.as_bytes(), Readers::Owner, force).map_err(|error| match error {
        FileError::Exists(_) => Error::from(IdentityError::Exists),
        other => other.into(),
    })?;
    // Without a key beside it an enrolment is of no use, so an old one is always replaced.
    let own = draft(&home.enrolment(), enrolment.as_bytes(), Readers::Umask, true)?;
    handed_out.keep()?;
    key.keep()?;
    Ok(own.keep()?)
}

fn draft(path: &Path, bytes: &[u8], readers: Readers, force: bool) -> Result<Draft, FileError> {
    let mut draft = Draft::for_file(path, readers, force)?;
    draft.write_all(bytes).map_err(|error| FileError::unwritable(path, &error))?;
    Ok(draft)
}

fn describe(enrolment: &Enrolment) -> Result<(), FileError> {
    say(format_args!("name   {}", enrolment.body().name.as_str()))?;
    say(format_args!("words  {}", enrolment.fingerprint()))
}

/// Says what is wrong with an identity.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum IdentityError {
    /// There is none.
    #[error("this workstation has no identity yet. Make one with `cloison identity new --name NAME`")]
    None,
    /// There is one.
    #[error("this workstation already has an identity. Show it with `cloison identity show`")]
    Exists,
}
