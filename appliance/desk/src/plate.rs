//! The screens that a code is shown on: whole 800×480 pictures, as a camera would see them.

use cloison_ceremony::Code;
use cloison_optics::{Density, Level, Luma, Symbol, SymbolError, draw};
use cloison_protocol::{FRAME_OVERHEAD, Transfer, TransferError};
use thiserror::Error;

/// The pixels of the smaller of the kiosk's two screens.
const SCREEN: (u32, u32) = (800, 480);
/// Versions above 20 leave fewer than four pixels a module on this screen.
const VERSION: u8 = 20;

/// A code being shown, and how far its frames are.
pub(crate) struct Shown {
    code: Code,
    transfer: Option<Transfer>,
    next: u32,
}

impl Shown {
    pub(crate) fn new(code: Code) -> Result<Self, PlateError> {
        let transfer = match &code {
            Code::Card(_) => None,
            Code::Message(bytes) => {
                let density = Density::new(VERSION, Level::L)?;
                Some(Transfer::new(bytes, density.capacity() - FRAME_OVERHEAD)?)
            }
        };
        Ok(Self { code, transfer, next: 0 })
    }

    pub(crate) fn shows(&self, code: &Code) -> bool {
        self.code == *code
    }

    /// Draws the next frame, titled as its screen is.
    pub(crate) fn frame(&mut self, title: &str) -> Result<(u32, Luma), PlateError> {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let (bytes, level, note) = match (&self.code, &self.transfer) {
            (Code::Card(card), _) => (card.to_vec(), Level::Q, "one code".to_owned()),
            (_, Some(transfer)) => {
                let note = format!("frame {} of {}+", number.saturating_add(1), transfer.least_frames());
                (transfer.frame(number), Level::L, note)
            }
            (Code::Message(_), None) => return Err(PlateError::Nothing),
        };
        let density = Density::smallest_for(bytes.len(), level).ok_or(PlateError::Nothing)?;
        let symbol = Symbol::encode(&bytes, density)?;
        let plate = |caption: &[&str]| draw::plate(SCREEN.0, SCREEN.1, &symbol, caption);
        // A title too long for the space beside the code is left out whole, never cut.
        let drawn = match plate(&[title, &note]) {
            Err(SymbolError::Caption { .. }) => plate(&[&note]),
            drawn => drawn,
        };
        Ok((number, drawn?))
    }
}

/// Says why a code is not drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum PlateError {
    #[error("this screen shows no code. Go to one that does")]
    Nothing,
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error(transparent)]
    Symbol(#[from] SymbolError),
}
