//! Plans: read, compared field by field, and written again; and those that cannot be held.

use crate::{
    case::Case,
    malformed,
    messages::{limits, line, policy},
};
use cloison_protocol::{
    Kind, Language, Message, Person, Plan, PlanBody, PlannedKey, Role,
    bounded::{Fixed, List},
};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "plan" => plan(case),
        "malformed" => malformed::malformed(case),
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn plan(case: &Case) {
    let bytes = case.bytes("bytes");
    let person = |person: &Case| Person { name: line(person, "name"), role: Role::named(person.text("role")).unwrap() };
    let key = |key: &Case| PlannedKey {
        usage: line(key, "usage"),
        algorithm: line(key, "algorithm"),
        policy: policy(&key.inner("policy")),
    };
    let languages = case.list_of_text("languages");
    let body = PlanBody {
        title: line(case, "title"),
        place: line(case, "place"),
        threshold: case.number("threshold"),
        people: List::new(case.list("people").iter().map(person).collect()).unwrap(),
        keys: List::new(case.list("keys").iter().map(key).collect()).unwrap(),
        languages: List::new(languages.iter().map(|word| Language::named(word).unwrap()).collect()).unwrap(),
        limits: limits(&case.inner("limits")),
    };
    let decoded = Plan::decode(&bytes).unwrap();
    assert_eq!(decoded.body(), &body);
    assert_eq!(decoded.digest(), Fixed(case.array("digest")), "{}", case.name());
    assert_eq!(decoded.fingerprint().words().as_slice(), case.list_of_text("fingerprint"));
    assert_eq!(Plan::new(body).unwrap().as_bytes(), bytes, "{}", case.name());
    assert_eq!(Message::decode(&bytes).unwrap().kind(), Kind::Plan);
}
