//! Looking through a camera until a message is whole.

use super::{
    QrError,
    trial::take,
    watched::{Seen, Told, Trouble, Watched},
};
use crate::{
    error::Error,
    files::{self, Readers},
    home::Home,
    progress,
    screen::{note, shown, size},
    signals::Held,
};
use cloison_eye::{
    FRAME_BUDGET,
    camera::{Camera, CameraError},
    spawn::Direct,
};
use cloison_protocol::Tally;
use indicatif::ProgressBar;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// How long one look waits for a frame, and so the longest that a signal waits.
const TIMEOUT: Duration = Duration::from_millis(300);
/// What opening a camera and its first frame may take.
const OPENING: Duration = Duration::from_secs(8);
/// A trouble that stays, or comes again, is not said again before.
const SAID: Duration = Duration::from_secs(5);

/// Looks through a camera and writes the message that it sees.
///
/// # Errors
/// [`QrError`]; then nothing is written. A signal ends the program, and leaves nothing behind.
pub(crate) fn scan(home: Option<&Home>, place: Option<&Path>, output: &Path, force: bool) -> Result<(), Error> {
    files::refuse_existing(output, force)?;
    home.map_or(Ok(()), |home| home.refuse_own(output))?;
    // Let go last, when the camera's process has ended.
    let held = Held::new().map_err(QrError::Pipe)?;
    let payload = watch(camera(place)?, &held)?;
    files::write(output, &payload, Readers::Umask, force)?;
    note(format_args!("Complete: {} in {}.", size(payload.len() as u64), shown(output)));
    Ok(())
}

/// Looks through a camera until every profile of a test pattern had its turn, or a signal comes.
///
/// # Errors
/// [`QrError`]: there is no camera, or it fails.
pub(crate) fn pattern(place: Option<&Path>, tally: &mut Tally) -> Result<(), Error> {
    let held = Held::new().map_err(QrError::Pipe)?;
    let mut camera = camera(place)?;
    let mut teller = Teller::new(progress::round());
    while !held.arrived() && !tally.is_whole() {
        match camera.look(TIMEOUT) {
            Ok(look) => look.symbols.iter().for_each(|code| take(tally, code)),
            Err(error) if is_final(&error) => return Err(QrError::from(error).into()),
            // A frame's own fault is the next one's chance.
            Err(CameraError::Waiting | CameraError::Died | CameraError::Garbled) => {}
            Err(error) => teller.trouble(&Trouble::Camera(error.to_string())),
        }
        teller.bar.set_position(tally.percent().into());
        let read: usize = tally.scores().iter().map(|score| score.read).sum();
        teller.bar.set_message(format!("{read} codes read"));
    }
    Ok(())
}

/// Opens the camera that was named, or the first that works, and says which.
fn camera(place: Option<&Path>) -> Result<Camera, QrError> {
    let (camera, name) = match place {
        Some(place) => (named(place)?, place.to_owned()),
        None => found(Path::new("/dev"))?,
    };
    note(format_args!("Looking through {}. Ctrl-C ends.", shown(&name)));
    Ok(camera)
}

/// Tells what will not be better by waiting.
fn is_final(error: &CameraError) -> bool {
    matches!(error, CameraError::Denied | CameraError::Unusable | CameraError::Unconfined | CameraError::Start(_))
}

/// Looks until the message is whole.
fn watch(mut camera: Camera, held: &Held) -> Result<Vec<u8>, QrError> {
    let (mut watched, mut teller, begun) = (Watched::default(), Teller::new(progress::looking()), Instant::now());
    while !held.arrived() {
        let told = match camera.look(TIMEOUT) {
            Ok(look) => watched.look(&Seen::from(&look), begun.elapsed()),
            Err(error) if is_final(&error) => return Err(error.into()),
            Err(error) => watched.failed(&error),
        };
        teller.tell(&told, &watched);
        if let Some(payload) = told.payload {
            return Ok(payload);
        }
    }
    Err(QrError::Stopped)
}

/// Opens the camera that was named: a device, or a folder of pictures that stands for one.
fn named(place: &Path) -> Result<Camera, QrError> {
    let absent = || QrError::from(CameraError::Absent);
    let place = place.canonicalize().map_err(|_| absent())?;
    let kind = if place.is_dir() { "folder" } else { "camera" };
    opened(&format!("{kind}={}", place.to_str().ok_or_else(absent)?))
}

/// Opens the first camera that works.
fn found(devices: &Path) -> Result<(Camera, PathBuf), QrError> {
    let mut first = None;
    for device in cameras(devices) {
        match opened(&format!("camera={}", device.display())) {
            Ok(camera) => return Ok((camera, device)),
            // What the first one lacks is what somebody can do something about.
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or(QrError::NoCamera))
}

/// Lists what may be cameras, by their numbers.
fn cameras(devices: &Path) -> Vec<PathBuf> {
    let names = devices.read_dir().into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut numbers: Vec<u32> = names.filter_map(|name| name.strip_prefix("video")?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.into_iter().map(|number| devices.join(format!("video{number}"))).collect()
}

/// Starts a camera's process, which is this program again, and tells whether it opens the camera.
fn opened(role: &str) -> Result<Camera, QrError> {
    let program = std::env::current_exe().map_err(QrError::Pipe)?;
    let spawner = Direct::new(program).before_role(["eye"]);
    let mut camera = Camera::new(Arc::new(spawner), role, FRAME_BUDGET);
    match camera.look(OPENING) {
        Err(
            error @ (CameraError::Absent
            | CameraError::Denied
            | CameraError::Busy
            | CameraError::Unusable
            | CameraError::Stalled
            | CameraError::Unconfined
            | CameraError::Start(_)),
        ) => Err(error.into()),
        // A frame's own fault is the next one's chance.
        _ => Ok(camera),
    }
}

/// Says what each look came to: on a terminal beside a bar, else in lines.
struct Teller {
    bar: ProgressBar,
    line: String,
    said: Option<(Trouble, Instant)>,
}

impl Teller {
    fn new(bar: ProgressBar) -> Self {
        Self { bar, line: String::new(), said: None }
    }

    fn tell(&mut self, told: &Told, watched: &Watched) {
        if let Some(trouble) = &told.trouble {
            self.trouble(trouble);
        }
        if told.fate.is_empty() {
            return;
        }
        let progress = watched.progress();
        if let Some(progress) = progress {
            self.bar.set_length(progress.needed as u64);
            self.bar.set_position(progress.read as u64);
        }
        self.bar.set_message(told.fate.clone());
        let line = match progress {
            Some(progress) => format!("{}; {} of {}", told.fate, progress.read, progress.needed),
            None => told.fate.clone(),
        };
        if self.bar.is_hidden() && line != self.line {
            note(&line);
            self.line = line;
        }
    }

    /// Says what is wrong once, and again only after a while.
    fn trouble(&mut self, trouble: &Trouble) {
        if self.said.as_ref().is_some_and(|(said, since)| said == trouble && since.elapsed() < SAID) {
            return;
        }
        let words = trouble.to_string();
        let end = if words.ends_with('?') { "" } else { "." };
        self.bar.suspend(|| note(format_args!("{words}{end}")));
        self.said = Some((trouble.clone(), Instant::now()));
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cameras_are_tried_in_the_order_of_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["video10", "video2", "video0", "vbi0", "video", "videos", "media0"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        assert_eq!(cameras(folder.path()), ["video0", "video2", "video10"].map(|name| folder.path().join(name)));
        assert!(cameras(&folder.path().join("nowhere")).is_empty());
        assert!(matches!(found(&folder.path().join("nowhere")), Err(QrError::NoCamera)));
    }
}
