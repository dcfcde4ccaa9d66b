//! A vault on a blank appliance again: from its cards, with its descriptor and backup or without.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Ended, Event, HomeView, Notice, Purposes, View};
use cloison_custody::{CardRefusal, Passphrase, RestoreError, StoreError, vectors::seal_with};
use cloison_protocol::{
    Backup, BackupBody, Card, Custodians, Descriptor, Happening, KeyRef, Log, Outcome, PublicKeys, Reason, Request, Usage,
    bounded::{Bytes, List},
    secret::Secret,
};
use support::{
    AGE, CLASSICAL, DIGEST,
    Do::{Press, Show},
    Journey, Kiosk, Made, NAMES, TEXT, Workstation, abort_on_every_screen, drill, header_to, held, passphrase, planned,
    presented, rehearse, text_op, unwrap_op, with_policy,
};

/// What there may be beside the cards.
#[derive(Default, Clone, Copy)]
struct Beside<'a> {
    descriptor: Option<&'a [u8]>,
    backup: Option<&'a [u8]>,
}

/// Comes to where the cards are presented.
fn to_the_cards(kiosk: &mut Kiosk, beside: Beside<'_>) {
    kiosk.press(Button::Restore);
    kiosk.press(Button::Continue);
    for message in [beside.descriptor, beside.backup] {
        match message {
            Some(message) => kiosk.show(message),
            None => kiosk.press(Button::Without),
        };
    }
}

fn restored(beside: Beside<'_>, cards: &[(u8, &[u8])]) -> Kiosk {
    let mut kiosk = Kiosk::new(None);
    to_the_cards(&mut kiosk, beside);
    for (index, card) in cards {
        kiosk.present(card, &passphrase(*index));
    }
    kiosk
}

/// Restores by the first cards of a vault, and starts the new process.
fn again(made: &Made, beside: Beside<'_>, threshold: u8) -> Option<Vec<u8>> {
    let cards: Vec<_> = (1..=threshold).zip(made.cards.iter().map(Vec::as_slice)).collect();
    let mut kiosk = restored(beside, &cards);
    assert_eq!(kiosk.screen().view.name(), "restored", "{:?}", kiosk.screen().notice);
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended, Some(Ended::Restored));
    kiosk.disk
}

fn refused(kiosk: &Kiosk, error: RestoreError) {
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("blank", Some(Notice::Restore(error))));
    assert_eq!((kiosk.saves, &kiosk.disk), (0, &None));
}

fn back_up(kiosk: &mut Kiosk) -> Backup {
    kiosk.press(Button::Manage);
    let backup = Backup::decode(&kiosk.export(Button::BackUp)).unwrap();
    kiosk.press(Button::Done);
    backup
}

fn happenings(kiosk: &mut Kiosk) -> Vec<Happening> {
    kiosk.press(Button::Manage);
    let log = Log::decode(&kiosk.export(Button::ShowLog)).unwrap();
    kiosk.press(Button::Done);
    log.entries().iter().map(|entry| entry.what.clone()).collect()
}

fn custodians(indices: &[u8]) -> Custodians {
    List::new(indices.to_vec()).unwrap()
}

fn change(made: &Made, kiosk: &mut Kiosk, button: Button, purpose: Purposes) {
    kiosk.press(Button::Manage);
    kiosk.press(button);
    made.present_all(kiosk, 2);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("manage", Some(Notice::Changed(purpose))));
    kiosk.press(Button::Done);
}

fn unwrap(made: &Made, desk: &mut Workstation, key: KeyRef, record: &[u8]) -> Request {
    desk.request_with(&made.public, Usage::Age, vec![unwrap_op(record)], |body| body.key = key)
}

fn opens(made: &Made, kiosk: &mut Kiosk, desk: &Workstation, request: &Request, file_key: [u8; 16]) {
    let outcomes = made.grant(kiosk, desk, request, 2);
    assert!(matches!(&outcomes[..], [Outcome::FileKey(key)] if key.0.expose() == &file_key));
}

