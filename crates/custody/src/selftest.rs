//! Answers that are known beforehand, compared before a ceremony: a processor or a build that
//! computes wrongly is found before it makes a key.

use crate::{
    Passphrase,
    card::{open_with, seal_with},
    derive::{Root, StoreKeys, classical_scalar, vault_id},
    keys::{AgeKey, ForIdentity, Identity, SigningKey, public_part},
    split::{on_one_polynomial, recombine, split},
};
use cloison_formats::age::Decapsulate;
use cloison_formats::hpke::{self, Hybrid};
use cloison_protocol::{Algorithm, CardHeader, KeyRef, Mode, Sign, Usage, bounded::Fixed, digest, secret::Secret};
use rand_core::CryptoRng;
use thiserror::Error;

/// Says that the appliance computes wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the appliance's self-test {0} gave a wrong answer. Do not use this appliance; take another one")]
pub struct SelfTestFailed(pub u16);

/// Compares known answers and consistencies of everything that a ceremony computes with, and gives
/// how many there were. Takes about a quarter of a second, most of it in Argon2id.
///
/// # Errors
/// [`SelfTestFailed`] with the number of the first that is wrong.
pub fn self_test(rng: &mut impl CryptoRng) -> Result<u16, SelfTestFailed> {
    let tests: [fn(&mut dyn CryptoRng) -> Option<bool>; 7] = [hashes, derives, deals, seals, signs, decapsulates, stores];
    for (test, number) in tests.iter().zip(1..) {
        if test(rng) != Some(true) {
            return Err(SelfTestFailed(number));
        }
    }
    Ok(7)
}

fn root() -> Option<Root> {
    Secret::copied(&[0x42; 32]).map(Root::new)
}

/// SHA-384 of "abc" (FIPS 180-4, example).
fn hashes(_: &mut dyn CryptoRng) -> Option<bool> {
    Some(digest(&[b"abc"]).0[..8] == [0xcb, 0x00, 0x75, 0x3f, 0x45, 0xa3, 0x5e, 0x8b])
}

fn derives(_: &mut dyn CryptoRng) -> Option<bool> {
    let root = root()?;
    let scalar = digest(&[&classical_scalar(&root, Mode::Real, Usage::Text, 0)?.to_bytes()]);
    Some(vault_id(&root, Mode::Real)?.0.0 == VAULT && scalar.0[..8] == SCALAR)
}

fn deals(rng: &mut dyn CryptoRng) -> Option<bool> {
    let root = root()?;
    let shares = split(&root, 3, 5, &mut &mut *rng)?;
    let again = recombine(&shares[2..], 3)?;
    Some(on_one_polynomial(&shares, 3, &root) && again.expose_for_split() == root.expose_for_split())
}

fn seals(rng: &mut dyn CryptoRng) -> Option<bool> {
    let mut salt = [0; 16];
    rng.fill_bytes(&mut salt);
    let header = CardHeader {
        vault: Fixed([1; 6]),
        epoch: 1,
        threshold: 2,
        cards: 2,
        index: 1,
        mode: Mode::Rehearsal,
        profile: crate::card::PROFILE,
        salt: Fixed(salt),
    };
    let passphrase = Passphrase::typed("self-test").ok()?;
    let share = Secret::copied(&[7; 32])?;
    let card = seal_with(header, &share, &passphrase)?;
    let wrong = Passphrase::typed("self-tests").ok()?;
    Some(open_with(&card, &passphrase)?.expose() == share.expose() && open_with(&card, &wrong).is_none())
}

fn signs(rng: &mut dyn CryptoRng) -> Option<bool> {
    let key = SigningKey::<ForIdentity>::derive(&root()?, Mode::Rehearsal, 0)?;
    let mut rng = rng;
    let mut identity = Identity { key: &key, rng: &mut rng };
    let signature = identity.sign(b"self-test").ok()?;
    let public = key.public();
    Some(public.verifies(b"self-test", &signature) && !public.verifies(b"self-tests", &signature))
}

fn decapsulates(rng: &mut dyn CryptoRng) -> Option<bool> {
    let (root, mode) = (root()?, Mode::Rehearsal);
    let name = KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 };
    let key = AgeKey::derive(&root, mode, name.algorithm, name.number)?;
    let mut rng = rng;
    let sealed = hpke::seal::<Hybrid>(&public_part(&root, mode, name)?, b"self-test", b"a file key", &mut rng)?;
    let opened = key.open(&sealed.enc, b"self-test", &sealed.ciphertext)?;
    Some(opened.as_slice() == b"a file key" && key.open(&sealed.enc, b"other", &sealed.ciphertext).is_none())
}

fn stores(_: &mut dyn CryptoRng) -> Option<bool> {
    let keys = StoreKeys::derive(&root()?, Mode::Rehearsal)?;
    let sealed = crate::sealed::seal_cases(&[], 1, &keys)?;
    Some(crate::sealed::open_cases(&sealed, 1, &keys)?.is_empty() && crate::sealed::open_cases(&sealed, 2, &keys).is_none())
}

/// The vault id of 32 bytes `42`, and the first bytes of the digest of its first text key, as
/// another implementation computes them.
const VAULT: [u8; 16] = [0x2f, 0x40, 0x01, 0x21, 0xf3, 0xf5, 0x5b, 0xf8, 0xf9, 0xb4, 0xc6, 0x88, 0xd5, 0x2b, 0xbc, 0x4e];
const SCALAR: [u8; 8] = [0xb6, 0x4c, 0xcb, 0x4a, 0x55, 0xcd, 0x76, 0x58];

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn this_machine_computes_rightly() {
        assert_eq!(self_test(&mut ChaCha20Rng::from_seed([1; 32])), Ok(7));
    }
}
