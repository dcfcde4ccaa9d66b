//! Whose identity signed a record.

use super::error::RecordError;
use crate::{
    error::Error,
    home::Home,
    vaults::{self, Known, Vault},
};
use cloison_protocol::{Digest, Fingerprint, Whose, digest};

/// Says who signed a record, as far as it is known here.
pub(crate) enum Signer {
    /// A vault that was imported, whose words somebody compared then.
    Imported(Box<Vault>),
    /// Somebody who is not known here.
    Stranger,
}

impl Signer {
    /// Finds out whose identity signed a record, which must be that of the named vault if one is.
    ///
    /// # Errors
    /// [`RecordError::OtherIdentity`] where it poses as a vault that is known here,
    /// [`RecordError::OtherVault`].
    pub(crate) fn of(home: &Home, whose: &Whose, named: Option<&str>) -> Result<Self, Error> {
        let named = named.map(|named| vaults::find(home, Some(named))).transpose()?;
        let Known { vaults: known, damaged } = vaults::all(home)?;
        if let Some(poser) = known.iter().find(|vault| resembles(vault, whose) && !is(vault, whose)) {
            return Err(RecordError::OtherIdentity { title: poser.title().to_owned() }.into());
        }
        if let Some(named) = named.filter(|named| !is(named, whose)) {
            return Err(RecordError::OtherVault { title: named.title().to_owned() }.into());
        }
        match known.into_iter().find(|vault| is(vault, whose)) {
            Some(vault) => Ok(Self::Imported(Box::new(vault))),
            // The vault that cannot be read may be this one.
            None => damaged.map_or(Ok(Self::Stranger), Err),
        }
    }

    /// Lends the vault, where it is known.
    pub(crate) fn vault(&self) -> Option<&Vault> {
        match self {
            Self::Imported(vault) => Some(vault),
            Self::Stranger => None,
        }
    }
}

/// Gives the digest of an identity: SHA-384 of its 49 bytes, by which logs name keys too.
pub(crate) fn identity_digest(whose: &Whose) -> Digest {
    digest(&[&whose.identity.to_bytes()])
}

/// Gives the words of an identity.
pub(crate) fn identity_words(whose: &Whose) -> Fingerprint {
    Fingerprint::of(&identity_digest(whose))
}

fn is(vault: &Vault, whose: &Whose) -> bool {
    let body = vault.keys().body();
    body.vault == whose.vault && body.identity == whose.identity && body.mode == whose.mode
}

/// One vault has one id, one identity and one mode, for ever.
fn resembles(vault: &Vault, whose: &Whose) -> bool {
    let body = vault.keys().body();
    body.vault == whose.vault || body.identity == whose.identity
}