#[test]
fn with_descriptor_and_backup_a_vault_is_what_it_was_but_for_its_quotas() {
    let made = Made::with_plan(with_policy(planned(2, &NAMES[..2]), AGE, |policy| policy.total = u32::MAX));
    let (mut kiosk, mut desk) = made.in_service(2);
    let record = header_to(&made.public, AGE, [5; 16]);
    let answered = unwrap(&made, &mut desk, AGE, &record);
    opens(&made, &mut kiosk, &desk, &answered, [5; 16]);
    let backup = back_up(&mut kiosk);
    let generation = backup.body().generation;

    let mut journey: Journey = vec![
        (Press(Button::Restore), "date"),
        (Press(Button::Continue), "scan"),
        (Show(made.descriptor.as_bytes().to_vec()), "scan"),
        (Show(backup.as_bytes().to_vec()), "cards"),
    ];
    journey.extend(presented(&[2, 1], "restored"));
    let kiosk = abort_on_every_screen(None, &made.cards, &journey);
    let title = "Coffre d’essai".to_owned();
    assert_eq!(kiosk.screen().view, View::Restored { title, described: true, backup: Some(generation), enrolled: 1 });

    let mut kiosk = made.open_disk(kiosk.disk, 2);
    let text = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    for request in [unwrap(&made, &mut desk, AGE, &record), text] {
        assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::TotalQuota, "zero until it is granted, even without end");
    }
    change(&made, &mut kiosk, Button::Renew, Purposes::Renewal);
    let request = unwrap(&made, &mut desk, AGE, &record);
    opens(&made, &mut kiosk, &desk, &request, [5; 16]);
    assert_eq!(made.refusal(&mut kiosk, &desk, &answered), Reason::Replayed, "what was answered stays answered");
    let log = happenings(&mut kiosk);
    assert!(log.contains(&Happening::Restored { custodians: custodians(&[2, 1]), descriptor: true, backup: Some(generation) }));
    assert_eq!(log[0], Happening::Created, "and the log goes on");
}

#[test]
fn with_its_descriptor_alone_a_vault_has_its_keys_and_policies_and_a_new_log() {
    let mut plan = planned(2, &NAMES[..3]);
    plan.limits.idle_minutes = 7;
    let made = Made::with_plan(with_policy(plan, AGE, |policy| policy.batch = 2));
    let beside = Beside { descriptor: Some(made.descriptor.as_bytes()), ..Beside::default() };
    let mut kiosk = restored(beside, &[(3, &made.cards[2]), (1, &made.cards[0])]);
    let title = "Coffre d’essai".to_owned();
    assert_eq!(kiosk.screen().view, View::Restored { title, described: true, backup: None, enrolled: 0 });
    assert_eq!(kiosk.press(Button::Done).view.name(), "ended");

    let mut kiosk = made.open_disk(kiosk.disk, 2);
    assert_eq!(kiosk.screen().left.map(|(idle, _)| idle), Some(7 * 60), "the limits are the plan's");
    let mut desk = Workstation::new("Poste 12", 1);
    let request = desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::UnknownRequester, "nobody is enrolled");
    made.enrol(&mut kiosk, &mut desk, 2);
    assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::TotalQuota);
    change(&made, &mut kiosk, Button::Renew, Purposes::Renewal);
    assert!(matches!(made.grant(&mut kiosk, &desk, &request, 0)[..], [Outcome::Signature(_)]));
    let many = (0..3).map(|_| unwrap_op(&header_to(&made.public, AGE, [5; 16]))).collect();
    let many = desk.request(&made.public, Usage::Age, many);
    assert_eq!(made.refusal(&mut kiosk, &desk, &many), Reason::TooMany, "the policies are the plan's");
    let expected = Happening::Restored { custodians: custodians(&[3, 1]), descriptor: true, backup: None };
    assert_eq!(happenings(&mut kiosk)[0], expected);
    let public = PublicKeys::decode(&kiosk.export(Button::ShowPublicKeys)).unwrap();
    assert_eq!(public.fingerprint(), made.public.fingerprint());
    kiosk.press(Button::Manage);
    assert_eq!(kiosk.press(Button::ShowTranscript).notice, Some(Notice::NoTranscript));
}

