use crate::workstation::Workstation;
use cloison_optics::{Density, Level, Luma, Symbol, picture};
use cloison_protocol::{Card, CardHeader, Frame, MAX_MESSAGE, Mode, Transfer, bounded::Fixed};
use std::fs;

pub(crate) fn payload(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * n / 7) as u8).collect()
}

pub(crate) fn desk_with(payload: &[u8]) -> Workstation {
    let desk = Workstation::bare();
    desk.write("message", payload);
    desk
}

pub(crate) fn frames(desk: &Workstation, folder: &str) -> Vec<String> {
    desk.list(folder).into_iter().filter(|name| name.ends_with(".png")).map(|name| format!("{folder}/{name}")).collect()
}

pub(crate) fn scan(desk: &Workstation, pictures: &[String]) -> crate::workstation::Said {
    let mut arguments = vec!["qr", "scan", "-o", "out"];
    arguments.extend(pictures.iter().map(String::as_str));
    desk.run(&arguments)
}

fn card() -> [u8; 80] {
    let header = CardHeader {
        vault: Fixed([1; 6]),
        epoch: 1,
        threshold: 2,
        cards: 3,
        index: 1,
        mode: Mode::Real,
        profile: 1,
        salt: Fixed([7; 16]),
    };
    Card { header, sealed: Fixed([9; 48]) }.encode()
}

fn code(bytes: &[u8]) -> Vec<u8> {
    let density = Density::smallest_for(bytes.len(), Level::M).unwrap();
    picture::png(&Symbol::encode(bytes, density).unwrap().picture(4)).unwrap()
}

#[test]
fn any_frames_in_any_order_make_the_message_whole() {
    let desk = desk_with(&payload(3000));
    desk.run(&["qr", "show", "message", "--png", "frames", "--frames", "24", "--density", "10"]).done();
    let mut pictures = frames(&desk, "frames");
    assert_eq!(pictures.len(), 24);
    pictures.reverse();
    let mut kept: Vec<_> = pictures.iter().enumerate().filter(|(n, _)| n % 3 != 0).map(|(_, name)| name.clone()).collect();
    kept.insert(3, kept[0].clone());
    let said = scan(&desk, &kept).done();
    assert!(said.err.contains("1 read before") && said.err.contains("Complete"), "{}", said.err);
    assert_eq!(desk.read("out"), payload(3000));
    scan(&desk, &kept).failed(1, "already exists");
}

#[test]
fn a_second_call_goes_on_and_another_message_is_not_mixed_in() {
    let desk = desk_with(&payload(2000));
    let show = |frames: &str| ["qr", "show", "message", "--png", "f", "--frames", frames, "--density", "10"].map(str::to_owned);
    let run = |arguments: &[String]| desk.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    run(&show("3")).done();
    assert_eq!(frames(&desk, "f"), ["f/frame-00000000.png", "f/frame-00000001.png", "f/frame-00000002.png"]);
    scan(&desk, &frames(&desk, "f")).failed(1, "3 of at least 8");
    assert!(!desk.has("out"));
    let first = desk.read("f/frame-00000000.png");
    run(&show("7")).done();
    assert_eq!(frames(&desk, "f").last().unwrap(), "f/frame-00000009.png");
    assert_eq!(desk.read("f/frame-00000000.png"), first);
    scan(&desk, &frames(&desk, "f")).done();
    assert_eq!(desk.read("out"), payload(2000));

    desk.run(&["qr", "show", "message", "--png", "f", "--frames", "1"]).failed(1, "another density");
    desk.write("message", &payload(2001));
    run(&show("1")).failed(1, "something else");
    assert_eq!(frames(&desk, "f").len(), 10);
}

#[test]
fn an_animation_carries_a_message() {
    let desk = desk_with(&payload(4000));
    desk.run(&["qr", "show", "message", "--gif", "a.gif", "--scale", "3"]).done();
    scan(&desk, &["a.gif".into()]).done();
    assert_eq!(desk.read("out"), payload(4000));
    desk.run(&["qr", "show", "message", "--gif", "a.gif"]).failed(1, "already exists");
    desk.run(&["qr", "show", "message", "--gif", "b.gif", "--frames", "5000"]).failed(1, "more than one GIF holds");
    desk.run(&["qr", "show", "message"]).failed(1, "--gif");
    desk.run(&["qr", "show", "message", "--frames", "3"]).failed(2, "--gif");
    desk.run(&["qr", "show", "message", "--png", "x"]).failed(2, "--frames");
}

