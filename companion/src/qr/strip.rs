//! The endless row of symbols that carries one payload.

use super::QrError;
use crate::args::Level;
use cloison_optics::{Density, Symbol};
use cloison_protocol::{FRAME_OVERHEAD, Transfer, TransferId};

/// A payload as numbered symbols, all of one density.
pub(crate) struct Strip {
    transfer: Transfer,
    density: Density,
    /// The bytes that one frame carries beside its overhead.
    pub(crate) symbol_size: usize,
}

impl Strip {
    /// Prepares a payload for symbols of at most this version.
    ///
    /// # Errors
    /// The payload is empty or too long, or the symbols are too small for it.
    pub(crate) fn new(payload: &[u8], version: u8, level: Level) -> Result<Self, QrError> {
        let level = optical(level);
        let wanted = Density::new(version, level)?;
        let transfer = Transfer::new(payload, wanted.capacity().saturating_sub(FRAME_OVERHEAD))?;
        let frame = transfer.frame(0).len();
        // A payload smaller than one frame gets the smallest code that holds it.
        let density = Density::smallest_for(frame, level).unwrap_or(wanted);
        Ok(Self { transfer, density, symbol_size: frame - FRAME_OVERHEAD })
    }

    /// Names the transfer.
    pub(crate) fn id(&self) -> TransferId {
        self.transfer.id()
    }

    /// Counts the symbols that are needed when none is lost.
    pub(crate) fn least(&self) -> u32 {
        self.transfer.least_frames()
    }

    /// Makes the symbol of one number.
    ///
    /// # Errors
    /// Never for a frame of this strip; the symbol's own check is passed on.
    pub(crate) fn symbol(&self, number: u32) -> Result<Symbol, QrError> {
        Ok(Symbol::encode(&self.transfer.frame(number), self.density)?)
    }
}

/// Gives the level that was typed as optics names it.
pub(crate) fn optical(level: Level) -> cloison_optics::Level {
    match level {
        Level::L => cloison_optics::Level::L,
        Level::M => cloison_optics::Level::M,
        Level::Q => cloison_optics::Level::Q,
        Level::H => cloison_optics::Level::H,
    }
}
