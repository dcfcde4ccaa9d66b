//! Prints a picture on an ESC/POS receipt printer, through its device file.
//!
//! The picture goes as raster bands (`GS v 0`), since printers have few fonts and QR commands of
//! their own: what comes out is what was drawn. A printer without paper may hold a call until it
//! has some, so calls belong off the screen's thread; one that says so is [`PaperError::OutOfPaper`].
//! Its status is not asked for: many printers never answer. So no error does not prove that
//! anything is on the paper; the card that is read back proves that.

use super::{PaperError, WIDTH};
use cloison_optics::Luma;
use escpos::{driver::Driver, errors::PrinterError, printer, utils::Protocol};
use std::{
    cell::RefCell,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::Path,
};

/// The rows of every band, the last one filled up with white: 3,600 bytes, within the 4 KB that
/// small printers keep, and no multiple of 48 rows, at which some of them lose their place.
const BAND: usize = 50;
/// The bytes of a row.
const ROW: usize = WIDTH.div_ceil(8) as usize;
/// Prints a raster image at its own size.
const RASTER: [u8; 4] = [0x1d, b'v', b'0', 0];
/// Pixels darker than this are printed.
const DARK: u8 = 128;

/// A printer with 80 mm paper, 576 dots wide.
#[derive(Debug)]
pub struct Printer<W: Write> {
    device: W,
}

impl Printer<File> {
    /// Opens a printer's device file, such as `/dev/usb/lp0`, for writing.
    ///
    /// # Errors
    /// [`PaperError::Missing`], [`PaperError::NotADevice`], [`PaperError::NotWritable`],
    /// [`PaperError::Busy`], [`PaperError::Unopened`].
    pub fn open(path: &Path) -> Result<Self, PaperError> {
        let unopened = |source| unopened(path, source);
        // A wrong path must not overwrite somebody's file, nor wait at a pipe.
        if !is_device(fs::metadata(path).map_err(unopened)?.file_type()) {
            return Err(PaperError::NotADevice(path.to_owned()));
        }
        let device = OpenOptions::new().write(true).open(path).map_err(unopened)?;
        Ok(Self::new(device))
    }
}

#[cfg(unix)]
fn is_device(kind: fs::FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_char_device(&kind)
}

#[cfg(not(unix))]
fn is_device(kind: fs::FileType) -> bool {
    !kind.is_file() && !kind.is_dir()
}

fn unopened(path: &Path, source: io::Error) -> PaperError {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::NotFound => PaperError::Missing(path),
        ErrorKind::PermissionDenied => PaperError::NotWritable(path),
        ErrorKind::ResourceBusy => PaperError::Busy(path),
        _ => PaperError::Unopened { path, source },
    }
}

impl<W: Write> Printer<W> {
    /// Takes whatever carries bytes to a printer.
    pub fn new(device: W) -> Self {
        Self { device }
    }

    /// Prints a picture and cuts the paper; returns when the device has taken every byte.
    ///
    /// # Errors
    /// [`PaperError::TooWide`] before anything is printed; [`PaperError::OutOfPaper`] and
    /// [`PaperError::Stopped`] after a part may have been.
    pub fn print(&mut self, picture: &Luma) -> Result<(), PaperError> {
        if picture.width() > WIDTH {
            return Err(PaperError::TooWide { width: picture.width() });
        }
        let mut printer = printer::Printer::new(Wire::over(&mut self.device), Protocol::default(), None);
        let printed = send(&mut printer, picture);
        printed.map_err(|error| printer.driver().failed(&error))
    }
}

fn send<D: Driver>(printer: &mut printer::Printer<D>, picture: &Luma) -> Result<(), PrinterError> {
    printer.init()?;
    for band in bands(picture) {
        printer.custom(&band)?;
    }
    printer.print_cut()?;
    Ok(())
}

/// Cuts a picture into bands, each with its command.
fn bands(picture: &Luma) -> impl Iterator<Item = Vec<u8>> {
    picture.pixels().chunks(BAND * picture.width() as usize).map(|rows| {
        let mut band = RASTER.to_vec();
        for length in [ROW, BAND] {
            band.extend((length as u16).to_le_bytes());
        }
        let head = band.len();
        rows.chunks(picture.width() as usize).for_each(|row| dots(row, &mut band));
        band.resize(head + ROW * BAND, 0);
        band
    })
}

/// Packs a row, eight dots a byte, the leftmost in the highest bit.
fn dots(row: &[u8], band: &mut Vec<u8>) {
    let end = band.len() + ROW;
    let dark = |at: usize, grey: &u8| u8::from(*grey < DARK) << (7 - at);
    band.extend(row.chunks(8).map(|eight| eight.iter().enumerate().map(|(at, grey)| dark(at, grey)).sum::<u8>()));
    band.resize(end, 0);
}

/// Carries `escpos`'s bytes to a device, and keeps the error, of which `escpos` keeps a text only.
struct Wire<'a, W>(RefCell<Sending<'a, W>>);

struct Sending<'a, W> {
    device: &'a mut W,
    sent: u64,
    failure: Option<io::Error>,
}

impl<'a, W: Write> Wire<'a, W> {
    fn over(device: &'a mut W) -> Self {
        Self(RefCell::new(Sending { device, sent: 0, failure: None }))
    }

