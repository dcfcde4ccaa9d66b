//! The encrypted store, as it crosses the gap to be kept elsewhere.

use crate::{
    bounded::{Bytes, Fixed},
    fingerprint::{Digest, VaultId, digest},
    message::{Kind, MAX_MESSAGE, MessageError},
    wire,
};
use serde::{Deserialize, Serialize};

/// The longest encrypted store of a backup, in bytes.
pub const MAX_BACKUP: usize = MAX_MESSAGE - 1024;

/// Everything in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupBody {
    /// The vault.
    pub vault: VaultId,
    /// The store's generation.
    pub generation: u64,
    /// The nonce of the encryption.
    pub nonce: Fixed<24>,
    /// The store under XChaCha20-Poly1305, with vault and generation as associated data.
    pub store: Bytes<MAX_BACKUP>,
}

/// A backup, of which nothing can be verified without the vault's cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    body: BackupBody,
    bytes: Vec<u8>,
}

impl Backup {
    /// Writes a backup.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn new(body: BackupBody) -> Result<Self, MessageError> {
        let bytes = wire::encode(Kind::Backup, &body)?;
        Ok(Self { body, bytes })
    }

    /// Reads a backup.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let body = wire::decode(Kind::Backup, bytes)?;
        Ok(Self { body, bytes: bytes.to_vec() })
    }

    /// Lends what it says.
    #[must_use]
    pub fn body(&self) -> &BackupBody {
        &self.body
    }

    /// Lends the bytes that cross the gap.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives SHA-384 over its bytes, which the log names.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest(&[&self.bytes])
    }
}
