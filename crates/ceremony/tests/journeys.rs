//! The journeys of a vault, as lists that a custodian could read, and cancelled at every step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Event, Field, Typed};
use cloison_protocol::{Algorithm, KeyRef, Outcome, Point, Reason, Usage};
use support::{Kiosk, Made, NAMES, Workstation, digest_op, header, make, passphrase, text_op, unwrap_op};
use zeroize::Zeroizing;

/// One thing that people do.
enum Do {
    Press(Button),
    Type(Field, String),
    /// Hold the card that is on the screen before the camera, once it was copied.
    CopiedCard,
    Card(usize),
    Show(Vec<u8>),
}
use Do::{Card, CopiedCard, Press, Show, Type};

type Journey = Vec<(Do, &'static str)>;

struct Walker {
    kiosk: Kiosk,
    copied: Vec<u8>,
}

impl Walker {
    fn step(&mut self, made: &Made, what: &Do) -> &'static str {
        let kiosk = &mut self.kiosk;
        let screen = match what {
            Press(button) => kiosk.press(*button),
            Type(field, text) => kiosk.send(Event::Type(*field, Typed(Zeroizing::new(text.clone())))),
            CopiedCard => kiosk.send(Event::Code(self.copied.clone())),
            Card(index) => kiosk.send(Event::Code(made.cards[index - 1].clone())),
            Show(message) => kiosk.show(message),
        };
        if screen.view.name() == "card" {
            self.copied = kiosk.card();
        }
        screen.view.name()
    }
}

fn create() -> Journey {
    let mut journey = vec![
        (Press(Button::CreateVault), "plan"),
        (Type(Field::Title, "Coffre".into()), "plan"),
        (Type(Field::Threshold, "2".into()), "plan"),
        (Type(Field::Cards, "2".into()), "plan"),
        (Press(Button::Continue), "passphrase"),
    ];
    for index in 1..=2 {
        journey.extend([
            (Type(Field::Custodian, NAMES[usize::from(index) - 1].into()), "passphrase"),
            (Type(Field::Passphrase, passphrase(index)), "passphrase"),
            (Type(Field::PassphraseAgain, passphrase(index)), "passphrase"),
            (Press(Button::MakeCard), "card"),
            (Press(Button::ReadBack), "read-back"),
            (Press(Button::ShowAgain), "card"),
            (Press(Button::ReadBack), "read-back"),
            (CopiedCard, "read-back"),
            (Type(Field::Passphrase, passphrase(index)), "read-back"),
            (Press(Button::Verify), if index < 2 { "passphrase" } else { "created" }),
        ]);
    }
    journey.push((Press(Button::Done), "ended"));
    journey
}

fn cards(then: &'static str) -> Journey {
    vec![
        (Card(2), "cards"),
        (Type(Field::Passphrase, passphrase(2)), "cards"),
        (Press(Button::Present), "cards"),
        (Card(1), "cards"),
        (Type(Field::Passphrase, passphrase(1)), "cards"),
        (Press(Button::Present), then),
    ]
}

fn open() -> Journey {
    let mut journey = vec![(Press(Button::OpenVault), "cards")];
    journey.extend(cards("desk"));
    journey
}

fn enrol(desk: &mut Workstation) -> Journey {
    let mut journey = open();
    journey.extend([
        (Press(Button::Enrol), "scan"),
        (Show(desk.enrolment().as_bytes().to_vec()), "enrolment"),
        (Press(Button::WordsMatch), "cards"),
    ]);
    journey.extend(cards("desk"));
    journey
}

fn decrypt(made: &Made, desk: &mut Workstation) -> Journey {
    let operations = vec![
        unwrap_op(&header(&made.public, Algorithm::MlKem1024P384, [5; 16])),
        unwrap_op(&header(&made.public, Algorithm::MlKem1024P384, [6; 16])),
    ];
    let request = desk.request(&made.public, Usage::Age, operations);
    let mut journey = enrol(desk);
    journey.extend([
        (Press(Button::ReadRequest), "scan"),
        (Show(request.as_bytes().to_vec()), "review"),
        (Press(Button::Next), "review"),
        (Press(Button::Back), "review"),
        (Press(Button::Next), "review"),
        (Press(Button::Next), "review"),
        (Press(Button::PresentCards), "cards"),
    ]);
    journey.extend(cards("review"));
    journey.extend([
        (Press(Button::Next), "review"),
        (Press(Button::Approve), "reply"),
        (Press(Button::Done), "desk"),
        (Press(Button::Seal), "ended"),
    ]);
    journey
}

