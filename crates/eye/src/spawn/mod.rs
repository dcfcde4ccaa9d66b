//! Starts the processes that decode, each for a role, and ends them.
//!
//! A role is a program's hidden argument: `eye`, `view`, `camera=/dev/video0` (see [`crate::roles`]).
//! Who needs a child asks a [`Spawn`] for it and does not know how it comes into being:
//!
//! - [`Direct`] starts a program itself.
//! - [`Keeper`] asks another process to, because the kiosk is confined and can start nothing. The
//!   pipes to the child come over a socket; see [`keeper`].
//!
//! What it deliberately does not do: it passes no environment and no open file on, and looks at
//! nothing that a child says.

#[cfg(target_os = "linux")]
mod client;
#[cfg(target_os = "linux")]
pub mod keeper;
#[cfg(target_os = "linux")]
mod wire;

#[cfg(target_os = "linux")]
pub use client::Keeper;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{self, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The longest that a killed child is waited for: one that a driver holds may take long.
const LONGEST_END: Duration = Duration::from_secs(1);

/// Starts children; shared by all who need one.
pub trait Spawn: Send + Sync {
    /// Starts a child for a role, with no environment, in `/`, its errors unheard.
    ///
    /// # Errors
    /// It cannot be started, or the role is not one that may be.
    fn spawn(&self, role: &str) -> io::Result<Running>;
}

/// Holds a child that was started, and the pipes to it.
pub struct Running {
    /// What the child reads.
    pub stdin: File,
    /// What the child writes.
    pub stdout: File,
    /// The child itself, which ends when this is dropped.
    pub child: Box<dyn Child>,
}

/// Holds a child's life. Dropping it kills the child.
pub trait Child: Send {
    /// Tells whether the child still runs.
    fn is_running(&mut self) -> bool;

    /// Kills the child and tells how it ended; one that has ended or is ending is not ended otherwise.
    ///
    /// `None` where that is not known: it was ended before, or a second after its kill it was still
    /// held by the kernel.
    fn end(&mut self) -> Option<ExitStatus>;
}

/// Starts a program itself, with the role as its last argument.
#[derive(Clone, Debug)]
pub struct Direct {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Direct {
    /// Names the program, usually the running one.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), arguments: Vec::new() }
    }

    /// Adds arguments that stand before the role.
    #[must_use]
    pub fn before_role(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }
}

impl Spawn for Direct {
    fn spawn(&self, role: &str) -> io::Result<Running> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        let (stdin, stdout, child) = started(command.arg(role))?;
        Ok(Running { stdin, stdout, child: Box::new(Own(Some(child))) })
    }
}

/// Holds a child of this process.
struct Own(Option<process::Child>);

impl Child for Own {
    fn is_running(&mut self) -> bool {
        self.0.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    fn end(&mut self) -> Option<ExitStatus> {
        ended(&mut self.0.take()?)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a child between two pipes, with nothing of this process's but these.
fn started(command: &mut Command) -> io::Result<(File, File, process::Child)> {
    let root = if cfg!(unix) { "/" } else { "." };
    let command = command.env_clear().current_dir(root);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    match (child.stdin.take(), child.stdout.take()) {
        (Some(stdin), Some(stdout)) => Ok((file(stdin), file(stdout), child)),
        _ => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// Takes the descriptor or handle out of a pipe's own type.
fn file(pipe: impl Into<Owned>) -> File {
    File::from(pipe.into())
}

#[cfg(unix)]
type Owned = std::os::fd::OwnedFd;
#[cfg(windows)]
type Owned = std::os::windows::io::OwnedHandle;

/// Kills a child and waits a while for its end.
fn ended(child: &mut process::Child) -> Option<ExitStatus> {
    // It fails only where the child has already ended and been waited for.
    let _ = child.kill();
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(None) if begun.elapsed() < LONGEST_END => std::thread::sleep(Duration::from_millis(1)),
            ended => return ended.ok().flatten(),
        }
    }
}
