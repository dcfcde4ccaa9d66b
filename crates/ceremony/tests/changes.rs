//! A vault's root dealt anew: other custodians, other numbers, other policies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Ended, Event, Field, Notice, View};
use cloison_custody::{BirthError, CardRefusal, ChangeRefused};
use cloison_protocol::{
    Act, Card, Ceremony, Custodians, Happening, Log, Outcome, Plan, PlanBody, PolicyFault, Usage,
    bounded::{Line, List},
};
use support::{
    AGE, DIGEST,
    Do::{CopiedCard, Press, Show, Type},
    Journey, Kiosk, Made, NAMES, TEXT, abort_on_every_screen, drill, held, open, passphrase, planned, presented, text_op,
    with_policy,
};

const OTHERS: [&str; 4] = ["Fatou", "Gabriel", "Hélène", "Ivo"];

fn wrong_epoch(index: u8, card: u16, vault: u16) -> Option<Notice> {
    Some(Notice::Card { index: Some(index), refusal: CardRefusal::WrongEpoch { card, vault } })
}

/// Comes to where cards are presented to open a vault.
fn opening(disk: &[u8]) -> Kiosk {
    let mut kiosk = Kiosk::new(Some(disk.to_vec()));
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    kiosk
}

fn proven(kiosk: &mut Kiosk, card: &[u8], index: u8) {
    kiosk.send(Event::Code(card.to_vec()));
    kiosk.type_in(Field::Passphrase, &passphrase(index));
    let notice = kiosk.send(Event::Press(Button::Verify)).notice;
    assert_eq!(notice, Some(Notice::Proven(index)));
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

/// Three of four others, under whom each text needs a quorum.
fn other_plan() -> Plan {
    held(with_policy(PlanBody { title: Line::new("Coffre bis").unwrap(), ..planned(3, &OTHERS) }, TEXT, |policy| {
        policy.each = true;
    }))
}

#[test]
fn new_cards_serve_after_their_drill_and_the_old_ones_until_then() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let (mut kiosk, mut desk) = made.in_service(2);
    let cards = made.reshare(&mut kiosk, 2, &other_plan());
    let pending = kiosk.disk.unwrap();

    let mut kiosk = opening(&pending);
    kiosk.send(Event::Code(cards[0].clone()));
    assert_eq!(kiosk.screen().notice, wrong_epoch(1, 2, 1));
    made.present_all(&mut kiosk, 2);
    let View::Desk { waiting, title, .. } = kiosk.screen().view else { panic!("{:?}", kiosk.screen().notice) };
    assert_eq!((waiting.undrilled, title.as_str()), (Some(2), "Coffre d’essai"));
    let text = desk.request(&made.public, Usage::Text, vec![text_op("avant")]);
    assert!(matches!(made.grant(&mut kiosk, &desk, &text, 0)[..], [Outcome::Signature(_)]), "by the old policy, no cards asked");
    kiosk.press(Button::Manage);
    let undrilled = Notice::Change(ChangeRefused::Undrilled { epoch: 2 });
    assert_eq!(kiosk.press(Button::Rotate).notice, Some(undrilled), "the drill would forget the new key");
    assert_eq!(kiosk.press(Button::ShowTranscript).notice, Some(Notice::NoTranscript), "half of one is none");
    kiosk.press(Button::Seal);

    let pending = kiosk.disk.unwrap();
    let mut kiosk = Kiosk::new(Some(pending.clone()));
    assert_eq!(kiosk.screen().buttons, [Button::Drill, Button::OpenVault, Button::CheckCard, Button::TestCodes]);
    kiosk.press(Button::CheckCard);
    proven(&mut kiosk, &made.cards[1], 2);
    proven(&mut kiosk, &cards[3], 4);
    kiosk.press(Button::Cancel);
    kiosk.press(Button::Drill);
    kiosk.send(Event::Code(made.cards[0].clone()));
    assert_eq!(kiosk.screen().notice, wrong_epoch(1, 1, 2));

    let new = drill(pending, cards);
    assert_eq!(new.public.fingerprint(), made.public.fingerprint(), "the keys, and so the words, are the same");
    let (before, after) = (made.descriptor.body(), new.descriptor.body());
    assert_eq!((after.vault, after.made), (before.vault, before.made));
    assert_eq!((after.epoch, after.threshold, after.cards, after.title.as_str()), (2, 3, 4, "Coffre bis"));
    assert!(after.custodians.as_slice().iter().map(Line::as_str).eq(OTHERS));

    let mut kiosk = opening(&new.disk);
    kiosk.send(Event::Code(made.cards[1].clone()));
    assert_eq!(kiosk.screen().notice, wrong_epoch(2, 1, 2), "an old card is refused by name");
    new.present_all(&mut kiosk, 3);
    assert_eq!(kiosk.screen().view.name(), "desk", "{:?}", kiosk.screen().notice);
    let text = desk.request(&new.public, Usage::Text, vec![text_op("après")]);
    assert!(matches!(kiosk.ask(&text).view.name(), "review"), "the workstation is still enrolled");
    kiosk.read_on();
    assert!(kiosk.screen().buttons.contains(&Button::PresentCards), "by the new policy");
    kiosk.press(Button::Cancel);
    let log = happenings(&mut kiosk);
    assert!(log.contains(&Happening::Redealt { epoch: 2, custodians: custodians(&[1, 2]) }));
    let transcript = new.transcript.head();
    assert!(log.contains(&Happening::Drilled { epoch: 2, cards: 4, transcript }));
    told(&new, &made);
}

