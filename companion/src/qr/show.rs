//! Showing a payload: in the terminal, as a GIF, or as pictures in a folder.

use super::{
    QrError, folder,
    strip::Strip,
    terminal::{self, Ends, Wish},
};
use crate::{
    args,
    error::Error,
    files::{self, Readers},
    home::Home,
    progress,
    screen::{note, shown},
};
use cloison_optics::{
    Luma,
    picture::{MAX_FRAMES, MAX_TOTAL_PIXELS, gif},
};
use cloison_protocol::MAX_MESSAGE;
use std::path::Path;

/// Shows one file as it was asked for.
///
/// # Errors
/// [`QrError`].
pub(crate) fn show(home: Option<&Home>, typed: &args::Show) -> Result<(), Error> {
    check_places(home, &typed.file, &typed.codes)?;
    let payload = files::read(&typed.file, MAX_MESSAGE as u64)?;
    present(home, &payload, &typed.file, &typed.codes)
}

/// Refuses to write codes over the file that they are made from, or over what is kept here.
///
/// # Errors
/// [`files::FileError`].
pub(crate) fn check_places(home: Option<&Home>, file: &Path, typed: &args::Codes) -> Result<(), Error> {
    if let Some(output) = &typed.gif {
        files::refuse_itself(file, output)?;
        home.map_or(Ok(()), |home| home.refuse_own(output))?;
    }
    Ok(())
}

/// Shows a payload as it was asked for, under the name of the file that it comes from.
///
/// # Errors
/// [`QrError`].
pub(crate) fn present(home: Option<&Home>, payload: &[u8], file: &Path, typed: &args::Codes) -> Result<(), Error> {
    match (&typed.png, &typed.gif) {
        (Some(folder), _) => Ok(folder::write(folder, payload, typed)?),
        (None, Some(output)) => Ok(animation(output, payload, typed)?),
        (None, None) => {
            let name = shown(file.file_name().unwrap_or_default());
            let caption = format!("{name}   + - speed, D S density, any other key ends");
            let (wish, from) = (Wish::typed(typed), typed.from.unwrap_or(0));
            let show = terminal::Show { wish, from, caption: &caption, ends: Ends::AnyKey };
            terminal::animate(payload, &show, home)?;
            Ok(())
        }
    }
}

fn animation(output: &Path, payload: &[u8], typed: &args::Codes) -> Result<(), QrError> {
    files::refuse_existing(output, typed.force)?;
    let strip = Strip::new(payload, typed)?;
    let from = typed.from.unwrap_or(0);
    let first = strip.picture(from, typed.scale)?;
    let limit = most_frames(&first);
    let frames = match typed.frames {
        Some(frames) if frames > limit => return Err(QrError::LongGif { frames, limit }),
        Some(frames) => frames,
        None if strip.least() > limit => return Err(QrError::LongGif { frames: strip.least(), limit }),
        // Half as many again, so that a camera that misses some need not wait for the next round.
        None => (strip.least() + strip.least() / 2 + 4).min(limit),
    };
    let numbers = progress::codes(frames).wrap_iter(from..from.saturating_add(frames));
    let pictures = numbers.map(|number| strip.picture(number, typed.scale));
    let pictures = pictures.collect::<Result<Vec<_>, QrError>>()?;
    let waiting = progress::waiting("writing the GIF", frames);
    files::write(output, &gif(&pictures, strip.delay)?, Readers::Umask, typed.force)?;
    waiting.finish_and_clear();
    note(format_args!("{}: {frames} pictures of transfer {}; {} are needed.", shown(output), strip.id(), strip.least()));
    Ok(())
}

/// Counts the frames of this size that every reader of ours accepts in one animation.
fn most_frames(first: &Luma) -> u32 {
    let pixels = u64::from(first.width()) * u64::from(first.height());
    let by_pixels = usize::try_from(MAX_TOTAL_PIXELS / pixels.max(1)).unwrap_or(usize::MAX);
    u32::try_from(by_pixels.min(MAX_FRAMES)).unwrap_or(u32::MAX)
}
