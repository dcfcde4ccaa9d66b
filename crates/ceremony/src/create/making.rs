//! Card by card, in private: a passphrase, the card, and the card read back.

use super::{Around, Create, Created, Finished, still};
use crate::{
    event::{Effect, Event, Kiosk, Sheet, Typed},
    reader::{CardReader, Took, empty},
    screen::{Button, Code, Field, FieldState, Notice, Screen, View},
};
use cloison_custody::{
    Birth, Passphrase,
    passphrase::{Proposal, Words, propose},
};
use cloison_protocol::{Card, CardWords, Language, Mode, WordList};
use rand_core::CryptoRng;

/// Cards being made.
pub(crate) struct Making {
    birth: Birth,
    at: At,
    shown: Vec<(u8, String)>,
}

enum At {
    Passphrase { first: Typed, second: Typed, proposed: Option<(Language, Proposal)> },
    Shown { card: Card, words: Option<Language> },
    ReadBack { card: Card, reader: CardReader },
}

impl At {
    fn asking() -> Self {
        Self::Passphrase { first: empty(), second: empty(), proposed: None }
    }
}

impl Making {
    pub(crate) fn new(birth: Birth) -> Self {
        Self { birth, at: At::asking(), shown: Vec::new() }
    }

    pub(crate) fn mode(&self) -> Mode {
        self.birth.mode()
    }

    pub(crate) fn into_shown(self) -> Vec<(u8, String)> {
        self.shown
    }

    pub(crate) fn proposal(&self) -> Option<&str> {
        match &self.at {
            At::Passphrase { proposed: Some((_, proposal)), .. } => Some(proposal.expose()),
            _ => None,
        }
    }

    pub(crate) fn handle(mut self: Box<Self>, event: Event, around: &mut Around<'_, impl CryptoRng>) -> Created {
        match (&mut self.at, event) {
            (At::Passphrase { first, .. }, Event::Type(Field::Passphrase, typed)) => *first = typed,
            (At::Passphrase { second, .. }, Event::Type(Field::PassphraseAgain, typed)) => *second = typed,
            (At::Passphrase { .. }, Event::Press(Button::Propose)) => self.propose(around.rng),
            (At::Passphrase { .. }, Event::Press(Button::MakeCard)) => {
                let notice = self.make(around.now);
                return still(Create::Card(self), notice);
            }
            (At::Shown { .. }, event) => return self.shown(&event, around),
            (At::ReadBack { card, .. }, Event::Press(Button::ShowAgain)) => self.at = At::Shown { card: *card, words: None },
            (At::ReadBack { .. }, Event::Press(Button::NewCard)) => self.at = At::asking(),
            (At::ReadBack { .. }, event) => return self.read_back(event, around.now),
            _ => {}
        }
        still(Create::Card(self), None)
    }

    /// Proposes words in the plan's first language, then in the next at every further press.
    fn propose(&mut self, rng: &mut impl CryptoRng) {
        let languages = self.birth.plan().body().languages.as_slice().to_vec();
        if let At::Passphrase { proposed, .. } = &mut self.at {
            let before = proposed.as_ref().map(|(language, _)| *language);
            if let Some(language) = following(&languages, before).or_else(|| languages.first().copied()) {
                *proposed = Some((language, propose(words(language), rng)));
            }
        }
    }

    fn make(&mut self, now: u64) -> Option<Notice> {
        let At::Passphrase { first, second, .. } = &self.at else { return None };
        let passphrase = match Passphrase::chosen(&first.0, &second.0) {
            Ok(passphrase) => passphrase,
            Err(error) => return Some(Notice::Passphrase(error)),
        };
        let custodian = self.birth.next().map(|(_, name)| name.to_owned()).unwrap_or_default();
        match self.birth.seal(&passphrase, now) {
            Ok(card) => {
                self.shown.push((card.header.index, custodian));
                self.at = At::Shown { card, words: None };
                None
            }
            Err(error) => Some(Notice::Birth(error)),
        }
    }

