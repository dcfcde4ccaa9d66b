//! What people see before they approve, and the proof that they saw it.

use crate::{
    keys::{AgeKey, ForDigest, ForText, SigningKey},
    quorum::{Occasion, Quorum},
};
use cloison_formats::age::{Declared, Header, NotReadable};
use cloison_protocol::{
    Algorithm, DescriptorBody, Digest, KeyRef, Operation, Outcome, Purpose, Reason, Request, Usage, secret::FileKey,
};

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
        /// Whether each request of this key needs a fresh quorum; else the operator approves alone.
        each: bool,
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
    /// A record to unwrap, before a quorum.
    Record {
        /// Which operation, from 1.
        operation: usize,
        /// The digest of its header, by which its answer can be traced.
        header: Digest,
    },
    /// What the encryptor declared of a record, once the quorum let the appliance look.
    Declared {
        /// Which operation, from 1.
        operation: usize,
        /// Whether the record can be unwrapped at all.
        opens: bool,
        /// The declaration; none where nothing is declared, an error where it cannot be read.
        declared: Result<Option<Declared>, NotReadable>,
    },
}

/// What a vault needs to know for a review.
pub(crate) struct Context {
    pub(crate) requester: String,
    pub(crate) each: bool,
    pub(crate) vault: DescriptorBody,
}

/// What will be done when it is approved; holds secrets.
pub(crate) enum Work {
    /// With the keys that the open vault holds.
    Session,
    /// Nothing yet: the quorum is missing.
    Quorum,
    /// The records are unwrapped, and not yet released.
    Unwrapped(Vec<Option<FileKey>>),
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
    custodians: Vec<u8>,
}

/// The proof that a request was shown whole and approved as its policy asks.
///
/// # Invariants
/// Made only by [`Review::approve`], and spent by [`crate::Open::admit`].
pub struct Approval {
    pub(crate) request: Request,
    pub(crate) work: Work,
    pub(crate) custodians: Vec<u8>,
}

/// A request that is to be answered with a refusal.
pub struct Refusal {
    pub(crate) request: Request,
    pub(crate) reason: Reason,
}

impl Refusal {
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
        Self { request, context, pages, at: 0, furthest: 0, work, custodians: Vec::new() }
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
        Occasion::Request(self.request.digest())
    }

    /// Lends the request, for the log.
    pub(crate) fn request(&self) -> &Request {
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
        let mut file_keys = Vec::new();
        for (operation, index) in self.request.body().operations.as_slice().iter().zip(1..) {
            let Operation::Unwrap(bytes) = operation else { continue };
            let header = Header::parse_whole(bytes.as_slice()).ok();
            let file_key = header.as_ref().and_then(|header| header.unwrap_with(key).ok());
            let declared = header.zip(file_key.as_ref()).map_or(Ok(None), |(header, file_key)| header.declared(file_key));
            self.pages.push(Page::Declared { operation: index, opens: file_key.is_some(), declared });
            file_keys.push(file_key);
        }
        self.forward();
        Work::Unwrapped(file_keys)
    }

    /// Approves what was shown.
    ///
    /// # Errors
    /// The review as it was, and what is missing.
    pub fn approve(self) -> Result<Approval, (Self, NotYet)> {
        match self.missing() {
            Some(missing) => Err((self, missing)),
            None => Ok(Approval { request: self.request, work: self.work, custodians: self.custodians }),
        }
    }

    /// Declines; the refusal is answered and logged.
    #[must_use]
    pub fn decline(self) -> Refusal {
        Refusal { request: self.request, reason: Reason::Declined }
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
        each: context.each,
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
        Operation::Unwrap(header) => {
            vec![Page::Record { operation: index, header: cloison_protocol::digest(&[header.as_slice()]) }]
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
        Operation::Unwrap(_) => key.usage == Usage::Age,
        Operation::SignText(_) => key.usage == Usage::Text && key.algorithm == Algorithm::P384,
        Operation::SignDigest { .. } => key.usage == Usage::Digest && key.algorithm == Algorithm::P384,
        _ => false,
    }
}

/// Turns the file keys that a quorum unwrapped into outcomes.
pub(crate) fn released(file_keys: Vec<Option<FileKey>>) -> Vec<Outcome> {
    let outcome = |key: Option<FileKey>| key.map_or(Outcome::Refused(Reason::CannotUnwrap), Outcome::FileKey);
    file_keys.into_iter().map(outcome).collect()
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
