//! Plans that cannot be held: each is refused with the name of what is wrong, never as malformed.

use crate::bodies::{line, plan, raw};
use cloison_protocol::{
    Algorithm, KeyRef, Kind, Language, Limits, MAX_CARDS, Message, MessageError, Person, Plan, PlanBody, PlanFault, PlannedKey,
    Policy, PolicyFault, Role, Usage,
    bounded::{Line, List},
    folded,
};

fn refused(body: &PlanBody, fault: PlanFault) {
    assert_eq!(body.faults(), [fault], "it is the only fault");
    assert_eq!(Plan::new(body.clone()), Err(MessageError::Plan(fault)));
    assert_eq!(Message::decode(&raw(1, body)), Err(MessageError::Plan(fault)), "it is named where a plan is read, too");
}

fn people(roles: &[Role]) -> List<Person, 32> {
    let named = roles.iter().enumerate().map(|(at, role)| Person { name: line(&format!("Person {at}")), role: *role });
    List::new(named.collect()).unwrap()
}

fn one_key(usage: &str, algorithm: &str, policy: Policy) -> List<PlannedKey, 16> {
    List::new(vec![PlannedKey { usage: line(usage), algorithm: line(algorithm), policy }]).unwrap()
}

fn named(names: &[&str]) -> PlanBody {
    let people = names.iter().map(|name| Person { name: line(name), role: Role::Custodian }).collect();
    PlanBody { people: List::new(people).unwrap(), ..plan() }
}

#[test]
fn a_plan_without_a_title_is_refused() {
    for title in ["", "   ", "\u{3000}\u{a0}"] {
        refused(&PlanBody { title: line(title), ..plan() }, PlanFault::NoTitle);
    }
}

#[test]
fn a_threshold_that_the_custodians_cannot_meet_is_refused() {
    let custodians = |count: usize| people(&vec![Role::Custodian; count]);
    let with = |threshold, people| PlanBody { threshold, people, ..plan() };
    for (threshold, cards) in [(0, 3), (1, 3), (4, 3), (2, 1), (255, 16), (2, 17), (17, 17), (2, 32)] {
        let fault = PlanFault::Threshold { threshold, cards, most: MAX_CARDS };
        refused(&with(threshold, custodians(cards.into())), fault);
    }
    refused(&with(2, List::default()), PlanFault::Threshold { threshold: 2, cards: 0, most: MAX_CARDS });
    // Neither who leads nor who watches holds a card.
    let roles = [Role::Custodian, Role::Administrator, Role::Witness, Role::Witness];
    refused(&with(2, people(&roles)), PlanFault::Threshold { threshold: 2, cards: 1, most: MAX_CARDS });
    for (threshold, cards) in [(2, 2), (2, 16), (16, 16)] {
        assert_eq!(with(threshold, custodians(cards)).faults(), []);
    }
}

#[test]
fn a_person_without_a_name_is_named_by_their_number() {
    refused(&named(&["Ada", "", "Sophie"]), PlanFault::NoName { person: 2 });
    refused(&named(&["Ada", "Sophie", " \u{2003}"]), PlanFault::NoName { person: 3 });
}

#[test]
fn two_names_that_look_the_same_are_refused_whatever_their_bytes() {
    for again in ["Émilie", "émilie", "ÉMILIE", " Émilie ", "E\u{301}milie", "Ｅ\u{301}milie", "É\u{1D5C6}ilie"] {
        assert_eq!(folded(again), folded("Émilie"), "{again:?}");
        refused(&named(&["Émilie", "Ada", again]), PlanFault::NameTaken { first: 1, second: 3 });
    }
    for other in ["Emilie", "Émilie D", "Émil ie"] {
        assert_eq!(named(&["Émilie", "Ada", other]).faults(), []);
    }
    let mut roles = named(&["Ada", "Sophie"]).people.as_slice().to_vec();
    roles.push(Person { name: line("ada"), role: Role::Witness });
    let both = PlanBody { people: List::new(roles).unwrap(), ..plan() };
    refused(&both, PlanFault::NameTaken { first: 1, second: 3 });
}

#[test]
fn a_plan_without_keys_or_languages_is_refused() {
    refused(&PlanBody { keys: List::default(), ..plan() }, PlanFault::NoKeys);
    refused(&PlanBody { languages: List::default(), ..plan() }, PlanFault::NoLanguage);
}

