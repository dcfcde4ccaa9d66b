//! One card checked alone, without a quorum: nothing is opened by it.

use crate::{
    event::Event,
    reader::{CardReader, Took},
    screen::{Button, Notice, Screen, View},
};
use cloison_custody::{belongs, check_alone};
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
        let (descriptor, undrilled) = (&self.descriptor, self.undrilled.as_ref());
        let of_epoch = |epoch| of_epoch(descriptor, undrilled, epoch);
        // A card of another vault is never asked its passphrase here.
        match self.reader.handle(event, Button::Verify, |card| belongs(card, of_epoch(card.header.epoch))) {
            Took::Nothing => None,
            Took::Refused(notice) => Some(notice),
            Took::Both(card, passphrase) => {
                self.reader = CardReader::new();
                let index = card.header.index;
                Some(match check_alone(&card, &passphrase, of_epoch(card.header.epoch)) {
                    Ok(()) => Notice::Proven(index),
                    Err(refusal) => Notice::Card { index: Some(index), refusal },
                })
            }
        }
    }

    pub(crate) fn screen(&self) -> Screen {
        let read = self.reader.card().map(|card| card.header.index);
        let mut screen = Screen::of(View::Check { read }, &[Button::Cancel]);
        self.reader.dress(&mut screen, Button::Verify);
        screen
    }
}

fn of_epoch<'a>(descriptor: &'a Descriptor, undrilled: Option<&'a Descriptor>, epoch: u16) -> &'a Descriptor {
    undrilled.filter(|undrilled| undrilled.body().epoch == epoch).unwrap_or(descriptor)
}
