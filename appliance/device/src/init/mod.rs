//! The program as the first process of a machine of its own: what stands between the kernel and the kiosk.
//!
//! It mounts what the kernel shows, and keeps a kiosk running, which shows that the machine starts while it
//! loads the modules on the list and then none ever again, finds the data partition, and hands each device to
//! the one user that needs it. Only then it tells the kiosk to go on. It has
//! no shell, no login and no service; nothing but the kiosk's few requests comes to it, it opens no
//! socket of a network, reads nothing that a person types, and reads of a disk its first mebibyte alone.
//!
//! What it cannot make sure of it does not go on without: it says so, and switches off.

mod boot;
mod console;
mod data;
mod devices;
mod disks;
mod kernel;
mod make;
mod mbr;
mod modules;
mod mounts;
mod naming;
mod place;
mod readying;
mod template;
mod users;
mod watchdog;

pub(crate) use boot::{ROLE as BOOT_ROLE, serve as serve_boot};

use crate::{
    arguments::Arguments,
    keeper::{Next, Tally, Turn},
    kiosk::DeviceError,
    told,
};
use console::{say, say_on_screen};
use modules::Modules;
use naming::Naming;
use readying::Readying;
use rustix::{
    fs::statfs,
    system::{RebootCommand, reboot},
};
use std::{
    io,
    ops::ControlFlow,
    process::ExitCode,
    thread::sleep,
    time::{Duration, Instant},
};
use thiserror::Error;
use watchdog::Watchdog;

/// How long it can be read why a machine switches off by itself.
const FAREWELL: Duration = Duration::from_secs(30);
/// How long it waits after many kiosks that failed; the watchdog waits longer.
const WHILE_FAILING: Duration = Duration::from_secs(8);

/// What a machine's root is when the kernel starts this program: memory, or the read-only file system
/// of an image (`ramfs`, `tmpfs`, `squashfs`).
const ROOTS: [u32; 3] = [0x8584_58f6, 0x0102_1994, 0x7371_7368];

/// Says why a machine does not go on.
#[derive(Debug, Error)]
#[non_exhaustive]
enum InitError {
    #[error("{0} cannot be mounted ({1}). Keep this card, and write the image to another")]
    Mount(&'static str, io::Error),
    #[error("the machine cannot be made ready ({0}). Take out what is plugged in, and switch off and on again")]
    Start(io::Error),
    #[error("the kernel still lets modules be loaded. Use the kernel that came with this image")]
    Modules,
    #[error(transparent)]
    Keeper(#[from] DeviceError),
}

/// Tells whether this process is the first of a machine. The first process of a container is not.
pub(crate) fn is_first() -> bool {
    let is_image = |kind: u32| ROOTS.contains(&kind);
    std::process::id() == 1 && statfs("/").is_ok_and(|found| u32::try_from(found.f_type).is_ok_and(is_image))
}

/// Runs the machine until it is switched off; it returns only where the kernel does not switch it off.
pub(crate) fn run() -> ExitCode {
    let mut watchdog = Watchdog::default();
    let end = start().and_then(|readying| keep(readying, &mut watchdog));
    watchdog.stop();
    users::clear();
    data::close();
    if let Err(error) = end {
        say_on_screen(&error);
        sleep(FAREWELL);
    }
    let _ = reboot(RebootCommand::PowerOff);
    // The kernel panics at the end of its first process.
    loop {
        sleep(FAREWELL);
    }
}

/// Makes the machine ready for a kiosk that waits, and begins with what it waits for.
fn start() -> Result<Readying, InitError> {
    mounts::all()?;
    kernel::pass_on();
    data::tell(data::TOLD, told::DRIVERS).map_err(InitError::Start)?;
    devices::follow().map_err(DeviceError::Pipe)?;
    let readying = Readying::begin(Modules::listed())?;
    kernel::restrict();
    mounts::close_root();
    Ok(readying)
}

/// Keeps a kiosk running until somebody switches off.
fn keep(mut readying: Readying, watchdog: &mut Watchdog) -> Result<(), InitError> {
    let program = std::env::current_exe().map_err(DeviceError::Pipe)?;
    let arguments = Arguments::of_a_machine();
    let (mut tally, mut naming) = (Tally::default(), Naming::default());
    loop {
        readying.is_done()?;
        let mut failed = None;
        watchdog.feed();
        let began = Instant::now();
        let turn = Turn { program: &program, arguments: &arguments, users: Some((users::KIOSK, users::READER)) };
        let ended = turn.run(|beat| {
            match readying.is_done() {
                Ok(false) => {}
                Ok(true) => {
                    watchdog.open();
                    naming.begin(&program, beat);
                }
                Err(error) => failed = Some(error),
            }
            if failed.is_some() { ControlFlow::Break(()) } else { watchdog.guard(began, beat) }
        });
        if !users::clear() {
            say(&"a process does not end though it was killed. Switch off and on again when you can");
        }
        if let Some(error) = failed {
            return Err(error);
        }
        match tally.after(ended?, began.elapsed()) {
            Next::Again(pause) => sleep(pause),
            Next::Off | Next::Closed => return Ok(()),
            // A monitor may be switched on late: nothing but the screen says what is missing.
            Next::Failing => {
                watchdog.feed();
                say_on_screen(&DeviceError::Failing);
                sleep(WHILE_FAILING);
            }
        }
    }
}
