//! Profiles: two codes side by side, and the test pattern.

use crate::{
    codes::{desk_with, frames, payload, scan},
    workstation::Workstation,
};
use cloison_optics::{Density, Fit, Level, Symbol, picture};
use cloison_protocol::{Correction, PatternCode, Profile};
use std::fs;

#[test]
fn two_codes_stand_side_by_side_and_both_are_read() {
    let desk = desk_with(&payload(9000));
    for (folder, how, pictures) in
        [("a", ["--density", "20", "--across", "2"], 6), ("b", ["--profile", "6", "--delay", "100"], 4)]
    {
        let frames_asked = pictures.to_string();
        desk.run(&[&["qr", "show", "message", "--png", folder, "--frames", &frames_asked][..], &how].concat()).done();
        let seen = desk.run(&["qr", "read", &format!("{folder}/frame-00000001.png")]).done();
        assert!(seen.out.contains("frame 2 of transfer") && seen.out.contains("frame 3 of transfer"), "{}", seen.out);
        scan(&desk, &frames(&desk, folder)).done();
        assert_eq!(desk.read("out"), payload(9000));
        desk.remove("out");
    }
    desk.run(&["qr", "show", "message", "--gif", "c.gif", "--profile", "4", "--scale", "2"]).done();
    scan(&desk, &["c.gif".into()]).done();
    assert_eq!(desk.read("out"), payload(9000));
    desk.run(&["qr", "show", "message", "--gif", "d.gif", "--profile", "4", "--density", "4"]).failed(2, "cannot be used with");
    desk.run(&["qr", "show", "message", "--gif", "d.gif", "--profile", "7"]).failed(2, "7");
    desk.run(&["qr", "show", "message", "--gif", "d.gif", "--across", "3"]).failed(2, "3");
}

/// Writes pictures of a test pattern as another screen shows it, without those that a camera misses.
fn pattern(desk: &Workstation, folder: &str, screens: u32, misses: fn(u8, u32) -> bool) {
    fs::create_dir(desk.path(folder)).unwrap();
    for number in 0..screens {
        let codes = PatternCode::screen(number, |_| true);
        let profile = Profile::numbered(codes[0].profile()).unwrap();
        if misses(codes[0].profile(), number) {
            continue;
        }
        let level = if profile.correction == Correction::M { Level::M } else { Level::L };
        let density = Density::new(profile.version, level).unwrap();
        let symbols: Vec<Symbol> = codes.iter().map(|code| Symbol::encode(&code.encode(), density).unwrap()).collect();
        let picture = Fit::scaled(density, codes.len() as u32, 3).draw(&symbols).unwrap();
        desk.write(&format!("{folder}/{number:04}.png"), &picture::png(&picture).unwrap());
    }
}

#[test]
fn a_test_pattern_says_which_profile_a_screen_and_a_camera_manage() {
    let desk = desk_with(b"no pattern");
    pattern(&desk, "film", 124, |profile, number| profile > 3 && number % 3 != 0);
    let film: Vec<String> = desk.list("film").into_iter().map(|name| format!("film/{name}")).collect();
    let said = desk.run(&[&["qr", "test"][..], &film.iter().map(String::as_str).collect::<Vec<_>>()].concat()).done();
    assert!(said.out.contains("profile 4  2 × 20-L  40 of  40 codes read   17.2 kB/s"), "{}", said.out);
    assert!(said.out.contains("Profile 4 carries most between this screen and this camera."), "{}", said.out);
    let json: serde_json::Value = serde_json::from_str(&desk.run(&["qr", "test", "--json", &film[0]]).done().out).unwrap();
    assert_eq!((&json["best"], &json["whole"]), (&serde_json::Value::Null, &false.into()));
    assert_eq!(json["profiles"][0]["read"], 1);
    desk.run(&["qr", "show", "message", "--png", "f", "--frames", "1"]).done();
    desk.run(&["qr", "test", "f/frame-00000000.png"]).failed(1, "no code of a test pattern was read");
    desk.run(&["qr", "test"]).failed(1, "no terminal");
}

#[test]
#[cfg(target_os = "linux")]
fn a_test_pattern_is_read_through_a_camera_until_every_profile_had_its_turn() {
    let desk = Workstation::bare();
    // A folder's pictures are shown over and over, so that the pattern seems to begin anew.
    pattern(&desk, "film", 130, |_, _| false);
    let said = desk.run(&["qr", "test", "--camera", "film"]).done();
    assert!(said.out.contains("carries most"), "{}", said.out);
    desk.run(&["qr", "test", "--camera", "nowhere"]).failed(1, "there is no camera");
}
