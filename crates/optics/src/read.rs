//! Finds the QR symbols of a picture and gives back their bytes.
//!
//! The order was measured on synthetic frames and photographs: the picture as it is through
//! rxing's port of zxing-cpp; if that finds nothing, the same reader on prepared pictures, the
//! most rewarding first; last, and on small calm pictures only, `rqrr`, an independent reader.
//!
//! rxing's steps (find patterns, group them, sample, decode) are called one by one instead of its
//! `QrReader`, so that a picture full of fake patterns is given up before the costly step. Only
//! full QR symbols are read, no Micro QR. What the bytes mean is not known here.

use crate::{Luma, prepare};
use rxing::common::{BitMatrix, DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::cpp_port::{decoder, detector};
use rxing::{Binarizer, Luma8Source};
use std::panic::catch_unwind;

/// The most symbols that are read from one picture.
pub const MAX_SYMBOLS: usize = 64;

/// The most bytes that one symbol can hold: the 7089 digits of version 40-L.
pub const MAX_SYMBOL_BYTES: usize = 7089;

/// The most finder patterns of a picture that are grouped, from the top. Each symbol has three;
/// chance and text add some.
const MAX_FINDERS: usize = 1024;

/// The most groups of three finder patterns that are sampled, the most plausible first.
const MAX_GROUPS: usize = 512;

/// The most pixels of a picture that is doubled: a small one, whose modules may be too small.
const DOUBLED_BELOW: usize = 500_000;

/// The most pixels of a picture that `rqrr` reads. Plain noise of three times this size costs it
/// two seconds, since it copies the picture for each pair of patterns that it supposes.
const SECOND_READER_BELOW: usize = 640 * 480;

/// The most finder patterns of a picture that `rqrr` reads, for the same reason.
const SECOND_READER_FINDERS: usize = 24;

/// Holds what was read from one picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The contents of the symbols, at most [`MAX_SYMBOLS`]. Symbols of equal bytes are one content.
    pub symbols: Vec<Vec<u8>>,
    /// A limit was reached before the whole picture was searched, so there may be more symbols.
    pub crowded: bool,
}

/// Reads the QR symbols of a picture, each content once; see [`examine`], which also tells whether
/// a limit was reached.
pub fn read(picture: &Luma) -> Vec<Vec<u8>> {
    examine(picture).symbols
}

/// Reads the QR symbols of a picture and tells whether there may be more.
///
/// The bytes are exact, whatever they are. Nothing found is an empty list. A panic in a decoder
/// counts as nothing found.
///
/// Three things are not seen. Symbols of equal bytes are one content, since a frame shown twice
/// says nothing new. Above [`MAX_SYMBOLS`] contents the rest is left, and [`Reading::crowded`] says
/// so. And a symbol that only a prepared picture would show (noisy, or white on black) is not read
/// beside one that is clear, since preparations are made only where nothing was found.
///
/// Ordinary frames cost milliseconds, and of a picture crowded with patterns only some are
/// grouped. But finding them takes time that grows with the square of their number, so a
/// picture made for it (13 million pixels, 160,000 patterns) still costs half a minute: whoever
/// reads pictures of strangers does so through `cloison-eye`, which has a budget.
pub fn examine(picture: &Luma) -> Reading {
    let first = scan(picture);
    if first.any() {
        return first.reading;
    }
    let (mut finders, mut crowded) = (first.finders, first.reading.crowded);
    for prepared in preparations(picture) {
        let found = scan(&prepared);
        if found.any() {
            return found.reading;
        }
        finders = finders.max(found.finders);
        crowded |= found.reading.crowded;
    }
    if finders > SECOND_READER_FINDERS || picture.pixels().len() > SECOND_READER_BELOW {
        return Reading { symbols: Vec::new(), crowded };
    }
    let second = second_reading(picture);
    let crowded = second.crowded || crowded && second.symbols.is_empty();
    Reading { crowded, ..second }
}

/// Prepares pictures one by one, so that none is made in vain.
fn preparations(picture: &Luma) -> impl Iterator<Item = Luma> {
    let steps: [fn(&Luma) -> Option<Luma>; 4] = [
        |picture| Some(prepare::blurred(picture)),
        prepare::halved,
        |picture| Some(prepare::inverted(picture)),
        |picture| {
            let small = picture.pixels().len() <= DOUBLED_BELOW;
            small.then(|| prepare::doubled(picture)).flatten()
        },
    ];
    steps.into_iter().filter_map(move |step| step(picture))
}

/// Holds what one pass found.
#[derive(Default)]
struct Found {
    finders: usize,
    reading: Reading,
}

impl Found {
    /// Tells that the pass was not in vain.
    fn any(&self) -> bool {
        !self.reading.symbols.is_empty()
    }
}

