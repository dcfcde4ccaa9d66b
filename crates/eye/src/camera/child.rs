//! The child's side: opens the camera, confines itself, and then looks as often as it is asked.

use super::convert::{Damaged, luma};
use super::feed::{Fault, Feed};
use super::folder::Folder;
use super::measure;
use super::wire::{self, Reply, Request, What};
use super::{Look, MAX_NOISE, Source, Zoom, device};
use crate::budget;
use crate::confine::{Needs, Resources, confine_to};
use crate::roles::end_with_parent;
use cloison_optics::{Luma, Reader, Reading};
use rustix::io::retry_on_intr;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use zeroize::Zeroizing;

/// What the child may use up, with the device's buffers. It serves for long and is timed from outside.
const RESOURCES: Resources = Resources { memory: 512 << 20, cpu_seconds: None };

/// The most damaged frames that are passed over in one look.
pub(super) const MOST_DAMAGED: u32 = 8;

/// Looks through a camera whenever it is asked, until its input ends.
///
/// `input` and `output` are the standard ones: nothing else can be read and written once the
/// process is confined, which it is before it takes a frame. The process's panics are silent from
/// here on, since their words could hold some of a frame. What is wrong with the camera is told to
/// the parent, and where it will not change by itself the process then ends.
///
/// # Errors
/// A pipe breaks, or what comes is no request of [`super::Camera`].
pub fn serve(source: &Source, input: impl AsFd, output: impl Write) -> io::Result<()> {
    std::panic::set_hook(Box::new(|_| {}));
    end_with_parent();
    match source {
        Source::Device(place) => {
            let feed = device::open(place);
            let reach = feed.as_ref().map_or(Needs::Pipes, |feed| Needs::Camera(feed.device().descriptors()));
            let held = is_confined(reach);
            answer_all(feed.and_then(|feed| held.map(|()| feed)), input, output)
        }
        Source::Folder(place) => {
            let feed = Folder::open(place);
            let reach = feed.as_ref().map_or(Needs::Pipes, |feed| Needs::Folder(feed.descriptor()));
            let held = is_confined(reach);
            answer_all(feed.and_then(|feed| held.map(|()| feed)), input, output)
        }
    }
}

fn is_confined(reach: Needs<'_>) -> Result<(), Fault> {
    confine_to(&RESOURCES, reach).map(|_| ()).map_err(|_| Fault::Unconfined)
}

/// Answers requests until the input ends or the camera does.
fn answer_all(mut feed: Result<impl Feed, Fault>, input: impl AsFd, mut output: impl Write) -> io::Result<()> {
    let (mut reader, mut zoom) = (Reader::new(), Zoom::One);
    loop {
        if let Err(fault) = feed.as_mut().map_err(|fault| *fault).and_then(|feed| feed.idle(input.as_fd())) {
            feed = Err(fault);
        }
        let Some(request) = wire::read_request(&mut Pipe(input.as_fd()))? else { return Ok(()) };
        if request.zoom != zoom {
            // Where symbols were before, they are not in this part of the frame.
            (reader, zoom) = (Reader::new(), request.zoom);
        }
        let reply = match &mut feed {
            Ok(feed) => answer(feed, &mut reader, &request, &mut output),
            Err(fault) => Reply::Fault(*fault),
        };
        send(&mut output, &reply)?;
        if matches!(reply, Reply::Fault(fault) if fault.ends()) {
            return Ok(());
        }
    }
}

fn send(output: &mut impl Write, reply: &Reply) -> io::Result<()> {
    output.write_all(&wire::reply(reply))?;
    output.flush()
}

/// Does what is asked, and gives the last reply.
fn answer(feed: &mut impl Feed, reader: &mut Reader, request: &Request, output: &mut impl Write) -> Reply {
    feed.expose(request.exposure);
    let done = match request.what {
        What::Look => look(feed, reader, request, output).map(|look| Reply::Look(Box::new(look))),
        What::Noise(frames) => noise(feed, frames).map(Reply::Noise),
    };
    done.unwrap_or_else(Reply::Fault)
}

/// Looks at the newest frame that is whole.
fn look(feed: &mut impl Feed, reader: &mut Reader, request: &Request, output: &mut impl Write) -> Result<Look, Fault> {
    // A pipe that is broken breaks the last reply too.
    let arrived = || {
        let _ = send(output, &Reply::Arrived);
    };
    let frame = frame(feed, arrived)?;
    let damaged = feed.damaged().saturating_add(frame.passed_over);
    let mut more = budget::until(frame.arrived, request.budget);
    // A panic in a decoder's own code is caught there; one in ours makes the frame a damaged one, and
    // what the reader kept of earlier frames is forgotten.
    let job = AssertUnwindSafe(|| seen(reader, &frame.picture, request.zoom, &mut more));
    match catch_unwind(job) {
        Ok(seen) => Ok(Look { damaged, exposure: feed.exposure(), ..seen }),
        Err(_) => {
            *reader = Reader::new();
            Err(Fault::Damaged)
        }
    }
}

/// Holds a frame that is whole.
struct Frame {
    picture: Luma,
    arrived: Instant,
    /// How many were damaged before it.
    passed_over: u32,
}

