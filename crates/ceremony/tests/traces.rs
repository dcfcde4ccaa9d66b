//! What stays when things go wrong half way: traces, proofs, and nothing that was not earned.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Ended, Event, Field, Notice, Typed, View};
use cloison_custody::{CardRefusal, EnrolmentRefused, Gathering, Occasion, Open, Received, Stored, Unanswerable};
use cloison_protocol::{Algorithm, Reason, Seen, Usage, bounded::Fixed};
use proptest::prelude::*;
use support::{Kiosk, Made, NOW, Workstation, gathered, header, make, passphrase, rehearse, text_op, unwrap_op};
use zeroize::Zeroizing;

fn seen_by(made: &Made, kiosk: &mut Kiosk, desk: &mut Workstation) -> Seen {
    let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    kiosk.press(Button::Next);
    kiosk.press(Button::Approve);
    let state = desk.open(&kiosk.message(), &request, &made.public).state;
    kiosk.press(Button::Done);
    state
}

/// A copy of the store is put back, used, and overtakes what the workstation has seen.
#[test]
fn a_fork_that_has_caught_up_is_still_noticed() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let copy = kiosk.disk.clone();
    let seen = seen_by(&made, &mut kiosk, &mut desk);
    let request = desk.request_with(&made.public, Usage::Text, vec![text_op("x")], |body| body.seen = seen);
    let mut forked = Kiosk::new(copy);
    forked.press(Button::OpenVault);
    forked.press(Button::Continue);
    made.present_all(&mut forked, 2);
    let other = seen_by(&made, &mut forked, &mut Workstation::new("Poste 12", 1));
    assert!(other.generation > seen.generation, "the fork has caught up");
    forked.press(Button::ReadRequest);
    assert_eq!(forked.show(request.as_bytes()).view, View::Refused(Reason::RolledBack));

    kiosk.press(Button::ReadRequest);
    assert_eq!(kiosk.show(request.as_bytes()).view.name(), "review", "the true store went through what was seen");
}

#[test]
fn cards_presented_for_a_request_leave_their_trace_before_anything_is_shown() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let request =
        desk.request(&made.public, Usage::Age, vec![unwrap_op(&header(&made.public, Algorithm::MlKem1024P384, [5; 16]))]);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    kiosk.press(Button::Next);
    kiosk.press(Button::PresentCards);
    let before = kiosk.saves;
    kiosk.disk_full = true;
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.screen().notice, Some(Notice::NotSaved));
    assert!(kiosk.screen().buttons.contains(&Button::PresentCards), "nothing was looked into");
    kiosk.disk_full = false;
    kiosk.press(Button::PresentCards);
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.saves, before + 1);
    assert!(matches!(kiosk.screen().view, View::Review { page: cloison_custody::Page::Declared { .. }, .. }));
    kiosk.press(Button::Cancel);
    assert_eq!(kiosk.screen().view.name(), "desk");
}

#[test]
fn a_refusal_is_in_the_log_before_it_is_shown_and_is_not_kept_as_the_answer() {
    let made = make(2, 2);
    let mut kiosk = made.open(2);
    let mut desk = Workstation::new("Poste 12", 1);
    let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    let before = kiosk.saves;
    kiosk.press(Button::ReadRequest);
    assert_eq!(kiosk.show(request.as_bytes()).view, View::Refused(Reason::UnknownRequester));
    assert_eq!(kiosk.saves, before + 1);
    kiosk.press(Button::Cancel);
    made.enrol(&mut kiosk, &mut desk, 2);
    kiosk.press(Button::ReadRequest);
    assert_eq!(kiosk.show(request.as_bytes()).view.name(), "review", "enrolled, the same request is answered");
}

#[test]
fn a_clock_that_went_back_seals_the_vault() {
    let made = make(2, 2);
    let (mut kiosk, _) = made.in_service(2);
    kiosk.now = NOW - 60;
    assert_eq!(kiosk.press(Button::ReadRequest).view.name(), "ended");
    assert_eq!(kiosk.ended, Some(Ended::ClockWentBack));
}

