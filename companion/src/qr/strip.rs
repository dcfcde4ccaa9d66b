//! The endless row of pictures that carries one payload.

use super::QrError;
use crate::args::{self, Level};
use cloison_optics::{Density, Fit, Luma, Press, Symbol};
use cloison_protocol::{Correction, FRAME_OVERHEAD, Profile, Transfer, TransferId};

/// The density of pictures where none was asked for.
const ORDINARY: u8 = 25;
/// How long a picture of it stays, in milliseconds.
const ORDINARY_DELAY: u16 = 120;

/// A payload as numbered pictures, all of one density.
pub(crate) struct Strip {
    transfer: Transfer,
    press: Press,
    /// How many symbols stand side by side.
    pub(crate) across: u32,
    /// The bytes that one frame carries beside its overhead.
    pub(crate) symbol_size: usize,
    /// How long each picture stays, in milliseconds.
    pub(crate) delay: u16,
}

impl Strip {
    /// Prepares a payload for symbols of at most the density that was asked for.
    ///
    /// # Errors
    /// The payload is empty or too long, or the symbols are too small for it.
    pub(crate) fn new(payload: &[u8], typed: &args::Codes) -> Result<Self, QrError> {
        let profile = match typed.profile.and_then(numbered) {
            Some(profile) => profile,
            None => asked(typed.density.unwrap_or(ORDINARY), typed.level.unwrap_or(Level::L), typed.across.unwrap_or(1))?,
        };
        let wanted = density(profile)?;
        let transfer = Transfer::new(payload, wanted.capacity().saturating_sub(FRAME_OVERHEAD))?;
        let frame = transfer.frame(0).len();
        // A payload smaller than one frame gets the smallest code that holds it.
        let density = Density::smallest_for(frame, wanted.level()).unwrap_or(wanted);
        let across = u32::from(profile.across).min(transfer.least_frames()).max(1);
        let delay = typed.profile.map_or(ORDINARY_DELAY, |_| 1000 / u16::from(profile.rate));
        let (delay, symbol_size) = (typed.delay.unwrap_or(delay), frame - FRAME_OVERHEAD);
        Ok(Self { transfer, press: Press::new(density)?, across, symbol_size, delay })
    }

    /// Names the transfer.
    pub(crate) fn id(&self) -> TransferId {
        self.transfer.id()
    }

    /// Counts the pictures that are needed when none is lost.
    pub(crate) fn least(&self) -> u32 {
        self.transfer.least_frames().div_ceil(self.across)
    }

    /// Draws the picture of one number, so many pixels a module.
    ///
    /// # Errors
    /// The picture would be too large.
    pub(crate) fn picture(&self, number: u32, scale: u32) -> Result<Luma, QrError> {
        let first = number.wrapping_mul(self.across);
        let frames = (first..first.saturating_add(self.across)).map(|frame| self.press.symbol(&self.transfer.frame(frame)));
        let symbols = frames.collect::<Result<Vec<Symbol>, _>>()?;
        Ok(Fit::scaled(self.press.density(), self.across, scale).draw(&symbols)?)
    }
}

/// Gives a profile by the number that people say, from 1.
pub(crate) fn numbered(number: u8) -> Option<Profile> {
    number.checked_sub(1).and_then(Profile::numbered)
}

/// Gives the profile that a version, a level and a number side by side are, shown as fast as pictures are.
///
/// # Errors
/// There is no such version.
pub(crate) fn asked(version: u8, level: Level, across: u8) -> Result<Profile, QrError> {
    let correction = match level {
        Level::L => Correction::L,
        Level::M => Correction::M,
        Level::Q => Correction::Q,
        Level::H => Correction::H,
    };
    let mut profile = Profile { version, correction, across, rate: (1000 / ORDINARY_DELAY) as u8, capacity: 0 };
    profile.capacity = density(profile)?.capacity();
    Ok(profile)
}

/// Gives the density of a profile as optics names it.
///
/// # Errors
/// There is no such version.
pub(crate) fn density(profile: Profile) -> Result<Density, QrError> {
    let level = match profile.correction {
        Correction::L => cloison_optics::Level::L,
        Correction::M => cloison_optics::Level::M,
        Correction::Q => cloison_optics::Level::Q,
        Correction::H => cloison_optics::Level::H,
    };
    Ok(Density::new(profile.version, level)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_hold_what_their_symbols_hold() {
        for profile in Profile::ALL {
            assert_eq!(density(profile).unwrap().capacity(), profile.capacity, "{profile:?}");
        }
        assert!(numbered(0).is_none() && numbered(6).is_some() && numbered(7).is_none());
    }
}
