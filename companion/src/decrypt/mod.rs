//! Decrypting files with keys that the vault hands out: first the question, later the answer.

mod key;
mod places;
mod record;

use crate::{
    args,
    error::Error,
    exchange::{self, Answer, ExchangeError},
    home::Home,
    pending::Pending,
    screen::{complain, count, note, shown},
};
use cloison_formats::age::HeaderError;
use cloison_protocol::{
    KeyRef, MAX_OPERATIONS, Operation, Outcome,
    bounded::{BoundError, Bytes},
};
use places::Place;
use std::path::PathBuf;
use thiserror::Error;

pub(crate) use key::Addressee;
pub(crate) use record::Record;

/// What to run once there is a reply.
const NEXT: &str = "cloison decrypt FILE… --reply REPLY";

/// Asks for file keys, or decrypts with those that came, or both in a row.
///
/// # Errors
/// [`DecryptFailure`] and those of the exchange; a file that failed leaves nothing.
pub(crate) fn run(home: &Home, typed: &args::Decrypt) -> Result<(), Error> {
    if typed.files.len() > MAX_OPERATIONS {
        return Err(DecryptFailure::TooMany(typed.files.len()).into());
    }
    // Said before the custodians work: the second one could never be written.
    let twice = typed.files.iter().enumerate().find(|(index, file)| typed.files.iter().take(*index).any(|other| other == *file));
    if let Some((_, file)) = twice {
        return Err(DecryptFailure::Twice(file.clone()).into());
    }
    if let Some(reply) = &typed.exchange.reply {
        let places = places::choose(home, typed)?;
        return finish(home, typed, &places, &exchange::read_reply(reply)?);
    }
    if let Some(output) = &typed.exchange.request {
        exchange::check_output(home, output, &typed.files, &typed.exchange)?;
        return exchange::hand_over(&question(home, typed)?, output, typed.exchange.force, NEXT);
    }
    exchange::need_somebody()?;
    let places = places::choose(home, typed)?;
    places.iter().try_for_each(Place::refuse_existing)?;
    let reply = exchange::converse(home, &question(home, typed)?)?;
    finish(home, typed, &places, &reply)
}

/// Makes the request: each distinct header, all for one key of the vault.
fn question(home: &Home, typed: &args::Decrypt) -> Result<Pending, Error> {
    let addressee = Addressee::named(home, typed.to.as_deref(), typed.classical)?;
    let records = open_all(typed)?;
    let (vault, known) = addressee.of(&records)?;
    if known.view_only {
        return Err(DecryptFailure::ViewOnly { key: known.key, title: vault.title().to_owned() }.into());
    }
    let mut operations = Vec::new();
    for record in &records {
        let header = Bytes::new(record.header.as_bytes().to_vec()).map_err(DecryptFailure::Header)?;
        let operation = Operation::Unwrap(header);
        // Copies of one file need one key.
        if !operations.contains(&operation) {
            operations.push(operation);
        }
    }
    if operations.len() > usize::from(known.batch) {
        let (title, asked, allowed) = (vault.title().to_owned(), operations.len(), known.batch);
        return Err(DecryptFailure::Batch { key: known.key, title, asked, allowed }.into());
    }
    exchange::request(home, &vault, known.key, operations, &typed.exchange)
}

/// Decrypts what was granted and says what was refused.
fn finish(home: &Home, typed: &args::Decrypt, places: &[Place], reply: &[u8]) -> Result<(), Error> {
    let records = open_all(typed)?;
    let mut answer = exchange::answer(home, reply)?;
    let jobs = records.iter().zip(places).map(|(record, place)| Job::new(&answer, record, place));
    let jobs = jobs.collect::<Result<Vec<_>, _>>()?;
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for job in &jobs {
        let Err(error) = job.settle(&answer) else { continue };
        failed.push(job.first);
        if jobs.len() == 1 {
            tally.only = Some(error);
        } else {
            tally.count(&error);
            complain(&format_args!("{}: {error}", shown(&job.record.path)));
        }
    }
    // A key that another copy of the file still needs is not done with.
    for job in jobs.iter().filter(|job| !failed.contains(&job.first)) {
        job.operations.iter().for_each(|operation| answer.pending.mark_done(*operation));
    }
    close(home, answer)?;
    tally.verdict(jobs.len())
}

/// One file to be decrypted.
struct Job<'a> {
    record: &'a Record,
    place: &'a Place,
    /// The first operation that carried its header, and those of its copies.
    first: usize,
    operations: Vec<usize>,
    /// Whether an earlier run wrote it.
    written: bool,
}

impl<'a> Job<'a> {
    /// Finds what the request asked for this file, before anything is written.
    fn new(answer: &Answer, record: &'a Record, place: &'a Place) -> Result<Self, Error> {
        let operations = operations_of(answer, record)?;
        let first = operations.first().copied().ok_or_else(|| DecryptFailure::NotAsked(record.path.clone()))?;
        let written = answer.pending.is_done(first) && !place.force && place.path.is_file();
        if !written {
            place.refuse_existing()?;
        }
        Ok(Self { record, place, first, operations, written })
    }

