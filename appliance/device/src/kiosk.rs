//! The kiosk's own process: protects itself, opens the screen, and runs from when the machine is ready until it is sealed.

use crate::{
    arguments::Arguments,
    beat, camera, front,
    machine::{Machine, Place},
    panel::Panel,
    settings::Settings,
    start::{self, Going},
    told, touch, vital, watch, worker,
};
use cloison_appliance::{
    DiskStore, HardwareError, Kiosk, KioskError,
    hw::{
        airgap::Watch,
        backlight::Backlight,
        harden::{Own, Reach, harden},
    },
};
use cloison_eye::{
    roles::end_with_parent,
    spawn::{Keeper, Spawn, keeper::inherited},
};
use cloison_protocol::{BoundError, bounded::Line};
use cloison_screens::{Display, Ui, UiError};
use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, mpsc::channel},
};
use thiserror::Error;

/// The exit status of a kiosk that ended as it should: another one is started.
pub(crate) const SEALED: u8 = 0;
/// Of one whose people switched the machine off.
pub(crate) const OFF: u8 = 3;
/// Of one that was cut off in the middle of its work, by an alarm or because a part of it failed.
pub(crate) const CUT_OFF: u8 = 5;
/// Of one whose window was closed.
pub(crate) const WINDOW_CLOSED: u8 = 4;

const NAME: &str = concat!("cloison-appliance ", env!("CARGO_PKG_VERSION"));

/// What the display and the touch screen are reached through. What is not there now stays out of reach.
const SCREEN: [&str; 6] = ["/dev/dri", "/dev/fb0", "/dev/console", "/dev/tty0", "/dev/tty1", "/dev/input"];
const RANDOMNESS: &str = "/dev/hwrng";
/// What a window's libraries read.
const DESKTOP: [&str; 6] = ["/usr", "/etc", "/lib", "/lib64", "/run", "/tmp"];

/// Runs a kiosk to its end.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, DeviceError> {
    end_with_parent();
    let keeper = Keeper::new(inherited().map_err(DeviceError::Pipe)?).map_err(DeviceError::Pipe)?;
    let (watch, beside) = (Watch::new(), Watch::new());
    let late = Late::now();
    // First of all: nothing was opened yet, and there is one thread.
    let report = harden(&own(arguments));
    for (measure, error) in &report.refused {
        eprintln!("cloison-appliance: the kernel refuses {measure:?}: {error}");
    }
    let place = match arguments.window {
        true => Place::Training,
        false => Place::Device { watch, refused: report.alarms() },
    };
    start::await_display();
    let display = if arguments.window { Display::Window } else { Display::Device };
    let ui = Ui::on(display, arguments.size, arguments.language)?;
    beat::start(&ui, keeper.clone()).map_err(DeviceError::Pipe)?;
    let spawner: Arc<dyn Spawn> = Arc::new(keeper);
    let told = arguments.clone();
    let end = start::when_ready(&ui, told::start, move |ui| {
        let settings = Settings::read(&told.data, told.language);
        // Nothing that is protected learns of another device, and no picture is turned while it is drawn.
        let is_turned = told.rotation.is_some_and(|rotation| rotation != settings.rotation);
        if told::is_there() && (is_turned || late != Late::now()) {
            return Ok(Going::Another);
        }
        ui.speak(settings.language)?;
        let machine = Machine {
            name: Line::new(NAME)?,
            store: DiskStore::open(&told.data)?,
            place,
            spawner: spawner.clone(),
            camera: told.camera_role(),
            printer: told.printer.clone(),
        };
        serve(&told, ui, Kiosk::start(machine)?, (spawner, beside), settings).map(|()| Going::On)
    });
    if end.goes_on() {
        ui.run()?;
    }
    // What is in memory goes with the process, whatever its threads are doing.
    match end.take()? {
        Going::On => Ok(ExitCode::from(front::status().unwrap_or(WINDOW_CLOSED))),
        Going::Another => Ok(ExitCode::from(SEALED)),
    }
}

/// What a kiosk reaches only where it is there before the kiosk protects itself.
#[derive(PartialEq, Eq)]
struct Late {
    lights: Vec<PathBuf>,
    has_randomness: bool,
}

impl Late {
    fn now() -> Self {
        Self { lights: Backlight::find().files(), has_randomness: Path::new(RANDOMNESS).exists() }
    }
}

/// Starts the threads beside the screen's.
fn serve(
    arguments: &Arguments,
    ui: &Ui,
    kiosk: Kiosk<Machine>,
    (spawner, beside): (Arc<dyn Spawn>, Watch),
    settings: Settings,
) -> Result<(), DeviceError> {
    let (asks, asked) = channel();
    let courier = ui.courier();
    let panel = (!arguments.window).then(|| Panel::new(Backlight::find()));
    front::open(ui, asks.clone(), settings, arguments.data.clone(), panel);
    if !arguments.window {
        touch::listen(courier.clone(), arguments.rotation.unwrap_or_default()).map_err(DeviceError::Pipe)?;
        watch::start(beside, asks.clone()).map_err(DeviceError::Pipe)?;
    }
    let looking = camera::start(spawner, arguments.camera_role(), asks, courier.clone()).map_err(DeviceError::Pipe)?;
    front::looks_with(looking.clone());
    let language = settings.language;
    let work = move || worker::run(kiosk, &asked, &courier, &looking, language);
    vital::spawn("session", work).map_err(DeviceError::Pipe)
}

fn own(arguments: &Arguments) -> Own {
    let paths = |all: &[&str]| all.iter().map(PathBuf::from).collect::<Vec<_>>();
    let mut devices = if arguments.window { paths(&["/dev/shm", "/dev/null"]) } else { paths(&SCREEN) };
    devices.extend(arguments.printer.as_deref().map(printers));
    if !arguments.window {
        devices.extend(Backlight::find().files());
    }
    // A static program may find no system call by its name: what gives it randomness reads both then.
    let mut read = paths(&[RANDOMNESS, "/dev/random", "/dev/urandom", told::FOLDER]);
    if arguments.window {
        read.extend(paths(&DESKTOP));
        read.extend(std::env::var_os("XAUTHORITY").map(PathBuf::from));
        read.extend(std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".Xauthority")));
    }
    // Where it is mounted later, the folder that is there is another.
    let data = if told::is_there() { told::PLACE.into() } else { arguments.data.clone() };
    let reach = Reach { data, read, devices, ..Reach::default() };
    Own { reach, unix_sockets: arguments.window }
}

/// Gives what is to be reached for a printer: the folder that it comes into, where it has one of its own,
/// since it may be plugged in late.
fn printers(printer: &Path) -> PathBuf {
    let folder = printer.parent().filter(|folder| *folder == Path::new("/dev/usb"));
    folder.unwrap_or(printer).to_owned()
}

/// Says why the program does not go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum DeviceError {
    #[error("the data folder cannot be made ({0}). Give another one with --data")]
    Folder(io::Error),
    #[error("a process or thread could not be started or reached ({0}). Start the program again")]
    Pipe(io::Error),
    #[error("the kiosk ends as soon as it is started. Read what it says above, and check the display and the data folder")]
    Failing,
    #[error(transparent)]
    Name(#[from] BoundError),
    #[error(transparent)]
    Screen(#[from] UiError),
    #[error(transparent)]
    Kiosk(#[from] KioskError),
    #[error(transparent)]
    Hardware(#[from] HardwareError),
}
