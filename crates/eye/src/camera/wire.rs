//! The bytes between the two processes. Both sides check every length before they allocate.
//!
//! ```text
//! request   kind u8 (1 look, 2 noise) · zoom u8 (0, 1, 2) · exposure i8 (-128 automatic) · frames u8 ·
//!               budget u32
//! reply     length u32 · body
//! body      0 · micros u32 · limits u8 (1 crowded, 2 unfinished) · damaged u32 · width u16 · height u16 · brightness u8 ·
//!               clipped u16 · sharpness u32 · zoom u8 ·
//!               exposure u8 (0 or 1) · darkest i8 · brightest i8 · now i8 (-128 automatic) ·
//!               preview: width u16 · height u16 · that many grey bytes ·
//!               symbols: until the end (length u32 · bytes)…
//!           or 1 · noise until the end
//!           or 2 · fault u8
//!           or 3
//! ```
//!
//! All numbers are little-endian. A look has a frame count of 0, and noise one of 1 or more. The budget
//! is in milliseconds, from a frame's arrival to the answer; that a frame arrived is told by a reply 3,
//! so that both sides count from the same moment. Any other reply is the last to its request.

use super::feed::Fault;
use super::{Exposure, Look, MAX_NOISE, MAX_NOISE_FRAMES, MAX_PREVIEW, Preview, Zoom};
use crate::budget;
use cloison_optics::{MAX_SIDE, MAX_SYMBOL_BYTES, MAX_SYMBOLS};
use std::io::{self, Read};
use std::time::Duration;
use zeroize::Zeroizing;

/// The bytes of a request.
const REQUEST: usize = 8;

/// The most bytes of a body: a look's numbers, its preview and all of its symbols.
const MAX_BODY: usize = 64 + MAX_PREVIEW.0 as usize * MAX_PREVIEW.1 as usize + MAX_SYMBOLS * (4 + MAX_SYMBOL_BYTES);

/// What stands for no exposure step.
const AUTOMATIC: i8 = i8::MIN;

/// What the parent asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) what: What,
    pub(super) zoom: Zoom,
    pub(super) exposure: Option<i8>,
    pub(super) budget: Duration,
}

/// Says whether a look is asked for or noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Look,
    /// From so many frames.
    Noise(u8),
}

/// What the child answers.
pub(super) enum Reply {
    Look(Box<Look>),
    Noise(Zeroizing<Vec<u8>>),
    Fault(Fault),
    /// A frame has arrived, and is being decoded and read.
    Arrived,
}

impl Reply {
    /// Tells whether nothing more is answered to the request.
    pub(super) fn is_last(&self) -> bool {
        !matches!(self, Self::Arrived)
    }
}

/// Makes a request's bytes.
pub(super) fn request(request: &Request) -> [u8; REQUEST] {
    let (kind, frames) = match request.what {
        What::Look => (1, 0),
        What::Noise(frames) => (2, frames.clamp(1, MAX_NOISE_FRAMES)),
    };
    let [a, b, c, d] = budget::millis(request.budget);
    [kind, zoom_code(request.zoom), step_code(request.exposure), frames, a, b, c, d]
}

