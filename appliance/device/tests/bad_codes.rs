//! Every kind of bad input that a camera meets is named on the scan screen, and the good transfer still
//! arrives: from pictures, through the real confined process that reads them, through what the camera's
//! thread and the session's do with its codes, to what is written on the screen.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod machine;
#[path = "../../../crates/ceremony/tests/support/mod.rs"]
mod support;

use cloison_appliance::Kiosk;
use cloison_ceremony::{Button, Event, View};
use cloison_device::inside::{Looked, Looks};
use cloison_eye::spawn::Direct;
use cloison_optics::{Density, Level, Luma, Symbol, picture};
use cloison_protocol::{Card, CardHeader, Frame, MAX_MESSAGE, Mode, Plan, Progress, Transfer, bounded::Fixed};
use cloison_screens::{Fate, Hint, Language, Size, Ui};
use i_slint_backend_testing::{ElementQuery, TestingBackend, TestingBackendOptions};
use machine::Machine;
use slint::ComponentHandle;
use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};
use support::{NAMES, held, planned};
use tempfile::TempDir;

/// The time where a test does not expect it to be used up.
const AMPLE: Duration = Duration::from_secs(20);
/// What the screen's clock moves on from look to look.
const STEP: Duration = Duration::from_millis(500);
/// So many looks are more than any message here takes.
const MANY: u32 = 200;

const STRANGE: &str = "this code is of";
const LATER: &str = "This code is of frame version 2, and this program reads version 1. Update the older side.";
const ALTERED: &str = "The pieces do not fit together, so something altered them. Reading starts again.";
const NOBODYS: &str = "This code is not part of a Cloison transfer. Show the code that Cloison shows.";
const CARD: &str = "Expected a plan, but this is a card. Show the plan instead.";
const STILL: &str = "The other screen stands still: the same code comes again and again.";
const CROWDED: &str = "Too many patterns: show the code alone.";
const TOO_BRIGHT: &str = "Too bright: turn that screen down, or turn it away from the light.";

/// A blank kiosk that waits for a plan, and the screen before its camera.
struct Scene {
    looks: Looks<Machine>,
    ui: Ui,
    before: TempDir,
    now: Instant,
    plan: Plan,
    good: Transfer,
}

impl Scene {
    fn new() -> Self {
        let options = TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) };
        // Each test has a thread of its own, and may be the second on it.
        let _ = slint::platform::set_platform(Box::new(TestingBackend::new(options)));
        let ui = Ui::new(Size::Small, Language::English).unwrap();
        ui.window().show().unwrap();
        let before = tempfile::tempdir().unwrap();
        let role = format!("folder={}", before.path().display());
        let spawner = Arc::new(Direct::new(env!("CARGO_BIN_EXE_cloison-appliance")));
        let mut looks = Looks::new(Kiosk::start(Machine(None)).unwrap(), Language::English, spawner, &role, AMPLE);
        for button in [Button::CreateVault, Button::Continue, Button::ReadPlan] {
            looks.touch(&ui, Event::Press(button)).unwrap();
        }
        let plan = held(planned(2, &NAMES[..3]));
        let good = Transfer::new(plan.as_bytes(), 16).unwrap();
        assert!(good.least_frames() > 6);
        let scene = Self { looks, ui, before, now: Instant::now(), plan, good };
        assert_eq!(scene.name(), "scan");
        scene
    }

    /// Puts a picture before the camera, in one step, and looks at it once.
    fn sees(&mut self, picture: &Luma) -> Looked {
        let hidden = self.before.path().join(".screen.png");
        fs::write(&hidden, picture::png(picture).unwrap()).unwrap();
        fs::rename(hidden, self.before.path().join("screen.png")).unwrap();
        self.looks_on()
    }

    /// Looks once more at what is there.
    fn looks_on(&mut self) -> Looked {
        self.now += STEP;
        self.looks.look(&self.ui, AMPLE, self.now).unwrap().expect("a look")
    }

    /// Shows a code. One that stands elsewhere than the one before is read at the second look.
    fn code(&mut self, code: &[u8]) -> Looked {
        let density = Density::smallest_for(code.len(), Level::L).unwrap();
        let looked = self.sees(&Symbol::encode(code, density).unwrap().picture(4));
        if looked.fates.last() == Some(&Fate::Nothing) { self.looks_on() } else { looked }
    }

    fn frame(&mut self, number: u32) -> Looked {
        let frame = self.good.frame(number);
        self.code(&frame)
    }

    /// Expects that a code is named so, with a square dot, and that the screen stays.
    fn refuses(&mut self, code: &[u8], words: &str) {
        let looked = self.code(code);
        assert!(self.says(words), "no {words:?} in {:?}", self.texts());
        assert_eq!((looked.fates.last(), self.name()), (Some(&Fate::Wrong), "scan"), "{words}");
        // What stays before the camera stays named.
        self.looks_on();
        assert!(self.says(words), "no {words:?} any more in {:?}", self.texts());
    }

    fn name(&self) -> &'static str {
        self.looks.screen().view.name()
    }

    fn progress(&self) -> Option<Progress> {
        match self.looks.screen().view {
            View::Scan { progress, .. } => progress,
            view => panic!("on {}", view.name()),
        }
    }

    fn texts(&self) -> Vec<String> {
        let elements = ElementQuery::from_root(self.ui.window()).match_descendants().find_all();
        elements.iter().filter_map(|element| element.accessible_label()).map(|label| label.to_string()).collect()
    }

    fn says(&self, part: &str) -> bool {
        self.texts().iter().any(|text| text.contains(part))
    }

    /// Shows the good transfer from a frame on, each frame followed by a bad code, until it is there.
    fn arrives(&mut self, from: u32, bad: Option<&[u8]>) {
        for number in from..from + MANY {
            self.frame(number);
            if self.name() != "scan" {
                return self.has_arrived();
            }
            if let Some(bad) = bad {
                self.code(bad);
            }
        }
        panic!("the plan never arrives: {:?}", self.texts());
    }

    fn has_arrived(&self) {
        let View::PlanPage { .. } = self.looks.screen().view else { panic!("on {}", self.name()) };
        assert!(self.looks.screen().notice.is_none());
        let title = self.plan.body().title.as_str();
        assert!(self.says(title), "no {title:?} in {:?}", self.texts());
    }
}

