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

/// The most finder patterns that a picture is read with. Each symbol has three; chance and text
/// add some; more is a hostile picture or none of ours.
const MAX_FINDERS: usize = 256;

/// The most groups of three finder patterns that are sampled, the most plausible first.
const MAX_GROUPS: usize = 512;

/// The most pixels of a picture that is doubled: a small one, whose modules may be too small.
const DOUBLED_BELOW: usize = 500_000;

/// The most pixels of a picture that `rqrr` reads. Plain noise of three times this size costs it
/// two seconds, since it copies the picture for each pair of patterns that it supposes.
const SECOND_READER_BELOW: usize = 640 * 480;

/// The most finder patterns of a picture that `rqrr` reads, for the same reason.
const SECOND_READER_FINDERS: usize = 24;

/// Reads every QR symbol of a picture, each content once.
///
/// The bytes are exact, whatever they are. Nothing found is an empty list. A panic in a decoder
/// counts as nothing found.
///
/// Ordinary frames cost milliseconds, and a picture crowded with patterns is given up before they
/// are grouped. But finding them takes time that grows with the square of their number, so a
/// picture made for it (13 million pixels, 160,000 patterns) still costs half a minute: whoever
/// reads pictures of strangers does so through `cloison-eye`, which has a budget.
pub fn read(picture: &Luma) -> Vec<Vec<u8>> {
    let first = scan(picture);
    if !first.symbols.is_empty() {
        return first.symbols;
    }
    let mut finders = first.finders;
    for prepared in preparations(picture) {
        let found = scan(&prepared);
        if !found.symbols.is_empty() {
            return found.symbols;
        }
        finders = finders.max(found.finders);
    }
    if finders > SECOND_READER_FINDERS || picture.pixels().len() > SECOND_READER_BELOW {
        return Vec::new();
    }
    second_reading(picture)
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
    symbols: Vec<Vec<u8>>,
}

impl Found {
    /// Tells that there are too many patterns to be grouped.
    fn crowded(&self) -> bool {
        self.finders > MAX_FINDERS
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
    let mut found = Found { finders: patterns.len(), symbols: Vec::new() };
    if found.crowded() {
        return found;
    }
    let mut used = Vec::new();
    for group in detector::GenerateFinderPatternSets(&mut patterns).into_iter().take(MAX_GROUPS) {
        let corners = [group.bl, group.tl, group.tr];
        if corners.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        let Ok(sample) = detector::SampleQR(bits, &group) else { continue };
        let Ok(content) = decoder::Decode(sample.getBits()) else { continue };
        if !content.isValid() {
            continue;
        }
        used.extend(corners);
        keep(&mut found.symbols, content.content().bytes());
        if found.symbols.len() == MAX_SYMBOLS {
            break;
        }
    }
    found
}

/// Reads one picture with `rqrr`.
fn second_reading(picture: &Luma) -> Vec<Vec<u8>> {
    catch_unwind(|| {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let pixels = picture.pixels();
        let grey = |x: usize, y: usize| pixels.get(y * width + x).copied().unwrap_or(255);
        let mut symbols = Vec::new();
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
        for grid in image.detect_grids().into_iter().take(MAX_SYMBOLS) {
            let mut content = Vec::new();
            if grid.decode_to(&mut content).is_ok() {
                keep(&mut symbols, &content);
            }
        }
        symbols
    })
    .unwrap_or_default()
}

/// Adds a content that is new and has a possible length.
fn keep(symbols: &mut Vec<Vec<u8>>, content: &[u8]) {
    let possible = (1..=MAX_SYMBOL_BYTES).contains(&content.len());
    if possible && symbols.iter().all(|known| known != content) {
        symbols.push(content.to_vec());
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
        assert_eq!(second_reading(&picture), expected);
        assert_eq!(scan(&picture).symbols, expected);
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
            assert!(scan(&picture).symbols.is_empty());
            assert_eq!(read(&picture), [[0x3c; 250]]);
        }
    }

    #[test]
    fn the_same_content_is_kept_once_and_an_impossible_one_never() {
        let mut symbols = Vec::new();
        keep(&mut symbols, b"a");
        keep(&mut symbols, b"a");
        keep(&mut symbols, b"");
        keep(&mut symbols, &[0; MAX_SYMBOL_BYTES + 1]);
        assert_eq!(symbols, [b"a"]);
    }
}