#[test]
fn without_its_descriptor_a_vault_only_opens_records_until_its_keys_are_confirmed() {
    let made = Made::with_plan(planned(2, &NAMES[..3]));
    let disk = again(&made, Beside::default(), 2);
    let mut kiosk = Kiosk::new(disk.clone());
    kiosk.press(Button::CheckCard);
    kiosk.send(Event::Code(made.cards[2].clone()));
    kiosk.type_in(cloison_ceremony::Field::Passphrase, &passphrase(3));
    assert_eq!(kiosk.press(Button::Verify).notice, Some(Notice::Proven(3)), "the third card is known though nobody showed it");

    let mut kiosk = made.open_disk(disk, 2);
    let View::Desk { waiting, .. } = kiosk.screen().view else { panic!() };
    assert!(waiting.unconfirmed);
    let mut desk = Workstation::new("Poste 12", 1);
    made.enrol(&mut kiosk, &mut desk, 2);
    let sign = |desk: &mut Workstation| desk.request(&made.public, Usage::Text, vec![text_op("x")]);
    let request = sign(&mut desk);
    assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::Retired);
    for (key, file_key) in [(AGE, [5; 16]), (CLASSICAL, [6; 16])] {
        let request = unwrap(&made, &mut desk, key, &header_to(&made.public, key, file_key));
        assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::TotalQuota);
    }
    change(&made, &mut kiosk, Button::Renew, Purposes::Renewal);
    for (key, file_key) in [(AGE, [5; 16]), (CLASSICAL, [6; 16])] {
        let request = unwrap(&made, &mut desk, key, &header_to(&made.public, key, file_key));
        opens(&made, &mut kiosk, &desk, &request, file_key);
    }
    let request = sign(&mut desk);
    assert_eq!(made.refusal(&mut kiosk, &desk, &request), Reason::Retired, "the quotas are one thing, the keys another");
    kiosk.press(Button::Manage);
    assert_eq!(kiosk.press(Button::Rotate).view, View::Choose { items: vec![] });
    kiosk.press(Button::Cancel);
    kiosk.press(Button::Done);
    change(&made, &mut kiosk, Button::ConfirmKeys, Purposes::Confirmation);
    assert!(!kiosk.press(Button::Manage).buttons.contains(&Button::ConfirmKeys));
    kiosk.press(Button::Done);
    let request = sign(&mut desk);
    assert!(matches!(made.grant(&mut kiosk, &desk, &request, 0)[..], [Outcome::Signature(_)]));
    let public = PublicKeys::decode(&kiosk.export(Button::ShowPublicKeys)).unwrap();
    for key in [AGE, CLASSICAL, TEXT, DIGEST] {
        assert_eq!(public.find(key).unwrap().bytes, made.public.find(key).unwrap().bytes, "{key}");
    }
}

