//! The store: its bytes field by field, written down here a second time; what opens it, what a
//! drill and a restore make of it, and what a vault answers.

use crate::{
    backup::unsealed,
    case::Case,
    derivation::{key_ref, mode, root},
    records::{act, happening},
};
use cloison_custody::{
    Gathering, Occasion, Open, OpenError, Passphrase, Presented, Quorum, Received, Recovered, Restored, Restoring, Stored, drill,
    drilled,
    vectors::{store_cipher_key, store_key, verify_store},
};
use cloison_protocol::{
    Act, Backup, Card, CaseCommitment, Chained, Descriptor, Digest, Entry, Happening, KeyRef, Request, RequestId, VaultId,
    bounded::{Bytes, Fixed, Line},
    digest,
};
use hmac::{Hmac, KeyInit, Mac};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sha2::Sha384;
use std::fmt::Debug;

// In postcard a struct is its fields, and a map or a set is a list.
type State = (u64, Vec<u8>, Vec<(KeyRef, Bytes<2048>)>, Vec<Vec<u8>>, Vec<RequestId>, More, Vec<u8>, Vec<Entry<Happening>>);
type More = (bool, Option<Vec<u8>>, Vec<Entry<Act>>, Counters, Vec<Digest>, bool, u16, Option<VaultId>, Option<VaultId>, u64);
type Counters = (Vec<(KeyRef, u32)>, Vec<(u64, Digest, KeyRef, u32)>);
type SealedCase = (u64, Fixed<16>, Line<64>);

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "store" => store(case),
        "opened" => {
            let open = opened(case).unwrap_or_else(|error| panic!("{}: {error:?}", case.name()));
            assert_eq!(open.to_store().unwrap(), case.bytes("after"), "{}", case.name());
        }
        "drilled" => assert_eq!(drill_of(case).unwrap(), case.bytes("after"), "{}", case.name()),
        "restored" => restored(case),
        "received" => received(case),
        "malformed" => refused(case, Stored::read(&case.bytes("bytes")).map_err(named)),
        "unverified" => {
            let stored = Stored::read(&case.bytes("bytes")).unwrap();
            refused(case, verify_store(stored, &root(case.array("root"))).map_err(named));
        }
        "refused" => refused(case, opened(case).map_err(named)),
        "not-drilled" => refused(case, drill_of(case)),
        "not-restored" => refused(case, restore(case)),
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn refused<T>(case: &Case, result: Result<T, String>) {
    let error = result.err().unwrap_or_else(|| panic!("{} is not refused", case.name()));
    assert_eq!(error, case.text("error"), "{}", case.name());
}

fn named(error: impl Debug) -> String {
    format!("{error:?}")
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([0; 32])
}

/// Writes the store again from the fields of the case.
fn store(case: &Case) {
    let (bytes, root, mode) = (case.bytes("bytes"), root(case.array("root")), mode(case));
    assert_eq!(store_key(&root, mode).unwrap().expose(), &case.array("store_key"));
    assert_eq!(store_cipher_key(&root, mode).unwrap().expose(), &case.array("cipher_key"));
    let (state, head) = state(case);
    let encoded = postcard::to_allocvec(&state).unwrap();
    let parts = [b"cloison/v1/store".as_slice(), &digest(&[&encoded]).0, &state.0.to_be_bytes(), &head.0].concat();
    let mac = mac(case, &parts);
    assert_eq!([b"CLST\x02".as_slice(), &encoded, &mac].concat(), bytes, "{}", case.name());
    assert_eq!(parsed(&bytes), state);
    sealed_cases(case, &state);
    unverified(case, &bytes, &state);
}

fn mac(case: &Case, message: &[u8]) -> [u8; 48] {
    let mac = Hmac::<Sha384>::new_from_slice(&case.array::<48>("store_key")).unwrap();
    mac.chain_update(message).finalize().into_bytes().into()
}

fn parsed(store: &[u8]) -> State {
    postcard::from_bytes(&store[5..store.len() - 48]).unwrap()
}

