//! Putting a message together from pictures, in any order, with strangers among them.

use super::{QrError, Reader};
use crate::{
    error::Error,
    files::{self, Readers},
    home::Home,
    screen::{note, shown, size},
};
use cloison_protocol::{Assembly, Card, Fate, Frame, FrameError, TransferId};
use std::path::{Path, PathBuf};

/// How many transfers are kept apart; pictures of more than these are a mistake.
const MAX_TRANSFERS: usize = 16;

/// Reads pictures and writes the message that they carry.
///
/// # Errors
/// [`QrError`]; then nothing is written.
pub(crate) fn scan(home: Option<&Home>, pictures: &[PathBuf], output: &Path, force: bool) -> Result<(), Error> {
    files::refuse_existing(output, force)?;
    files::refuse_inputs(pictures, output)?;
    home.map_or(Ok(()), |home| home.refuse_own(output))?;
    let mut gathering = Gathering::new()?;
    for path in pictures {
        gathering.picture(path);
    }
    let payload = gathering.payload()?;
    files::write(output, &payload, Readers::Umask, force)?;
    note(format_args!("Complete: {} in {}.", size(payload.len() as u64), shown(output)));
    Ok(())
}

/// Everything that was read so far.
pub(crate) struct Gathering {
    reader: Reader,
    /// In the order of their first frames: the first is the one that is being read.
    transfers: Vec<Gathered>,
    pictures: Vec<PathBuf>,
    unreadable: usize,
    cards: usize,
}

/// One transfer among those on the pictures. An [`Assembly`] alone follows a screen, where three
/// strangers in a row mean that it changed; among pictures in any order they mean nothing.
struct Gathered {
    id: TransferId,
    length: u32,
    symbol_size: usize,
    assembly: Assembly,
    /// The distinct codes until the payload is there, each with the number of its picture.
    codes: Vec<(Vec<u8>, usize)>,
    needed: usize,
    /// Whether enough codes came that do not belong together.
    corrupt: bool,
    payload: Option<Vec<u8>>,
}

impl Gathering {
    /// Starts with nothing read.
    ///
    /// # Errors
    /// The reading process cannot be named.
    pub(crate) fn new() -> Result<Self, QrError> {
        Ok(Self { reader: Reader::new()?, transfers: Vec::new(), pictures: Vec::new(), unreadable: 0, cards: 0 })
    }

    /// Reads one picture and says what became of it; a bad picture harms nothing.
    pub(crate) fn picture(&mut self, path: &Path) {
        self.pictures.push(path.to_owned());
        let sights = match self.reader.picture(path) {
            Ok(sights) => sights,
            Err(error) => {
                self.unreadable += 1;
                return note(format_args!("{}: {error}", shown(path)));
            }
        };
        let mut found = Found::default();
        for code in sights.iter().flat_map(|sight| &sight.symbols) {
            self.code(code, &mut found);
        }
        note(format_args!("{}: {}{}", shown(path), found.words(), self.progress()));
    }

    /// Gives the one message that is complete.
    ///
    /// # Errors
    /// None is, or more than one.
    pub(crate) fn payload(&mut self) -> Result<Vec<u8>, QrError> {
        if self.transfers.iter().all(|gathered| gathered.payload.is_none()) {
            self.leave_one_out();
        }
        let complete: Vec<_> =
            self.transfers.iter().filter_map(|gathered| Some((gathered.id, gathered.payload.as_ref()?))).collect();
        match complete.as_slice() {
            [(_, payload)] => Ok((*payload).clone()),
            [] => Err(self.missing()),
            [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other == first) => Ok((*first).clone()),
            several => Err(QrError::Several(several.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>().join(", "))),
        }
    }

    /// Tries what was announced without one code, so that a forged picture does not spoil the rest.
    fn leave_one_out(&mut self) {
        for gathered in self.transfers.iter_mut().filter(|gathered| gathered.corrupt) {
            let picture = gathered.leave_one_out().and_then(|picture| self.pictures.get(picture));
            if let Some(picture) = picture {
                note(format_args!("{}: its code of transfer {} is wrong, and was left out.", shown(picture), gathered.id));
            }
        }
    }

    fn missing(&self) -> QrError {
        if self.unreadable > 0 && self.unreadable == self.pictures.len() {
            return QrError::NoneOpened(self.unreadable);
        }
        // The one that got furthest is the one that somebody meant.
        match self.transfers.iter().max_by_key(|gathered| gathered.codes.len() * 1000 / gathered.needed.max(1)) {
            Some(nearest) if nearest.corrupt => QrError::Corrupt(nearest.id),
            Some(nearest) => QrError::Incomplete { transfer: nearest.id, read: nearest.codes.len(), needed: nearest.needed },
            None if self.cards > 0 => QrError::CardOnly,
            None => QrError::Nothing { unreadable: self.unreadable },
        }
    }

