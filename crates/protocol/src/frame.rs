//! One frame of a transfer: 13 bytes of header and checksum, then one RaptorQ symbol.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | `0xC1`: a frame, version 1 |
//! | 4 | transfer id: the first bytes of the object's digest |
//! | 3 | length of the object in bytes, big-endian |
//! | 3 | encoding symbol id (RFC 6330 §5.3), big-endian |
//! | 2 | checksum: the first bytes of SHA-256 over the frame without them |
//! | the rest | the symbol; its size is what is left |

use crate::transfer::{MAX_OBJECT, MAX_SYMBOLS, OBJECT_DIGEST};
use core::fmt;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The bytes of a frame beside its symbol.
pub const FRAME_OVERHEAD: usize = 13;
/// What the largest QR symbol (40-L, 2953 bytes) holds beside the overhead.
const MAX_SYMBOL: usize = 2953 - FRAME_OVERHEAD;
const FAMILY: u8 = 0xC0;
const VERSION: u8 = 1;

/// Names a transfer: the first 4 bytes of its object's digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId(pub [u8; 4]);

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A frame whose checksum and sizes are right.
///
/// # Invariants
/// Its length is within the limits and its symbol size divides the object into an allowed number
/// of symbols. It does not tell that the symbol is right: the object's digest does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The transfer that it belongs to.
    pub transfer: TransferId,
    /// The object's length in bytes.
    pub length: u32,
    /// The encoding symbol id, below 2²⁴.
    pub symbol_id: u32,
    /// The symbol.
    pub symbol: Vec<u8>,
}

impl Frame {
    /// Writes the frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FRAME_OVERHEAD + self.symbol.len());
        bytes.push(FAMILY | VERSION);
        bytes.extend(self.transfer.0);
        bytes.extend(&self.length.to_be_bytes()[1..]);
        bytes.extend(&self.symbol_id.to_be_bytes()[1..]);
        let sum = checksum(&bytes, &self.symbol);
        bytes.extend(sum);
        bytes.extend(&self.symbol);
        bytes
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        match bytes.first() {
            Some(first) if first & 0xf0 == FAMILY => {
                let version = first & 0x0f;
                if version != VERSION {
                    return Err(FrameError::Version { found: version, known: VERSION });
                }
            }
            _ => return Err(FrameError::NotAFrame),
        }
        let Some((header, symbol)) = bytes.split_first_chunk::<FRAME_OVERHEAD>() else { return Err(FrameError::Damaged) };
        let [_, t0, t1, t2, t3, l0, l1, l2, s0, s1, s2, sum @ ..] = *header;
        if checksum(&header[..11], symbol) != sum {
            return Err(FrameError::Damaged);
        }
        let frame = Self {
            transfer: TransferId([t0, t1, t2, t3]),
            length: u32::from_be_bytes([0, l0, l1, l2]),
            symbol_id: u32::from_be_bytes([0, s0, s1, s2]),
            symbol: symbol.to_vec(),
        };
        frame.within_limits()?;
        Ok(frame)
    }

    /// Counts the source symbols of the object.
    #[must_use]
    pub fn source_symbols(&self) -> usize {
        (self.length as usize).div_ceil(self.symbol.len().max(1))
    }

    fn within_limits(&self) -> Result<(), FrameError> {
        let length = self.length as usize;
        if length <= OBJECT_DIGEST || self.symbol.is_empty() || self.symbol.len() > MAX_SYMBOL {
            return Err(FrameError::Damaged);
        }
        if length > MAX_OBJECT || self.source_symbols() > MAX_SYMBOLS {
            return Err(FrameError::TooLong { length, limit: MAX_OBJECT });
        }
        Ok(())
    }
}

fn checksum(header: &[u8], symbol: &[u8]) -> [u8; 2] {
    let hash = Sha256::new().chain_update(header).chain_update(symbol).finalize();
    [hash[0], hash[1]]
}

/// Says why bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Another kind of code.
    #[error("this code is not part of a Cloison transfer. Show the code that Cloison shows")]
    NotAFrame,
    /// A later version.
    #[error("this code is of frame version {found}, and this program reads version {known}. Update the older side")]
    Version {
        /// What came.
        found: u8,
        /// What is known.
        known: u8,
    },
    /// The checksum is wrong.
    #[error("this code was damaged on its way. Nothing is lost; the next ones replace it")]
    Damaged,
    /// It announces more than the limit.
    #[error(
        "this transfer announces {length} bytes, more than the {limit} allowed, or too small a piece of them. Send less at once"
    )]
    TooLong {
        /// What it announces.
        length: usize,
        /// What is allowed.
        limit: usize,
    },
}
