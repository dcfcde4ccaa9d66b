//! The client of a keeper: asks for children over a socket and takes their pipes.

use super::wire::{self, Answer, MAX_ROLE, PIPES, Request};
use super::{Child, Running, Spawn};
use std::fs::File;
use std::io::{self, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest that a keeper takes to answer: above the second that it may wait for a child's end.
const LONGEST_ANSWER: Duration = Duration::from_secs(5);

/// Has children started by a keeper; copies share one socket.
///
/// A keeper that does not answer, or answers nonsense, is given up: its socket is shut down, which
/// ends it and its children, and nothing can be started any more.
#[derive(Clone)]
pub struct Keeper {
    line: Arc<Line>,
}

impl Keeper {
    /// Takes the socket whose other end [`super::keeper::serve`] has.
    ///
    /// Called before this process is confined, as it sets the socket's time limits.
    ///
    /// # Errors
    /// The limits cannot be set.
    pub fn new(socket: UnixStream) -> io::Result<Self> {
        socket.set_read_timeout(Some(LONGEST_ANSWER))?;
        socket.set_write_timeout(Some(LONGEST_ANSWER))?;
        Ok(Self { line: Arc::new(Line(Mutex::new(Some(socket)))) })
    }

    /// Starts a keeper: a program that is to call [`super::keeper::serve`] with the socket that it
    /// finds as its standard input ([`super::keeper::inherited`]).
    ///
    /// The process ends when the last copy of this value and the last child's handle are dropped,
    /// and is then to be waited for.
    ///
    /// # Errors
    /// No socket can be made, or the program not started.
    pub fn start(program: &Path, arguments: &[&str]) -> io::Result<(Self, process::Child)> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(program);
        let command = command.args(arguments).env_clear().current_dir("/");
        let child = command.stdin(OwnedFd::from(theirs)).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok((Self::new(ours)?, child))
    }
}

impl Keeper {
    /// Tells the keeper that this process is alive, and waits until it has heard.
    ///
    /// It waits its turn behind what other threads ask, so it is not for a thread that must not wait.
    ///
    /// # Errors
    /// The keeper has gone or answers nonsense.
    pub fn beat(&self) -> io::Result<()> {
        match self.line.ask(&Request::Beat)? {
            (Answer::Heard, _) => Ok(()),
            _ => Err(self.line.give_up()),
        }
    }
}

impl Spawn for Keeper {
    fn spawn(&self, role: &str) -> io::Result<Running> {
        if role.is_empty() || role.len() > MAX_ROLE {
            return Err(unknown());
        }
        let (answer, pipes) = self.line.ask(&Request::Start(role.as_bytes().to_vec()))?;
        match (answer, pipes) {
            (Answer::Started(number), Some([stdin, stdout])) => {
                let child = Box::new(Kept { line: Arc::clone(&self.line), number: Some(number) });
                Ok(Running { stdin: File::from(stdin), stdout: File::from(stdout), child })
            }
            (Answer::Unknown, _) => Err(unknown()),
            (Answer::Full, _) => Err(io::ErrorKind::QuotaExceeded.into()),
            (Answer::Failed(error), _) => Err(io::Error::from_raw_os_error(error)),
            _ => Err(self.line.give_up()),
        }
    }
}

/// Makes the error for a role that the keeper was not given.
fn unknown() -> io::Error {
    io::ErrorKind::PermissionDenied.into()
}

/// Holds a child of the keeper's.
struct Kept {
    line: Arc<Line>,
    number: Option<u32>,
}

impl Child for Kept {
    fn is_running(&mut self) -> bool {
        let Some(number) = self.number else { return false };
        matches!(self.line.ask(&Request::IsRunning(number)), Ok((Answer::Running(true), _)))
    }

    fn end(&mut self) -> Option<ExitStatus> {
        match self.line.ask(&Request::End(self.number.take()?)) {
            Ok((Answer::Ended(status), _)) => status.map(ExitStatus::from_raw),
            _ => None,
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.end();
    }
}

/// Holds the socket until it was given up.
struct Line(Mutex<Option<UnixStream>>);

impl Line {
    /// Asks and waits for the answer. One asks at a time; a socket that failed is not used again,
    /// since its next answer could be an earlier question's.
    fn ask(&self, request: &Request) -> io::Result<(Answer, Option<[OwnedFd; PIPES]>)> {
        let bytes = wire::request(request).ok_or_else(unknown)?;
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = line.take().ok_or(io::ErrorKind::NotConnected)?;
        let answer = (&socket).write_all(&bytes).and_then(|()| wire::receive(&socket)).inspect_err(|_| hang_up(&socket))?;
        *line = Some(socket);
        Ok(answer)
    }

    /// Gives the keeper up after an answer that was to another question.
    fn give_up(&self) -> io::Error {
        let socket = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        socket.iter().for_each(hang_up);
        io::ErrorKind::InvalidData.into()
    }
}

/// Ends the connection, so that the keeper notices. Closing the socket would not do where this process
/// has it open a second time, as one has that found it as its standard input.
fn hang_up(socket: &UnixStream) {
    // It fails only where the connection has ended already.
    let _ = socket.shutdown(Shutdown::Both);
}
