//! The public keys of a vault, as they are exported to workstations.

use crate::{
    bounded::{Bytes, Line, List},
    fingerprint::{Digest, Fingerprint, VaultId, digest},
    key::{KeyRef, Mode},
    message::{Kind, MessageError},
    request::Seen,
    signature::{Point, Sign},
    wire,
};
use serde::{Deserialize, Serialize};

const LABEL: &str = "cloison/v1/public-keys";

/// One public key of a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Names it.
    pub key: KeyRef,
    /// Whether a newer key follows it, so that nothing is encrypted to it any more.
    pub retired: bool,
    /// The most operations of one request.
    pub batch: u8,
    /// Whether records encrypted to it are only ever shown on the kiosk.
    pub view_only: bool,
    /// Whether records encrypted to it must declare what they are.
    pub declared_only: bool,
    /// P-384: 49 bytes, a compressed point. MLKEM1024-P384: 1665 bytes, ML-KEM-1024's
    /// encapsulation key then the uncompressed point.
    pub bytes: Bytes<2048>,
}

/// Everything in an export that its signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeysBody {
    /// The vault.
    pub vault: VaultId,
    /// Real, or a rehearsal.
    pub mode: Mode,
    /// The vault's title.
    pub title: Line<64>,
    /// Cards needed to open it.
    pub threshold: u8,
    /// Cards that exist.
    pub cards: u8,
    /// The key that signs all that the vault says, this export too.
    pub identity: Point,
    /// The vault's state when it was exported.
    pub state: Seen,
    /// The vault that this one follows, where it acknowledged one.
    pub predecessor: Option<VaultId>,
    /// The vault that follows this one; nothing is encrypted to this one any more.
    pub successor: Option<VaultId>,
    /// The keys.
    pub keys: List<PublicKey, 32>,
}

/// A vault's public keys, whose signature by the identity that they name is right.
///
/// # Invariants
/// Holding one does not tell that it comes from the vault in that room: the fingerprint's words,
/// compared on both screens, do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys {
    body: PublicKeysBody,
    bytes: Vec<u8>,
}

impl PublicKeys {
    /// Signs an export.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn sign(body: PublicKeysBody, identity: &mut impl Sign) -> Result<Self, MessageError> {
        let bytes = wire::sign(Kind::PublicKeys, LABEL, &body, identity)?;
        Ok(Self { body, bytes })
    }

    /// Reads and verifies an export.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let body = wire::verify(Kind::PublicKeys, LABEL, bytes, |body: &PublicKeysBody| &body.identity)?;
        Ok(Self { body, bytes: bytes.to_vec() })
    }

    /// Lends what it says.
    #[must_use]
    pub fn body(&self) -> &PublicKeysBody {
        &self.body
    }

    /// Lends the bytes that cross the gap.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Finds one key.
    #[must_use]
    pub fn find(&self, key: KeyRef) -> Option<&PublicKey> {
        self.body.keys.as_slice().iter().find(|known| known.key == key)
    }

    /// Gives the words to compare: over vault, mode, identity and every key, but not the state,
    /// so that they stay the same for the life of the keys.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.digest())
    }

    /// Gives the digest behind the words.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let body = &self.body;
        let mut parts: Vec<Vec<u8>> = vec![
            LABEL.as_bytes().to_vec(),
            body.vault.0.0.to_vec(),
            body.mode.label().as_bytes().to_vec(),
            vec![0],
            body.identity.to_bytes().to_vec(),
        ];
        for known in body.keys.as_slice() {
            let bytes = known.bytes.as_slice();
            parts.push(format!("{}\0", known.key).into_bytes());
            parts.push(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes().to_vec());
            parts.push(bytes.to_vec());
        }
        digest(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }
}
