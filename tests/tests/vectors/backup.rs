//! Backups: their bytes, and their seal, which is opened here by another implementation than the
//! vault's: HChaCha20 by hand (draft-irtf-cfrg-xchacha-03 §2.2), then ring's ChaCha20-Poly1305.

use crate::{case::Case, derivation::mode, malformed, messages::vault};
use cloison_protocol::{
    Algorithm, Backup, BackupBody, KeyRef, Kind, Message, Mode, Usage,
    bounded::{Bytes, Fixed},
};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "backup" => backup(case),
        "unopened" => {
            let backup = Backup::decode(&case.bytes("bytes")).unwrap();
            assert_eq!(opened(&backup, &derived(case, &info(mode(case)))), None, "{}", case.name());
        }
        "malformed" => malformed::malformed(case),
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn backup(case: &Case) {
    let bytes = case.bytes("bytes");
    let body = BackupBody {
        vault: vault(case, "vault"),
        generation: case.number("generation"),
        nonce: Fixed(case.array("nonce")),
        store: Bytes::new(case.bytes("store")).unwrap(),
    };
    let decoded = Backup::decode(&bytes).unwrap();
    assert_eq!(decoded.body(), &body);
    assert_eq!(decoded.digest(), Fixed(case.array("digest")), "{}", case.name());
    assert_eq!(Backup::new(body).unwrap().as_bytes(), bytes, "{}", case.name());
    assert_eq!(Message::decode(&bytes).unwrap().kind(), Kind::Backup);
    let info = info(mode(case));
    assert_eq!(info, case.text("info"));
    let key = derived(case, &info);
    assert_eq!(key, case.array("key"), "{}", case.name());
    assert_eq!(associated(decoded.body()), case.bytes("associated"));
    assert_eq!(opened(&decoded, &key), Some(case.bytes("plaintext")), "{}", case.name());
}

fn info(mode: Mode) -> String {
    let key = KeyRef { usage: Usage::Store, algorithm: Algorithm::XChaCha20Poly1305, number: 0 };
    format!("cloison/v1/{}/{key}", mode.label())
}

fn derived(case: &Case, info: &str) -> [u8; 32] {
    let mut key = [0; 32];
    let extracted = hkdf::Hkdf::<sha2::Sha384>::new(Some(b"cloison/v1"), &case.array::<32>("root"));
    extracted.expand(info.as_bytes(), &mut key).unwrap();
    key
}

fn associated(body: &BackupBody) -> Vec<u8> {
    [b"cloison/v1/backup".as_slice(), &body.vault.0.0, &body.generation.to_be_bytes()].concat()
}

fn opened(backup: &Backup, key: &[u8; 32]) -> Option<Vec<u8>> {
    let body = backup.body();
    unsealed(key, &body.nonce.0, &associated(body), body.store.as_slice())
}

/// Opens XChaCha20-Poly1305.
pub(crate) fn unsealed(key: &[u8; 32], nonce: &[u8; 24], associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (first, last) = nonce.split_first_chunk::<16>().unwrap();
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &hchacha20(key, first)).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(&[&[0; 4], last].concat()).unwrap();
    let mut text = sealed.to_vec();
    key.open_in_place(nonce, Aad::from(associated), &mut text).ok().map(|text| text.to_vec())
}

fn hchacha20(key: &[u8; 32], nonce: &[u8; 16]) -> [u8; 32] {
    let input = [b"expand 32-byte k".as_slice(), key, nonce].concat();
    let mut state: Vec<u32> = input.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
    for _ in 0..10 {
        for [a, b, c, d] in [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]] {
            quarter_round(&mut state, a, b, c, d);
        }
        for [a, b, c, d] in [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]] {
            quarter_round(&mut state, a, b, c, d);
        }
    }
    let words = state[..4].iter().chain(&state[12..]);
    words.flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>().try_into().unwrap()
}

fn quarter_round(state: &mut [u32], a: usize, b: usize, c: usize, d: usize) {
    for (to, from, mixed, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        state[to] = state[to].wrapping_add(state[from]);
        state[mixed] = (state[mixed] ^ state[to]).rotate_left(turn);
    }
}
