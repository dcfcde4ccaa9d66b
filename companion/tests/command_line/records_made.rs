//! Signed transcripts and logs, as the vault of these tests would make them.

use crate::vault::Vault;
use cloison_protocol::{
    Act, Alarm, Alarms, Algorithm, CaseCommitment, Ceremony, Chain, Chained, Digest, Happening, KeyRef, Language, Limits, Log,
    Measure, Mode, Person, Plan, PlanBody, PlannedKey, Point, Policy, Reason, Record, Role, Seen, Sign, SignError, Signature,
    Transcript, Usage, VaultId, Whose,
    bounded::{Fixed, Line, List},
};
use p384::ecdsa::{Signature as Ecdsa, SigningKey, signature::Signer as _};

/// 12 March 2026, 09:00 UTC.
pub(crate) const MORNING: u64 = 1_773_306_000;
pub(crate) const CUSTODIANS: [&str; 3] = ["Anne Roux", "Karim Benali", "Jeanne Petit"];

/// The identity of the vault that these tests make with a seed.
pub(crate) struct Identity(SigningKey);

impl Identity {
    pub(crate) fn with(seed: u8) -> Self {
        let mut scalar = [seed; 48];
        (scalar[0], scalar[1]) = (1, 1);
        Self(SigningKey::from_slice(&scalar).unwrap())
    }
}

impl Sign for Identity {
    fn public(&self) -> Point {
        Point::from(*self.0.verifying_key())
    }

    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        let ecdsa: Ecdsa = self.0.sign(message);
        Ok(Signature(Fixed(ecdsa.to_bytes().into())))
    }
}

pub(crate) fn line<const N: usize>(text: &str) -> Line<N> {
    Line::new(text).unwrap()
}

pub(crate) fn hash(byte: u8) -> Digest {
    Fixed([byte; 48])
}

pub(crate) fn cards(indices: &[u8]) -> List<u8, 16> {
    List::new(indices.to_vec()).unwrap()
}

pub(crate) fn whose(vault: &Vault) -> Whose {
    let keys = vault.keys();
    let body = keys.body();
    Whose { vault: body.vault, mode: body.mode, title: body.title.clone(), identity: body.identity.clone() }
}

pub(crate) fn chain<E: Chained>(what: &[E]) -> Chain<E> {
    let timed = (MORNING..).step_by(60).zip(what.iter().cloned());
    timed.fold(Chain::default(), |chain, (at, what)| chain.and(at, what).unwrap())
}

/// Signs a chain as the vault of seed 1.
pub(crate) fn signed<E: Chained>(whose: &Whose, what: &[E]) -> Record<E> {
    stretch(whose, what, usize::MAX)
}

/// Signs the last entries of a chain as the vault of seed 1.
pub(crate) fn stretch<E: Chained>(whose: &Whose, what: &[E], most: usize) -> Record<E> {
    chain(what).export(whose, most, &mut Identity::with(1)).unwrap()
}

pub(crate) fn transcript(vault: &Vault, acts: &[Act]) -> Transcript {
    signed(&whose(vault), acts)
}

pub(crate) fn log(vault: &Vault, happenings: &[Happening]) -> Log {
    signed(&whose(vault), happenings)
}

/// The plan of the ceremony that `whole` is.
pub(crate) fn plan() -> PlanBody {
    let person = |name: &str, role| Person { name: line(name), role };
    let custodians = CUSTODIANS.map(|name| person(name, Role::Custodian));
    let mut people = vec![person("Paul Morel", Role::Administrator), person("Zoé Lam", Role::Witness)];
    people.extend(custodians);
    PlanBody {
        title: line("Court of Lyon"),
        place: line("Lyon"),
        threshold: 2,
        people: List::new(people).unwrap(),
        keys: List::new(vec![PlannedKey { usage: line("text"), algorithm: line("p384"), policy: Policy::usual(Usage::Text) }])
            .unwrap(),
        languages: List::new(vec![Language::French]).unwrap(),
        limits: Limits::default(),
    }
}

/// Everything that happens at a ceremony of 2 of 3 cards.
pub(crate) fn whole(vault: &Vault) -> Vec<Act> {
    let entropy = |source: &str, by: &str, amount, tested| Act::Entropy { source: line(source), by: line(by), amount, tested };
    let mut acts = vec![
        Act::Began {
            ceremony: Ceremony::Creation,
            plan: Plan::new(plan()).unwrap().digest(),
            program: line("cloison-kiosk 0.1.0"),
            image: Some(hash(9)),
        },
        Act::SelfTested { answers: 312 },
    ];
    let people = plan().people.as_slice().to_vec();
    acts.extend(people.into_iter().map(|Person { name, role }| Act::Present { name, role }));
    acts.extend([entropy("kernel", "", 64, 0), entropy("jitter", "", 1024, 1024), entropy("dice", "Zoé Lam", 50, 0)]);
    acts.push(Act::Dealt { vault: vault.keys().body().vault, epoch: 1, threshold: 2, cards: 3 });
    for (name, index) in CUSTODIANS.iter().zip(1..) {
        acts.extend([Act::Shown { index, custodian: line(name) }, Act::ReadBack { index }]);
    }
    acts.extend([Act::Stored, Act::DrillBegan]);
    acts.extend([3, 1, 2].map(|index| Act::Drilled { index }));
    acts.extend([
        Act::Proven { cards: 3, subsets: 3 },
        Act::KeysCompared { keys: 4, fingerprint: vault.keys().digest() },
        Act::Activated { descriptor: hash(8) },
    ]);
    acts
}

