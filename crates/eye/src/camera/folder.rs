//! A folder in a camera's place, for training: each of its pictures is a frame, in the order of
//! their names, and then from the beginning. What is put into it later is seen in the next turn.

use super::Exposure;
use super::convert::{Format, Shape};
use super::feed::{Fault, Feed};
use crate::MAX_PICTURE_BYTES;
use crate::camera::child::Pipe;
use rustix::event::{Timespec, poll};
use rustix::fs::{Mode, OFlags, RawDir, openat};
use rustix::io::retry_on_intr;
use std::ffi::CString;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The most pictures of a turn.
const MAX_PICTURES: usize = 4096;

/// The endings of the names of pictures.
const ENDINGS: [&str; 3] = [".png", ".jpg", ".jpeg"];

/// The time from one frame to the next, about a camera's.
const PACE: Duration = Duration::from_millis(33);

/// How everything is opened: to be read, with no link followed and no pipe waited for.
const READ: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK);

/// Holds an open folder and the names that are still to be shown in this turn.
pub(super) struct Folder {
    folder: OwnedFd,
    /// The last to be shown first.
    left: Vec<CString>,
    held: Zeroizing<Vec<u8>>,
    next: Option<Instant>,
}

impl Folder {
    /// Opens a folder.
    pub(super) fn open(place: &Path) -> Result<Self, Fault> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY;
        match rustix::fs::open(place, flags, Mode::empty()) {
            Ok(folder) => Ok(Self { folder, left: Vec::new(), held: Zeroizing::default(), next: None }),
            Err(rustix::io::Errno::ACCESS) => Err(Fault::Denied),
            Err(_) => Err(Fault::Absent),
        }
    }

    /// Lends the folder's descriptor, beneath which files are opened.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    /// Lists the pictures, the last name first.
    fn list(&self) -> io::Result<Vec<CString>> {
        let folder = openat(&self.folder, ".", READ | OFlags::DIRECTORY, Mode::empty())?;
        let mut space = [MaybeUninit::uninit(); 8192];
        let mut entries = RawDir::new(&folder, &mut space);
        let mut names = Vec::new();
        while let Some(entry) = entries.next() {
            let name = entry?.file_name().to_owned();
            if names.len() < MAX_PICTURES && is_picture(&name) {
                names.push(name);
            }
        }
        names.sort_unstable_by(|a, b| b.cmp(a));
        Ok(names)
    }

    /// Reads the next picture of this turn; `None` at its end.
    fn turn(&mut self) -> Option<()> {
        while let Some(name) = self.left.pop() {
            // A file that has gone since it was listed, or is too large, is passed over.
            if let Ok(true) = self.read(&name) {
                return Some(());
            }
        }
        None
    }

    /// Reads a file; tells whether it was one of an allowed size.
    fn read(&mut self, name: &CString) -> io::Result<bool> {
        let file = openat(&self.folder, name, READ, Mode::empty())?;
        self.held.clear();
        let most = MAX_PICTURE_BYTES as u64;
        let read = Pipe(file.as_fd()).take(most + 1).read_to_end(&mut self.held)?;
        Ok(read > 0 && read as u64 <= most)
    }

    /// Waits until it is time for the next frame.
    fn pace(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let left = self.next.map(|next| next.saturating_duration_since(now)).unwrap_or_default();
        self.next = Some(now + left + PACE);
        retry_on_intr(|| poll(&mut [], Timespec::try_from(left).ok().as_ref()))?;
        Ok(())
    }
}

/// Tells a picture by its name, and leaves hidden files alone.
fn is_picture(name: &CString) -> bool {
    let name = name.to_string_lossy().to_ascii_lowercase();
    !name.starts_with('.') && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

impl Feed for Folder {
    fn idle(&mut self, _: BorrowedFd<'_>) -> Result<(), Fault> {
        Ok(())
    }

    fn newest(&mut self) -> Result<(Shape, &[u8]), Fault> {
        self.pace().map_err(|_| Fault::Stalled)?;
        if self.turn().is_none() {
            self.left = self.list().map_err(|_| Fault::Unplugged)?;
            self.turn().ok_or(Fault::Empty)?;
        }
        Ok((Shape { format: Format::File, width: 0, height: 0, stride: 0 }, &self.held))
    }

    fn damaged(&mut self) -> u32 {
        0
    }

    fn expose(&mut self, _: Option<i8>) {}

    fn exposure(&self) -> Option<Exposure> {
        None
    }

    fn is_sensor(&self) -> bool {
        false
    }
}
