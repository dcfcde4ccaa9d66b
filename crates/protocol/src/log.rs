//! The log: what a vault did and refused, for the whole of its life.

use crate::{
    alarm::Alarms,
    bounded::{Fixed, Line, List},
    fingerprint::{Digest, VaultId, digest},
    key::KeyRef,
    message::Kind,
    record::{Chained, Record},
    reply::Reason,
};
use serde::{Deserialize, Serialize};

/// Indices of the cards whose custodians did something.
pub type Custodians = List<u8, 16>;

/// An exported stretch of a vault's log.
pub type Log = Record<Happening>;

const CASE: &[u8] = b"cloison/v1/case";

/// A commitment to a request's case number: SHA-384 over label, salt and case. The salt stays in
/// the vault, so that the chain can be verified by people who must not know the cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseCommitment(pub Digest);

impl CaseCommitment {
    /// Commits to a case number.
    #[must_use]
    pub fn to(salt: &Fixed<16>, case: &str) -> Self {
        Self(digest(&[CASE, &salt.0, case.as_bytes()]))
    }
}

/// One thing that happened in the life of a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Happening {
    /// The vault was made; it serves once its cards were drilled.
    Created,
    /// The custodians with these cards opened the vault and confirmed the date.
    Opened {
        /// Their cards.
        custodians: Custodians,
    },
    /// A workstation was enrolled.
    Enrolled {
        /// Its name.
        name: Line<64>,
        /// The digest of its key.
        key: Digest,
        /// The cards whose custodians enrolled it.
        custodians: Custodians,
    },
    /// Custodians presented their cards for a request, so that its records can be looked into.
    Presented {
        /// The request's digest.
        request: Digest,
        /// The digest of the requester's key.
        requester: Digest,
        /// Their cards.
        custodians: Custodians,
    },
    /// A request was approved and is answered.
    Answered {
        /// The request's digest.
        request: Digest,
        /// The digest of the requester's key.
        requester: Digest,
        /// For which case.
        case: CaseCommitment,
        /// The key that was asked for.
        key: KeyRef,
        /// The cards whose custodians approved it; empty where the operator did alone, under a
        /// `session` policy.
        custodians: Custodians,
        /// How many operations were granted.
        granted: u8,
        /// Whether quotas and further approvals were set aside by the emergency path.
        emergency: bool,
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
    /// Every card of an epoch was presented and proven, and the vault serves under it.
    Drilled {
        /// The epoch.
        epoch: u16,
        /// How many cards.
        cards: u8,
        /// The head of the ceremony's transcript.
        transcript: Digest,
    },
    /// New cards were dealt for the same root; they serve once they were drilled.
    Redealt {
        /// The epoch of the new cards.
        epoch: u16,
        /// The old cards under whose quorum it was done.
        custodians: Custodians,
    },
    /// New cards that were never drilled were given up; the old ones stay.
    RedealAbandoned {
        /// The epoch that did not come.
        epoch: u16,
    },
    /// The vault was restored on this appliance; its quotas are zero until the quorum renews them.
    Restored {
        /// The cards that restored it.
        custodians: Custodians,
        /// Whether its descriptor was at hand; without it keys open records only, until the quorum
        /// confirms them.
        descriptor: bool,
        /// The generation of the backup; none where there was no backup, and the chain starts anew.
        backup: Option<u64>,
    },
    /// A quorum confirmed the keys of a vault that was restored without its descriptor.
    Confirmed {
        /// Their cards.
        custodians: Custodians,
    },
    /// A quorum renewed the quotas.
    Renewed {
        /// Their cards.
        custodians: Custodians,
    },
    /// A key was followed by a new one of its usage and algorithm.
    Rotated {
        /// The new key.
        key: KeyRef,
        /// The cards whose custodians did it.
        custodians: Custodians,
    },
    /// A workstation's enrolment was revoked.
    Revoked {
        /// Its name.
        name: Line<64>,
        /// The digest of its key.
        key: Digest,
        /// The cards whose custodians did it.
        custodians: Custodians,
    },
    /// The vault named the vault that follows it, and only opens records from now on.
    Succeeded {
        /// The vault that follows.
        by: VaultId,
        /// The cards whose custodians did it.
        custodians: Custodians,
    },
    /// The vault acknowledged the vault that it follows.
    Follows {
        /// The vault before it.
        old: VaultId,
        /// The cards whose custodians did it.
        custodians: Custodians,
    },
    /// The custodians who opened the vault reviewed what was answered in an emergency.
    Reviewed {
        /// Their cards.
        custodians: Custodians,
        /// How many operations.
        operations: u16,
    },
    /// A backup was shown.
    BackedUp {
        /// The digest of its bytes.
        backup: Digest,
    },
    /// The vault was sealed at once, because something led out of the machine it was open on, or its
    /// kiosk was unguarded.
    Alarmed {
        /// What.
        alarms: Alarms,
    },
}

impl Chained for Happening {
    const KIND: Kind = Kind::Log;
    const ENTRY: &'static [u8] = b"cloison/v1/log";
    const LABEL: &'static str = "cloison/v1/log-export";
}
