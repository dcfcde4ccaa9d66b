//! What a ceremony is to make: written on a workstation, read by the kiosk, run there.
//!
//! A plan is not signed: what makes it the right one are the people in the room, who read it page
//! by page and compare its words. Its digest stands in the transcript.

use crate::{
    bounded::{Line, List},
    fingerprint::{Digest, Fingerprint, digest},
    key::{Algorithm, KeyRef, Usage, numbered},
    message::{Kind, MessageError},
    policy::{Limits, Policy, PolicyFault},
    wire,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

const LABEL: &[u8] = b"cloison/v1/plan";
/// The most cards that a vault may have.
pub const MAX_CARDS: u8 = 16;
/// The most people of a plan.
pub const MAX_PEOPLE: usize = 32;
/// The most keys of a plan.
pub const MAX_KEYS: usize = 16;

/// Says what a person does at a ceremony. Each has one role: knowledge is split, and so are duties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// Leads the ceremony and works the kiosk; holds no card.
    Administrator,
    /// Holds one card.
    Custodian,
    /// Watches, and signs the transcript; holds no card.
    Witness,
}
numbered!(Role, "a role", Administrator = 1 "administrator", Custodian = 2 "custodian", Witness = 3 "witness");

/// Names the language of cards and proposed passphrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}
numbered!(Language, "a language", English = 1 "en", French = 2 "fr");

/// One person of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name, as the transcript will have it.
    pub name: Line<64>,
    /// What they do.
    pub role: Role,
}

/// One key of a plan. Usage and algorithm are words, so that a kiosk that does not know one can
/// say which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedKey {
    /// What it is for, such as `age`.
    pub usage: Line<24>,
    /// Its algorithm, such as `mlkem1024p384`.
    pub algorithm: Line<24>,
    /// How it may be used.
    pub policy: Policy,
}

/// Everything in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanBody {
    /// The vault's title.
    pub title: Line<64>,
    /// Where the ceremony is held.
    pub place: Line<64>,
    /// Cards needed: k. Cards made are as many as there are custodians.
    pub threshold: u8,
    /// Who takes part, custodians in the order of their cards.
    pub people: List<Person, MAX_PEOPLE>,
    /// The keys wanted.
    pub keys: List<PlannedKey, MAX_KEYS>,
    /// The languages of cards and passphrases; the first is proposed first.
    pub languages: List<Language, 2>,
    /// How long the vault stays open.
    pub limits: Limits,
}

/// A plan that can be held.
///
/// # Invariants
/// [`PlanBody::faults`] is empty. It tells nothing of who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    body: PlanBody,
    bytes: Vec<u8>,
}

impl PlanBody {
    /// Lends the custodians, in the order of their cards.
    pub fn custodians(&self) -> impl Iterator<Item = &Line<64>> {
        self.people.as_slice().iter().filter(|person| person.role == Role::Custodian).map(|person| &person.name)
    }

    /// Gives the number of cards: n.
    #[must_use]
    pub fn cards(&self) -> u8 {
        u8::try_from(self.custodians().count()).unwrap_or(u8::MAX)
    }

    /// Gives the names of the keys, numbered from 0 among those of one usage and algorithm, with
    /// their policies. A key that is not known is left out; [`PlanBody::faults`] names it.
    #[must_use]
    pub fn key_refs(&self) -> Vec<(KeyRef, Policy)> {
        let mut refs: Vec<(KeyRef, Policy)> = Vec::new();
        for key in self.keys.as_slice() {
            let Some((usage, algorithm)) = key.known() else { continue };
            let same = refs.iter().filter(|(known, _)| known.usage == usage && known.algorithm == algorithm).count();
            let number = u16::try_from(same).unwrap_or(u16::MAX);
            refs.push((KeyRef { usage, algorithm, number }, key.policy.clone()));
        }
        refs
    }

    /// Finds everything that keeps this plan from being held, in the order in which it is written.
    #[must_use]
    pub fn faults(&self) -> Vec<PlanFault> {
        let mut faults = Vec::new();
        if self.title.as_str().trim().is_empty() {
            faults.push(PlanFault::NoTitle);
        }
        let cards = self.cards();
        if !(2..=cards).contains(&self.threshold) || cards > MAX_CARDS {
            faults.push(PlanFault::Threshold { threshold: self.threshold, cards, most: MAX_CARDS });
        }
        faults.extend(self.faults_of_people());
        faults.extend(self.faults_of_keys(cards));
        if self.languages.as_slice().is_empty() {
            faults.push(PlanFault::NoLanguage);
        }
        if !self.limits.possible() {
            faults.push(PlanFault::Limits);
        }
        faults
    }

