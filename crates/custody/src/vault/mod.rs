//! An opened vault: what it holds, how its state changes, and what it says of itself.

mod changes;
mod enrolments;
mod errors;
mod requests;

pub use changes::Rotated;
pub use errors::{ChangeRefused, EnrolmentRefused, OpenError, PerformError, Stale, Unanswerable};
pub use requests::{Admitted, Performed, Received, Showing, Witnessed};

use crate::{
    counters::SessionCounts,
    derive::StoreKeys,
    keys::{ForIdentity, ForText, Identity, SigningKey},
    quorum::{Change, Occasion, Quorum},
    sealed,
    state::{State, Stored},
};
use cloison_protocol::{
    Act, Alarms, Backup, Chain, Custodians, Descriptor, Digest, Enrolment, Entry, Happening, KeyRef, Limits, Log, MessageError,
    PublicKeys, PublicKeysBody, Reply, Seen, Transcript, Usage, Whose, bounded::List,
};
use rand_core::CryptoRng;
use std::collections::BTreeMap;

/// A vault in service: its store is verified, its store, identity and `session` keys derived, and
/// the root wiped.
pub struct Open {
    state: State,
    keys: StoreKeys,
    identity: SigningKey<ForIdentity>,
    text: BTreeMap<KeyRef, SigningKey<ForText>>,
    answered: BTreeMap<Digest, Reply>,
    session: SessionCounts,
    custodians: Custodians,
}

/// A changed state on its way to disk.
pub struct Adoption(State);

impl Open {
    /// Opens a vault with the quorum for it, presented for the date that the custodians confirmed:
    /// verifies root, identity and store, derives what stays, and wipes the root. The opening is in
    /// the log of the state to be saved.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn with_quorum(stored: Stored, quorum: Quorum, date: u64, now: u64) -> Result<Self, OpenError> {
        let body = stored.descriptor().body();
        let mode = body.mode;
        let (root, custodians) = quorum.spend(body, Occasion::Opening { date }).ok_or(OpenError::OtherOccasion)?;
        let identity = SigningKey::<ForIdentity>::derive(&root, mode, 0).ok_or(OpenError::Derivation)?;
        if root.vault_id(mode) != Some(body.vault) || identity.public() != body.identity {
            return Err(OpenError::OtherVault);
        }
        let keys = StoreKeys::derive(&root, mode).ok_or(OpenError::Derivation)?;
        let state = stored.verify(&keys)?;
        if !state.more.drilled {
            return Err(OpenError::NotDrilled);
        }
        if date < state.log.last() {
            return Err(OpenError::Earlier { last: state.log.last() });
        }
        let text = session_text_keys(&state).map(|key| Some((key, SigningKey::derive(&root, mode, key.number)?)));
        let text = text.collect::<Option<_>>().ok_or(OpenError::Derivation)?;
        let opened = Happening::Opened { custodians: custodians.clone() };
        let state = state.after(now, opened).ok_or(OpenError::Derivation)?;
        Ok(Self { state, keys, identity, text, answered: BTreeMap::new(), session: SessionCounts::new(), custodians })
    }

    /// Encodes the state as it is to be saved.
    #[must_use]
    pub fn to_store(&self) -> Option<Vec<u8>> {
        self.state.encode(&self.keys)
    }

    /// Lends the vault's description.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.state.descriptor
    }

    /// Gives how long it stays open.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.state.descriptor.body().limits
    }

    /// Gives the store's generation and log head.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.state.seen()
    }

    /// Lends the log.
    #[must_use]
    pub fn log(&self) -> &[Entry<Happening>] {
        self.state.log.entries()
    }

    /// Lends the enrolments.
    #[must_use]
    pub fn enrolments(&self) -> &[Enrolment] {
        &self.state.enrolments
    }

    /// Tells what waits for its people.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let more = &self.state.more;
        Waiting {
            emergencies: more.emergencies,
            unconfirmed: more.unconfirmed,
            undrilled: self.state.to_drill().map(|descriptor| descriptor.body().epoch),
            successor: more.successor.is_some(),
            since_backup: self.state.generation.saturating_sub(more.backed_up),
        }
    }

    /// Gives the description of new cards that wait for their drill.
    #[must_use]
    pub fn to_drill(&self) -> Option<Descriptor> {
        self.state.to_drill()
    }

    /// Exports the public keys, signed.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn public_keys(&self, rng: &mut impl CryptoRng) -> Result<PublicKeys, MessageError> {
        public_keys(&self.state, &self.identity, rng)
    }

    /// Exports the last entries of the log, at most `most`, signed. No case number is in it.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn export_log(&self, most: usize, rng: &mut impl CryptoRng) -> Result<Log, MessageError> {
        self.state.log.export(&whose(&self.state), most, &mut Identity { key: &self.identity, rng })
    }

    /// Exports the transcript of the last ceremony, signed; `None` where this store holds none.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn export_transcript(&self, rng: &mut impl CryptoRng) -> Result<Option<Transcript>, MessageError> {
        if self.state.more.transcript.is_empty() || self.state.to_drill().is_some() {
            return Ok(None);
        }
        transcript(&self.state, &self.identity, rng).map(Some)
    }

    /// Encrypts the store to be kept elsewhere, with the state that remembers it. The bytes are to
    /// be on disk before [`Open::adopt`], and the backup is shown after that.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn back_up(&self, now: u64, rng: &mut impl CryptoRng) -> Result<(Adoption, Vec<u8>, Backup), MessageError> {
        let store = self.to_store().ok_or(MessageError::Unencodable)?;
        let backup = sealed::backup(&store, self.descriptor().body().vault, self.state.generation, &self.keys, rng)?;
        let happening = Happening::BackedUp { backup: backup.digest() };
        let mut next = self.state.after(now, happening).ok_or(MessageError::Unencodable)?;
        next.more.backed_up = next.generation;
        let (adoption, bytes) = self.changed(next).ok_or(MessageError::Unencodable)?;
        Ok((adoption, bytes, backup))
    }

    /// Seals the vault because of alarms, and gives the state to be saved that tells of them; `None`
    /// where it cannot be encoded.
    #[must_use]
    pub fn alarmed(self, alarms: Alarms, now: u64) -> Option<Vec<u8>> {
        self.state.after(now, Happening::Alarmed { alarms })?.encode(&self.keys)
    }

    /// Takes on the state that was saved.
    ///
    /// # Errors
    /// [`Stale`] where it does not follow this vault's present state; nothing changes.
    pub fn adopt(&mut self, adoption: Adoption) -> Result<(), Stale> {
        self.take_on(adoption.0)
    }

    fn changed(&self, next: State) -> Option<(Adoption, Vec<u8>)> {
        let bytes = next.encode(&self.keys)?;
        Some((Adoption(next), bytes))
    }

    fn take_on(&mut self, next: State) -> Result<(), Stale> {
        let (ours, theirs) = (self.state.descriptor.body(), next.descriptor.body());
        let follows = (theirs.vault, theirs.epoch) == (ours.vault, ours.epoch) && next.went_through(&self.state.seen());
        if !follows || Some(next.generation) != self.state.generation.checked_add(1) {
            return Err(Stale);
        }
        self.state = next;
        Ok(())
    }

    /// Spends a quorum that was presented for a change, and gives what it leaves.
    fn spend(&self, quorum: Quorum, change: Change) -> Result<(crate::Root, Custodians), ChangeRefused> {
        quorum.spend(self.state.descriptor.body(), Occasion::Change(change)).ok_or(ChangeRefused::OtherOccasion)
    }
}

