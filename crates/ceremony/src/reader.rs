//! A card read from its code or typed in words, then its passphrase: the same wherever cards are read.

use crate::{
    event::{Event, Typed},
    screen::{Button, Field, FieldState, Notice, Screen},
};
use cloison_custody::{CardRefusal, Passphrase};
use cloison_protocol::{Card, CardWords, card::claimed_index};
use zeroize::Zeroizing;

/// A card and its passphrase, as far as they were given.
pub(crate) struct CardReader {
    card: Option<Card>,
    passphrase: Typed,
    words: String,
}

/// What comes of an event.
pub(crate) enum Took {
    /// Nothing to say.
    Nothing,
    /// The card or the passphrase is not accepted.
    Refused(Notice),
    /// Both are there.
    Both(Card, Passphrase),
}

pub(crate) fn empty() -> Typed {
    Typed(Zeroizing::new(String::new()))
}

impl CardReader {
    pub(crate) fn new() -> Self {
        Self { card: None, passphrase: empty(), words: String::new() }
    }

    /// Starts with a card whose passphrase was wrong.
    pub(crate) fn holding(card: Option<Card>) -> Self {
        Self { card, ..Self::new() }
    }

    pub(crate) fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    /// Takes an event; `admits` tells what can be known of a card before its passphrase, and
    /// `confirm` is the button that says that both are given.
    pub(crate) fn handle(
        &mut self,
        event: Event,
        confirm: Button,
        admits: impl FnOnce(&Card) -> Result<(), CardRefusal>,
    ) -> Took {
        match event {
            Event::Code(bytes) => match Card::decode(&bytes) {
                Ok(card) => self.take(card, admits),
                Err(error) => Took::Refused(Notice::Card { index: claimed_index(&bytes), refusal: error.into() }),
            },
            Event::Type(Field::Words, typed) => {
                self.words.clone_from(&typed.0);
                Took::Nothing
            }
            Event::Press(Button::ReadWords) => match CardWords::read(&self.words) {
                Ok(card) => self.take(card, admits),
                Err(error) => Took::Refused(Notice::Words(error)),
            },
            Event::Type(Field::Passphrase, typed) if self.card.is_some() => {
                self.passphrase = typed;
                Took::Nothing
            }
            Event::Press(button) if button == confirm => self.both(),
            _ => Took::Nothing,
        }
    }

    fn take(&mut self, card: Card, admits: impl FnOnce(&Card) -> Result<(), CardRefusal>) -> Took {
        if let Err(refusal) = admits(&card) {
            return Took::Refused(Notice::Card { index: Some(card.header.index), refusal });
        }
        if self.card.replace(card) != Some(card) {
            self.passphrase = empty();
        }
        self.words.clear();
        Took::Nothing
    }

    fn both(&mut self) -> Took {
        let Some(card) = self.card else { return Took::Nothing };
        match Passphrase::typed(&std::mem::replace(&mut self.passphrase, empty()).0) {
            Ok(passphrase) => Took::Both(card, passphrase),
            Err(error) => Took::Refused(Notice::Passphrase(error)),
        }
    }

    /// Puts the camera and the fields on a screen: the passphrase once there is a card, the words
    /// until then.
    pub(crate) fn dress(&self, screen: &mut Screen, confirm: Button) {
        screen.camera = true;
        if self.card.is_some() {
            screen.buttons.insert(0, confirm);
            screen.fields.push(FieldState::secret(Field::Passphrase, &self.passphrase.0));
        } else {
            screen.buttons.insert(0, Button::ReadWords);
            screen.fields.push(FieldState::plain(Field::Words, &self.words));
        }
    }
}
