//! What follows what: a key another key, a vault another vault; and workstations that are revoked.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Choice, Notice, Purposes, View};
use cloison_custody::{ChangeRefused, EnrolmentRefused};
use cloison_protocol::{
    Algorithm, Descriptor, Happening, KeyRef, Kind, Log, MessageError, Operation, Outcome, Point, PublicKeys, Reason, Request,
    Succession, Usage, bounded::List,
};
use support::{
    AGE, CLASSICAL, DIGEST,
    Do::{Press, Show},
    Journey, Kiosk, Made, NAMES, TEXT, Workstation, abort_on_every_screen, header_to, open, planned, presented, rehearse,
    text_op, unwrap_op,
};

/// The same key's next number.
fn next(key: KeyRef) -> KeyRef {
    KeyRef { number: key.number + 1, ..key }
}

fn for_key(desk: &mut Workstation, public: &PublicKeys, key: KeyRef, operation: Operation) -> Request {
    desk.request_with(public, key.usage, vec![operation], |body| body.key = key)
}

/// Chooses an item in the vault's management, and presents two cards for it.
fn manage(made: &Made, kiosk: &mut Kiosk, button: Button, item: u8, purpose: Purposes) {
    kiosk.press(Button::Manage);
    kiosk.press(button);
    kiosk.press(Button::Item(item));
    made.present_all(kiosk, 2);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("manage", Some(Notice::Changed(purpose))));
    kiosk.press(Button::Done);
}

fn public(kiosk: &mut Kiosk) -> PublicKeys {
    PublicKeys::decode(&kiosk.export(Button::ShowPublicKeys)).unwrap()
}

fn happenings(kiosk: &mut Kiosk) -> Vec<Happening> {
    kiosk.press(Button::Manage);
    let log = Log::decode(&kiosk.export(Button::ShowLog)).unwrap();
    kiosk.press(Button::Done);
    log.entries().iter().map(|entry| entry.what.clone()).collect()
}

fn verifies(public: &PublicKeys, key: KeyRef, text: &str, outcomes: &[Outcome]) -> bool {
    let [Outcome::Signature(signature)] = outcomes else { panic!("no signature") };
    let point = Point::from_bytes(public.find(key).unwrap().bytes.as_slice().try_into().unwrap()).unwrap();
    point.verifies(text.as_bytes(), signature)
}

#[test]
fn a_key_that_was_followed_opens_what_was_encrypted_to_it_and_does_nothing_else() {
    let mut made = Made::with_plan(planned(2, &NAMES[..2]));
    let (mut kiosk, mut desk) = made.in_service(2);
    let earlier = header_to(&made.public, AGE, [5; 16]);
    kiosk.press(Button::Manage);
    let View::Choose { items } = kiosk.press(Button::Rotate).view else { panic!() };
    assert_eq!(items, [AGE, CLASSICAL, TEXT, DIGEST].map(Choice::Key));
    kiosk.press(Button::Cancel);
    kiosk.press(Button::Done);
    manage(&made, &mut kiosk, Button::Rotate, 0, Purposes::Rotation);
    // What was followed is not offered again, so that text is now the second.
    manage(&made, &mut kiosk, Button::Rotate, 1, Purposes::Rotation);

    made.public = public(&mut kiosk);
    let flags: Vec<_> = made.public.body().keys.as_slice().iter().map(|known| (known.key, known.retired)).collect();
    let expected = [(AGE, true), (CLASSICAL, false), (TEXT, true), (DIGEST, false), (next(AGE), false), (next(TEXT), false)];
    assert_eq!(flags, expected);
    kiosk.press(Button::Manage);
    let descriptor = Descriptor::decode(&kiosk.export(Button::ShowDescriptor)).unwrap();
    kiosk.press(Button::Done);
    let described: Vec<_> = descriptor.body().keys.as_slice().iter().map(|known| (known.key, known.retired)).collect();
    assert_eq!(described, expected);
    let policy = |key| descriptor.find(key).unwrap().policy.clone();
    assert_eq!(policy(next(AGE)), policy(AGE), "a key comes with the policy of the one before it");

    serves(&made, &mut kiosk, &mut desk, &earlier);
    kiosk.press(Button::Seal);
    let mut kiosk = made.open_disk(kiosk.disk, 2);
    serves(&made, &mut kiosk, &mut desk, &earlier);
    let custodians = List::new(vec![1, 2]).unwrap();
    for key in [next(AGE), next(TEXT)] {
        assert!(happenings(&mut kiosk).contains(&Happening::Rotated { key, custodians: custodians.clone() }));
    }
}

