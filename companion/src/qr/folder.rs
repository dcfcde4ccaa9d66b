//! A folder of pictures that a later call goes on filling with further codes of one transfer.
//!
//! Beside the pictures lies `transfer.txt`, which says what they belong to: the pictures' names
//! only tell their numbers.

use super::{QrError, strip::Strip};
use crate::{
    args,
    files::{self, FileError, Readers},
    progress,
    screen::{note, shown},
};
use cloison_optics::picture::png;
use std::{
    fs,
    path::{Path, PathBuf},
};

const MARK: &str = "transfer.txt";
const MAX_MARK: u64 = 256;

/// Writes the next pictures of the transfer.
///
/// # Errors
/// [`QrError::OtherFolder`], [`FileError`].
pub(crate) fn write(folder: &Path, payload: &[u8], typed: &args::Codes) -> Result<(), QrError> {
    let strip = Strip::new(payload, typed)?;
    fs::create_dir_all(folder).map_err(|error| FileError::unwritable(folder, &error))?;
    let highest = highest(folder)?;
    claim(folder, &strip, payload.len(), highest.is_some())?;
    let from = typed.from.unwrap_or_else(|| highest.map_or(0, |highest| highest + 1));
    let numbers = from..from.saturating_add(typed.frames.unwrap_or(0));
    for number in numbers.clone() {
        let place = place(folder, number);
        if place.symlink_metadata().is_ok() {
            return Err(QrError::PictureExists(place));
        }
    }
    for number in progress::codes(typed.frames.unwrap_or(0)).wrap_iter(numbers.clone()) {
        let picture = png(&strip.picture(number, typed.scale)?)?;
        files::write(&place(folder, number), &picture, Readers::Umask, false)?;
    }
    note(format_args!(
        "{}: pictures {} to {} of transfer {}; any {} are needed.",
        shown(folder),
        numbers.start,
        numbers.end.saturating_sub(1),
        strip.id(),
        strip.least()
    ));
    Ok(())
}

/// Makes the folder this transfer's, or makes sure that it is.
fn claim(folder: &Path, strip: &Strip, length: usize, has_pictures: bool) -> Result<(), QrError> {
    let beside = if strip.across > 1 { format!("codes a picture {}\n", strip.across) } else { String::new() };
    let mark = format!("transfer {}\nbytes {length}\nbytes a code {}\n{beside}", strip.id(), strip.symbol_size);
    let path = folder.join(MARK);
    match files::read(&path, MAX_MARK) {
        Ok(found) if *found == *mark.as_bytes() => Ok(()),
        Err(FileError::Missing(_)) if !has_pictures => Ok(files::write(&path, mark.as_bytes(), Readers::Umask, false)?),
        _ => Err(QrError::OtherFolder(folder.to_owned())),
    }
}

fn highest(folder: &Path) -> Result<Option<u32>, FileError> {
    let unreadable = |error| FileError::unreadable(folder, &error);
    let mut highest = None;
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        highest = highest.max(number(&name.to_string_lossy()));
    }
    Ok(highest)
}

fn place(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("frame-{number:08}.png"))
}

fn number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("frame-")?.strip_suffix(".png")?;
    (digits.len() == 8).then(|| digits.parse().ok()).flatten()
}
