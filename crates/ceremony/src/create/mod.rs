//! Cards dealt: for a new vault, or for a vault's root anew. A plan read or typed, its pages, the
//! roll-call, dice, then card by card in private, then the store.

mod form;
mod making;
mod pages;
mod roll;

use crate::{
    event::{Effect, EntropyInputs, Event, Kiosk, Typed},
    flow::{Flow, Made, Stopped},
    reader::empty,
    screen::{Button, Field, FieldState, Notice, Screen, View},
};
use cloison_custody::{
    Birth, Minutes, Open, Quorum,
    entropy::{Dice, Pool, Source},
};
use cloison_protocol::{Ceremony, Mode, Plan, bounded::Line};
use form::Form;
use making::Making;
use pages::Pages;
use rand_core::CryptoRng;
use roll::RollCall;

/// Where the dealing stands.
pub(crate) enum Create {
    Form(Form),
    Pages(Pages),
    RollCall(RollCall),
    Dice(Box<Ready>, Throw),
    Gathering(Box<Ready>),
    Card(Box<Making>),
    Saving(Finished),
    Unsaved(Finished),
}

/// What a ceremony is held for.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) ceremony: Ceremony,
    pub(crate) mode: Mode,
}

/// A plan whose people are here.
pub(crate) struct Ready {
    pub(crate) setup: Setup,
    pub(crate) plan: Plan,
    pub(crate) minutes: Minutes,
    /// Of the old cards, where a vault's root is dealt anew.
    pub(crate) quorum: Option<Quorum>,
    dice: Dice,
}

/// Rolls being typed.
pub(crate) struct Throw {
    contributor: String,
    rolls: Typed,
}

/// Cards that are all proven, on their way to disk. The root is wiped; what is kept to try again
/// is public or sealed.
pub(crate) struct Finished {
    store: Vec<u8>,
    title: String,
    mode: Mode,
    shown: Vec<(u8, String)>,
}

/// What comes of an event.
pub(crate) enum Created {
    Still(Create, Option<Notice>, Vec<Effect>),
    /// The old cards are to be presented before their root is dealt anew.
    Quorum(Box<Ready>),
    Made(Made),
    Stopped(Vec<(u8, String)>, Option<Notice>),
}

/// What a step is given from outside.
pub(crate) struct Around<'a, R> {
    pub(crate) now: u64,
    pub(crate) rng: &'a mut R,
    pub(crate) kiosk: &'a Kiosk,
    pub(crate) vault: Option<&'a Open>,
}

impl Create {
    /// Starts with a form to type a plan into.
    pub(crate) fn typed(setup: Setup) -> Self {
        Self::Form(Form::new(setup))
    }

    /// Starts with a plan that was read.
    pub(crate) fn planned(setup: Setup, plan: Plan) -> Self {
        Self::Pages(Pages::new(setup, plan))
    }

    /// Goes on with the quorum of the old cards.
    pub(crate) fn with_quorum(mut ready: Box<Ready>, quorum: Quorum) -> Self {
        ready.quorum = Some(quorum);
        Self::Dice(ready, Throw::new())
    }

    pub(crate) fn handle(self, event: Event, around: &mut Around<'_, impl CryptoRng>) -> Created {
        // While the store is being written, nobody can say that nothing was kept.
        if matches!(event, Event::Press(Button::Cancel)) && !matches!(self, Self::Saving(_)) {
            return Created::Stopped(self.shown(), None);
        }
        match self {
            Self::Form(form) => form.handle(event),
            Self::Pages(pages) => pages.handle(&event, around),
            Self::RollCall(call) => call.handle(&event, around.now),
            Self::Dice(ready, throw) => dice(ready, throw, event),
            Self::Gathering(ready) => gathered(ready, event, around),
            Self::Card(making) => making.handle(event, around),
            Self::Saving(finished) => match event {
                Event::Saved => finished.made(),
                Event::NotSaved => still(Self::Unsaved(finished), Some(Notice::NotSaved)),
                _ => still(Self::Saving(finished), None),
            },
            Self::Unsaved(finished) => match event {
                Event::Press(Button::TryAgain) => finished.save(),
                _ => still(Self::Unsaved(finished), None),
            },
        }
    }

    /// Gives what is left when the session ends: a store on its way to disk, or cards to destroy.
    pub(crate) fn sealed(self) -> Flow {
        let rehearsal = self.is_rehearsal();
        match self {
            Self::Saving(_) => Flow::Create(self),
            create => match create.shown() {
                cards if cards.is_empty() => Flow::Ended,
                cards => Flow::Stopped(Stopped { cards, rehearsal }),
            },
        }
    }

    fn shown(self) -> Vec<(u8, String)> {
        match self {
            Self::Card(making) => making.into_shown(),
            Self::Saving(finished) | Self::Unsaved(finished) => finished.shown,
            _ => Vec::new(),
        }
    }

    pub(crate) fn is_rehearsal(&self) -> bool {
        let mode = match self {
            Self::Form(form) => form.setup().mode,
            Self::Pages(pages) => pages.setup().mode,
            Self::RollCall(call) => call.setup().mode,
            Self::Dice(ready, _) | Self::Gathering(ready) => ready.setup.mode,
            Self::Card(making) => making.mode(),
            Self::Saving(finished) | Self::Unsaved(finished) => finished.mode,
        };
        mode == Mode::Rehearsal
    }

