//! A USB camera, as the kernel's own driver knows them (USB Video Class 1.0): greys of one size, thirty
//! times a second, with the noise of a sensor. It sees whatever film is held before it.

use crate::{
    film::Film,
    redir::{Answering, Asked, Identity, Listening, Setup, plug},
};
use cloison_tests::Result;
use std::{
    collections::VecDeque,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, sleep},
    time::{Duration, Instant},
};

const RATE: u32 = 30;
/// In units of 100 ns, as the standard counts.
const INTERVAL: u32 = 10_000_000 / RATE;
/// The most of a frame that is sent in one piece, with its head of two bytes.
const PIECE: u32 = 16384;
const HEAD: usize = 2;

const STREAM: u8 = 0x81;
const PACKET: u16 = 512;

/// Requests of the standard, and of the class.
const GET_DESCRIPTOR: u8 = 6;
const SET_CUR: u8 = 0x01;
const GET_CUR: u8 = 0x81;
const GET_MAX: u8 = 0x83;
const GET_MIN: u8 = 0x82;
const GET_LEN: u8 = 0x85;
const GET_INFO: u8 = 0x86;
const GET_DEF: u8 = 0x87;

const DEVICE: u16 = 1;
const CONFIGURATION: u16 = 2;
const STRING: u16 = 3;

/// What of a class's descriptor it is.
const CLASS: u8 = 0x24;

/// So many frames are a while, and so long it may take.
const FRAMES: u64 = 60;
const LONGEST: Duration = Duration::from_secs(60);

/// How many points a camera sees, across and down.
pub(crate) type Size = (u16, u16);
pub(crate) const SMALL: Size = (640, 480);
pub(crate) const LARGE: Size = (1280, 720);

fn points(size: Size) -> u32 {
    u32::from(size.0) * u32::from(size.1)
}

/// The camera, plugged in; what is before it can be changed.
pub(crate) struct Webcam {
    before: Arc<Mutex<Before>>,
    line: Answering,
}

/// What is before the camera.
struct Before {
    size: Size,
    noise: u64,
    film: Option<Film>,
    each: Duration,
    since: Instant,
    /// How many frames were taken of all that was before it.
    taken: u64,
}

impl Before {
    /// Draws what the camera sees now.
    fn draw(&mut self) -> Vec<u8> {
        self.taken += 1;
        let number = self.since.elapsed().as_millis() / self.each.as_millis().max(1);
        let size = (usize::from(self.size.0), usize::from(self.size.1));
        let mut pixels = match &self.film {
            Some(film) => film.seen(usize::try_from(number).unwrap_or(0), size),
            None => vec![128; size.0 * size.1],
        };
        self.disturb(&mut pixels);
        pixels
    }

    /// Adds the noise of a sensor, which no two frames have alike: the lowest bits of every point.
    fn disturb(&mut self, pixels: &mut [u8]) {
        for eight in pixels.chunks_mut(8) {
            self.noise ^= self.noise << 13;
            self.noise ^= self.noise >> 7;
            self.noise ^= self.noise << 17;
            for (pixel, random) in eight.iter_mut().zip(self.noise.to_le_bytes()) {
                *pixel = (*pixel - 4) + (random & 7);
            }
        }
    }
}

