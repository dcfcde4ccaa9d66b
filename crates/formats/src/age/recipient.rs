//! The two Cloison recipient stanzas.
//!
//! Built like age's standard tagged recipients: HPKE base mode, and a 4-byte tag by which the
//! right key is found without trying. The tag lets whoever knows the public key tell that a file
//! is for it; it tells nothing of two files to one who does not.
//!
//! `-> cloison-mlkem1024p384-v1 TAG ENC` and `-> cloison-p384-v1 TAG ENC`, each with a body of 32
//! bytes: the file key sealed, info = the stanza's name, no associated data.

use super::{Declared, Header, Stanza};
use crate::hpke::{self, Classical, Hybrid};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use cloison_protocol::secret::{FileKey, Secret};
use hkdf::HkdfExtract;
use p384::{PublicKey, elliptic_curve::sec1::ToSec1Point};
use rand_core::CryptoRng;
use sha2::{Digest, Sha384};
use thiserror::Error;
use zeroize::Zeroizing;

/// The name of the hybrid stanza.
pub const HYBRID: &str = "cloison-mlkem1024p384-v1";
/// The name of the classical stanza.
pub const CLASSICAL: &str = "cloison-p384-v1";
const POINT: usize = 97;
const BODY: usize = 32;

/// Tells the two stanzas apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StanzaKind {
    /// MLKEM1024-P384.
    Hybrid,
    /// P-384 alone.
    Classical,
}

impl StanzaKind {
    /// Gives the stanza's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hybrid => HYBRID,
            Self::Classical => CLASSICAL,
        }
    }

    fn enc_bytes(self) -> usize {
        match self {
            Self::Hybrid => 1665,
            Self::Classical => POINT,
        }
    }
}

/// A vault's public key, ready to wrap file keys.
#[derive(Clone)]
pub struct Recipient {
    kind: StanzaKind,
    key: Vec<u8>,
}

impl Recipient {
    /// Takes an MLKEM1024-P384 public key of 1665 bytes.
    ///
    /// # Errors
    /// [`RecipientError::NotAKey`].
    pub fn hybrid(key: &[u8]) -> Result<Self, RecipientError> {
        if !hpke::is_key::<Hybrid>(key) {
            return Err(RecipientError::NotAKey);
        }
        Ok(Self { kind: StanzaKind::Hybrid, key: key.to_vec() })
    }

    /// Takes a P-384 public key, compressed (49 bytes) or not (97).
    ///
    /// # Errors
    /// [`RecipientError::NotAKey`].
    pub fn classical(key: &[u8]) -> Result<Self, RecipientError> {
        if !matches!((key.first(), key.len()), (Some(2 | 3), 49) | (Some(4), 97)) {
            return Err(RecipientError::NotAKey);
        }
        let point = PublicKey::from_sec1_bytes(key).map_err(|_| RecipientError::NotAKey)?;
        Ok(Self { kind: StanzaKind::Classical, key: point.to_sec1_point(false).as_bytes().to_vec() })
    }

    /// Says which stanza it makes.
    #[must_use]
    pub fn kind(&self) -> StanzaKind {
        self.kind
    }

    /// Wraps a file key into a stanza.
    ///
    /// # Errors
    /// [`RecipientError::NotAKey`].
    pub fn wrap(&self, file_key: &FileKey, rng: &mut impl CryptoRng) -> Result<Stanza, RecipientError> {
        let (name, key) = (self.kind.name(), file_key.0.expose());
        let sealed = match self.kind {
            StanzaKind::Hybrid => hpke::seal::<Hybrid>(&self.key, name.as_bytes(), key, rng),
            StanzaKind::Classical => hpke::seal::<Classical>(&self.key, name.as_bytes(), key, rng),
        };
        let sealed = sealed.ok_or(RecipientError::NotAKey)?;
        let tag = self.point().map(|point| tag(name, &sealed.enc, &point)).ok_or(RecipientError::NotAKey)?;
        let args = vec![BASE64_STANDARD_NO_PAD.encode(tag), BASE64_STANDARD_NO_PAD.encode(&sealed.enc)];
        Ok(Stanza { tag: name.to_owned(), args, body: sealed.ciphertext })
    }

    fn point(&self) -> Option<[u8; POINT]> {
        self.key.last_chunk().copied()
    }
}

