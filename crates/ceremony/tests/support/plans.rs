//! Plans, as the companion writes them.

use cloison_protocol::{
    Algorithm, KeyRef, Language, Limits, Person, Plan, PlanBody, PlannedKey, Policy, Role, Usage,
    bounded::{Line, List},
};

pub const AGE: KeyRef = KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 };
pub const CLASSICAL: KeyRef = KeyRef { usage: Usage::Age, algorithm: Algorithm::P384, number: 0 };
pub const TEXT: KeyRef = KeyRef { usage: Usage::Text, algorithm: Algorithm::P384, number: 0 };
pub const DIGEST: KeyRef = KeyRef { usage: Usage::Digest, algorithm: Algorithm::P384, number: 0 };

/// A plan with an administrator, a witness, and the usual keys.
pub fn planned(threshold: u8, custodians: &[&str]) -> PlanBody {
    let others = [("Odile", Role::Administrator), ("Wanda", Role::Witness)];
    let people = custodians.iter().map(|name| (*name, Role::Custodian)).chain(others);
    let people = people.map(|(name, role)| Person { name: Line::new(name).unwrap(), role }).collect();
    let keys = [AGE, CLASSICAL, TEXT, DIGEST].map(|key| PlannedKey {
        usage: Line::new(key.usage.label()).unwrap(),
        algorithm: Line::new(key.algorithm.label()).unwrap(),
        policy: Policy::usual(key.usage),
    });
    PlanBody {
        title: Line::new("Coffre d’essai").unwrap(),
        place: Line::new("Salle 3").unwrap(),
        threshold,
        people: List::new(people).unwrap(),
        keys: List::new(keys.to_vec()).unwrap(),
        languages: List::new(vec![Language::French, Language::English]).unwrap(),
        limits: Limits::default(),
    }
}

/// Changes the policy of one key of a plan.
pub fn with_policy(mut body: PlanBody, key: KeyRef, change: impl FnOnce(&mut Policy)) -> PlanBody {
    let mut keys = body.keys.as_slice().to_vec();
    let at = body.key_refs().iter().position(|(known, _)| *known == key).unwrap();
    change(&mut keys[at].policy);
    body.keys = List::new(keys).unwrap();
    body
}

pub fn held(body: PlanBody) -> Plan {
    Plan::new(body).unwrap_or_else(|error| panic!("{error}"))
}
