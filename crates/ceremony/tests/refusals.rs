//! What bad input gets at the kiosk: each its own notice, and nothing lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Event, Field, HomeView, Notice, View};
use cloison_custody::{CardRefusal, EnrolmentRefused, OpenError, StoreError};
use cloison_protocol::{Algorithm, Card, CardError, Kind, MessageError, Outcome, Reason, Seen, Usage, bounded::Fixed};
use support::{Kiosk, Made, Workstation, header, make, passphrase, rehearse, text_op, unwrap_op};

fn card_notice(kiosk: &Kiosk) -> (Option<u8>, CardRefusal) {
    match kiosk.screen().notice {
        Some(Notice::Card { index, refusal }) => (index, refusal),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_wrong_card_is_told_apart_and_named_and_the_others_stay_valid() {
    let (made, other) = (make(3, 5), rehearse(2, 2));
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    kiosk.present(&made.cards[0], &passphrase(1));
    assert_eq!(kiosk.screen().notice, Some(Notice::Accepted(1)));

    kiosk.send(Event::Code(other.cards[1].clone()));
    assert_eq!(card_notice(&kiosk), (Some(2), CardRefusal::WrongVault));

    kiosk.send(Event::Code(made.cards[0].clone()));
    assert_eq!(card_notice(&kiosk), (Some(1), CardRefusal::Duplicate));

    let mut damaged = made.cards[1].clone();
    damaged[40] ^= 1;
    kiosk.send(Event::Code(damaged));
    assert_eq!(card_notice(&kiosk), (Some(2), CardRefusal::Unreadable(CardError::Damaged)));

    kiosk.send(Event::Code(b"a bus ticket".to_vec()));
    assert_eq!(card_notice(&kiosk), (None, CardRefusal::Unreadable(CardError::NotACard)));

    kiosk.present(&made.cards[1], "not the passphrase");
    assert_eq!(card_notice(&kiosk), (Some(2), CardRefusal::WrongPassphrase));

    let mut forged = Card::decode(&made.cards[1]).unwrap();
    forged.sealed.0[3] ^= 1; // a right checksum over a flipped bit
    kiosk.present(&forged.encode(), &passphrase(2));
    assert_eq!(card_notice(&kiosk), (Some(2), CardRefusal::WrongPassphrase));

    let mut old = Card::decode(&made.cards[1]).unwrap();
    old.header.epoch = 2;
    kiosk.send(Event::Code(old.encode().to_vec()));
    assert_eq!(card_notice(&kiosk), (Some(2), CardRefusal::WrongEpoch { card: 2, vault: 1 }));

    let mut profile = Card::decode(&made.cards[1]).unwrap();
    profile.header.profile = 99;
    kiosk.send(Event::Code(profile.encode().to_vec()));
    assert_eq!(card_notice(&kiosk), (Some(2), CardRefusal::UnknownProfile(99)));

    let View::Cards { accepted, .. } = kiosk.screen().view else { panic!() };
    assert_eq!(accepted, [1], "the good card is still accepted");
    kiosk.present(&made.cards[3], &passphrase(4));
    kiosk.present(&made.cards[1], &passphrase(2));
    assert_eq!(kiosk.screen().view.name(), "desk");
}

#[test]
fn a_share_that_opens_and_is_not_the_vaults_is_forged() {
    // A custodian who knows his passphrase seals another share under it.
    use cloison_custody::{Passphrase, vectors::seal_with};
    let made = make(2, 2);
    let genuine = Card::decode(&made.cards[0]).unwrap();
    let other = cloison_protocol::secret::Secret::copied(&[1; 32]).unwrap();
    let forged = seal_with(genuine.header, &other, &Passphrase::typed(&passphrase(1)).unwrap()).unwrap();
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    kiosk.present(&forged.encode(), &passphrase(1));
    assert_eq!(card_notice(&kiosk), (Some(1), CardRefusal::Forged));
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.screen().view.name(), "desk");
}

#[test]
fn fewer_cards_than_needed_open_nothing() {
    let made = make(3, 4);
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    made.present_all(&mut kiosk, 2);
    for button in [Button::Approve, Button::ReadRequest, Button::Present, Button::ShowPublicKeys, Button::Seal] {
        kiosk.send(Event::Press(button));
        assert_eq!(kiosk.screen().view.name(), "cards");
    }
    assert_eq!(kiosk.saves, 0);
}

#[test]
fn an_altered_or_foreign_store_is_not_served() {
    let made = make(2, 2);
    let mut later = made.disk.clone();
    let at = later.len() - 10; // in the MAC
    later[at] ^= 1;
    let mut kiosk = Kiosk::new(Some(later.clone()));
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.screen().notice, Some(Notice::Open(OpenError::Store(StoreError::Unauthentic))));
    assert_eq!(kiosk.disk, Some(later));
    assert!(matches!(kiosk.screen().view, View::Home(HomeView::Broken(StoreError::Unauthentic))), "nor offered again");
    for broken in [b"".to_vec(), b"CLST\x02".to_vec(), b"CLST\x01abc".to_vec(), vec![0; 500]] {
        let kiosk = Kiosk::new(Some(broken));
        assert!(matches!(kiosk.screen().view, View::Home(HomeView::Broken(_))));
        assert_eq!(
            kiosk.screen().buttons,
            [Button::Restore, Button::CheckCard, Button::TestCodes],
            "without an authenticated store there is no service"
        );
    }
}

