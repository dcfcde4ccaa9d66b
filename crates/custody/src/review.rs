//! What people see before they approve, and the proof that they saw it.

use crate::{
    counters::Used,
    keys::{AgeKey, ForDigest, ForText, SigningKey},
    quorum::{Occasion, Quorum},
};
use cloison_formats::age::{Declared, Header, NotReadable, open_payload};
use cloison_protocol::{
    Algorithm, Custodians, DescriptorBody, Digest, KeyRef, MAX_VIEWED, Operation, Outcome, Policy, Purpose, Reason, Request,
    Usage, secret::FileKey,
};
use zeroize::Zeroizing;

const LINE_CHARS: usize = 60;
const PAGE_LINES: usize = 12;

/// One page of a review: data, which the appliance puts into words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// Who asks, why, and with which key.
    Who {
        /// The requester's enrolled name.
        requester: String,
        /// Case and reason, in the requester's words.
        purpose: Purpose,
        /// The key asked for.
        key: KeyRef,
        /// How many operations.
        operations: usize,
        /// The requester's claim of when it was made, in seconds since 1970 UTC.
        made: u64,
        /// After when it must be refused, in seconds since 1970 UTC.
        expires: u64,
        /// How many cards are presented for it; none where the operator approves alone.
        cards: Option<u8>,
        /// Whether it goes by the emergency path.
        emergency: bool,
        /// What was used and what is allowed.
        quota: Quota,
    },
    /// A part of a text to sign.
    Text {
        /// Which operation, from 1.
        operation: usize,
        /// Which part, from 1.
        part: usize,
        /// How many parts.
        parts: usize,
        /// The lines.
        text: String,
    },
    /// A file that cannot be shown, to sign by its digest.
    Digest {
        /// Which operation, from 1.
        operation: usize,
        /// The name that the requester gives it.
        name: String,
        /// The size that the requester gives it.
        size: u64,
        /// SHA-384 of it.
        digest: Digest,
    },
    /// A record to unwrap or to show, before a quorum.
    Record {
        /// Which operation, from 1.
        operation: usize,
        /// Whether it is only shown on the kiosk.
        viewed: bool,
        /// The digest of its header, by which its answer can be traced.
        header: Digest,
    },
    /// What the encryptor declared of a record, once the quorum let the appliance look.
    Declared {
        /// Which operation, from 1.
        operation: usize,
        /// Why it will be refused, if it will.
        refused: Option<Reason>,
        /// The declaration; none where nothing is declared, an error where it cannot be read.
        declared: Result<Option<Declared>, NotReadable>,
    },
}

/// What was used of a key before this request, beside what its policy allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Operations since the vault was opened, and how many are allowed.
    pub session: (u32, u32),
    /// Operations of this requester today, and how many are allowed.
    pub day: (u32, u32),
    /// Operations since the quorum renewed the quota, and how many are allowed.
    pub total: (u32, u32),
}

impl Quota {
    fn of(used: &Used, policy: &Policy) -> Self {
        Self {
            session: (used.session, policy.per_session.into()),
            day: (used.day, policy.per_day.into()),
            total: (used.total, policy.total),
        }
    }
}

/// What a vault needs to know for a review.
pub(crate) struct Context {
    pub(crate) requester: String,
    pub(crate) each: bool,
    pub(crate) cards: u8,
    pub(crate) emergency: bool,
    pub(crate) declared_only: bool,
    pub(crate) used: Used,
    pub(crate) policy: Policy,
    pub(crate) vault: DescriptorBody,
}

/// What will be done when it is approved; holds secrets.
pub(crate) enum Work {
    /// With the keys that the open vault holds.
    Session,
    /// Nothing yet: the quorum is missing.
    Quorum,
    /// The records are unwrapped, and not yet released.
    Unwrapped(Vec<Result<FileKey, Reason>>),
    /// The records are decrypted, and not yet shown.
    Viewed(Vec<Result<Zeroizing<Vec<u8>>, Reason>>),
    /// The keys derived under this request's quorum.
    Text(SigningKey<ForText>),
    Digest(SigningKey<ForDigest>),
}

/// Owns a request while people look at it.
///
/// # Invariants
/// The request is signed by an enrolled requester, not expired, not answered before, and its
/// operations fit its key. What is shown is what is acted on: the request cannot be taken out.
pub struct Review {
    request: Request,
    context: Context,
    pages: Vec<Page>,
    at: usize,
    furthest: usize,
    work: Work,
    custodians: Custodians,
}