/// Takes the newest frame that is whole; each that arrives is told.
fn frame(feed: &mut impl Feed, mut tell: impl FnMut()) -> Result<Frame, Fault> {
    for passed_over in 0..MOST_DAMAGED {
        let (shape, bytes) = feed.newest()?;
        let arrived = Instant::now();
        tell();
        // The decoder is given its own view of the bytes, and nothing else is left half changed.
        let decoded = catch_unwind(AssertUnwindSafe(|| luma(&shape, bytes)));
        if let Ok(picture) = decoded.unwrap_or(Err(Damaged)) {
            return Ok(Frame { picture, arrived, passed_over });
        }
    }
    Err(Fault::Damaged)
}

/// Reads and measures what a frame shows.
fn seen(reader: &mut Reader, picture: &Luma, zoom: Zoom, more: &mut dyn FnMut() -> bool) -> Look {
    let part = measure::middle(picture, zoom);
    let start = Instant::now();
    let Reading { symbols, crowded, unfinished } = reader.read(&part, more);
    let micros = u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX);
    Look {
        symbols: symbols.into_iter().map(Zeroizing::new).collect(),
        micros,
        crowded,
        unfinished,
        damaged: 0,
        // No side is above `MAX_SIDE`.
        size: (part.width() as u16, part.height() as u16),
        brightness: measure::brightness(&part),
        clipped: measure::clipped(&part),
        sharpness: measure::sharpness(&part),
        exposure: None,
        zoom,
        preview: measure::preview(&part),
    }
}

/// Takes the lowest bits of so many new frames, the same share of each.
fn noise(feed: &mut impl Feed, frames: u8) -> Result<Zeroizing<Vec<u8>>, Fault> {
    if !feed.is_sensor() {
        return Err(Fault::Noiseless);
    }
    let mut noise = Zeroizing::new(Vec::with_capacity(MAX_NOISE));
    for _ in 0..frames {
        let Frame { picture, .. } = frame(feed, || {})?;
        noise.extend_from_slice(&measure::low_bits(&picture, MAX_NOISE / usize::from(frames.max(1))));
    }
    Ok(noise)
}

/// Reads a descriptor without a buffer of its own, which would hide from a wait what is in it, and
/// without a system call but the one for reading.
pub(super) struct Pipe<'a>(pub(super) BorrowedFd<'a>);

