//! Prepares a picture for one pass of the reader.
//!
//! Each way answers one defect: noise (smoothed, half size), a blurred edge (sharpened), white on
//! black (inverted), modules of about two pixels (doubled). None of them looks for symbols.

use crate::Luma;
use crate::binarize::Bits;
use std::borrow::Cow;

/// The most pixels of a picture that is doubled: a small one, whose modules may be too small.
const DOUBLED_BELOW: usize = 500_000;

/// The most pixels of a picture that is sharpened; in a larger one no module is small.
const SHARPENED_BELOW: usize = 4_000_000;

/// Names a way to prepare a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Smoothed,
    Halved,
    Plain,
    Inverted,
    Sharpened,
    Blurred,
    Doubled,
}

impl Way {
    /// The ways that cost least.
    pub(crate) const QUICK: [Self; 3] = [Self::Smoothed, Self::Halved, Self::Plain];

    /// All ways, in the order in which they were measured to pay.
    pub(crate) const ALL: [Self; 7] =
        [Self::Smoothed, Self::Halved, Self::Plain, Self::Inverted, Self::Sharpened, Self::Blurred, Self::Doubled];

    /// Prepares a picture; `None` where it is too large or too small for that.
    pub(crate) fn of(self, plain: Cow<'_, Luma>) -> Option<Prepared<'_>> {
        let (own, scale) = match self {
            Self::Smoothed => (Some(smoothed(&plain)), 1.0),
            Self::Halved => (Some(halved(&plain)?), 2.0),
            Self::Plain => (None, 1.0),
            Self::Inverted => {
                let inverted = inverted(&plain);
                return Some(Prepared {
                    bits: Bits::of(&smoothed(&inverted)),
                    plain: Cow::Owned(inverted),
                    own: None,
                    scale: 1.0,
                });
            }
            Self::Sharpened if plain.pixels().len() > SHARPENED_BELOW => return None,
            Self::Sharpened => (Some(sharpened(&plain)), 1.0),
            // What a printer's dead dots leave is thinner than a module.
            Self::Blurred => (Some(blurred(&plain)), 1.0),
            Self::Doubled if plain.pixels().len() > DOUBLED_BELOW => return None,
            Self::Doubled => (Some(doubled(&plain)?), 0.5),
        };
        let bits = Bits::of(own.as_ref().unwrap_or(&plain));
        Some(Prepared { bits, plain, own, scale })
    }
}

/// Holds a picture that is prepared.
pub(crate) struct Prepared<'a> {
    pub(crate) bits: Bits,
    plain: Cow<'a, Luma>,
    own: Option<Luma>,
    /// The plain picture's pixels for one of `bits`.
    pub(crate) scale: f32,
}

impl Prepared<'_> {
    /// Gives the pictures in which modules are looked at, each with its pixels for one of `bits`:
    /// small modules are clearest in the plain one, noisy ones in the prepared.
    pub(crate) fn looks(&self) -> impl Iterator<Item = (&Luma, f32)> {
        std::iter::once((&*self.plain, self.scale)).chain(self.own.iter().map(|own| (own, 1.0)))
    }
}

/// Smooths with a 3×3 binomial kernel (1 2 1 both ways); edges are repeated outwards.
fn smoothed(picture: &Luma) -> Luma {
    let rows: Vec<&[u8]> = picture.rows().collect();
    let width = picture.width() as usize;
    let (mut mixed, mut line) = (vec![0; width], vec![0; width]);
    let mut pixels = Vec::with_capacity(picture.pixels().len());
    for (y, row) in rows.iter().enumerate() {
        let above = rows.get(y.saturating_sub(1)).unwrap_or(row);
        let below = rows.get(y + 1).unwrap_or(row);
        for (((mixed, above), grey), below) in mixed.iter_mut().zip(*above).zip(*row).zip(*below) {
            *mixed = weighed(*above, *grey, *below);
        }
        smooth_line(&mixed, &mut line);
        pixels.extend_from_slice(&line);
    }
    picture.with(pixels)
}

/// Smooths one row into another of the same length.
fn smooth_line(row: &[u8], out: &mut [u8]) {
    if let ([only], [out]) = (row, &mut *out) {
        *out = *only;
    }
    let (left, right) = (row, row.get(2..).unwrap_or_default());
    let middle = row.get(1..).unwrap_or_default();
    for (((out, a), b), c) in out.iter_mut().skip(1).zip(left).zip(middle).zip(right) {
        *out = weighed(*a, *b, *c);
    }
    if let ([first, second, ..], [out, ..]) = (row, &mut *out) {
        *out = weighed(*first, *first, *second);
    }
    if let ([.., before, last], [.., out]) = (row, out) {
        *out = weighed(*before, *last, *last);
    }
}

/// Weighs three neighbours by 1 2 1, in two rounded means: processors do sixteen at once.
fn weighed(a: u8, b: u8, c: u8) -> u8 {
    mean(mean(a, c), b)
}

fn mean(a: u8, b: u8) -> u8 {
    ((u16::from(a) + u16::from(b) + 1) >> 1) as u8
}

