//! What a baseline JPEG loses: blocks of 8×8 are transformed, rounded coarsely, and turned back.
//!
//! Only the loss is computed, not the file: what Huffman's code does to it is undone exactly. A
//! strip narrower than a block stays as it is; no camera here has one.

use crate::light::sensor::nearest;

/// The luminance table of ISO/IEC 10918-1, K.1.
const COARSENESS: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80,
    62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98,
    112, 100, 103, 99,
];

type Block = [[f32; 8]; 8];

/// Does to the pixels what a JPEG of this quality does (the scale is that of the IJG's library).
pub(super) fn squeeze(pixels: &mut [u8], width: usize, quality: u8) {
    let steps = steps(quality);
    let (forward, back) = transforms();
    for band in pixels.chunks_exact_mut(8 * width) {
        for left in (0..width / 8).map(|column| column * 8) {
            let mut block: Block = [[0.0; 8]; 8];
            for (line, row) in block.iter_mut().zip(band.chunks_exact(width)) {
                line.iter_mut().zip(&row[left..left + 8]).for_each(|(number, grey)| *number = f32::from(*grey) - 128.0);
            }
            let mut waves = product(&product(&forward, &block), &back);
            for (line, steps) in waves.iter_mut().zip(&steps) {
                line.iter_mut().zip(steps).for_each(|(wave, step)| *wave = whole(*wave / step) * step);
            }
            let block = product(&product(&back, &waves), &forward);
            for (line, row) in block.iter().zip(band.chunks_exact_mut(width)) {
                let greys = &mut row[left..left + 8];
                greys.iter_mut().zip(line).for_each(|(grey, number)| *grey = nearest(number + 128.0));
            }
        }
    }
}

fn steps(quality: u8) -> Block {
    let quality = i32::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    let step = |at: usize| ((i32::from(COARSENESS[at]) * percent + 50) / 100).clamp(1, 255) as f32;
    std::array::from_fn(|row| std::array::from_fn(|column| step(row * 8 + column)))
}

/// Gives the cosine transform and its transpose, which is its inverse.
fn transforms() -> (Block, Block) {
    let wave = |frequency: usize, at: usize| {
        let norm: f64 = if frequency == 0 { 0.125 } else { 0.25 };
        let angle = (2 * at + 1) as f64 * frequency as f64 * std::f64::consts::PI / 16.0;
        (norm.sqrt() * angle.cos()) as f32
    };
    let forward = std::array::from_fn(|row| std::array::from_fn(|column| wave(row, column)));
    let back = std::array::from_fn(|row| std::array::from_fn(|column| wave(column, row)));
    (forward, back)
}

fn product(left: &Block, right: &Block) -> Block {
    let mut result = [[0.0; 8]; 8];
    for (line, factors) in result.iter_mut().zip(left) {
        for (factor, row) in factors.iter().zip(right) {
            line.iter_mut().zip(row).for_each(|(sum, number)| *sum += factor * number);
        }
    }
    result
}

/// Rounds: adding 1.5 · 2²³ leaves a single no bits for a fraction.
fn whole(number: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0;
    (number + SHIFT) - SHIFT
}