/// Gives the state that the case lists, and the head of its log.
fn state(case: &Case) -> (State, Digest) {
    let digests = |field| case.list_of_bytes(field).into_iter().map(|bytes| Fixed(bytes.try_into().unwrap())).collect();
    let keys = case.list("keys");
    let keys = keys.iter().map(|key| (key_ref(key), Bytes::new(key.bytes("bytes")).unwrap()));
    let used = case.list_of_bytes("used").into_iter().map(|id| RequestId(Fixed(id.try_into().unwrap())));
    let vault = |field| case.optional(field).map(|id| VaultId(Fixed(id)));
    let more = (
        case.flag("drilled"),
        case.optional_bytes("pending"),
        entries(case, "transcript", act).0,
        counters(case),
        digests("revoked"),
        case.flag("unconfirmed"),
        case.number("emergencies"),
        vault("predecessor"),
        vault("successor"),
        case.number("backed_up"),
    );
    let (descriptor, sealed) = (case.bytes("descriptor"), case.bytes("sealed"));
    let (generation, enrolments) = (case.number("generation"), case.list_of_bytes("enrolments"));
    let (log, head) = entries(case, "entries", happening);
    ((generation, descriptor, keys.collect(), enrolments, used.collect(), more, sealed, log), head)
}

fn counters(case: &Case) -> Counters {
    let totals = case.list("totals").iter().map(|total| (key_ref(total), total.number("count"))).collect();
    let day = |day: &Case| (day.number("day"), Fixed(day.array("requester")), key_ref(day), day.number("count"));
    (totals, case.list("days").iter().map(day).collect())
}

/// Checks a chain link by link and gives its entries and its head.
fn entries<E: Chained + Debug>(case: &Case, field: &str, what: fn(&Case) -> E) -> (Vec<Entry<E>>, Digest) {
    let (mut head, mut entries) = (Fixed([0; 48]), Vec::new());
    for link in case.list(field) {
        let (entry, bytes) = (Entry { at: link.number("at"), what: what(&link) }, link.bytes("bytes"));
        assert_eq!(postcard::to_allocvec(&entry).unwrap(), bytes, "{}", link.name());
        head = digest(&[E::ENTRY, &head.0, &bytes]);
        assert_eq!(head.0, link.array("head"), "{}", link.name());
        entries.push(entry);
    }
    (entries, head)
}

/// Opens the sealed part with an implementation that is not the vault's, and compares the cases.
fn sealed_cases(case: &Case, state: &State) {
    let bound = [b"cloison/v1/store-cases".as_slice(), &state.0.to_be_bytes()].concat();
    let (nonce, sealed) = state.6.split_first_chunk::<24>().unwrap();
    let plain = unsealed(&case.array("cipher_key"), nonce, &bound, sealed).unwrap();
    assert_eq!(mac(case, &[bound, plain.clone()].concat())[..24], *nonce, "{}", case.name());
    let found: Vec<SealedCase> = postcard::from_bytes(&plain).unwrap();
    let cases = case.list("cases");
    let known = |known: &Case| (known.number("entry"), Fixed(known.array("salt")), Line::new(known.text("case")).unwrap());
    assert_eq!(found, cases.iter().map(known).collect::<Vec<_>>());
    for (entry, salt, text) in found {
        let Happening::Answered { case: committed, .. } = &state.7[usize::try_from(entry).unwrap() - 1].what else {
            panic!("{}: entry {entry} answers nothing", case.name())
        };
        assert_eq!(*committed, CaseCommitment::to(&salt, text.as_str()));
    }
}

/// Compares what a store says before there are cards.
fn unverified(case: &Case, bytes: &[u8], state: &State) {
    let stored = Stored::read(bytes).unwrap();
    assert_eq!(stored.descriptor().as_bytes(), case.bytes("descriptor"));
    assert_eq!(stored.serves(), case.flag("drilled"));
    assert_eq!(stored.last(), state.7.last().unwrap().at);
    let expected = case.optional_bytes(if case.flag("drilled") { "pending" } else { "descriptor" });
    assert_eq!(stored.to_drill().map(|descriptor| descriptor.as_bytes().to_vec()), expected);
}

/// Presents every card of a case, which are as many as are needed.
fn gathered(mut gathering: Gathering, case: &Case) -> Quorum {
    for presented in case.list("cards") {
        let (card, passphrase) = card(&presented);
        match gathering.present(&card, &passphrase) {
            Ok(Presented::Waiting(waiting)) => gathering = waiting,
            Ok(Presented::Complete(quorum)) => return quorum,
            Ok(Presented::Broken) => panic!("{}: the cards are broken", case.name()),
            Err((_, refusal)) => panic!("{}: {refusal:?}", presented.name()),
        }
    }
    panic!("{}: the cards are no quorum", case.name())
}

