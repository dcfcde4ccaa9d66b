//! What the protocol says of people and keys by their numbers, said with their names and lines.

use super::fault::Faults;
use cloison_protocol::{PlanBody, PlanFault, PlannedKey, Policy, PolicyFault, Usage};

/// A person or a key as it was written.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    /// The byte at which it stands.
    pub(super) at: usize,
    /// What it is, such as `custodian 2`.
    pub(super) what: String,
    /// Its name.
    pub(super) name: String,
}

/// Where everything stands, and what of it could be read: what could not is named already, and not
/// blamed a second time for not fitting.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) title: Option<usize>,
    pub(super) need: Option<usize>,
    pub(super) languages: Option<usize>,
    pub(super) limits: Option<usize>,
    /// In the order of the plan's people.
    pub(super) people: Vec<Named>,
    /// In the order of the plan's keys.
    pub(super) keys: Vec<Named>,
    pub(super) title_is_read: bool,
    pub(super) cards_are_read: bool,
    pub(super) languages_are_read: bool,
    pub(super) limits_are_read: bool,
    pub(super) keys_are_read: bool,
}

impl Places {
    /// Adds all that keeps this plan from being held.
    pub(super) fn name_faults(&self, body: &PlanBody, faults: &mut Faults<'_>) {
        let found = body.faults();
        let possible = !found.iter().any(|fault| matches!(fault, PlanFault::Threshold { .. })) && self.cards_are_read;
        for fault in found {
            match fault {
                PlanFault::Policy { key, .. } => self.name_policy_faults(body, key, possible, faults),
                other => self.name_fault(body, other, faults),
            }
        }
    }

    fn name_fault(&self, body: &PlanBody, fault: PlanFault, faults: &mut Faults<'_>) {
        let mut put = |at: Option<usize>, told: String| match at {
            Some(at) => faults.at(at, told),
            None => faults.anywhere(told),
        };
        match fault {
            PlanFault::NoTitle if !self.title_is_read => {}
            PlanFault::Threshold { .. } if !self.cards_are_read => {}
            PlanFault::NoKeys if !self.keys_are_read => {}
            PlanFault::NoLanguage if !self.languages_are_read => {}
            PlanFault::Limits if !self.limits_are_read => {}
            PlanFault::NoTitle => put(self.title, fault.to_string()),
            PlanFault::Threshold { .. } => put(self.need, fault.to_string()),
            PlanFault::NoLanguage => put(self.languages, fault.to_string()),
            PlanFault::Limits => put(self.limits, fault.to_string()),
            PlanFault::NoName { person } => self.nameless(person, faults),
            PlanFault::NameTaken { first, second } => self.name_taken(first, second, faults),
            PlanFault::UnknownUsage { key } | PlanFault::UnknownAlgorithm { key } => self.unknown(body, key, fault, faults),
            other => put(None, other.to_string()),
        }
    }

    fn nameless(&self, person: usize, faults: &mut Faults<'_>) {
        let Some(person) = self.person(person) else { return };
        faults.at(person.at, format!("{} has no name. Write the name that the transcript is to have", person.what));
    }

    fn name_taken(&self, first: usize, second: usize, faults: &mut Faults<'_>) {
        let (Some(first), Some(second)) = (self.person(first), self.person(second)) else { return };
        let told = format!(
            "{} has the name of {}: '{}' and '{}' are one. One person has one role and one card; tell them apart",
            second.what, first.what, second.name, first.name
        );
        faults.at(second.at, told);
    }

    fn unknown(&self, body: &PlanBody, number: usize, fault: PlanFault, faults: &mut Faults<'_>) {
        let (Some(place), Some(key)) = (self.key(number), planned(body, number)) else { return };
        let (usage, algorithm) = (key.usage.as_str(), key.algorithm.as_str());
        // One without a purpose is named already.
        if usage.is_empty() {
            return;
        }
        let told = match fault {
            PlanFault::UnknownUsage { .. } => format!(
                "{} is for `{usage}`, which this program does not know. Ask for `age`, `text` or `digest`, or update this program",
                place.what
            ),
            _ => format!(
                "{} has the algorithm `{algorithm}`, which this program does not know for `{usage}`. Ask for `p384`, or for \
                 `mlkem1024p384` where it is for `age`",
                place.what
            ),
        };
        faults.at(place.at, told);
    }

    /// The protocol names the first fault of a policy; here all are.
    fn name_policy_faults(&self, body: &PlanBody, number: usize, possible: bool, faults: &mut Faults<'_>) {
        let (Some(place), Some(key)) = (self.key(number), planned(body, number)) else { return };
        let Some(usage) = Usage::named(key.usage.as_str()) else { return };
        for fault in all_of(&key.policy, usage, body.threshold, body.cards()) {
            // Where k of n is not possible, nothing that is compared with it is.
            if possible || !matches!(fault, PolicyFault::Approvals { .. }) {
                faults.at(place.at, format!("{} ({}): {fault}", place.what, place.name));
            }
        }
    }

    fn person(&self, number: usize) -> Option<&Named> {
        self.people.get(number.checked_sub(1)?)
    }

    fn key(&self, number: usize) -> Option<&Named> {
        self.keys.get(number.checked_sub(1)?)
    }
}

fn planned(body: &PlanBody, number: usize) -> Option<&PlannedKey> {
    body.keys.as_slice().get(number.checked_sub(1)?)
}

/// Finds every fault of a policy: each one is mended in turn, and the rest is checked again.
fn all_of(policy: &Policy, usage: Usage, threshold: u8, cards: u8) -> Vec<PolicyFault> {
    let (mut policy, mut found) = (policy.clone(), Vec::new());
    while let Err(fault) = policy.check(usage, threshold, cards) {
        if found.contains(&fault) {
            break;
        }
        found.push(fault);
        match fault {
            PolicyFault::Approvals { .. } | PolicyFault::ApprovalsOfASession => policy.approvals = 0,
            PolicyFault::Batch { .. } => policy.batch = 1,
            PolicyFault::QuotaBelowBatch { .. } => {
                (policy.per_session, policy.per_day, policy.total) = (u16::MAX, u16::MAX, u32::MAX);
            }
            PolicyFault::NotForRecords => (policy.view_only, policy.declared_only) = (false, false),
            _ => break,
        }
    }
    found
}