#[test]
fn what_is_of_another_vault_or_altered_or_too_few_restores_nothing() {
    let (made, other) = (Made::with_plan(planned(2, &NAMES[..2])), Made::elsewhere(planned(2, &NAMES[..2])));
    let backup = back_up(&mut made.open(2));
    let theirs = back_up(&mut other.open(2));
    let cards: Vec<(u8, &[u8])> = vec![(1, &made.cards[0]), (2, &made.cards[1])];

    let mut kiosk = Kiosk::new(None);
    let descriptor = Some(made.descriptor.as_bytes());
    to_the_cards(&mut kiosk, Beside { descriptor, backup: Some(theirs.as_bytes()) });
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("scan", Some(Notice::Restore(RestoreError::OtherBackup))));
    assert_eq!(kiosk.show(backup.as_bytes()).view.name(), "cards", "and the right one is still taken");

    refused(&restored(Beside { backup: Some(theirs.as_bytes()), ..Beside::default() }, &cards), RestoreError::OtherBackup);
    let altered = |change: &dyn Fn(&mut BackupBody)| {
        let mut body = backup.body().clone();
        change(&mut body);
        Backup::new(body).unwrap().as_bytes().to_vec()
    };
    let flipped = |at: usize| {
        altered(&|body| {
            let mut store = body.store.as_slice().to_vec();
            store[at] ^= 1;
            body.store = Bytes::new(store).unwrap();
        })
    };
    let length = backup.body().store.as_slice().len();
    let relabelled = altered(&|body| body.vault = other.public.body().vault);
    refused(&restored(Beside { backup: Some(&relabelled), ..Beside::default() }, &cards), RestoreError::OtherBackup);
    for wrong in [flipped(0), flipped(length / 2), flipped(length - 1), altered(&|body| body.generation += 1)] {
        refused(&restored(Beside { descriptor, backup: Some(&wrong) }, &cards), RestoreError::Altered);
    }

    let mut kiosk = Kiosk::new(None);
    to_the_cards(&mut kiosk, Beside { descriptor: Some(other.descriptor.as_bytes()), ..Beside::default() });
    kiosk.send(Event::Code(made.cards[0].clone()));
    assert_eq!(kiosk.screen().notice, Some(Notice::Card { index: Some(1), refusal: CardRefusal::WrongVault }));
    let mut kiosk = restored(Beside::default(), &cards[..1]);
    kiosk.send(Event::Code(other.cards[1].clone()));
    assert_eq!(kiosk.screen().notice, Some(Notice::Card { index: Some(2), refusal: CardRefusal::WrongVault }));
    kiosk.send(Event::Code(made.cards[0].clone()));
    assert_eq!(kiosk.screen().notice, Some(Notice::Card { index: Some(1), refusal: CardRefusal::Duplicate }));
    assert!(matches!(kiosk.screen().view, View::Cards { needed: 2, accepted, .. } if accepted == [1]));
    assert_eq!((kiosk.saves, &kiosk.disk), (0, &None), "one card of two is nothing");

    // Without a descriptor only the root itself unmasks a forged card.
    let genuine = Card::decode(&made.cards[1]).unwrap();
    let typed = Passphrase::typed(&passphrase(2)).unwrap();
    let forged = seal_with(genuine.header, &Secret::copied(&[1; 32]).unwrap(), &typed).unwrap().encode();
    let kiosk = restored(Beside::default(), &[(1, &made.cards[0]), (2, &forged)]);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("blank", Some(Notice::BrokenQuorum)));
    assert_eq!(kiosk.disk, None);
}

#[test]
fn cards_that_a_reshare_retired_do_not_come_back_by_a_restore() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let mut kiosk = made.open(2);
    let before = back_up(&mut kiosk);
    let cards = made.reshare(&mut kiosk, 2, &held(planned(2, &NAMES[2..4])));
    let new = drill(kiosk.disk.unwrap(), cards);
    let after = back_up(&mut new.open(2));

    let old: Vec<(u8, &[u8])> = vec![(1, &made.cards[0]), (2, &made.cards[1])];
    let epochs = |cards, backup| RestoreError::OtherEpoch { cards, backup };
    let after = Some(after.as_bytes());
    refused(&restored(Beside { descriptor: None, backup: after }, &old), epochs(1, 2));
    refused(&restored(Beside { descriptor: Some(made.descriptor.as_bytes()), backup: after }, &old), epochs(1, 2));
    let mut kiosk = Kiosk::new(None);
    to_the_cards(&mut kiosk, Beside { descriptor: Some(new.descriptor.as_bytes()), backup: None });
    kiosk.send(Event::Code(made.cards[0].clone()));
    let wrong = CardRefusal::WrongEpoch { card: 1, vault: 2 };
    assert_eq!(kiosk.screen().notice, Some(Notice::Card { index: Some(1), refusal: wrong }));

    // The new cards need a word of their epoch: an older backup has none, a descriptor has.
    let newer: Vec<(u8, &[u8])> = vec![(1, &new.cards[0]), (2, &new.cards[1])];
    let before = Some(before.as_bytes());
    refused(&restored(Beside { descriptor: None, backup: before }, &newer), epochs(2, 1));
    let disk = again(&new, Beside { descriptor: Some(new.descriptor.as_bytes()), backup: before }, 2);
    let kiosk = new.open_disk(disk, 2);
    assert_eq!(kiosk.screen().view.name(), "desk");
}