fn card(case: &Case) -> (Card, Passphrase) {
    (Card::decode(&case.bytes("bytes")).unwrap(), Passphrase::typed(case.text("passphrase")).unwrap())
}

fn opened(case: &Case) -> Result<Open, OpenError> {
    let (stored, date) = (Stored::read(&case.bytes("bytes")).unwrap(), case.number("date"));
    let quorum = gathered(Gathering::new(stored.descriptor().clone(), Occasion::Opening { date }), case);
    Open::with_quorum(stored, quorum, date, case.number("now"))
}

fn drill_of(case: &Case) -> Result<Vec<u8>, String> {
    let stored = Stored::read(&case.bytes("bytes")).unwrap();
    let (began, now) = (case.number("began"), case.number("now"));
    // Where nothing is to be drilled, cards for the drill are gathered all the same.
    let waiting = drill(&stored).unwrap_or_else(|| Gathering::new(stored.descriptor().clone(), Occasion::Drill));
    let quorum = gathered(waiting, case);
    let done = drilled(stored, quorum, began, now, &mut rng()).map_err(named)?;
    assert_eq!(done.public.body().state.generation, parsed(&done.store).0);
    assert_eq!(done.transcript.entries(), parsed(&done.store).5.2);
    Ok(done.store)
}

fn restore(case: &Case) -> Result<Restored, String> {
    let descriptor = case.optional_bytes("descriptor").map(|bytes| Descriptor::decode(&bytes).unwrap());
    let backup = case.optional_bytes("backup").map(|bytes| Backup::decode(&bytes).unwrap());
    let (now, cards) = (case.number("now"), case.list("cards"));
    let cards: Vec<_> = cards.iter().map(card).collect();
    let mut restoring = Restoring::new(descriptor, backup).map_err(named)?;
    for (card, passphrase) in cards {
        match restoring.present(&card, &passphrase) {
            Ok(Recovered::Waiting(waiting)) => restoring = waiting,
            Ok(Recovered::Root(rebuilt)) => return rebuilt.restore(now, &mut rng()).map_err(named),
            Ok(Recovered::Broken) => return Err("Broken".to_owned()),
            Err((_, refusal)) => return Err(named(refusal)),
        }
    }
    Err("Waiting".to_owned())
}

fn restored(case: &Case) {
    let (restored, after) = (restore(case).unwrap(), case.bytes("after"));
    if restored.described {
        return assert_eq!(restored.store, after, "{}", case.name());
    }
    // The description is made there and then, with a random nonce and a hedged signature.
    let (mut found, expected) = (parsed(&restored.store), parsed(&after));
    let [ours, theirs] = [&found.1, &expected.1].map(|bytes| Descriptor::decode(bytes).unwrap().body().clone());
    let theirs = cloison_protocol::DescriptorBody { nonce: ours.nonce, ..theirs };
    assert_eq!(ours, theirs, "{}", case.name());
    found.1.clone_from(&expected.1);
    assert_eq!(found, expected, "{}", case.name());
}

/// Gives requests to an opened vault, which changes nothing in it, and compares what it says first.
fn received(case: &Case) {
    let open = opened(case).unwrap_or_else(|error| panic!("{}: {error:?}", case.name()));
    for asked in case.list("requests") {
        assert!(!asked.text("why").is_empty());
        let (request, now) = (Request::decode(&asked.bytes("request")).unwrap(), asked.number("now"));
        let (answer, emergency) = match open.receive(request, now) {
            Ok(Received::Review(review)) => ("Review".to_owned(), open.allows_emergency(&review, now)),
            Ok(Received::Refused(refusal)) => (named(refusal.reason()), refusal.allows_emergency()),
            Ok(Received::Again(_)) => ("Again".to_owned(), false),
            Err(error) => (named(error), false),
        };
        assert_eq!((answer.as_str(), emergency), (asked.text("answer"), asked.flag("emergency")), "{}", asked.name());
    }
}
