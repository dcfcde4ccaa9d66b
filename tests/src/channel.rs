//! The space between a screen and a camera: frames are lost and come in any order.

use std::path::PathBuf;

/// Loses a share of the frames and shuffles the rest; the same seed loses the same.
///
/// The first tenth is always lost: a camera never starts at the beginning.
#[must_use]
pub fn lossy(frames: &[PathBuf], lost_percent: usize, seed: u64) -> Vec<PathBuf> {
    let mut random = Xorshift(seed | 1);
    let mut left: Vec<PathBuf> = frames.iter().skip(frames.len() / 10).cloned().collect();
    shuffle(&mut left, &mut random);
    left.truncate(frames.len() * (100 - lost_percent.min(100)) / 100);
    left
}

fn shuffle(items: &mut [PathBuf], random: &mut Xorshift) {
    for last in (1..items.len()).rev() {
        let other = usize::try_from(random.next() % (last as u64 + 1)).unwrap_or(0);
        items.swap(last, other);
    }
}

/// Marsaglia's xorshift64: for the order of pictures, and nothing else.
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
