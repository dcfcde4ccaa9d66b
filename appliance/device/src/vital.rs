//! Threads without which a kiosk is none.

use crate::kiosk::CUT_OFF;
use std::io;

/// Starts a thread whose failure ends the process: what is in memory goes with it, and the keeper
/// starts another.
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(move || {
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
