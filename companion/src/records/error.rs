//! Why a record may not be relied on.

use thiserror::Error;

/// Says why a record that can be read may not be relied on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum RecordError {
    /// It is not the transcript of a whole ceremony.
    #[error(
        "the links are right, but this is not the transcript of a whole ceremony: {}. Do not use this vault's keys before its \
         people explained it",
        things(*.0)
    )]
    NotWhole(usize),
    /// It was held otherwise than the plan says.
    #[error("the links are right, but the ceremony was not held as this plan says: {}. Check that it is the right plan", things(*.0))]
    NotAsPlanned(usize),
    /// Nobody compared the words of the vault that signed it.
    #[error(
        "the links are right, but nobody here has compared the words of the vault that signed this. Import its public keys with \
         `cloison keys import`, then verify again"
    )]
    Stranger,
    /// Another vault signed it than the one that was named.
    #[error("this was signed by another vault than '{title}'. Check which file was given")]
    OtherVault {
        /// The vault that was named.
        title: String,
    },
    /// The earlier log is another vault's.
    #[error("these two logs are of different vaults. Give two exports of one vault")]
    TwoVaults,
    /// Nothing links two stretches.
    #[error(
        "the earlier log ends with entry {last} and this one begins with entry {first}: nothing links them. Have a longer log \
         exported"
    )]
    Apart {
        /// The last entry that was known.
        last: u64,
        /// The first entry of this log.
        first: u64,
    },
    /// Something else signed for a known vault.
    #[error(
        "ALARM: this claims to be of '{title}', but it does not carry that vault's identity. Refuse it, and tell the custodians \
         that somebody may be posing as their vault"
    )]
    OtherIdentity {
        /// The vault that is known.
        title: String,
    },
    /// Older than what was seen.
    #[error(
        "ALARM: this log of '{title}' ends with entry {found}, and entry {known} was seen before: it is older than what {by} has \
         seen. Have the log exported again; if it still ends there, the store may have been rolled back: tell the custodians"
    )]
    Older {
        /// The vault.
        title: String,
        /// The last entry that was known.
        known: u64,
        /// The last entry of this log.
        found: u64,
        /// Who had seen more.
        by: Witness,
    },
    /// Another log of the same vault.
    #[error(
        "ALARM: at entry {at} this log of '{title}' is not the one that {by} has seen. Its store may have been copied and used \
         twice, or rolled back: use nothing from it and tell its custodians"
    )]
    Forked {
        /// The vault.
        title: String,
        /// Where they differ.
        at: u64,
        /// Who had seen the other one.
        by: Witness,
    },
}

impl RecordError {
    /// Tells whether the vault's people must be told.
    pub(crate) fn is_alarm(&self) -> bool {
        matches!(self, Self::OtherIdentity { .. } | Self::Older { .. } | Self::Forked { .. })
    }
}

/// Says who had seen an earlier state of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Witness {
    /// This workstation, from the vault's replies and exports.
    Workstation,
    /// The file of an earlier export.
    Earlier,
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Workstation => "this workstation",
            Self::Earlier => "the earlier log",
        })
    }
}

fn things(found: usize) -> String {
    if found == 1 { "one thing is wrong, named above".to_owned() } else { format!("{found} things are wrong, named above") }
}
