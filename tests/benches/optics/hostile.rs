//! Pictures made to hurt, before the real reader process: how long until it reads again.

use crate::table::{Goal, Table};
use cloison_eye::spawn::Direct;
use cloison_eye::{Eye, EyeError, FRAME_BUDGET};
use cloison_optics::draw::Canvas;
use cloison_optics::{Density, Level, Luma, MAX_SIDE, Symbol, picture};
use cloison_tests::light::Dice;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A frame of any camera here has at most as many pixels.
const CAMERA: (u32, u32) = (1920, 1080);

pub(crate) fn measure(table: &mut Table, seed: u64) {
    let program = std::env::current_exe().unwrap();
    let mut eye = Eye::new(Arc::new(Direct::new(program)), "eye", FRAME_BUDGET);
    let good = good();
    let usual = (0..5).map(|_| ready(&mut eye, &good)).min().unwrap();
    let (mut worst, mut worst_hd, mut wrong, mut killed) = ((Duration::ZERO, ""), (Duration::ZERO, ""), 0, 0);
    let frames = frames(seed);
    for (name, frame) in &frames {
        let begun = Instant::now();
        let seen = eye.frame(frame);
        killed += usize::from(matches!(seen, Err(EyeError::Overrun { .. } | EyeError::Died)));
        wrong += seen.map_or(0, |sight| sight.symbols.len());
        ready(&mut eye, &good);
        let time = begun.elapsed();
        table.point("hostile", json!({ "picture": name, "ms": time.as_secs_f64() * 1e3 }));
        worst = worst.max((time, name));
        if (frame.width(), frame.height()) == CAMERA {
            worst_hd = worst_hd.max((time, name));
        }
    }
    let files = files();
    let mut longest = Duration::ZERO;
    for file in &files {
        let begun = Instant::now();
        let seen = eye.picture(file);
        wrong += seen.map_or(0, |sights| sights.iter().map(|sight| sight.symbols.len()).sum());
        ready(&mut eye, &good);
        longest = longest.max(begun.elapsed());
    }
    let (time, name) = worst;
    let remark = format!("{name}; {} frames, {killed} ended by the budget of {} ms", frames.len(), FRAME_BUDGET.as_millis());
    let ms = time.as_secs_f64() * 1e3;
    table.goal("hostile", "worst hostile frame until a good one is answered, ms", ms, Goal::AtMost(150.0), &remark);
    let (time, name) = worst_hd;
    table.tell("hostile-hd", "worst hostile frame of 1920 × 1080, likewise, ms", time.as_secs_f64() * 1e3, name);
    let remark = "16 million pixels, 200 frames, cut off, changed: under the same budget";
    table.tell("hostile-files", "worst hostile file until a good frame is answered, ms", longest.as_secs_f64() * 1e3, remark);
    table.tell("hostile-usual", "a good frame alone, ms", usual.as_secs_f64() * 1e3, "part of the above");
    let remark = format!("from {} frames and {} files that hold no code; no panic reached this side", frames.len(), files.len());
    table.goal("hostile-wrong", "payloads that are in no hostile picture", wrong as f64, Goal::AtMost(0.0), &remark);
}

/// Shows a good frame until it is read, and tells how long that took.
fn ready(eye: &mut Eye, good: &Luma) -> Duration {
    let begun = Instant::now();
    while eye.frame(good).map_or(true, |sight| sight.symbols != [b"good"]) {
        assert!(begun.elapsed() < Duration::from_secs(20), "the reader never comes back");
    }
    begun.elapsed()
}

fn good() -> Luma {
    let mut canvas = Canvas::white(CAMERA.0, CAMERA.1).unwrap();
    canvas.symbol(&Symbol::encode(b"good", Density::new(5, Level::L).unwrap()).unwrap(), 600, 200, 12);
    canvas.into_picture()
}

