//! The parent's side: starts a viewer for one record, times it, and checks what it answers.
//!
//! Writing to and reading from the child happen in a thread, because either can block for ever on
//! a child that hangs. The caller waits for that thread no longer than the budget; then the child
//! is killed, its pipes break, and the thread ends. It does not look at the content itself, not
//! even at its first bytes.

use super::wire::{self, Refusal, Room};
use super::{Content, Kind, Limits, MAX_CONTENT, Reason};
use crate::spawn::{Running, Spawn};
use std::fs::File;
use std::io::{self, Write};
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Says why a record is not shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The record is above the limit and was given to no viewer.
    #[error("the record has {size} bytes and at most {limit} are shown. Have it decrypted on a workstation instead")]
    TooLarge {
        /// The bytes given.
        size: usize,
        /// The bytes allowed.
        limit: usize,
    },
    /// The record is of a kind that is not shown.
    #[error(
        "the record is {kind}, which is not shown here. Have it decrypted on a workstation, or encrypted as text, JSON, PNG or JPEG"
    )]
    Unsupported {
        /// What it is.
        kind: Kind,
    },
    /// The record is of a kind that is shown, and cannot be.
    #[error("the record cannot be shown: {reason}. {}", reason.advice())]
    Unshowable {
        /// What is wrong with it.
        reason: Reason,
    },
    /// The viewer could not confine itself and looked at nothing.
    #[error("the viewer could not be confined, so it did not look at the record. Use the kernel of the appliance's own image")]
    Unconfined,
    /// The viewer took longer than its budget and was killed.
    #[error(
        "showing the record took longer than {} ms and was stopped. Ask whoever encrypted it for a smaller or simpler one",
        budget.as_millis()
    )]
    Overrun {
        /// The time that was allowed.
        budget: Duration,
    },
    /// The viewer needed more memory than it may have.
    #[error(
        "showing the record takes more memory than the viewer may have. Ask whoever encrypted it for a smaller or simpler one"
    )]
    OutOfMemory,
    /// The viewer called for what it may not do, as no decoder does that is not taken over.
    #[error(
        "the record made the viewer try what it may not do, and it was ended. Do not open it elsewhere; find out who made it"
    )]
    Forbidden,
    /// The viewer ended instead of answering.
    #[error("the viewer ended while it looked at the record. Try again, and distrust the record if it happens again")]
    Died,
    /// The viewer answered something that it never should.
    #[error("the viewer gave an answer that makes no sense. Do not open the record elsewhere; find out who made it")]
    Garbled,
    /// The viewer could not be started.
    #[error("the viewer could not be started. Check that the program is still where it was")]
    Start(#[source] io::Error),
}

/// Shows a record's content through a process started for it alone.
///
/// The role, usually `view`, makes the program that is started call [`super::serve`]. It runs
/// without any environment variable, in `/`, with two pipes, and with no other file that Rust
/// opened. A file that the process that starts it was itself started with is not closed; to a
/// confined viewer it is of no use. The child ends with the thread that started it, if not before.
///
/// # Errors
/// See [`ViewError`]; in each case the child has ended.
pub fn show(spawner: &dyn Spawn, role: &str, content: &[u8], limits: &Limits) -> Result<Content, ViewError> {
    let (size, limit) = (content.len(), MAX_CONTENT);
    if size > limit {
        return Err(ViewError::TooLarge { size, limit });
    }
    let begun = Instant::now();
    let room = Room::from(limits);
    let Running { stdin, stdout, mut child } = spawner.spawn(role).map_err(ViewError::Start)?;
    let answers = ask(stdin, stdout, wire::request(room, content)).map_err(ViewError::Start)?;
    let answer = match answers.recv_timeout(limits.budget.saturating_sub(begun.elapsed())) {
        Ok(Ok(answer)) => wire::parsed(&answer, room).ok_or(ViewError::Garbled)?,
        Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => return Err(ViewError::Garbled),
        Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(why_it_ended(child.end(), limits.budget)),
        Err(RecvTimeoutError::Timeout) => return Err(ViewError::Overrun { budget: limits.budget }),
    };
    answer.map_err(|refusal| match refusal {
        Refusal::Unconfined => ViewError::Unconfined,
        Refusal::Unsupported(kind) => ViewError::Unsupported { kind },
        Refusal::Unshowable(reason) => ViewError::Unshowable { reason },
    })
}

/// What an answer's arrival is announced by.
type Answers = Receiver<io::Result<Zeroizing<Vec<u8>>>>;

/// Starts the thread that sends the request and reads the answer.
fn ask(mut stdin: File, mut stdout: File, request: Zeroizing<Vec<u8>>) -> io::Result<Answers> {
    let (answers, answered) = sync_channel(1);
    let talk = move || {
        // A child that refuses may end before it has read everything, and has answered then.
        let _ = stdin.write_all(&request);
        drop((stdin, request));
        // Nobody listens any more where the budget is used up.
        let _ = answers.send(wire::read_answer(&mut stdout));
    };
    std::thread::Builder::new().name("viewer".into()).spawn(talk)?;
    Ok(answered)
}

/// Names the end of a child that did not answer by the signal that ended it.
#[cfg(target_os = "linux")]
fn why_it_ended(status: Option<ExitStatus>, budget: Duration) -> ViewError {
    use std::os::unix::process::ExitStatusExt;
    match status.and_then(|status| status.signal()) {
        // A Rust program aborts where it gets no memory, and a viewer for hardly anything else.
        Some(libc::SIGABRT) => ViewError::OutOfMemory,
        Some(libc::SIGSYS) => ViewError::Forbidden,
        Some(libc::SIGXCPU) => ViewError::Overrun { budget },
        _ => ViewError::Died,
    }
}

/// Names the end of a child that did not answer.
#[cfg(not(target_os = "linux"))]
fn why_it_ended(_: Option<ExitStatus>, _: Duration) -> ViewError {
    ViewError::Died
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spawn::Direct;

    #[test]
    fn a_record_that_is_too_large_is_given_to_no_viewer() {
        let error = show(&Direct::new("/nowhere"), "view", &vec![b'a'; MAX_CONTENT + 1], &Limits::default()).err();
        assert!(matches!(error, Some(ViewError::TooLarge { size: 0x10_0001, limit: 0x10_0000 })), "{error:?}");
        let error = show(&Direct::new("/nowhere"), "view", &vec![b'a'; MAX_CONTENT], &Limits::default()).err();
        assert!(matches!(error, Some(ViewError::Start(_))), "{error:?}");
    }

    #[test]
    fn errors_are_two_sentences() {
        let errors = [
            ViewError::TooLarge { size: 2, limit: 1 },
            ViewError::Unsupported { kind: Kind::Pdf },
            ViewError::Unshowable { reason: Reason::Moving },
            ViewError::Overrun { budget: Duration::from_secs(5) },
            ViewError::Forbidden,
        ];
        for error in errors {
            let text = error.to_string();
            let (first, second) = text.split_once(". ").unwrap();
            assert!(
                first.starts_with(char::is_lowercase) && second.starts_with(char::is_uppercase) && !second.ends_with('.'),
                "{text}"
            );
        }
        let text = ViewError::Unsupported { kind: Kind::Pdf }.to_string();
        assert!(text.starts_with("the record is a PDF document, which is not shown here. Have it "), "{text}");
    }
}
