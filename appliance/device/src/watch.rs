//! Watches the machine beside the session's thread, which may be at work for seconds: what is found
//! is handed to it, and where it does not answer in time, the process ends.

use crate::{kiosk::CUT_OFF, vital, worker::Ask};
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
/// Starts watching, with what was opened before the process was confined.
pub(crate) fn start(mut watch: Watch, asks: Sender<Ask>) -> io::Result<()> {
    vital::spawn_small("watch", move || {
        loop {
            sleep(EVERY);
            if watch.look().is_empty() {
                continue;
            }
            let (answer, answered) = channel();
            let asked = asks.send(Ask::Look(answer)).is_ok();
            if !asked || answered.recv_timeout(GRACE).is_err() {
                // What is in memory goes with the process.
                std::process::exit(CUT_OFF.into());
            }
        }
    })
}