    fn settle(&self, answer: &Answer) -> Result<(), Error> {
        let (from, to) = (shown(&self.record.path), shown(&self.place.path));
        match answer.outcomes.get(self.first) {
            Some(Outcome::FileKey(_)) if self.written => {
                note(format_args!("{from} was decrypted before; {to} is left as it is."))
            }
            Some(Outcome::FileKey(key)) => {
                self.record.decrypt(key, self.place)?;
                note(format_args!("Decrypted {from} to {to}."));
            }
            Some(Outcome::Refused(reason)) => return Err(ExchangeError::Refused(*reason).into()),
            _ => return Err(ExchangeError::OtherKind.into()),
        }
        Ok(())
    }
}

/// Forgets the request once nothing that was granted is left to write.
fn close(home: &Home, answer: Answer) -> Result<(), Error> {
    let granted = answer.outcomes.iter().enumerate().filter(|(_, outcome)| matches!(outcome, Outcome::FileKey(_)));
    let granted: Vec<_> = granted.map(|(operation, _)| operation).collect();
    let left = answer.pending.close(home, &granted)?;
    if left > 0 {
        let verb = if left == 1 { "is" } else { "are" };
        let files = count(left, "granted file");
        note(format_args!("{files} {verb} still to be decrypted: the request is kept, give the reply again."));
    }
    Ok(())
}

/// What became of the files.
#[derive(Default)]
struct Tally {
    refused: usize,
    failed: usize,
    only: Option<Error>,
}

impl Tally {
    fn count(&mut self, error: &Error) {
        match error {
            Error::Exchange(error) if error.is_refusal() => self.refused += 1,
            _ => self.failed += 1,
        }
    }

    fn verdict(self, asked: usize) -> Result<(), Error> {
        if let Some(error) = self.only {
            return Err(error);
        }
        if self.failed > 0 {
            return Err(DecryptFailure::Some { failed: self.failed, asked }.into());
        }
        if self.refused > 0 {
            return Err(ExchangeError::SomeRefused { refused: self.refused, asked }.into());
        }
        Ok(())
    }
}

fn open_all(typed: &args::Decrypt) -> Result<Vec<Record>, Error> {
    typed.files.iter().map(|path| Record::open(path)).collect()
}

/// Finds the operations that carried this file's header.
fn operations_of(answer: &Answer, record: &Record) -> Result<Vec<usize>, Error> {
    let operations = answer.pending.request.body().operations.as_slice();
    if !operations.iter().any(|operation| matches!(operation, Operation::Unwrap(_))) {
        return Err(ExchangeError::OtherKind.into());
    }
    let same =
        |operation: &Operation| matches!(operation, Operation::Unwrap(header) if header.as_slice() == record.header.as_bytes());
    Ok(operations.iter().enumerate().filter(|(_, operation)| same(operation)).map(|(index, _)| index).collect())
}

/// Says why a file was not decrypted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum DecryptFailure {
    /// Too many files.
    #[error("{0} files are more than the {MAX_OPERATIONS} that one request carries. Ask for them in several requests")]
    TooMany(usize),
    /// One file more than once.
    #[error("{} is given twice. Name each file once", shown(.0))]
    Twice(PathBuf),
    /// One output for several files.
    #[error("--output names one file, and several are to be decrypted. Use --output-dir")]
    OneOutput,
    /// No name to take.
    #[error("{} does not end in .age, so the plaintext has no name. Give one with --output", shown(.0))]
    Nameless(PathBuf),
    /// Two files, one place.
    #[error("two of the files would be written to {}. Decrypt them one by one, with --output", shown(.0))]
    SamePlace(PathBuf),
    /// No age file.
    #[error("{}: {error}", shown(file))]
    NotAge {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        error: HeaderError,
    },
    /// The header does not fit a request.
    #[error("the header does not fit a request: {0}")]
    Header(BoundError),
    /// Not for this vault.
    #[error(
        "{} is not encrypted to a key of '{title}' that fits here. Name its vault with --to, and use --classical only for its P-384 key",
        shown(file)
    )]
    NotForVault {
        /// The file.
        file: PathBuf,
        /// The vault.
        title: String,
    },
    /// No common key.
    #[error("these files are encrypted to different keys of the vault, and a request asks for one. Decrypt them separately")]
    SeveralKeys,
    /// More at once than the vault's policy allows.
    #[error(
        "{asked} records are asked for at once, and the policy of '{title}' allows {allowed} for its key {key}. Ask for them in \
         several requests"
    )]
    Batch {
        /// The key.
        key: KeyRef,
        /// The vault.
        title: String,
        /// What is asked.
        asked: usize,
        /// What is allowed.
        allowed: u8,
    },
    /// Records that never leave the kiosk.
    #[error("records of {key} of '{title}' are only ever shown on the kiosk, by its policy. Use `cloison view FILE`")]
    ViewOnly {
        /// The key.
        key: KeyRef,
        /// The vault.
        title: String,
    },
    /// Not in the request.
    #[error("{} was not in the request that this reply answers, or it changed since. Give the file that was asked for", shown(.0))]
    NotAsked(PathBuf),
    /// The content is wrong.
    #[error("{} was altered, damaged or cut short after it was encrypted, and nothing of it was written. Get it again from where it came", shown(.0))]
    Altered(PathBuf),
    /// Some files failed.
    #[error("{failed} of {asked} files could not be decrypted. The reasons are above; mend them and give the reply again")]
    Some {
        /// Files that failed.
        failed: usize,
        /// All files.
        asked: usize,
    },
}

impl DecryptFailure {
    /// Tells whether the command line itself was wrong.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::TooMany(_) | Self::Twice(_) | Self::OneOutput)
    }
}
