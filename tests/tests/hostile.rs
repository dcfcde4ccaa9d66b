//! Random and mutated bytes for every decoder: no panic, nothing accepted that was not signed,
//! nothing allocated beyond the limits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../crates/ceremony/tests/support/mod.rs"]
mod support;

use cloison_custody::Stored;
use cloison_formats::age::{Header, HeaderError, MAX_HEADER};
use cloison_protocol::{
    Algorithm, Card, Descriptor, Enrolment, MAX_MESSAGE, Message, MessageError, PublicKeys, Reply, ReplyBody, Request, Usage,
};
use proptest::prelude::*;
use std::sync::OnceLock;
use support::{Made, Workstation, header, make, text_op, unwrap_op};

/// One good example of everything that a decoder reads.
struct Good {
    made: Made,
    request: Request,
    reply: Vec<u8>,
    enrolment: Vec<u8>,
    header: Vec<u8>,
    descriptor: Vec<u8>,
}

fn good() -> &'static Good {
    static GOOD: OnceLock<Good> = OnceLock::new();
    GOOD.get_or_init(|| {
        use cloison_ceremony::Button;
        let made = make(2, 2);
        let (mut kiosk, mut desk) = made.in_service(2);
        let header = header(&made.public, Algorithm::MlKem1024P384, [4; 16]);
        let request = desk.request(&made.public, Usage::Age, vec![unwrap_op(&header)]);
        kiosk.press(Button::ReadRequest);
        kiosk.show(request.as_bytes());
        kiosk.press(Button::Decline);
        let reply = kiosk.message();
        let descriptor = Stored::read(&made.disk).unwrap().descriptor().as_bytes().to_vec();
        Good { request, reply, enrolment: desk.enrolment().as_bytes().to_vec(), header, descriptor, made }
    })
}

/// Everything that reads bytes from outside; `Some` where it accepted them.
fn every_decoder(bytes: &[u8]) -> Vec<&'static str> {
    let results = [
        ("message", Message::decode(bytes).is_ok()),
        ("request", Request::decode(bytes).is_ok()),
        ("public keys", PublicKeys::decode(bytes).is_ok()),
        ("enrolment", Enrolment::decode(bytes).is_ok()),
        ("descriptor", Descriptor::decode(bytes).is_ok()),
        ("reply", Reply::decode(bytes).is_ok()),
        ("reply body", ReplyBody::decode(bytes).is_ok()),
        ("card", Card::decode(bytes).is_ok()),
        ("header", Header::parse_whole(bytes).is_ok()),
        ("store", Stored::read(bytes).is_ok()),
    ];
    results.into_iter().filter(|(_, accepted)| *accepted).map(|(name, _)| name).collect()
}

/// Changes, cuts, doubles or lengthens bytes at a place.
fn mutated(bytes: &[u8], at: usize, how: u8, with: &[u8]) -> Vec<u8> {
    let at = at % bytes.len();
    let (before, after) = bytes.split_at(at);
    match how % 4 {
        0 => [before, &[after[0] ^ (with[0] | 1)], &after[1..]].concat(),
        1 => before.to_vec(),
        2 => [before, with, after].concat(),
        _ => [before, &after[1..]].concat(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_are_refused_by_every_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let accepted = every_decoder(&bytes);
        prop_assert!(accepted.is_empty() || accepted == ["reply body"], "{accepted:?}");
    }

    #[test]
    fn random_bytes_after_a_right_beginning_are_refused(kind in 0u8..12, bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let message = [b"CL\x01", &[kind][..], &bytes].concat();
        prop_assert!(Message::decode(&message).is_err() || Reply::decode(&message).is_ok());
        let text = [b"age-encryption.org/v1\n-> cloison-p384-v1 ".as_slice(), &bytes].concat();
        let _ = Header::parse(&text);
        prop_assert!(Stored::read(&[b"CLST\x02".as_slice(), &bytes].concat()).is_err());
    }

    #[test]
    fn nothing_signed_survives_a_change(at: usize, how: u8, with in proptest::collection::vec(any::<u8>(), 1..20)) {
        let good = good();
        for bytes in [good.request.as_bytes(), good.made.public.as_bytes(), &good.enrolment, &good.descriptor, &good.made.cards[0]] {
            let changed = mutated(bytes, at, how, &with);
            if changed != bytes {
                prop_assert_eq!(every_decoder(&changed), Vec::<&str>::new());
            }
        }
    }

    #[test]
    fn a_changed_reply_is_not_opened(at: usize, how: u8, with in proptest::collection::vec(any::<u8>(), 1..20)) {
        let good = good();
        let changed = mutated(&good.reply, at, how, &with);
        if changed != good.reply && let Ok(reply) = Reply::decode(&changed) {
            let desk = Workstation::new("Poste 12", 1);
            prop_assert!(reply.open(&good.request, &good.made.public.body().identity, &desk).is_err());
        }
    }

    #[test]
    fn a_changed_header_is_never_bound_by_its_key(at: usize, how: u8, with in proptest::collection::vec(any::<u8>(), 1..20)) {
        let good = good();
        let changed = mutated(&good.header, at, how, &with);
        if changed != good.header && let Ok(header) = Header::parse_whole(&changed) {
            let key = cloison_protocol::secret::FileKey(cloison_protocol::secret::Secret::copied(&[4; 16]).unwrap());
            prop_assert!(!header.is_bound_by(&key));
        }
    }
}

#[test]
fn the_good_examples_are_good() {
    let good = good();
    assert_eq!(every_decoder(good.request.as_bytes()), ["message", "request"]);
    assert_eq!(every_decoder(&good.header), ["header"]);
    assert_eq!(every_decoder(&good.made.disk), ["store"]);
    assert_eq!(every_decoder(&good.descriptor), ["message", "descriptor"]);
    assert_eq!(every_decoder(&good.reply), ["message", "reply"]);
}

#[test]
fn what_is_larger_than_its_limit_is_refused_by_its_size() {
    let huge = vec![b'C'; MAX_MESSAGE + 1];
    assert_eq!(Message::decode(&huge), Err(MessageError::TooLong { found: MAX_MESSAGE + 1, limit: MAX_MESSAGE }));
    let start = b"age-encryption.org/v1\n-> x\n".as_slice();
    let line = [b"A".repeat(64), b"\n".to_vec()].concat();
    let (endless, one_line) = ([start, &line.repeat((40 << 20) / line.len())].concat(), [start, &vec![b'A'; 40 << 20]].concat());
    let started = std::time::Instant::now();
    assert!(matches!(Header::parse(&endless), Err(HeaderError::TooLong { limit: MAX_HEADER })));
    assert!(matches!(Header::parse(&one_line), Err(HeaderError::Malformed)));
    assert!(started.elapsed().as_secs() < 5, "a header of 40 MB is not read to its end");
}

#[test]
fn an_empty_request_is_no_request() {
    let good = good();
    let mut desk = Workstation::new("Poste 12", 1);
    let body = good.request.body().clone();
    let empty = cloison_protocol::RequestBody { operations: cloison_protocol::bounded::List::new(vec![]).unwrap(), ..body };
    assert!(Request::sign(empty, &mut desk).is_err());
    let _ = text_op("x");
}
