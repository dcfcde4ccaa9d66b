//! What the vault answers: sealed to the request's one-time key, then signed by the vault.

use crate::{
    bounded::{Bytes, Fixed},
    fingerprint::Digest,
    message::{Kind, MessageError},
    request::{MAX_OPERATIONS, Request, Seen},
    secret::{FileKey, Secret},
    signature::{Point, Sign, Signature},
    wire,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use zeroize::Zeroizing;

const LABEL: &[u8] = b"cloison/v1/reply";
const BODY_VERSION: u8 = 1;
/// The bytes of an HPKE encapsulated key for MLKEM1024-P384.
pub const REPLY_ENC: usize = 1665;
const MAX_SEALED: usize = 16_384;

/// Says why the vault refused an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// The requester is not enrolled.
    #[error("this workstation is not enrolled at the vault. Enrol it, then ask again")]
    UnknownRequester,
    /// The request's time is over, by the vault's clock.
    #[error("the request had expired when the vault read it. Make a new one")]
    Expired,
    /// This request, or another with its id, was answered before.
    #[error("the vault had already answered this request. Make a new one")]
    Replayed,
    /// The vault has no such key.
    #[error("the vault has no such key. Import its public keys again")]
    UnknownKey,
    /// The key is not for this operation.
    #[error("this key is not for that operation. Choose another key")]
    WrongUsage,
    /// The record could not be unwrapped, for whatever cause.
    #[error("the vault could not unwrap this record. It may be damaged, altered, or encrypted to another key")]
    CannotUnwrap,
    /// The people at the vault said no.
    #[error("the custodians declined. Ask them why")]
    Declined,
    /// More operations than the vault's policy allows in one request.
    #[error("the request holds more operations than the vault's policy allows at once. Split it")]
    TooMany,
    /// The requester has seen a later state of the vault than the vault itself has.
    #[error(
        "the vault's store is older than what this workstation has seen of it. Tell the administrator: it may have been rolled back"
    )]
    RolledBack,
    /// The key's records are only shown on the kiosk.
    #[error("records of this key are only shown on the kiosk. Use `cloison view`")]
    ViewOnly,
    /// The record does not declare what it is, and the policy asks for it.
    #[error("the record does not declare what it is, and the vault's policy asks for it. Have it encrypted with `--record`")]
    NotDeclared,
    /// The key may be used no longer.
    #[error("the key may be used no longer, by the vault's policy. Ask the custodians for a newer one")]
    KeyExpired,
    /// The policy names other requesters.
    #[error("the vault's policy does not let this workstation use this key. Ask the administrator")]
    NotForYou,
    /// A newer key, or a newer vault, took its place.
    #[error("a newer key or a newer vault took this one's place. Import the newest public keys")]
    Retired,
    /// The quota of one opening of the vault is used up.
    #[error("as much was asked as one opening of the vault allows. Ask again when it is opened next")]
    SessionQuota,
    /// The requester's quota of this day is used up.
    #[error("this workstation's quota of the day is used up. Ask again tomorrow, or ask for less")]
    DayQuota,
    /// The quota that the quorum granted is used up.
    #[error("the quota that the custodians granted is used up. Ask them to renew it")]
    TotalQuota,
    /// The quota of emergencies is used up until they are reviewed.
    #[error("the quota of emergencies is used up. The custodians must review the earlier ones first")]
    EmergencyQuota,
    /// The record opens, but its content cannot be shown on the kiosk.
    #[error("the kiosk cannot show what is in this record. Ask for its key instead, where the policy allows it")]
    CannotShow,
    /// The requester's enrolment was revoked.
    #[error("this workstation's enrolment was revoked. Ask the administrator")]
    Revoked,
}

impl Reason {
    const ALL: [Self; 20] = [
        Self::UnknownRequester,
        Self::Expired,
        Self::Replayed,
        Self::UnknownKey,
        Self::WrongUsage,
        Self::CannotUnwrap,
        Self::Declined,
        Self::TooMany,
        Self::RolledBack,
        Self::ViewOnly,
        Self::NotDeclared,
        Self::KeyExpired,
        Self::NotForYou,
        Self::Retired,
        Self::SessionQuota,
        Self::DayQuota,
        Self::TotalQuota,
        Self::EmergencyQuota,
        Self::CannotShow,
        Self::Revoked,
    ];

    /// Gives the reason code, from 1.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::UnknownRequester => 1,
            Self::Expired => 2,
            Self::Replayed => 3,
            Self::UnknownKey => 4,
            Self::WrongUsage => 5,
            Self::CannotUnwrap => 6,
            Self::Declined => 7,
            Self::TooMany => 8,
            Self::RolledBack => 9,
            Self::ViewOnly => 10,
            Self::NotDeclared => 11,
            Self::KeyExpired => 12,
            Self::NotForYou => 13,
            Self::Retired => 14,
            Self::SessionQuota => 15,
            Self::DayQuota => 16,
            Self::TotalQuota => 17,
            Self::EmergencyQuota => 18,
            Self::CannotShow => 19,
            Self::Revoked => 20,
        }
    }

    fn coded(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.code())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = u8::deserialize(deserializer)?;
        Self::coded(code).ok_or_else(|| de::Error::invalid_value(de::Unexpected::Unsigned(code.into()), &"a reason code"))
    }
}

