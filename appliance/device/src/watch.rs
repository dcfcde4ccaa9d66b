//! Watches the machine beside the session's thread, which may be at work for seconds: what is found
//! is handed to it, and where it does not answer in time, the process ends.

use crate::worker::Ask;
use cloison_appliance::hw::airgap::Watch;
use std::{
    io,
    sync::mpsc::{Sender, channel},
    thread::sleep,
    time::Duration,
};

const EVERY: Duration = Duration::from_millis(500);
/// What the session may take to seal itself; with [`EVERY`] less than two seconds.
const GRACE: Duration = Duration::from_millis(1200);
/// The status of a kiosk that ended in the middle of its work.
const CUT_OFF: i32 = 5;

/// Starts watching.
pub(crate) fn start(asks: Sender<Ask>) -> io::Result<()> {
    let mut watch = Watch::new();
    std::thread::Builder::new().name("watch".into()).spawn(move || {
        loop {
            sleep(EVERY);
            if watch.look().is_empty() {
                continue;
            }
            let (answer, answered) = channel();
            let asked = asks.send(Ask::Look(answer)).is_ok();
            if !asked || answered.recv_timeout(GRACE).is_err() {
                // What is in memory goes with the process.
                std::process::exit(CUT_OFF);
            }
        }
    })?;
    Ok(())
}
