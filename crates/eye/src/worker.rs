//! A running child and the thread that talks to it, for the parents that ask more than once.
//!
//! Writing to and reading from the child happen in a thread of their own, because either can block
//! for ever on a child that hangs. The caller waits for that thread no longer than it likes; then
//! it drops the worker, the child is killed, its pipes break, and the thread ends.

use crate::spawn::{Child, Running, Spawn};
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;
use zeroize::Zeroizing;

/// Reads one reply from the child.
pub(crate) type Read<R> = fn(&mut BufReader<File>) -> io::Result<R>;

/// Tells whether a reply is the last to its request.
pub(crate) type IsLast<R> = fn(&R) -> bool;

/// Says why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The child ended.
    Died,
    /// It answered what it never should.
    Garbled,
    /// It has not answered yet.
    Late,
}

/// Holds a running child, which ends when this is dropped.
pub(crate) struct Worker<R> {
    child: Box<dyn Child>,
    requests: SyncSender<Zeroizing<Vec<u8>>>,
    replies: Receiver<io::Result<R>>,
}

impl<R: Send + 'static> Worker<R> {
    /// Starts the child and its thread.
    pub(crate) fn start(spawner: &dyn Spawn, role: &str, read: Read<R>, is_last: IsLast<R>) -> io::Result<Self> {
        // From here on dropping the child kills it, whatever fails.
        let Running { stdin, stdout, child } = spawner.spawn(role)?;
        let (requests, jobs) = sync_channel(1);
        let (answers, replies) = sync_channel(1);
        let name = role.split('=').next().unwrap_or_default();
        // A longer name would not be taken, and a script in a role's place is not a name.
        let name = name.chars().filter(char::is_ascii_alphanumeric).take(15).collect();
        std::thread::Builder::new().name(name).spawn(move || talk(stdin, stdout, &jobs, &answers, (read, is_last)))?;
        Ok(Self { child, requests, replies })
    }

    /// Gives the worker back if its child is still running.
    pub(crate) fn if_alive(mut self) -> Option<Self> {
        self.child.is_running().then_some(self)
    }

    /// Hands a request to the thread; the last reply to the one before has been waited for.
    pub(crate) fn send(&self, request: Zeroizing<Vec<u8>>) -> Result<(), Failure> {
        self.requests.send(request).map_err(|_| Failure::Died)
    }

    /// Waits for the next reply.
    pub(crate) fn reply(&self, longest: Duration) -> Result<R, Failure> {
        match self.replies.recv_timeout(longest) {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => Err(Failure::Garbled),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(Failure::Died),
            Err(RecvTimeoutError::Timeout) => Err(Failure::Late),
        }
    }
}

/// Writes each request and reads its replies until a pipe breaks or the worker is dropped.
fn talk<R>(
    mut stdin: File,
    stdout: File,
    jobs: &Receiver<Zeroizing<Vec<u8>>>,
    answers: &SyncSender<io::Result<R>>,
    (read, is_last): (Read<R>, IsLast<R>),
) {
    let mut stdout = BufReader::new(stdout);
    for request in jobs {
        let written = stdin.write_all(&request);
        drop(request);
        if let Err(error) = written {
            let _ = answers.send(Err(error));
            return;
        }
        loop {
            let reply = read(&mut stdout);
            let (broken, over) = (reply.is_err(), reply.as_ref().is_ok_and(is_last));
            if answers.send(reply).is_err() || broken {
                return;
            }
            if over {
                break;
            }
        }
    }
}
