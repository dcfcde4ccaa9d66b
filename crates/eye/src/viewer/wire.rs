//! The bytes between the kiosk and its viewer. Both sides check every length before they allocate.
//!
//! ```text
//! request   columns u16 · width u16 · height u16 · length u32 · content
//! answer    length u32 of what follows · kind u8 ·
//!     0     text: the lines with line feeds between them
//!     1     table: rows u32 · that many times: length u32 · path · length u32 · value
//!     2     picture: width u16 · height u16 · original width u32 · original height u32 · pixels
//!     3     refused: code u8
//! ```
//!
//! All numbers are little-endian. The format is private to one build: both ends are the same
//! program, so it has no version.

use super::{COLUMNS, Content, Kind, Limits, MAX_CONTENT, MAX_LINES, MAX_PICTURE, MAX_ROWS, Picture, Table, Text, text};
use std::io::{self, Read};
use zeroize::Zeroizing;

/// The most bytes of text or of a table with its lengths: above what 1 MiB can become as text.
pub(super) const MAX_ANSWER: usize = 16 << 20;

/// The bytes of a row beside its path and its value.
pub(super) const ROW_HEAD: usize = 8;

/// The kind, and what stands before the text, the rows or the pixels.
const ANSWER_HEAD: usize = 13;

const TEXT: u8 = 0;
const TABLE: u8 = 1;
const PICTURE: u8 = 2;
const REFUSED: u8 = 3;

/// Says why a record of a kind that can be shown is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing in it.
    Empty,
    /// The picture is damaged or incomplete.
    Damaged,
    /// The picture has too many pixels, or too many on one side.
    TooLarge,
    /// The text has too many lines, or the table too many rows or too long ones.
    TooLong,
    /// The JSON has too many levels.
    TooDeep,
    /// The picture moves, and one frame of it is not the record.
    Moving,
    /// The decoder failed.
    Failed,
}

impl Reason {
    /// Says in one sentence what to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Empty => "Ask whoever encrypted it for the right record",
            Self::Damaged => "Ask whoever encrypted it to encrypt an undamaged copy",
            Self::TooLarge => "Ask whoever encrypted it to encrypt a smaller picture",
            Self::TooLong => "Ask whoever encrypted it to encrypt it in parts",
            Self::TooDeep => "Ask whoever encrypted it for a simpler form of it",
            Self::Moving => "Ask whoever encrypted it to encrypt each frame as a picture of its own",
            Self::Failed => "Ask whoever encrypted it to export it again as text or PNG",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("there is nothing in it"),
            Self::Damaged => f.write_str("the picture is damaged or incomplete"),
            Self::TooLarge => f.write_str("the picture has more pixels than are decoded here"),
            Self::TooLong => write!(f, "it has more than {MAX_LINES} lines or {MAX_ROWS} rows, or too much in them"),
            Self::TooDeep => write!(f, "its JSON has more than {} levels", super::MAX_DEPTH),
            Self::Moving => f.write_str("the picture is animated"),
            Self::Failed => f.write_str("the decoder failed on it"),
        }
    }
}

/// Says why the child shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Unconfined,
    Unsupported(Kind),
    Unshowable(Reason),
}

impl Refusal {
    /// All of them; the place is the code.
    const ALL: [Self; 13] = [
        Self::Unconfined,
        Self::Unsupported(Kind::Pdf),
        Self::Unsupported(Kind::Archive),
        Self::Unsupported(Kind::OtherPicture),
        Self::Unsupported(Kind::Encrypted),
        Self::Unsupported(Kind::Unknown),
        Self::Unshowable(Reason::Empty),
        Self::Unshowable(Reason::Damaged),
        Self::Unshowable(Reason::TooLarge),
        Self::Unshowable(Reason::TooLong),
        Self::Unshowable(Reason::TooDeep),
        Self::Unshowable(Reason::Moving),
        Self::Unshowable(Reason::Failed),
    ];
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Unshowable(reason)
    }
}

