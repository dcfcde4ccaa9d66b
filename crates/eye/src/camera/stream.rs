//! Takes the newest of a device's buffers and lets go of the others, whatever the device is.

use super::convert::Shape;
use super::feed::{Fault, Feed};
use super::{Exposure, exposure::Range};
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;
use zeroize::Zeroizing;

/// The longest wait for a frame: a camera that adapts to the dark may take a second.
const LONGEST: Duration = Duration::from_secs(2);

/// The most buffers that are taken at once, so that a device that is always ready cannot hold us.
const MOST_AT_ONCE: usize = 32;

/// A device's buffers: the thin layer over the driver.
pub(super) trait Buffers {
    /// Waits until a buffer is filled, or, where one is given, the input is ready; tells which.
    fn wait(&mut self, input: Option<BorrowedFd<'_>>, longest: Duration) -> io::Result<Ready>;

    /// Tells whether a buffer is filled.
    fn is_filled(&mut self) -> io::Result<bool>;

    /// Gives the oldest filled buffer back to the driver and tells whether it is whole; a whole one is
    /// copied first.
    fn take(&mut self, into: &mut Vec<u8>) -> io::Result<bool>;

    /// Sets the time that light is let in for; `None` leaves it to the device.
    fn expose(&mut self, value: Option<i32>) -> io::Result<()>;
}

/// Says what there is after a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) frame: bool,
    pub(super) input: bool,
}

/// Holds a device that streams.
pub(super) struct Stream<B> {
    buffers: B,
    shape: Shape,
    range: Option<Range>,
    step: Option<i8>,
    held: Zeroizing<Vec<u8>>,
    is_fresh: bool,
    damaged: u32,
}

impl<B: Buffers> Stream<B> {
    /// Takes a device that streams frames of a shape, and has an exposure or none.
    pub(super) fn new(buffers: B, shape: Shape, range: Option<Range>) -> Self {
        Self { buffers, shape, range, step: None, held: Zeroizing::default(), is_fresh: false, damaged: 0 }
    }

    /// Lends the device.
    pub(super) fn device(&self) -> &B {
        &self.buffers
    }

    /// Takes all filled buffers; the last whole one is held.
    fn drain(&mut self) -> io::Result<()> {
        for _ in 0..MOST_AT_ONCE {
            if !self.buffers.is_filled()? {
                return Ok(());
            }
            self.take()?;
        }
        Ok(())
    }

    fn take(&mut self) -> io::Result<()> {
        let is_whole = self.buffers.take(&mut self.held)?;
        self.is_fresh |= is_whole;
        self.damaged = self.damaged.saturating_add(u32::from(!is_whole));
        Ok(())
    }
}

/// Says why a device that streamed does not any more.
fn gone(_: io::Error) -> Fault {
    Fault::Unplugged
}

impl<B: Buffers> Feed for Stream<B> {
    fn idle(&mut self, input: BorrowedFd<'_>) -> Result<(), Fault> {
        loop {
            let ready = self.buffers.wait(Some(input), Duration::MAX).map_err(gone)?;
            if ready.input {
                return Ok(());
            }
            if ready.frame {
                self.take().map_err(gone)?;
            }
        }
    }

    fn newest(&mut self) -> Result<(Shape, &[u8]), Fault> {
        self.drain().map_err(gone)?;
        for _ in 0..MOST_AT_ONCE {
            if self.is_fresh {
                self.is_fresh = false;
                return Ok((self.shape, &self.held));
            }
            if !self.buffers.wait(None, LONGEST).map_err(gone)?.frame {
                return Err(Fault::Stalled);
            }
            self.take().map_err(gone)?;
        }
        Err(Fault::Damaged)
    }

    fn damaged(&mut self) -> u32 {
        std::mem::take(&mut self.damaged)
    }

    fn expose(&mut self, step: Option<i8>) {
        let Some(range) = self.range.filter(|_| step != self.step) else { return };
        match self.buffers.expose(step.map(|step| range.value(step))) {
            Ok(()) => self.step = step,
            // A device that refuses has no control: the next look says so.
            Err(_) => self.range = None,
        }
    }

    fn exposure(&self) -> Option<Exposure> {
        self.range.map(|range| range.told(self.step))
    }