fn locked(before: &Mutex<Before>) -> MutexGuard<'_, Before> {
    before.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Webcam {
    /// Plugs it into the guest whose line this is.
    pub(crate) fn plug(line: UnixStream, size: Size) -> Result<Self> {
        let (since, each) = (Instant::now(), Duration::from_secs(1));
        let noise = u64::from(std::process::id()) << 32 | 0x9e37_79b9;
        let before = Arc::new(Mutex::new(Before { size, noise, film: None, each, since, taken: 0 }));
        let (listening, answering) = plug(line, &identity())?;
        let (seen, line) = (before.clone(), answering.clone());
        // It ends with the guest, or when the plug is pulled.
        thread::spawn(move || serve(listening, answering, size, &seen));
        Ok(Self { before, line })
    }

    /// Pulls the plug.
    pub(crate) fn unplug(&self) {
        self.line.unplug();
    }

    /// Holds a film before it until another one is held there, each picture for so long.
    pub(crate) fn show(&self, film: Film, each: Duration) {
        let mut before = locked(&self.before);
        (before.film, before.each, before.since) = (Some(film), each, Instant::now());
    }

    /// Covers it.
    pub(crate) fn cover(&self) {
        locked(&self.before).film = None;
    }

    /// Waits until it was looked through for a while.
    pub(crate) fn is_looked_through(&self) -> Result<()> {
        let (begun, wanted) = (Instant::now(), self.taken() + FRAMES);
        while self.taken() < wanted {
            if begun.elapsed() > LONGEST {
                return Err("the camera is not looked through any more".to_owned());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Counts the frames that were taken.
    pub(crate) fn taken(&self) -> u64 {
        locked(&self.before).taken
    }
}

/// The pieces that the guest waits for.
type Waiting = Arc<Mutex<VecDeque<(u64, usize)>>>;

fn serve(mut listening: Listening, answering: Answering, size: Size, before: &Arc<Mutex<Before>>) -> Result<()> {
    let waiting = Waiting::default();
    let (line, wanted, seen) = (answering.clone(), waiting.clone(), before.clone());
    thread::spawn(move || stream(&line, &wanted, &seen));
    loop {
        match listening.next(&answering)? {
            Asked::Bulk { id, length, .. } => queue(&waiting).push_back((id, length)),
            Asked::Cancel { id } => {
                queue(&waiting).retain(|(known, _)| *known != id);
                answering.cancelled(id, STREAM)?;
            }
            Asked::Reset => queue(&waiting).clear(),
            Asked::Control { id, setup, .. } => answering.control(id, setup, answer(setup, size).as_deref())?,
        }
    }
}

fn queue(waiting: &Mutex<VecDeque<(u64, usize)>>) -> MutexGuard<'_, VecDeque<(u64, usize)>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the guest frame after frame, in pieces, as it asks for them.
fn stream(line: &Answering, waiting: &Waiting, before: &Mutex<Before>) -> Result<()> {
    let mut toggle = 0;
    while Arc::strong_count(waiting) > 1 {
        let begun = Instant::now();
        let mut sent = 0;
        let mut frame = Vec::new();
        while frame.is_empty() || sent < frame.len() {
            let Some((id, length)) = queue(waiting).pop_front() else {
                sleep(Duration::from_millis(2));
                // A stream that was stopped begins with a whole frame.
                if begun.elapsed() > Duration::from_secs(2) {
                    break;
                }
                continue;
            };
            if frame.is_empty() {
                frame = locked(before).draw();
            }
            let size = length.min(PIECE as usize).saturating_sub(HEAD).min(frame.len() - sent);
            let is_last = sent + size == frame.len();
            let mut piece = vec![2, 0x80 | toggle | u8::from(is_last) << 1];
            piece.extend(&frame[sent..sent + size]);
            line.bulk(id, STREAM, &piece)?;
            sent += size;
        }
        toggle ^= 1;
        sleep(Duration::from_secs(1).checked_div(RATE).unwrap_or_default().saturating_sub(begun.elapsed()));
    }
    Ok(())
}

fn answer(setup: Setup, size: Size) -> Option<Vec<u8>> {
    match (setup.kind, setup.request) {
        (0x80, GET_DESCRIPTOR) => descriptor(setup.value >> 8, setup.value & 0xff, size),
        // The state of the device, an interface or an endpoint: nothing to tell.
        (0x80..=0x82, 0) => Some(vec![0, 0]),
        // An endpoint that is halted goes on.
        (0x00..=0x02, 1 | 3) => Some(Vec::new()),
        (0x21, SET_CUR) if setup.index == 1 => Some(Vec::new()),
        (0xa1, GET_CUR | GET_MIN | GET_MAX | GET_DEF) if setup.index == 1 => Some(agreement(size)),
        (0xa1, GET_LEN) if setup.index == 1 => Some(26_u16.to_le_bytes().to_vec()),
        (0xa1, GET_INFO) if setup.index == 1 => Some(vec![3]),
        _ => None,
    }
}

/// What is streamed, whatever is proposed (UVC 1.0 §4.3.1.1).
fn agreement(size: Size) -> Vec<u8> {
    let mut all = vec![1, 0, 1, 1];
    all.extend(INTERVAL.to_le_bytes());
    all.extend([0; 10]);
    all.extend(points(size).to_le_bytes());
    all.extend(PIECE.to_le_bytes());
    all
}

fn identity() -> Identity {
    Identity {
        class: [0xef, 2, 1],
        // What no maker has: made for tests.
        vendor: 0x1209,
        product: 0x0001,
        interfaces: vec![[14, 1, 0], [14, 2, 0]],
        stream: (1, STREAM, PACKET),
    }
}

fn descriptor(kind: u16, number: u16, size: Size) -> Option<Vec<u8>> {
    match (kind, number) {
        (DEVICE, _) => Some(vec![18, 1, 0, 2, 0xef, 2, 1, 64, 0x09, 0x12, 0x01, 0, 0, 1, 0, 1, 0, 1]),
        (CONFIGURATION, _) => Some(configuration(size)),
        (STRING, 0) => Some(vec![4, 3, 9, 4]),
        (STRING, 1) => {
            let name: Vec<u8> = "Boot test camera".encode_utf16().flat_map(u16::to_le_bytes).collect();
            Some([&[u8::try_from(name.len() + 2).ok()?, 3][..], &name].concat())
        }
        _ => None,
    }
}

/// One function of two interfaces: what the camera is, and its stream (UVC 1.0 §3).
fn configuration(size: Size) -> Vec<u8> {
    let control = control();
    let stream = streaming(size);
    let parts = [
        vec![8, 11, 0, 2, 14, 3, 0, 0],
        vec![9, 4, 0, 0, 0, 14, 1, 0, 0],
        control,
        vec![9, 4, 1, 0, 1, 14, 2, 0, 0],
        stream,
        vec![7, 5, STREAM, 2, 0, 2, 0],
    ]
    .concat();
    let [low, high] = u16::try_from(parts.len() + 9).unwrap_or(0).to_le_bytes();
    [vec![9, 2, low, high, 2, 1, 0, 0x80, 50], parts].concat()
}

/// A sensor whose pictures go to the bus.
fn control() -> Vec<u8> {
    let sensor = vec![18, CLASS, 2, 1, 0x01, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0];
    let bus = vec![9, CLASS, 3, 2, 0x01, 0x01, 0, 1, 0];
    let [low, high] = u16::try_from(13 + sensor.len() + bus.len()).unwrap_or(0).to_le_bytes();
    [vec![13, CLASS, 1, 0x00, 0x01, low, high, 0x80, 0x8d, 0x5b, 0x00, 1, 1], sensor, bus].concat()
}

/// One format, greys of one byte, in one size.
fn streaming(size: Size) -> Vec<u8> {
    let mut format = vec![27, CLASS, 4, 1, 1];
    format.extend(b"Y800\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71");
    format.extend([8, 1, 0, 0, 0, 0]);
    let mut frame = vec![30, CLASS, 5, 1, 0];
    frame.extend([size.0, size.1].map(u16::to_le_bytes).concat());
    let bytes = points(size);
    frame.extend([bytes * 8 * RATE, bytes * 8 * RATE, bytes, INTERVAL].map(u32::to_le_bytes).concat());
    frame.push(1);
    frame.extend(INTERVAL.to_le_bytes());
    let [low, high] = u16::try_from(14 + format.len() + frame.len()).unwrap_or(0).to_le_bytes();
    [vec![14, CLASS, 1, 1, low, high, STREAM, 0, 2, 0, 0, 0, 1, 0], format, frame].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_descriptor_is_as_long_as_it_says() {
        let all = configuration(LARGE);
        assert_eq!(all.len(), usize::from(u16::from_le_bytes([all[2], all[3]])));
        let (mut rest, mut kinds) = (&all[..], Vec::new());
        while let [length, kind, ..] = rest {
            kinds.push(*kind);
            rest = rest.split_at_checked((*length).into()).unwrap().1;
        }
        assert!(rest.is_empty());
        assert_eq!(kinds, [2, 11, 4, CLASS, CLASS, CLASS, 4, CLASS, CLASS, CLASS, 5]);
        for (text, size) in [(control(), 5), (streaming(SMALL), 4)] {
            assert_eq!(text.len(), usize::from(u16::from_le_bytes([text[size], text[size + 1]])));
        }
        assert_eq!((agreement(SMALL).len(), descriptor(DEVICE, 0, SMALL).unwrap().len()), (26, 18));
    }

    #[test]
    fn what_a_camera_does_not_know_is_refused() {
        let setup = |kind, request, value, index| Setup { kind, request, value, index, length: 64 };
        assert!(answer(setup(0x80, GET_DESCRIPTOR, 0x0600, 0), SMALL).is_none(), "there is no other speed");
        assert!(answer(setup(0xa1, GET_CUR, 0x0100, 0), SMALL).is_none(), "there is no control of the camera");
        assert!(answer(setup(0xa1, GET_CUR, 0x0100, 1), LARGE).is_some_and(|agreed| agreed == agreement(LARGE)));
    }
}
