//! The camera's two processes together, with a folder in the camera's place: what is in the pictures
//! is seen, and whatever happens to the child, the looking goes on.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod watched;

use cloison_eye::camera::{Camera, CameraError, Look, MAX_PREVIEW, Zoom};
use cloison_eye::spawn::{Direct, Keeper, Spawn};
use cloison_optics::draw::Canvas;
use cloison_optics::{Density, Level, Luma, Symbol, picture};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use watched::Watched;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cloison-eye");

/// The time where a test does not expect it to be used up.
const AMPLE: Duration = Duration::from_secs(20);

/// A folder of a test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let place = std::env::temp_dir().join(format!("cloison-camera-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&place);
        std::fs::create_dir(&place).unwrap();
        Self(place)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        // In one step, as whoever puts a picture before a camera does.
        let hidden = self.0.join(format!(".{name}"));
        std::fs::write(&hidden, bytes).unwrap();
        std::fs::rename(hidden, self.0.join(name)).unwrap();
    }

    fn role(&self) -> String {
        format!("folder={}", self.0.display())
    }

    fn camera(&self, budget: Duration) -> Camera {
        Camera::new(Arc::new(Direct::new(PROGRAM)), &self.role(), budget)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A frame of a camera's size with a code in its middle.
fn shown(content: &[u8]) -> Vec<u8> {
    let density = Density::smallest_for(content.len(), Level::M).unwrap();
    let symbol = Symbol::encode(content, density).unwrap();
    let mut canvas = Canvas::white(1280, 720).unwrap();
    let side = (symbol.modules() * 6) as i32;
    canvas.symbol(&symbol, (1280 - side) / 2, (720 - side) / 2, 6);
    picture::png(&canvas.into_picture()).unwrap()
}

fn seen(look: &Look) -> Vec<&[u8]> {
    look.symbols.iter().map(|symbol| symbol.as_slice()).collect()
}

fn error(result: Result<Look, CameraError>) -> CameraError {
    result.err().expect("nothing to be seen")
}

/// Makes a square of finder patterns and nothing else, which cost a reader half a minute once.
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
fn the_pictures_of_a_folder_are_read_in_the_order_of_their_names_and_round_again() {
    let folder = Folder::new("order");
    folder.put("b.png", &shown(b"second"));
    folder.put("a.PNG", &shown(&[0, 255, 10, 13]));
    folder.put("c.jpeg", &as_jpeg(&shown(b"third")));
    folder.put("notes.txt", b"not a picture");
    folder.put("broken.png", b"\x89PNG\r\n\x1a\nno more");
    folder.put("empty.png", b"");
    let mut camera = folder.camera(AMPLE);
    for _ in 0..3 {
        for content in [&[0, 255, 10, 13][..], b"second", b"third"] {
            assert_eq!(seen(&camera.look(AMPLE).unwrap()), [content]);
        }
    }
    folder.put("d.jpg", &as_jpeg(&shown(b"put there later")));
    let later: Vec<Vec<u8>> = (0..4).map(|_| seen(&camera.look(AMPLE).unwrap()).concat()).collect();
    assert!(later.contains(&b"put there later".to_vec()), "{later:?}");
}

fn as_jpeg(png: &[u8]) -> Vec<u8> {
    let grey = image::load_from_memory(png).unwrap().into_luma8();
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&grey).unwrap();
    bytes
}

#[test]
fn a_look_tells_how_the_picture_was_taken() {
    let folder = Folder::new("told");
    folder.put("1.png", &shown(b"code"));
    let mut camera = folder.camera(AMPLE);
    let whole = camera.look(AMPLE).unwrap();
    assert_eq!((whole.size, whole.preview.width(), whole.preview.height()), ((1280, 720), 320, 180));
    assert_eq!(whole.preview.pixels().len(), 320 * 180);
    assert!(whole.brightness > 200 && whole.clipped > 800 && whole.sharpness > 0 && whole.micros > 0);
    assert!(whole.exposure.is_none() && !whole.crowded);
    // The code's dark modules can be seen in the middle of the preview, and not in its corner.
    let middle = &whole.preview.pixels()[320 * 90 + 140..320 * 90 + 180];
    assert!(middle.iter().any(|grey| *grey < 128) && whole.preview.pixels()[0] == 255);
    camera.expose(Some(2));
    for (zoom, size) in [(Zoom::OneAndHalf, (853, 480)), (Zoom::Two, (640, 360)), (Zoom::One, (1280, 720))] {
        camera.zoom(zoom);
        let look = camera.look(AMPLE).unwrap();
        assert_eq!((look.zoom, look.size, seen(&look)), (zoom, size, vec![&b"code"[..]]));
        assert!(look.preview.width() == MAX_PREVIEW.0 && look.exposure.is_none());
        assert!(look.clipped <= whole.clipped);
    }
}

