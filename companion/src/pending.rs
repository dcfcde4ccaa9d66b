//! Requests that wait for their reply, each with the one-time key that opens it.

use crate::{
    error::Error,
    files::{self, FileError, Readers},
    home::Home,
    reply_key::OneTimeKey,
    screen::hex,
};
use cloison_protocol::{Digest, MAX_MESSAGE, MAX_OPERATIONS, Request, secret::Secret};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use thiserror::Error;
use zeroize::Zeroizing;

const DAY: u64 = 24 * 3600;
const HEAD: &[u8; 8] = b"CLWAIT2\n";

/// A request that was made here and not used up yet.
pub(crate) struct Pending {
    /// What was asked.
    pub(crate) request: Request,
    /// What opens the reply.
    pub(crate) key: OneTimeKey,
    /// Which operations' results were used already, the first in the lowest bit.
    done: u128,
    path: PathBuf,
}

impl Pending {
    /// Keeps a request and its key until the reply comes, however long that takes.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn keep(home: &Home, request: Request, key: OneTimeKey) -> Result<Self, FileError> {
        files::make_private_folder(&home.pending())?;
        remove_expired(home)?;
        let pending = Self { path: path(home, request.digest()), request, key, done: 0 };
        pending.save(false)?;
        Ok(pending)
    }

    /// Finds the request that a reply answers.
    ///
    /// # Errors
    /// [`PendingError::NotHere`], [`FileError`].
    pub(crate) fn answered_by(home: &Home, request: Digest) -> Result<Self, Error> {
        let path = path(home, request);
        let bytes = read(&path).map_err(|error| match error {
            FileError::Missing(_) => Error::from(PendingError::NotHere),
            other => other.into(),
        })?;
        let (key, done, request) = parse(&bytes).ok_or_else(|| FileError::Damaged(path.clone()))?;
        Ok(Self { request: Request::decode(request)?, key, done, path })
    }

    /// Notes that the result of one operation was used.
    pub(crate) fn mark_done(&mut self, operation: usize) {
        self.done |= bit(operation);
    }

    /// Tells whether the result of one operation was used.
    pub(crate) fn is_done(&self, operation: usize) -> bool {
        self.done & bit(operation) != 0
    }

    /// Keeps what was marked, here and by other runs meanwhile, and forgets the request once all
    /// that was granted is done; gives the number of operations that are left.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn close(mut self, home: &Home, granted: &[usize]) -> Result<usize, FileError> {
        let _lock = home.lock()?;
        match read(&self.path) {
            // Another run was given the same reply and did the rest.
            Err(FileError::Missing(_)) => return Ok(0),
            kept => self.done |= parse(&kept?).map_or(0, |(_, done, _)| done),
        }
        let left = granted.iter().filter(|operation| !self.is_done(**operation)).count();
        if left == 0 {
            self.forget()?
        } else {
            self.save(true)?
        }
        Ok(left)
    }

    /// Forgets a request whose reply was used; one that another run forgot is no error.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn forget(&self) -> Result<(), FileError> {
        files::remove(&self.path)
    }

    fn save(&self, again: bool) -> Result<(), FileError> {
        let request = self.request.as_bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD.len() + 48 + request.len()));
        bytes.extend(HEAD);
        bytes.extend(self.key.0.expose());
        bytes.extend(self.done.to_le_bytes());
        bytes.extend(request);
        files::write(&self.path, &bytes, Readers::Owner, again)
    }
}

/// Removes the one-time keys of requests that no vault may answer any more. A day is left for a
/// reply that was made in time.
fn remove_expired(home: &Home) -> Result<(), FileError> {
    let folder = home.pending();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let entries = fs::read_dir(&folder).map_err(|error| FileError::unreadable(&folder, &error))?;
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if expires(&path).is_some_and(|expires| expires.saturating_add(DAY) < now) {
            files::remove(&path)?;
        }
    }
    Ok(())
}

/// Tells until when an unanswered request may be answered; nothing for one that was answered, some
/// of whose files are still to be decrypted, and for what is no request.
fn expires(path: &Path) -> Option<u64> {
    let bytes = read(path).ok()?;
    let (_, done, request) = parse(&bytes)?;
    if done != 0 {
        return None;
    }
    Some(Request::decode(request).ok()?.body().expires)
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    files::read_secret(path, MAX_MESSAGE as u64 + 64)
}

const _: () = assert!(MAX_OPERATIONS <= 128, "a request has no more operations than there are bits");

fn bit(operation: usize) -> u128 {
    u32::try_from(operation).ok().and_then(|shift| 1u128.checked_shl(shift)).unwrap_or(0)
}

fn path(home: &Home, request: Digest) -> PathBuf {
    home.pending().join(hex(&request.0))
}

fn parse(bytes: &[u8]) -> Option<(OneTimeKey, u128, &[u8])> {
    let (key, rest) = bytes.strip_prefix(HEAD)?.split_first_chunk::<32>()?;
    let (done, request) = rest.split_first_chunk::<16>()?;
    Some((OneTimeKey(Secret::copied(key)?), u128::from_le_bytes(*done), request))
}

/// Says why a reply has no request.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum PendingError {
    /// It was made elsewhere, or used up.
    #[error(
        "no request waits here for this reply. It was made on another workstation or under another --home, or its reply was already used"
    )]
    NotHere,
}
