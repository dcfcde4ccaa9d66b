//! How often keys were used: what the quotas are compared with.

use cloison_protocol::{Digest, KeyRef, Policy, Reason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const DAY: u64 = 24 * 60 * 60;

/// The operations granted, by key and, for the present day, by requester.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    totals: BTreeMap<KeyRef, u32>,
    days: Vec<DayCount>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct DayCount {
    day: u64,
    requester: Digest,
    key: KeyRef,
    count: u32,
}

/// The operations granted since the vault was opened, by key; kept in memory only.
pub(crate) type SessionCounts = BTreeMap<KeyRef, u32>;

/// What stands against a request's operations.
pub(crate) struct Used {
    /// Since the vault was opened.
    pub(crate) session: u32,
    /// By this requester on this day.
    pub(crate) day: u32,
    /// Since the quorum renewed the quota.
    pub(crate) total: u32,
}

impl Counters {
    /// Gives what was used of a key by a requester.
    pub(crate) fn used(&self, session: &SessionCounts, key: KeyRef, requester: Digest, now: u64) -> Used {
        let today = |count: &&DayCount| (count.day, count.requester, count.key) == (now / DAY, requester, key);
        Used {
            session: session.get(&key).copied().unwrap_or(0),
            day: self.days.iter().find(today).map_or(0, |count| count.count),
            total: self.totals.get(&key).copied().unwrap_or(0),
        }
    }

    /// Counts operations that are granted. Days that are over are forgotten: the vault's time never
    /// goes back, so they cannot come again.
    pub(crate) fn count(&mut self, key: KeyRef, requester: Digest, now: u64, operations: u32) {
        let day = now / DAY;
        self.days.retain(|count| count.day >= day);
        match self.days.iter_mut().find(|count| (count.requester, count.key) == (requester, key)) {
            Some(count) => count.count = count.count.saturating_add(operations),
            None => self.days.push(DayCount { day, requester, key, count: operations }),
        }
        let total = self.totals.entry(key).or_default();
        *total = total.saturating_add(operations);
    }

    /// Starts the totals anew, as a quorum granted.
    pub(crate) fn renew(&mut self) {
        self.totals.clear();
    }

    /// Uses up the totals of these keys, until a quorum grants them anew.
    pub(crate) fn exhaust(&mut self, keys: impl Iterator<Item = KeyRef>) {
        self.totals.extend(keys.map(|key| (key, u32::MAX)));
    }
}

impl Used {
    /// Says which quota so many more operations would exceed, if any.
    pub(crate) fn exceeded(&self, policy: &Policy, operations: u32) -> Option<Reason> {
        let above = |used: u32, quota: u32| used.saturating_add(operations) > quota;
        // Used up by a restore: not even a total without end is granted then.
        if self.total == u32::MAX || above(self.total, policy.total) {
            return Some(Reason::TotalQuota);
        }
        if above(self.day, policy.per_day.into()) {
            return Some(Reason::DayQuota);
        }
        above(self.session, policy.per_session.into()).then_some(Reason::SessionQuota)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_protocol::{Algorithm, Usage, bounded::Fixed};
    use proptest::prelude::*;

    const KEY: KeyRef = KeyRef { usage: Usage::Age, algorithm: Algorithm::P384, number: 0 };

    fn policy(session: u16, day: u16, total: u32) -> Policy {
        Policy { per_session: session, per_day: day, total, ..Policy::usual(Usage::Age) }
    }

    proptest! {
        /// However requests come, no quota is ever exceeded, and none refuses before it is used up.
        #[test]
        fn no_order_of_requests_exceeds_a_quota(asked in proptest::collection::vec((1u32..6, 0u8..3, 0u64..100_000), 0..60)) {
            let (policy, mut counters, mut session, mut now) = (policy(20, 7, 40), Counters::default(), SessionCounts::new(), 0);
            let mut granted: Vec<(u64, u8, u32)> = Vec::new();
            for (operations, who, later) in asked {
                now += later;
                let requester = Fixed([who; 48]);
                let sum = |pick: &dyn Fn(&(u64, u8, u32)) -> bool| granted.iter().filter(|one| pick(one)).map(|one| one.2).sum::<u32>();
                let all = sum(&|_| true);
                let day = sum(&|one| one.0 == now / DAY && one.1 == who);
                let fits = all + operations <= 20 && day + operations <= 7;
                let exceeded = counters.used(&session, KEY, requester, now).exceeded(&policy, operations);
                prop_assert_eq!(exceeded.is_none(), fits);
                if fits {
                    counters.count(KEY, requester, now, operations);
                    *session.entry(KEY).or_default() += operations;
                    granted.push((now / DAY, who, operations));
                }
            }
        }
    }

    #[test]
    fn an_exhausted_total_stays_so_until_it_is_renewed() {
        let mut counters = Counters::default();
        counters.exhaust([KEY].into_iter());
        let exceeded = |counters: &Counters, total| {
            counters.used(&SessionCounts::new(), KEY, Fixed([1; 48]), 0).exceeded(&policy(9, 9, total), 1)
        };
        for total in [1, 1000, u32::MAX] {
            assert_eq!(exceeded(&counters, total), Some(Reason::TotalQuota));
        }
        counters.renew();
        assert_eq!([1, 1000, u32::MAX].map(|total| exceeded(&counters, total)), [None; 3]);
    }
}
