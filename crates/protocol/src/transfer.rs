//! A payload as an endless row of frames, and frames put together again.
//!
//! The object is the payload followed by its SHA-256 digest, coded as one RaptorQ source block
//! (RFC 6330): any frames, in any order, from any starting point, about as many as the object has
//! symbols. What the frames say is not trusted: the whole is accepted only by its digest, and what
//! it is worth then is for its signature to say.

use crate::{
    frame::{Frame, FrameError, TransferId},
    message::MAX_MESSAGE,
};
use raptorq::{EncodingPacket, ObjectTransmissionInformation, PayloadId, SourceBlockDecoder, SourceBlockEncoder};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use thiserror::Error;

/// The bytes of digest at the end of every object.
pub(crate) const OBJECT_DIGEST: usize = 32;
/// The longest object.
pub(crate) const MAX_OBJECT: usize = MAX_MESSAGE + OBJECT_DIGEST;
/// The most source symbols; bounds a receiver's time and memory.
pub(crate) const MAX_SYMBOLS: usize = 16_384;
/// How many frames of another transfer in a row, with none of ours between, mean that the screen
/// has changed.
const STRANGERS_TO_SWITCH: u8 = 3;
/// Distinct symbols beyond the object's own number after which some must have been wrong.
const SYMBOLS_BEYOND: usize = 32;

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

/// Says what became of one code that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A piece that was missing.
    New,
    /// A piece that was there already.
    Repeated,
    /// A piece of another transfer.
    Stranger {
        /// The transfer that is being read.
        reading: TransferId,
        /// The one that this piece belongs to.
        this: TransferId,
    },
    /// The last piece that was needed: the payload, whose digest is right.
    Complete(Vec<u8>),
    /// Enough pieces came, and together they are not what was announced. Reading starts again.
    Corrupt,
}

/// Says how far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Different pieces read.
    pub read: usize,
    /// Pieces that are needed at least.
    pub needed: usize,
}

/// Puts frames together, of one transfer at a time.
#[derive(Default)]
pub struct Assembly {
    current: Option<Current>,
    strangers: Option<(TransferId, u8)>,
    done: Option<TransferId>,
}

struct Current {
    id: TransferId,
    length: usize,
    symbol_size: usize,
    needed: usize,
    read: BTreeSet<u32>,
    decoder: SourceBlockDecoder,
}

impl Assembly {
    /// Starts with nothing read.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how far the transfer is, once a first frame came.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.current.as_ref().map(|current| Progress { read: current.read.len(), needed: current.needed })
    }

    /// Takes the bytes of one code.
    ///
    /// # Errors
    /// [`FrameError`] where they are no frame; what was read before is kept.
    pub fn take(&mut self, code: &[u8]) -> Result<Fate, FrameError> {
        let frame = Frame::decode(code)?;
        if self.done == Some(frame.transfer) {
            return Ok(Fate::Repeated);
        }
        let current = match self.current.take() {
            Some(current) if current.owns(&frame) => current,
            Some(current) if !self.switches_to(&frame) => {
                let reading = current.id;
                self.current = Some(current);
                return Ok(Fate::Stranger { reading, this: frame.transfer });
            }
            _ => Current::announced_by(&frame),
        };
        self.strangers = None;
        let (fate, current) = current.add(frame);
        if let (Fate::Complete(_), Some(current)) = (&fate, &current) {
            self.done = Some(current.id);
        }
        self.current = if matches!(fate, Fate::Corrupt) { None } else { current };
        Ok(fate)
    }

    fn switches_to(&mut self, frame: &Frame) -> bool {
        let seen = match self.strangers {
            Some((id, seen)) if id == frame.transfer => seen + 1,
            _ => 1,
        };
        self.strangers = Some((frame.transfer, seen));
        seen >= STRANGERS_TO_SWITCH
    }
}

impl Current {
    fn announced_by(frame: &Frame) -> Self {
        let (length, symbol_size, needed) = (frame.length as usize, frame.symbol.len(), frame.source_symbols());
        // A frame's symbol fits a QR symbol, so its size fits 16 bits.
        let size = u16::try_from(symbol_size).unwrap_or(u16::MAX);
        let config = ObjectTransmissionInformation::new(frame.length.into(), size, 1, 1, 1);
        let decoder = SourceBlockDecoder::new(0, &config, (needed * symbol_size) as u64);
        Self { id: frame.transfer, length, symbol_size, needed, read: BTreeSet::new(), decoder }
    }

    fn owns(&self, frame: &Frame) -> bool {
        self.id == frame.transfer && self.length == frame.length as usize && self.symbol_size == frame.symbol.len()
    }

    fn add(mut self, frame: Frame) -> (Fate, Option<Self>) {
        if !self.read.insert(frame.symbol_id) {
            return (Fate::Repeated, Some(self));
        }
        let packet = EncodingPacket::new(PayloadId::new(0, frame.symbol_id), frame.symbol);
        let fate = match self.decoder.decode([packet]) {
            Some(object) => self.accepted(object).map_or(Fate::Corrupt, Fate::Complete),
            None if self.read.len() >= self.needed + SYMBOLS_BEYOND => Fate::Corrupt,
            None => Fate::New,
        };
        (fate, Some(self))
    }

    fn accepted(&self, mut object: Vec<u8>) -> Option<Vec<u8>> {
        object.truncate(self.length);
        let (payload, digest) = object.split_last_chunk::<OBJECT_DIGEST>()?;
        let computed: [u8; OBJECT_DIGEST] = Sha256::digest(payload).into();
        let right = computed == *digest && digest.starts_with(&self.id.0);
        right.then(|| payload.to_vec())
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
