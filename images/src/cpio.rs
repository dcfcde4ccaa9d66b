//! The archive that the kernel unpacks into its first file system: cpio in the `newc` form.
//!
//! One content has one encoding here: sorted by path, times and owners zero, every file on its own.
//! [`Archive::read`] accepts nothing else, so what it has read is what [`Archive::write`] wrote.

use std::collections::BTreeMap;
use thiserror::Error;

const MAGIC: &[u8] = b"070701";
const TRAILER: &str = "TRAILER!!!";
const HEADER: usize = 110;
/// A file of the image is a few megabytes; the kernel's own limit is 4 GiB.
const MOST_BYTES: usize = 256 << 20;
const MOST_NAME: usize = 255;

const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
const CHARACTER: u32 = 0o020_000;
const KIND: u32 = 0o170_000;

/// What can be wrong with an archive.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CpioError {
    /// Says that a path is not a plain relative one.
    #[error("{0:?} is no path for an archive. Use a plain relative path without `.` and `..`")]
    Path(String),
    /// Says that two entries have one path.
    #[error("{0} is there twice. Name each path once")]
    Twice(String),
    /// Says that the folder of an entry is missing, so that the kernel could not make the entry.
    #[error("the folder of {0} is missing. Add it before what is in it")]
    Orphan(String),
    /// Says that a file is too large.
    #[error("{0} is too large. A file may have {MOST_BYTES} bytes")]
    Large(String),
    /// Says that bytes are no archive of ours.
    #[error("this is no archive that this tool wrote (at byte {0}). Pack it again")]
    Malformed(usize),
}

/// What one path is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A folder.
    Folder,
    /// A file with its bytes.
    File(Vec<u8>),
    /// A symbolic link with its target.
    Link(String),
    /// A character device.
    Device {
        /// The number of its driver.
        major: u32,
        /// Its number there.
        minor: u32,
    },
}

/// One path's permissions and content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The permission bits.
    pub permissions: u32,
    /// What it is.
    pub kind: Kind,
}

impl Entry {
    /// Tells the mode as `stat` has it: the kind and the permissions.
    #[must_use]
    pub fn mode(&self) -> u32 {
        let kind = match self.kind {
            Kind::Folder => FOLDER,
            Kind::File(_) => FILE,
            Kind::Link(_) => LINK,
            Kind::Device { .. } => CHARACTER,
        };
        kind | self.permissions
    }

    fn content(&self) -> &[u8] {
        match &self.kind {
            Kind::File(bytes) => bytes,
            Kind::Link(target) => target.as_bytes(),
            Kind::Folder | Kind::Device { .. } => &[],
        }
    }
}

/// The content of an archive.
///
/// # Invariants
/// Paths are plain and relative, and the folder of each is there.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Archive(BTreeMap<String, Entry>);

impl Archive {
    /// Adds one path; its folder must be there already.
    ///
    /// # Errors
    /// [`CpioError`] for a path that is not plain, that is there already or whose folder is missing,
    /// and for a file that is too large.
    pub fn add(&mut self, path: &str, entry: Entry) -> Result<(), CpioError> {
        let path = path.strip_prefix('/').unwrap_or(path);
        if !plain(path) {
            return Err(CpioError::Path(path.to_owned()));
        }
        if entry.content().len() > MOST_BYTES {
            return Err(CpioError::Large(path.to_owned()));
        }
        if let Some((folder, _)) = path.rsplit_once('/')
            && self.0.get(folder).is_none_or(|entry| entry.kind != Kind::Folder)
        {
            return Err(CpioError::Orphan(path.to_owned()));
        }
        if self.0.contains_key(path) {
            return Err(CpioError::Twice(path.to_owned()));
        }
        self.0.insert(path.to_owned(), entry);
        Ok(())
    }

