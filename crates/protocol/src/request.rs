//! What a workstation asks of a vault.

use crate::{
    bounded::{Bytes, Fixed, Line, List, Prose},
    fingerprint::{Digest, VaultId, digest},
    key::KeyRef,
    message::{Kind, MessageError},
    signature::{Point, Sign},
    wire,
};
use core::fmt;
use serde::{Deserialize, Serialize};

const LABEL: &str = "cloison/v1/request";

/// The most operations that one request may hold; a vault's policy may allow fewer.
pub const MAX_OPERATIONS: usize = 100;

/// The most bytes of a record's encrypted content that is viewed on the kiosk.
pub const MAX_VIEWED: usize = 1 << 20;

/// Names a request; random, and used once for the life of a vault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub Fixed<16>);

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Says why something is asked, in the requester's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// The case or file number.
    pub case: Line<64>,
    /// Why it is needed.
    pub reason: Line<256>,
}

/// The newest state of the vault that the requester has seen, by which a rolled-back store is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The store's generation, 0 where none was seen.
    pub generation: u64,
    /// The head of the log at that generation.
    pub head: Digest,
}

/// One thing that the vault is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Operation {
    /// Unwrap the file key of an age file, of which this is the whole header through its MAC line.
    Unwrap(Bytes<16_384>),
    /// Sign a text that the kiosk shows whole.
    SignText(Prose<8_192>),
    /// Sign the digest of a file that the kiosk cannot show.
    SignDigest {
        /// SHA-384 of the file.
        digest: Digest,
        /// The file's name, as the requester gives it.
        name: Line<255>,
        /// The file's size in bytes, as the requester gives it.
        size: u64,
    },
    /// Show a record on the kiosk, and give nothing of it away.
    View {
        /// The whole header of the age file, through its MAC line.
        header: Bytes<16_384>,
        /// All of the age file after its header, at most [`MAX_VIEWED`].
        payload: Bytes<MAX_VIEWED>,
    },
}

/// Everything in a request that its signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestBody {
    /// The vault that is asked.
    pub vault: VaultId,
    /// The workstation's identity key, which signs the request.
    pub requester: Point,
    /// Names this request.
    pub id: RequestId,
    /// When it was made, in seconds since 1970 UTC: a claim, never a clock.
    pub made: u64,
    /// After when it must be refused, in seconds since 1970 UTC.
    pub expires: u64,
    /// Why it is made.
    pub purpose: Purpose,
    /// The key that is asked for.
    pub key: KeyRef,
    /// A one-time HPKE public key (KEM 0x0051) for the reply.
    pub reply_key: Fixed<1665>,
    /// The newest state of the vault that the requester has seen.
    pub seen: Seen,
    /// What is asked, in order; never empty.
    pub operations: List<Operation, MAX_OPERATIONS>,
}

/// A request whose signature is right.
///
/// # Invariants
/// Holding one tells that the owner of `body().requester` signed exactly this. It does not tell
/// who that is: the vault's enrolments do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    body: RequestBody,
    bytes: Vec<u8>,
    digest: Digest,
}

impl Request {
    /// Signs a request.
    ///
    /// # Errors
    /// [`MessageError`] where the signer fails, `operations` is empty, or the whole is too long.
    pub fn sign(body: RequestBody, signer: &mut impl Sign) -> Result<Self, MessageError> {
        if body.operations.as_slice().is_empty() {
            return Err(MessageError::Unencodable);
        }
        let bytes = wire::sign(Kind::Request, LABEL, &body, signer)?;
        let digest = digest_of(&bytes)?;
        Ok(Self { body, bytes, digest })
    }

    /// Reads and verifies a request.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let body: RequestBody = wire::verify(Kind::Request, LABEL, bytes, |body: &RequestBody| &body.requester)?;
        if body.operations.as_slice().is_empty() {
            return Err(MessageError::Malformed(Kind::Request));
        }
        Ok(Self { body, digest: digest_of(bytes)?, bytes: bytes.to_vec() })
    }

    /// Lends what is asked.
    #[must_use]
    pub fn body(&self) -> &RequestBody {
        &self.body
    }

    /// Lends the bytes that cross the gap.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives SHA-384 over the label and all that is signed, without the signature's malleable bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

fn digest_of(bytes: &[u8]) -> Result<Digest, MessageError> {
    let (unsigned, _) = wire::split(Kind::Request, bytes)?;
    Ok(digest(&[LABEL.as_bytes(), unsigned]))
}
