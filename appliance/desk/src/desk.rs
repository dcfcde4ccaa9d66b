//! The desk: a kiosk, a folder for its store, pictures for its camera, and pictures of its screen.

use crate::{
    answers::{Answer, Seen},
    commands::{Command, button, field},
    lines::{Lines, Next},
    machine::{DeskClock, DeskPrinter, Machine},
};
use cloison_appliance::{DiskStore, HardwareError, Kiosk, KioskError, hw::airgap::Watch, words::Words};
use cloison_ceremony::{Event, Typed};
use cloison_eye::{Eye, PICTURE_BUDGET, spawn::Direct};
use cloison_optics::Luma;
use cloison_protocol::{BoundError, Language, bounded::Line};
use cloison_screens::{Looking, Pace, Pixels, Size, Snapshot, Ui, UiError};
use image::{ImageError, ImageFormat, RgbImage};
use std::{
    io::{BufRead, Read, Write},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::Duration,
};
use thiserror::Error;

/// How often a desk that watches looks.
const SECOND: Duration = Duration::from_secs(1);
/// The most frames that one command writes.
const MAX_COUNT: u32 = 10_000;
const MAX_IMAGE: u64 = 64 << 20;
const NAME: &str = concat!("cloison-desk ", env!("CARGO_PKG_VERSION"));

/// How a desk is set up.
pub(crate) struct Setup {
    pub(crate) data: PathBuf,
    pub(crate) printer: Option<DeskPrinter>,
    /// When its own clock starts; the computer's is used where it has none.
    pub(crate) clock: Option<u64>,
    /// Whether it watches over the computer as a device does.
    pub(crate) air_gap: bool,
    pub(crate) language: Language,
    pub(crate) size: Size,
    /// How codes are shown.
    pub(crate) pace: Pace,
}

/// Serves commands until the input ends or the session does.
///
/// A desk that watches over the computer also looks between two commands, each second.
pub(crate) fn run(setup: Setup, input: impl BufRead + Send + 'static, mut output: impl Write) -> Result<(), DeskError> {
    let patience = setup.air_gap.then_some(SECOND);
    let mut desk = Desk::new(setup)?;
    let lines = Lines::of(input)?;
    loop {
        let line = match lines.next(patience)? {
            Next::Line(line) => line,
            Next::End => return Ok(()),
            Next::Nothing => {
                desk.kiosk.tick();
                if desk.kiosk.ended().is_none() {
                    continue;
                }
                return say(&mut output, &desk.answer().with_end(desk.kiosk.ended()));
            }
        };
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
        say(&mut output, &answer)?;
        if desk.kiosk.ended().is_some() {
            return Ok(());
        }
    }
}

fn say(output: &mut impl Write, answer: &Answer) -> Result<(), DeskError> {
    serde_json::to_writer(&mut *output, answer).map_err(|error| DeskError::Pipe(error.into()))?;
    output.write_all(b"\n").and_then(|()| output.flush()).map_err(DeskError::Pipe)
}

struct Desk {
    kiosk: Kiosk<Machine>,
    clock: Rc<DeskClock>,
    eye: Eye,
    ui: Ui,
    words: Words,
}

impl Desk {
    fn new(Setup { data, printer, clock, air_gap, language, size, pace }: Setup) -> Result<Self, DeskError> {
        std::fs::create_dir_all(&data).map_err(DeskError::Folder)?;
        let spawner = Direct::new(std::env::current_exe().map_err(DeskError::Pipe)?);
        let eye = Eye::new(Arc::new(spawner.clone()), "eye", PICTURE_BUDGET);
        let clock = Rc::new(DeskClock::new(clock));
        let (name, ui) = (Line::new(NAME)?, Ui::offscreen(size, language)?);
        ui.adjust(pace, Looking::default());
        let watch = air_gap.then(Watch::new);
        let machine = Machine { name, store: DiskStore::open(&data)?, clock: clock.clone(), printer, watch, spawner };
        Ok(Self { kiosk: Kiosk::start(machine)?, clock, eye, ui, words: Words::new(language) })
    }