    /// Lists the paths in order, with what they are.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// Finds the bytes of a file.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        match &self.0.get(path)?.kind {
            Kind::File(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Writes the archive; the same content gives the same bytes.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut number = 0;
        for (path, entry) in &self.0 {
            number += 1;
            put(&mut bytes, number, path, entry);
        }
        let trailer = Entry { permissions: 0, kind: Kind::File(Vec::new()) };
        header(&mut bytes, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, TRAILER.len() + 1, 0]);
        name_and_content(&mut bytes, TRAILER, trailer.content());
        bytes
    }

    /// Reads an archive that [`Archive::write`] wrote.
    ///
    /// # Errors
    /// [`CpioError::Malformed`] for any other bytes, with the place; and what [`Archive::add`] refuses.
    pub fn read(bytes: &[u8]) -> Result<Self, CpioError> {
        let mut archive = Self::default();
        let mut at = 0;
        loop {
            let one = one(bytes, at).ok_or(CpioError::Malformed(at))?;
            if one.name == TRAILER {
                break;
            }
            archive.add(one.name, one.entry)?;
            at = one.end;
        }
        let again = archive.write();
        if again != bytes {
            let differs = again.iter().zip(bytes).position(|(a, b)| a != b);
            return Err(CpioError::Malformed(differs.unwrap_or(again.len().min(bytes.len()))));
        }
        Ok(archive)
    }
}

fn plain(path: &str) -> bool {
    let part = |part: &str| !matches!(part, "" | "." | "..");
    path.len() <= MOST_NAME && path != TRAILER && path.bytes().all(|byte| byte.is_ascii_graphic()) && path.split('/').all(part)
}

fn put(bytes: &mut Vec<u8>, number: usize, path: &str, entry: &Entry) {
    let (major, minor) = match entry.kind {
        Kind::Device { major, minor } => (major as usize, minor as usize),
        _ => (0, 0),
    };
    let links = if entry.kind == Kind::Folder { 2 } else { 1 };
    let size = entry.content().len();
    header(bytes, [number, entry.mode() as usize, 0, 0, links, 0, size, 0, 0, major, minor, path.len() + 1, 0]);
    name_and_content(bytes, path, entry.content());
}

/// Inode, mode, owner, group, links, time, size, device (two), special device (two), length of the name, checksum.
fn header(bytes: &mut Vec<u8>, fields: [usize; 13]) {
    bytes.extend(MAGIC);
    for field in fields {
        bytes.extend(format!("{field:08X}").as_bytes());
    }
}

fn name_and_content(bytes: &mut Vec<u8>, name: &str, content: &[u8]) {
    bytes.extend(name.as_bytes());
    bytes.push(0);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

struct One<'a> {
    name: &'a str,
    entry: Entry,
    end: usize,
}

fn one(bytes: &[u8], at: usize) -> Option<One<'_>> {
    let header = bytes.get(at..)?.get(..HEADER)?;
    let fields = header.strip_prefix(MAGIC)?;
    let field = |number: usize| {
        let digits = str::from_utf8(fields.get(number * 8..number * 8 + 8)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let (mode, size, length) = (field(1)?, field(6)? as usize, field(11)? as usize);
    if length == 0 || length > MOST_NAME + 1 || size > MOST_BYTES {
        return None;
    }
    let name = bytes.get(at + HEADER..)?.get(..length - 1)?;
    let start = (at + HEADER + length).next_multiple_of(4);
    let content = bytes.get(start..)?.get(..size)?;
    let kind = match mode & KIND {
        FOLDER => Kind::Folder,
        LINK => Kind::Link(str::from_utf8(content).ok()?.to_owned()),
        CHARACTER => Kind::Device { major: field(9)?, minor: field(10)? },
        FILE => Kind::File(content.to_vec()),
        0 if name == TRAILER.as_bytes() => Kind::File(Vec::new()),
        _ => return None,
    };
    let entry = Entry { permissions: mode & !KIND, kind };
    Some(One { name: str::from_utf8(name).ok()?, entry, end: (start + size).next_multiple_of(4) })
}