    fn shown(mut self: Box<Self>, event: &Event, around: &Around<'_, impl CryptoRng>) -> Created {
        let At::Shown { card, words } = &mut self.at else { return still(Create::Card(self), None) };
        let card = *card;
        match event {
            Event::Press(Button::ShowWords) => {
                let languages = self.birth.plan().body().languages.as_slice();
                *words = following(languages, *words);
            }
            Event::Press(Button::Print) if around.kiosk.printer => {
                let effect = Effect::Print(self.sheet(card, around.now));
                return Created::Still(Create::Card(self), None, vec![effect]);
            }
            Event::Printed => return still(Create::Card(self), Some(Notice::Printed)),
            Event::NotPrinted => return still(Create::Card(self), Some(Notice::NotPrinted)),
            Event::Press(Button::ReadBack) => self.at = At::ReadBack { card, reader: CardReader::new() },
            _ => {}
        }
        still(Create::Card(self), None)
    }

    fn sheet(&self, card: Card, now: u64) -> Sheet {
        let plan = self.birth.plan().body();
        let language = plan.languages.as_slice().first().copied().unwrap_or(Language::English);
        Sheet {
            card,
            custodian: self.custodian(),
            title: plan.title.as_str().to_owned(),
            vault: self.birth.vault(),
            made: now,
            words: CardWords::of(&card, WordList::from(language)).lines().to_vec(),
            language,
        }
    }

    fn custodian(&self) -> String {
        self.shown.last().map(|(_, name)| name.clone()).unwrap_or_default()
    }

    fn read_back(mut self: Box<Self>, event: Event, now: u64) -> Created {
        let At::ReadBack { reader, .. } = &mut self.at else { return still(Create::Card(self), None) };
        match reader.handle(event, Button::Verify, |_| Ok(())) {
            Took::Nothing => still(Create::Card(self), None),
            Took::Refused(notice) => still(Create::Card(self), Some(notice)),
            Took::Both(read, passphrase) => self.verify(&read, &passphrase, now),
        }
    }

    fn verify(mut self: Box<Self>, read: &Card, passphrase: &Passphrase, now: u64) -> Created {
        let index = read.header.index;
        if let Err(refusal) = self.birth.read_back(read, passphrase, now) {
            return still(Create::Card(self), Some(Notice::Card { index: Some(index), refusal }));
        }
        if self.birth.next().is_none() {
            return self.finish(now);
        }
        self.at = At::asking();
        still(Create::Card(self), Some(Notice::Proven(index)))
    }

    fn finish(self: Box<Self>, now: u64) -> Created {
        let Self { birth, shown, .. } = *self;
        let (title, mode) = (birth.plan().body().title.as_str().to_owned(), birth.mode());
        match birth.finish(now) {
            Ok(store) => Finished { store, title, mode, shown }.save(),
            Err(error) => Created::Stopped(shown, Some(Notice::Birth(error))),
        }
    }

    pub(crate) fn screen(&self, kiosk: &Kiosk) -> Screen {
        let plan = self.birth.plan().body();
        let cards = plan.cards();
        let (index, next) = self.birth.next().unwrap_or((cards, ""));
        match &self.at {
            At::Passphrase { first, second, proposed } => {
                let languages = plan.languages.as_slice().to_vec();
                let view = View::Passphrase { index, cards, custodian: next.to_owned(), languages };
                let mut screen = Screen::of(view, &[Button::MakeCard, Button::Propose, Button::Cancel]);
                screen.private = proposed.is_some();
                screen.fields =
                    vec![FieldState::secret(Field::Passphrase, &first.0), FieldState::secret(Field::PassphraseAgain, &second.0)];
                screen
            }
            At::Shown { card, words } => {
                let words = words.map(|language| CardWords::of(card, WordList::from(language)).lines().to_vec());
                let view = View::Card { index, cards, custodian: self.custodian(), words };
                let mut screen = Screen::of(view, &[Button::ReadBack, Button::ShowWords, Button::Cancel]);
                if kiosk.printer {
                    screen.buttons.insert(2, Button::Print);
                }
                screen.code = Some(Code::Card(card.encode()));
                screen
            }
            At::ReadBack { reader, .. } => {
                let view = View::ReadBack { index, cards, read: reader.card().is_some() };
                let mut screen = Screen::of(view, &[Button::ShowAgain, Button::NewCard, Button::Cancel]);
                reader.dress(&mut screen, Button::Verify);
                screen
            }
        }
    }
}

/// Gives the language after this one, the first after none, and none after the last.
fn following(languages: &[Language], present: Option<Language>) -> Option<Language> {
    match present {
        None => languages.first().copied(),
        Some(language) => languages.iter().skip_while(|known| **known != language).nth(1).copied(),
    }
}

fn words(language: Language) -> Words {
    match language {
        Language::French => Words::French,
        _ => Words::English,
    }
}