fn sign_text(made: &Made, desk: &mut Workstation) -> Journey {
    let request = desk.request(&made.public, Usage::Text, vec![text_op("Je soussignée certifie.\n")]);
    let mut journey = enrol(desk);
    journey.extend([
        (Press(Button::ReadRequest), "scan"),
        (Show(request.as_bytes().to_vec()), "review"),
        (Press(Button::Next), "review"),
        (Press(Button::Approve), "reply"),
        (Press(Button::Seal), "ended"),
    ]);
    journey
}

fn sign_digest(made: &Made, desk: &mut Workstation) -> Journey {
    let request = desk.request(&made.public, Usage::Digest, vec![digest_op(b"an image of 4 GB")]);
    let mut journey = enrol(desk);
    journey.extend([
        (Press(Button::ReadRequest), "scan"),
        (Show(request.as_bytes().to_vec()), "review"),
        (Press(Button::Next), "review"),
        (Press(Button::PresentCards), "cards"),
    ]);
    journey.extend(cards("review"));
    journey.extend([(Press(Button::Approve), "reply"), (Press(Button::Seal), "ended")]);
    journey
}

fn walk(disk: Option<Vec<u8>>, made: &Made, journey: &Journey) -> Kiosk {
    let mut walker = Walker { kiosk: Kiosk::new(disk), copied: Vec::new() };
    for (number, (what, expected)) in journey.iter().enumerate() {
        let found = walker.step(made, what);
        assert_eq!(found, *expected, "step {number}: {:?}", walker.kiosk.screen().notice);
    }
    walker.kiosk
}

/// Cancels a journey at every step: no signature, no share, no stored byte is left.
fn abort_everywhere(disk: Option<&[u8]>, made: &Made, journey: &Journey) {
    let mut walker = Walker { kiosk: Kiosk::new(disk.map(<[u8]>::to_vec)), copied: Vec::new() };
    let mut reached = 0;
    for (what, _) in journey {
        walker.step(made, what);
        reached += 1;
        if walker.kiosk.ended.is_some() {
            break;
        }
    }
    for steps in 0..reached {
        let mut walker = Walker { kiosk: Kiosk::new(disk.map(<[u8]>::to_vec)), copied: Vec::new() };
        for (what, _) in &journey[..steps] {
            walker.step(made, what);
        }
        let (kept, saves) = (walker.kiosk.disk.clone(), walker.kiosk.saves);
        let before = walker.kiosk.screen();
        let button = [Button::Cancel, Button::Seal, Button::Done].into_iter().find(|button| before.buttons.contains(button));
        let Some(button) = button else {
            assert!(matches!(before.view.name(), "blank" | "sealed"), "step {steps}: no way out of {}", before.view.name());
            continue;
        };
        let after = walker.kiosk.press(button);
        assert_eq!(walker.kiosk.disk, kept, "step {steps}: cancelling {} wrote to the disk", before.view.name());
        assert_eq!(walker.kiosk.saves, saves, "step {steps}");
        assert_eq!(after.code, None, "step {steps}: a code is left on {}", after.view.name());
        assert!(after.fields.is_empty(), "step {steps}: something typed is left on {}", after.view.name());
        assert!(
            matches!(after.view.name(), "blank" | "sealed" | "stopped" | "desk" | "ended"),
            "step {steps}: {}",
            after.view.name()
        );
    }
}

#[test]
fn a_vault_is_made_and_nothing_is_stored_before_every_card_was_read_back() {
    let made = make(2, 2);
    let kiosk = walk(None, &made, &create());
    assert_eq!(kiosk.saves, 1);
    abort_everywhere(None, &made, &create());
}

#[test]
fn a_stopped_ceremony_lists_the_cards_to_destroy() {
    let made = make(2, 2);
    let mut journey = create();
    journey.truncate(19); // the second card was shown
    let mut kiosk = walk(None, &made, &journey);
    let screen = kiosk.press(Button::Cancel);
    let cloison_ceremony::View::Stopped { cards } = screen.view else { panic!("{:?}", screen.view.name()) };
    assert_eq!(cards, [(1, "Amélie".to_owned()), (2, "Bruno".to_owned())]);
    assert_eq!(kiosk.disk, None);
}

#[test]
fn a_vault_is_opened_by_any_two_of_its_cards() {
    let made = make(2, 3);
    for (first, second) in [(1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)] {
        let mut kiosk = Kiosk::new(Some(made.disk.clone()));
        kiosk.press(Button::OpenVault);
        kiosk.present(&made.cards[first - 1], &passphrase(u8::try_from(first).unwrap()));
        let screen = kiosk.present(&made.cards[second - 1], &passphrase(u8::try_from(second).unwrap()));
        assert_eq!(screen.view.name(), "desk", "cards {first} and {second}");
    }
    walk(Some(made.disk.clone()), &made, &open());
    abort_everywhere(Some(&made.disk), &made, &open());
}

