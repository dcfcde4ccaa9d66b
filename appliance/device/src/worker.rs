//! The session's own thread: everything slow happens here, while the screen goes on being served.

use crate::{camera::Looker, front};
use cloison_appliance::{Hardware, Kiosk};
use cloison_ceremony::{Event, Screen, View};
use cloison_protocol::{Language, Progress};
use cloison_screens::{Courier, Fate, Snapshot};
use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// How often an open vault looks at the clock, and the watch at the machine.
const TICK: Duration = Duration::from_secs(1);

/// What the session's thread is asked.
pub(crate) enum Ask {
    /// Something was touched; the number counts what was, from 1.
    Touched(u64, Event),
    /// The camera read a code; what came of it is answered.
    Seen(Zeroizing<Vec<u8>>, Sender<Outcome>),
    /// The screen speaks this language from now on.
    Speak(Language),
    /// Somebody wants to know that this thread is not at work; it looks at the machine, and answers.
    Look(Sender<()>),
}

/// What came of a code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) fate: Fate,
    pub(crate) progress: Option<Progress>,
}

/// Serves what is asked until nobody asks any more.
pub(crate) fn run<H: Hardware>(kiosk: Kiosk<H>, asks: &Receiver<Ask>, courier: &Courier, looker: &Looker, language: Language) {
    let mut worker = Worker::new(kiosk, language);
    worker.show(courier, looker);
    let mut ticked = Instant::now();
    loop {
        match asks.recv_timeout(TICK.saturating_sub(ticked.elapsed())) {
            Ok(ask) => worker.take(ask),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if ticked.elapsed() >= TICK {
            worker.kiosk.tick();
            ticked = Instant::now();
        }
        worker.show(courier, looker);
    }
}

pub(crate) struct Worker<H> {
    kiosk: Kiosk<H>,
    heard: u64,
    language: Language,
}

impl<H: Hardware> Worker<H> {
    pub(crate) fn new(kiosk: Kiosk<H>, language: Language) -> Self {
        Self { kiosk, heard: 0, language }
    }

    fn take(&mut self, ask: Ask) {
        match ask {
            Ask::Touched(number, event) => {
                self.heard = number;
                self.handle(event);
            }
            Ask::Seen(code, answer) => {
                let outcome = self.seen(code);
                let _ = answer.send(outcome);
            }
            Ask::Speak(language) => self.language = language,
            Ask::Look(answer) => {
                self.kiosk.tick();
                let _ = answer.send(());
            }
        }
    }

    pub(crate) fn handle(&mut self, event: Event) {
        self.kiosk.handle(event);
    }

    /// Hands a code over, and tells what came of it.
    pub(crate) fn seen(&mut self, mut code: Zeroizing<Vec<u8>>) -> Outcome {
        let before = self.kiosk.screen();
        if !before.camera {
            return Outcome { fate: Fate::Again, progress: None };
        }
        self.handle(Event::Code(std::mem::take(&mut *code)));
        let after = self.kiosk.screen();
        Outcome { fate: fate(&before, &after), progress: progress(&after) }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.kiosk, self.language)
    }

    fn show(&self, courier: &Courier, looker: &Looker) {
        let snapshot = self.snapshot();
        looker.look(snapshot.screen().camera && self.kiosk.ended().is_none());
        let (heard, ended) = (self.heard, self.kiosk.ended());
        courier.bring(move |ui| front::show(ui, snapshot, heard, ended));
    }
}

/// How far the message is that a screen reads.
fn progress(screen: &Screen) -> Option<Progress> {
    match &screen.view {
        View::Scan { progress, .. } => *progress,
        _ => None,
    }
}

/// Tells what came of a code by what changed.
fn fate(before: &Screen, after: &Screen) -> Fate {
    if after.notice.is_some() && stays(&before.view, &after.view) {
        return Fate::Wrong;
    }
    if after.view == before.view { Fate::Again } else { Fate::New }
}

/// Tells whether a screen still waits for the same; how far it was may be given up with what is refused.
fn stays(before: &View, after: &View) -> bool {
    match (before, after) {
        (View::Scan { expected: before, .. }, View::Scan { expected: after, .. }) => before == after,
        _ => before == after,
    }
}
