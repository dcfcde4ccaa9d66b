//! What a store refuses, whoever altered it and wherever.

use super::*;
use crate::{
    derive::Root,
    keys::{ForIdentity, Identity, SigningKey},
};
use cloison_protocol::{
    Algorithm, Backup, Ceremony, Commitment, DescriptorBody, EnrolmentBody, Limits, Mode, Point, Policy, Sign, SignError,
    Signature, Usage, VaultKey, bounded::List,
};
use core::fmt;
use p384::ecdsa::{Signature as Ecdsa, SigningKey as EcdsaKey, signature::Signer};
use proptest::{
    collection::{btree_set, vec},
    prelude::*,
    sample::Index,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::sync::LazyLock;

const KEY: KeyRef = KeyRef { usage: Usage::Text, algorithm: Algorithm::P384, number: 0 };
const OTHER: KeyRef = KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 300 };

/// The names of a state's fields, in their order.
const FIELDS: [&str; 17] = [
    "generation",
    "descriptor",
    "public",
    "enrolments",
    "used",
    "drilled",
    "pending",
    "transcript",
    "counters",
    "revoked",
    "unconfirmed",
    "emergencies",
    "predecessor",
    "successor",
    "backed_up",
    "sealed",
    "log",
];

/// For proptest alone, which names the state that a test fails with.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("State").field(&self.log).field(&self.used).field(&self.cases).field(&self.more).finish()
    }
}

fn root(byte: u8) -> Root {
    Root::new(Secret::copied(&[byte; 32]).unwrap())
}

fn keys_of(byte: u8, mode: Mode) -> StoreKeys {
    StoreKeys::derive(&root(byte), mode).unwrap()
}

fn keys() -> StoreKeys {
    keys_of(7, Mode::Real)
}

fn line<const N: usize>(text: &str) -> Line<N> {
    Line::new(text).unwrap()
}

/// The descriptions of a vault, by their epoch; each is signed once.
static DESCRIPTORS: LazyLock<[Descriptor; 2]> = LazyLock::new(|| [1, 2].map(descriptor));
static ENROLMENTS: LazyLock<[Enrolment; 2]> = LazyLock::new(|| [("Poste 12", 1), ("Poste 13", 2)].map(enrolment));

fn descriptor(epoch: u16) -> Descriptor {
    let (root, mode) = (root(7), Mode::Real);
    let identity = SigningKey::<ForIdentity>::derive(&root, mode, 0).unwrap();
    let vault = root.vault_id(mode).unwrap();
    let body = DescriptorBody {
        vault,
        mode,
        title: line("Coffre"),
        epoch,
        threshold: 2,
        cards: 2,
        commitments: List::new((1..=2).map(|index| Commitment::to(&vault, epoch, 2, 2, index, &[index; 32])).collect()).unwrap(),
        custodians: List::new(vec![line("A"), line("B")]).unwrap(),
        identity: identity.public(),
        keys: List::new(vec![VaultKey { key: KEY, made: 10, retired: false, policy: Policy::usual(Usage::Text) }]).unwrap(),
        limits: Limits::default(),
        made: 10,
        dealt: 10,
        nonce: Fixed([5; 16]),
    };
    Descriptor::sign(body, &mut Identity { key: &identity, rng: &mut ChaCha20Rng::from_seed([1; 32]) }).unwrap()
}

struct Desk(EcdsaKey);

impl Sign for Desk {
    fn public(&self) -> Point {
        Point::from(*self.0.verifying_key())
    }

    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        let signature: Ecdsa = self.0.sign(message);
        Ok(Signature(Fixed(signature.to_bytes().into())))
    }
}

fn enrolment((name, seed): (&str, u8)) -> Enrolment {
    let mut desk = Desk(EcdsaKey::from_slice(&[seed; 48]).unwrap());
    Enrolment::sign(EnrolmentBody { name: line(name), key: desk.public() }, &mut desk).unwrap()
}

/// What may be in a log besides its first entry; the last answers a request.
fn happened(number: u8) -> Happening {
    match number % 3 {
        0 => Happening::Opened { custodians: List::new(vec![1, 2]).unwrap() },
        1 => Happening::Enrolled { name: line("Poste"), key: Fixed([number; 48]), custodians: List::default() },
        _ => Happening::Answered {
            request: Fixed([number; 48]),
            requester: Fixed([number; 48]),
            case: cloison_protocol::CaseCommitment(Fixed([number; 48])),
            key: KEY,
            custodians: List::default(),
            granted: number,
            emergency: number > 128,
        },
    }
}