/// The transcript of a reshare is a ceremony's, with the same vault.
fn told(new: &Made, old: &Made) {
    let acts: Vec<&Act> = new.transcript.entries().iter().map(|entry| &entry.what).collect();
    assert!(matches!(acts[0], Act::Began { ceremony: Ceremony::Reshare, plan, .. } if *plan == other_plan().digest()));
    let dealt = Act::Dealt { vault: old.public.body().vault, epoch: 2, threshold: 3, cards: 4 };
    for act in [&dealt, &Act::Stored, &Act::DrillBegan, &Act::Proven { cards: 4, subsets: 4 }] {
        assert_eq!(acts.iter().filter(|told| **told == act).count(), 1, "{act:?}");
    }
    let compared = Act::KeysCompared { keys: 4, fingerprint: old.public.digest() };
    assert_eq!(acts[acts.len() - 2..], [&compared, &Act::Activated { descriptor: new.descriptor.digest() }]);
}

/// A reshare as a list.
fn reshare(plan: &Plan) -> Journey {
    let mut journey = open();
    journey.extend([
        (Press(Button::Manage), "manage"),
        (Press(Button::Reshare), "start"),
        (Press(Button::ReadPlan), "scan"),
        (Show(plan.as_bytes().to_vec()), "plan-page"),
    ]);
    journey.extend((1..6).map(|_| (Press(Button::Next), "plan-page")));
    journey.push((Press(Button::Continue), "roll-call"));
    journey.extend((1..4).map(|_| (Press(Button::Here), "roll-call")));
    journey.push((Press(Button::Here), "cards"));
    journey.extend(presented(&[1, 2], "dice"));
    journey.push((Press(Button::Continue), "passphrase"));
    for index in 1..=2 {
        journey.extend([
            (Type(Field::Passphrase, passphrase(index)), "passphrase"),
            (Type(Field::PassphraseAgain, passphrase(index)), "passphrase"),
            (Press(Button::MakeCard), "card"),
            (Press(Button::ReadBack), "read-back"),
            (CopiedCard, "read-back"),
            (Type(Field::Passphrase, passphrase(index)), "read-back"),
            (Press(Button::Verify), if index < 2 { "passphrase" } else { "created" }),
        ]);
    }
    journey.push((Press(Button::Done), "ended"));
    journey
}

#[test]
fn a_reshare_that_is_stopped_leaves_the_vault_as_it_was() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let journey = reshare(&held(planned(2, &OTHERS[..2])));
    let kiosk = abort_on_every_screen(Some(&made.disk), &made.cards, &journey);
    assert_eq!(kiosk.saves, 2, "opened, and stored");
}

#[test]
fn sealing_a_vault_whose_root_is_being_dealt_first_lists_the_cards_that_were_shown() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let plan = held(planned(2, &OTHERS[..2]));
    for idle in [false, true] {
        let mut kiosk = made.open(2);
        made.begin_reshare(&mut kiosk, 2, &plan);
        support::card(&mut kiosk, 1);
        let kept = kiosk.disk.clone();
        let ended = if idle { Ended::Idle } else { Ended::Sealed };
        let screen = if idle {
            kiosk.now += 10 * 60;
            kiosk.send(Event::Tick)
        } else {
            kiosk.press(Button::Seal)
        };
        assert_eq!(screen.view, View::Stopped { cards: vec![(1, "Fatou".to_owned())] });
        assert_eq!((screen.code, screen.left, screen.buttons), (None, None, vec![Button::Done]), "the vault is sealed already");
        assert_eq!(kiosk.ended, None, "it is read before the process ends");
        assert_eq!(kiosk.send(Event::Tick).view.name(), "stopped");
        assert_eq!(kiosk.press(Button::Done).view.name(), "ended");
        assert_eq!((kiosk.ended, kiosk.disk), (Some(ended), kept));
    }

    // What is on its way to disk gets there, and the vault does not wait for it.
    let mut kiosk = made.open(2);
    made.begin_reshare(&mut kiosk, 2, &plan);
    support::card(&mut kiosk, 1);
    let first = support::copied(&mut kiosk);
    support::read_back(&mut kiosk, 1, &first);
    support::card(&mut kiosk, 2);
    let second = support::copied(&mut kiosk);
    kiosk.slow_disk = true;
    support::read_back(&mut kiosk, 2, &second);
    let screen = kiosk.press(Button::Seal);
    assert_eq!((screen.view.name(), screen.left, kiosk.ended), ("saving", None, None));
    assert_eq!(kiosk.send(Event::NotSaved).notice, Some(Notice::NotSaved));
    assert_eq!(kiosk.press(Button::TryAgain).view.name(), "saving");
    assert_eq!(kiosk.send(Event::Saved).view.name(), "created");
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended, Some(Ended::Created));
}

