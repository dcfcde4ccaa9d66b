//! Cards presented one after the other, each with its passphrase, until there is a quorum.

use crate::{
    event::{Event, Typed},
    screen::{Button, Field, FieldState, Notice, Purposes, Screen, View},
};
use cloison_custody::{CardRefusal, Gathering, Occasion, Passphrase, Presented, Quorum};
use cloison_protocol::{Card, card::claimed_index};
use zeroize::Zeroizing;

/// Cards being presented for one occasion.
pub(crate) struct Cards {
    gathering: Gathering,
    card: Option<Card>,
    passphrase: Typed,
}

/// What comes of an event.
pub(crate) enum Presenting {
    Waiting(Cards, Option<Notice>),
    Complete(Quorum),
    Cancelled,
    Broken,
}

impl Cards {
    pub(crate) fn new(gathering: Gathering) -> Self {
        Self { gathering, card: None, passphrase: empty() }
    }

    pub(crate) fn handle(mut self, event: Event) -> Presenting {
        match event {
            Event::Press(Button::Cancel) => Presenting::Cancelled,
            Event::Press(Button::Present) => self.present(),
            Event::Code(bytes) => self.read(&bytes),
            Event::Type(Field::Passphrase, typed) if self.card.is_some() => {
                self.passphrase = typed;
                Presenting::Waiting(self, None)
            }
            _ => Presenting::Waiting(self, None),
        }
    }

    fn read(mut self, bytes: &[u8]) -> Presenting {
        match Card::decode(bytes) {
            Ok(card) => match self.gathering.admits(&card) {
                Ok(()) => {
                    if self.card.replace(card) != Some(card) {
                        self.passphrase = empty();
                    }
                    Presenting::Waiting(self, None)
                }
                Err(refusal) => self.refused(Some(card.header.index), refusal),
            },
            Err(error) => self.refused(claimed_index(bytes), CardRefusal::Unreadable(error)),
        }
    }

    fn present(mut self) -> Presenting {
        let Some(card) = self.card else { return Presenting::Waiting(self, None) };
        let passphrase = match Passphrase::typed(&std::mem::replace(&mut self.passphrase, empty()).0) {
            Ok(passphrase) => passphrase,
            Err(error) => return Presenting::Waiting(self, Some(Notice::Passphrase(error))),
        };
        let index = card.header.index;
        match self.gathering.present(&card, &passphrase) {
            Ok(Presented::Waiting(gathering)) => Presenting::Waiting(Self::new(gathering), Some(Notice::Accepted(index))),
            Ok(Presented::Complete(quorum)) => Presenting::Complete(quorum),
            Ok(Presented::Broken) => Presenting::Broken,
            // After a wrong passphrase the card stays; any other refusal asks for another card.
            Err((gathering, refusal)) => {
                let card = (refusal == CardRefusal::WrongPassphrase).then_some(card);
                Self { gathering, card, passphrase: empty() }.refused(Some(index), refusal)
            }
        }
    }

    fn refused(self, index: Option<u8>, refusal: CardRefusal) -> Presenting {
        Presenting::Waiting(self, Some(Notice::Card { index, refusal }))
    }

    pub(crate) fn screen(&self) -> Screen {
        let descriptor = self.gathering.descriptor().body();
        let holder = |card: &Card| {
            let at = usize::from(card.header.index) - 1;
            let name = descriptor.custodians.as_slice().get(at).map(|name| name.as_str().to_owned());
            (card.header.index, name.unwrap_or_default())
        };
        let view = View::Cards {
            purpose: match self.gathering.occasion() {
                Occasion::Request(_) => Purposes::Request,
                Occasion::Enrolment(_) => Purposes::Enrolment,
                _ => Purposes::Opening,
            },
            accepted: self.gathering.accepted(),
            needed: descriptor.threshold,
            card: self.card.as_ref().map(holder),
        };
        let mut screen = Screen::of(view, &[Button::Cancel]);
        screen.camera = true;
        if self.card.is_some() {
            screen.buttons.insert(0, Button::Present);
            screen.fields.push(FieldState::secret(Field::Passphrase, &self.passphrase.0));
        }
        screen
    }
}

pub(crate) fn empty() -> Typed {
    Typed(Zeroizing::new(String::new()))
}
