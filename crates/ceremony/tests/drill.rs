//! The drill: every card, from nothing, before the vault serves; and what becomes of a vault whose
//! cards do not prove themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Ended, Event, Field, HomeView, Notice, View};
use cloison_custody::{
    CardRefusal, DrillError, Gathering, Occasion, Open, OpenError, StoreError, Stored, drilled, entropy, vectors,
};
use cloison_protocol::{Card, CardError, Mode, secret::Secret};
use support::{
    Do::{Press, Type},
    Journey, Kiosk, Made, NAMES, NOW, abort_everywhere, gathered, passphrase, planned, rehearse, walk,
};

fn generator() -> entropy::Generator {
    entropy::Generator::seeded(&Secret::copied(&[1; 32]).unwrap())
}

#[test]
fn a_vault_whose_cards_were_not_drilled_is_opened_by_nobody() {
    let made = Made::with_plan(planned(2, &NAMES[..3]));
    let mut kiosk = Kiosk::new(Some(made.undrilled.clone()));
    assert!(matches!(kiosk.screen().view, View::Home(HomeView::Sealed { serves: false, drill: Some(1), .. })));
    assert_eq!(kiosk.screen().buttons, [Button::Drill, Button::CheckCard, Button::TestCodes, Button::GiveUp]);
    for button in [Button::OpenVault, Button::Restore, Button::CreateVault, Button::EndRehearsal, Button::Erase] {
        assert_eq!(kiosk.send(Event::Press(button)).view.name(), "sealed", "{button:?}");
    }
    // Below the session, with cards that are right and presented for it.
    let stored = || Stored::read(&made.undrilled).unwrap();
    let gathering = |occasion| Gathering::new(stored().descriptor().clone(), occasion);
    let opening = || gathered(gathering(Occasion::Opening { date: NOW }), &made.cards);
    assert_eq!(Open::with_quorum(stored(), opening(), NOW, NOW).err(), Some(OpenError::NotDrilled));

    // Nor does less than every card, or cards presented for something else, make a drill.
    let some = gathered(gathering(Occasion::Drill), &made.cards);
    assert_eq!(drilled(stored(), some, NOW, NOW, &mut generator()).err(), Some(DrillError::OtherOccasion));
    let others = gathered(gathering(Occasion::Opening { date: NOW }).needing(3), &made.cards);
    assert_eq!(drilled(stored(), others, NOW, NOW, &mut generator()).err(), Some(DrillError::OtherOccasion));
    let all = gathered(gathering(Occasion::Drill).needing(3), &made.cards);
    let drilled_before = Stored::read(&made.disk).unwrap();
    assert_eq!(drilled(drilled_before, all, NOW, NOW, &mut generator()).err(), Some(DrillError::Nothing));
}

#[test]
fn a_drill_takes_every_card_once_and_names_each_that_is_wrong() {
    let made = Made::with_plan(planned(2, &NAMES[..3]));
    let other = Made::elsewhere(planned(2, &NAMES[..2]));
    let mut kiosk = Kiosk::new(Some(made.undrilled.clone()));
    kiosk.press(Button::Drill);
    let View::Cards { needed, .. } = kiosk.screen().view else { panic!() };
    assert_eq!(needed, 3, "all of them, though two open it");
    kiosk.present(&made.cards[0], &passphrase(1));

    let genuine = Card::decode(&made.cards[1]).unwrap();
    let share = Secret::copied(&[1; 32]).unwrap();
    let typed = cloison_custody::Passphrase::typed(&passphrase(2)).unwrap();
    let forged = vectors::seal_with(genuine.header, &share, &typed).unwrap();
    let mut old = genuine;
    old.header.epoch = 7;
    let mut damaged = made.cards[1].clone();
    damaged[60] ^= 4;
    for (card, typed, index, refusal) in [
        (other.cards[1].clone(), passphrase(2), Some(2), CardRefusal::WrongVault),
        (made.cards[0].clone(), passphrase(1), Some(1), CardRefusal::Duplicate),
        (forged.encode().to_vec(), passphrase(2), Some(2), CardRefusal::Forged),
        (old.encode().to_vec(), passphrase(2), Some(2), CardRefusal::WrongEpoch { card: 7, vault: 1 }),
        (damaged, passphrase(2), Some(2), CardRefusal::Unreadable(CardError::Damaged)),
        (made.cards[1].clone(), passphrase(3), Some(2), CardRefusal::WrongPassphrase),
    ] {
        kiosk.send(Event::Code(card));
        if kiosk.screen().notice.is_none() {
            kiosk.type_in(Field::Passphrase, &typed);
            kiosk.send(Event::Press(Button::Present));
        }
        assert_eq!(kiosk.screen().notice, Some(Notice::Card { index, refusal }));
        let View::Cards { accepted, .. } = kiosk.screen().view else { panic!("{refusal:?}") };
        assert_eq!(accepted, [1], "after {refusal:?} the good card is still there");
    }
    kiosk.present(&made.cards[2], &passphrase(3));
    assert_eq!((kiosk.screen().view.name(), kiosk.saves), ("cards", 0), "one card is missing");
    kiosk.present(&made.cards[1], &passphrase(2));
    assert_eq!((kiosk.screen().view.name(), kiosk.saves), ("drilled", 1));
    let presented = vec![1, 3, 2];
    kiosk.press(Button::ShowTranscript);
    let transcript = cloison_protocol::Transcript::decode(&kiosk.message()).unwrap();
    let order: Vec<u8> = transcript.entries().iter().filter_map(|entry| drilled_index(&entry.what)).collect();
    assert_eq!(order, presented, "in the order in which they came");
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended, Some(Ended::Drilled), "what was in memory goes with the process");
}

