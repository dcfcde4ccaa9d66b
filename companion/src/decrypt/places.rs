//! Where plaintexts go: decided, and refused, before anything is asked or opened.

use super::DecryptFailure;
use crate::{args, error::Error, files, home::Home};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Where one plaintext goes.
pub(crate) struct Place {
    /// The file.
    pub(crate) path: PathBuf,
    /// Whether it may replace one.
    pub(crate) force: bool,
}

impl Place {
    /// Refuses a place that is taken.
    ///
    /// # Errors
    /// [`files::FileError::Exists`], unless it may be replaced.
    pub(crate) fn refuse_existing(&self) -> Result<(), Error> {
        Ok(files::refuse_existing(&self.path, self.force)?)
    }
}

/// Chooses a place for each file.
///
/// # Errors
/// A place is one of the inputs, or two files have the same.
pub(crate) fn choose(home: &Home, typed: &args::Decrypt) -> Result<Vec<Place>, Error> {
    if typed.output.is_some() && typed.files.len() > 1 {
        return Err(DecryptFailure::OneOutput.into());
    }
    let mut taken = BTreeSet::new();
    let mut places = Vec::new();
    for file in &typed.files {
        let path = place(file, typed)?;
        files::refuse_inputs(typed.files.iter().chain(&typed.exchange.reply), &path)?;
        home.refuse_own(&path)?;
        if !taken.insert(path.clone()) {
            return Err(DecryptFailure::SamePlace(path).into());
        }
        places.push(Place { path, force: typed.exchange.force });
    }
    Ok(places)
}

fn place(file: &Path, typed: &args::Decrypt) -> Result<PathBuf, DecryptFailure> {
    if let Some(output) = &typed.output {
        return Ok(output.clone());
    }
    let named = file.extension().is_some_and(|extension| extension == "age");
    let plain = file.with_extension("");
    match (&typed.output_dir, plain.file_name()) {
        (Some(folder), Some(name)) if named => Ok(folder.join(name)),
        (None, Some(_)) if named => Ok(plain),
        _ => Err(DecryptFailure::Nameless(file.to_owned())),
    }
}