/// A short life of a vault: an emergency that is not reviewed, refusals, and a request left open.
pub(crate) fn life() -> Vec<Happening> {
    let (claire, stranger) = (hash(20), hash(21));
    let age = KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 };
    let text = KeyRef { usage: Usage::Text, algorithm: Algorithm::P384, number: 0 };
    let answered = |request, key, custodians: &[u8], granted, emergency| Happening::Answered {
        request: hash(request),
        requester: claire,
        case: CaseCommitment::to(&Fixed([1; 16]), "2026-114"),
        key,
        custodians: cards(custodians),
        granted,
        emergency,
    };
    let presented = |request| Happening::Presented { request: hash(request), requester: claire, custodians: cards(&[1, 3]) };
    let refused = |request, requester, reason| Happening::Refused { request: hash(request), requester, reason };
    vec![
        Happening::Created,
        Happening::Drilled { epoch: 1, cards: 3, transcript: hash(30) },
        Happening::Opened { custodians: cards(&[1, 3]) },
        refused(40, stranger, Reason::UnknownRequester),
        Happening::Enrolled { name: line("Claire Martin"), key: claire, custodians: cards(&[1, 3]) },
        presented(41),
        answered(41, age, &[1, 3], 3, false),
        answered(42, text, &[], 1, false),
        presented(43),
        answered(43, age, &[1, 3], 2, true),
        presented(44),
        refused(44, claire, Reason::Declined),
        presented(45),
        Happening::Reviewed { custodians: cards(&[1, 3]), operations: 1 },
        refused(46, claire, Reason::Declined),
    ]
}

/// Every other thing that a log may tell.
pub(crate) fn upheavals() -> Vec<Happening> {
    let (custodians, vault) = (cards(&[2]), VaultId(Fixed([5; 16])));
    vec![
        Happening::Restored { custodians: custodians.clone(), descriptor: false, backup: None },
        Happening::Confirmed { custodians: custodians.clone() },
        Happening::Renewed { custodians: cards(&[]) },
        Happening::Restored { custodians: cards(&[1, 2, 3]), descriptor: true, backup: Some(12) },
        Happening::Redealt { epoch: 2, custodians: custodians.clone() },
        Happening::RedealAbandoned { epoch: 2 },
        Happening::Rotated {
            key: KeyRef { usage: Usage::Digest, algorithm: Algorithm::P384, number: 1 },
            custodians: custodians.clone(),
        },
        Happening::Revoked { name: line("Claire Martin"), key: hash(20), custodians: custodians.clone() },
        Happening::Succeeded { by: vault, custodians: custodians.clone() },
        Happening::Follows { old: vault, custodians },
        Happening::BackedUp { backup: hash(31) },
    ]
}

/// The vault sealed for one alarm of each sort, and more than are named.
pub(crate) fn alarmed() -> Happening {
    let usb = Alarm::UsbDevice { vendor: 0x0bda, product: 0x8153, class: 0xff, name: line("LAN adapter") };
    let mut alarms = vec![Alarm::Interface(line("eth0")), Alarm::Radio(line("phy0")), usb, Alarm::Unreadable(line("/sys"))];
    alarms.extend(vec![Alarm::Unconfined(Measure::Calls); 6]);
    Happening::Alarmed { alarms: Alarms::of(&alarms).unwrap() }
}

/// The state that a workstation has seen when it saw so many entries of a log.
pub(crate) fn seen(happenings: &[Happening], count: u64) -> Seen {
    Seen { generation: count, head: chain(happenings).head_after(count).unwrap() }
}

/// A vault of which the newest state is the one after so many entries of its log.
pub(crate) fn vault_after(happenings: &[Happening], count: u64) -> Vault {
    let mut vault = Vault::new();
    vault.state = seen(happenings, count);
    vault
}

#[test]
fn these_tests_sign_with_the_identity_of_the_test_vault() {
    for (vault, seed) in [(Vault::new(), 1), (Vault::rehearsal(), 1), (Vault::with(9, 1), 9)] {
        assert_eq!(vault.keys().body().identity, Identity::with(seed).public());
    }
    assert_eq!(whose(&Vault::rehearsal()).mode, Mode::Rehearsal);
}
