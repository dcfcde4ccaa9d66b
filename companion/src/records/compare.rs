//! Whether a ceremony was held as its plan says.

use super::{
    ceremony::{Finding, people, plan_of},
    numbered,
};
use cloison_protocol::{Act, Plan, Transcript, folded};

/// Finds where a ceremony differs from a plan.
pub(crate) fn against(transcript: &Transcript, plan: &Plan) -> Vec<Finding> {
    if plan_of(transcript) != Some(plan.digest()) {
        return vec![Finding::OtherPlan];
    }
    let mut found: Vec<Finding> = uncalled(transcript, plan).collect();
    found.extend(numbered(transcript).filter_map(|(number, entry, _)| differs(number, &entry.what, transcript, plan)));
    found
}

fn uncalled(transcript: &Transcript, plan: &Plan) -> impl Iterator<Item = Finding> {
    let called: Vec<_> = people(transcript).into_iter().map(|(name, role, _)| (folded(name), role)).collect();
    let people = plan.body().people.as_slice().iter();
    people
        .filter(move |person| !called.contains(&(folded(person.name.as_str()), person.role)))
        .map(|person| Finding::NotCalled { name: person.name.as_str().to_owned() })
}

fn differs(entry: u64, act: &Act, transcript: &Transcript, plan: &Plan) -> Option<Finding> {
    let body = plan.body();
    match act {
        Act::Present { name, role } | Act::Absent { name, role } => {
            let same = |planned: &str| folded(planned) == folded(name.as_str());
            let planned = body.people.as_slice().iter().any(|person| same(person.name.as_str()) && person.role == *role);
            (!planned).then(|| Finding::NotInPlan { entry, name: name.as_str().to_owned() })
        }
        Act::Dealt { threshold, cards, .. } => {
            let as_planned = (*threshold, *cards) == (body.threshold, body.cards());
            (!as_planned || transcript.heading().whose.title != body.title).then_some(Finding::NotAsPlanned { entry })
        }
        Act::Shown { index, custodian } => {
            let planned = body.custodians().nth(usize::from(*index).checked_sub(1)?)?.as_str();
            let other = folded(planned) != folded(custodian.as_str());
            other.then(|| Finding::OtherHolder { entry, card: *index, planned: planned.to_owned() })
        }
        _ => None,
    }
}