#[test]
fn what_this_program_cannot_make_is_named_and_not_malformed() {
    let age = Policy::usual(Usage::Age);
    for usage in ["openpgp-sign", "x509-ca", "", "Age", "age ", "identity", "store", "時計の鍵"] {
        let keys = one_key(usage, "p384", age.clone());
        refused(&PlanBody { keys, ..plan() }, PlanFault::UnknownUsage { key: 1 });
    }
    for (usage, algorithm) in [("age", "mlkem768p256"), ("age", "hmac-sha384"), ("text", "mlkem1024p384"), ("digest", "")] {
        let keys = one_key(usage, algorithm, age.clone());
        refused(&PlanBody { keys, ..plan() }, PlanFault::UnknownAlgorithm { key: 1 });
    }
    let second = [plan().keys.as_slice(), one_key("otp", "p384", age).as_slice()].concat();
    refused(&PlanBody { keys: List::new(second).unwrap(), ..plan() }, PlanFault::UnknownUsage { key: 3 });
}

#[test]
fn a_policy_that_cannot_be_is_named_with_its_key() {
    let usual = Policy::usual(Usage::Age);
    let approvals = |asked| PolicyFault::Approvals { asked, threshold: 2, cards: 3 };
    for (policy, fault) in [
        (Policy { approvals: 1, ..usual.clone() }, approvals(1)),
        (Policy { approvals: 4, ..usual.clone() }, approvals(4)),
        (Policy { approvals: 3, each: false, ..usual.clone() }, PolicyFault::ApprovalsOfASession),
        (Policy { batch: 0, ..usual.clone() }, PolicyFault::Batch { asked: 0, most: 100 }),
        (Policy { batch: 101, ..usual.clone() }, PolicyFault::Batch { asked: 101, most: 100 }),
        (Policy { per_session: 4, ..usual.clone() }, PolicyFault::QuotaBelowBatch { batch: 5 }),
        (Policy { per_day: 4, ..usual.clone() }, PolicyFault::QuotaBelowBatch { batch: 5 }),
        (Policy { total: 4, ..usual.clone() }, PolicyFault::QuotaBelowBatch { batch: 5 }),
    ] {
        let keys = one_key("age", "p384", policy);
        refused(&PlanBody { keys, ..plan() }, PlanFault::Policy { key: 1, fault });
    }
    for policy in [Policy { view_only: true, ..usual.clone() }, Policy { declared_only: true, ..usual }] {
        let keys = [one_key("age", "p384", policy.clone()).as_slice(), one_key("digest", "p384", policy).as_slice()].concat();
        let body = PlanBody { keys: List::new(keys).unwrap(), ..plan() };
        refused(&body, PlanFault::Policy { key: 2, fault: PolicyFault::NotForRecords });
    }
}

#[test]
fn time_limits_that_cannot_be_are_refused() {
    for (idle_minutes, session_minutes) in [(0, 120), (61, 120), (10, 0), (10, 721), (10, 9), (255, 65_535)] {
        refused(&PlanBody { limits: Limits { idle_minutes, session_minutes }, ..plan() }, PlanFault::Limits);
    }
    for (idle_minutes, session_minutes) in [(1, 1), (60, 60), (60, 720), (1, 720)] {
        assert_eq!(PlanBody { limits: Limits { idle_minutes, session_minutes }, ..plan() }.faults(), []);
    }
}

#[test]
fn every_fault_is_found_and_the_first_is_said_when_a_plan_is_read() {
    let body = PlanBody {
        title: line(""),
        threshold: 9,
        people: named(&["Ada", "ADA", ""]).people,
        keys: one_key("otp", "totp", Policy::usual(Usage::Age)),
        languages: List::default(),
        limits: Limits { idle_minutes: 0, session_minutes: 0 },
        ..plan()
    };
    let faults = [
        PlanFault::NoTitle,
        PlanFault::Threshold { threshold: 9, cards: 3, most: 16 },
        PlanFault::NameTaken { first: 1, second: 2 },
        PlanFault::NoName { person: 3 },
        PlanFault::UnknownUsage { key: 1 },
        PlanFault::NoLanguage,
        PlanFault::Limits,
    ];
    assert_eq!(body.faults(), faults);
    assert_eq!(Plan::decode(&raw(1, &body)), Err(MessageError::Plan(PlanFault::NoTitle)));
}