/// What the child answers.
pub(super) type Answer = Result<Content, Refusal>;

/// What is to be filled; within the bounds on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) columns: u16,
    pub(super) width: u16,
    pub(super) height: u16,
}

impl Room {
    /// Takes sizes and brings them within their bounds.
    pub(super) fn new(columns: u16, width: u16, height: u16) -> Self {
        let columns = columns.clamp(COLUMNS.0, COLUMNS.1);
        Self { columns, width: width.clamp(1, MAX_PICTURE.0), height: height.clamp(1, MAX_PICTURE.1) }
    }
}

impl From<&Limits> for Room {
    fn from(limits: &Limits) -> Self {
        Self::new(limits.columns, limits.width, limits.height)
    }
}

/// Writes a request about content that is within its limit.
pub(super) fn request(room: Room, content: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut request = Zeroizing::new(Vec::with_capacity(10 + content.len()));
    for size in [room.columns, room.width, room.height] {
        request.extend(size.to_le_bytes());
    }
    put(&mut request, content);
    request
}

/// Reads a request.
///
/// # Errors
/// `InvalidData` for an impossible one, otherwise what the pipe says.
pub(super) fn read_request(input: &mut impl Read) -> io::Result<(Room, Zeroizing<Vec<u8>>)> {
    let mut head = [0; 10];
    input.read_exact(&mut head)?;
    let [a, b, c, d, e, f, length @ ..] = head;
    let room = Room::new(u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]), u16::from_le_bytes([e, f]));
    Ok((room, read_bytes(input, length, MAX_CONTENT)?))
}

/// Writes an answer, in one allocation.
pub(super) fn answer(answer: &Answer) -> Zeroizing<Vec<u8>> {
    let size = match answer {
        Ok(Content::Text(text)) => text.lines.len(),
        Ok(Content::Table(table)) => table.rows.iter().flatten().map(|cell| ROW_HEAD / 2 + cell.len()).sum(),
        Ok(Content::Picture(picture)) => picture.pixels.len(),
        Err(_) => 0,
    };
    let mut out = Zeroizing::new(Vec::with_capacity(4 + ANSWER_HEAD + size));
    out.extend([0; 4]);
    match answer {
        Ok(Content::Text(text)) => {
            out.push(TEXT);
            out.extend_from_slice(text.lines.as_bytes());
        }
        Ok(Content::Table(table)) => {
            out.push(TABLE);
            out.extend(number(table.rows.len()));
            table.rows.iter().flatten().for_each(|cell| put(&mut out, cell.as_bytes()));
        }
        Ok(Content::Picture(picture)) => {
            out.push(PICTURE);
            out.extend([picture.width, picture.height].map(u16::to_le_bytes).as_flattened());
            out.extend([picture.original.0, picture.original.1].map(u32::to_le_bytes).as_flattened());
            out.extend_from_slice(&picture.pixels);
        }
        Err(refusal) => {
            let code = Refusal::ALL.iter().position(|known| known == refusal);
            out.extend([REFUSED, code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)]);
        }
    }
    let length = number(out.len() - 4);
    out[..4].copy_from_slice(&length);
    out
}

/// Reads the bytes of an answer, which [`parsed`] looks at.
///
/// # Errors
/// `InvalidData` for a length that no honest child announces, otherwise what the pipe says.
pub(super) fn read_answer(input: &mut impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    read_bytes(input, length, ANSWER_HEAD + MAX_ANSWER)
}

/// Takes an answer apart; `None` where no honest child gives it.
pub(super) fn parsed(mut bytes: &[u8], room: Room) -> Option<Answer> {
    let from = &mut bytes;
    let answer = match take::<1>(from)? {
        [TEXT] => Ok(Content::Text(text(take_all(from), room)?)),
        [TABLE] => Ok(Content::Table(table(from)?)),
        [PICTURE] => Ok(Content::Picture(picture(from, room)?)),
        [REFUSED] => Err(*Refusal::ALL.get(usize::from(take::<1>(from)?[0]))?),
        _ => return None,
    };
    bytes.is_empty().then_some(answer)
}

