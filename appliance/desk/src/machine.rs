//! The desk's machine: a folder for its store, a clock of its own where one is asked for, and a
//! printer that may be a file or a folder of pictures.

use cloison_appliance::{
    Booted, CardPrinter, Clock, DiskStore, Hardware, HardwareError, Store, entropy,
    hw::airgap::Watch,
    paper::{PaperError, Printer, Sheet},
};
use cloison_ceremony::{EntropyInputs, NoPlace};
use cloison_eye::spawn::Direct;
use cloison_eye::viewer::{Content, Limits, ViewError, show};
use cloison_protocol::{Alarm, bounded::Line};
use std::{
    cell::Cell,
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    rc::Rc,
    time::{Instant, SystemTime},
};
use zeroize::Zeroizing;

/// What the desk's kiosk runs on.
pub(crate) struct Machine {
    pub(crate) name: Line<64>,
    pub(crate) store: DiskStore,
    pub(crate) clock: Rc<DeskClock>,
    pub(crate) printer: Option<DeskPrinter>,
    /// What watches over the computer, where it is to be as a device is.
    pub(crate) watch: Option<Watch>,
    /// Starts this program again, which shows records in the role `view`.
    pub(crate) spawner: Direct,
}

impl Hardware for Machine {
    fn program(&self) -> Line<64> {
        self.name.clone()
    }

    fn booted(&self) -> Booted {
        Booted::Nothing
    }

    fn is_training(&self) -> bool {
        false
    }

    fn no_place(&self) -> Option<NoPlace> {
        None
    }
    fn watch(&mut self) -> Vec<Alarm> {
        self.watch.as_mut().map(Watch::look).unwrap_or_default()
    }
    fn entropy(&mut self) -> Result<EntropyInputs, HardwareError> {
        entropy::gather(Zeroizing::default())
    }
    fn store(&mut self) -> &mut dyn Store {
        &mut self.store
    }
    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
    fn printer(&mut self) -> Option<&mut dyn CardPrinter> {
        self.printer.as_mut().map(|printer| printer as &mut dyn CardPrinter)
    }
    fn view(&mut self, record: &[u8], limits: &Limits) -> Result<Content, ViewError> {
        show(&self.spawner, "view", record, limits)
    }
}

/// The computer's clock, or one that starts at a given time and can be moved on.
pub(crate) enum DeskClock {
    Computer,
    Own { start: u64, began: Instant, ahead: Cell<u64> },
}

impl DeskClock {
    pub(crate) fn new(start: Option<u64>) -> Self {
        start.map_or(Self::Computer, |start| Self::Own { start, began: Instant::now(), ahead: Cell::new(0) })
    }

    /// Moves a clock of its own on; tells whether there is one.
    pub(crate) fn move_on(&self, seconds: u64) -> bool {
        match self {
            Self::Computer => false,
            Self::Own { ahead, .. } => {
                ahead.set(ahead.get().saturating_add(seconds));
                true
            }
        }
    }
}

impl Clock for DeskClock {
    fn now(&self) -> u64 {
        match self {
            Self::Computer => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            Self::Own { start, began, ahead } => start.saturating_add(began.elapsed().as_secs()).saturating_add(ahead.get()),
        }
    }
}

/// Where cards come out.
pub(crate) enum DeskPrinter {
    /// A printer's device, or an ordinary file that takes what a printer would.
    Device(PathBuf),
    /// A folder of pictures.
    Folder(PathBuf),
}

impl CardPrinter for DeskPrinter {
    fn print(&mut self, sheet: &Sheet) -> Result<(), PaperError> {
        match self {
            Self::Device(path) if is_ordinary(path) => {
                let file = OpenOptions::new().create(true).append(true).open(&*path);
                Printer::new(file.map_err(|source| unopened(path, source))?).print(&sheet.draw()?)
            }
            Self::Device(path) => Printer::open(path)?.print(&sheet.draw()?),
            Self::Folder(folder) => {
                let (file, png) = (folder.join(format!("card-{}.png", sheet.card.header.index)), sheet.to_png()?);
                let written = std::fs::create_dir_all(&*folder).and_then(|()| std::fs::write(&file, png));
                written.map_err(|source| unopened(&file, source))
            }
        }
    }
}

/// Tells a file from a device: a device that is not there is no file to be made.
fn is_ordinary(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(found) => found.is_file(),
        Err(_) => !path.starts_with("/dev"),
    }
}

fn unopened(path: &Path, source: io::Error) -> PaperError {
    PaperError::Unopened { path: path.to_owned(), source }
}