    fn faults_of_people(&self) -> Vec<PlanFault> {
        let people = self.people.as_slice();
        let mut faults = Vec::new();
        for (second, person) in people.iter().enumerate() {
            if person.name.as_str().trim().is_empty() {
                faults.push(PlanFault::NoName { person: second + 1 });
                continue;
            }
            let name = folded(person.name.as_str());
            if let Some(first) = people[..second].iter().position(|other| folded(other.name.as_str()) == name) {
                faults.push(PlanFault::NameTaken { first: first + 1, second: second + 1 });
            }
        }
        faults
    }

    fn faults_of_keys(&self, cards: u8) -> Vec<PlanFault> {
        let keys = self.keys.as_slice();
        if keys.is_empty() {
            return vec![PlanFault::NoKeys];
        }
        let mut faults = Vec::new();
        for (key, number) in keys.iter().zip(1..) {
            match key.known() {
                None => faults.push(key.unknown(number)),
                Some((usage, _)) => {
                    let fault = key.policy.check(usage, self.threshold, cards).err();
                    faults.extend(fault.map(|fault| PlanFault::Policy { key: number, fault }));
                }
            }
        }
        faults
    }
}

impl PlannedKey {
    /// Gives usage and algorithm where this program can make such a key.
    fn known(&self) -> Option<(Usage, Algorithm)> {
        let pair = (Usage::named(self.usage.as_str())?, Algorithm::named(self.algorithm.as_str())?);
        let makes = [
            (Usage::Text, Algorithm::P384),
            (Usage::Digest, Algorithm::P384),
            (Usage::Age, Algorithm::MlKem1024P384),
            (Usage::Age, Algorithm::P384),
        ];
        makes.contains(&pair).then_some(pair)
    }

    fn unknown(&self, key: usize) -> PlanFault {
        let usable = |usage| matches!(usage, Usage::Text | Usage::Digest | Usage::Age);
        if Usage::named(self.usage.as_str()).is_some_and(usable) {
            PlanFault::UnknownAlgorithm { key }
        } else {
            PlanFault::UnknownUsage { key }
        }
    }
}

/// Folds a name so that two that look the same are the same.
#[must_use]
pub fn folded(name: &str) -> String {
    name.trim().nfkc().collect::<String>().to_lowercase()
}

impl Plan {
    /// Takes a plan that can be held.
    ///
    /// # Errors
    /// [`MessageError::Plan`] with the first fault.
    pub fn new(body: PlanBody) -> Result<Self, MessageError> {
        if let Some(fault) = body.faults().first() {
            return Err(MessageError::Plan(*fault));
        }
        let bytes = wire::encode(Kind::Plan, &body)?;
        Ok(Self { body, bytes })
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        Self::new(wire::decode(Kind::Plan, bytes)?)
    }

    /// Lends what it says.
    #[must_use]
    pub fn body(&self) -> &PlanBody {
        &self.body
    }

    /// Lends the bytes that cross the gap.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives SHA-384 over the label and the plan's bytes, which the transcript names.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest(&[LABEL, &self.bytes])
    }

    /// Gives the words to compare on both screens.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.digest())
    }
}

/// Says what keeps a plan from being held. People and keys are numbered from 1, as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanFault {
    /// No title.
    #[error("the plan has no title. Give one that the vault's users will recognise")]
    NoTitle,
    /// k and n do not fit.
    #[error(
        "{threshold} of {cards} cards is not possible. Name at least as many custodians as are needed, at least 2 needed, and at most {most}"
    )]
    Threshold {
        /// k.
        threshold: u8,
        /// n.
        cards: u8,
        /// The largest n.
        most: u8,
    },
    /// A person without a name.
    #[error("person {person} has no name. Write the name that the transcript is to have")]
    NoName {
        /// Which.
        person: usize,
    },
    /// A name twice.
    #[error("persons {first} and {second} have one name. One person has one role and one card; tell them apart")]
    NameTaken {
        /// The first with this name.
        first: usize,
        /// The second.
        second: usize,
    },
    /// No keys.
    #[error("the plan asks for no keys. Ask for at least one")]
    NoKeys,
    /// A usage that this program does not know.
    #[error(
        "key {key} is for something that this program does not know. Ask for `age`, `text` or `digest`, or update this program"
    )]
    UnknownUsage {
        /// Which.
        key: usize,
    },
    /// An algorithm that this program does not know for that usage.
    #[error(
        "key {key} has an algorithm that this program does not know for its usage. Ask for `p384`, or `mlkem1024p384` for `age`"
    )]
    UnknownAlgorithm {
        /// Which.
        key: usize,
    },
    /// A policy that cannot be.
    #[error("key {key}: {fault}")]
    Policy {
        /// Which.
        key: usize,
        /// Why.
        fault: PolicyFault,
    },
    /// No language.
    #[error("the plan names no language. Name `en`, `fr` or both")]
    NoLanguage,
    /// Time limits out of range.
    #[error("the time limits are not possible. Set 1 to 60 minutes idle, 1 to 720 minutes in all, and idle not above all")]
    Limits,
}
