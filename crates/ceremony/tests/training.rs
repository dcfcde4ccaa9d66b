//! On an ordinary computer, for training, there are rehearsals and nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, Event, HomeView, Kiosk, NoPlace, Session, View};
use cloison_protocol::Mode;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use support::{NOW, about, make, rehearse};

/// What a first screen could offer.
const ALL: [Button; 9] = [
    Button::CreateVault,
    Button::RehearseVault,
    Button::OpenVault,
    Button::Restore,
    Button::CheckCard,
    Button::Drill,
    Button::GiveUp,
    Button::EndRehearsal,
    Button::TestCodes,
];

fn training(stored: Option<Vec<u8>>) -> Session {
    let mut session = Session::new(stored, Kiosk { training: true, ..about() });
    let _ = session.guard(&[], NOW);
    session
}

/// Lists the buttons that lead anywhere from the first screen, shown or not.
fn leading(stored: Option<&[u8]>) -> Vec<Button> {
    leading_in(|| training(stored.map(<[u8]>::to_vec)))
}

fn leading_in(start: impl Fn() -> Session) -> Vec<Button> {
    let leads = |button: &Button| {
        let mut session = start();
        let before = session.screen().view;
        let step = session.handle(Event::Press(*button), NOW, &mut ChaCha20Rng::from_seed([1; 32]));
        step.screen.view != before
    };
    ALL.into_iter().filter(leads).collect()
}

#[test]
fn nothing_real_is_made_restored_or_checked() {
    assert_eq!(training(None).screen().view, View::Home(HomeView::Training));
    assert_eq!(leading(None), [Button::RehearseVault, Button::TestCodes]);
    assert_eq!(leading(Some(b"no store")), []);
}

#[test]
fn nothing_is_done_with_a_real_vault() {
    let made = make(2, 2);
    assert_eq!(training(Some(made.disk.clone())).screen().view, View::Home(HomeView::Real));
    assert_eq!(leading(Some(&made.disk)), []);
}

#[test]
fn without_a_place_for_a_store_vaults_are_rehearsed_and_cards_checked_and_nothing_else() {
    for why in [NoPlace::Missing, NoPlace::Small, NoPlace::Several, NoPlace::Failed] {
        let homeless = |stored: Option<Vec<u8>>| {
            let mut session = Session::new(stored, Kiosk { no_place: Some(why), ..about() });
            let _ = session.guard(&[], NOW);
            session
        };
        assert_eq!(homeless(None).screen().view, View::Home(HomeView::NoPlace(why)));
        assert_eq!(leading_in(|| homeless(None)), [Button::RehearseVault, Button::CheckCard, Button::TestCodes]);
        // What was rehearsed is in memory, and goes on as it would elsewhere.
        let rehearsed = rehearse(2, 2).disk;
        assert!(matches!(homeless(Some(rehearsed)).screen().view, View::Home(HomeView::Sealed { mode: Mode::Rehearsal, .. })));
    }
}
