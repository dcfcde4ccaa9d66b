//! Picture files: what is written is opened again, and opened as it would be seen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::picture::{self, MAX_FRAMES};
use cloison_optics::{Density, Level, Luma, PictureError, Symbol, read};
use image::{ExtendedColorType, ImageEncoder};

fn code(content: &[u8]) -> Luma {
    Symbol::encode(content, Density::new(3, Level::L).unwrap()).unwrap().picture(3)
}

fn png_of(pixels: &[u8], side: u32, colour: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes).write_image(pixels, side, side, colour).unwrap();
    bytes
}

#[test]
fn a_png_gives_back_the_same_pixels() {
    let picture = code(b"png");
    let bytes = picture::png(&picture).unwrap();
    assert_eq!(picture::decode(&bytes).unwrap(), [picture]);
}

#[test]
fn a_gif_gives_back_every_frame_with_its_code() {
    let contents: Vec<Vec<u8>> = (0..20).map(|n| format!("frame {n}").into_bytes()).collect();
    let frames: Vec<Luma> = contents.iter().map(|content| code(content)).collect();
    let bytes = picture::gif(&frames, 66).unwrap();
    let decoded = picture::decode(&bytes).unwrap();
    assert_eq!(decoded, frames);
    let found: Vec<Vec<u8>> = decoded.iter().flat_map(read).collect();
    assert_eq!(found, contents);
}

#[test]
fn a_gif_loops_for_ever_and_keeps_its_delay() {
    use image::AnimationDecoder;
    let bytes = picture::gif(&[code(b"1"), code(b"2")], 66).unwrap();
    assert!(bytes.windows(16).any(|part| part == b"NETSCAPE2.0\x03\x01\0\0\0"));
    let decoder = image::codecs::gif::GifDecoder::new(std::io::Cursor::new(bytes)).unwrap();
    for frame in decoder.into_frames() {
        assert_eq!(frame.unwrap().delay().numer_denom_ms(), (70, 1));
    }
}

#[test]
fn a_gif_needs_frames_of_one_size_and_not_too_many() {
    assert_eq!(picture::gif(&[], 100).unwrap_err(), PictureError::Empty);
    let uneven = [Luma::white(2, 2).unwrap(), Luma::white(3, 2).unwrap()];
    let error = picture::gif(&uneven, 100).unwrap_err();
    assert_eq!(error, PictureError::Uneven { width: 2, height: 2 });
    let many = vec![Luma::white(1, 1).unwrap(); MAX_FRAMES + 1];
    assert_eq!(picture::gif(&many, 100).unwrap_err(), PictureError::TooLong);
    assert!(picture::gif(&many[1..], 100).is_ok());
}

#[test]
fn a_jpeg_is_read() {
    let picture = code(b"jpeg");
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 60)
        .encode(picture.pixels(), picture.width(), picture.height(), ExtendedColorType::L8)
        .unwrap();
    let decoded = picture::decode(&bytes).unwrap();
    assert_eq!(decoded.len(), 1);
    assert_eq!(read(&decoded[0]), [b"jpeg"]);
}

#[test]
fn a_transparent_background_is_white() {
    let picture = code(b"transparent");
    let pixels: Vec<u8> = picture.pixels().iter().flat_map(|grey| [0, 0, 0, 255 - grey]).collect();
    let bytes = png_of(&pixels, picture.width(), ExtendedColorType::Rgba8);
    assert_eq!(picture::decode(&bytes).unwrap(), [picture]);
}

#[test]
fn colours_and_deep_pixels_become_grey() {
    let picture = code(b"deep");
    let side = picture.width();
    let colour: Vec<u8> = picture.pixels().iter().flat_map(|grey| [*grey; 3]).collect();
    let deep: Vec<u8> = picture.pixels().iter().flat_map(|grey| [*grey; 2]).collect();
    for bytes in [png_of(&colour, side, ExtendedColorType::Rgb8), png_of(&deep, side, ExtendedColorType::L16)] {
        assert_eq!(picture::decode(&bytes).unwrap(), std::slice::from_ref(&picture));
    }
}
