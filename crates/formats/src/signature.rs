//! Detached signatures as other tools read them: DER, beside a public key in PEM.

use cloison_protocol::Point;
use p384::{PublicKey, pkcs8::EncodePublicKey};

/// Writes a public key as SubjectPublicKeyInfo in PEM (RFC 5480, RFC 7468), for `openssl` and others.
#[must_use]
pub fn public_pem(key: &Point) -> Option<String> {
    PublicKey::from(key.verifying_key()).to_public_key_pem(p384::pkcs8::LineEnding::LF).ok()
}

/// Gives the 97 uncompressed bytes of a point (SEC 1 §2.3.3), as HPKE's keys are written.
#[must_use]
pub fn uncompressed(key: &Point) -> [u8; 97] {
    let mut bytes = [0; 97];
    bytes.copy_from_slice(key.verifying_key().to_sec1_point(false).as_bytes());
    bytes
}