/// Reads one picture with rxing.
fn scan(picture: &Luma) -> Found {
    // Only a shared reference to plain bytes goes in, so nothing is left half changed by a panic.
    catch_unwind(|| {
        let source = Luma8Source::new_with_slice(picture.pixels(), picture.width(), picture.height()).ok()?;
        let binarizer = HybridBinarizer::new(source);
        Some(symbols(binarizer.get_black_matrix().ok()?))
    })
    .ok()
    .flatten()
    .unwrap_or_default()
}

/// Finds, groups, samples and decodes, as `QrReader` does, with limits between the steps.
fn symbols(bits: &BitMatrix) -> Found {
    // Every third row is searched: a symbol that is small in a large picture must not be missed.
    let mut patterns = detector::FindFinderPatterns(bits, true, 0);
    let finders = patterns.len();
    let mut reading = Reading { symbols: Vec::new(), crowded: finders > MAX_FINDERS };
    patterns.truncate(MAX_FINDERS);
    let (mut used, mut sampled) = (Vec::new(), 0);
    for group in detector::GenerateFinderPatternSets(&mut patterns) {
        let corners = [group.bl, group.tl, group.tr];
        if corners.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        if sampled == MAX_GROUPS {
            reading.crowded = true;
            break;
        }
        sampled += 1;
        let Some(content) = decoded(bits, &group) else { continue };
        used.extend(corners);
        if !reading.keep(&content) {
            break;
        }
    }
    Found { finders, reading }
}

/// Samples and decodes the symbol that a group of finder patterns would have.
fn decoded(bits: &BitMatrix, group: &detector::FinderPatternSet) -> Option<Vec<u8>> {
    let sample = detector::SampleQR(bits, group).ok()?;
    let content = decoder::Decode(sample.getBits()).ok()?;
    content.isValid().then(|| content.content().bytes().to_vec())
}

/// Reads one picture with `rqrr`.
fn second_reading(picture: &Luma) -> Reading {
    catch_unwind(|| {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let pixels = picture.pixels();
        let grey = |x: usize, y: usize| pixels.get(y * width + x).copied().unwrap_or(255);
        let mut reading = Reading::default();
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
        for grid in image.detect_grids() {
            let mut content = Vec::new();
            if grid.decode_to(&mut content).is_ok() && !reading.keep(&content) {
                break;
            }
        }
        reading
    })
    .unwrap_or_default()
}

impl Reading {
    /// Adds a content that is new and has a possible length; false where there is no room for it.
    fn keep(&mut self, content: &[u8]) -> bool {
        let possible = (1..=MAX_SYMBOL_BYTES).contains(&content.len());
        if !possible || self.symbols.iter().any(|known| known == content) {
            return true;
        }
        let room = self.symbols.len() < MAX_SYMBOLS;
        if room {
            self.symbols.push(content.to_vec());
        } else {
            self.crowded = true;
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Density, Level, Symbol};

    #[test]
    fn the_second_reader_gives_the_same_bytes() {
        let data: Vec<u8> = (0..=255).collect();
        let density = Density::new(12, Level::L).unwrap();
        let picture = Symbol::encode(&data, density).unwrap().picture(4);
        let expected = vec![data];
        assert_eq!(second_reading(&picture).symbols, expected);
        assert_eq!(scan(&picture).reading.symbols, expected);
    }

    /// Adds the same noise in every run.
    fn noisy(picture: &Luma, most: i32) -> Luma {
        let mut state = 0x2545_f491_u32;
        let mut noise = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 8) as i32 % (2 * most + 1) - most
        };
        let mut pixels = Vec::new();
        for grey in picture.pixels() {
            let exposed = 60 + i32::from(*grey) * 135 / 255 + noise();
            pixels.push(exposed.clamp(0, 255) as u8);
        }
        Luma::new(picture.width(), picture.height(), pixels).unwrap()
    }

    #[test]
    fn a_prepared_picture_wins_back_what_the_first_pass_loses() {
        let density = Density::new(10, Level::L).unwrap();
        let symbol = Symbol::encode(&[0x3c; 250], density).unwrap();
        let noise = noisy(&symbol.picture(5), 90);
        let dark = prepare::inverted(&symbol.picture(4));
        for picture in [noise, dark] {
            assert!(!scan(&picture).any());
            assert_eq!(read(&picture), [[0x3c; 250]]);
        }
    }

    #[test]
    fn the_same_content_is_kept_once_and_an_impossible_one_never() {
        let mut reading = Reading::default();
        for content in [&b"a"[..], b"a", b"", &[0; MAX_SYMBOL_BYTES + 1]] {
            assert!(reading.keep(content));
        }
        assert_eq!(reading, Reading { symbols: vec![b"a".to_vec()], crowded: false });
    }

    #[test]
    fn one_content_above_the_limit_is_refused_and_said() {
        let mut reading = Reading::default();
        for number in 0..MAX_SYMBOLS {
            assert!(reading.keep(&number.to_le_bytes()));
        }
        assert!(reading.keep(&[0; 8]) && !reading.crowded, "known already");
        assert!(!reading.keep(b"new") && reading.crowded);
        assert_eq!(reading.symbols.len(), MAX_SYMBOLS);
    }
}
