//! The keeper: starts the kiosk and what it asks for, and starts a new kiosk when one ends.

use crate::{
    arguments::Arguments,
    kiosk::{CUT_OFF, DeviceError, OFF, SEALED, WINDOW_CLOSED},
};
use cloison_eye::spawn::keeper;
use rustix::system::{RebootCommand, reboot};
use std::{
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::Path,
    process::{Command, ExitCode, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long it waits before it starts another kiosk in place of one that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// A kiosk that ran for so long did not fail at its start.
const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(2);
/// How many kiosks may fail in a row before their keeper gives up.
const MOST_FAILURES: u32 = 30;

/// Keeps a kiosk running until somebody switches off, or closes its window.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, DeviceError> {
    let program = std::env::current_exe().map_err(DeviceError::Pipe)?;
    std::fs::create_dir_all(&arguments.data).map_err(DeviceError::Folder)?;
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let status = one(&program, arguments)?;
        let next = next(status);
        if began.elapsed() >= LONG {
            failures = 0;
        }
        match next {
            Next::Again => failures = 0,
            Next::Off if arguments.window => return Ok(ExitCode::SUCCESS),
            Next::Off => return Ok(off()),
            Next::Closed => return Ok(ExitCode::SUCCESS),
            // On a desktop somebody reads at once why it does not start; one that is killed starts again.
            Next::Failed if arguments.window && status.code().is_some() && began.elapsed() < SOON => {
                return Err(DeviceError::Failing);
            }
            Next::Failed if failures < MOST_FAILURES => {
                failures += 1;
                sleep(AFTER_FAILURE);
            }
            Next::Failed => return Err(DeviceError::Failing),
        }
    }
}

/// What is done when a kiosk has ended.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Again,
    Off,
    Closed,
    Failed,
}

fn next(status: ExitStatus) -> Next {
    match status.code() {
        Some(code) if code == i32::from(SEALED) || code == i32::from(CUT_OFF) => Next::Again,
        Some(code) if code == i32::from(OFF) => Next::Off,
        Some(code) if code == i32::from(WINDOW_CLOSED) => Next::Closed,
        _ => Next::Failed,
    }
}

/// Runs one kiosk to its end, and starts what it asks for meanwhile.
fn one(program: &Path, arguments: &Arguments) -> Result<ExitStatus, DeviceError> {
    let (ours, theirs) = UnixStream::pair().map_err(DeviceError::Pipe)?;
    let mut command = Command::new(program);
    command.args(arguments.of_the_kiosk()).current_dir("/").stdin(OwnedFd::from(theirs));
    if !arguments.window {
        command.env_clear();
    }
    let mut kiosk = command.spawn().map_err(DeviceError::Pipe)?;
    // The kiosk's end of the socket is the kiosk's alone now.
    drop(command);
    let camera = arguments.camera_role();
    // It returns when the kiosk ends, or sends something that it never should: then it is ended.
    let _ = keeper::serve(&ours, program, &["eye", "view", &camera]);
    drop(ours);
    if !matches!(kiosk.try_wait(), Ok(Some(_))) {
        sleep(Duration::from_millis(100));
        let _ = kiosk.kill();
    }
    kiosk.wait().map_err(DeviceError::Pipe)
}

/// Switches the machine off, where this process may.
fn off() -> ExitCode {
    rustix::fs::sync();
    let _ = reboot(RebootCommand::PowerOff);
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn a_kiosk_that_seals_is_followed_by_another_and_one_that_is_killed_as_well() {
        let exited = |code: u8| ExitStatus::from_raw(i32::from(code) << 8);
        assert_eq!(next(exited(SEALED)), Next::Again);
        assert_eq!(next(exited(CUT_OFF)), Next::Again);
        assert_eq!(next(exited(OFF)), Next::Off);
        assert_eq!(next(exited(WINDOW_CLOSED)), Next::Closed);
        for failed in [exited(1), exited(101), ExitStatus::from_raw(9), ExitStatus::from_raw(11)] {
            assert_eq!(next(failed), Next::Failed);
        }
    }
}
