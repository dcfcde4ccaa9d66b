//! The desk: a kiosk, a folder for its store, and pictures for its camera.

use crate::{
    commands::{Answer, Command, Seen, button, field},
    plate::{PlateError, Shown},
};
use cloison_appliance::{Clock, DiskStore, Hardware, HardwareError, Kiosk, KioskError, Store, entropy, words};
use cloison_ceremony::{EntropyInputs, Event, Typed};
use cloison_eye::Eye;
use std::{
    io::{BufRead, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use thiserror::Error;
use zeroize::Zeroizing;

/// The longest line that is read.
const MAX_LINE: u64 = 1 << 20;
/// The most frames that one command writes.
const MAX_COUNT: u32 = 10_000;
/// What one picture may cost the reader.
const BUDGET: Duration = Duration::from_secs(10);
const MAX_IMAGE: u64 = 64 << 20;

/// Serves commands until the input ends or the session does.
pub(crate) fn run(data: &Path, mut input: impl BufRead, mut output: impl Write) -> Result<(), DeskError> {
    std::fs::create_dir_all(data).map_err(DeskError::Folder)?;
    let hardware = DeskHardware { store: DiskStore::open(data)? };
    let program = std::env::current_exe().map_err(DeskError::Pipe)?;
    let mut desk = Desk { kiosk: Kiosk::start(hardware)?, eye: Eye::new(program, vec!["eye".into()], BUDGET), shown: None };
    loop {
        let mut line = Zeroizing::new(Vec::new());
        let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(DeskError::Pipe)?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == MAX_LINE && line.last() != Some(&b'\n') {
            return Err(DeskError::LongLine);
        }
        let answer = match serde_json::from_slice(&line) {
            Ok(command) => desk.obey(command).unwrap_or_else(Answer::failed),
            Err(_) if line.iter().all(u8::is_ascii_whitespace) => continue,
            // The parser's own words could repeat a passphrase from the line.
            Err(error) => Answer::failed(format!(
                "this line is not a command (column {}). See docs/desk.md for the commands",
                error.column()
            )),
        };
        let answer = answer.with_end(desk.kiosk.ended());
        serde_json::to_writer(&mut output, &answer).map_err(|error| DeskError::Pipe(error.into()))?;
        output.write_all(b"\n").and_then(|()| output.flush()).map_err(DeskError::Pipe)?;
        if desk.kiosk.ended().is_some() {
            return Ok(());
        }
    }
}

struct Desk {
    kiosk: Kiosk<DeskHardware>,
    eye: Eye,
    shown: Option<Shown>,
}

impl Desk {
    fn obey(&mut self, command: Command) -> Result<Answer, DeskError> {
        match command {
            Command::Screen => Ok(Answer::screen(&self.kiosk.screen())),
            Command::Press { label } => {
                let screen = self.kiosk.screen();
                let button = button(&screen, &label).ok_or(DeskError::NoButton(label))?;
                self.handle(Event::Press(button))
            }
            Command::Type { field: name, text } => {
                let screen = self.kiosk.screen();
                let field = field(&screen, &name).ok_or(DeskError::NoField(name))?;
                self.handle(Event::Type(field, Typed(text)))
            }
            Command::Camera { images } => self.camera(images),
            Command::Codes { dir, count } => self.codes(&dir, count),
        }
    }

    fn handle(&mut self, event: Event) -> Result<Answer, DeskError> {
        Ok(Answer::screen(&self.kiosk.handle(event)?))
    }

    fn camera(&mut self, images: Vec<PathBuf>) -> Result<Answer, DeskError> {
        if !self.kiosk.screen().camera {
            return Err(DeskError::NoCamera);
        }
        let mut frames = Vec::new();
        for image in images {
            let seen = self.look(&image);
            let (symbols, error) = match &seen {
                Ok(symbols) => (Some(symbols.len()), None),
                Err(error) => (None, Some(error.to_string())),
            };
            for symbol in seen.unwrap_or_default() {
                // Once a message is complete the kiosk looks away; what is left is not shown to it.
                if self.kiosk.screen().camera {
                    self.kiosk.handle(Event::Code(symbol))?;
                }
            }
            frames.push(Seen { image, symbols, error });
        }
        Ok(Answer { frames: Some(frames), ..Answer::screen(&self.kiosk.screen()) })
    }

    fn look(&mut self, image: &Path) -> Result<Vec<Vec<u8>>, DeskError> {
        let file = std::fs::File::open(image).map_err(DeskError::Image)?;
        let mut bytes = Vec::new();
        file.take(MAX_IMAGE).read_to_end(&mut bytes).map_err(DeskError::Image)?;
        let sights = self.eye.picture(&bytes)?;
        Ok(sights.into_iter().flat_map(|sight| sight.symbols).collect())
    }

    fn codes(&mut self, dir: &Path, count: u32) -> Result<Answer, DeskError> {
        let screen = self.kiosk.screen();
        let code = screen.code.clone().ok_or(PlateError::Nothing)?;
        if count == 0 || count > MAX_COUNT {
            return Err(DeskError::Count { most: MAX_COUNT });
        }
        std::fs::create_dir_all(dir).map_err(DeskError::Image)?;
        let title = words::said(&screen).title;
        let mut shown = match self.shown.take().filter(|shown| shown.shows(&code)) {
            Some(shown) => shown,
            None => Shown::new(code)?,
        };
        let mut files = Vec::new();
        for _ in 0..count {
            let (number, picture) = shown.frame(&title)?;
            let file = dir.join(format!("{}-{number:08}.png", screen.view.name()));
            let png = cloison_optics::picture::png(&picture).map_err(|error| PlateError::Symbol(error.into()))?;
            std::fs::write(&file, png).map_err(DeskError::Image)?;
            files.push(file);
        }
        self.shown = Some(shown);
        Ok(Answer { files: Some(files), ..Answer::empty(true) })
    }
}

struct DeskHardware {
    store: DiskStore,
}

impl Hardware for DeskHardware {
    fn entropy(&mut self) -> Result<EntropyInputs, HardwareError> {
        entropy::gather()
    }
    fn store(&mut self) -> &mut dyn Store {
        &mut self.store
    }
    fn clock(&self) -> &dyn Clock {
        self
    }
}

impl Clock for DeskHardware {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

/// Says what went wrong at the desk.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum DeskError {
    #[error("the data folder cannot be made ({0}). Give another one with --data")]
    Folder(std::io::Error),
    #[error("input or output broke off ({0}). Start the desk again")]
    Pipe(std::io::Error),
    #[error("a line is longer than a mebibyte. Send one command a line")]
    LongLine,
    #[error("there is no button “{0}” on this screen. Ask for the screen to see its buttons")]
    NoButton(String),
    #[error("there is no field “{0}” on this screen. Ask for the screen to see its fields")]
    NoField(String),
    #[error("this screen does not look through the camera. Go to one that does")]
    NoCamera,
    #[error("the picture cannot be read or written ({0}). Check its path")]
    Image(std::io::Error),
    #[error("a command writes from 1 to {most} frames. Ask for fewer, or for some")]
    Count { most: u32 },
    #[error(transparent)]
    Eye(#[from] cloison_eye::EyeError),
    #[error(transparent)]
    Plate(#[from] PlateError),
    #[error(transparent)]
    Kiosk(#[from] KioskError),
    #[error(transparent)]
    Hardware(#[from] HardwareError),
}