/// Changes a frame of the good transfer, and makes its checksum right.
fn forged(frame: &[u8], change: impl FnOnce(&mut Frame)) -> Vec<u8> {
    let mut frame = Frame::decode(frame).unwrap();
    change(&mut frame);
    frame.encode()
}

fn theirs() -> Transfer {
    Transfer::new(held(planned(3, &NAMES)).as_bytes(), 16).unwrap()
}

#[test]
fn another_transfers_frames_are_named_and_the_one_begun_arrives_between_them() {
    let (mut scene, theirs) = (Scene::new(), theirs());
    scene.frame(0);
    let words = format!("Still reading {}; this code is of {}. Show one at a time.", scene.good.id(), theirs.id());
    scene.refuses(&theirs.frame(0), &words);
    scene.refuses(&theirs.frame(1), &words);
    assert_eq!(scene.progress().unwrap().read, 1);
    scene.arrives(1, Some(&theirs.frame(2)));
}

#[test]
fn a_screen_that_changes_to_another_transfer_and_back_is_followed() {
    let (mut scene, theirs) = (Scene::new(), theirs());
    scene.frame(0);
    let mut looked = scene.code(&theirs.frame(0));
    for number in 1..3 {
        assert!(looked.fates.last() == Some(&Fate::Wrong) && scene.says(STRANGE));
        looked = scene.code(&theirs.frame(number));
    }
    assert!(looked.fates.last() == Some(&Fate::New) && !scene.says(STRANGE));
    scene.arrives(1, None);
}

#[test]
fn a_frame_of_a_later_version_is_named_and_the_good_ones_between_arrive() {
    let mut scene = Scene::new();
    let mut later = scene.good.frame(0);
    later[0] = 0xC2;
    scene.refuses(&later, LATER);
    assert_eq!(scene.progress(), None);
    scene.arrives(0, Some(&later));
}

#[test]
fn a_transfer_with_a_wrong_digest_is_named_at_its_end_and_the_good_one_arrives_after_it() {
    let (mut scene, theirs) = (Scene::new(), theirs());
    let id = Frame::decode(&scene.good.frame(0)).unwrap().transfer;
    let one_byte = |good: &Transfer, number| forged(&good.frame(number), |frame| frame.symbol[5] ^= u8::from(number == 2));
    // The second says the good one's name of something else, whole in itself.
    let renamed = |_: &Transfer, number| forged(&theirs.frame(number), |frame| frame.transfer = id);
    for forge in [&one_byte as &dyn Fn(&Transfer, u32) -> Vec<u8>, &renamed] {
        let mut looked = None;
        for number in 0..MANY {
            let code = forge(&scene.good, number);
            looked = Some(scene.code(&code));
            if scene.says(ALTERED) {
                break;
            }
            assert_eq!((scene.name(), scene.looks.screen().notice), ("scan", None));
        }
        assert!(scene.says(ALTERED), "{:?}", scene.texts());
        assert_eq!((looked.unwrap().fates.last(), scene.progress()), (Some(&Fate::Wrong), None));
    }
    scene.arrives(0, None);
}

