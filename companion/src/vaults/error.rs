//! Why a vault cannot be used, and when it is not what it was.

use cloison_protocol::VaultId;
use thiserror::Error;

/// Says why no vault, or no key of it, can be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum VaultError {
    /// Nothing was imported.
    #[error("no vault is known here yet. Import its public keys with `cloison keys import FILE`")]
    NoneImported,
    /// No such vault.
    #[error("no vault called '{0}' is known here. `cloison keys list` shows those that are")]
    Unknown(String),
    /// More than one.
    #[error("several vaults are meant by that: {0}. Name one by its title, or by its id where titles are alike")]
    Several(String),
    /// It has no such key.
    #[error("the vault '{title}' exported no {usage} key for {algorithm}. Ask its custodians for one, or choose another kind")]
    NoKey {
        /// The vault.
        title: String,
        /// The use.
        usage: &'static str,
        /// The algorithm.
        algorithm: &'static str,
    },
    /// Every such key has a newer one after it.
    #[error(
        "every {usage} key of '{title}' for {algorithm} is retired. Import the vault's newest public keys, or choose another kind"
    )]
    AllRetired {
        /// The vault.
        title: String,
        /// The use.
        usage: &'static str,
        /// The algorithm.
        algorithm: &'static str,
    },
    /// A newer vault took its place, and is not known here.
    #[error(
        "'{title}' was followed by another vault, {successor}, and is only asked for its old records now. Import the newer \
         vault's public keys with `cloison keys import FILE --succession FILE`"
    )]
    Followed {
        /// The vault.
        title: String,
        /// The one that follows.
        successor: VaultId,
    },
    /// A newer vault took its place, and is known here.
    #[error(
        "'{title}' was followed by '{newer}' ({id}), and is only asked for its old records now. Name the newer one with --to"
    )]
    FollowedBy {
        /// The vault.
        title: String,
        /// The title of the one that follows.
        newer: String,
        /// Its id.
        id: VaultId,
    },
    /// An export made before what is known.
    #[error(
        "this export of '{title}' is of generation {found}, and generation {seen} was seen already. Export the keys again at \
         the kiosk; if its custodians restored the vault from a backup, add --restored"
    )]
    OldExport {
        /// The vault.
        title: String,
        /// What was seen.
        seen: u64,
        /// What came.
        found: u64,
    },
    /// A restore of what was never here.
    #[error("'{0}' is not known here yet, so there is no state that it could have gone back from. Import it without --restored")]
    NotKnownBefore(String),
    /// A restore of what did not go back.
    #[error("this export of '{0}' is not older than what was seen here. Import it without --restored")]
    NotBack(String),
}

/// Says that a vault is not what it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum Alarm {
    /// Its store is older than it was.
    #[error(
        "ALARM: '{title}' answers from generation {found}, and generation {seen} was seen before. Its store may have been \
         rolled back: use nothing from it and tell its custodians; only if they restored it from a backup, import its keys \
         with --restored"
    )]
    WentBack {
        /// The vault.
        title: String,
        /// What was seen.
        seen: u64,
        /// What came.
        found: u64,
    },
    /// There are two of it.
    #[error(
        "ALARM: '{title}' shows two different logs at generation {generation}. Its store may have been copied and used twice: \
         use nothing from it and tell its custodians"
    )]
    Forked {
        /// The vault.
        title: String,
        /// Where they part.
        generation: u64,
    },
    /// Another key signs for it.
    #[error(
        "ALARM: these keys claim to be those of '{title}', but another identity signed them. Refuse them, and tell the \
         custodians that somebody may be posing as their vault"
    )]
    OtherIdentity {
        /// The vault.
        title: String,
    },
    /// Another key signed in its name.
    #[error(
        "ALARM: this succession claims to come from '{title}', but another identity signed it. Refuse it, and tell the \
         custodians that somebody may be posing as their vault"
    )]
    FalseSuccession {
        /// The vault.
        title: String,
    },
    /// It named two vaults to follow it.
    #[error(
        "ALARM: '{title}' is followed by the vault {known} already, and this succession names {found}. Use neither, and ask the \
         custodians which of them is theirs"
    )]
    TwoSuccessors {
        /// The vault.
        title: String,
        /// The one that is known.
        known: VaultId,
        /// The one that was named now.
        found: VaultId,
    },
}
