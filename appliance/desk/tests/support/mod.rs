//! A desk driven over its pipes, and the people and the workstation around it.

mod workstation;

use cloison_optics::{Density, Level, Symbol, picture, read};
use cloison_protocol::{Assembly, FRAME_OVERHEAD, Fate, PublicKeys, Transfer};
use rand_chacha::{ChaCha20Rng, rand_core::Rng, rand_core::SeedableRng};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};
use tempfile::TempDir;
pub(crate) use workstation::{Record, Workstation};

pub(crate) const NAMES: [&str; 3] = ["Amélie", "Bruno", "Chloé"];
/// 2026-11-21 at 14:30 UTC.
pub(crate) const NOW: u64 = 1_795_271_400;
const DAY: u64 = 24 * 60 * 60;

/// A running desk, in a folder of its own.
pub(crate) struct Desk<'a> {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    folder: &'a Folder,
}

/// Where a desk keeps its store and pictures lie.
pub(crate) struct Folder {
    dir: TempDir,
    next: Cell<u32>,
    now: Cell<u64>,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), next: Cell::new(0), now: Cell::new(NOW) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Says when the desk that was started last began.
    pub(crate) fn began(&self) -> u64 {
        self.now.get() - DAY
    }

    /// Gives a folder that nothing else uses.
    fn fresh(&self) -> PathBuf {
        self.next.set(self.next.get() + 1);
        let folder = self.path(&format!("pictures-{}", self.next.get()));
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    /// Starts a desk on a clock of its own: the first at [`NOW`], each further one a day later, so
    /// that no clock goes back however long a test takes.
    pub(crate) fn desk(&self, arguments: &[&OsStr]) -> Desk<'_> {
        let now = self.now.replace(self.now.get() + DAY).to_string();
        let mut all = vec![OsStr::new("--clock"), OsStr::new(&now)];
        all.extend(arguments);
        self.desk_with(&all)
    }

    /// Starts a desk on a clock that begins at a given time.
    pub(crate) fn desk_at(&self, now: u64) -> Desk<'_> {
        self.desk_with(&[OsStr::new("--clock"), OsStr::new(&now.to_string())])
    }

    pub(crate) fn desk_with(&self, arguments: &[&OsStr]) -> Desk<'_> {
        self.desk_by(&mut Command::new(env!("CARGO_BIN_EXE_cloison-desk")), arguments)
    }

    /// Starts a desk that watches over its computer, as a device does, by a program that makes the
    /// computer what it is to be and then becomes the desk.
    pub(crate) fn watching_desk(&self, program: &mut Command) -> Desk<'_> {
        let now = self.now.replace(self.now.get() + DAY).to_string();
        program.arg(env!("CARGO_BIN_EXE_cloison-desk"));
        self.desk_by(program, &["--air-gap", "--clock", &now].map(OsStr::new))
    }

    fn desk_by(&self, command: &mut Command, arguments: &[&OsStr]) -> Desk<'_> {
        command.arg("--data").arg(self.path("data")).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Desk { child, input, output, folder: self }
    }
}

