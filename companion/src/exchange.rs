//! A request leaves, a reply comes back: what decrypting and signing have in common.

use crate::{
    args,
    error::Error,
    fields::{CASE, FieldError, REASON},
    files::{self, Readers},
    home::Home,
    identity::Identity,
    pending::Pending,
    pictures,
    qr::{self, Ended, Gathering, QrError},
    random,
    reply_key::OneTimeKey,
    screen::{ask, complain, note, shown, somebody_is_there},
    vaults::{self, Vault},
};
use cloison_protocol::{
    KeyRef, MAX_MESSAGE, Operation, Outcome, Purpose, Reason, Reply, Request, RequestBody, RequestId, Sign,
    bounded::{BoundError, Fixed, List},
};
use rand_core::Rng;
use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use thiserror::Error;

const HOUR: u64 = 3600;

/// Makes a request, signs it and keeps what opens its reply.
///
/// # Errors
/// There is no identity, or the purpose cannot be shown.
pub(crate) fn request(
    home: &Home,
    vault: &Vault,
    key: KeyRef,
    operations: Vec<Operation>,
    typed: &args::Exchange,
) -> Result<Pending, Error> {
    let mut identity = Identity::load(home)?;
    let mut rng = random::generator()?;
    let one_time = OneTimeKey::generate(&mut rng);
    let mut id = [0; 16];
    rng.fill_bytes(&mut id);
    let made = now()?;
    let body = RequestBody {
        vault: vault.id(),
        requester: identity.public(),
        id: RequestId(Fixed(id)),
        made,
        expires: made + u64::from(typed.expires) * HOUR,
        purpose: purpose(typed)?,
        key,
        reply_key: one_time.public(),
        seen: vault.seen(),
        operations: List::new(operations).map_err(ExchangeError::Bound)?,
    };
    let request = Request::sign(body, &mut identity)?;
    if vault.is_rehearsal() {
        note(format_args!("REHEARSAL: '{}' was made for practice.", vault.title()));
    }
    Ok(Pending::keep(home, request, one_time)?)
}

/// Refuses to write a request over what it is made from, or over anything unasked.
///
/// # Errors
/// [`files::FileError`].
pub(crate) fn check_output<'a>(
    home: &Home,
    output: &Path,
    inputs: impl IntoIterator<Item = &'a PathBuf>,
    typed: &args::Exchange,
) -> Result<(), Error> {
    files::refuse_existing(output, typed.force)?;
    files::refuse_inputs(inputs, output)?;
    Ok(home.refuse_own(output)?)
}

/// Writes a request to a file and says what to do with it.
///
/// # Errors
/// The file cannot be written; then the request is forgotten.
pub(crate) fn hand_over(pending: &Pending, output: &Path, force: bool, next: &str) -> Result<(), Error> {
    if let Err(error) = files::write(output, pending.request.as_bytes(), Readers::Owner, force) {
        pending.forget()?;
        return Err(error.into());
    }
    note(format_args!(
        "The request is in {0}. Show it to the kiosk with `cloison qr show {0}`, read the reply with `cloison qr scan`, and go on \
         with `{next}`.",
        shown(output)
    ));
    Ok(())
}

/// What a vault answered.
pub(crate) struct Answer {
    /// The request that was answered.
    pub(crate) pending: Pending,
    /// One outcome an operation.
    pub(crate) outcomes: Vec<Outcome>,
    /// The vault that answered.
    pub(crate) vault: Vault,
}

/// Opens a reply with the key of its request, and compares the vault's state with what was seen.
///
/// # Errors
/// No request waits for it, it is not genuine, or the vault went back: an alarm.
pub(crate) fn answer(home: &Home, reply: &[u8]) -> Result<Answer, Error> {
    let reply = Reply::decode(reply)?;
    let pending = Pending::answered_by(home, reply.request())?;
    let mut vault = vaults::with_id(home, pending.request.body().vault)?;
    let body = reply.open(&pending.request, &vault.keys().body().identity, &pending.key)?;
    vault.observe(home, body.state, pending.request.body().seen)?;
    Ok(Answer { pending, outcomes: body.outcomes, vault })
}

/// Reads a reply from its file.
///
/// # Errors
/// [`crate::files::FileError`].
pub(crate) fn read_reply(path: &Path) -> Result<Vec<u8>, Error> {
    Ok(files::read(path, MAX_MESSAGE as u64)?.to_vec())
}

