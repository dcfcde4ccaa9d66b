//! Makes one QR symbol: byte mode, a chosen size and level, one fixed mask.
//!
//! The mask is fixed because a transfer is filmed: where a rolling shutter tears two frames
//! together, a common mask lets error correction mend the seam, and trying all eight masks would
//! cost most of the time that making a symbol takes. It does not choose sizes for a link and does
//! not split messages; callers do.

use crate::luma::MAX_SQUARE;
use crate::{Luma, PictureError};
use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, Version, ec};

/// The width of the white border that a symbol needs, in modules (ISO/IEC 18004, 6.3.8).
pub const QUIET_ZONE: u32 = 4;

/// The mask of every symbol.
const MASK: MaskPattern = MaskPattern::DiagonalLines;

/// Names how much of a symbol may be damaged and still be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Mends about 7 % of the symbol.
    L,
    /// Mends about 15 % of the symbol.
    M,
    /// Mends about 25 % of the symbol.
    Q,
    /// Mends about 30 % of the symbol.
    H,
}

impl From<Level> for EcLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::L => Self::L,
            Level::M => Self::M,
            Level::Q => Self::Q,
            Level::H => Self::H,
        }
    }
}

/// Says what went wrong when a symbol was made or placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SymbolError {
    /// The version is not a QR version.
    #[error("There is no QR version {version}. Choose one from 1 to 40.")]
    Version {
        /// The version asked for.
        version: u8,
    },
    /// There is nothing to encode; readers take an empty symbol for a misreading.
    #[error("A QR symbol must carry at least one byte. Give it something to carry.")]
    Empty,
    /// The data are longer than the symbol's capacity.
    #[error("{found} bytes do not fit a symbol that holds {capacity}. Choose a higher version or a lower level.")]
    TooLong {
        /// The bytes given.
        found: usize,
        /// The bytes that fit.
        capacity: usize,
    },
    /// The symbol does not fit the plate even at one pixel a module.
    #[error(
        "The code needs {needed} pixels each way and the screen has {width}×{height}. Choose a lower density or a larger screen."
    )]
    NoRoom {
        /// The side of the symbol with its quiet zone, in modules and so in pixels.
        needed: u32,
        /// The plate's width.
        width: u32,
        /// The plate's height.
        height: u32,
    },
    /// The plate itself cannot be made.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// Names the size and the level of a symbol, and thereby what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Density {
    version: u8,
    level: Level,
}

impl Density {
    /// Checks a version, 1 to 40.
    ///
    /// # Errors
    /// The version is outside that range.
    pub fn new(version: u8, level: Level) -> Result<Self, SymbolError> {
        if !(1..=40).contains(&version) {
            return Err(SymbolError::Version { version });
        }
        Ok(Self { version, level })
    }

    /// Finds the smallest symbol that holds `len` bytes, if one does.
    pub fn smallest_for(len: usize, level: Level) -> Option<Self> {
        (1..=40).map(|version| Self { version, level }).find(|density| density.capacity() >= len)
    }

    /// Returns the version, 1 to 40.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// Returns the level of error correction.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Counts the bytes that one symbol holds in byte mode.
    pub fn capacity(&self) -> usize {
        // ISO/IEC 18004, 7.4.1: a mode indicator of 4 bits and a count of 8 or 16 bits come first.
        let head = if self.version < 10 { 4 + 8 } else { 4 + 16 };
        let bits = Bits::new(self.qr()).max_len(self.level.into()).unwrap_or(0);
        bits.saturating_sub(head) / 8
    }

    /// Counts the modules of a side, without the quiet zone.
    pub fn modules(&self) -> u32 {
        17 + 4 * u32::from(self.version)
    }

    fn qr(&self) -> Version {
        Version::Normal(i16::from(self.version))
    }
}

/// Holds the modules of one finished symbol.
#[derive(Clone, PartialEq, Eq)]
pub struct Symbol {
    modules: u32,
    dark: Vec<bool>,
}

impl Symbol {
    /// Encodes bytes, whatever they are, as one symbol of the given density.
    ///
    /// # Errors
    /// There are no bytes, or more than [`Density::capacity`].
    pub fn encode(data: &[u8], density: Density) -> Result<Self, SymbolError> {
        Ok(drawn(&code_words(data, density)?, density))
    }

    /// Counts the modules of a side, without the quiet zone.
    pub fn modules(&self) -> u32 {
        self.modules
    }

    /// Tells whether a module is dark; everything outside the symbol is light.
    pub fn is_dark(&self, x: u32, y: u32) -> bool {
        let inside = x < self.modules && y < self.modules;
        inside && self.dark.get((y * self.modules + x) as usize).copied().unwrap_or(false)
    }

    /// Counts the modules of a side with the quiet zone on both ends.
    pub(crate) fn side(&self) -> u32 {
        self.modules + 2 * QUIET_ZONE
    }

    /// Draws the symbol on a white plate with its quiet zone, `scale` pixels a module.
    ///
    /// A scale of zero counts as one; a scale whose picture would exceed [`crate::MAX_PIXELS`] counts as
    /// the largest that does not (22 for version 40).
    pub fn picture(&self, scale: u32) -> Luma {
        let scale = scale.clamp(1, MAX_SQUARE / self.side());
        let mut picture = Luma::white_square(self.side() * scale);
        self.draw(&mut picture, 0, 0, scale);
        picture
    }

