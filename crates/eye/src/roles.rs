//! The roles that a program of ours can have instead of its own: what its hidden argument says.
//!
//! | role | the process |
//! |---|---|
//! | `eye` | reads pictures that are given to it: [`crate::serve`] |
//! | `view` | shows one record: [`crate::viewer::serve`] |
//! | `camera=DEVICE` | looks through a V4L2 device: `camera::serve`, on Linux |
//! | `folder=FOLDER` | looks at a folder's pictures instead, for training: the same |
//!
//! In each, the process confines itself before it looks at anything.

use std::io::{self, StdinLock, StdoutLock};

/// Tells whether an argument is a role, so that a program takes it before its own arguments.
#[must_use]
pub fn is_role(argument: &str) -> bool {
    matches!(argument, "eye" | "view") || is_camera(argument)
}

#[cfg(target_os = "linux")]
fn is_camera(argument: &str) -> bool {
    crate::camera::Source::of_role(argument).is_some()
}

#[cfg(not(target_os = "linux"))]
fn is_camera(_: &str) -> bool {
    false
}

/// Plays a role until it is over; the process should then end.
///
/// On Linux the process asks to be ended with the thread that started it.
///
/// # Errors
/// There is no such role, or a pipe breaks, or what comes is no request of the role's parent.
pub fn serve(role: &str, input: StdinLock<'_>, output: StdoutLock<'_>) -> io::Result<()> {
    end_with_parent();
    match role {
        "eye" => crate::serve(input, output),
        "view" => crate::viewer::serve(input, output),
        _ => camera(role, input, output),
    }
}

#[cfg(target_os = "linux")]
fn camera(role: &str, input: StdinLock<'_>, output: StdoutLock<'_>) -> io::Result<()> {
    let source = crate::camera::Source::of_role(role).ok_or(io::ErrorKind::InvalidInput)?;
    crate::camera::serve(&source, input, output)
}

#[cfg(not(target_os = "linux"))]
fn camera(_: &str, _: StdinLock<'_>, _: StdoutLock<'_>) -> io::Result<()> {
    Err(io::ErrorKind::InvalidInput.into())
}

/// Asks to be ended when the thread that started this process ends, so that none is left behind.
/// Where that fails or has happened already, the broken pipe ends it a little later.
pub fn end_with_parent() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}