#[test]
fn a_wrong_piece_among_good_ones_is_named_at_the_end_and_the_screen_only_has_to_go_on() {
    let mut scene = Scene::new();
    let wrong = forged(&scene.good.frame(1), |frame| frame.symbol[0] ^= 1);
    scene.code(&wrong);
    let altered = (0..MANY).find(|number| {
        scene.frame(*number);
        scene.says(ALTERED)
    });
    let altered = altered.expect("the wrong piece is never noticed");
    assert_eq!((scene.name(), scene.progress()), ("scan", None));
    scene.arrives(altered + 1, None);
}

#[test]
fn a_transfer_that_announces_more_than_is_allowed_is_named_and_the_good_one_arrives() {
    let mut scene = Scene::new();
    // Three bytes say the length, so sixteen megabytes are the most that can be announced.
    let (most, above) = (0xff_ffff, u32::try_from(MAX_MESSAGE).unwrap() + 33);
    let announcing = |frame: Vec<u8>, length| forged(&frame, |frame| frame.length = length);
    for length in [most, above] {
        let words = format!("This transfer announces {length} bytes, more than the {} allowed", above - 1);
        let strange = announcing(theirs().frame(0), length);
        scene.refuses(&strange, &words);
        let named_as_ours = announcing(scene.good.frame(0), length);
        scene.refuses(&named_as_ours, &words);
        assert_eq!(scene.progress(), None, "nothing is begun");
    }
    let bad = announcing(scene.good.frame(0), most);
    scene.arrives(0, Some(&bad));
}

#[test]
fn the_largest_transfer_that_is_allowed_holds_up_the_good_one_for_two_codes() {
    let mut scene = Scene::new();
    let length = u32::try_from(MAX_MESSAGE).unwrap() + 32;
    let largest = |number: u32| {
        let (frame, symbol) = (scene.good.frame(number), vec![7; 800]);
        forged(&frame, |frame| (frame.length, frame.symbol, frame.transfer.0) = (length, symbol, [9; 4]))
    };
    let codes: Vec<_> = (0..4).map(largest).collect();
    for code in &codes {
        assert_eq!(scene.code(code).fates.last(), Some(&Fate::New));
    }
    assert_eq!(scene.progress(), Some(Progress { read: 4, needed: length.div_ceil(800) as usize }));
    let good = [0, 1].map(|number| scene.good.frame(number));
    for code in &good {
        scene.refuses(code, &format!("Still reading 09090909; this code is of {}.", scene.good.id()));
    }
    scene.arrives(2, None);
}

#[test]
fn a_code_that_is_repeated_for_ever_is_named_after_five_seconds_and_the_rest_arrives_when_it_comes() {
    let mut scene = Scene::new();
    let mut looked = scene.frame(0);
    for _ in 0..4 {
        for _ in 1..10 {
            assert!(looked.hint.is_none() && !scene.says(STILL));
            looked = scene.looks_on();
        }
        assert!(looked.hint.is_none());
        for _ in 0..25 {
            looked = scene.looks_on();
            assert!(looked.hint == Some(Hint::Still) && scene.says(STILL), "{:?}", scene.texts());
        }
        assert!(looked.fates.iter().all(|fate| *fate == Fate::Again));
        // Something new takes the word away, and a screen that stands again brings it back.
        let next = u32::try_from(scene.progress().unwrap().read).unwrap();
        looked = scene.frame(next);
    }
    assert_eq!(scene.progress().unwrap().read, 5);
    scene.arrives(5, None);
}

#[test]
fn sixteen_hundred_finder_patterns_are_named_and_the_code_is_read_when_it_stands_alone() {
    let mut scene = Scene::new();
    scene.frame(0);
    let finders = fake_finders(40, 2);
    let mut looked = scene.sees(&finders);
    for _ in 1..10 {
        assert!(looked.hint.is_none() && !scene.says(CROWDED));
        looked = scene.looks_on();
    }
    assert!(looked.hint == Some(Hint::Crowded) && scene.says(CROWDED), "{:?}", scene.texts());
    assert_eq!((looked.fates.last(), scene.progress().unwrap().read), (Some(&Fate::Nothing), 1));
    scene.arrives(1, None);
}

#[test]
fn what_is_nobodys_and_a_card_and_an_empty_page_are_named() {
    let mut scene = Scene::new();
    scene.refuses(b"https://example.org", NOBODYS);
    scene.refuses(&card(), CARD);
    let white = Luma::white(640, 480).unwrap();
    let looked = (0..10).map(|_| scene.sees(&white)).last().unwrap();
    assert!(looked.hint == Some(Hint::TooBright) && scene.says(TOO_BRIGHT), "{:?}", scene.texts());
    scene.arrives(0, Some(&card()));
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
