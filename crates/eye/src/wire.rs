//! The bytes between the two processes. Both sides check every length before they allocate.
//!
//! ```text
//! request   kind u8 (1 picture, 2 frame) · length u32 · body
//! picture   the bytes of a PNG, JPEG or GIF
//! frame     width u32 · height u32 · width × height grey bytes
//! reply     0 · frames u32 · that many times:
//!               micros u32 · crowded u8 (0 or 1) · symbols u32 · (length u32 · bytes)…
//!           or 1 · reason u8
//! ```
//!
//! All numbers are little-endian. The format is private to one build: both ends are the same
//! program, so it has no version.

use crate::Sight;
use cloison_optics::picture::{MAX_FRAMES, MAX_GIF_PIXELS};
use cloison_optics::{MAX_PIXELS, MAX_SIDE, MAX_SYMBOL_BYTES, MAX_SYMBOLS, PictureError};
use std::io::{self, Read, Write};

/// The most bytes of a picture file.
pub const MAX_PICTURE_BYTES: usize = 64 << 20;

/// The most pixels of a raw frame.
pub(crate) const MAX_FRAME_PIXELS: usize = MAX_PIXELS as usize;

/// The most bytes of symbols in one reply: above the 24 MB of the longest animation of ours.
pub(crate) const MAX_REPLY_BYTES: usize = 32 << 20;

/// The first byte of a request that carries a picture file.
pub(crate) const PICTURE: u8 = 1;

/// The first byte of a request that carries a raw frame.
pub(crate) const FRAME: u8 = 2;

/// The width and height before a frame's pixels.
pub(crate) const FRAME_HEAD: usize = 8;

const SEEN: u8 = 0;
const REFUSED: u8 = 1;

/// Says why the child could not read a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes are no PNG, JPEG or GIF: no picture, or one of another format, such as WebP.
    NotAPicture,
    /// The bytes are damaged, incomplete, or empty.
    Damaged,
    /// The picture has too many pixels, or too many on one side.
    TooLarge,
    /// The animation has too many frames, or too many pixels or symbols in all.
    TooLong,
    /// The decoder panicked.
    Panicked,
}

impl Reason {
    const ALL: [Self; 5] = [Self::NotAPicture, Self::Damaged, Self::TooLarge, Self::TooLong, Self::Panicked];

    fn code(self) -> u8 {
        match self {
            Self::NotAPicture => 1,
            Self::Damaged => 2,
            Self::TooLarge => 3,
            Self::TooLong => 4,
            Self::Panicked => 5,
        }
    }
}

impl From<PictureError> for Reason {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Unknown => Self::NotAPicture,
            PictureError::TooLarge { .. } => Self::TooLarge,
            PictureError::TooLong => Self::TooLong,
            _ => Self::Damaged,
        }
    }
}

impl Reason {
    /// Says in one sentence what to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotAPicture => "Convert it to one of these, or take it with another program.",
            Self::Damaged => "Copy, take or export it again.",
            Self::TooLarge => "Crop it to the code, or take or export it smaller.",
            Self::TooLong => "Split it, or make its frames smaller.",
            Self::Panicked => "Export it again as a PNG.",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let million = |pixels: u32| pixels >> 20;
        match self {
            Self::NotAPicture => f.write_str("it is not a PNG, JPEG or GIF"),
            Self::Damaged => f.write_str("it is damaged or incomplete"),
            Self::TooLarge => {
                let (all, gif) = (million(MAX_PIXELS), million(MAX_GIF_PIXELS));
                write!(f, "it has more than {all} megapixels ({gif} in a GIF) or a side above {MAX_SIDE} pixels")
            }
            Self::TooLong => write!(f, "it has more than {MAX_FRAMES} frames, or too many pixels or codes in all of them"),
            Self::Panicked => f.write_str("the decoder failed on it"),
        }
    }
}

/// What the child answers to one request.
pub(crate) type Reply = Result<Vec<Sight>, Reason>;

/// Writes a request's head; the body follows.
pub(crate) fn head(kind: u8, length: u32) -> [u8; 5] {
    let [a, b, c, d] = length.to_le_bytes();
    [kind, a, b, c, d]
}

/// Writes a reply.
pub(crate) fn write_reply(output: &mut impl Write, reply: &Reply) -> io::Result<()> {
    match reply {
        Err(reason) => output.write_all(&[REFUSED, reason.code()])?,
        Ok(sights) => {
            output.write_all(&[SEEN])?;
            write_count(output, sights.len())?;
            for sight in sights {
                output.write_all(&sight.micros.to_le_bytes())?;
                output.write_all(&[u8::from(sight.crowded)])?;
                write_count(output, sight.symbols.len())?;
                for symbol in &sight.symbols {
                    write_count(output, symbol.len())?;
                    output.write_all(symbol)?;
                }
            }
        }
    }
    output.flush()
}

