//! One card checked alone, without a quorum: nothing is opened by it.

use crate::{
    event::Event,
    reader::{CardReader, Took},
    screen::{Button, Notice, Screen, View},
};
use cloison_custody::check_alone;
use cloison_protocol::Descriptor;

/// A card being checked.
pub(crate) struct Check {
    descriptor: Descriptor,
    /// Of cards that were dealt anew and are not drilled yet; the others serve until then.
    undrilled: Option<Descriptor>,
    reader: CardReader,
}

impl Check {
    pub(crate) fn new(descriptor: Descriptor, undrilled: Option<Descriptor>) -> Self {
        Self { descriptor, undrilled, reader: CardReader::new() }
    }

    /// Takes an event; the card and its passphrase are forgotten after every answer.
    pub(crate) fn handle(&mut self, event: Event) -> Option<Notice> {
        match self.reader.handle(event, Button::Verify, |_| Ok(())) {
            Took::Nothing => None,
            Took::Refused(notice) => Some(notice),
            Took::Both(card, passphrase) => {
                self.reader = CardReader::new();
                let index = card.header.index;
                Some(match check_alone(&card, &passphrase, self.of_epoch(card.header.epoch)) {
                    Ok(()) => Notice::Proven(index),
                    Err(refusal) => Notice::Card { index: Some(index), refusal },
                })
            }
        }
    }

    fn of_epoch(&self, epoch: u16) -> &Descriptor {
        self.undrilled.as_ref().filter(|undrilled| undrilled.body().epoch == epoch).unwrap_or(&self.descriptor)
    }

    pub(crate) fn screen(&self) -> Screen {
        let read = self.reader.card().map(|card| card.header.index);
        let mut screen = Screen::of(View::Check { read }, &[Button::Cancel]);
        self.reader.dress(&mut screen, Button::Verify);
        screen
    }
}