prop_compose! {
    fn counters()(counts in vec((0u8..3, 0u64..200_000, 1u32..9), 0..6), exhausted: bool) -> Counters {
        let mut counters = Counters::default();
        if exhausted {
            counters.exhaust([OTHER].into_iter());
        }
        for (who, at, count) in counts {
            counters.count(if who == 0 { KEY } else { OTHER }, Fixed([who; 48]), at, count);
        }
        counters
    }
}

prop_compose! {
    fn more()(
        drilled: bool, unconfirmed: bool, pending: bool, acts in vec(0u64..9, 0..3), counters in counters(),
        revoked in btree_set(any::<u8>(), 0..3), emergencies: u16, vaults: [Option<u8>; 2], backed_up: u64,
    ) -> More {
        let acts = acts.into_iter().map(|at| Entry { at, what: began() });
        let [predecessor, successor] = vaults.map(|vault| vault.map(|byte| VaultId(Fixed([byte; 16]))));
        let revoked = revoked.into_iter().map(|byte| Fixed([byte; 48])).collect();
        let pending = pending.then(|| DESCRIPTORS[1].as_bytes().to_vec());
        let transcript = acts.collect();
        More { drilled, pending, transcript, counters, revoked, unconfirmed, emergencies, predecessor, successor, backed_up }
    }
}

fn began() -> Act {
    Act::Began { ceremony: Ceremony::Creation, plan: Fixed([1; 48]), program: line("cloison"), image: None }
}

prop_compose! {
    /// Any state of the one vault of these tests.
    fn state()(
        more in more(), entries in vec((any::<u8>(), 0u64..99), 0..5), used in btree_set(any::<u8>(), 0..4),
        enrolled in 0usize..=2, exported: bool, cases in vec(("[0-9A-Za-zéà/-]{6,20}", any::<[u8; 16]>()), 0..4),
    ) -> State {
        let first = Chain::default().and(10, Happening::Created).unwrap();
        let log = entries.into_iter().fold(first, |log, (what, at)| log.and(at, happened(what)).unwrap());
        let cases = (1..).zip(cases).map(|(entry, (case, salt))| (entry, Fixed(salt), line(&case))).collect();
        State {
            generation: log.entries().len() as u64,
            descriptor: DESCRIPTORS[0].clone(),
            public: if exported { vec![(KEY, Bytes::new(vec![2; 49]).unwrap())] } else { Vec::new() },
            enrolments: ENROLMENTS[..enrolled].to_vec(),
            used: used.into_iter().map(|byte| RequestId(Fixed([byte; 16]))).collect(),
            log,
            cases,
            more,
        }
    }
}

/// A small state with something in every field.
fn full() -> State {
    let mut counters = Counters::default();
    counters.count(KEY, Fixed([9; 48]), 86_400, 3);
    let more = More {
        drilled: true,
        pending: Some(vec![1, 2, 3]),
        transcript: vec![Entry { at: 3, what: Act::Stored }],
        counters,
        revoked: [Fixed([8; 48])].into(),
        unconfirmed: false,
        emergencies: 1,
        predecessor: Some(VaultId(Fixed([1; 16]))),
        successor: Some(VaultId(Fixed([2; 16]))),
        backed_up: 1,
    };
    let log = Chain::default().and(10, Happening::Created).unwrap().and(11, happened(2)).unwrap();
    State {
        generation: 2,
        descriptor: DESCRIPTORS[0].clone(),
        public: vec![(KEY, Bytes::new(vec![2; 49]).unwrap())],
        enrolments: ENROLMENTS[..1].to_vec(),
        used: [RequestId(Fixed([3; 16]))].into(),
        log,
        cases: vec![(2, Fixed([4; 16]), line("2026/0042"))],
        more,
    }
}

fn opened(bytes: &[u8]) -> Result<State, StoreError> {
    Stored::read(bytes)?.verify(&keys())
}

fn body(bytes: &[u8]) -> Body {
    postcard::from_bytes(&bytes[MAGIC.len()..bytes.len() - MAC_BYTES]).unwrap()
}

/// Writes a store of any fields with any MAC.
fn with_mac(body: &Body, mac: &[u8]) -> Vec<u8> {
    [MAGIC, &postcard::to_allocvec(body).unwrap(), mac].concat()
}

fn mac_of(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.len() - MAC_BYTES..]
}

