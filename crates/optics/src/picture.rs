//! Makes and opens picture files in memory: PNG and GIF both ways, JPEG to be read.
//!
//! Sizes are taken from the header and checked before a pixel is allocated. Colours become grey
//! and transparency becomes white, since that is how a code would be seen on a white plate. It
//! opens no file, and no other format: each one is another decoder that hostile input could reach.

use crate::{Luma, MAX_PIXELS};
use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::png::PngEncoder;
use image::{
    AnimationDecoder, Delay, DynamicImage, ExtendedColorType, Frame, GenericImageView, ImageDecoder, ImageEncoder, ImageFormat,
    ImageReader, Limits, Rgba,
};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most frames of an animation.
pub const MAX_FRAMES: usize = 4096;

/// The most pixels of all frames of an animation together, so that [`decode`] stays bounded.
pub const MAX_TOTAL_PIXELS: u64 = 16 * MAX_PIXELS as u64;

/// The most pixels of a frame of a GIF: fewer than elsewhere, since frames are laid over each other
/// and a decoder holds three at a time, four bytes a pixel.
pub const MAX_GIF_PIXELS: u32 = MAX_PIXELS / 2;

/// The most memory that the decoder of a GIF may take at one time.
const MAX_GIF_ALLOCATION: u64 = 3 * MAX_GIF_RAW_BYTES;

/// The most bytes of one decoded frame of a GIF before it becomes grey.
const MAX_GIF_RAW_BYTES: u64 = 4 * MAX_GIF_PIXELS as u64;

/// The most memory that another decoder may take at one time beside the pixels themselves.
const MAX_ALLOCATION: u64 = MAX_PIXELS as u64;

/// The most bytes of decoded pixels before they become grey: four a pixel.
const MAX_RAW_BYTES: u64 = 4 * MAX_PIXELS as u64;

/// Names the picture formats that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// Graphics Interchange Format, animated or not.
    Gif,
}

impl Format {
    /// Recognises a format by its first bytes.
    fn of(bytes: &[u8]) -> Result<Self, PictureError> {
        match image::guess_format(bytes) {
            Ok(ImageFormat::Png) => Ok(Self::Png),
            Ok(ImageFormat::Jpeg) => Ok(Self::Jpeg),
            Ok(ImageFormat::Gif) => Ok(Self::Gif),
            _ => Err(PictureError::Unknown),
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
        })
    }
}

/// Says what is wrong with a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// A side is zero, or an animation has no frame.
    #[error("The picture is empty. Take or export it again.")]
    Empty,
    /// The number of pixels is not width × height.
    #[error("The picture should have {expected} pixels and has {found}. Take it again.")]
    Mismatch {
        /// Width × height.
        expected: usize,
        /// The bytes given.
        found: usize,
    },
    /// The picture has more than [`MAX_PIXELS`] pixels ([`MAX_GIF_PIXELS`] in a GIF), a side above
    /// [`crate::MAX_SIDE`], or too many bytes for each pixel.
    #[error("The picture is {width}×{height} and that is too large. Crop it to the code or take it at a lower resolution.")]
    TooLarge {
        /// The width found.
        width: u32,
        /// The height found.
        height: u32,
    },
    /// The animation has more frames, or more pixels in all, than are read.
    #[error(
        "The animation is longer than {MAX_FRAMES} frames or {MAX_TOTAL_PIXELS} pixels. Split it or make its frames smaller."
    )]
    TooLong,
    /// The frames of one animation differ in size.
    #[error("All frames must be {width}×{height} and one is not. Make them the same size.")]
    Uneven {
        /// The first frame's width.
        width: u32,
        /// The first frame's height.
        height: u32,
    },
    /// The bytes are no PNG, JPEG or GIF.
    #[error("This is not a PNG, JPEG or GIF picture. Convert it to one of these.")]
    Unknown,
    /// The bytes begin like a picture and then break its format.
    #[error("The {format} picture is damaged or incomplete. Copy or take it again.")]
    Damaged {
        /// What the bytes claim to be.
        format: Format,
    },
    /// The picture could not be written in this format.
    #[error("The picture could not be made a {format}. Make it smaller.")]
    Unwritable {
        /// The format asked for.
        format: Format,
    },
}