#[test]
fn several_codes_are_all_read_and_a_picture_without_one_is_no_error() {
    let folder = Folder::new("more");
    let mut canvas = Canvas::white(1280, 720).unwrap();
    for (x, content) in [(100, b"left "), (700, b"right")] {
        canvas.symbol(&Symbol::encode(content, Density::new(3, Level::M).unwrap()).unwrap(), x, 200, 8);
    }
    folder.put("1.png", &picture::png(&canvas.into_picture()).unwrap());
    folder.put("2.png", &picture::png(&Luma::white(1, 1).unwrap()).unwrap());
    let mut camera = folder.camera(AMPLE);
    let look = camera.look(AMPLE).unwrap();
    let mut contents = seen(&look);
    contents.sort_unstable();
    assert_eq!(contents, [b"left ", b"right"]);
    let nothing = camera.look(AMPLE).unwrap();
    assert_eq!((seen(&nothing).len(), nothing.size, nothing.sharpness), (0, (1, 1), 0));
}

#[test]
fn a_child_that_is_killed_twenty_times_is_replaced_and_the_reading_goes_on() {
    let folder = Folder::new("killed");
    folder.put("1.png", &shown(b"again"));
    let spawner = Watched::new(Direct::new(PROGRAM));
    let mut camera = Camera::new(Arc::clone(&spawner) as Arc<dyn Spawn>, &folder.role(), AMPLE);
    for round in 0..20 {
        assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"again"]);
        if round % 2 == 0 {
            assert!(spawner.kill());
        } else {
            // In the middle of a look.
            let _ = camera.look(Duration::ZERO);
            assert!(spawner.kill());
        }
    }
    assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"again"]);
    assert_eq!(spawner.starts(), 21);
}

#[test]
fn a_picture_made_to_take_half_a_minute_is_given_up_in_time_and_the_same_child_reads_on() {
    let folder = Folder::new("slow");
    folder.put("1.png", &shown(b"first"));
    folder.put("2.png", &picture::png(&fake_finders(400, 1)).unwrap());
    folder.put("3.png", &shown(b"third"));
    let spawner = Watched::new(Direct::new(PROGRAM));
    let budget = Duration::from_secs(3);
    let mut camera = Camera::new(Arc::clone(&spawner) as Arc<dyn Spawn>, &folder.role(), budget);
    for _ in 0..2 {
        assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"first"]);
        let begun = Instant::now();
        let slow = camera.look(AMPLE).unwrap();
        assert!(slow.symbols.is_empty() && (slow.crowded || slow.unfinished) && begun.elapsed() < budget);
        assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"third"]);
    }
    assert_eq!(spawner.starts(), 1);
}

#[test]
fn a_code_is_found_after_the_zoom_has_changed() {
    let folder = Folder::new("zoomed");
    let symbol = Symbol::encode(b"off the middle", Density::new(3, Level::M).unwrap()).unwrap();
    let mut canvas = Canvas::white(1280, 720).unwrap();
    canvas.symbol(&symbol, 640, 280, 6);
    folder.put("1.png", &picture::png(&canvas.into_picture()).unwrap());
    let mut camera = folder.camera(AMPLE);
    for zoom in [Zoom::Two, Zoom::One, Zoom::OneAndHalf, Zoom::Two, Zoom::One, Zoom::Two] {
        camera.zoom(zoom);
        assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"off the middle"]);
    }
}

