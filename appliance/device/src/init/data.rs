//! The data partition: found or made, and mounted; and the lines that the kiosk is told.

use super::{
    console::say,
    disks::Disks,
    make::{MakeError, Medium, SUPERBLOCK, is_made, make, name},
    mbr::{SECTOR, Sector},
    mounts::{CLOSED, TOLD as FOLDER},
    place::{Choice, Partition, Reason, choose},
    template::Template,
    users::KIOSK,
};
use crate::told::{MAKING, STORE};
use rustix::{
    fs::OFlags,
    mount::{MountFlags, UnmountFlags, mount, unmount},
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader},
    os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

/// The name of the line that the kiosk is told of it.
pub(super) const TOLD: &str = "data";
const TEMPLATE: &str = "/data.ext4";
/// A fault of the disk makes it read-only, and what was promised to be written is.
const OPTIONS: &std::ffi::CStr = c"errors=remount-ro,data=ordered";
/// What stands in its place where there is none: memory, for what is chosen on the screen.
const MEMORY: &std::ffi::CStr = c"mode=0700,size=1m,nr_inodes=64";

/// The number of the data partition of a card.
const ON_CARD: u8 = 2;

/// How long the kernel may take to show a partition that was made.
const LONGEST: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(25);

/// Finds, makes and mounts the data partition, and gives the line that tells the kiosk what came of it.
///
/// # Errors
/// There is no memory in its place: a kiosk could not go on.
pub(super) fn open(disks: &Disks) -> io::Result<String> {
    match mounted(disks).and_then(owned) {
        Ok(device) => Ok(format!("data {}", device.display())),
        Err(reason) => {
            say(&format_args!("there is no place for data ({reason}). See the guide about the data partition"));
            mount("tmpfs", STORE, "tmpfs", CLOSED, MEMORY)?;
            own(Path::new(STORE))?;
            Ok(format!("none {reason}"))
        }
    }
}

/// Hands the mounted data over to the kiosk.
fn owned(device: PathBuf) -> Result<PathBuf, Reason> {
    own(Path::new(STORE)).map(|()| device).map_err(|error| {
        say(&format_args!("{STORE} cannot be handed over ({error}). Keep this card or stick, and start with another"));
        Reason::Failed
    })
}

/// Takes the data partition out of the tree, when nothing uses it any more.
pub(super) fn close() {
    rustix::fs::sync();
    // Memory stands before a partition that could not be handed over.
    for _ in 0..2 {
        let _ = unmount(STORE, UnmountFlags::empty());
    }
    rustix::fs::sync();
}

/// One line is written at a time.
static TELLING: Mutex<()> = Mutex::new(());

/// Writes a line that the kiosk reads, wholly or not at all.
pub(super) fn tell(name: &str, line: &str) -> io::Result<()> {
    let _alone = TELLING.lock().unwrap_or_else(PoisonError::into_inner);
    let (path, new) = (Path::new(FOLDER).join(name), Path::new(FOLDER).join(format!("{name}.new")));
    fs::write(&new, format!("{line}\n"))?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644))?;
    fs::rename(new, path)
}

/// Gives a folder to the kiosk, and to nobody else.
fn own(folder: &Path) -> io::Result<()> {
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
            say(&format_args!("the data partition is made on {}. Wait, and do not switch off", partition.disk));
            tell(TOLD, MAKING).map_err(|error| {
                say(&format_args!("the kiosk cannot be told of it ({error}). Switch off and on again"));
                Reason::Failed
            })?;
            made(disks, &partition, &first).map_err(|error| {
                say(&error);
                Reason::Failed
            })?;
            anew(disks)?
        }
    };
    let flags = CLOSED | MountFlags::NOATIME | MountFlags::NOSYMFOLLOW;
    mount(&device, STORE, "ext4", flags, OPTIONS).map_err(|error| {
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
