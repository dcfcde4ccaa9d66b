//! Messages to test with: one of each kind, and any of some.

use cloison_protocol::{
    Algorithm, Backup, BackupBody, Commitment, Descriptor, DescriptorBody, Enrolment, EnrolmentBody, KeyRef, Kind, Language,
    Limits, MAX_BATCH, Mode, Operation, Outcome, Person, Plan, PlanBody, PlannedKey, Point, Policy, PublicKey, PublicKeys,
    PublicKeysBody, Purpose, Reason, Reply, ReplyBody, Request, RequestBody, RequestId, Role, SealReply, SealedParts, Seen, Sign,
    SignError, Signature, Succession, SuccessionBody, Usage, VaultId, VaultKey,
    bounded::{Bytes, Fixed, Line, List, Prose},
};
use p384::ecdsa::{SigningKey, signature::Signer as _};
use proptest::{collection::vec, prelude::*, sample::select};
use serde::Serialize;

/// Signs with a key that is in every copy of this file.
pub(crate) struct Signer(SigningKey);

impl Signer {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 48]).unwrap())
    }

    /// Signs whatever stands there, as only somebody who holds the key could.
    pub(crate) fn signed(&mut self, label: &str, unsigned: Vec<u8>) -> Vec<u8> {
        let signature = self.sign(&[label.as_bytes(), &unsigned].concat()).unwrap();
        [unsigned, signature.0.0.to_vec()].concat()
    }
}

impl Sign for Signer {
    fn public(&self) -> Point {
        Point::from(*self.0.verifying_key())
    }

    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        let signature: p384::ecdsa::Signature = self.0.sign(message);
        Ok(Signature(Fixed(signature.to_bytes().into())))
    }
}

/// Keeps the plaintext readable: what is tested is all that stands around it.
impl SealReply for Signer {
    fn seal(&mut self, _: &[u8; 1665], _: &[u8], plaintext: &[u8]) -> Option<SealedParts> {
        Some(SealedParts { enc: [7; 1665], ciphertext: plaintext.to_vec() })
    }
}

/// Writes header and body, whatever the body says.
pub(crate) fn raw(kind: u8, body: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(body, vec![b'C', b'L', 1, kind]).unwrap()
}

pub(crate) fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::new(text).unwrap()
}

pub(crate) fn key(usage: Usage, algorithm: Algorithm, number: u16) -> KeyRef {
    KeyRef { usage, algorithm, number }
}

const VAULT: VaultId = VaultId(Fixed([3; 16]));

pub(crate) fn plan() -> PlanBody {
    let person = |name, role| Person { name: line(name), role };
    let planned =
        |usage, algorithm, policy| PlannedKey { usage: line(usage), algorithm: line(algorithm), policy: Policy::usual(policy) };
    PlanBody {
        title: line("Coffre du parquet"),
        place: line("Salle 3"),
        threshold: 2,
        people: List::new(vec![
            person("Ada Lovelace", Role::Administrator),
            person("Blaise Pascal", Role::Custodian),
            person("Émilie du Châtelet", Role::Custodian),
            person("Sophie Germain", Role::Custodian),
            person("Srinivasa Ramanujan", Role::Witness),
        ])
        .unwrap(),
        keys: List::new(vec![planned("age", "mlkem1024p384", Usage::Age), planned("text", "p384", Usage::Text)]).unwrap(),
        languages: List::new(vec![Language::French, Language::English]).unwrap(),
        limits: Limits::default(),
    }
}

pub(crate) fn descriptor() -> DescriptorBody {
    let known = |key: KeyRef| VaultKey { key, made: 100, retired: false, policy: Policy::usual(key.usage) };
    DescriptorBody {
        vault: VAULT,
        mode: Mode::Real,
        title: line("Coffre"),
        epoch: 1,
        threshold: 2,
        cards: 3,
        commitments: List::new(vec![Commitment(Fixed([4; 48])); 3]).unwrap(),
        custodians: List::new(["A", "B", "C"].map(line).to_vec()).unwrap(),
        identity: Signer::new(1).public(),
        keys: List::new(vec![
            known(key(Usage::Age, Algorithm::MlKem1024P384, 0)),
            known(key(Usage::Store, Algorithm::XChaCha20Poly1305, 0)),
        ])
        .unwrap(),
        limits: Limits::default(),
        made: 100,
        dealt: 200,
        nonce: Fixed([5; 16]),
    }
}