fn text(bytes: &[u8], room: Room) -> Option<Text> {
    let text = Text { lines: Zeroizing::new(std::str::from_utf8(bytes).ok()?.to_owned()) };
    // A letter a column, two marks on it, and a space that hangs over.
    let most = 3 * (usize::from(room.columns) + 1);
    let fits = |line: &str| line.chars().all(text::is_shown) && line.chars().count() <= most;
    (text.lines().count() <= MAX_LINES && text.lines().all(fits)).then_some(text)
}

fn table(from: &mut &[u8]) -> Option<Table> {
    let count = usize::try_from(u32::from_le_bytes(take(from)?)).ok().filter(|count| *count <= MAX_ROWS)?;
    let mut rows = Vec::with_capacity(count);
    for _ in 0..count {
        rows.push([cell(from)?, cell(from)?]);
    }
    Some(Table { rows })
}

fn cell(from: &mut &[u8]) -> Option<Zeroizing<String>> {
    let length = usize::try_from(u32::from_le_bytes(take(from)?)).ok()?;
    let (cell, rest) = from.split_at_checked(length)?;
    *from = rest;
    let cell = std::str::from_utf8(cell).ok()?;
    cell.chars().all(text::is_shown).then(|| Zeroizing::new(cell.to_owned()))
}

fn picture(from: &mut &[u8], room: Room) -> Option<Picture> {
    let (width, height) = (u16::from_le_bytes(take(from)?), u16::from_le_bytes(take(from)?));
    let original = (u32::from_le_bytes(take(from)?), u32::from_le_bytes(take(from)?));
    let fits = (1..=room.width).contains(&width) && (1..=room.height).contains(&height);
    let larger = original.0 >= u32::from(width) && original.1 >= u32::from(height);
    let pixels = take_all(from);
    let whole = pixels.len() == 3 * usize::from(width) * usize::from(height);
    (fits && larger && whole).then(|| Picture { width, height, original, pixels: Zeroizing::new(pixels.to_vec()) })
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(*head)
}

fn take_all<'a>(from: &mut &'a [u8]) -> &'a [u8] {
    std::mem::take(from)
}

/// Reads as many bytes as are announced, into one allocation that is wiped.
fn read_bytes(input: &mut impl Read, length: [u8; 4], most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(number(bytes.len()));
    out.extend_from_slice(bytes);
}

