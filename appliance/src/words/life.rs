//! What happened in the life of a vault, as its log has it.

use super::{
    figures::{capital, count, date, holders, sentences, short},
    policies::key_words,
};
use cloison_protocol::{Entry, Happening, KeyRef};

/// Says what an entry of the log says, and when it was.
pub(super) fn entry(entry: &Entry<Happening>) -> String {
    format!("{}: {}", date(entry.at), capital(&happening(&entry.what)))
}

fn happening(happening: &Happening) -> String {
    let said = of_requests(happening).or_else(|| of_its_life(happening)).or_else(|| of_its_people(happening));
    said.unwrap_or_else(|| "something happened that this program has no words for. Use a newer appliance.".to_owned())
}

fn of_requests(happening: &Happening) -> Option<String> {
    Some(match happening {
        Happening::Presented { request, requester, custodians } => format!(
            "{} presented their cards for request {} of the workstation {}.",
            holders(custodians.as_slice()),
            short(request),
            short(requester)
        ),
        Happening::Answered { request, requester, key, custodians, granted, emergency, .. } => {
            let mark = if *emergency { "in an EMERGENCY, " } else { "" };
            let (granted, by) = (granted_words(*granted, *key), holders(custodians.as_slice()));
            let (request, requester) = (short(request), short(requester));
            format!("{mark}{granted} to the workstation {requester}, approved by {by}. Request {request}.")
        }
        Happening::Refused { request, requester, reason } => {
            format!("request {} of the workstation {} was refused: {}", short(request), short(requester), sentences(reason))
        }
        Happening::Reviewed { custodians, operations } => {
            format!("{} reviewed {} granted in emergencies.", holders(custodians.as_slice()), count(*operations, "operation"))
        }
        _ => return None,
    })
}

fn granted_words(granted: u8, key: KeyRef) -> String {
    format!("{} of the key {} granted", count(granted, "operation"), key_words(key))
}

fn of_its_life(happening: &Happening) -> Option<String> {
    Some(match happening {
        Happening::Created => "the vault was made. It serves once its cards were drilled.".to_owned(),
        Happening::Opened { custodians } => {
            format!("{} opened the vault and confirmed the date.", holders(custodians.as_slice()))
        }
        Happening::Drilled { epoch, cards, .. } => {
            format!("all {cards} cards of epoch {epoch} were drilled, and the vault serves under them.")
        }
        Happening::Redealt { epoch, custodians } => {
            format!("{} had new cards of epoch {epoch} dealt.", holders(custodians.as_slice()))
        }
        Happening::RedealAbandoned { epoch } => {
            format!("the new cards of epoch {epoch} were given up before their drill; the old ones stay.")
        }
        Happening::Restored { custodians, descriptor, backup } => {
            let descriptor = if *descriptor { "with its descriptor" } else { "WITHOUT its descriptor" };
            let backup =
                backup.map_or_else(|| "without a backup".to_owned(), |state| format!("from its backup of state {state}"));
            format!("{} restored the vault {descriptor}, {backup}.", holders(custodians.as_slice()))
        }
        Happening::Succeeded { by, custodians } => {
            format!("{} named the vault {by} as the one that follows.", holders(custodians.as_slice()))
        }
        Happening::Follows { old, custodians } => {
            format!("{} acknowledged the vault {old} as the one before.", holders(custodians.as_slice()))
        }
        Happening::BackedUp { backup } => format!("a backup was shown; its digest begins with {}.", short(backup)),
        _ => return None,
    })
}

fn of_its_people(happening: &Happening) -> Option<String> {
    Some(match happening {
        Happening::Enrolled { name, key, custodians } => {
            format!("{} enrolled the workstation “{}”, {}.", holders(custodians.as_slice()), name.as_str(), short(key))
        }
        Happening::Revoked { name, key, custodians } => {
            format!("{} revoked the workstation “{}”, {}.", holders(custodians.as_slice()), name.as_str(), short(key))
        }
        Happening::Confirmed { custodians } => format!("{} confirmed the keys.", holders(custodians.as_slice())),
        Happening::Renewed { custodians } => format!("{} renewed the quotas.", holders(custodians.as_slice())),
        Happening::Rotated { key, custodians } => {
            format!("{} made the key {}.", holders(custodians.as_slice()), key_words(*key))
        }
        _ => return None,
    })
}