/// Takes some fields, by their names, from another store.
fn mixed(into: &[u8], from: &[u8], fields: &[&str]) -> Body {
    let (mut body, other) = (body(into), body(from));
    for field in fields {
        let (more, theirs) = (&mut body.more, other.more.clone());
        match *field {
            "generation" => body.generation = other.generation,
            "descriptor" => body.descriptor.clone_from(&other.descriptor),
            "public" => body.public.clone_from(&other.public),
            "enrolments" => body.enrolments.clone_from(&other.enrolments),
            "used" => body.used.clone_from(&other.used),
            "drilled" => more.drilled = theirs.drilled,
            "pending" => more.pending = theirs.pending,
            "transcript" => more.transcript = theirs.transcript,
            "counters" => more.counters = theirs.counters,
            "revoked" => more.revoked = theirs.revoked,
            "unconfirmed" => more.unconfirmed = theirs.unconfirmed,
            "emergencies" => more.emergencies = theirs.emergencies,
            "predecessor" => more.predecessor = theirs.predecessor,
            "successor" => more.successor = theirs.successor,
            "backed_up" => more.backed_up = theirs.backed_up,
            "sealed" => body.sealed.clone_from(&other.sealed),
            "log" => body.log.clone_from(&other.log),
            other => panic!("no field {other}"),
        }
    }
    body
}

