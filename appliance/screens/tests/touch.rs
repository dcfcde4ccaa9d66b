//! Every button of every screen is found by its label, and pressing it is exactly that event;
//! what is typed arrives, and no secret reaches what is drawn.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "touch/panel.rs"]
mod panel;
#[path = "touch/start.rs"]
mod start;
mod support;

use cloison_ceremony::{Button, Event, Field, FieldState, View};
use cloison_protocol::{Kind as Expected, Progress};
use cloison_screens::{Hint, Kind, Language, Lent, Sighted, Size, Ui};
use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use slint::{
    ComponentHandle, LogicalPosition,
    platform::{PointerEventButton, WindowEvent},
};
use std::{cell::RefCell, collections::BTreeSet, path::Path, rc::Rc, time::Duration};
use support::Case;

/// What was heard, without what a passphrase must not print.
#[derive(Debug, Clone, PartialEq)]
enum Heard {
    Press(Button),
    Type(Field, String),
    Else,
}

struct Stage {
    language: Language,
    ui: Ui,
    heard: Rc<RefCell<Vec<Heard>>>,
}

impl Stage {
    fn new(size: Size, language: Language) -> Self {
        let options = TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) };
        slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
        let ui = Ui::new(size, language).unwrap();
        let heard = Rc::new(RefCell::new(Vec::new()));
        let ears = heard.clone();
        ui.listen(move |event| {
            if matches!(event, Event::Touched) {
                return;
            }
            ears.borrow_mut().push(match event {
                Event::Press(button) => Heard::Press(button),
                Event::Type(field, text) => Heard::Type(field, text.0.to_string()),
                _ => Heard::Else,
            });
        });
        ui.window().show().unwrap();
        Self { language, ui, heard }
    }

    fn show(&self, case: &Case) {
        case.present(&self.ui, &case.spoken(self.language));
        self.ui.render().unwrap();
    }

    /// Gives what the screens themselves call something.
    fn called(&self, english: &'static str) -> &'static str {
        match (self.language, english) {
            (Language::French, "Read on") => "Lire la suite",
            (Language::French, "More") => "Suite",
            (Language::French, "Stay here") => "Rester ici",
            _ => english,
        }
    }

    fn elements(&self) -> Vec<ElementHandle> {
        elements(&self.ui)
    }

    fn find(&self, role: AccessibleRole, label: &str) -> Option<ElementHandle> {
        self.elements().into_iter().find(|element| {
            element.accessible_role() == Some(role) && element.accessible_label().is_some_and(|known| known == label)
        })
    }

    /// Presses a button with a finger, where it is.
    fn press(&self, label: &str) -> bool {
        let Some(element) = self.find(AccessibleRole::Button, label) else { return false };
        let (at, size) = (element.absolute_position(), element.size());
        self.touch(LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0), Duration::from_millis(100));
        true
    }

    fn touch(&self, position: LogicalPosition, time: Duration) {
        let window = self.ui.window().window();
        let button = PointerEventButton::Left;
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        for _ in 0..time.as_millis() / 50 {
            mock_elapsed_time(Duration::from_millis(50));
        }
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        self.ui.render().unwrap();
    }

    fn hold(&self, label: &str, time: Duration) {
        let element = self.find(AccessibleRole::Button, label).unwrap();
        let (at, size) = (element.absolute_position(), element.size());
        self.touch(LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0), time);
    }

    fn taken(&self) -> Vec<Heard> {
        self.heard.take()
    }

    /// Turns a text through, as somebody who reads it does.
    fn read_on(&self) {
        for _ in 0..50 {
            if !self.press(self.called("Read on")) {
                return;
            }
        }
        panic!("a text has no end");
    }

    /// Finds a button, on whichever page of a menu it is.
    fn turn_to(&self, label: &str) -> bool {
        for _ in 0..10 {
            if self.find(AccessibleRole::Button, label).is_some() {
                return true;
            }
            let more = self.elements().into_iter().filter_map(|element| element.accessible_label());
            match more.into_iter().find(|label| label.starts_with(self.called("More"))) {
                Some(more) => self.press(&more),
                None => return false,
            };
        }
        false
    }
}