impl Desk<'_> {
    /// Sends a command and gives the answer, whatever it says.
    pub(crate) fn raw(&mut self, command: &Value) -> Value {
        writeln!(self.input, "{command}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{command}: {answer:?}: {error}"))
    }

    /// Gives the answer that comes without a command.
    pub(crate) fn unasked(&mut self) -> Value {
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{answer:?}: {error}"))
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn send(&mut self, command: &Value) -> Value {
        let answer = self.raw(command);
        assert_eq!(answer["ok"], true, "{command}: {answer}");
        answer
    }

    pub(crate) fn screen(&mut self) -> Value {
        self.send(&json!({"do": "screen"}))["screen"].take()
    }

    pub(crate) fn press(&mut self, label: &str) -> Value {
        self.send(&json!({"do": "press", "label": label}))["screen"].take()
    }

    /// Presses the button that ends the process, and says why it ended.
    pub(crate) fn end(mut self, label: &str) -> String {
        let answer = self.send(&json!({"do": "press", "label": label}));
        let ended = answer["ended"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        assert!(self.child.wait().unwrap().success());
        ended
    }

    pub(crate) fn types(&mut self, field: &str, text: &str) -> Value {
        self.send(&json!({"do": "type", "field": field, "text": text}))["screen"].take()
    }

    pub(crate) fn camera(&mut self, images: &[PathBuf]) -> Value {
        self.send(&json!({"do": "camera", "images": images}))["screen"].take()
    }

    pub(crate) fn wait(&mut self, seconds: u64) -> Value {
        self.send(&json!({"do": "wait", "seconds": seconds}))
    }

    /// Presses a button for as long as it is on the screen, and gives the texts on the way.
    pub(crate) fn through(&mut self, label: &str) -> Vec<String> {
        let (mut texts, mut screen) = (Vec::new(), self.screen());
        loop {
            texts.extend(list(&screen["texts"]));
            if !list(&screen["buttons"]).contains(&label.to_owned()) {
                return texts;
            }
            screen = self.press(label);
        }
    }

    /// Has the code on the screen drawn, and gives the picture of its first frame.
    pub(crate) fn code(&mut self) -> PathBuf {
        let answer = self.send(&json!({"do": "codes", "dir": self.folder.fresh(), "count": 1}));
        PathBuf::from(answer["files"][0].as_str().unwrap())
    }

    /// Reads the message on the screen from its pictures.
    pub(crate) fn message(&mut self) -> Vec<u8> {
        let mut assembly = Assembly::new();
        loop {
            let answer = self.send(&json!({"do": "codes", "dir": self.folder.fresh(), "count": 20}));
            for file in list(&answer["files"]) {
                let picture = picture::decode(&std::fs::read(file).unwrap()).unwrap().remove(0);
                for symbol in read(&picture) {
                    if let Ok(Fate::Complete(message)) = assembly.take(&symbol) {
                        return message;
                    }
                }
            }
        }
    }

    /// Shows a message to the desk's camera.
    pub(crate) fn show(&mut self, message: &[u8]) -> Value {
        let density = Density::new(20, Level::L).unwrap();
        let transfer = Transfer::new(message, density.capacity() - FRAME_OVERHEAD).unwrap();
        let folder = self.folder.fresh();
        let frame = |number| {
            let bytes = transfer.frame(number);
            let symbol = Symbol::encode(&bytes, Density::smallest_for(bytes.len(), Level::L).unwrap()).unwrap();
            let file = folder.join(format!("{number}.png"));
            std::fs::write(&file, picture::png(&symbol.picture(4)).unwrap()).unwrap();
            file
        };
        self.camera(&(0..transfer.least_frames() + 2).map(frame).collect::<Vec<_>>())
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn list(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Throws fair dice.
pub(crate) fn dice(seed: u8, count: usize) -> String {
    let mut rng = ChaCha20Rng::from_seed([seed; 32]);
    // Numbers from 252 on are thrown away, so that all six are as probable.
    let bytes = core::iter::repeat_with(|| rng.next_u32() & 0xff).filter(|byte| *byte < 252);
    bytes.take(count).map(|byte| char::from_digit(byte % 6 + 1, 10).unwrap()).collect()
}

/// A vault's cards as pictures, and what only their custodians know.
pub(crate) struct Cards {
    pub(crate) pictures: Vec<PathBuf>,
    pub(crate) passphrases: Vec<String>,
}

impl Cards {
    /// Presents one card, numbered from 1.
    pub(crate) fn present(&self, desk: &mut Desk<'_>, number: usize) -> Value {
        desk.camera(&self.pictures[number - 1..number]);
        desk.types("passphrase", &self.passphrases[number - 1]);
        desk.press("Present this card")
    }

    /// Opens the vault on its own clock.
    pub(crate) fn open(&self, desk: &mut Desk<'_>) -> Value {
        desk.press("Open the vault");
        desk.press("Continue");
        self.present(desk, 1);
        self.present(desk, 3)
    }
}

/// Goes from a blank desk to the roll-call by a plan of 2 of 3 that is typed, and gives what its
/// pages say.
pub(crate) fn type_plan(desk: &mut Desk<'_>) -> Vec<String> {
    assert_eq!(desk.press("Create a vault")["name"], "date");
    desk.press("Continue");
    desk.press("Type a plan");
    for (field, text) in
        [("title", "Registry of Lyon"), ("place", "Room 12"), ("threshold", "2"), ("cards", "3"), ("witness", "Yann")]
    {
        desk.types(field, text);
    }
    desk.press("Continue");
    for name in NAMES {
        desk.types("custodian", name);
        desk.press("Continue");
    }
    let said = desk.through("Next");
    assert_eq!(desk.press("Continue")["name"], "roll-call");
    said
}

/// Makes one card and reads it back from the picture of its code.
pub(crate) fn make_card(desk: &mut Desk<'_>, passphrase: &str) -> PathBuf {
    desk.types("passphrase", passphrase);
    desk.types("passphrase-again", passphrase);
    assert_eq!(desk.press("Make the card")["name"], "card");
    let picture = desk.code();
    read_back(desk, &picture, passphrase);
    picture
}

pub(crate) fn read_back(desk: &mut Desk<'_>, picture: &Path, passphrase: &str) {
    desk.press("Read it back");
    desk.camera(&[picture.to_owned()]);
    desk.types("passphrase", passphrase);
    desk.press("Verify");
}

/// Makes a vault of 2 of 3 cards up to the end of its drill, and gives the cards and the public keys.
pub(crate) fn in_service(folder: &Folder) -> (Cards, PublicKeys) {
    let mut desk = folder.desk(&[]);
    type_plan(&mut desk);
    desk.through("Is here");
    assert_eq!(desk.press("Continue")["name"], "passphrase");
    let mut cards = Cards { pictures: Vec::new(), passphrases: Vec::new() };
    for name in NAMES {
        let passphrase = format!("six quiet words only {name} knows");
        cards.pictures.push(make_card(&mut desk, &passphrase));
        cards.passphrases.push(passphrase);
    }
    assert_eq!(desk.end("Done"), "created");
    let public = drill(folder, &cards);
    (cards, public)
}

/// Holds the drill in a new process, and gives the public keys that it shows.
pub(crate) fn drill(folder: &Folder, cards: &Cards) -> PublicKeys {
    let mut desk = folder.desk(&[]);
    desk.press("Hold the drill");
    for number in 1..=3 {
        cards.present(&mut desk, number);
    }
    let screen = desk.screen();
    assert_eq!(screen["name"], "drilled", "{screen}");
    let public = PublicKeys::decode(&desk.message()).unwrap();
    assert!(list(&screen["texts"]).contains(&public.fingerprint().to_string()), "{screen}");
    assert_eq!(desk.end("Done"), "drilled");
    public
}
