//! One encrypted file: its header, and its plaintext once the key is there.

use super::{DecryptFailure, Place};
use crate::{
    error::Error,
    files::{self, Draft, FileError, Readers},
    progress,
};
use age::DecryptError;
use age_core::format::FileKey as AgeKey;
use cloison_formats::{
    age::{Decapsulate, Header, HeaderError, MAX_HEADER, Stanza, StanzaKind, UnwrapError},
    signature::uncompressed,
};
use cloison_protocol::{Algorithm, Point, PublicKey, secret::FileKey};
use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// An age file whose header was read.
pub(crate) struct Record {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its header.
    pub(crate) header: Header,
    file: File,
    length: u64,
}

impl Record {
    /// Reads the header, within its limit.
    ///
    /// # Errors
    /// [`DecryptFailure::NotAge`], [`FileError`].
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let (file, length) = files::open(path)?;
        if length == 0 {
            return Err(FileError::Empty(path.to_owned()).into());
        }
        let mut head = Vec::new();
        // One byte more than the limit tells a long header from one that the file's end cuts off.
        (&file).take(MAX_HEADER as u64 + 1).read_to_end(&mut head).map_err(|error| FileError::unreadable(path, &error))?;
        let refused = |error: HeaderError| DecryptFailure::NotAge { file: path.to_owned(), error };
        let header = Header::parse(&head).map_err(refused)?;
        Ok(Self { path: path.to_owned(), header, file, length })
    }

    /// Tells whether a stanza of this file bears the tag of this key.
    pub(crate) fn names(&self, key: &PublicKey) -> bool {
        let Some(probe) = Probe::of(key) else { return false };
        !matches!(self.header.unwrap_with(&probe), Err(UnwrapError::NotForThisKey))
    }

    /// Gives the number of bytes after the header.
    pub(crate) fn payload_length(&self) -> u64 {
        self.length.saturating_sub(self.header.as_bytes().len() as u64)
    }

    /// Reads all that comes after the header, where it is at most `limit` bytes; gives nothing
    /// where it is more by now.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn payload(&self, limit: usize) -> Result<Option<Vec<u8>>, FileError> {
        let unreadable = |error: io::Error| FileError::unreadable(&self.path, &error);
        let mut file = &self.file;
        file.seek(SeekFrom::Start(self.header.as_bytes().len() as u64)).map_err(unreadable)?;
        let mut payload = Vec::new();
        file.take(limit as u64 + 1).read_to_end(&mut payload).map_err(unreadable)?;
        Ok((payload.len() <= limit).then_some(payload))
    }

    /// Decrypts twice: to nowhere, so that every chunk is verified, and then to the place.
    ///
    /// # Errors
    /// [`DecryptFailure::Altered`], [`FileError`]; then nothing was written.
    pub(crate) fn decrypt(&self, key: &FileKey, place: &Place) -> Result<(), Error> {
        self.copy(key, "checking", io::sink())?;
        let mut draft = Draft::for_file(&place.path, Readers::Owner, place.force)?;
        self.copy(key, "decrypting", &mut draft).map_err(|error| match error {
            Error::File(FileError::Unreadable { kind, .. }) => FileError::Unwritable { path: place.path.clone(), kind }.into(),
            other => other,
        })?;
        Ok(draft.keep()?)
    }

    fn copy(&self, key: &FileKey, doing: &'static str, mut to: impl Write) -> Result<(), Error> {
        let failed = |error: io::Error| self.failed(&error);
        let head = self.header.as_bytes();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(head.len() as u64)).map_err(failed)?;
        // The header that was asked about is the one that is used, whatever the disk says now;
        // and its length is limited, which age's own parser does not do.
        let input = Cursor::new(head).chain(progress::bar(doing, &self.path, self.length).wrap_read(file));
        let opened = age::Decryptor::new_buffered(BufReader::new(input))
            .and_then(|decryptor| decryptor.decrypt(std::iter::once(&Granted(key) as &dyn age::Identity)));
        let mut plaintext = opened.map_err(|error| match error {
            DecryptError::Io(error) => self.failed(&error),
            _ => DecryptFailure::Altered(self.path.clone()).into(),
        })?;
        let mut buffer = Zeroizing::new(vec![0; 64 << 10]);
        loop {
            match plaintext.read(&mut buffer).map_err(failed)? {
                0 => return to.flush().map_err(failed),
                read => to.write_all(buffer.get(..read).unwrap_or_default()).map_err(failed)?,
            }
        }
    }

    fn failed(&self, error: &io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => DecryptFailure::Altered(self.path.clone()).into(),
            _ => FileError::unreadable(&self.path, error).into(),
        }
    }
}

/// The file key that the vault granted, as age's library wants it.
struct Granted<'a>(&'a FileKey);

impl age::Identity for Granted<'_> {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<AgeKey, DecryptError>> {
        Some(Ok(AgeKey::init_with_mut(|bytes| bytes.copy_from_slice(self.0.0.expose()))))
    }
}

/// A public key in the place of a private one: it finds its stanza by the tag, and opens nothing.
struct Probe {
    kind: StanzaKind,
    point: [u8; 97],
}

impl Probe {
    fn of(key: &PublicKey) -> Option<Self> {
        let bytes = key.bytes.as_slice();
        match key.key.algorithm {
            Algorithm::MlKem1024P384 => Some(Self { kind: StanzaKind::Hybrid, point: *bytes.last_chunk()? }),
            Algorithm::P384 => {
                let point = Point::from_bytes(bytes.try_into().ok()?)?;
                Some(Self { kind: StanzaKind::Classical, point: uncompressed(&point) })
            }
            _ => None,
        }
    }
}

impl Decapsulate for Probe {
    fn kind(&self) -> StanzaKind {
        self.kind
    }

    fn point(&self) -> [u8; 97] {
        self.point
    }

    fn open(&self, _: &[u8], _: &[u8], _: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        None
    }
}
