//! Frames shown until a payload is there, beside the least that any code could need, and BC-UR.
//!
//! The bound is for the same losses: the frames shown until those received have as many bytes as
//! the payload. So a ratio of 1 would mean no header, no digest and a perfect code.

use crate::table::{Goal, Table};
use cloison_protocol::{Assembly, FRAME_OVERHEAD, Fate, Transfer};
use cloison_tests::light::Dice;
use serde_json::json;
use std::ops::Range;

/// What a v27-L symbol holds.
const FRAME: usize = 1465;
const LOSSES: [f32; 4] = [0.0, 0.1, 0.3, 0.5];
const SIZES: [usize; 7] = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000];

/// One viewer: when it joined, and what it misses.
struct Viewer {
    joins: u32,
    loss: f32,
    dice: Dice,
}

impl Viewer {
    fn new(seed: u64, run: u64, loss: f32, cycle: u32) -> Self {
        let mut dice = Dice::part(seed, run);
        let joins = dice.below(3 * cycle as usize) as u32;
        Self { joins, loss, dice }
    }

    fn sees(&mut self) -> bool {
        !self.dice.chance(self.loss)
    }
}

/// Frames shown: to this code's viewer, and to that of a perfect one.
#[derive(Clone, Copy, Default)]
struct Shown {
    ours: u32,
    bound: u32,
}

impl Shown {
    fn ratio(self) -> f64 {
        f64::from(self.ours) / f64::from(self.bound)
    }

    fn add(&mut self, other: Self) {
        self.ours += other.ours;
        self.bound += other.bound;
    }
}

pub(crate) fn measure(table: &mut Table, seed: u64) {
    let (mut worst, mut worst_of_long, mut all) = ((0.0, 0, 0.0), 0.0_f64, Shown::default());
    for size in SIZES {
        for loss in LOSSES {
            let runs = if size < 100_000 { 300 } else { 24 };
            let shown = of_sizes_near(size, loss, runs, seed);
            let ratio = shown.ratio();
            all.add(shown);
            table.point("fountain", json!({ "code": "Cloison", "size": size, "frame": FRAME, "loss": loss, "ratio": ratio }));
            if ratio > worst.0 {
                worst = (ratio, size, loss);
            }
            if size >= 10_000 {
                worst_of_long = worst_of_long.max(ratio);
            }
        }
    }
    let (ratio, size, loss) = worst;
    let remark = format!("frames of {FRAME} bytes; the worst of 28 is sizes about {size} bytes at {:.0} % loss", loss * 100.0);
    table.goal("bound", "frames shown ÷ information bound, 1 kB–1 MB, loss 0–50 %", ratio, Goal::AtMost(1.02), &remark);
    let remark = "below, 45 bytes of header and digest decide whether another frame is needed";
    table.tell("bound-long", "frames shown ÷ information bound, the worst from 10 kB on", worst_of_long, remark);
    table.tell(
        "bound-all",
        "frames shown ÷ information bound, all 28 together",
        all.ratio(),
        "mostly the longest, which need most frames",
    );
    beside_ur(table, seed);
}

/// Shows payloads from 0.6 to 1.7 times a size: how full the last frame is decides where there are few.
fn of_sizes_near(size: usize, loss: f32, runs: u64, seed: u64) -> Shown {
    let mut dice = Dice::part(seed, size as u64);
    let mut sum = Shown::default();
    for run in 0..runs {
        let size = size as f32 * 10_f32.powf(dice.around(0.24));
        sum.add(of_ours((size as usize).clamp(1_000, 1_000_000), FRAME, loss, run..run + 1, seed));
    }
    sum
}

/// What BC-UR's own header takes of a frame: an array of five, in CBOR, at these sizes.
const UR_HEADER: usize = 19;

/// What a part of BC-UR carries as text in the room of 1000 bytes: signs of 5.5 bits, two a byte,
/// less its name, its numbers and its checksum.
const UR_IN_TEXT: usize = (1000 * 16 / 11 - 17) / 2 - 4 - UR_HEADER;

