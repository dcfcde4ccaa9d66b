//! Tells the keeper that the screen's thread is alive: a screen that stands still is replaced.

use crate::vital;
use cloison_eye::spawn::Keeper;
use cloison_screens::Ui;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::sleep,
    time::Duration,
};

/// How often the screen's thread counts, and how often it is looked whether it has.
const COUNT: Duration = Duration::from_millis(500);
const EVERY: Duration = Duration::from_secs(2);

/// Has the screen's thread count, and a thread of its own tell the keeper while it does. The screen's
/// thread waits for nobody.
pub(crate) fn start(ui: &Ui, keeper: Keeper) -> io::Result<()> {
    let count = Arc::new(AtomicU64::new(0));
    let counted = count.clone();
    ui.every(
        |_| COUNT,
        move |_| {
            count.fetch_add(1, Relaxed);
        },
    );
    vital::spawn_small("beat", move || {
        let mut last = 0;
        loop {
            let now = counted.load(Relaxed);
            // What a keeper that is gone does not hear it needs no more.
            if now != last && keeper.beat().is_err() {
                return;
            }
            last = now;
            sleep(if now == 0 { COUNT } else { EVERY });
        }
    })
}
