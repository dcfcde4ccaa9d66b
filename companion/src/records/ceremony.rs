//! Whether a transcript is that of a whole ceremony: everything there, and in its order.
//!
//! Right links tell that nobody changed what the kiosk wrote. They do not tell that the kiosk did
//! all that a ceremony is for; that is read here from the acts themselves.

use super::numbered;
use cloison_protocol::{Act, Digest, Heading, MAX_CARDS, Role, Transcript, VaultId, folded};
use std::collections::{BTreeMap, BTreeSet};

/// A source without which nothing is dealt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The kernel's generator.
    Kernel,
    /// The timing jitter of the processor.
    Jitter,
}

/// Something that a whole ceremony has, in the order in which it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// It began.
    Began,
    /// The primitives were tested.
    SelfTested,
    /// Somebody was called and is here.
    People,
    /// Entropy came from a source that must be there.
    Entropy(Source),
    /// The root was dealt.
    Dealt,
    /// A card was shown.
    Shown(u8),
    /// A card was read back since it was shown last.
    ReadBack(u8),
    /// The store was written.
    Stored,
    /// The drill began.
    DrillBegan,
    /// A card was presented at the drill.
    Drilled(u8),
    /// All cards were proven to belong together.
    Proven,
    /// The drilled keys were compared with those that were made.
    KeysCompared,
    /// The keys serve.
    Activated,
}

/// One thing that is wrong with a ceremony. Entries are numbered as the transcript numbers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The beginning of the chain is not here.
    Stretch { first: u64 },
    /// It is not there.
    Missing(Mark),
    /// An entry stands before something that it needs.
    Early { entry: u64, needs: Mark },
    /// An entry repeats what was done already.
    Again { entry: u64 },
    /// A card was shown when the store was written already.
    ShownLate { entry: u64, card: u8 },
    /// An entry follows the activation.
    AfterTheEnd { entry: u64 },
    /// Another vault was dealt than the one that signed.
    OtherVault { entry: u64 },
    /// No vault is dealt so.
    ImpossibleDeal { entry: u64, threshold: u8, cards: u8 },
    /// No card with this index was dealt.
    NoSuchCard { entry: u64, card: u8 },
    /// A card was shown to somebody who was not called as a custodian and present.
    Stranger { entry: u64, card: u8, name: String },
    /// One person was called in two roles.
    TwoRoles { entry: u64, name: String },
    /// One person was shown two cards.
    TwoCards { entry: u64, name: String, cards: [u8; 2] },
    /// One card was shown to two people.
    TwoHolders { entry: u64, card: u8, names: [String; 2] },
    /// The self-test compared nothing, or no key was compared.
    Nothing { entry: u64 },
    /// Jitter was taken without its health tests.
    Untested { entry: u64 },
    /// The proof covers other cards, or another number of choices, than were dealt.
    OtherProof { entry: u64, cards: u8, subsets: u32, expected: Option<u32> },
    /// The ceremony was held by another plan than the one that was given.
    OtherPlan,
    /// The plan has another title, k or n.
    NotAsPlanned { entry: u64 },
    /// Somebody of the plan was never called.
    NotCalled { name: String },
    /// Somebody was called whom the plan does not have in that role.
    NotInPlan { entry: u64, name: String },
    /// A card was shown to another custodian than the plan says.
    OtherHolder { entry: u64, card: u8, planned: String },
}

/// Finds everything that keeps a transcript from being that of a whole ceremony.
pub(crate) fn findings(transcript: &Transcript) -> Vec<Finding> {
    let mut watch = Watch::of(transcript.heading());
    for (number, entry, _) in numbered(transcript) {
        watch.follow(number, &entry.what);
    }
    watch.findings()
}

/// Gives the digest of the plan by which a ceremony was held, where it says.
pub(crate) fn plan_of(transcript: &Transcript) -> Option<Digest> {
    transcript.entries().iter().find_map(|entry| match entry.what {
        Act::Began { plan, .. } => Some(plan),
        _ => None,
    })
}

/// Gives everybody who was called, with their role and whether they came, in the order of the calls.
pub(crate) fn people(transcript: &Transcript) -> Vec<(&str, Role, bool)> {
    let mut people: Vec<(&str, Role, bool)> = Vec::new();
    for entry in transcript.entries() {
        let (name, called, here) = match &entry.what {
            Act::Present { name, role } => (name.as_str(), *role, true),
            Act::Absent { name, role } => (name.as_str(), *role, false),
            _ => continue,
        };
        match people.iter_mut().find(|(known, role, _)| folded(known) == folded(name) && *role == called) {
            Some((.., came)) => *came |= here,
            None => people.push((name, called, here)),
        }
    }
    people
}

