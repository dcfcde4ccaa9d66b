//! Files that other programs encrypted: their payloads open to what went in, and only unaltered.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use age::{Identity, x25519};
use base64::{Engine, prelude::BASE64_STANDARD};
use cloison_formats::age::{Header, PayloadError, open_payload};
use cloison_protocol::secret::{FileKey, Secret};

const CHUNK: usize = 65_536;
const SIZES: [usize; 8] = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 1 << 20];

fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 + at / 251) as u8).collect()
}

/// Splits a file into its file key, unwrapped by the crate `age`, and its payload.
fn taken_apart<'a>(file: &'a [u8], identity: &x25519::Identity) -> (FileKey, &'a [u8]) {
    let header = Header::parse(file).unwrap();
    let unwrapped = header.stanzas().iter().find_map(|stanza| identity.unwrap_stanza(stanza)).unwrap().unwrap();
    let key = FileKey(Secret::copied(age::secrecy::ExposeSecret::expose_secret(&unwrapped)).unwrap());
    assert!(header.is_bound_by(&key));
    (key, &file[header.as_bytes().len()..])
}

/// Compares what opens with what went in, and sees that neither less nor more of the file opens.
fn check(file: &[u8], identity: &x25519::Identity, plaintext: &[u8]) {
    let (key, payload) = taken_apart(file, identity);
    let opened = open_payload(&key, payload, plaintext.len()).unwrap();
    assert!(*opened == plaintext, "{} bytes", plaintext.len());
    for cut in (16..payload.len()).step_by(CHUNK + 16).chain([payload.len() - 1, payload.len() - 16]) {
        assert!(open_payload(&key, &payload[..cut], 1 << 20).is_err(), "{} bytes cut at {cut}", plaintext.len());
    }
    let longer = [payload, b"\0"].concat();
    assert!(matches!(open_payload(&key, &longer, 1 << 21), Err(PayloadError::Altered | PayloadError::Cut)));
}

#[test]
fn what_the_crate_age_encrypts_opens() {
    let identity = x25519::Identity::generate();
    for size in SIZES {
        check(&age::encrypt(&identity.to_public(), &bytes(size)).unwrap(), &identity, &bytes(size));
    }
}

/// Made once by Debian's `age` 1.1.1, which a pure crate's tests do not start.
#[test]
fn what_the_program_age_encrypted_opens() {
    let identity = "AGE-SECRET-KEY-1UVY6NP3MCLJFXP6RRWRD7RU209VNE2MN4YMW4Z2LN9CGCNEQNHPQXMXRV6".parse().unwrap();
    let file = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSAzRFIxbVlhL01YK2s1YVVJTE5Wa3A5aFlKd3NMS1pTaFROeEUycjdOTUhN\
        ClBybDRHK2NKSWFndGlTUDkxRXQ2SVhQdWpxYmR6TmpwK0NWVC9NemRFVDgKLS0tIGNKSitlblBXMG92aHl1UzNQYXMyNENXMGtZYmF4RXRZ\
        cmdnZEh3T2NNbkkKElxvROCwzPogWhZ6QRBKk80PK+5n/wVsanONTWyUeEx4rJIQOYxpoDn1VUCca1u5OCaJUXhRWJ7OAv1hOojfOfvxtoik\
        T8vN/Q==";
    check(&BASE64_STANDARD.decode(file).unwrap(), &identity, b"Encrypted by age 1.1.1 as Debian has it.\n");
}
