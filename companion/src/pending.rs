//! Requests that wait for their reply, each with the one-time key that opens it.

use crate::{
    error::Error,
    files::{self, FileError, Readers},
    home::Home,
    reply_key::OneTimeKey,
    screen::hex,
};
use cloison_protocol::{Digest, MAX_MESSAGE, Request, secret::Secret};
use std::{
    fs,
    path::{Path, PathBuf},
};
use thiserror::Error;
use zeroize::Zeroizing;

const HEAD: &[u8; 8] = b"CLWAIT1\n";

/// A request that was made here and not used up yet.
pub(crate) struct Pending {
    /// What was asked.
    pub(crate) request: Request,
    /// What opens the reply.
    pub(crate) key: OneTimeKey,
    path: PathBuf,
}

impl Pending {
    /// Keeps a request and its key until the reply comes, however long that takes.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn keep(home: &Home, request: Request, key: OneTimeKey) -> Result<Self, FileError> {
        let path = path(home, request.digest());
        files::make_private_folder(&home.pending())?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD.len() + 32 + request.as_bytes().len()));
        bytes.extend(HEAD);
        bytes.extend(key.0.expose());
        bytes.extend(request.as_bytes());
        files::write(&path, &bytes, Readers::Owner, false)?;
        Ok(Self { request, key, path })
    }

    /// Finds the request that a reply answers.
    ///
    /// # Errors
    /// [`PendingError::NotHere`], [`FileError`].
    pub(crate) fn answered_by(home: &Home, request: Digest) -> Result<Self, Error> {
        let path = path(home, request);
        let bytes = files::read_secret(&path, MAX_MESSAGE as u64 + 64).map_err(|error| match error {
            FileError::Missing(_) => Error::from(PendingError::NotHere),
            other => other.into(),
        })?;
        let (key, request) = parse(&bytes).ok_or_else(|| FileError::Damaged(path.clone()))?;
        Ok(Self { request: Request::decode(request)?, key, path })
    }

    /// Forgets a request whose reply was used.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn forget(self) -> Result<(), FileError> {
        remove(&self.path)
    }
}

fn path(home: &Home, request: Digest) -> PathBuf {
    home.pending().join(hex(&request.0))
}

fn parse(bytes: &[u8]) -> Option<(OneTimeKey, &[u8])> {
    let (key, request) = bytes.strip_prefix(HEAD)?.split_first_chunk::<32>()?;
    Some((OneTimeKey(Secret::copied(key)?), request))
}

fn remove(path: &Path) -> Result<(), FileError> {
    fs::remove_file(path).map_err(|error| FileError::unwritable(path, &error))
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
