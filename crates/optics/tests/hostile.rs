//! Hostile and broken pictures: refused or empty, never a panic, never a large allocation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::draw::Canvas;
use cloison_optics::picture::{self, Format, MAX_GIF_PIXELS};
use cloison_optics::{Density, Level, Luma, MAX_PIXELS, MAX_SIDE, PictureError, Symbol, examine, read};
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
fn sixteen_hundred_fake_finder_patterns_are_given_up_and_it_is_said() {
    let reading = examine(&fake_finders(40, 2));
    assert!(reading.symbols.is_empty() && reading.crowded);
}

#[test]
fn fake_finder_patterns_just_under_the_limit_are_survived() {
    for rows in [4, 5, 12, 15] {
        assert!(read(&fake_finders(rows, 4)).is_empty());
    }
}

#[test]
fn a_png_that_announces_60000_pixels_a_side_is_refused_by_its_header() {
    assert_eq!(picture::decode(&png_of(60_000, 60_000)).unwrap_err(), HUGE);
}

#[test]
fn a_gif_that_announces_60000_pixels_a_side_is_refused_by_its_header() {
    assert_eq!(picture::decode(&gif_of(60_000, 60_000)).unwrap_err(), HUGE);
}

#[test]
fn a_jpeg_that_announces_60000_pixels_a_side_is_refused_by_its_header() {
    assert_eq!(picture::decode(&jpeg_of(60_000, 60_000)).unwrap_err(), HUGE);
}

#[test]
fn a_side_above_its_limit_is_refused_by_the_header_both_ways() {
    let above = MAX_SIDE + 1;
    let refused = |bytes: &[u8], width: u32, height: u32| {
        assert_eq!(picture::decode(bytes).unwrap_err(), PictureError::TooLarge { width, height });
    };
    for (width, height) in [(above, 1), (1, above), (MAX_PIXELS, 1), (1, MAX_PIXELS), (i32::MAX as u32, 1)] {
        refused(&png_of(width, height), width, height);
    }
    for (width, height) in [(above as u16, 1), (1, above as u16), (u16::MAX, 9), (9, u16::MAX)] {
        refused(&gif_of(width, height), width.into(), height.into());
        refused(&jpeg_of(width, height), width.into(), height.into());
    }
}

#[test]
fn a_gif_has_fewer_pixels_than_other_pictures() {
    for (width, height) in [(4096, 2049), (MAX_SIDE as u16, 513)] {
        let too_large = PictureError::TooLarge { width: width.into(), height: height.into() };
        assert_eq!(picture::decode(&gif_of(width, height)).unwrap_err(), too_large);
        let error = picture::gif(&[Luma::white(width.into(), height.into()).unwrap()], 100).unwrap_err();
        assert_eq!(error, PictureError::Unwritable { format: Format::Gif });
    }
    let largest = Luma::white(4096, MAX_GIF_PIXELS / 4096).unwrap();
    let bytes = picture::gif(std::slice::from_ref(&largest), 100).unwrap();
    assert_eq!(picture::decode(&bytes).unwrap(), [largest]);
}

#[test]
fn the_longest_sides_are_read() {
    let symbol = Symbol::encode(b"thin", Density::new(3, Level::L).unwrap()).unwrap();
    for (width, height) in [(MAX_SIDE, 200), (200, MAX_SIDE)] {
        let mut canvas = Canvas::white(width, height).unwrap();
        canvas.symbol(&symbol, width as i32 - 190, height as i32 - 190, 4);
        assert_eq!(read(&canvas.into_picture()), [b"thin"]);
    }
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

/// Makes a PNG that announces this size in a sound header.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = picture::png(&code()).unwrap();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// Makes a GIF that announces this size.
fn gif_of(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = picture::gif(&[code()], 100).unwrap();
    bytes[6..8].copy_from_slice(&width.to_le_bytes());
    bytes[8..10].copy_from_slice(&height.to_le_bytes());
    bytes
}

/// Makes a JPEG that announces this size.
fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg();
    let at = bytes.windows(2).position(|pair| pair[0] == 0xff && pair[1] == 0xc0).unwrap();
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    bytes
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
