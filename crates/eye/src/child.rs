//! The child's side: reads jobs, looks, answers, one after the other.
//!
//! It keeps nothing from one job to the next and does not watch the time: the parent does that
//! from outside, which is the only place where it is sure to work.

use crate::Sight;
use crate::wire::{self, FRAME, FRAME_HEAD, MAX_FRAME_PIXELS, MAX_PICTURE_BYTES, MAX_REPLY_BYTES, PICTURE, Reason, Reply};
use cloison_optics::{Luma, Reading, examine, picture};
use std::io::{self, BufWriter, Read, Write};
use std::panic::catch_unwind;
use std::time::Instant;

/// Answers requests until the input ends.
///
/// A panic within one job is answered as such, and the next job is taken.
///
/// # Errors
/// A pipe breaks, a request breaks off, or its kind or length is not one that [`crate::Eye`]
/// sends. The process should then end.
pub fn serve(mut input: impl Read, output: impl Write) -> io::Result<()> {
    let mut output = BufWriter::new(output);
    while let Some(kind) = next_kind(&mut input)? {
        let most = match kind {
            PICTURE => MAX_PICTURE_BYTES,
            FRAME => FRAME_HEAD + MAX_FRAME_PIXELS,
            _ => return Err(wire::impossible()),
        };
        let length = wire::read_count(&mut input, most)?;
        let body = read_body(&mut input, length)?;
        wire::write_reply(&mut output, &look(kind, body))?;
    }
    Ok(())
}

/// Reads a request's first byte; `None` at the end of the input.
fn next_kind(input: &mut impl Read) -> io::Result<Option<u8>> {
    let mut kind = Vec::with_capacity(1);
    input.by_ref().take(1).read_to_end(&mut kind)?;
    Ok(kind.first().copied())
}

/// Reads a body, allocating as it arrives rather than as it is announced.
fn read_body(input: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    input.by_ref().take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(body)
}

/// Does one job and turns a panic into an answer.
fn look(kind: u8, body: Vec<u8>) -> Reply {
    // The job owns its bytes and shares nothing, so nothing is left half changed by a panic.
    catch_unwind(move || match kind {
        PICTURE => every_frame(&body),
        _ => one_frame(body).map(|sight| vec![sight]),
    })
    .unwrap_or(Err(Reason::Panicked))
}

/// Looks at all frames of a picture file, one in memory at a time.
fn every_frame(bytes: &[u8]) -> Reply {
    let mut room = MAX_REPLY_BYTES;
    let mut sights = Vec::new();
    for frame in picture::frames(bytes)? {
        let sight = sight(&frame?);
        let size = sight.symbols.iter().map(Vec::len).sum();
        room = room.checked_sub(size).ok_or(Reason::TooLong)?;
        sights.push(sight);
    }
    Ok(sights)
}

/// Looks at a raw frame.
fn one_frame(mut body: Vec<u8>) -> Result<Sight, Reason> {
    let (size, _) = body.split_first_chunk::<FRAME_HEAD>().ok_or(Reason::Damaged)?;
    let [a, b, c, d, e, f, g, h] = *size;
    let (width, height) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    body.drain(..FRAME_HEAD);
    Ok(sight(&Luma::new(width, height, body)?))
}

/// Reads one frame and takes the time.
fn sight(picture: &Luma) -> Sight {
    let start = Instant::now();
    let Reading { symbols, crowded } = examine(picture);
    let micros = u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX);
    Sight { symbols, micros, crowded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_optics::{Density, Level, Symbol};

    fn code(content: &[u8]) -> Luma {
        Symbol::encode(content, Density::new(2, Level::L).unwrap()).unwrap().picture(3)
    }

    fn request(kind: u8, body: &[u8]) -> Vec<u8> {
        [&wire::head(kind, body.len() as u32)[..], body].concat()
    }

    fn frame(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
        let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
        request(FRAME, &[&size, pixels].concat())
    }

    fn answers(requests: &[Vec<u8>]) -> Vec<Reply> {
        let mut output = Vec::new();
        serve(requests.concat().as_slice(), &mut output).unwrap();
        let mut output = output.as_slice();
        requests.iter().map(|_| wire::read_reply(&mut output).unwrap()).collect()
    }

    fn symbols(reply: &Reply) -> Vec<Vec<u8>> {
        reply.iter().flatten().flat_map(|sight| sight.symbols.clone()).collect()
    }

    #[test]
    fn jobs_are_answered_in_order() {
        let picture = code(b"frame");
        let png = picture::png(&code(b"picture")).unwrap();
        let replies = answers(&[
            request(PICTURE, &png),
            frame(picture.width(), picture.height(), picture.pixels()),
            request(PICTURE, b"text"),
            frame(5, 5, &[255; 25]),
        ]);
        assert_eq!(symbols(&replies[0]), [b"picture"]);
        assert_eq!(symbols(&replies[1]), [b"frame"]);
        assert_eq!(replies[2], Err(Reason::NotAPicture));
        assert!(symbols(&replies[3]).is_empty() && replies[3].is_ok());
    }

    #[test]
    fn a_frame_whose_size_does_not_match_is_refused() {
        let replies =
            answers(&[frame(5, 5, &[255; 24]), frame(0, 5, &[]), frame(u32::MAX, u32::MAX, &[1]), request(FRAME, &[1, 2, 3])]);
        assert_eq!(replies, [Err(Reason::Damaged), Err(Reason::Damaged), Err(Reason::TooLarge), Err(Reason::Damaged)]);
    }

    #[test]
    fn the_end_of_the_input_between_jobs_is_a_clean_end() {
        let mut output = Vec::new();
        assert!(serve(&b""[..], &mut output).is_ok());
        assert!(output.is_empty());
    }

    #[test]
    fn impossible_requests_end_the_child() {
        let long = wire::head(PICTURE, MAX_PICTURE_BYTES as u32 + 1);
        for bytes in [&[9_u8, 0, 0, 0, 0][..], &long, &wire::head(PICTURE, 10), &[PICTURE, 1]] {
            assert!(serve(bytes, Vec::new()).is_err(), "{bytes:?}");
        }
    }
}
