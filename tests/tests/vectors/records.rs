//! Transcripts and logs: read, compared link by link, and written again; and each way to be broken.

use crate::{
    case::Case,
    derivation::{key_ref, mode},
    messages::{Recorded, line, point, vault},
    replies::reason,
};
use cloison_protocol::{
    Act, Alarm, Alarms, CaseCommitment, Ceremony, Chained, Entry, Fingerprint, Happening, Heading, Kind, Log, Measure, Message,
    MessageError, Record, RecordFault, Role, Transcript, Whose,
    bounded::{Fixed, List},
};
use std::fmt::Debug;

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "transcript" => record(case, act),
        "log" => record(case, happening),
        "case" => {
            let commitment = CaseCommitment::to(&Fixed(case.array("salt")), case.text("case"));
            assert_eq!(commitment.0.0, case.array("commitment"));
        }
        "malformed" => malformed(case),
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn malformed(case: &Case) {
    let bytes = case.bytes("bytes");
    let refused = match case.text("read_as") {
        "transcript" => Transcript::decode(&bytes).map(drop),
        "log" => Log::decode(&bytes).map(drop),
        other => panic!("{}: no decoder {other}", case.name()),
    };
    let Err(error) = refused else { panic!("{} is not refused", case.name()) };
    assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
}

fn record<E: Chained + Debug>(case: &Case, what: fn(&Case) -> E) {
    let bytes = case.bytes("bytes");
    let heading = Heading {
        whose: Whose {
            vault: vault(case, "vault"),
            mode: mode(case),
            title: line(case, "title"),
            identity: point(case, "identity"),
        },
        first: case.number("first"),
        before: Fixed(case.array("before")),
    };
    let links = case.list("entries");
    let entries: Vec<Entry<E>> = links.iter().map(|link| Entry { at: link.number("at"), what: what(link) }).collect();
    let decoded = Record::<E>::decode(&bytes).unwrap_or_else(|error| panic!("{}: {error:?}", case.name()));
    assert_eq!((decoded.heading(), decoded.entries()), (&heading, entries.as_slice()), "{}", case.name());
    for ((link, entry), head) in links.iter().zip(&entries).zip(decoded.heads()) {
        assert_eq!(postcard::to_allocvec(entry).unwrap(), link.bytes("bytes"), "{}", link.name());
        assert_eq!(head.0, link.array("head"), "{}", link.name());
    }
    assert_eq!(decoded.head().0, case.array("head"));
    assert_eq!(Fingerprint::of(&decoded.head()).words().as_slice(), case.list_of_text("words"));
    assert_eq!(Message::decode(&bytes).unwrap().kind(), E::KIND);
    every_byte_is_named(&decoded, case.name());
    let mut identity = Recorded::of(&bytes, &heading.whose.identity);
    assert_eq!(Record::sign(heading, &entries, &mut identity).unwrap().as_bytes(), bytes, "{}", case.name());
}

/// Alters each byte; the place that is named is the one that was altered.
fn every_byte_is_named<E: Chained>(record: &Record<E>, name: &str) {
    let bytes = record.as_bytes();
    let heading = 4 + postcard::to_allocvec(record.heading()).unwrap().len() + 48;
    let mut ends = vec![4, heading, heading + 1];
    for entry in record.entries() {
        ends.push(ends.last().unwrap() + postcard::to_allocvec(entry).unwrap().len() + 48);
    }
    for at in 0..bytes.len() {
        let mut altered = bytes.to_vec();
        altered[at] ^= 0x20;
        let error = Record::<E>::decode(&altered).err().unwrap_or_else(|| panic!("{name}: byte {at} is not noticed"));
        let right = match (ends.iter().position(|end| at < *end), error) {
            (Some(0), error) => !matches!(error, MessageError::Record(_)),
            (Some(1), error) => error == RecordFault::Heading.into(),
            (Some(2), error) => matches!(error, MessageError::Record(_)),
            (Some(place), error) => {
                let number = record.heading().first + u64::try_from(place - 3).unwrap();
                error == RecordFault::Entry { number }.into()
            }
            (None, error) => error == RecordFault::Signature.into(),
        };
        assert!(right, "{name}: byte {at}: {error:?}");
    }
}

pub(crate) fn act(case: &Case) -> Act {
    let digest = |field| Fixed(case.array(field));
    match case.text("act") {
        "began" => Act::Began {
            ceremony: match case.text("ceremony") {
                "creation" => Ceremony::Creation,
                "reshare" => Ceremony::Reshare,
                other => panic!("{}: no ceremony {other}", case.name()),
            },
            plan: digest("plan"),
            program: line(case, "program"),
            image: case.optional("image").map(Fixed),
        },
        "self-tested" => Act::SelfTested { answers: case.number("answers") },
        "present" => Act::Present { name: line(case, "name"), role: role(case) },
        "absent" => Act::Absent { name: line(case, "name"), role: role(case) },
        "entropy" => Act::Entropy {
            source: line(case, "source"),
            by: line(case, "by"),
            amount: case.number("amount"),
            tested: case.number("tested"),
        },
        "dealt" => Act::Dealt {
            vault: vault(case, "vault"),
            epoch: case.number("epoch"),
            threshold: case.number("threshold"),
            cards: case.number("cards"),
        },
        "shown" => Act::Shown { index: case.number("index"), custodian: line(case, "custodian") },
        "read-back" => Act::ReadBack { index: case.number("index") },
        "stored" => Act::Stored,
        "drill-began" => Act::DrillBegan,
        "drilled" => Act::Drilled { index: case.number("index") },
        "proven" => Act::Proven { cards: case.number("cards"), subsets: case.number("subsets") },
        "keys-compared" => Act::KeysCompared { keys: case.number("keys"), fingerprint: digest("fingerprint") },
        "activated" => Act::Activated { descriptor: digest("descriptor") },
        other => panic!("{}: no act {other}", case.name()),
    }
}

