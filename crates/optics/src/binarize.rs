//! Turns grey pixels into black and white ones, by thresholds that follow the light.
//!
//! The picture is cut into blocks of 8×8 pixels. The threshold of a block is the middle between its
//! darkest and its brightest pixel, and a pixel is compared with the mean of those of the 5×5 blocks
//! around its own, as in zxing-cpp. It is written anew because it touches every pixel: row by row,
//! without a branch per pixel.

use crate::Luma;
use rxing::common::{BitArray, BitMatrix};

/// The side of a block in pixels.
const BLOCK: usize = 8;

/// How many blocks to each side share in a threshold.
const REACH: usize = 2;

/// The least difference within a block that is taken for black beside white.
const CONTRAST: u8 = 24;

/// Holds a picture of black (1) and white (0).
///
/// # Invariants
/// `stride` words for each row, the lowest bit leftmost; bits beyond the width are 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bits {
    width: usize,
    height: usize,
    stride: usize,
    words: Vec<usize>,
}

const WORD: usize = usize::BITS as usize;

impl Bits {
    /// Compares a picture with its own light.
    pub(crate) fn of(picture: &Luma) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let stride = width.div_ceil(WORD);
        let blocks = Blocks::of(picture);
        let mut words = Vec::with_capacity(stride * height);
        let mut limits = vec![0; width];
        let mut flags = vec![0; stride * WORD];
        let rows: Vec<&[u8]> = picture.rows().collect();
        for (down, rows) in rows.chunks(BLOCK).enumerate() {
            blocks.limits(down, &mut limits);
            for row in rows {
                for ((flag, grey), limit) in flags.iter_mut().zip(*row).zip(&limits) {
                    *flag = u8::from(grey <= limit);
                }
                words.extend(flags.chunks_exact(WORD).map(packed));
            }
        }
        Self { width, height, stride, words }
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// Returns the words of one row; none outside.
    pub(crate) fn row(&self, y: usize) -> &[usize] {
        self.words.get(y * self.stride..(y + 1) * self.stride).unwrap_or_default()
    }

    /// Tells whether a pixel is black; `None` outside.
    pub(crate) fn black(&self, x: isize, y: isize) -> Option<bool> {
        let (x, y) = (x as usize, y as usize);
        if x >= self.width || y >= self.height {
            return None;
        }
        self.words.get(y * self.stride + x / WORD).map(|word| word >> (x % WORD) & 1 == 1)
    }

    /// Makes the matrix that rxing samples from.
    pub(crate) fn matrix(&self) -> Option<BitMatrix> {
        let mut matrix = BitMatrix::new(self.width as u32, self.height as u32).ok()?;
        let mut line = BitArray::with_size(self.width);
        for (y, row) in self.words.chunks_exact(self.stride).enumerate() {
            for (at, word) in row.iter().enumerate() {
                line.setBulk(at * WORD, *word);
            }
            matrix.setRow(y as u32, &line);
        }
        Some(matrix)
    }
}

/// Packs one flag a byte into one a bit.
fn packed(flags: &[u8]) -> usize {
    let mut word = 0_u64;
    for (at, eight) in flags.chunks_exact(8).enumerate() {
        let bytes = eight.try_into().map_or(0, u64::from_le_bytes);
        // Each flag is moved to its own bit of the highest byte; no two meet, so nothing carries.
        word |= (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at);
    }
    word as usize
}

/// Holds the thresholds of the blocks, already mixed with those around.
struct Blocks {
    across: usize,
    mixed: Vec<u8>,
}

impl Blocks {
    fn of(picture: &Luma) -> Self {
        let across = (picture.width() as usize).div_ceil(BLOCK);
        Self { across, mixed: filled(mixed(&middles(picture), across)) }
    }

    /// Writes the threshold of each pixel in a row of blocks.
    fn limits(&self, down: usize, limits: &mut [u8]) {
        let row = self.mixed.get(down * self.across..).unwrap_or_default();
        for (limits, threshold) in limits.chunks_mut(BLOCK).zip(row) {
            limits.fill(*threshold);
        }
    }
}

/// Takes the middle of each block, 0 where a block is plain. A block that the edge cuts is moved
/// inwards, so that it is whole.
fn middles(picture: &Luma) -> Vec<u8> {
    let width = picture.width() as usize;
    let rows: Vec<&[u8]> = picture.rows().collect();
    let mut middles = Vec::with_capacity(width.div_ceil(BLOCK) * rows.len().div_ceil(BLOCK));
    let (mut least, mut most) = (vec![0; width], vec![0; width]);
    for top in (0..rows.len()).step_by(BLOCK) {
        let top = top.min(rows.len().saturating_sub(BLOCK));
        least.fill(u8::MAX);
        most.fill(0);
        for row in rows.iter().skip(top).take(BLOCK) {
            for ((grey, least), most) in row.iter().zip(&mut least).zip(&mut most) {
                *least = (*least).min(*grey);
                *most = (*most).max(*grey);
            }
        }
        for (least, most) in least.chunks_exact(BLOCK).zip(most.chunks_exact(BLOCK)) {
            middles.push(middle(least, most));
        }
        if !width.is_multiple_of(BLOCK) {
            let last = width.saturating_sub(BLOCK);
            middles.push(middle(least.get(last..).unwrap_or_default(), most.get(last..).unwrap_or_default()));
        }
    }
    middles
}