#[test]
fn a_small_message_is_one_small_code() {
    let desk = desk_with(b"short");
    desk.run(&["qr", "show", "message", "--png", "f", "--frames", "1"]).done();
    assert!(desk.read("f/frame-00000000.png").len() < 2000);
    scan(&desk, &frames(&desk, "f")).done();
    assert_eq!(desk.read("out"), b"short");
}

#[test]
fn what_cannot_be_shown_is_said() {
    let desk = desk_with(b"");
    let show = |file: &str| desk.run(&["qr", "show", file, "--png", "f", "--frames", "1"]);
    show("message").failed(1, "empty");
    show("nothing").failed(1, "no file");
    show(".").failed(1, "folder");
    desk.write("huge", &vec![1; MAX_MESSAGE + 1]);
    show("huge").failed(1, "larger than");
    desk.write("message", &payload(500_000));
    desk.run(&["qr", "show", "message", "--png", "f", "--frames", "1", "--density", "1"]).failed(1, "denser");
    assert!(!desk.has("f"));
}

#[test]
fn strangers_garbage_and_cards_harm_nothing() {
    let desk = desk_with(&payload(1200));
    desk.run(&["qr", "show", "message", "--png", "ours", "--frames", "12", "--density", "10"]).done();
    desk.write("message", &payload(5000));
    desk.run(&["qr", "show", "message", "--png", "theirs", "--frames", "6", "--density", "10"]).done();
    desk.write("noise.png", &payload(3000));
    desk.write("cut.png", &desk.read("ours/frame-00000000.png")[..200]);
    desk.write("empty.png", b"");
    desk.write("white.png", &picture::png(&Luma::white(300, 300).unwrap()).unwrap());
    desk.write("card.png", &code(&card()));
    desk.write("else.png", &code(b"https://example.org"));
    fs::create_dir(desk.path("folder.png")).unwrap();
    let (ours, theirs) = (frames(&desk, "ours"), frames(&desk, "theirs"));
    let odd = ["noise.png", "cut.png", "empty.png", "missing.png", "folder.png", "white.png", "card.png", "else.png"];
    let mut pictures = vec![ours[0].clone()];
    pictures.extend(theirs);
    pictures.extend(odd.map(str::to_owned));
    pictures.extend_from_slice(&ours[1..]);
    let said = scan(&desk, &pictures).done();
    assert_eq!(desk.read("out"), payload(1200));
    for part in ["this is", "custodian's card", "not Cloison's", "no code found", "missing.png: there is no file"] {
        assert!(said.err.contains(part), "no {part:?} in {}", said.err);
    }
    desk.remove("out");
    scan(&desk, &odd[..6].iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).failed(1, "5 could not be opened");
    scan(&desk, &["card.png".into(), "white.png".into()]).failed(1, "Cards stay offline");
    desk.run(&["qr", "show", "message", "--png", "all", "--frames", "30", "--density", "10"]).done();
    scan(&desk, &[frames(&desk, "all"), ours].concat()).failed(1, "more than one message");
    assert!(!desk.has("out"));
}

#[test]
fn reading_tells_what_is_on_each_picture() {
    let desk = desk_with(&payload(100));
    desk.run(&["qr", "show", "message", "--png", "f", "--frames", "1"]).done();
    desk.run(&["qr", "show", "message", "--gif", "a.gif", "--frames", "2", "--density", "3"]).done();
    desk.write("white.png", &picture::png(&Luma::white(300, 300).unwrap()).unwrap());
    desk.write("card.png", &code(&card()));
    let names = ["f/frame-00000000.png", "a.gif", "white.png", "card.png"];
    let said = desk.run(&[&["qr", "read", "--json"], &names[..]].concat()).done();
    let lines: Vec<serde_json::Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["picture"].as_str().unwrap()).collect::<Vec<_>>(), names);
    let counts: Vec<_> = lines.iter().map(|line| line["symbols"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [1, 2, 0, 1]);
    assert!(lines.iter().all(|line| line["micros"].is_u64()));
    let hex: String = card().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(lines[3]["symbols"][0], hex);

    desk.write(
        "enrolment.png",
        &code(&{
            desk.run(&["identity", "new", "--name", "Claire"]).done();
            desk.read("enrolment.cloison")
        }),
    );
    assert!(desk.run(&["qr", "read", "enrolment.png"]).done().out.contains(": an enrolment"));
    desk.write("bad.png", b"not a picture");
    let bad = desk.run(&["qr", "read", "--json", "bad.png", "white.png"]).failed(1, "1 of 2");
    let lines: Vec<serde_json::Value> = bad.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        lines[0]["error"].is_string()
            && lines[0].get("symbols").is_none()
            && lines[0]["micros"].is_u64()
            && lines[1]["symbols"].is_array()
    );
    let words = desk.run(&[&["qr", "read"], &names[..]].concat()).done();
    for part in ["frame 0 of transfer", "no code found", "card 1 of 3"] {
        assert!(words.out.contains(part), "no {part:?} in {}", words.out);
    }
}

