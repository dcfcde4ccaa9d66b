//! The screen's own thread: what is touched goes to the session's, and what that shows is drawn.

use crate::{
    busy::Busy,
    camera::Looker,
    kiosk::{OFF, SEALED},
    panel::{self, Panel},
    rotation::Rotation,
    settings::Settings,
    worker::Ask,
};
use cloison_ceremony::{Button, Ended, Event};
use cloison_screens::{Courier, Snapshot, Ui};
use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    rc::Rc,
    sync::mpsc::Sender,
    time::{Duration, Instant},
};

/// How long it is read that a kiosk ends as its people asked, and how long why it ends by itself.
const FAREWELL: Duration = Duration::from_millis(2500);
const EXPLANATION: Duration = Duration::from_secs(12);
/// How often it is looked whether the session's thread is at work.
const PULSE: Duration = Duration::from_millis(100);

/// What the screen's thread keeps.
struct Front {
    asks: Sender<Ask>,
    busy: RefCell<Busy>,
    settings: Cell<Settings>,
    data: PathBuf,
    looker: RefCell<Option<Looker>>,
    ending: Cell<Option<Instant>>,
    status: Cell<Option<u8>>,
}

thread_local! {
    static FRONT: RefCell<Option<Rc<Front>>> = const { RefCell::new(None) };
}

fn front() -> Option<Rc<Front>> {
    FRONT.with(|front| front.borrow().clone())
}

/// Connects a screen with the session's thread; `panel` is a device's own.
pub(crate) fn open(ui: &Ui, asks: Sender<Ask>, settings: Settings, data: PathBuf, panel: Option<Panel>) {
    let front = Rc::new(Front {
        asks,
        busy: RefCell::default(),
        settings: Cell::new(settings),
        data,
        looker: RefCell::default(),
        ending: Cell::default(),
        status: Cell::default(),
    });
    FRONT.with(|here| *here.borrow_mut() = Some(front.clone()));
    ui.adjust(settings.pace, settings.looking);
    let touched = front.clone();
    ui.listen(move |event| touched.touched(event));
    let spoken = front.clone();
    ui.listen_for_language(move |language| {
        let _ = spoken.remember(Settings { language, ..spoken.settings.get() });
        let _ = spoken.asks.send(Ask::Speak(language));
    });
    let changed = front.clone();
    ui.listen_for_changes(move |pace, looking| {
        let _ = changed.remember(Settings { pace, looking, ..changed.settings.get() });
        if let Some(looker) = &*changed.looker.borrow() {
            looker.change(looking);
        }
    });
    let off = front.clone();
    let (courier, last) = (ui.courier(), front.clone());
    ui.listen_for_off(move || {
        off.status.set(Some(OFF));
        courier.end();
    });
    ui.every(Ui::frame_interval, |ui| {
        if ui.is_moving() {
            // A code that cannot be drawn was refused when it was shown.
            let _ = ui.next_frame();
        }
    });
    if let Some(panel) = &panel {
        listen_for_panel(ui, &front, panel.is_lit());
    }
    let courier = ui.courier();
    ui.every(
        |_| PULSE,
        move |ui| {
            ui.fit();
            ui.busy(last.busy.borrow().since());
            if let Some(panel) = &panel {
                panel.follow(ui, last.settings.get().light);
                last.right(ui, &courier);
            }
            if last.ending.get().is_some_and(|until| Instant::now() >= until) {
                last.status.set(Some(SEALED));
                courier.end();
            }
        },
    );
}

/// Has the panel turned, and lit, as is asked on the first screen.
fn listen_for_panel(ui: &Ui, front: &Rc<Front>, is_lit: bool) {
    let (turned, courier, here) = (front.clone(), ui.courier(), ui.clone());
    ui.turns(true);
    ui.listen_for_turn(move || {
        let rotation = turned.settings.get().rotation.next(here.is_wide().unwrap_or(true));
        turned.turn(rotation, &courier);
    });
    let lit = front.clone();
    if is_lit {
        ui.listen_for_light(move || {
            let _ = lit.remember(Settings { light: panel::next(lit.settings.get().light), ..lit.settings.get() });
        });
    }
}

/// Names what looks through the camera, which follows the zoom and the exposure chosen.
pub(crate) fn looks_with(looker: Looker) {
    if let Some(front) = front() {
        looker.change(front.settings.get().looking);
        *front.looker.borrow_mut() = Some(looker);
    }
}

/// Gives the status with which the process is to end; none where its window was closed.
pub(crate) fn status() -> Option<u8> {
    front()?.status.get()
}

/// Shows what the session showed after `heard` touches; what came before the last touch is passed
/// over, since letters that were typed meanwhile would go.
pub(crate) fn show(ui: &Ui, snapshot: Snapshot, heard: u64, ended: Option<Ended>) {
    let Some(front) = front() else { return };
    if let Some(ended) = ended.filter(|_| front.ending.get().is_none()) {
        front.ending.set(Some(Instant::now() + farewell(ended)));
    }
    if !front.busy.borrow_mut().heard(heard) {
        return;
    }
    if let Err(error) = ui.show(&snapshot) {
        eprintln!("cloison-appliance: {error}.");
    }
}

fn farewell(ended: Ended) -> Duration {
    match ended {
        // What comes next was said on the screen before.
        Ended::Created | Ended::Drilled | Ended::Restored => Duration::ZERO,
        Ended::Sealed => FAREWELL,
        _ => EXPLANATION,
    }
}

impl Front {
    fn touched(&self, event: Event) {
        let mut busy = self.busy.borrow_mut();
        // A second touch is for a screen that is not there yet. Sealing is for every screen.
        if busy.is_deaf() && matches!(&event, Event::Press(button) if *button != Button::Seal) {
            return;
        }
        let number = busy.sent(matches!(event, Event::Press(_)));
        let _ = self.asks.send(Ask::Touched(number, event));
    }

    /// Puts up a picture that lies on its side, as it does on a panel that is made to stand.
    fn right(&self, ui: &Ui, courier: &Courier) {
        let righted = self.settings.get().rotation.righted();
        if let (Some(false), Some(rotation), None) = (ui.is_wide(), righted, self.status.get()) {
            self.turn(rotation, courier);
        }
    }

    /// Turns the picture, which the next kiosk draws: nothing is open on the first screen.
    fn turn(&self, rotation: Rotation, courier: &Courier) {
        // What is not remembered would be turned again and again.
        if self.remember(Settings { rotation, ..self.settings.get() }) {
            self.status.set(Some(SEALED));
            courier.end();
        }
    }

    /// Keeps what was chosen, and tells whether the next kiosk will know of it: where it cannot be written
    /// nothing is lost but the choice.
    fn remember(&self, settings: Settings) -> bool {
        self.settings.set(settings);
        settings.write(&self.data).is_ok()
    }
}
