//! What a policy allows, exactly to its limits, and the way around it in an emergency.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Event, Notice, Purposes, View};
use cloison_custody::{Page, Quota};
use cloison_protocol::{
    Custodians, Entry, Happening, KeyRef, Log, Operation, Outcome, PlanBody, Reason, Request, Usage,
    bounded::{Line, List},
};
use support::{
    AGE, CLASSICAL, Kiosk, Made, NAMES, NOW, TEXT, Workstation, digest_op, header, header_to, passphrase, planned, text_op,
    unwrap_op, with_policy,
};

const DAY: u64 = 24 * 60 * 60;

fn texts(count: usize) -> Vec<Operation> {
    (0..count).map(|_| text_op("x")).collect()
}

/// A request that does not expire before the test ends.
fn signing(made: &Made, desk: &mut Workstation, count: usize) -> Request {
    desk.request_with(&made.public, Usage::Text, texts(count), |body| body.expires = NOW + 9 * DAY)
}

fn granted(made: &Made, kiosk: &mut Kiosk, desk: &mut Workstation, count: usize) {
    let request = signing(made, desk, count);
    let outcomes = made.grant(kiosk, desk, &request, 0);
    assert!(outcomes.len() == count && outcomes.iter().all(|outcome| matches!(outcome, Outcome::Signature(_))));
}

fn denied(made: &Made, kiosk: &mut Kiosk, desk: &mut Workstation, count: usize) -> Reason {
    let request = signing(made, desk, count);
    made.refusal(kiosk, desk, &request)
}

/// Tells what stands against the next request, as its first page says.
fn quota(made: &Made, kiosk: &mut Kiosk, desk: &mut Workstation) -> Quota {
    let request = signing(made, desk, 1);
    let View::Review { page: Page::Who { quota, .. }, .. } = kiosk.ask(&request).view else { panic!() };
    kiosk.press(Button::Cancel);
    quota
}

fn log(kiosk: &mut Kiosk) -> Vec<Entry<Happening>> {
    kiosk.press(Button::Manage);
    let log = Log::decode(&kiosk.export(Button::ShowLog)).unwrap();
    kiosk.press(Button::Done);
    log.entries().to_vec()
}

fn reopened(made: &Made, kiosk: Kiosk, now: u64) -> Kiosk {
    let mut kiosk = Kiosk::new(kiosk.disk);
    kiosk.now = now;
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    made.present_all(&mut kiosk, 2);
    kiosk
}

#[test]
fn each_quota_allows_exactly_what_it_says_and_not_one_operation_more() {
    let plan = with_policy(planned(2, &NAMES[..2]), TEXT, |policy| {
        (policy.batch, policy.per_session, policy.per_day, policy.total) = (3, 5, 7, 11);
    });
    let made = Made::with_plan(plan);
    let (mut kiosk, mut desk) = made.in_service(2);
    let mut other = Workstation::new("Poste 7", 2);
    made.enrol(&mut kiosk, &mut other, 2);

    assert_eq!(denied(&made, &mut kiosk, &mut desk, 4), Reason::TooMany);
    granted(&made, &mut kiosk, &mut desk, 3);
    assert_eq!(quota(&made, &mut kiosk, &mut desk), Quota { session: (3, 5), day: (3, 7), total: (3, 11) });
    assert_eq!(denied(&made, &mut kiosk, &mut desk, 3), Reason::SessionQuota, "six would be one above");
    granted(&made, &mut kiosk, &mut desk, 2);
    assert_eq!(denied(&made, &mut kiosk, &mut desk, 1), Reason::SessionQuota);
    assert_eq!(denied(&made, &mut kiosk, &mut other, 1), Reason::SessionQuota, "the session is everybody's");
    kiosk.press(Button::Seal);

    let mut kiosk = reopened(&made, kiosk, NOW);
    assert_eq!(quota(&made, &mut kiosk, &mut desk), Quota { session: (0, 5), day: (5, 7), total: (5, 11) });
    assert_eq!(denied(&made, &mut kiosk, &mut desk, 3), Reason::DayQuota);
    granted(&made, &mut kiosk, &mut desk, 2);
    assert_eq!(denied(&made, &mut kiosk, &mut desk, 1), Reason::DayQuota);
    granted(&made, &mut kiosk, &mut other, 3);
    assert_eq!(in_all(&mut kiosk), 10, "refusals and cancelled requests count nothing");
    kiosk.press(Button::Seal);

    let mut kiosk = reopened(&made, kiosk, NOW + DAY);
    assert_eq!(denied(&made, &mut kiosk, &mut desk, 2), Reason::TotalQuota);
    granted(&made, &mut kiosk, &mut desk, 1);
    assert_eq!(denied(&made, &mut kiosk, &mut other, 1), Reason::TotalQuota);
    kiosk.press(Button::Manage);
    kiosk.press(Button::Renew);
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.screen().notice, Some(Notice::Changed(Purposes::Renewal)));
    kiosk.press(Button::Done);
    assert_eq!(quota(&made, &mut kiosk, &mut desk), Quota { session: (1, 5), day: (1, 7), total: (0, 11) });
    granted(&made, &mut kiosk, &mut desk, 3);
}