impl Read for Pipe<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        Ok(retry_on_intr(|| rustix::io::read(self.0, &mut *into))?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::convert::{Format, Shape};
    use super::super::{Exposure, Preview};
    use super::*;
    use cloison_optics::{Density, Level, Symbol};
    use std::time::Duration;

    /// A camera that shows given frames over and over, and was unplugged where there is none.
    struct Frames {
        shape: Shape,
        frames: Vec<Vec<u8>>,
        at: usize,
        step: Option<i8>,
    }

    impl Feed for Frames {
        fn idle(&mut self, _: BorrowedFd<'_>) -> Result<(), Fault> {
            Ok(())
        }
        fn newest(&mut self) -> Result<(Shape, &[u8]), Fault> {
            let frame = self.frames.get(self.at % self.frames.len().max(1)).ok_or(Fault::Unplugged)?;
            self.at += 1;
            Ok((self.shape, frame))
        }
        fn damaged(&mut self) -> u32 {
            10
        }
        fn expose(&mut self, step: Option<i8>) {
            self.step = step;
        }
        fn exposure(&self) -> Option<Exposure> {
            Some(Exposure { darkest: -9, brightest: 9, now: self.step })
        }
        fn is_sensor(&self) -> bool {
            true
        }
    }

    /// A frame as a YUYV camera gives it: one code in the middle of white.
    fn code(content: &[u8]) -> (Shape, Vec<u8>) {
        let symbol = Symbol::encode(content, Density::new(3, Level::M).unwrap()).unwrap().picture(4);
        let (width, height) = (640, 480);
        let (left, top) = ((width - symbol.width()) / 2, (height - symbol.height()) / 2);
        let grey = |x: u32, y: u32| match (x.checked_sub(left), y.checked_sub(top)) {
            (Some(x), Some(y)) if x < symbol.width() && y < symbol.height() => symbol.pixels()[(y * symbol.width() + x) as usize],
            _ => 255,
        };
        let bytes = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| [grey(x, y), 128]).collect();
        (Shape { format: Format::Yuyv, width, height, stride: 0 }, bytes)
    }

    fn camera(frames: Vec<Vec<u8>>) -> Frames {
        Frames { shape: code(b"x").0, frames, at: 0, step: None }
    }

    /// Asks through pipes, as the parent does.
    fn ask(feed: Result<Frames, Fault>, requests: &[Request]) -> Vec<Reply> {
        let (reader, mut writer) = io::pipe().unwrap();
        for request in requests {
            writer.write_all(&wire::request(request)).unwrap();
        }
        drop(writer);
        let mut output = Vec::new();
        answer_all(feed, reader, &mut output).unwrap();
        let mut output = output.as_slice();
        let replies = std::iter::from_fn(|| (!output.is_empty()).then(|| wire::read_reply(&mut output).unwrap()));
        let (last, arrived): (Vec<_>, Vec<_>) = replies.partition(Reply::is_last);
        assert!(arrived.len() >= last.iter().filter(|reply| matches!(reply, Reply::Look(_))).count());
        last
    }

    const AMPLE: Duration = Duration::from_secs(20);

    const LOOK: Request = Request { what: What::Look, zoom: Zoom::One, exposure: None, budget: AMPLE };

    fn looked(reply: &Reply) -> &Look {
        match reply {
            Reply::Look(look) => look,
            Reply::Noise(_) => panic!("noise"),
            Reply::Fault(fault) => panic!("{fault:?}"),
            Reply::Arrived => panic!("no look"),
        }
    }

    #[test]
    fn frames_are_read_as_they_come_at_any_zoom() {
        let (one, two) = (code(b"one").1, code(b"two").1);
        let zoomed = Request { zoom: Zoom::Two, exposure: Some(-3), ..LOOK };
        let replies = ask(Ok(camera(vec![one, two])), &[LOOK, LOOK, zoomed]);
        let contents = replies.iter().map(|reply| looked(reply).symbols.iter().map(|symbol| symbol.to_vec()).collect::<Vec<_>>());
        assert_eq!(contents.collect::<Vec<_>>(), [[b"one"], [b"two"], [b"one"]]);
        let (whole, middle) = (looked(&replies[0]), looked(&replies[2]));
        assert_eq!((whole.size, middle.size), ((640, 480), (320, 240)));
        assert_eq!((whole.preview.width(), whole.preview.height(), middle.preview.width()), (320, 240, 320));
        assert_eq!((whole.exposure.unwrap().now, middle.exposure.unwrap().now), (None, Some(-3)));
        // In the middle, the code's dark modules take four times the share.
        assert!(middle.brightness < whole.brightness && middle.clipped < whole.clipped && middle.sharpness > whole.sharpness);
    }

    #[test]
    fn a_frame_without_time_is_unfinished_and_measured_all_the_same() {
        let late = Request { budget: Duration::ZERO, ..LOOK };
        let replies = ask(Ok(camera(vec![code(b"late").1])), &[late, LOOK]);
        let (late, next) = (looked(&replies[0]), looked(&replies[1]));
        assert!(late.unfinished && late.symbols.is_empty() && late.brightness == next.brightness);
        assert!(!next.unfinished && next.symbols.len() == 1);
    }

    #[test]
    fn each_frame_that_arrives_is_told() {
        let good = code(b"good").1;
        let mut output = Vec::new();
        let mut camera = camera(vec![vec![], vec![], good]);
        let reply = answer(&mut camera, &mut Reader::new(), &LOOK, &mut output);
        assert_eq!((looked(&reply).damaged, output), (12, wire::reply(&Reply::Arrived).repeat(3)));
    }

    #[test]
    fn damaged_frames_are_passed_over_and_too_many_are_named() {
        let good = code(b"good").1;
        let short = good[..1000].to_vec();
        let replies = ask(Ok(camera(vec![short.clone(), vec![], good])), &[LOOK]);
        assert_eq!((looked(&replies[0]).damaged, looked(&replies[0]).symbols.len()), (12, 1));
        // The child goes on: the next frame may be whole.
        let replies = ask(Ok(camera(vec![short])), &[LOOK, LOOK]);
        assert!(replies.iter().all(|reply| matches!(reply, Reply::Fault(Fault::Damaged))) && replies.len() == 2);
    }

    #[test]
    fn a_camera_that_is_not_there_or_goes_is_named_and_the_child_ends() {
        for (feed, fault) in [(Err(Fault::Absent), Fault::Absent), (Ok(camera(vec![])), Fault::Unplugged)] {
            let replies = ask(feed, &[LOOK, LOOK]);
            assert!(matches!(replies.as_slice(), [Reply::Fault(told)] if *told == fault));
        }
    }

    #[test]
    fn noise_is_taken_from_as_many_frames_as_asked() {
        let frame = |grey: u8| code(b"x").1.iter().map(|_| grey).collect::<Vec<u8>>();
        let asked = Request { what: What::Noise(4), ..LOOK };
        let replies = ask(Ok(camera(vec![frame(3), frame(2)])), &[asked]);
        let [Reply::Noise(noise)] = replies.as_slice() else { panic!("no noise") };
        let share = MAX_NOISE / 4;
        assert!(noise.len() <= MAX_NOISE && noise.len() >= 4 * (share - 8) / 2, "{}", noise.len());
        let quarter = noise.len() / 4;
        assert!(noise[..quarter].iter().all(|byte| *byte == 0xff) && noise[quarter..2 * quarter].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn what_is_told_fits_an_answer_at_any_size() {
        for (width, height) in [(1, 1), (16_384, 1), (1, 16_384), (4096, 4096)] {
            let Look { preview: Preview { .. }, size, .. } =
                seen(&mut Reader::new(), &Luma::white(width, height).unwrap(), Zoom::One, &mut || true);
            assert_eq!(size, (width as u16, height as u16));
        }
    }
}
