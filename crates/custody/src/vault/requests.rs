//! What is done with a request: received, looked into, admitted, performed.

use super::{Adoption, Open, PerformError, Stale, Unanswerable};
use crate::{
    keys::{ForText, Identity, SigningKey},
    quorum::Quorum,
    review::{Approval, Context, Refusal, Review, Work, fits, released},
    state::State,
};
use cloison_formats::hpke::{self, Hybrid};
use cloison_protocol::{
    CaseCommitment, Digest, Happening, KeyRef, MessageError, Operation, Outcome, Policy, Reason, Reply, ReplyBody, ReplyError,
    Request, SignError, Usage, bounded::Fixed, digest,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

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
    /// How many operations count against what one opening of the vault allows.
    counted: u32,
}

enum Answer {
    Grant(Work),
    Refuse(Reason),
}

/// What came of performing.
pub enum Performed {
    /// The sealed reply.
    Reply(Reply),
    /// Records that are shown before there is a reply.
    Show(Showing),
}

/// Records opened to be shown on the kiosk only; wiped on drop.
pub struct Showing {
    request: Request,
    records: Vec<Result<Zeroizing<Vec<u8>>, Reason>>,
}

impl Showing {
    /// Lends what each record contains, or why it did not open.
    pub fn records(&self) -> &[Result<Zeroizing<Vec<u8>>, Reason>] {
        &self.records
    }
}

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

