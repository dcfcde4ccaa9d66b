//! QEMU's own line: pictures of the screen, touches, the switch.

use cloison_tests::Result;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// QEMU's measure of a screen: its far edge.
const FAR: usize = 0x7fff;

/// A connection to a running QEMU.
pub(crate) struct Qmp {
    from: BufReader<UnixStream>,
    to: UnixStream,
}

impl Qmp {
    /// Connects and agrees on the protocol.
    pub(crate) fn connect(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket).map_err(|error| format!("QEMU does not answer: {error}"))?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        let to = stream.try_clone().map_err(|error| error.to_string())?;
        let mut qmp = Self { from: BufReader::new(stream), to };
        qmp.line()?;
        qmp.does("qmp_capabilities", json!({}))?;
        Ok(qmp)
    }

    fn line(&mut self) -> Result<Value> {
        let mut line = String::new();
        let read = self.from.read_line(&mut line).map_err(|error| format!("QEMU is silent: {error}"))?;
        if read == 0 {
            return Err("QEMU is gone".to_owned());
        }
        serde_json::from_str(&line).map_err(|error| format!("QEMU said {line:?}: {error}"))
    }

    /// Has a command done, passing over what else QEMU tells meanwhile.
    pub(crate) fn does(&mut self, command: &str, arguments: Value) -> Result<Value> {
        let line = json!({"execute": command, "arguments": arguments}).to_string();
        writeln!(self.to, "{line}").map_err(|error| format!("QEMU is gone: {error}"))?;
        loop {
            let mut answer = self.line()?;
            if let Some(error) = answer.get("error") {
                return Err(format!("QEMU does not {command}: {error}"));
            }
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
        }
    }

    /// Puts a finger down at a place of a screen of this size, or lifts it there.
    pub(crate) fn finger(&mut self, (x, y): (usize, usize), (width, height): (usize, usize), down: bool) -> Result<()> {
        let part = |at: usize, size: usize| at.min(size - 1) * FAR / (size - 1).max(1);
        let axis = |name: &str, value: usize| json!({"type": "abs", "data": {"axis": name, "value": value}});
        let mut events = vec![axis("x", part(x, width)), axis("y", part(y, height))];
        events.push(json!({"type": "btn", "data": {"button": "left", "down": down}}));
        self.does("input-send-event", json!({"events": events})).map(drop)
    }
}
