//! The kiosk and its viewer together: what a record holds is shown as it is, and whatever a record
//! does to the viewer, the kiosk goes on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_eye::spawn::Direct;
use cloison_eye::viewer::{Content, Kind, Limits, MAX_CONTENT, MAX_ROWS, Picture, Reason, ViewError, show};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbImage};
use std::path::Path;
use std::time::{Duration, Instant};

/// The budget where the test does not expect it to be used up.
const AMPLE: Limits = Limits { columns: 80, width: 1280, height: 720, budget: Duration::from_secs(20) };

/// The time that killing may add to a budget on a busy machine.
const SLACK: Duration = Duration::from_secs(3);

fn view(content: &[u8]) -> Result<Content, ViewError> {
    show(&Direct::new(env!("CARGO_BIN_EXE_cloison-eye")), "view", content, &AMPLE)
}

/// Starts a shell in the viewer's place.
fn shell(script: &str, budget: Duration) -> Result<Content, ViewError> {
    show(&Direct::new("/bin/sh").before_role(["-c"]), script, &vec![b'x'; MAX_CONTENT], &Limits { budget, ..AMPLE })
}

fn lines(content: &[u8]) -> Vec<String> {
    match view(content) {
        Ok(Content::Text(text)) => text.lines().map(str::to_owned).collect(),
        Ok(_) => panic!("not shown as text"),
        Err(error) => panic!("{error:?}"),
    }
}

fn rows(content: &str) -> Vec<(String, String)> {
    match view(content.as_bytes()) {
        Ok(Content::Table(table)) => table.rows().map(|(path, value)| (path.to_owned(), value.to_owned())).collect(),
        Ok(_) => panic!("not shown as a table"),
        Err(error) => panic!("{error:?}"),
    }
}

fn picture(content: &[u8]) -> Picture {
    match view(content) {
        Ok(Content::Picture(picture)) => picture,
        Ok(_) => panic!("not shown as a picture"),
        Err(error) => panic!("{error:?}"),
    }
}

fn refused(content: &[u8]) -> Reason {
    match view(content) {
        Err(ViewError::Unshowable { reason }) => reason,
        other => panic!("{:?}", other.err()),
    }
}

/// A picture in which neighbours differ.
fn colours(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| image::Rgb([(x / 8) as u8, (y / 4) as u8, (x + y) as u8]))
}

fn as_png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Sub);
    encoder.write_image(picture.as_bytes(), picture.width(), picture.height(), picture.color().into()).unwrap();
    bytes
}

fn as_jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8).unwrap();
    bytes
}

#[test]
fn text_is_shown_in_lines_and_hides_nothing() {
    let record = "Jugement du 3 mars\r\n\tMontant\u{202E} : 001 €\n";
    assert_eq!(lines(record.as_bytes()), ["Jugement du 3 mars", "        Montant⟨U+202E⟩ : 001 €"]);
    let narrow = Limits { columns: 20, ..AMPLE };
    let program = Direct::new(env!("CARGO_BIN_EXE_cloison-eye"));
    let Ok(Content::Text(text)) = show(&program, "view", b"one two three four five six", &narrow) else { panic!("no text") };
    assert!(text.lines().eq(["one two three four ", "five six"]));
}

#[test]
fn json_is_shown_in_rows_with_every_value_as_written() {
    let record = r#"{"person": {"name": "Martin", "name": "Durand", "id": 12345678901234567890},
        "births": [{"date": "1980-02-29", "weight": 1.10}], "note": "a\u202eb"}"#;
    let expected = [
        ("person.name", "Martin"),
        ("person.name⟨2⟩", "Durand"),
        ("person.id", "12345678901234567890"),
        ("births[0].date", "1980-02-29"),
        ("births[0].weight", "1.10"),
        ("note", "a⟨U+202E⟩b"),
    ];
    assert_eq!(rows(record), expected.map(|(path, value)| (path.to_owned(), value.to_owned())));
}

#[test]
fn a_png_is_shown_pixel_by_pixel_where_it_fits() {
    let original = colours(1280, 720);
    let shown = picture(&as_png(&original.clone().into()));
    assert_eq!((shown.width(), shown.height(), shown.original()), (1280, 720, (1280, 720)));
    assert!(shown.pixels() == original.as_raw());
}