impl Open {
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
        Ok(match self.context(&request, false, now) {
            Ok(context) => Received::Review(Review::new(request, context)),
            Err(reason) => {
                let emergency = is_quota(reason) && self.context(&request, true, now).is_ok();
                Received::Refused(Refusal { request, reason, emergency })
            }
        })
    }

    /// Takes a request that a quota refused, or a review that more approvals are missing for, onto
    /// the emergency path, where the key's policy has one: k cards, its own quota, and a review by
    /// the next quorum.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn in_emergency(&self, request: Request, now: u64) -> Result<Review, Reason> {
        let context = self.context(&request, true, now)?;
        Ok(Review::new(request, context))
    }

    /// Tells whether a review could go on by the emergency path.
    #[must_use]
    pub fn allows_emergency(&self, review: &Review, now: u64) -> bool {
        let further = review.cards() > self.state.descriptor.body().threshold;
        further && !review.is_emergency() && self.context(review.request(), true, now).is_ok()
    }

    fn context(&self, request: &Request, emergency: bool, now: u64) -> Result<Context, Reason> {
        let (body, state) = (request.body(), &self.state);
        let requester = digest(&[&body.requester.to_bytes()]);
        if state.more.revoked.contains(&requester) {
            return Err(Reason::Revoked);
        }
        let known = state.enrolments.iter().find(|known| known.body().key == body.requester);
        let name = known.ok_or(Reason::UnknownRequester)?.body().name.as_str();
        if state.used.contains(&body.id) {
            return Err(Reason::Replayed);
        }
        if self.expired(request, now) {
            return Err(Reason::Expired);
        }
        if !state.went_through(&body.seen) {
            return Err(Reason::RolledBack);
        }
        let policy = self.serving(body.key, name, now)?;
        let operations = body.operations.as_slice();
        if operations.len() > usize::from(policy.batch) {
            return Err(Reason::TooMany);
        }
        if !operations.iter().all(|operation| fits(body.key, operation)) || !of_one_sort(operations) {
            return Err(Reason::WrongUsage);
        }
        if policy.view_only && operations.iter().any(|operation| matches!(operation, Operation::Unwrap(_))) {
            return Err(Reason::ViewOnly);
        }
        let asked = u32::try_from(operations.len()).unwrap_or(u32::MAX);
        let used = state.more.counters.used(&self.session, body.key, requester, now.max(state.log.last()));
        if emergency {
            let left = policy.emergency.saturating_sub(state.more.emergencies);
            if asked > u32::from(left) {
                return Err(Reason::EmergencyQuota);
            }
        } else if let Some(reason) = used.exceeded(policy, asked) {
            return Err(reason);
        }
        let threshold = state.descriptor.body().threshold;
        Ok(Context {
            requester: name.to_owned(),
            each: policy.each || emergency,
            cards: if emergency { threshold } else { policy.cards(threshold) },
            emergency,
            declared_only: policy.declared_only,
            used,
            policy: policy.clone(),
            vault: state.descriptor.body().clone(),
        })
    }

    /// Finds a key's policy where the key serves this requester now.
    fn serving(&self, key: KeyRef, requester: &str, now: u64) -> Result<&Policy, Reason> {
        let (state, now) = (&self.state, now.max(self.state.log.last()));
        let known = state.key(key).ok_or(Reason::UnknownKey)?;
        let opens_only = known.retired || state.more.successor.is_some() || state.more.unconfirmed;
        if opens_only && key.usage != Usage::Age {
            return Err(Reason::Retired);
        }
        let policy = &known.policy;
        if policy.expires != 0 && now > policy.expires {
            return Err(Reason::KeyExpired);
        }
        if policy.admits(requester) { Ok(policy) } else { Err(Reason::NotForYou) }
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
        let enough = quorum.custodians().as_slice().len() >= usize::from(review.cards());
        if !enough || !quorum.serves(self.state.descriptor.body(), review.occasion()) {
            return Err(review);
        }
        let (request, requester) = traced(review.request());
        let happening = Happening::Presented { request, requester, custodians: quorum.custodians().clone() };
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

    /// Prepares the traces of an approved request: its id is used, its operations are counted, and
    /// the log says so. The bytes are to be on disk before [`Open::perform`]. `None` where the
    /// request was answered, expired or exceeded a quota since it was received.
    #[must_use]
    pub fn admit(&self, approval: Approval, now: u64, rng: &mut impl CryptoRng) -> Option<(Admitted, Vec<u8>)> {
        let Approval { request, work, custodians, emergency } = approval;
        let body = request.body();
        if body.vault != self.state.descriptor.body().vault || self.context(&request, emergency, now).is_err() {
            return None;
        }
        let granted = granted(&work, &request);
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let (digest, requester) = traced(&request);
        let case = CaseCommitment::to(&Fixed(salt), body.purpose.case.as_str());
        let happening = Happening::Answered { request: digest, requester, case, key: body.key, custodians, granted, emergency };
        let mut next = self.state.after(now, happening)?;
        next.used.insert(body.id);
        next.cases.push((next.generation, Fixed(salt), body.purpose.case.clone()));
        if emergency {
            next.more.emergencies = next.more.emergencies.checked_add(granted.into())?;
        } else {
            let at = next.log.last();
            next.more.counters.count(body.key, requester, at, granted.into());
        }
        let bytes = next.encode(&self.keys)?;
        let counted = if emergency { 0 } else { granted.into() };
        Some((Admitted { next, request, answer: Answer::Grant(work), counted }, bytes))
    }

    /// Prepares the traces of a refusal. A declined request's id is used; one that was refused
    /// unseen leaves only its line in the log, so that strangers cannot fill the store with ids.
    #[must_use]
    pub fn refuse(&self, refusal: Refusal, now: u64) -> Option<(Admitted, Vec<u8>)> {
        let Refusal { request, reason, .. } = refusal;
        let (digest, requester) = traced(&request);
        let mut next = self.state.after(now, Happening::Refused { request: digest, requester, reason })?;
        if reason == Reason::Declined {
            next.used.insert(request.body().id);
        }
        let bytes = next.encode(&self.keys)?;
        Some((Admitted { next, request, answer: Answer::Refuse(reason), counted: 0 }, bytes))
    }

    /// Performs what was admitted, once its traces are on disk, and seals the reply; or gives the
    /// records that are to be shown first.
    ///
    /// # Errors
    /// [`PerformError`]; once the state is taken on, the traces stay.
    pub fn perform(&mut self, admitted: Admitted, rng: &mut impl CryptoRng) -> Result<Performed, PerformError> {
        let Admitted { next, request, answer, counted } = admitted;
        self.take_on(next).map_err(|Stale| PerformError::Stale)?;
        let count = self.session.entry(request.body().key).or_default();
        *count = count.saturating_add(counted);
        if let Answer::Grant(Work::Viewed(records)) = answer {
            return Ok(Performed::Show(Showing { request, records }));
        }
        let outcomes = self.outcomes(answer, &request, rng).map_err(|error| ReplyError::Message(MessageError::Sign(error)))?;
        self.reply(&request, outcomes, rng).map(Performed::Reply)
    }

    /// Seals the reply to a request whose records were shown; `shown` tells of each, in order,
    /// whether the kiosk could.
    ///
    /// # Errors
    /// [`PerformError`].
    pub fn shown(&mut self, showing: Showing, shown: &[bool], rng: &mut impl CryptoRng) -> Result<Reply, PerformError> {
        let outcome = |(record, shown): (&Result<_, Reason>, bool)| match (record, shown) {
            (Err(reason), _) => Outcome::Refused(*reason),
            (Ok(_), true) => Outcome::Viewed,
            (Ok(_), false) => Outcome::Refused(Reason::CannotShow),
        };
        let each = shown.iter().copied().chain(std::iter::repeat(false));
        let outcomes = showing.records.iter().zip(each).map(outcome).collect();
        self.reply(&showing.request, outcomes, rng)
    }

    fn reply(&mut self, request: &Request, outcomes: Vec<Outcome>, rng: &mut impl CryptoRng) -> Result<Reply, PerformError> {
        let body = ReplyBody { state: self.state.seen(), outcomes };
        let reply = Reply::seal(request, &body, &mut Identity { key: &self.identity, rng })?;
        // A refusal that used nothing up may be another answer tomorrow, or after enrolling.
        if self.state.used.contains(&request.body().id) {
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
            Answer::Grant(Work::Quorum | Work::Viewed(_)) => Err(SignError),
        }
    }
}

/// Counts the operations that an approval grants.
fn granted(work: &Work, request: &Request) -> u8 {
    let count = match work {
        Work::Unwrapped(keys) => keys.iter().flatten().count(),
        Work::Viewed(records) => records.iter().flatten().count(),
        _ => request.body().operations.as_slice().len(),
    };
    u8::try_from(count).unwrap_or(u8::MAX)
}

fn is_quota(reason: Reason) -> bool {
    matches!(reason, Reason::SessionQuota | Reason::DayQuota | Reason::TotalQuota)
}

/// Tells whether no record is to be shown beside another whose key is to be given away.
fn of_one_sort(operations: &[Operation]) -> bool {
    let views = operations.iter().filter(|operation| matches!(operation, Operation::View { .. })).count();
    views == 0 || views == operations.len()
}

/// Gives a request's digest and its requester's, as the log names them.
fn traced(request: &Request) -> (Digest, Digest) {
    (request.digest(), digest(&[&request.body().requester.to_bytes()]))
}

fn signed(
    operations: &[Operation],
    mut sign: impl FnMut(&Operation) -> Result<cloison_protocol::Signature, SignError>,
) -> Result<Vec<Outcome>, SignError> {
    operations.iter().map(|operation| sign(operation).map(Outcome::Signature)).collect()
}
