//! Records that are only shown on the kiosk, and records that must say what they are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Event, Notice, Seen, Unshown, View};
use cloison_custody::Page;
use cloison_protocol::{MAX_VIEWED, Operation, Outcome, Reason, Request, Usage, bounded::Bytes};
use support::{
    AGE, CLASSICAL,
    Do::{Press, Show},
    Journey, Kiosk, Made, NAMES, Workstation, abort_on_every_screen, header_to, open, payload, planned, presented, undeclared,
    unwrap_op, view_op, with_policy,
};

const RECORD: &[u8] = "né le 4 mars 1971, connu sous trois alias".as_bytes();

fn made() -> Made {
    Made::with_plan(with_policy(planned(2, &NAMES[..2]), AGE, |policy| policy.view_only = true))
}

fn record(made: &Made, file_key: [u8; 16]) -> Operation {
    view_op(header_to(&made.public, AGE, file_key), payload(file_key, RECORD))
}

/// Comes to the first record of a request.
fn to_the_record(made: &Made, kiosk: &mut Kiosk, request: &Request) {
    kiosk.ask(request);
    kiosk.read_on();
    kiosk.press(Button::PresentCards);
    made.present_all(kiosk, 2);
    kiosk.read_on();
    kiosk.press(Button::Approve);
}

fn outcomes(made: &Made, kiosk: &mut Kiosk, desk: &Workstation, request: &Request) -> Vec<Outcome> {
    let reply = desk.open(&kiosk.message(), request, &made.public);
    kiosk.press(Button::Done);
    reply.outcomes
}

fn holds(screen: &cloison_ceremony::Screen) -> bool {
    let code =
        matches!(&screen.code, Some(cloison_ceremony::Code::Message(bytes)) if bytes.windows(9).any(|part| part == &RECORD[..9]));
    code || format!("{screen:?}").contains("alias")
}

#[test]
fn a_record_is_shown_to_its_last_page_before_there_is_a_reply_and_nothing_of_it_is_given_away() {
    let made = made();
    let (mut kiosk, mut desk) = made.in_service(2);
    let operations = vec![record(&made, [5; 16]), record(&made, [6; 16])];
    let request = desk.request(&made.public, Usage::Age, operations);
    kiosk.ask(&request);
    kiosk.press(Button::Next);
    let View::Review { page: Page::Record { operation: 1, viewed: true, .. }, .. } = kiosk.screen().view else { panic!() };
    kiosk.press(Button::Cancel);
    to_the_record(&made, &mut kiosk, &request);
    for record in 1..=2 {
        assert_eq!(kiosk.screen().view, View::Record { record, of: 2, seen: Seen::Page(1, 2) });
        assert!(kiosk.screen().private && kiosk.screen().camera != kiosk.screen().private);
        assert_eq!(kiosk.session.record(), Some(RECORD));
        for button in [Button::Done, Button::Approve, Button::Cancel, Button::Answer, Button::Decline] {
            let screen = kiosk.send(Event::Press(button));
            assert_eq!(screen.view, View::Record { record, of: 2, seen: Seen::Page(1, 2) }, "{button:?}: one page is unread");
            assert!(!holds(&screen), "a screen is data, and may be logged");
        }
        kiosk.press(Button::Next);
        kiosk.press(Button::Back);
        kiosk.press(Button::Next);
        assert_eq!(kiosk.screen().buttons, [Button::Done, Button::Back, Button::Seal]);
        kiosk.press(Button::Done);
    }
    assert_eq!(kiosk.viewed, [RECORD, RECORD]);
    assert_eq!((kiosk.screen().view.name(), kiosk.session.record()), ("reply", None), "gone with its screen");
    assert!(!holds(&kiosk.screen()));
    let reply = kiosk.message();
    assert!(matches!(outcomes(&made, &mut kiosk, &desk, &request)[..], [Outcome::Viewed, Outcome::Viewed]));
    kiosk.ask(&request);
    assert_eq!(kiosk.message(), reply, "asked again, it is the same reply, and the records stay closed");
    assert_eq!(kiosk.viewed.len(), 2);
}

#[test]
fn what_cannot_be_shown_or_opened_is_told_for_each_record() {
    let made = made();
    let (mut kiosk, mut desk) = made.in_service(2);
    let altered = |at: usize| {
        let mut payload = payload([5; 16], RECORD);
        let at = at.min(payload.len() - 1);
        payload[at] ^= 1;
        view_op(header_to(&made.public, AGE, [5; 16]), payload)
    };
    let other_key = view_op(header_to(&made.public, AGE, [5; 16]), payload([6; 16], RECORD));
    let cut = view_op(header_to(&made.public, AGE, [5; 16]), payload([5; 16], RECORD)[..20].to_vec());
    let operations = vec![altered(0), altered(20), altered(usize::MAX), other_key, cut];
    let request = desk.request(&made.public, Usage::Age, operations);
    kiosk.ask(&request);
    kiosk.read_on();
    kiosk.press(Button::PresentCards);
    made.present_all(&mut kiosk, 2);
    let View::Review { page: Page::Declared { refused, declared, .. }, .. } = kiosk.screen().view else { panic!() };
    assert_eq!(refused, Some(Reason::CannotUnwrap), "its people see it before they approve");
    assert_eq!(declared.unwrap().unwrap().record.as_str(), "TAJ-77");
    kiosk.read_on();
    kiosk.press(Button::Approve);
    for record in 1..=5 {
        assert_eq!(kiosk.screen().view, View::Record { record, of: 5, seen: Seen::Refused(Reason::CannotUnwrap) });
        assert_eq!((kiosk.session.record(), kiosk.screen().private), (None, false));
        kiosk.press(Button::Done);
    }
    let told = outcomes(&made, &mut kiosk, &desk, &request);
    assert!(told.len() == 5 && told.iter().all(|outcome| matches!(outcome, Outcome::Refused(Reason::CannotUnwrap))));

    for why in [Unshown::Unsupported, Unshown::TooLarge, Unshown::Damaged, Unshown::TooHard] {
        kiosk.unshowable = Some(why);
        let request = desk.request(&made.public, Usage::Age, vec![record(&made, [7; 16])]);
        to_the_record(&made, &mut kiosk, &request);
        assert_eq!(kiosk.screen().view, View::Record { record: 1, of: 1, seen: Seen::Not(why) });
        kiosk.press(Button::Done);
        let told = outcomes(&made, &mut kiosk, &desk, &request);
        assert!(matches!(told[..], [Outcome::Refused(Reason::CannotShow)]), "{why:?}");
    }
}

