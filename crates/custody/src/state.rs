//! What the appliance remembers, authenticated as a whole.
//!
//! `"CLST"`, version 2, the state in postcard, then 48 bytes of HMAC-SHA-384 under the store's key
//! over `cloison/v1/store` ‖ SHA-384(state) ‖ generation (8 bytes big-endian) ‖ log head. One MAC
//! a commit: a deleted, older or foreign row cannot be told apart from a forged one. Case numbers
//! and their salts are encrypted besides (`sealed`): whoever steals the card learns none.

use crate::{counters::Counters, derive::StoreKeys, sealed};
use cloison_protocol::{
    Act, Chain, Descriptor, Digest, Enrolment, Entry, Happening, KeyRef, PublicKey, RequestId, Seen, VaultId, VaultKey,
    bounded::{Bytes, Fixed, Line},
    digest,
    secret::Secret,
};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha384;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

const MAGIC: &[u8] = b"CLST\x02";
const LABEL: &[u8] = b"cloison/v1/store";
const MAC_BYTES: usize = 48;
/// The largest store that is read, in bytes: some hundreds of thousands of log entries.
const MAX_STORE: usize = 64 << 20;

/// One answered request's case: the number of its log entry, the salt of the commitment, the case.
pub(crate) type Case = (u64, Fixed<16>, Line<64>);

/// The state of a vault whose MAC was right, or that this process made.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) generation: u64,
    pub(crate) descriptor: Descriptor,
    pub(crate) public: Vec<(KeyRef, Bytes<2048>)>,
    pub(crate) enrolments: Vec<Enrolment>,
    pub(crate) used: BTreeSet<RequestId>,
    pub(crate) log: Chain<Happening>,
    pub(crate) cases: Vec<Case>,
    pub(crate) more: More,
}

/// The rest of a state: all that is plain data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct More {
    /// Whether every card of the descriptor's epoch was drilled.
    pub(crate) drilled: bool,
    /// The descriptor of cards that were dealt anew and not yet drilled.
    pub(crate) pending: Option<Vec<u8>>,
    /// The transcript of the last ceremony.
    pub(crate) transcript: Vec<Entry<Act>>,
    /// The operations granted.
    pub(crate) counters: Counters,
    /// The digests of revoked workstations' keys.
    pub(crate) revoked: BTreeSet<Digest>,
    /// Whether the keys were found without a descriptor and no quorum confirmed them yet.
    pub(crate) unconfirmed: bool,
    /// Operations granted in emergencies that no quorum reviewed yet.
    pub(crate) emergencies: u16,
    /// The vault before this one.
    pub(crate) predecessor: Option<VaultId>,
    /// The vault after this one.
    pub(crate) successor: Option<VaultId>,
    /// The generation of the last backup that was shown.
    pub(crate) backed_up: u64,
}

#[derive(Serialize, Deserialize)]
struct Body {
    generation: u64,
    descriptor: Vec<u8>,
    public: Vec<(KeyRef, Bytes<2048>)>,
    enrolments: Vec<Vec<u8>>,
    used: BTreeSet<RequestId>,
    more: More,
    sealed: Vec<u8>,
    log: Vec<Entry<Happening>>,
}

impl State {
    /// Gives the state after something happened.
    pub(crate) fn after(&self, at: u64, happening: Happening) -> Option<Self> {
        let mut next = self.clone();
        next.generation = self.generation.checked_add(1)?;
        next.log = next.log.and(at, happening)?;
        Some(next)
    }

    /// Tells whether a state that somebody has seen is one that this store went through.
    pub(crate) fn went_through(&self, seen: &Seen) -> bool {
        seen.generation == 0 || self.log.head_after(seen.generation) == Some(seen.head)
    }

    pub(crate) fn seen(&self) -> Seen {
        Seen { generation: self.generation, head: self.log.head() }
    }

    /// Finds a key and what is allowed of it.
    pub(crate) fn key(&self, key: KeyRef) -> Option<&VaultKey> {
        self.descriptor.find(key)
    }

    /// Lists the public keys as they are exported.
    pub(crate) fn public_keys(&self) -> Option<Vec<PublicKey>> {
        let public: BTreeMap<_, _> = self.public.iter().map(|(key, bytes)| (*key, bytes)).collect();
        let keys = self.descriptor.body().keys.as_slice().iter();
        keys.map(|known| {
            Some(PublicKey {
                key: known.key,
                retired: known.retired || self.more.successor.is_some(),
                batch: known.policy.batch,
                view_only: known.policy.view_only,
                declared_only: known.policy.declared_only,
                bytes: (*public.get(&known.key)?).clone(),
            })
        })
        .collect()
    }

    /// Gives the descriptor of the cards that are to be drilled, if any are.
    pub(crate) fn to_drill(&self) -> Option<Descriptor> {
        to_drill(&self.descriptor, &self.more)
    }

    pub(crate) fn encode(&self, keys: &StoreKeys) -> Option<Vec<u8>> {
        let body = Body {
            generation: self.generation,
            descriptor: self.descriptor.as_bytes().to_vec(),
            public: self.public.clone(),
            enrolments: self.enrolments.iter().map(|enrolment| enrolment.as_bytes().to_vec()).collect(),
            used: self.used.clone(),
            more: self.more.clone(),
            sealed: sealed::seal_cases(&self.cases, self.generation, keys)?,
            log: self.log.entries().to_vec(),
        };
        let encoded = postcard::to_allocvec(&body).ok()?;
        let mac = mac(&keys.mac, &encoded, self.generation, &self.log.head())?.finalize().into_bytes();
        let bytes = [MAGIC, &encoded, mac.as_slice()].concat();
        // What could not be read again is not written.
        (bytes.len() <= MAX_STORE).then_some(bytes)
    }
}

