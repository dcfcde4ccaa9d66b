//! Every journey of the kiosk, by the touch screen alone, in both languages: what is pressed, held
//! and typed is pressed, held and typed with a finger, what is read is read from pictures.
//!
//! The kiosk is the real one on a real store, with real entropy and real viewer processes; of the
//! machine only its clock, its printer and its watch are the test's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod answering;
mod camera;
mod keyboard;
mod machine;
mod making;
mod managing;
mod people;
#[path = "../../../../crates/ceremony/tests/support/plans.rs"]
#[allow(dead_code, unreachable_pub, reason = "the ceremony's own tests use all of it")]
mod plans;
mod rehearsing;
mod sealing;
mod stage;
mod testing;
#[path = "../../../../crates/ceremony/tests/support/workstation.rs"]
#[allow(dead_code, unreachable_pub, reason = "the ceremony's own tests use all of it")]
mod workstation;

use cloison_ceremony::Button;
use cloison_screens::{Language, Size};
use machine::Room;
use plans::{AGE, CLASSICAL};
use stage::Stage;
use std::collections::BTreeSet;
use workstation::Workstation;

/// 2027-01-15 at 08:00 UTC.
const NOW: u64 = 1_800_000_000;

/// Screens that are not met, and why.
const NOT_MET: [(&str, &str); 2] = [
    ("entropy", "passes within one event: the machine gathers before anything is shown"),
    ("saving", "passes within one event: the disk answers before anything is shown"),
];

/// Lives a vault's whole life, and all else that a kiosk is for.
fn every_journey(size: Size, language: Language) {
    let mut stage = Stage::blank(size, language);
    let mut desk = Workstation::new("Poste 12", 1);
    let mut vault = making::typed_ceremony(&mut stage);
    managing::cards_are_checked(&mut stage, &vault);
    testing::codes_are_tested(&mut stage);
    stage.is_on("sealed");
    vault.open(&mut stage);
    answering::enrol(&mut stage, &vault, &mut desk);
    answering::keys_leave_and_are_refused(&mut stage, &vault, &mut desk);
    answering::a_record_is_shown(&mut stage, &vault, &mut desk);
    answering::texts_and_digests_are_signed(&mut stage, &vault, &mut desk);
    managing::exports(&mut stage, &vault);
    sealing::from_the_keyboard(&mut stage, &vault);
    sealing::by_idleness(&mut stage, &vault);
    managing::changes(&mut stage, &mut vault, &mut desk);
    let vault = managing::reshare(&mut stage, vault);
    let backup = managing::exports(&mut stage, &vault);
    sealing::by_alarm(&mut stage, &vault, &mut desk);
    assert!(stage.waited > 0 || size == Size::Large, "on the small screen some text is longer than its room");
    let mut seen = stage.seen;

    let mut stage = Stage::blank(size, language);
    stage.room.clock.set(NOW + 1200);
    managing::restored(&mut stage, &vault, &backup, 1);
    managing::signs(&mut stage, &vault, &mut desk, vault.newest(plans::TEXT));

    let mut other = Stage::blank(size, language);
    rehearsing::rehearsal(&mut other);
    making::given_up(&mut other);
    let new = making::read_ceremony(&mut other);
    let succession = managing::succeeded(&mut stage, &vault, &new);
    new.open(&mut other);
    managing::follows(&mut other, &vault, &new, &succession);
    seen.extend(stage.seen);
    seen.extend(other.seen);
    seen.extend(broken(size, language));
    all_are_met(&seen);
}

/// A store that cannot be used says so on the first screen.
fn broken(size: Size, language: Language) -> BTreeSet<&'static str> {
    use cloison_appliance::Store;
    let room = Room::new();
    room.disk().save(b"nothing that a vault would write").unwrap();
    let mut stage = Stage::in_room(size, language, room);
    stage.is_on("broken");
    stage.press(Button::Restore);
    stage.press(Button::Cancel);
    stage.is_on("broken");
    stage.seen
}

/// Expects every screen of the documentation's table.
fn all_are_met(seen: &BTreeSet<&str>) {
    const DESK: &str = include_str!("../../../../docs/desk.md");
    let (_, table) = DESK.split_once("## Screens").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|line| line.split_once('|'));
    let listed: BTreeSet<&str> = rows
        .flat_map(|(names, _)| {
            names.split('`').filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !name.is_empty())
        })
        .collect();
    let excused: BTreeSet<&str> = NOT_MET.iter().map(|(name, _)| *name).collect();
    let missing: Vec<_> = listed.iter().filter(|name| !seen.contains(*name) && !excused.contains(*name)).collect();
    assert!(listed.len() > 35 && missing.is_empty(), "not met: {missing:?}");
    assert!(excused.iter().all(|name| listed.contains(name) && !seen.contains(name)), "no longer to be excused");
    assert!(seen.iter().all(|name| listed.contains(name)), "not documented: {seen:?}");
}

#[test]
fn every_journey_is_gone_by_touch_alone_on_the_small_screen() {
    every_journey(Size::Small, Language::English);
}

#[test]
fn every_journey_is_gone_by_touch_alone_on_the_large_screen_in_french() {
    every_journey(Size::Large, Language::French);
}