/// What was done so far.
struct Watch {
    vault: VaultId,
    cards: Option<(u8, u8)>,
    done: BTreeSet<Mark>,
    early: BTreeMap<Mark, u64>,
    roles: BTreeSet<(String, Role)>,
    holders: BTreeMap<u8, String>,
    found: Vec<Finding>,
}

impl Watch {
    fn of(heading: &Heading) -> Self {
        let found = if heading.first == 1 { Vec::new() } else { vec![Finding::Stretch { first: heading.first }] };
        Self {
            vault: heading.whose.vault,
            cards: None,
            done: BTreeSet::new(),
            early: BTreeMap::new(),
            roles: BTreeSet::new(),
            holders: BTreeMap::new(),
            found,
        }
    }

    fn follow(&mut self, entry: u64, act: &Act) {
        if self.done.contains(&Mark::Activated) {
            return self.found.push(Finding::AfterTheEnd { entry });
        }
        if self.done.is_empty() && !matches!(act, Act::Began { .. }) {
            self.early.entry(Mark::Began).or_insert(entry);
        }
        self.look_at(entry, act);
        let Some(mark) = self.mark(entry, act) else { return };
        for needs in self.needed(mark) {
            if !self.done.contains(&needs) {
                self.early.entry(needs).or_insert(entry);
            }
        }
        self.forget(mark);
        if !self.done.insert(mark) && !matches!(mark, Mark::People | Mark::Entropy(_) | Mark::Shown(_)) {
            self.found.push(Finding::Again { entry });
        }
    }

    /// Looks at what an act says of itself.
    fn look_at(&mut self, entry: u64, act: &Act) {
        match act {
            Act::Present { name, role } => self.welcome(entry, name.as_str(), *role),
            Act::SelfTested { answers: 0 } | Act::KeysCompared { keys: 0, .. } => self.found.push(Finding::Nothing { entry }),
            Act::Entropy { source, tested: 0, .. } if source.as_str() == "jitter" => {
                self.found.push(Finding::Untested { entry });
            }
            Act::Dealt { vault, threshold, cards, .. } => self.deal(entry, *vault, *threshold, *cards),
            Act::Shown { index, custodian } => self.hand_over(entry, *index, custodian.as_str()),
            Act::Proven { cards, subsets } => self.prove(entry, *cards, *subsets),
            _ => {}
        }
    }

    fn welcome(&mut self, entry: u64, name: &str, role: Role) {
        let person = folded(name);
        if self.roles.iter().any(|(known, other)| *known == person && *other != role) {
            self.found.push(Finding::TwoRoles { entry, name: name.to_owned() });
        }
        self.roles.insert((person, role));
    }

    fn deal(&mut self, entry: u64, vault: VaultId, threshold: u8, cards: u8) {
        if vault != self.vault {
            self.found.push(Finding::OtherVault { entry });
        }
        if !(2..=cards).contains(&threshold) || cards > MAX_CARDS {
            return self.found.push(Finding::ImpossibleDeal { entry, threshold, cards });
        }
        self.cards.get_or_insert((threshold, cards));
    }

    fn hand_over(&mut self, entry: u64, card: u8, name: &str) {
        let holder = folded(name);
        if !self.roles.contains(&(holder.clone(), Role::Custodian)) {
            self.found.push(Finding::Stranger { entry, card, name: name.to_owned() });
        }
        if let Some((other, _)) = self.holders.iter().find(|(other, known)| **other != card && folded(known) == holder) {
            self.found.push(Finding::TwoCards { entry, name: name.to_owned(), cards: [*other, card] });
        }
        match self.holders.get(&card) {
            Some(known) if folded(known) != holder => {
                self.found.push(Finding::TwoHolders { entry, card, names: [known.clone(), name.to_owned()] });
            }
            Some(_) => {}
            None => drop(self.holders.insert(card, name.to_owned())),
        }
        if self.done.contains(&Mark::Stored) {
            self.found.push(Finding::ShownLate { entry, card });
        }
    }

    fn prove(&mut self, entry: u64, proven: u8, subsets: u32) {
        let Some((threshold, cards)) = self.cards else { return };
        let expected = choices(cards, threshold);
        if proven != cards || Some(subsets) != expected {
            self.found.push(Finding::OtherProof { entry, cards: proven, subsets, expected });
        }
    }

