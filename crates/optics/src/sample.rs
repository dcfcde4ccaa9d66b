//! Looks at the modules of a symbol through its grid, in grey.
//!
//! A module is compared with the mean of those around it, not with the picture: the light changes
//! slowly from module to module, and masks keep black and white even. Between pixels the grey is
//! interpolated, so that a module of two pixels has a value of its own.

use crate::Luma;
use crate::grid::Grid;
use rxing::Point;
use rxing::common::BitMatrix;

/// How many modules to each side are compared with one.
const AROUND: usize = 6;

/// Holds the brightness of each module, row by row.
pub(crate) struct Modules {
    side: usize,
    grey: Vec<u16>,
}

impl Modules {
    /// Looks at a picture whose pixels are `scale` times as many as those of the grid.
    pub(crate) fn of(picture: &Luma, grid: &Grid, scale: f32) -> Self {
        let side = grid.side;
        let mut grey = vec![0; side * side];
        grid.each(|x, y, at| {
            if let Some(module) = grey.get_mut(y * side + x) {
                *module = grey_at(picture, at, scale);
            }
        });
        Self { side, grey }
    }

    /// Adds to each module a part of what distinguishes it from its four neighbours, which a lens
    /// out of focus has mixed into it.
    pub(crate) fn sharpened(&self) -> Self {
        let at = |x: usize, y: usize| self.grey.get(y * self.side + x).copied().map(i32::from);
        let mut sharp = Vec::with_capacity(self.grey.len());
        for y in 0..self.side {
            for x in 0..self.side {
                let own = at(x, y).unwrap_or(0);
                let near = |at: Option<i32>| at.unwrap_or(own);
                let left = if x == 0 { own } else { near(at(x - 1, y)) };
                let right = if x + 1 == self.side { own } else { near(at(x + 1, y)) };
                let above = if y == 0 { own } else { near(at(x, y - 1)) };
                let sum = left + right + above + near(at(x, y + 1));
                sharp.push((own + (4 * own - sum) / 4).clamp(0, i32::from(u16::MAX)) as u16);
            }
        }
        Self { side: self.side, grey: sharp }
    }

    /// Compares each module with those around it.
    pub(crate) fn black(&self) -> Option<BitMatrix> {
        let mut bits = BitMatrix::with_single_dimension(self.side as u32).ok()?;
        let sums = self.sums();
        let wide = self.side + 1;
        let sum = |x: usize, y: usize| sums.get(y * wide + x).copied().unwrap_or(0);
        for y in 0..self.side {
            let (top, bottom) = (y.saturating_sub(AROUND), (y + AROUND + 1).min(self.side));
            for x in 0..self.side {
                let (left, right) = (x.saturating_sub(AROUND), (x + AROUND + 1).min(self.side));
                let total = sum(right, bottom) + sum(left, top) - sum(left, bottom) - sum(right, top);
                let area = ((right - left) * (bottom - top)) as u32;
                let grey = self.grey.get(y * self.side + x).copied().unwrap_or(0);
                if u32::from(grey) * area < total {
                    bits.set(x as u32, y as u32);
                }
            }
        }
        Some(bits)
    }

    /// Adds up all modules above and to the left of each corner.
    fn sums(&self) -> Vec<u32> {
        let wide = self.side + 1;
        let mut sums = vec![0; wide * wide];
        for (y, row) in self.grey.chunks_exact(self.side).enumerate() {
            let mut line = 0;
            for (x, grey) in row.iter().enumerate() {
                line += u32::from(*grey);
                let above = sums.get(y * wide + x + 1).copied().unwrap_or(0);
                if let Some(sum) = sums.get_mut((y + 1) * wide + x + 1) {
                    *sum = above + line;
                }
            }
        }
        sums
    }
}

/// Interpolates between four pixels, 64 times as fine as a pixel's own value.
fn grey_at(picture: &Luma, at: Point, scale: f32) -> u16 {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (x, y) = ((at.x * scale - 0.5).max(0.0), (at.y * scale - 0.5).max(0.0));
    let (left, top) = ((x as usize).min(width - 1), (y as usize).min(height - 1));
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (across, down) = (((x - left as f32) * 8.0) as u32, ((y - top as f32) * 8.0) as u32);
    let (across, down) = (across.min(8), down.min(8));
    let grey = |x: usize, y: usize| u32::from(picture.pixels().get(y * width + x).copied().unwrap_or(0));
    let upper = grey(left, top) * (8 - across) + grey(right, top) * across;
    let lower = grey(left, bottom) * (8 - across) + grey(right, bottom) * across;
    (upper * (8 - down) + lower * down) as u16
}

#[cfg(test)]
mod tests {
    use crate::binarize::Bits;
    use crate::grid::Grid;
    use crate::read::Limits;
    use crate::sample::Modules;
    use crate::{Density, Level, Symbol, locate};

    #[test]
    fn the_modules_of_a_clear_symbol_are_exact_at_every_size() {
        let mut more = || true;
        let mut limits = Limits::new(&mut more);
        for (version, module) in [(1, 3), (2, 9), (7, 3), (14, 5), (25, 3), (40, 4)] {
            let density = Density::new(version, Level::L).unwrap();
            let symbol = Symbol::encode(b"exact", density).unwrap();
            let (picture, plain) = (symbol.picture(module), symbol.picture(1));
            let bits = Bits::of(&picture);
            let matrix = bits.matrix().unwrap();
            let patterns = locate::finders(&bits, &matrix, &mut limits);
            let group = locate::groups(patterns, &mut limits)[0];
            let grid = Grid::over(&matrix, &group, &mut limits).unwrap();
            let modules = Modules::of(&picture, &grid, 1.0);
            let black = modules.black().unwrap();
            let sharp = modules.sharpened().black().unwrap();
            assert_eq!(grid.side, symbol.modules() as usize);
            for y in 0..grid.side as u32 {
                for x in 0..grid.side as u32 {
                    let (column, row) = (x + crate::QUIET_ZONE, y + crate::QUIET_ZONE);
                    let expected = plain.pixels()[(row * plain.width() + column) as usize] == 0;
                    assert_eq!((black.get(x, y), sharp.get(x, y)), (expected, expected), "version {version}, {x} {y}");
                }
            }
        }
    }
}
