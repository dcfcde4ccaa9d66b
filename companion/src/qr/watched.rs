//! What a camera's looks at a screen come to: a message in the end, and words for each look until then.
//!
//! It takes no picture and knows no clock: each look comes with the time since the first.

use cloison_eye::camera::{CameraError, Look, Taken};
use cloison_protocol::{Assembly, Card, Fate, FrameError, Progress, TransferId};
use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};
use zeroize::Zeroizing;

/// So long nothing new came from codes that are seen before it is said.
const STALE: Duration = Duration::from_secs(5);
/// So long no code was seen before it is said what would help.
const FRUITLESS: Duration = Duration::from_secs(1);

/// What one look showed.
pub(super) struct Seen<'a> {
    pub(super) codes: Vec<&'a [u8]>,
    pub(super) crowded: bool,
    pub(super) unfinished: bool,
    pub(super) taken: Taken,
}

impl<'a> From<&'a Look> for Seen<'a> {
    fn from(look: &'a Look) -> Self {
        let codes = look.symbols.iter().map(|symbol| symbol.as_slice()).collect();
        Self { codes, crowded: look.crowded, unfinished: look.unfinished, taken: look.taken() }
    }
}

/// What there is to say after one look.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    /// What became of it, in a word or two; empty where there was nothing to look at.
    pub(super) fate: String,
    /// What keeps the message from coming, where something does.
    pub(super) trouble: Option<Trouble>,
    /// The message, once it is whole.
    pub(super) payload: Option<Vec<u8>>,
}

/// Names what keeps a message from coming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Codes of another transfer.
    Another { reading: TransferId, this: TransferId },
    /// Codes that this program does not read; the protocol's own words.
    Refused(String),
    /// All that was announced came, and is not what was announced.
    Corrupt,
    /// One code, and no other.
    Same,
    /// The same codes in turns, and none that is missing.
    Turns,
    /// More patterns than are searched.
    Crowded,
    /// The time for a frame was over.
    Late,
    /// A custodian's card.
    Card,
    /// Codes of others.
    Foreign,
    /// No code, in a frame that was taken so.
    Nothing(Taken),
    /// The camera or its process; its own words.
    Camera(String),
}

impl Display for Trouble {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Another { reading, this } => {
                return write!(
                    f,
                    "This is transfer {this}, not {reading}. Show {reading}, or go on: after a few codes {this} is read"
                );
            }
            Self::Refused(words) | Self::Camera(words) => {
                let mut letters = words.chars();
                let first = letters.next().into_iter().flat_map(char::to_uppercase);
                return f.write_str(&first.chain(letters).collect::<String>());
            }
            Self::Corrupt => {
                "The codes do not belong together: at least one was wrong. They are read anew; keep showing the code"
            }
            Self::Same => "The same code is seen again and again. Is the animation running?",
            Self::Turns => "The same codes come again and again, and some are missing. Does the animation show all of them?",
            Self::Crowded => "There are too many patterns in view. Show the code alone",
            Self::Late => "Reading a picture takes too long. Show the code alone, larger and sharper",
            Self::Card => "This is a custodian's card, which stays offline. Show it to the kiosk only",
            Self::Foreign => "This code is not part of a Cloison transfer. Show the code that the kiosk shows",
            Self::Nothing(Taken::TooBright) => {
                "No code is seen: the picture is too bright. Turn the light away, or the screen's down"
            }
            Self::Nothing(Taken::TooDark) => "No code is seen: the picture is too dark. Turn the screen's light up",
            Self::Nothing(Taken::Blurred) => "No code is seen: the picture is blurred. Hold the camera still, and not too close",
            Self::Nothing(_) => "No code is seen. Bring the camera closer and straight before the code",
        })
    }
}

/// Puts one message together from looks at a screen.
#[derive(Default)]
pub(super) struct Watched {
    assembly: Assembly,
    /// When a code was last seen, and when something new came of one.
    seen: Duration,
    fresh: Option<Duration>,
    /// The codes of the last look that had any, and whether there were others since something new came.
    last: Vec<Zeroizing<Vec<u8>>>,
    varied: bool,
}

