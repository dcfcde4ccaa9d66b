//! A payload as an endless row of frames.
//!
//! The object is the payload followed by its SHA-256 digest, coded as one RaptorQ source block
//! (RFC 6330): any frames, in any order, from any starting point, about as many as the object has
//! symbols. [`crate::Assembly`] puts them together again.

use crate::{
    frame::{Frame, TransferId},
    message::MAX_MESSAGE,
};
use raptorq::{ObjectTransmissionInformation, SourceBlockEncoder};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The bytes of digest at the end of every object.
pub(crate) const OBJECT_DIGEST: usize = 32;
/// The longest object.
pub(crate) const MAX_OBJECT: usize = MAX_MESSAGE + OBJECT_DIGEST;
/// The most source symbols; bounds a receiver's time and memory.
pub(crate) const MAX_SYMBOLS: usize = 16_384;

/// A payload ready to be shown as frames.
pub struct Transfer {
    id: TransferId,
    length: u32,
    symbol_size: usize,
    object: Vec<u8>,
    encoder: SourceBlockEncoder,
}

impl Transfer {
    /// Prepares a payload for frames whose symbols have `symbol_size` bytes, which is what a QR
    /// symbol holds less [`crate::FRAME_OVERHEAD`].
    ///
    /// # Errors
    /// [`TransferError`].
    pub fn new(payload: &[u8], symbol_size: usize) -> Result<Self, TransferError> {
        if payload.is_empty() {
            return Err(TransferError::Empty);
        }
        let too_long = TransferError::TooLong { found: payload.len(), limit: MAX_MESSAGE };
        if payload.len() > MAX_MESSAGE {
            return Err(too_long);
        }
        let digest: [u8; OBJECT_DIGEST] = Sha256::digest(payload).into();
        let mut object = [payload, &digest].concat();
        // One frame must not be padded out to a larger code than its payload needs.
        let symbol_size = symbol_size.min(object.len());
        let size = u16::try_from(symbol_size).map_err(|_| TransferError::SymbolSize(symbol_size))?;
        if size == 0 || object.len().div_ceil(symbol_size) > MAX_SYMBOLS {
            return Err(TransferError::SymbolSize(symbol_size));
        }
        let length = u32::try_from(object.len()).map_err(|_| too_long)?;
        object.resize(object.len().next_multiple_of(symbol_size), 0);
        let config = ObjectTransmissionInformation::new(length.into(), size, 1, 1, 1);
        let encoder = SourceBlockEncoder::new(0, &config, &object);
        let id = TransferId([digest[0], digest[1], digest[2], digest[3]]);
        Ok(Self { id, length, symbol_size, object, encoder })
    }

    /// Names the transfer.
    #[must_use]
    pub fn id(&self) -> TransferId {
        self.id
    }

    /// Counts the frames that carry the payload when none is lost.
    #[must_use]
    pub fn least_frames(&self) -> u32 {
        u32::try_from(self.object.len() / self.symbol_size).unwrap_or(u32::MAX)
    }

    /// Counts the bytes of a symbol.
    #[must_use]
    pub fn symbol_size(&self) -> usize {
        self.symbol_size
    }

    /// Gives the `number`-th frame, from 0; there is no last one: after 2²⁴ they come again.
    #[must_use]
    pub fn frame(&self, number: u32) -> Vec<u8> {
        let symbol_id = number & 0x00ff_ffff;
        let start = symbol_id as usize * self.symbol_size;
        let symbol = match self.object.get(start..start + self.symbol_size) {
            Some(source) => source.to_vec(),
            None => self.repair(symbol_id),
        };
        Frame { transfer: self.id, length: self.length, symbol_id, symbol }.encode()
    }

    fn repair(&self, symbol_id: u32) -> Vec<u8> {
        let packets = self.encoder.repair_packets(symbol_id - self.least_frames(), 1);
        packets.first().map(|packet| packet.data().to_vec()).unwrap_or_default()
    }
}

/// Says why a payload cannot be shown as frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TransferError {
    /// Nothing to show.
    #[error("there is nothing to show: the payload is empty. Give a file that has content")]
    Empty,
    /// More than a transfer carries.
    #[error("the payload has {found} bytes, more than the {limit} that one transfer carries. Send less at once")]
    TooLong {
        /// What was given.
        found: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Frames too small or too large for this payload.
    #[error("frames of {0} bytes cannot carry this payload. Choose a denser code")]
    SymbolSize(usize),
}