#[test]
fn the_newer_of_descriptor_and_backup_tells_which_keys_there_are() {
    let mut made = Made::with_plan(planned(2, &NAMES[..2]));
    let (mut kiosk, mut desk) = made.in_service(2);
    let early = back_up(&mut kiosk);
    kiosk.press(Button::Manage);
    kiosk.press(Button::Rotate);
    kiosk.press(Button::Item(0));
    made.present_all(&mut kiosk, 2);
    kiosk.press(Button::Done);
    made.public = PublicKeys::decode(&kiosk.export(Button::ShowPublicKeys)).unwrap();
    let late = back_up(&mut kiosk);
    kiosk.press(Button::Manage);
    let rotated = Descriptor::decode(&kiosk.export(Button::ShowDescriptor)).unwrap();

    let second = KeyRef { number: 1, ..AGE };
    let record = header_to(&made.public, second, [9; 16]);
    for (descriptor, backup) in [(&made.descriptor, &late), (&rotated, &early)] {
        let beside = Beside { descriptor: Some(descriptor.as_bytes()), backup: Some(backup.as_bytes()) };
        let mut kiosk = made.open_disk(again(&made, beside, 2), 2);
        let public = PublicKeys::decode(&kiosk.export(Button::ShowPublicKeys)).unwrap();
        assert_eq!(public.fingerprint(), made.public.fingerprint());
        assert!(public.find(AGE).unwrap().retired && !public.find(second).unwrap().retired);
        change(&made, &mut kiosk, Button::Renew, Purposes::Renewal);
        let request = unwrap(&made, &mut desk, second, &record);
        opens(&made, &mut kiosk, &desk, &request, [9; 16]);
    }
}

#[test]
fn a_store_that_a_newer_program_wrote_is_left_as_it_is() {
    let mut bytes = Made::with_plan(planned(2, &NAMES[..2])).disk;
    bytes[4] = 3;
    let mut kiosk = Kiosk::new(Some(bytes.clone()));
    let newer = View::Home(HomeView::Broken(StoreError::Newer { found: 3, known: 2 }));
    assert_eq!(kiosk.screen().view, newer);
    for button in [Button::Restore, Button::CreateVault, Button::RehearseVault, Button::OpenVault, Button::GiveUp] {
        assert_eq!(kiosk.send(Event::Press(button)).view, newer, "{button:?} leads nowhere");
    }
    assert_eq!(kiosk.disk, Some(bytes));
}

#[test]
fn a_store_that_cannot_be_used_stays_until_the_restored_one_is_on_disk() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let broken = b"CLST\x02 and then nothing that can be read".to_vec();
    let beside = Beside { descriptor: Some(made.descriptor.as_bytes()), ..Beside::default() };
    let mut kiosk = Kiosk::new(Some(broken.clone()));
    assert!(matches!(kiosk.screen().view, View::Home(HomeView::Broken(StoreError::Malformed))));
    to_the_cards(&mut kiosk, beside);
    kiosk.press(Button::Cancel);
    assert!(matches!(kiosk.screen().view, View::Home(HomeView::Broken(_))));

    to_the_cards(&mut kiosk, beside);
    kiosk.slow_disk = true;
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.send(Event::Press(Button::Cancel)).view.name(), "saving");
    assert_eq!(kiosk.disk, Some(broken.clone()), "the power is cut here, and nothing is lost");

    let screen = kiosk.send(Event::NotSaved);
    assert_eq!((screen.view.name(), screen.notice), ("unsaved", Some(Notice::NotSaved)));
    assert_eq!(kiosk.press(Button::Cancel).view.name(), "broken");
    assert_eq!(kiosk.disk, Some(broken));
    kiosk.slow_disk = false;
    to_the_cards(&mut kiosk, beside);
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.screen().view.name(), "restored");
    made.open_disk(kiosk.disk, 2);
}

#[test]
fn a_rehearsal_is_restored_as_one_and_says_so_from_its_first_card_on() {
    let made = rehearse(2, 2);
    let mut kiosk = restored(Beside::default(), &[(1, &made.cards[0])]);
    assert!(kiosk.screen().rehearsal);
    kiosk.present(&made.cards[1], &passphrase(2));
    assert!(kiosk.screen().rehearsal && kiosk.screen().view.name() == "restored");
    let kiosk = Kiosk::new(kiosk.disk);
    assert!(kiosk.screen().rehearsal && kiosk.screen().buttons.contains(&Button::EndRehearsal));
}
