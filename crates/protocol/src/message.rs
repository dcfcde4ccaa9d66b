//! The envelope: which kinds of message there are, and how one is told from another.

use crate::{
    Backup, Card, CardError, Descriptor, Enrolment, Log, Plan, PlanFault, PublicKeys, RecordFault, Reply, Request, Succession,
    Transcript, card, signature::SignError, wire,
};
use core::fmt;
use thiserror::Error;

/// The longest message that either side reads or writes, in bytes: a record of 1 MiB to be viewed,
/// and all that stands around it.
pub const MAX_MESSAGE: usize = (1 << 20) + (64 << 10);

/// Says what a message is, before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// What a ceremony is to make.
    Plan,
    /// A workstation asks the vault for something.
    Request,
    /// The vault answers one request.
    Reply,
    /// The vault's public keys.
    PublicKeys,
    /// A workstation introduces itself.
    Enrolment,
    /// One custodian's share, sealed.
    Card,
    /// What happened at a ceremony.
    Transcript,
    /// What a vault did and refused.
    Log,
    /// The vault's public description.
    Descriptor,
    /// The encrypted store, for a restore.
    Backup,
    /// One vault names the vault that follows it.
    Succession,
}

impl Kind {
    const ENVELOPED: [Self; 10] = [
        Self::Plan,
        Self::Request,
        Self::Reply,
        Self::PublicKeys,
        Self::Enrolment,
        Self::Transcript,
        Self::Log,
        Self::Descriptor,
        Self::Backup,
        Self::Succession,
    ];

    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Plan => 1,
            Self::Request => 2,
            Self::Reply => 3,
            Self::PublicKeys => 4,
            Self::Enrolment => 5,
            Self::Card => 6,
            Self::Transcript => 7,
            Self::Log => 8,
            Self::Descriptor => 9,
            Self::Backup => 10,
            Self::Succession => 12,
        }
    }

    pub(crate) fn numbered(number: u8) -> Option<Self> {
        // A card has its own 80-byte form and never this header.
        Self::ENVELOPED.into_iter().find(|kind| kind.number() == number)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plan => "plan",
            Self::Request => "request",
            Self::Reply => "reply",
            Self::PublicKeys => "set of public keys",
            Self::Enrolment => "enrolment",
            Self::Card => "card",
            Self::Transcript => "transcript",
            Self::Log => "log",
            Self::Descriptor => "descriptor",
            Self::Backup => "backup",
            Self::Succession => "succession",
        })
    }
}

/// Gives a kind with its article.
fn with_article(kind: Kind) -> String {
    let article = if matches!(kind, Kind::Enrolment) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// A message that crossed the gap; its signature, where its kind has one, was right.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// What a ceremony is to make.
    Plan(Plan),
    /// A workstation asks the vault for something.
    Request(Request),
    /// The vault answers; verified only when it is opened against its request.
    Reply(Reply),
    /// The vault's public keys, signed by the identity that they contain.
    PublicKeys(PublicKeys),
    /// A workstation introduces itself, signed by the key that it contains.
    Enrolment(Enrolment),
    /// One custodian's share, sealed.
    Card(Card),
    /// What happened at a ceremony, signed by the vault that it made.
    Transcript(Transcript),
    /// What a vault did and refused, signed by it.
    Log(Log),
    /// The vault's public description, signed by the identity that it contains.
    Descriptor(Descriptor),
    /// The encrypted store; nothing of it can be verified without the vault's cards.
    Backup(Backup),
    /// One vault names the vault that follows it, signed by the first.
    Succession(Succession),
}

impl Message {
    /// Reads whatever message these bytes are.
    ///
    /// # Errors
    /// [`MessageError`] says what is wrong; nothing beyond [`MAX_MESSAGE`] is looked at.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        if card::looks_like_card(bytes) {
            return Ok(Self::Card(Card::decode(bytes)?));
        }
        match wire::kind(bytes)? {
            Kind::Request => Request::decode(bytes).map(Self::Request),
            Kind::Reply => Reply::decode(bytes).map(Self::Reply),
            Kind::PublicKeys => PublicKeys::decode(bytes).map(Self::PublicKeys),
            Kind::Enrolment => Enrolment::decode(bytes).map(Self::Enrolment),
            Kind::Plan => Plan::decode(bytes).map(Self::Plan),
            Kind::Transcript => Transcript::decode(bytes).map(Self::Transcript),
            Kind::Log => Log::decode(bytes).map(Self::Log),
            Kind::Descriptor => Descriptor::decode(bytes).map(Self::Descriptor),
            Kind::Backup => Backup::decode(bytes).map(Self::Backup),
            Kind::Succession => Succession::decode(bytes).map(Self::Succession),
            kind @ Kind::Card => Err(MessageError::UnknownKind(kind.number())),
        }
    }

    /// Says what it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Request(_) => Kind::Request,
            Self::Reply(_) => Kind::Reply,
            Self::PublicKeys(_) => Kind::PublicKeys,
            Self::Enrolment(_) => Kind::Enrolment,
            Self::Card(_) => Kind::Card,
            Self::Plan(_) => Kind::Plan,
            Self::Transcript(_) => Kind::Transcript,
            Self::Log(_) => Kind::Log,
            Self::Descriptor(_) => Kind::Descriptor,
            Self::Backup(_) => Kind::Backup,
            Self::Succession(_) => Kind::Succession,
        }
    }
}

/// Says why bytes are not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// No Cloison header.
    #[error("this is not a Cloison message. Check that the right code or file was given")]
    NotAMessage,
    /// A version that this program does not know.
    #[error("this message has format version {found}, and this program knows {known}. Update the older side")]
    Version {
        /// What came.
        found: u8,
        /// What is known.
        known: u8,
    },
    /// A kind that this program does not know.
    #[error("this is a message of unknown kind {0}. Update this program, or check what was shown")]
    UnknownKind(u8),
    /// A right message in the wrong place.
    #[error("expected {}, but this is {}. Show the {expected} instead", with_article(*expected), with_article(*found))]
    OtherKind {
        /// What was asked for.
        expected: Kind,
        /// What came.
        found: Kind,
    },
    /// Larger than the limit.
    #[error("this message has {found} bytes, more than the {limit} allowed. Send less at once")]
    TooLong {
        /// What came.
        found: usize,
        /// What is allowed.
        limit: usize,
    },
    /// The body does not parse or breaks a limit.
    #[error("this {0} is malformed. Make it again; if it came by QR, read it again")]
    Malformed(Kind),
    /// The body parses but is not the one encoding of its value.
    #[error("this {0} is not in canonical form, which no Cloison program writes. Do not trust where it came from")]
    NotCanonical(Kind),
    /// The signature is wrong.
    #[error("the signature of this {0} is wrong. It was altered, or made by something else; do not use it")]
    BadSignature(Kind),
    /// A value cannot be encoded.
    #[error("this message could not be encoded. Shorten its fields")]
    Unencodable,
    /// The private half failed.
    #[error(transparent)]
    Sign(SignError),
    /// The card is wrong.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The plan cannot be held.
    #[error(transparent)]
    Plan(#[from] PlanFault),
    /// A transcript or a log is broken.
    #[error(transparent)]
    Record(#[from] RecordFault),
}
