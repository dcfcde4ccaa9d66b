//! What a log adds up to.

use cloison_protocol::{Digest, Happening, KeyRef, Log, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// What was granted with one key.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Granted {
    /// Requests that were answered.
    pub(crate) requests: u64,
    /// Operations that were granted.
    pub(crate) operations: u64,
    /// Those of them that were granted in an emergency.
    pub(crate) emergencies: u64,
}

/// What a stretch of a log adds up to.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    /// By key.
    pub(crate) granted: BTreeMap<KeyRef, Granted>,
    /// Requests that were refused, by the code of the reason.
    pub(crate) refused: BTreeMap<u8, (Reason, u64)>,
    /// Operations that were granted in an emergency and not reviewed since.
    pub(crate) unreviewed: u64,
    /// Requests for which cards were presented, and of which nothing came.
    pub(crate) left_open: u64,
}

impl Totals {
    /// Adds up a log.
    pub(crate) fn of(log: &Log) -> Self {
        let mut totals = Self::default();
        let mut open = BTreeSet::new();
        for entry in log.entries() {
            totals.add(&entry.what, &mut open);
        }
        totals.left_open = u64::try_from(open.len()).unwrap_or(u64::MAX);
        totals
    }

    fn add(&mut self, happening: &Happening, open: &mut BTreeSet<Digest>) {
        match happening {
            Happening::Presented { request, .. } => {
                open.insert(*request);
            }
            Happening::Answered { request, key, granted, emergency, .. } => {
                open.remove(request);
                let (operations, total) = (u64::from(*granted), self.granted.entry(*key).or_default());
                total.requests += 1;
                total.operations += operations;
                if *emergency {
                    total.emergencies += operations;
                    self.unreviewed += operations;
                }
            }
            Happening::Refused { request, reason, .. } => {
                open.remove(request);
                self.refused.entry(reason.code()).or_insert((*reason, 0)).1 += 1;
            }
            Happening::Reviewed { operations, .. } => self.unreviewed = self.unreviewed.saturating_sub((*operations).into()),
            _ => {}
        }
    }

    /// Gives the operations that were granted in an emergency.
    pub(crate) fn emergencies(&self) -> u64 {
        self.granted.values().map(|granted| granted.emergencies).sum()
    }
}

/// The names of workstations, by the digests of their keys, as the log itself tells them.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<Digest, String>);

impl Names {
    /// Learns a name from an enrolment or its revocation.
    pub(crate) fn learn(&mut self, happening: &Happening) {
        if let Happening::Enrolled { name, key, .. } | Happening::Revoked { name, key, .. } = happening {
            self.0.insert(*key, name.as_str().to_owned());
        }
    }

    /// Finds the name of the workstation whose key has this digest.
    pub(crate) fn find(&self, key: &Digest) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}
