//! The bytes between the two processes. Both sides check every length before they allocate.
//!
//! ```text
//! request   kind u8 (1 picture, 2 frame) · budget u32 · length u32 · body
//! picture   the bytes of a PNG, JPEG or GIF
//! frame     width u32 · height u32 · width × height grey bytes
//! reply     0 · micros u32 · limits u8 (1 crowded, 2 unfinished) · symbols u32 · (length u32 · bytes)…
//!           or 1 · reason u8
//!           or 2
//! ```
//!
//! The budget is in milliseconds, for each frame. A request is answered by one reply 0 for each frame
//! as soon as it was looked at, and then by a reply 1 or 2, which is the last.
//!
//! All numbers are little-endian. The format is private to one build: both ends are the same
//! program, so it has no version.

use crate::{Sight, budget};
use cloison_optics::picture::{MAX_FRAMES, MAX_GIF_PIXELS};
use cloison_optics::{MAX_PIXELS, MAX_SIDE, MAX_SYMBOL_BYTES, MAX_SYMBOLS, PictureError};
use std::io::{self, Read, Write};
use std::time::Duration;

/// The most bytes of a picture file.
pub const MAX_PICTURE_BYTES: usize = 64 << 20;

/// The most pixels of a raw frame.
pub(crate) const MAX_FRAME_PIXELS: usize = MAX_PIXELS as usize;

/// The most bytes of symbols in all replies to one request: above the 24 MB of the longest animation of ours.
pub(crate) const MAX_REPLY_BYTES: usize = 32 << 20;

/// The first byte of a request that carries a picture file.
pub(crate) const PICTURE: u8 = 1;

/// The first byte of a request that carries a raw frame.
pub(crate) const FRAME: u8 = 2;

/// The width and height before a frame's pixels.
pub(crate) const FRAME_HEAD: usize = 8;

/// The bytes of a request before its body.
pub(crate) const HEAD: usize = 9;

const SEEN: u8 = 0;
const REFUSED: u8 = 1;
const END: u8 = 2;

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
    /// The child could not confine itself and looked at nothing.
    Unconfined,
}

impl Reason {
    const ALL: [Self; 6] = [Self::NotAPicture, Self::Damaged, Self::TooLarge, Self::TooLong, Self::Panicked, Self::Unconfined];

    fn code(self) -> u8 {
        match self {
            Self::NotAPicture => 1,
            Self::Damaged => 2,
            Self::TooLarge => 3,
            Self::TooLong => 4,
            Self::Panicked => 5,
            Self::Unconfined => 6,
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
            Self::Unconfined => "Use a Linux kernel with seccomp filters.",
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
            Self::Unconfined => f.write_str("the reader could not be confined, so it did not look"),
        }
    }
}

/// What the child answers, more than once to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// What was seen in the next frame.
    Seen(Sight),
    /// The picture, or the rest of it, is not read.
    Refused(Reason),
    /// There is no further frame.
    End,
}

impl Reply {
    /// Tells whether nothing more is answered to the request.
    pub(crate) fn is_last(&self) -> bool {
        !matches!(self, Self::Seen(_))
    }
}

/// Makes a request's head; the body follows.
pub(crate) fn head(kind: u8, budget: Duration, length: u32) -> [u8; HEAD] {
    let ([a, b, c, d], [e, f, g, h]) = (budget::millis(budget), length.to_le_bytes());
    [kind, a, b, c, d, e, f, g, h]
}

/// Writes a reply.
pub(crate) fn write_reply(output: &mut impl Write, reply: &Reply) -> io::Result<()> {
    match reply {
        Reply::Refused(reason) => output.write_all(&[REFUSED, reason.code()])?,
        Reply::End => output.write_all(&[END])?,
        Reply::Seen(sight) => {
            output.write_all(&[SEEN])?;
            output.write_all(&sight.micros.to_le_bytes())?;
            output.write_all(&[u8::from(sight.crowded) | u8::from(sight.unfinished) << 1])?;
            write_count(output, sight.symbols.len())?;
            for symbol in &sight.symbols {
                write_count(output, symbol.len())?;
                output.write_all(symbol)?;
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
        SEEN => read_sight(input).map(Reply::Seen),
        REFUSED => {
            let code = read_u8(input)?;
            let reason = Reason::ALL.into_iter().find(|reason| reason.code() == code);
            reason.map(Reply::Refused).ok_or_else(impossible)
        }
        END => Ok(Reply::End),
        _ => Err(impossible()),
    }
}

fn read_sight(input: &mut impl Read) -> io::Result<Sight> {
    let micros = read_u32(input)?;
    let limits = read_u8(input)?;
    if limits > 3 {
        return Err(impossible());
    }
    let mut symbols = Vec::new();
    for _ in 0..read_count(input, MAX_SYMBOLS)? {
        let mut symbol = vec![0; read_count(input, MAX_SYMBOL_BYTES)?];
        input.read_exact(&mut symbol)?;
        symbols.push(symbol);
    }
    Ok(Sight { symbols, micros, crowded: limits & 1 != 0, unfinished: limits & 2 != 0 })
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
        let sight = Sight { symbols: vec![vec![], vec![0, 255, 10]], micros: 123_456, crowded: true, unfinished: false };
        let reasons = Reason::ALL.map(Reply::Refused);
        let unfinished = Sight { unfinished: true, ..Sight::default() };
        let seen = [sight, unfinished, Sight::default()].map(Reply::Seen);
        for reply in seen.into_iter().chain(reasons).chain([Reply::End]) {
            assert_eq!(through(&reply), reply);
        }
    }

    #[test]
    fn a_reply_above_a_limit_is_refused_where_the_limit_is_passed() {
        let number = |n: usize| (n as u32).to_le_bytes();
        let (micros, one, clear) = (number(1), number(1), [0]);
        let cases: [Vec<u8>; 6] = [
            vec![3],
            vec![REFUSED, 0],
            vec![REFUSED, 99],
            [&[SEEN][..], &micros, &[4]].concat(),
            [&[SEEN][..], &micros, &clear, &number(MAX_SYMBOLS + 1)].concat(),
            [&[SEEN][..], &micros, &clear, &one, &number(MAX_SYMBOL_BYTES + 1)].concat(),
        ];
        for bytes in cases {
            let error = read_reply(&mut bytes.as_slice()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{bytes:?}");
        }
    }

    #[test]
    fn a_reply_that_breaks_off_is_an_end_of_file() {
        let mut bytes = Vec::new();
        let sight = Sight { symbols: vec![vec![1, 2, 3]], micros: 9, ..Sight::default() };
        write_reply(&mut bytes, &Reply::Seen(sight)).unwrap();
        for end in 0..bytes.len() {
            let error = read_reply(&mut &bytes[..end]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
    }

    #[test]
    fn every_reason_has_its_own_text_and_its_own_advice() {
        let distinct = |texts: [String; 6]| texts.into_iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(distinct(Reason::ALL.map(|reason| reason.to_string())), Reason::ALL.len());
        assert_eq!(distinct(Reason::ALL.map(|reason| reason.advice().into())), Reason::ALL.len());
    }
}
