//! A transfer through pixels: symbols on a screen, a camera that films it, the reader, the payload.
//!
//! The reader works on one core: while it reads, pictures that come are missed but for the newest.
//! Its time is the CPU time measured here, whatever else the machine does. The camera itself takes
//! no time.

use crate::clock::timed;
use crate::table::{Goal, Table};
use cloison_optics::{Density, Level, Luma, Press, Reader, Symbol};
use cloison_protocol::{Assembly, FRAME_OVERHEAD, Fate, Transfer};
use cloison_tests::Result;
use cloison_tests::light::film::{Film, Reel};
use cloison_tests::light::{Camera, Dice, Pose, Screen, Shot};
use serde_json::json;
use std::collections::BTreeSet;

const PAYLOAD: usize = 1_000_000;

/// Symbols side by side on the screen.
const SYMBOLS: u32 = 2;

/// What came of a film.
struct Seen {
    /// Simulated seconds until the payload was accepted, or until the film was stopped.
    seconds: f64,
    /// Symbols shown until then.
    shown: u32,
    /// Different symbols read.
    read: usize,
    /// Whether the payload was accepted.
    complete: bool,
    /// CPU seconds of the reader.
    cpu: f64,
    /// Pictures read, and missed because the reader was busy.
    pictures: (u32, u32),
}

pub(crate) fn measure(table: &mut Table, seed: u64) {
    let density = Density::new(27, Level::L).unwrap();
    let seen = watched(Trial { density, rate: 15.0, payload: PAYLOAD, longest: 90.0, phase: 0.2, seed });
    let shown = f64::from(seen.shown) * density.capacity() as f64;
    let goodput = if seen.complete { PAYLOAD as f64 / shown } else { 0.0 };
    let remark = format!("{:.1} kB/s through pixels; {:.2} is the bound", PAYLOAD as f64 / seen.seconds / 1e3, 0.9);
    table.goal(
        "goodput",
        "goodput ÷ bytes displayed, 15 fps, 1080p, 2 × v27-L, 10 % loss",
        goodput,
        Goal::AtLeast(0.88),
        &remark,
    );
    let remark = format!("{} pictures read, {} missed because the reader was busy", seen.pictures.0, seen.pictures.1);
    table.goal("megabyte", "1 MB, from the first frame to the accepted digest, s", seen.seconds, Goal::AtMost(30.0), &remark);
    let load = seen.cpu / seen.seconds;
    table.tell("load", "the reader's CPU time ÷ the film's, one core", load, "below 1 it keeps up with every picture");
    sweep(table, seed);
}

/// Films each density at each rate for a second, three times, with the camera's clock elsewhere.
fn sweep(table: &mut Table, seed: u64) {
    let mut best = (0.0, 0, 0.0);
    for version in [10, 15, 20, 25, 27] {
        for rate in [5.0, 10.0, 15.0, 20.0, 30.0] {
            let density = Density::new(version, Level::L).unwrap();
            let films =
                [0.1, 0.43, 0.77].map(|phase| watched(Trial { density, rate, payload: 200_000, longest: 1.0, phase, seed }));
            let seconds: f64 = films.iter().map(|seen| seen.seconds).sum();
            let load = films.iter().map(|seen| seen.cpu).sum::<f64>() / seconds;
            let read: usize = films.iter().map(|seen| seen.read).sum();
            let speed = (read * (density.capacity() - FRAME_OVERHEAD)) as f64 / seconds / 1e3;
            table.point("goodput", json!({ "version": version, "rate": rate, "kbytes": speed, "load": load }));
            if speed > best.0 {
                best = (speed, version, rate);
            }
        }
    }
    let (speed, version, rate) = best;
    let remark = format!("2 × v{version}-L at {rate} fps, camera at 30, 10 % loss; new symbols in 3 films of 1 s");
    table.tell("fastest", "the fastest of 25 densities and rates, kB/s", speed, &remark);
}

/// Describes a camera on a stand before the panel: nearly straight, a little noise, as USB cameras compress.
fn stand(seed: u64) -> Shot {
    let clean = Shot::clean(Camera::P1080, Screen::PANEL.height, seed);
    let pose = Pose { turn: 1.5, pitch: 3.0, yaw: -4.0, ..clean.pose };
    Shot { pose, noise: 4.0, grid: 0.2, jpeg: Some(85), ..clean }
}

/// What is shown and filmed, with a tenth of the frames lost.
struct Trial {
    density: Density,
    /// Frames shown in a second.
    rate: f64,
    /// Bytes of payload.
    payload: usize,
    /// Seconds after which the film is stopped.
    longest: f64,
    /// When the first picture begins, as a share of the time between two.
    phase: f64,
    seed: u64,
}

fn watched(trial: Trial) -> Seen {
    let mut dice = Dice::part(trial.seed, trial.payload as u64);
    let payload: Vec<u8> = (0..trial.payload).map(|_| dice.roll() as u8).collect();
    let transfer = Transfer::new(&payload, trial.density.capacity() - FRAME_OVERHEAD).unwrap();
    let press = Press::new(trial.density).unwrap();
    let steady = Film::steady(stand(trial.seed), trial.rate, 0.1);
    let film = Film { phase: trial.phase / steady.camera_rate, ..steady };
    let reel = film.roll(|frame| plate(&transfer, &press, frame));
    watch(reel, &payload, trial.rate, trial.longest)
}

fn plate(transfer: &Transfer, press: &Press, frame: u32) -> Result<Luma> {
    let symbols: Vec<Symbol> =
        (0..SYMBOLS).map(|place| press.symbol(&transfer.frame(frame * SYMBOLS + place)).unwrap()).collect();
    Screen::PANEL.plate(&symbols)
}

fn watch<F: FnMut(u32) -> Result<Luma>>(mut reel: Reel<F>, payload: &[u8], rate: f64, longest: f64) -> Seen {
    let (mut reader, mut assembly, mut known) = (Reader::new(), Assembly::new(), BTreeSet::new());
    let mut seen = Seen { seconds: 0.0, shown: 0, read: 0, complete: false, cpu: 0.0, pictures: (0, 0) };
    let mut free = 0.0;
    while seen.seconds < longest && !seen.complete {
        // One picture may wait for the reader; an older one is given up.
        while reel.due() + 1.0 / 30.0 < free {
            reel.miss();
            seen.pictures.1 += 1;
        }
        let exposure = reel.picture().unwrap();
        let (reading, time) = timed(|| reader.read(&exposure.picture, &mut || true));
        free = exposure.time.max(free) + time.as_secs_f64();
        (seen.seconds, seen.cpu, seen.pictures.0) = (free, seen.cpu + time.as_secs_f64(), seen.pictures.0 + 1);
        for code in reading.symbols {
            if let Ok(Fate::Complete(whole)) = assembly.take(&code) {
                assert_eq!(whole, payload, "a false payload");
                seen.complete = true;
            }
            known.insert(code);
        }
        seen.shown = (exposure.frame + 1) * SYMBOLS;
    }
    seen.read = known.len();
    assert!(f64::from(seen.shown) <= (seen.seconds * rate + 2.0) * f64::from(SYMBOLS));
    seen
}