/// Writes a picture as a grey PNG.
///
/// # Errors
/// The encoder refuses, which no known picture makes it do.
pub fn png(picture: &Luma) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(picture.pixels(), picture.width(), picture.height(), ExtendedColorType::L8)
        .map_err(|_| PictureError::Unwritable { format: Format::Png })?;
    Ok(bytes)
}

/// Writes frames as a GIF that loops for ever, each shown for `delay_ms`.
///
/// GIF counts in hundredths of a second, so the delay is rounded to ten milliseconds, at least 20:
/// below that, viewers substitute a delay of their own.
///
/// # Errors
/// There is no frame, the frames differ in size, or a frame or the whole is larger than [`decode`]
/// would read.
pub fn gif(frames: &[Luma], delay_ms: u16) -> Result<Vec<u8>, PictureError> {
    let first = frames.first().ok_or(PictureError::Empty)?;
    let (width, height) = (first.width(), first.height());
    if frames.iter().any(|frame| (frame.width(), frame.height()) != (width, height)) {
        return Err(PictureError::Uneven { width, height });
    }
    if first.pixels().len() > MAX_GIF_PIXELS as usize {
        return Err(PictureError::Unwritable { format: Format::Gif });
    }
    let pixels: u64 = frames.iter().map(|frame| frame.pixels().len() as u64).sum();
    if frames.len() > MAX_FRAMES || pixels > MAX_TOTAL_PIXELS {
        return Err(PictureError::TooLong);
    }
    let unwritable = |_| PictureError::Unwritable { format: Format::Gif };
    let hundredths = (u32::from(delay_ms) + 5) / 10;
    let delay = Delay::from_numer_denom_ms(hundredths.max(2) * 10, 1);
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 10);
    encoder.set_repeat(Repeat::Infinite).map_err(unwritable)?;
    for frame in frames {
        let colours = DynamicImage::ImageLuma8(grey_image(frame)?).into_rgba8();
        encoder.encode_frame(Frame::from_parts(colours, 0, 0, delay)).map_err(unwritable)?;
    }
    drop(encoder);
    Ok(bytes)
}

/// Opens a picture and gives all its frames; PNG and JPEG have one.
///
/// # Errors
/// The format is not one of [`Format`], a size or the number of frames is above its limit, or the
/// bytes are damaged. An animation that breaks off in the middle is damaged as a whole.
pub fn decode(bytes: &[u8]) -> Result<Vec<Luma>, PictureError> {
    frames(bytes)?.collect()
}

/// Opens a picture and gives its frames one by one, so that only one is in memory at a time.
///
/// After an error there are no further frames.
///
/// # Errors
/// The first bytes or the header are refused; what is wrong further on comes as an item.
pub fn frames(bytes: &[u8]) -> Result<Frames<'_>, PictureError> {
    let format = Format::of(bytes)?;
    let damaged = PictureError::Damaged { format };
    let source = guarded(&damaged, || match format {
        Format::Gif => animation(bytes),
        _ => still(bytes, format).map(|picture| Source::Still(Some(picture))),
    })?;
    Ok(Frames { source, damaged, count: 0, pixels: 0 })
}

/// Gives the frames of one picture; made by [`frames`].
pub struct Frames<'a> {
    source: Source<'a>,
    damaged: PictureError,
    count: usize,
    pixels: u64,
}

/// Holds what is left of a picture.
enum Source<'a> {
    Still(Option<Luma>),
    Animation(image::Frames<'a>),
    Ended,
}

impl Iterator for Frames<'_> {
    type Item = Result<Luma, PictureError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.advance().transpose();
        if !matches!(item, Some(Ok(_))) {
            // A broken decoder is dropped and never asked again.
            self.source = Source::Ended;
        }
        item
    }
}

