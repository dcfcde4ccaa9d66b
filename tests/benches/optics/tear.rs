//! Pictures of which the last rows already show the next frame.

use crate::table::{Goal, Table};
use cloison_optics::{Density, Level, examine};
use cloison_tests::light::corpus;
use cloison_tests::light::{Camera, Dice, Screen};
use serde_json::json;

/// Pictures for each level and share; where the goal is, more.
const SHOTS: u64 = 72;
const SHOTS_FOR_THE_GOAL: u64 = 240;

pub(crate) fn measure(table: &mut Table, seed: u64) {
    for level in [Level::L, Level::M] {
        for percent in [0, 4, 8, 12, 16] {
            let shots = if (level, percent) == (Level::M, 8) { SHOTS_FOR_THE_GOAL } else { SHOTS };
            let (read, wrong) = read(level, percent as f32 / 100.0, shots, seed);
            let share = read as f64 / shots as f64;
            table.point("tear", json!({ "level": format!("{level:?}"), "torn": percent, "read": share }));
            if (level, percent) == (Level::M, 8) {
                let remark = format!("{shots} pictures, v5 to v40, 720p and 1080p; {wrong} wrong");
                table.goal("tear", "8 % tear at level M: share read", share, Goal::AtLeast(0.95), &remark);
            } else if percent == 8 {
                table.tell("tear-l", "8 % tear at level L: share read", share, "");
            }
        }
    }
}

fn read(level: Level, torn: f32, shots: u64, seed: u64) -> (usize, usize) {
    let (mut right, mut wrong) = (0, 0);
    for number in 0..shots {
        let mut dice = Dice::part(seed ^ 0x7465_6172, number);
        let version = corpus::VERSIONS.start() + dice.below(corpus::VERSIONS.count()) as u8;
        let camera = if number % 2 == 0 { Camera::P720 } else { Camera::P1080 };
        let density = Density::new(version, level).unwrap();
        let sample = corpus::torn(torn, density, camera, Screen::PANEL, &mut dice);
        let found = examine(&sample.picture().unwrap()).symbols;
        wrong += found.iter().filter(|content| !sample.contents.contains(content)).count();
        right += usize::from(found.iter().any(|content| sample.contents.contains(content)));
    }
    (right, wrong)
}