fn to_drill(descriptor: &Descriptor, more: &More) -> Option<Descriptor> {
    if !more.drilled {
        return Some(descriptor.clone());
    }
    Descriptor::decode(more.pending.as_deref()?).ok()
}

fn mac(key: &Secret<48>, encoded: &[u8], generation: u64, head: &Digest) -> Option<Hmac<Sha384>> {
    let mac = Hmac::<Sha384>::new_from_slice(key.expose()).ok()?;
    Some(mac.chain_update(LABEL).chain_update(digest(&[encoded]).0).chain_update(generation.to_be_bytes()).chain_update(head.0))
}

/// A store as it was read from the card, before its MAC could be checked.
///
/// # Invariants
/// Its descriptor is signed by the identity that it names, which is enough to check cards against.
/// Nothing else in it is trusted, or can be got at, before a quorum's keys verified it.
pub struct Stored {
    descriptor: Descriptor,
    body: Body,
    log: Chain<Happening>,
    encoded: Vec<u8>,
    mac: [u8; MAC_BYTES],
}

impl Stored {
    /// Reads a store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        if bytes.len() > MAX_STORE {
            return Err(StoreError::TooLong { found: bytes.len(), limit: MAX_STORE });
        }
        let rest = after_magic(bytes)?;
        let (encoded, mac) = rest.split_last_chunk::<MAC_BYTES>().ok_or(StoreError::Malformed)?;
        let body: Body = postcard::from_bytes(encoded).map_err(|_| StoreError::Malformed)?;
        let descriptor = Descriptor::decode(&body.descriptor).map_err(|_| StoreError::Malformed)?;
        let log = Chain::of(body.log.clone()).ok_or(StoreError::Malformed)?;
        // Every commit adds one entry, by which a requester's older state can be looked up.
        if u64::try_from(body.log.len()) != Ok(body.generation) {
            return Err(StoreError::Malformed);
        }
        Ok(Self { descriptor, body, log, encoded: encoded.to_vec(), mac: *mac })
    }

    /// Lends the vault's description.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Gives the description of cards that are still to be drilled, as far as an unverified store
    /// can tell: of a new vault, or of a reshare.
    #[must_use]
    pub fn to_drill(&self) -> Option<Descriptor> {
        to_drill(&self.descriptor, &self.body.more)
    }

    /// Tells whether the vault serves, as far as an unverified store can tell.
    #[must_use]
    pub fn serves(&self) -> bool {
        self.body.more.drilled
    }

    /// Gives the time of the last entry, as far as an unverified store can tell.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.log.last()
    }

    pub(crate) fn verify(self, keys: &StoreKeys) -> Result<State, StoreError> {
        let mac = mac(&keys.mac, &self.encoded, self.body.generation, &self.log.head()).ok_or(StoreError::Unauthentic)?;
        mac.verify_slice(&self.mac).map_err(|_| StoreError::Unauthentic)?;
        let enrolments = self.body.enrolments.iter().map(|bytes| Enrolment::decode(bytes)).collect::<Result<_, _>>();
        let cases = sealed::open_cases(&self.body.sealed, self.body.generation, keys).ok_or(StoreError::Malformed)?;
        Ok(State {
            generation: self.body.generation,
            descriptor: self.descriptor,
            public: self.body.public,
            enrolments: enrolments.map_err(|_| StoreError::Malformed)?,
            used: self.body.used,
            log: self.log,
            cases,
            more: self.body.more,
        })
    }
}

/// Tells a store of another version from what is no store at all.
fn after_magic(bytes: &[u8]) -> Result<&[u8], StoreError> {
    if let Some(rest) = bytes.strip_prefix(MAGIC) {
        return Ok(rest);
    }
    match (bytes.strip_prefix(&MAGIC[..4]), MAGIC.last()) {
        (Some([found, ..]), Some(known)) if found > known => Err(StoreError::Newer { found: *found, known: *known }),
        (Some([found, ..]), Some(known)) => Err(StoreError::Version { found: *found, known: *known }),
        _ => Err(StoreError::NotAStore),
    }
}

/// Says why a store is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something else.
    #[error("the data partition holds no Cloison store. Do not use this appliance until its administrator has looked at it")]
    NotAStore,
    /// A store that a newer program wrote: it is whole for all that this one knows.
    #[error(
        "a newer appliance wrote this store (version {found}; this one reads {known}). Switch off, and put the newer card back: \
         nothing was changed here"
    )]
    Newer {
        /// What was found.
        found: u8,
        /// What is known.
        known: u8,
    },
    /// A store of an earlier version.
    #[error(
        "the store has version {found}, and this appliance knows {known}. Use an appliance of that version, or restore the vault here"
    )]
    Version {
        /// What was found.
        found: u8,
        /// What is known.
        known: u8,
    },
    /// Too large.
    #[error(
        "the store has {found} bytes, more than the {limit} allowed. Do not use this appliance until its administrator has looked at it"
    )]
    TooLong {
        /// What was found.
        found: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Broken.
    #[error("the store is damaged. Do not use this appliance until its administrator has looked at it")]
    Malformed,
    /// The MAC is wrong.
    #[error(
        "the store was altered by something other than this vault. Do not use this appliance until its administrator has looked at it"
    )]
    Unauthentic,
}

#[cfg(test)]
mod tests;
