//! The parent's side: asks a child for looks, times it, and replaces it when it cannot be trusted.

use super::feed::Fault;
use super::wire::{self, Reply, Request, What};
use super::{Look, MAX_NOISE_FRAMES, Zoom};
use crate::spawn::Spawn;
use crate::worker::{Failure, Worker};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The shortest time between two starts of a child.
const BETWEEN_STARTS: Duration = Duration::from_millis(100);

/// The time after which a camera that is not there is tried again.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// What a child's first answer may take beyond its budget: opening a camera can take seconds.
const OPENING: Duration = Duration::from_secs(5);

/// Says why nothing was seen. The next call tries again, whatever it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CameraError {
    /// There is no such camera.
    #[error("there is no camera. Plug one in, or check its cable")]
    Absent,
    /// The camera was there and has gone.
    #[error("the camera was unplugged or switched itself off. Plug it in again")]
    Unplugged,
    /// The program may not use the camera.
    #[error("this program may not use the camera. Give its user access to the device")]
    Denied,
    /// Another program uses the camera.
    #[error("another program uses the camera. End it, or use another camera")]
    Busy,
    /// The camera gives nothing that is understood.
    #[error("this camera gives no pictures that can be read here. Use another, such as a USB camera with YUYV or MJPEG")]
    Unusable,
    /// The camera gives no frames any more.
    #[error("the camera gives no pictures any more. Unplug it and plug it in again")]
    Stalled,
    /// The camera's last frames were all damaged.
    #[error("the camera's pictures arrive damaged. Use another cable, another socket or another camera")]
    Damaged,
    /// The folder in the camera's place has no picture.
    #[error("the folder has no PNG or JPEG picture. Put one into it")]
    Empty,
    /// The pictures come from no sensor.
    #[error("pictures of a folder hold no noise. Use a camera")]
    Noiseless,
    /// The child could not confine itself and took no frame.
    #[error("the camera's process could not be confined, so it took no picture. Use the kernel of the appliance's own image")]
    Unconfined,
    /// No frame was read in the time that the caller gave; the child is still at it.
    #[error("no picture was read in the time given. Wait for the next")]
    Waiting,
    /// The child took longer than its budget and was killed.
    #[error("reading a picture took longer than {} ms and was stopped. Show the code alone, larger and sharper", budget.as_millis())]
    Overrun {
        /// The time that was allowed.
        budget: Duration,
    },
    /// The child ended instead of answering.
    #[error(
        "the camera's process ended while it looked at a picture. Show the code again, and distrust it if this happens again"
    )]
    Died,
    /// The child answered something that it never should.
    #[error("the camera's process gave an answer that makes no sense. Do not show this code again; find out who made it")]
    Garbled,
    /// The child could not be started.
    #[error("the camera's process could not be started. Check that the program is still where it was")]
    Start(#[source] io::Error),
}

impl From<Fault> for CameraError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Absent => Self::Absent,
            Fault::Denied => Self::Denied,
            Fault::Busy => Self::Busy,
            Fault::Unusable => Self::Unusable,
            Fault::Unconfined => Self::Unconfined,
            Fault::Unplugged => Self::Unplugged,
            Fault::Stalled => Self::Stalled,
            Fault::Damaged => Self::Damaged,
            Fault::Empty => Self::Empty,
            Fault::Noiseless => Self::Noiseless,
        }
    }
}

/// Looks through a camera, by a child process that it starts, times, kills and replaces.
///
/// It is used by one thread, which waits in [`Camera::look`]. The child is started by the first
/// look and ends when this is dropped.
pub struct Camera {
    spawner: Arc<dyn Spawn>,
    role: String,
    budget: Duration,
    zoom: Zoom,
    exposure: Option<i8>,
    worker: Option<Worker<Reply>>,
    /// What was asked and not answered yet, and when.
    asked: Option<(What, Instant)>,
    /// Whether the running child has answered before.
    is_open: bool,
    /// Why there is no child, and until when none is started.
    down: Option<(Fault, Instant)>,
    started: Option<Instant>,
}

