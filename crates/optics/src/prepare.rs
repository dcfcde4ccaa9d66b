//! Prepares a picture that could not be read as it is for another attempt.
//!
//! Each preparation answers one defect: noise (blur, half size), white on black (inverted), modules
//! of about two pixels (doubled and sharpened). None of them looks for symbols.

use crate::Luma;

/// Blurs with a 5×5 Gaussian kernel (1 4 6 4 1 both ways); edges are repeated outwards.
pub(crate) fn blurred(picture: &Luma) -> Luma {
    let mut across = picture.clone();
    for (row, out) in picture.rows().zip(across.rows_mut()) {
        blur_line(row, out);
    }
    let mut blurred = across.clone();
    let rows: Vec<&[u8]> = across.rows().collect();
    let last = rows.len().saturating_sub(1);
    for (y, out) in blurred.rows_mut().enumerate() {
        let near = |offset: usize| rows.get((y + offset).saturating_sub(2).min(last));
        if let (Some(a), Some(b), Some(c), Some(d), Some(e)) = (near(0), near(1), near(2), near(3), near(4)) {
            let lines = a.iter().zip(*b).zip(*c).zip(*d).zip(*e);
            for (((((a, b), c), d), e), out) in lines.zip(out) {
                *out = weigh(*a, *b, *c, *d, *e);
            }
        }
    }
    blurred
}

/// Blurs one row into another of the same length.
fn blur_line(row: &[u8], out: &mut [u8]) {
    for (five, out) in row.windows(5).zip(out.iter_mut().skip(2)) {
        if let [a, b, c, d, e] = *five {
            *out = weigh(a, b, c, d, e);
        }
    }
}

/// Weighs five neighbours with the binomial kernel, which sums to 16.
fn weigh(a: u8, b: u8, c: u8, d: u8, e: u8) -> u8 {
    let [a, b, c, d, e] = [a, b, c, d, e].map(u16::from);
    ((a + e + 4 * (b + d) + 6 * c + 8) / 16) as u8
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
pub(crate) fn inverted(picture: &Luma) -> Luma {
    let mut inverted = picture.clone();
    for row in inverted.rows_mut() {
        row.iter_mut().for_each(|grey| *grey = 255 - *grey);
    }
    inverted
}

/// Doubles both sides with linear interpolation and sharpens the result; `None` where it would
/// become too large.
pub(crate) fn doubled(picture: &Luma) -> Option<Luma> {
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
