//! The kinds of messages: each has a word before it in every language.

use super::{ENGLISH, FRENCH, assert_all};
use cloison_protocol::Kind;
use std::collections::BTreeSet;

pub(super) const KINDS: [Kind; 11] = [
    Kind::Plan,
    Kind::Request,
    Kind::Reply,
    Kind::PublicKeys,
    Kind::Enrolment,
    Kind::Card,
    Kind::Transcript,
    Kind::Log,
    Kind::Descriptor,
    Kind::Backup,
    Kind::Succession,
];

#[test]
fn every_kind_has_a_word_before_it() {
    assert_all(include_str!("../../../../crates/protocol/src/message.rs"), "Kind", &KINDS);
    for kind in KINDS {
        assert_eq!(ENGLISH.the(kind), format!("the {kind}"));
        assert_eq!(ENGLISH.this(kind), format!("this {kind}"));
        assert!([format!("a {kind}"), format!("an {kind}")].contains(&ENGLISH.one(kind)));
        let all: BTreeSet<_> = [FRENCH.the(kind), FRENCH.this(kind), FRENCH.one(kind)].into();
        assert_eq!(all.len(), 3, "{all:?}");
    }
}
