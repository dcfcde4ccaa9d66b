//! What the machine could not do: show a record, print a card, keep the store.

use super::{
    super::{Words, catalogue::tr},
    Explain,
};
use crate::{hardware::HardwareError, paper::PaperError};
use cloison_eye::viewer::{Kind, MAX_DEPTH, MAX_LINES, MAX_ROWS, Reason, ViewError};
use cloison_optics::{PictureError, SymbolError, picture};

impl Explain for ViewError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::TooLarge { size, limit } => tr!(
                words,
                "the record has {size} bytes and at most {limit} are shown. Have it decrypted on a workstation instead",
                size,
                limit
            ),
            Self::Unsupported { kind } => tr!(
                words,
                "the record is {kind}, which is not shown here. Have it decrypted on a workstation, or encrypted as text, \
                 JSON, PNG or JPEG",
                kind = words.shown_kind(*kind)
            ),
            Self::Unshowable { reason } => tr!(
                words,
                "the record cannot be shown: {why}. {advice}",
                why = words.not_showable(*reason),
                advice = words.advice(*reason)
            ),
            Self::Unconfined => tr!(
                words,
                "the viewer could not be confined, so it did not look at the record. Use the kernel of the appliance's own \
                 image"
            ),
            Self::Overrun { budget } => tr!(
                words,
                "showing the record took longer than {time} ms and was stopped. Ask whoever encrypted it for a smaller or \
                 simpler one",
                time = budget.as_millis()
            ),
            Self::OutOfMemory => tr!(
                words,
                "showing the record takes more memory than the viewer may have. Ask whoever encrypted it for a smaller or \
                 simpler one"
            ),
            Self::Forbidden => tr!(
                words,
                "the record made the viewer try what it may not do, and it was ended. Do not open it elsewhere; find out who \
                 made it"
            ),
            Self::Died => tr!(
                words,
                "the viewer ended while it looked at the record. Try again, and distrust the record if it happens again"
            ),
            Self::Garbled => tr!(
                words,
                "the viewer gave an answer that makes no sense. Do not open the record elsewhere; find out who made it"
            ),
            Self::Start(_) => tr!(words, "the viewer could not be started. Check that the program is still where it was"),
            newer => newer.to_string(),
        }
    }
}

impl Explain for PaperError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::TooLong { found, limit } => tr!(
                words,
                "the name or the title has {found} bytes, more than the {limit} that a card takes. Shorten it",
                found,
                limit
            ),
            Self::WrongVault => tr!(words, "this card is another vault's. Print it with the vault that it names"),
            Self::Unreadable => tr!(words, "this card could not be read again from paper. Make the card anew"),
            Self::Profile { found, known } => tr!(
                words,
                "the instructions are for cards of profile {known}, and this card has profile {found}. Use a newer appliance",
                found,
                known
            ),
            Self::Words => tr!(words, "the words are not those of this card. Make them anew from the card that is printed"),
            Self::Symbol(error) => error.explain(words),
            Self::Picture(error) => error.explain(words),
            Self::TooWide { width } => tr!(
                words,
                "the picture is {width} pixels wide, and the paper has {paper}. Draw it for this paper",
                width,
                paper = crate::paper::WIDTH
            ),
            Self::Missing(path) => {
                tr!(words, "there is no printer at {path}. Plug it in, switch it on, and try again", path = path.display())
            }
            Self::NotADevice(path) => tr!(
                words,
                "{path} is not a printer's device file. Name the printer's, such as /dev/usb/lp0",
                path = path.display()
            ),
            Self::NotWritable(path) => {
                tr!(words, "the printer at {path} may not be written to. Give this program the right to", path = path.display())
            }
            Self::Busy(path) => {
                tr!(words, "the printer at {path} is in use by another program. Let it end, and try again", path = path.display())
            }
            Self::Unopened { path, source } => tr!(
                words,
                "the printer at {path} cannot be opened ({why}). Unplug it, plug it in, and try again",
                path = path.display(),
                why = source
            ),
            Self::OutOfPaper { sent } => tr!(
                words,
                "the printer has no paper left, after {sent} bytes. Destroy what it printed, put paper in, and print again",
                sent
            ),
            Self::Stopped { sent, source } => tr!(
                words,
                "the printer stopped after {sent} bytes ({why}). Destroy what it printed, check its cable, and print again",
                sent,
                why = source
            ),
        }
    }
}

