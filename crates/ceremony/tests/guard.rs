//! The watch over the machine: an alarm seals what is open, stops what goes on, and lets nothing.
//!
//! That it does so on every screen of every journey is tried where the journeys are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Ended, Event, Notice, Session, View};
use cloison_protocol::{Alarm, Alarms, Happening, Log, Measure, Usage, bounded::Line};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use support::{Kiosk, NAMES, NOW, about, held, interface, make, passphrase, planned, text_op};

/// One alarm of each sort.
fn sorts() -> Vec<Alarm> {
    let stick = Alarm::UsbDevice { vendor: 0x0bda, product: 0x8153, class: 0xff, name: Line::lent("USB 10/100 LAN") };
    let unread = Alarm::Unreadable(Line::lent("/proc/self/net/dev"));
    vec![interface("eth0"), Alarm::Radio(Line::lent("phy0")), stick, unread, Alarm::Unconfined(Measure::Calls)]
}

/// Opens a vault anew, and gives its log.
fn log_of(made: &support::Made, disk: Option<Vec<u8>>) -> Vec<Happening> {
    let mut kiosk = Kiosk::new(disk);
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    made.present_all(&mut kiosk, 2);
    kiosk.press(Button::Manage);
    let log = Log::decode(&kiosk.export(Button::ShowLog)).unwrap();
    log.entries().iter().map(|entry| entry.what.clone()).collect()
}

#[test]
fn nothing_is_offered_before_the_watch_has_looked() {
    let made = make(2, 2);
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let mut session = Session::new(Some(made.disk.clone()), about());
    for event in [Event::Press(Button::OpenVault), Event::Press(Button::CheckCard), Event::Tick, Event::Code(vec![1])] {
        let step = session.handle(event, NOW, &mut rng);
        assert_eq!((step.screen.view, step.screen.buttons), (View::Alarm { alarms: None }, Vec::new()));
        assert!(step.effects.is_empty());
    }
    let step = session.handle(Event::Guard(Vec::new()), NOW, &mut rng);
    assert_eq!(step.screen.view.name(), "sealed");
    assert!(step.screen.buttons.contains(&Button::OpenVault));
}

#[test]
fn an_open_vault_is_sealed_and_the_reason_is_on_the_screen_and_in_the_log() {
    let made = make(2, 2);
    for alarm in sorts() {
        let mut kiosk = made.open(2);
        kiosk.now = NOW + 7;
        let saves = kiosk.saves;
        let screen = kiosk.send(Event::Guard(vec![alarm.clone()]));
        let alarms = Alarms::of(&[alarm]).unwrap();
        assert_eq!((screen.view, screen.left), (View::Ended, None));
        assert_eq!(screen.notice, Some(Notice::Alarm(alarms.clone())));
        assert_eq!((kiosk.ended, kiosk.saves), (Some(Ended::Alarm), saves + 1));
        assert_eq!(kiosk.send(Event::Press(Button::Manage)).view, View::Ended, "there is no way back");
        assert_eq!(kiosk.send(Event::Guard(Vec::new())).view, View::Ended, "even when all is well again");
        let log = log_of(&made, kiosk.disk);
        assert_eq!(log[log.len() - 2], Happening::Alarmed { alarms });
    }
}

#[test]
fn of_two_hundred_alarms_eight_are_named_and_the_rest_is_counted() {
    let made = make(2, 2);
    let mut kiosk = made.open(2);
    let found: Vec<Alarm> = (0..200).map(|number| interface(&format!("eth{number}"))).collect();
    let Some(Notice::Alarm(alarms)) = kiosk.send(Event::Guard(found)).notice else { panic!() };
    assert_eq!((alarms.named().len(), alarms.more()), (8, 192));
}

#[test]
fn a_disk_that_takes_nothing_does_not_keep_a_vault_open() {
    let made = make(2, 2);
    let mut kiosk = made.open(2);
    let kept = kiosk.disk.clone();
    kiosk.disk_full = true;
    let screen = kiosk.alarm();
    assert_eq!((screen.view, screen.left, kiosk.ended), (View::Ended, None, Some(Ended::Alarm)));
    assert_eq!(kiosk.disk, kept);
    // Nor does one that does not answer.
    let mut kiosk = made.open(2);
    kiosk.slow_disk = true;
    assert_eq!((kiosk.alarm().view, kiosk.ended), (View::Ended, Some(Ended::Alarm)));
}

