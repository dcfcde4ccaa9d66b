//! Decodes a PNG or a JPEG in colours, and scales it down to the room there is.
//!
//! The size is taken from the header and checked before a pixel is allocated. It understands no
//! other format: each one is another decoder that hostile input could reach.

use super::Picture;
use super::wire::{Reason, Room};
use cloison_optics::{MAX_PIXELS, MAX_SIDE};
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::imageops::{FilterType, resize};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageResult, Limits, RgbImage};
use std::io::Cursor;
use zeroize::Zeroizing;

/// The most memory that a decoder may take at one time beside the pixels themselves.
const MAX_ALLOCATION: u64 = MAX_PIXELS as u64;

/// The most bytes of decoded pixels: four a pixel.
const MAX_RAW_BYTES: u64 = 4 * MAX_PIXELS as u64;

/// Decodes a PNG that does not move.
///
/// # Errors
/// [`Reason::TooLarge`], [`Reason::Moving`], [`Reason::Damaged`], [`Reason::Failed`].
pub(super) fn png(bytes: &[u8], room: Room) -> Result<Picture, Reason> {
    // Before its decoder, which takes memory for the width that it is told.
    let (width, height) = png_size(bytes).ok_or(Reason::Damaged)?;
    check_size(width, height)?;
    let decoder = undamaged(PngDecoder::with_limits(Cursor::new(bytes), limits()))?;
    if undamaged(decoder.is_apng())? {
        return Err(Reason::Moving);
    }
    decoded(decoder, room)
}

/// Decodes a JPEG.
///
/// # Errors
/// [`Reason::TooLarge`], [`Reason::Damaged`], [`Reason::Failed`].
pub(super) fn jpeg(bytes: &[u8], room: Room) -> Result<Picture, Reason> {
    // Its decoder makes up what is missing at the end, and a record is shown whole or not at all.
    if !jpeg_ends(bytes) {
        return Err(Reason::Damaged);
    }
    decoded(undamaged(JpegDecoder::new(Cursor::new(bytes)))?, room)
}

fn decoded(mut decoder: impl ImageDecoder, room: Room) -> Result<Picture, Reason> {
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    if decoder.total_bytes() > MAX_RAW_BYTES {
        return Err(Reason::TooLarge);
    }
    undamaged(decoder.set_limits(limits()))?;
    // A picture whose orientation cannot be read is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = on_white(undamaged(DynamicImage::from_decoder(decoder))?);
    Ok(fitted(picture, orientation, room))
}

/// Scales a picture down if it is too large, and turns it upright.
fn fitted(picture: RgbImage, orientation: Orientation, room: Room) -> Picture {
    let lying = is_lying(orientation);
    let turned = |(width, height)| if lying { (height, width) } else { (width, height) };
    let original = picture.dimensions();
    let (width, height) = fit(original, turned((u32::from(room.width), u32::from(room.height))));
    let scaled = if (width, height) == original { picture } else { resize(&picture, width, height, FilterType::Triangle) };
    let mut upright = DynamicImage::ImageRgb8(scaled);
    upright.apply_orientation(orientation);
    let side = |side| u16::try_from(side).unwrap_or(u16::MAX);
    let (width, height) = (side(upright.width()), side(upright.height()));
    Picture { width, height, original: turned(original), pixels: Zeroizing::new(upright.into_rgb8().into_raw()) }
}

/// Tells whether a picture's width becomes its height.
fn is_lying(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// Gives the largest size of the same shape that fits, never above the picture's own.
fn fit((width, height): (u32, u32), (most_width, most_height): (u32, u32)) -> (u32, u32) {
    let scaled = |side: u32, by: u32, of: u32| {
        let rounded = (u64::from(side) * u64::from(by) + u64::from(of) / 2) / u64::from(of.max(1));
        u32::try_from(rounded).unwrap_or(by).max(1)
    };
    if width <= most_width && height <= most_height {
        (width, height)
    } else if u64::from(width) * u64::from(most_height) >= u64::from(height) * u64::from(most_width) {
        (most_width, scaled(height, most_width, width).min(most_height))
    } else {
        (scaled(width, most_height, height).min(most_width), most_height)
    }
}

/// Makes any decoded picture red, green and blue, transparent parts on white.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let (width, height) = image.dimensions();
    let mut opaque = Vec::with_capacity(3 * image.as_raw().len() / 4);
    for pixel in image.pixels() {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let mixed = |colour: u32| ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        opaque.extend([mixed(red), mixed(green), mixed(blue)]);
    }
    // There are as many bytes as that size has, so the other case does not occur.
    RgbImage::from_raw(width, height, opaque).unwrap_or_default()
}

fn check_size(width: u32, height: u32) -> Result<(), Reason> {
    if width == 0 || height == 0 {
        return Err(Reason::Damaged);
    }
    let fits = width <= MAX_SIDE && height <= MAX_SIDE && u64::from(width) * u64::from(height) <= u64::from(MAX_PIXELS);
    if fits { Ok(()) } else { Err(Reason::TooLarge) }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    limits
}