/// What came of one operation. Holds a secret: neither printed nor cloned.
pub enum Outcome {
    /// It was refused.
    Refused(Reason),
    /// The file key of an age file.
    FileKey(FileKey),
    /// A signature.
    Signature(Signature),
    /// The record was shown on the kiosk, and nothing of it leaves.
    Viewed,
}

/// The inside of a reply: the vault's state and an outcome for each operation, in order.
pub struct ReplyBody {
    /// The vault's state after this reply.
    pub state: Seen,
    /// One outcome an operation.
    pub outcomes: Vec<Outcome>,
}

impl ReplyBody {
    /// Writes the plaintext of a reply into memory that is wiped.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(58 + self.outcomes.len() * 97));
        bytes.push(BODY_VERSION);
        bytes.extend(self.state.generation.to_le_bytes());
        bytes.extend(self.state.head.0);
        bytes.push(u8::try_from(self.outcomes.len()).unwrap_or(u8::MAX));
        for outcome in &self.outcomes {
            match outcome {
                Outcome::Refused(reason) => bytes.extend([0, reason.code()]),
                Outcome::FileKey(key) => {
                    bytes.push(1);
                    bytes.extend(key.0.expose());
                }
                Outcome::Signature(signature) => {
                    bytes.push(2);
                    bytes.extend(signature.0.0);
                }
                Outcome::Viewed => bytes.push(3),
            }
        }
        bytes
    }

    /// Reads the plaintext of a reply.
    ///
    /// # Errors
    /// [`ReplyError::Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ReplyError> {
        Reader(bytes).body().ok_or(ReplyError::Malformed)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<&[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| *byte)
    }

    fn body(mut self) -> Option<ReplyBody> {
        if self.byte()? != BODY_VERSION {
            return None;
        }
        let generation = u64::from_le_bytes(*self.take()?);
        let head = Fixed(*self.take()?);
        let count = usize::from(self.byte()?);
        if count > MAX_OPERATIONS {
            return None;
        }
        let outcomes = (0..count).map(|_| self.outcome()).collect::<Option<_>>()?;
        self.0.is_empty().then_some(ReplyBody { state: Seen { generation, head }, outcomes })
    }

    fn outcome(&mut self) -> Option<Outcome> {
        match self.byte()? {
            0 => Reason::coded(self.byte()?).map(Outcome::Refused),
            1 => Secret::copied(self.take::<16>()?).map(|key| Outcome::FileKey(FileKey(key))),
            2 => Some(Outcome::Signature(Signature(Fixed(*self.take()?)))),
            3 => Some(Outcome::Viewed),
            _ => None,
        }
    }
}

/// An HPKE encapsulated key and ciphertext.
pub struct SealedParts {
    /// The encapsulated key.
    pub enc: [u8; REPLY_ENC],
    /// The ciphertext with its tag.
    pub ciphertext: Vec<u8>,
}

/// Seals a reply with HPKE base mode, MLKEM1024-P384, HKDF-SHA384, AES-256-GCM (RFC 9180 §6.1).
pub trait SealReply {
    /// Seals `plaintext` to `key` with `info` and no associated data; `None` if `key` is not a key.
    fn seal(&mut self, key: &[u8; 1665], info: &[u8], plaintext: &[u8]) -> Option<SealedParts>;
}

/// Opens a reply with the one-time private key of its request.
pub trait OpenReply {
    /// Opens what [`SealReply::seal`] sealed, or gives `None`.
    fn open(&self, enc: &[u8; REPLY_ENC], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>>;
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    request: Digest,
    enc: Fixed<REPLY_ENC>,
    ciphertext: Bytes<MAX_SEALED>,
}

/// A sealed and signed reply, not yet opened against its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    parts: Parts,
    signature: Signature,
    bytes: Vec<u8>,
}

impl Reply {
    /// Seals a reply to its request and signs it with the vault's identity.
    ///
    /// # Errors
    /// [`ReplyError`] where the request's reply key is no key or the signer fails.
    pub fn seal<V: SealReply + Sign>(request: &Request, body: &ReplyBody, vault: &mut V) -> Result<Self, ReplyError> {
        let digest = request.digest();
        let sealed = vault.seal(&request.body().reply_key.0, &info(&digest), &body.encode()).ok_or(ReplyError::ReplyKey)?;
        let ciphertext = Bytes::new(sealed.ciphertext).map_err(|_| ReplyError::Message(MessageError::Unencodable))?;
        let parts = Parts { request: digest, enc: Fixed(sealed.enc), ciphertext };
        let signature = vault.sign(&signed_bytes(&parts)).map_err(|error| ReplyError::Message(MessageError::Sign(error)))?;
        let mut bytes = wire::encode(Kind::Reply, &parts)?;
        bytes.extend(signature.0.0);
        Ok(Self { parts, signature, bytes })
    }