    /// Draws the white plate and the dark modules into a picture, cut off at its edges.
    pub(crate) fn draw(&self, picture: &mut Luma, x: i32, y: i32, scale: u32) {
        let side = self.side().saturating_mul(scale);
        picture.fill(x, y, side, side, 255);
        let at = |start: i32, module: usize| start.saturating_add_unsigned((module as u32 + QUIET_ZONE).saturating_mul(scale));
        for (row, modules) in self.dark.chunks_exact(self.modules as usize).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|one, next| one == next) {
                if run.first() == Some(&true) {
                    picture.fill(at(x, column), at(y, row), (run.len() as u32).saturating_mul(scale), scale, 0);
                }
                column += run.len();
            }
        }
    }

    /// Tells of each module, row by row, whether it is another than that of a symbol of the same size.
    pub(crate) fn turned<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = bool> + 'a {
        self.dark.iter().zip(&other.dark).map(|(one, other)| one != other)
    }

    /// Makes a light module dark and a dark one light.
    pub(crate) fn turn(&mut self, module: u16) {
        if let Some(dark) = self.dark.get_mut(usize::from(module)) {
            *dark = !*dark;
        }
    }
}

impl std::fmt::Debug for Symbol {
    /// Shows the size only: what a symbol carries may be somebody's secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Symbol({0}×{0})", self.modules)
    }
}

/// Gives the code words of some bytes with those of their error correction (ISO/IEC 18004, 7.4 to 7.6).
///
/// # Errors
/// There are no bytes, or more than fit.
pub(crate) fn code_words(data: &[u8], density: Density) -> Result<Vec<u8>, SymbolError> {
    if data.is_empty() {
        return Err(SymbolError::Empty);
    }
    let (found, capacity) = (data.len(), density.capacity());
    let too_long = SymbolError::TooLong { found, capacity };
    if found > capacity {
        return Err(too_long);
    }
    corrected(data, density).map_err(|_| too_long)
}

fn corrected(data: &[u8], density: Density) -> qrcode::QrResult<Vec<u8>> {
    let (version, level) = (density.qr(), density.level.into());
    let mut bits = Bits::new(version);
    bits.push_byte_data(data)?;
    bits.push_terminator(level)?;
    let (mut words, correction) = ec::construct_codewords(&bits.into_bytes(), version, level)?;
    words.extend(correction);
    Ok(words)
}

/// Draws code words, the fixed patterns and the mask (ISO/IEC 18004, 7.7 to 7.9).
pub(crate) fn drawn(words: &[u8], density: Density) -> Symbol {
    let mut canvas = Canvas::new(density.qr(), density.level.into());
    canvas.draw_all_functional_patterns();
    canvas.draw_data(words, &[]);
    canvas.apply_mask(MASK);
    let dark = canvas.into_colors().iter().map(|color| *color == Color::Dark).collect();
    Symbol { modules: density.modules(), dark }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_are_those_of_the_standard() {
        let known = [
            (1, Level::L, 17),
            (1, Level::H, 7),
            (9, Level::L, 230),
            (10, Level::L, 271),
            (25, Level::L, 1273),
            (27, Level::L, 1465),
            (40, Level::L, 2953),
            (40, Level::M, 2331),
            (40, Level::Q, 1663),
            (40, Level::H, 1273),
        ];
        for (version, level, bytes) in known {
            assert_eq!(Density::new(version, level).unwrap().capacity(), bytes);
        }
    }

    #[test]
    fn a_full_symbol_fits_and_one_byte_more_does_not() {
        for level in [Level::L, Level::M, Level::Q, Level::H] {
            for version in 1..=40 {
                let density = Density::new(version, level).unwrap();
                let capacity = density.capacity();
                let symbol = Symbol::encode(&vec![0xa5; capacity], density).unwrap();
                assert_eq!(symbol.modules(), density.modules());
                let found = capacity + 1;
                assert_eq!(Symbol::encode(&vec![0xa5; found], density).unwrap_err(), SymbolError::TooLong { found, capacity });
            }
        }
    }

    #[test]
    fn the_smallest_symbol_that_holds_the_bytes_is_found() {
        let version = |len| Density::smallest_for(len, Level::L).map(|d| d.version());
        assert_eq!(version(1), Some(1));
        assert_eq!(version(17), Some(1));
        assert_eq!(version(18), Some(2));
        assert_eq!(version(2953), Some(40));
        assert_eq!(version(2954), None);
    }

    #[test]
    fn other_versions_and_empty_data_are_refused() {
        assert_eq!(Density::new(0, Level::L), Err(SymbolError::Version { version: 0 }));
        assert!(Density::new(41, Level::H).is_err());
        let density = Density::new(3, Level::M).unwrap();
        assert_eq!(Symbol::encode(&[], density).unwrap_err(), SymbolError::Empty);
    }

    #[test]
    fn a_picture_has_a_white_quiet_zone_and_a_bounded_size() {
        let density = Density::new(40, Level::L).unwrap();
        let symbol = Symbol::encode(b"x", density).unwrap();
        assert!(symbol.is_dark(0, 0) && !symbol.is_dark(177, 0) && !symbol.is_dark(0, u32::MAX));
        let picture = symbol.picture(2);
        assert_eq!((picture.width(), picture.height()), (370, 370));
        let border = picture.rows().take(8).flatten().all(|grey| *grey == 255);
        assert!(border && picture.pixels()[8 * 370 + 8] == 0);
        assert_eq!(symbol.picture(0).width(), 185);
        assert_eq!(symbol.picture(u32::MAX).width(), 22 * 185);
    }
}
