//! What the touch screen keeps beside what Slint has.

use super::{Size, panel::Rest};
use crate::{
    Language, Looking, Spoken,
    arrange::Arranged,
    code::{Pace, Room, Showing},
    keys::Board,
    snapshot::Kept,
    typing::Typing,
};
use cloison_ceremony::{Event, Field, Screen, View};
use std::rc::Rc;
use zeroize::Zeroizing;

/// What is touched is handed to this.
pub(super) type Sink = Rc<dyn Fn(Event)>;

/// A change of how codes are shown, or of how the camera looks, is told to this.
pub(super) type Changed = Rc<dyn Fn(Pace, Looking)>;

/// This is told to switch off.
pub(super) type Off = Rc<dyn Fn()>;

/// A change of language is told to this.
pub(super) type Tongue = Rc<dyn Fn(Language)>;

pub(super) struct State {
    pub(super) size: Size,
    /// The screen's width and height in pixels.
    pub(super) pixels: (u32, u32),
    pub(super) language: Language,
    pub(super) screen: Option<Screen>,
    pub(super) spoken: Spoken,
    /// The buttons in their places.
    pub(super) arranged: Arranged,
    pub(super) typing: Typing,
    /// The field that is being filled in, and its keyboard.
    pub(super) editing: Option<(Field, Board)>,
    /// The keyboard that is drawn.
    pub(super) board: Option<Board>,
    pub(super) pace: Pace,
    pub(super) looking: Looking,
    pub(super) showing: Option<Showing>,
    /// Whether somebody who has read what is said of a code chose its density.
    pub(super) is_wide: bool,
    pub(super) held: bool,
    pub(super) uncovered: bool,
    pub(super) private: Option<Zeroizing<String>>,
    pub(super) record: Option<Kept>,
    pub(super) sink: Option<Sink>,
    pub(super) tongue: Option<Tongue>,
    pub(super) changed: Option<Changed>,
    pub(super) off: Option<Off>,
    pub(super) rest: Rest,
}

impl State {
    pub(super) fn new(size: Size, language: Language) -> Self {
        Self {
            size,
            pixels: size.pixels(),
            language,
            screen: None,
            spoken: Spoken::default(),
            arranged: Arranged::default(),
            typing: Typing::default(),
            editing: None,
            board: None,
            pace: Pace::default(),
            looking: Looking::default(),
            showing: None,
            is_wide: false,
            held: false,
            uncovered: false,
            private: None,
            record: None,
            sink: None,
            tongue: None,
            changed: None,
            off: None,
            rest: Rest::default(),
        }
    }

    /// Gives how much room there is for codes. What is said beside one leaves room for one.
    pub(super) fn room(&self) -> Room {
        let (width, height) = self.pixels;
        let is_export =
            matches!(self.screen.as_ref().map(|screen| &screen.view), Some(View::Export { .. } | View::Drilled { .. }));
        // What is to be done with a message of the vault is read first.
        let says = self.spoken.words.is_some() || self.spoken.notice.is_some() || is_export && !self.is_wide;
        let two = (width, height.saturating_sub(strip(self.size)));
        Room { one: height.min(width), two: (!says).then_some(two) }
    }
}

/// Gives the height of what stands below two codes side by side, as `show.slint` has it.
fn strip(size: Size) -> u32 {
    match size {
        Size::Small => 80,
        Size::Large => 110,
    }
}