#[test]
fn a_child_that_overruns_each_time_is_named_by_its_budget_from_the_frames_arrival() {
    let (budget, arrival) = (Duration::from_millis(200), Duration::from_millis(300));
    // A frame that takes longer to arrive than the budget, and longer to be read.
    let script = "head -c 8 >/dev/null; sleep 0.3; printf '\\1\\0\\0\\0\\3'; exec sleep 60";
    let mut camera = Camera::new(Arc::new(Direct::new("/bin/sh").before_role(["-c"])), script, budget);
    let begun = Instant::now();
    let overrun = error(camera.look(Duration::from_millis(1200)));
    assert!(matches!(overrun, CameraError::Overrun { budget: b } if b == budget), "{overrun:?}");
    assert!(overrun.to_string().starts_with("reading a picture took longer than 200 ms and was stopped. "));
    assert!(begun.elapsed() >= budget + arrival);
}

#[test]
fn a_child_that_only_dies_or_talks_nonsense_is_replaced_ten_times_a_second_and_named() {
    let time = Duration::from_millis(1000);
    for (script, name) in [
        ("exit 1", "Died"),
        ("exec head -c 4 >/dev/null", "Died"),
        ("head -c 8 >/dev/null; printf '\\0\\0\\0\\0'; exec sleep 60", "Garbled"),
        ("printf '\\377\\377\\377\\377'; exec sleep 60", "Garbled"),
        // Noise, which was not asked for.
        ("head -c 8 >/dev/null; printf '\\2\\0\\0\\0\\1x'; exec sleep 60", "Garbled"),
        // More frames than there are looks.
        ("head -c 8 >/dev/null; while printf '\\1\\0\\0\\0\\3'; do :; done", "Garbled"),
    ] {
        let spawner = Watched::new(Direct::new("/bin/sh").before_role(["-c"]));
        let mut camera = Camera::new(Arc::clone(&spawner) as Arc<dyn Spawn>, script, AMPLE);
        let begun = Instant::now();
        let error = error(camera.look(time));
        assert_eq!(format!("{error:?}"), name, "{script}");
        assert!(begun.elapsed() < time + Duration::from_secs(3));
        let starts = spawner.starts();
        assert!((2..=12).contains(&starts), "{script}: {starts} starts");
    }
}

#[test]
fn a_look_that_is_given_up_is_still_answered_to_the_next() {
    let folder = Folder::new("waiting");
    folder.put("1.png", &shown(b"slow to come"));
    let mut camera = folder.camera(AMPLE);
    let waiting = error(camera.look(Duration::ZERO));
    assert!(matches!(waiting, CameraError::Waiting), "{waiting:?}");
    // What was asked before is no answer to another question.
    assert!(matches!(camera.noise(1), Err(CameraError::Noiseless)));
    assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"slow to come"]);
}

#[test]
fn a_camera_that_is_not_there_is_named_and_tried_again_each_second() {
    let spawner = Watched::new(Direct::new(PROGRAM));
    let role = "camera=/dev/cloison-no-such-camera";
    let mut camera = Camera::new(Arc::clone(&spawner) as Arc<dyn Spawn>, role, AMPLE);
    let begun = Instant::now();
    let absent = error(camera.look(AMPLE));
    assert!(matches!(absent, CameraError::Absent), "{absent:?}");
    assert_eq!(absent.to_string(), "there is no camera. Plug one in, or check its cable");
    // Until a second has passed it is not tried, and is named all the same.
    while begun.elapsed() < Duration::from_millis(700) {
        assert!(matches!(error(camera.look(Duration::from_millis(50))), CameraError::Absent));
    }
    assert_eq!(spawner.starts(), 1);
    assert!(matches!(error(camera.look(AMPLE)), CameraError::Absent));
    assert!(spawner.starts() == 2 && begun.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_camera_that_is_plugged_in_later_is_found_and_one_that_goes_is_named() {
    let folder = Folder::new("plugged");
    std::fs::remove_dir(&folder.0).unwrap();
    let mut camera = folder.camera(AMPLE);
    assert!(matches!(error(camera.look(AMPLE)), CameraError::Absent));
    std::fs::create_dir(&folder.0).unwrap();
    let empty = error(camera.look(AMPLE));
    assert!(matches!(empty, CameraError::Empty), "{empty:?}");
    folder.put("1.png", &shown(b"there"));
    assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"there"]);
    std::fs::remove_dir_all(&folder.0).unwrap();
    let gone = error(camera.look(AMPLE));
    assert!(matches!(gone, CameraError::Unplugged), "{gone:?}");
    std::fs::create_dir(&folder.0).unwrap();
    folder.put("1.png", &shown(b"back"));
    assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"back"]);
}