/// Refuses to begin a conversation with nobody.
///
/// # Errors
/// [`ExchangeError::Nobody`].
pub(crate) fn need_somebody() -> Result<(), ExchangeError> {
    if somebody_is_there() { Ok(()) } else { Err(ExchangeError::Nobody) }
}

/// Shows a request in the terminal, then asks for pictures of the reply until it is whole.
///
/// # Errors
/// The person gave up; the request stays if it was shown and that was not cancelled.
pub(crate) fn converse(home: &Home, pending: &Pending) -> Result<Vec<u8>, Error> {
    show(home, pending)?;
    note("The request is kept: the reply may also be given later, with --reply.");
    let mut gathering = Gathering::new()?;
    loop {
        let line =
            ask("Pictures of the reply (paths or a folder; R shows the request again; empty to stop):").unwrap_or_default();
        if line.is_empty() {
            return Err(ExchangeError::Cancelled.into());
        }
        if line.eq_ignore_ascii_case("r") {
            let again = show_codes(home, pending, "Enter: done  R: again");
            again.map_or_else(|error| complain(&error), drop);
            continue;
        }
        for path in pictures::named(&line) {
            gathering.picture(&path);
        }
        match gathering.payload() {
            Ok(reply) => return Ok(reply),
            Err(error) => complain(&error),
        }
    }
}

fn show(home: &Home, pending: &Pending) -> Result<(), Error> {
    let shown = show_codes(home, pending, "Enter: done  R: again  Esc: cancel");
    let error = match shown {
        Ok(Ended::Next) => return Ok(()),
        // What was shown for a moment may have been read.
        Err(error @ QrError::Terminal(_)) => return Err(error.into()),
        Ok(Ended::Cancelled) => ExchangeError::GivenUp.into(),
        Err(QrError::NoTerminal) => ExchangeError::Nobody.into(),
        Err(QrError::SmallTerminal { columns, rows }) => ExchangeError::SmallTerminal { columns, rows }.into(),
        Err(error) => error.into(),
    };
    pending.forget()?;
    Err(error)
}

fn show_codes(home: &Home, pending: &Pending, keys: &str) -> Result<Ended, QrError> {
    qr::animate(home, pending.request.as_bytes(), &format!("Show this to the kiosk. {keys}  + -: speed  D S: density"))
}

fn purpose(typed: &args::Exchange) -> Result<Purpose, FieldError> {
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    Ok(Purpose { case: CASE.line(&given(&typed.case))?, reason: REASON.line(&given(&typed.reason))? })
}

fn now() -> Result<u64, ExchangeError> {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).map_err(|_| ExchangeError::Clock)
}

/// Says why a request was not made, or its reply not used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum ExchangeError {
    /// No terminal.
    #[error("there is no terminal to show the request in. Write it to a file with --request, and give the reply with --reply")]
    Nobody,
    /// Given up.
    #[error("stopped before a reply was read. If the kiosk has answered, read its codes with `cloison qr scan` and use --reply")]
    Cancelled,
    /// Given up while it was shown.
    #[error("showing the request was cancelled, and it is forgotten. Run the command again to ask")]
    GivenUp,
    /// The terminal is small.
    #[error(
        "this terminal has {columns}×{rows} characters, too few for any code. Make it larger, or write the request to a file with --request"
    )]
    SmallTerminal {
        /// Its width.
        columns: u16,
        /// Its height.
        rows: u16,
    },
    /// Too much for one request.
    #[error("the request cannot be made: {0}")]
    Bound(BoundError),
    /// The clock is before 1970.
    #[error("this workstation's clock is wrong. Set it, then ask again")]
    Clock,
    /// The reply answers something else.
    #[error("this reply answers a request of another kind. Give it to the command that made the request")]
    OtherKind,
    /// The vault refused the only operation.
    #[error("the vault refused: {0}")]
    Refused(Reason),
    /// The vault refused some operations.
    #[error("the vault refused {refused} of {asked} operations. Its reasons are above")]
    SomeRefused {
        /// Refused operations.
        refused: usize,
        /// All operations.
        asked: usize,
    },
}

impl ExchangeError {
    /// Tells whether the vault said no.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::SomeRefused { .. })
    }
}
