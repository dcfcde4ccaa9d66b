//! Which flows there are, and how one leads to the next.

use crate::{
    cards::Cards,
    check::Check,
    create::{Create, Ready, Setup},
    date::Date,
    event::{Effect, Unshown},
    pattern::Test,
    restore::Restore,
    scan::Scan,
    screen::{Notice, Purposes},
};
use cloison_custody::{Admitted, Adoption, Change, Drilled, Review, Rotated, Showing, Witnessed};
use cloison_protocol::{Enrolment, Fingerprint, KeyRef, Kind, Mode, PublicKeys, Reason, Request, Succession};

/// What the kiosk is doing.
pub(crate) enum Flow {
    Home,
    Start(Setup),
    Date(Date, Before),
    Create(Create),
    Made(Made),
    Stopped(Stopped),
    Drilled(Box<Drilled>, Part),
    GiveUp { erasing: bool },
    Restore(Restore),
    Cards(Cards, Then),
    Check(Check),
    Test(Test),
    EndRehearsal { erasing: bool },
    Desk,
    Emergencies { at: usize, saving: Option<Adoption> },
    Manage,
    Choose(Vec<Change>),
    Scan(Scan, For),
    Review(Review),
    Refused(Refused),
    Enrolment(Enrolment),
    Succession(PublicKeys),
    Following(Succession),
    Record(Viewing),
    Saving(Saving),
    Reply(Vec<u8>),
    Export(Export),
    Ended,
}

/// Cards that were dealt and stored.
pub(crate) struct Made {
    pub(crate) title: String,
    pub(crate) cards: u8,
    pub(crate) mode: Mode,
}

/// Cards that are to be destroyed: of a ceremony that was stopped, or given up.
pub(crate) struct Stopped {
    /// Index and custodian of each.
    pub(crate) cards: Vec<(u8, String)>,
    pub(crate) rehearsal: bool,
}

/// What the date is confirmed for.
pub(crate) enum Before {
    Open,
    Create(Setup),
    Restore,
}

/// What a message is read for.
pub(crate) enum For {
    Request,
    Enrolment,
    Plan(Setup),
    Check,
    Succession,
    Following,
}

/// What a quorum is for.
pub(crate) enum Then {
    Open { date: u64 },
    Approve(Review),
    Enrol(Enrolment),
    Change(Change),
    Rotate(KeyRef),
    Succeed(PublicKeys),
    Follow(Succession),
    Reshare(Box<Ready>),
    Drill { began: u64 },
}

/// What is on its way to disk.
pub(crate) enum Saving {
    Opening,
    Enrolment(Adoption, String),
    Change(Adoption, Purposes),
    /// New cards given up, which are to be destroyed.
    Abandoning(Adoption, Stopped),
    Rotation(Rotated),
    /// The trace that cards were presented; the review goes on when it is on disk.
    Presented(Witnessed),
    Answer(Admitted),
    Refusal(Admitted, Box<Refused>),
    /// What is shown once the trace of it is on disk.
    Export(Adoption, Export),
    Drill(Box<Drilled>),
}

/// A refusal that its requester may be shown.
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) reply: Vec<u8>,
    /// The request, where the emergency path is open to it.
    pub(crate) emergency: Option<Request>,
}

/// A message of the vault, shown until somebody says that it was read.
pub(crate) struct Export {
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
    pub(crate) words: Option<Fingerprint>,
}

/// Which part of what a drill leaves is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    PublicKeys,
    Transcript,
    Descriptor,
}

/// Records shown on the kiosk, one after the other.
pub(crate) struct Viewing {
    pub(crate) showing: Showing,
    /// Which record, from 0.
    pub(crate) at: usize,
    pub(crate) seen: Sight,
    /// Of each record before, whether it could be shown.
    pub(crate) shown: Vec<bool>,
}

/// How far the showing of a record is.
#[derive(Clone, Copy)]
pub(crate) enum Sight {
    Decoding,
    Page { at: usize, of: usize },
    Not(Unshown),
    Refused(Reason),
}

/// Where an event leads.
pub(crate) struct Next {
    pub(crate) flow: Flow,
    pub(crate) notice: Option<Notice>,
    pub(crate) effects: Vec<Effect>,
}

impl From<Flow> for Next {
    fn from(flow: Flow) -> Self {
        Self { flow, notice: None, effects: Vec::new() }
    }
}

impl Flow {
    pub(crate) fn saying(self, notice: Notice) -> Next {
        Next { notice: Some(notice), ..self.into() }
    }

    pub(crate) fn doing(self, effect: Effect) -> Next {
        Next { effects: vec![effect], ..self.into() }
    }
}
