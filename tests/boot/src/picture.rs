//! Pictures of the guest's screen.

use cloison_optics::Luma;
use cloison_tests::Result;
use std::path::Path;

/// What stood on the screen, in colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Red, green and blue, row by row.
    pub(crate) rgb: Vec<u8>,
}

impl Picture {
    /// Reads a binary PPM, which is what QEMU writes.
    pub(crate) fn from_ppm(bytes: &[u8]) -> Result<Self> {
        let cut = || "the screen's picture is cut short".to_owned();
        let mut rest = bytes;
        let mut words = Vec::new();
        while words.len() < 4 {
            let end = rest.iter().position(u8::is_ascii_whitespace).ok_or_else(cut)?;
            let (word, after) = rest.split_at(end);
            words.push(String::from_utf8_lossy(word).into_owned());
            rest = after.get(1..).ok_or_else(cut)?;
        }
        let number = |at: usize| words[at].parse::<usize>().ok().filter(|number| *number <= 4096);
        match (words[0].as_str(), number(1), number(2), words[3].as_str()) {
            ("P6", Some(width), Some(height), "255") if rest.len() == width * height * 3 => {
                Ok(Self { width, height, rgb: rest.to_vec() })
            }
            _ => Err(format!("this is no picture of a screen: {}", words.join(" "))),
        }
    }

    /// Reads a picture that is kept of the kiosk's screens, such as `800x480/fr/home-blank`.
    pub(crate) fn golden(name: &str) -> Result<Self> {
        let file = format!("{}/../../appliance/screens/goldens/{name}.webp", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
        let wrong = |error: image_webp::DecodingError| format!("{file}: {error}");
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(bytes)).map_err(wrong)?;
        let (width, height) = decoder.dimensions();
        let mut bytes = vec![0; decoder.output_buffer_size().ok_or_else(|| format!("{file} is too large"))?];
        decoder.read_image(&mut bytes).map_err(wrong)?;
        let rgb = if decoder.has_alpha() { bytes.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect() } else { bytes };
        Ok(Self { width: width as usize, height: height as usize, rgb })
    }

    /// Gives a point's colour; black outside.
    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let place = (y * self.width + x) * 3;
        let inside = x < self.width && y < self.height;
        let found = if inside { self.rgb.get(place..place + 3) } else { None };
        found.and_then(|found| found.try_into().ok()).unwrap_or_default()
    }

    /// Gives its greys.
    pub(crate) fn greys(&self) -> Vec<u8> {
        let grey = |rgb: &[u8]| {
            let [red, green, blue] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
            u8::try_from((red * 77 + green * 150 + blue * 29) >> 8).unwrap_or(u8::MAX)
        };
        self.rgb.chunks_exact(3).map(grey).collect()
    }

    /// Gives it as a camera would see it.
    pub(crate) fn luma(&self) -> Result<Luma> {
        let (width, height) = self.size()?;
        Luma::new(width, height, self.greys()).map_err(|error| error.to_string())
    }

    fn size(&self) -> Result<(u32, u32)> {
        let size = (u32::try_from(self.width), u32::try_from(self.height));
        if let (Ok(width), Ok(height)) = size { Ok((width, height)) } else { Err("the picture is too large".to_owned()) }
    }

    /// Tells whether nothing is on it.
    pub(crate) fn is_blank(&self) -> bool {
        self.rgb.chunks_exact(3).all(|pixel| pixel == &self.rgb[..3])
    }

    /// Counts the points that differ by more than `much` in a colour.
    pub(crate) fn differing(&self, other: &Self, much: u8) -> usize {
        if (self.width, self.height) != (other.width, other.height) {
            return usize::MAX;
        }
        let differs = |(a, b): (&[u8], &[u8])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > much);
        self.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3)).filter(|pair| differs(*pair)).count()
    }

    /// Counts the points that differ at all outside of these rectangles: left, top, right, bottom.
    pub(crate) fn differing_outside(&self, other: &Self, rectangles: &[[usize; 4]]) -> usize {
        if (self.width, self.height) != (other.width, other.height) {
            return usize::MAX;
        }
        let inside = |x, y| {
            rectangles.iter().any(|[left, top, right, bottom]| (*left..*right).contains(&x) && (*top..*bottom).contains(&y))
        };
        let points = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        points.filter(|(x, y)| !inside(*x, *y) && self.at(*x, *y) != other.at(*x, *y)).count()
    }

    /// Gives it turned by half.
    pub(crate) fn upside_down(&self) -> Self {
        let rgb = self.rgb.chunks_exact(3).rev().flatten().copied().collect();
        Self { width: self.width, height: self.height, rgb }
    }

    /// Writes it as PNG.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let (width, height) = self.size()?;
        let written = image::save_buffer(file, &self.rgb, width, height, image::ExtendedColorType::Rgb8);
        written.map_err(|error| format!("{}: {error}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_read_and_what_is_none_is_refused() {
        let picture = Picture::from_ppm(b"P6\n2 1\n255\n\x01\x02\x03\xff\xfe\xfd").unwrap();
        assert_eq!((picture.at(0, 0), picture.at(1, 0), picture.at(2, 0)), ([1, 2, 3], [255, 254, 253], [0; 3]));
        assert!(!picture.is_blank() && picture.differing(&picture, 0) == 0);
        for wrong in [&b"P6\n2 1\n255\n\x01"[..], b"P5\n1 1\n255\n\x01", b"P6\n99999 99999\n255\n", b"", b"P6 1"] {
            assert!(Picture::from_ppm(wrong).is_err());
        }
    }
    #[test]
    fn pictures_are_compared_outside_of_what_may_differ() {
        let picture = |rgb: &[u8]| Picture { width: 2, height: 2, rgb: rgb.to_vec() };
        let (one, other) = (picture(&[9; 12]), picture(&[9, 9, 9, 9, 9, 8, 9, 9, 9, 0, 9, 9]));
        assert_eq!(one.differing_outside(&other, &[]), 2);
        assert_eq!(one.differing_outside(&other, &[[1, 0, 2, 1]]), 1);
        assert_eq!(one.differing_outside(&other, &[[1, 0, 2, 1], [0, 1, 2, 2]]), 0);
        assert_eq!(other.upside_down().at(0, 1), [9, 9, 8]);
        assert_eq!(other.upside_down().upside_down(), other);
    }
}
