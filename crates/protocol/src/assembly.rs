//! Frames put together again, whatever was lost and in whatever order they come.
//!
//! What the frames say is not trusted: the whole is accepted only by its digest, and what it is
//! worth then is for its signature to say.
//!
//! A sender that nobody answers shows the same payload in smaller frames after a while
//! ([`crate::Presentation`]). Frames of another size are another code of the same object, so each
//! size is put together by itself, beside the others, and what was read of one is there when the
//! sender comes back to it.

use crate::{
    frame::{Frame, FrameError, TransferId},
    transfer::OBJECT_DIGEST,
};
use raptorq::{EncodingPacket, ObjectTransmissionInformation, PayloadId, SourceBlockDecoder};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// How many frames of another transfer in a row, with none of ours between, mean that the screen
/// has changed.
const STRANGERS_TO_SWITCH: u8 = 3;
/// Distinct symbols beyond the object's own number after which some must have been wrong.
const SYMBOLS_BEYOND: usize = 32;
/// How many sizes of symbols of one transfer are put together side by side: more than a sender has.
const MAX_SIZES: usize = 6;

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
    /// Enough pieces came, and together they are not what was announced. Reading starts again for
    /// frames of this size.
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
    /// One of each size of symbols, all of one transfer; the last is the one that came last.
    current: Vec<Current>,
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

    /// Says how far the transfer is, once a first frame came: by the size of frames that lacks least.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let progress = |current: &Current| Progress { read: current.read.len(), needed: current.needed };
        self.current.iter().map(progress).max_by(|a, b| (a.read * b.needed).cmp(&(b.read * a.needed)))
    }

    /// Counts the different pieces that are there, of all sizes of frames together.
    #[must_use]
    pub fn pieces(&self) -> usize {
        self.current.iter().map(|current| current.read.len()).sum()
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
        match self.current.first().map(|first| (first.id, first.owns(&frame))) {
            None | Some((_, true)) => {}
            Some(_) if self.switches_to(&frame) => self.current.clear(),
            Some((reading, false)) => return Ok(Fate::Stranger { reading, this: frame.transfer }),
        }
        self.strangers = None;
        let (fate, current) = self.of_its_size(&frame).add(frame);
        match (&fate, current) {
            (Fate::Complete(_), Some(current)) => {
                self.done = Some(current.id);
                self.current = vec![current];
            }
            (Fate::Corrupt, _) | (_, None) => {}
            (_, Some(current)) => self.current.push(current),
        }
        Ok(fate)
    }

    /// Takes out what is put together of this size, or starts it; where there are too many sizes the
    /// one that has not come for longest is given up.
    fn of_its_size(&mut self, frame: &Frame) -> Current {
        if let Some(at) = self.current.iter().position(|current| current.symbol_size == frame.symbol.len()) {
            return self.current.remove(at);
        }
        if self.current.len() == MAX_SIZES {
            self.current.remove(0);
        }
        Current::announced_by(frame)
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
        self.id == frame.transfer && self.length == frame.length as usize
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