/// Adds up what the log says was granted.
fn in_all(kiosk: &mut Kiosk) -> u32 {
    let granted = |entry: Entry<Happening>| match entry.what {
        Happening::Answered { granted, .. } => u32::from(granted),
        _ => 0,
    };
    log(kiosk).into_iter().map(granted).sum()
}

#[test]
fn a_new_day_begins_while_the_vault_is_open_and_records_that_stay_closed_are_not_counted() {
    let mut plan = with_policy(planned(2, &NAMES[..2]), TEXT, |policy| (policy.batch, policy.per_day) = (1, 1));
    plan = with_policy(plan, AGE, |policy| (policy.batch, policy.per_session, policy.per_day, policy.total) = (2, 2, 2, 2));
    plan.limits.idle_minutes = 60;
    let made = Made::with_plan(plan);
    let (kiosk, mut desk) = made.in_service(2);
    let midnight = (NOW / DAY + 1) * DAY;
    let mut kiosk = reopened(&made, kiosk, midnight - 60);
    granted(&made, &mut kiosk, &mut desk, 1);
    kiosk.now = midnight - 1;
    assert_eq!(denied(&made, &mut kiosk, &mut desk, 1), Reason::DayQuota);
    kiosk.now = midnight;
    granted(&made, &mut kiosk, &mut desk, 1);
    assert_eq!(denied(&made, &mut kiosk, &mut desk, 1), Reason::DayQuota);

    let mut damaged = header_to(&made.public, AGE, [6; 16]);
    let mac = damaged.len() - 20;
    damaged[mac] = if damaged[mac] == b'A' { b'B' } else { b'A' };
    for (operations, kept) in [(vec![damaged.clone(), damaged], 0), (vec![header_to(&made.public, AGE, [5; 16]); 2], 2)] {
        let operations = operations.iter().map(|header| unwrap_op(header)).collect();
        let request = desk.request_with(&made.public, Usage::Age, operations, |body| body.expires = NOW + 9 * DAY);
        let outcomes = made.grant(&mut kiosk, &desk, &request, 2);
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::FileKey(_))).count(), kept);
    }
}

/// Two of five open it; records need four, or two in an emergency; the classical key has neither.
fn guarded() -> PlanBody {
    with_policy(planned(2, &NAMES), AGE, |policy| {
        (policy.approvals, policy.emergency, policy.batch) = (4, 6, 2);
    })
}

fn unwrapping(made: &Made, desk: &mut Workstation, key: KeyRef, count: usize) -> Request {
    let operations = (0..count).map(|_| unwrap_op(&header(&made.public, key.algorithm, [5; 16]))).collect();
    desk.request_with(&made.public, Usage::Age, operations, |body| body.key = key)
}

