//! A V4L2 device: the thin layer that only a real camera exercises, and the choice of a format.
//!
//! The device is opened twice: one descriptor streams, the other sets the exposure meanwhile.
//! What it says of itself in words is never asked for.

use super::convert::{Format, Shape, is_allowed};
use super::exposure::Range;
use super::feed::Fault;
use super::stream::{Buffers, Ready, Stream};
use linuxvideo::controls::{Cid, ControlDesc};
use linuxvideo::format::{FrameSizes, PixFormat, PixelFormat};
use linuxvideo::stream::ReadStream;
use linuxvideo::{BufType, Device, Fract};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest frame that is asked for, and the smallest that does well.
const LARGEST: (u32, u32) = (1280, 720);
const GOOD: (u32, u32) = (640, 480);

/// The fewest frames a second that do well, and the most that are of any use.
const GOOD_RATE: u32 = 15;
const MOST_RATE: u32 = 30;

/// The most devices that are tried.
const MOST_DEVICES: usize = 32;

/// The most formats, sizes and controls that a device is asked for.
const MOST_OFFERS: usize = 64;
const MOST_CONTROLS: usize = 256;

/// What a device calls its formats, the one that costs least to read first.
const FORMATS: [([u8; 4], Format); 4] =
    [(*b"GREY", Format::Grey), (*b"NV12", Format::Nv12), (*b"YUYV", Format::Yuyv), (*b"MJPG", Format::Mjpeg)];

/// Says that exposure is set by hand (V4L2_EXPOSURE_MANUAL), or the shutter is the device's to set
/// (V4L2_EXPOSURE_APERTURE_PRIORITY, what USB cameras call automatic).
const BY_HAND: i32 = 1;
const BY_DEVICE: i32 = 3;

/// Opens a device, chooses its format and starts it. A place whose name ends with `*`, such as
/// `/dev/video*`, is the first of its devices that does: a camera that is plugged in again may have
/// another number.
pub(super) fn open(place: &Path) -> Result<Stream<Camera>, Fault> {
    let mut worst = Fault::Absent;
    for device in devices(place) {
        // The driver's answers are believed by the crate, which panics at some that it does not know.
        match catch_unwind(AssertUnwindSafe(|| started(&device))).unwrap_or(Err(Fault::Unusable)) {
            Ok(stream) => return Ok(stream),
            // What a camera beside it says tells more than what is said by one that is none.
            Err(fault) if matches!(worst, Fault::Absent | Fault::Unusable) => worst = fault,
            Err(_) => {}
        }
    }
    Err(worst)
}

/// Lists what a place names, in the order of the devices' numbers.
fn devices(place: &Path) -> Vec<PathBuf> {
    let name = place.file_name().and_then(OsStr::to_str).and_then(|name| name.strip_suffix('*'));
    let (Some(name), Some(folder)) = (name, place.parent()) else { return vec![place.to_owned()] };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let number = |found: &OsStr| found.to_str()?.strip_prefix(name)?.parse::<u8>().ok();
    let found = entries.filter_map(|entry| number(&entry.ok()?.file_name()));
    let numbers: BTreeSet<u8> = found.take(MOST_DEVICES).collect();
    numbers.into_iter().map(|number| folder.join(format!("{name}{number}"))).collect()
}

fn started(place: &Path) -> Result<Stream<Camera>, Fault> {
    let device = Device::open(place).map_err(|error| fault(&error))?;
    let offer = best(&offers(&device)).ok_or(Fault::Unusable)?;
    let controls = Device::open(place).map_err(|error| fault(&error))?;
    let (range, automatic) = exposure(&controls);
    let wanted = PixFormat::new(offer.width, offer.height, PixelFormat::from_fourcc(fourcc(offer.format)));
    let device = device.video_capture(wanted).map_err(|error| fault(&error))?;
    // The rate is a wish, and what a device does without it is good enough.
    let _ = device.set_frame_interval(Fract::new(1, offer.rate.clamp(1, MOST_RATE)));
    let given = device.format();
    let format = format(given.pixel_format().as_fourcc()).ok_or(Fault::Unusable)?;
    let stride = if format == Format::Mjpeg { 0 } else { given.bytes_per_line() };
    let shape = Shape { format, width: given.width(), height: given.height(), stride };
    if !is_allowed(shape.width, shape.height) {
        return Err(Fault::Unusable);
    }
    let stream = device.into_stream().map_err(|error| fault(&error))?;
    Ok(Stream::new(Camera { stream, controls, automatic }, shape, range))
}

