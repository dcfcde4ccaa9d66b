//! The minutes of a ceremony, which become its transcript.

use crate::entropy::{Contribution, Dice, Source};
use cloison_protocol::{Act, Ceremony, Chain, Digest, Entry, Plan, bounded::Line};

/// What happened so far.
#[derive(Clone, Default)]
pub struct Minutes(Chain<Act>);

/// What the kiosk says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name and version.
    pub name: Line<64>,
    /// The digest of the image that it booted from, where it knows it.
    pub image: Option<Digest>,
}

impl Minutes {
    /// Begins.
    #[must_use]
    pub fn begin(ceremony: Ceremony, plan: &Plan, program: &Program, now: u64) -> Option<Self> {
        let began = Act::Began { ceremony, plan: plan.digest(), program: program.name.clone(), image: program.image };
        Self::default().and(now, began)
    }

    /// Adds what happened.
    #[must_use]
    pub fn and(self, now: u64, act: Act) -> Option<Self> {
        self.0.and(now, act).map(Self)
    }

    /// Adds how much entropy came from where and who threw dice; never a value of it.
    #[must_use]
    pub fn with_entropy(self, now: u64, given: &[Contribution], dice: &Dice) -> Option<Self> {
        let sources = given.iter().filter(|one| one.source != Source::Dice);
        let sources = sources.map(|one| (name(one.source), "", one.amount, one.tested.map_or(0, |tested| tested.samples)));
        let thrown = dice.contributions().map(|(by, rolls)| ("dice", by, rolls, 0));
        sources.chain(thrown).try_fold(self, |minutes, (source, by, amount, tested)| {
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            let (source, by) = (Line::new(source).ok()?, Line::new(by).ok()?);
            minutes.and(now, Act::Entropy { source, by, amount: number(amount), tested: number(tested) })
        })
    }

    pub(crate) fn entries(&self) -> &[Entry<Act>] {
        self.0.entries()
    }
}

/// Names a source in a transcript.
fn name(source: Source) -> &'static str {
    match source {
        Source::Kernel => "kernel",
        Source::Jitter => "jitter",
        Source::Hardware => "hardware",
        Source::Camera => "camera",
        Source::Dice => "dice",
    }
}