/// Blurs with a 5×5 binomial kernel (1 4 6 4 1 both ways).
fn blurred(picture: &Luma) -> Luma {
    smoothed(&smoothed(picture))
}

/// Halves both sides, each pixel the mean of four; `None` where a side would become zero.
pub(crate) fn halved(picture: &Luma) -> Option<Luma> {
    let mut half = Luma::white(picture.width() / 2, picture.height() / 2).ok()?;
    let pairs = picture.pixels().chunks_exact(2 * picture.width() as usize);
    for (pair, out) in pairs.zip(half.rows_mut()) {
        let (upper, lower) = pair.split_at(pair.len() / 2);
        let squares = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        for ((upper, lower), out) in squares.zip(out) {
            let sum: u16 = upper.iter().chain(lower).map(|grey| u16::from(*grey)).sum();
            *out = ((sum + 2) / 4) as u8;
        }
    }
    Some(half)
}

/// Exchanges black and white.
fn inverted(picture: &Luma) -> Luma {
    let mut inverted = picture.clone();
    for row in inverted.rows_mut() {
        row.iter_mut().for_each(|grey| *grey = 255 - *grey);
    }
    inverted
}

/// Doubles both sides with linear interpolation and sharpens the result; `None` where it would
/// become too large.
fn doubled(picture: &Luma) -> Option<Luma> {
    let mut double = Luma::white(picture.width() * 2, picture.height() * 2).ok()?;
    let rows: Vec<&[u8]> = picture.rows().collect();
    for (y, out) in double.rows_mut().enumerate() {
        let (near, far) = neighbours(y, rows.len());
        if let (Some(near), Some(far)) = (rows.get(near), rows.get(far)) {
            double_line(near, far, out);
        }
    }
    Some(sharpened(&double))
}

/// Interpolates one row of double length between two rows.
fn double_line(near: &[u8], far: &[u8], out: &mut [u8]) {
    let mixed = |x: usize| {
        let grey = |row: &[u8]| u16::from(row.get(x).copied().unwrap_or(255));
        3 * grey(near) + grey(far)
    };
    for (x, out) in out.iter_mut().enumerate() {
        let (close, away) = neighbours(x, near.len());
        *out = ((3 * mixed(close) + mixed(away) + 8) / 16) as u8;
    }
}

/// Names the nearer and the farther source of a doubled coordinate.
fn neighbours(at: usize, length: usize) -> (usize, usize) {
    let last = length.saturating_sub(1);
    let near = (at / 2).min(last);
    let far = if at.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) };
    (near, far)
}

/// Adds to each pixel twice its difference from the blurred picture.
fn sharpened(picture: &Luma) -> Luma {
    let mut sharp = blurred(picture);
    for (row, out) in picture.rows().zip(sharp.rows_mut()) {
        for (grey, out) in row.iter().zip(out) {
            let (grey, blur) = (i16::from(*grey), i16::from(*out));
            *out = (3 * grey - 2 * blur).clamp(0, 255) as u8;
        }
    }
    sharp
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot() -> Luma {
        let mut picture = Luma::white(9, 8).unwrap();
        picture.fill(4, 4, 1, 1, 0);
        picture
    }

    #[test]
    fn blurring_keeps_flat_areas_and_spreads_a_dot() {
        let blurred = blurred(&dot());
        let at = |x: usize, y: usize| blurred.pixels()[y * 9 + x];
        assert_eq!(at(0, 0), 255);
        assert!(at(4, 4) < at(5, 4) && at(5, 4) < at(6, 4) && at(6, 4) < 255);
        assert_eq!(at(5, 4), at(4, 5));
    }

    #[test]
    fn halving_averages_and_drops_an_odd_edge() {
        let half = halved(&dot()).unwrap();
        assert_eq!((half.width(), half.height()), (4, 4));
        assert_eq!(half.pixels()[2 * 4 + 2], 191);
        assert!(halved(&Luma::white(1, 7).unwrap()).is_none());
    }

    #[test]
    fn inverting_twice_changes_nothing() {
        assert_eq!(inverted(&inverted(&dot())), dot());
    }

    #[test]
    fn doubling_keeps_flat_areas_and_the_place_of_a_dot() {
        let double = doubled(&dot()).unwrap();
        assert_eq!((double.width(), double.height()), (18, 16));
        let at = |x: usize, y: usize| double.pixels()[y * 18 + x];
        assert_eq!((at(0, 0), at(17, 15)), (255, 255));
        assert!(at(8, 8) < 100 && at(9, 9) < 100 && at(8, 8) == at(9, 9));
    }

    #[test]
    fn the_smallest_pictures_survive_every_preparation() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 2), (4, 5)] {
            let picture = Luma::white(width, height).unwrap();
            assert!(blurred(&picture).pixels().iter().all(|grey| *grey == 255));
            assert!(doubled(&picture).unwrap().pixels().iter().all(|grey| *grey == 255));
            let _ = halved(&picture);
        }
    }
}