/// Both age keys open, the new text key signs, and the old one is refused.
fn serves(made: &Made, kiosk: &mut Kiosk, desk: &mut Workstation, earlier: &[u8]) {
    let later = header_to(&made.public, next(AGE), [6; 16]);
    for (key, header, file_key) in [(AGE, earlier, [5; 16]), (next(AGE), later.as_slice(), [6; 16])] {
        let request = for_key(desk, &made.public, key, unwrap_op(header));
        let outcomes = made.grant(kiosk, desk, &request, 2);
        assert!(matches!(&outcomes[..], [Outcome::FileKey(found)] if found.0.expose() == &file_key), "{key}");
    }
    let other = for_key(desk, &made.public, AGE, unwrap_op(&later));
    assert!(matches!(made.grant(kiosk, desk, &other, 2)[..], [Outcome::Refused(Reason::CannotUnwrap)]));
    let old = for_key(desk, &made.public, TEXT, text_op("x"));
    assert_eq!(made.refusal(kiosk, desk, &old), Reason::Retired);
    let new = for_key(desk, &made.public, next(TEXT), text_op("x"));
    let outcomes = made.grant(kiosk, desk, &new, 0);
    assert!(verifies(&made.public, next(TEXT), "x", &outcomes) && !verifies(&made.public, TEXT, "x", &outcomes));
}

/// Rotating, revoking and renewing, as one list.
fn changes() -> Journey {
    let mut journey = open();
    journey.extend([(Press(Button::Manage), "manage"), (Press(Button::Rotate), "choose"), (Press(Button::Item(2)), "cards")]);
    journey.extend(presented(&[1, 2], "manage"));
    journey.extend([(Press(Button::Revoke), "choose"), (Press(Button::Item(0)), "cards")]);
    journey.extend(presented(&[1, 2], "manage"));
    journey.push((Press(Button::Renew), "cards"));
    journey.extend(presented(&[1, 2], "manage"));
    journey.extend([(Press(Button::BackUp), "export"), (Press(Button::Done), "manage"), (Press(Button::Seal), "ended")]);
    journey
}

#[test]
fn changes_of_a_vault_that_are_stopped_change_nothing() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let (kiosk, _) = made.in_service(2);
    let walked = abort_on_every_screen(kiosk.disk.as_deref(), &made.cards, &changes());
    assert_eq!(walked.saves, 5, "opened, rotated, revoked, renewed, backed up");
}

#[test]
fn a_workstation_that_was_revoked_is_refused_and_never_comes_back() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let (mut kiosk, mut desk) = made.in_service(2);
    let mut other = Workstation::new("Poste 7", 2);
    made.enrol(&mut kiosk, &mut other, 2);
    kiosk.press(Button::Manage);
    let View::Choose { items } = kiosk.press(Button::Revoke).view else { panic!() };
    assert_eq!(items, ["Poste 12", "Poste 7"].map(|name| Choice::Workstation(name.to_owned())));
    kiosk.press(Button::Cancel);
    kiosk.press(Button::Done);
    manage(&made, &mut kiosk, Button::Revoke, 0, Purposes::Revocation);
    for _ in 0..2 {
        let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
        assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::Revoked);
        let mut renamed = Workstation::new("Poste 13", 1);
        for enrolment in [desk.enrolment(), renamed.enrolment()] {
            kiosk.press(Button::Enrol);
            assert_eq!(kiosk.show(enrolment.as_bytes()).notice, Some(Notice::Enrolment(EnrolmentRefused::Revoked)));
        }
        let request = other.request(&made.public, Usage::Text, vec![text_op("x")]);
        assert!(matches!(made.grant(&mut kiosk, &other, &request, 0)[..], [Outcome::Signature(_)]), "the other is not concerned");
        kiosk.press(Button::Seal);
        kiosk = made.open_disk(kiosk.disk, 2);
    }
    // Its name is free again, for a new key.
    made.enrol(&mut kiosk, &mut Workstation::new("Poste 12", 3), 2);
}