fn custodians(indices: &[u8]) -> Custodians {
    List::new(indices.to_vec()).unwrap()
}

/// Answers a request by the emergency path, from the page that offers it.
fn in_emergency(made: &Made, kiosk: &mut Kiosk, desk: &Workstation, request: &Request) -> Vec<Outcome> {
    kiosk.press(Button::Emergency);
    let View::Review { page: Page::Who { emergency: true, cards: Some(2), .. }, number: 1, .. } = kiosk.screen().view else {
        panic!("{:?}", kiosk.screen())
    };
    kiosk.read_on();
    kiosk.press(Button::PresentCards);
    let View::Cards { purpose: Purposes::Emergency, needed: 2, .. } = kiosk.screen().view else { panic!() };
    made.present_all(kiosk, 2);
    kiosk.read_on();
    assert!(!kiosk.screen().buttons.contains(&Button::Emergency));
    kiosk.press(Button::Approve);
    let reply = desk.open(&kiosk.message(), request, &made.public);
    kiosk.press(Button::Done);
    reply.outcomes
}

#[test]
fn more_approvals_than_open_the_vault_are_asked_and_fewer_do_only_in_an_emergency_that_is_reviewed() {
    let made = Made::with_plan(guarded());
    let (mut kiosk, mut desk) = made.in_service(2);
    let request = unwrapping(&made, &mut desk, AGE, 1);
    kiosk.ask(&request);
    kiosk.read_on();
    kiosk.press(Button::PresentCards);
    for (index, card) in (1..=4).zip(&made.cards) {
        let View::Cards { needed: 4, accepted, purpose: Purposes::Request, .. } = kiosk.screen().view else { panic!() };
        assert_eq!(accepted.len(), usize::from(index) - 1);
        kiosk.send(Event::Press(Button::Approve));
        kiosk.present(card, &passphrase(index));
    }
    kiosk.read_on();
    assert!(!kiosk.screen().buttons.contains(&Button::Emergency), "nobody needs it any more");
    kiosk.press(Button::Approve);
    let reply = desk.open(&kiosk.message(), &request, &made.public);
    assert!(matches!(reply.outcomes[..], [Outcome::FileKey(_)]));
    kiosk.press(Button::Done);

    let plain = unwrapping(&made, &mut desk, CLASSICAL, 1);
    kiosk.ask(&plain);
    kiosk.read_on();
    assert!(!kiosk.screen().buttons.contains(&Button::Emergency), "a policy without the path offers none");
    let before = kiosk.screen().view;
    assert_eq!(kiosk.send(Event::Press(Button::Emergency)).view, before);
    kiosk.press(Button::Cancel);

    for count in [2, 1, 1, 1] {
        let request = unwrapping(&made, &mut desk, AGE, count);
        kiosk.ask(&request);
        kiosk.read_on();
        assert_eq!(in_emergency(&made, &mut kiosk, &desk, &request).len(), count);
    }
    // Five of six are used: two more are one too many, one more is not.
    let two = unwrapping(&made, &mut desk, AGE, 2);
    kiosk.ask(&two);
    assert!(!kiosk.read_on().buttons.contains(&Button::Emergency));
    kiosk.press(Button::Cancel);
    let last = unwrapping(&made, &mut desk, AGE, 1);
    kiosk.ask(&last);
    kiosk.read_on();
    assert!(matches!(in_emergency(&made, &mut kiosk, &desk, &last)[..], [Outcome::FileKey(_)]));
    let none = unwrapping(&made, &mut desk, AGE, 1);
    kiosk.ask(&none);
    assert!(!kiosk.read_on().buttons.contains(&Button::Emergency));
    kiosk.press(Button::Cancel);
    let View::Desk { waiting, .. } = kiosk.screen().view else { panic!() };
    assert_eq!(waiting.emergencies, 6);
    kiosk.press(Button::Seal);

    reviewed(&made, kiosk, &mut desk);
}

