//! Confines the running process, so that a decoder taken over by its input can do almost nothing.
//!
//! Four layers, each of which holds where another fails: limits on memory, time, files and
//! processes; no new privileges and no dumps; Landlock, which takes the file system and the
//! network away; and a filter that lets pass only the system calls of a program that computes and
//! speaks over the pipes it was started with. Whatever else is called ends the process at once.
//!
//! A program that must go on working with files, devices and threads takes the layers one by one
//! instead: [`keep`].
//!
//! It cannot be undone, and it closes nothing: a file that was open before stays open, but the
//! filter leaves reading to standard input and writing to standard output and error. It does not
//! hide what the process already has in memory, so a confined process must be given no key.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod filter;
pub mod keep;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod refuse;
#[cfg(test)]
mod tests;

use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::BorrowedFd;

pub use keep::Reach;

/// What a confined process may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources {
    /// The address space in bytes, with what the program itself takes.
    pub memory: u64,
    /// The processor time in seconds, counted from the process's start; `None` for a process that
    /// serves for long and is timed from outside.
    pub cpu_seconds: Option<u64>,
}

/// Says what holds the process from now on.
///
/// # Invariants
/// On Linux on x86-64 and arm64 one exists only with `limited`, `unprivileged` and `filtered` set.
/// Elsewhere some or all are unset, and the process is as free as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confined {
    /// The limits of [`Resources`] hold; it writes no file, opens none, starts nothing, dumps no core.
    pub limited: bool,
    /// It gains no privileges by starting a program, and cannot be traced or dumped.
    pub unprivileged: bool,
    /// What Landlock takes away.
    pub landlock: Landlock,
    /// System calls are filtered.
    pub filtered: bool,
}

/// Says how much Landlock takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landlock {
    /// All that this program knows of: files, TCP, devices' controls, signals, abstract sockets.
    Full,
    /// A part: the kernel is older than the program.
    Partial,
    /// Nothing: the kernel has no Landlock, or it is switched off.
    Absent,
}

/// Says why the process could not be confined. It must not look at what it was to be confined for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfineError {
    /// A limit could not be set.
    #[error("this process could not limit itself. Start it from a program that may set limits")]
    Limits(#[source] io::Error),
    /// Privileges or dumps could not be given up.
    #[error("this process could not give up its privileges. Use a Linux kernel of this century's second decade or later")]
    Privileges(#[source] io::Error),
    /// The filter of system calls was refused.
    #[error("this process could not filter its system calls. Use a Linux kernel with seccomp filters")]
    Filter(#[source] io::Error),
}

/// Names what a confined process reaches beside its memory and its pipes, all of it open already.
#[cfg(target_os = "linux")]
pub(crate) enum Needs<'a> {
    /// Nothing.
    Pipes,
    /// The two descriptors of a camera: buffers are taken and given back, and controls are set.
    Camera([BorrowedFd<'a>; 2]),
    /// A folder, beneath which files are opened and read. Without Landlock any file could be that
    /// the process's user may read, so this is for training only.
    Folder(BorrowedFd<'a>),
}

/// Confines this process for the rest of its life, and says what holds.
///
/// Called first thing, by a process of one thread: Landlock and the privileges are each thread's own.
///
/// # Errors
/// [`ConfineError`] where a layer fails that this system must have: on Linux on x86-64 and arm64
/// all but Landlock. What was applied before stays applied.
#[cfg(target_os = "linux")]
pub fn confine(resources: &Resources) -> Result<Confined, ConfineError> {
    confine_to(resources, Needs::Pipes)
}

/// Confines this process as [`confine`] does, and leaves it what is named.
///
/// # Errors
/// As for [`confine`].
#[cfg(target_os = "linux")]
pub(crate) fn confine_to(resources: &Resources, reach: Needs<'_>) -> Result<Confined, ConfineError> {
    linux::privileges().map_err(ConfineError::Privileges)?;
    let landlock = linux::landlock(&reach);
    linux::limits(resources, &reach).map_err(ConfineError::Limits)?;
    let filtered = filter(&reach).map_err(ConfineError::Filter)?;
    Ok(Confined { limited: true, unprivileged: true, landlock, filtered })
}

/// Confines nothing, since this system has other means than Linux, and says so.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn confine(_: &Resources) -> Result<Confined, ConfineError> {
    Ok(Confined { limited: false, unprivileged: false, landlock: Landlock::Absent, filtered: false })
}

/// Installs the filter where one is made for this architecture; tells whether.
#[cfg(target_os = "linux")]
fn filter(reach: &Needs<'_>) -> io::Result<bool> {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    filter::install(reach)?;
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = reach;
    Ok(cfg!(any(target_arch = "x86_64", target_arch = "aarch64")))
}
