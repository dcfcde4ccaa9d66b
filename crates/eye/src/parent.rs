//! The parent's side: starts the child, sends it one job at a time, and outlives whatever it does.
//!
//! Writing to and reading from the child happen in a thread ([`crate::worker`]), because either can
//! block for ever on a child that hangs. The caller waits for that thread no longer than the
//! budget; then the child is killed, its pipes break, and the thread ends. It does not look at
//! pictures itself, not even at their first bytes.

use crate::Sight;
use crate::spawn::Spawn;
use crate::wire::{self, FRAME, MAX_PICTURE_BYTES, PICTURE, Reason, Reply};
use crate::worker::{Failure, Worker};
use cloison_optics::Luma;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

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
    spawner: Arc<dyn Spawn>,
    role: String,
    budget: Duration,
    worker: Option<Worker<Reply>>,
}

impl Eye {
    /// Names who starts the child, its role (usually `eye`), and the time for each job; starts
    /// nothing yet.
    ///
    /// The child runs without any environment variable. The budget covers everything: starting it
    /// if need be, sending, decoding, reading all frames of the picture, answering.
    pub fn new(spawner: Arc<dyn Spawn>, role: &str, budget: Duration) -> Self {
        Self { spawner, role: role.to_owned(), budget, worker: None }
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
            None => Worker::start(&*self.spawner, &self.role, wire::read_reply).map_err(EyeError::Start)?,
        };
        // Unless an honest reply arrives, the worker is dropped here and its child killed.
        let sent = worker.send(Zeroizing::new(request));
        let reply = sent.and_then(|()| worker.reply(self.budget.saturating_sub(begun.elapsed())));
        let reply = reply.map_err(|failure| self.named(failure))?;
        self.worker = Some(worker);
        reply.map_err(|reason| EyeError::Unreadable { reason })
    }

    /// Names why there was no reply.
    fn named(&self, failure: Failure) -> EyeError {
        match failure {
            Failure::Died => EyeError::Died,
            Failure::Garbled => EyeError::Garbled,
            Failure::Late => EyeError::Overrun { budget: self.budget },
        }
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
        out.field("role", &self.role).field("budget", &self.budget);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spawn::Direct;

    #[test]
    fn a_picture_that_is_too_large_is_not_sent() {
        let mut eye = Eye::new(Arc::new(Direct::new("/nowhere")), "eye", Duration::from_secs(1));
        let size = MAX_PICTURE_BYTES + 1;
        let error = eye.picture(&vec![0; size]).unwrap_err();
        assert!(matches!(error, EyeError::TooLarge { size: s, limit } if s == size && limit == size - 1));
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_of_its_own() {
        let mut eye = Eye::new(Arc::new(Direct::new("/nowhere/eye")), "eye", Duration::from_secs(1));
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