fn drilled_index(act: &cloison_protocol::Act) -> Option<u8> {
    match act {
        cloison_protocol::Act::Drilled { index } => Some(*index),
        _ => None,
    }
}

#[test]
fn a_drill_that_is_not_on_disk_did_not_happen() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let mut kiosk = Kiosk::new(Some(made.undrilled.clone()));
    kiosk.press(Button::Drill);
    kiosk.slow_disk = true;
    made.present_all(&mut kiosk, 2);
    let screen = kiosk.send(Event::Press(Button::Done));
    assert_eq!((screen.view.name(), screen.code), ("saving", None), "nothing is exported before it is stored");
    // The power is cut here: the card holds what it held.
    assert_eq!(kiosk.disk, Some(made.undrilled.clone()));

    let mut kiosk = Kiosk::new(kiosk.disk);
    kiosk.press(Button::Drill);
    kiosk.disk_full = true;
    made.present_all(&mut kiosk, 2);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("sealed", Some(Notice::NotSaved)));
    kiosk.disk_full = false;
    kiosk.press(Button::Drill);
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.screen().view.name(), "drilled", "and it can be held again");
}

/// Between ceremony and drill the store is on a memory card that somebody can take out.
#[test]
fn a_store_that_was_altered_before_the_drill_is_refused_wherever_it_was() {
    let made = Made::with_plan(planned(2, &NAMES[..2]));
    let store = &made.undrilled;
    let find = |part: &[u8]| store.windows(part.len()).position(|window| window == part).unwrap();
    let body = made.descriptor.body();
    let age = made.public.body().keys.as_slice()[0].bytes.as_slice();
    let regions = [
        ("magic", 1),
        ("version", 4),
        ("generation", 5),
        ("title in the descriptor", find(body.title.as_str().as_bytes())),
        ("a commitment", find(&body.commitments.as_slice()[1].0.0) + 3),
        ("an identity", find(&body.identity.to_bytes()) + 5),
        ("a public key", find(age) + 700),
        ("a name in the transcript", store.windows(5).rposition(|window| window == b"Wanda").unwrap()),
        ("the log", store.len() - 48 - 1),
        ("the MAC", store.len() - 1),
    ];
    let mut verified = 0;
    for (region, at) in regions {
        let mut altered = store.clone();
        altered[at] ^= 1;
        let mut kiosk = Kiosk::new(Some(altered.clone()));
        if let View::Home(HomeView::Broken(error)) = kiosk.screen().view {
            // What may be a newer program's is left as it is.
            let restores = !matches!(error, StoreError::Newer { .. });
            let all = [Button::Restore, Button::CheckCard, Button::TestCodes];
            assert_eq!(kiosk.screen().buttons, all[usize::from(!restores)..], "{region}");
            continue;
        }
        kiosk.press(Button::Drill);
        made.present_all(&mut kiosk, 2);
        let refused = Notice::Drill(DrillError::Store(StoreError::Unauthentic));
        assert_eq!((kiosk.screen().view.name(), kiosk.screen().notice), ("sealed", Some(refused)), "{region}");
        assert_eq!((kiosk.saves, kiosk.disk), (0, Some(altered)), "{region}");
        verified += 1;
    }
    assert!(verified >= 3, "{verified} of them reached the MAC");

    // A store that claims to be drilled already is offered for opening, and does not open.
    let claims = (0..store.len()).find_map(|at| {
        let mut claims = store.clone();
        claims[at] = 1;
        (store[at] == 0 && Stored::read(&claims).is_ok_and(|stored| stored.serves())).then_some(claims)
    });
    let mut kiosk = Kiosk::new(claims);
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    made.present_all(&mut kiosk, 2);
    assert_eq!(kiosk.screen().notice, Some(Notice::Open(OpenError::Store(StoreError::Unauthentic))));
    assert!(matches!(kiosk.screen().view, View::Home(HomeView::Broken(StoreError::Unauthentic))));
}