#[test]
fn a_request_that_expires_during_its_review_is_not_performed() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let request = desk.request_with(&made.public, Usage::Text, vec![text_op("x")], |body| body.expires = NOW + 60);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    kiosk.press(Button::Next);
    kiosk.now = NOW + 61;
    kiosk.press(Button::Approve);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("desk", Some(Notice::TooLate)));
}

#[test]
fn a_request_that_no_answer_could_reach_is_not_shown_to_custodians() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let request = desk.request_with(&made.public, Usage::Text, vec![text_op("x")], |body| body.reply_key = Fixed([0; 1665]));
    let saves = kiosk.saves;
    kiosk.press(Button::ReadRequest);
    assert_eq!(kiosk.show(request.as_bytes()).notice, Some(Notice::Unanswerable(Unanswerable::ReplyKey)));
    assert_eq!((kiosk.screen().view.name(), kiosk.saves), ("scan", saves));
}

#[test]
fn names_that_look_alike_are_one_name_and_an_empty_one_is_none() {
    let made = make(2, 2);
    let (mut kiosk, _) = made.in_service(2);
    for (name, refused) in [
        ("  poste 12 ", EnrolmentRefused::NameTaken),
        ("Ｐｏｓｔｅ 12", EnrolmentRefused::NameTaken),
        ("", EnrolmentRefused::NoName),
        ("   ", EnrolmentRefused::NoName),
    ] {
        kiosk.press(Button::Enrol);
        kiosk.show(Workstation::new(name, 9).enrolment().as_bytes());
        assert_eq!(kiosk.screen().notice, Some(Notice::Enrolment(refused)), "{name:?}");
    }
}

#[test]
fn a_forgotten_passphrase_costs_one_card_and_not_the_ceremony() {
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::CreateVault);
    support::plan(&mut kiosk, 2, 2);
    support::card(&mut kiosk, 1);
    let first = kiosk.card();
    kiosk.press(Button::ReadBack);
    kiosk.press(Button::NewCard);
    kiosk.type_in(Field::Passphrase, "quite another passphrase of hers");
    kiosk.type_in(Field::PassphraseAgain, "quite another passphrase of hers");
    kiosk.press(Button::MakeCard);
    let second = kiosk.card();
    kiosk.press(Button::ReadBack);
    kiosk.send(Event::Code(first));
    kiosk.type_in(Field::Passphrase, &passphrase(1));
    kiosk.press(Button::Verify);
    assert_eq!(
        kiosk.screen().notice,
        Some(Notice::Card { index: Some(1), refusal: CardRefusal::Forged }),
        "the card before it is not taken for it"
    );
    kiosk.send(Event::Code(second));
    kiosk.type_in(Field::Passphrase, "quite another passphrase of hers");
    kiosk.press(Button::Verify);
    assert_eq!(kiosk.screen().notice, Some(Notice::Proven(1)));
    let View::Stopped { cards } = kiosk.press(Button::Cancel).view else { panic!() };
    assert_eq!(cards.len(), 2, "both cards that were shown are to be destroyed");
}

fn finished(slow_disk: bool, disk_full: bool) -> Kiosk {
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::CreateVault);
    support::plan(&mut kiosk, 2, 2);
    for index in 1..=2 {
        support::card(&mut kiosk, index);
        let card = kiosk.card();
        kiosk.press(Button::ReadBack);
        kiosk.send(Event::Code(card));
        kiosk.type_in(Field::Passphrase, &passphrase(index));
        (kiosk.slow_disk, kiosk.disk_full) = (slow_disk, disk_full);
        kiosk.press(Button::Verify);
    }
    kiosk
}

#[test]
fn a_ceremony_cannot_be_cancelled_while_its_vault_is_being_written() {
    let mut kiosk = finished(true, false);
    assert_eq!(kiosk.screen().view.name(), "saving");
    assert_eq!(kiosk.send(Event::Press(Button::Cancel)).view.name(), "saving");
    assert_eq!(kiosk.send(Event::Saved).view.name(), "created");
}

