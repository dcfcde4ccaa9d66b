//! The root secret, and every key that derives from it.
//!
//! HKDF-SHA-384 (RFC 5869): Extract with salt `cloison/v1`, Expand with info
//! `cloison/v1/<mode>/<usage>/<algorithm>/<number>`. Each key has its own label, so keys of
//! different usage or algorithm share no material.

use cloison_protocol::{Algorithm, KeyRef, Mode, Usage, VaultId, bounded::Fixed, secret::Secret};
use hkdf::Hkdf;
use p384::{
    NonZeroScalar, SecretKey,
    elliptic_curve::bigint::{NonZero, U384, U576},
};
use sha2::Sha384;
use zeroize::{Zeroize, Zeroizing};

const SALT: &[u8] = b"cloison/v1";
/// n − 1, where n is the order of P-384 (SP 800-186 §3.2.1.4).
const ORDER_LESS_ONE: U576 = U576::from_be_hex(
    "000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52972",
);

/// The 32-byte root secret of a vault: the one thing that is split.
///
/// # Invariants
/// It lives from generation or recombination until the keys that are needed were derived.
pub struct Root(Secret<32>);

impl Root {
    /// Takes the bytes that entropy or recombination gave.
    #[must_use]
    pub(crate) fn new(bytes: Secret<32>) -> Self {
        Self(bytes)
    }

    pub(crate) fn expose_for_split(&self) -> &[u8; 32] {
        self.0.expose()
    }

    pub(crate) fn vault_id(&self, mode: Mode) -> Option<VaultId> {
        vault_id(self, mode)
    }
}

/// Computes a vault's id: 16 bytes expanded under their own label, a commitment to the root.
#[must_use]
pub fn vault_id(root: &Root, mode: Mode) -> Option<VaultId> {
    let id = expand::<16>(root, format!("cloison/v1/{}/vault-id", mode.label()).as_bytes())?;
    Some(VaultId(Fixed(*id.expose())))
}

fn expand<const N: usize>(root: &Root, info: &[u8]) -> Option<Secret<N>> {
    let hkdf = Hkdf::<Sha384>::new(Some(SALT), root.0.expose());
    let mut result = Ok(());
    let secret = Secret::filled(|bytes: &mut [u8; N]| result = hkdf.expand(info, bytes));
    result.ok().map(|()| secret)
}

fn label(mode: Mode, key: KeyRef) -> Vec<u8> {
    format!("cloison/v1/{}/{key}", mode.label()).into_bytes()
}

/// Derives a P-384 private key: d = (c mod (n − 1)) + 1, with c 72 derived bytes, big-endian
/// (FIPS 186-5 A.2.1).
#[must_use]
pub fn classical_scalar(root: &Root, mode: Mode, usage: Usage, number: u16) -> Option<SecretKey> {
    let key = KeyRef { usage, algorithm: Algorithm::P384, number };
    scalar(&expand::<72>(root, &label(mode, key))?)
}

/// Derives the 32-byte seed of an MLKEM1024-P384 key.
#[must_use]
pub fn hybrid_seed(root: &Root, mode: Mode, usage: Usage, number: u16) -> Option<Secret<32>> {
    expand(root, &label(mode, KeyRef { usage, algorithm: Algorithm::MlKem1024P384, number }))
}

/// Derives the 48-byte key that authenticates the store.
#[must_use]
pub fn store_key(root: &Root, mode: Mode) -> Option<Secret<48>> {
    expand(root, &label(mode, KeyRef { usage: Usage::Store, algorithm: Algorithm::HmacSha384, number: 0 }))
}

/// The two keys that protect what is stored.
pub(crate) struct StoreKeys {
    /// Authenticates the whole state.
    pub(crate) mac: Secret<48>,
    /// Encrypts what is confidential in it, and backups.
    pub(crate) cipher: Secret<32>,
}

impl StoreKeys {
    pub(crate) fn derive(root: &Root, mode: Mode) -> Option<Self> {
        Some(Self { mac: store_key(root, mode)?, cipher: store_cipher_key(root, mode)? })
    }
}

/// Derives the 32-byte key that encrypts what is confidential in the store, and backups.
#[must_use]
pub fn store_cipher_key(root: &Root, mode: Mode) -> Option<Secret<32>> {
    expand(root, &label(mode, KeyRef { usage: Usage::Store, algorithm: Algorithm::XChaCha20Poly1305, number: 0 }))
}

fn scalar(derived: &Secret<72>) -> Option<SecretKey> {
    let modulus = NonZero::new(ORDER_LESS_ONE).into_option()?;
    let mut c = U576::from_be_slice(derived.expose());
    let mut d: U384 = c.rem(&modulus).resize();
    d = d.wrapping_add(&U384::ONE);
    let mut bytes = Zeroizing::new([0; 48]);
    bytes.copy_from_slice(d.to_be_bytes().as_ref());
    c.zeroize();
    d.zeroize();
    let scalar: Option<NonZeroScalar> = NonZeroScalar::try_from(bytes.as_slice()).ok();
    scalar.map(SecretKey::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: [u8; 72]) -> Vec<u8> {
        scalar(&Secret::copied(&bytes).unwrap()).unwrap().to_bytes().to_vec()
    }
    fn ending(bytes: &[u8]) -> [u8; 72] {
        let mut whole = [0; 72];
        whole[72 - bytes.len()..].copy_from_slice(bytes);
        whole
    }

    #[test]
    fn the_reduction_is_modulo_n_less_one_and_never_gives_zero() {
        let n_less_one: [u8; 72] = ORDER_LESS_ONE.to_be_bytes().as_ref().try_into().unwrap();
        assert_eq!(of([0; 72])[47], 1, "c = 0 gives 1");
        assert_eq!(of(n_less_one)[47], 1, "c = n - 1 gives 1");
        let mut below = n_less_one;
        below[71] -= 1;
        assert_eq!(of(below), n_less_one[24..], "c = n - 2 gives n - 1, the largest scalar");
        assert_eq!(of(ending(&[5])), ending(&[6])[24..]);
    }

    #[test]
    fn every_label_gives_another_key() {
        let root = Root::new(Secret::copied(&[7; 32]).unwrap());
        let mut seen = std::collections::BTreeSet::new();
        for mode in [Mode::Real, Mode::Rehearsal] {
            for usage in [Usage::Text, Usage::Digest, Usage::Age, Usage::Identity] {
                for number in 0..3 {
                    assert!(seen.insert(classical_scalar(&root, mode, usage, number).unwrap().to_bytes().to_vec()));
                    assert!(seen.insert(hybrid_seed(&root, mode, usage, number).unwrap().expose().to_vec()));
                }
            }
            assert!(seen.insert(store_key(&root, mode).unwrap().expose().to_vec()));
            assert!(seen.insert(store_cipher_key(&root, mode).unwrap().expose().to_vec()));
            assert!(seen.insert(root.vault_id(mode).unwrap().0.0.to_vec()));
        }
    }
}
