//! Drives `cloison-desk` over its JSON lines.

use crate::{Result, programs::program};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// How the desk shows codes: `docs/formats.md` §28.
const PROFILE: &str = "5";

/// A running desk.
pub struct Desk {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Desk {
    /// Starts a desk on a data folder.
    ///
    /// # Errors
    /// In words.
    pub fn start(data: &Path) -> Result<Self> {
        Self::start_with(data, &[])
    }

    /// Starts a desk on a data folder with further options.
    ///
    /// # Errors
    /// In words.
    pub fn start_with(data: &Path, options: &[&str]) -> Result<Self> {
        let mut command = Command::new(program("cloison-desk")?);
        // Two codes side by side, wherever no words stand beside them.
        command.arg("--data").arg(data).args(["--profile", PROFILE]).args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("the desk does not start: {error}"))?;
        let input = child.stdin.take().ok_or("the desk has no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("the desk has no output")?);
        Ok(Self { child, input, output })
    }

    /// Sends one line and gives the answer, whatever it says.
    ///
    /// # Errors
    /// In words, when the desk is gone.
    pub fn raw(&mut self, line: &str) -> Result<Value> {
        writeln!(self.input, "{line}").map_err(|error| format!("the desk is gone: {error}"))?;
        let mut answer = String::new();
        self.output.read_line(&mut answer).map_err(|error| format!("the desk is gone: {error}"))?;
        serde_json::from_str(&answer).map_err(|error| format!("the desk said {answer:?}: {error}"))
    }

    fn send(&mut self, command: &Value) -> Result<Value> {
        let answer = self.raw(&command.to_string())?;
        match answer["error"].as_str() {
            None => Ok(answer),
            Some(error) => Err(format!("the desk refused {}: {error}", command["do"])),
        }
    }

    /// Gives the screen.
    ///
    /// # Errors
    /// In words.
    pub fn screen(&mut self) -> Result<Screen> {
        self.send(&json!({"do": "screen"})).map(Screen)
    }

    /// Presses a button by its label.
    ///
    /// # Errors
    /// In words.
    pub fn press(&mut self, label: &str) -> Result<Screen> {
        self.send(&json!({"do": "press", "label": label})).map(Screen)
    }

    /// Types a field's text.
    ///
    /// # Errors
    /// In words.
    pub fn type_in(&mut self, field: &str, text: &str) -> Result<Screen> {
        self.send(&json!({"do": "type", "field": field, "text": text})).map(Screen)
    }

    /// Holds pictures before the camera.
    ///
    /// # Errors
    /// In words.
    pub fn camera(&mut self, images: &[PathBuf]) -> Result<Screen> {
        self.send(&json!({"do": "camera", "images": images})).map(Screen)
    }

    /// Has the next `count` screens with a code drawn into `dir`.
    ///
    /// # Errors
    /// In words.
    pub fn codes(&mut self, dir: &Path, count: u32) -> Result<Vec<PathBuf>> {
        let answer = self.send(&json!({"do": "codes", "dir": dir, "count": count}))?;
        let files = answer["files"].as_array().ok_or("the desk named no files")?;
        Ok(files.iter().filter_map(|file| file.as_str().map(PathBuf::from)).collect())
    }

    /// Moves the clock of a desk that was started with one, and lets it notice.
    ///
    /// # Errors
    /// In words.
    pub fn pass(&mut self, seconds: u64) -> Result<Screen> {
        self.send(&json!({"do": "wait", "seconds": seconds})).map(Screen)
    }

    /// Waits for the process to end, as sealing makes it.
    ///
    /// # Errors
    /// In words, when it ended badly.
    pub fn wait(mut self) -> Result<()> {
        drop(self.input);
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the desk ended with {status}")) }
    }

    /// Kills the process, as a power cut does.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A screen as the desk tells it.
pub struct Screen(pub Value);

impl Screen {
    /// Gives its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0["screen"]["name"].as_str().unwrap_or_default()
    }

    /// Gives its title.
    #[must_use]
    pub fn title(&self) -> &str {
        self.0["screen"]["title"].as_str().unwrap_or_default()
    }

    /// Gives what it says of the last event.
    #[must_use]
    pub fn notice(&self) -> &str {
        self.0["screen"]["notice"].as_str().unwrap_or_default()
    }

    /// Gives what is shown of a record, line by line.
    #[must_use]
    pub fn content(&self) -> Vec<String> {
        let lines = |name: &str| self.0["screen"]["content"][name].as_array().cloned().unwrap_or_default();
        let row = |cells: &Value| list(cells).join(": ");
        let texts = lines("lines").into_iter().filter_map(|line| line.as_str().map(str::to_owned));
        texts.chain(lines("rows").iter().map(row)).collect()
    }

    /// Gives its texts.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        list(&self.0["screen"]["texts"])
    }

    /// Tells whether a button is on it.
    #[must_use]
    pub fn has(&self, label: &str) -> bool {
        list(&self.0["screen"]["buttons"]).contains(&label)
    }

    /// Gives the eight words that it shows.
    ///
    /// # Errors
    /// In words, when it shows none.
    pub fn words(&self) -> Result<String> {
        let eight = |text: &&str| text.split(' ').count() == 8 && text.chars().all(|c| c.is_ascii_lowercase() || c == ' ');
        self.texts().into_iter().find(eight).map(str::to_owned).ok_or_else(|| format!("no words on {}", self.name()))
    }

    /// Goes on only from the screen of this name.
    ///
    /// # Errors
    /// In words, with what the kiosk says instead.
    pub fn expect(self, name: &str) -> Result<Self> {
        if self.name() == name {
            return Ok(self);
        }
        Err(format!("expected the screen {name:?}, and it is {:?} ({}): {}", self.name(), self.title(), self.notice()))
    }
}

fn list(value: &Value) -> Vec<&str> {
    value.as_array().map(|items| items.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}
