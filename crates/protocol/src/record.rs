//! Hash-chained records: what happened, in order, each entry bound to all before it.
//!
//! headᵢ = SHA-384(entry label ‖ headᵢ₋₁ ‖ entry i in postcard). A vault keeps a [`Chain`]; a
//! [`Record`] is a stretch of one with a heading, every head beside its entry, and the signature
//! of the vault's identity over the whole. The heads are there so that an altered entry can be
//! named: the signature alone would only say that something is wrong somewhere.

use crate::{
    bounded::{Fixed, Line},
    fingerprint::{Digest, VaultId, digest},
    key::Mode,
    message::{Kind, MessageError},
    signature::{Point, Sign, Signature},
    wire,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

const HEADING: &[u8] = b"cloison/v1/heading";
/// The most entries of one record; of a longer log, a stretch is exported.
pub const MAX_ENTRIES: usize = 4096;

/// Says what kind of chain a type's values are the entries of.
pub trait Chained: Clone + PartialEq + Serialize + DeserializeOwned {
    /// The kind of message that carries a stretch.
    const KIND: Kind;
    /// The label of its heads.
    const ENTRY: &'static [u8];
    /// The label of its signature.
    const LABEL: &'static str;
}

/// One entry of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry<E> {
    /// When, in seconds since 1970 UTC by the appliance's clock; never before the entry before it.
    pub at: u64,
    /// What.
    pub what: E,
}

/// The entries of a chain from its beginning, with the head after each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain<E> {
    entries: Vec<Entry<E>>,
    heads: Vec<Digest>,
}

impl<E> Default for Chain<E> {
    fn default() -> Self {
        Self { entries: Vec::new(), heads: Vec::new() }
    }
}

impl<E: Chained> Chain<E> {
    /// Chains entries that were read; `None` where one cannot be encoded or goes back in time.
    #[must_use]
    pub fn of(entries: Vec<Entry<E>>) -> Option<Self> {
        entries.into_iter().try_fold(
            Self::default(),
            |chain, entry| {
                if entry.at < chain.last() { None } else { chain.with(entry) }
            },
        )
    }

    /// Adds what happened; a clock that went back does not make the chain go back.
    #[must_use]
    pub fn and(self, at: u64, what: E) -> Option<Self> {
        let at = at.max(self.last());
        self.with(Entry { at, what })
    }

    fn with(mut self, entry: Entry<E>) -> Option<Self> {
        let bytes = postcard::to_allocvec(&entry).ok()?;
        self.heads.push(head::<E>(&self.head(), &bytes));
        self.entries.push(entry);
        Some(self)
    }

    /// Lends the entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry<E>] {
        &self.entries
    }

    /// Gives the head: 48 zero bytes before the first entry.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.heads.last().copied().unwrap_or(Fixed([0; 48]))
    }

    /// Gives the head after the first `count` entries, from 1.
    #[must_use]
    pub fn head_after(&self, count: u64) -> Option<Digest> {
        self.heads.get(usize::try_from(count.checked_sub(1)?).ok()?).copied()
    }

    /// Gives the time of the last entry, before which it cannot be now.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.at)
    }

    /// Signs the last entries of the chain, at most [`MAX_ENTRIES`] and at most `most`.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn export(&self, whose: &Whose, most: usize, identity: &mut impl Sign) -> Result<Record<E>, MessageError> {
        let skipped = self.entries.len().saturating_sub(most.min(MAX_ENTRIES));
        let before = u64::try_from(skipped).ok().and_then(|count| self.head_after(count)).unwrap_or(Fixed([0; 48]));
        let first = u64::try_from(skipped).unwrap_or(u64::MAX).saturating_add(1);
        let heading = Heading { whose: whose.clone(), first, before };
        Record::sign(heading, self.entries.get(skipped..).unwrap_or_default(), identity)
    }
}

fn head<E: Chained>(before: &Digest, entry: &[u8]) -> Digest {
    digest(&[E::ENTRY, &before.0, entry])
}

/// Says whose chain it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whose {
    /// The vault.
    pub vault: VaultId,
    /// Real, or a rehearsal.
    pub mode: Mode,
    /// The vault's title.
    pub title: Line<64>,
    /// The key that signs all that the vault says, this record too.
    pub identity: Point,
}