fn succession(public: &PublicKeys) -> Journey {
    let mut journey = open();
    journey.extend([
        (Press(Button::Manage), "manage"),
        (Press(Button::Succeed), "scan"),
        (Show(public.as_bytes().to_vec()), "succession"),
        (Press(Button::WordsMatch), "cards"),
    ]);
    journey.extend(presented(&[1, 2], "export"));
    journey
}

fn following(succession: &Succession) -> Journey {
    let mut journey = open();
    journey.extend([
        (Press(Button::Manage), "manage"),
        (Press(Button::Follow), "scan"),
        (Show(succession.as_bytes().to_vec()), "following"),
        (Press(Button::PresentCards), "cards"),
    ]);
    journey.extend(presented(&[2, 1], "manage"));
    journey.push((Press(Button::Done), "desk"));
    journey
}

/// Shows a message in the vault's management, and gives what is said of it.
fn told(kiosk: &mut Kiosk, button: Button, message: &[u8]) -> (&'static str, Option<Notice>) {
    kiosk.press(Button::Manage);
    kiosk.press(button);
    let screen = kiosk.show(message);
    if screen.view.name() == "scan" {
        kiosk.press(Button::Cancel);
    } else {
        kiosk.press(Button::Done);
    }
    (screen.view.name(), screen.notice)
}

fn refused(refused: ChangeRefused) -> (&'static str, Option<Notice>) {
    ("manage", Some(Notice::Change(refused)))
}

#[test]
fn a_vault_that_is_followed_only_opens_records_and_both_vaults_name_each_other() {
    let (mut old, new) = (Made::with_plan(planned(2, &NAMES[..2])), Made::elsewhere(planned(2, &NAMES[..2])));
    let rehearsed = rehearse(2, 2);
    assert_ne!(old.public.body().vault, new.public.body().vault);
    let record = header_to(&old.public, AGE, [5; 16]);
    let (mut kiosk, mut desk) = old.in_service(2);
    assert_eq!(told(&mut kiosk, Button::Succeed, old.public.as_bytes()), refused(ChangeRefused::Itself));
    assert_eq!(told(&mut kiosk, Button::Succeed, rehearsed.public.as_bytes()), refused(ChangeRefused::OtherMode));
    let kind = MessageError::OtherKind { expected: Kind::PublicKeys, found: Kind::Descriptor };
    assert_eq!(told(&mut kiosk, Button::Succeed, new.descriptor.as_bytes()), ("scan", Some(Notice::Message(kind))));
    kiosk.press(Button::Seal);

    // The one that follows is named, and what the vault signs of it is lost before it is read.
    let mut kiosk = abort_on_every_screen(kiosk.disk.as_deref(), &old.cards, &succession(&new.public));
    let lost = Succession::decode(&kiosk.message()).unwrap();
    kiosk.press(Button::Seal);
    let mut kiosk = old.open_disk(kiosk.disk, 2);
    old.public = public(&mut kiosk);
    assert_eq!(old.public.body().successor, Some(new.public.body().vault));
    assert!(old.public.body().keys.as_slice().iter().all(|known| known.retired), "nothing is encrypted to it any more");
    let unwrap = for_key(&mut desk, &old.public, AGE, unwrap_op(&record));
    assert!(matches!(old.grant(&mut kiosk, &desk, &unwrap, 2)[..], [Outcome::FileKey(_)]));
    for (key, operation) in [(TEXT, text_op("x")), (DIGEST, support::digest_op(b"x"))] {
        let request = for_key(&mut desk, &old.public, key, operation);
        assert_eq!(old.refusal(&mut kiosk, &desk, &request), Reason::Retired);
    }
    assert_eq!(told(&mut kiosk, Button::Succeed, rehearsed.public.as_bytes()), refused(ChangeRefused::Succeeded));
    kiosk.press(Button::Manage);
    assert_eq!(kiosk.press(Button::Rotate).view, View::Choose { items: vec![] }, "no new key comes from this root");
    kiosk.press(Button::Cancel);
    kiosk.press(Button::Succeed);
    kiosk.show(new.public.as_bytes());
    kiosk.press(Button::WordsMatch);
    old.present_all(&mut kiosk, 2);
    let again = Succession::decode(&kiosk.message()).unwrap();
    assert_eq!((again.body().new, again.body().new_keys), (lost.body().new, lost.body().new_keys));

    follows(&old, &new, &again);
}