#[test]
fn a_record_that_is_only_shown_does_not_leave_and_none_that_is_shown_goes_beside_one_that_leaves() {
    let made = made();
    let (mut kiosk, mut desk) = made.in_service(2);
    let unwrap = || unwrap_op(&header_to(&made.public, AGE, [5; 16]));
    for (operations, reason) in [
        (vec![unwrap()], Reason::ViewOnly),
        (vec![record(&made, [5; 16]), unwrap()], Reason::WrongUsage),
        (vec![record(&made, [5; 16]); 6], Reason::TooMany),
    ] {
        let request = desk.request(&made.public, Usage::Age, operations);
        assert_eq!(made.refusal(&mut kiosk, &desk, &request), reason);
    }
    // The other key lets records leave, and shows them too; never both at once.
    let classical = |file_key| header_to(&made.public, CLASSICAL, file_key);
    let shown = || view_op(classical([5; 16]), payload([5; 16], RECORD));
    let mixed = vec![unwrap_op(&classical([6; 16])), shown()];
    let mixed = desk.request_with(&made.public, Usage::Age, mixed, |body| body.key = CLASSICAL);
    assert_eq!(made.refusal(&mut kiosk, &desk, &mixed), Reason::WrongUsage);
    let request = desk.request_with(&made.public, Usage::Age, vec![shown()], |body| body.key = CLASSICAL);
    to_the_record(&made, &mut kiosk, &request);
    kiosk.press(Button::Next);
    kiosk.press(Button::Done);
    assert!(matches!(outcomes(&made, &mut kiosk, &desk, &request)[..], [Outcome::Viewed]));
    assert!(Bytes::<MAX_VIEWED>::new(vec![0; MAX_VIEWED + 1]).is_err(), "and no longer record is carried");
}

#[test]
fn sealing_while_a_record_is_shown_leaves_nothing_of_it() {
    let made = made();
    let (kiosk, mut desk) = made.in_service(2);
    let request = desk.request(&made.public, Usage::Age, vec![record(&made, [5; 16])]);
    let mut journey: Journey = open();
    journey.extend([
        (Press(Button::ReadRequest), "scan"),
        (Show(request.as_bytes().to_vec()), "review"),
        (Press(Button::Next), "review"),
        (Press(Button::PresentCards), "cards"),
    ]);
    journey.extend(presented(&[1, 2], "review"));
    journey.extend([
        (Press(Button::Approve), "record"),
        (Press(Button::Next), "record"),
        (Press(Button::Done), "reply"),
        (Press(Button::Done), "desk"),
        (Press(Button::Seal), "ended"),
    ]);
    let kiosk = abort_on_every_screen(kiosk.disk.as_deref(), &made.cards, &journey);
    let mut kiosk = made.open_disk(kiosk.disk, 2);
    assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::Replayed, "it was counted before it was shown");
}

#[test]
fn a_record_that_must_say_what_it_is_stays_closed_when_it_does_not() {
    let made = Made::with_plan(with_policy(planned(2, &NAMES[..2]), AGE, |policy| policy.declared_only = true));
    let (mut kiosk, mut desk) = made.in_service(2);
    let silent = undeclared(&made.public, AGE, [5; 16]);
    let declared = header_to(&made.public, AGE, [6; 16]);
    let request = desk.request(&made.public, Usage::Age, vec![unwrap_op(&silent), unwrap_op(&declared)]);
    kiosk.ask(&request);
    kiosk.read_on();
    kiosk.press(Button::PresentCards);
    made.present_all(&mut kiosk, 2);
    let page = |kiosk: &Kiosk| match kiosk.screen().view {
        View::Review { page: Page::Declared { operation, refused, declared }, .. } => {
            (operation, refused, declared.unwrap().is_some())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(page(&kiosk), (1, Some(Reason::NotDeclared), false));
    kiosk.press(Button::Next);
    assert_eq!(page(&kiosk), (2, None, true));
    assert_eq!(kiosk.screen().notice, None::<Notice>);
    kiosk.press(Button::Approve);
    let told = outcomes(&made, &mut kiosk, &desk, &request);
    assert!(matches!(&told[..], [Outcome::Refused(Reason::NotDeclared), Outcome::FileKey(key)] if key.0.expose() == &[6; 16]));

    // Shown on the kiosk, it stays closed as well.
    let silent = view_op(silent, payload([5; 16], RECORD));
    let request = desk.request(&made.public, Usage::Age, vec![silent]);
    to_the_record(&made, &mut kiosk, &request);
    assert_eq!(kiosk.screen().view, View::Record { record: 1, of: 1, seen: Seen::Refused(Reason::NotDeclared) });
    assert_eq!((kiosk.session.record(), kiosk.viewed.len()), (None, 0));
}