/// What stands above a record's entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// Whose it is.
    pub whose: Whose,
    /// The number of the first entry here; a whole chain starts at 1.
    pub first: u64,
    /// The head before it: 48 zero bytes where it is the first of all.
    pub before: Digest,
}

impl Heading {
    /// Gives the number of the last of so many entries under this heading; `None` where no chain
    /// has such a stretch, or no record may have so many.
    fn last(&self, count: usize) -> Option<u64> {
        let from_the_beginning = self.before == Fixed([0; 48]);
        let last = self.first.checked_sub(1)?.checked_add(u64::try_from(count).ok()?)?;
        ((self.first == 1) == from_the_beginning && count <= MAX_ENTRIES).then_some(last)
    }
}

/// A stretch of a chain whose every link and whose signature are right.
///
/// # Invariants
/// The identity that the heading names signed exactly this. Whose identity that is, is known from
/// the vault's public keys; and a whole chain is only known to be the vault's newest where its
/// head is compared with the one that the vault last told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<E> {
    heading: Heading,
    entries: Vec<Entry<E>>,
    heads: Vec<Digest>,
    bytes: Vec<u8>,
}

impl<E: Chained> Record<E> {
    /// Signs a stretch.
    ///
    /// # Errors
    /// [`MessageError::Unencodable`] where [`Record::decode`] would refuse it; others.
    pub fn sign(heading: Heading, entries: &[Entry<E>], identity: &mut impl Sign) -> Result<Self, MessageError> {
        let unencodable = |_| MessageError::Unencodable;
        if heading.last(entries.len()).is_none() || !entries.is_sorted_by_key(|entry| entry.at) {
            return Err(MessageError::Unencodable);
        }
        let count = u32::try_from(entries.len()).map_err(|_| MessageError::Unencodable)?;
        let mut bytes = wire::encode(E::KIND, &heading)?;
        bytes.extend(link(&heading)?.0);
        bytes.extend(postcard::to_allocvec(&count).map_err(unencodable)?);
        let (mut heads, mut before) = (Vec::new(), heading.before);
        for entry in entries {
            let encoded = postcard::to_allocvec(entry).map_err(unencodable)?;
            before = head::<E>(&before, &encoded);
            bytes.extend(encoded);
            bytes.extend(before.0);
            heads.push(before);
        }
        let bytes = wire::signed(E::LABEL, bytes, identity)?;
        Ok(Self { heading, entries: entries.to_vec(), heads, bytes })
    }

    /// Reads a record and verifies every link, then the signature.
    ///
    /// # Errors
    /// [`MessageError::Record`] names the first place that is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        wire::expect(E::KIND, bytes)?;
        let mut reader = Reader { rest: bytes.get(4..).unwrap_or_default() };
        let heading = reader.heading().ok_or(RecordFault::Heading)?;
        let count = reader.value::<u32>().and_then(|count| usize::try_from(count).ok()).ok_or(RecordFault::Heading)?;
        let last = heading.last(count).ok_or(RecordFault::Heading)?;
        let (mut entries, mut heads, mut before) = (Vec::new(), Vec::new(), heading.before);
        for number in heading.first..=last {
            let entry: Entry<E> = reader.entry(&mut before).ok_or(RecordFault::Entry { number })?;
            if entries.last().is_some_and(|last: &Entry<E>| entry.at < last.at) {
                return Err(RecordFault::Entry { number }.into());
            }
            entries.push(entry);
            heads.push(before);
        }
        let signature = <[u8; 96]>::try_from(reader.rest).map_err(|_| RecordFault::End { last })?;
        let unsigned = &bytes[..bytes.len() - signature.len()];
        if !heading.whose.identity.verifies(&wire::signed_bytes(E::LABEL, unsigned), &Signature(Fixed(signature))) {
            return Err(RecordFault::Signature.into());
        }
        Ok(Self { heading, entries, heads, bytes: bytes.to_vec() })
    }

    /// Lends the heading.
    #[must_use]
    pub fn heading(&self) -> &Heading {
        &self.heading
    }

    /// Lends the entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry<E>] {
        &self.entries
    }

    /// Lends the head after each entry.
    #[must_use]
    pub fn heads(&self) -> &[Digest] {
        &self.heads
    }

    /// Gives the head after the last entry.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.heads.last().copied().unwrap_or(self.heading.before)
    }

    /// Lends the bytes that cross the gap.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn link(heading: &Heading) -> Result<Digest, MessageError> {
    let bytes = postcard::to_allocvec(heading).map_err(|_| MessageError::Unencodable)?;
    Ok(digest(&[HEADING, &bytes]))
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// Reads a value that is in its one encoding.
    fn value<T: Serialize + DeserializeOwned>(&mut self) -> Option<T> {
        let (value, rest) = postcard::take_from_bytes::<T>(self.rest).ok()?;
        let taken = self.rest.get(..self.rest.len() - rest.len())?;
        if postcard::to_allocvec(&value).ok()? != taken {
            return None;
        }
        self.rest = rest;
        Some(value)
    }

    fn take<const N: usize>(&mut self) -> Option<&[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(taken)
    }

    fn heading(&mut self) -> Option<Heading> {
        let heading = self.value::<Heading>()?;
        let expected = link(&heading).ok()?;
        (*self.take::<48>()? == expected.0).then_some(heading)
    }

    fn entry<E: Chained>(&mut self, before: &mut Digest) -> Option<Entry<E>> {
        let start = self.rest;
        let entry = self.value::<Entry<E>>()?;
        let encoded = start.get(..start.len() - self.rest.len())?;
        *before = head::<E>(before, encoded);
        (*self.take::<48>()? == before.0).then_some(entry)
    }
}

