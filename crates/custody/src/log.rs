//! The hash-chained log: what was done and refused, in order.
//!
//! head₀ is 48 zero bytes; headᵢ = SHA-384(`cloison/v1/log` ‖ headᵢ₋₁ ‖ entry i in postcard).

use cloison_protocol::{
    Digest, KeyRef, Reason,
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
        /// The cards whose custodians enrolled it.
        custodians: Vec<u8>,
    },
    /// Custodians presented their cards for a request, so that its records can be looked into.
    Presented {
        /// The request's digest.
        request: Digest,
        /// The digest of the requester's key.
        requester: Digest,
        /// Their cards.
        custodians: Vec<u8>,
    },
    /// A request was approved and is answered.
    Answered {
        /// The request's digest.
        request: Digest,
        /// The digest of the requester's key.
        requester: Digest,
        /// The key that was asked for.
        key: KeyRef,
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
        /// The digest of the requester's key, enrolled or not.
        requester: Digest,
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
    heads: Vec<Digest>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), heads: Vec::new() }
    }

    pub(crate) fn of(entries: Vec<Entry>) -> Option<Self> {
        entries.into_iter().try_fold(Self::new(), |log, entry| log.with(entry))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn head(&self) -> Digest {
        self.heads.last().copied().unwrap_or(Fixed([0; 48]))
    }

    /// Gives the head after the first `count` entries, from 1.
    pub(crate) fn head_after(&self, count: u64) -> Option<Digest> {
        self.heads.get(usize::try_from(count.checked_sub(1)?).ok()?).copied()
    }

    /// Gives the time of the last entry, before which this vault cannot be now.
    pub(crate) fn last(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.at)
    }

    /// Adds what happened; a clock that went back does not make the log go back.
    pub(crate) fn and(self, at: u64, happening: Happening) -> Option<Self> {
        let at = at.max(self.last());
        self.with(Entry { at, happening })
    }

    fn with(mut self, entry: Entry) -> Option<Self> {
        let bytes = postcard::to_allocvec(&entry).ok()?;
        self.heads.push(digest(&[LABEL, &self.head().0, &bytes]));
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