    fn obey(&mut self, command: Command) -> Result<Answer, DeskError> {
        // A device ticks by itself. A desk catches up, so that nobody gets more out of a vault whose
        // time was over.
        self.kiosk.tick();
        if self.kiosk.ended().is_some() {
            return Ok(self.answer());
        }
        match command {
            Command::Screen | Command::Tick => Ok(self.answer()),
            Command::Press { label } => {
                let screen = self.kiosk.screen();
                let button = button(&screen, self.words, &label).ok_or(DeskError::NoButton(label))?;
                self.handle(Event::Press(button))
            }
            Command::Type { field: name, text } => {
                let screen = self.kiosk.screen();
                let field = field(&screen, self.words, &name).ok_or(DeskError::NoField(name))?;
                self.handle(Event::Type(field, Typed(text)))
            }
            Command::Camera { images } => self.camera(images),
            Command::Codes { dir, count } => self.codes(&dir, count),
            Command::Screenshot { file, hold } => self.screenshot(&file, hold),
            Command::Wait { seconds } => {
                if !self.clock.move_on(seconds) {
                    return Err(DeskError::NoClock);
                }
                self.handle(Event::Tick)
            }
        }
    }

    fn answer(&self) -> Answer {
        Answer::screen(&self.kiosk, self.words)
    }

    fn handle(&mut self, event: Event) -> Result<Answer, DeskError> {
        self.kiosk.handle(event);
        Ok(self.answer())
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
                    self.kiosk.handle(Event::Code(symbol));
                }
            }
            frames.push(Seen { image, symbols, error });
        }
        Ok(Answer { frames: Some(frames), ..self.answer() })
    }

    fn look(&mut self, image: &Path) -> Result<Vec<Vec<u8>>, DeskError> {
        let file = std::fs::File::open(image).map_err(DeskError::Image)?;
        let mut bytes = Vec::new();
        file.take(MAX_IMAGE).read_to_end(&mut bytes).map_err(DeskError::Image)?;
        let sights = self.eye.picture(&bytes)?;
        Ok(sights.into_iter().flat_map(|sight| sight.symbols).collect())
    }

    /// Draws what the kiosk shows, as its screen would.
    fn draw(&self, hold: bool) -> Result<(), DeskError> {
        self.ui.show(&Snapshot::of(&self.kiosk, self.words.language()))?;
        self.ui.hold(hold);
        Ok(())
    }

    fn codes(&mut self, dir: &Path, count: u32) -> Result<Answer, DeskError> {
        let screen = self.kiosk.screen();
        screen.code.as_ref().ok_or(DeskError::NoCode)?;
        if count == 0 || count > MAX_COUNT {
            return Err(DeskError::Count { most: MAX_COUNT });
        }
        std::fs::create_dir_all(dir).map_err(DeskError::Image)?;
        // A card's code is there only while it is held.
        self.draw(true)?;
        let mut files = Vec::new();
        for _ in 0..count {
            let file = dir.join(format!("{}-{:08}.png", screen.view.name(), self.ui.frame()));
            std::fs::write(&file, png(&self.ui.render()?)?).map_err(DeskError::Image)?;
            files.push(file);
            if self.ui.is_moving() {
                self.ui.next_frame()?;
            }
        }
        self.ui.hold(false);
        Ok(Answer { files: Some(files), ..Answer::empty(true) })
    }

    fn screenshot(&mut self, file: &Path, hold: bool) -> Result<Answer, DeskError> {
        self.draw(hold)?;
        let Pixels { width, height, rgb } = self.ui.render()?;
        self.ui.hold(false);
        let picture = RgbImage::from_raw(width, height, rgb).ok_or(DeskError::Picture)?;
        picture.save_with_format(file, ImageFormat::Png).map_err(|error| match error {
            ImageError::IoError(error) => DeskError::Image(error),
            _ => DeskError::Picture,
        })?;
        Ok(Answer { files: Some(vec![file.to_owned()]), ..Answer::empty(true) })
    }
}

/// Writes a screen as a picture in greys, as a camera for codes sees it.
fn png(pixels: &Pixels) -> Result<Vec<u8>, DeskError> {
    let grey = pixels.rgb.chunks_exact(3).map(|rgb| rgb.get(1).copied().unwrap_or_default()).collect();
    let picture = Luma::new(pixels.width, pixels.height, grey).map_err(|_| DeskError::Picture)?;
    cloison_optics::picture::png(&picture).map_err(|_| DeskError::Picture)
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
    #[error("this desk uses the computer's clock, which it cannot move. Start it with --clock")]
    NoClock,
    #[error(transparent)]
    Name(#[from] BoundError),
    #[error(transparent)]
    Eye(#[from] cloison_eye::EyeError),
    #[error("this screen shows no code. Go to one that does")]
    NoCode,
    #[error("the screen could not be made a picture. Ask for the screen instead")]
    Picture,
    #[error(transparent)]
    Screen(#[from] UiError),
    #[error(transparent)]
    Kiosk(#[from] KioskError),
    #[error(transparent)]
    Hardware(#[from] HardwareError),
}