impl Camera {
    /// Names who starts the child, its role (`camera=DEVICE` or `folder=FOLDER`), and the time for
    /// one frame from the question to the answer; starts nothing yet.
    ///
    /// A child's first answer may take five seconds more.
    pub fn new(spawner: Arc<dyn Spawn>, role: &str, budget: Duration) -> Self {
        let (zoom, role) = (Zoom::One, role.to_owned());
        Self { spawner, role, budget, zoom, exposure: None, worker: None, asked: None, is_open: false, down: None, started: None }
    }

    /// Sets how much of the frame is looked at from the next look on.
    pub fn zoom(&mut self, zoom: Zoom) {
        self.zoom = zoom;
    }

    /// Sets the exposure from the next look on, in half stops from the ordinary; `None` leaves it to
    /// the device. A step beyond what [`Look::exposure`] says is the last within, and where it says
    /// nothing this changes nothing.
    pub fn expose(&mut self, step: Option<i8>) {
        self.exposure = step;
    }

    /// Looks at the newest frame, and waits for it no longer than the timeout.
    ///
    /// A child that overruns its budget, dies or answers nonsense is replaced, at most once in a
    /// tenth of a second, and the look goes on. A camera that is not there is tried again once a second.
    ///
    /// # Errors
    /// See [`CameraError`]: what is wrong with the camera as soon as it is known, what the child did
    /// when the time was up, or [`CameraError::Waiting`]. The next call goes on in each case.
    pub fn look(&mut self, timeout: Duration) -> Result<Look, CameraError> {
        match self.ask(What::Look, deadline(timeout))? {
            Reply::Look(look) => Ok(*look),
            // What was answered is what was asked.
            Reply::Noise(_) | Reply::Fault(_) => Err(CameraError::Garbled),
        }
    }

    /// Gives a raw sample of the sensor's noise: the lowest bits of so many new frames, 1 to
    /// [`MAX_NOISE_FRAMES`], at most [`super::MAX_NOISE`] bytes in all.
    ///
    /// Nothing is said of how much entropy it holds: bits of neighbours depend on each other, a
    /// JPEG camera smooths most of them away, and a camera may lie. It is to be mixed, not trusted.
    /// It takes the budget for each frame, and opening.
    ///
    /// # Errors
    /// See [`CameraError`], as for [`Camera::look`].
    pub fn noise(&mut self, frames: u8) -> Result<Zeroizing<Vec<u8>>, CameraError> {
        let what = What::Noise(frames.clamp(1, MAX_NOISE_FRAMES));
        match self.ask(what, deadline(self.budget_for(what) + OPENING))? {
            Reply::Noise(noise) => Ok(noise),
            Reply::Look(_) | Reply::Fault(_) => Err(CameraError::Garbled),
        }
    }

    /// Asks until there is an answer, and replaces the child meanwhile where it must be.
    fn ask(&mut self, what: What, deadline: Instant) -> Result<Reply, CameraError> {
        let mut last = None;
        loop {
            let error = match self.attempt(what, deadline) {
                Ok(Some(reply)) => return Ok(reply),
                Ok(None) => continue,
                // What an earlier child did says more than that its replacement is not ready yet.
                Err(CameraError::Waiting) => return Err(last.unwrap_or(CameraError::Waiting)),
                Err(error) => error,
            };
            let goes_on = matches!(error, CameraError::Overrun { .. } | CameraError::Died | CameraError::Garbled);
            if !goes_on || Instant::now() >= deadline {
                return Err(error);
            }
            last = Some(error);
        }
    }

    /// Asks the child once, or waits for what was asked before; `None` for an answer to that.
    fn attempt(&mut self, what: What, deadline: Instant) -> Result<Option<Reply>, CameraError> {
        let worker = self.running(deadline)?;
        let (asked, since) = match self.asked.take() {
            Some(before) => before,
            None => {
                let request = Request { what, zoom: self.zoom, exposure: self.exposure };
                // A child that takes no request is found out by its reply.
                let _ = worker.send(Zeroizing::new(wire::request(&request).to_vec()));
                (what, Instant::now())
            }
        };
        let budget = self.budget_for(asked) + if self.is_open { Duration::ZERO } else { OPENING };
        let ends = since + budget;
        let reply = worker.reply(ends.min(deadline).saturating_duration_since(Instant::now()));
        if reply.as_ref().is_err_and(|failure| *failure == Failure::Late) && Instant::now() < ends {
            (self.worker, self.asked) = (Some(worker), Some((asked, since)));
            return Err(CameraError::Waiting);
        }
        // Unless an honest reply arrived, the worker is dropped here and its child killed.
        let reply = checked(reply, asked).map_err(|failure| match failure {
            Failure::Died => CameraError::Died,
            Failure::Garbled => CameraError::Garbled,
            Failure::Late => CameraError::Overrun { budget },
        })?;
        self.answered(worker, reply, asked == what)
    }