    fn is_sensor(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::convert::Format;
    use super::*;
    use std::collections::VecDeque;
    use std::os::fd::AsFd;

    /// What happens next on a device that is not there.
    #[derive(Clone, Copy)]
    enum Next {
        Frame(u8),
        Broken,
        Quiet,
        Asked,
        Gone,
    }

    /// A device that fills its buffers by a script: those of one row are filled at once.
    struct Scripted {
        filled: VecDeque<Next>,
        rows: VecDeque<Vec<Next>>,
        values: Vec<Option<i32>>,
        refuses: bool,
    }

    impl Buffers for Scripted {
        fn wait(&mut self, input: Option<BorrowedFd<'_>>, _: Duration) -> io::Result<Ready> {
            if self.filled.is_empty() {
                self.filled.extend(self.rows.pop_front().unwrap_or(vec![Next::Gone]));
            }
            let ready = match self.filled.front().unwrap() {
                Next::Gone => Ok(Ready { frame: true, input: false }),
                Next::Quiet => Ok(Ready::default()),
                Next::Asked => Ok(Ready { frame: false, input: input.is_some() }),
                _ => return Ok(Ready { frame: true, input: false }),
            };
            if !matches!(self.filled.front(), Some(Next::Gone)) {
                self.filled.pop_front();
            }
            ready
        }

        fn is_filled(&mut self) -> io::Result<bool> {
            Ok(matches!(self.filled.front(), Some(Next::Frame(_) | Next::Broken)))
        }

        fn take(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
            match self.filled.pop_front() {
                Some(Next::Frame(number)) => {
                    *into = vec![number];
                    Ok(true)
                }
                Some(Next::Broken) => Ok(false),
                _ => Err(io::Error::from_raw_os_error(libc::ENODEV)),
            }
        }

        fn expose(&mut self, value: Option<i32>) -> io::Result<()> {
            self.values.push(value);
            if self.refuses { Err(io::ErrorKind::InvalidInput.into()) } else { Ok(()) }
        }
    }

    fn stream(rows: &[&[Next]]) -> Stream<Scripted> {
        let rows = rows.iter().map(|row| row.to_vec()).collect();
        let buffers = Scripted { filled: VecDeque::new(), rows, values: vec![], refuses: false };
        let shape = Shape { format: Format::Grey, width: 1, height: 1, stride: 0 };
        Stream::new(buffers, shape, Range::new(1, 1000, 1, 100))
    }

    fn idle(stream: &mut Stream<Scripted>) -> Result<(), Fault> {
        stream.idle(io::stdin().as_fd())
    }

    fn newest(stream: &mut Stream<Scripted>) -> Result<u8, Fault> {
        stream.newest().map(|(_, bytes)| bytes[0])
    }

    #[test]
    fn the_newest_frame_is_looked_at_and_the_others_given_back() {
        use Next::{Asked, Frame};
        let mut stream = stream(&[&[Frame(1)], &[Frame(2), Frame(3)], &[Asked], &[Frame(4), Frame(5), Frame(6)]]);
        idle(&mut stream).unwrap();
        assert_eq!(newest(&mut stream), Ok(3));
        // Nothing is there: the next one is waited for, and none is looked at twice.
        assert_eq!(newest(&mut stream), Ok(4));
        assert_eq!(newest(&mut stream), Ok(6));
        assert_eq!(newest(&mut stream), Err(Fault::Unplugged));
    }

    #[test]
    fn damaged_buffers_are_counted_and_passed_over() {
        use Next::{Broken, Frame};
        let mut stream = stream(&[&[Broken], &[Broken, Frame(1), Broken], &[Frame(2)]]);
        assert_eq!(newest(&mut stream), Ok(1));
        assert_eq!(newest(&mut stream), Ok(2));
        assert_eq!((stream.damaged(), stream.damaged()), (3, 0));
        let mut stream = self::stream(&[&[Broken; 100]]);
        assert_eq!(newest(&mut stream), Err(Fault::Damaged));
    }

    #[test]
    fn a_device_that_stalls_or_goes_is_named() {
        use Next::{Frame, Quiet};
        assert_eq!(newest(&mut stream(&[&[Quiet]])), Err(Fault::Stalled));
        assert_eq!(idle(&mut stream(&[&[Frame(1)]])), Err(Fault::Unplugged));
    }

    #[test]
    fn the_exposure_is_set_where_it_changes_and_given_up_where_it_is_refused() {
        let mut stream = stream(&[]);
        for step in [None, Some(2), Some(2), None] {
            stream.expose(step);
            assert_eq!(stream.exposure().unwrap().now, step);
        }
        assert_eq!(stream.buffers.values, [Some(200), None]);
        stream.buffers.refuses = true;
        stream.expose(Some(1));
        assert_eq!(stream.exposure(), None);
        stream.expose(Some(2));
        assert_eq!(stream.buffers.values.len(), 3);
    }
}