#[test]
fn a_forged_picture_is_named_and_left_out() {
    let desk = desk_with(b"");
    let transfer = Transfer::new(&payload(900), 100).unwrap();
    let mut pictures = Vec::new();
    for number in 0..transfer.least_frames() {
        let mut frame = Frame::decode(&transfer.frame(number)).unwrap();
        // A checksum is no signature: whoever can show a code can compute it.
        frame.symbol[7] ^= u8::from(number == 3);
        desk.write(&format!("{number}.png"), &code(&frame.encode()));
        pictures.push(format!("{number}.png"));
    }
    scan(&desk, &pictures).failed(1, "at least one is wrong");
    desk.write("more.png", &code(&transfer.frame(transfer.least_frames() + 5)));
    pictures.push("more.png".into());
    let said = scan(&desk, &pictures).done();
    assert!(said.err.contains("3.png: its code of transfer"), "{}", said.err);
    assert_eq!(desk.read("out"), payload(900));
}

#[test]
fn codes_need_no_home_and_an_empty_one_counts_as_unset() {
    let desk = desk_with(b"short");
    let run = |arguments: &[&str], home: Option<&str>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cloison"));
        command.current_dir(desk.folder()).env_clear().args(arguments);
        home.map(|home| command.env("CLOISON_HOME", home));
        command.output().unwrap()
    };
    for home in [None, Some("")] {
        let _ = fs::remove_file(desk.path("a.gif"));
        let said = run(&["qr", "show", "message", "--gif", "a.gif"], home);
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    }
    assert!(!String::from_utf8_lossy(&run(&["keys", "list"], Some("")).stderr).contains("a value is required"));
}

#[test]
fn advice_about_codes_is_advice_that_helps() {
    let desk = desk_with(b"short");
    let said = scan(&desk, &["missing.png".into()]).failed(1, "no picture could be opened, of 1 given");
    assert!(said.err.contains("there is no file missing.png") && !said.err.contains("closer"), "{}", said.err);
    desk.run(&["qr", "show", "message", "--png", "f", "--frames", "1"]).done();
    let again = ["qr", "show", "message", "--png", "f", "--frames", "1", "--from", "0", "--force"];
    assert!(!desk.run(&again).failed(1, "Leave out --from").err.contains("--force"));
}

/// Pictures in a folder stand for a camera.
#[cfg(target_os = "linux")]
mod through_a_camera {
    use super::*;
    use std::{
        os::unix::process::ExitStatusExt,
        process::{Child, Command, Stdio},
        thread::sleep,
        time::{Duration, Instant},
    };

    const WATCH: [&str; 6] = ["qr", "scan", "--camera", "f", "-o", "out"];

    /// Shows a message of so many bytes as pictures in the folder `f`.
    fn shown(length: usize, frames: &str) -> Workstation {
        let desk = desk_with(&payload(length));
        desk.run(&["qr", "show", "message", "--png", "f", "--frames", frames, "--density", "10"]).done();
        desk
    }

    #[test]
    fn a_message_is_read_and_each_look_is_told() {
        let desk = shown(3000, "16");
        let said = desk.run(&WATCH).done();
        assert_eq!(desk.read("out"), payload(3000));
        for part in ["Looking through f. Ctrl-C ends.", "new; 1 of 12", "new; 11 of 12", "Complete: 3000 bytes in out."] {
            assert!(said.err.contains(part), "no {part:?} in {}", said.err);
        }
        desk.run(&WATCH).failed(1, "already exists");
        desk.run(&[&WATCH[..], &["--force"]].concat()).done();
    }

