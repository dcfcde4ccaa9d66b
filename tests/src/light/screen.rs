//! What is shown: symbols side by side on a white plate, in whole pixels a module.

use crate::Result;
use cloison_optics::{Luma, QUIET_ZONE, Symbol, draw::Canvas};

/// A screen of so many pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

impl Screen {
    /// A kiosk's touch panel.
    pub const PANEL: Self = Self { width: 800, height: 480 };
    /// A small monitor, or a window on a workstation.
    pub const MONITOR: Self = Self { width: 1280, height: 720 };

    /// Gives the largest whole number of pixels a module at which so many symbols fit side by side.
    #[must_use]
    pub fn scale(&self, modules: u32, symbols: u32) -> u32 {
        let side = modules + 2 * QUIET_ZONE;
        (self.width / (side * symbols.max(1))).min(self.height / side)
    }

    /// Draws the plate: the symbols side by side in its middle, as large as they can be.
    ///
    /// # Errors
    /// They do not fit at one pixel a module, or the screen is too large for a picture.
    pub fn plate(&self, symbols: &[Symbol]) -> Result<Luma> {
        let mut canvas = Canvas::white(self.width, self.height).map_err(|error| error.to_string())?;
        let count = symbols.len() as u32;
        let modules = symbols.iter().map(Symbol::modules).max().unwrap_or(0);
        let scale = self.scale(modules, count);
        if scale == 0 {
            return Err(format!("{count} symbols of {modules} modules do not fit {}×{}", self.width, self.height));
        }
        let side = (modules + 2 * QUIET_ZONE) * scale;
        let (left, top) = ((self.width - side * count) / 2, (self.height - side) / 2);
        for (symbol, place) in symbols.iter().zip(0..) {
            canvas.symbol(symbol, (left + place * side) as i32, top as i32, scale);
        }
        Ok(canvas.into_picture())
    }

    /// Draws a plate of one grey: nothing is shown, or something stands before it.
    ///
    /// # Errors
    /// The screen is too large for a picture.
    pub fn blank(&self, grey: u8) -> Result<Luma> {
        let pixels = vec![grey; (self.width * self.height) as usize];
        Luma::new(self.width, self.height, pixels).map_err(|error| error.to_string())
    }
}