fn undamaged<T>(result: ImageResult<T>) -> Result<T, Reason> {
    result.map_err(|error| match error {
        // A way of coding that the decoder does not know, such as arithmetic coding.
        ImageError::Unsupported(_) => Reason::Failed,
        ImageError::Limits(_) => Reason::TooLarge,
        _ => Reason::Damaged,
    })
}

/// Finds a PNG's size without its decoder (PNG, 5.2 and 11.2.1: after the signature and the chunk's
/// length and name).
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let (width, rest) = bytes.get(8 + 4..)?.strip_prefix(b"IHDR")?.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*rest.first_chunk()?)))
}

/// Tells whether a JPEG goes on to its end marker (ITU-T T.81, B.1.1 and B.2: segments with their
/// lengths, and after a scan's header coded bytes, in which 0xFF is followed by 0 or by a restart).
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xFF, marker]) = bytes.get(at..at + 2) {
        at += match marker {
            0xD9 => return true,
            0xFF => 1,
            0x01 | 0xD0..=0xD8 => 2,
            _ => match bytes.get(at + 2..at + 4) {
                Some([high, low]) => 2 + usize::from(u16::from_be_bytes([*high, *low])),
                _ => return false,
            },
        };
        if *marker == 0xDA {
            at += coded(bytes.get(at..).unwrap_or_default());
        }
    }
    false
}

