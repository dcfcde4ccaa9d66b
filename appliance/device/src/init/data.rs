//! The data partition: found or made, mounted, and told to the kiosk.

use super::{
    console::{say, say_on_screen},
    disks::Disks,
    make::{MakeError, Medium, SUPERBLOCK, is_made, make, name},
    mbr::{SECTOR, Sector},
    mounts::{CLOSED, TOLD},
    place::{Choice, Partition, Reason, choose},
    template::Template,
    users::KIOSK,
};
use rustix::{
    fs::OFlags,
    mount::{MountFlags, UnmountFlags, mount, unmount},
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader},
    os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

/// Where the data is mounted, and what stands in its place where there is none.
const DATA: &str = "/data";
const NONE: &str = "/run/cloison/none";
const TEMPLATE: &str = "/data.ext4";
/// A fault of the disk makes it read-only, and what was promised to be written is.
const OPTIONS: &std::ffi::CStr = c"errors=remount-ro,data=ordered";

/// The number of the data partition of a card.
const ON_CARD: u8 = 2;

/// How long the kernel may take to show a partition that was made.
const LONGEST: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(25);

/// Finds, makes and mounts the data partition, writes for the kiosk what came of it, and gives the
/// folder that the kiosk keeps its store in.
///
/// # Errors
/// It cannot be told, or there is no memory in its place: a kiosk that does not know is not started.
pub(super) fn open(disks: &Disks) -> io::Result<PathBuf> {
    let (line, folder) = match mounted(disks).and_then(owned) {
        Ok(device) => (format!("data {}", device.display()), DATA),
        Err(reason) => {
            say(&format_args!("there is no place for data ({reason}). See the guide about the data partition"));
            own(Path::new(NONE))?;
            (format!("none {reason}"), NONE)
        }
    };
    tell("data", &line)?;
    Ok(folder.into())
}

/// Hands the mounted data over to the kiosk.
fn owned(device: PathBuf) -> Result<PathBuf, Reason> {
    own(Path::new(DATA)).map(|()| device).map_err(|error| {
        say(&format_args!("{DATA} cannot be handed over ({error}). Keep this card or stick, and start with another"));
        Reason::Failed
    })
}

/// Takes the data partition out of the tree, when nothing uses it any more.
pub(super) fn close() {
    rustix::fs::sync();
    let _ = unmount(DATA, UnmountFlags::empty());
    rustix::fs::sync();
}

/// Writes a line that the kiosk reads, wholly or not at all.
pub(super) fn tell(name: &str, line: &str) -> io::Result<()> {
    let (path, new) = (Path::new(TOLD).join(name), Path::new(TOLD).join(format!("{name}.new")));
    fs::write(&new, format!("{line}\n"))?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644))?;
    fs::rename(new, path)
}

/// Gives a folder to the kiosk, and to nobody else.
fn own(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    chown(folder, Some(KIOSK), Some(KIOSK))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

fn mounted(disks: &Disks) -> Result<PathBuf, Reason> {
    // What may yet come could be better than anything that is to be made, or than nothing.
    let found = disks.settled(|disks| matches!(choose(disks), Choice::Use(_) | Choice::None(Reason::Two)));
    let device = match choose(&found) {
        Choice::None(reason) => return Err(reason),
        Choice::Use(partition) => shown(disks, &partition)?,
        Choice::Make(partition, first) => {
            say_on_screen(&format_args!("the data partition is made on {}. Wait, and do not switch off", partition.disk));
            made(disks, &partition, &first).map_err(|error| {
                say(&error);
                Reason::Failed
            })?;
            anew(disks)?
        }
    };
    let flags = CLOSED | MountFlags::NOATIME | MountFlags::NOSYMFOLLOW;
    mount(&device, DATA, "ext4", flags, OPTIONS).map_err(|error| {
        say(&format_args!("{} cannot be mounted ({error}). Put in another card, and restore from the backup", device.display()));
        Reason::Failed
    })?;
    Ok(device)
}

/// Waits for a partition that is on its disk to be shown by the kernel.
fn shown(disks: &Disks, partition: &Partition) -> Result<PathBuf, Reason> {
    until(|| disks.device(partition)).ok_or(Reason::Failed)
}

/// Waits for a partition that was just made; its disk may have come back by another name.
fn anew(disks: &Disks) -> Result<PathBuf, Reason> {
    let found = || match choose(&disks.list()) {
        Choice::Use(partition) => disks.device(&partition),
        _ => None,
    };
    until(found).ok_or(Reason::Failed)
}

fn until(found: impl Fn() -> Option<PathBuf>) -> Option<PathBuf> {
    let begun = Instant::now();
    loop {
        match found() {
            None if begun.elapsed() < LONGEST => sleep(STEP),
            found => return found,
        }
    }
}

fn made(disks: &Disks, partition: &Partition, first: &Sector) -> Result<(), MakeError> {
    let template = File::open(TEMPLATE).map_err(super::template::TemplateError::from)?;
    let template = Template::new(BufReader::new(template))?;
    // A disk of which anything is in use is refused by the kernel.
    let alone = i32::try_from(OFlags::EXCL.bits()).unwrap_or_default();
    let mut disk = OpenOptions::new().read(true).write(true).custom_flags(alone).open(disks.dev.join(&partition.disk))?;
    let mut superblock = [0; 1024];
    disk.read_exact_at(&mut superblock, partition.extent.start * SECTOR + SUPERBLOCK)?;
    // A card that was written anew keeps its vault; a stick that somebody emptied is empty.
    if partition.number == ON_CARD && is_made(&superblock) {
        name(&mut disk, first)?;
    } else {
        make(&mut disk, template, partition.extent, first)?;
    }
    drop(disk);
    Ok(disks.look_again(&partition.disk)?)
}

impl Medium for File {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, at)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}