/// Reads a request; `None` at the end of the input.
pub(super) fn read_request(input: &mut impl Read) -> io::Result<Option<Request>> {
    let mut bytes = Vec::with_capacity(REQUEST);
    input.by_ref().take(REQUEST as u64).read_to_end(&mut bytes)?;
    let [kind, zoom, exposure, frames, a, b, c, d] = match <[u8; REQUEST]>::try_from(bytes.as_slice()) {
        Ok(bytes) => bytes,
        Err(_) if bytes.is_empty() => return Ok(None),
        Err(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
    };
    let what = match (kind, frames) {
        (1, 0) => What::Look,
        (2, 1..=MAX_NOISE_FRAMES) => What::Noise(frames),
        _ => return Err(crate::wire::impossible()),
    };
    let zoom = zoom_of(zoom).ok_or_else(crate::wire::impossible)?;
    Ok(Some(Request { what, zoom, exposure: step_of(exposure), budget: budget::of_millis([a, b, c, d]) }))
}

fn zoom_code(zoom: Zoom) -> u8 {
    match zoom {
        Zoom::One => 0,
        Zoom::OneAndHalf => 1,
        Zoom::Two => 2,
    }
}

fn zoom_of(code: u8) -> Option<Zoom> {
    [Zoom::One, Zoom::OneAndHalf, Zoom::Two].into_iter().find(|zoom| zoom_code(*zoom) == code)
}

fn step_code(step: Option<i8>) -> u8 {
    step.map_or(AUTOMATIC, |step| step.max(AUTOMATIC + 1)).cast_unsigned()
}

fn step_of(code: u8) -> Option<i8> {
    Some(code.cast_signed()).filter(|step| *step != AUTOMATIC)
}

/// Makes a reply's bytes.
pub(super) fn reply(reply: &Reply) -> Zeroizing<Vec<u8>> {
    // Large enough from the start, so that growing leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(4 + MAX_BODY));
    bytes.extend([0; 4]);
    match reply {
        Reply::Look(look) => write_look(&mut bytes, look),
        Reply::Noise(noise) => {
            bytes.push(1);
            bytes.extend_from_slice(noise);
        }
        Reply::Fault(fault) => bytes.extend([2, fault.code()]),
        Reply::Arrived => bytes.push(3),
    }
    let length = u32::try_from(bytes.len() - 4).unwrap_or(u32::MAX).to_le_bytes();
    bytes[..4].copy_from_slice(&length);
    bytes
}

fn write_look(bytes: &mut Vec<u8>, look: &Look) {
    bytes.push(0);
    bytes.extend(look.micros.to_le_bytes());
    bytes.push(u8::from(look.crowded) | u8::from(look.unfinished) << 1);
    bytes.extend(look.damaged.to_le_bytes());
    bytes.extend(look.size.0.to_le_bytes());
    bytes.extend(look.size.1.to_le_bytes());
    bytes.push(look.brightness);
    bytes.extend(look.clipped.to_le_bytes());
    bytes.extend(look.sharpness.to_le_bytes());
    bytes.push(zoom_code(look.zoom));
    bytes.extend(match look.exposure {
        None => [0; 4],
        Some(Exposure { darkest, brightest, now }) => [1, darkest.cast_unsigned(), brightest.cast_unsigned(), step_code(now)],
    });
    bytes.extend(look.preview.width.to_le_bytes());
    bytes.extend(look.preview.height.to_le_bytes());
    bytes.extend_from_slice(&look.preview.pixels);
    for symbol in &look.symbols {
        bytes.extend(u32::try_from(symbol.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(symbol);
    }
}

/// Reads a reply.
///
/// # Errors
/// `InvalidData` for an impossible reply, otherwise what the pipe says.
pub(super) fn read_reply(input: &mut impl Read) -> io::Result<Reply> {
    let length = crate::wire::read_count(input, MAX_BODY)?;
    let mut body = Zeroizing::new(Vec::with_capacity(length));
    input.by_ref().take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    parsed(&body).ok_or_else(crate::wire::impossible)
}

/// Takes a body apart; `None` for one that no honest child answers.
fn parsed(body: &[u8]) -> Option<Reply> {
    match body.split_first()? {
        (0, rest) => Some(Reply::Look(Box::new(look(&mut Rest(rest))?))),
        (1, noise) if noise.len() <= MAX_NOISE => Some(Reply::Noise(Zeroizing::new(noise.to_vec()))),
        (2, [code]) => Fault::of_code(*code).map(Reply::Fault),
        (3, []) => Some(Reply::Arrived),
        _ => None,
    }
}

fn look(rest: &mut Rest<'_>) -> Option<Look> {
    let micros = u32::from_le_bytes(rest.array()?);
    let limits = rest.byte().filter(|limits| *limits <= 3)?;
    Some(Look {
        micros,
        crowded: limits & 1 != 0,
        unfinished: limits & 2 != 0,
        damaged: u32::from_le_bytes(rest.array()?),
        size: (side(rest)?, side(rest)?),
        brightness: rest.byte()?,
        clipped: Some(u16::from_le_bytes(rest.array()?)).filter(|share| *share <= 1000)?,
        sharpness: u32::from_le_bytes(rest.array()?),
        zoom: zoom_of(rest.byte()?)?,
        exposure: exposure(rest.array()?)?,
        preview: preview(rest)?,
        symbols: symbols(rest)?,
    })
}

fn side(rest: &mut Rest<'_>) -> Option<u16> {
    let side = u16::from_le_bytes(rest.array()?);
    (1..=MAX_SIDE).contains(&u32::from(side)).then_some(side)
}

/// Takes an exposure apart; nothing within it may be out of order.
fn exposure([there, darkest, brightest, now]: [u8; 4]) -> Option<Option<Exposure>> {
    let (darkest, brightest, now) = (darkest.cast_signed(), brightest.cast_signed(), step_of(now));
    match there {
        0 => Some(None),
        1 if darkest <= 0 && brightest >= 0 && now.is_none_or(|now| (darkest..=brightest).contains(&now)) => {
            Some(Some(Exposure { darkest, brightest, now }))
        }
        _ => None,
    }
}

fn preview(rest: &mut Rest<'_>) -> Option<Preview> {
    let (width, height) = (side(rest)?, side(rest)?);
    if width > MAX_PREVIEW.0 || height > MAX_PREVIEW.1 {
        return None;
    }
    let pixels = rest.bytes(usize::from(width) * usize::from(height))?;
    Some(Preview { width, height, pixels: Zeroizing::new(pixels.to_vec()) })
}

fn symbols(rest: &mut Rest<'_>) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let mut symbols = Vec::new();
    while !rest.0.is_empty() {
        let length = usize::try_from(u32::from_le_bytes(rest.array()?)).ok()?;
        if length > MAX_SYMBOL_BYTES || symbols.len() == MAX_SYMBOLS {
            return None;
        }
        symbols.push(Zeroizing::new(rest.bytes(length)?.to_vec()));
    }
    Some(symbols)
}

/// Holds what is left of a body.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(symbols: &[&[u8]]) -> Reply {
        Reply::Look(Box::new(Look {
            symbols: symbols.iter().map(|symbol| Zeroizing::new(symbol.to_vec())).collect(),
            micros: 70_000,
            crowded: true,
            unfinished: false,
            damaged: 3,
            size: (1280, 720),
            brightness: 128,
            clipped: 999,
            sharpness: 123_456,
            exposure: Some(Exposure { darkest: -12, brightest: 6, now: Some(-3) }),
            zoom: Zoom::OneAndHalf,
            preview: Preview { width: 3, height: 2, pixels: Zeroizing::new(vec![1, 2, 3, 4, 5, 6]) },
        }))
    }

    #[test]
    fn requests_come_through_and_nothing_else_is_one() {
        for what in [What::Look, What::Noise(1), What::Noise(MAX_NOISE_FRAMES)] {
            for zoom in [Zoom::One, Zoom::OneAndHalf, Zoom::Two] {
                for exposure in [None, Some(0), Some(-127), Some(127)] {
                    let asked = Request { what, zoom, exposure, budget: Duration::from_millis(150) };
                    assert_eq!(read_request(&mut &request(&asked)[..]).unwrap(), Some(asked));
                }
            }
        }
        assert_eq!(read_request(&mut &b""[..]).unwrap(), None);
        for kind in [[0, 0, 0, 0], [1, 3, 0, 0], [1, 0, 0, 1], [2, 0, 0, 0], [2, 0, 0, 65], [3, 0, 0, 0]] {
            let bytes = [kind, [150, 0, 0, 0]].concat();
            assert!(read_request(&mut &bytes[..]).is_err(), "{bytes:?}");
        }
        let whole = request(&Request { what: What::Look, zoom: Zoom::One, exposure: None, budget: Duration::ZERO });
        assert!((1..REQUEST).all(|end| read_request(&mut &whole[..end]).is_err()));
    }

    #[test]
    fn replies_come_through_unchanged() {
        let faults = Fault::ALL.map(Reply::Fault);
        let noise = Reply::Noise(Zeroizing::new(vec![7; MAX_NOISE]));
        let full = [[9; MAX_SYMBOL_BYTES].as_slice(); MAX_SYMBOLS];
        for answered in faults.into_iter().chain([Reply::Arrived, noise, seen(&[]), seen(&[b"", b"\0\xff"]), seen(&full)]) {
            let bytes = reply(&answered);
            let again = reply(&read_reply(&mut &bytes[..]).unwrap_or_else(|error| panic!("{error:?}")));
            assert!(bytes == again);
            assert!(read_reply(&mut &bytes[..bytes.len() - 1]).is_err());
        }
    }

    #[test]
    fn a_reply_beyond_a_limit_is_refused() {
        let with = |at: usize, bytes: &[u8]| {
            let mut body = reply(&seen(&[b"x"]))[4..].to_vec();
            body[at..at + bytes.len()].copy_from_slice(bytes);
            parsed(&body).is_none()
        };
        assert!(!with(0, &[0]));
        for (at, bytes, what) in [
            (5, &[4][..], "a limit"),
            (10, &[0, 0], "a width of nothing"),
            (10, &[1, 64], "a width above the limit"),
            (15, &[233, 3], "more than all pixels"),
            (21, &[3], "a zoom"),
            (22, &[2], "an exposure"),
            (23, &[1], "an exposure range"),
            (25, &[7], "an exposure beyond its range"),
            (26, &[65, 1], "a wide preview"),
            (28, &[241, 0], "a high preview"),
            (28, &[3, 0], "a preview without its pixels"),
            (36, &[2], "a symbol without its bytes"),
            (36, &[0xb2, 0x1b], "a long symbol"),
        ] {
            assert!(with(at, bytes), "{what}");
        }
        assert!(parsed(&[1].into_iter().chain([0; MAX_NOISE + 1]).collect::<Vec<u8>>()).is_none());
        for body in [&[][..], &[2], &[2, 0], &[2, 200], &[2, 1, 0], &[3, 0], &[4]] {
            assert!(parsed(body).is_none(), "{body:?}");
        }
        assert!(read_reply(&mut &u32::MAX.to_le_bytes()[..]).is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics_and_what_is_one_is_so_in_one_way(mut body: Vec<u8>, kind in 0_u8..4) {
            body.insert(0, kind);
            if let Some(understood) = parsed(&body) {
                // An exposure that is not there may hold anything.
                if !matches!(&understood, Reply::Look(look) if look.exposure.is_none()) {
                    prop_assert_eq!(&reply(&understood)[4..], &body[..]);
                }
            }
        }

        #[test]
        fn a_look_with_changed_bytes_does_not_panic(at in 0_usize..60, byte: u8, end in 0_usize..60) {
            let mut body = reply(&seen(&[b"a", b"b"]))[4..].to_vec();
            let (at, end) = (at % body.len(), end % body.len());
            body[at] = byte;
            let _ = parsed(&body);
            let _ = parsed(&body[..end]);
        }
    }
}