#[test]
fn records_are_opened_under_a_quorum_for_that_request() {
    let made = make(2, 2);
    let mut desk = Workstation::new("Poste 12", 1);
    let journey = decrypt(&made, &mut desk);
    walk(Some(made.disk.clone()), &made, &journey);
    abort_everywhere(Some(&made.disk), &made, &journey);
}

#[test]
fn a_text_is_signed_by_the_operator_of_an_open_vault() {
    let made = make(2, 2);
    let mut desk = Workstation::new("Poste 12", 1);
    let journey = sign_text(&made, &mut desk);
    walk(Some(made.disk.clone()), &made, &journey);
    abort_everywhere(Some(&made.disk), &made, &journey);
}

#[test]
fn a_digest_is_signed_under_a_quorum_since_nobody_can_see_the_file() {
    let made = make(2, 2);
    let mut desk = Workstation::new("Poste 12", 1);
    let journey = sign_digest(&made, &mut desk);
    walk(Some(made.disk.clone()), &made, &journey);
    abort_everywhere(Some(&made.disk), &made, &journey);
}

#[test]
fn the_signatures_are_those_of_the_keys_that_were_exported() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let text = "Je soussignée certifie.\n";
    let digest = digest_op(b"an image of 4 GB");
    for (usage, operation, signed) in
        [(Usage::Text, text_op(text), text.as_bytes()), (Usage::Digest, digest, b"an image of 4 GB".as_slice())]
    {
        let request = desk.request(&made.public, usage, vec![operation]);
        kiosk.press(Button::ReadRequest);
        kiosk.show(request.as_bytes());
        kiosk.press(Button::Next);
        if usage == Usage::Digest {
            kiosk.press(Button::PresentCards);
            made.present_all(&mut kiosk, 2);
        }
        kiosk.press(Button::Approve);
        let reply = desk.open(&kiosk.message(), &request, &made.public);
        let Outcome::Signature(signature) = &reply.outcomes[0] else { panic!("no signature") };
        for other in [Usage::Text, Usage::Digest] {
            let key = KeyRef { usage: other, algorithm: Algorithm::P384, number: 0 };
            let point = Point::from_bytes(made.public.find(key).unwrap().bytes.as_slice().try_into().unwrap()).unwrap();
            assert_eq!(point.verifies(signed, signature), other == usage);
        }
        kiosk.press(Button::Done);
    }
}

#[test]
fn the_reply_holds_the_file_keys_and_the_state_that_is_on_disk() {
    let made = make(2, 3);
    let (mut kiosk, mut desk) = made.in_service(2);
    let altered = {
        let mut header = header(&made.public, Algorithm::P384, [7; 16]);
        let at = header.len() - 60;
        header[at] = if header[at] == b'A' { b'B' } else { b'A' };
        header
    };
    let operations = vec![unwrap_op(&header(&made.public, Algorithm::P384, [5; 16])), unwrap_op(&altered)];
    let request = desk.request_with(&made.public, Usage::Age, operations, |body| body.key.algorithm = Algorithm::P384);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    kiosk.press(Button::Next);
    kiosk.press(Button::Next);
    kiosk.press(Button::PresentCards);
    made.present_all(&mut kiosk, 2);
    kiosk.press(Button::Next);
    kiosk.press(Button::Approve);
    let reply = desk.open(&kiosk.message(), &request, &made.public);
    assert!(matches!(&reply.outcomes[0], Outcome::FileKey(key) if key.0.expose() == &[5; 16]));
    assert!(matches!(reply.outcomes[1], Outcome::Refused(Reason::CannotUnwrap)));
    assert_eq!(reply.state.generation, 5, "made, opened, enrolled, cards presented, answered");

    // the identical reply is shown again, without a quorum, until the vault is sealed
    let first = kiosk.message();
    kiosk.press(Button::Done);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    assert_eq!(kiosk.message(), first);
    kiosk.press(Button::Seal);

    // and after that never
    let mut kiosk = Kiosk::new(kiosk.disk);
    kiosk.press(Button::OpenVault);
    made.present_all(&mut kiosk, 2);
    kiosk.press(Button::ReadRequest);
    let screen = kiosk.show(request.as_bytes());
    assert_eq!(screen.view, cloison_ceremony::View::Refused(Reason::Replayed));
}
