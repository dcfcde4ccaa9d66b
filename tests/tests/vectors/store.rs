//! The store file and the log chain.

use crate::{
    card::present,
    case::Case,
    derivation::{key_ref, mode, root},
    replies::reason,
};
use cloison_custody::{
    Entry, Happening, Occasion, Open, OpenError, Presented, Received, Stored,
    vectors::{store_key, vault_id},
};
use cloison_protocol::{
    Digest, Request, VaultId,
    bounded::{Fixed, Line},
    digest,
};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "log" => {
            log(case);
        }
        "store" => store(case),
        "malformed" => {
            let error = Stored::read(&case.bytes("bytes")).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "refused" => {
            let error = opened(case).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "received" => received(case),
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn entry(case: &Case) -> Entry {
    let digest = |field| Fixed(case.array(field));
    let cards = |field| case.list_of_numbers(field).into_iter().map(|card| u8::try_from(card).unwrap()).collect();
    let happening = match case.text("happening") {
        "created" => Happening::Created,
        "opened" => Happening::Opened(cards("cards")),
        "enrolled" => {
            Happening::Enrolled { name: Line::new(case.text("name")).unwrap(), key: digest("key"), custodians: cards("cards") }
        }
        "presented" => {
            Happening::Presented { request: digest("request"), requester: digest("requester"), custodians: cards("cards") }
        }
        "answered" => Happening::Answered {
            request: digest("request"),
            requester: digest("requester"),
            key: key_ref(&case.inner("key")),
            custodians: cards("cards"),
            granted: case.number("granted"),
        },
        "refused" => {
            Happening::Refused { request: digest("request"), requester: digest("requester"), reason: reason(case.text("reason")) }
        }
        other => panic!("{}: no happening {other}", case.name()),
    };
    Entry { at: case.number("at"), happening }
}

/// Checks a chain link by link and gives its entries and head.
fn log(case: &Case) -> (Vec<Entry>, Digest) {
    let mut head = Fixed([0; 48]);
    let mut entries = Vec::new();
    for link in case.list("entries") {
        let (entry, bytes) = (entry(&link), link.bytes("bytes"));
        assert_eq!(postcard::to_allocvec(&entry).unwrap(), bytes, "{}", link.name());
        assert_eq!(postcard::from_bytes::<Entry>(&bytes).unwrap(), entry);
        head = digest(&[b"cloison/v1/log", &head.0, &bytes]);
        assert_eq!(head.0, link.array("head"), "{}", link.name());
        entries.push(entry);
    }
    (entries, head)
}

fn opened(case: &Case) -> Result<Open, OpenError> {
    let stored = Stored::read(&case.bytes("bytes")).unwrap();
    let descriptor = stored.descriptor().clone();
    let Ok(Presented::Complete(quorum)) = present(&descriptor, Occasion::Opening, &case.list("cards")) else {
        panic!("{}: the cards are no quorum", case.name())
    };
    Open::with_quorum(stored, quorum, case.number("now"))
}

/// Opens a store with its cards; the state after that, opening included, is in the case too.
fn store(case: &Case) {
    let (bytes, root, mode) = (case.bytes("bytes"), root(case.array("root")), mode(case));
    assert!(bytes.starts_with(b"CLST\x01"));
    assert_eq!(vault_id(&root, mode), Some(VaultId(Fixed(case.array("vault")))));
    assert_eq!(store_key(&root, mode).unwrap().expose(), &case.array("store_key"));
    let (entries, head) = log(case);
    let open = opened(case).unwrap_or_else(|error| panic!("{}: {error:?}", case.name()));
    assert_eq!(open.log(), entries);
    assert_eq!(open.seen().head, head);
    assert_eq!(open.seen().generation, case.number::<u64>("generation") + 1);
    assert_eq!(open.descriptor().as_bytes(), case.bytes("descriptor"));
    let enrolments: Vec<Vec<u8>> = open.enrolments().iter().map(|known| known.as_bytes().to_vec()).collect();
    assert_eq!(enrolments, case.list_of_bytes("enrolments"));
    assert_eq!(open.to_store().unwrap(), case.bytes("after"), "{}", case.name());
}

/// Gives requests to an opened vault, which changes nothing in it, and compares what it says first.
fn received(case: &Case) {
    let open = opened(case).unwrap_or_else(|error| panic!("{}: {error:?}", case.name()));
    for asked in case.list("requests") {
        assert!(!asked.text("why").is_empty());
        let request = Request::decode(&asked.bytes("request")).unwrap();
        let answer = match open.receive(request, asked.number("now")) {
            Ok(Received::Review(_)) => "Review".to_owned(),
            Ok(Received::Refused(refusal)) => format!("{:?}", refusal.reason()),
            Ok(Received::Again(_)) => "Again".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(answer, asked.text("answer"), "{}", asked.name());
    }
}
