//! The making of a vault: plan, entropy, then card by card in private, then the store.

use crate::{
    cards::empty,
    event::{Effect, EntropyInputs, Event, Typed},
    screen::{Button, Code, Field, FieldState, Notice, Screen, View},
};
use cloison_custody::{
    Birth, Passphrase, Plan,
    entropy::{Pool, Source, jitter_is_alive},
};
use cloison_protocol::{Card, Mode, PublicKeys, card::claimed_index};
use zeroize::Zeroizing;

/// Where the making stands.
pub(crate) enum Create {
    Plan { mode: Mode, title: String, threshold: String, cards: String },
    Entropy(Plan),
    Card(Box<Making>),
    Saving(Finished),
    Unsaved(Finished),
}

/// A vault whose cards are all proven, on its way to disk. The root is wiped; what is kept to try
/// again is public or sealed.
pub(crate) struct Finished {
    store: Vec<u8>,
    public: PublicKeys,
    shown: Vec<(u8, String)>,
}

/// A vault whose cards are being made.
pub(crate) struct Making {
    birth: Birth,
    at: At,
    shown: Vec<(u8, String)>,
}

enum At {
    Passphrase { custodian: String, first: Typed, second: Typed },
    Shown { card: Card },
    ReadBack { card: Card, read: Option<Card>, passphrase: Typed },
}

/// What comes of an event.
pub(crate) enum Created {
    Still(Create, Option<Notice>, Vec<Effect>),
    Made(PublicKeys),
    Stopped(Vec<(u8, String)>, Option<Notice>),
}

impl Create {
    pub(crate) fn new(mode: Mode) -> Self {
        Self::Plan { mode, title: String::new(), threshold: "3".to_owned(), cards: "5".to_owned() }
    }

    pub(crate) fn handle(self, event: Event, now: u64) -> Created {
        // While the store is being written, nobody can say that nothing was kept.
        if matches!(event, Event::Press(Button::Cancel)) && !matches!(self, Self::Saving(_)) {
            return Created::Stopped(self.shown(), None);
        }
        match self {
            Self::Plan { mode, title, threshold, cards } => plan(mode, title, threshold, cards, event),
            Self::Entropy(plan) => entropy(plan, event),
            Self::Card(making) => making.handle(event, now),
            Self::Saving(finished) => match event {
                Event::Saved => Created::Made(finished.public),
                Event::NotSaved => still(Self::Unsaved(finished), Some(Notice::NotSaved)),
                _ => still(Self::Saving(finished), None),
            },
            Self::Unsaved(finished) => match event {
                Event::Press(Button::TryAgain) => finished.save(),
                _ => still(Self::Unsaved(finished), None),
            },
        }
    }

    fn shown(self) -> Vec<(u8, String)> {
        match self {
            Self::Card(making) => making.shown,
            Self::Saving(finished) | Self::Unsaved(finished) => finished.shown,
            _ => Vec::new(),
        }
    }

    pub(crate) fn is_rehearsal(&self) -> bool {
        let mode = match self {
            Self::Plan { mode, .. } => *mode,
            Self::Entropy(plan) => plan.mode,
            Self::Card(making) => making.birth.plan().mode,
            Self::Saving(finished) | Self::Unsaved(finished) => finished.public.body().mode,
        };
        mode == Mode::Rehearsal
    }

    pub(crate) fn screen(&self) -> Screen {
        match self {
            Self::Plan { mode, title, threshold, cards } => {
                let mut screen = Screen::of(View::Plan(*mode), &[Button::Continue, Button::Cancel]);
                let fields = [(Field::Title, title), (Field::Threshold, threshold), (Field::Cards, cards)];
                screen.fields = fields.map(|(field, text)| FieldState::plain(field, text)).to_vec();
                screen
            }
            Self::Entropy(_) => Screen::of(View::Entropy, &[Button::Cancel]),
            Self::Card(making) => making.screen(),
            Self::Saving(_) => Screen::of(View::Saving, &[]),
            Self::Unsaved(_) => Screen::of(View::Unsaved, &[Button::TryAgain, Button::Cancel]),
        }
    }
}

