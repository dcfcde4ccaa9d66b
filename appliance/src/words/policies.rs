//! Keys, what their policies allow, and what was used of it.

use super::{
    Words,
    catalogue::{tr, trn},
};
use cloison_custody::Quota;
use cloison_protocol::{Algorithm, KeyRef, Policy, Usage};

impl Words {
    /// Names a key by what it is for.
    pub(super) fn key(self, key: KeyRef) -> String {
        match key.usage {
            Usage::Text => tr!(self, "{key} (signs texts)", key),
            Usage::Digest => tr!(self, "{key} (signs files by their digest)", key),
            Usage::Age => tr!(self, "{key} (opens records)", key),
            Usage::Identity => tr!(self, "{key} (signs for the vault itself)", key),
            Usage::Store => tr!(self, "{key} (guards the store)", key),
            _ => tr!(self, "{key} (has a use that this program does not know)", key),
        }
    }

    /// Says how strong a key is, for those who ask.
    pub(super) fn algorithm(self, algorithm: Algorithm) -> String {
        match algorithm {
            Algorithm::MlKem1024P384 => {
                tr!(self, "It withstands quantum computers as well: ML-KEM-1024 together with P-384.")
            }
            Algorithm::P384 => {
                tr!(self, "Its algorithm is P-384, which every common tool knows and which no quantum computer is to attack.")
            }
            _ => tr!(self, "Its algorithm is one of the vault’s own."),
        }
    }

    /// Says how a key may be used.
    pub(super) fn policy(self, policy: &Policy, usage: Usage) -> Vec<String> {
        let mut texts = vec![self.approvals(policy)];
        if policy.view_only {
            texts.push(tr!(self, "Its records are only shown on this kiosk; nothing of them is given away."));
        }
        if policy.declared_only {
            texts.push(tr!(self, "It opens only records that declare what they are."));
        }
        texts.push(self.quotas(policy, usage));
        texts.push(self.requesters(policy));
        if policy.expires > 0 {
            texts.push(tr!(self, "It may be used until {date}.", date = self.date(policy.expires)));
        }
        texts.push(self.emergency(policy));
        texts
    }

    fn approvals(self, policy: &Policy) -> String {
        match (policy.each, policy.approvals) {
            (false, _) => tr!(self, "While the vault is open, its operator approves requests alone."),
            (true, 0) => tr!(self, "Each request needs as many cards as open the vault."),
            (true, cards) => tr!(self, "Each request needs {cards}.", cards = self.cards(cards)),
        }
    }

    fn quotas(self, policy: &Policy, usage: Usage) -> String {
        let Policy { batch, per_session, per_day, total, .. } = *policy;
        let figure = |number: u64| self.number(number);
        tr!(
            self,
            "Allowed are {batch} in one request, {session} each time the vault is open, {day} a day for each workstation, and \
             {total} in all until the custodians renew that.",
            batch = self.things(batch, usage),
            session = figure(per_session.into()),
            day = figure(per_day.into()),
            total = figure(total.into())
        )
    }

    fn requesters(self, policy: &Policy) -> String {
        let quoted = |name: &str| tr!(self, "“{name}”", name);
        let names: Vec<String> = policy.requesters.as_slice().iter().map(|name| quoted(name.as_str())).collect();
        match names.as_slice() {
            [] => tr!(self, "Every enrolled workstation may ask."),
            names => tr!(self, "Only {workstations} may ask.", workstations = self.all_of(names)),
        }
    }

    fn emergency(self, policy: &Policy) -> String {
        match policy.emergency {
            0 => tr!(self, "There is no emergency path."),
            operations => trn!(
                self,
                operations,
                "In an emergency {count} operation go beyond this with no more cards than open the vault, until the custodians \
                 review them.",
                "In an emergency {count} operations go beyond this with no more cards than open the vault, until the custodians \
                 review them."
            ),
        }
    }

    fn things(self, count: u8, usage: Usage) -> String {
        match usage {
            Usage::Age => trn!(self, count, "{count} record", "{count} records"),
            Usage::Text => trn!(self, count, "{count} text", "{count} texts"),
            Usage::Digest => trn!(self, count, "{count} file", "{count} files"),
            _ => self.operations(count),
        }
    }

    /// Says what was used of a key before this request, and what is allowed.
    pub(super) fn quota(self, quota: &Quota, usage: Usage) -> String {
        let figure = |number: u32| self.number(number.into());
        let of = |(used, allowed): (u32, u32)| tr!(self, "{used} of {allowed}", used = figure(used), allowed = figure(allowed));
        let (session, day, total) = (of(quota.session), of(quota.day), of(quota.total));
        match usage {
            Usage::Age => tr!(
                self,
                "Before this request: {session} opened since the vault was opened; {day} today by this workstation; {total} in \
                 all.",
                session,
                day,
                total
            ),
            Usage::Text | Usage::Digest => tr!(
                self,
                "Before this request: {session} signed since the vault was opened; {day} today by this workstation; {total} in \
                 all.",
                session,
                day,
                total
            ),
            _ => tr!(
                self,
                "Before this request: {session} used since the vault was opened; {day} today by this workstation; {total} in \
                 all.",
                session,
                day,
                total
            ),
        }
    }
}
