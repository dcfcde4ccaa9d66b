//! The shape that all messages share: four bytes of header, a canonical body, a signature.
//!
//! `"CL"`, version 1, kind, then the body in postcard encoding, then for signed kinds 96 bytes of
//! ECDSA over label ‖ everything before the signature.

use crate::bounded::Fixed;
use crate::{
    message::{Kind, MAX_MESSAGE, MessageError},
    signature::{Point, Sign, Signature},
};
use serde::{Deserialize, Serialize};

/// The version of every message that this crate writes.
pub(crate) const VERSION: u8 = 1;
const MAGIC: [u8; 2] = *b"CL";
const HEADER: usize = 4;
const SIGNATURE: usize = 96;

/// Writes header and body.
pub(crate) fn encode<T: Serialize>(kind: Kind, body: &T) -> Result<Vec<u8>, MessageError> {
    let start = vec![MAGIC[0], MAGIC[1], VERSION, kind.number()];
    let bytes = postcard::to_extend(body, start).map_err(|_| MessageError::Unencodable)?;
    limit(bytes.len())?;
    Ok(bytes)
}

/// Writes header, body and signature.
pub(crate) fn sign<T: Serialize>(kind: Kind, label: &str, body: &T, signer: &mut impl Sign) -> Result<Vec<u8>, MessageError> {
    signed(label, encode(kind, body)?, signer)
}

/// Adds the signature over label and bytes.
pub(crate) fn signed(label: &str, mut bytes: Vec<u8>, signer: &mut impl Sign) -> Result<Vec<u8>, MessageError> {
    let signature = signer.sign(&signed_bytes(label, &bytes)).map_err(MessageError::Sign)?;
    bytes.extend(signature.0.0);
    limit(bytes.len())?;
    Ok(bytes)
}

/// Reads a body and checks that it is the only encoding of its value.
pub(crate) fn decode<'a, T: Serialize + Deserialize<'a>>(kind: Kind, bytes: &'a [u8]) -> Result<T, MessageError> {
    let body = after_header(kind, bytes)?;
    let (value, rest) = postcard::take_from_bytes::<T>(body).map_err(|_| MessageError::Malformed(kind))?;
    if !rest.is_empty() {
        return Err(MessageError::Malformed(kind));
    }
    if encode(kind, &value)? != bytes {
        return Err(MessageError::NotCanonical(kind));
    }
    Ok(value)
}

/// Reads a signed body; `signer` says whose signature it must be.
pub(crate) fn verify<'a, T: Serialize + Deserialize<'a>>(
    kind: Kind,
    label: &str,
    bytes: &'a [u8],
    signer: impl FnOnce(&T) -> &Point,
) -> Result<T, MessageError> {
    expect(kind, bytes)?;
    let (unsigned, signature) = split(kind, bytes)?;
    let value = decode::<T>(kind, unsigned)?;
    if !signer(&value).verifies(&signed_bytes(label, unsigned), &signature) {
        return Err(MessageError::BadSignature(kind));
    }
    Ok(value)
}

/// Separates the signature from what it covers.
pub(crate) fn split(kind: Kind, bytes: &[u8]) -> Result<(&[u8], Signature), MessageError> {
    limit(bytes.len())?;
    let (unsigned, signature) = bytes.split_last_chunk::<SIGNATURE>().ok_or(MessageError::Malformed(kind))?;
    if unsigned.len() < HEADER {
        return Err(MessageError::Malformed(kind));
    }
    Ok((unsigned, Signature(Fixed(*signature))))
}

/// Reads the kind of a message from its header.
pub(crate) fn kind(bytes: &[u8]) -> Result<Kind, MessageError> {
    limit(bytes.len())?;
    let [a, b, version, kind, ..] = *bytes else { return Err(MessageError::NotAMessage) };
    if [a, b] != MAGIC {
        return Err(MessageError::NotAMessage);
    }
    if version != VERSION {
        return Err(MessageError::Version { found: version, known: VERSION });
    }
    Kind::numbered(kind).ok_or(MessageError::UnknownKind(kind))
}

/// Checks that bytes are a message of this kind, before anything else of them is looked at.
pub(crate) fn expect(expected: Kind, bytes: &[u8]) -> Result<(), MessageError> {
    let found = kind(bytes)?;
    if found == expected { Ok(()) } else { Err(MessageError::OtherKind { expected, found }) }
}

fn after_header(expected: Kind, bytes: &[u8]) -> Result<&[u8], MessageError> {
    expect(expected, bytes)?;
    Ok(bytes.get(HEADER..).unwrap_or_default())
}

/// Gives what a signature covers.
pub(crate) fn signed_bytes(label: &str, unsigned: &[u8]) -> Vec<u8> {
    [label.as_bytes(), unsigned].concat()
}

fn limit(found: usize) -> Result<(), MessageError> {
    if found > MAX_MESSAGE { Err(MessageError::TooLong { found, limit: MAX_MESSAGE }) } else { Ok(()) }
}