pub(crate) fn public_keys() -> PublicKeysBody {
    PublicKeysBody {
        vault: VAULT,
        mode: Mode::Real,
        title: line("Coffre"),
        threshold: 2,
        cards: 3,
        identity: Signer::new(1).public(),
        state: Seen { generation: 9, head: Fixed([6; 48]) },
        predecessor: Some(VaultId(Fixed([2; 16]))),
        successor: None,
        keys: List::new(vec![PublicKey {
            key: key(Usage::Age, Algorithm::P384, 1),
            retired: false,
            batch: 5,
            view_only: true,
            declared_only: false,
            bytes: Bytes::new(vec![8; 49]).unwrap(),
        }])
        .unwrap(),
    }
}

/// The vault of [`public_keys`] follows another.
pub(crate) fn succession(keys: &PublicKeys) -> SuccessionBody {
    SuccessionBody {
        old: VaultId(Fixed([2; 16])),
        mode: Mode::Real,
        old_identity: Signer::new(1).public(),
        new: keys.body().vault,
        new_title: keys.body().title.clone(),
        new_identity: keys.body().identity.clone(),
        new_keys: keys.digest(),
        at: 300,
    }
}

pub(crate) fn request(operations: Vec<Operation>) -> RequestBody {
    RequestBody {
        vault: VAULT,
        requester: Signer::new(1).public(),
        id: RequestId(Fixed([9; 16])),
        made: 400,
        expires: 500,
        purpose: Purpose { case: line("2026/0042"), reason: line("commission rogatoire") },
        key: key(Usage::Text, Algorithm::P384, 0),
        reply_key: Fixed([7; 1665]),
        seen: Seen { generation: 0, head: Fixed([0; 48]) },
        operations: List::new(operations).unwrap(),
    }
}

/// Signs bytes anew, as the kind that they are is signed; unsigned kinds are left as they are.
type Again = Box<dyn Fn(Vec<u8>) -> Vec<u8>>;

/// Gives a message of each kind, in the order of their numbers.
pub(crate) fn one_of_each() -> Vec<(Kind, Vec<u8>, Again)> {
    let mut signer = Signer::new(1);
    let request = Request::sign(request(vec![Operation::SignText(Prose::new("oui").unwrap())]), &mut signer).unwrap();
    let refused = ReplyBody { state: request.body().seen, outcomes: vec![Outcome::Refused(Reason::SessionQuota)] };
    let reply = Reply::seal(&request, &refused, &mut signer).unwrap();
    let keys = PublicKeys::sign(public_keys(), &mut signer).unwrap();
    let enrolment = Enrolment::sign(EnrolmentBody { name: line("Poste 14"), key: signer.public() }, &mut signer).unwrap();
    let descriptor = Descriptor::sign(descriptor(), &mut signer).unwrap();
    let succession = Succession::sign(succession(&keys), &mut signer).unwrap();
    let unsigned = || -> Again { Box::new(|bytes| bytes) };
    let signed = |label: &'static str| -> Again { Box::new(move |bytes| Signer::new(1).signed(label, bytes)) };
    vec![
        (Kind::Plan, Plan::new(plan()).unwrap().as_bytes().to_vec(), unsigned()),
        (Kind::Request, request.as_bytes().to_vec(), signed("cloison/v1/request")),
        // A reply's signature is looked at when it is opened.
        (Kind::Reply, reply.as_bytes().to_vec(), signed("")),
        (Kind::PublicKeys, keys.as_bytes().to_vec(), signed("cloison/v1/public-keys")),
        (Kind::Enrolment, enrolment.as_bytes().to_vec(), signed("cloison/v1/enrolment")),
        (Kind::Descriptor, descriptor.as_bytes().to_vec(), signed("cloison/v1/descriptor")),
        (Kind::Backup, Backup::new(backup(1000)).unwrap().as_bytes().to_vec(), unsigned()),
        (Kind::Succession, succession.as_bytes().to_vec(), signed("cloison/v1/succession")),
    ]
}