#[test]
fn a_role_or_language_that_nobody_defined_is_malformed() {
    let bytes = raw(1, &plan());
    let ada = bytes.windows(8).position(|window| window == b"Lovelace").unwrap() + 8;
    assert_eq!(bytes[ada], 1, "her role follows her name");
    for unknown in [0, 4] {
        let mut altered = bytes.clone();
        altered[ada] = unknown;
        assert_eq!(Plan::decode(&altered), Err(MessageError::Malformed(Kind::Plan)));
    }
    let languages = bytes.len() - 4;
    assert_eq!(&bytes[languages - 1..], &[2, 2, 1, 10, 120], "two languages, then the limits");
    for unknown in [0, 3] {
        let mut altered = bytes.clone();
        altered[languages] = unknown;
        assert_eq!(Plan::decode(&altered), Err(MessageError::Malformed(Kind::Plan)));
    }
    let third = [&bytes[..languages - 1], &[3, 2, 1, 1, 10, 120]].concat();
    assert_eq!(Plan::decode(&third), Err(MessageError::Malformed(Kind::Plan)));
}

#[test]
fn a_policy_admits_whom_it_names_however_the_name_is_written() {
    let usual = Policy::usual(Usage::Age);
    assert!(usual.admits("anybody"));
    let policy = Policy { requesters: List::new(vec![line("Poste 14"), line("Émilie")]).unwrap(), ..usual };
    for named in ["Poste 14", "poste 14", "Émilie", "E\u{301}milie "] {
        assert!(policy.admits(named), "{named:?}");
    }
    for other in ["Poste 1", "Poste 144", "Emilie", ""] {
        assert!(!policy.admits(other), "{other:?}");
    }
}

#[test]
fn the_cards_of_a_request_are_never_fewer_than_the_quorum() {
    let usual = Policy::usual(Usage::Age);
    assert_eq!([0, 2, 3, 5].map(|approvals| Policy { approvals, ..usual.clone() }.cards(3)), [3, 3, 3, 5]);
}

#[test]
fn keys_are_numbered_among_those_of_one_usage_and_algorithm() {
    let usual = Policy::usual(Usage::Age);
    let asked = [("age", "p384"), ("text", "p384"), ("age", "mlkem1024p384"), ("age", "p384"), ("otp", "x"), ("age", "p384")];
    let keys = asked.map(|(usage, algorithm)| one_key(usage, algorithm, usual.clone()).as_slice()[0].clone());
    let body = PlanBody { keys: List::new(keys.to_vec()).unwrap(), ..plan() };
    let expected = [
        (Usage::Age, Algorithm::P384, 0),
        (Usage::Text, Algorithm::P384, 0),
        (Usage::Age, Algorithm::MlKem1024P384, 0),
        (Usage::Age, Algorithm::P384, 1),
        (Usage::Age, Algorithm::P384, 2),
    ];
    let expected = expected.map(|(usage, algorithm, number)| (KeyRef { usage, algorithm, number }, usual.clone()));
    assert_eq!(body.key_refs(), expected);
}

#[test]
fn custodians_are_in_the_order_of_their_cards_whoever_stands_between() {
    let plan = plan();
    let custodians: Vec<&str> = plan.custodians().map(Line::as_str).collect();
    assert_eq!(custodians, ["Blaise Pascal", "Émilie du Châtelet", "Sophie Germain"]);
    assert_eq!(plan.cards(), 3);
}

#[test]
fn words_of_plans_and_their_values_name_each_other() {
    for role in [Role::Administrator, Role::Custodian, Role::Witness] {
        assert_eq!(Role::named(role.label()), Some(role));
    }
    for language in [Language::English, Language::French] {
        assert_eq!(Language::named(language.label()), Some(language));
    }
    assert_eq!((Role::named("auditor"), Language::named("EN")), (None, None));
}

#[test]
fn the_words_of_a_plan_cover_all_of_it() {
    let mut other = plan();
    other.limits.idle_minutes += 1;
    let words = |body| Plan::new(body).unwrap().fingerprint();
    assert_eq!(words(plan()), words(plan()));
    assert_ne!(words(plan()), words(other));
}
