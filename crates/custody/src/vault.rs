//! An opened vault: what it accepts, what it refuses, and the one place where it acts.

use crate::{
    derive::store_key,
    keys::{ForIdentity, ForText, Identity, SigningKey},
    log::{Entry, Happening},
    quorum::{Occasion, Quorum},
    review::{Approval, Context, Refusal, Review, Work, fits, released},
    state::{State, StoreError, Stored},
};
use cloison_formats::hpke::{self, Hybrid};
use cloison_protocol::{
    Descriptor, Digest, Enrolment, KeyRef, MessageError, Operation, Outcome, PublicKeys, PublicKeysBody, Reason, Reply,
    ReplyBody, ReplyError, Request, Seen, SignError, Usage, bounded::List, digest, secret::Secret,
};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The most operations that one request may hold, by the default policy.
pub const BATCH: usize = 5;

/// A vault in service: its store is verified, its store, identity and `session` keys derived, and
/// the root wiped.
pub struct Open {
    state: State,
    store: Secret<48>,
    identity: SigningKey<ForIdentity>,
    text: BTreeMap<KeyRef, SigningKey<ForText>>,
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
        let body = stored.descriptor().body();
        let mode = body.mode;
        let (root, custodians) = quorum.spend(body, Occasion::Opening).ok_or(OpenError::OtherOccasion)?;
        if root.vault_id(mode) != Some(body.vault) {
            return Err(OpenError::OtherVault);
        }
        let identity = SigningKey::<ForIdentity>::derive(&root, mode, 0).ok_or(OpenError::Derivation)?;
        if identity.public() != body.identity {
            return Err(OpenError::OtherVault);
        }
        let store = store_key(&root, mode).ok_or(OpenError::Derivation)?;
        let state = stored.verify(&store)?;
        let text = session_text_keys(&state).map(|key| Some((key, SigningKey::derive(&root, mode, key.number)?)));
        let text = text.collect::<Option<_>>().ok_or(OpenError::Derivation)?;
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
    /// [`Unanswerable`]: not even a refusal could reach the requester.
    pub fn receive(&self, request: Request, now: u64) -> Result<Received, Unanswerable> {
        if request.body().vault != self.state.descriptor.body().vault {
            return Err(Unanswerable::OtherVault);
        }
        if !hpke::is_key::<Hybrid>(&request.body().reply_key.0) {
            return Err(Unanswerable::ReplyKey);
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
        if self.expired(request, now) {
            return Err(Reason::Expired);
        }
        if !state.went_through(&body.seen) {
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
        Ok(Context { requester: known.body().name.as_str().to_owned(), each, vault: state.descriptor.body().clone() })
    }

    /// A clock that went back does not make a request young again: it is never before the last entry.
    fn expired(&self, request: &Request, now: u64) -> bool {
        now.max(self.state.log.last()) > request.body().expires
    }

    /// Prepares the trace that custodians presented their cards for this review; the bytes are to
    /// be on disk before [`Open::look`].
    ///
    /// # Errors
    /// The review as it was, where the quorum is not for it.
    pub fn witness(&self, review: Review, quorum: Quorum, now: u64) -> Result<(Witnessed, Vec<u8>), Review> {
        if !quorum.serves(self.state.descriptor.body(), review.occasion()) {
            return Err(review);
        }
        let (request, requester) = traced(review.request());
        let happening = Happening::Presented { request, requester, custodians: quorum.custodians().to_vec() };
        match self.state.after(now, happening).and_then(|next| self.changed(next)) {
            Some((adoption, bytes)) => Ok((Witnessed { adoption, review, quorum }, bytes)),
            None => Err(review),
        }
    }

    /// Spends the quorum of a review, once the trace of it is on disk: the key is derived, and the
    /// records are looked into.
    ///
    /// # Errors
    /// The review as it was.
    pub fn look(&mut self, witnessed: Witnessed) -> Result<Review, Review> {
        let Witnessed { adoption, review, quorum } = witnessed;
        match self.adopt(adoption) {
            Ok(()) => review.present(quorum),
            Err(Stale) => Err(review),
        }
    }

    fn changed(&self, next: State) -> Option<(Adoption, Vec<u8>)> {
        let bytes = next.encode(&self.store)?;
        Some((Adoption(next), bytes))
    }

    /// Prepares the traces of an approved request: its id is used, and the log says so. The bytes
    /// are to be on disk before [`Open::perform`]. `None` where the request was answered, or
    /// expired, since it was received.
    #[must_use]
    pub fn admit(&self, approval: Approval, now: u64) -> Option<(Admitted, Vec<u8>)> {
        let body = approval.request.body();
        let ours = body.vault == self.state.descriptor.body().vault;
        if !ours || self.state.used.contains(&body.id) || self.expired(&approval.request, now) {
            return None;
        }
        let granted = match &approval.work {
            Work::Unwrapped(keys) => keys.iter().flatten().count(),
            _ => approval.request.body().operations.as_slice().len(),
        };
        let (request, requester) = traced(&approval.request);
        let happening = Happening::Answered {
            request,
            requester,
            key: approval.request.body().key,
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
        let (digest, requester) = traced(&request);
        let mut next = self.state.after(now, Happening::Refused { request: digest, requester, reason })?;
        if reason == Reason::Declined {
            next.used.insert(request.body().id);
        }
        let bytes = next.encode(&self.store)?;
        Some((Admitted { next, request, answer: Answer::Refuse(reason) }, bytes))
    }

    /// Performs what was admitted, once its traces are on disk, and seals the reply.
    ///
    /// # Errors
    /// [`PerformError`]; once the state is taken on, the traces stay.
    pub fn perform(&mut self, admitted: Admitted, rng: &mut impl CryptoRng) -> Result<Reply, PerformError> {
        let Admitted { next, request, answer } = admitted;
        self.take_on(next).map_err(|Stale| PerformError::Stale)?;
        let used = self.state.used.contains(&request.body().id);
        let outcomes = self.outcomes(answer, &request, rng).map_err(|error| ReplyError::Message(MessageError::Sign(error)))?;
        let body = ReplyBody { state: self.state.seen(), outcomes };
        let reply = Reply::seal(&request, &body, &mut Identity { key: &self.identity, rng })?;
        // A refusal that used nothing up may be another answer tomorrow, or after enrolling.
        if used {
            self.answered.insert(request.digest(), reply.clone());
        }
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
            Answer::Grant(Work::Session) => text(self.text.get(&request.body().key).ok_or(SignError)?, rng),
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
        let name = folded(body.name.as_str());
        if name.is_empty() {
            return Err(EnrolmentRefused::NoName);
        }
        for known in &self.state.enrolments {
            if known.body().key == body.key {
                return Err(EnrolmentRefused::Known);
            }
            if folded(known.body().name.as_str()) == name {
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
        let (_, custodians) = quorum.spend(self.state.descriptor.body(), occasion).ok_or(EnrolmentRefused::OtherOccasion)?;
        let body = enrolment.body();
        let happening = Happening::Enrolled { name: body.name.clone(), key: digest(&[&body.key.to_bytes()]), custodians };
        let mut next = self.state.after(now, happening).ok_or(EnrolmentRefused::Unencodable)?;
        next.enrolments.push(enrolment);
        self.changed(next).ok_or(EnrolmentRefused::Unencodable)
    }

    /// Takes on the state that was saved.
    ///
    /// # Errors
    /// [`Stale`] where it does not follow this vault's present state; nothing changes.
    pub fn adopt(&mut self, adoption: Adoption) -> Result<(), Stale> {
        self.take_on(adoption.0)
    }

    fn take_on(&mut self, next: State) -> Result<(), Stale> {
        let follows = next.descriptor == self.state.descriptor && next.went_through(&self.state.seen());
        if !follows || Some(next.generation) != self.state.generation.checked_add(1) {
            return Err(Stale);
        }
        self.state = next;
        Ok(())
    }
}

/// A changed state on its way to disk.
pub struct Adoption(State);

/// A review whose quorum is complete, and whose trace of it is on its way to disk.
pub struct Witnessed {
    adoption: Adoption,
    review: Review,
    quorum: Quorum,
}

impl Witnessed {
    /// Gives the review back as it was, and drops the quorum.
    #[must_use]
    pub fn abandon(self) -> Review {
        self.review
    }
}

/// Lists the text keys that an open vault holds, by their policy.
fn session_text_keys(state: &State) -> impl Iterator<Item = KeyRef> {
    let keys = state.descriptor.body().keys.as_slice();
    keys.iter().filter(|(key, each)| key.usage == Usage::Text && !each).map(|(key, _)| *key)
}

/// Gives a request's digest and its requester's, as the log names them.
fn traced(request: &Request) -> (Digest, Digest) {
    (request.digest(), digest(&[&request.body().requester.to_bytes()]))
}

/// Folds a name so that two that look the same are the same.
fn folded(name: &str) -> String {
    name.trim().nfkc().collect::<String>().to_lowercase()
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