    #[test]
    fn what_stands_in_the_way_is_named_and_the_message_comes_all_the_same() {
        let desk = shown(2000, "10");
        let theirs = Transfer::new(&payload(900), 200).unwrap();
        desk.write("f/frame-00000001-card.png", &code(&card()));
        desk.write("f/frame-00000002-else.png", &code(b"https://example.org"));
        desk.write("f/frame-00000003-other.png", &code(&theirs.frame(0)));
        desk.write("f/frame-00000004-broken.png", b"\x89PNG\r\n\x1a\nno more");
        let said = desk.run(&WATCH).done();
        assert_eq!(desk.read("out"), payload(2000));
        for part in [
            "This is a custodian's card, which stays offline.",
            "not part of a Cloison transfer",
            &format!("This is transfer {}", theirs.id()),
        ] {
            assert!(said.err.contains(part), "no {part:?} in {}", said.err);
        }
    }

    #[test]
    fn frames_of_a_later_version_and_of_sixteen_megabytes_are_named_and_the_message_comes_all_the_same() {
        let desk = shown(2000, "10");
        let good = Transfer::new(&payload(2000), 200).unwrap().frame(0);
        let mut later = good.clone();
        later[0] = 0xC2;
        desk.write("f/frame-00000001-later.png", &code(&later));
        // Three bytes say the length, so this is the most that can be announced.
        desk.write("f/frame-00000002-large.png", &code(&Frame { length: 0xff_ffff, ..Frame::decode(&good).unwrap() }.encode()));
        let said = desk.run(&WATCH).done();
        assert_eq!(desk.read("out"), payload(2000));
        for part in [
            "This code is of frame version 2, and this program reads version 1. Update the older side.",
            &format!("This transfer announces 16777215 bytes, more than the {} allowed", MAX_MESSAGE + 32),
        ] {
            assert!(said.err.contains(part), "no {part:?} in {}", said.err);
        }
    }

    #[test]
    fn a_wrong_digest_at_the_end_is_named_and_the_message_comes_from_the_next_codes() {
        let desk = Workstation::bare();
        fs::create_dir(desk.path("f")).unwrap();
        let transfer = Transfer::new(&payload(900), 100).unwrap();
        for number in 0..30 {
            let mut frame = Frame::decode(&transfer.frame(number)).unwrap();
            frame.symbol[7] ^= u8::from(number == 3);
            desk.write(&format!("f/{number:02}.png"), &code(&frame.encode()));
        }
        let said = desk.run(&WATCH).done();
        assert_eq!(desk.read("out"), payload(900));
        let words = "The codes do not belong together: at least one was wrong. They are read anew; keep showing the code.";
        assert!(said.err.contains(words), "{}", said.err);
    }