impl Frames<'_> {
    /// Takes the next frame and counts it.
    fn advance(&mut self) -> Result<Option<Luma>, PictureError> {
        let frames = match &mut self.source {
            Source::Still(picture) => return Ok(picture.take()),
            Source::Animation(frames) => frames,
            Source::Ended => return Ok(None),
        };
        let damaged = &self.damaged;
        let Some(frame) = guarded(damaged, || Ok(frames.next()))? else {
            return if self.count == 0 { Err(PictureError::Empty) } else { Ok(None) };
        };
        let frame = frame.map_err(|_| damaged.clone())?.into_buffer();
        self.count += 1;
        self.pixels += u64::from(frame.width()) * u64::from(frame.height());
        if self.count > MAX_FRAMES || self.pixels > MAX_TOTAL_PIXELS {
            return Err(PictureError::TooLong);
        }
        on_white(frame.dimensions(), frame.pixels().copied()).map(Some)
    }
}

/// Runs a decoder and makes its panic an error.
///
/// Unwinding is safe here because the callers drop the decoder after any error.
fn guarded<T>(damaged: &PictureError, work: impl FnOnce() -> Result<T, PictureError>) -> Result<T, PictureError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged.clone()))
}

/// Opens a GIF up to its first frame.
fn animation(bytes: &[u8]) -> Result<Source<'_>, PictureError> {
    let damaged = |_| PictureError::Damaged { format: Format::Gif };
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    check(&decoder, MAX_GIF_RAW_BYTES)?;
    decoder.set_limits(limits(MAX_GIF_ALLOCATION)).map_err(damaged)?;
    Ok(Source::Animation(decoder.into_frames()))
}

/// Opens a PNG or a JPEG.
fn still(bytes: &[u8], format: Format) -> Result<Luma, PictureError> {
    let damaged = |_| PictureError::Damaged { format };
    let kind = if format == Format::Png { ImageFormat::Png } else { ImageFormat::Jpeg };
    if let (Format::Png, Some((width, height))) = (format, png_size(bytes)) {
        Luma::count(width, height)?;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    reader.limits(limits(MAX_ALLOCATION));
    let decoder = reader.into_decoder().map_err(damaged)?;
    check(&decoder, MAX_RAW_BYTES)?;
    grey(DynamicImage::from_decoder(decoder).map_err(damaged)?)
}

/// Finds a PNG's size without its decoder, which takes memory for the width that it is told
/// (PNG, 5.2 and 11.2.1: after the signature and the chunk's length and name).
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let (width, rest) = bytes.get(8 + 4..)?.strip_prefix(b"IHDR")?.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*rest.first_chunk()?)))
}

/// Checks the size in a header.
fn check(decoder: &impl ImageDecoder, most_bytes: u64) -> Result<(), PictureError> {
    let (width, height) = decoder.dimensions();
    Luma::count(width, height)?;
    if decoder.total_bytes() > most_bytes {
        return Err(PictureError::TooLarge { width, height });
    }
    Ok(())
}

/// Limits what a decoder may allocate, in bytes.
fn limits(allocation: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(allocation);
    limits
}

/// Makes any decoded picture grey, transparent parts white.
fn grey(image: DynamicImage) -> Result<Luma, PictureError> {
    if let DynamicImage::ImageRgba8(image) = &image {
        return on_white(image.dimensions(), image.pixels().copied());
    }
    if image.color().has_alpha() {
        // Pixel by pixel, which is slower: a copy in four colours would take 64 MB more.
        return on_white(image.dimensions(), image.pixels().map(|(_, _, pixel)| pixel));
    }
    let image = image.into_luma8();
    Luma::new(image.width(), image.height(), image.into_raw())
}

/// Composes pixels on white and makes them grey (weights of ITU-R BT.709).
fn on_white((width, height): (u32, u32), pixels: impl Iterator<Item = Rgba<u8>>) -> Result<Luma, PictureError> {
    let mut greys = Vec::with_capacity(Luma::count(width, height)?);
    greys.extend(pixels.map(|pixel| {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let grey = (2126 * red + 7152 * green + 722 * blue) / 10_000;
        ((grey * alpha + 255 * (255 - alpha)) / 255) as u8
    }));
    Luma::new(width, height, greys)
}

/// Copies a picture into the type that the encoders take.
fn grey_image(picture: &Luma) -> Result<image::GrayImage, PictureError> {
    image::GrayImage::from_raw(picture.width(), picture.height(), picture.pixels().to_vec()).ok_or(PictureError::Empty)
}
