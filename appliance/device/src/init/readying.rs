//! What is made ready while the first kiosk shows that the machine starts: the modules that its picture does
//! not need, the data, the devices. The kiosk is told last, and offers nothing before.

use super::{InitError, data, devices, disks::Disks, modules, modules::Modules};
use crate::told::COMING;
use std::{
    io,
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};

/// How long it may take: a driver that hangs would leave a picture on the screen that says that all is well.
const LONGEST: Duration = Duration::from_secs(180);

/// Making ready, in a thread of its own.
pub(super) struct Readying {
    thread: Option<JoinHandle<Result<(), InitError>>>,
    begun: Instant,
    is_done: bool,
}

impl Readying {
    /// Begins with it.
    pub(super) fn begin(modules: Modules) -> Result<Self, InitError> {
        let thread = Builder::new().name("readying".into()).spawn(move || all(modules)).map_err(InitError::Start)?;
        Ok(Self { thread: Some(thread), begun: Instant::now(), is_done: false })
    }

    /// Tells whether all is ready.
    ///
    /// # Errors
    /// It never will be; why not is said once.
    pub(super) fn is_done(&mut self) -> Result<bool, InitError> {
        if let Some(thread) = self.thread.take_if(|thread| thread.is_finished()) {
            thread.join().unwrap_or_else(|_| Err(InitError::Start(io::Error::other("its thread failed"))))?;
            self.is_done = true;
        }
        if self.thread.is_some() && self.begun.elapsed() > LONGEST {
            return Err(InitError::Start(io::ErrorKind::TimedOut.into()));
        }
        Ok(self.is_done)
    }
}

fn all(mut modules: Modules) -> Result<(), InitError> {
    modules.load_next();
    // Displays and disks take their time to come, which the others are loaded in.
    let data = std::thread::scope(|scope| {
        let display = Builder::new().spawn_scoped(scope, display)?;
        modules.load_next_behind();
        let others = Builder::new().spawn_scoped(scope, || modules.load_rest())?;
        let failed = |_| io::Error::other("a thread failed");
        // What is told of the data comes after what lets the kiosk draw.
        display.join().map_err(failed)??;
        let data = data::open(&Disks::of_this_machine());
        others.join().map_err(failed)?;
        data
    });
    modules::seal()?;
    devices::give();
    data.and_then(|line| data::tell(data::TOLD, &line)).map_err(InitError::Start)
}

/// Lets the kiosk draw.
fn display() -> io::Result<()> {
    devices::await_display();
    devices::give();
    data::tell(data::TOLD, COMING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};

    fn ended(work: impl FnOnce() -> Result<(), InitError> + Send + 'static) -> Readying {
        Readying { thread: Some(Builder::new().spawn(work).unwrap()), begun: Instant::now(), is_done: false }
    }

    /// One that is done when what is given with it is dropped.
    fn waiting() -> (Sender<()>, Readying) {
        let (go, wait) = channel();
        let readying = ended(move || {
            let _ = wait.recv();
            Ok(())
        });
        (go, readying)
    }

    fn waited(readying: &mut Readying) -> Result<bool, InitError> {
        let begun = Instant::now();
        while readying.thread.as_ref().is_some_and(|thread| !thread.is_finished()) && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(1));
        }
        readying.is_done()
    }

    #[test]
    fn it_is_done_once_its_thread_has_ended_well_and_stays_so() {
        let (go, mut readying) = waiting();
        assert!(!readying.is_done().unwrap());
        drop(go);
        assert!(waited(&mut readying).unwrap() && readying.is_done().unwrap());
    }

    #[test]
    fn a_start_that_does_not_end_is_ended() {
        let (go, mut readying) = waiting();
        readying.begun = Instant::now().checked_sub(LONGEST + Duration::from_secs(1)).unwrap();
        assert!(matches!(readying.is_done(), Err(InitError::Start(error)) if error.kind() == io::ErrorKind::TimedOut));
        drop(go);
    }

    #[test]
    fn modules_that_can_still_be_loaded_and_a_thread_that_fails_end_the_machine() {
        let mut readying = ended(|| Err(InitError::Modules));
        assert!(matches!(waited(&mut readying), Err(InitError::Modules)));
        assert!(!readying.is_done().unwrap(), "what failed is never done");
        assert!(matches!(waited(&mut ended(|| std::panic::resume_unwind(Box::new(1)))), Err(InitError::Start(_))));
    }
}
