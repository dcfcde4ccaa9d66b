//! Decrypting files with keys that the vault hands out: first the question, later the answer.

mod places;
mod record;

use crate::{
    args,
    error::Error,
    exchange::{self, Answer, ExchangeError},
    files,
    home::Home,
    pending::Pending,
    screen::{complain, note},
    vaults::{self, Vault},
};
use cloison_formats::age::HeaderError;
use cloison_protocol::{
    Algorithm, KeyRef, MAX_OPERATIONS, Operation, Outcome, Usage,
    bounded::{BoundError, Bytes},
};
use places::Place;
use record::Record;
use std::path::PathBuf;
use thiserror::Error;

/// Asks for file keys, or decrypts with those that came, or both in a row.
///
/// # Errors
/// [`DecryptFailure`] and those of the exchange; a file that failed leaves nothing.
pub(crate) fn run(home: &Home, typed: &args::Decrypt) -> Result<(), Error> {
    if typed.files.len() > MAX_OPERATIONS {
        return Err(DecryptFailure::TooMany(typed.files.len()).into());
    }
    if let Some(reply) = &typed.exchange.reply {
        let places = places::choose(typed)?;
        return finish(home, typed, &places, &exchange::read_reply(reply)?);
    }
    if let Some(output) = &typed.exchange.request {
        files::refuse_existing(output, typed.exchange.force)?;
        return exchange::hand_over(question(home, typed)?, output, typed.exchange.force);
    }
    exchange::need_somebody()?;
    let places = places::choose(typed)?;
    let reply = exchange::converse(question(home, typed)?)?;
    finish(home, typed, &places, &reply)
}

/// Makes the request: the header of each file, all for one key of the vault.
fn question(home: &Home, typed: &args::Decrypt) -> Result<Pending, Error> {
    let vault = vaults::find(home, typed.to.as_deref())?;
    let records = open_all(typed)?;
    let key = key_for(&vault, &records, typed.classical)?;
    let operations = records
        .iter()
        .map(|record| Bytes::new(record.header.as_bytes().to_vec()).map(Operation::Unwrap).map_err(DecryptFailure::Header));
    let operations = operations.collect::<Result<Vec<_>, _>>()?;
    exchange::request(home, &vault, key, operations, &typed.exchange)
}

/// Finds the one key that every file names, so that nobody asks custodians for what cannot work.
fn key_for(vault: &Vault, records: &[Record], classical: bool) -> Result<KeyRef, Error> {
    let hybrid = if classical { Vec::new() } else { vault.of(Usage::Age, Algorithm::MlKem1024P384) };
    let candidates: Vec<_> = hybrid.into_iter().chain(vault.of(Usage::Age, Algorithm::P384)).collect();
    if let Some(known) = candidates.iter().find(|known| records.iter().all(|record| record.names(known))) {
        return Ok(known.key);
    }
    let stranger = records.iter().find(|record| !candidates.iter().any(|known| record.names(known)));
    Err(match stranger {
        Some(record) => DecryptFailure::NotForVault { file: record.path.clone(), title: vault.title().to_owned() },
        None => DecryptFailure::SeveralKeys,
    }
    .into())
}

/// Decrypts what was granted and says what was refused.
fn finish(home: &Home, typed: &args::Decrypt, places: &[Place], reply: &[u8]) -> Result<(), Error> {
    let records = open_all(typed)?;
    let mut answer = exchange::answer(home, reply)?;
    let asked = records.iter().map(|record| operation_of(&answer, record)).collect::<Result<Vec<_>, _>>()?;
    let alone = records.len() == 1;
    let mut tally = Tally::default();
    for ((record, place), operation) in records.iter().zip(places).zip(asked) {
        let ended = settle(record, place, answer.outcomes.get(operation));
        match ended {
            Ok(()) => answer.pending.mark_done(operation),
            Err(error) if alone => tally.only = Some(error),
            Err(error) => {
                tally.count(&error);
                complain(&format_args!("{}: {error}", record.path.display()));
            }
        }
    }
    close(answer)?;
    tally.verdict(records.len())
}

fn settle(record: &Record, place: &Place, outcome: Option<&Outcome>) -> Result<(), Error> {
    match outcome {
        Some(Outcome::FileKey(key)) => {
            record.decrypt(key, place)?;
            note(format_args!("Decrypted {} to {}.", record.path.display(), place.path.display()));
            Ok(())
        }
        Some(Outcome::Refused(reason)) => Err(ExchangeError::Refused(*reason).into()),
        _ => Err(ExchangeError::OtherKind.into()),
    }
}

/// Forgets the request once nothing that was granted is left to write.
fn close(answer: Answer) -> Result<(), Error> {
    let granted = answer.outcomes.iter().enumerate().filter(|(_, outcome)| matches!(outcome, Outcome::FileKey(_)));
    let left = granted.filter(|(operation, _)| !answer.pending.is_done(*operation)).count();
    if left == 0 {
        return Ok(answer.pending.forget()?);
    }
    note(format_args!("{left} granted files are still to be decrypted: the request is kept, give the reply again for them."));
    Ok(answer.pending.keep_waiting()?)
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

/// Finds the operation that carried this file's header.
fn operation_of(answer: &Answer, record: &Record) -> Result<usize, Error> {
    let operations = answer.pending.request.body().operations.as_slice();
    if !operations.iter().any(|operation| matches!(operation, Operation::Unwrap(_))) {
        return Err(ExchangeError::OtherKind.into());
    }
    let same =
        |operation: &Operation| matches!(operation, Operation::Unwrap(header) if header.as_slice() == record.header.as_bytes());
    let found = operations.iter().position(same);
    found.ok_or_else(|| DecryptFailure::NotAsked(record.path.clone()).into())
}

/// Says why a file was not decrypted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum DecryptFailure {
    /// Too many files.
    #[error("{0} files are more than the {MAX_OPERATIONS} that one request carries. Ask for them in several requests")]
    TooMany(usize),
    /// One output for several files.
    #[error("--output names one file, and several are to be decrypted. Use --output-dir")]
    OneOutput,
    /// No name to take.
    #[error("{} does not end in .age, so the plaintext has no name. Give one with --output", .0.display())]
    Nameless(PathBuf),
    /// Two files, one place.
    #[error("two of the files would be written to {}. Decrypt them one by one, with --output", .0.display())]
    SamePlace(PathBuf),
    /// No age file.
    #[error("{}: {error}", file.display())]
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
    #[error("{} is not encrypted to a key of '{title}' that fits here. Name its vault with --to, and use --classical only for its P-384 key", file.display())]
    NotForVault {
        /// The file.
        file: PathBuf,
        /// The vault.
        title: String,
    },
    /// No common key.
    #[error("these files are encrypted to different keys of the vault, and a request asks for one. Decrypt them separately")]
    SeveralKeys,
    /// Not in the request.
    #[error("{} was not in the request that this reply answers, or it changed since. Give the file that was asked for", .0.display())]
    NotAsked(PathBuf),
    /// The content is wrong.
    #[error("{} was altered, damaged or cut short after it was encrypted, and nothing of it was written. Get it again from where it came", .0.display())]
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
        matches!(self, Self::TooMany(_) | Self::OneOutput)
    }
}