/// Names what is wrong with a device that cannot be opened or started.
fn fault(error: &io::Error) -> Fault {
    match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENODEV | libc::ENXIO | libc::ENOTDIR) => Fault::Absent,
        Some(libc::EACCES | libc::EPERM) => Fault::Denied,
        Some(libc::EBUSY) => Fault::Busy,
        _ => Fault::Unusable,
    }
}

/// Says what a device could stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offer {
    format: Format,
    width: u32,
    height: u32,
    /// In frames a second.
    rate: u32,
}

/// Chooses: large enough, then fast enough, then as large as may be, then cheap to read.
fn best(offers: &[Offer]) -> Option<Offer> {
    let fits = |offer: &&Offer| offer.width <= LARGEST.0 && offer.height <= LARGEST.1 && is_allowed(offer.width, offer.height);
    let rank = |offer: &&Offer| {
        let large = offer.width >= GOOD.0 && offer.height >= GOOD.1;
        let cheap = FORMATS.iter().rev().position(|(_, format)| *format == offer.format);
        (large, offer.rate >= GOOD_RATE, offer.width * offer.height, cheap)
    };
    offers.iter().filter(fits).max_by_key(rank).copied()
}

fn format(fourcc: [u8; 4]) -> Option<Format> {
    FORMATS.iter().find(|(name, _)| *name == fourcc).map(|(_, format)| *format)
}

fn fourcc(format: Format) -> [u8; 4] {
    FORMATS.iter().find(|(_, known)| *known == format).map_or(*b"GREY", |(name, _)| *name)
}

/// Asks a device for its formats and sizes.
fn offers(device: &Device) -> Vec<Offer> {
    let formats = device.formats(BufType::VIDEO_CAPTURE).take(MOST_OFFERS).filter_map(Result::ok);
    let known: Vec<Format> = formats.filter_map(|desc| format(desc.pixel_format().as_fourcc())).collect();
    let sized = |format| sizes(device, format).into_iter().map(move |size| (format, size));
    let all = known.into_iter().flat_map(sized).take(MOST_OFFERS);
    all.map(|(format, (width, height))| Offer { format, width, height, rate: rate(device, format, width, height) }).collect()
}

/// Gives the sizes of a format; where a device takes any, or does not say, those that are wanted.
fn sizes(device: &Device, format: Format) -> Vec<(u32, u32)> {
    match device.frame_sizes(PixelFormat::from_fourcc(fourcc(format))) {
        Ok(FrameSizes::Discrete(sizes)) => sizes.iter().map(|size| (size.width(), size.height())).collect(),
        Ok(any) => {
            let within = |size: (u32, u32)| {
                (size.0.max(any.min_width()).min(any.max_width()), size.1.max(any.min_height()).min(any.max_height()))
            };
            vec![within(LARGEST), within(GOOD)]
        }
        Err(_) => vec![LARGEST, GOOD],
    }
}

/// Gives a format's frames a second; a device that does not say is taken to do well.
fn rate(device: &Device, format: Format, width: u32, height: u32) -> u32 {
    let intervals = device.frame_intervals(PixelFormat::from_fourcc(fourcc(format)), width, height);
    let Ok(shortest) = intervals.map(|intervals| intervals.min()) else { return GOOD_RATE };
    shortest.denominator().checked_div(shortest.numerator()).unwrap_or(GOOD_RATE)
}

/// Finds what the exposure can be set to, and what leaves it to the device.
fn exposure(device: &Device) -> (Option<Range>, i32) {
    let controls: Vec<ControlDesc> = device.controls().take(MOST_CONTROLS).filter_map(Result::ok).collect();
    let find = |id: Cid| controls.iter().find(|control| control.id() == id);
    let automatic = find(Cid::EXPOSURE_AUTO).map(ControlDesc::default_value).filter(|mode| *mode != BY_HAND).unwrap_or(BY_DEVICE);
    let time = find(Cid::EXPOSURE_ABSOLUTE);
    let range = time.and_then(|time| Range::new(time.minimum(), time.maximum(), time.step(), time.default_value()));
    (range, automatic)
}

/// Holds the two descriptors of a device that streams.
pub(super) struct Camera {
    stream: ReadStream,
    controls: Device,
    automatic: i32,
}

