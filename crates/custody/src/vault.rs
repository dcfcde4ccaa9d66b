//! An opened vault: what it accepts, what it refuses, and the one place where it acts.

use crate::{
    derive::store_key,
    keys::{ForIdentity, ForText, Identity, SigningKey},
    log::{Entry, Happening},
    quorum::{Occasion, Quorum},
    review::{Approval, Context, Refusal, Review, Work, fits, released},
    state::{State, StoreError, Stored},
};
use cloison_protocol::{
    Descriptor, Digest, Enrolment, KeyRef, MessageError, Operation, Outcome, PublicKeys, PublicKeysBody, Reason, Reply,
    ReplyBody, ReplyError, Request, Seen, SignError, Usage, bounded::List, digest, secret::Secret,
};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use thiserror::Error;

/// The most operations that one request may hold, by the default policy.
pub const BATCH: usize = 5;

/// A vault in service: its store is verified, its store, identity and `session` keys derived, and
/// the root wiped.
pub struct Open {
    state: State,
    store: Secret<48>,
    identity: SigningKey<ForIdentity>,
    text: Option<SigningKey<ForText>>,
    answered: BTreeMap<Digest, Reply>,
}

/// Says what to do with a request.
pub enum Received {
    /// Show it.
    Review(Review),
    /// Refuse it.
    Refused(Refusal),
    /// It was answered since the vault was opened: show the identical reply again.
    Again(Reply),
}

/// An answer whose traces are ready to be written, and which is performed after they are.
pub struct Admitted {
    next: State,
    request: Request,
    answer: Answer,
}

enum Answer {
    Grant(Work),
    Refuse(Reason),
}

