//! Films for the guest's camera: pictures of two levels.

use cloison_optics::Luma;
use cloison_tests::Result;
use std::path::{Path, PathBuf};

/// The levels of a screen as a camera sees them: neither black nor white.
const DARK: u8 = 24;
const LIGHT: u8 = 232;

/// Pictures of one size, of points that are dark or light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Film {
    width: usize,
    height: usize,
    frames: Vec<Vec<bool>>,
}

impl Film {
    /// Makes a film of pictures as they are on paper or on another screen.
    pub(crate) fn of(pictures: &[Luma]) -> Result<Self> {
        let first = pictures.first().ok_or("a film has pictures")?;
        let (width, height) = (size(first.width())?, size(first.height())?);
        let dark = |picture: &Luma| picture.pixels().iter().map(|pixel| *pixel < 128).collect::<Vec<_>>();
        let mut frames: Vec<Vec<bool>> = pictures.iter().map(dark).collect();
        if frames.iter().any(|frame| frame.len() != width * height) {
            return Err("the pictures of a film are of one size".to_owned());
        }
        let block = (1..=16).rev().find(|block| frames.iter().all(|frame| is_of(frame, width, height, *block))).unwrap_or(1);
        for frame in &mut frames {
            let points = (0..height / block).flat_map(|y| (0..width / block).map(move |x| (y * width + x) * block));
            *frame = points.map(|at| frame[at]).collect();
        }
        Ok(Self { width: width / block, height: height / block, frames })
    }

    /// Reads PNG pictures.
    pub(crate) fn read(files: &[PathBuf]) -> Result<Self> {
        let mut pictures = Vec::new();
        for file in files {
            pictures.extend(luma(file)?);
        }
        Self::of(&pictures)
    }

    /// Gives what a camera of this size sees of one of its pictures: in the middle, on something light.
    pub(crate) fn seen(&self, number: usize, (wide, high): (usize, usize)) -> Vec<u8> {
        let mut pixels = vec![LIGHT; wide * high];
        let scale = (wide / self.width.max(1)).min(high / self.height.max(1));
        let Some(frame) = self.frames.get(number % self.frames.len().max(1)).filter(|_| scale > 0) else { return pixels };
        let (left, top) = ((wide - self.width * scale) / 2, (high - self.height * scale) / 2);
        for (point, _) in frame.iter().enumerate().filter(|(_, is_dark)| **is_dark) {
            let (x, y) = (left + point % self.width * scale, top + point / self.width * scale);
            for row in y..y + scale {
                pixels[row * wide + x..][..scale].fill(DARK);
            }
        }
        pixels
    }
}

/// Tells whether a frame is made of blocks of this size.
fn is_of(frame: &[bool], width: usize, height: usize, block: usize) -> bool {
    let divides = width.is_multiple_of(block) && height.is_multiple_of(block);
    divides
        && (0..height).all(|y| (0..width).all(|x| frame[y * width + x] == frame[y / block * block * width + x / block * block]))
}

fn size(pixels: u32) -> Result<usize> {
    usize::try_from(pixels).map_err(|error| error.to_string())
}

fn luma(file: &Path) -> Result<Vec<Luma>> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    cloison_optics::picture::decode(&bytes).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_sent_by_its_modules() {
        let module = |x: u32, y: u32| if (x / 5 + y / 5).is_multiple_of(2) { 0 } else { 255 };
        let pixels = (0..40).flat_map(|y| (0..20).map(move |x| module(x, y))).collect();
        let film = Film::of(&[Luma::new(20, 40, pixels).unwrap()]).unwrap();
        assert_eq!((film.width, film.height), (4, 8));
        let seen = film.seen(3, (1280, 720));
        let at = |x: usize, y: usize| seen[y * 1280 + 460 + x];
        assert_eq!(
            [at(0, 0), at(89, 89), at(90, 89), at(90, 90), at(0, 719), at(359, 719)],
            [DARK, DARK, LIGHT, DARK, LIGHT, DARK]
        );
        assert_eq!(seen.iter().filter(|pixel| **pixel == DARK).count(), 16 * 90 * 90);
    }

    #[test]
    fn pictures_of_two_sizes_are_no_film() {
        let grey = |width, height| Luma::new(width, height, vec![0; (width * height) as usize]).unwrap();
        assert!(Film::of(&[grey(4, 4), grey(4, 5)]).is_err() && Film::of(&[]).is_err());
        let wide = Film::of(&[Luma::new(641, 1, [0, 255].repeat(321)[..641].to_vec()).unwrap()]).unwrap();
        assert!(wide.seen(0, (640, 480)).iter().all(|pixel| *pixel == LIGHT), "what is too large is not seen");
    }
}
