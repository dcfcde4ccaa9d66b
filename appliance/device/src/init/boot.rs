//! The hash of the boot files: of the text that `sha384sum` prints of them, so that anybody can make it
//! on another machine.
//!
//! ```sh
//! cd BOOT && find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha384sum | sha384sum
//! ```
//!
//! The machine cannot vouch for itself: a changed image could show any hash. It tells people which
//! image they have, and the check on another machine proves it.

use sha2::{Digest, Sha384};
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};
use thiserror::Error;

/// The hidden argument of the process that does it.
pub(crate) const ROLE: &str = "name-boot-files";
/// Where the boot files are mounted.
pub(super) const FOLDER: &str = "/boot";

/// The most files, the deepest folders, the longest path, and the most bytes of all.
const MOST: usize = 4096;
const DEEPEST: usize = 16;
const LONGEST: usize = 1024;
const LARGEST: u64 = 1 << 30;

/// Says why the boot files have no hash.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(super) enum BootError {
    /// A name that the tools would write in another way than it is.
    #[error("name")]
    Name,
    /// Too many files, or too large.
    #[error("limit")]
    Limit,
    /// The card cannot be read.
    #[error("read")]
    Unreadable(#[from] io::Error),
}

/// Writes the hash of the mounted boot files, or why there is none, and returns.
pub(crate) fn serve(mut output: impl Write) -> io::Result<()> {
    let _ = rustix::process::nice(19);
    let line = match confined().map_err(BootError::from).and_then(|()| hash(Path::new(FOLDER))) {
        Ok(hash) => hash,
        Err(reason) => format!("none {reason}"),
    };
    writeln!(output, "{line}")?;
    output.flush()
}

/// Keeps nothing but reading the boot files.
fn confined() -> io::Result<()> {
    use cloison_eye::confine::{Reach, keep};
    keep::no_cores()?;
    keep::no_tracing()?;
    keep::no_privileges()?;
    // They are mounted read-only.
    keep::reach(&Reach { data: FOLDER.into(), ..Reach::default() })?;
    keep::calls(keep::Calls::default())
}

/// Takes the line that [`serve`] wrote; anything else tells nothing.
pub(super) fn understood(line: &str) -> Option<&str> {
    let line = line.strip_suffix('\n')?;
    let is_hash = line.len() == 96 && line.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (is_hash || matches!(line, "none name" | "none limit" | "none read")).then_some(line)
}

/// Gives the hash of a folder's files in hexadecimal digits.
pub(super) fn hash(folder: &Path) -> Result<String, BootError> {
    let mut names = Vec::new();
    list(folder, ".", 0, &mut names)?;
    names.sort();
    let (mut all, mut left) = (Sha384::new(), LARGEST);
    for name in names {
        let mut file = File::open(folder.join(&name))?;
        let mut digest = Digesting { digest: Sha384::new(), left };
        io::copy(&mut file, &mut digest).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => BootError::Limit,
            _ => BootError::Unreadable(error),
        })?;
        left = digest.left;
        all.update(format!("{}  {name}\n", hexadecimal(&digest.digest.finalize())));
    }
    Ok(hexadecimal(&all.finalize()))
}

/// Adds the files of a folder and of those in it, by their paths.
fn list(folder: &Path, path: &str, depth: usize, names: &mut Vec<String>) -> Result<(), BootError> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let plain = |name: &&str| name.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\');
        let path = format!("{path}/{}", name.to_str().filter(plain).ok_or(BootError::Name)?);
        let kind = entry.file_type()?;
        if names.len() == MOST || depth == DEEPEST || path.len() > LONGEST {
            return Err(BootError::Limit);
        }
        if kind.is_dir() {
            list(&entry.path(), &path, depth + 1, names)?;
        } else if kind.is_file() {
            names.push(path);
        }
    }
    Ok(())
}

/// Takes a file's bytes up to so many of all files.
struct Digesting {
    digest: Sha384,
    left: u64,
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        self.digest.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads what the process wrote, and no more than it ever writes.
pub(super) fn line(output: impl Read) -> Option<String> {
    let mut text = String::new();
    output.take(128).read_to_string(&mut text).ok()?;
    understood(&text).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const TOOLS: &str = "find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha384sum | sha384sum";

    /// What the tools say that the documents name.
    fn by_tools(folder: &Path) -> String {
        let output = Command::new("sh").args(["-c", TOOLS]).current_dir(folder).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
    }

    fn boot(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    #[test]
    fn the_hash_is_the_one_that_the_tools_print() {
        let large = vec![7; 300_000];
        let folder = boot(&[
            ("config.txt", b"arm_64bit=1\n"),
            ("overlays/vc4.dtbo", &large),
            ("overlays/deep/er/x", b""),
            // Sorted as bytes of the whole path: a point before a slash, capitals before small letters.
            ("overlays.txt", b"between"),
            ("Kernel8.img", b"K"),
            ("a name with spaces", b"s"),
            (" leading", b"l"),
            ("-n", b"an option?"),
            ("$(id)`id`'\"", b"quotes"),
        ]);
        assert_eq!(hash(folder.path()).unwrap(), by_tools(folder.path()));
        let before = hash(folder.path()).unwrap();
        fs::rename(folder.path().join("config.txt"), folder.path().join("config.TXT")).unwrap();
        assert_ne!(hash(folder.path()).unwrap(), before);
        assert_eq!(hash(folder.path()).unwrap(), by_tools(folder.path()));
    }

    #[test]
    fn an_empty_folder_has_the_hash_of_nothing() {
        let folder = boot(&[]);
        fs::create_dir(folder.path().join("empty")).unwrap();
        assert_eq!(hash(folder.path()).unwrap(), by_tools(folder.path()));
    }

    #[test]
    fn names_that_the_tools_write_in_another_way_have_none() {
        for name in ["new\nline", "back\\slash", "caf\u{e9}", "bell\u{7}", "del\u{7f}"] {
            let folder = boot(&[("fine", b"1"), (name, b"2")]);
            assert!(matches!(hash(folder.path()), Err(BootError::Name)), "{name:?}");
        }
    }

    #[test]
    fn too_many_files_too_many_bytes_and_too_deep_folders_have_none() {
        let mut none = Digesting { digest: Sha384::new(), left: 3 };
        assert_eq!(none.write_all(b"four").unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        let deep = boot(&[(&format!("{}x", "d/".repeat(DEEPEST)), b"1")]);
        assert!(matches!(hash(deep.path()), Err(BootError::Limit)));
        let many = boot(&[]);
        for number in 0..=MOST {
            File::create(many.path().join(number.to_string())).unwrap();
        }
        assert!(matches!(hash(many.path()), Err(BootError::Limit)));
        assert!(matches!(hash(Path::new("/nowhere")), Err(BootError::Unreadable(_))));
    }

    #[test]
    fn only_a_hash_or_a_known_reason_is_understood() {
        let hash = format!("{}\n", "0a".repeat(48));
        assert_eq!(line(hash.as_bytes()).as_deref(), Some(hash.trim()));
        assert_eq!(line(&b"none name\n"[..]).as_deref(), Some("none name"));
        for wrong in [&hash[1..], &hash.to_uppercase(), &hash.repeat(2), "none of your business\n", "", "none name"] {
            assert_eq!(line(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
