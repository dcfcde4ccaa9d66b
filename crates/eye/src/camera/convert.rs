//! A camera's bytes become grey pixels. Pure: sizes are checked before anything is allocated, and a
//! buffer that is too short is an error.

use cloison_optics::{Luma, picture};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use std::io::Cursor;
use zeroize::Zeroizing;

/// The most pixels of a camera's frame: 1920×1200.
pub(super) const MAX_FRAME_PIXELS: u32 = 1920 * 1200;

/// The most pixels of a frame's side.
pub(super) const MAX_FRAME_SIDE: u32 = 4096;

/// The most memory that the decoder of a JPEG frame may take at one time beside the pixels.
const MAX_ALLOCATION: u64 = 4 * MAX_FRAME_PIXELS as u64;

/// What a JPEG begins with (ITU-T T.81, B.1.1.3: start of image).
const START: [u8; 2] = [0xff, 0xd8];

/// A segment that says that this is one frame of many, and makes the decoder take the usual Huffman
/// tables where there are none, as cameras leave them out. Tables that are there are taken before.
const ONE_OF_MANY: [u8; 9] = *b"\xff\xe0\x00\x07AVI1\0";

/// Names how a frame's bytes are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Brightness and colour in turns, two bytes a pixel.
    Yuyv,
    /// Brightness alone.
    Grey,
    /// Brightness, then colour at half the size.
    Nv12,
    /// A JPEG for each frame, with or without its Huffman tables.
    Mjpeg,
    /// A picture file: what a folder has instead of frames.
    File,
}

/// Says how a frame is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) format: Format,
    pub(super) width: u32,
    pub(super) height: u32,
    /// The bytes from one row to the next; 0 where rows follow each other.
    pub(super) stride: u32,
}

/// Says that a frame is not what its shape says, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// Makes a frame grey.
pub(super) fn luma(shape: &Shape, bytes: &[u8]) -> Result<Luma, Damaged> {
    match shape.format {
        Format::Yuyv => rows(shape, bytes, 2, u64::from(shape.height)),
        Format::Grey => rows(shape, bytes, 1, u64::from(shape.height)),
        Format::Nv12 => rows(shape, bytes, 1, u64::from(shape.height) + u64::from(shape.height.div_ceil(2))),
        Format::Mjpeg => jpeg(bytes),
        Format::File => picture::frames(bytes).ok().and_then(|mut frames| frames.next()?.ok()).ok_or(Damaged),
    }
}

/// Tells whether a frame of this size is looked at.
pub(super) fn is_allowed(width: u32, height: u32) -> bool {
    let pixels = u64::from(width) * u64::from(height);
    pixels > 0 && pixels <= u64::from(MAX_FRAME_PIXELS) && width.max(height) <= MAX_FRAME_SIDE
}

/// Takes the brightness out of rows: the first of every `step` bytes, in a buffer of so many rows.
fn rows(shape: &Shape, bytes: &[u8], step: u32, all_rows: u64) -> Result<Luma, Damaged> {
    let Shape { width, height, stride, .. } = *shape;
    if !is_allowed(width, height) {
        return Err(Damaged);
    }
    let row = width * step;
    let stride = if stride == 0 { row } else { stride };
    let needed = u64::from(stride) * (all_rows - 1) + u64::from(row);
    if stride < row || (bytes.len() as u64) < needed {
        return Err(Damaged);
    }
    let mut pixels = Vec::with_capacity((width * height) as usize);
    for line in bytes.chunks(stride as usize).take(height as usize) {
        pixels.extend(line.iter().take(row as usize).step_by(step as usize));
    }
    Luma::new(width, height, pixels).map_err(|_| Damaged)
}

