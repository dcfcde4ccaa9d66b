//! Threads without which a kiosk is none.

use crate::kiosk::CUT_OFF;
use std::io;

/// The stack of a thread that does little: all of it is locked into memory.
const SMALL: usize = 256 << 10;
/// The stack of the others.
const LARGE: usize = 2 << 20;

/// Starts a thread that does little, as [`spawn`] does.
pub(crate) fn spawn_small(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    started(name, SMALL, work)
}

/// Starts a thread whose failure ends the process: what is in memory goes with it, and the keeper
/// starts another.
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    started(name, LARGE, work)
}

/// Starts a thread that does little, and without which a kiosk goes on.
pub(crate) fn spawn_spare(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.into()).stack_size(SMALL).spawn(work)?;
    Ok(())
}

fn started(name: &str, stack: usize, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.into()).stack_size(stack).spawn(move || {
        let _vital = Vital;
        work();
    })?;
    Ok(())
}

struct Vital;

impl Drop for Vital {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::exit(CUT_OFF.into());
        }
    }
}