fn elements(ui: &Ui) -> Vec<ElementHandle> {
    ElementQuery::from_root(ui.window()).match_descendants().find_all()
}

/// Expects that a touch is not enough, and holds.
fn held(stage: &Stage, case: &str, label: &str) {
    stage.hold(label, Duration::from_millis(800));
    assert_eq!(stage.taken(), [], "{case}: a touch is not enough");
    stage.hold(label, Duration::from_millis(1700));
}

fn every_button_is_its_event(size: Size, language: Language) {
    let stage = Stage::new(size, language);
    for mut case in support::cases() {
        (case.editing, case.leaving) = (None, false);
        let labels = case.spoken(language).buttons;
        for (button, label) in case.screen.buttons.clone().into_iter().zip(labels) {
            // Another screen between, so that each press starts at the first part of a text.
            stage.show(&support::case("between", View::Ended, &[]));
            stage.show(&case);
            stage.taken();
            stage.read_on();
            if !matches!(button, Button::Seal) && matches!(Kind::of(&case.screen.view), Kind::Record) && case.record.is_some() {
                stage.ui.hold(true);
                stage.ui.render().unwrap();
            }
            if case.busy.is_some() && button != Button::Seal {
                assert!(!stage.turn_to(&label), "{}: “{label}” while the kiosk is at work", case.name);
                continue;
            }
            assert!(stage.turn_to(&label), "{}: no button “{label}”", case.name);
            match button {
                Button::Approve | Button::Erase | Button::GiveUpNewCards => held(&stage, &case.name, &label),
                Button::Cancel if matches!(Kind::of(&case.screen.view), Kind::Passphrase | Kind::Card | Kind::ReadBack) => {
                    held(&stage, &case.name, &label);
                }
                Button::Done if Kind::of(&case.screen.view) == Kind::Show => {
                    assert!(stage.press(&label));
                    assert_eq!(stage.taken(), [], "{}: leaving asks", case.name);
                    assert!(stage.press(stage.called("Stay here")) && stage.taken().is_empty());
                    assert!(stage.press(&label) && stage.press(&label), "{}", case.name);
                }
                _ => assert!(stage.press(&label)),
            }
            assert_eq!(stage.taken(), [Heard::Press(button)], "{}: {label}", case.name);
        }
    }
}

#[test]
fn every_button_of_every_small_screen_is_its_event() {
    every_button_is_its_event(Size::Small, Language::English);
}

#[test]
fn every_button_of_every_large_screen_is_its_event_in_french_as_well() {
    every_button_is_its_event(Size::Large, Language::French);
}

#[test]
fn what_goes_on_stays_away_until_the_whole_text_was_turned_through() {
    let stage = Stage::new(Size::Small, Language::English);
    let case = named("stopped-longest");
    stage.show(&case);
    assert!(stage.press("Done"), "it is there, and waits");
    assert_eq!(stage.taken(), []);
    stage.read_on();
    assert!(stage.press("Done"));
    assert_eq!(stage.taken(), [Heard::Press(Button::Done)]);
}

