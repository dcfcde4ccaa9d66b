//! Why a vault is not made, opened, changed or restored.

use super::{
    super::{Words, catalogue::tr},
    Explain,
};
use cloison_custody::{
    BirthError, ChangeRefused, DrillError, EnrolmentRefused, OpenError, PerformError, RestoreError, SelfTestFailed, Stale,
    StoreError, Unanswerable,
};

impl Explain for StoreError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::NotAStore => tr!(
                words,
                "the data partition holds no Cloison store. Do not use this appliance until its administrator has looked at it"
            ),
            Self::Newer { found, known } => tr!(
                words,
                "a newer appliance wrote this store (version {found}; this one reads {known}). Switch off, and put the newer \
                 card back: nothing was changed here",
                found,
                known
            ),
            Self::Version { found, known } => tr!(
                words,
                "the store has version {found}, and this appliance knows {known}. Use an appliance of that version, or restore \
                 the vault here",
                found,
                known
            ),
            Self::TooLong { found, limit } => tr!(
                words,
                "the store has {found} bytes, more than the {limit} allowed. Do not use this appliance until its administrator \
                 has looked at it",
                found,
                limit
            ),
            Self::Malformed => {
                tr!(words, "the store is damaged. Do not use this appliance until its administrator has looked at it")
            }
            Self::Unauthentic => tr!(
                words,
                "the store was altered by something other than this vault. Do not use this appliance until its administrator \
                 has looked at it"
            ),
            newer => newer.to_string(),
        }
    }
}

impl Explain for BirthError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Text(error) => error.explain(words),
            Self::Unproven => tr!(words, "not every card was read back. Read each card back before the vault is made"),
            Self::Change(error) => error.explain(words),
            Self::Policy { key, fault } => tr!(
                words,
                "the policy of the key {key} does not fit the new cards: {fault}. Name this key in the plan with a policy that \
                 fits",
                key,
                fault = fault.explain(words)
            ),
            Self::Broken => {
                tr!(words, "the vault's keys could not be made. Stop the ceremony, destroy the cards, and use another appliance")
            }
            newer => newer.to_string(),
        }
    }
}

impl Explain for DrillError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Nothing => tr!(words, "no cards wait for a drill. Open the vault"),
            Self::OtherOccasion => {
                tr!(words, "these cards were presented for something else. Present every card again for the drill")
            }
            Self::OtherKeys => tr!(
                words,
                "the cards give other keys than the ceremony made. Destroy the cards, and make the vault anew on another \
                 appliance"
            ),
            Self::Derivation => {
                tr!(words, "the vault's keys could not be derived. Try again; if it happens twice, use another appliance")
            }
            Self::Store(error) => error.explain(words),
            Self::Message(error) => error.explain(words),
            newer => newer.to_string(),
        }
    }
}

impl Explain for RestoreError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::OtherBackup => {
                tr!(words, "this backup is of another vault. Show the backup of the vault whose cards these are")
            }
            Self::Altered => tr!(
                words,
                "this backup was altered, or the vault's cards do not open it. Use another copy of it, or restore without one"
            ),
            Self::OtherEpoch { cards, backup } => tr!(
                words,
                "the cards are of epoch {cards} and the backup of epoch {backup}. Present the cards of that epoch, or show the \
                 vault's newest descriptor",
                cards,
                backup
            ),
            Self::OtherVault => {
                tr!(words, "the description is not of the vault whose cards these are. Show the right one, or restore without it")
            }
            Self::Derivation => {
                tr!(words, "the vault's keys could not be derived. Try again; if it happens twice, use another appliance")
            }
            Self::Store(error) => error.explain(words),
            Self::Message(error) => error.explain(words),
            newer => newer.to_string(),
        }
    }
}