/// The proof that a request was shown whole and approved as its policy asks.
///
/// # Invariants
/// Made only by [`Review::approve`], and spent by [`crate::Open::admit`].
pub struct Approval {
    pub(crate) request: Request,
    pub(crate) work: Work,
    pub(crate) custodians: Custodians,
    pub(crate) emergency: bool,
}

/// A request that is to be answered with a refusal.
pub struct Refusal {
    pub(crate) request: Request,
    pub(crate) reason: Reason,
    pub(crate) emergency: bool,
}

impl Refusal {
    /// Tells whether the emergency path is open to it.
    #[must_use]
    pub fn allows_emergency(&self) -> bool {
        self.emergency
    }

    /// Lends the request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Says why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

/// Says what is missing before a request can be approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotYet {
    /// Pages that nobody has seen.
    Unread {
        /// How many.
        pages: usize,
    },
    /// The cards of k custodians for this request.
    Quorum,
}

impl Review {
    pub(crate) fn new(request: Request, context: Context) -> Self {
        let pages = pages(&request, &context);
        let work = if context.each { Work::Quorum } else { Work::Session };
        Self { request, context, pages, at: 0, furthest: 0, work, custodians: Custodians::default() }
    }

    /// Lends the page being shown, with its number from 1 and the number of pages.
    #[must_use]
    pub fn page(&self) -> (Option<&Page>, usize, usize) {
        (self.pages.get(self.at), self.at + 1, self.pages.len())
    }

    /// Turns to the next page.
    pub fn forward(&mut self) {
        self.at = (self.at + 1).min(self.pages.len() - 1);
        self.furthest = self.furthest.max(self.at);
    }

