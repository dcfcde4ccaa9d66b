//! The hash-chained log: what was done and refused, in order.
//!
//! head₀ is 48 zero bytes; headᵢ = SHA-384(`cloison/v1/log` ‖ headᵢ₋₁ ‖ entry i in postcard).

use cloison_protocol::{
    Digest, Reason,
    bounded::{Fixed, Line},
    digest,
};
use serde::{Deserialize, Serialize};

const LABEL: &[u8] = b"cloison/v1/log";

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Happening {
    /// The vault was made.
    Created,
    /// The custodians with these cards opened the vault.
    Opened(Vec<u8>),
    /// A workstation was enrolled.
    Enrolled {
        /// Its name.
        name: Line<64>,
        /// The digest of its key.
        key: Digest,
    },
    /// A request was approved and is answered.
    Answered {
        /// The request's digest.
        request: Digest,
        /// The cards whose custodians approved it; empty where the operator did alone, under a
        /// `session` policy.
        custodians: Vec<u8>,
        /// How many operations were granted.
        granted: u8,
    },
    /// A request was refused.
    Refused {
        /// The request's digest.
        request: Digest,
        /// Why.
        reason: Reason,
    },
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in seconds since 1970 UTC by the appliance's clock; never before the entry before it.
    pub at: u64,
    /// What.
    pub happening: Happening,
}

/// The entries and the head of their chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Log {
    entries: Vec<Entry>,
    head: Digest,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), head: Fixed([0; 48]) }
    }

    pub(crate) fn of(entries: Vec<Entry>) -> Option<Self> {
        entries.into_iter().try_fold(Self::new(), |log, entry| log.with(entry))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn head(&self) -> Digest {
        self.head
    }

    /// Adds what happened; a clock that went back does not make the log go back.
    pub(crate) fn and(self, at: u64, happening: Happening) -> Option<Self> {
        let last = self.entries.last().map_or(0, |entry| entry.at);
        self.with(Entry { at: at.max(last), happening })
    }

    fn with(mut self, entry: Entry) -> Option<Self> {
        let bytes = postcard::to_allocvec(&entry).ok()?;
        self.head = digest(&[LABEL, &self.head.0, &bytes]);
        self.entries.push(entry);
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Log {
        let log = Log::new().and(10, Happening::Created).unwrap();
        log.and(5, Happening::Opened(vec![1, 3])).unwrap()
    }

    #[test]
    fn time_never_goes_back() {
        assert_eq!(log().entries()[1].at, 10);
    }

    #[test]
    fn the_head_binds_every_entry_and_their_order() {
        let head = log().head();
        assert_eq!(Log::of(log().entries).unwrap().head(), head);
        let mut shorter = log().entries;
        shorter.remove(0);
        let mut swapped = log().entries;
        swapped.swap(0, 1);
        let mut changed = log().entries;
        changed[1].happening = Happening::Opened(vec![1, 2]);
        for other in [shorter, swapped, changed] {
            assert_ne!(Log::of(other).unwrap().head(), head);
        }
    }
}
