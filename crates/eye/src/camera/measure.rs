//! What is told of a frame beside its codes: its middle, a small preview, and how well it was taken.
//! Pure.

use super::{MAX_PREVIEW, Preview, Taken, Zoom};
use cloison_optics::Luma;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// More of a thousand pixels that are too bright to tell anything are too many.
const CLIPPED: u16 = 350;

/// On average, 0 black and 255 white.
const DARK: u8 = 28;

/// Below this a picture has no edges: variances of the Laplacian of pictures in focus are far above.
const EDGELESS: u32 = 30;

/// Judges how a frame was taken by its measures.
pub(super) fn taken(clipped: u16, brightness: u8, sharpness: u32) -> Taken {
    match () {
        () if clipped > CLIPPED => Taken::TooBright,
        () if brightness < DARK => Taken::TooDark,
        () if sharpness < EDGELESS => Taken::Blurred,
        () => Taken::Fine,
    }
}

/// The grey from which on a pixel counts as too bright.
const TOO_BRIGHT: u8 = 250;

/// Cuts out the middle of a picture.
pub(super) fn middle(picture: &Luma, zoom: Zoom) -> Cow<'_, Luma> {
    let part = |side: u32| match zoom {
        Zoom::One => side,
        Zoom::OneAndHalf => (side * 2 / 3).max(1),
        Zoom::Two => (side / 2).max(1),
    };
    let (width, height) = (part(picture.width()), part(picture.height()));
    let (left, top) = ((picture.width() - width) / 2, (picture.height() - height) / 2);
    let rows = picture.pixels().chunks(picture.width() as usize).skip(top as usize).take(height as usize);
    let cut = |row: &[u8]| row.iter().copied().skip(left as usize).take(width as usize).collect::<Vec<u8>>();
    match zoom {
        Zoom::One => Cow::Borrowed(picture),
        // The part of a picture is a picture.
        _ => Luma::new(width, height, rows.flat_map(cut).collect()).map_or(Cow::Borrowed(picture), Cow::Owned),
    }
}

/// Makes a picture as small as a preview may be, each pixel the mean of those that it stands for.
pub(super) fn preview(picture: &Luma) -> Preview {
    let (width, height) = fitted(picture.width(), picture.height());
    let across: Vec<(usize, usize)> = (0..width).map(|x| part(x, width, picture.width())).collect();
    let mut pixels = Zeroizing::new(Vec::with_capacity((width * height) as usize));
    for y in 0..height {
        let (top, bottom) = part(y, height, picture.height());
        let rows: Vec<&[u8]> = picture.pixels().chunks(picture.width() as usize).skip(top).take(bottom - top).collect();
        pixels.extend(across.iter().map(|&(left, right)| mean(&rows, left, right)));
    }
    Preview { width: width as u16, height: height as u16, pixels }
}

/// Gives the largest size of the same shape within a preview's; a smaller picture keeps its own.
fn fitted(width: u32, height: u32) -> (u32, u32) {
    let (most_wide, most_high) = (u32::from(MAX_PREVIEW.0), u32::from(MAX_PREVIEW.1));
    if width <= most_wide && height <= most_high {
        return (width, height);
    }
    if width * most_high >= height * most_wide {
        (most_wide, (height * most_wide / width).max(1))
    } else {
        ((width * most_high / height).max(1), most_high)
    }
}

/// Gives the pixels of a side that one pixel of a smaller side stands for; at least one.
fn part(at: u32, small: u32, large: u32) -> (usize, usize) {
    let (from, to) = (at * large / small, (at + 1) * large / small);
    (from as usize, to.max(from + 1) as usize)
}

fn mean(rows: &[&[u8]], left: usize, right: usize) -> u8 {
    let parts = rows.iter().filter_map(|row| row.get(left..right));
    let (sum, count) = parts.fold((0_u32, 0_u32), |(sum, count), part| {
        (part.iter().map(|&grey| u32::from(grey)).sum::<u32>() + sum, count + part.len() as u32)
    });
    (sum / count.max(1)) as u8
}

/// Gives the mean grey.
pub(super) fn brightness(picture: &Luma) -> u8 {
    let sum: u64 = picture.pixels().iter().map(|&grey| u64::from(grey)).sum();
    (sum / picture.pixels().len().max(1) as u64) as u8
}

/// Gives how many of a thousand pixels are too bright to tell anything.
pub(super) fn clipped(picture: &Luma) -> u16 {
    let bright = picture.pixels().iter().filter(|&&grey| grey >= TOO_BRIGHT).count();
    (bright * 1000 / picture.pixels().len().max(1)) as u16
}

/// Gives the variance of the Laplacian (each pixel against its four neighbours): the more, the sharper.
pub(super) fn sharpness(picture: &Luma) -> u32 {
    let rows: Vec<&[u8]> = picture.pixels().chunks(picture.width() as usize).collect();
    let (mut sum, mut squares, mut count) = (0_i64, 0_i64, 0_i64);
    for three in rows.windows(3) {
        let [above, row, below] = three else { continue };
        for ((beside, above), below) in row.windows(3).zip(&above[1..]).zip(&below[1..]) {
            let [left, here, right] = beside else { continue };
            let around = i64::from(*left) + i64::from(*right) + i64::from(*above) + i64::from(*below);
            let edge = around - 4 * i64::from(*here);
            (sum, squares, count) = (sum + edge, squares + edge * edge, count + 1);
        }
    }
    let variance = if count == 0 { 0 } else { squares / count - (sum / count) * (sum / count) };
    u32::try_from(variance).unwrap_or_default()
}

