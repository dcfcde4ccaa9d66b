//! Screens as data: what is shown, what can be pressed, what can be typed.

mod notice;
mod view;

pub use notice::Notice;
pub use view::{Seen, View};

use crate::event::NoPlace;
use cloison_custody::StoreError;
use cloison_protocol::{CARD_BYTES, Fingerprint, KeyRef, Language, Limits, Mode, Person, Policy, VaultId};

/// Everything that the kiosk shows at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Screen {
    /// What is shown.
    pub view: View,
    /// What can be pressed.
    pub buttons: Vec<Button>,
    /// What can be typed into.
    pub fields: Vec<FieldState>,
    /// What there is to say of the last event.
    pub notice: Option<Notice>,
    /// A code to show.
    pub code: Option<Code>,
    /// Whether the camera is read.
    pub camera: bool,
    /// Whether all of this is a rehearsal, which every screen says.
    pub rehearsal: bool,
    /// Whether there is something that only the person before the screen may see; the session lends
    /// it by [`crate::Session::private`] while it is shown, and a screen never holds it.
    pub private: bool,
    /// How long the vault stays open yet, in seconds: until it was idle too long, and in all.
    pub left: Option<(u64, u64)>,
}

/// A code to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// One symbol with the bytes of a card.
    Card([u8; CARD_BYTES]),
    /// A message, as the frames of a transfer.
    Message(Vec<u8>),
    /// The test pattern, with each profile that the screen has room for.
    Pattern,
}

/// Something to press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named for what it does")]
#[non_exhaustive]
pub enum Button {
    CreateVault,
    RehearseVault,
    OpenVault,
    CheckCard,
    TestCodes,
    ReadPattern,
    Drill,
    Restore,
    GiveUp,
    EndRehearsal,
    Erase,
    ReadPlan,
    TypePlan,
    Here,
    NotHere,
    AddRolls,
    Propose,
    ShowWords,
    Print,
    ReadWords,
    Without,
    Manage,
    BackUp,
    ShowDescriptor,
    ShowLog,
    ShowTranscript,
    Renew,
    Rotate,
    Revoke,
    Reshare,
    ConfirmKeys,
    GiveUpNewCards,
    Succeed,
    Follow,
    Emergency,
    Reviewed,
    /// One of the items of a [`View::Choose`], from 0.
    Item(u8),
    Continue,
    Cancel,
    MakeCard,
    ReadBack,
    Verify,
    ShowAgain,
    NewCard,
    TryAgain,
    Present,
    ReadRequest,
    Enrol,
    ShowPublicKeys,
    WordsMatch,
    Next,
    Back,
    PresentCards,
    Approve,
    Decline,
    Answer,
    Done,
    Seal,
}

/// Something to type into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named for what it holds")]
#[non_exhaustive]
pub enum Field {
    Title,
    Place,
    Threshold,
    Cards,
    Administrator,
    Witness,
    Custodian,
    Date,
    Contributor,
    Rolls,
    Words,
    Passphrase,
    PassphraseAgain,
}

/// A field and what may be shown of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldState {
    /// Which.
    pub field: Field,
    /// The content; of a secret only as many bullets as characters.
    pub shown: String,
}

impl FieldState {
    pub(crate) fn plain(field: Field, text: &str) -> Self {
        Self { field, shown: text.to_owned() }
    }

    pub(crate) fn secret(field: Field, text: &str) -> Self {
        Self { field, shown: "•".repeat(text.chars().count()) }
    }
}

/// What cards are presented for, as far as a screen tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named for what it is")]
pub enum Purposes {
    Opening,
    Request,
    Emergency,
    Enrolment,
    Revocation,
    Renewal,
    Confirmation,
    Rotation,
    Succession,
    Following,
    Reshare,
    Drill,
    Restore,
}

/// What can be chosen from a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// An enrolled workstation to revoke, by its name.
    Workstation(String),
    /// A key to rotate.
    Key(KeyRef),
}

/// A page of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanPage {
    /// What it is.
    Head {
        /// The vault's title.
        title: String,
        /// Where the ceremony is held.
        place: String,
        /// Cards needed.
        threshold: u8,
        /// Cards made.
        cards: u8,
        /// How long the vault stays open.
        limits: Limits,
        /// The languages of cards and passphrases.
        languages: Vec<Language>,
        /// The plan's words, to be compared with the workstation's.
        words: Fingerprint,
    },
    /// Some of the people.
    People(Vec<Person>),
    /// One key.
    Key {
        /// Its name.
        key: KeyRef,
        /// How it may be used.
        policy: Policy,
    },
}

/// What stands on the first screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HomeView {
    /// No vault yet.
    Blank,
    /// A sealed vault.
    Sealed {
        /// Its title.
        title: String,
        /// Its id.
        vault: VaultId,
        /// Real, or a rehearsal.
        mode: Mode,
        /// Cards needed.
        threshold: u8,
        /// Cards that exist.
        cards: u8,
        /// Whether it serves: its cards were drilled.
        serves: bool,
        /// The epoch of cards that wait for a drill.
        drill: Option<u16>,
    },
    /// A store that cannot be used.
    Broken(StoreError),
    /// No vault, on a computer that is for training.
    Training,
    /// A real vault, on a computer that is for training: nothing is done with it there.
    Real,
    /// No vault, and no place to keep one.
    NoPlace(NoPlace),
}
