//! The text header of an age file, and its MAC.

use super::Stanza;
use age_core::format::read::age_stanza;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use cloison_protocol::secret::FileKey;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// The longest header that is parsed, in bytes; it is also what one request carries of a file.
pub const MAX_HEADER: usize = 16_384;
const INTRO: &[u8] = b"age-encryption.org/v1\n";
const MAC_LINE: usize = 44;

/// The parsed header of an age file.
///
/// # Invariants
/// Holding one tells that its text is well formed. It tells nothing of who wrote it until
/// [`Header::is_bound_by`] holds for the file key.
pub struct Header {
    bytes: Vec<u8>,
    covered: usize,
    stanzas: Vec<Stanza>,
    mac: [u8; 32],
}

impl Header {
    /// Reads the header at the start of `file`, looking at no more than [`MAX_HEADER`] bytes.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn parse(file: &[u8]) -> Result<Self, HeaderError> {
        let head = file.get(..MAX_HEADER).unwrap_or(file);
        let whole = head.len() == file.len();
        let cut = move || if whole { HeaderError::Malformed } else { HeaderError::TooLong { limit: MAX_HEADER } };
        let mut rest = head.strip_prefix(INTRO).ok_or(HeaderError::NotAge)?;
        let mut stanzas = Vec::new();
        while rest.starts_with(b"-> ") {
            let (after, stanza) =
                age_stanza(rest).map_err(|error| if error.is_incomplete() { cut() } else { HeaderError::Malformed })?;
            stanzas.push(Stanza::from(stanza));
            rest = after;
        }
        rest = rest.strip_prefix(b"---").ok_or_else(|| if rest.len() < 3 { cut() } else { HeaderError::Malformed })?;
        let covered = head.len() - rest.len();
        let line = rest.get(1..=MAC_LINE).filter(|_| rest.starts_with(b" "));
        let line = line.ok_or_else(|| if rest.len() <= MAC_LINE { cut() } else { HeaderError::Malformed })?;
        let mac = mac_of(line).ok_or(HeaderError::Malformed)?;
        // age refuses a passphrase stanza beside any other, so a file with one would not open later.
        let mixed = stanzas.len() > 1 && stanzas.iter().any(|stanza| stanza.tag == "scrypt");
        if stanzas.is_empty() || mixed {
            return Err(HeaderError::Malformed);
        }
        Ok(Self { bytes: head[..covered + 1 + MAC_LINE].to_vec(), covered, stanzas, mac })
    }

    /// Reads a header that is all there is, as a request carries it.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn parse_whole(bytes: &[u8]) -> Result<Self, HeaderError> {
        let header = Self::parse(bytes)?;
        if header.bytes.len() == bytes.len() { Ok(header) } else { Err(HeaderError::Malformed) }
    }

    /// Lends the header's bytes, through the newline after the MAC.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Lends the stanzas in their order.
    #[must_use]
    pub fn stanzas(&self) -> &[Stanza] {
        &self.stanzas
    }

    /// Tells whether the header's MAC is right under this file key: HMAC-SHA-256 with a key from
    /// HKDF-SHA-256 (info `header`), over everything through `---`.
    #[must_use]
    pub fn is_bound_by(&self, key: &FileKey) -> bool {
        let mut mac_key = Zeroizing::new([0; 32]);
        let expanded = Hkdf::<Sha256>::new(None, key.0.expose()).expand(b"header", mac_key.as_mut_slice());
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(mac_key.as_slice()) else { return false };
        expanded.is_ok() && mac.chain_update(&self.bytes[..self.covered]).verify_slice(&self.mac).is_ok()
    }
}

fn mac_of(line: &[u8]) -> Option<[u8; 32]> {
    BASE64_STANDARD_NO_PAD.decode(line.strip_suffix(b"\n")?).ok()?.try_into().ok()
}

/// Says why a file's start is not an age header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Another kind of file.
    #[error("this is not an age file. Give a file that `cloison encrypt` or `age` made (binary, not armored)")]
    NotAge,
    /// Broken text.
    #[error("the header of this age file is malformed or cut short. Get the file again from where it came")]
    Malformed,
    /// Too much of it.
    #[error("the header of this age file is longer than {limit} bytes. Encrypt it to fewer recipients")]
    TooLong {
        /// What is allowed.
        limit: usize,
    },
}