/// Packs the lowest bits of a picture's pixels, evenly from all of it, into at most so many bytes.
pub(super) fn low_bits(picture: &Luma, most: usize) -> Zeroizing<Vec<u8>> {
    let pixels = picture.pixels();
    let apart = pixels.len().div_ceil(most.max(1) * 8).max(1);
    let bits: Zeroizing<Vec<u8>> = Zeroizing::new(pixels.iter().step_by(apart).map(|grey| grey & 1).collect());
    // A last part that is not whole is left out.
    Zeroizing::new(bits.chunks_exact(8).take(most).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_frame_was_taken_is_judged_by_its_measures() {
        assert_eq!(taken(900, 250, 5000), Taken::TooBright);
        assert_eq!(taken(0, 3, 5000), Taken::TooDark);
        assert_eq!(taken(0, 120, 2), Taken::Blurred);
        assert_eq!(taken(0, 120, 5000), Taken::Fine);
    }
    use proptest::prelude::*;

    fn picture(width: u32, height: u32, grey: impl Fn(u32, u32) -> u8) -> Luma {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| grey(x, y)).collect();
        Luma::new(width, height, pixels).unwrap()
    }

    #[test]
    fn a_preview_keeps_the_shape_and_the_brightness() {
        for ((width, height), expected) in [
            ((1280, 720), (320, 180)),
            ((640, 480), (320, 240)),
            ((480, 640), (180, 240)),
            ((320, 240), (320, 240)),
            ((7, 5), (7, 5)),
            ((4096, 1), (320, 1)),
            ((1, 4096), (1, 240)),
        ] {
            let small = preview(&picture(width, height, |x, _| if x % 2 == 0 { 0 } else { 200 }));
            assert_eq!((small.width(), small.height()), expected, "{width}×{height}");
            assert_eq!(small.pixels().len(), usize::from(expected.0) * usize::from(expected.1));
            if width > 640 {
                let mean = small.pixels().iter().map(|&grey| u32::from(grey)).sum::<u32>() / small.pixels().len() as u32;
                assert!((90..=110).contains(&mean), "{mean}");
            }
        }
    }

    #[test]
    fn the_middle_is_the_middle() {
        let nine = picture(9, 6, |x, y| (10 * y + x) as u8);
        assert!(*middle(&nine, Zoom::One) == nine);
        let part = middle(&nine, Zoom::OneAndHalf);
        assert_eq!((part.width(), part.height(), part.pixels()[0]), (6, 4, 11));
        let part = middle(&nine, Zoom::Two);
        assert_eq!((part.width(), part.height(), part.pixels()), (4, 3, &[12, 13, 14, 15, 22, 23, 24, 25, 32, 33, 34, 35][..]));
    }

    #[test]
    fn a_sharp_picture_is_told_from_a_flat_and_a_soft_one() {
        let sharp = picture(64, 64, |x, _| if x / 4 % 2 == 0 { 0 } else { 255 });
        let soft = picture(64, 64, |x, _| (x * 4) as u8);
        let flat = picture(64, 64, |_, _| 255);
        assert!(sharpness(&sharp) > 10_000 && sharpness(&soft) < 10 && sharpness(&flat) == 0);
        assert_eq!([brightness(&sharp), brightness(&flat)], [127, 255]);
        assert_eq!([clipped(&sharp), clipped(&soft), clipped(&flat)], [500, 15, 1000]);
        assert_eq!(sharpness(&picture(2, 2, |x, _| x as u8)), 0);
    }

    #[test]
    fn low_bits_are_packed_in_order() {
        assert_eq!(**low_bits(&picture(8, 2, |x, y| (x + y) as u8), 10), [0b0101_0101, 0b1010_1010]);
        assert_eq!(low_bits(&picture(1280, 720, |_, _| 254), 65_536).len(), 57_600);
        assert!(low_bits(&picture(7, 1, |_, _| 1), 10).is_empty());
    }

    proptest! {
        #[test]
        fn any_picture_can_be_measured(width in 1_u32..700, height in 1_u32..500, most in 0_usize..3000, seed: u32) {
            let picture = picture(width, height, |x, y| (x.wrapping_mul(31) ^ y.wrapping_mul(17) ^ seed) as u8);
            for zoom in [Zoom::One, Zoom::OneAndHalf, Zoom::Two] {
                let part = middle(&picture, zoom);
                let small = preview(&part);
                prop_assert!(small.width() <= MAX_PREVIEW.0 && small.height() <= MAX_PREVIEW.1);
                prop_assert_eq!(small.pixels().len(), usize::from(small.width()) * usize::from(small.height()));
                prop_assert!(clipped(&part) <= 1000);
                sharpness(&part);
                prop_assert!(low_bits(&part, most).len() <= most);
            }
        }
    }
}