fn beside_ur(table: &mut Table, seed: u64) {
    for loss in LOSSES {
        let ours = of_ours(100_000, 1000, loss, 0..100, seed);
        let theirs = of_ur(100_000, 1000 - UR_HEADER, loss, 0..100, seed);
        for (code, shown) in [("Cloison", ours), ("BC-UR", theirs)] {
            let ratio = shown.ratio();
            table.point("fountain", json!({ "code": code, "size": 100_000, "frame": 1000, "loss": loss, "ratio": ratio }));
        }
        let ratio = f64::from(ours.ours) / f64::from(theirs.ours);
        let what = format!("frames shown ÷ BC-UR, 100 kB, 1000-byte frames, {:.0} % loss", loss * 100.0);
        let remark = format!("÷ bound: ours {:.3}, BC-UR {:.3}", ours.ratio(), theirs.ratio());
        if loss == 0.1 {
            table.goal("ur", &what, ratio, Goal::AtMost(0.5), &remark);
            let text = of_ur(100_000, UR_IN_TEXT, loss, 0..100, seed);
            let ratio = f64::from(ours.ours) / f64::from(text.ours);
            table.tell("ur-text", "frames shown ÷ BC-UR as text in the same room, 10 % loss", ratio, "what its wallets show");
        } else {
            table.tell("ur-other", &what, ratio, &remark);
        }
    }
}

/// Makes another payload in each run: which pieces BC-UR mixes hangs on its checksum.
fn payload(size: usize, seed: u64, run: u64) -> Vec<u8> {
    let mut dice = Dice::part(seed ^ size as u64, run);
    (0..size).map(|_| dice.roll() as u8).collect()
}

fn of_ours(size: usize, frame: usize, loss: f32, runs: Range<u64>, seed: u64) -> Shown {
    let mut sum = Shown::default();
    for run in runs {
        let payload = payload(size, seed, run);
        let transfer = Transfer::new(&payload, frame - FRAME_OVERHEAD).unwrap();
        let mut viewer = Viewer::new(seed, run, loss, transfer.least_frames());
        let mut assembly = Assembly::new();
        let mut number = viewer.joins;
        sum.add(watch(&mut viewer, size.div_ceil(frame), |seen| {
            let bytes = seen.then(|| transfer.frame(number));
            number += 1;
            let Some(bytes) = bytes else { return false };
            match assembly.take(&bytes).unwrap() {
                Fate::Complete(whole) => whole == payload,
                _ => false,
            }
        }));
    }
    sum
}

/// As wallets do, with parts of so many bytes at most.
fn of_ur(size: usize, fragment: usize, loss: f32, runs: Range<u64>, seed: u64) -> Shown {
    let mut sum = Shown::default();
    for run in runs {
        let payload = payload(size, seed, run);
        let mut encoder = ur::fountain::Encoder::new(&payload, fragment).unwrap();
        let mut viewer = Viewer::new(seed, run, loss, size.div_ceil(fragment) as u32);
        (0..viewer.joins).for_each(|_| drop(encoder.next_part()));
        let mut decoder = ur::fountain::Decoder::default();
        sum.add(watch(&mut viewer, size.div_ceil(1000), |seen| {
            let part = encoder.next_part();
            if seen {
                decoder.receive(part).unwrap();
            }
            decoder.complete()
        }));
        assert_eq!(decoder.message().unwrap().unwrap(), payload);
    }
    sum
}

/// Shows frames until the viewer has the whole, and counts those that a perfect code would have shown.
fn watch(viewer: &mut Viewer, least: usize, mut complete: impl FnMut(bool) -> bool) -> Shown {
    let (mut shown, mut seen) = (Shown::default(), 0);
    loop {
        shown.ours += 1;
        let sees = viewer.sees();
        seen += usize::from(sees);
        if seen <= least && sees {
            shown.bound = shown.ours;
        }
        if complete(sees) {
            return shown;
        }
        assert!(shown.ours < 1_000_000, "it never ends");
    }
}
