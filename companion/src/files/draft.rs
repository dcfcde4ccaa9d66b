//! A file that is not at its place yet.
//!
//! Where the system can, it has no name before it is complete: then nothing of it is left, however
//! the program ends. Elsewhere it has a name beside its place, and signals wait until it is gone.

use super::{FileError, Readers, refuse_existing};
use crate::signals::Held;
use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// A file that is not at its place yet; dropped before [`Draft::keep`], nothing of it is left.
pub(crate) struct Draft {
    body: Body,
    path: PathBuf,
    force: bool,
}

enum Body {
    #[cfg(target_os = "linux")]
    Nameless(File),
    /// The file is dropped before the signals are let go.
    Named(NamedTempFile, Held),
}

impl Draft {
    /// Begins a file beside the place where it will be.
    ///
    /// # Errors
    /// [`FileError::Exists`] before anything else, [`FileError::Unwritable`].
    pub(crate) fn for_file(path: &Path, readers: Readers, force: bool) -> Result<Self, FileError> {
        refuse_existing(path, force)?;
        let body = begin(folder_of(path), readers).map_err(|error| FileError::unwritable(path, &error))?;
        Ok(Self { body, path: path.to_owned(), force })
    }

    /// Moves the finished file to its place.
    ///
    /// # Errors
    /// [`FileError`]; then nothing is left.
    pub(crate) fn keep(self) -> Result<(), FileError> {
        let path = self.path;
        let moved = self.body.file().sync_all().and_then(|()| self.body.move_to(&path, self.force));
        moved.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => FileError::Exists(path),
            _ => FileError::unwritable(&path, &error),
        })
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.body.check()?;
        self.body.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.body.file().flush()
    }
}

impl Body {
    fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => file,
            Self::Named(file, _) => file.as_file(),
        }
    }

    /// Stops writing when a signal waits for this file to be gone.
    fn check(&self) -> io::Result<()> {
        match self {
            Self::Named(_, held) if held.arrived() => Err(io::Error::other("stopped by a signal")),
            _ => Ok(()),
        }
    }

    fn move_to(self, path: &Path, force: bool) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => nameless::move_to(&file, path, force),
            Self::Named(file, _held) if force => Ok(file.persist(path).map(drop)?),
            Self::Named(file, _held) => Ok(file.persist_noclobber(path).map(drop)?),
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn begin(folder: &Path, readers: Readers) -> io::Result<Body> {
    #[cfg(target_os = "linux")]
    if let Some(file) = nameless::begin(folder, readers) {
        return Ok(Body::Nameless(file));
    }
    named(folder, readers)
}

fn named(folder: &Path, readers: Readers) -> io::Result<Body> {
    let held = Held::new()?;
    Ok(Body::Named(builder(readers).tempfile_in(folder)?, held))
}

#[cfg(unix)]
fn builder(readers: Readers) -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cloison-").permissions(std::fs::Permissions::from_mode(mode(readers)));
    builder
}

#[cfg(not(unix))]
fn builder(_: Readers) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cloison-");
    builder
}

#[cfg(unix)]
fn mode(readers: Readers) -> u32 {
    if readers == Readers::Owner { 0o600 } else { 0o666 }
}

/// Linux's files without a name, which get one by being linked.
#[cfg(target_os = "linux")]
mod nameless {
    use super::{Held, Readers, folder_of, mode};
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use std::{fs::File, io, os::fd::AsRawFd, path::Path};

    /// Gives `None` where the file system has no such files, or `/proc` is not there to link them.
    pub(super) fn begin(folder: &Path, readers: Readers) -> Option<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = File::from(open(folder, flags, Mode::from_raw_mode(mode(readers))).ok()?);
        Path::new(&handle(&file)).exists().then_some(file)
    }

    pub(super) fn move_to(file: &File, path: &Path, force: bool) -> io::Result<()> {
        match link(file, path) {
            Err(error) if force && error.kind() == io::ErrorKind::AlreadyExists => replace(file, path),
            linked => linked,
        }
    }

    /// Links to a name of its own first, since a link replaces nothing and a rename does.
    fn replace(file: &File, path: &Path) -> io::Result<()> {
        let _held = Held::new()?;
        let mut builder = tempfile::Builder::new();
        let beside = builder.prefix(".cloison-").make_in(folder_of(path), |name| link(file, name))?;
        Ok(beside.persist(path).map(drop)?)
    }

    fn link(file: &File, path: &Path) -> io::Result<()> {
        Ok(linkat(CWD, handle(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
    }

    fn handle(file: &File) -> String {
        format!("/proc/self/fd/{}", file.as_raw_fd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_draft_is_complete_at_its_place_or_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let draft = |force| Draft { body: named(folder.path(), Readers::Owner).unwrap(), path: path.clone(), force };
        let names = || std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        drop(draft(false));
        assert!(names().is_empty());
        for (force, text) in [(false, "one"), (true, "two")] {
            let mut draft = draft(force);
            draft.write_all(text.as_bytes()).unwrap();
            draft.keep().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert!(matches!(draft(false).keep(), Err(FileError::Exists(_))));
        assert_eq!(names(), ["out"]);
    }
    /// Runs itself a second time, since a signal ends the whole process.
    #[cfg(unix)]
    #[test]
    fn a_named_draft_is_gone_when_a_signal_ends_the_program() {
        use std::{env, os::unix::process::ExitStatusExt, process::Command, thread::sleep, time::Duration};
        const FOLDER: &str = "CLOISON_TEST_FOLDER";
        if let Some(folder) = env::var_os(FOLDER) {
            let path = Path::new(&folder).join("out");
            let body = named(Path::new(&folder), Readers::Owner).unwrap();
            let mut draft = Draft { body, path, force: false };
            while draft.write_all(b"plaintext").is_ok() {
                sleep(Duration::from_millis(1));
            }
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let names = || folder.path().read_dir().unwrap().count();
        let test = "files::draft::tests::a_named_draft_is_gone_when_a_signal_ends_the_program";
        let mut command = Command::new(env::current_exe().unwrap());
        let mut child = command.args(["--exact", test]).env(FOLDER, folder.path()).spawn().unwrap();
        while names() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it wrote");
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(50));
        assert!(Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().signal(), Some(15));
        assert_eq!(names(), 0);
    }
}
