//! The two processes together: what the child sees arrives, and whatever it does, the parent goes on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_eye::spawn::Direct;
use cloison_eye::{Eye, EyeError, Reason, Sight};
use cloison_optics::draw::Canvas;
use cloison_optics::{Density, Level, Luma, Symbol, picture};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The budget where the test does not expect it to be used up.
const AMPLE: Duration = Duration::from_secs(20);

/// The time that killing and replacing may add to a budget on a busy machine.
const SLACK: Duration = Duration::from_secs(3);

fn eye(budget: Duration) -> Eye {
    Eye::new(Arc::new(Direct::new(env!("CARGO_BIN_EXE_cloison-eye"))), "eye", budget)
}

fn shell(script: &str, budget: Duration) -> Eye {
    Eye::new(Arc::new(Direct::new("/bin/sh").before_role(["-c"])), script, budget)
}

fn code(content: &[u8]) -> Luma {
    let density = Density::smallest_for(content.len(), Level::L).unwrap();
    Symbol::encode(content, density).unwrap().picture(4)
}

fn symbols(sights: &[Sight]) -> Vec<Vec<u8>> {
    sights.iter().flat_map(|sight| sight.symbols.clone()).collect()
}

/// Makes a square of finder patterns and nothing else.
fn fake_finders(rows: u32, module: u32) -> Luma {
    let (pitch, side) = (9 * module, 9 * module * rows);
    let pixels = (0..side * side).map(|index| {
        let (x, y) = (index % side % pitch / module, index / side % pitch / module);
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        if x < 7 && y < 7 && ring != 2 { 0 } else { 255 }
    });
    Luma::new(side, side, pixels.collect()).unwrap()
}

#[test]
fn frames_and_pictures_are_read_by_one_child() {
    let mut eye = eye(AMPLE);
    let all: [Vec<u8>; 1] = [(0..=255).collect()];
    for _ in 0..3 {
        assert_eq!(eye.frame(&code(&all[0])).unwrap().symbols, all);
        let png = picture::png(&code(b"a picture")).unwrap();
        let sights = eye.picture(&png).unwrap();
        assert_eq!(symbols(&sights), [b"a picture"]);
        assert!(sights[0].micros > 0);
    }
}

#[test]
fn every_frame_of_an_animation_is_one_sight() {
    let contents: Vec<Vec<u8>> = (0..40).map(|n| format!("part {n:>3}").into_bytes()).collect();
    let frames: Vec<Luma> = contents.iter().map(|content| code(content)).collect();
    let sights = eye(AMPLE).picture(&picture::gif(&frames, 100).unwrap()).unwrap();
    assert_eq!(sights.len(), 40);
    assert_eq!(symbols(&sights), contents);
}

#[test]
fn an_animation_that_overruns_in_the_middle_keeps_what_was_seen_before() {
    let budget = Duration::from_millis(500);
    // One frame with one symbol of one byte, and then nothing.
    let seen = "printf '\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\1\\0\\0\\0x'";
    for (then, at_least) in [("exec sleep 60", budget), ("exit 1", Duration::ZERO)] {
        let begun = Instant::now();
        let sights = shell(&format!("head -c 9 >/dev/null; {seen}; {then}"), budget).picture(b"").unwrap();
        assert_eq!(sights.iter().map(|sight| sight.unfinished).collect::<Vec<_>>(), [false, true], "{then}");
        assert_eq!(symbols(&sights), [b"x"]);
        assert!(begun.elapsed() >= at_least && begun.elapsed() < budget * 2 + SLACK);
    }
}

#[test]
fn a_frame_larger_than_a_pipe_passes() {
    let mut canvas = Canvas::white(4096, 4096).unwrap();
    let density = Density::new(3, Level::L).unwrap();
    canvas.symbol(&Symbol::encode(b"large", density).unwrap(), 500, 2000, 8);
    assert_eq!(eye(AMPLE).frame(&canvas.into_picture()).unwrap().symbols, [b"large"]);
}

