//! The parent's side: starts the child, sends it one job at a time, and outlives whatever it does.
//!
//! Writing to and reading from the child happen in a thread ([`crate::worker`]), because either can
//! block for ever on a child that hangs. The caller waits for that thread no longer than the
//! budget; then the child is killed, its pipes break, and the thread ends. It does not look at
//! pictures itself, not even at their first bytes.

use crate::spawn::Spawn;
use crate::wire::{self, FRAME, MAX_PICTURE_BYTES, MAX_REPLY_BYTES, PICTURE, Reason, Reply};
use crate::worker::{Failure, Worker};
use crate::{Sight, budget};
use cloison_optics::Luma;
use cloison_optics::picture::MAX_FRAMES;
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
    /// Names who starts the child, its role (usually `eye`), and the time for each frame; starts
    /// nothing yet.
    ///
    /// The child runs without any environment variable. The budget covers everything for a frame and
    /// for the first one of a picture file: starting the child if need be, sending, decoding, reading,
    /// answering. Each further frame of an animation has as much again, and all of them together two
    /// minutes. The child knows the budget too and gives a frame up a little before, with what it found.
    pub fn new(spawner: Arc<dyn Spawn>, role: &str, budget: Duration) -> Self {
        Self { spawner, role: role.to_owned(), budget, worker: None }
    }

    /// Reads a PNG, JPEG or GIF and gives what was seen in each frame.
    ///
    /// Where a later frame of an animation overruns or ends the child, the rest is not looked at: what
    /// was seen before is given, and after it a sight that is unfinished and empty.
    ///
    /// # Errors
    /// See [`EyeError`]; the next call works again.
    pub fn picture(&mut self, bytes: &[u8]) -> Result<Vec<Sight>, EyeError> {
        let (size, limit) = (bytes.len(), MAX_PICTURE_BYTES);
        if size > limit {
            return Err(EyeError::TooLarge { size, limit });
        }
        self.ask(PICTURE, &[bytes], MAX_FRAMES)
    }

    /// Reads one grey camera frame.
    ///
    /// # Errors
    /// See [`EyeError`]; the next call works again.
    pub fn frame(&mut self, picture: &Luma) -> Result<Sight, EyeError> {
        let (width, height) = (picture.width().to_le_bytes(), picture.height().to_le_bytes());
        let sights = self.ask(FRAME, &[&width, &height, picture.pixels()], 1)?;
        match <[Sight; 1]>::try_from(sights) {
            Ok([sight]) => Ok(sight),
            Err(_) => Err(self.replace(EyeError::Garbled)),
        }
    }

    /// Sends a request and waits for its replies within the budget of each frame.
    fn ask(&mut self, kind: u8, body: &[&[u8]], most: usize) -> Result<Vec<Sight>, EyeError> {
        let begun = Instant::now();
        // A child that ended since the last job says nothing about this picture.
        let idle = self.worker.take().and_then(Worker::if_alive);
        let worker = match idle {
            Some(worker) => worker,
            None => Worker::start(&*self.spawner, &self.role, wire::read_reply, Reply::is_last).map_err(EyeError::Start)?,
        };
        let request = request(kind, self.budget.saturating_sub(begun.elapsed()), body);
        // Unless an honest last reply arrives, the worker is dropped here and its child killed.
        worker.send(Zeroizing::new(request)).map_err(|failure| self.named(failure))?;
        let (seen, last) = self.collect(&worker, begun, most)?;
        // An honest last reply: it is kept for the next job.
        self.worker = last.is_some().then_some(worker);
        match last {
            Some(Reply::Refused(reason)) => Err(EyeError::Unreadable { reason }),
            Some(_) => Ok(seen.sights),
            None => Ok(seen.and_unfinished()),
        }
    }

    /// Waits for all replies to a request and gives the last; `None` where the rest of an animation is
    /// given up.
    fn collect(&self, worker: &Worker<Reply>, begun: Instant, most: usize) -> Result<(Seen, Option<Reply>), EyeError> {
        let (mut seen, mut since) = (Seen::default(), begun);
        loop {
            let ends = (since + self.budget).min(begun + budget::FILE_BUDGET.max(self.budget));
            match worker.reply(ends.saturating_duration_since(Instant::now())) {
                Ok(Reply::Seen(sight)) => {
                    seen.take(sight, most).ok_or(EyeError::Garbled)?;
                    since = Instant::now();
                }
                Ok(last) => return Ok((seen, Some(last))),
                Err(Failure::Late | Failure::Died) if most > 1 && !seen.sights.is_empty() => return Ok((seen, None)),
                Err(failure) => return Err(self.named(failure)),
            }
        }
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

/// Holds what was seen of one picture so far.
#[derive(Default)]
struct Seen {
    sights: Vec<Sight>,
    bytes: usize,
}

impl Seen {
    /// Takes what was seen in the next frame; `None` for more frames or bytes than there can be.
    fn take(&mut self, sight: Sight, most: usize) -> Option<()> {
        self.bytes += sight.symbols.iter().map(Vec::len).sum::<usize>();
        self.sights.push(sight);
        (self.sights.len() <= most && self.bytes <= MAX_REPLY_BYTES).then_some(())
    }

    /// Gives what was seen before a frame that was not finished, and that there was one.
    fn and_unfinished(mut self) -> Vec<Sight> {
        self.sights.push(Sight { unfinished: true, ..Sight::default() });
        self.sights
    }
}

/// Puts a head before the parts of a body whose length was checked.
fn request(kind: u8, budget: Duration, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let head = wire::head(kind, budget, u32::try_from(length).unwrap_or(u32::MAX));
    let mut request = Vec::with_capacity(head.len() + length);
    request.extend(head);
    parts.iter().for_each(|part| request.extend_from_slice(part));
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spawn::Direct;
    use cloison_optics::{MAX_SYMBOL_BYTES, MAX_SYMBOLS};

    #[test]
    fn a_picture_that_is_too_large_is_not_sent() {
        let mut eye = Eye::new(Arc::new(Direct::new("/nowhere")), "eye", Duration::from_secs(1));
        let size = MAX_PICTURE_BYTES + 1;
        let error = eye.picture(&vec![0; size]).unwrap_err();
        assert!(matches!(error, EyeError::TooLarge { size: s, limit } if s == size && limit == size - 1));
    }

    #[test]
    fn more_frames_or_bytes_than_there_can_be_are_not_taken() {
        let mut seen = Seen::default();
        let all = [1, 2, 3].map(|_| seen.take(Sight::default(), 2));
        assert_eq!(all, [Some(()), Some(()), None]);
        let full = Sight { symbols: vec![vec![7; MAX_SYMBOL_BYTES]; MAX_SYMBOLS], ..Sight::default() };
        let mut seen = Seen::default();
        let most = MAX_REPLY_BYTES / (MAX_SYMBOL_BYTES * MAX_SYMBOLS);
        assert!((0..most).all(|_| seen.take(full.clone(), MAX_FRAMES).is_some()));
        assert_eq!(seen.take(full, MAX_FRAMES), None);
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
