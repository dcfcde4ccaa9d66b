//! ECDSA over P-384 with SHA-384: the public half here, the private half injected.

use crate::bounded::Fixed;
use core::fmt;
use p384::ecdsa::{Signature as Ecdsa, VerifyingKey, signature::Verifier};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A point of P-384 that was checked to be one, 49 bytes compressed (SEC 1 §2.3.3).
#[derive(Clone, PartialEq, Eq)]
pub struct Point(VerifyingKey);

impl Point {
    /// Takes a compressed point.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 49]) -> Option<Self> {
        // Tag 05, a compact point, would be another spelling of the same one.
        let compressed = matches!(bytes.first(), Some(2 | 3));
        VerifyingKey::from_sec1_bytes(bytes).ok().filter(|_| compressed).map(Self)
    }

    /// Gives the 49 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 49] {
        let mut bytes = [0; 49];
        bytes.copy_from_slice(self.0.to_sec1_point(true).as_bytes());
        bytes
    }

    /// Lends the verifying key.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.0
    }

    /// Tells whether `signature` is this key's over SHA-384 of `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        Ecdsa::from_slice(&signature.0.0).is_ok_and(|ecdsa| self.0.verify(message, &ecdsa).is_ok())
    }
}

impl From<VerifyingKey> for Point {
    fn from(key: VerifyingKey) -> Self {
        Self(key)
    }
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Fixed(self.to_bytes()).fmt(f)
    }
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fixed(self.to_bytes()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Fixed::<49>::deserialize(deserializer)?;
        Self::from_bytes(&bytes.0).ok_or_else(|| de::Error::custom("not a point of P-384"))
    }
}

/// An ECDSA signature, r ‖ s, 96 bytes.
///
/// # Invariants
/// Its bytes are not an identity: (r, −s) verifies as well. Nothing here is named or remembered
/// by its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signature(pub Fixed<96>);

impl Signature {
    /// Gives the ASN.1 DER form that `openssl` reads (RFC 3279 §2.2.3), or `None` where r or s is
    /// not a scalar.
    #[must_use]
    pub fn to_der(&self) -> Option<Vec<u8>> {
        Some(Ecdsa::from_slice(&self.0.0).ok()?.to_der().as_bytes().to_vec())
    }

    /// Reads the ASN.1 DER form.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let ecdsa = Ecdsa::from_der(der).ok()?;
        Some(Self(Fixed(ecdsa.to_bytes().into())))
    }
}

/// Signs with a private key that lives elsewhere: in the vault, or in a workstation's identity.
pub trait Sign {
    /// Gives the public half.
    fn public(&self) -> Point;

    /// Signs SHA-384 of `message` with ECDSA.
    ///
    /// # Errors
    /// [`SignError`] when the signature could not be made or did not verify.
    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError>;
}

/// Says that a signature could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the signature could not be made, or did not verify after it was made. Try again; if it happens twice, stop using this machine"
)]
pub struct SignError;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use p384::ecdsa::{Signature as Ecdsa, SigningKey, signature::Signer as _};

    /// A signing key for tests.
    pub(crate) struct Signer(SigningKey);

    impl Signer {
        pub(crate) fn new(seed: u8) -> Self {
            Self(SigningKey::from_slice(&[seed; 48]).unwrap())
        }
    }

    impl Sign for Signer {
        fn public(&self) -> Point {
            Point::from(*self.0.verifying_key())
        }
        fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
            let signature: Ecdsa = self.0.sign(message);
            Ok(Signature(Fixed(signature.to_bytes().into())))
        }
    }
}