    /// Gives what an act does for the whole, where it does something.
    fn mark(&mut self, entry: u64, act: &Act) -> Option<Mark> {
        let mark = match act {
            Act::Began { .. } => Mark::Began,
            Act::SelfTested { .. } => Mark::SelfTested,
            Act::Present { .. } => Mark::People,
            Act::Entropy { source, amount, .. } => Mark::Entropy(source_named(source.as_str()).filter(|_| *amount > 0)?),
            Act::Dealt { .. } => Mark::Dealt,
            Act::Shown { index, .. } => Mark::Shown(self.dealt(entry, *index)?),
            Act::ReadBack { index } => Mark::ReadBack(self.dealt(entry, *index)?),
            Act::Stored => Mark::Stored,
            Act::DrillBegan => Mark::DrillBegan,
            Act::Drilled { index } => Mark::Drilled(self.dealt(entry, *index)?),
            Act::Proven { .. } => Mark::Proven,
            Act::KeysCompared { .. } => Mark::KeysCompared,
            Act::Activated { .. } => Mark::Activated,
            _ => return None,
        };
        Some(mark)
    }

    fn dealt(&mut self, entry: u64, card: u8) -> Option<u8> {
        match self.cards {
            Some((_, cards)) if !(1..=cards).contains(&card) => {
                self.found.push(Finding::NoSuchCard { entry, card });
                None
            }
            _ => Some(card),
        }
    }

    fn indices(&self) -> impl Iterator<Item = u8> + use<> {
        1..=self.cards.map_or(0, |(_, cards)| cards)
    }

    /// Lists what must be done before.
    fn needed(&self, mark: Mark) -> Vec<Mark> {
        match mark {
            Mark::Began | Mark::SelfTested | Mark::People | Mark::Entropy(_) => vec![],
            Mark::Dealt => vec![Mark::SelfTested, Mark::People, Mark::Entropy(Source::Kernel), Mark::Entropy(Source::Jitter)],
            Mark::Shown(_) => vec![Mark::Dealt],
            Mark::ReadBack(card) => vec![Mark::Shown(card)],
            Mark::Stored => [Mark::Dealt].into_iter().chain(self.indices().map(Mark::ReadBack)).collect(),
            Mark::DrillBegan => vec![Mark::Stored],
            Mark::Drilled(_) => vec![Mark::DrillBegan],
            Mark::Proven => [Mark::DrillBegan].into_iter().chain(self.indices().map(Mark::Drilled)).collect(),
            Mark::KeysCompared => vec![Mark::Proven],
            Mark::Activated => vec![Mark::KeysCompared],
        }
    }

    /// Forgets what must be done again: a card shown anew is read back anew, and a drill that was
    /// cut off begins with nothing.
    fn forget(&mut self, mark: Mark) {
        match mark {
            Mark::Shown(card) => drop(self.done.remove(&Mark::ReadBack(card))),
            Mark::DrillBegan => self.done.retain(|done| *done < Mark::DrillBegan),
            _ => {}
        }
    }

    fn findings(mut self) -> Vec<Finding> {
        let late = self.early.iter().filter(|(needs, _)| self.done.contains(needs));
        let mut early: Vec<Finding> = late.map(|(needs, entry)| Finding::Early { entry: *entry, needs: *needs }).collect();
        self.found.append(&mut early);
        let missing: Vec<Mark> = self.whole().into_iter().filter(|mark| !self.done.contains(mark)).collect();
        self.found.extend(missing.into_iter().map(Finding::Missing));
        self.found
    }

    /// Lists what a whole ceremony has; what cannot be there without another thing that is missing
    /// is left out, so that one cause is told once.
    fn whole(&self) -> Vec<Mark> {
        let fixed = [Mark::Began, Mark::SelfTested, Mark::People, Mark::Dealt, Mark::Stored, Mark::DrillBegan, Mark::Proven];
        let mut whole: BTreeSet<Mark> = fixed.into_iter().chain([Mark::KeysCompared, Mark::Activated]).collect();
        whole.extend([Source::Kernel, Source::Jitter].map(Mark::Entropy));
        for card in self.indices() {
            whole.insert(Mark::Shown(card));
            whole.extend(self.done.contains(&Mark::Shown(card)).then_some(Mark::ReadBack(card)));
            whole.extend(self.done.contains(&Mark::DrillBegan).then_some(Mark::Drilled(card)));
        }
        whole.into_iter().collect()
    }
}

fn source_named(name: &str) -> Option<Source> {
    match name {
        "kernel" => Some(Source::Kernel),
        "jitter" => Some(Source::Jitter),
        _ => None,
    }
}

/// Gives the number of choices of k among n.
fn choices(n: u8, k: u8) -> Option<u32> {
    (0..u32::from(k)).try_fold(1u32, |product, i| Some(product.checked_mul(u32::from(n).checked_sub(i)?)? / (i + 1)))
}