#[test]
fn a_finger_that_rests_is_not_disturbed_by_the_seconds_that_pass() {
    let stage = Stage::new(Size::Small, Language::English);
    let desk = named("desk");
    let later = |seconds| {
        let mut case = named("desk");
        case.screen.left = Some((seconds, 7000));
        case
    };
    let name = support::case("name", View::Name { index: 1, cards: 3 }, &[Button::Continue]).field(Field::Custodian, "");
    let record = support::cases().into_iter().find(|case| case.screen.buttons.contains(&Button::Approve)).unwrap();
    let label = |case: &Case, at: usize| case.spoken(Language::English).buttons[at].clone();
    // What is touched is shown anew between finger down and finger up.
    let resting = |label: &str, again: &Case, time: u64| {
        let element = stage.find(AccessibleRole::Button, label).unwrap();
        let (at, size) = (element.absolute_position(), element.size());
        let position = LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0);
        let (window, button) = (stage.ui.window().window(), PointerEventButton::Left);
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        for _ in 0..time / 50 {
            mock_elapsed_time(Duration::from_millis(50));
            stage.ui.present(&again.screen, &again.spoken(Language::English), &Lent::default()).unwrap();
        }
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
    };
    stage.show(&desk);
    resting(&label(&desk, 0), &later(70), 100);
    assert_eq!(stage.taken(), [Heard::Press(desk.screen.buttons[0])]);

    stage.show(&record);
    stage.read_on();
    let approve = record.screen.buttons.iter().position(|button| *button == Button::Approve).unwrap();
    resting(&label(&record, approve), &record, 1700);
    assert_eq!(stage.taken(), [Heard::Press(Button::Approve)]);

    stage.show(&name);
    stage.ui.edit(Some(Field::Custodian));
    resting("e", &name, 100);
    assert_eq!(stage.taken(), [Heard::Type(Field::Custodian, "e".to_owned())]);

    // Where another screen comes under the finger, nothing is done on it.
    stage.show(&desk);
    resting(&label(&desk, 0), &support::case("between", View::Ended, &[]), 100);
    stage.show(&support::case("called", View::Start, &[Button::ReadPlan, Button::TypePlan, Button::Cancel]));
    resting("Cancel", &support::case("saving", View::Unsaved, &[Button::ReadPlan, Button::TypePlan, Button::Cancel]), 100);
    assert_eq!(stage.taken(), []);
}

#[test]
fn what_the_camera_saw_of_one_message_is_not_told_of_the_next() {
    let stage = Stage::new(Size::Small, Language::English);
    let buttons = [Button::Without, Button::Cancel];
    let scan = |expected, progress| support::case("scan", View::Scan { expected, progress, pieces: 0 }, &buttons).camera();
    let told = || drawn(&stage.ui).iter().any(|text| text.starts_with("Hold it closer"));
    stage.show(&scan(Expected::Descriptor, None));
    stage.ui.sight(&Sighted { hint: Some(Hint::Closer), ..Sighted::default() });
    assert!(told());
    let half = scan(Expected::Descriptor, Some(Progress { read: 3, needed: 6 }));
    stage.ui.present(&half.screen, &half.spoken(Language::English), &Lent::default()).unwrap();
    assert!(told(), "it is the same message");
    let next = scan(Expected::Backup, None);
    stage.ui.present(&next.screen, &next.spoken(Language::English), &Lent::default()).unwrap();
    assert!(!told());
}

#[test]
fn turning_a_text_through_turns_no_menu_beside_it() {
    let stage = Stage::new(Size::Small, Language::English);
    let mut tried = 0;
    for case in support::cases() {
        stage.show(&support::case("between", View::Ended, &[]));
        stage.show(&case);
        let menu = || -> Vec<String> {
            let labels = case.spoken(Language::English).buttons;
            labels.into_iter().filter(|label| stage.find(AccessibleRole::Button, label).is_some()).collect()
        };
        let more = drawn(&stage.ui).iter().any(|text| text.starts_with("More"));
        if more && stage.find(AccessibleRole::Button, "Read on").is_some() {
            let before = menu();
            stage.read_on();
            assert_eq!(menu(), before, "{}", case.name);
            tried += 1;
        }
    }
    assert!(tried > 0, "no menu stands beside a long text");
}

#[test]
fn what_is_typed_on_the_keyboard_arrives_letter_by_letter() {
    let stage = Stage::new(Size::Small, Language::English);
    let case = support::case("name", View::Name { index: 1, cards: 3 }, &[Button::Continue]).field(Field::Custodian, "");
    stage.show(&case);
    let field = stage.find(AccessibleRole::TextInput, "Name of the custodian").expect("the field is found by its label");
    let at = field.absolute_position();
    stage.touch(LogicalPosition::new(at.x + 20.0, at.y + 20.0), Duration::ZERO);
    for key in ["Capitals", "E", "l", "é", "a", "x", "Erase", "Space", "Digits and signs", "4", "Letters", "œ", "OK"] {
        assert!(stage.press(key), "no key {key}");
    }
    let typed: Vec<_> = stage.taken();
    let texts = ["E", "El", "Elé", "Eléa", "Eléax", "Eléa", "Eléa ", "Eléa 4", "Eléa 4œ"];
    assert_eq!(typed, texts.map(|text| Heard::Type(Field::Custodian, text.to_owned())));
    assert!(stage.find(AccessibleRole::Button, "Continue").is_some(), "the keyboard is gone after OK");
}

