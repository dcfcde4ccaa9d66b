//! Who may open which device: each is given to the one user that needs it, when it comes.

use super::users::{KIOSK, READER};
use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, MetadataExt, chown},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

const EVERY: Duration = Duration::from_secs(1);
/// How long a display may take to come, how long a driver may take to replace the frame buffer that the machine
/// was started with, and how often it is looked.
const LONGEST: Duration = Duration::from_secs(5);
const REPLACED: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(20);
/// The most entries of a folder that are looked at.
const MOST: usize = 1024;

/// Folders, what the names of devices in them begin with, and whose they are.
const DEVICES: [(&str, &str, u32); 6] = [
    ("/dev/dri", "card", KIOSK),
    ("/dev", "fb", KIOSK),
    ("/dev/input", "event", KIOSK),
    ("/dev", "hwrng", KIOSK),
    ("/dev/usb", "lp", KIOSK),
    ("/dev", "video", READER),
];
/// What sets how bright a panel is.
const PANELS: &str = "/sys/class/backlight";
const OF_A_PANEL: [&str; 2] = ["brightness", "bl_power"];

/// Gives every device that there is now to its user.
pub(super) fn give() {
    for (folder, begins, user) in DEVICES {
        for device in named(Path::new(folder), begins) {
            let is_device = |found: fs::Metadata| found.file_type().is_char_device() && found.uid() != user;
            if fs::symlink_metadata(&device).is_ok_and(is_device) {
                // One that has gone again needs no owner.
                let _ = chown(&device, Some(user), Some(user));
            }
        }
    }
    for panel in named(Path::new(PANELS), "") {
        for control in OF_A_PANEL {
            let _ = chown(panel.join(control), Some(KIOSK), Some(KIOSK));
        }
    }
}

/// Goes on giving devices as they come, in a thread of its own.
pub(super) fn follow() -> io::Result<()> {
    let forever = || {
        loop {
            give();
            sleep(EVERY);
        }
    };
    std::thread::Builder::new().name("devices".into()).spawn(forever)?;
    Ok(())
}

/// Waits until there is something to draw on, or for so long that there is none.
pub(super) fn await_display() {
    let begun = Instant::now();
    let is_buffered = || begun.elapsed() >= REPLACED && Path::new("/dev/fb0").exists();
    let is_there = || !named(Path::new("/dev/dri"), "card").is_empty() || is_buffered();
    while !is_there() && begun.elapsed() < LONGEST {
        sleep(STEP);
    }
}

/// Lists what a folder has by the beginning of its name: this, and then a number where it is not all.
fn named(folder: &Path, begins: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_it = |path: &PathBuf| {
        let rest = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(begins));
        rest.is_some_and(|rest| begins.is_empty() || rest.bytes().all(|digit| digit.is_ascii_digit()))
    };
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_it).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_devices_of_that_name_and_a_number_are_given() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["video0", "video12", "video0x", "videodev", "vide0", "fb0", "fb01"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        let found = |begins| {
            let mut names: Vec<_> =
                named(folder.path(), begins).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(found("video"), ["video0", "video12"]);
        assert_eq!(found("fb0"), ["fb0", "fb01"]);
        assert_eq!(found("lp").len(), 0);
        assert_eq!(found("").len(), 7);
    }
}
