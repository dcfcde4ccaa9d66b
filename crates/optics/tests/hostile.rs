//! Hostile and broken pictures: refused or empty, never a panic, never a large allocation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::draw::Canvas;
use cloison_optics::picture::{self, Format};
use cloison_optics::{Density, Level, Luma, MAX_PIXELS, PictureError, Symbol, read};
use proptest::prelude::*;

const HUGE: PictureError = PictureError::TooLarge { width: 60_000, height: 60_000 };

/// Makes a picture with `rows`² finder patterns and nothing else.
fn fake_finders(rows: u32, module: u32) -> Luma {
    let pitch = 9 * module;
    let mut pixels = vec![255; (pitch * rows * pitch * rows) as usize];
    for (index, grey) in pixels.iter_mut().enumerate() {
        let (x, y) = (index as u32 % (pitch * rows), index as u32 / (pitch * rows));
        let (x, y) = (x % pitch / module, y % pitch / module);
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        if x < 7 && y < 7 && ring != 2 {
            *grey = 0;
        }
    }
    Luma::new(pitch * rows, pitch * rows, pixels).unwrap()
}

fn code() -> Luma {
    Symbol::encode(b"good", Density::new(2, Level::L).unwrap()).unwrap().picture(3)
}

fn noise(width: u32, height: u32) -> Luma {
    let mut state = 7_u32;
    let pixels = (0..width * height)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    Luma::new(width, height, pixels).unwrap()
}

#[test]
fn pictures_without_a_symbol_give_nothing() {
    for (width, height) in [(1, 1), (1, 4000), (3, 2), (20, 20), (640, 480)] {
        assert!(read(&Luma::white(width, height).unwrap()).is_empty());
        let black = Luma::new(width, height, vec![0; (width * height) as usize]).unwrap();
        assert!(read(&black).is_empty());
        assert!(read(&noise(width, height)).is_empty());
    }
    let mut words = Canvas::white(400, 60).unwrap();
    words.title("rien à lire", 5, 5);
    assert!(read(&words.into_picture()).is_empty());
}

#[test]
fn sixteen_hundred_fake_finder_patterns_are_given_up() {
    let picture = fake_finders(40, 2);
    assert!(read(&picture).is_empty());
}

#[test]
fn fake_finder_patterns_just_under_the_limit_are_survived() {
    for rows in [4, 5, 12, 15] {
        assert!(read(&fake_finders(rows, 4)).is_empty());
    }
}

#[test]
fn a_png_that_announces_60000_pixels_a_side_is_refused_by_its_header() {
    let mut bytes = picture::png(&code()).unwrap();
    let side = 60_000_u32.to_be_bytes();
    bytes[16..20].copy_from_slice(&side);
    bytes[20..24].copy_from_slice(&side);
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(picture::decode(&bytes).unwrap_err(), HUGE);
}

#[test]
fn a_gif_that_announces_60000_pixels_a_side_is_refused_by_its_header() {
    let mut bytes = picture::gif(&[code()], 100).unwrap();
    let side = 60_000_u16.to_le_bytes();
    bytes[6..8].copy_from_slice(&side);
    bytes[8..10].copy_from_slice(&side);
    assert_eq!(picture::decode(&bytes).unwrap_err(), HUGE);
}

#[test]
fn a_jpeg_that_announces_60000_pixels_a_side_is_refused_by_its_header() {
    let mut bytes = jpeg();
    let at = bytes.windows(2).position(|pair| pair[0] == 0xff && pair[1] == 0xc0).unwrap();
    let side = 60_000_u16.to_be_bytes();
    bytes[at + 5..at + 7].copy_from_slice(&side);
    bytes[at + 7..at + 9].copy_from_slice(&side);
    assert_eq!(picture::decode(&bytes).unwrap_err(), HUGE);
}

#[test]
fn every_truncation_of_a_picture_is_an_error() {
    let gif = picture::gif(&[code(), code()], 100).unwrap();
    for (bytes, format) in [(picture::png(&code()).unwrap(), Format::Png), (gif, Format::Gif)] {
        // A GIF without its last byte, the trailer, still has all of its frames.
        for end in 8..bytes.len() - 16 {
            let error = picture::decode(&bytes[..end]).unwrap_err();
            assert!(
                matches!(&error, PictureError::Damaged { format: f } if *f == format) || error == PictureError::Empty,
                "{end} bytes of {format}: {error:?}"
            );
        }
    }
    for end in 0..jpeg().len() {
        let _ = picture::decode(&jpeg()[..end]);
    }
}

#[test]
fn what_is_no_picture_is_named_so() {
    for bytes in [&b""[..], b"hello", b"BM\0\0\0\0", &[0; 100]] {
        assert_eq!(picture::decode(bytes).unwrap_err(), PictureError::Unknown);
    }
}

#[test]
fn a_picture_of_the_largest_size_is_read() {
    let side = MAX_PIXELS.isqrt();
    let mut canvas = Canvas::white(side, side).unwrap();
    let symbol = Symbol::encode(b"large", Density::new(3, Level::L).unwrap()).unwrap();
    canvas.symbol(&symbol, 1000, 3000, 8);
    assert_eq!(read(&canvas.into_picture()), [b"large"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_after_any_signature_never_panic(
        start in prop::sample::select(vec![
            &b"\x89PNG\r\n\x1a\n"[..], b"GIF89a", b"GIF87a", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xdb",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let _ = picture::decode(&[start, &rest].concat());
    }

    #[test]
    fn changed_bytes_never_panic(
        which in 0_usize..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = match which {
            0 => picture::png(&code()).unwrap(),
            1 => picture::gif(&[code(), code()], 50).unwrap(),
            _ => jpeg(),
        };
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        for picture in picture::decode(&bytes).unwrap_or_default() {
            if picture.pixels().len() < 100_000 {
                let _ = read(&picture);
            }
        }
    }

    #[test]
    fn random_pixels_never_panic(
        width in 1_u32..90,
        pixels in prop::collection::vec(prop::sample::select(vec![0_u8, 255, 120]), 8100),
    ) {
        let height = pixels.len() as u32 / width;
        let pixels = pixels[..(width * height) as usize].to_vec();
        let _ = read(&Luma::new(width, height, pixels).unwrap());
    }
}

/// Makes a small JPEG of the code.
fn jpeg() -> Vec<u8> {
    let code = code();
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90)
        .encode(code.pixels(), code.width(), code.height(), image::ExtendedColorType::L8)
        .unwrap();
    bytes
}

/// Computes the checksum of a PNG chunk (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (0_u32.wrapping_sub(sum & 1))))
    })
}
