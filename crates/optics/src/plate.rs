//! Sets one symbol or two side by side on a white plate, in whole pixels a module.
//!
//! Two symbols share nothing: each has its own quiet zone, so that either is read alone.

use crate::symbol::{Density, QUIET_ZONE, Symbol, SymbolError};
use crate::{Luma, PictureError};

/// Says how large symbols of a density are drawn on a plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The pixels of a module's side.
    pub scale: u32,
    /// The width of all symbols with their quiet zones, in pixels.
    pub width: u32,
    /// Their height.
    pub height: u32,
}

impl Fit {
    /// Finds the largest whole scale at which so many symbols stand side by side within a plate.
    ///
    /// # Errors
    /// Not even one pixel a module fits, or there are no symbols.
    pub fn of(density: Density, across: u32, width: u32, height: u32) -> Result<Self, SymbolError> {
        let side = density.modules() + 2 * QUIET_ZONE;
        let needed = side.saturating_mul(across.max(1));
        let scale = (width / needed).min(height / side);
        if scale == 0 {
            return Err(SymbolError::NoRoom { needed, width, height });
        }
        Ok(Self { scale, width: needed * scale, height: side * scale })
    }

    /// Takes a scale, whatever becomes of the plate's size.
    pub fn scaled(density: Density, across: u32, scale: u32) -> Self {
        let side = (density.modules() + 2 * QUIET_ZONE).saturating_mul(scale.max(1));
        Self { scale: scale.max(1), width: side.saturating_mul(across.max(1)), height: side }
    }

    /// Draws symbols of the density side by side; one that is missing leaves its place white.
    ///
    /// # Errors
    /// The plate is too large for a picture.
    pub fn draw(&self, symbols: &[Symbol]) -> Result<Luma, PictureError> {
        let mut plate = Luma::white(self.width, self.height)?;
        for (place, symbol) in (0..).zip(symbols) {
            let left = symbol.side().saturating_mul(self.scale).saturating_mul(place);
            symbol.draw(&mut plate, i32::try_from(left).unwrap_or(i32::MAX), 0, self.scale);
        }
        Ok(plate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Level, read};

    fn density(version: u8) -> Density {
        Density::new(version, Level::L).unwrap()
    }

    #[test]
    fn two_symbols_fill_the_small_screen_and_both_are_read() {
        let fit = Fit::of(density(27), 2, 800, 480).unwrap();
        assert_eq!(fit, Fit { scale: 3, width: 798, height: 399 });
        let symbols = [vec![1; 1465], vec![2; 1465]].map(|data| Symbol::encode(&data, density(27)).unwrap());
        let plate = fit.draw(&symbols).unwrap();
        assert_eq!((plate.width(), plate.height()), (798, 399));
        let mut found = read(&plate);
        found.sort();
        assert_eq!(found, [vec![1; 1465], vec![2; 1465]]);
        let one = fit.draw(&symbols[..1]).unwrap();
        assert!(one.rows().all(|row| row[399..].iter().all(|grey| *grey == 255)));
    }

    #[test]
    fn one_symbol_on_a_plate_is_its_picture() {
        let symbol = Symbol::encode(b"one", density(5)).unwrap();
        let fit = Fit::of(density(5), 1, 300, 200).unwrap();
        assert_eq!(fit.scale, 4);
        assert!(fit.draw(std::slice::from_ref(&symbol)).unwrap() == symbol.picture(4));
    }

    #[test]
    fn what_does_not_fit_is_an_error_that_says_what_is_needed() {
        let error = Fit::of(density(40), 2, 369, 480).unwrap_err();
        assert_eq!(error, SymbolError::NoRoom { needed: 370, width: 369, height: 480 });
        assert!(Fit::of(density(40), 2, 370, 185).is_ok());
        assert!(Fit::of(density(40), 2, 370, 184).is_err());
        assert_eq!(Fit::scaled(density(27), 2, 3), Fit::of(density(27), 2, 800, 480).unwrap());
        assert!(matches!(Fit::scaled(density(40), 2, 64).draw(&[]), Err(PictureError::TooLarge { .. })));
    }
}