    fn code(&mut self, code: &[u8], found: &mut Found) {
        let frame = match Frame::decode(code) {
            Ok(frame) => frame,
            Err(_) if Card::decode(code).is_ok() => {
                self.cards += 1;
                found.cards += 1;
                return;
            }
            Err(FrameError::NotAFrame) => return found.foreign += 1,
            Err(FrameError::Damaged) => return found.damaged += 1,
            Err(error) => return found.remarks.push(error.to_string()),
        };
        let reading = self.transfers.first().map(|first| first.id);
        if let Some(reading) = reading.filter(|reading| *reading != frame.transfer) {
            found.remarks.push(format!("this is {}, not {reading}", frame.transfer));
        }
        let picture = self.pictures.len().saturating_sub(1);
        let Some(gathered) = self.gathered(&frame) else { return };
        if gathered.payload.is_some() {
            return found.spare += 1;
        }
        if gathered.take(code, picture) {
            found.new += 1;
        } else {
            found.repeated += 1;
        }
    }

    fn gathered(&mut self, frame: &Frame) -> Option<&mut Gathered> {
        let same = |known: &Gathered| {
            known.id == frame.transfer && known.length == frame.length && known.symbol_size == frame.symbol.len()
        };
        let at = match self.transfers.iter().position(same) {
            Some(at) => at,
            None if self.transfers.len() < MAX_TRANSFERS => {
                self.transfers.push(Gathered::announced_by(frame));
                self.transfers.len() - 1
            }
            None => return None,
        };
        self.transfers.get_mut(at)
    }

    fn progress(&self) -> String {
        match self.transfers.first() {
            None => String::new(),
            Some(first) if first.payload.is_some() => format!("; transfer {} is complete", first.id),
            Some(first) => format!("; transfer {} has {} of {}", first.id, first.codes.len(), first.needed),
        }
    }
}

impl Gathered {
    fn announced_by(frame: &Frame) -> Self {
        Self {
            id: frame.transfer,
            length: frame.length,
            symbol_size: frame.symbol.len(),
            assembly: Assembly::new(),
            codes: Vec::new(),
            needed: frame.source_symbols(),
            corrupt: false,
            payload: None,
        }
    }

    /// Takes one code; gives `false` for one that is there already.
    fn take(&mut self, code: &[u8], picture: usize) -> bool {
        if self.codes.iter().any(|(known, _)| known == code) {
            return false;
        }
        self.codes.push((code.to_vec(), picture));
        match self.assembly.take(code) {
            Ok(Fate::Complete(payload)) => self.payload = Some(payload),
            Ok(Fate::Corrupt) => self.corrupt = true,
            _ => {}
        }
        true
    }

    /// Finds the one code without which the others are the payload, and gives its picture.
    fn leave_one_out(&mut self) -> Option<usize> {
        let without = |left_out: usize| {
            let others = self.codes.iter().enumerate().filter(|(index, _)| *index != left_out);
            assembled(others.map(|(_, (code, _))| code.as_slice()))
        };
        let (wrong, payload) = (0..self.codes.len()).find_map(|index| Some((index, without(index)?)))?;
        self.payload = Some(payload);
        self.codes.get(wrong).map(|(_, picture)| *picture)
    }
}

fn assembled<'a>(codes: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut assembly = Assembly::new();
    for code in codes {
        match assembly.take(code) {
            Ok(Fate::Complete(payload)) => return Some(payload),
            Ok(Fate::Corrupt) => return None,
            _ => {}
        }
    }
    None
}

/// What was on one picture.
#[derive(Default)]
struct Found {
    new: usize,
    repeated: usize,
    spare: usize,
    damaged: usize,
    foreign: usize,
    cards: usize,
    remarks: Vec<String>,
}

impl Found {
    fn words(mut self) -> String {
        let counted = [
            (self.new, "new"),
            (self.repeated, "read before"),
            (self.spare, "not needed any more"),
            (self.damaged, "damaged"),
            (self.foreign, "not Cloison's"),
            (self.cards, "a custodian's card, which stays offline"),
        ];
        let mut words: Vec<_> =
            counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        self.remarks.sort();
        self.remarks.dedup();
        words.extend(self.remarks);
        if words.is_empty() { "no code found".to_owned() } else { words.join(", ") }
    }
}
