//! The body of an age file, decrypted in memory: for records that are shown and never stored.
//!
//! The whole is opened or nothing is. It reads no stream: the end of the input is the end of the
//! payload, so that a file with bytes after its last chunk does not open.

use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce, Tag, aead::AeadInOut};
use cloison_protocol::secret::FileKey;
use hkdf::Hkdf;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

const NONCE: usize = 16;
const CHUNK: usize = 65_536;
const TAG: usize = 16;

/// Decrypts the bytes after an age header (C2SP age, "Payload").
///
/// `limit` is the most bytes of plaintext; it is compared before anything is allocated. The
/// plaintext has one allocation of its exact size, which is wiped on drop and on every error. A
/// chunk is written there only once its tag was verified.
///
/// # Errors
/// [`PayloadError`].
pub fn open_payload(file_key: &FileKey, payload: &[u8], limit: usize) -> Result<Zeroizing<Vec<u8>>, PayloadError> {
    let (nonce, sealed) = payload.split_first_chunk::<NONCE>().ok_or(PayloadError::Cut)?;
    let size = plaintext_size(sealed.len())?;
    if size > limit {
        return Err(PayloadError::TooLong { size, limit });
    }
    let cipher = cipher(file_key, nonce).ok_or(PayloadError::Altered)?;
    let mut plaintext = Zeroizing::new(Vec::with_capacity(size));
    let mut chunks = sealed.chunks(CHUNK + TAG).enumerate().peekable();
    while let Some((number, chunk)) = chunks.next() {
        let nonce = chunk_nonce(number, chunks.peek().is_none());
        open_chunk(&cipher, &nonce, chunk, &mut plaintext)?;
    }
    Ok(plaintext)
}

/// Says how much plaintext a sealed payload of this size has, or that none has this size: there is
/// at least one chunk, each with its tag, and the last is not empty unless it is the only one.
fn plaintext_size(sealed: usize) -> Result<usize, PayloadError> {
    let (whole, rest) = (sealed / (CHUNK + TAG), sealed % (CHUNK + TAG));
    match (whole, rest) {
        (1.., 0) => Ok(whole * CHUNK),
        (_, ..TAG) => Err(PayloadError::Cut),
        (1.., TAG) => Err(PayloadError::EmptyEnd),
        _ => Ok(whole * CHUNK + rest - TAG),
    }
}

/// HKDF-SHA-256 (RFC 5869): keying material = the file key, salt = the payload's nonce, info `payload`.
fn cipher(file_key: &FileKey, nonce: &[u8; NONCE]) -> Option<ChaCha20Poly1305> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(nonce), file_key.0.expose()).expand(b"payload", key.as_mut_slice()).ok()?;
    ChaCha20Poly1305::new_from_slice(key.as_slice()).ok()
}

