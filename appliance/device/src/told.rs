//! What init tells the kiosk, in files of one short line each: how far the machine's start is, where the store
//! is kept, and which image the machine started from.
//!
//! Without init, on a system that starts the program otherwise, there are no such files: the store is
//! in the folder given, and the image is not known.

use cloison_appliance::Booted;
use cloison_ceremony::NoPlace;
use cloison_protocol::bounded::Fixed;
use std::{fs::File, io::Read, path::Path};

/// Where init leaves them.
pub(crate) const FOLDER: &str = "/run/cloison";
const BOOT: &str = "boot";
const DATA: &str = "data";
/// What stands there while there is nothing to draw on yet, while the machine starts, and while the data
/// partition is being made.
pub(crate) const DRIVERS: &str = "drivers";
pub(crate) const COMING: &str = "coming";
pub(crate) const MAKING: &str = "making";
/// Where the data partition is mounted, and the folder that this is in: a kiosk that is let into it before
/// anything is mounted is let into what is mounted there later.
pub(crate) const STORE: &str = "/data/store";
pub(crate) const PLACE: &str = "/data";
/// The longest line that is read.
const LONGEST: u64 = 256;

/// How far the machine's start is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Nothing can be drawn on yet.
    Drivers,
    /// Other drivers are loaded, and the data is looked for.
    Coming,
    /// The data partition is being made.
    Making,
    /// The kiosk goes on.
    Done,
}

/// Tells how far the machine's start is; without init there is nothing to wait for.
pub(crate) fn start() -> Start {
    match line(&Path::new(FOLDER).join(DATA)) {
        Some(line) => far(&line),
        None if is_there() => Start::Drivers,
        None => Start::Done,
    }
}

/// Tells whether init is there, and mounts what the kiosk keeps.
pub(crate) fn is_there() -> bool {
    Path::new(FOLDER).join(DATA).exists()
}

/// Tells what is known by now of the image; it is read beside the kiosk, and told once it is known.
pub(crate) fn booted() -> Booted {
    let folder = Path::new(FOLDER);
    match line(&folder.join(BOOT)) {
        Some(line) => image(&line),
        None if is_there() => Booted::Reading,
        None => Booted::Nothing,
    }
}

/// Says why there is no place for the store.
pub(crate) fn no_place() -> Option<NoPlace> {
    place(&line(&Path::new(FOLDER).join(DATA))?)
}

fn far(line: &str) -> Start {
    match line.split(' ').next() {
        Some("data" | "none") => Start::Done,
        Some(MAKING) => Start::Making,
        Some(COMING) => Start::Coming,
        // What is not understood is nothing to go on with.
        _ => Start::Drivers,
    }
}

fn line(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    // Written in one piece, but a line that has no end is not all of it.
    text.strip_suffix('\n').map(str::to_owned)
}

fn image(line: &str) -> Booted {
    let byte = |at: usize| u8::from_str_radix(line.get(2 * at..2 * at + 2)?, 16).ok();
    let is_hex = line.len() == 96 && line.bytes().all(|letter| letter.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = (0..48).map(byte).collect();
    match bytes.filter(|_| is_hex).and_then(|bytes| bytes.try_into().ok()) {
        Some(digest) => Booted::Image(Fixed(digest)),
        None => Booted::Unreadable,
    }
}

fn place(line: &str) -> Option<NoPlace> {
    match line.split_once(' ')? {
        ("data", _) => None,
        (_, "missing") => Some(NoPlace::Missing),
        (_, "small") => Some(NoPlace::Small),
        (_, "two") => Some(NoPlace::Several),
        _ => Some(NoPlace::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_by_its_whole_digest_and_by_nothing_less() {
        let digest = "0a".repeat(48);
        assert_eq!(image(&digest), Booted::Image(Fixed([10; 48])));
        for other in ["", "none card", &digest[1..], &format!("{digest}0"), &"+1".repeat(48), &"é".repeat(48), &"zz".repeat(48)]
        {
            assert_eq!(image(other), Booted::Unreadable, "{other}");
        }
    }

    #[test]
    fn a_place_is_one_that_init_names_and_any_other_word_is_a_failure() {
        assert_eq!(place("data /dev/mmcblk0p2"), None);
        assert_eq!(place("none missing"), Some(NoPlace::Missing));
        assert_eq!(place("none small"), Some(NoPlace::Small));
        assert_eq!(place("none two"), Some(NoPlace::Several));
        assert_eq!(place("none failed"), Some(NoPlace::Failed));
        assert_eq!(place("nothing known"), Some(NoPlace::Failed));
    }

    #[test]
    fn the_kiosk_goes_on_with_nothing_but_a_place_or_the_reason_why_there_is_none() {
        assert_eq!([DRIVERS, COMING, MAKING].map(far), [Start::Drivers, Start::Coming, Start::Making]);
        assert_eq!(["data /dev/vda2", "none missing"].map(far), [Start::Done; 2]);
        for other in ["", "database", "done", "Data /dev/vda2"] {
            assert_eq!(far(other), Start::Drivers, "{other}");
        }
        assert_eq!([DRIVERS, COMING, MAKING].map(place), [None, None, None]);
    }

    #[test]
    fn a_line_without_an_end_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("boot");
        assert_eq!(line(&path), None);
        std::fs::write(&path, "0a0a").unwrap();
        assert_eq!(line(&path), None);
        std::fs::write(&path, "0a0a\n").unwrap();
        assert_eq!(line(&path).as_deref(), Some("0a0a"));
        std::fs::write(&path, vec![b'x'; 5000]).unwrap();
        assert_eq!(line(&path), None);
    }
}