    /// A call that looks on while the pictures before it change.
    struct Watching<'a>(&'a Workstation, Child);

    impl<'a> Watching<'a> {
        fn start(desk: &'a Workstation) -> Self {
            let said = fs::File::create(desk.path("said")).unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_cloison"));
            command.current_dir(desk.folder()).arg("--home").arg(desk.path("home")).args(WATCH);
            Self(desk, command.stdin(Stdio::null()).stderr(said).spawn().unwrap())
        }

        /// Puts a picture before the camera, in one step.
        fn sees(&self, name: &str, picture: &[u8]) {
            self.0.write("picture", picture);
            fs::rename(self.0.path("picture"), self.0.path(name)).unwrap();
        }

        /// Waits until something was said.
        fn hears(&self, part: &str) {
            let said = || String::from_utf8(self.0.read("said")).unwrap();
            let begun = Instant::now();
            while !said().contains(part) {
                assert!(begun.elapsed() < Duration::from_secs(60), "no {part:?} in {}", said());
                sleep(Duration::from_millis(20));
            }
        }

        fn ends(mut self) {
            self.hears("Complete: ");
            assert!(self.1.wait().unwrap().success());
        }
    }

    impl Drop for Watching<'_> {
        fn drop(&mut self) {
            let _ = self.1.kill();
            let _ = self.1.wait();
        }
    }

    #[test]
    fn codes_that_are_repeated_for_ever_are_named_and_the_message_comes_when_the_rest_does() {
        let desk = Workstation::bare();
        fs::create_dir(desk.path("f")).unwrap();
        let transfer = Transfer::new(&payload(900), 100).unwrap();
        let picture = |number| code(&transfer.frame(number));
        desk.write("f/0.png", &picture(0));
        let watching = Watching::start(&desk);
        watching.hears("The same code is seen again and again. Is the animation running?");
        watching.sees("f/1.png", &picture(1));
        watching.hears("new; 2 of 10");
        watching.hears("The same codes come again and again, and some are missing. Does the animation show all of them?");
        for number in 2..14 {
            watching.sees(&format!("f/{number}.png"), &picture(number));
        }
        watching.ends();
        assert_eq!(desk.read("out"), payload(900));
    }

    #[test]
    fn sixteen_hundred_finder_patterns_are_named_and_the_message_comes_beside_them() {
        let desk = Workstation::bare();
        fs::create_dir(desk.path("f")).unwrap();
        desk.write("f/finders.png", &picture::png(&fake_finders(40, 2)).unwrap());
        let watching = Watching::start(&desk);
        watching.hears("There are too many patterns in view. Show the code alone.");
        let transfer = Transfer::new(&payload(900), 100).unwrap();
        for number in 0..14 {
            watching.sees(&format!("f/{number}.png"), &code(&transfer.frame(number)));
        }
        watching.ends();
        assert_eq!(desk.read("out"), payload(900));
    }

    /// Makes a picture with `rows`² finder patterns and nothing else.
    fn fake_finders(rows: u32, module: u32) -> Luma {
        let side = 9 * module * rows;
        let grey = |index: u32| {
            let (x, y) = (index % side / module % 9, index / side / module % 9);
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            if x < 7 && y < 7 && ring != 2 { 0 } else { 255 }
        };
        Luma::new(side, side, (0..side * side).map(grey).collect()).unwrap()
    }

    #[test]
    fn a_signal_ends_it_and_leaves_nothing_behind() {
        let desk = shown(3000, "4");
        let before = desk.list(".");
        for (signal, number) in [("INT", 2), ("TERM", 15)] {
            let mut child = desk.start(&WATCH);
            // Its child is the camera's process, which is confined before its first picture.
            let begun = Instant::now();
            let camera = loop {
                assert!(begun.elapsed() < Duration::from_secs(20));
                let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id())).unwrap();
                let status = |pid: &str| fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
                match children.split_whitespace().find(|pid| status(pid).contains("Seccomp:\t2")) {
                    Some(pid) => break pid.to_owned(),
                    None => sleep(Duration::from_millis(5)),
                }
            };
            let status = fs::read_to_string(format!("/proc/{camera}/status")).unwrap();
            assert!(status.contains("NoNewPrivs:\t1"), "{status}");
            let kill = format!("kill -{signal} {}", child.id());
            assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
            assert_eq!(child.wait().unwrap().signal(), Some(number));
            assert!(!fs::exists(format!("/proc/{camera}")).unwrap(), "the camera's process is left behind");
            assert_eq!(desk.list("."), before);
        }
    }

    #[test]
    fn what_is_no_camera_is_named() {
        let desk = desk_with(b"short");
        desk.run(&WATCH).failed(1, "there is no camera");
        desk.run(&["qr", "scan", "--camera", "message", "-o", "out"]).failed(1, "gives no pictures that can be read here");
        desk.run(&["qr", "scan", "--camera", "f", "a.png", "-o", "out"]).failed(2, "cannot be used with");
        desk.run(&["qr", "scan", "-o", "out"]).failed(2, "<PICTURES>");
        assert!(!desk.has("out"));
    }

    /// The reader of pictures, started as this program starts it, and looked at from outside.
    #[test]
    fn the_reading_process_is_confined_before_its_first_picture() {
        for role in [&["eye"][..], &["eye", "view"]] {
            let mut program = Command::new(env!("CARGO_BIN_EXE_cloison"));
            let pipe = Stdio::piped;
            let mut child = program.args(role).env_clear().stdin(pipe()).stdout(pipe()).spawn().unwrap();
            let status = || fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
            let begun = Instant::now();
            while !status().contains("Seccomp:\t2") {
                assert!(begun.elapsed() < Duration::from_secs(20), "{role:?}: {}", status());
                sleep(Duration::from_millis(5));
            }
            assert!(status().contains("NoNewPrivs:\t1"), "{role:?}");
            drop(child.stdin.take());
            child.wait().unwrap();
        }
    }
}