/// Says where a transcript or a log is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordFault {
    /// Above the entries.
    #[error("the heading was altered. Ask the vault's people to export it again")]
    Heading,
    /// An entry.
    #[error("entry {number} was altered, moved, or does not follow the one before it. Ask the vault's people to export it again")]
    Entry {
        /// Its number, from 1 at the beginning of the chain.
        number: u64,
    },
    /// After the last entry.
    #[error("what follows entry {last} was cut off or added. Ask the vault's people to export it again")]
    End {
        /// The last entry's number.
        last: u64,
    },
    /// The signature.
    #[error("every entry follows the one before it, but the vault did not sign this. Somebody else made it; do not rely on it")]
    Signature,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{log::Happening, signature::tests::Signer};

    fn chain() -> Chain<Happening> {
        let chain = Chain::default().and(10, Happening::Created).unwrap();
        let chain = chain.and(5, Happening::Opened { custodians: crate::bounded::List::new(vec![1, 3]).unwrap() }).unwrap();
        chain.and(12, Happening::Created).unwrap()
    }
    fn record(signer: &mut Signer, most: usize) -> Record<Happening> {
        let whose = Whose {
            vault: VaultId(Fixed([7; 16])),
            mode: Mode::Real,
            title: Line::new("Coffre").unwrap(),
            identity: signer.public(),
        };
        chain().export(&whose, most, signer).unwrap()
    }

    #[test]
    fn time_never_goes_back() {
        assert_eq!(chain().entries()[1].at, 10);
        let back = vec![Entry { at: 2, what: Happening::Created }, Entry { at: 1, what: Happening::Created }];
        assert_eq!(Chain::of(back), None);
    }

    #[test]
    fn the_head_binds_every_entry_and_their_order() {
        let head = chain().head();
        assert_eq!(Chain::of(chain().entries).unwrap().head(), head);
        let mut shorter = chain().entries;
        shorter.remove(0);
        let mut changed = chain().entries;
        changed[1].what = Happening::Created;
        for other in [shorter, changed] {
            assert_ne!(Chain::of(other).unwrap().head(), head);
        }
    }

    #[test]
    fn a_record_is_read_back_whole_or_as_a_stretch() {
        let mut signer = Signer::new(1);
        for most in [usize::MAX, 2, 1, 0] {
            let record = record(&mut signer, most);
            assert_eq!(Record::decode(record.as_bytes()).unwrap(), record);
            assert_eq!(record.head(), chain().head());
            assert_eq!(record.heading().first, 4 - u64::try_from(record.entries().len()).unwrap());
        }
    }

    #[test]
    fn every_altered_byte_is_named_to_its_place() {
        let mut signer = Signer::new(1);
        let record = record(&mut signer, usize::MAX);
        let bytes = record.as_bytes();
        let heading = 4 + postcard::to_allocvec(record.heading()).unwrap().len() + 48;
        let mut ends = vec![heading + 1];
        for entry in record.entries() {
            ends.push(ends.last().unwrap() + postcard::to_allocvec(entry).unwrap().len() + 48);
        }
        for at in 4..bytes.len() {
            for change in [1u8, 0x80, 0xff] {
                let mut altered = bytes.to_vec();
                altered[at] ^= change;
                let MessageError::Record(fault) = Record::<Happening>::decode(&altered).unwrap_err() else { panic!("byte {at}") };
                let place = ends.iter().position(|end| at < *end);
                match (place, fault) {
                    (Some(0), RecordFault::Heading | RecordFault::Entry { .. } | RecordFault::End { .. }) => {
                        assert!(at == heading || fault == RecordFault::Heading, "byte {at}: {fault}");
                    }
                    (Some(entry), RecordFault::Entry { number }) => assert_eq!(entry, usize::try_from(number).unwrap()),
                    (None, RecordFault::Signature) => {}
                    other => panic!("byte {at}: {other:?}"),
                }
            }
        }
        for cut in 4..bytes.len() {
            assert!(Record::<Happening>::decode(&bytes[..cut]).is_err());
        }
    }

    /// Signs whatever it is given, as somebody with a vault's key but not this program could.
    fn forged(heading: &Heading, entries: &[Entry<Happening>], signer: &mut Signer) -> Vec<u8> {
        let mut bytes = wire::encode(Kind::Log, heading).unwrap();
        bytes.extend(link(heading).unwrap().0);
        bytes.extend(postcard::to_allocvec(&u32::try_from(entries.len()).unwrap()).unwrap());
        let mut before = heading.before;
        for entry in entries {
            let encoded = postcard::to_allocvec(entry).unwrap();
            before = head::<Happening>(&before, &encoded);
            bytes.extend(encoded.iter().chain(&before.0));
        }
        wire::signed(Happening::LABEL, bytes, signer).unwrap()
    }

    #[test]
    fn a_stretch_that_no_chain_has_is_refused_whoever_signed_it() {
        let mut signer = Signer::new(1);
        let heading = record(&mut signer, usize::MAX).heading().clone();
        let created = |at| Entry { at, what: Happening::Created };
        let (zeros, ones) = (Fixed([0; 48]), Fixed([1; 48]));
        let (one, two) = (vec![created(1)], vec![created(1), created(2)]);
        let cases = [
            (1, zeros, two.clone(), None),
            (2, ones, two.clone(), None),
            (u64::MAX, ones, one.clone(), None),
            (1, ones, one.clone(), Some(RecordFault::Heading)),
            (2, zeros, one.clone(), Some(RecordFault::Heading)),
            (0, zeros, one.clone(), Some(RecordFault::Heading)),
            (0, ones, one, Some(RecordFault::Heading)),
            (u64::MAX, ones, two, Some(RecordFault::Heading)),
            (1, zeros, vec![created(1); MAX_ENTRIES + 1], Some(RecordFault::Heading)),
            (7, ones, vec![created(1), created(3), created(2)], Some(RecordFault::Entry { number: 9 })),
        ];
        for (first, before, entries, fault) in cases {
            let heading = Heading { first, before, ..heading.clone() };
            let read = Record::<Happening>::decode(&forged(&heading, &entries, &mut signer));
            assert_eq!(read.clone().err(), fault.map(MessageError::Record), "{first}");
            let signed = Record::sign(heading, &entries, &mut signer);
            assert_eq!(signed.is_ok(), fault.is_none(), "what cannot be read is not signed: {first}");
            assert!(fault.is_some() || signed == read);
        }
    }

    #[test]
    fn four_billion_announced_entries_are_refused() {
        let mut signer = Signer::new(1);
        let record = record(&mut signer, 0);
        let mut bytes = record.as_bytes()[..4 + postcard::to_allocvec(record.heading()).unwrap().len() + 48].to_vec();
        bytes.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(Record::<Happening>::decode(&bytes), Err(RecordFault::Heading.into()));
    }
}
