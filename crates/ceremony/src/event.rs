//! What happens to a session, and what it asks to be done.

use crate::screen::{Button, Field, Screen};
use cloison_custody::Program;
use cloison_protocol::{Alarm, Card, Language, VaultId, secret::Secret};
use zeroize::Zeroizing;

/// What the session is told of the kiosk that it runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kiosk {
    /// The program, for the transcript.
    pub program: Program,
    /// Whether there is a printer.
    pub printer: bool,
    /// Whether it stands on an ordinary computer, for training: only rehearsals are held there.
    pub training: bool,
    /// Why it has no place to keep a store; nothing where it has one. Without one no vault is made.
    pub no_place: Option<NoPlace>,
}

/// Says why a device has no place to keep a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// It was started from no card that it knows, and there is no stick.
    Missing,
    /// The card has no room beside what it starts from.
    Small,
    /// There are several places, and nothing tells which is the right one.
    Several,
    /// The place could not be made, read or repaired.
    Failed,
}

/// Text that somebody typed; wiped, since any field may hold a secret.
pub struct Typed(pub Zeroizing<String>);

/// What the appliance gathered for a new root; wiped.
pub struct EntropyInputs {
    /// At least 64 bytes of the operating system's generator.
    pub kernel: Zeroizing<Vec<u8>>,
    /// Raw timing samples.
    pub jitter: Zeroizing<Vec<u64>>,
    /// Bytes of the hardware generator; empty where there is none.
    pub hardware: Zeroizing<Vec<u8>>,
    /// Noise of the camera; empty where there is none.
    pub camera: Zeroizing<Vec<u8>>,
    /// Drawn from the operating system after all else.
    pub fresh: Secret<64>,
}

/// Something that happened at the kiosk.
pub enum Event {
    /// A button was pressed.
    Press(Button),
    /// A field now holds this text.
    Type(Field, Typed),
    /// The camera read a code: the bytes of one symbol.
    Code(Vec<u8>),
    /// Entropy was gathered.
    Entropy(EntropyInputs),
    /// The operating system gave no entropy.
    NoEntropy,
    /// The bytes of the last [`Effect::Save`] are on disk.
    Saved,
    /// They are not.
    NotSaved,
    /// The sheet of the last [`Effect::Print`] came out.
    Printed,
    /// It did not.
    NotPrinted,
    /// The record of the last [`Effect::ShowRecord`] is ready to be shown, on so many pages.
    Shown {
        /// How many, from 1.
        pages: usize,
    },
    /// It cannot be shown.
    NotShown(Unshown),
    /// The watch looked, and found this; sent first of all, and then each second or so.
    Guard(Vec<Alarm>),
    /// The screen was touched where nothing but the screen changes: a text turned through, a card held.
    Touched,
    /// Time passed; sent each second or so.
    Tick,
}

/// Says why a record cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unshown {
    /// It is nothing that the kiosk knows how to show.
    Unsupported,
    /// It is larger than what the kiosk shows: pixels, rows or bytes.
    TooLarge,
    /// It is of a known kind, and damaged.
    Damaged,
    /// Reading it took too long or too much memory.
    TooHard,
}

/// Something that the appliance is to do; it answers with an event where one is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Gather entropy; answered by [`Event::Entropy`] or [`Event::NoEntropy`].
    GatherEntropy,
    /// Put these bytes in place of the store, wholly or not at all; answered by [`Event::Saved`]
    /// or [`Event::NotSaved`].
    Save(Vec<u8>),
    /// Remove the store, which is a rehearsal's or was never drilled; answered by [`Event::Saved`] or [`Event::NotSaved`].
    Erase,
    /// Print a card; answered by [`Event::Printed`] or [`Event::NotPrinted`].
    Print(Sheet),
    /// Decode the record that [`crate::Session::record`] lends, in a process of its own; answered
    /// by [`Event::Shown`] or [`Event::NotShown`].
    ShowRecord,
    /// End the process; a new one starts with nothing in memory.
    End(Ended),
}

/// Says why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Cards were dealt.
    Created,
    /// Cards were drilled.
    Drilled,
    /// A vault was restored.
    Restored,
    /// The vault was sealed by its people.
    Sealed,
    /// Nobody touched the kiosk for as long as the vault allows.
    Idle,
    /// The vault was open for as long as it allows.
    TimeUp,
    /// The clock went back.
    ClockWentBack,
    /// The watch found something.
    Alarm,
}

/// Everything that stands on a printed card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The card.
    pub card: Card,
    /// Whose it is.
    pub custodian: String,
    /// The vault's title.
    pub title: String,
    /// The vault.
    pub vault: VaultId,
    /// When it was made, in seconds since 1970 UTC.
    pub made: u64,
    /// The card in words, ten lines.
    pub words: Vec<String>,
    /// The language of what is printed.
    pub language: Language,
}

/// What comes of an event.
pub struct Step {
    /// What to show.
    pub screen: Screen,
    /// What to do, in order.
    pub effects: Vec<Effect>,
}