fn refused(made: &Made, kiosk: &mut Kiosk, desk: &Workstation, request: &cloison_protocol::Request, reason: Reason) {
    kiosk.press(Button::ReadRequest);
    let screen = kiosk.show(request.as_bytes());
    assert_eq!(screen.view, View::Refused(reason));
    kiosk.press(Button::Answer);
    let reply = desk.open(&kiosk.message(), request, &made.public);
    assert!(reply.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Refused(found) if *found == reason)), "{reason:?}");
    kiosk.press(Button::Done);
}

#[test]
fn a_refusal_is_a_reply_with_its_reason() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let mut stranger = Workstation::new("Inconnu", 7);
    let text = || vec![text_op("oui\n")];
    let cases = [
        (desk.request_with(&made.public, Usage::Text, text(), |body| body.expires = support::NOW - 1), Reason::Expired),
        (desk.request_with(&made.public, Usage::Text, text(), |body| body.key.number = 9), Reason::UnknownKey),
        (desk.request(&made.public, Usage::Digest, text()), Reason::WrongUsage),
        (desk.request(&made.public, Usage::Text, (0..6).map(|_| text_op("x")).collect()), Reason::TooMany),
        (
            desk.request_with(&made.public, Usage::Text, text(), |body| {
                body.seen = Seen { generation: 99, head: Fixed([1; 48]) }
            }),
            Reason::RolledBack,
        ),
    ];
    for (request, reason) in &cases {
        refused(&made, &mut kiosk, &desk, request, *reason);
    }
    let unknown = stranger.request(&made.public, Usage::Text, text());
    refused(&made, &mut kiosk, &stranger, &unknown, Reason::UnknownRequester);
    assert_eq!(kiosk.saves, 2 + cases.len() + 1, "every refusal is in the log");
}

#[test]
fn a_fork_of_the_log_at_the_same_generation_is_refused() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let request = desk.request_with(&made.public, Usage::Text, vec![text_op("x")], |body| {
        body.seen = Seen { generation: 3, head: Fixed([1; 48]) };
    });
    refused(&made, &mut kiosk, &desk, &request, Reason::RolledBack);
}

#[test]
fn declining_answers_and_uses_the_request_up() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let request = desk.request(&made.public, Usage::Text, vec![text_op("non\n")]);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    kiosk.press(Button::Decline);
    let reply = desk.open(&kiosk.message(), &request, &made.public);
    assert!(matches!(reply.outcomes[..], [Outcome::Refused(Reason::Declined)]));
    let same_id = desk.request_with(&made.public, Usage::Text, vec![text_op("oui\n")], |body| body.id = request.body().id);
    kiosk.press(Button::Done);
    refused(&made, &mut kiosk, &desk, &same_id, Reason::Replayed);
}

