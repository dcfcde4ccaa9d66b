//! Messages: each is decoded, compared field by field, and encoded again from its fields.

use crate::{
    case::Case,
    derivation::{key_ref, mode},
    malformed,
};
use cloison_protocol::{
    Commitment, Descriptor, DescriptorBody, Enrolment, EnrolmentBody, Kind, Limits, Message, Operation, Point, Policy, PublicKey,
    PublicKeys, PublicKeysBody, Purpose, Request, RequestBody, RequestId, Seen, Sign, SignError, Signature, VaultId, VaultKey,
    bounded::{Bytes, Fixed, Line, List, Prose},
};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "enrolment" => enrolment(case),
        "public-keys" => public_keys(case),
        "descriptor" => descriptor(case),
        "request" => request(case),
        "malformed" => malformed::malformed(case),
        other => panic!("{}: no check {other}", case.name()),
    }
}

/// "Signs" with the signature that a message ends with, so that encoding can be compared.
pub(crate) struct Recorded(Point, Signature);

impl Recorded {
    pub(crate) fn of(bytes: &[u8], signer: &Point) -> Self {
        Self(signer.clone(), Signature(Fixed(*bytes.last_chunk().unwrap())))
    }
}

impl Sign for Recorded {
    fn public(&self) -> Point {
        self.0.clone()
    }

    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        if self.0.verifies(message, &self.1) { Ok(self.1) } else { Err(SignError) }
    }
}

pub(crate) fn point(case: &Case, field: &str) -> Point {
    Point::from_bytes(&case.array(field)).unwrap()
}

pub(crate) fn seen(case: &Case) -> Seen {
    Seen { generation: case.number("generation"), head: Fixed(case.array("head")) }
}

pub(crate) fn vault(case: &Case, field: &str) -> VaultId {
    VaultId(Fixed(case.array(field)))
}

pub(crate) fn line<const N: usize>(case: &Case, field: &str) -> Line<N> {
    Line::new(case.text(field)).unwrap()
}

pub(crate) fn lines<const N: usize, const MAX: usize>(case: &Case, field: &str) -> List<Line<N>, MAX> {
    List::new(case.list_of_text(field).iter().map(|text| Line::new(text).unwrap()).collect()).unwrap()
}

pub(crate) fn policy(case: &Case) -> Policy {
    Policy {
        each: case.flag("each"),
        approvals: case.number("approvals"),
        view_only: case.flag("view_only"),
        declared_only: case.flag("declared_only"),
        batch: case.number("batch"),
        per_session: case.number("per_session"),
        per_day: case.number("per_day"),
        total: case.number("total"),
        expires: case.number("expires"),
        requesters: lines(case, "requesters"),
        emergency: case.number("emergency"),
    }
}

pub(crate) fn limits(case: &Case) -> Limits {
    Limits { idle_minutes: case.number("idle_minutes"), session_minutes: case.number("session_minutes") }
}

fn enrolment(case: &Case) {
    let bytes = case.bytes("bytes");
    let body = EnrolmentBody { name: line(case, "name"), key: point(case, "key") };
    let decoded = Enrolment::decode(&bytes).unwrap();
    assert_eq!(decoded.body(), &body);
    assert_eq!(decoded.fingerprint().words().as_slice(), case.list_of_text("fingerprint"));
    let mut signer = Recorded::of(&bytes, &body.key);
    assert_eq!(Enrolment::sign(body, &mut signer).unwrap().as_bytes(), bytes, "{}", case.name());
    assert_eq!(Message::decode(&bytes).unwrap().kind(), Kind::Enrolment);
}

