//! The `cloison-record` stanza: what the encryptor declares of the record.
//!
//! The custodians see it before they approve, marked as declared: it is bound to the file by the
//! header's MAC, and its truth is the encryptor's.

use super::Stanza;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::Aead};
use cloison_protocol::{bounded::Line, secret::FileKey};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha384;
use zeroize::Zeroizing;

/// The name of the record stanza.
pub const RECORD: &str = "cloison-record";
const INFO: &[u8] = b"cloison/v1/age/record";

/// What the encryptor says of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The record's name or number.
    pub record: Line<64>,
    /// Its class, as the organisation names its classes.
    pub class: Line<32>,
    /// The plaintext's size in bytes.
    pub size: u64,
}

impl Declared {
    /// Seals the declaration under a key derived from the file key, which is used for nothing
    /// else: ChaCha20-Poly1305 (RFC 8439) with a zero nonce.
    #[must_use]
    pub fn seal(&self, file_key: &FileKey) -> Option<Stanza> {
        let plaintext = postcard::to_allocvec(self).ok()?;
        let body = cipher(file_key)?.encrypt(&[0; 12].into(), plaintext.as_slice()).ok()?;
        Some(Stanza { tag: RECORD.to_owned(), args: Vec::new(), body })
    }

    /// Opens a declaration; `None` where it is not in the one form that [`Declared::seal`] writes.
    #[must_use]
    pub fn open(stanza: &Stanza, file_key: &FileKey) -> Option<Self> {
        if stanza.tag != RECORD || !stanza.args.is_empty() {
            return None;
        }
        let plaintext = cipher(file_key)?.decrypt(&[0; 12].into(), stanza.body.as_slice()).ok()?;
        let declared: Self = postcard::from_bytes(&plaintext).ok()?;
        (postcard::to_allocvec(&declared).ok()? == plaintext).then_some(declared)
    }
}

fn cipher(file_key: &FileKey) -> Option<ChaCha20Poly1305> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha384>::new(None, file_key.0.expose()).expand(INFO, key.as_mut_slice()).ok()?;
    ChaCha20Poly1305::new_from_slice(key.as_slice()).ok()
}