/// Decodes a JPEG of a frame's size.
fn jpeg(bytes: &[u8]) -> Result<Luma, Damaged> {
    let rest = bytes.strip_prefix(&START).filter(|rest| rest.first() == Some(&0xff)).ok_or(Damaged)?;
    let bytes = Zeroizing::new([&START, &ONE_OF_MANY[..], rest].concat());
    let mut reader = ImageReader::with_format(Cursor::new(bytes.as_slice()), ImageFormat::Jpeg);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    limits.max_image_width = Some(MAX_FRAME_SIDE);
    limits.max_image_height = Some(MAX_FRAME_SIDE);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|_| Damaged)?;
    let (width, height) = decoder.dimensions();
    if !is_allowed(width, height) {
        return Err(Damaged);
    }
    let grey = DynamicImage::from_decoder(decoder).map_err(|_| Damaged)?.into_luma8();
    Luma::new(width, height, grey.into_raw()).map_err(|_| Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use image::{ExtendedColorType, ImageEncoder};
    use proptest::prelude::*;

    /// Lays brightness out as a camera would, with colour and padding that differ from it.
    fn laid_out(format: Format, width: u32, height: u32, stride: u32, grey: impl Fn(u32, u32) -> u8) -> Vec<u8> {
        let step = if format == Format::Yuyv { 2 } else { 1 };
        let mut bytes = Vec::new();
        for y in 0..height {
            let row = (0..stride).map(|at| if at % step == 0 && at / step < width { grey(at / step, y) } else { 77 });
            bytes.extend(row);
        }
        if format == Format::Nv12 {
            bytes.resize(bytes.len() + (stride * height.div_ceil(2)) as usize, 99);
        }
        bytes
    }

    fn jpeg_of(width: u32, height: u32, grey: impl Fn(u32, u32) -> u8) -> Vec<u8> {
        let pixels: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| grey(x, y)).collect();
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95).write_image(&pixels, width, height, ExtendedColorType::L8).unwrap();
        bytes
    }

    /// Takes the Huffman tables out, as cameras do (ITU-T T.81, B.2.4.2: the marker FFC4).
    fn without_tables(jpeg: &[u8]) -> Vec<u8> {
        let (mut at, mut out) = (2, jpeg[..2].to_vec());
        while jpeg[at + 1] != 0xda {
            let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
            if jpeg[at + 1] != 0xc4 {
                out.extend(&jpeg[at..at + length]);
            }
            at += length;
        }
        [&out, &jpeg[at..]].concat()
    }

    fn gradient(x: u32, y: u32) -> u8 {
        (x * 3 + y * 5) as u8
    }

    fn smooth(x: u32, y: u32) -> u8 {
        (x + y) as u8
    }

    #[test]
    fn a_jpeg_frame_is_read_with_and_without_its_tables() {
        let bytes = jpeg_of(96, 64, smooth);
        let bare = without_tables(&bytes);
        assert!(bare.len() + 20 < bytes.len());
        let shape = Shape { format: Format::Mjpeg, width: 640, height: 480, stride: 0 };
        let whole = luma(&shape, &bytes).unwrap();
        assert_eq!((whole.width(), whole.height()), (96, 64));
        let off = (0..64).flat_map(|y| (0..96).map(move |x| smooth(x, y))).zip(whole.pixels()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(off.unwrap() < 10, "{off:?}");
        assert!(luma(&shape, &bare).unwrap() == whole);
    }

    #[test]
    fn a_jpeg_that_is_larger_than_a_frame_or_is_none_is_refused() {
        let shape = Shape { format: Format::Mjpeg, width: 640, height: 480, stride: 0 };
        let mut large = jpeg_of(16, 16, gradient);
        let size = large.windows(2).position(|part| part == [0xff, 0xc0]).unwrap() + 5;
        for (width, height) in [(4096_u16, 4096_u16), (u16::MAX, 1), (1, u16::MAX), (1921, 1200)] {
            large[size..size + 2].copy_from_slice(&height.to_be_bytes());
            large[size + 2..size + 4].copy_from_slice(&width.to_be_bytes());
            assert!(luma(&shape, &large).is_err(), "{width}×{height}");
        }
        let png = picture::png(&Luma::white(8, 8).unwrap()).unwrap();
        for bytes in [&b""[..], &[0xff, 0xd8, 0xff], &png] {
            assert!(luma(&shape, bytes).is_err());
        }
    }

    #[test]
    fn a_frame_without_pixels_or_beyond_the_limit_is_refused() {
        for format in [Format::Yuyv, Format::Grey, Format::Nv12] {
            for (width, height) in [(0, 4), (4, 0), (1921, 1200), (u32::MAX, u32::MAX), (MAX_FRAME_SIDE + 1, 1)] {
                assert!(luma(&Shape { format, width, height, stride: 0 }, &[0; 64]).is_err());
            }
            assert!(luma(&Shape { format, width: 4, height: 1, stride: 3 }, &[0; 64]).is_err());
            assert!(luma(&Shape { format, width: 4, height: 4, stride: u32::MAX }, &[0; 64]).is_err());
        }
    }

    fn format() -> impl Strategy<Value = Format> {
        prop_oneof![Just(Format::Yuyv), Just(Format::Grey), Just(Format::Nv12), Just(Format::Mjpeg), Just(Format::File)]
    }

    proptest! {
        #[test]
        fn brightness_is_taken_from_any_size_and_stride(
            format in prop_oneof![Just(Format::Yuyv), Just(Format::Grey), Just(Format::Nv12)],
            width in 1_u32..70, height in 1_u32..50, padding in 0_u32..9,
        ) {
            let stride = width * if format == Format::Yuyv { 2 } else { 1 } + padding;
            let bytes = laid_out(format, width, height, stride, gradient);
            let told = if padding == 0 { 0 } else { stride };
            let grey = luma(&Shape { format, width, height, stride: told }, &bytes).unwrap();
            prop_assert_eq!((grey.width(), grey.height()), (width, height));
            let expected: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| gradient(x, y))).collect();
            prop_assert_eq!(grey.pixels(), expected);
        }

        #[test]
        fn a_buffer_that_is_a_byte_too_short_is_refused(
            format in prop_oneof![Just(Format::Yuyv), Just(Format::Grey), Just(Format::Nv12)],
            width in 1_u32..70, height in 1_u32..50, padding in 0_u32..9, missing in 1_usize..40,
        ) {
            let stride = width * if format == Format::Yuyv { 2 } else { 1 } + padding;
            let mut bytes = laid_out(format, width, height, stride, gradient);
            // The last row's padding may be missing, and nothing else.
            bytes.truncate(bytes.len() - padding as usize);
            let shape = Shape { format, width, height, stride };
            prop_assert!(luma(&shape, &bytes).is_ok());
            bytes.truncate(bytes.len().saturating_sub(missing));
            prop_assert!(luma(&shape, &bytes).is_err());
        }

        #[test]
        fn no_bytes_and_no_shape_panic(format in format(), width: u32, height: u32, stride: u32, bytes: Vec<u8>) {
            let _ = luma(&Shape { format, width, height, stride }, &bytes);
            let _ = luma(&Shape { format, width: width % 40, height: height % 40, stride: stride % 90 }, &bytes);
        }

        #[test]
        fn a_jpeg_with_changed_bytes_does_not_panic(at in 0_usize..600, byte: u8, end in 0_usize..600) {
            let mut bytes = jpeg_of(32, 24, gradient);
            let (at, end) = (at % bytes.len(), end % bytes.len());
            bytes[at] = byte;
            let shape = Shape { format: Format::Mjpeg, width: 32, height: 24, stride: 0 };
            let _ = luma(&shape, &bytes);
            let _ = luma(&shape, &bytes[..end]);
        }
    }
}