#[test]
fn a_forged_or_truncated_request_is_named_and_leaves_no_trace() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]).as_bytes().to_vec();
    let mut forged = request.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let saves = kiosk.saves;
    kiosk.press(Button::ReadRequest);
    for (bytes, error) in [
        (forged, MessageError::BadSignature(Kind::Request)),
        (request[..request.len() - 1].to_vec(), MessageError::Malformed(Kind::Request)),
        (desk.enrolment().as_bytes().to_vec(), MessageError::OtherKind { expected: Kind::Request, found: Kind::Enrolment }),
        (b"CL\x09\x02".to_vec(), MessageError::Version { found: 9, known: 1 }),
        (b"CL\x01\xEE".to_vec(), MessageError::UnknownKind(0xEE)),
    ] {
        let screen = kiosk.show(&bytes);
        assert_eq!(screen.notice, Some(Notice::Message(error)));
        assert_eq!(screen.view.name(), "scan");
    }
    kiosk.send(Event::Code(made.cards[0].clone()));
    let expected = MessageError::OtherKind { expected: Kind::Request, found: Kind::Card };
    assert_eq!(kiosk.screen().notice, Some(Notice::Message(expected)));
    assert_eq!(kiosk.show(&request).view.name(), "review", "and the good one still arrives");
    assert_eq!(kiosk.saves, saves);
}

#[test]
fn cards_presented_for_one_thing_do_not_serve_another() {
    // Approving needs the cards again, though the same custodians opened the vault a moment ago.
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let request =
        desk.request(&made.public, Usage::Age, vec![unwrap_op(&header(&made.public, Algorithm::MlKem1024P384, [5; 16]))]);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    kiosk.press(Button::Next);
    let before = kiosk.screen();
    assert!(!before.buttons.contains(&Button::Approve));
    assert_eq!(kiosk.send(Event::Press(Button::Approve)).view, before.view, "an approval without its quorum changes nothing");
    kiosk.press(Button::PresentCards);
    kiosk.present(&made.cards[0], &passphrase(1));
    kiosk.press(Button::Cancel);
    assert_eq!(kiosk.screen().view.name(), "review", "the request is still there, its cards are not");
    kiosk.press(Button::Cancel);
    assert_eq!(kiosk.screen().view.name(), "desk");
}

#[test]
fn a_request_cannot_be_approved_before_its_last_page() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let long = "une ligne\n".repeat(60);
    let request = desk.request(&made.public, Usage::Text, vec![text_op(&long)]);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    let mut pages = 1;
    while kiosk.screen().buttons.contains(&Button::Next) {
        assert!(!kiosk.screen().buttons.contains(&Button::Approve));
        kiosk.send(Event::Press(Button::Approve));
        assert!(matches!(kiosk.screen().notice, Some(Notice::Unread(_))));
        kiosk.press(Button::Next);
        pages += 1;
    }
    assert_eq!(pages, 7, "who asks, and 61 lines at 12 a page");
    kiosk.press(Button::Approve);
    assert_eq!(kiosk.screen().view.name(), "reply");
}

#[test]
fn a_full_disk_stops_everything_before_it_is_done() {
    let made = make(2, 2);
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.disk_full = true;
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    made.present_all(&mut kiosk, 2);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("sealed", Some(Notice::NotSaved)));

    let (mut kiosk, mut desk) = made.in_service(2);
    let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    kiosk.press(Button::ReadRequest);
    kiosk.show(request.as_bytes());
    kiosk.press(Button::Next);
    kiosk.disk_full = true;
    kiosk.press(Button::Approve);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().code, kiosk.screen().notice), ("desk", None, Some(Notice::NotSaved)));
    kiosk.disk_full = false;
    kiosk.press(Button::ReadRequest);
    assert_eq!(kiosk.show(request.as_bytes()).view.name(), "review", "nothing was done, so it can be asked again");
}

