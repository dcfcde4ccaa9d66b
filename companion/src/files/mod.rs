//! Files read within limits, and written whole or not at all.
//!
//! Everything written goes to a draft beside its place first and is moved there when it is
//! complete; without `force` a file that is already there is never replaced, even one that
//! appeared a moment ago.

mod draft;

use crate::screen::shown;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use thiserror::Error;
use zeroize::Zeroizing;

pub(crate) use draft::Draft;

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

/// Refuses a place where something is already, unless `force`; a pipe or a device in any case.
///
/// # Errors
/// [`FileError::Exists`], [`FileError::Folder`], [`FileError::Special`].
pub(crate) fn refuse_existing(path: &Path, force: bool) -> Result<(), FileError> {
    // A dangling link counts: writing through it would not be where the user looks.
    match path.symlink_metadata() {
        Ok(about) if about.is_dir() => Err(FileError::Folder(path.to_owned())),
        // A link to a device counts as one: replacing /dev/stdout would harm everybody.
        Ok(_) if path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) => {
            Err(FileError::Special(path.to_owned()))
        }
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

/// Refuses to write a file over any of those that it is made from.
///
/// # Errors
/// [`FileError::OverItself`].
pub(crate) fn refuse_inputs<'a>(inputs: impl IntoIterator<Item = &'a PathBuf>, output: &Path) -> Result<(), FileError> {
    inputs.into_iter().try_for_each(|input| refuse_itself(input, output))
}

/// Waits until no other run holds this lock, and holds it until the file is dropped.
///
/// # Errors
/// [`FileError::Unwritable`].
pub(crate) fn lock(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let unwritable = |error| FileError::unwritable(path, &error);
    let file = options.open(path).map_err(unwritable)?;
    file.lock().map_err(unwritable)?;
    Ok(file)
}

/// Removes a file; one that is gone already is no error.
///
/// # Errors
/// [`FileError::Unwritable`].
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::unwritable(path, &error)),
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

/// Says what is wrong with a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum FileError {
    /// It is not there.
    #[error("there is no file {}. Check the name", shown(.0))]
    Missing(PathBuf),
    /// It is a folder.
    #[error("{} is a folder. Name a file", shown(.0))]
    Folder(PathBuf),
    /// It is a pipe or a device.
    #[error("{} is a pipe or a device. Use an ordinary file instead", shown(.0))]
    Special(PathBuf),
    /// It has no content.
    #[error("{} is empty. Give a file that has content", shown(.0))]
    Empty(PathBuf),
    /// It has too much.
    #[error("{} is larger than the {limit} bytes allowed here. Check that it is the right file", shown(path))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is allowed.
        limit: u64,
    },
    /// It cannot be read.
    #[error("{} cannot be read: {}. Check its permissions and the disk", shown(path), plain(*kind))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// It cannot be written.
    #[error("{} cannot be written: {}. Check that its folder exists, may be written to and has room", shown(path), plain(*kind))]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// It would be replaced.
    #[error("{} already exists. Name another file, or add --force to replace it", shown(.0))]
    Exists(PathBuf),
    /// Input and output are one file.
    #[error("{} would be written over itself. Name another output", shown(.0))]
    OverItself(PathBuf),
    /// The output would replace what is kept.
    #[error("{} is one of the files that Cloison keeps for itself. Name another output", shown(.0))]
    OverHome(PathBuf),
    /// Others can read what is secret.
    #[error("others can read {}. Run `chmod 600` on it, and replace the key if somebody may have", shown(.0))]
    Exposed(PathBuf),
    /// It is damaged.
    #[error("{} does not hold what Cloison wrote there. Restore it from a backup, or remove it and begin again", shown(.0))]
    Damaged(PathBuf),
    /// Standard output failed.
    #[error("the answer could not be printed: {}. Check where the output goes", plain(*.0))]
    Output(io::ErrorKind),
}

/// Says in plain words what the system said of a file.
fn plain(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only".to_owned(),
        io::ErrorKind::BrokenPipe => "nobody reads it any more".to_owned(),
        io::ErrorKind::InvalidFilename => "the name is not a valid one".to_owned(),
        other => other.to_string(),
    }
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
