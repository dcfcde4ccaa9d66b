//! Why a vault does not open, act or change.

use crate::state::StoreError;
use cloison_protocol::{MessageError, ReplyError};
use thiserror::Error;

/// Says why a request cannot be answered at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unanswerable {
    /// It names another vault.
    #[error("this request is for another vault. Take it to that vault, or make a new request for this one")]
    OtherVault,
    /// Its one-time key is not a public key.
    #[error("this request's reply key is not a public key, so no answer could reach its sender. Make the request again")]
    ReplyKey,
}

/// Says that a state does not follow the vault's present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this change was prepared for another state of the vault. Start it again")]
pub struct Stale;

/// Says why nothing was performed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PerformError {
    /// It was admitted in another state.
    #[error("this answer was prepared for another state of the vault. Read the request again")]
    Stale,
    /// The reply could not be made.
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

/// Says why a vault did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The cards were presented for something else.
    #[error("these cards were presented for something else. Present them again to open the vault")]
    OtherOccasion,
    /// The root is not this vault's.
    #[error("the cards' root is not this vault's. The store was changed; restore the vault from its cards and backup")]
    OtherVault,
    /// A key could not be derived.
    #[error("the vault's keys could not be derived. Seal, and try again; if it happens twice, use another appliance")]
    Derivation,
    /// Not every card was drilled.
    #[error("this vault's cards were never drilled, so it does not serve yet. Hold the drill first")]
    NotDrilled,
    /// The date is before the last entry.
    #[error(
        "the confirmed date is before the last entry of the log. Set the date right; if it is right, the store comes from the future and is not to be trusted"
    )]
    Earlier {
        /// The time of the last entry, in seconds since 1970 UTC.
        last: u64,
    },
    /// The store is wrong.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says why a workstation is not enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnrolmentRefused {
    /// Its key is enrolled.
    #[error("this workstation is enrolled already. Nothing needs to be done")]
    Known,
    /// Its key was revoked.
    #[error("this workstation's key was revoked, and never comes back. Make a new identity on it, and enrol that")]
    Revoked,
    /// It has no name.
    #[error("this workstation gives no name. Make its identity again with one")]
    NoName,
    /// Another key has its name.
    #[error("another workstation is enrolled under this name. Choose another name for one of them")]
    NameTaken,
    /// The cards were presented for something else.
    #[error("these cards were presented for something else. Present them again for this enrolment")]
    OtherOccasion,
    /// The state could not be encoded.
    #[error("the enrolment could not be recorded. Try again")]
    Unencodable,
}

/// Says why a vault is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChangeRefused {
    /// The cards were presented for something else.
    #[error("these cards were presented for something else. Present them again for this change")]
    OtherOccasion,
    /// There is no such key or workstation.
    #[error("what was to be changed is not there any more. Look at the vault's present state, and choose again")]
    Unknown,
    /// The vault has as many keys as it can have.
    #[error("a vault holds at most {most} keys, retired ones among them. Make a new vault that follows this one")]
    TooManyKeys {
        /// How many.
        most: usize,
    },
    /// New cards are not drilled.
    #[error("the new cards of epoch {epoch} were dealt and not drilled. Hold their drill or give them up, then rotate the key")]
    Undrilled {
        /// Their epoch.
        epoch: u16,
    },
    /// A key could not be derived, or not twice alike.
    #[error("the new key could not be derived. Seal, and try again; if it happens twice, use another appliance")]
    Derivation,
    /// A vault follows already.
    #[error("another vault follows this one already. It cannot be followed twice")]
    Succeeded,
    /// The same vault.
    #[error("these are this vault's own public keys. Show those of the vault that is to follow")]
    Itself,
    /// A rehearsal and a real vault.
    #[error("one of the two vaults is a rehearsal. Only a real vault follows a real one")]
    OtherMode,
    /// The succession is of other vaults.
    #[error("this succession names another vault as the one that follows. Show the one that was made for this vault")]
    OtherVault,
    /// It follows one already.
    #[error("this vault acknowledged another vault before. It follows one only")]
    Follows,
    /// A message could not be made.
    #[error(transparent)]
    Message(MessageError),
    /// The state could not be encoded.
    #[error("the change could not be recorded. Try again")]
    Unencodable,
}
