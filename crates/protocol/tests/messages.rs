//! Every kind of message: written and read back, cut, altered, at its limits and beyond them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "messages/bodies.rs"]
mod bodies;
#[path = "messages/limits.rs"]
mod limits;
#[path = "messages/plans.rs"]
mod plans;
#[path = "messages/signed.rs"]
mod signed;

use bodies::{Signer, any_backup, any_descriptor, any_keys, any_plan, any_succession, one_of_each, raw};
use cloison_protocol::{Backup, Descriptor, Kind, Message, MessageError, Plan, PublicKeys, Succession};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_plan_is_read_back_and_written_the_same(body in any_plan()) {
        let plan = Plan::new(body.clone()).unwrap();
        prop_assert_eq!(plan.body(), &body);
        prop_assert_eq!(raw(1, &body), plan.as_bytes());
        prop_assert_eq!(Message::decode(plan.as_bytes()), Ok(Message::Plan(plan)));
    }

    #[test]
    fn a_descriptor_is_read_back_and_written_the_same(body in any_descriptor()) {
        let descriptor = Descriptor::sign(body.clone(), &mut Signer::new(1)).unwrap();
        prop_assert_eq!(descriptor.body(), &body);
        prop_assert!(descriptor.as_bytes().starts_with(&raw(9, &body)));
        for key in body.keys.as_slice() {
            prop_assert_eq!(descriptor.find(key.key).map(|found| found.key), Some(key.key));
        }
        prop_assert_eq!(Message::decode(descriptor.as_bytes()), Ok(Message::Descriptor(descriptor)));
    }

    #[test]
    fn public_keys_are_read_back_and_written_the_same(body in any_keys()) {
        let keys = PublicKeys::sign(body.clone(), &mut Signer::new(1)).unwrap();
        prop_assert_eq!(keys.body(), &body);
        prop_assert!(keys.as_bytes().starts_with(&raw(4, &body)));
        prop_assert_eq!(Message::decode(keys.as_bytes()), Ok(Message::PublicKeys(keys)));
    }

    #[test]
    fn a_succession_is_read_back_and_written_the_same(body in any_succession()) {
        let succession = Succession::sign(body.clone(), &mut Signer::new(1)).unwrap();
        prop_assert_eq!(succession.body(), &body);
        prop_assert!(succession.as_bytes().starts_with(&raw(12, &body)));
        prop_assert_eq!(Message::decode(succession.as_bytes()), Ok(Message::Succession(succession)));
    }

    #[test]
    fn a_backup_is_read_back_and_written_the_same(body in any_backup()) {
        let backup = Backup::new(body.clone()).unwrap();
        prop_assert_eq!(backup.body(), &body);
        prop_assert_eq!(raw(10, &body), backup.as_bytes());
        prop_assert_eq!(Message::decode(backup.as_bytes()), Ok(Message::Backup(backup)));
    }

    /// What is not signed may be altered into something else; then it is that, and has one form.
    #[test]
    fn an_altered_plan_or_backup_is_refused_or_is_another_in_canonical_form(
        plan in any_plan(), backup in any_backup(), at: proptest::sample::Index, change in 1u8.., inserted: Option<u8>,
    ) {
        for bytes in [Plan::new(plan).unwrap().as_bytes(), Backup::new(backup).unwrap().as_bytes()] {
            let (mut altered, at) = (bytes.to_vec(), at.index(bytes.len()));
            altered[at] ^= change;
            altered.splice(at..at, inserted);
            match Message::decode(&altered) {
                Ok(Message::Plan(found)) => prop_assert_eq!(raw(1, found.body()), altered),
                Ok(Message::Backup(found)) => prop_assert_eq!(raw(10, found.body()), altered),
                Ok(found) => prop_assert!(false, "a {} came of it", found.kind()),
                Err(_) => {}
            }
        }
    }

    #[test]
    fn random_bodies_of_every_kind_never_panic(kind in 0u8..14, body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let bytes = [b"CL\x01".as_slice(), &[kind], &body].concat();
        if let Ok(found) = Message::decode(&bytes) {
            prop_assert!(matches!(found.kind(), Kind::Plan | Kind::Backup | Kind::Reply), "a random {}", found.kind());
        }
    }
}

#[test]
fn each_kind_is_told_by_its_number_and_read_by_its_own_reader_alone() {
    let numbers = [
        (Kind::Plan, 1),
        (Kind::Request, 2),
        (Kind::Reply, 3),
        (Kind::PublicKeys, 4),
        (Kind::Enrolment, 5),
        (Kind::Descriptor, 9),
        (Kind::Backup, 10),
        (Kind::Succession, 12),
    ];
    for ((kind, bytes, _), (expected, number)) in one_of_each().iter().zip(numbers) {
        assert_eq!((*kind, bytes[3]), (expected, number));
        assert_eq!(Message::decode(bytes).unwrap().kind(), *kind);
        if *kind != Kind::Plan {
            assert_eq!(Plan::decode(bytes), Err(MessageError::OtherKind { expected: Kind::Plan, found: *kind }));
        }
    }
    for unknown in [0, 6, 11, 13, 0xff] {
        assert_eq!(Message::decode(&[b'C', b'L', 1, unknown]), Err(MessageError::UnknownKind(unknown)));
    }
}

#[test]
fn every_truncation_of_every_kind_is_refused() {
    for (kind, bytes, _) in one_of_each() {
        for cut in 0..bytes.len() {
            let error = Message::decode(&bytes[..cut]).expect_err("a message was cut");
            assert_eq!(error, if cut < 4 { MessageError::NotAMessage } else { MessageError::Malformed(kind) }, "{kind} at {cut}");
        }
    }
}

#[test]
fn a_byte_too_many_after_the_body_is_refused_also_where_it_is_signed() {
    for (kind, bytes, sign) in one_of_each() {
        let longer = sign([unsigned(kind, &bytes), &[0]].concat());
        assert_eq!(Message::decode(&longer), Err(MessageError::Malformed(kind)), "{kind}");
    }
}

#[test]
fn a_length_in_two_bytes_where_one_is_enough_is_refused_also_where_it_is_signed() {
    for (kind, bytes, sign) in one_of_each() {
        // Every body begins with a length: of a title, a name, an id or a digest.
        let body = unsigned(kind, &bytes);
        let longer = [&body[..4], &[body[4] | 0x80, 0], &body[5..]].concat();
        assert_eq!(Message::decode(&sign(longer)), Err(MessageError::NotCanonical(kind)), "{kind}");
    }
}

/// Lends a message without its signature, where its kind has one.
fn unsigned(kind: Kind, bytes: &[u8]) -> &[u8] {
    if matches!(kind, Kind::Plan | Kind::Backup) { bytes } else { &bytes[..bytes.len() - 96] }
}
