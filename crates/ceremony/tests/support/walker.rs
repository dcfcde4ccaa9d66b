//! Journeys as lists of what people do, walked to their end or cancelled on the way.

use super::{Kiosk, passphrase};
use cloison_ceremony::{Button, Ended, Event, Field, View};

/// One thing that people do.
pub enum Do {
    Press(Button),
    Type(Field, String),
    /// Hold the card that is on the screen before the camera, once it was copied.
    CopiedCard,
    /// Hold an earlier card before the camera.
    Card(usize),
    Show(Vec<u8>),
}
use Do::{Card, CopiedCard, Press, Show, Type};

pub type Journey = Vec<(Do, &'static str)>;

pub struct Walker {
    pub kiosk: Kiosk,
    copied: Vec<u8>,
    /// The cards that were shown, as they must be listed when the ceremony is stopped.
    shown: Vec<(u8, String)>,
}

impl Walker {
    fn new(disk: Option<&[u8]>) -> Self {
        Self { kiosk: Kiosk::new(disk.map(<[u8]>::to_vec)), copied: Vec::new(), shown: Vec::new() }
    }

    fn step(&mut self, cards: &[Vec<u8>], what: &Do) -> &'static str {
        let kiosk = &mut self.kiosk;
        let screen = match what {
            Press(button) => kiosk.press(*button),
            Type(field, text) => kiosk.type_in(*field, text),
            CopiedCard => kiosk.send(Event::Code(self.copied.clone())),
            Card(index) => kiosk.send(Event::Code(cards[index - 1].clone())),
            Show(message) => kiosk.show(message),
        };
        if let View::Card { index, custodian, .. } = &screen.view {
            self.copied = kiosk.card();
            if matches!(what, Press(Button::MakeCard)) {
                self.shown.push((*index, custodian.clone()));
            }
        }
        screen.view.name()
    }

    fn after(disk: Option<&[u8]>, cards: &[Vec<u8>], steps: &[(Do, &'static str)]) -> Self {
        let mut walker = Self::new(disk);
        for (what, _) in steps {
            walker.step(cards, what);
        }
        walker
    }

    /// Tells screens apart by what can be done on them, by whether something is typed, and cards by
    /// which it is.
    fn looks(&self) -> String {
        let screen = self.kiosk.screen();
        let typed: Vec<bool> = screen.fields.iter().map(|field| !field.shown.is_empty()).collect();
        let card = match &screen.view {
            View::Card { index, words, .. } => Some((*index, words.is_some())),
            _ => None,
        };
        format!("{} {:?} {typed:?} {card:?} {}", screen.view.name(), screen.buttons, screen.private)
    }

    /// Leaves by the first way out that is on the screen: nothing was written, nothing that
    /// was shown or typed is left, and cards that were shown are listed, exactly those.
    fn leave(mut self, step: usize) {
        let (kept, saves) = (self.kiosk.disk.clone(), self.kiosk.saves);
        let before = self.kiosk.screen();
        let Some(button) = OUT.iter().find(|button| before.buttons.contains(button)) else {
            assert!(
                matches!(before.view.name(), "blank" | "sealed" | "broken"),
                "step {step}: no way out of {}",
                before.view.name()
            );
            return;
        };
        let after = self.kiosk.press(*button);
        assert_eq!(self.kiosk.disk, kept, "step {step}: cancelling {} wrote to the disk", before.view.name());
        assert_eq!(self.kiosk.saves, saves, "step {step}");
        assert_eq!(after.code, None, "step {step}: a code is left on {}", after.view.name());
        assert_eq!(self.kiosk.session.private(), None, "step {step}");
        assert_eq!(self.kiosk.session.record(), None, "step {step}");
        assert!(after.fields.is_empty(), "step {step}: something typed is left on {}", after.view.name());
        let stopped = !self.shown.is_empty() && !matches!(before.view.name(), "created" | "unsaved");
        if let View::Stopped { cards } = &after.view {
            assert_eq!(*cards, self.shown, "step {step}: the cards that were shown");
            let end = self.kiosk.press(Button::Done);
            assert!(end.code.is_none() && end.view.name() != "stopped", "step {step}");
            assert_eq!(self.kiosk.saves, saves, "step {step}");
            return;
        }
        assert!(!stopped, "step {step}: cards were shown, and {} does not list them", after.view.name());
        let rests = ["blank", "sealed", "broken", "desk", "review", "manage", "ended"];
        assert!(rests.contains(&after.view.name()), "step {step}: {}", after.view.name());
    }

    /// Lets the watch find something: an open vault is sealed with a line in its log, nothing is left
    /// of what was shown or typed, cards that were shown are listed, exactly those, and nothing is let.
    fn alarm(mut self, step: usize) {
        let (kept, saves) = (self.kiosk.disk.clone(), self.kiosk.saves);
        let before = self.kiosk.screen();
        let after = self.kiosk.alarm();
        assert_eq!((after.code.is_some(), after.camera, after.left), (false, false, None), "step {step}: {}", after.view.name());
        assert_eq!(self.kiosk.session.private(), None, "step {step}");
        assert_eq!(self.kiosk.session.record(), None, "step {step}");
        assert!(after.fields.is_empty(), "step {step}: something typed is left on {}", after.view.name());
        match before.left {
            Some(_) => assert_eq!(self.kiosk.saves, saves + 1, "step {step}: no line in the log"),
            None => assert_eq!(self.kiosk.disk, kept, "step {step}: an alarm on {} wrote to the disk", before.view.name()),
        }
        let stopped = !self.shown.is_empty() && !matches!(before.view.name(), "created" | "ended");
        match after.view {
            View::Stopped { cards } => {
                assert_eq!(cards, self.shown, "step {step}: the cards that were shown");
                assert_eq!(self.kiosk.alarm().view.name(), "stopped", "step {step}: they are listed until that was read");
                assert_eq!(self.kiosk.press(Button::Done).view.name(), "ended", "step {step}");
            }
            View::Ended => assert!(!stopped, "step {step}: cards were shown, and {} does not list them", before.view.name()),
            View::Alarm { .. } => {
                assert!(!stopped && after.buttons.is_empty(), "step {step}");
                for button in &before.buttons {
                    assert_eq!(self.kiosk.send(Event::Press(*button)).view.name(), "alarm", "step {step}: {button:?}");
                }
                let home = self.kiosk.send(Event::Guard(Vec::new())).view.name();
                assert!(matches!(home, "blank" | "sealed" | "broken"), "step {step}: {home}");
                return;
            }
            other => panic!("step {step}: an alarm on {} leads to {}", before.view.name(), other.name()),
        }
        let by_alarm = before.view.name() != "ended";
        assert_eq!(self.kiosk.ended == Some(Ended::Alarm), by_alarm, "step {step}: {:?}", self.kiosk.ended);
    }
}

/// Walks a journey to its end; every screen is the one that the list says.
pub fn walk(disk: Option<&[u8]>, cards: &[Vec<u8>], journey: &Journey) -> Kiosk {
    seen(disk, cards, journey).1
}

/// The ways out, the best first.
const OUT: [Button; 3] = [Button::Cancel, Button::Seal, Button::Done];

/// Walks a journey, and cancels it at every step: no signature, no share, no stored byte is left. On
/// the first screen of each name the watch finds something besides.
pub fn abort_everywhere(disk: Option<&[u8]>, cards: &[Vec<u8>], journey: &Journey) -> Kiosk {
    let (looks, walked) = seen(disk, cards, journey);
    for (step, look) in looks.iter().enumerate() {
        Walker::after(disk, cards, &journey[..step]).leave(step);
        if !looks[..step].iter().any(|other| name(other) == name(look)) {
            Walker::after(disk, cards, &journey[..step]).alarm(step);
        }
    }
    walked
}

/// Walks a journey, and cancels it on every screen that it comes to, each with nothing typed and with
/// something, and at every card; of pages, people and the like that follow one another, at the first.
/// On the first screen of each name the watch finds something besides.
pub fn abort_on_every_screen(disk: Option<&[u8]>, cards: &[Vec<u8>], journey: &Journey) -> Kiosk {
    let (looks, walked) = seen(disk, cards, journey);
    for (step, look) in looks.iter().enumerate().filter(|(step, look)| !looks[..*step].contains(look)) {
        Walker::after(disk, cards, &journey[..step]).leave(step);
        if !looks[..step].iter().any(|other| name(other) == name(look)) {
            Walker::after(disk, cards, &journey[..step]).alarm(step);
        }
    }
    walked
}

fn name(look: &str) -> &str {
    look.split(' ').next().unwrap_or_default()
}

/// Walks a journey, and tells what the screen before each step looks like.
fn seen(disk: Option<&[u8]>, cards: &[Vec<u8>], journey: &Journey) -> (Vec<String>, Kiosk) {
    let (mut walker, mut looks) = (Walker::new(disk), Vec::new());
    for (number, (what, expected)) in journey.iter().enumerate() {
        looks.push(walker.looks());
        let found = walker.step(cards, what);
        assert_eq!(found, *expected, "step {number}: {:?}", walker.kiosk.screen().notice);
    }
    (looks, walker.kiosk)
}

/// Presents these cards, after which the last screen comes.
pub fn presented(indices: &[u8], then: &'static str) -> Journey {
    let mut journey = Journey::new();
    for (number, index) in (1..).zip(indices) {
        journey.extend([
            (Card((*index).into()), "cards"),
            (Type(Field::Passphrase, passphrase(*index)), "cards"),
            (Press(Button::Present), if number < indices.len() { "cards" } else { then }),
        ]);
    }
    journey
}

/// Opens a vault with its second and its first card.
pub fn open() -> Journey {
    let mut journey = vec![(Press(Button::OpenVault), "date"), (Press(Button::Continue), "cards")];
    journey.extend(presented(&[2, 1], "desk"));
    journey
}