/// Writes a length, all of which are far below 2³².
fn number(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROOM: Room = Room { columns: 20, width: 4, height: 3 };

    fn through(answered: Answer) -> Option<Answer> {
        let bytes = answer(&answered);
        let capacity = bytes.capacity();
        let read = read_answer(&mut &bytes[..]).unwrap();
        assert!(bytes.len() <= capacity && read.len() + 4 == bytes.len());
        parsed(&read, ROOM)
    }

    fn line(text: &str) -> Answer {
        Ok(Content::Text(Text { lines: Zeroizing::new(text.into()) }))
    }

    fn cells(cells: &[[&str; 2]]) -> Answer {
        let rows = cells.iter().map(|row| row.map(|cell| Zeroizing::new(cell.into()))).collect();
        Ok(Content::Table(Table { rows }))
    }

    fn pixels(width: u16, height: u16, original: (u32, u32), count: usize) -> Answer {
        Ok(Content::Picture(Picture { width, height, original, pixels: Zeroizing::new(vec![7; count]) }))
    }

    #[test]
    fn every_answer_comes_through_unchanged() {
        assert!(matches!(through(line("a\n\nb")), Some(Ok(Content::Text(text))) if text.lines().eq(["a", "", "b"])));
        let table = through(cells(&[["a.b", "1.10"], ["", "é"]]));
        assert!(matches!(table, Some(Ok(Content::Table(table))) if table.rows().eq([("a.b", "1.10"), ("", "é")])));
        let Some(Ok(Content::Picture(picture))) = through(pixels(4, 3, (400, 300), 36)) else { panic!("no picture") };
        assert_eq!((picture.width(), picture.height(), picture.original()), (4, 3, (400, 300)));
        assert_eq!(picture.pixels(), [7; 36]);
        for refusal in Refusal::ALL {
            assert_eq!(through(Err(refusal)).unwrap().err(), Some(refusal));
        }
    }

    #[test]
    fn a_request_comes_through_within_its_bounds() {
        let request = request(ROOM, b"content");
        let (room, content) = read_request(&mut &request[..]).unwrap();
        assert_eq!((room, &content[..]), (ROOM, &b"content"[..]));
        assert_eq!(Room::new(0, 0, 0), Room { columns: 20, width: 1, height: 1 });
        assert_eq!(Room::new(u16::MAX, u16::MAX, u16::MAX), Room { columns: 512, width: 1280, height: 720 });
    }

    #[test]
    fn an_answer_that_no_honest_child_gives_is_refused() {
        let accent = "e\u{301}\u{301}".repeat(21);
        assert!(through(line(&accent)).is_some());
        let dishonest = [
            line(&format!("{accent}e")),
            line("a\u{202E}b"),
            line("a\tb"),
            line(&"\n".repeat(MAX_LINES)),
            cells(&[["a", "two\nlines"]]),
            cells(&vec![["a", "b"]; MAX_ROWS + 1]),
            pixels(5, 3, (5, 3), 45),
            pixels(4, 4, (4, 4), 48),
            pixels(0, 3, (4, 3), 0),
            pixels(4, 3, (3, 3), 36),
            pixels(4, 3, (4, 3), 35),
            pixels(4, 3, (4, 3), 37),
        ];
        for (number, answer) in dishonest.into_iter().enumerate() {
            assert!(through(answer).is_none(), "{number}");
        }
        for bytes in
            [&[][..], &[4], &[REFUSED], &[REFUSED, 13], &[REFUSED, 0, 0], &[TABLE, 1, 0, 0, 0], &[PICTURE, 1, 0], &[TEXT, 0xff]]
        {
            assert!(parsed(bytes, ROOM).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn a_length_above_its_limit_is_refused_before_it_is_allocated() {
        let announced = |length: usize| [&number(length)[..], b"x"].concat();
        let kind = |length| read_answer(&mut &announced(length)[..]).unwrap_err().kind();
        assert_eq!(kind(ANSWER_HEAD + MAX_ANSWER + 1), io::ErrorKind::InvalidData);
        assert_eq!(kind(usize::MAX), io::ErrorKind::InvalidData);
        assert_eq!(kind(2), io::ErrorKind::UnexpectedEof);
        let request = [&[0; 6][..], &announced(MAX_CONTENT + 1)].concat();
        assert_eq!(read_request(&mut &request[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn every_reason_has_its_own_words() {
        let reasons: Vec<Reason> = Refusal::ALL
            .iter()
            .filter_map(|refusal| if let Refusal::Unshowable(reason) = refusal { Some(*reason) } else { None })
            .collect();
        let words = |say: &dyn Fn(Reason) -> String| {
            reasons.iter().map(|reason| say(*reason)).collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!((words(&|reason| reason.to_string()), words(&|reason| reason.advice().into())), (7, 7));
    }

    proptest! {
        #[test]
        fn a_strangers_answer_never_panics(bytes: Vec<u8>) {
            let _ = parsed(&bytes, ROOM);
            let _ = read_answer(&mut &bytes[..]);
            let _ = read_request(&mut &bytes[..]);
        }
    }
}