/// Says why a public key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecipientError {
    /// Not a key of its kind.
    #[error("this is not a public key of its kind. Import the vault's public keys again")]
    NotAKey,
}

/// Opens a stanza with a private key that lives elsewhere.
pub trait Decapsulate {
    /// Says which stanza the key opens.
    fn kind(&self) -> StanzaKind;
    /// Gives the uncompressed P-384 point of the public key, from which the stanza's tag is made.
    fn point(&self) -> [u8; POINT];
    /// Opens an HPKE ciphertext, or gives `None`.
    fn open(&self, enc: &[u8], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>>;
}

impl Header {
    /// Finds the stanza of this key, unwraps the file key, and verifies the header's MAC under it.
    ///
    /// # Errors
    /// [`UnwrapError`]; the appliance answers all of them with one reason code.
    pub fn unwrap_with(&self, key: &impl Decapsulate) -> Result<FileKey, UnwrapError> {
        let (kind, point) = (key.kind(), key.point());
        let mut found = self.stanzas().iter().filter_map(|stanza| enc_for(stanza, kind, &point).map(|enc| (enc, &stanza.body)));
        let (enc, body) = found.next().ok_or(UnwrapError::NotForThisKey)?;
        if found.next().is_some() {
            return Err(UnwrapError::Ambiguous);
        }
        let opened = key.open(&enc, kind.name().as_bytes(), body).ok_or(UnwrapError::Unopened)?;
        let file_key = Secret::copied(&opened).map(FileKey).ok_or(UnwrapError::Unopened)?;
        if self.is_bound_by(&file_key) { Ok(file_key) } else { Err(UnwrapError::HeaderAltered) }
    }

    /// Reads what the encryptor declared of the record, once the file key is known; `None` where
    /// nothing is declared.
    ///
    /// # Errors
    /// [`NotReadable`] where there are two declarations, or one that is not as Cloison writes it.
    pub fn declared(&self, file_key: &FileKey) -> Result<Option<Declared>, NotReadable> {
        let mut found = self.stanzas().iter().filter(|stanza| stanza.tag == super::RECORD);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(only), None) => Declared::open(only, file_key).map(Some).ok_or(NotReadable),
            (Some(_), Some(_)) => Err(NotReadable),
        }
    }
}

/// Gives the encapsulated key of a stanza that is for the key with this point.
fn enc_for(stanza: &Stanza, kind: StanzaKind, point: &[u8; POINT]) -> Option<Vec<u8>> {
    if stanza.tag != kind.name() || stanza.body.len() != BODY {
        return None;
    }
    let [claimed, enc] = stanza.args.as_slice() else { return None };
    let enc = BASE64_STANDARD_NO_PAD.decode(enc).ok().filter(|enc| enc.len() == kind.enc_bytes())?;
    let claimed = BASE64_STANDARD_NO_PAD.decode(claimed).ok()?;
    (claimed == tag(kind.name(), &enc, point)).then_some(enc)
}

/// HKDF-Extract with SHA-384 (RFC 5869): salt = the stanza's name, keying material = the
/// encapsulation's point ‖ the first 4 bytes of SHA-384 over the recipient's point; its first 4 bytes.
fn tag(name: &str, enc: &[u8], point: &[u8; POINT]) -> [u8; 4] {
    let mut extract = HkdfExtract::<Sha384>::new(Some(name.as_bytes()));
    extract.input_ikm(enc.last_chunk::<POINT>().map(<[u8; POINT]>::as_slice).unwrap_or_default());
    extract.input_ikm(&Sha384::digest(point)[..4]);
    let (prk, _) = extract.finalize();
    [prk[0], prk[1], prk[2], prk[3]]
}

/// Says that a record's declaration cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this record's declaration cannot be read, though its file key is right. Ask whoever encrypted it what it is")]
pub struct NotReadable;

/// Says why a file key could not be unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnwrapError {
    /// No stanza with this key's tag.
    #[error("this file is not encrypted to this key. Choose the key that it was encrypted to")]
    NotForThisKey,
    /// Two stanzas with this key's tag.
    #[error("this file names the same key twice, which no Cloison program writes. Do not trust where it came from")]
    Ambiguous,
    /// The stanza does not open.
    #[error("the file's key could not be unwrapped. The file was damaged or altered")]
    Unopened,
    /// The MAC is wrong.
    #[error("the file's header was altered after it was encrypted. Get the file again from where it came")]
    HeaderAltered,
}
