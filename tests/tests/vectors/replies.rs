//! Replies: sealed and signed outside, and a plaintext inside.

use crate::{
    age::AgeKey,
    case::Case,
    malformed,
    messages::{Recorded, point, seen},
};
use cloison_formats::age::Decapsulate;
use cloison_protocol::{
    Kind, Message, OpenReply, Outcome, Point, REPLY_ENC, Reason, Reply, ReplyBody, ReplyError, Request, SealReply, SealedParts,
    Seen, Sign, SignError, Signature,
    bounded::Fixed,
    secret::{FileKey, Secret},
};
use zeroize::Zeroizing;

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "reply" => reply(case),
        "plaintext" => assert_eq!(plaintext(case), case.bytes("plaintext"), "{}", case.name()),
        "malformed-plaintext" => {
            let error = ReplyBody::decode(&case.bytes("plaintext")).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "malformed" => malformed::malformed(case),
        "refused" => {
            let error = opened(case).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "not-sealed" => {
            let request = Request::decode(&case.bytes("request")).unwrap();
            let body = ReplyBody { state: Seen { generation: 0, head: Fixed([0; 48]) }, outcomes: Vec::new() };
            let error = Reply::seal(&request, &body, &mut NoKey).unwrap_err();
            assert_eq!(format!("{error:?}"), case.text("error"));
        }
        other => panic!("{}: no check {other}", case.name()),
    }
}

impl OpenReply for AgeKey {
    fn open(&self, enc: &[u8; REPLY_ENC], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Decapsulate::open(self, enc, info, ciphertext)
    }
}

fn opened(case: &Case) -> Result<ReplyBody, ReplyError> {
    let (request, key) = (Request::decode(&case.bytes("request")).unwrap(), AgeKey::hybrid(&case.array("reply_seed")));
    Reply::decode(&case.bytes("bytes")).unwrap().open(&request, &point(case, "identity"), &key)
}

fn reply(case: &Case) {
    let bytes = case.bytes("bytes");
    let request = Request::decode(&case.bytes("request")).unwrap();
    let decoded = Reply::decode(&bytes).unwrap();
    assert_eq!(decoded.request(), request.digest());
    assert_eq!(AgeKey::hybrid(&case.array("reply_seed")).public(), request.body().reply_key.0);
    let body = opened(case).unwrap();
    assert_eq!(*body.encode(), case.bytes("plaintext"));
    assert_eq!(plaintext(case), case.bytes("plaintext"));
    let mut vault = Vault { signer: Recorded::of(&bytes, &point(case, "identity")), case };
    assert_eq!(Reply::seal(&request, &body, &mut vault).unwrap().as_bytes(), bytes, "{}", case.name());
    assert_eq!(Message::decode(&bytes).unwrap().kind(), Kind::Reply);
}

/// Encodes the outcomes that the case lists, after decoding its plaintext showed the same bytes.
fn plaintext(case: &Case) -> Vec<u8> {
    let body = ReplyBody { state: seen(&case.inner("state")), outcomes: case.list("outcomes").iter().map(outcome).collect() };
    let bytes = body.encode().to_vec();
    let again = ReplyBody::decode(&bytes).ok().unwrap();
    assert_eq!(*again.encode(), bytes);
    bytes
}

fn outcome(case: &Case) -> Outcome {
    match case.text("outcome") {
        "refused" => {
            let reason = reason(case.text("reason"));
            assert_eq!(reason.code(), case.number::<u8>("code"));
            Outcome::Refused(reason)
        }
        "file-key" => Outcome::FileKey(FileKey(Secret::copied(&case.bytes("file_key")).unwrap())),
        "signature" => Outcome::Signature(Signature(Fixed(case.array("signature")))),
        "viewed" => Outcome::Viewed,
        other => panic!("{}: no outcome {other}", case.name()),
    }
}

pub(crate) fn reason(name: &str) -> Reason {
    let all = [
        Reason::UnknownRequester,
        Reason::Expired,
        Reason::Replayed,
        Reason::UnknownKey,
        Reason::WrongUsage,
        Reason::CannotUnwrap,
        Reason::Declined,
        Reason::TooMany,
        Reason::RolledBack,
        Reason::ViewOnly,
        Reason::NotDeclared,
        Reason::KeyExpired,
        Reason::NotForYou,
        Reason::Retired,
        Reason::SessionQuota,
        Reason::DayQuota,
        Reason::TotalQuota,
        Reason::EmergencyQuota,
        Reason::CannotShow,
        Reason::Revoked,
    ];
    all.into_iter().find(|reason| format!("{reason:?}") == name).unwrap()
}

/// "Seals" and "signs" with what the case recorded.
struct Vault<'a> {
    signer: Recorded,
    case: &'a Case,
}

impl SealReply for Vault<'_> {
    fn seal(&mut self, _: &[u8; 1665], info: &[u8], _: &[u8]) -> Option<SealedParts> {
        assert_eq!(info, self.case.bytes("info"));
        Some(SealedParts { enc: self.case.array("enc"), ciphertext: self.case.bytes("ciphertext") })
    }
}

impl Sign for Vault<'_> {
    fn public(&self) -> Point {
        self.signer.public()
    }

    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        self.signer.sign(message)
    }
}

/// Seals as the vault does, to whatever the request gave as its key.
struct NoKey;

impl SealReply for NoKey {
    fn seal(&mut self, key: &[u8; 1665], info: &[u8], plaintext: &[u8]) -> Option<SealedParts> {
        let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::from_seed([0; 32]);
        let sealed = cloison_formats::hpke::seal::<cloison_formats::hpke::Hybrid>(key, info, plaintext, &mut rng)?;
        Some(SealedParts { enc: sealed.enc.try_into().ok()?, ciphertext: sealed.ciphertext })
    }
}

impl Sign for NoKey {
    fn public(&self) -> Point {
        unreachable!("nobody asks")
    }

    fn sign(&mut self, _: &[u8]) -> Result<Signature, SignError> {
        Err(SignError)
    }
}
