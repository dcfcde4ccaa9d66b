//! How a workstation introduces itself to a vault.

use crate::{
    bounded::Line,
    fingerprint::{Fingerprint, digest},
    message::{Kind, MessageError},
    signature::{Point, Sign},
    wire,
};
use serde::{Deserialize, Serialize};

const LABEL: &str = "cloison/v1/enrolment";

/// Everything in an enrolment that its signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentBody {
    /// The person or desk that asks, as it will be shown at every request.
    pub name: Line<64>,
    /// The key that signs its requests, and this enrolment.
    pub key: Point,
}

/// An introduction whose signature by its own key is right.
///
/// # Invariants
/// Holding one tells that its maker holds the key. It does not tell who that is: the people who
/// compare the fingerprint's words on both screens do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    body: EnrolmentBody,
    bytes: Vec<u8>,
}

impl Enrolment {
    /// Signs an introduction.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn sign(body: EnrolmentBody, signer: &mut impl Sign) -> Result<Self, MessageError> {
        let bytes = wire::sign(Kind::Enrolment, LABEL, &body, signer)?;
        Ok(Self { body, bytes })
    }

    /// Reads and verifies an introduction.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let body = wire::verify(Kind::Enrolment, LABEL, bytes, |body: &EnrolmentBody| &body.key)?;
        Ok(Self { body, bytes: bytes.to_vec() })
    }

    /// Lends what it says.
    #[must_use]
    pub fn body(&self) -> &EnrolmentBody {
        &self.body
    }

    /// Lends the bytes that cross the gap.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the words to compare on both screens: over the name and the key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let name = self.body.name.as_str().as_bytes();
        let length = u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes();
        Fingerprint::of(&digest(&[LABEL.as_bytes(), &length, name, &self.body.key.to_bytes()]))
    }
}
