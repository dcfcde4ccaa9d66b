//! What the appliance remembers, authenticated as a whole.
//!
//! `"CLST"`, version 1, the state in postcard, then 48 bytes of HMAC-SHA-384 under the store's key
//! over `cloison/v1/store` ‖ SHA-384(state) ‖ generation (8 bytes big-endian) ‖ log head. One MAC
//! a commit: a deleted, older or foreign row cannot be told apart from a forged one.

use crate::log::{Entry, Happening, Log};
use cloison_protocol::{Descriptor, Digest, Enrolment, KeyRef, PublicKey, RequestId, Seen, digest, secret::Secret};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha384;
use std::collections::BTreeSet;
use thiserror::Error;

const MAGIC: &[u8] = b"CLST\x01";
const LABEL: &[u8] = b"cloison/v1/store";
const MAC_BYTES: usize = 48;
/// The largest store that is read, in bytes: some hundreds of thousands of log entries.
const MAX_STORE: usize = 64 << 20;

/// The state of a vault whose MAC was right, or that this process made.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) generation: u64,
    pub(crate) descriptor: Descriptor,
    pub(crate) keys: Vec<PublicKey>,
    pub(crate) enrolments: Vec<Enrolment>,
    pub(crate) used: BTreeSet<RequestId>,
    pub(crate) log: Log,
}

#[derive(Serialize, Deserialize)]
struct Body {
    generation: u64,
    descriptor: Vec<u8>,
    keys: Vec<PublicKey>,
    enrolments: Vec<Vec<u8>>,
    used: BTreeSet<RequestId>,
    log: Vec<Entry>,
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

    /// Tells whether a key needs a fresh quorum for every request; `None` where there is no such key.
    pub(crate) fn needs_quorum(&self, key: KeyRef) -> Option<bool> {
        self.descriptor.body().keys.as_slice().iter().find(|(known, _)| *known == key).map(|(_, each)| *each)
    }

    pub(crate) fn encode(&self, key: &Secret<48>) -> Option<Vec<u8>> {
        let body = Body {
            generation: self.generation,
            descriptor: self.descriptor.as_bytes().to_vec(),
            keys: self.keys.clone(),
            enrolments: self.enrolments.iter().map(|enrolment| enrolment.as_bytes().to_vec()).collect(),
            used: self.used.clone(),
            log: self.log.entries().to_vec(),
        };
        let encoded = postcard::to_allocvec(&body).ok()?;
        let mac = mac(key, &encoded, self.generation, &self.log.head())?.finalize().into_bytes();
        let bytes = [MAGIC, &encoded, mac.as_slice()].concat();
        // What could not be read again is not written.
        (bytes.len() <= MAX_STORE).then_some(bytes)
    }
}

fn mac(key: &Secret<48>, encoded: &[u8], generation: u64, head: &Digest) -> Option<Hmac<Sha384>> {
    let mac = Hmac::<Sha384>::new_from_slice(key.expose()).ok()?;
    Some(mac.chain_update(LABEL).chain_update(digest(&[encoded]).0).chain_update(generation.to_be_bytes()).chain_update(head.0))
}

/// A store as it was read from the card, before its MAC could be checked.
///
/// # Invariants
/// Its descriptor is signed by the identity that it names, which is enough to check cards against.
/// Nothing else in it is trusted, or can be got at, before [`crate::Open::with_quorum`] verified it.
pub struct Stored {
    descriptor: Descriptor,
    body: Body,
    log: Log,
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
        let rest = bytes.strip_prefix(MAGIC).ok_or(StoreError::NotAStore)?;
        let (encoded, mac) = rest.split_last_chunk::<MAC_BYTES>().ok_or(StoreError::Malformed)?;
        let body: Body = postcard::from_bytes(encoded).map_err(|_| StoreError::Malformed)?;
        let descriptor = Descriptor::decode(&body.descriptor).map_err(|_| StoreError::Malformed)?;
        let log = Log::of(body.log.clone()).ok_or(StoreError::Malformed)?;
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

    pub(crate) fn verify(self, key: &Secret<48>) -> Result<State, StoreError> {
        let mac = mac(key, &self.encoded, self.body.generation, &self.log.head()).ok_or(StoreError::Unauthentic)?;
        mac.verify_slice(&self.mac).map_err(|_| StoreError::Unauthentic)?;
        let enrolments = self.body.enrolments.iter().map(|bytes| Enrolment::decode(bytes)).collect::<Result<_, _>>();
        Ok(State {
            generation: self.body.generation,
            descriptor: self.descriptor,
            keys: self.body.keys,
            enrolments: enrolments.map_err(|_| StoreError::Malformed)?,
            used: self.body.used,
            log: self.log,
        })
    }
}

/// Says why a store is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something else.
    #[error(
        "the data partition holds no Cloison store of this version. Do not use this appliance until its administrator has looked at it"
    )]
    NotAStore,
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