#[test]
fn no_secret_reaches_what_is_drawn() {
    let stage = Stage::new(Size::Small, Language::English);
    let mut case = named("passphrase");
    case.screen.fields = vec![FieldState { field: Field::Passphrase, shown: String::new() }];
    case.editing = Some(Field::Passphrase);
    stage.show(&case);
    for key in ["z", "q", "z", "q", "w"] {
        assert!(stage.press(key));
    }
    assert_eq!(stage.taken().last(), Some(&Heard::Type(Field::Passphrase, "zqzqw".to_owned())));
    let drawn = drawn(&stage.ui);
    assert!(drawn.iter().any(|text| text.contains("•••••")), "{drawn:?}");
    assert!(!drawn.iter().any(|text| text.contains("zq")), "{drawn:?}");
    assert!(stage.press("OK"));
    assert!(!self::drawn(&stage.ui).iter().any(|text| text.contains("zq")));
}

/// Everything that any element says, by whichever name.
fn drawn(ui: &Ui) -> Vec<String> {
    let says = |element: &ElementHandle| {
        [
            element.accessible_label(),
            element.accessible_value(),
            element.accessible_description(),
            element.accessible_placeholder_text(),
        ]
    };
    elements(ui).iter().flat_map(says).flatten().map(|text| text.to_string()).collect()
}

#[test]
fn what_is_private_is_drawn_only_while_a_finger_holds_it() {
    let stage = Stage::new(Size::Small, Language::English);
    for (name, secret) in [("passphrase-proposed", support::PROPOSED), ("card-words", "absolute abstract")] {
        let case = named(name);
        let there = || drawn(&stage.ui).iter().any(|text| text.contains(secret));
        stage.show(&case);
        assert!(!there(), "{name}");
        let button = stage.find(AccessibleRole::Button, "Hold to show").unwrap();
        let (at, size) = (button.absolute_position(), button.size());
        let position = LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0);
        let (window, button) = (stage.ui.window().window(), PointerEventButton::Left);
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        stage.ui.render().unwrap();
        assert!(there(), "{name}");
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        stage.ui.render().unwrap();
        assert!(!there(), "{name}");
    }
}

#[test]
fn a_record_is_drawn_only_while_it_is_uncovered() {
    let stage = Stage::new(Size::Small, Language::English);
    let mut case = named("record-text");
    case.held = false;
    let there = || drawn(&stage.ui).iter().any(|text| text.contains("Je soussignée"));
    stage.show(&case);
    assert!(!there() && stage.press("Next") && stage.taken().is_empty(), "nothing goes on before it was uncovered");
    assert!(stage.press("Show it here") && there());
    assert!(stage.press("Cover it") && !there());
    assert!(stage.press("Show it here"));
    stage.show(&support::case("ended", View::Ended, &[]));
    assert!(!there());
}

#[test]
fn an_open_vault_can_be_sealed_from_the_keyboard_as_well() {
    let stage = Stage::new(Size::Small, Language::English);
    let mut case = named("present-card");
    case.editing = Some(Field::Passphrase);
    stage.show(&case);
    assert!(stage.press("Seal"));
    assert_eq!(stage.taken(), [Heard::Press(Button::Seal)]);
}

#[test]
fn touches_that_change_the_screen_alone_tell_that_somebody_is_there() {
    let stage = Stage::new(Size::Small, Language::English);
    let stirred = Rc::new(RefCell::new(0));
    let told = stirred.clone();
    stage.ui.listen(move |event| {
        assert!(matches!(event, Event::Touched), "and nothing else");
        *told.borrow_mut() += 1;
    });
    for (case, label) in [
        ("stopped-longest", "Read on"),
        ("choose-many", "More: page 1 of 2"),
        ("card", "Hold to show"),
        ("record-covered", "Show it here"),
        ("reply", "Light 3"),
        ("scan", "Zoom 1×"),
    ] {
        stage.show(&named(case));
        mock_elapsed_time(Duration::from_millis(50));
        stirred.take();
        assert!(stage.press(label), "{case}: no “{label}”");
        mock_elapsed_time(Duration::from_millis(50));
        assert!(*stirred.borrow() > 0, "{case}: “{label}” tells nothing");
    }
}