pub(crate) fn backup(bytes: usize) -> BackupBody {
    BackupBody { vault: VAULT, generation: 300, nonce: Fixed([1; 24]), store: Bytes::new(vec![2; bytes]).unwrap() }
}

fn any_line<const MAX: usize>() -> impl Strategy<Value = Line<MAX>> {
    "[A-Za-z0-9é’à 東_-]{0,12}".prop_map(|text| line(&text))
}

fn any_vault() -> impl Strategy<Value = VaultId> {
    any::<[u8; 16]>().prop_map(|bytes| VaultId(Fixed(bytes)))
}

fn any_digest() -> impl Strategy<Value = Fixed<48>> {
    vec(any::<u8>(), 48).prop_map(|bytes| Fixed(bytes.try_into().unwrap()))
}

fn any_mode() -> impl Strategy<Value = Mode> {
    select(vec![Mode::Real, Mode::Rehearsal])
}

fn any_key() -> impl Strategy<Value = KeyRef> {
    let usages = vec![Usage::Text, Usage::Digest, Usage::Age, Usage::Identity, Usage::Store];
    let algorithms = vec![Algorithm::P384, Algorithm::MlKem1024P384, Algorithm::HmacSha384, Algorithm::XChaCha20Poly1305];
    (select(usages), select(algorithms), any::<u16>()).prop_map(|(usage, algorithm, number)| key(usage, algorithm, number))
}

fn any_limits() -> impl Strategy<Value = Limits> {
    (1u8..=60, 0u16..=660)
        .prop_map(|(idle_minutes, more)| Limits { idle_minutes, session_minutes: u16::from(idle_minutes) + more })
}

/// Gives any policy that a k-of-n vault may have for a key of this usage.
fn any_policy(usage: Usage, threshold: u8, cards: u8) -> impl Strategy<Value = Policy> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    let quotas = (1..=MAX_BATCH, any::<u16>(), any::<u16>(), any::<u32>(), any::<u16>());
    (switches, 0..=cards, quotas, any::<u64>(), vec(any_line(), 0..=16)).prop_map(
        move |((each, view, declared), approvals, (batch, session, day, total, emergency), expires, requesters)| Policy {
            each,
            approvals: if approvals < threshold || (!each && approvals > threshold) { 0 } else { approvals },
            view_only: view && usage == Usage::Age,
            declared_only: declared && usage == Usage::Age,
            batch,
            per_session: session.max(batch.into()),
            per_day: day.max(batch.into()),
            total: total.max(batch.into()),
            expires,
            requesters: List::new(requesters).unwrap(),
            emergency,
        },
    )
}

/// Gives any k and n.
fn any_quorum() -> impl Strategy<Value = (u8, u8)> {
    (2u8..=16).prop_flat_map(|threshold| (Just(threshold), threshold..=16))
}

fn any_people(cards: u8) -> impl Strategy<Value = List<Person, 32>> {
    let roles = vec(select(vec![Role::Administrator, Role::Witness]), 0..=5);
    (roles, vec("[A-Za-zé’ 東]{0,10}", 32)).prop_flat_map(move |(others, names)| {
        let roles = others.into_iter().chain(vec![Role::Custodian; usize::from(cards)]);
        let named = roles.zip(names).enumerate().map(|(at, (role, name))| Person { name: line(&format!("{at}: {name}")), role });
        Just(named.collect::<Vec<_>>()).prop_shuffle().prop_map(|people| List::new(people).unwrap())
    })
}

fn any_planned(threshold: u8, cards: u8) -> impl Strategy<Value = PlannedKey> {
    let makes = [("text", "p384"), ("digest", "p384"), ("age", "p384"), ("age", "mlkem1024p384")];
    select(makes.to_vec()).prop_flat_map(move |(usage, algorithm)| {
        any_policy(Usage::named(usage).unwrap(), threshold, cards).prop_map(move |policy| PlannedKey {
            usage: line(usage),
            algorithm: line(algorithm),
            policy,
        })
    })
}

