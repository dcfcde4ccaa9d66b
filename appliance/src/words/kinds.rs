//! The kinds of messages, each with the word that stands before it: not every language leaves the
//! noun alone then.

use super::{Words, catalogue::tr};
use cloison_protocol::Kind;

impl Words {
    /// Names the message that is meant: the plan.
    pub(super) fn the(self, kind: Kind) -> String {
        match kind {
            Kind::Plan => tr!(self, "the plan"),
            Kind::Request => tr!(self, "the request"),
            Kind::Reply => tr!(self, "the reply"),
            Kind::PublicKeys => tr!(self, "the set of public keys"),
            Kind::Enrolment => tr!(self, "the enrolment"),
            Kind::Card => tr!(self, "the card"),
            Kind::Transcript => tr!(self, "the transcript"),
            Kind::Log => tr!(self, "the log"),
            Kind::Descriptor => tr!(self, "the descriptor"),
            Kind::Backup => tr!(self, "the backup"),
            Kind::Succession => tr!(self, "the succession"),
            newer => format!("the {newer}"),
        }
    }

    /// Names the message that is here: this plan.
    pub(super) fn this(self, kind: Kind) -> String {
        match kind {
            Kind::Plan => tr!(self, "this plan"),
            Kind::Request => tr!(self, "this request"),
            Kind::Reply => tr!(self, "this reply"),
            Kind::PublicKeys => tr!(self, "this set of public keys"),
            Kind::Enrolment => tr!(self, "this enrolment"),
            Kind::Card => tr!(self, "this card"),
            Kind::Transcript => tr!(self, "this transcript"),
            Kind::Log => tr!(self, "this log"),
            Kind::Descriptor => tr!(self, "this descriptor"),
            Kind::Backup => tr!(self, "this backup"),
            Kind::Succession => tr!(self, "this succession"),
            newer => format!("this {newer}"),
        }
    }

    /// Names any message of a kind: a plan.
    pub(super) fn one(self, kind: Kind) -> String {
        match kind {
            Kind::Plan => tr!(self, "a plan"),
            Kind::Request => tr!(self, "a request"),
            Kind::Reply => tr!(self, "a reply"),
            Kind::PublicKeys => tr!(self, "a set of public keys"),
            Kind::Enrolment => tr!(self, "an enrolment"),
            Kind::Card => tr!(self, "a card"),
            Kind::Transcript => tr!(self, "a transcript"),
            Kind::Log => tr!(self, "a log"),
            Kind::Descriptor => tr!(self, "a descriptor"),
            Kind::Backup => tr!(self, "a backup"),
            Kind::Succession => tr!(self, "a succession"),
            newer => format!("a {newer}"),
        }
    }
}
