//! The list of what an archive holds, in the language of the kernel's `gen_init_cpio`.
//!
//! `dir`, `file`, `slink` and `nod … c` as there, owners always `0 0`; and one word more, `files`,
//! which takes every file of a folder. Sources are relative to a folder given beside the list.

use crate::cpio::{Archive, CpioError, Entry, Kind};
use std::{
    io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// What can be wrong with a list.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ListError {
    /// Says that a line is not understood.
    #[error("line {0} of the list is not understood. Write `dir`, `file`, `files`, `slink` or `nod` as gen_init_cpio takes them")]
    Line(usize),
    /// Says that a file named by the list cannot be read.
    #[error("{} cannot be read ({error}). Make it first", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Says that the archive refuses an entry.
    #[error(transparent)]
    Cpio(#[from] CpioError),
}

/// Reads a list and the files it names into an archive.
///
/// # Errors
/// [`ListError`] for a line that is not understood, a file that cannot be read and what the archive refuses.
pub fn archive(list: &str, sources: &Path) -> Result<Archive, ListError> {
    let mut archive = Archive::default();
    for (number, line) in list.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        if !words.is_empty() {
            add(&mut archive, &words, sources)?.ok_or(ListError::Line(number + 1))?;
        }
    }
    Ok(archive)
}

/// Adds what one line says; nothing when the line is not understood.
fn add(archive: &mut Archive, words: &[&str], sources: &Path) -> Result<Option<()>, ListError> {
    let (path, mode, kind) = match *words {
        ["dir", path, mode, "0", "0"] => (path, mode, Kind::Folder),
        ["file", path, source, mode, "0", "0"] => (path, mode, Kind::File(read(&sources.join(source))?)),
        ["slink", path, target, mode, "0", "0"] => (path, mode, Kind::Link(target.to_owned())),
        ["nod", path, mode, "0", "0", "c", major, minor] => {
            let (Ok(major), Ok(minor)) = (major.parse(), minor.parse()) else { return Ok(None) };
            (path, mode, Kind::Device { major, minor })
        }
        ["files", path, source, mode, "0", "0"] => return files(archive, path, &sources.join(source), mode),
        _ => return Ok(None),
    };
    let Some(permissions) = permissions(mode) else { return Ok(None) };
    archive.add(path, Entry { permissions, kind })?;
    Ok(Some(()))
}

fn files(archive: &mut Archive, path: &str, source: &Path, mode: &str) -> Result<Option<()>, ListError> {
    let Some(permissions) = permissions(mode) else { return Ok(None) };
    let unreadable = |error| ListError::Source { path: source.to_owned(), error };
    for entry in std::fs::read_dir(source).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        archive.add(&format!("{path}/{name}"), Entry { permissions, kind: Kind::File(read(&entry.path())?) })?;
    }
    Ok(Some(()))
}

fn read(path: &Path) -> Result<Vec<u8>, ListError> {
    std::fs::read(path).map_err(|error| ListError::Source { path: path.to_owned(), error })
}

fn permissions(mode: &str) -> Option<u32> {
    u32::from_str_radix(mode, 8).ok().filter(|mode| *mode <= 0o777)
}
