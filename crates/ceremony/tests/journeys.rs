//! The journeys of a vault, as lists that a custodian could read, and cancelled at every step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Field};
use cloison_protocol::{Algorithm, KeyRef, Outcome, Point, Reason, Usage};
use support::{
    Do::{Card, CopiedCard, Press, Show, Type},
    Journey, Kiosk, Made, NAMES, Workstation, abort_everywhere, digest_op, header, make, open, passphrase, presented, text_op,
    unwrap_op, walk,
};

fn create() -> Journey {
    let mut journey = vec![
        (Press(Button::CreateVault), "date"),
        (Press(Button::Continue), "start"),
        (Press(Button::TypePlan), "plan"),
        (Type(Field::Title, "Coffre".into()), "plan"),
        (Type(Field::Threshold, "2".into()), "plan"),
        (Type(Field::Cards, "2".into()), "plan"),
        (Type(Field::Witness, "Wanda".into()), "plan"),
        (Press(Button::Continue), "name"),
        (Type(Field::Custodian, NAMES[0].into()), "name"),
        (Press(Button::Continue), "name"),
        (Type(Field::Custodian, NAMES[1].into()), "name"),
        (Press(Button::Continue), "plan-page"),
    ];
    journey.extend(held("2", 6, 3, 2));
    journey
}

/// The rest of a ceremony: so many pages of the plan, people to call, and cards.
fn held(rolls: &str, pages: usize, people: usize, cards: u8) -> Journey {
    let mut journey: Journey = (1..pages).map(|_| (Press(Button::Next), "plan-page")).collect();
    journey.push((Press(Button::Continue), "roll-call"));
    journey.extend((1..people).map(|_| (Press(Button::Here), "roll-call")));
    journey.push((Press(Button::Here), "dice"));
    if rolls.len() >= 100 {
        journey.extend([
            (Type(Field::Contributor, NAMES[0].into()), "dice"),
            (Type(Field::Rolls, rolls.into()), "dice"),
            (Press(Button::AddRolls), "dice"),
        ]);
    }
    journey.push((Press(Button::Continue), "passphrase"));
    journey.extend(made_cards(cards));
    journey
}

fn made_cards(cards: u8) -> Journey {
    let mut journey = Journey::new();
    for index in 1..=cards {
        journey.extend([
            (Press(Button::Propose), "passphrase"),
            (Type(Field::Passphrase, passphrase(index)), "passphrase"),
            (Type(Field::PassphraseAgain, passphrase(index)), "passphrase"),
            (Press(Button::MakeCard), "card"),
            (Press(Button::ShowWords), "card"),
            (Press(Button::Print), "card"),
            (Press(Button::ReadBack), "read-back"),
            (Press(Button::ShowAgain), "card"),
            (Press(Button::ReadBack), "read-back"),
            (CopiedCard, "read-back"),
            (Type(Field::Passphrase, passphrase(index)), "read-back"),
            (Press(Button::Verify), if index < cards { "passphrase" } else { "created" }),
        ]);
    }
    journey.push((Press(Button::Done), "ended"));
    journey
}

/// Every card, presented in a new process.
fn drill(cards: u8) -> Journey {
    let mut journey = vec![(Press(Button::Drill), "cards")];
    for index in 1..=cards {
        journey.extend([
            (Card(index.into()), "cards"),
            (Type(Field::Passphrase, passphrase(index)), "cards"),
            (Press(Button::Present), if index < cards { "cards" } else { "drilled" }),
        ]);
    }
    journey.extend([
        (Press(Button::ShowTranscript), "export"),
        (Press(Button::ShowDescriptor), "export"),
        (Press(Button::ShowPublicKeys), "drilled"),
        (Press(Button::Done), "ended"),
    ]);
    journey
}

fn enrol(desk: &mut Workstation) -> Journey {
    let mut journey = open();
    journey.extend([
        (Press(Button::Enrol), "scan"),
        (Show(desk.enrolment().as_bytes().to_vec()), "enrolment"),
        (Press(Button::WordsMatch), "cards"),
    ]);
    journey.extend(presented(&[2, 1], "desk"));
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
    journey.extend(presented(&[2, 1], "review"));
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
    journey.extend(presented(&[2, 1], "review"));
    journey.extend([(Press(Button::Approve), "reply"), (Press(Button::Seal), "ended")]);
    journey
}

#[test]
fn a_vault_is_made_and_nothing_is_stored_before_every_card_was_read_back() {
    let made = make(2, 2);
    assert_eq!(abort_everywhere(None, &made.cards, &create()).saves, 1);
}

#[test]
fn a_vault_serves_only_after_every_card_was_drilled() {
    let made = make(2, 3);
    abort_everywhere(Some(&made.undrilled), &made.cards, &drill(3));
    let kiosk = Kiosk::new(Some(made.undrilled.clone()));
    assert_eq!(kiosk.screen().buttons, [Button::Drill, Button::CheckCard, Button::TestCodes, Button::GiveUp]);
}

#[test]
fn a_stopped_ceremony_lists_the_cards_to_destroy() {
    let made = make(2, 2);
    let mut journey = create();
    let shown = journey.iter().rposition(|(what, _)| matches!(what, Press(Button::MakeCard)));
    journey.truncate(shown.unwrap() + 1);
    let mut kiosk = walk(None, &made.cards, &journey);
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
        kiosk.press(Button::Continue);
        kiosk.present(&made.cards[first - 1], &passphrase(u8::try_from(first).unwrap()));
        let screen = kiosk.present(&made.cards[second - 1], &passphrase(u8::try_from(second).unwrap()));
        assert_eq!(screen.view.name(), "desk", "cards {first} and {second}");
    }
    abort_everywhere(Some(&made.disk), &made.cards, &open());
}

#[test]
fn records_are_opened_under_a_quorum_for_that_request() {
    let made = make(2, 2);
    let mut desk = Workstation::new("Poste 12", 1);
    let journey = decrypt(&made, &mut desk);
    abort_everywhere(Some(&made.disk), &made.cards, &journey);
}

#[test]
fn a_text_is_signed_by_the_operator_of_an_open_vault() {
    let made = make(2, 2);
    let mut desk = Workstation::new("Poste 12", 1);
    let journey = sign_text(&made, &mut desk);
    abort_everywhere(Some(&made.disk), &made.cards, &journey);
}

#[test]
fn a_digest_is_signed_under_a_quorum_since_nobody_can_see_the_file() {
    let made = make(2, 2);
    let mut desk = Workstation::new("Poste 12", 1);
    let journey = sign_digest(&made, &mut desk);
    abort_everywhere(Some(&made.disk), &made.cards, &journey);
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
    assert_eq!(reply.state.generation, 6, "made, drilled, opened, enrolled, cards presented, answered");

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
    kiosk.press(Button::Continue);
    made.present_all(&mut kiosk, 2);
    kiosk.press(Button::ReadRequest);
    let screen = kiosk.show(request.as_bytes());
    assert_eq!(screen.view, cloison_ceremony::View::Refused(Reason::Replayed));
}
