//! The auditor's half: what a vault's transcripts and logs say, and whether they may be believed.
//!
//! Links and signature are verified when a record is decoded. What is found out here is the rest:
//! whose identity signed it, whether a transcript is that of a whole ceremony, and whether a log
//! continues what was seen of the vault before. Nothing here changes what this workstation knows.

mod alarms;
mod ceremony;
mod compare;
mod continuity;
mod error;
mod html;
mod json;
mod log;
mod print;
mod signer;
mod totals;
mod transcript;
mod words;
mod words_en;
mod words_fr;

pub(crate) use error::RecordError;
pub(crate) use log::run as log;
pub(crate) use transcript::run as transcript;

use crate::{files, files::FileError};
use cloison_protocol::{Chained, Digest, Entry, MAX_MESSAGE, Record};
use std::path::Path;
use zeroize::Zeroizing;

/// Reads the bytes of a message.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    files::read(path, u64::try_from(MAX_MESSAGE).unwrap_or(u64::MAX))
}

/// Gives the entries of a record with their numbers and the heads after them.
fn numbered<E: Chained>(record: &Record<E>) -> impl Iterator<Item = (u64, &Entry<E>, &Digest)> {
    let first = record.heading().first;
    // The last entry may have the last of all numbers, beyond which a range must not count.
    let links = record.entries().iter().zip(record.heads()).zip(0u64..);
    links.map(move |((entry, head), index)| (first.saturating_add(index), entry, head))
}
