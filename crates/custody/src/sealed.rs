//! What is confidential at rest: XChaCha20-Poly1305 under a key of usage `store`.

use crate::{derive::StoreKeys, state::Case};
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use cloison_protocol::{
    Backup, BackupBody, MAX_BACKUP, MessageError, VaultId,
    bounded::{Bytes, Fixed},
    secret::Secret,
};
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha384;
use zeroize::Zeroizing;

const CASES: &[u8] = b"cloison/v1/store-cases";
const BACKUP: &[u8] = b"cloison/v1/backup";
const NONCE: usize = 24;

/// Seals the cases: nonce, then ciphertext. The nonce is the first 24 bytes of HMAC-SHA-384 under
/// the store's key over label, generation and plaintext, so that one state has one encoding and no
/// nonce is used for two plaintexts.
pub(crate) fn seal_cases(cases: &[Case], generation: u64, keys: &StoreKeys) -> Option<Vec<u8>> {
    let plain = Zeroizing::new(postcard::to_allocvec(cases).ok()?);
    let mac = Hmac::<Sha384>::new_from_slice(keys.mac.expose()).ok()?;
    let mac = mac.chain_update(CASES).chain_update(generation.to_be_bytes()).chain_update(plain.as_slice());
    let nonce: [u8; NONCE] = mac.finalize().into_bytes().first_chunk().copied()?;
    let ciphertext = encrypt(&keys.cipher, &nonce, &bound(CASES, &[], generation), &plain)?;
    Some([nonce.as_slice(), &ciphertext].concat())
}

pub(crate) fn open_cases(sealed: &[u8], generation: u64, keys: &StoreKeys) -> Option<Vec<Case>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
    let plain = decrypt(&keys.cipher, nonce, &bound(CASES, &[], generation), ciphertext)?;
    postcard::from_bytes(&plain).ok()
}

/// Encrypts a store's bytes to be kept elsewhere.
pub(crate) fn backup(
    store: &[u8],
    vault: VaultId,
    generation: u64,
    keys: &StoreKeys,
    rng: &mut impl CryptoRng,
) -> Result<Backup, MessageError> {
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);
    let sealed = encrypt(&keys.cipher, &nonce, &bound(BACKUP, &vault.0.0, generation), store);
    let sealed = sealed.ok_or(MessageError::Unencodable)?;
    let found = sealed.len();
    let store = Bytes::new(sealed).map_err(|_| MessageError::TooLong { found, limit: MAX_BACKUP })?;
    Backup::new(BackupBody { vault, generation, nonce: Fixed(nonce), store })
}

/// Decrypts a backup to a store's bytes; `None` where it is another vault's, or altered.
pub(crate) fn open_backup(backup: &Backup, keys: &StoreKeys) -> Option<Zeroizing<Vec<u8>>> {
    let body = backup.body();
    let bound = bound(BACKUP, &body.vault.0.0, body.generation);
    decrypt(&keys.cipher, &body.nonce.0, &bound, body.store.as_slice())
}

fn bound(label: &[u8], vault: &[u8], generation: u64) -> Vec<u8> {
    [label, vault, &generation.to_be_bytes()].concat()
}

fn encrypt(key: &Secret<32>, nonce: &[u8; NONCE], aad: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    cipher.encrypt(&(*nonce).into(), Payload { msg: plain, aad }).ok()
}

fn decrypt(key: &Secret<32>, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad }).ok().map(Zeroizing::new)
}