pub(crate) fn any_plan() -> impl Strategy<Value = PlanBody> {
    use Language::{English, French};
    let languages = vec![vec![English], vec![French], vec![English, French], vec![French, English]];
    any_quorum().prop_flat_map(move |(threshold, cards)| {
        let keys = vec(any_planned(threshold, cards), 1..=16);
        let texts = ("[A-Za-z0-9][A-Za-z é]{0,40}", any_line());
        (texts, any_people(cards), keys, select(languages.clone()), any_limits()).prop_map(
            move |((title, place), people, keys, languages, limits)| PlanBody {
                title: line(&title),
                place,
                threshold,
                people,
                keys: List::new(keys).unwrap(),
                languages: List::new(languages).unwrap(),
                limits,
            },
        )
    })
}

fn any_vault_key(threshold: u8, cards: u8) -> impl Strategy<Value = VaultKey> {
    (any_key(), any::<u64>(), any::<bool>()).prop_flat_map(move |(key, made, retired)| {
        any_policy(key.usage, threshold, cards).prop_map(move |policy| VaultKey { key, made, retired, policy })
    })
}

pub(crate) fn any_descriptor() -> impl Strategy<Value = DescriptorBody> {
    any_quorum().prop_flat_map(|(threshold, cards)| {
        let count = usize::from(cards);
        let dealt = (vec(any_digest(), count), vec(any_line(), count), 1u16.., any::<u64>());
        let keys = vec(any_vault_key(threshold, cards), 0..=32);
        let names = (any_vault(), any_mode(), any_line(), any::<u64>(), any::<[u8; 16]>());
        (names, dealt, keys, any_limits()).prop_map(
            move |((vault, mode, title, made, nonce), (commitments, custodians, epoch, dealt), keys, limits)| DescriptorBody {
                vault,
                mode,
                title,
                epoch,
                threshold,
                cards,
                commitments: List::new(commitments.into_iter().map(Commitment).collect()).unwrap(),
                custodians: List::new(custodians).unwrap(),
                identity: Signer::new(1).public(),
                keys: List::new(keys).unwrap(),
                limits,
                made,
                dealt,
                nonce: Fixed(nonce),
            },
        )
    })
}

pub(crate) fn any_keys() -> impl Strategy<Value = PublicKeysBody> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    let known = (any_key(), switches, any::<u8>(), vec(any::<u8>(), 0..=200)).prop_map(
        |(key, (retired, view_only, declared_only), batch, bytes)| PublicKey {
            key,
            retired,
            batch,
            view_only,
            declared_only,
            bytes: Bytes::new(bytes).unwrap(),
        },
    );
    let state = (any::<u64>(), any_digest()).prop_map(|(generation, head)| Seen { generation, head });
    let around = (proptest::option::of(any_vault()), proptest::option::of(any_vault()));
    (any_vault(), any_mode(), any_line(), any::<[u8; 2]>(), state, around, vec(known, 0..=32)).prop_map(
        |(vault, mode, title, [threshold, cards], state, (predecessor, successor), keys)| PublicKeysBody {
            vault,
            mode,
            title,
            threshold,
            cards,
            identity: Signer::new(1).public(),
            state,
            predecessor,
            successor,
            keys: List::new(keys).unwrap(),
        },
    )
}

pub(crate) fn any_succession() -> impl Strategy<Value = SuccessionBody> {
    let vaults = (any_vault(), any_vault()).prop_filter("a vault does not follow itself", |(old, new)| old != new);
    (vaults, any_mode(), 1u8..=200, any_line(), any_digest(), any::<u64>()).prop_map(
        |((old, new), mode, seed, new_title, new_keys, at)| SuccessionBody {
            old,
            mode,
            old_identity: Signer::new(1).public(),
            new,
            new_title,
            new_identity: Signer::new(seed).public(),
            new_keys,
            at,
        },
    )
}

pub(crate) fn any_backup() -> impl Strategy<Value = BackupBody> {
    (any_vault(), any::<u64>(), any::<[u8; 24]>(), vec(any::<u8>(), 0..2000)).prop_map(|(vault, generation, nonce, store)| {
        BackupBody { vault, generation, nonce: Fixed(nonce), store: Bytes::new(store).unwrap() }
    })
}
