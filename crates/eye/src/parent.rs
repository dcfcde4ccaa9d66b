//! The parent's side: starts the child, sends it one job at a time, and outlives whatever it does.
//!
//! Writing to and reading from the child happen in a thread, because either can block for ever on
//! a child that hangs. The caller waits for that thread no longer than the budget; then the child
//! is killed, its pipes break, and the thread ends. It does not look at pictures itself, not even
//! at their first bytes.

use crate::Sight;
use crate::wire::{self, FRAME, MAX_PICTURE_BYTES, PICTURE, Reason, Reply};
use cloison_optics::Luma;
use std::ffi::OsString;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Says why a picture was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EyeError {
    /// The child took longer than its budget and was killed.
    #[error(
        "Reading the picture took longer than {} ms and was stopped. Show the code alone, larger and sharper.",
        budget.as_millis()
    )]
    Overrun {
        /// The time that was allowed.
        budget: Duration,
    },
    /// The child ended instead of answering.
    #[error("The reader ended while it looked at the picture. Try again, with another picture.")]
    Died,
    /// The child answered something that it never should.
    #[error("The reader gave an answer that makes no sense. Do not use this picture again.")]
    Garbled,
    /// The child looked and could not open the picture.
    #[error("The picture cannot be read: {reason}. {}", reason.advice())]
    Unreadable {
        /// What is wrong with it.
        reason: Reason,
    },
    /// The picture is above the limit and was not sent.
    #[error("The picture has {size} bytes and at most {limit} are read. Crop it, or take or export it smaller.")]
    TooLarge {
        /// The bytes given.
        size: usize,
        /// The bytes allowed.
        limit: usize,
    },
    /// The child could not be started.
    #[error("The reader could not be started. Check that the program is still where it was.")]
    Start(#[source] io::Error),
}

/// Reads pictures through a child process that it starts, times, kills and replaces.
///
/// The child is started by the first job and kept for the next ones. After an error that leaves
/// its state in doubt it is killed, and the next job starts a new one.
pub struct Eye {
    program: PathBuf,
    arguments: Vec<OsString>,
    budget: Duration,
    worker: Option<Worker>,
}

impl Eye {
    /// Names the child's program, its arguments, and the time for each job; starts nothing yet.
    ///
    /// The program runs without any environment variable. The budget covers everything: starting
    /// the child if need be, sending, decoding, reading all frames of the picture, answering.
    pub fn new(program: PathBuf, arguments: Vec<OsString>, budget: Duration) -> Self {
        Self { program, arguments, budget, worker: None }
    }

    /// Reads a PNG, JPEG or GIF and gives what was seen in each frame.
    ///
    /// # Errors
    /// See [`EyeError`]; the next call works again.
    pub fn picture(&mut self, bytes: &[u8]) -> Result<Vec<Sight>, EyeError> {
        let (size, limit) = (bytes.len(), MAX_PICTURE_BYTES);
        if size > limit {
            return Err(EyeError::TooLarge { size, limit });
        }
        self.ask(request(PICTURE, &[bytes]))
    }

    /// Reads one grey camera frame.
    ///
    /// # Errors
    /// See [`EyeError`]; the next call works again.
    pub fn frame(&mut self, picture: &Luma) -> Result<Sight, EyeError> {
        let (width, height) = (picture.width().to_le_bytes(), picture.height().to_le_bytes());
        let sights = self.ask(request(FRAME, &[&width, &height, picture.pixels()]))?;
        match <[Sight; 1]>::try_from(sights) {
            Ok([sight]) => Ok(sight),
            Err(_) => Err(self.replace(EyeError::Garbled)),
        }
    }