#[test]
fn cards_that_were_never_drilled_are_given_up_by_their_names_and_the_appliance_is_blank_again() {
    let made = Made::with_plan(planned(2, &NAMES[..3]));
    let listed: Vec<(u8, String)> = (1..).zip(&NAMES[..3]).map(|(index, name)| (index, (*name).to_owned())).collect();
    let journey: Journey =
        vec![(Press(Button::GiveUp), "give-up"), (Press(Button::Erase), "stopped"), (Press(Button::Done), "blank")];
    assert_eq!(walk(Some(&made.undrilled), &[], &journey).disk, None);

    let mut kiosk = Kiosk::new(Some(made.undrilled.clone()));
    assert_eq!(kiosk.press(Button::GiveUp).view, View::GiveUp { cards: listed.clone() });
    assert_eq!(kiosk.press(Button::Cancel).view.name(), "sealed");
    assert_eq!(kiosk.disk, Some(made.undrilled.clone()), "asked first");
    kiosk.press(Button::GiveUp);
    kiosk.disk_full = true;
    assert_eq!(kiosk.press(Button::Erase).notice, Some(Notice::NotSaved), "and said where it is still there");
    assert_eq!(kiosk.screen().view.name(), "sealed");
    kiosk.disk_full = false;
    kiosk.press(Button::GiveUp);
    assert_eq!(kiosk.press(Button::Erase).view, View::Stopped { cards: listed });

    // One that serves cannot be given up, whatever is pressed.
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    for button in [Button::GiveUp, Button::Erase, Button::EndRehearsal, Button::Erase, Button::Drill] {
        kiosk.send(Event::Press(button));
    }
    assert_eq!((kiosk.screen().view.name(), kiosk.disk), ("sealed", Some(made.disk)));
}

#[test]
fn a_rehearsal_is_drilled_and_marked_like_a_real_vault_until_its_last_screen() {
    let made = rehearse(2, 2);
    assert_eq!(made.public.body().mode, Mode::Rehearsal);
    assert_eq!(made.transcript.heading().whose.mode, Mode::Rehearsal);
    let mut kiosk = Kiosk::new(Some(made.undrilled.clone()));
    let marked = |kiosk: &Kiosk| assert!(kiosk.screen().rehearsal, "{}", kiosk.screen().view.name());
    for button in [Button::Drill, Button::Cancel, Button::GiveUp, Button::Erase] {
        marked(&kiosk);
        kiosk.press(button);
    }
    marked(&kiosk);
    assert_eq!(kiosk.screen().view.name(), "stopped");
    assert!(!kiosk.press(Button::Done).rehearsal, "a blank appliance is nobody's");
    let journey: Journey = vec![
        (Press(Button::CheckCard), "check"),
        (support::Do::Card(1), "check"),
        (Type(Field::Passphrase, passphrase(1)), "check"),
        (Press(Button::Verify), "check"),
        (Press(Button::Cancel), "sealed"),
    ];
    assert_eq!(abort_everywhere(Some(&made.undrilled), &made.cards, &journey).saves, 0);
}