#[test]
fn every_flipped_bit_is_refused() {
    let bytes = full().encode(&keys()).unwrap();
    assert!(opened(&bytes).is_ok());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << bit;
            assert!(opened(&altered).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn every_shorter_store_is_refused_and_every_longer_one() {
    let bytes = full().encode(&keys()).unwrap();
    for end in 0..bytes.len() {
        assert!(opened(&bytes[..end]).is_err(), "{end} bytes");
        assert!(opened(&bytes[end + 1..]).is_err(), "without the first {}", end + 1);
        assert!(opened(&[&bytes[..end], &bytes[end + 1..]].concat()).is_err(), "without byte {end}");
    }
    for more in 1..200 {
        let (zeros, again) = (vec![0; more], &bytes[bytes.len() - more..]);
        assert!(opened(&[&bytes, zeros.as_slice()].concat()).is_err());
        assert!(opened(&[&bytes, again].concat()).is_err());
    }
    assert!(opened(&[bytes.as_slice(), &bytes].concat()).is_err());
}

#[test]
fn a_store_of_another_version_is_told_from_what_is_no_store() {
    let mut bytes = full().encode(&keys()).unwrap();
    for found in (0..=255).filter(|version| *version != 2) {
        bytes[4] = found;
        let expected = match found {
            0..2 => StoreError::Version { found, known: 2 },
            _ => StoreError::Newer { found, known: 2 },
        };
        assert_eq!(Stored::read(&bytes).err(), Some(expected));
        assert_eq!(Stored::read(&bytes[..5]).err(), Some(expected));
    }
    for other in [&bytes[..4], b"", b"C", b"clst\x02", b"redb\x02"] {
        assert_eq!(Stored::read(other).err(), Some(StoreError::NotAStore));
    }
    assert_eq!(Stored::read(MAGIC).err(), Some(StoreError::Malformed));
}

#[test]
fn a_store_above_the_limit_is_not_looked_at() {
    let bytes = vec![0; MAX_STORE + 1];
    assert_eq!(Stored::read(&bytes).err(), Some(StoreError::TooLong { found: MAX_STORE + 1, limit: MAX_STORE }));
}

#[test]
fn a_log_that_goes_back_in_time_is_refused_without_any_key() {
    let bytes = full().encode(&keys()).unwrap();
    let mut body = body(&bytes);
    body.log[1].at = 9;
    assert_eq!(Stored::read(&with_mac(&body, mac_of(&bytes))).err(), Some(StoreError::Malformed));
}

#[test]
fn only_the_keys_of_this_vault_and_this_mode_open_it() {
    let bytes = full().encode(&keys()).unwrap();
    for others in [keys_of(7, Mode::Rehearsal), keys_of(8, Mode::Real)] {
        assert_eq!(Stored::read(&bytes).unwrap().verify(&others).err(), Some(StoreError::Unauthentic));
        // Not even with a right MAC are the cases there without the key that encrypts them.
        let keys = StoreKeys { mac: keys().mac, cipher: others.cipher };
        assert_eq!(Stored::read(&bytes).unwrap().verify(&keys).err(), Some(StoreError::Malformed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// What is read is what was written, and is written again as the same bytes.
    #[test]
    fn a_state_has_one_encoding(state in state()) {
        let bytes = state.encode(&keys()).unwrap();
        prop_assert_eq!(&state.clone().encode(&keys()).unwrap(), &bytes);
        let read = opened(&bytes).unwrap();
        prop_assert_eq!(&read.encode(&keys()).unwrap(), &bytes);
        prop_assert_eq!((read.generation, &read.public, &read.used), (state.generation, &state.public, &state.used));
        prop_assert_eq!((&read.log, &read.cases, &read.more), (&state.log, &state.cases, &state.more));
        prop_assert_eq!((&read.descriptor, &read.enrolments), (&state.descriptor, &state.enrolments));
    }

    /// A sealed part of another generation is not taken for this one's, even under a right MAC.
    #[test]
    fn the_sealed_part_belongs_to_its_generation(state in state(), at in 11u64..99) {
        let (bytes, later) = (state.encode(&keys()).unwrap(), state.after(at, happened(0)).unwrap().encode(&keys()).unwrap());
        prop_assert_ne!(&body(&bytes).sealed, &body(&later).sealed);
        let encoded = postcard::to_allocvec(&mixed(&later, &bytes, &["sealed"])).unwrap();
        let log = Chain::of(body(&later).log).unwrap();
        let mac = mac(&keys().mac, &encoded, body(&later).generation, &log.head()).unwrap().finalize().into_bytes();
        prop_assert_eq!(opened(&[MAGIC, &encoded, &mac].concat()).err(), Some(StoreError::Malformed));
    }

    #[test]
    fn no_case_can_be_read_without_the_key(state in state()) {
        let bytes = state.encode(&keys()).unwrap();
        let inside = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        for (_, salt, case) in &state.cases {
            prop_assert!(!inside(case.as_str().as_bytes()), "{:?}", case.as_str());
            prop_assert!(!inside(&salt.0));
        }
    }

    /// Nor do two sets of cases share a nonce, under which their difference could be read.
    #[test]
    fn other_cases_have_another_nonce(state in state(), case in "[0-9]{6}") {
        let mut other = state.clone();
        other.cases.push((1, Fixed([0; 16]), line(&case)));
        let [one, two] = [&state, &other].map(|state| body(&state.encode(&keys()).unwrap()).sealed);
        prop_assert_ne!(&one[..24], &two[..24]);
    }

    #[test]
    fn altered_bytes_never_panic(state in state(), at: Index, cut in 0usize..80, with in vec(any::<u8>(), 0..80)) {
        let mut bytes = state.encode(&keys()).unwrap();
        let whole = bytes.clone();
        let start = at.index(bytes.len());
        bytes.splice(start..(start + cut).min(whole.len()), with);
        prop_assert!(bytes == whole || opened(&bytes).is_err());
    }

    #[test]
    fn any_bytes_after_the_magic_never_panic(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(opened(&[MAGIC, &bytes].concat()).is_err());
    }

    #[test]
    fn a_backup_is_opened_by_its_vault_alone_and_unaltered(state in state(), at: Index, bit in 0u8..8, seed: [u8; 32]) {
        let (bytes, vault) = (state.encode(&keys()).unwrap(), state.descriptor.body().vault);
        let backup = sealed::backup(&bytes, vault, state.generation, &keys(), &mut ChaCha20Rng::from_seed(seed)).unwrap();
        let opened = sealed::open_backup(&backup, &keys()).unwrap();
        prop_assert_eq!(opened.as_slice(), bytes.as_slice());
        for others in [keys_of(7, Mode::Rehearsal), keys_of(8, Mode::Real)] {
            prop_assert!(sealed::open_backup(&backup, &others).is_none());
        }
        let mut altered = backup.as_bytes().to_vec();
        altered[at.index(backup.as_bytes().len())] ^= 1 << bit;
        prop_assert!(Backup::decode(&altered).ok().and_then(|backup| sealed::open_backup(&backup, &keys())).is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Rows of different generations, mixed field by field or in any number of fields.
    #[test]
    fn no_field_of_another_state_of_the_same_vault_fits(older in state(), newer in state(), some in btree_set(0usize..FIELDS.len(), 0..17)) {
        let stores = [&older, &newer].map(|state| state.encode(&keys()).unwrap());
        let one_by_one = FIELDS.iter().map(|field| vec![*field]);
        for fields in one_by_one.chain([some.iter().map(|at| FIELDS[*at]).collect()]) {
            for (into, from) in [(&stores[0], &stores[1]), (&stores[1], &stores[0])] {
                let mixture = mixed(into, from, &fields);
                for mac in [into, from].map(|store| mac_of(store)) {
                    let bytes = with_mac(&mixture, mac);
                    prop_assert!(stores.contains(&bytes) || opened(&bytes).is_err(), "{fields:?}");
                }
            }
        }
    }
}