fn role(case: &Case) -> Role {
    Role::named(case.text("role")).unwrap()
}

fn cards(case: &Case) -> List<u8, 16> {
    let cards = case.list_of_numbers("cards").into_iter().map(|card| u8::try_from(card).unwrap());
    List::new(cards.collect()).unwrap()
}

pub(crate) fn happening(case: &Case) -> Happening {
    let digest = |field| Fixed(case.array(field));
    match case.text("happening") {
        "created" => Happening::Created,
        "opened" => Happening::Opened { custodians: cards(case) },
        "enrolled" => Happening::Enrolled { name: line(case, "name"), key: digest("key"), custodians: cards(case) },
        "presented" => {
            Happening::Presented { request: digest("request"), requester: digest("requester"), custodians: cards(case) }
        }
        "answered" => Happening::Answered {
            request: digest("request"),
            requester: digest("requester"),
            case: CaseCommitment(digest("case")),
            key: key_ref(&case.inner("key")),
            custodians: cards(case),
            granted: case.number("granted"),
            emergency: case.flag("emergency"),
        },
        "refused" => {
            Happening::Refused { request: digest("request"), requester: digest("requester"), reason: reason(case.text("reason")) }
        }
        other => of_its_life(case, other),
    }
}

fn of_its_life(case: &Case, happening: &str) -> Happening {
    let (epoch, custodians) = (|| case.number("epoch"), || cards(case));
    match happening {
        "drilled" => {
            Happening::Drilled { epoch: epoch(), cards: case.number("count"), transcript: Fixed(case.array("transcript")) }
        }
        "redealt" => Happening::Redealt { epoch: epoch(), custodians: custodians() },
        "redeal-abandoned" => Happening::RedealAbandoned { epoch: epoch() },
        "restored" => Happening::Restored {
            custodians: custodians(),
            descriptor: case.flag("descriptor"),
            backup: case.optional_number("backup"),
        },
        "confirmed" => Happening::Confirmed { custodians: custodians() },
        "renewed" => Happening::Renewed { custodians: custodians() },
        "rotated" => Happening::Rotated { key: key_ref(&case.inner("key")), custodians: custodians() },
        "revoked" => Happening::Revoked { name: line(case, "name"), key: Fixed(case.array("key")), custodians: custodians() },
        "succeeded" => Happening::Succeeded { by: vault(case, "by"), custodians: custodians() },
        "follows" => Happening::Follows { old: vault(case, "old"), custodians: custodians() },
        "reviewed" => Happening::Reviewed { custodians: custodians(), operations: case.number("operations") },
        "backed-up" => Happening::BackedUp { backup: Fixed(case.array("backup")) },
        "alarmed" => Happening::Alarmed { alarms: alarms(case) },
        other => panic!("{}: no happening {other}", case.name()),
    }
}

fn alarms(case: &Case) -> Alarms {
    let mut found: Vec<Alarm> = case.list("alarms").iter().map(alarm).collect();
    // Those that are counted only are not told.
    let more: usize = case.number("more");
    found.extend(std::iter::repeat_n(found[0].clone(), more));
    Alarms::of(&found).unwrap()
}

fn alarm(case: &Case) -> Alarm {
    match case.text("alarm") {
        "interface" => Alarm::Interface(line(case, "name")),
        "radio" => Alarm::Radio(line(case, "name")),
        "usb-device" => Alarm::UsbDevice {
            vendor: case.number("vendor"),
            product: case.number("product"),
            class: case.number("class"),
            name: line(case, "name"),
        },
        "unreadable" => Alarm::Unreadable(line(case, "name")),
        "unconfined" => Alarm::Unconfined(match case.text("measure") {
            "cores" => Measure::Cores,
            "tracing" => Measure::Tracing,
            "privileges" => Measure::Privileges,
            "memory" => Measure::Memory,
            "reserve" => Measure::Reserve,
            "files" => Measure::Files,
            "calls" => Measure::Calls,
            other => panic!("{}: no measure {other}", case.name()),
        }),
        other => panic!("{}: no alarm {other}", case.name()),
    }
}

#[test]
fn every_act_and_every_happening_has_a_right_case() {
    let named = |file: &str, field: &str| {
        let cases = crate::case::read(file);
        let right = cases.iter().filter(|case| case.text("check") == file);
        let entries = right.flat_map(|case| case.list("entries"));
        let names: std::collections::BTreeSet<String> =
            entries.map(|entry| (entry.text(field).to_owned(), entry.error()).0).collect();
        cases.iter().for_each(|case| drop(case.error()));
        names.len()
    };
    assert_eq!((named("transcript", "act"), named("log", "happening")), (14, 19));
    assert_eq!((<Act as Chained>::KIND, <Happening as Chained>::KIND), (Kind::Transcript, Kind::Log));
}