/// Reads a reply and refuses it as soon as one number in it is above its limit.
///
/// # Errors
/// `InvalidData` for an impossible reply, otherwise what the pipe says.
pub(crate) fn read_reply(input: &mut impl Read) -> io::Result<Reply> {
    match read_u8(input)? {
        SEEN => read_sights(input).map(Ok),
        REFUSED => {
            let code = read_u8(input)?;
            let reason = Reason::ALL.into_iter().find(|reason| reason.code() == code);
            reason.map(Err).ok_or_else(impossible)
        }
        _ => Err(impossible()),
    }
}

fn read_sights(input: &mut impl Read) -> io::Result<Vec<Sight>> {
    let frames = read_count(input, MAX_FRAMES)?;
    let mut room = MAX_REPLY_BYTES;
    let mut sights = Vec::new();
    for _ in 0..frames {
        let micros = read_u32(input)?;
        let crowded = read_flag(input)?;
        let mut symbols = Vec::new();
        for _ in 0..read_count(input, MAX_SYMBOLS)? {
            let length = read_count(input, MAX_SYMBOL_BYTES.min(room))?;
            room -= length;
            let mut symbol = vec![0; length];
            input.read_exact(&mut symbol)?;
            symbols.push(symbol);
        }
        sights.push(Sight { symbols, micros, crowded });
    }
    Ok(sights)
}

fn write_count(output: &mut impl Write, count: usize) -> io::Result<()> {
    let count = u32::try_from(count).map_err(|_| impossible())?;
    output.write_all(&count.to_le_bytes())
}

/// Reads a number that must not be above a limit.
pub(crate) fn read_count(input: &mut impl Read, most: usize) -> io::Result<usize> {
    let count = usize::try_from(read_u32(input)?).map_err(|_| impossible())?;
    if count > most { Err(impossible()) } else { Ok(count) }
}

fn read_u32(input: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn read_flag(input: &mut impl Read) -> io::Result<bool> {
    match read_u8(input)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(impossible()),
    }
}

fn read_u8(input: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    input.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Makes the error for bytes that no honest other side sends.
pub(crate) fn impossible() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(reply: &Reply) -> Reply {
        let mut bytes = Vec::new();
        write_reply(&mut bytes, reply).unwrap();
        read_reply(&mut bytes.as_slice()).unwrap()
    }

    #[test]
    fn a_reply_comes_through_unchanged() {
        let sight = Sight { symbols: vec![vec![], vec![0, 255, 10]], micros: 123_456, crowded: true };
        let seen = Ok(vec![sight, Sight::default()]);
        assert_eq!(through(&seen), seen);
        for reason in Reason::ALL {
            assert_eq!(through(&Err(reason)), Err(reason));
        }
    }

    #[test]
    fn a_reply_above_a_limit_is_refused_where_the_limit_is_passed() {
        let number = |n: usize| (n as u32).to_le_bytes();
        let micros = number(1);
        let one = number(1);
        let clear = [0];
        let cases: [Vec<u8>; 7] = [
            vec![2],
            vec![REFUSED, 0],
            vec![REFUSED, 99],
            [&[SEEN][..], &number(MAX_FRAMES + 1)].concat(),
            [&[SEEN][..], &one, &micros, &[2]].concat(),
            [&[SEEN][..], &one, &micros, &clear, &number(MAX_SYMBOLS + 1)].concat(),
            [&[SEEN][..], &one, &micros, &clear, &one, &number(MAX_SYMBOL_BYTES + 1)].concat(),
        ];
        for bytes in cases {
            let error = read_reply(&mut bytes.as_slice()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{bytes:?}");
        }
    }

    #[test]
    fn all_symbols_together_have_a_limit() {
        let full = Sight { symbols: vec![vec![7; MAX_SYMBOL_BYTES]; MAX_SYMBOLS], ..Sight::default() };
        let count = MAX_REPLY_BYTES / (MAX_SYMBOL_BYTES * MAX_SYMBOLS) + 1;
        let mut bytes = Vec::new();
        write_reply(&mut bytes, &Ok(vec![full; count])).unwrap();
        let error = read_reply(&mut bytes.as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_reply_that_breaks_off_is_an_end_of_file() {
        let mut bytes = Vec::new();
        let sight = Sight { symbols: vec![vec![1, 2, 3]], micros: 9, crowded: false };
        write_reply(&mut bytes, &Ok(vec![sight])).unwrap();
        for end in 0..bytes.len() {
            let error = read_reply(&mut &bytes[..end]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
    }

    #[test]
    fn every_reason_has_its_own_text_and_its_own_advice() {
        let distinct = |texts: [String; 5]| texts.into_iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(distinct(Reason::ALL.map(|reason| reason.to_string())), Reason::ALL.len());
        assert_eq!(distinct(Reason::ALL.map(|reason| reason.advice().into())), Reason::ALL.len());
    }
}