/// Makes STREAM's nonce: 11 bytes of counter, big-endian, and 1 for the last chunk or 0.
fn chunk_nonce(number: usize, last: bool) -> Nonce {
    let mut nonce = Nonce::default();
    nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

/// Decrypts one chunk in place at the end of the plaintext, whose capacity is there already.
fn open_chunk(cipher: &ChaCha20Poly1305, nonce: &Nonce, chunk: &[u8], plaintext: &mut Vec<u8>) -> Result<(), PayloadError> {
    let (sealed, tag) = chunk.split_last_chunk::<TAG>().ok_or(PayloadError::Cut)?;
    let start = plaintext.len();
    plaintext.extend_from_slice(sealed);
    let opened = cipher.decrypt_inout_detached(nonce, b"", plaintext[start..].as_mut().into(), &Tag::from(*tag));
    opened.map_err(|_| PayloadError::Altered)
}

/// Says why a payload does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The nonce, a whole chunk or a tag is missing.
    #[error("the end of this age file is missing. Get the file again from where it came")]
    Cut,
    /// An empty chunk after others, which age forbids.
    #[error("this age file ends in an empty chunk, which no age program writes. Do not trust where it came from")]
    EmptyEnd,
    /// A chunk's tag is wrong: altered, moved, cut off at a chunk's end, followed by more, or
    /// under another key.
    #[error("this age file was altered or cut short after it was encrypted. Get the file again from where it came")]
    Altered,
    /// More plaintext than is taken.
    #[error("this record has {size} bytes and at most {limit} are opened here. Have it decrypted on a workstation instead")]
    TooLong {
        /// What the file holds.
        size: usize,
        /// What is allowed.
        limit: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_protocol::secret::Secret;
    use proptest::prelude::*;

    const SEALED: usize = CHUNK + TAG;
    const NO_LIMIT: usize = usize::MAX;

    fn key(byte: u8) -> FileKey {
        FileKey(Secret::filled(|own| own.fill(byte)))
    }

    /// Seals chunks exactly as told, so that what no encryptor writes can be made too.
    fn seal(chunks: &[(u64, bool, &[u8])]) -> Vec<u8> {
        let nonce = [7; NONCE];
        let cipher = cipher(&key(1), &nonce).unwrap();
        let mut payload = nonce.to_vec();
        for (number, last, plaintext) in chunks {
            let mut chunk = plaintext.to_vec();
            let nonce = chunk_nonce(usize::try_from(*number).unwrap(), *last);
            let tag = cipher.encrypt_inout_detached(&nonce, b"", chunk.as_mut_slice().into()).unwrap();
            payload.extend(chunk.iter().chain(&tag));
        }
        payload
    }

    /// Seals as the specification says.
    fn sealed(plaintext: &[u8]) -> Vec<u8> {
        let count = plaintext.len().div_ceil(CHUNK).max(1);
        let part = |number: usize| &plaintext[number * CHUNK..plaintext.len().min((number + 1) * CHUNK)];
        let chunks: Vec<_> = (0..count).map(|number| (number as u64, number + 1 == count, part(number))).collect();
        seal(&chunks)
    }

    fn refused(payload: &[u8]) -> PayloadError {
        open_payload(&key(1), payload, NO_LIMIT).unwrap_err()
    }

    fn bytes(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at * 31 + at / 251) as u8).collect()
    }

    #[test]
    fn what_was_sealed_opens_in_one_allocation_of_its_size() {
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1] {
            let opened = open_payload(&key(1), &sealed(&bytes(size)), size).unwrap();
            assert_eq!(*opened, bytes(size));
            assert_eq!(opened.capacity(), size);
        }
    }

    #[test]
    fn the_limit_is_the_most_that_opens_and_is_looked_at_first() {
        for size in [1, CHUNK, CHUNK + 1] {
            let mut payload = sealed(&bytes(size));
            assert!(open_payload(&key(1), &payload, size).is_ok());
            payload[NONCE] ^= 1;
            let error = open_payload(&key(1), &payload, size - 1).unwrap_err();
            assert_eq!(error, PayloadError::TooLong { size, limit: size - 1 });
        }
    }

    #[test]
    fn every_cut_at_and_beside_a_border_of_chunks_is_refused() {
        let payload = sealed(&bytes(3 * CHUNK + 100));
        let borders = (0..=3).map(|number| NONCE + number * SEALED);
        let mut cuts: Vec<usize> = borders.flat_map(|at| [at - 1, at, at + 1, at + TAG - 1, at + TAG, at + TAG + 1]).collect();
        cuts.extend([0, 1, NONCE - 1, payload.len() - 1]);
        for cut in cuts {
            let error = refused(&payload[..cut]);
            assert!(matches!(error, PayloadError::Cut | PayloadError::EmptyEnd | PayloadError::Altered), "{cut}: {error:?}");
        }
    }

    #[test]
    fn a_whole_last_chunk_cut_off_is_noticed_because_the_one_before_is_not_marked_last() {
        let payload = sealed(&bytes(2 * CHUNK));
        assert_eq!(refused(&payload[..NONCE + SEALED]), PayloadError::Altered);
    }

    #[test]
    fn chunks_that_change_places_are_refused() {
        let payload = sealed(&bytes(3 * CHUNK));
        let (nonce, chunks) = payload.split_at(NONCE);
        let chunks: Vec<&[u8]> = chunks.chunks(SEALED).collect();
        for order in [[1, 0, 2], [0, 2, 1], [2, 1, 0], [0, 0, 2], [0, 2, 2]] {
            let moved: Vec<u8> = [nonce].into_iter().chain(order.map(|at| chunks[at])).flatten().copied().collect();
            assert_eq!(refused(&moved), PayloadError::Altered, "{order:?}");
        }
    }

    #[test]
    fn bytes_after_the_last_chunk_are_refused() {
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1] {
            for more in [1, TAG - 1, TAG, TAG + 1, SEALED, SEALED + 1] {
                let payload = [sealed(&bytes(size)), vec![0; more]].concat();
                assert!(open_payload(&key(1), &payload, NO_LIMIT).is_err(), "{size} and {more} more");
            }
        }
    }

    #[test]
    fn what_no_encryptor_writes_is_refused() {
        let (full, one) = (bytes(CHUNK), bytes(1));
        let empty_end = seal(&[(0, false, &full), (1, true, b"")]);
        assert_eq!(refused(&empty_end), PayloadError::EmptyEnd);
        let cases: [&[(u64, bool, &[u8])]; 6] = [
            &[(0, false, &one)],                   // no last chunk
            &[(0, false, &full)],                  // no last chunk, and a full one
            &[(0, true, &full), (1, true, &one)],  // two last chunks
            &[(0, true, &full), (1, false, &one)], // the first marked last
            &[(1, true, &one)],                    // counted from 1
            &[(0, false, &full), (2, true, &one)], // one left out
        ];
        for chunks in cases {
            assert_eq!(refused(&seal(chunks)), PayloadError::Altered);
        }
        assert_eq!(refused(&seal(&[])), PayloadError::Cut);
    }

    #[test]
    fn another_file_key_opens_nothing() {
        assert_eq!(open_payload(&key(2), &sealed(b"record"), NO_LIMIT).unwrap_err(), PayloadError::Altered);
    }

    proptest! {
        #[test]
        fn one_flipped_bit_anywhere_is_refused(at in 0..NONCE + 2 * SEALED + TAG + 9, bit in 0..8_u8) {
            let mut payload = sealed(&bytes(2 * CHUNK + 9));
            payload[at] ^= 1 << bit;
            prop_assert_eq!(refused(&payload), PayloadError::Altered);
        }

        #[test]
        fn strangers_bytes_are_refused_and_never_panic(payload: Vec<u8>) {
            prop_assert!(open_payload(&key(1), &payload, NO_LIMIT).is_err());
        }
    }
}