fn named(name: &str) -> Case {
    support::cases().into_iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no screen {name}"))
}

#[test]
fn how_codes_are_shown_and_how_the_camera_looks_is_changed_where_they_are_and_remembered() {
    let stage = Stage::new(Size::Small, Language::English);
    let told = Rc::new(RefCell::new(Vec::new()));
    let ears = told.clone();
    stage.ui.listen_for_changes(move |pace, looking| ears.borrow_mut().push((pace, looking)));
    stage.show(&named("reply"));
    let before = stage.ui.render().unwrap();
    assert!(stage.press("Speed 2") && stage.press("Density 3") && stage.press("Light 3"));
    assert_ne!(stage.ui.render().unwrap(), before);
    stage.show(&named("scan-bright"));
    assert!(stage.press("Zoom 1×") && stage.press("Exposure 0") && stage.press("Exposure +1"));
    assert!(
        stage.find(AccessibleRole::Button, "Exposure +2").is_some() && stage.find(AccessibleRole::Button, "Zoom 1.5×").is_some()
    );
    let (pace, looking) = *told.borrow().last().unwrap();
    assert_eq!((pace.speed, pace.profile, pace.brightness), (2, 3, 0));
    assert_eq!((looking.zoom, looking.exposure), (1, 2));
    stage.show(&named("export-descriptor"));
    assert!(stage.find(AccessibleRole::Button, "Speed 3").is_some() && stage.find(AccessibleRole::Button, "Density 3").is_some());
    // What is to be done with the message was read; now two codes stand side by side again.
    assert!(stage.press("Density 3") && stage.find(AccessibleRole::Button, "Density 4").is_some());
    stage.ui.adjust(cloison_screens::Pace::default(), cloison_screens::Looking::default());
    stage.ui.render().unwrap();
    assert!(stage.find(AccessibleRole::Button, "Speed 2").is_some());
}

#[test]
fn the_language_is_changed_on_the_first_screen() {
    let stage = Stage::new(Size::Small, Language::English);
    let told = Rc::new(RefCell::new(Vec::new()));
    let ears = told.clone();
    stage.ui.listen_for_language(move |language| ears.borrow_mut().push(language));
    let case = named("home-blank");
    stage.show(&case);
    assert!(stage.press("Français"));
    case.present(&stage.ui, &case.spoken(Language::French));
    stage.ui.render().unwrap();
    assert!(stage.press("English"));
    assert_eq!(*told.borrow(), [Language::French, Language::English]);
    assert!(stage.taken().is_empty(), "the ceremony hears nothing of it");
}

#[test]
fn every_view_is_of_one_kind_and_has_a_sample() {
    const KINDS: &str = include_str!("../src/kinds.rs");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/ceremony/src");
    let source = sources_under(&sources).into_iter().find(|source| source.contains("pub enum View {\n")).unwrap();
    let (_, body) = source.split_once("pub enum View {\n").unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let word = |text: &str| text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap().to_owned();
    let at_the_margin = |line: &&str| line.strip_prefix("    ").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    let views: BTreeSet<String> = body.lines().filter(at_the_margin).map(|line| word(line.trim())).collect();
    assert!(views.len() >= 36, "{views:?}");
    let sampled: BTreeSet<String> = support::cases().iter().map(|case| word(&format!("{:?}", case.screen.view))).collect();
    assert_eq!(sampled, views);
    for view in &views {
        let named = KINDS.matches(&format!("View::{view} ")).count() + KINDS.matches(&format!("View::{view}(")).count();
        assert_eq!(named, 1, "{view} has one kind, by its name");
    }
    let kinds: BTreeSet<Kind> = support::cases().iter().map(|case| Kind::of(&case.screen.view)).collect();
    assert_eq!(kinds.len(), 21, "every kind is used");
}

fn sources_under(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources_under(&path) } else { vec![std::fs::read_to_string(path).unwrap()] })
        .collect()
}
