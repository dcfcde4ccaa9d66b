//! Having a file signed: its text where the custodians can read it, otherwise its digest.

use crate::{
    args,
    error::Error,
    exchange::{self, Answer, ExchangeError},
    files::{self, FileError, Readers},
    home::Home,
    pending::Pending,
    progress,
    screen::{note, shown},
    vaults,
};
use cloison_protocol::{
    Algorithm, Digest, Operation, Outcome, Point, Signature, Usage,
    bounded::{BoundError, Fixed, Line, Prose},
};
use p384::ecdsa::{Signature as Ecdsa, signature::hazmat::PrehashVerifier};
use sha2::{Digest as _, Sha384};
use std::{
    ffi::OsStr,
    io::Read,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// What the kiosk shows of one text.
const MAX_TEXT: usize = 8_192;
/// What to run once there is a reply.
const NEXT: &str = "cloison sign FILE --reply REPLY";

/// Asks for a signature, or writes the one that came, or both in a row.
///
/// # Errors
/// [`SigningError`] and those of the exchange; then no signature is left.
pub(crate) fn run(home: &Home, typed: &args::Sign) -> Result<(), Error> {
    let output = typed.output.clone().unwrap_or_else(|| beside(&typed.file));
    if let Some(reply) = &typed.exchange.reply {
        check_output(home, typed, &output)?;
        return finish(home, typed, &output, &exchange::read_reply(reply)?);
    }
    if let Some(request) = &typed.exchange.request {
        exchange::check_output(home, request, [&typed.file], &typed.exchange)?;
        return exchange::hand_over(&question(home, typed)?, request, typed.exchange.force, NEXT);
    }
    exchange::need_somebody()?;
    check_output(home, typed, &output)?;
    let reply = exchange::converse(home, &question(home, typed)?)?;
    finish(home, typed, &output, &reply)
}

fn check_output(home: &Home, typed: &args::Sign, output: &Path) -> Result<(), Error> {
    let inputs = std::iter::once(&typed.file).chain(&typed.exchange.reply);
    exchange::check_output(home, output, inputs, &typed.exchange)
}

fn question(home: &Home, typed: &args::Sign) -> Result<Pending, Error> {
    let vault = vaults::find_in_service(home, typed.to.as_deref())?;
    let (usage, operation) =
        if typed.text { (Usage::Text, text(&typed.file)?) } else { (Usage::Digest, digest_operation(&typed.file)?) };
    let key = vault.newest(usage, Algorithm::P384)?.key;
    exchange::request(home, &vault, key, vec![operation], &typed.exchange)
}

fn finish(home: &Home, typed: &args::Sign, output: &Path, reply: &[u8]) -> Result<(), Error> {
    let (digest, _) = digest_of(&typed.file)?;
    let answer = exchange::answer(home, reply)?;
    match asked_digest(&answer) {
        Some(asked) if asked == digest => {}
        Some(_) => return Err(SigningError::OtherFile(typed.file.clone()).into()),
        None => return Err(ExchangeError::OtherKind.into()),
    }
    let signature = match answer.outcomes.first() {
        Some(Outcome::Signature(signature)) => *signature,
        Some(Outcome::Refused(reason)) => {
            let reason = *reason;
            answer.pending.forget()?;
            return Err(ExchangeError::Refused(reason).into());
        }
        _ => return Err(ExchangeError::OtherKind.into()),
    };
    let key = answer.pending.request.body().key;
    let genuine = answer.vault.verifying(key).is_some_and(|point| verifies(&point, &digest, &signature));
    let der = signature.to_der().filter(|_| genuine).ok_or(SigningError::NotGenuine)?;
    files::write(output, &der, Readers::Umask, typed.exchange.force)?;
    answer.pending.forget()?;
    note(format_args!("Signed by {key} of '{}': {}.", answer.vault.title(), shown(output)));
    Ok(())
}

/// Gives the digest of what was asked to be signed.
fn asked_digest(answer: &Answer) -> Option<Digest> {
    match answer.pending.request.body().operations.as_slice() {
        [Operation::SignText(text)] => Some(Fixed(Sha384::digest(text.as_str()).into())),
        [Operation::SignDigest { digest, .. }] => Some(*digest),
        _ => None,
    }
}

/// Tells whether a signature is this key's over a file with this SHA-384 digest.
pub(crate) fn verifies(key: &Point, digest: &Digest, signature: &Signature) -> bool {
    Ecdsa::from_slice(&signature.0.0).is_ok_and(|ecdsa| key.verifying_key().verify_prehash(&digest.0, &ecdsa).is_ok())
}

/// Computes SHA-384 of a file, and its size.
///
/// # Errors
/// [`FileError`], also where the file is empty.
pub(crate) fn digest_of(path: &Path) -> Result<(Digest, u64), FileError> {
    let (file, length) = files::open(path)?;
    let mut reader = progress::bar("reading", path, length).wrap_read(file);
    let (mut hash, mut buffer, mut size) = (Sha384::new(), vec![0; 64 << 10], 0);
    loop {
        let read = reader.read(&mut buffer).map_err(|error| FileError::unreadable(path, &error))?;
        if read == 0 {
            break;
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        size += read as u64;
    }
    if size == 0 { Err(FileError::Empty(path.to_owned())) } else { Ok((Fixed(hash.finalize().into()), size)) }
}

fn text(path: &Path) -> Result<Operation, Error> {
    let (_, length) = files::open(path)?;
    if length > MAX_TEXT as u64 {
        return Err(SigningError::TooLong { path: path.to_owned(), found: length }.into());
    }
    let bytes = files::read(path, MAX_TEXT as u64)?;
    let text = str::from_utf8(&bytes).map_err(|_| SigningError::NotText(path.to_owned()))?;
    let prose = Prose::new(text).map_err(|error| match error {
        BoundError::Unshowable(code) => SigningError::Unshowable { path: path.to_owned(), code, line: line_of(text, code) },
        _ => SigningError::TooLong { path: path.to_owned(), found: length },
    })?;
    Ok(Operation::SignText(prose))
}

fn line_of(text: &str, code: u32) -> usize {
    let before = text.chars().take_while(|c| u32::from(*c) != code);
    before.filter(|c| *c == '\n').count() + 1
}

fn digest_operation(path: &Path) -> Result<Operation, Error> {
    let (digest, size) = digest_of(path)?;
    let name = path.file_name().and_then(OsStr::to_str).ok_or_else(|| SigningError::Name(path.to_owned()))?;
    let name = Line::new(name).map_err(|_| SigningError::Name(path.to_owned()))?;
    Ok(Operation::SignDigest { digest, name, size })
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// Says why a file was not signed, or its signature is not good.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum SigningError {
    /// Too long to be shown.
    #[error(
        "{} has {found} bytes, more than the {MAX_TEXT} that the kiosk shows of a text. Have its digest signed with --digest",
        shown(path)
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
    },
    /// Not text.
    #[error("{} is not UTF-8 text, so the kiosk cannot show it. Have its digest signed with --digest", shown(.0))]
    NotText(PathBuf),
    /// A character that cannot be shown truthfully.
    #[error(
        "line {line} of {} holds the character U+{code:04X}, which the kiosk cannot show truthfully. Remove it, or have the \
         file's digest signed with --digest",
        shown(path)
    )]
    Unshowable {
        /// The file.
        path: PathBuf,
        /// The character.
        code: u32,
        /// Where it stands first.
        line: usize,
    },
    /// The name cannot be shown.
    #[error("the name of {} cannot be shown at the kiosk. Rename the file", shown(.0))]
    Name(PathBuf),
    /// Another file.
    #[error("{} is not the file that was to be signed, or it changed since. Give the file that was asked for", shown(.0))]
    OtherFile(PathBuf),
    /// The vault's signature is wrong.
    #[error(
        "the signature in this reply is not the vault's over this file, and nothing was written. Ask again; if it happens twice, tell the custodians"
    )]
    NotGenuine,
    /// No signature.
    #[error("{} is not an ECDSA P-384 signature in DER. Give the file that `cloison sign` wrote", shown(.0))]
    NotASignature(PathBuf),
    /// Nobody's signature.
    #[error("NOT VERIFIED: no key that is known here signed {}. The file or the signature was altered, or another vault signed it", shown(.0))]
    NotSigned(PathBuf),
}
