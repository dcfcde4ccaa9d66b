//! Everything that can end a command, and the exit code that it ends with.

use crate::{
    decrypt::DecryptFailure,
    encrypt::EncryptFailure,
    exchange::ExchangeError,
    fields::FieldError,
    files::FileError,
    home::HomeError,
    identity::IdentityError,
    keys::ImportError,
    pending::PendingError,
    plan::PlanError,
    qr::QrError,
    random::RandomError,
    records::RecordError,
    sign::SigningError,
    vaults::{Alarm, SuccessionError, VaultError},
    view::ViewFailure,
};
use cloison_protocol::{MessageError, ReplyError, SignError};
use thiserror::Error;

const FAILED: u8 = 1;
const NOT_UNDERSTOOD: u8 = 2;
const REFUSED: u8 = 3;
const ALARM: u8 = 4;

/// Says why a command ended without being done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// No home.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// This workstation's identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Importing keys.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Importing keys on the word of another vault.
    #[error(transparent)]
    Succession(#[from] SuccessionError),
    /// A vault or its key.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A vault that is not what it was.
    #[error(transparent)]
    Alarm(#[from] Alarm),
    /// A request or its reply.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// What the custodians would read.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A reply without a request.
    #[error(transparent)]
    Pending(#[from] PendingError),
    /// Encrypting.
    #[error(transparent)]
    Encrypt(#[from] EncryptFailure),
    /// Decrypting.
    #[error(transparent)]
    Decrypt(#[from] DecryptFailure),
    /// Having a record shown.
    #[error(transparent)]
    View(#[from] ViewFailure),
    /// Signing and verifying.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The plan of a ceremony.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A transcript or a log.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Codes.
    #[error(transparent)]
    Qr(#[from] QrError),
    /// A message's bytes.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A reply's content.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// The private half.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Error {
    /// Gives the exit code, as `--help` lists them.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Alarm(_) => ALARM,
            Self::Record(error) if error.is_alarm() => ALARM,
            Self::Exchange(error) if error.is_refusal() => REFUSED,
            Self::Decrypt(failure) if failure.is_usage() => NOT_UNDERSTOOD,
            _ => FAILED,
        }
    }
}
