//! The child's side: confines itself, then reads jobs, looks, answers, one after the other.
//!
//! It keeps nothing from one job to the next. It gives up a frame by itself a little before its
//! budget is over; the parent watches the time too, from outside, where it is sure to work.

use crate::confine::{Resources, confine};
use crate::wire::{self, FRAME, FRAME_HEAD, HEAD, MAX_FRAME_PIXELS, MAX_PICTURE_BYTES, MAX_REPLY_BYTES, PICTURE, Reason, Reply};
use crate::{Sight, budget};
use cloison_optics::{Luma, Reader, Reading, picture};
use std::io::{self, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// What the child may use up: the longest file twice, while it comes in, the largest picture as its
/// decoder has it, and a few times over in grey. It serves for long and is timed from outside.
const RESOURCES: Resources = Resources { memory: 512 << 20, cpu_seconds: None };

/// Confines this process and answers requests until the input ends.
///
/// `input` and `output` are the standard ones: the process is confined before the first byte is
/// read, and then has no others. Where it cannot be confined it looks at nothing, says so, and is to
/// end. A panic within one job is answered as such, and the next job is taken; panics are silent
/// from here on, since their words could hold some of a picture.
///
/// # Errors
/// A pipe breaks, a request breaks off, or its kind or length is not one that [`crate::Eye`]
/// sends. The process should then end.
pub fn serve(input: impl Read, mut output: impl Write) -> io::Result<()> {
    std::panic::set_hook(Box::new(|_| {}));
    match confine(&RESOURCES) {
        Ok(_) => answer_all(input, output),
        Err(_) => wire::write_reply(&mut output, &Reply::Refused(Reason::Unconfined)),
    }
}

/// Answers requests until the input ends.
fn answer_all(mut input: impl Read, output: impl Write) -> io::Result<()> {
    let mut output = BufWriter::new(output);
    while let Some((kind, budget, length)) = next_head(&mut input)? {
        let most = match kind {
            PICTURE => MAX_PICTURE_BYTES,
            FRAME => FRAME_HEAD + MAX_FRAME_PIXELS,
            _ => return Err(wire::impossible()),
        };
        if length > most {
            return Err(wire::impossible());
        }
        let body = read_body(&mut input, length)?;
        let last = look(kind, body, budget, |sight| wire::write_reply(&mut output, &Reply::Seen(sight)))?;
        wire::write_reply(&mut output, &last)?;
    }
    Ok(())
}

/// Reads a request's head: its kind, its budget and its body's length; `None` at the end of the input.
fn next_head(input: &mut impl Read) -> io::Result<Option<(u8, Duration, usize)>> {
    let mut head = Vec::with_capacity(HEAD);
    input.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    match <[u8; HEAD]>::try_from(head.as_slice()) {
        Ok([kind, a, b, c, d, e, f, g, h]) => {
            let length = usize::try_from(u32::from_le_bytes([e, f, g, h])).map_err(|_| wire::impossible())?;
            Ok(Some((kind, budget::of_millis([a, b, c, d]), length)))
        }
        Err(_) if head.is_empty() => Ok(None),
        Err(_) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
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

/// Does one job, tells of each frame as it was looked at, and gives the last answer.
fn look(kind: u8, body: Vec<u8>, budget: Duration, mut tell: impl FnMut(Sight) -> io::Result<()>) -> io::Result<Reply> {
    // The job owns its bytes and its reader, and a frame is told of as a whole, so nothing is left half
    // changed by a panic.
    let job = AssertUnwindSafe(|| match kind {
        PICTURE => every_frame(&body, budget, &mut tell),
        _ => one_frame(&body, budget, &mut tell),
    });
    match catch_unwind(job) {
        Ok(Ok(told)) => told.map(|()| Reply::End),
        Ok(Err(reason)) => Ok(Reply::Refused(reason)),
        Err(_) => Ok(Reply::Refused(Reason::Panicked)),
    }
}

/// Says whether a picture was read, and if so whether it could be told.
type Told = Result<io::Result<()>, Reason>;

/// Looks at all frames of a picture file, one in memory at a time.
fn every_frame(bytes: &[u8], budget: Duration, tell: &mut impl FnMut(Sight) -> io::Result<()>) -> Told {
    let mut room = MAX_REPLY_BYTES;
    let mut reader = Reader::new();
    let mut since = Instant::now();
    for frame in picture::frames(bytes)? {
        let sight = sight(&mut reader, &frame?, since, budget);
        let size = sight.symbols.iter().map(Vec::len).sum();
        room = room.checked_sub(size).ok_or(Reason::TooLong)?;
        if let Err(error) = tell(sight) {
            return Ok(Err(error));
        }
        since = Instant::now();
    }
    Ok(Ok(()))
}

/// Looks at a raw frame.
fn one_frame(body: &[u8], budget: Duration, tell: &mut impl FnMut(Sight) -> io::Result<()>) -> Told {
    let since = Instant::now();
    let ([a, b, c, d, e, f, g, h], pixels) = body.split_first_chunk::<FRAME_HEAD>().ok_or(Reason::Damaged)?;
    let (width, height) = (u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes([*e, *f, *g, *h]));
    let picture = Luma::new(width, height, pixels.to_vec())?;
    Ok(tell(sight(&mut Reader::new(), &picture, since, budget)))
}

/// Reads one frame and takes the time.
fn sight(reader: &mut Reader, picture: &Luma, since: Instant, budget: Duration) -> Sight {
    let start = Instant::now();
    let Reading { symbols, crowded, unfinished } = reader.read(picture, &mut budget::until(since, budget));
    let micros = u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX);
    Sight { symbols, micros, crowded, unfinished }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_optics::{Density, Level, Symbol};

    const AMPLE: Duration = Duration::from_secs(20);

    fn code(content: &[u8]) -> Luma {
        Symbol::encode(content, Density::new(2, Level::L).unwrap()).unwrap().picture(3)
    }

    fn request(kind: u8, body: &[u8]) -> Vec<u8> {
        [&wire::head(kind, AMPLE, body.len() as u32)[..], body].concat()
    }

    fn frame(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
        let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
        request(FRAME, &[&size, pixels].concat())
    }

    /// Gives all replies, of which each request's last is an end or a refusal.
    fn answers(requests: &[Vec<u8>]) -> Vec<Reply> {
        let mut output = Vec::new();
        answer_all(requests.concat().as_slice(), &mut output).unwrap();
        let mut output = output.as_slice();
        std::iter::from_fn(|| (!output.is_empty()).then(|| wire::read_reply(&mut output).unwrap())).collect()
    }

    /// Leaves of replies what was seen, without the time.
    fn timeless(replies: Vec<Reply>) -> Vec<Reply> {
        let timeless = |reply| match reply {
            Reply::Seen(sight) => Reply::Seen(Sight { micros: 0, ..sight }),
            other => other,
        };
        replies.into_iter().map(timeless).collect()
    }

    fn seen(symbols: &[&[u8]]) -> Reply {
        Reply::Seen(Sight { symbols: symbols.iter().map(|symbol| symbol.to_vec()).collect(), ..Sight::default() })
    }

    #[test]
    fn jobs_are_answered_in_order() {
        let picture = code(b"frame");
        let replies = answers(&[
            request(PICTURE, &picture::png(&code(b"picture")).unwrap()),
            frame(picture.width(), picture.height(), picture.pixels()),
            request(PICTURE, b"text"),
            frame(5, 5, &[255; 25]),
            request(PICTURE, &picture::gif(&[code(b"one"), code(b"two")], 100).unwrap()),
        ]);
        let end = Reply::End;
        let expected = [
            [seen(&[b"picture"]), end.clone()].to_vec(),
            [seen(&[b"frame"]), end.clone()].to_vec(),
            [Reply::Refused(Reason::NotAPicture)].to_vec(),
            [seen(&[]), end.clone()].to_vec(),
            [seen(&[b"one"]), seen(&[b"two"]), end].to_vec(),
        ];
        assert_eq!(timeless(replies), expected.concat());
    }

    #[test]
    fn what_was_seen_before_an_animation_breaks_off_is_told() {
        let gif = picture::gif(&[code(b"one"), code(b"two")], 100).unwrap();
        let replies = timeless(answers(&[request(PICTURE, &gif[..gif.len() - 20])]));
        assert_eq!(replies, [seen(&[b"one"]), Reply::Refused(Reason::Damaged)]);
    }

    #[test]
    fn a_frame_without_time_is_unfinished() {
        let picture = code(b"frame");
        let body = [&picture.width().to_le_bytes()[..], &picture.height().to_le_bytes(), picture.pixels()].concat();
        let mut late = wire::head(FRAME, AMPLE, body.len() as u32).to_vec();
        late[1..5].fill(0);
        let replies = timeless(answers(&[[late, body].concat()]));
        assert_eq!(replies, [Reply::Seen(Sight { unfinished: true, ..Sight::default() }), Reply::End]);
    }

    #[test]
    fn a_frame_whose_size_does_not_match_is_refused() {
        let replies =
            answers(&[frame(5, 5, &[255; 24]), frame(0, 5, &[]), frame(u32::MAX, u32::MAX, &[1]), request(FRAME, &[1, 2, 3])]);
        let expected = [Reason::Damaged, Reason::Damaged, Reason::TooLarge, Reason::Damaged];
        assert_eq!(replies, expected.map(Reply::Refused));
    }

    #[test]
    fn the_end_of_the_input_between_jobs_is_a_clean_end() {
        let mut output = Vec::new();
        assert!(answer_all(&b""[..], &mut output).is_ok());
        assert!(output.is_empty());
    }

    #[test]
    fn impossible_requests_end_the_child() {
        let long = wire::head(PICTURE, AMPLE, MAX_PICTURE_BYTES as u32 + 1);
        for bytes in [&wire::head(9, AMPLE, 0)[..], &long, &wire::head(PICTURE, AMPLE, 10), &[PICTURE, 1]] {
            assert!(answer_all(bytes, Vec::new()).is_err(), "{bytes:?}");
        }
    }
}
