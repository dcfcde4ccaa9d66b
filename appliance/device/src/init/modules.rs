//! The kernel's modules: those on the list are loaded, in its order, and after that none ever again.

use super::{InitError, console::say};
use rustix::{io::Errno, system::finit_module};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

const FOLDER: &str = "/modules";
const ORDER: &str = "order";
/// Once 1, it stays so until the machine is switched off.
const DISABLED: &str = "/proc/sys/kernel/modules_disabled";
/// Is there where the kernel knows of modules at all.
const LOADED: &str = "/proc/modules";
/// The longest list, and the most modules of it.
const LONGEST: u64 = 64 << 10;
const MOST: usize = 512;

/// Loads what is on the list; what cannot be loaded is said and passed over.
pub(super) fn load() {
    let folder = Path::new(FOLDER);
    let list = match list(&folder.join(ORDER)) {
        Ok(list) => list,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return say(&format_args!("the list of modules cannot be read ({error}). Flash the card again")),
    };
    for name in names(&list) {
        if let Err(error) = one(&folder.join(name)) {
            say(&format_args!("the module {name} is not loaded ({error}). What needs it does not work"));
        }
    }
}

fn list(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Takes the names out of a list: file names alone, each in a line.
fn names(list: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| {
        name.ends_with(".ko")
            && !name.starts_with('.')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
    };
    list.lines().filter(is_name).take(MOST)
}

fn one(path: &Path) -> io::Result<()> {
    match finit_module(File::open(path)?, c"", 0) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Lets no module be loaded any more, and makes sure of it.
pub(super) fn seal() -> Result<(), InitError> {
    if !Path::new(LOADED).exists() && !Path::new(DISABLED).exists() {
        return Ok(());
    }
    let _ = fs::write(DISABLED, "1\n");
    let holds = fs::read_to_string(DISABLED).is_ok_and(|text| text.trim() == "1");
    if holds { Ok(()) } else { Err(InitError::Modules) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_modules_in_the_folder_are_taken_from_the_list() {
        let list = "virtio_blk.ko\n\n../evil.ko\n/etc/evil.ko\nvirtio-gpu.ko\n.hidden.ko\nname with space.ko\nsnd.ko.xz\nx.ko extra=1\next4.ko\n";
        assert_eq!(names(list).collect::<Vec<_>>(), ["virtio_blk.ko", "virtio-gpu.ko", "ext4.ko"]);
        assert_eq!(names(&"a.ko\n".repeat(MOST + 9)).count(), MOST);
    }

    #[test]
    fn a_list_of_any_length_is_read_in_part_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(ORDER);
        fs::write(&path, "a.ko\n".repeat(100_000)).unwrap();
        assert_eq!(super::list(&path).unwrap().len() as u64, LONGEST);
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(super::list(&path).is_err());
    }
}
