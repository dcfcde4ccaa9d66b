//! The kiosk's own protection: what it gives up before it looks at anything.
//!
//! Whoever takes the process over through a picture, a message or a driver finds no network, no
//! program to start, no file but the store, and nothing of it on a disk. It cannot be undone, and
//! nothing leaves a measure out: what the kernel refuses becomes an alarm, under which a session opens
//! no vault.

use cloison_eye::confine::keep;
use cloison_protocol::{Alarm, Measure};
use std::{io, path::PathBuf};

pub use cloison_eye::confine::Reach;

/// What [`super::airgap::Watch`] reads at every look.
const WATCHED: &str = "/sys";
/// What a program is given in place of a stream that nobody reads.
const NULL: &str = "/dev/null";

/// What a kiosk's process keeps.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// The files it reaches.
    pub reach: Reach,
    /// Whether it speaks over Unix sockets, for a display that is another process; a device's is not.
    pub unix_sockets: bool,
}

/// What came of each measure.
#[derive(Debug)]
pub struct Report {
    /// Those that hold from now on.
    pub done: Vec<Measure>,
    /// Those that the kernel refused, and what it said.
    pub refused: Vec<(Measure, io::Error)>,
}

impl Report {
    /// Gives an alarm for each measure that was refused.
    #[must_use]
    pub fn alarms(&self) -> Vec<Alarm> {
        self.refused.iter().map(|(measure, _)| Alarm::Unconfined(*measure)).collect()
    }
}

/// Protects this process for the rest of its life, as far as the kernel lets it.
///
/// To be called first thing, in a process of one thread, after [`super::airgap::Watch::new`] and before
/// the display, the camera or the store are opened by name outside what `own` names. Every measure is
/// tried, whatever came of those before.
#[must_use]
pub fn harden(own: &Own) -> Report {
    let calls = keep::Calls { programs: !own.reach.programs.is_empty(), unix_sockets: own.unix_sockets };
    let mut reach = own.reach.clone();
    reach.named_sockets |= own.unix_sockets;
    reach.read.push(PathBuf::from(WATCHED));
    if calls.programs {
        reach.devices.push(PathBuf::from(NULL));
    }
    // Landlock and privileges are each thread's own, so another thread would stay free.
    let alone = alone();
    let mut report = Report { done: Vec::new(), refused: Vec::new() };
    report.note(Measure::Cores, keep::no_cores());
    report.note(Measure::Tracing, keep::no_tracing());
    report.note(Measure::Privileges, in_all_threads(alone).and_then(|()| keep::no_privileges()));
    report.note(Measure::Memory, keep::lock_memory());
    report.note(Measure::Reserve, reserve());
    report.note(Measure::Files, in_all_threads(alone).and_then(|()| keep::reach(&reach).map(drop)));
    report.note(Measure::Calls, keep::calls(calls));
    report
}

impl Report {
    fn note(&mut self, measure: Measure, result: io::Result<()>) {
        match result {
            Ok(()) => self.done.push(measure),
            Err(error) => self.refused.push((measure, error)),
        }
    }
}

fn reserve() -> io::Result<()> {
    if cloison_custody::reserve() { Ok(()) } else { Err(io::ErrorKind::OutOfMemory.into()) }
}

fn in_all_threads(alone: bool) -> io::Result<()> {
    if alone { Ok(()) } else { Err(io::Error::other("other threads run already")) }
}

/// Tells whether this process has no other thread.
fn alone() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|tasks| tasks.count() == 1)
}
