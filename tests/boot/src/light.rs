//! What crosses the gap: films from the workstation to the camera, pictures of the screen back.

use crate::{film::Film, person::Person, picture::Picture};
use cloison_tests::{Result, story::pictures, story::text, workstation::Workstation};
use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long each code is held before the camera: a computed machine reads some three a second.
pub(crate) const EACH: Duration = Duration::from_millis(250);
/// How many new codes are collected before the workstation is asked whether they are enough.
const BATCH: usize = 6;
const LONGEST: Duration = Duration::from_secs(240);

/// Draws a message as the real `cloison` shows it.
pub(crate) fn film(workstation: &Workstation, file: &Path, folder: &Path, frames: usize) -> Result<Film> {
    let (from, to, frames) = (text(file), text(folder), frames.to_string());
    workstation.does(&["qr", "show", &from, "--png", &to, "--frames", &frames, "--density", "12", "--force"])?;
    Film::read(&pictures(folder)?)
}

/// Carries a message from the screen to a file: pictures of the screen, put together by the real
/// `cloison`. Tells how many pictures it took, and how long.
pub(crate) fn carry_out(person: &mut Person, workstation: &Workstation, folder: &Path, file: &Path) -> Result<(usize, Duration)> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let (begun, mut taken): (Instant, Vec<PathBuf>) = (Instant::now(), Vec::new());
    let mut last: Option<Vec<Vec<u8>>> = None;
    while begun.elapsed() < LONGEST {
        let picture = person.guest.look()?;
        let codes = codes(&picture)?;
        if codes.is_empty() || last.as_ref() == Some(&codes) {
            sleep(Duration::from_millis(30));
            continue;
        }
        last = Some(codes);
        let name = folder.join(format!("{:04}.png", taken.len()));
        picture.write(&name)?;
        taken.push(name);
        if taken.len().is_multiple_of(BATCH) && is_whole(workstation, &taken, file)? {
            return Ok((taken.len(), begun.elapsed()));
        }
    }
    Err(format!("{} pictures of the screen are not enough", taken.len()))
}

fn codes(picture: &Picture) -> Result<Vec<Vec<u8>>> {
    Ok(cloison_optics::read(&picture.luma()?))
}

/// Asks the real `cloison` whether these pictures carry a whole message, and has it written.
fn is_whole(workstation: &Workstation, taken: &[PathBuf], file: &Path) -> Result<bool> {
    let mut arguments = vec!["qr".into(), "scan".into(), "--force".into(), "-o".into(), file.as_os_str().to_owned()];
    arguments.extend(taken.iter().map(|picture| picture.clone().into_os_string()));
    Ok(workstation.run(&arguments)?.code == 0)
}
