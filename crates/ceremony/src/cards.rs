//! Cards presented one after the other, each with its passphrase, until there is a quorum.

use crate::{
    event::Event,
    reader::{CardReader, Took},
    screen::{Button, Notice, Purposes, Screen, View},
};
use cloison_custody::{CardRefusal, Change, Gathering, Occasion, Passphrase, Presented, Quorum};
use cloison_protocol::Card;

/// Cards being presented for one occasion.
pub(crate) struct Cards {
    gathering: Gathering,
    reader: CardReader,
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
        Self { gathering, reader: CardReader::new() }
    }

    pub(crate) fn purpose(&self) -> Purposes {
        purpose(self.gathering.occasion())
    }

    pub(crate) fn handle(mut self, event: Event) -> Presenting {
        if matches!(event, Event::Press(Button::Cancel)) {
            return Presenting::Cancelled;
        }
        let gathering = &self.gathering;
        match self.reader.handle(event, Button::Present, |card| gathering.admits(card)) {
            Took::Nothing => Presenting::Waiting(self, None),
            Took::Refused(notice) => Presenting::Waiting(self, Some(notice)),
            Took::Both(card, passphrase) => self.present(card, &passphrase),
        }
    }

    fn present(self, card: Card, passphrase: &Passphrase) -> Presenting {
        let index = card.header.index;
        match self.gathering.present(&card, passphrase) {
            Ok(Presented::Waiting(gathering)) => Presenting::Waiting(Self::new(gathering), Some(Notice::Accepted(index))),
            Ok(Presented::Complete(quorum)) => Presenting::Complete(quorum),
            Ok(Presented::Broken) => Presenting::Broken,
            // After a wrong passphrase the card stays; any other refusal asks for another card.
            Err((gathering, refusal)) => {
                let card = (refusal == CardRefusal::WrongPassphrase).then_some(card);
                let notice = Notice::Card { index: Some(index), refusal };
                Presenting::Waiting(Self { gathering, reader: CardReader::holding(card) }, Some(notice))
            }
        }
    }

    pub(crate) fn screen(&self) -> Screen {
        let descriptor = self.gathering.descriptor().body();
        let holder = |card: &Card| {
            let at = usize::from(card.header.index) - 1;
            let name = descriptor.custodians.as_slice().get(at).map(|name| name.as_str().to_owned());
            (card.header.index, name.unwrap_or_default())
        };
        let view = View::Cards {
            purpose: self.purpose(),
            accepted: self.gathering.accepted(),
            needed: self.gathering.needed(),
            card: self.reader.card().map(holder),
        };
        let mut screen = Screen::of(view, &[Button::Cancel]);
        self.reader.dress(&mut screen, Button::Present);
        screen
    }
}

fn purpose(occasion: Occasion) -> Purposes {
    match occasion {
        Occasion::Request(_) => Purposes::Request,
        Occasion::Emergency(_) => Purposes::Emergency,
        Occasion::Enrolment(_) => Purposes::Enrolment,
        Occasion::Drill => Purposes::Drill,
        Occasion::Restoring => Purposes::Restore,
        Occasion::Change(Change::Revoke(_)) => Purposes::Revocation,
        Occasion::Change(Change::Renew) => Purposes::Renewal,
        Occasion::Change(Change::Confirm) => Purposes::Confirmation,
        Occasion::Change(Change::Rotate(_)) => Purposes::Rotation,
        Occasion::Change(Change::Succeed(_)) => Purposes::Succession,
        Occasion::Change(Change::Follow(_)) => Purposes::Following,
        Occasion::Change(Change::Reshare(_)) => Purposes::Reshare,
        _ => Purposes::Opening,
    }
}