fn public_keys(case: &Case) {
    let bytes = case.bytes("bytes");
    let key = |key: &Case| PublicKey {
        key: key_ref(key),
        retired: key.flag("retired"),
        batch: key.number("batch"),
        view_only: key.flag("view_only"),
        declared_only: key.flag("declared_only"),
        bytes: Bytes::new(key.bytes("bytes")).unwrap(),
    };
    let body = PublicKeysBody {
        vault: vault(case, "vault"),
        mode: mode(case),
        title: line(case, "title"),
        threshold: case.number("threshold"),
        cards: case.number("cards"),
        identity: point(case, "identity"),
        state: seen(&case.inner("state")),
        predecessor: case.optional("predecessor").map(|id| VaultId(Fixed(id))),
        successor: case.optional("successor").map(|id| VaultId(Fixed(id))),
        keys: List::new(case.list("keys").iter().map(key).collect()).unwrap(),
    };
    let decoded = PublicKeys::decode(&bytes).unwrap();
    assert_eq!(decoded.body(), &body);
    assert_eq!(decoded.fingerprint().words().as_slice(), case.list_of_text("fingerprint"));
    let mut signer = Recorded::of(&bytes, &body.identity);
    assert_eq!(PublicKeys::sign(body, &mut signer).unwrap().as_bytes(), bytes, "{}", case.name());
    assert_eq!(Message::decode(&bytes).unwrap().kind(), Kind::PublicKeys);
}

fn descriptor(case: &Case) {
    let bytes = case.bytes("bytes");
    let commitments = case.list_of_bytes("commitments").into_iter().map(|bytes| Commitment(Fixed(bytes.try_into().unwrap())));
    let key = |key: &Case| VaultKey {
        key: key_ref(key),
        made: key.number("made"),
        retired: key.flag("retired"),
        policy: policy(&key.inner("policy")),
    };
    let body = DescriptorBody {
        vault: vault(case, "vault"),
        mode: mode(case),
        title: line(case, "title"),
        epoch: case.number("epoch"),
        threshold: case.number("threshold"),
        cards: case.number("cards"),
        commitments: List::new(commitments.collect()).unwrap(),
        custodians: lines(case, "custodians"),
        identity: point(case, "identity"),
        keys: List::new(case.list("keys").iter().map(key).collect()).unwrap(),
        limits: limits(&case.inner("limits")),
        made: case.number("made"),
        dealt: case.number("dealt"),
        nonce: Fixed(case.array("nonce")),
    };
    assert_eq!(Descriptor::decode(&bytes).unwrap().body(), &body);
    let mut signer = Recorded::of(&bytes, &body.identity);
    assert_eq!(Descriptor::sign(body, &mut signer).unwrap().as_bytes(), bytes, "{}", case.name());
    assert_eq!(Message::decode(&bytes).unwrap().kind(), Kind::Descriptor);
}

fn operation(case: &Case) -> Operation {
    match case.text("operation") {
        "unwrap" => Operation::Unwrap(Bytes::new(case.bytes("header")).unwrap()),
        "sign-text" => Operation::SignText(Prose::new(case.text("text")).unwrap()),
        "sign-digest" => {
            Operation::SignDigest { digest: Fixed(case.array("digest")), name: line(case, "name"), size: case.number("size") }
        }
        "view" => Operation::View {
            header: Bytes::new(case.bytes("header")).unwrap(),
            payload: Bytes::new(case.bytes("payload")).unwrap(),
        },
        other => panic!("{}: no operation {other}", case.name()),
    }
}

fn request(case: &Case) {
    let bytes = case.bytes("bytes");
    let body = RequestBody {
        vault: vault(case, "vault"),
        requester: point(case, "requester"),
        id: RequestId(Fixed(case.array("id"))),
        made: case.number("made"),
        expires: case.number("expires"),
        purpose: Purpose { case: line(case, "case"), reason: line(case, "reason") },
        key: key_ref(&case.inner("key")),
        reply_key: Fixed(case.array("reply_key")),
        seen: seen(&case.inner("seen")),
        operations: List::new(case.list("operations").iter().map(operation).collect()).unwrap(),
    };
    let decoded = Request::decode(&bytes).unwrap();
    assert_eq!(decoded.body(), &body);
    assert_eq!(decoded.digest().0, case.array("digest"), "{}", case.name());
    let mut signer = Recorded::of(&bytes, &body.requester);
    assert_eq!(Request::sign(body, &mut signer).unwrap().as_bytes(), bytes);
    assert_eq!(Message::decode(&bytes).unwrap().kind(), Kind::Request);
}