    /// Keeps the child for the next question, or notes why there is none.
    fn answered(&mut self, worker: Worker<Reply>, reply: Reply, is_wanted: bool) -> Result<Option<Reply>, CameraError> {
        match reply {
            Reply::Fault(fault) if fault.ends() => {
                self.down = Some((fault, Instant::now() + BETWEEN_TRIES));
                Err(fault.into())
            }
            reply => {
                (self.worker, self.is_open) = (Some(worker), true);
                match reply {
                    // What an earlier call gave up waiting for is no answer to this one.
                    _ if !is_wanted => Ok(None),
                    Reply::Fault(fault) => Err(fault.into()),
                    reply => Ok(Some(reply)),
                }
            }
        }
    }

    /// Takes the running child, or starts one as soon as that may be.
    fn running(&mut self, deadline: Instant) -> Result<Worker<Reply>, CameraError> {
        if let Some(worker) = self.worker.take() {
            return Ok(worker);
        }
        (self.asked, self.is_open) = (None, false);
        if let Some((fault, until)) = self.down {
            wait(until, deadline).map_err(|_| fault)?;
            self.down = None;
        }
        if let Some(started) = self.started {
            wait(started + BETWEEN_STARTS, deadline)?;
        }
        self.started = Some(Instant::now());
        Worker::start(&*self.spawner, &self.role, wire::read_reply).map_err(CameraError::Start)
    }

    fn budget_for(&self, what: What) -> Duration {
        match what {
            What::Look => self.budget,
            What::Noise(frames) => self.budget * u32::from(frames),
        }
    }
}

impl std::fmt::Debug for Camera {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Camera");
        out.field("role", &self.role).field("budget", &self.budget);
        out.field("running", &self.worker.is_some()).finish()
    }
}

/// Refuses an answer to another question.
fn checked(reply: Result<Reply, Failure>, asked: What) -> Result<Reply, Failure> {
    match (reply?, asked) {
        (reply @ Reply::Look(_), What::Look) | (reply @ Reply::Noise(_), What::Noise(_)) | (reply @ Reply::Fault(_), _) => {
            Ok(reply)
        }
        _ => Err(Failure::Garbled),
    }
}

/// Gives the time at which a wait is over; one beyond all clocks is an hour.
fn deadline(timeout: Duration) -> Instant {
    Instant::now() + timeout.min(Duration::from_secs(3600))
}

/// Sleeps until a time, or until the deadline where that is earlier.
fn wait(until: Instant, deadline: Instant) -> Result<(), CameraError> {
    std::thread::sleep(until.min(deadline).saturating_duration_since(Instant::now()));
    if until <= deadline { Ok(()) } else { Err(CameraError::Waiting) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use static_assertions::assert_impl_all;

    // It is moved to the thread that looks.
    assert_impl_all!(Camera: Send);

    #[test]
    fn errors_are_two_sentences() {
        let others = [
            CameraError::Waiting,
            CameraError::Overrun { budget: Duration::from_millis(400) },
            CameraError::Died,
            CameraError::Garbled,
            CameraError::Start(io::ErrorKind::NotFound.into()),
        ];
        for error in Fault::ALL.map(CameraError::from).into_iter().chain(others) {
            let text = error.to_string();
            let (first, second) = text.split_once(". ").unwrap();
            let sentences = first.starts_with(char::is_lowercase) && second.starts_with(char::is_uppercase);
            assert!(sentences && !second.ends_with('.'), "{text}");
        }
    }
}
