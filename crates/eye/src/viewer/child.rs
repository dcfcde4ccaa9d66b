//! The child's side: confines itself, takes one record, shows it, and ends.

use super::kind::{Found, found};
use super::wire::{self, Answer, Reason, Refusal, Room};
use super::{Content, picture, table, text};
use crate::confine::{Resources, confine};
use crate::roles::end_with_parent;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the viewer may use up. The largest picture, a progressive JPEG in four colours, was measured
/// to take 183 MiB with the program itself. The time is only the last resort, since the parent ends a
/// viewer that takes too long: the slowest picture took a second on a desk.
const RESOURCES: Resources = Resources { memory: 384 << 20, cpu_seconds: Some(60) };

/// Shows one record and returns; the process should then end.
///
/// `input` and `output` are the standard ones: the process is confined before the first byte is
/// read, and then has no others. Where it cannot be confined it looks at nothing and says so. The
/// process's panics are silent from here on, since their words could hold some of the record.
///
/// # Errors
/// A pipe breaks, or the request breaks off or is longer than [`super::show`] sends.
pub fn serve(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    std::panic::set_hook(Box::new(|_| {}));
    // So that no viewer is left behind with a record when the kiosk seals.
    end_with_parent();
    let answer = match confine(&RESOURCES) {
        Ok(_) => {
            let (room, content) = wire::read_request(&mut input)?;
            guarded(&content, room)
        }
        Err(_) => Err(Refusal::Unconfined),
    };
    output.write_all(&wire::answer(&answer))?;
    output.flush()
}

/// Turns a decoder's panic into an answer.
fn guarded(content: &[u8], room: Room) -> Answer {
    // The process ends after this job, so nothing that a panic left half changed is looked at.
    catch_unwind(AssertUnwindSafe(|| shown(content, room))).unwrap_or(Err(Reason::Failed.into()))
}

/// Decodes a record of any kind.
fn shown(content: &[u8], room: Room) -> Answer {
    if content.is_empty() {
        return Err(Reason::Empty.into());
    }
    match found(content) {
        Found::Png => Ok(Content::Picture(picture::png(content, room)?)),
        Found::Jpeg => Ok(Content::Picture(picture::jpeg(content, room)?)),
        Found::Text(source) => match table::flattened(source)? {
            Some(table) => Ok(Content::Table(table)),
            None => Ok(Content::Text(text::wrapped(source, usize::from(room.columns))?)),
        },
        Found::Other(kind) => Err(Refusal::Unsupported(kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, MAX_LINES};
    use super::*;
    use proptest::prelude::*;

    const ROOM: Room = Room { columns: 40, width: 100, height: 100 };

    fn refusal(content: &[u8]) -> Option<Refusal> {
        shown(content, ROOM).err()
    }

    #[test]
    fn each_kind_goes_to_its_own_decoder() {
        assert!(matches!(shown(b"{\"a\": 1}", ROOM), Ok(Content::Table(_))));
        assert!(matches!(shown(b"{not JSON}", ROOM), Ok(Content::Text(text)) if text.lines().eq(["{not JSON}"])));
        assert!(matches!(shown("été".as_bytes(), ROOM), Ok(Content::Text(_))));
        assert_eq!(refusal(b"%PDF-1.7"), Some(Refusal::Unsupported(Kind::Pdf)));
        assert_eq!(refusal(b"\xc3("), Some(Refusal::Unsupported(Kind::Unknown)));
        assert_eq!(refusal(b"\x89PNG\r\n\x1a\nno more"), Some(Reason::Damaged.into()));
        assert_eq!(refusal(b"\xff\xd8\xff\xd9"), Some(Reason::Damaged.into()));
    }

    #[test]
    fn nothing_is_an_answer_of_its_own() {
        assert_eq!(refusal(b""), Some(Reason::Empty.into()));
    }

    #[test]
    fn the_longest_text_that_a_record_can_become_fits_an_answer() {
        for content in ["\u{1}", "\t", "\u{1}\n", "x "] {
            let content = content.repeat(super::super::MAX_CONTENT / content.len());
            for columns in [20, 512] {
                match shown(content.as_bytes(), Room { columns, ..ROOM }) {
                    Ok(answered @ Content::Text(_)) => {
                        let bytes = wire::answer(&Ok(answered));
                        assert!(matches!(wire::parsed(&bytes[4..], Room { columns, ..ROOM }), Some(Ok(Content::Text(_)))));
                    }
                    answered => assert_eq!(answered.err(), Some(Reason::TooLong.into()), "{MAX_LINES} lines"),
                }
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_shown_is_what_the_parent_accepts(content: Vec<u8>) {
            let answered = shown(&content, ROOM);
            let bytes = wire::answer(&answered);
            prop_assert!(wire::parsed(&bytes[4..], ROOM).is_some());
        }

        #[test]
        fn whatever_text_is_shown_is_what_the_parent_accepts(content: String) {
            let answered = shown(content.as_bytes(), ROOM);
            let bytes = wire::answer(&answered);
            prop_assert!(wire::parsed(&bytes[4..], ROOM).is_some());
        }
    }
}
