//! The newest state that was seen of a vault, in a file of its own beside the vault's keys.

use crate::{
    files::{self, FileError, Readers},
    screen::hex,
};
use cloison_protocol::{Digest, PublicKeys, Seen, bounded::Fixed};
use std::path::{Path, PathBuf};

const MAX_STATE: u64 = 256;

/// Reads the newest state that was seen.
///
/// # Errors
/// [`FileError`].
pub(super) fn seen(folder: &Path, keys: &PublicKeys) -> Result<Seen, FileError> {
    match read(folder) {
        // An import that was cut off between its two files had seen what its export says.
        Err(FileError::Missing(_)) => Ok(keys.body().state),
        read => read,
    }
}

fn state_file(folder: &Path) -> PathBuf {
    folder.join("seen")
}

/// Notes a state as the newest.
///
/// # Errors
/// [`FileError`].
pub(super) fn write(folder: &Path, state: Seen) -> Result<(), FileError> {
    let line = format!("{} {}\n", state.generation, hex(&state.head.0));
    files::write(&state_file(folder), line.as_bytes(), Readers::Owner, true)
}

fn read(folder: &Path) -> Result<Seen, FileError> {
    let path = state_file(folder);
    let bytes = files::read(&path, MAX_STATE)?;
    let parsed = str::from_utf8(&bytes)
        .ok()
        .and_then(|line| line.trim_end().split_once(' '))
        .and_then(|(generation, head)| Some(Seen { generation: generation.parse().ok()?, head: digest(head)? }));
    parsed.ok_or(FileError::Damaged(path))
}

fn digest(text: &str) -> Option<Digest> {
    let mut bytes = [0; 48];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    (text.len() == 96).then_some(Fixed(bytes))
}
