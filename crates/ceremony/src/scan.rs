//! A message read from codes.

use crate::screen::{Button, Notice, Screen, View};
use cloison_protocol::{Assembly, Fate, FrameError, Kind, Message, MessageError};

/// A message being read.
pub(crate) struct Scan {
    expected: Kind,
    assembly: Assembly,
}

impl Scan {
    pub(crate) fn new(expected: Kind) -> Self {
        Self { expected, assembly: Assembly::new() }
    }

    /// Takes one code; gives the message once it is complete, verified, and of the expected kind.
    pub(crate) fn code(&mut self, bytes: &[u8]) -> Result<Option<Message>, Notice> {
        match self.assembly.take(bytes) {
            Ok(Fate::Complete(payload)) => self.message(&payload).map(Some),
            Ok(Fate::Stranger { reading, this }) => Err(Notice::Stranger { reading, this }),
            Ok(Fate::Corrupt) => Err(Notice::Corrupt),
            Ok(_) => Ok(None),
            Err(FrameError::NotAFrame) => Err(self.not_a_frame(bytes)),
            Err(error) => Err(Notice::Frame(error)),
        }
    }

    fn message(&mut self, payload: &[u8]) -> Result<Message, Notice> {
        // Whatever it was, the next transfer is read from its start.
        self.assembly = Assembly::new();
        let message = Message::decode(payload).map_err(Notice::Message)?;
        let found = message.kind();
        if found == self.expected { Ok(message) } else { Err(self.other(found)) }
    }

    fn not_a_frame(&self, bytes: &[u8]) -> Notice {
        match Message::decode(bytes) {
            Ok(message) => self.other(message.kind()),
            Err(_) => Notice::Frame(FrameError::NotAFrame),
        }
    }

    fn other(&self, found: Kind) -> Notice {
        Notice::Message(MessageError::OtherKind { expected: self.expected, found })
    }

    pub(crate) fn screen(&self) -> Screen {
        let (progress, pieces) = (self.assembly.progress(), self.assembly.pieces());
        let view = View::Scan { expected: self.expected, progress, pieces };
        let mut screen = Screen::of(view, &[Button::Cancel]);
        screen.camera = true;
        screen
    }
}