impl Open {
    /// Opens a vault with the quorum for it: verifies root, identity and store, derives what stays,
    /// and wipes the root. The opening is in the log of the state to be saved.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn with_quorum(stored: Stored, quorum: Quorum, now: u64) -> Result<Self, OpenError> {
        let (root, custodians) = quorum.spend(Occasion::Opening).ok_or(OpenError::OtherOccasion)?;
        let body = stored.descriptor().body();
        let mode = body.mode;
        if root.vault_id(mode) != Some(body.vault) {
            return Err(OpenError::OtherVault);
        }
        let identity = SigningKey::<ForIdentity>::derive(&root, mode, 0).ok_or(OpenError::Derivation)?;
        if identity.public() != body.identity {
            return Err(OpenError::OtherVault);
        }
        let store = store_key(&root, mode).ok_or(OpenError::Derivation)?;
        let state = stored.verify(&store)?;
        let text =
            text_key(&state).map(|key| SigningKey::derive(&root, mode, key.number).ok_or(OpenError::Derivation)).transpose()?;
        let state = state.after(now, Happening::Opened(custodians)).ok_or(OpenError::Derivation)?;
        Ok(Self { state, store, identity, text, answered: BTreeMap::new() })
    }

    /// Encodes the state as it is to be saved.
    #[must_use]
    pub fn to_store(&self) -> Option<Vec<u8>> {
        self.state.encode(&self.store)
    }

    /// Lends the vault's description.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.state.descriptor
    }

    /// Gives the store's generation and log head.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.state.seen()
    }

    /// Lends the log.
    #[must_use]
    pub fn log(&self) -> &[Entry] {
        self.state.log.entries()
    }

    /// Lends the enrolments.
    #[must_use]
    pub fn enrolments(&self) -> &[Enrolment] {
        &self.state.enrolments
    }

    /// Exports the public keys, signed.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn public_keys(&self, rng: &mut impl CryptoRng) -> Result<PublicKeys, MessageError> {
        public_keys(&self.state, &self.identity, rng)
    }

    /// Decides what is to be done with a request.
    ///
    /// # Errors
    /// [`Received`]'s other side: the request names another vault, which this one cannot answer for.
    pub fn receive(&self, request: Request, now: u64) -> Result<Received, OtherVault> {
        if request.body().vault != self.state.descriptor.body().vault {
            return Err(OtherVault);
        }
        if let Some(reply) = self.answered.get(&request.digest()) {
            return Ok(Received::Again(reply.clone()));
        }
        Ok(match self.context(&request, now) {
            Ok(context) => Received::Review(Review::new(request, context)),
            Err(reason) => Received::Refused(Refusal { request, reason }),
        })
    }

    fn context(&self, request: &Request, now: u64) -> Result<Context, Reason> {
        let (body, state) = (request.body(), &self.state);
        let known = state.enrolments.iter().find(|known| known.body().key == body.requester);
        let known = known.ok_or(Reason::UnknownRequester)?;
        if state.used.contains(&body.id) {
            return Err(Reason::Replayed);
        }
        if now > body.expires {
            return Err(Reason::Expired);
        }
        let own = state.seen();
        if body.seen.generation > own.generation || (body.seen.generation == own.generation && body.seen.head != own.head) {
            return Err(Reason::RolledBack);
        }
        let each = state.needs_quorum(body.key).ok_or(Reason::UnknownKey)?;
        let operations = body.operations.as_slice();
        if operations.len() > BATCH {
            return Err(Reason::TooMany);
        }
        if !operations.iter().all(|operation| fits(body.key, operation)) {
            return Err(Reason::WrongUsage);
        }
        Ok(Context { requester: known.body().name.as_str().to_owned(), each, mode: state.descriptor.body().mode })
    }

    /// Prepares the traces of an approved request: its id is used, and the log says so. The bytes
    /// are to be on disk before [`Open::perform`].
    #[must_use]
    pub fn admit(&self, approval: Approval, now: u64) -> Option<(Admitted, Vec<u8>)> {
        let granted = match &approval.work {
            Work::Unwrapped(keys) => keys.iter().flatten().count(),
            _ => approval.request.body().operations.as_slice().len(),
        };
        let happening = Happening::Answered {
            request: approval.request.digest(),
            custodians: approval.custodians,
            granted: u8::try_from(granted).unwrap_or(u8::MAX),
        };
        let mut next = self.state.after(now, happening)?;
        next.used.insert(approval.request.body().id);
        let bytes = next.encode(&self.store)?;
        Some((Admitted { next, request: approval.request, answer: Answer::Grant(approval.work) }, bytes))
    }

    /// Prepares the traces of a refusal. A declined request's id is used; one that was refused
    /// unseen leaves only its line in the log, so that strangers cannot fill the store with ids.
    #[must_use]
    pub fn refuse(&self, refusal: Refusal, now: u64) -> Option<(Admitted, Vec<u8>)> {
        let Refusal { request, reason } = refusal;
        let mut next = self.state.after(now, Happening::Refused { request: request.digest(), reason })?;
        if reason == Reason::Declined {
            next.used.insert(request.body().id);
        }
        let bytes = next.encode(&self.store)?;
        Some((Admitted { next, request, answer: Answer::Refuse(reason) }, bytes))
    }

    /// Performs what was admitted, once its traces are on disk, and seals the reply.
    ///
    /// # Errors
    /// [`ReplyError`]; the traces stay.
    pub fn perform(&mut self, admitted: Admitted, rng: &mut impl CryptoRng) -> Result<Reply, ReplyError> {
        let Admitted { next, request, answer } = admitted;
        self.state = next;
        let outcomes = self.outcomes(answer, &request, rng).map_err(|error| ReplyError::Message(MessageError::Sign(error)))?;
        let body = ReplyBody { state: self.state.seen(), outcomes };
        let reply = Reply::seal(&request, &body, &mut Identity { key: &self.identity, rng })?;
        self.answered.insert(request.digest(), reply.clone());
        Ok(reply)
    }

    fn outcomes(&self, answer: Answer, request: &Request, rng: &mut impl CryptoRng) -> Result<Vec<Outcome>, SignError> {
        let operations = request.body().operations.as_slice();
        let text = |key: &SigningKey<ForText>, rng: &mut _| {
            signed(operations, |operation| match operation {
                Operation::SignText(text) => key.sign_text(text.as_str(), rng),
                _ => Err(SignError),
            })
        };
        match answer {
            Answer::Refuse(reason) => Ok(operations.iter().map(|_| Outcome::Refused(reason)).collect()),
            Answer::Grant(Work::Unwrapped(file_keys)) => Ok(released(file_keys)),
            Answer::Grant(Work::Text(key)) => text(&key, rng),
            Answer::Grant(Work::Session) => text(self.text.as_ref().ok_or(SignError)?, rng),
            Answer::Grant(Work::Digest(key)) => signed(operations, |operation| match operation {
                Operation::SignDigest { digest, .. } => key.sign_digest(&digest.0, rng),
                _ => Err(SignError),
            }),
            Answer::Grant(Work::Quorum) => Err(SignError),
        }
    }

    /// Says for what occasion cards are presented to enrol this workstation.
    ///
    /// # Errors
    /// [`EnrolmentRefused`], before anybody is asked for a card.
    pub fn enrolment_occasion(&self, enrolment: &Enrolment) -> Result<Occasion, EnrolmentRefused> {
        let body = enrolment.body();
        for known in &self.state.enrolments {
            if known.body().key == body.key {
                return Err(EnrolmentRefused::Known);
            }
            if known.body().name == body.name {
                return Err(EnrolmentRefused::NameTaken);
            }
        }
        Ok(Occasion::Enrolment(digest(&[enrolment.as_bytes()])))
    }

    /// Enrols a workstation under the quorum for it; the bytes are to be on disk before
    /// [`Open::adopt`].
    ///
    /// # Errors
    /// [`EnrolmentRefused`].
    pub fn enrol(&self, enrolment: Enrolment, quorum: Quorum, now: u64) -> Result<(Adoption, Vec<u8>), EnrolmentRefused> {
        let occasion = self.enrolment_occasion(&enrolment)?;
        quorum.spend(occasion).ok_or(EnrolmentRefused::OtherOccasion)?;
        let body = enrolment.body();
        let happening = Happening::Enrolled { name: body.name.clone(), key: digest(&[&body.key.to_bytes()]) };
        let mut next = self.state.after(now, happening).ok_or(EnrolmentRefused::Unencodable)?;
        next.enrolments.push(enrolment);
        let bytes = next.encode(&self.store).ok_or(EnrolmentRefused::Unencodable)?;
        Ok((Adoption(next), bytes))
    }

    /// Takes on the state that was saved.
    pub fn adopt(&mut self, adoption: Adoption) {
        self.state = adoption.0;
    }
}

