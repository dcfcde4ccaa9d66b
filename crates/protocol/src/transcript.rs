//! The transcript: what happened at one ceremony, signed by the vault that it made.

use crate::{
    bounded::Line,
    fingerprint::{Digest, VaultId},
    message::Kind,
    plan::Role,
    record::{Chained, Record},
};
use serde::{Deserialize, Serialize};

/// The signed transcript of a ceremony.
pub type Transcript = Record<Act>;

/// Says what a ceremony is held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Ceremony {
    /// A vault is made.
    Creation,
    /// The root is dealt anew to other cards.
    Reshare,
}

/// One thing that happened at a ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Act {
    /// The ceremony began.
    Began {
        /// What it is held for.
        ceremony: Ceremony,
        /// The plan's digest.
        plan: Digest,
        /// The kiosk's program and its version.
        program: Line<64>,
        /// The digest of the image that the appliance booted from, where it knows it. What an
        /// appliance says of itself proves nothing if its image was changed.
        image: Option<Digest>,
    },
    /// The appliance's primitives gave the answers that are known.
    SelfTested {
        /// How many answers were compared.
        answers: u16,
    },
    /// A person was called and is here.
    Present {
        /// The name.
        name: Line<64>,
        /// The role.
        role: Role,
    },
    /// A person was called and is not here.
    Absent {
        /// The name.
        name: Line<64>,
        /// The role.
        role: Role,
    },
    /// Entropy was mixed in.
    Entropy {
        /// From where, such as `kernel` or `dice`.
        source: Line<24>,
        /// By whom, where a person did.
        by: Line<64>,
        /// How much: bytes, samples or rolls.
        amount: u32,
        /// How many samples its health tests looked at; 0 where it has none.
        tested: u32,
    },
    /// The root was dealt.
    Dealt {
        /// The vault's id.
        vault: VaultId,
        /// The epoch.
        epoch: u16,
        /// Cards needed.
        threshold: u8,
        /// Cards dealt.
        cards: u8,
    },
    /// A card was shown to be copied or printed.
    Shown {
        /// Its index.
        index: u8,
        /// Whose it is.
        custodian: Line<64>,
    },
    /// A card was read back, and its share proven.
    ReadBack {
        /// Its index.
        index: u8,
    },
    /// The store was written; the kiosk's process ended, and with it all that was in memory.
    Stored,
    /// A new process began the drill with nothing.
    DrillBegan,
    /// A card was presented at the drill, and its share proven.
    Drilled {
        /// Its index.
        index: u8,
    },
    /// All cards were proven to lie on one polynomial, which covers every subset of k of them.
    Proven {
        /// How many cards.
        cards: u8,
        /// How many subsets of k that covers.
        subsets: u32,
    },
    /// The keys that the drilled root gives are those that the ceremony made.
    KeysCompared {
        /// How many keys.
        keys: u8,
        /// The digest behind the words of the public keys.
        fingerprint: Digest,
    },
    /// The keys serve.
    Activated {
        /// The digest of the signed descriptor.
        descriptor: Digest,
    },
}

impl Chained for Act {
    const KIND: Kind = Kind::Transcript;
    const ENTRY: &'static [u8] = b"cloison/v1/transcript";
    const LABEL: &'static str = "cloison/v1/transcript-export";
}
