//! The vault's time: the date that its custodians confirm, and how long it stays open.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Ended, Event, Field, Notice, View};
use cloison_protocol::{Happening, Limits, Log, Reason, Usage};
use support::{Kiosk, Made, NAMES, NOW, Workstation, planned, text_op};

fn made(limits: Limits) -> Made {
    let mut plan = planned(2, &NAMES[..2]);
    plan.limits = limits;
    Made::with_plan(plan)
}

fn after(kiosk: &mut Kiosk, seconds: u64) -> Option<Ended> {
    kiosk.now = NOW + seconds;
    kiosk.send(Event::Tick);
    kiosk.ended
}

#[test]
fn a_vault_stays_open_as_long_as_its_plan_says_and_not_a_second_longer() {
    let made = made(Limits { idle_minutes: 3, session_minutes: 10 });
    let mut kiosk = made.open(2);
    assert_eq!(kiosk.screen().left, Some((180, 600)));
    for seconds in [60, 120, 179] {
        assert_eq!(after(&mut kiosk, seconds), None);
    }
    assert_eq!(kiosk.screen().left, Some((1, 421)), "time that passes is nobody's touch");
    assert_eq!(after(&mut kiosk, 180), Some(Ended::Idle));
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().left), ("ended", None));
    assert_eq!(kiosk.send(Event::Press(Button::ReadRequest)).view.name(), "ended", "there is no way back");

    let mut kiosk = made.open(2);
    for minutes in 1..10 {
        assert_eq!(after(&mut kiosk, minutes * 60), None);
        kiosk.press(if minutes % 2 == 1 { Button::Manage } else { Button::Done });
        assert_eq!(kiosk.screen().left, Some((180, 600 - minutes * 60)), "a touch is one");
    }
    kiosk.now = NOW + 599;
    kiosk.press(Button::ShowLog);
    assert_eq!(after(&mut kiosk, 600), Some(Ended::TimeUp), "however much it is touched");
    assert_eq!(kiosk.screen().code, None);
}

#[test]
fn idleness_seals_a_vault_wherever_its_people_left_it() {
    let made = made(Limits { idle_minutes: 1, session_minutes: 10 });
    let mut kiosk = made.open(2);
    let mut desk = Workstation::new("Poste 12", 1);
    made.enrol(&mut kiosk, &mut desk, 2);
    let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    kiosk.ask(&request);
    kiosk.read_on();
    // Nobody was there for a minute: the next press, too, comes too late.
    let saves = kiosk.saves;
    kiosk.now = NOW + 60;
    let screen = kiosk.press(Button::Approve);
    assert_eq!((screen.view.name(), screen.code, kiosk.ended), ("ended", None, Some(Ended::Idle)));
    assert_eq!(kiosk.saves, saves, "and approves nothing");
}

#[test]
fn a_date_before_the_last_entry_is_refused_and_one_set_right_is_the_logs() {
    let made = made(Limits::default());
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    // A board without a clock of its own starts long ago.
    kiosk.now = 1000;
    kiosk.press(Button::OpenVault);
    assert_eq!(kiosk.screen().view, View::Date { clock: 1000 });
    for (typed, notice) in [
        ("1970-01-01 00:16", Notice::DateBefore(NOW)),
        ("2027-01-15 07:59", Notice::DateBefore(NOW)),
        ("2027-13-15 09:00", Notice::NotADate),
        ("15.1.2027", Notice::NotADate),
        ("", Notice::NotADate),
    ] {
        kiosk.type_in(Field::Date, typed);
        let screen = kiosk.press(Button::Continue);
        assert_eq!((screen.view.name(), screen.notice), ("date", Some(notice)), "{typed}");
        assert_eq!(screen.fields[0].shown, typed);
    }
    kiosk.type_in(Field::Date, "2027-02-01 10:00");
    assert_eq!(kiosk.press(Button::Continue).view.name(), "cards");
    kiosk.now += 90;
    made.present_all(&mut kiosk, 2);
    let set = 1_801_476_000; // 2027-02-01 10:00 UTC
    kiosk.press(Button::Manage);
    let log = Log::decode(&kiosk.export(Button::ShowLog)).unwrap();
    kiosk.press(Button::Done);
    let last = log.entries().last().unwrap();
    assert!(matches!(last.what, Happening::Opened { .. }));
    assert_eq!(last.at, set + 90, "the clock runs on from the date that was set");

    // Requests are judged by it.
    let mut desk = Workstation::new("Poste 12", 1);
    made.enrol(&mut kiosk, &mut desk, 2);
    let old = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    assert_eq!(made.refusal(&mut kiosk, &desk, &old), Reason::Expired);
    let young = desk.request_with(&made.public, Usage::Text, vec![text_op("x")], |body| body.expires = set + 3600);
    assert_eq!(kiosk.ask(&young).view.name(), "review");
    kiosk.press(Button::Seal);

    // And the next opening, at the clock of this board, is not before it.
    let mut kiosk = Kiosk::new(kiosk.disk);
    kiosk.press(Button::OpenVault);
    assert_eq!(kiosk.press(Button::Continue).notice, Some(Notice::DateBefore(set + 90)));
    kiosk.press(Button::Cancel);
    assert_eq!(kiosk.screen().view.name(), "sealed");
}

#[test]
fn a_date_that_was_typed_and_not_confirmed_by_cards_is_forgotten() {
    let made = made(Limits::default());
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.press(Button::OpenVault);
    kiosk.type_in(Field::Date, "2099-01-01 00:00");
    kiosk.press(Button::Continue);
    kiosk.present(&made.cards[0], &support::passphrase(1));
    kiosk.press(Button::Cancel);
    kiosk.press(Button::OpenVault);
    assert_eq!(kiosk.screen().view, View::Date { clock: NOW }, "one custodian sets no clock");
    kiosk.press(Button::Continue);
    made.present_all(&mut kiosk, 2);
    kiosk.press(Button::Manage);
    let log = Log::decode(&kiosk.export(Button::ShowLog)).unwrap();
    assert_eq!(log.entries().last().unwrap().at, NOW);
}