#[test]
fn a_reply_on_its_way_to_disk_is_not_given_and_did_not_happen() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    kiosk.ask(&request);
    kiosk.read_on();
    kiosk.slow_disk = true;
    assert_eq!(kiosk.press(Button::Approve).view.name(), "saving");
    kiosk.slow_disk = false;
    assert_eq!(kiosk.alarm().code, None);
    assert_eq!(kiosk.send(Event::Saved).code, None);
    let log = log_of(&made, kiosk.disk);
    assert!(matches!(log[log.len() - 2], Happening::Alarmed { .. }));
    assert!(!log.iter().any(|what| matches!(what, Happening::Answered { .. })));
}

#[test]
fn a_sealed_vault_waits_until_all_is_well_and_no_card_is_asked_for_meanwhile() {
    let made = make(2, 2);
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    kiosk.present(&made.cards[0], &passphrase(1));
    for alarm in sorts() {
        let screen = kiosk.send(Event::Guard(vec![alarm.clone()]));
        assert_eq!(screen.view, View::Alarm { alarms: Alarms::of(&[alarm]) }, "what was found last is shown");
    }
    for button in [Button::OpenVault, Button::CheckCard, Button::Restore, Button::CreateVault, Button::Drill, Button::Seal] {
        assert_eq!(kiosk.send(Event::Press(button)).view.name(), "alarm");
    }
    kiosk.present(&made.cards[1], &passphrase(2));
    assert_eq!((kiosk.screen().view.name(), kiosk.saves, kiosk.ended), ("alarm", 0, None));
    assert_eq!(kiosk.send(Event::Guard(Vec::new())).view.name(), "sealed");
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    let View::Cards { accepted, .. } = kiosk.screen().view else { panic!() };
    assert!(accepted.is_empty(), "the card that was presented before the alarm is forgotten");
    assert_eq!(kiosk.disk, Some(made.disk));
}

#[test]
fn new_cards_on_their_way_to_disk_get_there_and_are_not_overwritten() {
    let made = support::Made::with_plan(planned(2, &NAMES[..2]));
    let others = held(planned(2, &NAMES[3..5]));
    for saved in [true, false] {
        let mut kiosk = made.open(2);
        made.begin_reshare(&mut kiosk, 2, &others);
        for index in 1..=2 {
            support::card(&mut kiosk, index);
            let card = support::copied(&mut kiosk);
            kiosk.slow_disk = index == 2;
            support::read_back(&mut kiosk, index, &card);
        }
        assert_eq!(kiosk.screen().view.name(), "saving");
        let saves = kiosk.saves;
        kiosk.slow_disk = false;
        let screen = kiosk.alarm();
        assert_eq!((screen.view.name(), screen.left, kiosk.ended, kiosk.saves), ("saving", None, None, saves));
        if saved {
            kiosk.send(Event::Saved);
            assert_eq!(kiosk.alarm().view.name(), "ended");
        } else {
            kiosk.send(Event::NotSaved);
            let View::Stopped { cards } = kiosk.alarm().view else { panic!() };
            assert_eq!(cards, [(1, NAMES[3].to_owned()), (2, NAMES[4].to_owned())]);
            kiosk.press(Button::Done);
        }
        assert_eq!((kiosk.ended, kiosk.saves), (Some(Ended::Alarm), saves));
    }
}

#[test]
fn cards_given_up_while_the_store_is_being_removed_are_listed() {
    let made = make(2, 2);
    let mut kiosk = Kiosk::new(Some(made.undrilled.clone()));
    kiosk.press(Button::GiveUp);
    let step = kiosk.session.handle(Event::Press(Button::Erase), NOW, &mut ChaCha20Rng::from_seed([1; 32]));
    assert_eq!(step.screen.view.name(), "saving");
    let View::Stopped { cards } = kiosk.alarm().view else { panic!() };
    assert_eq!(cards.len(), 2);
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended, Some(Ended::Alarm));
}