#[test]
fn what_is_unreadable_is_named_and_the_next_picture_is_read() {
    let mut eye = eye(AMPLE);
    let png = picture::png(&code(b"good")).unwrap();
    let mut huge = png.clone();
    huge[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    for (bytes, expected) in [
        (&b"no picture"[..], &[Reason::NotAPicture][..]),
        (&png[..png.len() / 2], &[Reason::Damaged]),
        // The header's checksum no longer fits, which may be noticed before the size.
        (&huge, &[Reason::TooLarge, Reason::Damaged]),
    ] {
        match eye.picture(bytes) {
            Err(EyeError::Unreadable { reason }) => assert!(expected.contains(&reason)),
            other => panic!("{other:?}"),
        }
        assert_eq!(symbols(&eye.picture(&png).unwrap()), [b"good"]);
    }
}

#[test]
fn a_crowded_picture_gives_what_it_can_and_says_that_there_may_be_more() {
    let mut canvas = Canvas::white(1320, 1320).unwrap();
    for number in 0..100 {
        let symbol = Symbol::encode(&[1, number as u8], Density::new(2, Level::L).unwrap()).unwrap();
        canvas.symbol(&symbol, number % 10 * 132, number / 10 * 132, 4);
    }
    let mut eye = eye(AMPLE);
    let sight = eye.frame(&canvas.into_picture()).unwrap();
    assert!(sight.crowded && sight.symbols.len() == cloison_optics::MAX_SYMBOLS);
    assert!(!eye.frame(&code(b"alone")).unwrap().crowded);
}

#[test]
fn what_cannot_be_read_is_named_each_with_its_own_advice() {
    let mut photo = picture::png(&code(b"48 megapixels")).unwrap();
    photo[16..24].copy_from_slice(&[0, 0, 0x1f, 0x80, 0, 0, 0x17, 0xa0]);
    let mut animation = picture::gif(&[code(b"x")], 100).unwrap();
    animation[6..10].copy_from_slice(&[0, 16, 1, 8]);
    let large = "megapixels (8 in a GIF) or a side above 16384 pixels. Crop it to the code, or take or export it smaller.";
    // A GIF whose frames together are above the limit: one frame of ours, repeated.
    let long = repeated(&picture::gif(&[Luma::white(1, 1).unwrap()], 100).unwrap(), 4097);
    for (bytes, words) in [
        (&b"RIFF\x32\0\0\0WEBPVP8 "[..], "it is not a PNG, JPEG or GIF. Convert it to one of these"),
        (&photo, large),
        (&animation, large),
        (&long, "it has more than 4096 frames, or too many pixels or codes in all of them. Split it"),
    ] {
        let text = eye(AMPLE).picture(bytes).unwrap_err().to_string();
        assert!(text.contains(words), "{text}");
    }
}

/// Repeats the one frame of a GIF of ours, which begins with its graphic control extension.
fn repeated(gif: &[u8], count: usize) -> Vec<u8> {
    let at = gif.windows(3).position(|part| part == [0x21, 0xf9, 4]).unwrap();
    let (head, frame) = gif[..gif.len() - 1].split_at(at);
    [head, &frame.repeat(count), &[0x3b]].concat()
}

#[test]
fn sixteen_hundred_fake_finders_cost_at_most_the_budget() {
    let budget = Duration::from_secs(2);
    let mut eye = eye(budget);
    let start = Instant::now();
    match eye.frame(&fake_finders(40, 2)) {
        Ok(sight) => assert!(sight.symbols.is_empty()),
        Err(error) => assert!(matches!(error, EyeError::Overrun { .. }), "{error:?}"),
    }
    assert!(start.elapsed() < budget + SLACK);
    assert_eq!(eye.frame(&code(b"next")).unwrap().symbols, [b"next"]);
}

#[test]
fn a_picture_made_to_take_half_a_minute_is_given_up_in_time_and_the_next_is_read() {
    let budget = Duration::from_secs(3);
    let mut eye = eye(budget);
    let start = Instant::now();
    let sight = eye.frame(&fake_finders(400, 1)).unwrap();
    assert!(sight.symbols.is_empty() && (sight.crowded || sight.unfinished));
    assert!(start.elapsed() < budget);
    assert_eq!(eye.frame(&code(b"next")).unwrap().symbols, [b"next"]);
}

#[test]
fn a_child_that_hangs_is_stopped_each_time() {
    let budget = Duration::from_millis(100);
    // The first never reads, so that writing blocks; the second reads and never answers.
    for script in ["exec sleep 60", "cat >/dev/null; exit 0"] {
        let mut eye = shell(script, budget);
        for _ in 0..2 {
            let start = Instant::now();
            let error = eye.frame(&Luma::white(1000, 1000).unwrap()).unwrap_err();
            assert!(matches!(error, EyeError::Overrun { .. }), "{error:?}");
            assert!(start.elapsed() < budget + SLACK);
        }
    }
}

#[test]
fn a_grandchild_that_keeps_the_pipes_does_not_hold_the_parent() {
    let budget = Duration::from_millis(100);
    let start = Instant::now();
    let error = shell("sleep 5; true", budget).frame(&code(b"x")).unwrap_err();
    assert!(matches!(error, EyeError::Overrun { .. }), "{error:?}");
    assert!(start.elapsed() < budget + SLACK);
}

#[test]
fn a_child_that_dies_is_replaced() {
    for script in ["exit 1", "exec head -c 3 >/dev/null", "printf '\\0\\1'", "kill -9 $$"] {
        let mut eye = shell(script, AMPLE);
        for _ in 0..2 {
            let error = eye.frame(&Luma::white(1000, 1000).unwrap()).unwrap_err();
            assert!(matches!(error, EyeError::Died), "{script}: {error:?}");
        }
    }
}

#[test]
fn a_child_that_died_once_works_when_it_is_started_again() {
    let place = std::env::temp_dir().join(format!("cloison-eye-{}", std::process::id()));
    let _ = std::fs::remove_file(&place);
    let script = format!("test -e {0} && exec {1}; : > {0}; exit 1", place.display(), env!("CARGO_BIN_EXE_cloison-eye"));
    let mut eye = shell(&script, AMPLE);
    assert!(matches!(eye.frame(&code(b"first")), Err(EyeError::Died)));
    let second = eye.frame(&code(b"second"));
    std::fs::remove_file(&place).unwrap();
    assert_eq!(second.unwrap().symbols, [b"second"]);
}

#[test]
fn a_child_that_ends_between_two_jobs_is_replaced_without_an_error() {
    let picture = code(b"x");
    // Takes one whole request, answers one frame with no symbol, and ends.
    let request = 9 + 8 + picture.pixels().len();
    let script = format!("head -c {request} >/dev/null; printf '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2'");
    let mut eye = shell(&script, AMPLE);
    for _ in 0..3 {
        assert_eq!(eye.frame(&picture).unwrap(), Sight::default());
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_refused() {
    // Echoing the request; announcing 4 billion symbols; answering a frame with no sight at all; and with two.
    let (many, none) = ("printf '\\0\\0\\0\\0\\0\\0\\377\\377\\377\\377'", "printf '\\2'");
    let two = "printf '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2'";
    for script in ["exec cat", many, none, two] {
        let mut eye = shell(&format!("cat >/dev/null & {script}; exec sleep 60"), AMPLE);
        let error = eye.frame(&code(b"x")).unwrap_err();
        assert!(matches!(error, EyeError::Garbled), "{script}: {error:?}");
    }
}

#[test]
fn the_child_inherits_no_environment() {
    // Were PATH or HOME inherited, the child would exit; a shell sets PWD and the like itself.
    let script = "test -z \"$HOME$CARGO_PKG_NAME$USER\" && exec sleep 60; exit 1";
    let error = shell(script, Duration::from_millis(300)).frame(&code(b"x")).unwrap_err();
    assert!(matches!(error, EyeError::Overrun { .. }), "{error:?}");
}

#[test]
fn dropping_the_eye_ends_the_child() {
    let place = std::env::temp_dir().join(format!("cloison-eye-pid-{}", std::process::id()));
    let script = format!("echo $$ > {}; exec sleep 60", place.display());
    let mut eye = shell(&script, Duration::from_millis(500));
    let _ = eye.frame(&code(b"x"));
    drop(eye);
    let pid = std::fs::read_to_string(&place).unwrap();
    std::fs::remove_file(&place).unwrap();
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists());
}
