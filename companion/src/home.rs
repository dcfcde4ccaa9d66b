//! The folder where this workstation keeps its identity, its vaults and its waiting requests.

use crate::files::{self, FileError};
use etcetera::{BaseStrategy, choose_base_strategy};
use std::{
    fs::File,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Names the places in the home folder; creates them when they are first written to.
pub(crate) struct Home(PathBuf);

impl Home {
    /// Takes the folder that was given, or the platform's folder for settings.
    ///
    /// # Errors
    /// [`HomeError`] where the platform names none.
    pub(crate) fn resolve(given: Option<PathBuf>) -> Result<Self, HomeError> {
        // An empty variable is one that somebody meant to unset.
        if let Some(folder) = given.filter(|folder| !folder.as_os_str().is_empty()) {
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

    /// Names the file that remembers how codes are shown.
    pub(crate) fn pace(&self) -> PathBuf {
        self.0.join("codes")
    }

    /// Makes the home folder, closed to others.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub(crate) fn make(&self) -> Result<(), FileError> {
        files::make_private_folder(&self.0)
    }

    /// Keeps other runs from changing what is remembered here, until the file is dropped.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub(crate) fn lock(&self) -> Result<File, FileError> {
        self.make()?;
        files::lock(&self.0.join("lock"))
    }

    /// Refuses to write an output over what is kept here, whether it exists already or not.
    ///
    /// # Errors
    /// [`FileError::OverHome`].
    pub(crate) fn refuse_own(&self, output: &Path) -> Result<(), FileError> {
        let Some(output) = resolved(output) else { return Ok(()) };
        let files = [self.identity_key(), self.enrolment(), self.pace(), self.0.join("lock")];
        let folders = [self.vaults(), self.pending()];
        let own = files.iter().any(|own| resolved(own).is_some_and(|own| own == output))
            || folders.iter().any(|own| resolved(own).is_some_and(|own| output.starts_with(own)));
        if own { Err(FileError::OverHome(output)) } else { Ok(()) }
    }
}

/// Names a file without links in its path, also one that does not exist yet.
fn resolved(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    path.canonicalize().ok().or_else(|| Some(folder.canonicalize().ok()?.join(path.file_name()?)))
}

/// Says that there is no home.
#[derive(Debug, Error)]
#[error("this system does not say where settings are kept. Name a folder with --home or CLOISON_HOME")]
pub(crate) struct HomeError;