fn frames(seed: u64) -> Vec<(&'static str, Luma)> {
    let mut dice = Dice::new(seed);
    let (width, height) = CAMERA;
    let mut noise = |step: u32, two: bool| {
        let grey: Vec<u8> = (0..1 << 20).map(|_| dice.roll() as u8).map(|grey| if two { grey & 128 } else { grey }).collect();
        drawn(width, height, move |x, y| grey[(x / step + y / step * 1931) as usize & 0xf_ffff])
    };
    let mut all = vec![
        ("noise", noise(1, false)),
        ("noise, black and white", noise(1, true)),
        ("noise in squares of 2", noise(2, true)),
        ("noise in squares of 3", noise(3, true)),
        ("noise in squares of 8", noise(8, true)),
        ("chequers of 1", drawn(width, height, |x, y| if (x + y) % 2 == 0 { 0 } else { 255 })),
        ("stripes 1 1 3 1 1", drawn(width, height, |x, _| ring(x % 9))),
        ("stripes both ways", drawn(width, height, |x, y| ring(x % 9) & ring(y % 9))),
        ("concentric rings", drawn(width, height, |x, y| (x.abs_diff(960).max(y.abs_diff(540)) / 3 % 2 * 255) as u8)),
        ("smooth", drawn(width, height, |x, y| ((x * 255 / width) ^ (y * 255 / height)) as u8)),
        ("codes of chance, finders whole", broken(seed)),
        ("white", Luma::white(width, height).unwrap()),
    ];
    for (name, module) in
        [("finders of 1", 1), ("finders of 2", 2), ("finders of 3", 3), ("finders of 5", 5), ("finders of 12", 12)]
    {
        all.push((name, finders(width, height, module)));
    }
    all.push(("finders of 2, 4096 × 4096", finders(4096, 4096, 2)));
    all.push(("finders of 3, the longest side", finders(MAX_SIDE, 1024, 3)));
    all
}

fn drawn(width: u32, height: u32, grey: impl Fn(u32, u32) -> u8) -> Luma {
    let pixels = (0..width * height).map(|at| grey(at % width, at / width)).collect();
    Luma::new(width, height, pixels).unwrap()
}

/// Gives one line through a finder pattern: light, dark, light, three dark, light, dark, light.
fn ring(at: u32) -> u8 {
    if matches!(at, 1 | 3..=5 | 7) { 0 } else { 255 }
}

/// Makes finder patterns side by side and nothing else.
fn finders(width: u32, height: u32, module: u32) -> Luma {
    drawn(width, height, |x, y| {
        let (x, y) = (x / module % 9, y / module % 9);
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        if x < 7 && y < 7 && ring != 2 { 0 } else { 255 }
    })
}

/// Makes codes whose fixed patterns are whole and whose content is chance: much to correct, in vain.
fn broken(seed: u64) -> Luma {
    let mut dice = Dice::new(seed);
    let density = Density::new(10, Level::H).unwrap();
    let symbol = Symbol::encode(&[7; 40], density).unwrap();
    let modules = density.modules();
    let pitch = modules + 8;
    // One bit for each module of each code.
    let chance: Vec<bool> = (0..1 << 17).map(|_| dice.chance(0.5)).collect();
    drawn(CAMERA.0, CAMERA.1, |x, y| {
        let (column, row) = (x / 4 % pitch, y / 4 % pitch);
        let (near, far) = (|at: u32| at < 9, |at: u32| at >= modules - 8);
        let fixed = near(row) && (near(column) || far(column)) || near(column) && far(row) || row == 6 || column == 6;
        let inside = row < modules && column < modules;
        let bit = if fixed { symbol.is_dark(column, row) } else { chance[(y / 4 * 480 + x / 4) as usize] };
        if inside && bit { 0 } else { 255 }
    })
}

/// Makes picture files that are broken, or announce what they do not hold.
fn files() -> Vec<Vec<u8>> {
    let png = picture::png(&Luma::white(64, 64).unwrap()).unwrap();
    let mut files: Vec<Vec<u8>> = (0..png.len()).step_by(7).map(|end| png[..end].to_vec()).collect();
    for at in (8..png.len()).step_by(5) {
        let mut changed = png.clone();
        changed[at] ^= 0xff;
        files.push(changed);
    }
    files.push(picture::png(&Luma::white(4096, 4096).unwrap()).unwrap());
    let frames = vec![Luma::white(300, 300).unwrap(); 200];
    files.push(picture::gif(&frames, 20).unwrap());
    files
}