/// Takes the middle of one block, given by columns; 0 if it is plain.
fn middle(least: &[u8], most: &[u8]) -> u8 {
    let least = least.iter().fold(u8::MAX, |a, b| a.min(*b));
    let most = most.iter().fold(0, |a: u8, b| a.max(*b));
    if most.saturating_sub(least) <= CONTRAST {
        return 0;
    }
    u8::midpoint(least, most)
}

/// Takes the mean around each block, of those that are not plain.
fn mixed(points: &[u8], across: usize) -> Vec<u8> {
    let rows: Vec<&[u8]> = points.chunks_exact(across).collect();
    let mut mixed = Vec::with_capacity(points.len());
    let (mut sums, mut counts) = (vec![0_u16; across], vec![0_u16; across]);
    for down in 0..rows.len() {
        sums.fill(0);
        counts.fill(0);
        let near = window(down, rows.len());
        for row in rows.iter().skip(near.start).take(near.len()) {
            for ((point, sum), count) in row.iter().zip(&mut sums).zip(&mut counts) {
                *sum += u16::from(*point);
                *count += u16::from(*point > 0);
            }
        }
        for x in 0..across {
            let columns = window(x, across);
            let total = |of: &[u16]| of.get(columns.clone()).unwrap_or_default().iter().sum::<u16>();
            mixed.push((total(&sums) / total(&counts).max(1)) as u8);
        }
    }
    mixed
}

/// Names the blocks around one, as many at the edge as in the middle.
fn window(at: usize, length: usize) -> std::ops::Range<usize> {
    let full = 2 * REACH + 1;
    let start = at.saturating_sub(REACH).min(length.saturating_sub(full));
    start..(start + full).min(length)
}

/// Fills blocks that nothing is known of from the last before them, or from the first after.
fn filled(mut mixed: Vec<u8>) -> Vec<u8> {
    let mut last = mixed.iter().copied().find(|point| *point > 0).unwrap_or(0);
    for point in &mut mixed {
        if *point == 0 {
            *point = last;
        }
        last = *point;
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Compares one pixel the slow way, straight from the description above.
    fn black(picture: &Luma, x: usize, y: usize) -> bool {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let middle = |across: usize, down: usize| {
            let left = (across * 8).min(width.saturating_sub(8));
            let top = (down * 8).min(height.saturating_sub(8));
            let rows = picture.rows().skip(top).take(8);
            let greys: Vec<u8> = rows.flat_map(|row| row.iter().skip(left).take(8)).copied().collect();
            let (least, most) = (*greys.iter().min().unwrap(), *greys.iter().max().unwrap());
            (most - least > 24).then(|| (u32::from(most) + u32::from(least)) / 2)
        };
        let (across, down) = (width.div_ceil(8), height.div_ceil(8));
        let near = |at: usize, length: usize| {
            let first = at.saturating_sub(2).min(length.saturating_sub(5));
            first..(first + 5).min(length)
        };
        let threshold = |x: usize, y: usize| {
            let around = near(y, down).flat_map(|y| near(x, across).map(move |x| (x, y)));
            let known: Vec<u32> = around.filter_map(|(x, y)| middle(x, y)).collect();
            (!known.is_empty()).then(|| known.iter().sum::<u32>() / known.len() as u32)
        };
        let own = y / 8 * across + x / 8;
        let all = |at: usize| threshold(at % across, at / across);
        let limit = (0..=own).rev().find_map(all).or_else(|| (own..across * down).find_map(all)).unwrap_or(0);
        u32::from(picture.pixels()[y * width + x]) <= limit
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn the_fast_way_gives_what_the_slow_way_gives(
            width in 1_u32..90,
            height in 1_u32..50,
            greys in prop::collection::vec(any::<u8>(), 4..40),
            plain in 1_u32..900,
        ) {
            let grey = |at: u32| if (at / plain).is_multiple_of(2) { 200 } else { greys[at as usize % greys.len()] };
            let picture = Luma::new(width, height, (0..width * height).map(grey).collect()).unwrap();
            let bits = Bits::of(&picture);
            let matrix = bits.matrix().unwrap();
            for y in 0..height {
                for x in 0..width {
                    let expected = black(&picture, x as usize, y as usize);
                    prop_assert_eq!(bits.black(x as isize, y as isize), Some(expected), "{} {}", x, y);
                    prop_assert_eq!(matrix.get(x, y), expected);
                }
            }
            prop_assert_eq!(bits.black(width as isize, 0), None);
            prop_assert_eq!(bits.black(0, height as isize), None);
            prop_assert_eq!(bits.black(-1, 0), None);
        }
    }
}
