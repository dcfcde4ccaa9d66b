//! Having a record shown on the kiosk's screen: all of it crosses, and nothing of it comes back.

use crate::{
    args,
    decrypt::{Addressee, DecryptFailure, Record},
    error::Error,
    exchange::{self, ExchangeError},
    home::Home,
    pending::Pending,
    screen::{note, shown, size},
};
use cloison_protocol::{MAX_VIEWED, Operation, Outcome, bounded::Bytes};
use std::{path::PathBuf, slice};
use thiserror::Error;

/// What to run once there is a reply.
const NEXT: &str = "cloison view FILE --reply REPLY";
/// The nonce of an age file's content, and the tag of its first chunk (C2SP age, "Payload").
const LEAST: usize = 16 + 16;

/// Asks for a record to be shown, or reads whether it was, or both in a row.
///
/// # Errors
/// [`ViewFailure`], [`DecryptFailure`] and those of the exchange.
pub(crate) fn run(home: &Home, typed: &args::View) -> Result<(), Error> {
    if let Some(reply) = &typed.exchange.reply {
        return finish(home, typed, &exchange::read_reply(reply)?);
    }
    if let Some(request) = &typed.exchange.request {
        exchange::check_output(home, request, [&typed.file], &typed.exchange)?;
        return exchange::hand_over(&question(home, typed)?, request, typed.exchange.force, NEXT);
    }
    exchange::need_somebody()?;
    let reply = exchange::converse(home, &question(home, typed)?)?;
    finish(home, typed, &reply)
}

fn question(home: &Home, typed: &args::View) -> Result<Pending, Error> {
    let addressee = Addressee::named(home, typed.to.as_deref(), typed.classical)?;
    let record = Record::open(&typed.file)?;
    let (vault, known) = addressee.of(slice::from_ref(&record))?;
    let operation = operation(&record)?;
    note(format_args!("The whole record crosses the gap: {}.", size(record.payload_length())));
    exchange::request(home, &vault, known.key, vec![operation], &typed.exchange)
}

/// Takes the whole file, where it is short enough.
fn operation(record: &Record) -> Result<Operation, Error> {
    let too_long = |found| ViewFailure::TooLong { path: record.path.clone(), found };
    let found = record.payload_length();
    if found > MAX_VIEWED as u64 {
        return Err(too_long(found).into());
    }
    let payload = record.payload(MAX_VIEWED)?.ok_or_else(|| too_long(MAX_VIEWED as u64 + 1))?;
    if payload.len() < LEAST {
        return Err(ViewFailure::Cut(record.path.clone()).into());
    }
    let header = Bytes::new(record.header.as_bytes().to_vec()).map_err(DecryptFailure::Header)?;
    let payload = Bytes::new(payload).map_err(|_| too_long(found))?;
    Ok(Operation::View { header, payload })
}

/// Says whether the record was shown.
fn finish(home: &Home, typed: &args::View, reply: &[u8]) -> Result<(), Error> {
    let asked = operation(&Record::open(&typed.file)?)?;
    let answer = exchange::answer(home, reply)?;
    match answer.pending.request.body().operations.as_slice() {
        [operation] if *operation == asked => {}
        [Operation::View { .. }] => return Err(DecryptFailure::NotAsked(typed.file.clone()).into()),
        _ => return Err(ExchangeError::OtherKind.into()),
    }
    let verdict = match answer.outcomes.as_slice() {
        [Outcome::Viewed] => Ok(()),
        [Outcome::Refused(reason)] => Err(ExchangeError::Refused(*reason)),
        _ => return Err(ExchangeError::OtherKind.into()),
    };
    answer.pending.forget()?;
    verdict?;
    note(format_args!("{} was shown on the kiosk. Nothing of it came back.", shown(&typed.file)));
    Ok(())
}

/// Says why a record cannot be shown.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum ViewFailure {
    /// Too much to cross.
    #[error(
        "{} holds {found} bytes after its header, more than the {MAX_VIEWED} that cross the gap to be shown. Ask for its key with \
         `cloison decrypt`, where the vault's policy allows it, or have it encrypted in parts",
        shown(path)
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its content's size.
        found: u64,
    },
    /// There is no content.
    #[error("{} ends before its encrypted content. Get the file again from where it came", shown(.0))]
    Cut(PathBuf),
}
