//! The one picture type: 8-bit grey pixels, row by row, 0 black and 255 white.

use crate::PictureError;

/// The most pixels that one picture may have.
pub const MAX_PIXELS: u32 = 16_777_216;

/// The most pixels that a side may have.
///
/// Readers keep something for each row and each column: 16,777,216×1 pixels cost one of them more
/// than a gigabyte. No camera makes such a picture; a long screenshot has up to this many rows.
pub const MAX_SIDE: u32 = 16_384;

/// The side of the largest square picture.
pub(crate) const MAX_SQUARE: u32 = MAX_PIXELS.isqrt();

/// Holds an 8-bit grey picture.
///
/// # Invariants
/// Neither side is zero or above [`MAX_SIDE`], there are at most [`MAX_PIXELS`] pixels, and exactly
/// one byte for each.
#[derive(Clone, PartialEq, Eq)]
pub struct Luma {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Luma {
    /// Takes pixels that are already there.
    ///
    /// # Errors
    /// A side is zero, the picture is larger than [`MAX_PIXELS`] or [`MAX_SIDE`], or the number of
    /// bytes is not width × height.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PictureError> {
        let expected = Self::count(width, height)?;
        if pixels.len() != expected {
            let found = pixels.len();
            return Err(PictureError::Mismatch { expected, found });
        }
        Ok(Self { width, height, pixels })
    }

    /// Makes a white picture.
    ///
    /// # Errors
    /// A side is zero or the picture is larger than [`MAX_PIXELS`] or [`MAX_SIDE`].
    pub fn white(width: u32, height: u32) -> Result<Self, PictureError> {
        let count = Self::count(width, height)?;
        Ok(Self { width, height, pixels: vec![255; count] })
    }

    /// Makes a white square; a side outside 1 to [`MAX_SQUARE`] becomes the nearest that is inside.
    pub(crate) fn white_square(side: u32) -> Self {
        let side = side.clamp(1, MAX_SQUARE);
        Self { width: side, height: side, pixels: vec![255; (side * side) as usize] }
    }

    /// Checks a size and gives its number of pixels; nothing is allocated.
    ///
    /// # Errors
    /// A side is zero or above [`MAX_SIDE`], or there are more than [`MAX_PIXELS`] pixels.
    pub(crate) fn count(width: u32, height: u32) -> Result<usize, PictureError> {
        let count = u64::from(width) * u64::from(height);
        if count == 0 {
            return Err(PictureError::Empty);
        }
        if count > u64::from(MAX_PIXELS) || width.max(height) > MAX_SIDE {
            return Err(PictureError::TooLarge { width, height });
        }
        usize::try_from(count).map_err(|_| PictureError::TooLarge { width, height })
    }

    /// Returns the width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Returns the pixels, row by row from the top.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Makes a picture of the same size; missing pixels are white.
    pub(crate) fn with(&self, mut pixels: Vec<u8>) -> Self {
        pixels.resize(self.pixels.len(), 255);
        Self { width: self.width, height: self.height, pixels }
    }

    /// Copies the part of a rectangle that lies inside the picture; `None` where none does.
    pub(crate) fn part(&self, left: u32, top: u32, width: u32, height: u32) -> Option<Self> {
        let width = width.min(self.width.checked_sub(left)?);
        let height = height.min(self.height.checked_sub(top)?);
        let columns = left as usize..(left + width) as usize;
        let mut pixels = Vec::with_capacity(width as usize * height as usize);
        for row in self.rows().skip(top as usize).take(height as usize) {
            pixels.extend_from_slice(row.get(columns.clone())?);
        }
        Self::new(width, height, pixels).ok()
    }

    /// Returns the pixels in rows that can be written to.
    pub(crate) fn rows_mut(&mut self) -> std::slice::ChunksExactMut<'_, u8> {
        self.pixels.chunks_exact_mut(self.width as usize)
    }

    /// Returns the pixels in rows.
    pub(crate) fn rows(&self) -> std::slice::ChunksExact<'_, u8> {
        self.pixels.chunks_exact(self.width as usize)
    }

    /// Fills the part of a rectangle that lies inside the picture.
    pub(crate) fn fill(&mut self, x: i32, y: i32, width: u32, height: u32, grey: u8) {
        let columns = overlap(x, width, self.width);
        let rows = overlap(y, height, self.height);
        for row in self.rows_mut().take(rows.end).skip(rows.start) {
            if let Some(part) = row.get_mut(columns.clone()) {
                part.fill(grey);
            }
        }
    }
}

impl std::fmt::Debug for Luma {
    /// Shows the size only: a megabyte of pixels helps nobody in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Luma({}×{})", self.width, self.height)
    }
}

/// Gives the part of `start..start + length` that lies in `0..limit`.
fn overlap(start: i32, length: u32, limit: u32) -> std::ops::Range<usize> {
    let clamp = |at: i64| at.clamp(0, i64::from(limit)) as usize;
    clamp(i64::from(start))..clamp(i64::from(start) + i64::from(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_refused_before_memory_is_taken() {
        assert_eq!(Luma::white(0, 5).unwrap_err(), PictureError::Empty);
        let (width, height) = (u32::MAX, u32::MAX);
        assert_eq!(Luma::white(width, height).unwrap_err(), PictureError::TooLarge { width, height });
        assert!(Luma::white(4096, 4096).is_ok());
        assert!(Luma::white(4096, 4097).is_err());
    }

    #[test]
    fn a_side_has_a_limit_of_its_own_both_ways() {
        for other in [1, MAX_PIXELS / MAX_SIDE] {
            assert!(Luma::white(MAX_SIDE, other).is_ok() && Luma::white(other, MAX_SIDE).is_ok());
        }
        for long in [MAX_SIDE + 1, MAX_PIXELS] {
            for (width, height) in [(long, 1), (1, long)] {
                let too_large = PictureError::TooLarge { width, height };
                assert_eq!(Luma::white(width, height).unwrap_err(), too_large);
                assert_eq!(Luma::new(width, height, vec![]).unwrap_err(), too_large);
            }
        }
    }

    #[test]
    fn the_number_of_pixels_must_fit_the_size() {
        assert!(Luma::new(2, 2, vec![0; 4]).is_ok());
        assert_eq!(Luma::new(2, 2, vec![0; 5]).unwrap_err(), PictureError::Mismatch { expected: 4, found: 5 });
    }

    #[test]
    fn filling_stays_inside() {
        let mut picture = Luma::white(4, 3).unwrap();
        picture.fill(-1, 2, 3, u32::MAX, 0);
        picture.fill(i32::MAX, i32::MIN, u32::MAX, 1, 7);
        assert_eq!(picture.pixels(), [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 255, 255]);
    }
}
