//! The parent's side: asks a child for looks, times it, and replaces it when it cannot be trusted.

use super::child::MOST_DAMAGED;
use super::feed::Fault;
use super::wire::{self, Reply, Request, What};
use super::{Look, MAX_NOISE_FRAMES, Zoom};
use crate::spawn::Spawn;
use crate::worker::{Failure, Worker};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The shortest time between two starts of a child, where the last two never answered. One that did
/// answer is replaced at once, and so is the first that does not.
const BETWEEN_STARTS: Duration = Duration::from_millis(100);

/// The time after which a camera that is not there is tried again.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// What a child may take until it says the first thing: opening a camera can take seconds.
const OPENING: Duration = Duration::from_secs(5);

/// What a frame may take to arrive: above the two seconds after which the child itself says that the
/// camera gives none.
const ARRIVAL: Duration = Duration::from_secs(3);

/// What each frame of a sample of noise may take to arrive, which is not told of each.
const PACE: Duration = Duration::from_millis(400);

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
    asked: Option<Asked>,
    /// Whether the running child has answered before.
    is_open: bool,
    /// Why there is no child, and until when none is started.
    down: Option<(Fault, Instant)>,
    started: Option<Instant>,
    /// How many children in a row were started and have not answered.
    mute: u32,
}

/// What was asked and not answered yet.
struct Asked {
    what: What,
    /// When it was asked, or when the frame arrived that is being read.
    since: Instant,
    /// How many frames have arrived.
    arrived: u32,
}

impl Camera {
    /// Names who starts the child, its role (`camera=DEVICE` or `folder=FOLDER`), and the time for
    /// one frame from its arrival to the answer; starts nothing yet.
    ///
    /// The child knows the budget too and gives a frame up a little before, with what it found. For a
    /// frame to arrive it has three seconds, and five more where the camera is still to be opened.
    pub fn new(spawner: Arc<dyn Spawn>, role: &str, budget: Duration) -> Self {
        let (zoom, role) = (Zoom::One, role.to_owned());
        Self {
            spawner,
            role,
            budget,
            zoom,
            exposure: None,
            worker: None,
            asked: None,
            is_open: false,
            down: None,
            started: None,
            mute: 0,
        }
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
    /// A child that overruns its budget, dies or answers nonsense is replaced at once, and the look goes
    /// on; where one after the other ends without an answer, one is started in a tenth of a second. A camera that is not there is tried again once a second.
    ///
    /// # Errors
    /// See [`CameraError`]: what is wrong with the camera as soon as it is known, what the child did
    /// when the time was up, or [`CameraError::Waiting`]. The next call goes on in each case.
    pub fn look(&mut self, timeout: Duration) -> Result<Look, CameraError> {
        match self.ask(What::Look, deadline(timeout))? {
            Reply::Look(look) => Ok(*look),
            // What was answered is what was asked.
            Reply::Noise(_) | Reply::Fault(_) | Reply::Arrived => Err(CameraError::Garbled),
        }
    }

    /// Gives a raw sample of the sensor's noise: the lowest bits of so many new frames, 1 to
    /// [`MAX_NOISE_FRAMES`], at most [`super::MAX_NOISE`] bytes in all.
    ///
    /// Nothing is said of how much entropy it holds: bits of neighbours depend on each other, a
    /// JPEG camera smooths most of them away, and a camera may lie. It is to be mixed, not trusted.
    /// It takes the budget for each frame and up to 400 ms for its arrival, and opening.
    ///
    /// # Errors
    /// See [`CameraError`], as for [`Camera::look`].
    pub fn noise(&mut self, frames: u8) -> Result<Zeroizing<Vec<u8>>, CameraError> {
        let what = What::Noise(frames.clamp(1, MAX_NOISE_FRAMES));
        match self.ask(what, deadline(self.patience(what) + OPENING))? {
            Reply::Noise(noise) => Ok(noise),
            Reply::Look(_) | Reply::Fault(_) | Reply::Arrived => Err(CameraError::Garbled),
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
        let mut asked = self.asked.take().unwrap_or_else(|| {
            let request = Request { what, zoom: self.zoom, exposure: self.exposure, budget: self.budget };
            // A child that takes no request is found out by its reply.
            let _ = worker.send(Zeroizing::new(wire::request(&request).to_vec()));
            Asked { what, since: Instant::now(), arrived: 0 }
        });
        let reply = loop {
            let budget = self.budget_for(&asked);
            let ends = asked.since + budget;
            let reply = worker.reply(ends.min(deadline).saturating_duration_since(Instant::now()));
            match checked(reply, &asked) {
                Ok(Reply::Arrived) => {
                    self.is_open = true;
                    asked = Asked { since: Instant::now(), arrived: asked.arrived + 1, ..asked };
                }
                Ok(reply) => break reply,
                Err(Failure::Late) if Instant::now() < ends => {
                    (self.worker, self.asked) = (Some(worker), Some(asked));
                    return Err(CameraError::Waiting);
                }
                // The worker is dropped here and its child killed.
                Err(Failure::Late) => return Err(CameraError::Overrun { budget }),
                Err(Failure::Died) => return Err(CameraError::Died),
                Err(Failure::Garbled) => return Err(CameraError::Garbled),
            }
        };
        self.answered(worker, reply, asked.what == what)
    }

    /// Keeps the child for the next question, or notes why there is none.
    fn answered(&mut self, worker: Worker<Reply>, reply: Reply, is_wanted: bool) -> Result<Option<Reply>, CameraError> {
        match reply {
            Reply::Fault(fault) if fault.ends() => {
                self.down = Some((fault, Instant::now() + BETWEEN_TRIES));
                Err(fault.into())
            }
            reply => {
                (self.worker, self.is_open, self.mute) = (Some(worker), true, 0);
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
        if let Some(started) = self.started.filter(|_| self.mute > 1) {
            wait(started + BETWEEN_STARTS, deadline)?;
        }
        (self.started, self.mute) = (Some(Instant::now()), self.mute.saturating_add(1));
        Worker::start(&*self.spawner, &self.role, wire::read_reply, Reply::is_last).map_err(CameraError::Start)
    }

    /// Gives what the child may take until it says the next thing.
    fn budget_for(&self, asked: &Asked) -> Duration {
        let opening = if self.is_open { Duration::ZERO } else { OPENING };
        match asked.arrived {
            0 => self.patience(asked.what) + opening,
            _ => self.budget,
        }
    }

    /// Gives what an open camera may take until something is said of a frame.
    fn patience(&self, what: What) -> Duration {
        match what {
            What::Look => ARRIVAL,
            What::Noise(frames) => (PACE + self.budget) * u32::from(frames),
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

/// Refuses an answer to another question, and more frames than are passed over.
fn checked(reply: Result<Reply, Failure>, asked: &Asked) -> Result<Reply, Failure> {
    match (reply?, asked.what) {
        (reply @ Reply::Look(_), What::Look) if asked.arrived > 0 => Ok(reply),
        (reply @ Reply::Arrived, What::Look) if asked.arrived < MOST_DAMAGED => Ok(reply),
        (reply @ Reply::Noise(_), What::Noise(_)) | (reply @ Reply::Fault(_), _) => Ok(reply),
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