impl Watched {
    /// Says how far the message is, once a first code came.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.assembly.progress()
    }

    /// Takes what one look showed.
    pub(super) fn look(&mut self, look: &Seen<'_>, now: Duration) -> Told {
        if look.codes.is_empty() {
            return self.nothing(look, now);
        }
        self.seen = now;
        // One of them may be a card, shown by mistake.
        let mut codes: Vec<_> = look.codes.iter().map(|code| Zeroizing::new(code.to_vec())).collect();
        codes.sort_unstable_by(|one, other| one.as_slice().cmp(other));
        self.varied |= !self.last.is_empty() && self.last != codes;
        self.last = codes;
        let mut told = Told::default();
        for code in &look.codes {
            let (fate, trouble) = self.code(code, now, &mut told.payload);
            told.fate = if told.fate.is_empty() { fate.into() } else { format!("{}, {fate}", told.fate) };
            told.trouble = told.trouble.or(trouble);
        }
        if told.trouble.is_none() && self.fresh.is_some_and(|fresh| now.saturating_sub(fresh) >= STALE) {
            told.trouble = Some(if self.varied { Trouble::Turns } else { Trouble::Same });
        }
        told
    }

    /// Takes a look that came to nothing.
    pub(super) fn failed(&mut self, error: &CameraError) -> Told {
        let (fate, trouble) = match error {
            CameraError::Waiting => return Told::default(),
            CameraError::Overrun { .. } => ("took too long", Trouble::Late),
            CameraError::Damaged => ("damaged", Trouble::Camera(error.to_string())),
            CameraError::Died | CameraError::Garbled => ("lost", Trouble::Camera(error.to_string())),
            _ => ("", Trouble::Camera(error.to_string())),
        };
        Told { fate: fate.into(), trouble: Some(trouble), payload: None }
    }

    fn nothing(&self, look: &Seen<'_>, now: Duration) -> Told {
        let fate = if look.unfinished { "took too long" } else { "no code" };
        let trouble = match look {
            _ if now.saturating_sub(self.seen) < FRUITLESS => None,
            Seen { crowded: true, .. } => Some(Trouble::Crowded),
            Seen { unfinished: true, .. } => Some(Trouble::Late),
            Seen { taken, .. } => Some(Trouble::Nothing(*taken)),
        };
        Told { fate: fate.into(), trouble, payload: None }
    }

    /// Takes one code.
    fn code(&mut self, code: &[u8], now: Duration, payload: &mut Option<Vec<u8>>) -> (&'static str, Option<Trouble>) {
        match self.assembly.take(code) {
            Ok(Fate::New) => {
                (self.fresh, self.varied) = (Some(now), false);
                ("new", None)
            }
            Ok(Fate::Complete(whole)) => {
                *payload = Some(whole);
                ("the last", None)
            }
            Ok(Fate::Repeated) => ("read before", None),
            Ok(Fate::Stranger { reading, this }) => ("another transfer's", Some(Trouble::Another { reading, this })),
            Ok(Fate::Corrupt) => ("wrong", Some(Trouble::Corrupt)),
            Err(FrameError::Damaged) => ("damaged", None),
            Err(FrameError::NotAFrame) if Card::decode(code).is_ok() => ("a card", Some(Trouble::Card)),
            Err(FrameError::NotAFrame) => ("not Cloison's", Some(Trouble::Foreign)),
            Err(error) => ("not read", Some(Trouble::Refused(error.to_string()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_protocol::{Frame, Transfer};

    fn payload(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n * n / 7) as u8).collect()
    }

    fn seen<'a>(codes: &[&'a [u8]]) -> Seen<'a> {
        Seen { codes: codes.to_vec(), crowded: false, unfinished: false, taken: Taken::Fine }
    }

    fn seconds(tenths: u64) -> Duration {
        Duration::from_millis(100 * tenths)
    }

    #[test]
    fn a_message_comes_whole_and_each_look_has_its_word() {
        let transfer = Transfer::new(&payload(500), 100).unwrap();
        let mut watched = Watched::default();
        let least = transfer.least_frames();
        for number in 0..least - 1 {
            let frame = transfer.frame(number);
            assert_eq!(watched.look(&seen(&[&frame]), seconds(1)), Told { fate: "new".into(), ..Told::default() });
            assert_eq!(watched.look(&seen(&[&frame]), seconds(1)).fate, "read before");
        }
        assert_eq!(watched.progress(), Some(Progress { read: 5, needed: 6 }));
        let (first, last) = (transfer.frame(0), transfer.frame(least + 7));
        let told = watched.look(&seen(&[&first, &last]), seconds(2));
        assert_eq!((told.fate.as_str(), told.trouble), ("read before, the last", None));
        assert!(told.payload.unwrap() == payload(500));
    }

    #[test]
    fn a_code_that_stays_and_codes_that_only_turn_are_told_apart_after_five_seconds() {
        let transfer = Transfer::new(&payload(500), 100).unwrap();
        let [one, two] = [0, 1].map(|number| transfer.frame(number));
        let mut watched = Watched::default();
        watched.look(&seen(&[&one]), seconds(0));
        for tenth in 1..50 {
            assert_eq!(watched.look(&seen(&[&one]), seconds(tenth)).trouble, None);
        }
        assert_eq!(watched.look(&seen(&[&one]), seconds(50)).trouble, Some(Trouble::Same));
        assert_eq!(watched.look(&seen(&[&two]), seconds(51)).trouble, None);
        for tenth in 52..101 {
            let code = if tenth % 2 == 0 { &one } else { &two };
            assert_eq!(watched.look(&seen(&[code]), seconds(tenth)).trouble, None);
        }
        assert_eq!(watched.look(&seen(&[&one]), seconds(101)).trouble, Some(Trouble::Turns));
    }

    #[test]
    fn two_codes_that_stay_side_by_side_are_the_same_code_and_no_turns() {
        let transfer = Transfer::new(&payload(500), 100).unwrap();
        let [one, two] = [0, 1].map(|number| transfer.frame(number));
        let mut watched = Watched::default();
        (0..50).for_each(|tenth| assert_eq!(watched.look(&seen(&[&one, &two]), seconds(tenth)).trouble, None));
        assert_eq!(watched.look(&seen(&[&two, &one]), seconds(50)).trouble, Some(Trouble::Same));
    }

    #[test]
    fn what_is_wrong_with_a_code_is_named() {
        let [ours, theirs] = [500, 501].map(|length| Transfer::new(&payload(length), 100).unwrap());
        let mut watched = Watched::default();
        watched.look(&seen(&[&ours.frame(0)]), seconds(0));
        let told = watched.look(&seen(&[&theirs.frame(0)]), seconds(1));
        assert_eq!(told.trouble, Some(Trouble::Another { reading: ours.id(), this: theirs.id() }));
        assert_eq!(watched.look(&seen(&[b"https://example.org"]), seconds(1)).trouble, Some(Trouble::Foreign));
        let mut later = ours.frame(1);
        later[0] = later[0] & 0xf0 | 9;
        let told = watched.look(&seen(&[&later]), seconds(1));
        assert!(matches!(&told.trouble, Some(Trouble::Refused(words)) if words.contains("version 9")), "{told:?}");
        // What is damaged on its way is an ordinary loss.
        let mut damaged = ours.frame(1);
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(watched.look(&seen(&[&damaged]), seconds(1)), Told { fate: "damaged".into(), ..Told::default() });
    }

    #[test]
    fn codes_that_do_not_belong_together_are_named_and_it_begins_again() {
        let transfer = Transfer::new(&payload(500), 100).unwrap();
        let forged = |number: u32| {
            let mut frame = Frame::decode(&transfer.frame(number)).unwrap();
            frame.symbol[0] ^= u8::from(number == 2);
            frame.encode()
        };
        let mut watched = Watched::default();
        let trouble = (0..60).find_map(|number| watched.look(&seen(&[&forged(number)]), seconds(0)).trouble);
        assert_eq!(trouble, Some(Trouble::Corrupt));
        let whole = (0..60).find_map(|number| watched.look(&seen(&[&transfer.frame(number)]), seconds(0)).payload);
        assert!(whole.unwrap() == payload(500));
    }

    #[test]
    fn where_no_code_is_seen_it_is_said_after_a_second_what_would_help() {
        let mut watched = Watched::default();
        let nothing = |crowded, unfinished, taken| Seen { codes: Vec::new(), crowded, unfinished, taken };
        assert_eq!(watched.look(&nothing(true, true, Taken::TooDark), seconds(9)).trouble, None);
        for (look, trouble) in [
            (nothing(true, true, Taken::TooDark), Trouble::Crowded),
            (nothing(false, true, Taken::TooDark), Trouble::Late),
            (nothing(false, false, Taken::TooDark), Trouble::Nothing(Taken::TooDark)),
            (nothing(false, false, Taken::Blurred), Trouble::Nothing(Taken::Blurred)),
            (nothing(false, false, Taken::Fine), Trouble::Nothing(Taken::Fine)),
        ] {
            assert_eq!(watched.look(&look, seconds(10)).trouble, Some(trouble));
        }
        let overrun = watched.failed(&CameraError::Overrun { budget: seconds(1) });
        assert_eq!((overrun.fate.as_str(), overrun.trouble), ("took too long", Some(Trouble::Late)));
        assert_eq!(watched.failed(&CameraError::Waiting), Told::default());
        let gone = watched.failed(&CameraError::Unplugged).trouble.unwrap().to_string();
        assert_eq!(gone, "The camera was unplugged or switched itself off. Plug it in again");
    }
}
