//! One card checked alone, without a quorum: nothing is opened by it.

use crate::{
    cards::empty,
    event::{Event, Typed},
    screen::{Button, Field, FieldState, Notice, Screen, View},
};
use cloison_custody::{Passphrase, check_alone};
use cloison_protocol::{Card, Descriptor, card::claimed_index};

/// A card being checked.
pub(crate) struct Check {
    descriptor: Descriptor,
    card: Option<Card>,
    passphrase: Typed,
}

impl Check {
    pub(crate) fn new(descriptor: Descriptor) -> Self {
        Self { descriptor, card: None, passphrase: empty() }
    }

    /// Takes an event; the card and its passphrase are forgotten after every answer.
    pub(crate) fn handle(&mut self, event: Event) -> Option<Notice> {
        match event {
            Event::Code(bytes) => match Card::decode(&bytes) {
                Ok(card) => {
                    self.card = Some(card);
                    self.passphrase = empty();
                    None
                }
                Err(error) => Some(Notice::Card { index: claimed_index(&bytes), refusal: error.into() }),
            },
            Event::Type(Field::Passphrase, typed) if self.card.is_some() => {
                self.passphrase = typed;
                None
            }
            Event::Press(Button::Verify) => self.verify(),
            _ => None,
        }
    }

    fn verify(&mut self) -> Option<Notice> {
        let card = self.card?;
        let typed = std::mem::replace(&mut self.passphrase, empty());
        let passphrase = match Passphrase::typed(&typed.0) {
            Ok(passphrase) => passphrase,
            Err(error) => return Some(Notice::Passphrase(error)),
        };
        let index = card.header.index;
        self.card = None;
        Some(match check_alone(&card, &passphrase, &self.descriptor) {
            Ok(()) => Notice::Proven(index),
            Err(refusal) => Notice::Card { index: Some(index), refusal },
        })
    }

    pub(crate) fn screen(&self) -> Screen {
        let mut screen = Screen::of(View::Check { read: self.card.map(|card| card.header.index) }, &[Button::Cancel]);
        screen.camera = true;
        if self.card.is_some() {
            screen.buttons.insert(0, Button::Verify);
            screen.fields.push(FieldState::secret(Field::Passphrase, &self.passphrase.0));
        }
        screen
    }
}
