//! What happened in the life of a vault, as its log has it.

use super::{
    Words,
    catalogue::{tr, trn},
    figures::{capital, short},
};
use cloison_protocol::{Custodians, Digest, Entry, Happening, KeyRef};

impl Words {
    /// Says what an entry of the log says, and when it was.
    pub(super) fn entry(self, entry: &Entry<Happening>) -> String {
        tr!(self, "{date}: {what}", date = self.date(entry.at), what = capital(&self.happening(&entry.what)))
    }

    fn happening(self, happening: &Happening) -> String {
        let said = self.of_requests(happening).or_else(|| self.of_its_life(happening)).or_else(|| self.of_its_people(happening));
        said.unwrap_or_else(|| tr!(self, "something happened that this program has no words for. Use a newer appliance."))
    }

    fn who(self, custodians: &Custodians) -> String {
        self.holders(custodians.as_slice())
    }

    fn of_requests(self, happening: &Happening) -> Option<String> {
        Some(match happening {
            Happening::Presented { request, requester, custodians } => tr!(
                self,
                "{custodians} presented their cards for request {request} of the workstation {workstation}.",
                custodians = self.who(custodians),
                request = short(request),
                workstation = short(requester)
            ),
            Happening::Answered { request, requester, key, custodians, granted, emergency, .. } => {
                self.answered([request, requester], *key, custodians, (*granted, *emergency))
            }
            Happening::Refused { request, requester, reason } => tr!(
                self,
                "request {request} of the workstation {workstation} was refused: {why}",
                request = short(request),
                workstation = short(requester),
                why = self.sentences(reason)
            ),
            Happening::Reviewed { custodians, operations } => trn!(
                self,
                *operations,
                "{custodians} reviewed {count} operation granted in emergencies.",
                "{custodians} reviewed {count} operations granted in emergencies.",
                custodians = self.who(custodians)
            ),
            _ => return None,
        })
    }

    fn answered(
        self,
        [request, workstation]: [&Digest; 2],
        key: KeyRef,
        custodians: &Custodians,
        (granted, emergency): (u8, bool),
    ) -> String {
        let (request, workstation) = (short(request), short(workstation));
        let (key, custodians) = (self.key(key), self.who(custodians));
        if emergency {
            return trn!(
                self,
                granted,
                "in an EMERGENCY, {count} operation of the key {key} granted to the workstation {workstation}, approved by \
                 {custodians}. Request {request}.",
                "in an EMERGENCY, {count} operations of the key {key} granted to the workstation {workstation}, approved by \
                 {custodians}. Request {request}.",
                key,
                workstation,
                custodians,
                request
            );
        }
        trn!(
            self,
            granted,
            "{count} operation of the key {key} granted to the workstation {workstation}, approved by {custodians}. Request \
             {request}.",
            "{count} operations of the key {key} granted to the workstation {workstation}, approved by {custodians}. Request \
             {request}.",
            key,
            workstation,
            custodians,
            request
        )
    }

    fn of_its_life(self, happening: &Happening) -> Option<String> {
        Some(match happening {
            Happening::Created => tr!(self, "the vault was made. It serves once its cards were drilled."),
            Happening::Opened { custodians } => {
                tr!(self, "{custodians} opened the vault and confirmed the date.", custodians = self.who(custodians))
            }
            Happening::Drilled { epoch, cards, .. } => {
                tr!(self, "all {cards} cards of epoch {epoch} were drilled, and the vault serves under them.", cards, epoch)
            }
            Happening::Redealt { epoch, custodians } => {
                tr!(self, "{custodians} had new cards of epoch {epoch} dealt.", custodians = self.who(custodians), epoch)
            }
            Happening::RedealAbandoned { epoch } => {
                tr!(self, "the new cards of epoch {epoch} were given up before their drill; the old ones stay.", epoch)
            }
            Happening::Restored { custodians, descriptor, backup } => tr!(
                self,
                "{custodians} restored the vault {descriptor}, {backup}.",
                custodians = self.who(custodians),
                descriptor = if *descriptor { tr!(self, "with its descriptor") } else { tr!(self, "WITHOUT its descriptor") },
                backup = backup
                    .map_or_else(|| tr!(self, "without a backup"), |state| tr!(self, "from its backup of state {state}", state))
            ),
            Happening::Succeeded { by, custodians } => tr!(
                self,
                "{custodians} named the vault {vault} as the one that follows.",
                custodians = self.who(custodians),
                vault = by
            ),
            Happening::Follows { old, custodians } => tr!(
                self,
                "{custodians} acknowledged the vault {vault} as the one before.",
                custodians = self.who(custodians),
                vault = old
            ),
            Happening::BackedUp { backup } => {
                tr!(self, "a backup was shown; its digest begins with {digest}.", digest = short(backup))
            }
            Happening::Alarmed { alarms } => self.sealed_by(alarms),
            _ => return None,
        })
    }

    fn of_its_people(self, happening: &Happening) -> Option<String> {
        Some(match happening {
            Happening::Enrolled { name, key, custodians } => tr!(
                self,
                "{custodians} enrolled the workstation “{name}”, {digest}.",
                custodians = self.who(custodians),
                name = name.as_str(),
                digest = short(key)
            ),
            Happening::Revoked { name, key, custodians } => tr!(
                self,
                "{custodians} revoked the workstation “{name}”, {digest}.",
                custodians = self.who(custodians),
                name = name.as_str(),
                digest = short(key)
            ),
            Happening::Confirmed { custodians } => {
                tr!(self, "{custodians} confirmed the keys.", custodians = self.who(custodians))
            }
            Happening::Renewed { custodians } => {
                tr!(self, "{custodians} renewed the quotas.", custodians = self.who(custodians))
            }
            Happening::Rotated { key, custodians } => {
                tr!(self, "{custodians} made the key {key}.", custodians = self.who(custodians), key = self.key(*key))
            }
            _ => return None,
        })
    }
}
