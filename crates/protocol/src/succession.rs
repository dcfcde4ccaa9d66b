//! One vault names the vault that follows it.
//!
//! The old vault signs this under its full quorum; the new one names the old in its public keys.
//! Both signatures together tell a workstation that knows the old vault to trust the new one.

use crate::{
    bounded::Line,
    fingerprint::{Digest, VaultId},
    key::Mode,
    message::{Kind, MessageError},
    public_keys::PublicKeys,
    signature::{Point, Sign},
    wire,
};
use serde::{Deserialize, Serialize};

const LABEL: &str = "cloison/v1/succession";

/// Everything in a succession that its signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessionBody {
    /// The vault that is followed.
    pub old: VaultId,
    /// Real, or a rehearsal; both vaults are the same.
    pub mode: Mode,
    /// The old vault's identity, which signs this.
    pub old_identity: Point,
    /// The vault that follows.
    pub new: VaultId,
    /// The title of the vault that follows.
    pub new_title: Line<64>,
    /// Its identity.
    pub new_identity: Point,
    /// The digest behind the words of its public keys.
    pub new_keys: Digest,
    /// When, in seconds since 1970 UTC by the old vault's clock.
    pub at: u64,
}

/// A succession whose signature by the old vault's identity is right.
///
/// # Invariants
/// Holding one tells nothing to somebody who does not know the old identity from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    body: SuccessionBody,
    bytes: Vec<u8>,
}

impl Succession {
    /// Signs a succession.
    ///
    /// # Errors
    /// [`MessageError`], also where a vault would follow itself.
    pub fn sign(body: SuccessionBody, identity: &mut impl Sign) -> Result<Self, MessageError> {
        different(&body)?;
        let bytes = wire::sign(Kind::Succession, LABEL, &body, identity)?;
        Ok(Self { body, bytes })
    }

    /// Reads and verifies a succession.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let body = wire::verify(Kind::Succession, LABEL, bytes, |body: &SuccessionBody| &body.old_identity)?;
        different(&body)?;
        Ok(Self { body, bytes: bytes.to_vec() })
    }

    /// Lends what it says.
    #[must_use]
    pub fn body(&self) -> &SuccessionBody {
        &self.body
    }

    /// Lends the bytes that cross the gap.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Tells whether these are the public keys of the vault that follows, and name the old vault
    /// in turn.
    #[must_use]
    pub fn leads_to(&self, new: &PublicKeys) -> bool {
        let (body, theirs) = (&self.body, new.body());
        theirs.vault == body.new
            && theirs.mode == body.mode
            && theirs.identity == body.new_identity
            && new.digest() == body.new_keys
            && theirs.predecessor == Some(body.old)
    }
}

fn different(body: &SuccessionBody) -> Result<(), MessageError> {
    if body.old == body.new { Err(MessageError::Malformed(Kind::Succession)) } else { Ok(()) }
}
