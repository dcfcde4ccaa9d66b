//! The keeper: starts the kiosk and what it asks for, and starts a new kiosk when one ends.

use crate::{
    arguments::Arguments,
    kiosk::{CUT_OFF, DeviceError, OFF, SEALED, WINDOW_CLOSED},
    settings::Settings,
};
use cloison_eye::spawn::keeper::{self, Rules};
use rustix::system::{RebootCommand, reboot};
use std::{
    io,
    ops::ControlFlow,
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    path::Path,
    process::{Child, Command, ExitCode, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long it waits before it starts another kiosk, and in place of one that failed.
const AT_ONCE: Duration = Duration::ZERO;
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// A kiosk that ran for so long did not fail at its start.
const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(2);
/// What tells the display how far to turn its picture.
const TURNS: &str = "SLINT_KMS_ROTATION";
/// How many kiosks may fail in a row before their keeper gives up.
const MOST_FAILURES: u32 = 30;

/// Keeps a kiosk running until somebody switches off, or closes its window.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, DeviceError> {
    let program = std::env::current_exe().map_err(DeviceError::Pipe)?;
    std::fs::create_dir_all(&arguments.data).map_err(DeviceError::Folder)?;
    let mut tally = Tally::default();
    loop {
        let began = Instant::now();
        let turn = Turn { program: &program, arguments, users: None };
        let status = turn.run(|_| ControlFlow::Continue(()))?;
        let next = tally.after(status, began.elapsed());
        match next {
            // On a desktop somebody reads at once why it does not start; one that is killed starts again.
            Next::Again(pause) if arguments.window && pause > AT_ONCE && status.code().is_some() && began.elapsed() < SOON => {
                return Err(DeviceError::Failing);
            }
            Next::Again(pause) => sleep(pause),
            Next::Off if arguments.window => return Ok(ExitCode::SUCCESS),
            Next::Off => return Ok(off()),
            Next::Closed => return Ok(ExitCode::SUCCESS),
            Next::Failing => return Err(DeviceError::Failing),
        }
    }
}

/// What is done when a kiosk has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another is started, after a pause.
    Again(Duration),
    Off,
    Closed,
    Failing,
}

/// Counts how many kiosks failed in a row.
#[derive(Debug, Default)]
pub(crate) struct Tally(u32);

impl Tally {
    /// Tells what to do after a kiosk that ended so, after so long.
    pub(crate) fn after(&mut self, status: ExitStatus, lasted: Duration) -> Next {
        if lasted >= LONG {
            self.0 = 0;
        }
        match status.code() {
            Some(code) if code == i32::from(SEALED) => {
                self.0 = 0;
                Next::Again(AT_ONCE)
            }
            Some(code) if code == i32::from(OFF) => Next::Off,
            Some(code) if code == i32::from(WINDOW_CLOSED) => Next::Closed,
            _ if self.0 == MOST_FAILURES => Next::Failing,
            _ => {
                self.0 += 1;
                // One that is killed in the middle of its work is back as fast as may be.
                let is_sudden = status.code().is_none_or(|code| code == i32::from(CUT_OFF));
                Next::Again(if self.0 == 1 && is_sudden { AT_ONCE } else { AFTER_FAILURE })
            }
        }
    }
}

/// What one kiosk is started with.
pub(crate) struct Turn<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: &'a Arguments,
    /// Whom the kiosk and the processes beside it run as; the keeper's own user without.
    pub(crate) users: Option<(u32, u32)>,
}

impl Turn<'_> {
    /// Runs one kiosk to its end, and starts what it asks for meanwhile. `goes_on` is asked each second,
    /// with how long ago the kiosk was alive.
    pub(crate) fn run(&self, goes_on: impl FnMut(Option<Duration>) -> ControlFlow<()>) -> Result<ExitStatus, DeviceError> {
        let (ours, theirs) = UnixStream::pair().map_err(DeviceError::Pipe)?;
        let mut kiosk = self.kiosk(theirs).map_err(DeviceError::Pipe)?;
        let camera = self.arguments.camera_role();
        let rules = Rules { program: self.program, roles: &["eye", "view", &camera], user: self.users.map(|(_, user)| user) };
        // It returns when the kiosk ends, or sends something that it never should: then it is ended.
        let _ = keeper::serve_while(&ours, &rules, goes_on);
        drop(ours);
        if !matches!(kiosk.try_wait(), Ok(Some(_))) {
            sleep(Duration::from_millis(100));
            let _ = kiosk.kill();
        }
        kiosk.wait().map_err(DeviceError::Pipe)
    }

    /// Starts a kiosk. Its end of the socket is its alone.
    fn kiosk(&self, socket: UnixStream) -> io::Result<Child> {
        let chosen = Settings::read(&self.arguments.data, self.arguments.language).rotation;
        let rotation = self.arguments.rotation.unwrap_or(chosen);
        let told = Arguments { rotation: Some(rotation), ..self.arguments.clone() };
        let mut command = Command::new(self.program);
        command.args(told.of_the_kiosk()).current_dir("/").stdin(OwnedFd::from(socket));
        if !self.arguments.window {
            command.env_clear().env(TURNS, rotation.degrees().to_string());
        }
        if let Some((user, _)) = self.users {
            command.uid(user).gid(user);
        }
        command.spawn()
    }
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

    fn exited(code: u8) -> ExitStatus {
        ExitStatus::from_raw(i32::from(code) << 8)
    }

    const SHORT: Duration = Duration::from_secs(1);

    #[test]
    fn a_kiosk_that_seals_is_followed_by_another_and_one_that_is_killed_as_well() {
        let mut tally = Tally::default();
        assert_eq!(tally.after(exited(SEALED), SHORT), Next::Again(AT_ONCE));
        assert_eq!(tally.after(exited(CUT_OFF), SHORT), Next::Again(AT_ONCE));
        assert_eq!(tally.after(exited(OFF), SHORT), Next::Off);
        assert_eq!(tally.after(exited(WINDOW_CLOSED), SHORT), Next::Closed);
        for killed in [9, 11] {
            assert_eq!(Tally::default().after(ExitStatus::from_raw(killed), SHORT), Next::Again(AT_ONCE));
        }
        for failed in [exited(1), exited(101)] {
            assert_eq!(Tally::default().after(failed, SHORT), Next::Again(AFTER_FAILURE));
        }
    }

    #[test]
    fn thirty_kiosks_may_fail_in_a_row_and_one_that_lasts_or_seals_begins_the_count_anew() {
        for pardon in [(exited(1), LONG), (exited(SEALED), SHORT)] {
            let mut tally = Tally::default();
            let killed = ExitStatus::from_raw(9);
            for failure in 0..MOST_FAILURES {
                let expected = if failure == 0 { AT_ONCE } else { AFTER_FAILURE };
                assert_eq!(tally.after(killed, SHORT), Next::Again(expected));
            }
            assert!(matches!(tally.after(pardon.0, pardon.1), Next::Again(_)));
            assert!(matches!(tally.after(killed, SHORT), Next::Again(_)));
        }
        let mut tally = Tally::default();
        let all: Vec<Next> = (0..=MOST_FAILURES).map(|_| tally.after(exited(1), SHORT)).collect();
        assert_eq!(all.iter().position(|next| *next == Next::Failing), Some(30));
    }
}
