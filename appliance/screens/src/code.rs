//! A code on the screen: one symbol, or the frames of a transfer, in whole pixels a module.

use cloison_ceremony::Code;
use cloison_optics::{Density, Level, Luma, QUIET_ZONE, Symbol, SymbolError};
use cloison_protocol::{FRAME_OVERHEAD, Transfer, TransferError};
use core::time::Duration;
use thiserror::Error;

/// The QR versions of the three densities. The densest leaves four pixels a module on the smaller
/// of the two screens.
const VERSIONS: [u8; 3] = [10, 15, 20];
/// What stands for white, at each brightness: a screen that blinds a camera is turned down.
const WHITES: [u8; 3] = [150, 200, 255];
/// How long a frame stays, at each speed.
const INTERVALS: [Duration; 3] = [Duration::from_millis(400), Duration::from_millis(200), Duration::from_millis(125)];

/// How codes are shown; remembered from one to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How fast frames follow each other, from 0 to 2.
    pub speed: u8,
    /// How much a frame holds, from 0 to 2.
    pub density: u8,
    /// How bright the plate is, from 0 to 2.
    pub brightness: u8,
}

impl Default for Pace {
    fn default() -> Self {
        Self { speed: 1, density: 2, brightness: 2 }
    }
}

impl Pace {
    pub(crate) fn interval(self) -> Duration {
        INTERVALS.get(usize::from(self.speed)).copied().unwrap_or(INTERVALS[0])
    }

    /// Gives what stands for white.
    pub(crate) fn white(self) -> u8 {
        WHITES.get(usize::from(self.brightness)).copied().unwrap_or(u8::MAX)
    }

    pub(crate) fn faster(&mut self) {
        self.speed = (self.speed + 1) % 3;
    }

    pub(crate) fn denser(&mut self) {
        self.density = (self.density + 1) % 3;
    }

    pub(crate) fn brighter(&mut self) {
        self.brightness = (self.brightness + 1) % 3;
    }
}

/// A code being shown, and how far its frames are.
pub(crate) struct Showing {
    code: Code,
    transfer: Option<Transfer>,
    next: u32,
}

impl Showing {
    pub(crate) fn new(code: &Code, pace: Pace) -> Result<Self, CodeError> {
        let transfer = match code {
            Code::Card(_) => None,
            Code::Message(bytes) => {
                let version = VERSIONS.get(usize::from(pace.density)).copied().unwrap_or(VERSIONS[0]);
                let density = Density::new(version, Level::L)?;
                Some(Transfer::new(bytes, density.capacity() - FRAME_OVERHEAD)?)
            }
        };
        Ok(Self { code: code.clone(), transfer, next: 0 })
    }

    pub(crate) fn shows(&self, code: &Code) -> bool {
        self.code == *code
    }

    pub(crate) fn is_moving(&self) -> bool {
        self.transfer.is_some()
    }

    /// Tells whether no frame was drawn yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.next == 0
    }

    /// Gives the number of the frame that was drawn last, from 1; 0 before the first.
    pub(crate) fn number(&self) -> u32 {
        self.next
    }

    pub(crate) fn least(&self) -> u32 {
        self.transfer.as_ref().map_or(1, Transfer::least_frames)
    }

    /// Draws the next frame on a white plate of at most `side` pixels; gives its number, from 1.
    pub(crate) fn frame(&mut self, side: u32) -> Result<(u32, Luma), CodeError> {
        let (bytes, level) = match (&self.code, &self.transfer) {
            (Code::Card(card), _) => (card.to_vec(), Level::Q),
            (Code::Message(_), Some(transfer)) => (transfer.frame(self.next), Level::L),
            (Code::Message(_), None) => return Err(CodeError::Nothing),
        };
        self.next = self.next.wrapping_add(1);
        let density = Density::smallest_for(bytes.len(), level).ok_or(CodeError::Nothing)?;
        let symbol = Symbol::encode(&bytes, density)?;
        let scale = side / (symbol.modules() + 2 * QUIET_ZONE);
        if scale == 0 {
            return Err(CodeError::NoRoom { side });
        }
        Ok((self.next, symbol.picture(scale)))
    }
}

/// Says why a code is not drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum CodeError {
    #[error("there is nothing to draw. Go back and show it again")]
    Nothing,
    #[error("the code does not fit {side} pixels. Use a larger screen")]
    NoRoom { side: u32 },
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error(transparent)]
    Symbol(#[from] SymbolError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_optics::read;
    use cloison_protocol::{Assembly, Fate};

    #[test]
    fn a_message_is_read_back_from_the_frames_at_every_density_and_size() {
        let message: Vec<u8> = (0..3000_u32).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
        for (density, side) in [(0, 480), (1, 480), (2, 480), (2, 720)] {
            let mut showing = Showing::new(&Code::Message(message.clone()), Pace { speed: 0, density, brightness: 2 }).unwrap();
            let mut assembly = Assembly::new();
            let whole = (0..100).find_map(|_| {
                let (_, picture) = showing.frame(side).unwrap();
                assert!(picture.width() <= side && picture.width() > side / 2);
                let codes = read(&picture);
                match assembly.take(&codes[0]).unwrap() {
                    Fate::Complete(bytes) => Some(bytes),
                    _ => None,
                }
            });
            assert_eq!(whole.as_deref(), Some(message.as_slice()));
        }
    }

    #[test]
    fn a_card_is_one_code_in_whole_pixels() {
        let mut showing = Showing::new(&Code::Card([7; 80]), Pace::default()).unwrap();
        let (number, picture) = showing.frame(480).unwrap();
        assert!(!showing.is_moving() && number == 1);
        assert_eq!(read(&picture), vec![vec![7; 80]]);
    }
}