impl Camera {
    /// Lends the descriptors that stay in use: the one that streams and the one with the controls.
    pub(super) fn descriptors(&self) -> [BorrowedFd<'_>; 2] {
        [self.stream.as_fd(), self.controls.as_fd()]
    }
}

impl Buffers for Camera {
    fn wait(&mut self, input: Option<BorrowedFd<'_>>, longest: Duration) -> io::Result<Ready> {
        let longest = Timespec::try_from(longest).ok();
        let mut all = vec![PollFd::new(&self.stream, PollFlags::IN)];
        all.extend(input.map(|input| PollFd::from_borrowed_fd(input, PollFlags::IN)));
        retry_on_intr(|| poll(&mut all, longest.as_ref()))?;
        // An error is found out by what is called next.
        let happened = |at: usize| all.get(at).is_some_and(|one| !one.revents().is_empty());
        Ok(Ready { frame: happened(0), input: happened(1) })
    }

    fn is_filled(&mut self) -> io::Result<bool> {
        Ok(!self.stream.will_block()?)
    }

    fn take(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        self.stream.dequeue(|buffer| {
            let is_whole = !buffer.is_error() && !buffer.is_empty();
            if is_whole {
                into.clear();
                into.extend_from_slice(&buffer);
            }
            Ok(is_whole)
        })
    }

    fn expose(&mut self, value: Option<i32>) -> io::Result<()> {
        match value {
            None => self.controls.write_control_raw(Cid::EXPOSURE_AUTO, self.automatic),
            Some(value) => {
                self.controls.write_control_raw(Cid::EXPOSURE_AUTO, BY_HAND)?;
                self.controls.write_control_raw(Cid::EXPOSURE_ABSOLUTE, value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(format: Format, width: u32, height: u32, rate: u32) -> Offer {
        Offer { format, width, height, rate }
    }

    #[test]
    fn the_largest_that_is_fast_enough_is_chosen() {
        // What a common USB camera offers: raw at 720p is slow, and beyond 720p nothing is wanted.
        let usual = [
            offer(Format::Yuyv, 640, 480, 30),
            offer(Format::Yuyv, 1280, 720, 10),
            offer(Format::Mjpeg, 1280, 720, 30),
            offer(Format::Mjpeg, 1920, 1080, 30),
        ];
        assert_eq!(best(&usual), Some(usual[2]));
        assert_eq!(best(&usual[..2]), Some(usual[0]));
        assert_eq!(best(&usual[1..2]), Some(usual[1]));
        assert_eq!(best(&usual[3..]), None);
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn of_equal_sizes_the_one_that_is_cheap_to_read_is_chosen() {
        let formats = [Format::Mjpeg, Format::Yuyv, Format::Nv12, Format::Grey];
        let all = formats.map(|format| offer(format, 640, 480, 30));
        for count in 1..=all.len() {
            assert_eq!(best(&all[..count]), Some(all[count - 1]));
        }
        // Too small is worse than too slow.
        assert_eq!(best(&[offer(Format::Grey, 320, 240, 60), all[0], offer(Format::Yuyv, 640, 480, 5)]), Some(all[0]));
        assert_eq!(best(&[offer(Format::Grey, 320, 240, 60), offer(Format::Yuyv, 640, 480, 5)]).unwrap().rate, 5);
        assert_eq!(best(&[offer(Format::Grey, 0, 240, 60)]), None);
    }

    #[test]
    fn what_is_no_camera_is_named() {
        assert_eq!(open(Path::new("/dev/no-such-camera")).err(), Some(Fault::Absent));
        assert_eq!(open(Path::new("/dev/null")).err(), Some(Fault::Unusable));
        assert_eq!(open(Path::new("/")).err(), Some(Fault::Unusable));
        assert_eq!(open(Path::new("/dev/no-such-camera*")).err(), Some(Fault::Absent));
    }

    #[test]
    fn a_place_with_a_star_is_its_devices_by_number_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("cloison-devices-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["video10", "video2", "video0", "video", "videox", "video-1", "video256", "media0"] {
            std::fs::write(folder.join(name), b"").unwrap();
        }
        let names = |place: &str| {
            devices(&folder.join(place)).iter().map(|path| path.file_name().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("video*"), ["video0", "video2", "video10"]);
        assert_eq!(names("video7"), ["video7"]);
        assert_eq!(open(&folder.join("video*")).err(), Some(Fault::Unusable));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(devices(&folder.join("video*")), [] as [PathBuf; 0]);
    }
}
