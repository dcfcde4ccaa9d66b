//! The machine's watchdog, which starts it anew when nobody feeds it: it is fed while a kiosk is alive.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    ops::ControlFlow,
    time::{Duration, Instant},
};

/// How long a kiosk may be silent, and how long before its first beat, when it starts.
const SILENCE: Duration = Duration::from_secs(20);
const START: Duration = Duration::from_secs(60);

/// Holds the watchdog's device, where the machine has one. How long it waits is the driver's to say:
/// 15 seconds on the boards that we know.
#[derive(Default)]
pub(super) struct Watchdog {
    device: Option<File>,
    was_opened: bool,
}

impl Watchdog {
    /// Opens it, once its driver is there; it waits from now on.
    pub(super) fn open(&mut self) {
        if !std::mem::replace(&mut self.was_opened, true) {
            self.device = OpenOptions::new().write(true).open("/dev/watchdog").ok();
        }
    }

    /// Says that all is well.
    pub(super) fn feed(&mut self) {
        if let Some(device) = &mut self.device {
            let _ = device.write_all(b"\n");
        }
    }

    /// Feeds it while a kiosk that began then is alive by its beats; one that is not is to be ended.
    pub(super) fn guard(&mut self, began: Instant, beat: Option<Duration>) -> ControlFlow<()> {
        if !is_alive(began.elapsed(), beat) {
            return ControlFlow::Break(());
        }
        self.feed();
        ControlFlow::Continue(())
    }

    /// Stops it, so that a machine that was switched off stays so.
    pub(super) fn stop(&mut self) {
        if let Some(mut device) = self.device.take() {
            // The letter that says that it is closed on purpose.
            let _ = device.write_all(b"V");
        }
    }
}

fn is_alive(age: Duration, beat: Option<Duration>) -> bool {
    match beat {
        Some(ago) => ago < SILENCE,
        None => age < START,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kiosk_is_alive_while_it_starts_and_after_that_while_it_beats() {
        let seconds = Duration::from_secs;
        assert!(is_alive(seconds(0), None) && is_alive(seconds(59), None) && !is_alive(seconds(60), None));
        assert!(is_alive(seconds(5), Some(seconds(0))) && is_alive(seconds(9999), Some(seconds(19))));
        assert!(!is_alive(seconds(9999), Some(seconds(20))));
    }

    #[test]
    fn a_machine_without_a_watchdog_ends_a_silent_kiosk_all_the_same() {
        let mut none = Watchdog::default();
        assert!(none.guard(Instant::now(), Some(Duration::ZERO)).is_continue());
        assert!(none.guard(Instant::now(), Some(SILENCE)).is_break());
        none.feed();
        none.stop();
    }
}