impl Explain for Unanswerable {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::OtherVault => {
                tr!(words, "this request is for another vault. Take it to that vault, or make a new request for this one")
            }
            Self::ReplyKey => tr!(
                words,
                "this request's reply key is not a public key, so no answer could reach its sender. Make the request again"
            ),
            newer => newer.to_string(),
        }
    }
}

impl Explain for PerformError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Stale => tr!(words, "this answer was prepared for another state of the vault. Read the request again"),
            Self::Reply(error) => error.explain(words),
            newer => newer.to_string(),
        }
    }
}

impl Explain for OpenError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::OtherOccasion => {
                tr!(words, "these cards were presented for something else. Present them again to open the vault")
            }
            Self::OtherVault => tr!(
                words,
                "the cards' root is not this vault's. The store was changed; restore the vault from its cards and backup"
            ),
            Self::Derivation => tr!(
                words,
                "the vault's keys could not be derived. Seal, and try again; if it happens twice, use another appliance"
            ),
            Self::NotDrilled => {
                tr!(words, "this vault's cards were never drilled, so it does not serve yet. Hold the drill first")
            }
            Self::Earlier { .. } => tr!(
                words,
                "the confirmed date is before the last entry of the log. Set the date right; if it is right, the store comes \
                 from the future and is not to be trusted"
            ),
            Self::Store(error) => error.explain(words),
            newer => newer.to_string(),
        }
    }
}

impl Explain for EnrolmentRefused {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Known => tr!(words, "this workstation is enrolled already. Nothing needs to be done"),
            Self::Revoked => {
                tr!(words, "this workstation's key was revoked, and never comes back. Make a new identity on it, and enrol that")
            }
            Self::NoName => tr!(words, "this workstation gives no name. Make its identity again with one"),
            Self::NameTaken => tr!(words, "another workstation is enrolled under this name. Choose another name for one of them"),
            Self::OtherOccasion => {
                tr!(words, "these cards were presented for something else. Present them again for this enrolment")
            }
            Self::Unencodable => tr!(words, "the enrolment could not be recorded. Try again"),
            newer => newer.to_string(),
        }
    }
}

impl Explain for ChangeRefused {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::OtherOccasion => {
                tr!(words, "these cards were presented for something else. Present them again for this change")
            }
            Self::Unknown => {
                tr!(words, "what was to be changed is not there any more. Look at the vault's present state, and choose again")
            }
            Self::TooManyKeys { most } => tr!(
                words,
                "a vault holds at most {most} keys, retired ones among them. Make a new vault that follows this one",
                most
            ),
            Self::Undrilled { epoch } => tr!(
                words,
                "the new cards of epoch {epoch} were dealt and not drilled. Hold their drill or give them up, then rotate the \
                 key",
                epoch
            ),
            Self::Derivation => {
                tr!(words, "the new key could not be derived. Seal, and try again; if it happens twice, use another appliance")
            }
            Self::Succeeded => tr!(words, "another vault follows this one already. It cannot be followed twice"),
            Self::Itself => tr!(words, "these are this vault's own public keys. Show those of the vault that is to follow"),
            Self::OtherMode => tr!(words, "one of the two vaults is a rehearsal. Only a real vault follows a real one"),
            Self::OtherVault => tr!(
                words,
                "this succession names another vault as the one that follows. Show the one that was made for this vault"
            ),
            Self::Follows => tr!(words, "this vault acknowledged another vault before. It follows one only"),
            Self::Message(error) => error.explain(words),
            Self::Unencodable => tr!(words, "the change could not be recorded. Try again"),
            newer => newer.to_string(),
        }
    }
}

impl Explain for Stale {
    fn explain(&self, words: Words) -> String {
        tr!(words, "this change was prepared for another state of the vault. Start it again")
    }
}

impl Explain for SelfTestFailed {
    fn explain(&self, words: Words) -> String {
        tr!(
            words,
            "the appliance's self-test {number} gave a wrong answer. Do not use this appliance; take another one",
            number = self.0
        )
    }
}