    /// Lends what only the custodian before the screen may see.
    pub(crate) fn private(&self) -> Option<&str> {
        match self {
            Self::Card(making) => making.proposal(),
            _ => None,
        }
    }

    pub(crate) fn screen(&self, kiosk: &Kiosk) -> Screen {
        match self {
            Self::Form(form) => form.screen(),
            Self::Pages(pages) => pages.screen(),
            Self::RollCall(call) => call.screen(),
            Self::Dice(ready, throw) => dice_screen(ready, throw),
            Self::Gathering(_) => Screen::of(View::Entropy, &[Button::Cancel]),
            Self::Card(making) => making.screen(kiosk),
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

    fn made(self) -> Created {
        let cards = self.shown.iter().map(|(index, _)| *index).max().unwrap_or(0);
        Created::Made(Made { title: self.title, cards, mode: self.mode })
    }
}

fn still(create: Create, notice: Option<Notice>) -> Created {
    Created::Still(create, notice, Vec::new())
}

impl Throw {
    fn new() -> Self {
        Self { contributor: String::new(), rolls: empty() }
    }
}

fn dice(mut ready: Box<Ready>, mut throw: Throw, event: Event) -> Created {
    let notice = match event {
        Event::Type(Field::Contributor, typed) => {
            throw.contributor.clone_from(&typed.0);
            None
        }
        Event::Type(Field::Rolls, typed) => {
            throw.rolls = typed;
            None
        }
        Event::Press(Button::AddRolls) => Some(thrown(&mut ready, &mut throw)),
        Event::Press(Button::Continue) => match ready.dice.total() {
            0 => return Created::Still(Create::Gathering(ready), None, vec![Effect::GatherEntropy]),
            _ => match ready.dice.check() {
                Ok(()) => return Created::Still(Create::Gathering(ready), None, vec![Effect::GatherEntropy]),
                Err(error) => Some(Notice::Dice(error)),
            },
        },
        _ => None,
    };
    still(Create::Dice(ready, throw), notice)
}

fn thrown(ready: &mut Ready, throw: &mut Throw) -> Notice {
    let rolls = std::mem::replace(&mut throw.rolls, empty());
    // As the transcript will have it.
    let by = match Line::<64>::new(throw.contributor.trim()) {
        Ok(by) => by,
        Err(error) => return Notice::Birth(error.into()),
    };
    match ready.dice.add(by.as_str(), &rolls.0) {
        Ok(count) => {
            throw.contributor.clear();
            Notice::Rolled(by.as_str().to_owned(), count)
        }
        Err(error) => Notice::Dice(error),
    }
}

fn dice_screen(ready: &Ready, throw: &Throw) -> Screen {
    let view = View::Dice { rolls: ready.dice.total(), needed: Dice::NEEDED };
    let mut screen = Screen::of(view, &[Button::AddRolls, Button::Continue, Button::Cancel]);
    screen.fields =
        vec![FieldState::plain(Field::Contributor, &throw.contributor), FieldState::secret(Field::Rolls, &throw.rolls.0)];
    screen
}

fn gathered(ready: Box<Ready>, event: Event, around: &mut Around<'_, impl CryptoRng>) -> Created {
    match event {
        Event::Entropy(inputs) => match born(*ready, &inputs, around) {
            Ok(birth) => still(Create::Card(Box::new(Making::new(birth))), None),
            Err(notice) => Created::Stopped(Vec::new(), Some(notice)),
        },
        Event::NoEntropy => Created::Stopped(Vec::new(), Some(Notice::NoEntropy)),
        _ => still(Create::Gathering(ready), None),
    }
}

fn born(ready: Ready, inputs: &EntropyInputs, around: &Around<'_, impl CryptoRng>) -> Result<Birth, Notice> {
    let mut pool = Pool::new();
    pool.add(Source::Kernel, &inputs.kernel);
    pool.jitter(&inputs.jitter).map_err(Notice::Entropy)?;
    if !inputs.hardware.is_empty() {
        pool.hardware(&inputs.hardware).map_err(Notice::Entropy)?;
    }
    if !inputs.camera.is_empty() {
        pool.camera(&inputs.camera).map_err(Notice::Entropy)?;
    }
    if ready.dice.total() > 0 {
        pool.dice(&ready.dice).map_err(Notice::Dice)?;
    }
    let given = pool.given();
    let (root, rng) = pool.finish(&inputs.fresh).map_err(Notice::Entropy)?;
    let minutes = ready.minutes.with_entropy(around.now, &given, &ready.dice);
    let minutes = minutes.ok_or(Notice::Birth(cloison_custody::BirthError::Broken))?;
    match (ready.setup.ceremony, ready.quorum, around.vault) {
        (Ceremony::Creation, ..) => Birth::new(ready.plan, ready.setup.mode, root, rng, minutes, around.now),
        // The fresh root is dropped: its generator deals the vault's own.
        (_, Some(quorum), Some(vault)) => Birth::anew(ready.plan, vault, quorum, rng, minutes, around.now),
        _ => return Err(Notice::BrokenQuorum),
    }
    .map_err(Notice::Birth)
}
