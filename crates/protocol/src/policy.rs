//! What a vault's people allow of a key, and how long the vault stays open.
//!
//! A policy is set in the plan and changed only by a full quorum. It binds fewer than k
//! custodians: k of them with another machine can do as they please.

use crate::{
    bounded::{Line, List},
    key::Usage,
    plan::folded,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most operations that any policy allows in one request.
pub const MAX_BATCH: u8 = 100;
/// The most requesters that a policy names.
pub const MAX_REQUESTERS: usize = 16;

/// Says how one key may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Whether each request of this key needs a fresh quorum; else the operator of an open vault
    /// approves alone.
    pub each: bool,
    /// The cards needed for each request, from k to n; 0 stands for k.
    pub approvals: u8,
    /// Whether records are only ever shown on the kiosk, and no file key leaves it.
    pub view_only: bool,
    /// Whether a record must declare what it is.
    pub declared_only: bool,
    /// The most operations of one request, from 1 to [`MAX_BATCH`].
    pub batch: u8,
    /// The most operations while the vault stays open.
    pub per_session: u16,
    /// The most operations of one requester on one day.
    pub per_day: u16,
    /// The most operations until the quorum renews it; this needs no clock.
    pub total: u32,
    /// When the key may be used no longer, in seconds since 1970 UTC; 0 where it never ends.
    pub expires: u64,
    /// The names of the enrolled workstations that may ask; empty where all of them may.
    pub requesters: List<Line<64>, MAX_REQUESTERS>,
    /// How many operations an emergency allows, until a quorum reviewed them: quotas and further
    /// approvals are set aside, never the quorum of k cards. 0 where there is no such path.
    pub emergency: u16,
}

impl Policy {
    /// Gives the policy of a key for which the plan says nothing: five operations a request, ten
    /// a session and a day, a thousand in all, and a quorum for all that cannot be shown.
    #[must_use]
    pub fn usual(usage: Usage) -> Self {
        Self {
            each: usage != Usage::Text,
            approvals: 0,
            view_only: false,
            declared_only: false,
            batch: 5,
            per_session: 10,
            per_day: 10,
            total: 1000,
            expires: 0,
            requesters: List::default(),
            emergency: 0,
        }
    }

    /// Gives the cards that one request needs in a vault that k open.
    #[must_use]
    pub fn cards(&self, threshold: u8) -> u8 {
        self.approvals.max(threshold)
    }

    /// Tells whether this requester may ask: names that look the same are the same, as in a plan.
    #[must_use]
    pub fn admits(&self, requester: &str) -> bool {
        let named = self.requesters.as_slice();
        named.is_empty() || named.iter().any(|name| folded(name.as_str()) == folded(requester))
    }

    /// Checks a policy against the key's usage and the vault's k and n.
    ///
    /// # Errors
    /// [`PolicyFault`], the first found.
    pub fn check(&self, usage: Usage, threshold: u8, cards: u8) -> Result<(), PolicyFault> {
        if self.approvals != 0 && !(threshold..=cards).contains(&self.approvals) {
            return Err(PolicyFault::Approvals { asked: self.approvals, threshold, cards });
        }
        if self.approvals > threshold && !self.each {
            return Err(PolicyFault::ApprovalsOfASession);
        }
        if !(1..=MAX_BATCH).contains(&self.batch) {
            return Err(PolicyFault::Batch { asked: self.batch, most: MAX_BATCH });
        }
        let batch = u16::from(self.batch);
        if self.per_session < batch || self.per_day < batch || self.total < u32::from(batch) {
            return Err(PolicyFault::QuotaBelowBatch { batch: self.batch });
        }
        let records_only = self.view_only || self.declared_only;
        if records_only && usage != Usage::Age { Err(PolicyFault::NotForRecords) } else { Ok(()) }
    }
}

/// Says how long a vault stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Minutes without a touch after which it is sealed, from 1 to 60.
    pub idle_minutes: u8,
    /// Minutes after its opening at which it is sealed, whatever happens; from 1 to 720.
    pub session_minutes: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self { idle_minutes: 10, session_minutes: 120 }
    }
}

impl Limits {
    /// Tells whether they are within what is possible.
    #[must_use]
    pub fn possible(&self) -> bool {
        (1..=60).contains(&self.idle_minutes)
            && (1..=720).contains(&self.session_minutes)
            && u16::from(self.idle_minutes) <= self.session_minutes
    }
}

/// Says what is wrong with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyFault {
    /// Fewer approvals than k, or more than there are cards.
    #[error(
        "{asked} approvals are not possible with {threshold} of {cards} cards. Ask for at least {threshold} and at most {cards}"
    )]
    Approvals {
        /// What is asked.
        asked: u8,
        /// k.
        threshold: u8,
        /// n.
        cards: u8,
    },
    /// More approvals than k without a quorum for each request.
    #[error("more approvals than the quorum need a quorum for each request. Set `quorum` to \"each\"")]
    ApprovalsOfASession,
    /// A batch out of range.
    #[error("{asked} operations in one request are not possible. Allow from 1 to {most}")]
    Batch {
        /// What is asked.
        asked: u8,
        /// What is possible.
        most: u8,
    },
    /// A quota below the batch.
    #[error("a quota is below the {batch} operations that one request may hold. Raise the quota or lower the batch")]
    QuotaBelowBatch {
        /// The batch.
        batch: u8,
    },
    /// A rule for records on another key.
    #[error("`view-only` and `declared-only` are for keys that open records. Remove them from this key")]
    NotForRecords,
}
