//! The machine under the kiosk: a real store in a folder, real entropy, real viewer processes, a
//! clock that is moved by hand and a printer that keeps what it prints.

use crate::NOW;
use cloison_appliance::{
    Booted, CardPrinter, Clock, DiskStore, Hardware, HardwareError, Store, entropy,
    paper::{PaperError, Sheet},
};
use cloison_ceremony::{EntropyInputs, NoPlace};
use cloison_eye::{
    spawn::Direct,
    viewer::{Content, Limits, ViewError, show},
};
use cloison_optics::Luma;
use cloison_protocol::{Alarm, bounded::Line};
use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    rc::Rc,
    sync::OnceLock,
};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// What outlives a process of the kiosk, and what a test changes around it.
pub(crate) struct Room {
    dir: TempDir,
    pub(crate) clock: Cell<u64>,
    /// What the watch finds.
    pub(crate) found: RefCell<Vec<Alarm>>,
    pub(crate) disk_full: Cell<bool>,
    /// The sheets that the printer took, as they look.
    pub(crate) printed: RefCell<Vec<Luma>>,
}

impl Room {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Cell::new(NOW),
            found: RefCell::default(),
            disk_full: Cell::new(false),
            printed: RefCell::default(),
        })
    }

    pub(crate) fn disk(&self) -> DiskStore {
        DiskStore::open(self.dir.path()).unwrap()
    }
}

pub(crate) struct Machine {
    room: Rc<Room>,
    store: Disk,
    printer: Tray,
    clock: Watch,
}

impl Machine {
    pub(crate) fn new(room: &Rc<Room>) -> Self {
        Self {
            room: room.clone(),
            store: Disk { room: room.clone(), store: room.disk() },
            printer: Tray(room.clone()),
            clock: Watch(room.clone()),
        }
    }
}

impl Hardware for Machine {
    fn program(&self) -> Line<64> {
        Line::new("kiosk-test 1").unwrap()
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
        self.room.found.borrow().clone()
    }
    fn entropy(&mut self) -> Result<EntropyInputs, HardwareError> {
        entropy::gather(Zeroizing::default())
    }
    fn store(&mut self) -> &mut dyn Store {
        &mut self.store
    }
    fn clock(&self) -> &dyn Clock {
        &self.clock
    }
    fn printer(&mut self) -> Option<&mut dyn CardPrinter> {
        Some(&mut self.printer)
    }
    fn view(&mut self, record: &[u8], limits: &Limits) -> Result<Content, ViewError> {
        show(&Direct::new(viewer()), "view", record, limits)
    }
}

/// The store on disk; a disk that is full takes nothing.
struct Disk {
    room: Rc<Room>,
    store: DiskStore,
}

impl Disk {
    fn room_left(&self) -> Result<(), HardwareError> {
        if self.room.disk_full.get() { Err(HardwareError::Store("the disk of this test is full".into())) } else { Ok(()) }
    }
}

impl Store for Disk {
    fn load(&mut self) -> Result<Option<Vec<u8>>, HardwareError> {
        self.store.load()
    }
    fn save(&mut self, bytes: &[u8]) -> Result<(), HardwareError> {
        self.room_left()?;
        self.store.save(bytes)
    }
    fn erase(&mut self) -> Result<(), HardwareError> {
        self.room_left()?;
        self.store.erase()
    }
}

struct Tray(Rc<Room>);

impl CardPrinter for Tray {
    fn print(&mut self, sheet: &Sheet) -> Result<(), PaperError> {
        self.0.printed.borrow_mut().push(sheet.draw()?);
        Ok(())
    }
}

struct Watch(Rc<Room>);

impl Clock for Watch {
    fn now(&self) -> u64 {
        self.0.clock.get()
    }
}

/// Gives the program that shows records, built first so that no stale one is driven.
fn viewer() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let own = std::env::current_exe().unwrap();
        let folder = own.parent().and_then(Path::parent).expect("a test lies in `deps`");
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--locked", "--workspace", "--bins"]);
        if folder.ends_with("release") {
            command.arg("--release");
        }
        command.arg("--target-dir").arg(folder.parent().unwrap());
        assert!(command.stdin(Stdio::null()).status().unwrap().success(), "the viewer does not build");
        folder.join(format!("cloison-eye{}", std::env::consts::EXE_SUFFIX))
    })
}