    /// Reads a reply; its signature is checked when it is opened, since only the request tells whose it must be.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        wire::expect(Kind::Reply, bytes)?;
        let (unsigned, signature) = wire::split(Kind::Reply, bytes)?;
        let parts = wire::decode(Kind::Reply, unsigned)?;
        Ok(Self { parts, signature, bytes: bytes.to_vec() })
    }

    /// Gives the digest of the request that it answers.
    #[must_use]
    pub fn request(&self) -> Digest {
        self.parts.request
    }

    /// Lends the bytes that cross the gap.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Verifies the vault's signature, opens the reply and matches it to its request.
    ///
    /// # Errors
    /// [`ReplyError`]; the signature is checked before anything is decrypted.
    pub fn open(&self, request: &Request, vault: &Point, key: &impl OpenReply) -> Result<ReplyBody, ReplyError> {
        if self.parts.request != request.digest() {
            return Err(ReplyError::OtherRequest);
        }
        if !vault.verifies(&signed_bytes(&self.parts), &self.signature) {
            return Err(ReplyError::Message(MessageError::BadSignature(Kind::Reply)));
        }
        let plaintext = key
            .open(&self.parts.enc.0, &info(&self.parts.request), self.parts.ciphertext.as_slice())
            .ok_or(ReplyError::Unopened)?;
        let body = ReplyBody::decode(&plaintext)?;
        let (expected, found) = (request.body().operations.as_slice().len(), body.outcomes.len());
        if expected == found { Ok(body) } else { Err(ReplyError::Count { expected, found }) }
    }
}

fn info(request: &Digest) -> Vec<u8> {
    [LABEL, &request.0].concat()
}

fn signed_bytes(parts: &Parts) -> Vec<u8> {
    [LABEL, &parts.request.0, &parts.enc.0, parts.ciphertext.as_slice()].concat()
}

/// Says why a reply cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// It answers another request.
    #[error("this reply answers another request. Give the reply to the request that is waiting, or the request to this reply")]
    OtherRequest,
    /// The request's one-time key is not a public key.
    #[error("the request's reply key is not a public key. Make the request again")]
    ReplyKey,
    /// The one-time key does not open it.
    #[error("the reply could not be opened with this workstation's one-time key. It was altered, or the key is another one")]
    Unopened,
    /// The plaintext does not parse.
    #[error("the reply's content is malformed. Update this program, or the appliance")]
    Malformed,
    /// Outcomes and operations differ in number.
    #[error("the request asked {expected} things and the reply answers {found}. Do not use it")]
    Count {
        /// Operations asked.
        expected: usize,
        /// Outcomes given.
        found: usize,
    },
    /// The envelope is wrong.
    #[error(transparent)]
    Message(#[from] MessageError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use static_assertions::assert_not_impl_any;

    assert_not_impl_any!(Outcome: core::fmt::Debug, Clone, Copy, serde::Serialize);
    assert_not_impl_any!(ReplyBody: core::fmt::Debug, Clone, Copy, serde::Serialize);

    #[test]
    fn every_reason_keeps_its_code() {
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(reason.code()), index + 1);
            assert_eq!(Reason::coded(reason.code()), Some(reason));
        }
        assert_eq!(Reason::coded(0), None);
        assert_eq!(Reason::coded(21), None);
    }

    #[test]
    fn a_hundred_outcomes_are_read_and_one_more_is_not() {
        let body = |count| ReplyBody {
            state: Seen { generation: 1, head: Fixed([7; 48]) },
            outcomes: (0..count).map(|_| Outcome::Viewed).collect(),
        };
        assert_eq!(ReplyBody::decode(&body(MAX_OPERATIONS).encode()).ok().unwrap().outcomes.len(), MAX_OPERATIONS);
        assert_eq!(ReplyBody::decode(&body(MAX_OPERATIONS + 1).encode()).err(), Some(ReplyError::Malformed));
        let longest = (0..MAX_OPERATIONS).map(|_| Outcome::Signature(Signature(Fixed([9; 96])))).collect();
        let longest = ReplyBody { outcomes: longest, ..body(0) }.encode().len();
        assert!(longest + 16 <= MAX_SEALED, "the longest reply fits, with its tag");
    }

    proptest! {
        #[test]
        fn random_plaintext_never_panics_and_is_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(body) = ReplyBody::decode(&bytes) {
                prop_assert_eq!(&*body.encode(), &bytes);
            }
        }

        #[test]
        fn a_body_reads_back_and_every_truncation_is_refused(generation: u64, key: [u8; 16], cut in 0usize..200) {
            let body = ReplyBody {
                state: Seen { generation, head: Fixed([7; 48]) },
                outcomes: vec![
                    Outcome::FileKey(FileKey(Secret::copied(&key).unwrap())),
                    Outcome::Refused(Reason::CannotUnwrap),
                    Outcome::Signature(Signature(Fixed([9; 96]))),
                    Outcome::Viewed,
                ],
            };
            let bytes = body.encode();
            let again = ReplyBody::decode(&bytes).unwrap_or_else(|_| panic!("own encoding"));
            prop_assert_eq!(&again.encode(), &bytes);
            if cut < bytes.len() {
                prop_assert!(ReplyBody::decode(&bytes[..cut]).is_err());
            }
        }
    }
}