#[test]
fn a_jpeg_is_shown_scaled_down_where_it_does_not_fit() {
    let original = colours(2000, 1500);
    let shown = picture(&as_jpeg(&original, 90));
    assert_eq!((shown.width(), shown.height(), shown.original()), (960, 720, (2000, 1500)));
    let expected = DynamicImage::from(original).resize(960, 720, image::imageops::FilterType::Triangle).into_rgb8();
    let off: u64 = shown.pixels().iter().zip(expected.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    assert!(off / (shown.pixels().len() as u64) < 4, "{off} in {}", shown.pixels().len());
}

#[test]
fn the_largest_pictures_are_decoded_within_the_viewers_memory() {
    let flat = |width, height| DynamicImage::from(RgbImage::from_pixel(width, height, image::Rgb([9, 90, 200])));
    for (width, height) in [(4096, 4096), (16_384, 1024), (1024, 16_384)] {
        let png = as_png(&flat(width, height).to_rgba8().into());
        assert!(png.len() <= MAX_CONTENT);
        assert_eq!(picture(&png).original(), (width, height));
    }
    let shown = picture(&as_jpeg(&flat(4096, 4096).into_rgb8(), 50));
    assert_eq!((shown.width(), shown.height()), (720, 720));
}

#[test]
fn what_cannot_be_shown_is_named() {
    for (content, expected) in [
        (&b"%PDF-1.7"[..], Kind::Pdf),
        (b"PK\x03\x04", Kind::Archive),
        (b"GIF89a", Kind::OtherPicture),
        (b"age-encryption.org/v1\n-> X25519 ", Kind::Encrypted),
        (b"Dur\xe9e", Kind::Unknown),
        (b"\0\0\0", Kind::Unknown),
    ] {
        match view(content) {
            Err(ViewError::Unsupported { kind }) => assert_eq!(kind, expected),
            other => panic!("{:?}", other.err()),
        }
    }
    assert_eq!(refused(b""), Reason::Empty);
}

#[test]
fn a_hostile_picture_is_refused_by_its_size_and_costs_nothing() {
    let mut huge = as_png(&colours(8, 8).into());
    huge[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    // 400 million zeros, which PNG makes small.
    let mut bomb = Vec::new();
    let black = vec![0; 20_000 * 20_000];
    let encoder = PngEncoder::new_with_quality(&mut bomb, CompressionType::Best, FilterType::NoFilter);
    encoder.write_image(&black, 20_000, 20_000, ExtendedColorType::L8).unwrap();
    assert!(bomb.len() < MAX_CONTENT);
    let start = Instant::now();
    for content in [&huge, &bomb] {
        assert_eq!(refused(content), Reason::TooLarge);
    }
    assert!(start.elapsed() < SLACK);
}

#[test]
fn a_picture_that_breaks_off_is_damaged() {
    for whole in [as_png(&colours(100, 100).into()), as_jpeg(&colours(100, 100), 80)] {
        for part in [9, 4, 2] {
            assert_eq!(refused(&whole[..whole.len() * (part - 1) / part]), Reason::Damaged);
        }
    }
}

#[test]
fn hostile_json_is_refused_or_shown_as_the_text_it_is() {
    let nested = "[".repeat(MAX_CONTENT / 2) + &"]".repeat(MAX_CONTENT / 2);
    assert_eq!(refused(nested.as_bytes()), Reason::TooDeep);
    assert_eq!(lines("[".repeat(MAX_CONTENT).as_bytes()).concat().len(), MAX_CONTENT);
    let long = format!("[{}1]", "1,".repeat(MAX_CONTENT / 2 - 2));
    assert_eq!(refused(long.as_bytes()), Reason::TooLong);
    assert_eq!(rows(&format!("[{}1]", "1,".repeat(MAX_ROWS - 1))).len(), MAX_ROWS);
    let wide = format!("{{\"{}\": [{}1]}}", "n".repeat(MAX_CONTENT / 2), "1,".repeat(10_000));
    assert_eq!(refused(wide.as_bytes()), Reason::TooLong);
}

#[test]
fn the_largest_text_is_shown_and_one_byte_more_is_given_to_no_viewer() {
    let text = "word ".repeat(MAX_CONTENT / 5);
    assert_eq!(lines(text.as_bytes()).concat(), text);
    let hidden = "\u{1}".repeat(MAX_CONTENT / 2);
    assert_eq!(lines(hidden.as_bytes()).concat(), "⟨U+0001⟩".repeat(MAX_CONTENT / 2));
    assert_eq!(refused("\n".repeat(MAX_CONTENT).as_bytes()), Reason::TooLong);
    let error = view(&[text.as_bytes(), b"words"].concat()).err();
    assert!(matches!(error, Some(ViewError::TooLarge { .. })), "{error:?}");
}

#[test]
fn a_viewer_that_hangs_is_stopped() {
    let budget = Duration::from_millis(200);
    // It never reads; it reads and never answers; it is stopped; it breaks off in its answer.
    for script in ["exec sleep 60", "cat >/dev/null; exec sleep 60", "kill -STOP $$", "printf '\\5\\0\\0\\0\\0ab'; exec sleep 60"]
    {
        let start = Instant::now();
        let error = shell(script, budget).err();
        assert!(matches!(error, Some(ViewError::Overrun { budget: b }) if b == budget), "{script}: {error:?}");
        assert!(start.elapsed() >= budget && start.elapsed() < budget + SLACK);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_viewer_that_is_stopped_leaves_no_process() {
    let place = std::env::temp_dir().join(format!("cloison-viewer-pid-{}", std::process::id()));
    let script = format!("echo $$ > {}; exec sleep 60", place.display());
    assert!(shell(&script, Duration::from_millis(1500)).is_err());
    let pid = std::fs::read_to_string(&place).unwrap();
    std::fs::remove_file(&place).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists());
}

#[test]
fn a_viewers_end_is_named_by_what_ended_it() {
    for script in ["exit 0", "exit 1", "kill -KILL $$", "cat >/dev/null; kill -SEGV $$"] {
        let error = shell(script, AMPLE.budget).err();
        assert!(matches!(error, Some(ViewError::Died)), "{script}: {error:?}");
    }
    let error = shell("exec /nowhere/viewer", AMPLE.budget).err();
    assert!(matches!(error, Some(ViewError::Died)), "{error:?}");
    #[cfg(target_os = "linux")]
    {
        let ended = |signal| shell(&format!("kill -{signal} $$"), AMPLE.budget).err();
        assert!(matches!(ended("ABRT"), Some(ViewError::OutOfMemory)));
        assert!(matches!(ended("SYS"), Some(ViewError::Forbidden)));
        assert!(matches!(ended("XCPU"), Some(ViewError::Overrun { .. })));
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_refused() {
    let answers = [
        "\\377\\377\\377\\377",                                    // four billion bytes
        "\\1\\0\\0\\0\\11",                                        // of no kind
        "\\2\\0\\0\\0\\0\\377",                                    // text that is not UTF-8
        "\\5\\0\\0\\0\\0a\\342\\200\\256",                         // text with a hidden character
        "\\5\\0\\0\\0\\1\\377\\377\\377\\377",                     // four billion rows
        "\\16\\0\\0\\0\\2\\1\\0\\1\\0\\1\\0\\0\\0\\1\\0\\0\\0\\0", // a picture of one pixel with a third of it
    ];
    for answer in answers {
        let error = shell(&format!("cat >/dev/null; printf '{answer}'; exec sleep 60"), AMPLE.budget).err();
        assert!(matches!(error, Some(ViewError::Garbled)), "{answer}: {error:?}");
    }
    // What refuses before it has read everything is heard all the same.
    let error = shell("printf '\\2\\0\\0\\0\\3\\0'", AMPLE.budget).err();
    assert!(matches!(error, Some(ViewError::Unconfined)), "{error:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_viewer_inherits_no_variable_no_folder_and_no_file() {
    let script = "test -z \"$HOME$CARGO_PKG_NAME$USER\" && test \"$(pwd)\" = / && exec sleep 60";
    let error = shell(script, Duration::from_millis(500)).err();
    assert!(matches!(error, Some(ViewError::Overrun { .. })), "{error:?}");
    let place = |name: &str| std::env::temp_dir().join(format!("cloison-viewer-{name}-{}", std::process::id()));
    let (held, listed) = (place("held"), place("listed"));
    std::fs::write(&held, "").unwrap();
    let file = std::fs::OpenOptions::new().append(true).open(&held).unwrap();
    assert!(shell(&format!("ls -l /proc/$$/fd > {}", listed.display()), AMPLE.budget).is_err());
    let files = std::fs::read_to_string(&listed).unwrap();
    drop(file);
    [held, listed].iter().for_each(|place| std::fs::remove_file(place).unwrap());
    assert!(files.contains("pipe:") && !files.contains("cloison-viewer-held"), "{files}");
}

/// The program itself, looked at from outside while it waits for a record.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod from_outside {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};

    /// Starts a viewer and waits until it is confined, which it is before it has read a byte.
    fn confined() -> Child {
        let mut program = Command::new(env!("CARGO_BIN_EXE_cloison-eye"));
        let viewer = program.arg("view").env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while !about(&viewer, "status").contains("Seccomp:\t2") {
            assert!(start.elapsed() < AMPLE.budget, "{}", about(&viewer, "status"));
            std::thread::sleep(Duration::from_millis(5));
        }
        viewer
    }

    fn about(viewer: &Child, what: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{what}", viewer.id())).unwrap()
    }

    #[test]
    fn a_viewer_is_confined_before_it_has_read_a_byte() {
        let mut viewer = confined();
        assert!(about(&viewer, "status").contains("NoNewPrivs:\t1"));
        let limits = about(&viewer, "limits");
        let limit = |name: &str| {
            let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(limit("Max address space"), ["402653184", "402653184"]);
        assert_eq!(limit("Max cpu time"), ["60", "60"]);
        for nothing in ["Max file size", "Max core file size", "Max processes", "Max open files"] {
            assert_eq!(limit(nothing), ["0", "0"], "{nothing}");
        }
        drop(viewer.stdin.take());
        assert!(!viewer.wait().unwrap().success());
    }

    #[test]
    fn a_viewer_ends_with_the_thread_that_started_it() {
        let mut viewer = std::thread::spawn(confined).join().unwrap();
        assert_eq!(viewer.wait().unwrap().signal(), Some(9));
    }
}

#[test]
fn records_are_shown_side_by_side() {
    std::thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || assert_eq!(lines(format!("record {number}").as_bytes()), [format!("record {number}")]));
        }
    });
}
