//! Which vault is asked, and for which of its keys: the one that every file names.

use super::{DecryptFailure, Record};
use crate::{
    error::Error,
    home::Home,
    vaults::{self, Vault},
};
use cloison_protocol::{Algorithm, PublicKey, Usage};

/// The vaults and kinds of keys that may be meant, before the files were opened.
pub(crate) struct Addressee {
    /// Never empty.
    vaults: Vec<Vault>,
    classical: bool,
}

impl Addressee {
    /// Takes what was typed.
    ///
    /// # Errors
    /// [`vaults::VaultError`] where no vault is meant.
    pub(crate) fn named(home: &Home, to: Option<&str>, classical: bool) -> Result<Self, Error> {
        Ok(Self { vaults: vaults::candidates(home, to)?, classical })
    }

    /// Finds the one key that every file names, so that nobody asks custodians for what cannot
    /// work. Where several vaults may be meant, such as one and the one that follows it, the files
    /// tell which it is.
    ///
    /// # Errors
    /// [`DecryptFailure`], [`vaults::VaultError::Several`].
    pub(crate) fn of(self, records: &[Record]) -> Result<(Vault, PublicKey), Error> {
        let (alone, several) = (self.vaults.len() == 1, vaults::several(&self.vaults));
        let mut fitting = Vec::new();
        for vault in self.vaults {
            match key_for(&vault, records, self.classical) {
                Ok(known) => fitting.push((vault, known)),
                Err(error) if alone => return Err(error.into()),
                Err(_) => {}
            }
        }
        match fitting.pop() {
            Some(found) if fitting.is_empty() => Ok(found),
            _ => Err(several.into()),
        }
    }
}

/// Finds the key of this vault that every file names; one that hands out file keys before one
/// whose records are only shown.
fn key_for(vault: &Vault, records: &[Record], classical: bool) -> Result<PublicKey, DecryptFailure> {
    let hybrid = if classical { Vec::new() } else { vault.of(Usage::Age, Algorithm::MlKem1024P384) };
    let mut candidates: Vec<_> = hybrid.into_iter().chain(vault.of(Usage::Age, Algorithm::P384)).collect();
    candidates.sort_by_key(|known| known.view_only);
    if let Some(known) = candidates.iter().find(|known| records.iter().all(|record| record.names(known))) {
        return Ok((*known).clone());
    }
    let stranger = records.iter().find(|record| !candidates.iter().any(|known| record.names(known)));
    Err(match stranger {
        Some(record) => DecryptFailure::NotForVault { file: record.path.clone(), title: vault.title().to_owned() },
        None => DecryptFailure::SeveralKeys,
    })
}
