//! Screens as they stand before anybody sat down, in French, as a kiosk comes.

use crate::{
    find::Page,
    guest::Guest,
    letters::{BUTTONS, TEXTS},
    picture::Picture,
};
use cloison_tests::Result;
use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

/// What the first screen of a kiosk without a vault says.
pub(crate) const FIRST: &str = "Aucun coffre";
/// How long a machine that is computed may take until it shows something.
pub(crate) const START: Duration = Duration::from_secs(300);
/// How long the boot files take to be read.
const READ: Duration = Duration::from_secs(60);
/// After so long without an answer something is touched again.
pub(crate) const DEAF: Duration = Duration::from_secs(12);
/// How often a screen is looked at until it stands still, and how long it must.
const LOOKS: u32 = 60;
const STILL: Duration = Duration::from_millis(500);

/// Tells whether a text is on a picture.
pub(crate) fn says(picture: &Picture, text: &str) -> Result<bool> {
    Ok(!picture.is_blank() && Page::of(picture).find(text, &[&TEXTS[..], &BUTTONS].concat())?.is_some())
}

/// Waits for a text, on a button or elsewhere; gives the picture and when it was seen.
pub(crate) fn see(guest: &mut Guest, text: &str, longest: Duration) -> Result<(Picture, Instant)> {
    let (mut last, mut found) = (None, false);
    guest.look_until(&format!("“{text}”"), longest, |picture| {
        if last.as_ref() != Some(picture) {
            found = says(picture, text)?;
            last = Some(picture.clone());
        }
        Ok(found)
    })
}

/// Waits for the first screen, and until it stands still.
pub(crate) fn first(guest: &mut Guest) -> Result<(Picture, Duration)> {
    let (_, at) = see(guest, FIRST, START)?;
    let took = at - guest.begun;
    Ok((settled(guest)?, took))
}

/// Waits until the words of the image stand on the first screen.
pub(crate) fn named(guest: &mut Guest, words: &str) -> Result<Picture> {
    let (picture, _) = guest.look_until(&format!("“{words}”"), READ, |picture| {
        let page = Page::of(picture);
        words.split(' ').try_fold(true, |all, word| Ok(all && page.find(word, &TEXTS)?.is_some()))
    })?;
    Ok(picture)
}

/// Waits until two looks see the same.
pub(crate) fn settled(guest: &mut Guest) -> Result<Picture> {
    let mut last = guest.look()?;
    for _ in 0..LOOKS {
        sleep(STILL);
        let now = guest.look()?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
    Err("the screen does not stand still".to_owned())
}

/// Touches a button, and waits for what comes of it.
pub(crate) fn touch(guest: &mut Guest, label: &str, next: &str) -> Result<Picture> {
    for _ in 0..5 {
        let picture = guest.look()?;
        if let Some(place) = Page::of(&picture).find(label, &BUTTONS)? {
            guest.tap(place.middle())?;
        }
        if let Ok((picture, _)) = see(guest, next, DEAF) {
            return Ok(picture);
        }
    }
    Err(format!("after “{label}” there is no “{next}”"))
}

/// Has something done before a guest; where it fails, a picture of the screen is left.
pub(crate) fn explained<T>(guest: &mut Guest, folder: &Path, work: impl FnOnce(&mut Guest) -> Result<T>) -> Result<T> {
    work(guest).map_err(|error| explain(guest, folder, &error))
}

/// Leaves a picture of the screen, and gives the reason with its place and with what the guest said last.
pub(crate) fn explain(guest: &mut Guest, folder: &Path, reason: &str) -> String {
    let file = folder.join("failed.png");
    let serial = guest.serial();
    let said: Vec<&str> = serial.lines().collect();
    let said = said.get(said.len().saturating_sub(8)..).unwrap_or_default().join("\n  ");
    match guest.look().and_then(|picture| picture.write(&file)) {
        Ok(()) => format!("{reason}. The screen is {}; the guest said:\n  {said}", file.display()),
        Err(none) => format!("{reason}. There is no picture of the screen ({none}); the guest said:\n  {said}"),
    }
}
