//! `cloison-appliance`: the kiosk on the device, or in a window on a desktop, for training.
//!
//! The process that people start is the *keeper*: it starts the kiosk, which draws and holds the
//! session, and, when the kiosk asks, the processes that read the camera and show records. It sees no
//! secret. When the kiosk ends, for whatever reason, the keeper starts a new one, sealed; that is how
//! sealing leaves nothing behind. The kiosk protects itself before anything else and can start
//! nothing by itself.
//!
//! On a machine of its own the keeper is the first process, and makes the machine ready: `init`.
//!
//! In a window there are rehearsals only, since an ordinary computer has a network and a disk.

mod arguments;
mod beat;
mod busy;
mod camera;
mod front;
mod init;
#[doc(hidden)]
pub mod inside;
mod keeper;
mod kiosk;
mod machine;
mod panel;
mod rotation;
mod settings;
mod start;
mod told;
mod touch;
mod vital;
mod watch;
mod worker;

use arguments::Arguments;
use clap::Parser;
use std::process::ExitCode;

/// Runs the program, in whichever role it was started.
#[must_use]
pub fn main() -> ExitCode {
    if init::is_first() {
        return init::run();
    }
    let role = std::env::args().nth(1).filter(|argument| argument == init::BOOT_ROLE || cloison_eye::roles::is_role(argument));
    let result = match role {
        Some(role) if role == init::BOOT_ROLE => {
            init::serve_boot(std::io::stdout().lock()).map(|()| ExitCode::SUCCESS).map_err(kiosk::DeviceError::Pipe)
        }
        Some(role) => cloison_eye::roles::serve(&role, std::io::stdin().lock(), std::io::stdout().lock())
            .map(|()| ExitCode::SUCCESS)
            .map_err(kiosk::DeviceError::Pipe),
        None => {
            let arguments = Arguments::parse();
            if arguments.kiosk { kiosk::run(&arguments) } else { keeper::run(&arguments) }
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("cloison-appliance: {error}.");
        ExitCode::FAILURE
    })
}