#[test]
fn what_is_no_camera_and_what_is_all_damaged_are_named() {
    let look = |role: &str| error(Camera::new(Arc::new(Direct::new(PROGRAM)), role, AMPLE).look(AMPLE));
    assert!(matches!(look("camera=/dev/null"), CameraError::Unusable));
    assert!(matches!(look("camera=/etc/passwd"), CameraError::Unusable));
    assert!(matches!(look("folder=/etc/passwd"), CameraError::Absent));
    // A role that there is not ends the child at once.
    let mut camera = Camera::new(Arc::new(Direct::new(PROGRAM)), "camera=video0", AMPLE);
    assert!(matches!(error(camera.look(Duration::from_millis(500))), CameraError::Died));
    let nowhere = Camera::new(Arc::new(Direct::new("/nowhere")), "camera=/dev/video0", AMPLE).look(AMPLE);
    assert!(matches!(error(nowhere), CameraError::Start(_)));
    let folder = Folder::new("damaged");
    folder.put("1.png", b"\x89PNG\r\n\x1a\nno more");
    let mut camera = folder.camera(AMPLE);
    assert!(matches!(error(camera.look(AMPLE)), CameraError::Damaged));
    folder.put("1.png", &shown(b"whole"));
    assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"whole"]);
}

#[test]
fn pictures_of_a_folder_are_no_noise_and_are_read_all_the_same() {
    let folder = Folder::new("noise");
    folder.put("1.png", &shown(b"after"));
    let mut camera = folder.camera(AMPLE);
    for _ in 0..2 {
        assert!(matches!(camera.noise(4), Err(CameraError::Noiseless)));
        assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"after"]);
    }
}

#[test]
fn a_camera_is_started_by_a_keeper_too() {
    let folder = Folder::new("kept");
    folder.put("1.png", &shown(b"kept"));
    let (keeper, mut process) = Keeper::start(Path::new(PROGRAM), &["keeper", "eye", &folder.role()]).unwrap();
    let mut camera = Camera::new(Arc::new(keeper.clone()), &folder.role(), AMPLE);
    assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"kept"]);
    let mut other = Camera::new(Arc::new(keeper), "folder=/", AMPLE);
    assert!(matches!(error(other.look(AMPLE)), CameraError::Start(_)));
    drop((camera, other));
    assert!(process.wait().unwrap().success());
}

#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let (folder, other) = (Folder::new("links"), Folder::new("linked"));
    other.put("secret.png", &shown(b"elsewhere"));
    std::os::unix::fs::symlink(other.0.join("secret.png"), folder.0.join("1.png")).unwrap();
    folder.put("2.png", &shown(b"here"));
    let mut camera = folder.camera(AMPLE);
    for _ in 0..3 {
        assert_eq!(seen(&camera.look(AMPLE).unwrap()), [b"here"]);
    }
}

/// The program itself, looked at from outside while it waits to be asked.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod from_outside {
    use super::*;
    use std::process::{Child as Process, Command, Stdio};

    fn about(camera: &Process, what: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{what}", camera.id())).unwrap()
    }

    #[test]
    fn a_camera_is_confined_before_it_has_taken_a_frame() {
        let folder = Folder::new("confined");
        // Were it opened before it is confined, it would be looked at then.
        folder.put("1.png", &shown(b"never asked for"));
        let mut program = Command::new(PROGRAM);
        let mut camera = program.arg(folder.role()).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while !about(&camera, "status").contains("Seccomp:\t2") {
            assert!(begun.elapsed() < AMPLE, "{}", about(&camera, "status"));
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(about(&camera, "status").contains("NoNewPrivs:\t1"));
        let limits = about(&camera, "limits");
        let limit = |name: &str| {
            let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(limit("Max address space"), ["536870912", "536870912"]);
        assert_eq!(limit("Max open files"), ["16", "16"]);
        for nothing in ["Max file size", "Max core file size", "Max processes"] {
            assert_eq!(limit(nothing), ["0", "0"], "{nothing}");
        }
        drop(camera.stdin.take());
        assert!(camera.wait().unwrap().success());
    }
}
