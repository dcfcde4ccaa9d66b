//! The public description of a vault, by which one card is checked alone.

use crate::{
    bounded::{Fixed, Line, List},
    fingerprint::{Digest, VaultId, digest},
    key::{KeyRef, Mode},
    message::{Kind, MessageError},
    policy::{Limits, Policy},
    signature::{Point, Sign},
    wire,
};
use serde::{Deserialize, Serialize};

const LABEL: &str = "cloison/v1/descriptor";
const COMMITMENT: &[u8] = b"cloison/v1/commitment";

/// A commitment to one share: SHA-384 over label, vault id, epoch, k, n, index and the share.
///
/// A share has 256 bits of entropy of its own, so the commitment hides it without a salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(pub Digest);

impl Commitment {
    /// Commits to the share at `index` of a k-of-n vault.
    #[must_use]
    pub fn to(vault: &VaultId, epoch: u16, threshold: u8, cards: u8, index: u8, share: &[u8; 32]) -> Self {
        Self(digest(&[COMMITMENT, &vault.0.0, &epoch.to_be_bytes(), &[threshold, cards, index], share]))
    }
}

/// Everything in a descriptor that its signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescriptorBody {
    /// The vault.
    pub vault: VaultId,
    /// Real, or a rehearsal.
    pub mode: Mode,
    /// Its title.
    pub title: Line<64>,
    /// Counts reshares, from 1.
    pub epoch: u16,
    /// Cards needed to open it: k, from 2.
    pub threshold: u8,
    /// Cards that exist: n, at most 16.
    pub cards: u8,
    /// One commitment a card, in the order of their indices.
    pub commitments: List<Commitment, 16>,
    /// The custodians' names, in the order of their cards.
    pub custodians: List<Line<64>, 16>,
    /// The key that signs all that the vault says, this descriptor too.
    pub identity: Point,
    /// The keys that exist, with what is allowed of each.
    pub keys: List<VaultKey, 32>,
    /// How long the vault stays open.
    pub limits: Limits,
    /// When the vault was made, in seconds since 1970 UTC.
    pub made: u64,
    /// When these cards were dealt, in seconds since 1970 UTC.
    pub dealt: u64,
    /// Random bytes from the ceremony, which make two descriptors of one vault differ.
    pub nonce: Fixed<16>,
}

/// One key of a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultKey {
    /// Names it.
    pub key: KeyRef,
    /// When it was made, in seconds since 1970 UTC.
    pub made: u64,
    /// Whether a newer key follows it: it opens what was encrypted to it, and does nothing else.
    pub retired: bool,
    /// How it may be used.
    pub policy: Policy,
}

/// A descriptor whose signature by the identity that it names is right.
///
/// # Invariants
/// Holding one does not tell that the root behind it is the right one: whoever recombines a root
/// compares its vault id and its identity with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    body: DescriptorBody,
    bytes: Vec<u8>,
}

impl Descriptor {
    /// Signs a descriptor.
    ///
    /// # Errors
    /// [`MessageError`], also where k, n and the lists disagree.
    pub fn sign(body: DescriptorBody, identity: &mut impl Sign) -> Result<Self, MessageError> {
        consistent(&body)?;
        let bytes = wire::sign(Kind::Descriptor, LABEL, &body, identity)?;
        Ok(Self { body, bytes })
    }

    /// Reads and verifies a descriptor.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let body = wire::verify(Kind::Descriptor, LABEL, bytes, |body: &DescriptorBody| &body.identity)?;
        consistent(&body)?;
        Ok(Self { body, bytes: bytes.to_vec() })
    }

    /// Lends what it says.
    #[must_use]
    pub fn body(&self) -> &DescriptorBody {
        &self.body
    }

    /// Finds one key.
    #[must_use]
    pub fn find(&self, key: KeyRef) -> Option<&VaultKey> {
        self.body.keys.as_slice().iter().find(|known| known.key == key)
    }

    /// Gives SHA-384 over its bytes, which the transcript names.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest(&[&self.bytes])
    }

    /// Lends its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Tells whether `share` is the one that this vault committed to at `index`.
    #[must_use]
    pub fn commits_to(&self, index: u8, share: &[u8; 32]) -> bool {
        let body = &self.body;
        let at = usize::from(index).checked_sub(1).and_then(|at| body.commitments.as_slice().get(at));
        at == Some(&Commitment::to(&body.vault, body.epoch, body.threshold, body.cards, index, share))
    }
}

fn consistent(body: &DescriptorBody) -> Result<(), MessageError> {
    let cards = usize::from(body.cards);
    let right = (2..=body.cards).contains(&body.threshold)
        && body.cards <= 16
        && body.epoch > 0
        && body.commitments.as_slice().len() == cards
        && body.custodians.as_slice().len() == cards
        && body.limits.possible()
        && distinct(body.keys.as_slice())
        && body.keys.as_slice().iter().all(|key| key.policy.check(key.key.usage, body.threshold, body.cards).is_ok());
    if right { Ok(()) } else { Err(MessageError::Malformed(Kind::Descriptor)) }
}

fn distinct(keys: &[VaultKey]) -> bool {
    keys.iter().enumerate().all(|(at, known)| keys[..at].iter().all(|other| other.key != known.key))
}