impl Finished {
    fn save(self) -> Created {
        let effect = Effect::Save(self.store.clone());
        Created::Still(Create::Saving(self), None, vec![effect])
    }
}

fn still(create: Create, notice: Option<Notice>) -> Created {
    Created::Still(create, notice, Vec::new())
}

fn plan(mode: Mode, mut title: String, mut threshold: String, mut cards: String, event: Event) -> Created {
    match event {
        Event::Type(Field::Title, typed) => title.clone_from(&typed.0),
        Event::Type(Field::Threshold, typed) => threshold.clone_from(&typed.0),
        Event::Type(Field::Cards, typed) => cards.clone_from(&typed.0),
        Event::Press(Button::Continue) => match planned(mode, &title, &threshold, &cards) {
            Ok(plan) => return Created::Still(Create::Entropy(plan), None, vec![Effect::GatherEntropy]),
            Err(notice) => return still(Create::Plan { mode, title, threshold, cards }, Some(notice)),
        },
        _ => {}
    }
    still(Create::Plan { mode, title, threshold, cards }, None)
}

fn planned(mode: Mode, title: &str, threshold: &str, cards: &str) -> Result<Plan, Notice> {
    let number = |text: &str, field| text.trim().parse::<u8>().map_err(|_| Notice::NotANumber(field));
    let (threshold, cards) = (number(threshold, Field::Threshold)?, number(cards, Field::Cards)?);
    Plan::new(title, mode, threshold, cards).map_err(Notice::Birth)
}

fn entropy(plan: Plan, event: Event) -> Created {
    match event {
        Event::Entropy(inputs) => match born(plan, inputs) {
            Ok(birth) => still(Create::Card(Box::new(Making { birth, at: At::asking(), shown: Vec::new() })), None),
            Err(notice) => Created::Stopped(Vec::new(), Some(notice)),
        },
        Event::NoEntropy => Created::Stopped(Vec::new(), Some(Notice::NoEntropy)),
        _ => still(Create::Entropy(plan), None),
    }
}

fn born(plan: Plan, inputs: EntropyInputs) -> Result<Birth, Notice> {
    jitter_is_alive(&inputs.jitter).map_err(Notice::Entropy)?;
    let mut pool = Pool::new();
    pool.add(Source::Kernel, &inputs.kernel);
    // One allocation, so that no copy is left behind by growing.
    let mut samples = Zeroizing::new(Vec::with_capacity(inputs.jitter.len() * 8));
    inputs.jitter.iter().for_each(|sample| samples.extend(sample.to_be_bytes()));
    pool.add(Source::Jitter, &samples);
    let (root, rng) = pool.finish(&inputs.fresh).map_err(Notice::Entropy)?;
    Birth::new(plan, root, rng).map_err(Notice::Birth)
}

impl At {
    fn asking() -> Self {
        Self::Passphrase { custodian: String::new(), first: empty(), second: empty() }
    }
}

impl Making {
    fn handle(mut self, event: Event, now: u64) -> Created {
        let notice = match (&mut self.at, event) {
            (At::Passphrase { custodian, .. }, Event::Type(Field::Custodian, typed)) => {
                custodian.clone_from(&typed.0);
                None
            }
            (At::Passphrase { first, .. }, Event::Type(Field::Passphrase, typed)) => {
                *first = typed;
                None
            }
            (At::Passphrase { second, .. }, Event::Type(Field::PassphraseAgain, typed)) => {
                *second = typed;
                None
            }
            (At::Passphrase { .. }, Event::Press(Button::MakeCard)) => self.make(),
            (At::Shown { card }, Event::Press(Button::ReadBack)) => {
                self.at = At::ReadBack { card: *card, read: None, passphrase: empty() };
                None
            }
            (At::ReadBack { card, .. }, Event::Press(Button::ShowAgain)) => {
                self.at = At::Shown { card: *card };
                None
            }
            (At::ReadBack { .. }, Event::Press(Button::NewCard)) => {
                self.at = At::asking();
                None
            }
            (At::ReadBack { read, .. }, Event::Code(bytes)) => match Card::decode(&bytes) {
                Ok(card) => {
                    *read = Some(card);
                    None
                }
                Err(error) => Some(Notice::Card { index: claimed_index(&bytes), refusal: error.into() }),
            },
            (At::ReadBack { passphrase, .. }, Event::Type(Field::Passphrase, typed)) => {
                *passphrase = typed;
                None
            }
            (At::ReadBack { .. }, Event::Press(Button::Verify)) => return self.verify(now),
            _ => None,
        };
        still(Create::Card(Box::new(self)), notice)
    }

