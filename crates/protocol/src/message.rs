//! The envelope: which kinds of message there are, and how one is told from another.

use crate::{Card, CardError, Enrolment, PublicKeys, Reply, Request, card, signature::SignError, wire};
use core::fmt;
use thiserror::Error;

/// The longest message that either side reads or writes, in bytes.
pub const MAX_MESSAGE: usize = 1 << 20;

/// Says what a message is, before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
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
    /// The vault's public description.
    Descriptor,
}

impl Kind {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Request => 2,
            Self::Reply => 3,
            Self::PublicKeys => 4,
            Self::Enrolment => 5,
            Self::Card => 6,
            Self::Descriptor => 9,
        }
    }

    pub(crate) fn numbered(number: u8) -> Option<Self> {
        // A card has its own 80-byte form and never this header.
        [Self::Request, Self::Reply, Self::PublicKeys, Self::Enrolment, Self::Descriptor]
            .into_iter()
            .find(|kind| kind.number() == number)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Reply => "reply",
            Self::PublicKeys => "set of public keys",
            Self::Enrolment => "enrolment",
            Self::Card => "card",
            Self::Descriptor => "descriptor",
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
            kind => Err(MessageError::UnknownKind(kind.number())),
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
}
