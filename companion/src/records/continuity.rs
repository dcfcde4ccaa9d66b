//! Whether a log continues what was seen of it before.

use super::error::{RecordError, Witness};
use cloison_protocol::{Digest, Log, Seen};

/// Says how a log stands to an earlier state of the same log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Continuity {
    /// It goes through it.
    Continues {
        /// The last entry that both have.
        at: u64,
    },
    /// It begins after it; nothing links the two.
    Apart {
        /// The last entry that was known.
        last: u64,
        /// The first entry of this log.
        first: u64,
    },
    /// It ends before it.
    Older {
        /// The last entry that was known.
        known: u64,
        /// The last entry of this log.
        found: u64,
    },
    /// It is another log.
    Forked {
        /// The first entry that is seen to differ.
        at: u64,
    },
}

impl Continuity {
    /// Compares a log with the newest state that was seen; `None` where none was.
    pub(crate) fn with_seen(log: &Log, seen: Seen) -> Option<Self> {
        let (known, found) = (seen.generation, last(log));
        if known == 0 {
            return None;
        }
        Some(match head_after(log, known) {
            Some(head) if head == seen.head => Self::Continues { at: known },
            Some(_) => Self::Forked { at: known },
            None if known > found => Self::Older { known, found },
            None => Self::Apart { last: known, first: log.heading().first },
        })
    }

    /// Compares a log with an earlier export of it, entry by entry.
    pub(crate) fn with_earlier(log: &Log, earlier: &Log) -> Self {
        let (known, found) = (last(earlier), last(log));
        let shared = before(log).max(before(earlier))..=known.min(found);
        if let Some(at) = shared.clone().find(|at| head_after(log, *at) != head_after(earlier, *at)) {
            return Self::Forked { at };
        }
        if known > found {
            return Self::Older { known, found };
        }
        if shared.is_empty() { Self::Apart { last: known, first: log.heading().first } } else { Self::Continues { at: known } }
    }

    /// Gives the error that an alarm is.
    pub(crate) fn alarm(self, title: &str, by: Witness) -> Option<RecordError> {
        let title = title.to_owned();
        match self {
            Self::Older { known, found } => Some(RecordError::Older { title, known, found, by }),
            Self::Forked { at } => Some(RecordError::Forked { title, at, by }),
            Self::Continues { .. } | Self::Apart { .. } => None,
        }
    }
}

/// Gives the number of the entry before the first of a log.
fn before(log: &Log) -> u64 {
    log.heading().first - 1
}

/// Gives the number of the last entry of a log.
pub(crate) fn last(log: &Log) -> u64 {
    before(log) + u64::try_from(log.entries().len()).unwrap_or(u64::MAX)
}

/// Gives the head after so many entries, where the log tells it.
fn head_after(log: &Log, count: u64) -> Option<Digest> {
    match count.checked_sub(before(log))? {
        0 => Some(log.heading().before),
        within => log.heads().get(usize::try_from(within - 1).ok()?).copied(),
    }
}