    fn make(&mut self) -> Option<Notice> {
        let At::Passphrase { custodian, first, second } = &self.at else { return None };
        let passphrase = match Passphrase::chosen(&first.0, &second.0) {
            Ok(passphrase) => passphrase,
            Err(error) => return Some(Notice::Passphrase(error)),
        };
        match self.birth.seal(custodian, &passphrase) {
            Ok(card) => {
                self.shown.push((card.header.index, custodian.trim().to_owned()));
                self.at = At::Shown { card };
                None
            }
            Err(error) => Some(Notice::Birth(error)),
        }
    }

    fn verify(mut self, now: u64) -> Created {
        let At::ReadBack { read, passphrase, .. } = &mut self.at else { return still(Create::Card(Box::new(self)), None) };
        let Some(read) = *read else { return still(Create::Card(Box::new(self)), None) };
        let index = Some(read.header.index);
        let typed = Passphrase::typed(&std::mem::replace(passphrase, empty()).0);
        let result = match typed {
            Ok(passphrase) => self.birth.read_back(&read, &passphrase).map_err(|refusal| Notice::Card { index, refusal }),
            Err(error) => Err(Notice::Passphrase(error)),
        };
        match result {
            Err(notice) => still(Create::Card(Box::new(self)), Some(notice)),
            Ok(()) if self.birth.next().is_none() => self.finish(now),
            Ok(()) => {
                self.at = At::asking();
                still(Create::Card(Box::new(self)), Some(Notice::Proven(read.header.index)))
            }
        }
    }

    fn finish(self, now: u64) -> Created {
        match self.birth.finish(now) {
            Ok((store, public)) => Finished { store, public, shown: self.shown }.save(),
            Err(error) => Created::Stopped(self.shown, Some(Notice::Birth(error))),
        }
    }

    fn screen(&self) -> Screen {
        let cards = self.birth.plan().cards;
        let index = self.birth.next().unwrap_or(cards);
        match &self.at {
            At::Passphrase { custodian, first, second } => {
                let mut screen = Screen::of(View::Passphrase { index, cards }, &[Button::MakeCard, Button::Cancel]);
                screen.fields = vec![
                    FieldState::plain(Field::Custodian, custodian),
                    FieldState::secret(Field::Passphrase, &first.0),
                    FieldState::secret(Field::PassphraseAgain, &second.0),
                ];
                screen
            }
            At::Shown { card } => {
                let custodian = self.shown.last().map(|(_, name)| name.clone()).unwrap_or_default();
                let mut screen = Screen::of(View::Card { index, cards, custodian }, &[Button::ReadBack, Button::Cancel]);
                screen.code = Some(Code::Card(card.encode()));
                screen
            }
            At::ReadBack { read, passphrase, .. } => {
                let view = View::ReadBack { index, cards, read: read.is_some() };
                let mut screen = Screen::of(view, &[Button::ShowAgain, Button::NewCard, Button::Cancel]);
                screen.camera = true;
                if read.is_some() {
                    screen.buttons.insert(0, Button::Verify);
                    screen.fields.push(FieldState::secret(Field::Passphrase, &passphrase.0));
                }
                screen
            }
        }
    }
}
