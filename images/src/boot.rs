//! The boot files' hash: SHA-384 of the text that `sha384sum` prints for them.
//!
//! Anybody can make it with coreutils alone, in the folder of the card's first partition:
//! `find . -type f | LC_ALL=C sort | xargs sha384sum | sha384sum`. The kiosk shows its eight words.

use cloison_protocol::{Digest, Fingerprint, bounded::Fixed};
use sha2::{Digest as _, Sha384};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// A boot partition of ours holds a dozen files.
const MOST_FILES: usize = 1024;
const MOST_DEPTH: usize = 8;

/// What can be wrong with a folder of boot files.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BootError {
    /// Says that a file or folder cannot be read.
    #[error("{} cannot be read ({error}). Give the folder of the boot files", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Says that a name would be written differently by `sha384sum` or by `xargs`.
    #[error("{0:?} is no name for a boot file. Use letters, digits and `-`, `_`, `.`")]
    Name(String),
    /// Says that there are more files or folders than a boot partition of ours has.
    #[error("there are more boot files than {MOST_FILES}. Give the folder of the boot files")]
    Many,
}

/// The boot files of an image.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct BootFiles(BTreeMap<String, Vec<u8>>);

impl BootFiles {
    /// Reads the files of a folder.
    ///
    /// # Errors
    /// [`BootError`] for what cannot be read, is named unlike a boot file, or is too much.
    pub fn read(folder: &Path) -> Result<Self, BootError> {
        let mut files = BTreeMap::new();
        walk(folder, "", 0, &mut files)?;
        Ok(Self(files))
    }

    /// Lists the files in order.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Writes what `sha384sum` prints for the files.
    #[must_use]
    pub fn text(&self) -> String {
        self.files().map(|(name, bytes)| format!("{}  ./{name}\n", hex(&sha384(bytes)))).collect()
    }

    /// Computes the hash of the boot files.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Fixed(sha384(self.text().as_bytes()))
    }

    /// Tells the eight words that the kiosk shows.
    #[must_use]
    pub fn words(&self) -> Fingerprint {
        Fingerprint::of(&self.digest())
    }
}

/// Computes SHA-384.
#[must_use]
pub fn sha384(bytes: &[u8]) -> [u8; 48] {
    Sha384::digest(bytes).into()
}

/// Writes bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn walk(folder: &Path, prefix: &str, depth: usize, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), BootError> {
    let unreadable = |error| BootError::File { path: folder.to_owned(), error };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte)) {
            return Err(BootError::Name(name));
        }
        if files.len() >= MOST_FILES || depth >= MOST_DEPTH {
            return Err(BootError::Many);
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().map_err(unreadable)?.is_dir() {
            walk(&entry.path(), &format!("{path}/"), depth + 1, files)?;
        } else {
            files.insert(path, std::fs::read(entry.path()).map_err(unreadable)?);
        }
    }
    Ok(())
}