    /// Sends a request and waits for the reply within the budget.
    fn ask(&mut self, request: Vec<u8>) -> Result<Vec<Sight>, EyeError> {
        let begun = Instant::now();
        // A child that ended since the last job says nothing about this picture.
        let idle = self.worker.take().and_then(Worker::if_alive);
        let worker = match idle {
            Some(worker) => worker,
            None => Worker::start(&self.program, &self.arguments).map_err(EyeError::Start)?,
        };
        // Unless an honest reply arrives, the worker is dropped here and its child killed.
        let reply = worker.job(request, begun, self.budget)?;
        self.worker = Some(worker);
        reply.map_err(|reason| EyeError::Unreadable { reason })
    }

    /// Ends a child that cannot be trusted any more.
    fn replace(&mut self, error: EyeError) -> EyeError {
        self.worker = None;
        error
    }
}

impl std::fmt::Debug for Eye {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Eye");
        out.field("program", &self.program).field("budget", &self.budget);
        out.field("running", &self.worker.is_some()).finish()
    }
}

/// Puts a head before the parts of a body whose length was checked.
fn request(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let head = wire::head(kind, u32::try_from(length).unwrap_or(u32::MAX));
    let mut request = Vec::with_capacity(head.len() + length);
    request.extend(head);
    parts.iter().for_each(|part| request.extend_from_slice(part));
    request
}

/// Holds a running child and the thread that talks to it.
struct Worker {
    child: Child,
    requests: SyncSender<Vec<u8>>,
    replies: Receiver<io::Result<Reply>>,
}

impl Worker {
    /// Starts the child and its thread.
    fn start(program: &Path, arguments: &[OsString]) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (requests, jobs) = sync_channel(1);
        let (answers, replies) = sync_channel(1);
        // From here on dropping the worker kills the child, whatever fails.
        let worker = Self { child, requests, replies };
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        std::thread::Builder::new().name("eye".into()).spawn(move || talk(stdin, stdout, &jobs, &answers))?;
        Ok(worker)
    }

    /// Gives the worker back if its child is still running.
    fn if_alive(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    /// Hands a request to the thread and waits for its reply until the budget is used up.
    fn job(&self, request: Vec<u8>, begun: Instant, budget: Duration) -> Result<Reply, EyeError> {
        self.requests.send(request).map_err(|_| EyeError::Died)?;
        let left = budget.saturating_sub(begun.elapsed());
        match self.replies.recv_timeout(left) {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => Err(EyeError::Garbled),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(EyeError::Died),
            Err(RecvTimeoutError::Timeout) => Err(EyeError::Overrun { budget }),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only where the child has already ended and been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes each request and reads its reply until a pipe breaks or the worker is dropped.
fn talk(mut stdin: ChildStdin, stdout: ChildStdout, jobs: &Receiver<Vec<u8>>, answers: &SyncSender<io::Result<Reply>>) {
    let mut stdout = BufReader::new(stdout);
    for request in jobs {
        let reply = stdin.write_all(&request).and_then(|()| wire::read_reply(&mut stdout));
        let broken = reply.is_err();
        if answers.send(reply).is_err() || broken {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_is_too_large_is_not_sent() {
        let mut eye = Eye::new("/nowhere".into(), vec![], Duration::from_secs(1));
        let size = MAX_PICTURE_BYTES + 1;
        let error = eye.picture(&vec![0; size]).unwrap_err();
        assert!(matches!(error, EyeError::TooLarge { size: s, limit } if s == size && limit == size - 1));
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_of_its_own() {
        let mut eye = Eye::new("/nowhere/eye".into(), vec![], Duration::from_secs(1));
        assert!(matches!(eye.picture(b"x"), Err(EyeError::Start(_))));
    }

    #[test]
    fn errors_are_two_sentences() {
        let budget = Duration::from_millis(250);
        let text = EyeError::Overrun { budget }.to_string();
        assert!(text.starts_with("Reading the picture took longer than 250 ms and was stopped. "));
        let text = EyeError::Unreadable { reason: Reason::Damaged }.to_string();
        assert_eq!(text, "The picture cannot be read: it is damaged or incomplete. Copy, take or export it again.");
    }
}