#[test]
fn one_card_is_checked_alone_and_opens_nothing() {
    let made = make(2, 3);
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.press(Button::CheckCard);
    for index in [1, 3] {
        kiosk.send(Event::Code(made.cards[index - 1].clone()));
        kiosk.type_in(Field::Passphrase, &passphrase(u8::try_from(index).unwrap()));
        let screen = kiosk.press(Button::Verify);
        assert_eq!(screen.notice, Some(Notice::Proven(u8::try_from(index).unwrap())));
        assert_eq!(screen.view.name(), "check", "two good cards of a 2-of-3 vault open nothing here");
    }
    kiosk.send(Event::Code(made.cards[1].clone()));
    kiosk.type_in(Field::Passphrase, "not the passphrase");
    kiosk.press(Button::Verify);
    assert_eq!(card_notice(&kiosk), (Some(2), CardRefusal::WrongPassphrase));
    let screen = kiosk.send(Event::Code(rehearse(2, 2).cards[0].clone()));
    assert_eq!(card_notice(&kiosk), (Some(1), CardRefusal::WrongVault));
    assert!(!screen.fields.iter().any(|state| state.field == Field::Passphrase), "another vault's passphrase is not asked");
    assert_eq!((kiosk.press(Button::Cancel).view.name(), kiosk.saves), ("sealed", 0));
}

#[test]
fn no_entropy_no_vault() {
    let mut kiosk = Kiosk::new(None);
    kiosk.no_entropy = true;
    kiosk.press(Button::CreateVault);
    support::plan(&mut kiosk, 2, 3);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("blank", Some(Notice::NoEntropy)));
}

#[test]
fn a_workstation_is_enrolled_once_and_its_name_is_its_own() {
    let made = make(2, 2);
    let (mut kiosk, mut desk) = made.in_service(2);
    let mut double = Workstation::new("Poste 12", 9);
    for (enrolment, refused) in [(desk.enrolment(), EnrolmentRefused::Known), (double.enrolment(), EnrolmentRefused::NameTaken)] {
        kiosk.press(Button::Enrol);
        kiosk.show(enrolment.as_bytes());
        assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("desk", Some(Notice::Enrolment(refused))));
    }
}

#[test]
fn impossible_plans_and_passphrases_are_refused_in_their_place() {
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::CreateVault);
    kiosk.press(Button::Continue);
    kiosk.press(Button::TypePlan);
    for (title, k, n) in [
        ("", "2", "3"),
        ("x", "1", "3"),
        ("x", "4", "3"),
        ("x", "2", "17"),
        ("x", "two", "3"),
        ("x", "2", ""),
        ("a\u{202E}b", "2", "3"),
    ] {
        kiosk.type_in(Field::Title, title);
        kiosk.type_in(Field::Threshold, k);
        kiosk.type_in(Field::Cards, n);
        kiosk.press(Button::Continue);
        assert_eq!(kiosk.screen().view.name(), "plan", "{title:?} {k} {n}");
        assert!(kiosk.screen().notice.is_some());
    }
    support::type_plan(&mut kiosk, 2, 2);
    support::to_dice(&mut kiosk);
    kiosk.press(Button::Continue);
    for (first, second) in [
        ("short", "short"),
        ("", ""),
        ("long enough words", "long enough word"),
        ("motdepasse123", "motdepasse123"),
        ("azertyuiop123", "azertyuiop123"),
    ] {
        kiosk.type_in(Field::Passphrase, first);
        kiosk.type_in(Field::PassphraseAgain, second);
        kiosk.press(Button::MakeCard);
        assert_eq!(kiosk.screen().view.name(), "passphrase", "{first:?}");
        assert!(kiosk.screen().notice.is_some());
    }
}

#[test]
fn a_card_is_proven_before_the_next_is_made() {
    let other = rehearse(2, 2);
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::CreateVault);
    support::plan(&mut kiosk, 2, 2);
    support::card(&mut kiosk, 1);
    let card = kiosk.card();
    kiosk.press(Button::ReadBack);
    for (read, typed, refusal) in [
        (other.cards[0].clone(), passphrase(1), CardRefusal::WrongVault),
        (card.clone(), "not the passphrase".to_owned(), CardRefusal::WrongPassphrase),
    ] {
        kiosk.send(Event::Code(read));
        kiosk.type_in(Field::Passphrase, &typed);
        kiosk.press(Button::Verify);
        assert_eq!(card_notice(&kiosk).1, refusal);
        assert_eq!(kiosk.screen().view.name(), "read-back");
    }
    kiosk.send(Event::Code(card));
    kiosk.type_in(Field::Passphrase, &passphrase(1));
    kiosk.press(Button::Verify);
    assert_eq!(kiosk.screen().notice, Some(Notice::Proven(1)));
}