/// The next quorum sees every emergency before it can do anything else.
fn reviewed(made: &Made, kiosk: Kiosk, desk: &mut Workstation) {
    let mut kiosk = reopened(made, kiosk, NOW);
    let mut seen = Vec::new();
    for page in 1..=2 {
        for button in [Button::ReadRequest, Button::Manage, Button::Enrol, Button::Cancel, Button::Done] {
            assert_eq!(kiosk.send(Event::Press(button)).view.name(), "emergencies", "{button:?}");
        }
        let View::Emergencies { entries, number, of } = kiosk.screen().view else { panic!() };
        assert_eq!((number, of), (page, 2));
        seen.extend(entries);
        let out = kiosk.screen().buttons.iter().filter(|button| **button != Button::Back).copied().collect::<Vec<_>>();
        assert_eq!(out, [if page == 1 { Button::Next } else { Button::Reviewed }, Button::Seal]);
        if page == 1 {
            kiosk.send(Event::Press(Button::Reviewed));
            kiosk.press(Button::Next);
        }
    }
    assert_eq!(seen.len(), 5);
    let all = |entry: &Entry<Happening>| matches!(&entry.what, Happening::Answered { emergency: true, custodians: by, .. } if *by == custodians(&[1, 2]));
    assert!(seen.iter().all(all));
    kiosk.press(Button::Seal);
    let mut kiosk = reopened(made, kiosk, NOW);
    assert_eq!(kiosk.screen().view.name(), "emergencies", "sealing is no way around it");
    kiosk.press(Button::Next);
    kiosk.disk_full = true;
    let screen = kiosk.press(Button::Reviewed);
    assert_eq!((screen.view.name(), screen.notice), ("emergencies", Some(Notice::NotSaved)));
    kiosk.disk_full = false;
    assert_eq!(kiosk.press(Button::Reviewed).view.name(), "desk");
    let what = log(&mut kiosk).pop().unwrap().what;
    assert_eq!(what, Happening::Reviewed { custodians: custodians(&[1, 2]), operations: 6 });
    let request = unwrapping(made, desk, AGE, 2);
    kiosk.ask(&request);
    assert!(kiosk.read_on().buttons.contains(&Button::Emergency), "and the path is open again");
    kiosk.press(Button::Cancel);
    kiosk.press(Button::Seal);
    assert_eq!(reopened(made, kiosk, NOW).screen().view.name(), "desk");
}

#[test]
fn a_quota_that_is_used_up_is_set_aside_by_a_quorum_in_an_emergency_and_by_nobody_alone() {
    let plan = with_policy(planned(2, &NAMES[..2]), TEXT, |policy| {
        (policy.batch, policy.per_session, policy.per_day, policy.emergency) = (2, 2, 2, 1);
    });
    let made = Made::with_plan(plan);
    let (mut kiosk, mut desk) = made.in_service(2);
    granted(&made, &mut kiosk, &mut desk, 2);
    let two = signing(&made, &mut desk, 2);
    assert_eq!(kiosk.ask(&two).view, View::Refused(Reason::DayQuota));
    assert!(!kiosk.screen().buttons.contains(&Button::Emergency), "two are more than an emergency allows");
    kiosk.press(Button::Cancel);
    let one = signing(&made, &mut desk, 1);
    assert_eq!(kiosk.ask(&one).view, View::Refused(Reason::DayQuota));
    let outcomes = in_emergency(&made, &mut kiosk, &desk, &one);
    assert!(matches!(outcomes[..], [Outcome::Signature(_)]), "k cards, though the operator signs alone else");
    let third = signing(&made, &mut desk, 1);
    assert_eq!(kiosk.ask(&third).view, View::Refused(Reason::DayQuota));
    assert!(!kiosk.screen().buttons.contains(&Button::Emergency));
    kiosk.press(Button::Cancel);

    // What is no quota's refusal is nobody's to set aside.
    let unknown = desk.request_with(&made.public, Usage::Text, texts(1), |body| body.key.number = 3);
    assert_eq!(kiosk.ask(&unknown).view, View::Refused(Reason::UnknownKey));
    assert!(!kiosk.screen().buttons.contains(&Button::Emergency));
}