/// Counts the coded bytes of a scan, up to the next marker or the end.
fn coded(bytes: &[u8]) -> usize {
    let marks = bytes.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7));
    marks.unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use image::codecs::png::PngEncoder;
    use image::{ExtendedColorType, ImageEncoder};
    use proptest::prelude::*;

    const ROOM: Room = Room { columns: 80, width: 64, height: 48 };

    /// A picture in which every pixel is another.
    fn colours(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| image::Rgb([(x * 5) as u8, (y * 5) as u8, (x + y) as u8]))
    }

    fn as_png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (size, colour) = ((picture.width(), picture.height()), picture.color().into());
        PngEncoder::new(&mut bytes).write_image(picture.as_bytes(), size.0, size.1, colour).unwrap();
        bytes
    }

    /// A JPEG with an orientation (TIFF 6.0, tag 0x112), or without one.
    fn as_jpeg(picture: &RgbImage, orientation: Option<u8>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
        if let Some(orientation) = orientation {
            let tiff = [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0], &[0; 4]].concat();
            encoder.set_exif_metadata(tiff).unwrap();
        }
        encoder.encode(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8).unwrap();
        bytes
    }

    /// A chunk of a PNG with its checksum.
    fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let checked = [name, data].concat();
        let sum = checked.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
        });
        [&(data.len() as u32).to_be_bytes()[..], &checked, &(!sum).to_be_bytes()].concat()
    }

    /// Puts a chunk between a PNG's header and the rest.
    fn with_chunk(png: &[u8], name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let (header, rest) = png.split_at(8 + 25);
        [header, &chunk(name, data), rest].concat()
    }

    #[test]
    fn a_small_png_is_shown_pixel_by_pixel() {
        let picture = colours(64, 48);
        let shown = png(&as_png(&picture.clone().into()), ROOM).ok().unwrap();
        assert_eq!((shown.width(), shown.height(), shown.original()), (64, 48, (64, 48)));
        assert_eq!(shown.pixels(), picture.as_raw().as_slice());
    }

    #[test]
    fn every_colour_type_of_png_is_shown() {
        let picture = DynamicImage::from(colours(8, 8));
        for other in [
            DynamicImage::from(picture.to_luma8()),
            picture.to_luma_alpha8().into(),
            picture.to_rgba8().into(),
            picture.to_luma16().into(),
            picture.to_rgb16().into(),
            picture.to_rgba16().into(),
        ] {
            let shown = png(&as_png(&other), ROOM).ok().unwrap();
            assert_eq!(shown.pixels(), other.to_rgb8().as_raw().as_slice(), "{:?}", other.color());
        }
    }

    #[test]
    fn what_is_transparent_is_white() {
        let picture = image::RgbaImage::from_fn(3, 1, |x, _| image::Rgba([200, 100, 0, [0, 128, 255][x as usize]]));
        let shown = png(&as_png(&picture.into()), ROOM).ok().unwrap();
        assert_eq!(shown.pixels(), [255, 255, 255, 227, 177, 127, 200, 100, 0]);
    }

    #[test]
    fn a_jpeg_is_shown_nearly_pixel_by_pixel() {
        let picture = colours(48, 48);
        let shown = jpeg(&as_jpeg(&picture, None), ROOM).ok().unwrap();
        let worst = shown.pixels().iter().zip(picture.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst <= Some(12), "{worst:?}");
    }

    #[test]
    fn a_jpeg_is_turned_upright_and_then_fits() {
        let picture = colours(120, 40);
        for orientation in 1..=8 {
            let bytes = as_jpeg(&picture, Some(orientation));
            let mut upright = DynamicImage::from(picture.clone());
            upright.apply_orientation(Orientation::from_exif(orientation).unwrap());
            let shown = jpeg(&bytes, Room { width: 120, height: 120, ..ROOM }).ok().unwrap();
            assert_eq!((u32::from(shown.width()), u32::from(shown.height())), (upright.width(), upright.height()));
            let worst = shown.pixels().iter().zip(upright.as_bytes()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(12), "{orientation}: {worst:?}");
            let scaled = jpeg(&bytes, ROOM).ok().unwrap();
            let expected = if orientation > 4 { (16, 48) } else { (64, 21) };
            assert_eq!((scaled.width(), scaled.height()), expected);
            assert_eq!(scaled.original(), (upright.width(), upright.height()));
        }
    }

    #[test]
    fn a_scaled_picture_keeps_its_colours_where_they_were() {
        let halves = RgbImage::from_fn(640, 480, |x, _| image::Rgb(if x < 320 { [250, 0, 0] } else { [0, 0, 250] }));
        let shown = png(&as_png(&halves.into()), ROOM).ok().unwrap();
        let at = |x: usize, y: usize| &shown.pixels()[3 * (y * 64 + x)..][..3];
        assert_eq!((shown.width(), shown.height()), (64, 48));
        assert_eq!(
            (at(0, 0), at(30, 47), at(33, 0), at(63, 47)),
            (&[250, 0, 0][..], &[250, 0, 0][..], &[0, 0, 250][..], &[0, 0, 250][..])
        );
    }

    #[test]
    fn a_huge_picture_is_refused_by_its_header() {
        for (width, height) in [(60_000, 60_000), (20_000, 20_000), (MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (u32::MAX, u32::MAX)] {
            let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
            let bytes =
                [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(b"IHDR", &header), &chunk(b"IDAT", b""), &chunk(b"IEND", b"")].concat();
            assert_eq!(png(&bytes, ROOM).err(), Some(Reason::TooLarge), "{width}×{height}");
        }
        let mut bytes = as_jpeg(&colours(8, 8), None);
        let size = bytes.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap() + 5;
        bytes[size..size + 4].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
        assert_eq!(jpeg(&bytes, ROOM).err(), Some(Reason::TooLarge));
    }

    #[test]
    fn a_picture_that_moves_is_refused_and_not_shown_by_its_first_frame() {
        let still = as_png(&colours(8, 8).into());
        let moving = with_chunk(&still, b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
        assert_eq!(png(&moving, ROOM).err(), Some(Reason::Moving));
    }

    #[test]
    fn a_picture_cut_anywhere_is_refused() {
        // The checksum of a PNG's last chunk carries nothing, so only what is before it counts.
        let bytes = as_png(&colours(40, 40).into());
        for cut in 0..bytes.len() - 12 {
            assert_eq!(png(&bytes[..cut], ROOM).err(), Some(Reason::Damaged), "PNG cut at {cut} of {}", bytes.len());
        }
        let bytes = as_jpeg(&colours(40, 40), Some(1));
        for cut in 0..bytes.len() {
            assert_eq!(jpeg(&bytes[..cut], ROOM).err(), Some(Reason::Damaged), "JPEG cut at {cut} of {}", bytes.len());
        }
    }

    proptest! {
        #[test]
        fn the_size_that_fits_is_the_largest_of_its_shape(
            size in (1..=MAX_SIDE, 1..=MAX_SIDE), room in (1..=1280_u32, 1..=720_u32)
        ) {
            let (width, height) = fit(size, room);
            prop_assert!((1..=room.0).contains(&width) && (1..=room.1).contains(&height));
            prop_assert!(width <= size.0 && height <= size.1);
            prop_assert!(width == size.0 && height == size.1 || width == room.0 || height == room.1);
            let ideal = f64::from(width) * f64::from(size.1) / f64::from(size.0);
            prop_assert!(height == 1 || width == 1 || (f64::from(height) - ideal).abs() <= 0.51 * f64::from(size.1.max(size.0)) / f64::from(size.0));
        }

        #[test]
        fn a_picture_with_strange_bytes_in_it_never_panics(at in 0.0..1.0, strange: [u8; 8], is_png: bool) {
            let picture = colours(24, 24);
            let mut bytes = if is_png { as_png(&picture.into()) } else { as_jpeg(&picture, Some(6)) };
            let at = (at * (bytes.len() - 8) as f64) as usize;
            bytes[at..at + 8].copy_from_slice(&strange);
            let _ = if is_png { png(&bytes, ROOM) } else { jpeg(&bytes, ROOM) };
        }
    }
}