#[test]
fn a_full_disk_at_the_end_of_a_ceremony_loses_no_card() {
    let mut kiosk = finished(false, true);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("unsaved", Some(Notice::NotSaved)));
    kiosk.press(Button::TryAgain);
    assert_eq!(kiosk.screen().view.name(), "unsaved");
    kiosk.disk_full = false;
    assert_eq!(kiosk.press(Button::TryAgain).view.name(), "created");
    assert!(kiosk.disk.is_some());
}

#[test]
fn a_rehearsal_says_so_on_every_screen_and_gives_the_appliance_back() {
    let made = rehearse(2, 2);
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    assert!(kiosk.screen().rehearsal);
    made.present_all(&mut kiosk, 2);
    assert!(kiosk.screen().rehearsal && kiosk.screen().view.name() == "desk");

    let mut kiosk = Kiosk::new(kiosk.disk);
    kiosk.press(Button::EndRehearsal);
    assert_eq!(kiosk.press(Button::Cancel).view.name(), "sealed");
    kiosk.press(Button::EndRehearsal);
    assert_eq!(kiosk.press(Button::Erase).view.name(), "blank");
    assert_eq!(kiosk.disk, None);

    let real = make(2, 2);
    let mut kiosk = Kiosk::new(Some(real.disk.clone()));
    assert!(!kiosk.screen().rehearsal);
    kiosk.send(Event::Press(Button::EndRehearsal));
    kiosk.send(Event::Press(Button::Erase));
    assert_eq!(kiosk.disk, Some(real.disk), "a real vault is not erased by it");
}

/// Below the session: a quorum of somebody's own vault is worth nothing for another.
#[test]
fn a_quorum_of_another_vault_is_refused() {
    let (made, foreign) = (make(2, 2), rehearse(2, 2));
    let quorum = |disk: &[u8], cards: &[Vec<u8>], occasion| {
        gathered(Gathering::new(Stored::read(disk).unwrap().descriptor().clone(), occasion), cards)
    };
    let stored = || Stored::read(&made.disk).unwrap();
    assert!(
        Open::with_quorum(stored(), quorum(&foreign.disk, &foreign.cards, Occasion::Opening { date: NOW }), NOW, NOW).is_err()
    );
    let vault =
        Open::with_quorum(stored(), quorum(&made.disk, &made.cards, Occasion::Opening { date: NOW }), NOW, NOW).ok().unwrap();
    let mut desk = Workstation::new("Poste 12", 1);
    let occasion = vault.enrolment_occasion(&desk.enrolment()).unwrap();
    assert!(vault.enrol(desk.enrolment(), quorum(&foreign.disk, &foreign.cards, occasion), NOW).is_err());
    let other_occasion = quorum(&made.disk, &made.cards, Occasion::Opening { date: NOW });
    assert!(vault.enrol(desk.enrolment(), other_occasion, NOW).is_err());
}

/// Below the session: one request reviewed twice is answered once.
#[test]
fn two_reviews_of_one_request_give_one_answer() {
    let made = make(2, 2);
    let (kiosk, mut desk) = made.in_service(2);
    let stored = Stored::read(kiosk.disk.as_ref().unwrap()).unwrap();
    let gathering = Gathering::new(stored.descriptor().clone(), Occasion::Opening { date: NOW });
    let mut vault = Open::with_quorum(stored, gathered(gathering, &made.cards), NOW, NOW).ok().unwrap();
    let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    let approval = |vault: &Open| {
        let Ok(Received::Review(mut review)) = vault.receive(request.clone(), NOW) else { panic!() };
        review.forward();
        review.approve().ok().unwrap()
    };
    let (one, two, three) = (approval(&vault), approval(&vault), approval(&vault));
    let mut rng = cloison_custody::entropy::Generator::seeded(&cloison_protocol::secret::Secret::copied(&[1; 32]).unwrap());
    let (first, _) = vault.admit(one, NOW, &mut rng).unwrap();
    let (second, _) = vault.admit(two, NOW, &mut rng).unwrap();
    assert!(vault.perform(first, &mut rng).is_ok());
    assert!(vault.perform(second, &mut rng).is_err(), "it was admitted in a state that has passed");
    assert!(vault.admit(three, NOW, &mut rng).is_none(), "its id is used");
}