#[test]
fn only_the_requesters_that_a_policy_names_use_its_key_and_only_until_it_expires() {
    let mut plan = with_policy(planned(2, &NAMES[..2]), TEXT, |policy| {
        policy.requesters = List::new(vec![Line::new(" POSTE 12").unwrap()]).unwrap();
        policy.expires = NOW + 200;
    });
    plan.limits.idle_minutes = 60;
    let made = Made::with_plan(plan);
    let (mut kiosk, mut desk) = made.in_service(2);
    let mut other = Workstation::new("Poste 7", 2);
    made.enrol(&mut kiosk, &mut other, 2);
    granted(&made, &mut kiosk, &mut desk, 1);
    assert_eq!(denied(&made, &mut kiosk, &mut other, 1), Reason::NotForYou);
    let digest = other.request(&made.public, Usage::Digest, vec![digest_op(b"x")]);
    assert_eq!(kiosk.ask(&digest).view.name(), "review", "another key is another matter");
    kiosk.press(Button::Cancel);

    kiosk.now = NOW + 200;
    granted(&made, &mut kiosk, &mut desk, 1);
    let late = signing(&made, &mut desk, 1);
    kiosk.ask(&late);
    kiosk.read_on();
    kiosk.now = NOW + 201;
    let screen = kiosk.press(Button::Approve);
    assert_eq!((screen.view.name(), screen.notice, screen.code), ("desk", Some(Notice::TooLate), None));
    assert_eq!(denied(&made, &mut kiosk, &mut desk, 1), Reason::KeyExpired);
}

#[test]
fn a_hundred_records_are_shown_page_by_page_and_answered_and_a_hundred_and_one_are_no_request() {
    let plan = with_policy(planned(2, &NAMES[..2]), CLASSICAL, |policy| {
        (policy.batch, policy.per_session, policy.per_day) = (100, 100, 100);
    });
    let made = Made::with_plan(plan);
    let (mut kiosk, mut desk) = made.in_service(2);
    let record = |number: u8| unwrap_op(&header_to(&made.public, CLASSICAL, [number; 16]));
    assert!(List::<Operation, 100>::new((0..101).map(record).collect()).is_err());
    let operations = (0..100).map(record).collect();
    let request = desk.request_with(&made.public, Usage::Age, operations, |body| body.key = CLASSICAL);
    kiosk.ask(&request);
    let mut pages = vec![kiosk.screen().view];
    while kiosk.screen().buttons.contains(&Button::Next) {
        assert!(!kiosk.screen().buttons.contains(&Button::PresentCards));
        pages.push(kiosk.press(Button::Next).view);
    }
    let records = |view: &&View| matches!(view, View::Review { page: Page::Record { .. }, of: 101, .. });
    assert_eq!((pages.len(), pages.iter().filter(records).count()), (101, 100));
    kiosk.press(Button::PresentCards);
    made.present_all(&mut kiosk, 2);
    let View::Review { number, of, .. } = kiosk.screen().view else { panic!() };
    assert_eq!((number, of), (102, 201), "what each declares comes after");
    assert!(!kiosk.screen().buttons.contains(&Button::Approve));
    kiosk.read_on();
    kiosk.press(Button::Approve);
    let outcomes = desk.open(&kiosk.message(), &request, &made.public).outcomes;
    assert_eq!(outcomes.len(), 100);
    for (number, outcome) in (0..).zip(&outcomes) {
        assert!(matches!(outcome, Outcome::FileKey(key) if key.0.expose() == &[number; 16]));
    }
}
