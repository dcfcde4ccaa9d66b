//! The machine that a kiosk runs on: its store, clock, printer, camera, and the watch over it.

use crate::told;
use cloison_appliance::{
    Booted, CardPrinter, Clock, DiskStore, Hardware, HardwareError, Store, entropy,
    hw::airgap::Watch,
    paper::{PaperError, Printer, Sheet},
};
use cloison_ceremony::{EntropyInputs, NoPlace};
use cloison_eye::{
    camera::Camera,
    spawn::Spawn,
    viewer::{Content, Limits, ViewError, show},
};
use cloison_protocol::{Alarm, bounded::Line};
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// How many of the camera's frames are mixed into a new root.
const NOISY_FRAMES: u8 = 16;
/// What one of them may take.
const FRAME: Duration = Duration::from_millis(500);

/// Where a kiosk runs.
pub(crate) enum Place {
    /// A machine of its own, watched at every tick; `refused` are the measures that its kernel did not
    /// take.
    Device { watch: Watch, refused: Vec<Alarm> },
    /// A desktop, on which nothing real is done.
    Training,
}

pub(crate) struct Machine {
    pub(crate) name: Line<64>,
    pub(crate) store: DiskStore,
    pub(crate) place: Place,
    pub(crate) spawner: Arc<dyn Spawn>,
    /// The role of the process that looks through the camera.
    pub(crate) camera: String,
    pub(crate) printer: Option<PathBuf>,
}

impl Hardware for Machine {
    fn program(&self) -> Line<64> {
        self.name.clone()
    }

    fn booted(&self) -> Booted {
        if self.is_training() { Booted::Nothing } else { told::booted() }
    }

    fn is_training(&self) -> bool {
        matches!(self.place, Place::Training)
    }

    fn no_place(&self) -> Option<NoPlace> {
        if self.is_training() { None } else { told::no_place() }
    }

    fn watch(&mut self) -> Vec<Alarm> {
        match &mut self.place {
            Place::Device { watch, refused } => refused.iter().cloned().chain(watch.look()).collect(),
            Place::Training => Vec::new(),
        }
    }

    fn entropy(&mut self) -> Result<EntropyInputs, HardwareError> {
        // Credited nothing, so a camera that is missing takes nothing away.
        let noise = Camera::new(self.spawner.clone(), &self.camera, FRAME).noise(NOISY_FRAMES);
        entropy::gather(noise.unwrap_or_default())
    }

    fn store(&mut self) -> &mut dyn Store {
        &mut self.store
    }

    fn clock(&self) -> &dyn Clock {
        &ComputerClock
    }

    fn printer(&mut self) -> Option<&mut dyn CardPrinter> {
        self.printer.is_some().then_some(self)
    }

    fn view(&mut self, record: &[u8], limits: &Limits) -> Result<Content, ViewError> {
        show(&*self.spawner, "view", record, limits)
    }
}

impl CardPrinter for Machine {
    /// Opens the printer for each card, since it may be plugged in late or switched off between two.
    fn print(&mut self, sheet: &Sheet) -> Result<(), PaperError> {
        let Some(path) = &self.printer else { return Err(PaperError::Missing(PathBuf::new())) };
        Printer::open(path)?.print(&sheet.draw()?)
    }
}

struct ComputerClock;

impl Clock for ComputerClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}