#[derive(Debug, Clone)]
enum Any {
    Press(usize),
    Type(usize, String),
    Card(usize),
    Message(usize),
    Noise(Vec<u8>),
    DiskFull(bool),
    Guard(bool),
}

fn any_event() -> impl Strategy<Value = Any> {
    prop_oneof![
        6 => (0usize..8).prop_map(Any::Press),
        3 => (0usize..3, "[a-z ]{0,20}").prop_map(|(field, text)| Any::Type(field, text)),
        3 => (0usize..4).prop_map(Any::Card),
        2 => (0usize..3).prop_map(Any::Message),
        1 => proptest::collection::vec(any::<u8>(), 0..100).prop_map(Any::Noise),
        1 => any::<bool>().prop_map(Any::DiskFull),
        1 => any::<bool>().prop_map(Any::Guard),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens, in whatever order: no panic, no secret in a field, no reply without its
    /// trace on disk, and no way out of sealing.
    #[test]
    fn any_events_in_any_order(events in proptest::collection::vec(any_event(), 1..60), blank: bool) {
        static MADE: std::sync::OnceLock<Made> = std::sync::OnceLock::new();
        let made = MADE.get_or_init(|| make(2, 3));
        let mut desk = Workstation::new("Poste 12", 1);
        let messages = [
            desk.enrolment().as_bytes().to_vec(),
            desk.request(&made.public, Usage::Text, vec![text_op("x")]).as_bytes().to_vec(),
            made.public.as_bytes().to_vec(),
        ];
        let mut kiosk = Kiosk::new((!blank).then(|| made.disk.clone()));
        for event in events {
            if kiosk.ended.is_some() {
                break;
            }
            let screen = kiosk.screen();
            match event {
                Any::Press(at) if !screen.buttons.is_empty() => drop(kiosk.press(screen.buttons[at % screen.buttons.len()])),
                Any::Type(at, text) if !screen.fields.is_empty() => {
                    let field = screen.fields[at % screen.fields.len()].field;
                    // A right passphrase half of the time, or nothing would ever open.
                    let text = match &screen.view {
                        View::Cards { card: Some((index, _)), .. } if text.len() % 2 == 0 => passphrase(*index),
                        _ => text,
                    };
                    kiosk.send(Event::Type(field, Typed(Zeroizing::new(text))));
                }
                Any::Card(at) => drop(kiosk.send(Event::Code(made.cards[at % 3].clone()))),
                Any::Message(at) if screen.camera => drop(kiosk.show(&messages[at])),
                Any::Noise(bytes) => drop(kiosk.send(Event::Code(bytes))),
                Any::DiskFull(full) => kiosk.disk_full = full,
                Any::Guard(true) => drop(kiosk.alarm()),
                Any::Guard(false) => drop(kiosk.send(Event::Guard(Vec::new()))),
                _ => {}
            }
            let screen = kiosk.screen();
            for field in &screen.fields {
                if matches!(field.field, Field::Passphrase | Field::PassphraseAgain) {
                    prop_assert!(field.shown.chars().all(|c| c == '•'));
                }
            }
            if screen.view.name() == "reply" {
                prop_assert!(kiosk.saves > 0);
            }
            let waits = matches!(screen.view.name(), "ended" | "alarm");
            prop_assert!(waits || !screen.buttons.is_empty(), "no way on from {}", screen.view.name());
            prop_assert!(screen.view.name() != "alarm" || (screen.left.is_none() && screen.buttons.is_empty() && !screen.camera));
        }
    }
}
