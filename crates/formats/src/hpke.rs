//! HPKE base mode (RFC 9180) with the two KEMs that Cloison uses, HKDF-SHA384 and AES-256-GCM.

use ::hpke::{Deserializable, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha384};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

pub use ::hpke::Kem;

/// The hybrid KEM MLKEM1024-P384, id 0x0051 (draft-ietf-hpke-pq): keys and encapsulations of 1665 bytes.
pub type Hybrid = ::hpke::kem::MlKem1024P384;
/// DHKEM(P-384, HKDF-SHA384), id 0x0011 (RFC 9180 §7.1): keys and encapsulations of 97 bytes.
pub type Classical = ::hpke::kem::DhP384HkdfSha384;

/// An encapsulated key and a ciphertext with its tag.
pub struct Sealed {
    /// The encapsulated key.
    pub enc: Vec<u8>,
    /// The ciphertext with its 16-byte tag.
    pub ciphertext: Vec<u8>,
}

/// Tells whether bytes are a public key of `K`, as far as it can be told without the private one.
#[must_use]
pub fn is_key<K: Kem>(key: &[u8]) -> bool {
    K::PublicKey::from_bytes(key).is_ok()
}

/// Seals `plaintext` to the public key `key`; `None` where it is not a key of `K`.
pub fn seal<K: Kem>(key: &[u8], info: &[u8], plaintext: &[u8], rng: &mut impl CryptoRng) -> Option<Sealed> {
    let key = K::PublicKey::from_bytes(key).ok()?;
    let (enc, ciphertext) =
        ::hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha384, K>(&OpModeS::Base, &key, info, plaintext, b"", rng).ok()?;
    Some(Sealed { enc: enc.to_bytes().to_vec(), ciphertext })
}

/// Opens what [`seal`] sealed, or gives `None`.
pub fn open<K: Kem>(key: &K::PrivateKey, enc: &[u8], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let enc = K::EncappedKey::from_bytes(enc).ok()?;
    ::hpke::single_shot_open::<AesGcm256, HkdfSha384, K>(&OpModeR::Base, key, &enc, info, ciphertext, b"")
        .ok()
        .map(Zeroizing::new)
}
