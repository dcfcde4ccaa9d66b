//! `cloison-appliance`: the kiosk on the device, or in a window on a desktop, for training.
//!
//! The process that people start is the *keeper*: it starts the kiosk, which draws and holds the
//! session, and, when the kiosk asks, the processes that read the camera and show records. It sees no
//! secret. When the kiosk ends, for whatever reason, the keeper starts a new one, sealed; that is how
//! sealing leaves nothing behind. The kiosk protects itself before anything else and can start
//! nothing by itself.
//!
//! In a window there are rehearsals only, since an ordinary computer has a network and a disk.

mod arguments;
mod busy;
mod camera;
mod front;
mod keeper;
mod kiosk;
mod machine;
mod settings;
mod touch;
mod vital;
mod watch;
mod worker;

/// Lends the two threads to the benchmark that looks at how they get on.
#[doc(hidden)]
pub mod inside {
    use crate::{camera::Looker, front, settings::Settings, worker};
    use cloison_appliance::{Hardware, Kiosk};
    use cloison_protocol::Language;
    use cloison_screens::{Looking, Pace, Ui};
    use std::{io, path::PathBuf, sync::mpsc::channel};

    /// Connects a screen with a kiosk in a thread of its own; nothing looks through a camera.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn connect<H: Hardware + Send + 'static>(ui: &Ui, kiosk: Kiosk<H>, data: PathBuf) -> io::Result<Asks> {
        let (asks, asked) = channel();
        let (courier, looker) = (ui.courier(), Looker::default());
        let settings = Settings { language: Language::English, pace: Pace::default(), looking: Looking::default() };
        front::open(ui, asks.clone(), settings, data);
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
}

use arguments::Arguments;
use clap::Parser;
use std::process::ExitCode;

/// Runs the program, in whichever role it was started.
#[must_use]
pub fn main() -> ExitCode {
    let role = std::env::args().nth(1).filter(|argument| cloison_eye::roles::is_role(argument));
    let result = match role {
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
