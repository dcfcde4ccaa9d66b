//! Files read within limits, and written whole or not at all.
//!
//! Everything written goes to a draft beside its place first and is moved there when it is
//! complete; without `force` a file that is already there is never replaced, even one that
//! appeared a moment ago.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;
use thiserror::Error;
use zeroize::Zeroizing;

/// Says who may read a file that is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner only.
    Owner,
    /// Whoever the user's umask lets.
    Umask,
}

/// Opens an ordinary file and gives its length.
///
/// # Errors
/// [`FileError`].
pub(crate) fn open(path: &Path) -> Result<(File, u64), FileError> {
    // Looked at before it is opened: opening a pipe that nobody writes to never returns.
    let about = fs::metadata(path).map_err(|error| FileError::unreadable(path, &error))?;
    if about.is_dir() {
        return Err(FileError::Folder(path.to_owned()));
    }
    if !about.is_file() {
        return Err(FileError::Special(path.to_owned()));
    }
    let file = File::open(path).map_err(|error| FileError::unreadable(path, &error))?;
    Ok((file, about.len()))
}

/// Reads a whole file of at most `limit` bytes into memory that is wiped.
///
/// # Errors
/// [`FileError`], also where the file is empty.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let (file, length) = open(path)?;
    let too_large = || FileError::TooLarge { path: path.to_owned(), limit };
    if length > limit {
        return Err(too_large());
    }
    // One allocation, so that no copy is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1));
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| FileError::unreadable(path, &error))?;
    match u64::try_from(bytes.len()) {
        Ok(0) => Err(FileError::Empty(path.to_owned())),
        Ok(found) if found <= limit => Ok(bytes),
        _ => Err(too_large()),
    }
}

/// Refuses a place where something is already, unless `force`.
///
/// # Errors
/// [`FileError::Exists`].
pub(crate) fn refuse_existing(path: &Path, force: bool) -> Result<(), FileError> {
    // A dangling link counts: writing through it would not be where the user looks.
    match path.symlink_metadata() {
        Ok(about) if about.is_dir() => Err(FileError::Folder(path.to_owned())),
        Ok(_) if !force => Err(FileError::Exists(path.to_owned())),
        _ => Ok(()),
    }
}

/// Refuses to write a file over the one that it is made from.
///
/// # Errors
/// [`FileError::OverItself`].
pub(crate) fn refuse_itself(input: &Path, output: &Path) -> Result<(), FileError> {
    match (input.canonicalize(), output.canonicalize()) {
        (Ok(a), Ok(b)) if a == b => Err(FileError::OverItself(output.to_owned())),
        _ => Ok(()),
    }
}

/// Writes a whole file at once.
///
/// # Errors
/// [`FileError`].
pub(crate) fn write(path: &Path, bytes: &[u8], readers: Readers, force: bool) -> Result<(), FileError> {
    let mut draft = Draft::for_file(path, readers, force)?;
    draft.write_all(bytes).map_err(|error| FileError::unwritable(path, &error))?;
    draft.keep()
}

/// Makes a folder, and those above it, closed to others.
///
/// # Errors
/// [`FileError::Unwritable`].
pub(crate) fn make_private_folder(path: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| FileError::unwritable(path, &error))
}

/// A file that is not at its place yet; dropped before [`Draft::keep`], nothing of it is left.
pub(crate) struct Draft {
    file: NamedTempFile,
    path: PathBuf,
    force: bool,
}

impl Draft {
    /// Begins a file beside the place where it will be.
    ///
    /// # Errors
    /// [`FileError::Exists`] before anything else, [`FileError::Unwritable`].
    pub(crate) fn for_file(path: &Path, readers: Readers, force: bool) -> Result<Self, FileError> {
        refuse_existing(path, force)?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = builder(readers).tempfile_in(folder).map_err(|error| FileError::unwritable(path, &error))?;
        Ok(Self { file, path: path.to_owned(), force })
    }

    /// Moves the finished file to its place.
    ///
    /// # Errors
    /// [`FileError`]; then nothing is left.
    pub(crate) fn keep(self) -> Result<(), FileError> {
        let path = self.path;
        self.file.as_file().sync_all().map_err(|error| FileError::unwritable(&path, &error))?;
        let moved = if self.force { self.file.persist(&path) } else { self.file.persist_noclobber(&path) };
        moved.map(drop).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => FileError::Exists(path),
            _ => FileError::unwritable(&path, &error.error),
        })
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(unix)]
fn builder(readers: Readers) -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if readers == Readers::Owner { 0o600 } else { 0o666 };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cloison-").permissions(fs::Permissions::from_mode(mode));
    builder
}

#[cfg(not(unix))]
fn builder(_: Readers) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cloison-");
    builder
}

/// Says what is wrong with a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum FileError {
    /// It is not there.
    #[error("there is no file {}. Check the name", .0.display())]
    Missing(PathBuf),
    /// It is a folder.
    #[error("{} is a folder. Name a file", .0.display())]
    Folder(PathBuf),
    /// It is a pipe or a device.
    #[error("{} is a pipe or a device. Save its content to an ordinary file first", .0.display())]
    Special(PathBuf),
    /// It has no content.
    #[error("{} is empty. Give a file that has content", .0.display())]
    Empty(PathBuf),
    /// It has too much.
    #[error("{} is larger than the {limit} bytes allowed here. Check that it is the right file", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is allowed.
        limit: u64,
    },
    /// It cannot be read.
    #[error("{} cannot be read: {kind}. Check its permissions and the disk", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// It cannot be written.
    #[error("{} cannot be written: {kind}. Check that its folder exists, may be written to and has room", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// It would be replaced.
    #[error("{} already exists. Name another file, or add --force to replace it", .0.display())]
    Exists(PathBuf),
    /// Input and output are one file.
    #[error("{} would be written over itself. Name another output", .0.display())]
    OverItself(PathBuf),
    /// Others can read what is secret.
    #[error("others can read {}. Run `chmod 600` on it, and replace the key if somebody may have", .0.display())]
    Exposed(PathBuf),
    /// It is damaged.
    #[error("{} does not hold what Cloison wrote there. Restore it from a backup, or remove it and begin again", .0.display())]
    Damaged(PathBuf),
    /// Standard output failed.
    #[error("the answer could not be printed: {0}. Check where the output goes")]
    Output(io::ErrorKind),
}

impl FileError {
    /// Names a file that could not be read.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing(path.to_owned()),
            kind => Self::Unreadable { path: path.to_owned(), kind },
        }
    }

    /// Names a file that could not be written.
    pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Self {
        Self::Unwritable { path: path.to_owned(), kind: error.kind() }
    }
}

/// Reads a secret file, which only its owner may be able to read.
///
/// # Errors
/// [`FileError::Exposed`], and those of [`read`].
pub(crate) fn read_secret(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let bytes = read(path, limit)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = fs::metadata(path).map_err(|error| FileError::unreadable(path, &error))?;
        if about.permissions().mode() & 0o077 != 0 {
            return Err(FileError::Exposed(path.to_owned()));
        }
    }
    Ok(bytes)
}