/// What an open vault's people should know of at its desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Operations granted in emergencies that nobody reviewed.
    pub emergencies: u16,
    /// Whether its keys were found without a descriptor and are not confirmed.
    pub unconfirmed: bool,
    /// The epoch of new cards that are not drilled.
    pub undrilled: Option<u16>,
    /// Whether another vault follows it.
    pub successor: bool,
    /// How many commits are newer than the last backup.
    pub since_backup: u64,
}

/// Lists the text keys that an open vault holds, by their policy.
fn session_text_keys(state: &State) -> impl Iterator<Item = KeyRef> {
    let keys = state.descriptor.body().keys.as_slice();
    keys.iter().filter(|known| known.key.usage == Usage::Text && !known.policy.each).map(|known| known.key)
}

fn whose(state: &State) -> Whose {
    let body = state.descriptor.body();
    Whose { vault: body.vault, mode: body.mode, title: body.title.clone(), identity: body.identity.clone() }
}

pub(crate) fn transcript(
    state: &State,
    identity: &SigningKey<ForIdentity>,
    rng: &mut impl CryptoRng,
) -> Result<Transcript, MessageError> {
    let chain = Chain::<Act>::of(state.more.transcript.clone()).ok_or(MessageError::Unencodable)?;
    chain.export(&whose(state), usize::MAX, &mut Identity { key: identity, rng })
}

pub(crate) fn public_keys(
    state: &State,
    identity: &SigningKey<ForIdentity>,
    rng: &mut impl CryptoRng,
) -> Result<PublicKeys, MessageError> {
    let body = state.descriptor.body();
    let keys = state.public_keys().ok_or(MessageError::Unencodable)?;
    let body = PublicKeysBody {
        vault: body.vault,
        mode: body.mode,
        title: body.title.clone(),
        threshold: body.threshold,
        cards: body.cards,
        identity: body.identity.clone(),
        state: state.seen(),
        predecessor: state.more.predecessor,
        successor: state.more.successor,
        keys: List::new(keys).map_err(|_| MessageError::Unencodable)?,
    };
    PublicKeys::sign(body, &mut Identity { key: identity, rng })
}
