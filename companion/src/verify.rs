//! Telling which key of which vault signed a file.

use crate::{
    args,
    error::Error,
    files,
    home::Home,
    screen::{complain, note, say},
    sign::{SigningError, digest_of, verifies},
    vaults::{self, Known, VaultError},
};
use cloison_protocol::{Algorithm, Signature, Usage};

/// A DER signature over P-384 has at most 104 bytes.
const MAX_SIGNATURE: u64 = 104;

/// Verifies one signature.
///
/// # Errors
/// [`SigningError::NotSigned`] where no known key made it.
pub(crate) fn run(home: &Home, typed: &args::Verify) -> Result<(), Error> {
    let der = files::read(&typed.signature, MAX_SIGNATURE)?;
    let signature = Signature::from_der(&der).ok_or_else(|| SigningError::NotASignature(typed.signature.clone()))?;
    let Known { vaults: candidates, damaged } = match &typed.from {
        Some(_) => Known { vaults: vec![vaults::find(home, typed.from.as_deref())?], damaged: None },
        None => vaults::all(home)?,
    };
    if candidates.is_empty() && damaged.is_none() {
        return Err(VaultError::NoneImported.into());
    }
    let (digest, _) = digest_of(&typed.file)?;
    for vault in &candidates {
        for known in [Usage::Text, Usage::Digest].into_iter().flat_map(|usage| vault.of(usage, Algorithm::P384)) {
            if vault.verifying(known.key).is_some_and(|point| verifies(&point, &digest, &signature)) {
                if vault.is_rehearsal() {
                    note("REHEARSAL: the vault that signed this was made for practice. The signature proves nothing.");
                }
                let how = if known.key.usage == Usage::Text { "its text was read" } else { "only its digest was seen" };
                let mark = if vault.is_rehearsal() { "REHEARSAL: " } else { "" };
                return Ok(say(format_args!(
                    "{mark}{} of '{}' signed this file ({how} by the custodians)",
                    known.key,
                    vault.title()
                ))?);
            }
        }
    }
    if let Some(error) = damaged {
        complain(&error);
    }
    Err(SigningError::NotSigned(typed.file.clone()).into())
}
