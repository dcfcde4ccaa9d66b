//! Lends the threads beside the screen's to the benchmark and to the tests that look at how they get on.

use crate::{
    camera::{Looker, Seen},
    front,
    rotation::Rotation,
    settings::Settings,
    worker::{self, Worker},
};
use cloison_appliance::{Hardware, Kiosk};
use cloison_ceremony::{Event, Screen};
use cloison_eye::{camera::Camera, spawn::Spawn};
use cloison_protocol::Language;
use cloison_screens::{Fate, Hint, Looking, Pace, Ui, UiError};
use std::{
    io,
    ops::ControlFlow,
    path::PathBuf,
    sync::{Arc, mpsc::channel},
    time::{Duration, Instant},
};

/// Connects a screen with a kiosk in a thread of its own; nothing looks through a camera.
///
/// # Errors
/// No thread can be started.
pub fn connect<H: Hardware + Send + 'static>(ui: &Ui, kiosk: Kiosk<H>, data: PathBuf) -> io::Result<Asks> {
    let (asks, asked) = channel();
    let (courier, looker) = (ui.courier(), Looker::default());
    let settings = Settings {
        language: Language::English,
        pace: Pace::default(),
        looking: Looking::default(),
        rotation: Rotation::default(),
        light: 0,
    };
    front::open(ui, asks.clone(), settings, data, None);
    let work = move || worker::run(kiosk, &asked, &courier, &looker, Language::English);
    std::thread::Builder::new().name("session".into()).spawn(work)?;
    Ok(Asks(asks))
}

/// Asks the session's thread, as the camera's does.
#[derive(Clone)]
pub struct Asks(std::sync::mpsc::Sender<worker::Ask>);

impl Asks {
    /// Hands over a code, and waits until it was heard.
    pub fn seen(&self, code: Vec<u8>) {
        let (answer, answered) = channel();
        let _ = self.0.send(worker::Ask::Seen(code.into(), answer));
        let _ = answered.recv();
    }
}

/// Does what the camera's thread and the session's do, a look at a time and at a given time.
pub struct Looks<H> {
    camera: Camera,
    seen: Seen,
    worker: Worker<H>,
}

/// What one look came to.
pub struct Looked {
    /// What came of the last frames, the newest last.
    pub fates: Vec<Fate>,
    /// What would help the camera.
    pub hint: Option<Hint>,
}

impl<H: Hardware> Looks<H> {
    /// Names the kiosk, and the camera's process, which is started by the first look.
    pub fn new(kiosk: Kiosk<H>, language: Language, spawner: Arc<dyn Spawn>, role: &str, budget: Duration) -> Self {
        let camera = Camera::new(spawner, role, budget);
        Self { camera, seen: Seen::default(), worker: Worker::new(kiosk, language) }
    }

    /// Gives the session's screen.
    #[must_use]
    pub fn screen(&self) -> Screen {
        self.worker.snapshot().screen().clone()
    }

    /// Touches something.
    ///
    /// # Errors
    /// What comes of it cannot be drawn.
    pub fn touch(&mut self, ui: &Ui, event: Event) -> Result<(), UiError> {
        self.worker.handle(event);
        ui.show(&self.worker.snapshot())
    }

    /// Looks once, waiting for a frame this long, and shows what came of it; nothing came of a look that
    /// gives nothing to show.
    ///
    /// # Errors
    /// What comes of it cannot be drawn.
    pub fn look(&mut self, ui: &Ui, timeout: Duration, now: Instant) -> Result<Option<Looked>, UiError> {
        let look = self.camera.look(timeout);
        let (seen, worker) = (&mut self.seen, &mut self.worker);
        let taken = seen.take(look, now, |code| Some(worker.seen(code)));
        ui.show(&self.worker.snapshot())?;
        let ControlFlow::Continue(Some(sight)) = taken else { return Ok(None) };
        ui.sight(&sight.lend());
        Ok(Some(Looked { fates: sight.fates, hint: sight.hint }))
    }
}
