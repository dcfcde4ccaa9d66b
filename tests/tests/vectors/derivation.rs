//! Keys from the root, and the root from shares.

use crate::case::Case;
use cloison_custody::{
    Root,
    vectors::{Share, classical_scalar, hybrid_seed, recombine, share_at, store_cipher_key, store_key, vault_id},
};
use cloison_formats::hpke::{Hybrid, Kem};
use cloison_protocol::{Algorithm, KeyRef, Mode, Point, Usage, secret::Secret};
use hpke::{Deserializable, Serializable};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "scalar" => scalar(case),
        "hybrid-seed" => seed(case),
        "store-key" => {
            let (root, key) = named(case);
            assert_eq!(key, KeyRef { usage: Usage::Store, algorithm: Algorithm::HmacSha384, number: 0 });
            assert_eq!(store_key(&root, mode(case)).unwrap().expose(), &case.array("key"));
        }
        "store-cipher-key" => {
            let (root, key) = named(case);
            assert_eq!(key, KeyRef { usage: Usage::Store, algorithm: Algorithm::XChaCha20Poly1305, number: 0 });
            assert_eq!(store_cipher_key(&root, mode(case)).unwrap().expose(), &case.array("key"));
        }
        "vault-id" => {
            let id = vault_id(&root(case.array("root")), mode(case)).unwrap();
            assert_eq!(case.text("info"), format!("cloison/v1/{}/vault-id", mode(case).label()));
            assert_eq!(id.0.0, case.array("id"));
        }
        "every-subset" => every_subset(case),
        "recombine" => {
            let root = recombine(&shares(case), case.number("threshold")).unwrap();
            assert_same(&root, case);
        }
        "refuse" => assert!(recombine(&shares(case), case.number("threshold")).is_none(), "{}", case.name()),
        other => panic!("{}: no check {other}", case.name()),
    }
}

/// Makes a root: shares of the constant polynomial recombine to its value.
pub(crate) fn root(bytes: [u8; 32]) -> Root {
    let share = |index| Share::new(index, Secret::copied(&bytes).unwrap());
    recombine(&[share(1), share(2)], 2).unwrap()
}

pub(crate) fn mode(case: &Case) -> Mode {
    Mode::named(case.text("mode")).unwrap()
}

pub(crate) fn key_ref(case: &Case) -> KeyRef {
    KeyRef {
        usage: Usage::named(case.text("usage")).unwrap(),
        algorithm: Algorithm::named(case.text("algorithm")).unwrap(),
        number: case.number("number"),
    }
}

fn named(case: &Case) -> (Root, KeyRef) {
    let key = key_ref(case);
    assert_eq!(case.text("info"), format!("cloison/v1/{}/{key}", mode(case).label()));
    (root(case.array("root")), key)
}

fn scalar(case: &Case) {
    let (root, key) = named(case);
    assert_eq!(key.algorithm, Algorithm::P384);
    let secret = classical_scalar(&root, mode(case), key.usage, key.number).unwrap();
    assert_eq!(secret.to_bytes().as_slice(), case.bytes("scalar"), "{}", case.name());
    let public = Point::from(p384::ecdsa::VerifyingKey::from(secret.public_key()));
    assert_eq!(public.to_bytes(), case.array("public"));
}

fn seed(case: &Case) {
    let (root, key) = named(case);
    assert_eq!(key.algorithm, Algorithm::MlKem1024P384);
    let seed = hybrid_seed(&root, mode(case), key.usage, key.number).unwrap();
    assert_eq!(seed.expose(), &case.array("seed"));
    let private = <Hybrid as Kem>::PrivateKey::from_bytes(seed.expose()).unwrap();
    assert_eq!(Hybrid::sk_to_pk(&private).to_bytes().as_slice(), case.bytes("public"));
}

fn shares(case: &Case) -> Vec<Share> {
    let share = |share: &Case| Share::new(share.number("index"), Secret::copied(&share.bytes("value")).unwrap());
    case.list("shares").iter().map(share).collect()
}

fn every_subset(case: &Case) {
    let (threshold, cards) = (case.number::<u8>("threshold"), shares(case).len());
    let mut tried = 0;
    for subset in 0u32..1 << cards {
        if subset.count_ones() == u32::from(threshold) {
            let chosen = shares(case).into_iter().enumerate().filter(|(at, _)| subset >> at & 1 == 1).map(|(_, share)| share);
            let chosen: Vec<Share> = chosen.collect();
            assert_same(&recombine(&chosen, threshold).unwrap(), case);
            for share in case.list("shares") {
                let found = share_at(&chosen, threshold, share.number("index")).unwrap();
                assert_eq!(found.expose(), &share.array("value"), "{}", share.name());
            }
            tried += 1;
        }
    }
    assert_eq!(tried, case.number::<u32>("subsets"));
}

/// A root's bytes cannot be looked at from outside; two roots with one id and one store key are the same.
fn assert_same(found: &Root, case: &Case) {
    let expected = root(case.array("root"));
    for mode in [Mode::Real, Mode::Rehearsal] {
        assert_eq!(vault_id(found, mode), vault_id(&expected, mode), "{}", case.name());
        assert_eq!(store_key(found, mode).unwrap().expose(), store_key(&expected, mode).unwrap().expose());
    }
}
