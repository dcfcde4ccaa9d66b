//! Every screen's picture, at both sizes and in both languages, is the one that is kept under `goldens/`: every pixel.
//!
//! `CLOISON_GOLDENS=write` writes what is missing or changed, and fails: whoever writes a picture
//! looks at it, and runs again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_screens::{Language, Pixels, Size, Starting, Ui};
use image_webp::{ColorType, WebPDecoder, WebPEncoder};
use std::{
    collections::BTreeSet,
    io::Cursor,
    path::{Path, PathBuf},
};

fn folder(size: Size, language: Language) -> PathBuf {
    let (width, height) = size.pixels();
    Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens").join(format!("{width}x{height}")).join(language.label())
}

/// Compares a picture with the one that is kept; says what is wrong with it.
fn compare(path: &Path, picture: Pixels) -> Result<(), String> {
    let kept = std::fs::read(path).ok().map(|bytes| read(&bytes));
    if kept.as_ref() == Some(&picture) {
        return Ok(());
    }
    if std::env::var_os("CLOISON_GOLDENS").is_some_and(|what| what == "write") {
        write(path, &picture);
        return Err(format!("{} was written: look at it, and run again", path.display()));
    }
    let changed = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(
        path.components().rev().take(3).map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("-"),
    );
    write(&changed, &picture);
    Err(match kept {
        None => format!("{} is missing", path.display()),
        Some(_) => format!("{} differs from {}", path.display(), changed.display()),
    })
}

/// Reads a picture; the format loses nothing.
fn read(bytes: &[u8]) -> Pixels {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).unwrap();
    assert!(!decoder.is_lossy() && !decoder.has_alpha());
    let (width, height) = decoder.dimensions();
    let mut rgb = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut rgb).unwrap();
    Pixels { width, height, rgb }
}

fn write(path: &Path, picture: &Pixels) {
    let mut bytes = Vec::new();
    WebPEncoder::new(&mut bytes).encode(&picture.rgb, picture.width, picture.height, ColorType::Rgb8).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn all_are_as_kept(size: Size, language: Language) {
    let folder = folder(size, language);
    std::fs::create_dir_all(&folder).unwrap();
    let ui = Ui::offscreen(size, language).unwrap();
    ui.listen_for_off(|| {});
    let (mut wrong, mut names) = (Vec::new(), BTreeSet::new());
    for case in support::cases() {
        case.present(&ui, &case.spoken(language));
        let file = format!("{}.webp", case.name);
        wrong.extend(compare(&folder.join(&file), ui.render().unwrap()).err());
        assert!(names.insert(file), "two screens are named {}", case.name);
    }
    for (name, starting) in [("starting", Starting::Drivers), ("starting-data", Starting::Data)] {
        ui.starts(starting);
        let file = format!("{name}.webp");
        wrong.extend(compare(&folder.join(&file), ui.render().unwrap()).err());
        assert!(names.insert(file), "two screens are named {name}");
    }
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let kept: BTreeSet<String> = entries.collect();
    wrong.extend(kept.difference(&names).map(|name| format!("{name} is of no screen: remove it")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_screen_of_800_by_480_in_english_is_as_it_is_kept() {
    all_are_as_kept(Size::Small, Language::English);
}

#[test]
fn every_screen_of_800_by_480_in_french_is_as_it_is_kept() {
    all_are_as_kept(Size::Small, Language::French);
}

#[test]
fn every_screen_of_1280_by_720_in_english_is_as_it_is_kept() {
    all_are_as_kept(Size::Large, Language::English);
}

#[test]
fn every_screen_of_1280_by_720_in_french_is_as_it_is_kept() {
    all_are_as_kept(Size::Large, Language::French);
}

/// Reads the message that a screen shows, off its pixels.
fn message_read_back(name: &str, size: Size, across: usize) {
    let ui = Ui::offscreen(size, Language::English).unwrap();
    let case = support::cases().into_iter().find(|case| case.name == name).unwrap();
    case.present(&ui, &case.spoken(Language::English));
    let Some(cloison_ceremony::Code::Message(message)) = case.screen.code else { panic!("it has a code") };
    let mut assembly = cloison_protocol::Assembly::new();
    for _ in 0..50 {
        let codes = cloison_optics::read(&grey(&ui.render().unwrap()));
        assert_eq!(codes.len(), across, "codes on the screen");
        for code in codes {
            if let cloison_protocol::Fate::Complete(bytes) = assembly.take(&code).unwrap() {
                return assert_eq!(bytes, message);
            }
        }
        ui.next_frame().unwrap();
    }
    panic!("{name} was not read");
}

#[test]
fn a_code_on_the_screen_is_read_by_a_camera_that_sees_the_picture() {
    message_read_back("reply", Size::Small, 1);
}

#[test]
fn two_codes_on_the_screen_are_read_by_a_camera_that_sees_the_picture() {
    for name in ["reply-wide", "reply-wide-leaving", "reply-wide-rehearsal"] {
        message_read_back(name, Size::Small, 2);
    }
}

#[test]
fn two_codes_on_the_large_screen_are_read_by_a_camera_that_sees_the_picture() {
    message_read_back("reply-wide-rehearsal-leaving", Size::Large, 2);
}

fn grey(picture: &Pixels) -> cloison_optics::Luma {
    let grey = picture.rgb.chunks(3).map(|rgb| rgb[1]).collect();
    cloison_optics::Luma::new(picture.width, picture.height, grey).unwrap()
}

#[test]
fn what_is_private_is_on_no_picture_unless_it_is_held() {
    let ui = Ui::offscreen(Size::Small, Language::English).unwrap();
    let card = support::cases().into_iter().find(|case| case.name == "card-held").unwrap();
    card.present(&ui, &card.spoken(Language::English));
    assert_eq!(cloison_optics::read(&grey(&ui.render().unwrap())), vec![vec![0x5a; 80]], "the card is there while held");
    ui.hold(false);
    assert!(cloison_optics::read(&grey(&ui.render().unwrap())).is_empty(), "and not after");
}