impl Explain for HardwareError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Entropy(why) => {
                tr!(words, "the operating system gave no random bytes ({why}). Do not make keys on this machine", why)
            }
            Self::Store(why) => tr!(
                words,
                "the store could not be read or written ({why}). Check the data partition, its free space and its permissions",
                why
            ),
        }
    }
}

impl Explain for SymbolError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Version { version } => tr!(words, "There is no QR version {version}. Choose one from 1 to 40.", version),
            Self::Empty => tr!(words, "A QR symbol must carry at least one byte. Give it something to carry."),
            Self::TooLong { found, capacity } => tr!(
                words,
                "{found} bytes do not fit a symbol that holds {capacity}. Choose a higher version or a lower level.",
                found,
                capacity
            ),
            Self::NoRoom { needed, width, height } => tr!(
                words,
                "The code needs {needed} pixels each way and the screen has {width}×{height}. Choose a lower density or a \
                 larger screen.",
                needed,
                width,
                height
            ),
            Self::Picture(error) => error.explain(words),
            newer => newer.to_string(),
        }
    }
}

impl Explain for PictureError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Empty => tr!(words, "The picture is empty. Take or export it again."),
            Self::Mismatch { expected, found } => {
                tr!(words, "The picture should have {expected} pixels and has {found}. Take it again.", expected, found)
            }
            Self::TooLarge { width, height } => tr!(
                words,
                "The picture is {width}×{height} and that is too large. Crop it to the code or take it at a lower resolution.",
                width,
                height
            ),
            Self::TooLong => tr!(
                words,
                "The animation is longer than {frames} frames or {pixels} pixels. Split it or make its frames smaller.",
                frames = picture::MAX_FRAMES,
                pixels = picture::MAX_TOTAL_PIXELS
            ),
            Self::Uneven { width, height } => {
                tr!(words, "All frames must be {width}×{height} and one is not. Make them the same size.", width, height)
            }
            Self::Unknown => tr!(words, "This is not a PNG, JPEG or GIF picture. Convert it to one of these."),
            Self::Damaged { format } => {
                tr!(words, "The {format} picture is damaged or incomplete. Copy or take it again.", format)
            }
            Self::Unwritable { format } => tr!(words, "The picture could not be made a {format}. Make it smaller.", format),
            newer => newer.to_string(),
        }
    }
}

impl Words {
    fn shown_kind(self, kind: Kind) -> String {
        match kind {
            Kind::Pdf => tr!(self, "a PDF document"),
            Kind::Archive => tr!(self, "a compressed archive or an office document"),
            Kind::OtherPicture => tr!(self, "a picture that is neither PNG nor JPEG"),
            Kind::Encrypted => tr!(self, "an age file, encrypted once more"),
            Kind::Unknown => tr!(self, "neither text in UTF-8, JSON, PNG nor JPEG"),
            newer => newer.to_string(),
        }
    }

    fn not_showable(self, reason: Reason) -> String {
        match reason {
            Reason::Empty => tr!(self, "there is nothing in it"),
            Reason::Damaged => tr!(self, "the picture is damaged or incomplete"),
            Reason::TooLarge => tr!(self, "the picture has more pixels than are decoded here"),
            Reason::TooLong => tr!(
                self,
                "it has more than {lines} lines or {rows} rows, or too much in them",
                lines = self.number(MAX_LINES as u64),
                rows = self.number(MAX_ROWS as u64)
            ),
            Reason::TooDeep => tr!(self, "its JSON has more than {levels} levels", levels = MAX_DEPTH),
            Reason::Moving => tr!(self, "the picture is animated"),
            Reason::Failed => tr!(self, "the decoder failed on it"),
            newer => newer.to_string(),
        }
    }

    fn advice(self, reason: Reason) -> String {
        match reason {
            Reason::Empty => tr!(self, "Ask whoever encrypted it for the right record"),
            Reason::Damaged => tr!(self, "Ask whoever encrypted it to encrypt an undamaged copy"),
            Reason::TooLarge => tr!(self, "Ask whoever encrypted it to encrypt a smaller picture"),
            Reason::TooLong => tr!(self, "Ask whoever encrypted it to encrypt it in parts"),
            Reason::TooDeep => tr!(self, "Ask whoever encrypted it for a simpler form of it"),
            Reason::Moving => tr!(self, "Ask whoever encrypted it to encrypt each frame as a picture of its own"),
            Reason::Failed => tr!(self, "Ask whoever encrypted it to export it again as text or PNG"),
            newer => newer.advice().to_owned(),
        }
    }
}