    /// Turns back.
    pub fn back(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// Says what is missing before it can be approved, if anything.
    #[must_use]
    pub fn missing(&self) -> Option<NotYet> {
        let unread = self.pages.len() - 1 - self.furthest;
        if unread > 0 {
            return Some(NotYet::Unread { pages: unread });
        }
        matches!(self.work, Work::Quorum).then_some(NotYet::Quorum)
    }

    /// Says what cards must be presented for.
    #[must_use]
    pub fn occasion(&self) -> Occasion {
        let digest = self.request.digest();
        if self.context.emergency { Occasion::Emergency(digest) } else { Occasion::Request(digest) }
    }

    /// Gives how many cards must be presented for it, where any must.
    #[must_use]
    pub fn cards(&self) -> u8 {
        self.context.cards
    }

    /// Tells whether it goes by the emergency path.
    #[must_use]
    pub fn is_emergency(&self) -> bool {
        self.context.emergency
    }

    /// Lends the request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Takes the quorum of this very request: derives the key for it, and looks into the records,
    /// whose declarations become further pages to read. The root and an age key are wiped at once.
    ///
    /// # Errors
    /// The review as it was, where the quorum is for another occasion or not all was read first.
    pub(crate) fn present(mut self, quorum: Quorum) -> Result<Self, Self> {
        if self.missing() != Some(NotYet::Quorum) {
            return Err(self);
        }
        let Some((root, custodians)) = quorum.spend(&self.context.vault, self.occasion()) else { return Err(self) };
        let (mode, key) = (self.context.vault.mode, self.request.body().key);
        let work = match key.usage {
            Usage::Text => SigningKey::derive(&root, mode, key.number).map(Work::Text),
            Usage::Digest => SigningKey::derive(&root, mode, key.number).map(Work::Digest),
            Usage::Age => AgeKey::derive(&root, mode, key.algorithm, key.number).map(|age| self.unwrap(&age)),
            _ => None,
        };
        match work {
            None => Err(self),
            Some(work) => {
                self.work = work;
                self.custodians = custodians;
                Ok(self)
            }
        }
    }

    fn unwrap(&mut self, key: &AgeKey) -> Work {
        let (mut file_keys, mut records) = (Vec::new(), Vec::new());
        for (operation, index) in self.request.body().operations.as_slice().iter().zip(1..) {
            let (Operation::Unwrap(header) | Operation::View { header, .. }) = operation else { continue };
            let (file_key, declared) = looked_into(header.as_slice(), key, self.context.declared_only);
            let refused = match operation {
                Operation::View { payload, .. } => {
                    let record = file_key.and_then(|file_key| {
                        open_payload(&file_key, payload.as_slice(), MAX_VIEWED).map_err(|_| Reason::CannotUnwrap)
                    });
                    let refused = record.as_ref().err().copied();
                    records.push(record);
                    refused
                }
                _ => {
                    let refused = file_key.as_ref().err().copied();
                    file_keys.push(file_key);
                    refused
                }
            };
            self.pages.push(Page::Declared { operation: index, refused, declared });
        }
        self.forward();
        if records.is_empty() { Work::Unwrapped(file_keys) } else { Work::Viewed(records) }
    }

    /// Approves what was shown.
    ///
    /// # Errors
    /// The review as it was, and what is missing.
    pub fn approve(self) -> Result<Approval, (Self, NotYet)> {
        match self.missing() {
            Some(missing) => Err((self, missing)),
            None => Ok(Approval {
                request: self.request,
                work: self.work,
                custodians: self.custodians,
                emergency: self.context.emergency,
            }),
        }
    }

    /// Declines; the refusal is answered and logged.
    #[must_use]
    pub fn decline(self) -> Refusal {
        Refusal { request: self.request, reason: Reason::Declined, emergency: false }
    }
}

/// What an encryptor declared of a record, as far as it can be read.
type Declaration = Result<Option<Declared>, NotReadable>;

/// Opens a record's header, and takes the key away again where the policy asks for a declaration
/// that is not there.
fn looked_into(header: &[u8], key: &AgeKey, declared_only: bool) -> (Result<FileKey, Reason>, Declaration) {
    let header = Header::parse_whole(header).ok();
    let file_key = header.as_ref().and_then(|header| header.unwrap_with(key).ok());
    let declared = header.zip(file_key.as_ref()).map_or(Ok(None), |(header, file_key)| header.declared(file_key));
    let undeclared = declared_only && !matches!(declared, Ok(Some(_)));
    match file_key {
        None => (Err(Reason::CannotUnwrap), declared),
        Some(_) if undeclared => (Err(Reason::NotDeclared), declared),
        Some(file_key) => (Ok(file_key), declared),
    }
}

fn pages(request: &Request, context: &Context) -> Vec<Page> {
    let body = request.body();
    let mut pages = vec![Page::Who {
        requester: context.requester.clone(),
        purpose: body.purpose.clone(),
        key: body.key,
        operations: body.operations.as_slice().len(),
        made: body.made,
        expires: body.expires,
        cards: context.each.then_some(context.cards),
        emergency: context.emergency,
        quota: Quota::of(&context.used, &context.policy),
    }];
    for (operation, index) in body.operations.as_slice().iter().zip(1..) {
        pages.extend(pages_of(operation, index));
    }
    pages
}

fn pages_of(operation: &Operation, index: usize) -> Vec<Page> {
    match operation {
        Operation::SignText(text) => {
            let lines = wrapped(text.as_str());
            let parts = lines.chunks(PAGE_LINES);
            let count = parts.len();
            let page =
                |(part, lines): (usize, &[String])| Page::Text { operation: index, part, parts: count, text: lines.join("\n") };
            (1..).zip(parts).map(page).collect()
        }
        Operation::SignDigest { digest, name, size } => {
            vec![Page::Digest { operation: index, name: name.as_str().to_owned(), size: *size, digest: *digest }]
        }
        Operation::Unwrap(header) | Operation::View { header, .. } => {
            let viewed = matches!(operation, Operation::View { .. });
            vec![Page::Record { operation: index, viewed, header: cloison_protocol::digest(&[header.as_slice()]) }]
        }
        _ => Vec::new(),
    }
}

/// Cuts a text into lines that fit a screen; nothing is left out, and an empty text is one line.
fn wrapped(text: &str) -> Vec<String> {
    text.split('\n')
        .flat_map(|line| {
            let chars: Vec<char> = line.chars().collect();
            if chars.is_empty() {
                return vec![String::new()];
            }
            chars.chunks(LINE_CHARS).map(|piece| piece.iter().collect()).collect()
        })
        .collect()
}

/// Says whether an operation is one that the key is for.
pub(crate) fn fits(key: KeyRef, operation: &Operation) -> bool {
    match operation {
        Operation::Unwrap(_) | Operation::View { .. } => key.usage == Usage::Age,
        Operation::SignText(_) => key.usage == Usage::Text && key.algorithm == Algorithm::P384,
        Operation::SignDigest { .. } => key.usage == Usage::Digest && key.algorithm == Algorithm::P384,
        _ => false,
    }
}

/// Turns the file keys that a quorum unwrapped into outcomes.
pub(crate) fn released(file_keys: Vec<Result<FileKey, Reason>>) -> Vec<Outcome> {
    file_keys.into_iter().map(|key| key.map_or_else(Outcome::Refused, Outcome::FileKey)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_leaves_nothing_out() {
        let text = format!("é{}\n\nend\n", "x".repeat(200));
        let lines = wrapped(&text);
        assert!(lines.iter().all(|line| line.chars().count() <= LINE_CHARS));
        assert_eq!(lines.concat(), text.replace('\n', ""));
        assert_eq!(wrapped(""), [""]);
    }
}