    fn attempt(&self, work: impl FnOnce(&mut Sending<'a, W>) -> io::Result<()>) -> Result<(), PrinterError> {
        let mut sending = self.0.try_borrow_mut()?;
        work(&mut sending).map_err(|error| {
            let text = error.to_string();
            sending.failure = Some(error);
            PrinterError::Io(text)
        })
    }

    fn failed(self, error: &PrinterError) -> PaperError {
        let Sending { sent, failure, .. } = self.0.into_inner();
        let source = failure.unwrap_or_else(|| io::Error::other(error.to_string()));
        match source.kind() {
            // ENOSPC, with which Linux's drivers of printers report the end of the paper.
            ErrorKind::StorageFull => PaperError::OutOfPaper { sent },
            _ => PaperError::Stopped { sent, source },
        }
    }
}

impl<W: Write> Sending<'_, W> {
    /// Writes all of it, and counts what was taken.
    fn all(&mut self, mut rest: &[u8]) -> io::Result<()> {
        while !rest.is_empty() {
            match self.device.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(taken) => {
                    self.sent += taken as u64;
                    rest = rest.get(taken..).unwrap_or_default();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<W: Write> Driver for Wire<'_, W> {
    fn name(&self) -> String {
        "device".to_owned()
    }

    fn write(&self, data: &[u8]) -> Result<(), PrinterError> {
        self.attempt(|sending| sending.all(data))
    }

    fn read(&self, _: &mut [u8]) -> Result<usize, PrinterError> {
        Ok(0)
    }

    fn flush(&self) -> Result<(), PrinterError> {
        self.attempt(|sending| sending.device.flush())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `each` bytes a call, and after `room` bytes what `then` gives.
    struct Slow {
        taken: Vec<u8>,
        each: usize,
        room: usize,
        then: fn() -> io::Result<usize>,
        calls: usize,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            if self.calls.is_multiple_of(3) {
                return Err(ErrorKind::Interrupted.into());
            }
            let taken = bytes.len().min(self.each).min(self.room - self.taken.len());
            if taken == 0 {
                return (self.then)();
            }
            self.taken.extend(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow(each: usize, room: usize, then: fn() -> io::Result<usize>) -> Slow {
        Slow { taken: Vec::new(), each, room, then, calls: 0 }
    }

    fn striped() -> Luma {
        Luma::new(16, 120, (0..16 * 120).map(|at| if at % 3 == 0 { 0 } else { 255 }).collect()).unwrap()
    }

    fn whole() -> Vec<u8> {
        let mut whole = Vec::new();
        Printer::new(&mut whole).print(&striped()).unwrap();
        whole
    }

    #[test]
    fn bytes_taken_a_few_at_a_time_are_all_sent_once() {
        let whole = whole();
        assert_eq!(whole.len(), 2 + 3 * (8 + 3600) + 4);
        for each in [1, 7, 4096] {
            let mut device = slow(each, usize::MAX, || Ok(0));
            Printer::new(&mut device).print(&striped()).unwrap();
            assert_eq!(device.taken, whole);
        }
    }

    #[test]
    fn a_device_that_stops_is_an_error_wherever_it_stops() {
        let whole = whole();
        for room in [0, 1, 2, 9, 10, 3000, whole.len() - 1] {
            let mut device = slow(100, room, || Ok(0));
            let error = Printer::new(&mut device).print(&striped()).unwrap_err();
            assert!(matches!(error, PaperError::Stopped { sent, .. } if sent == room as u64), "{error:?}");
            assert_eq!(device.taken, whole[..room]);
            let mut device = slow(100, room, || Err(ErrorKind::StorageFull.into()));
            let error = Printer::new(&mut device).print(&striped()).unwrap_err();
            assert!(matches!(error, PaperError::OutOfPaper { sent } if sent == room as u64), "{error:?}");
        }
    }

    #[test]
    fn what_cannot_be_flushed_was_not_printed() {
        struct Unflushed;
        impl Write for Unflushed {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(ErrorKind::BrokenPipe.into())
            }
        }
        let error = Printer::new(Unflushed).print(&striped()).unwrap_err();
        assert!(matches!(error, PaperError::Stopped { source, .. } if source.kind() == ErrorKind::BrokenPipe));
    }

    #[test]
    fn a_picture_wider_than_the_paper_is_refused_before_anything_is_sent() {
        let mut sent = Vec::new();
        let error = Printer::new(&mut sent).print(&Luma::white(577, 8).unwrap()).unwrap_err();
        assert!(matches!(error, PaperError::TooWide { width: 577 }) && sent.is_empty());
    }

    #[test]
    fn each_reason_why_a_device_does_not_open_has_its_name() {
        let why = |kind: ErrorKind| unopened(Path::new("/dev/usb/lp0"), kind.into());
        assert!(matches!(why(ErrorKind::NotFound), PaperError::Missing(_)));
        assert!(matches!(why(ErrorKind::PermissionDenied), PaperError::NotWritable(_)));
        assert!(matches!(why(ErrorKind::ResourceBusy), PaperError::Busy(_)));
        assert!(matches!(why(ErrorKind::Other), PaperError::Unopened { .. }));
    }
}
