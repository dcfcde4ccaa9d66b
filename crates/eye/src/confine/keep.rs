//! The same layers for a process that holds keys and goes on working: what it keeps is named, what it
//! has no use for is taken away. Each is asked for alone, so that its caller can say which was refused.
//!
//! System calls are refused by a list here, where a reader's are let by one: such a process draws,
//! reads cards and writes a store through code of others, and a call that is missing from a list of
//! what is let would end it before its people.

use super::Landlock;
use std::{io, path::PathBuf};

/// What a process may still reach by name.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The one folder whose files it reads, writes, makes and removes. It must exist.
    pub data: PathBuf,
    /// What it reads, whole folders too.
    pub read: Vec<PathBuf>,
    /// Devices that it reads, writes and controls; one that is not there now stays out of reach, but
    /// not one that comes into a folder named here.
    pub devices: Vec<PathBuf>,
    /// Programs that it starts; without any, nothing at all is started.
    pub programs: Vec<PathBuf>,
    /// Whether it connects to Unix sockets of other processes that have a name and no file, such as a
    /// desktop's display.
    pub named_sockets: bool,
}

/// Which system calls are let beside those that every such process has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Starting a program; which, [`Reach::programs`] says.
    pub programs: bool,
    /// Sockets of the family `AF_UNIX`.
    pub unix_sockets: bool,
}

/// Leaves no core dump.
///
/// # Errors
/// What the kernel says.
pub fn no_cores() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return super::linux::no_cores();
    #[cfg(not(target_os = "linux"))]
    Err(io::ErrorKind::Unsupported.into())
}

/// Cannot be traced, or its memory read, by others of the same user; nor is it dumped.
///
/// # Errors
/// What the kernel says.
pub fn no_tracing() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return super::linux::no_tracing();
    #[cfg(not(target_os = "linux"))]
    Err(io::ErrorKind::Unsupported.into())
}

/// Gains no privileges by starting a program.
///
/// # Errors
/// What the kernel says.
pub fn no_privileges() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return super::linux::no_privileges();
    #[cfg(not(target_os = "linux"))]
    Err(io::ErrorKind::Unsupported.into())
}

/// Keeps all memory, now and later, out of any swap. Where the kernel limits how much may be locked
/// nothing is locked, since an allocation beyond the limit would end the process.
///
/// # Errors
/// What the kernel says.
pub fn lock_memory() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return super::linux::lock_memory();
    #[cfg(not(target_os = "linux"))]
    Err(io::ErrorKind::Unsupported.into())
}

/// Takes away every file but those named, TCP, and reaching out of the process, for this thread and
/// those that it starts. What was open stays open.
///
/// # Errors
/// What the kernel says: where its Landlock does not know all that can be done to a file by its name,
/// or there is none.
pub fn reach(reach: &Reach) -> io::Result<Landlock> {
    #[cfg(target_os = "linux")]
    return match super::linux::landlock_but(reach)? {
        Landlock::Absent => Err(io::ErrorKind::Unsupported.into()),
        landlock => Ok(landlock),
    };
    #[cfg(not(target_os = "linux"))]
    {
        let _ = reach;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Refuses system calls that lead out of the process, for all its threads: they fail with `EPERM`.
///
/// # Errors
/// What the kernel says.
pub fn calls(calls: Calls) -> io::Result<()> {
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    return super::refuse::install(calls);
    #[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
    {
        let _ = calls;
        Err(io::ErrorKind::Unsupported.into())
    }
}
