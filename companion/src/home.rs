//! The folder where this workstation keeps its identity, its vaults and its waiting requests.

use crate::files::{self, FileError};
use etcetera::{BaseStrategy, choose_base_strategy};
use std::path::PathBuf;
use thiserror::Error;

/// Names the places in the home folder; creates them when they are first written to.
pub(crate) struct Home(PathBuf);

impl Home {
    /// Takes the folder that was given, or the platform's folder for settings.
    ///
    /// # Errors
    /// [`HomeError`] where the platform names none.
    pub(crate) fn resolve(given: Option<PathBuf>) -> Result<Self, HomeError> {
        if let Some(folder) = given {
            return Ok(Self(folder));
        }
        let strategy = choose_base_strategy().map_err(|_| HomeError)?;
        Ok(Self(strategy.config_dir().join("cloison")))
    }

    /// Names the private key of this workstation's identity.
    pub(crate) fn identity_key(&self) -> PathBuf {
        self.0.join("identity.key")
    }

    /// Names this workstation's own copy of its enrolment.
    pub(crate) fn enrolment(&self) -> PathBuf {
        self.0.join("enrolment.cloison")
    }

    /// Names the folder of imported vaults.
    pub(crate) fn vaults(&self) -> PathBuf {
        self.0.join("vaults")
    }

    /// Names the folder of requests that wait for a reply.
    pub(crate) fn pending(&self) -> PathBuf {
        self.0.join("pending")
    }

    /// Makes the home folder, closed to others.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub(crate) fn make(&self) -> Result<(), FileError> {
        files::make_private_folder(&self.0)
    }
}

/// Says that there is no home.
#[derive(Debug, Error)]
#[error("this system does not say where settings are kept. Name a folder with --home or CLOISON_HOME")]
pub(crate) struct HomeError;