#[test]
fn cards_that_are_dealt_again_or_given_up_never_share_their_epoch_with_others() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let dealt = |disk: Option<Vec<u8>>, others: &[&str]| {
        let mut kiosk = made.open_disk(disk, 2);
        let cards = made.reshare(&mut kiosk, 2, &held(planned(2, others)));
        (kiosk.disk, cards)
    };
    let epoch = |cards: &[Vec<u8>]| Card::decode(&cards[0]).unwrap().header.epoch;
    let (disk, second) = dealt(Some(made.disk.clone()), &OTHERS[..2]);
    let (disk, third) = dealt(disk, &OTHERS[2..]);
    assert_eq!((epoch(&second), epoch(&third)), (2, 3));

    let mut kiosk = made.open_disk(disk, 2);
    kiosk.press(Button::Manage);
    kiosk.disk_full = true;
    assert_eq!(kiosk.press(Button::GiveUpNewCards).notice, Some(Notice::NotSaved));
    kiosk.disk_full = false;
    let listed = vec![(1, "Hélène".to_owned()), (2, "Ivo".to_owned())];
    assert_eq!(kiosk.press(Button::GiveUpNewCards).view, View::Stopped { cards: listed }, "they hold the root: destroy them");
    kiosk.press(Button::Done);
    let View::Desk { waiting, .. } = kiosk.screen().view else { panic!() };
    assert_eq!(waiting.undrilled, None);
    assert!(happenings(&mut kiosk).contains(&Happening::RedealAbandoned { epoch: 3 }));
    kiosk.press(Button::Seal);
    assert_eq!(Kiosk::new(kiosk.disk.clone()).screen().buttons, [Button::OpenVault, Button::CheckCard, Button::TestCodes]);

    let (disk, fourth) = dealt(kiosk.disk, &NAMES[3..]);
    assert_eq!(epoch(&fourth), 4, "not the third again: those cards exist");
    let new = drill(disk.unwrap(), fourth);
    let mut kiosk = opening(&new.disk);
    for (cards, epoch) in [(&made.cards, 1), (&second, 2), (&third, 3)] {
        kiosk.send(Event::Code(cards[1].clone()));
        assert_eq!(kiosk.screen().notice, wrong_epoch(2, epoch, 4));
    }
    new.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.screen().view.name(), "desk");
}

#[test]
fn a_plan_under_which_an_old_policy_cannot_be_kept_is_named_and_changes_nothing() {
    let made = Made::with_plan(with_policy(planned(2, &NAMES[..3]), DIGEST, |policy| policy.approvals = 3));
    let mut kiosk = made.open(2);
    let kept = kiosk.disk.clone();
    // It says nothing of the digest key, whose three approvals two custodians cannot give.
    let mut body = planned(2, &OTHERS[..2]);
    body.keys = List::new(body.keys.as_slice()[..1].to_vec()).unwrap();
    made.begin_reshare(&mut kiosk, 2, &held(body));
    let fault = PolicyFault::Approvals { asked: 3, threshold: 2, cards: 2 };
    let refused = Notice::Birth(BirthError::Policy { key: DIGEST, fault });
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("desk", Some(refused)));
    assert_eq!(kiosk.disk, kept);
}

#[test]
fn old_cards_presented_for_one_plan_do_not_deal_the_root_by_another() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let mut kiosk = made.open(2);
    kiosk.press(Button::Manage);
    kiosk.press(Button::Reshare);
    kiosk.press(Button::ReadPlan);
    kiosk.show(held(planned(2, &OTHERS)).as_bytes());
    support::to_dice(&mut kiosk);
    kiosk.present(&made.cards[0], &passphrase(1));
    kiosk.press(Button::Cancel);
    kiosk.press(Button::Manage);
    kiosk.press(Button::Reshare);
    kiosk.press(Button::ReadPlan);
    kiosk.show(held(with_policy(planned(2, &OTHERS), AGE, |policy| policy.total = 5)).as_bytes());
    support::to_dice(&mut kiosk);
    let View::Cards { accepted, needed, .. } = kiosk.screen().view else { panic!() };
    assert_eq!((accepted, needed), (vec![], 2), "nobody has approved this one");
    let before = kiosk.disk.clone();
    kiosk.present(&made.cards[1], &passphrase(2));
    assert_eq!((kiosk.screen().view.name(), kiosk.disk), ("cards", before));
}