/// A changed state on its way to disk.
pub struct Adoption(State);

fn text_key(state: &State) -> Option<KeyRef> {
    let keys = state.descriptor.body().keys.as_slice();
    keys.iter().find(|(key, each)| key.usage == Usage::Text && !each).map(|(key, _)| *key)
}

fn signed(
    operations: &[Operation],
    mut sign: impl FnMut(&Operation) -> Result<cloison_protocol::Signature, SignError>,
) -> Result<Vec<Outcome>, SignError> {
    operations.iter().map(|operation| sign(operation).map(Outcome::Signature)).collect()
}

pub(crate) fn public_keys(
    state: &State,
    identity: &SigningKey<ForIdentity>,
    rng: &mut impl CryptoRng,
) -> Result<PublicKeys, MessageError> {
    let body = state.descriptor.body();
    let body = PublicKeysBody {
        vault: body.vault,
        mode: body.mode,
        title: body.title.clone(),
        threshold: body.threshold,
        cards: body.cards,
        identity: body.identity.clone(),
        state: state.seen(),
        keys: List::new(state.keys.clone()).map_err(|_| MessageError::Unencodable)?,
    };
    PublicKeys::sign(body, &mut Identity { key: identity, rng })
}

/// Says that a request is for another vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this request is for another vault. Take it to that vault, or make a new request for this one")]
pub struct OtherVault;

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