fn follows(old: &Made, new: &Made, succession: &Succession) {
    let mut kiosk = old.open(2);
    assert_eq!(told(&mut kiosk, Button::Follow, succession.as_bytes()), refused(ChangeRefused::OtherVault));
    let mut kiosk = abort_on_every_screen(Some(&new.disk), &new.cards, &following(succession));
    let acknowledged = public(&mut kiosk);
    assert_eq!(acknowledged.body().predecessor, Some(old.public.body().vault));
    assert_eq!(acknowledged.fingerprint(), new.public.fingerprint());
    assert!(succession.leads_to(&acknowledged));
    assert!(!succession.leads_to(&new.public), "before, it named nobody");
    assert!(!succession.leads_to(&old.public));
    assert_eq!(told(&mut kiosk, Button::Follow, succession.as_bytes()), refused(ChangeRefused::Follows));
    let custodians = List::new(vec![2, 1]).unwrap();
    assert!(happenings(&mut kiosk).contains(&Happening::Follows { old: old.public.body().vault, custodians }));
    let mut altered = succession.as_bytes().to_vec();
    altered[40] ^= 1;
    let (view, notice) = told(&mut kiosk, Button::Follow, &altered);
    assert!(view == "scan" && matches!(notice, Some(Notice::Message(_))), "{notice:?}");
}

#[test]
fn a_key_of_a_usage_without_a_session_is_followed_too() {
    let mut made = Made::with_plan(planned(2, &NAMES[..2]));
    let (mut kiosk, mut desk) = made.in_service(2);
    manage(&made, &mut kiosk, Button::Rotate, 3, Purposes::Rotation);
    manage(&made, &mut kiosk, Button::Rotate, 1, Purposes::Rotation);
    made.public = public(&mut kiosk);
    let digest = |key| (key, support::digest_op(b"a file"));
    for (key, operation) in [digest(DIGEST), digest(next(DIGEST))] {
        let request = for_key(&mut desk, &made.public, key, operation);
        if key == DIGEST {
            assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::Retired);
        } else {
            let outcomes = made.grant(&mut kiosk, &desk, &request, 2);
            assert!(verifies(&made.public, key, "a file", &outcomes));
        }
    }
    let record = header_to(&made.public, next(CLASSICAL), [7; 16]);
    let request = for_key(&mut desk, &made.public, next(CLASSICAL), unwrap_op(&record));
    assert!(matches!(made.grant(&mut kiosk, &desk, &request, 2)[..], [Outcome::FileKey(_)]));
    assert_eq!(made.public.find(next(CLASSICAL)).unwrap().key.algorithm, Algorithm::P384);
}
