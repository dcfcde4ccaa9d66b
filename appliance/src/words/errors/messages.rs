//! What is wrong with a message, a frame or a reply.

use super::{
    super::{Words, catalogue::tr},
    Explain,
};
use cloison_protocol::{BoundError, FrameError, MessageError, RecordFault, ReplyError, SignError};

impl Explain for BoundError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::TooLong { found, limit } => {
                tr!(words, "this value has {found} bytes or items, more than the {limit} allowed. Shorten it", found, limit)
            }
            Self::Unshowable(code) => tr!(
                words,
                "the text holds the character U+{code}, which a screen cannot show truthfully. Remove it",
                code = format!("{code:04X}")
            ),
            newer => newer.to_string(),
        }
    }
}

impl Explain for MessageError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::NotAMessage => tr!(words, "this is not a Cloison message. Check that the right code or file was given"),
            Self::Version { found, known } => tr!(
                words,
                "this message has format version {found}, and this program knows {known}. Update the older side",
                found,
                known
            ),
            Self::UnknownKind(number) => {
                tr!(words, "this is a message of unknown kind {number}. Update this program, or check what was shown", number)
            }
            Self::OtherKind { expected, found } => tr!(
                words,
                "expected {expected}, but this is {found}. Show {the_message} instead",
                expected = words.one(*expected),
                found = words.one(*found),
                the_message = words.the(*expected)
            ),
            Self::TooLong { found, limit } => {
                tr!(words, "this message has {found} bytes, more than the {limit} allowed. Send less at once", found, limit)
            }
            Self::Malformed(kind) => tr!(
                words,
                "{this_message} is malformed. Make it again; if it came by QR, read it again",
                this_message = words.this(*kind)
            ),
            Self::NotCanonical(kind) => tr!(
                words,
                "{this_message} is not in canonical form, which no Cloison program writes. Do not trust where it came from",
                this_message = words.this(*kind)
            ),
            Self::BadSignature(kind) => tr!(
                words,
                "the signature of {this_message} is wrong. It was altered, or made by something else; do not use it",
                this_message = words.this(*kind)
            ),
            Self::Unencodable => tr!(words, "this message could not be encoded. Shorten its fields"),
            Self::Sign(error) => error.explain(words),
            Self::Card(error) => error.explain(words),
            Self::Plan(error) => error.explain(words),
            Self::Record(error) => error.explain(words),
            newer => newer.to_string(),
        }
    }
}

impl Explain for RecordFault {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Heading => tr!(words, "the heading was altered. Ask the vault's people to export it again"),
            Self::Entry { number } => tr!(
                words,
                "entry {number} was altered, moved, or does not follow the one before it. Ask the vault's people to export it \
                 again",
                number
            ),
            Self::End { last } => {
                tr!(words, "what follows entry {last} was cut off or added. Ask the vault's people to export it again", last)
            }
            Self::Signature => tr!(
                words,
                "every entry follows the one before it, but the vault did not sign this. Somebody else made it; do not rely on \
                 it"
            ),
            newer => newer.to_string(),
        }
    }
}

impl Explain for FrameError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::NotAFrame => tr!(words, "this code is not part of a Cloison transfer. Show the code that Cloison shows"),
            Self::Version { found, known } => tr!(
                words,
                "this code is of frame version {found}, and this program reads version {known}. Update the older side",
                found,
                known
            ),
            Self::Damaged => tr!(words, "this code was damaged on its way. Nothing is lost; the next ones replace it"),
            Self::TooLong { length, limit } => tr!(
                words,
                "this transfer announces {length} bytes, more than the {limit} allowed, or too small a piece of them. Send \
                 less at once",
                length,
                limit
            ),
            newer => newer.to_string(),
        }
    }
}

impl Explain for ReplyError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::OtherRequest => tr!(
                words,
                "this reply answers another request. Give the reply to the request that is waiting, or the request to this \
                 reply"
            ),
            Self::ReplyKey => tr!(words, "the request's reply key is not a public key. Make the request again"),
            Self::Unopened => tr!(
                words,
                "the reply could not be opened with this workstation's one-time key. It was altered, or the key is another one"
            ),
            Self::Malformed => tr!(words, "the reply's content is malformed. Update this program, or the appliance"),
            Self::Count { expected, found } => {
                tr!(words, "the request asked {expected} things and the reply answers {found}. Do not use it", expected, found)
            }
            Self::Message(error) => error.explain(words),
            newer => newer.to_string(),
        }
    }
}

impl Explain for SignError {
    fn explain(&self, words: Words) -> String {
        tr!(
            words,
            "the signature could not be made, or did not verify after it was made. Try again; if it happens twice, stop using \
             this machine"
        )
    }
}
