//! A vault restored on an appliance that holds none: what is at hand beside the cards, then the cards.

use crate::{
    event::{Effect, Event},
    reader::{CardReader, Took},
    scan::Scan,
    screen::{Button, Notice, Purposes, Screen, View},
};
use cloison_custody::{CardRefusal, Passphrase, Rebuilt, Recovered, Restored, Restoring};
use cloison_protocol::{Backup, Card, Descriptor, Kind, Message, Mode};
use rand_core::CryptoRng;

/// Where the restoring stands.
pub(crate) enum Restore {
    Descriptor(Scan),
    Backup(Option<Descriptor>, Scan),
    Cards(Restoring, CardReader),
    Saving(Restored),
    Unsaved(Restored),
    Done(Restored),
}

/// What comes of an event.
pub(crate) enum Restoration {
    Still(Restore, Option<Notice>, Vec<Effect>),
    Stopped(Option<Notice>),
    Ended,
}

impl Restore {
    pub(crate) fn new() -> Self {
        Self::Descriptor(Scan::new(Kind::Descriptor))
    }

    pub(crate) fn handle(self, event: Event, now: u64, rng: &mut impl CryptoRng) -> Restoration {
        if matches!(event, Event::Press(Button::Cancel)) && !matches!(self, Self::Saving(_) | Self::Done(_)) {
            return Restoration::Stopped(None);
        }
        match self {
            Self::Descriptor(scan) => described(scan, event),
            Self::Backup(descriptor, scan) => backed_up(descriptor, scan, event),
            Self::Cards(restoring, reader) => presented(restoring, reader, event, now, rng),
            Self::Saving(restored) => match event {
                Event::Saved => still(Self::Done(restored), None),
                Event::NotSaved => still(Self::Unsaved(restored), Some(Notice::NotSaved)),
                _ => still(Self::Saving(restored), None),
            },
            Self::Unsaved(restored) => match event {
                Event::Press(Button::TryAgain) => saving(restored),
                _ => still(Self::Unsaved(restored), None),
            },
            Self::Done(restored) => match event {
                Event::Press(Button::Done) => Restoration::Ended,
                _ => still(Self::Done(restored), None),
            },
        }
    }

    pub(crate) fn is_rehearsal(&self) -> bool {
        let mode = match self {
            Self::Descriptor(_) => None,
            Self::Backup(descriptor, _) => descriptor.as_ref().map(|descriptor| descriptor.body().mode),
            Self::Cards(restoring, _) => restoring.mode(),
            Self::Saving(restored) | Self::Unsaved(restored) | Self::Done(restored) => Some(restored.descriptor.body().mode),
        };
        mode == Some(Mode::Rehearsal)
    }

    pub(crate) fn screen(&self) -> Screen {
        match self {
            Self::Descriptor(scan) | Self::Backup(_, scan) => {
                let mut screen = scan.screen();
                screen.buttons = vec![Button::Without, Button::Cancel];
                screen
            }
            Self::Cards(restoring, reader) => cards_screen(restoring, reader),
            Self::Saving(_) => Screen::of(View::Saving, &[]),
            Self::Unsaved(_) => Screen::of(View::Unsaved, &[Button::TryAgain, Button::Cancel]),
            Self::Done(restored) => {
                let view = View::Restored {
                    title: restored.descriptor.body().title.as_str().to_owned(),
                    described: restored.described,
                    backup: restored.backup,
                    enrolled: restored.enrolled,
                };
                Screen::of(view, &[Button::Done])
            }
        }
    }
}

fn still(restore: Restore, notice: Option<Notice>) -> Restoration {
    Restoration::Still(restore, notice, Vec::new())
}

fn described(mut scan: Scan, event: Event) -> Restoration {
    let descriptor = match event {
        Event::Press(Button::Without) => None,
        Event::Code(bytes) => match scan.code(&bytes) {
            Ok(Some(Message::Descriptor(descriptor))) => Some(descriptor),
            Ok(_) => return still(Restore::Descriptor(scan), None),
            Err(notice) => return still(Restore::Descriptor(scan), Some(notice)),
        },
        _ => return still(Restore::Descriptor(scan), None),
    };
    still(Restore::Backup(descriptor, Scan::new(Kind::Backup)), None)
}

fn backed_up(descriptor: Option<Descriptor>, mut scan: Scan, event: Event) -> Restoration {
    let backup: Option<Backup> = match event {
        Event::Press(Button::Without) => None,
        Event::Code(bytes) => match scan.code(&bytes) {
            Ok(Some(Message::Backup(backup))) => Some(backup),
            Ok(_) => return still(Restore::Backup(descriptor, scan), None),
            Err(notice) => return still(Restore::Backup(descriptor, scan), Some(notice)),
        },
        _ => return still(Restore::Backup(descriptor, scan), None),
    };
    match Restoring::new(descriptor.clone(), backup) {
        Ok(restoring) => still(Restore::Cards(restoring, CardReader::new()), None),
        Err(error) => still(Restore::Backup(descriptor, scan), Some(Notice::Restore(error))),
    }
}

fn presented(restoring: Restoring, mut reader: CardReader, event: Event, now: u64, rng: &mut impl CryptoRng) -> Restoration {
    match reader.handle(event, Button::Present, |card| restoring.admits(card)) {
        Took::Nothing => still(Restore::Cards(restoring, reader), None),
        Took::Refused(notice) => still(Restore::Cards(restoring, reader), Some(notice)),
        Took::Both(card, passphrase) => present(restoring, card, &passphrase, now, rng),
    }
}

fn present(restoring: Restoring, card: Card, passphrase: &Passphrase, now: u64, rng: &mut impl CryptoRng) -> Restoration {
    let index = card.header.index;
    match restoring.present(&card, passphrase) {
        Ok(Recovered::Waiting(restoring)) => still(Restore::Cards(restoring, CardReader::new()), Some(Notice::Accepted(index))),
        Ok(Recovered::Root(rebuilt)) => rebuilt_next(rebuilt, now, rng),
        Ok(Recovered::Broken) => Restoration::Stopped(Some(Notice::BrokenQuorum)),
        Err((restoring, refusal)) => {
            let card = (refusal == CardRefusal::WrongPassphrase).then_some(card);
            let notice = Notice::Card { index: Some(index), refusal };
            still(Restore::Cards(restoring, CardReader::holding(card)), Some(notice))
        }
    }
}

fn rebuilt_next(rebuilt: Rebuilt, now: u64, rng: &mut impl CryptoRng) -> Restoration {
    match rebuilt.restore(now, rng) {
        Ok(restored) => saving(restored),
        Err(error) => Restoration::Stopped(Some(Notice::Restore(error))),
    }
}

fn saving(restored: Restored) -> Restoration {
    let effect = Effect::Save(restored.store.clone());
    Restoration::Still(Restore::Saving(restored), None, vec![effect])
}

fn cards_screen(restoring: &Restoring, reader: &CardReader) -> Screen {
    let named = |card: &Card| {
        let at = usize::from(card.header.index) - 1;
        let names = restoring.descriptor().map(|descriptor| descriptor.body().custodians.as_slice());
        let name = names.and_then(|names| names.get(at)).map(|name| name.as_str().to_owned());
        (card.header.index, name.unwrap_or_default())
    };
    let view = View::Cards {
        purpose: Purposes::Restore,
        accepted: restoring.accepted(),
        needed: restoring.needed().unwrap_or(0),
        card: reader.card().map(named),
    };
    let mut screen = Screen::of(view, &[Button::Cancel]);
    reader.dress(&mut screen, Button::Present);
    screen
}
