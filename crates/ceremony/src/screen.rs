//! Screens as data: what is shown, what can be pressed, what can be typed.

use cloison_custody::{
    BirthError, CardRefusal, EnrolmentRefused, OpenError, Page, PassphraseError, PerformError, Stale, StoreError, Unanswerable,
    entropy::EntropyError,
};
use cloison_protocol::{CARD_BYTES, Fingerprint, FrameError, Kind, MessageError, Mode, Progress, Reason, TransferId, VaultId};

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
}

/// A code to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// One symbol with the bytes of a card.
    Card([u8; CARD_BYTES]),
    /// A message, as the frames of a transfer.
    Message(Vec<u8>),
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
    EndRehearsal,
    Erase,
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
    Threshold,
    Cards,
    Custodian,
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
    Enrolment,
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
    },
    /// A store that cannot be used.
    Broken(StoreError),
}

/// What a screen shows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum View {
    /// The first screen.
    Home(HomeView),
    /// Title, k and n are asked.
    Plan(Mode),
    /// Entropy is being gathered.
    Entropy,
    /// A custodian's name and passphrase are asked, in private.
    Passphrase {
        /// Which card, from 1.
        index: u8,
        /// Of how many.
        cards: u8,
    },
    /// A card is shown to be copied or printed.
    Card {
        /// Which card, from 1.
        index: u8,
        /// Of how many.
        cards: u8,
        /// Whose card it is.
        custodian: String,
    },
    /// The card is to be read back.
    ReadBack {
        /// Which card, from 1.
        index: u8,
        /// Of how many.
        cards: u8,
        /// Whether a card was read, so that its passphrase is asked.
        read: bool,
    },
    /// Something is being written to disk.
    Saving,
    /// A new vault could not be written; its cards are all proven, so it can be tried again.
    Unsaved,
    /// A rehearsal is about to be removed.
    EndRehearsal,
    /// A vault was made.
    Created {
        /// Its title.
        title: String,
        /// The words of its public keys.
        words: Fingerprint,
    },
    /// A ceremony was stopped; these cards were shown and must be destroyed.
    Stopped {
        /// Index and custodian of each.
        cards: Vec<(u8, String)>,
    },
    /// Cards are being presented.
    Cards {
        /// For what.
        purpose: Purposes,
        /// The indices accepted so far.
        accepted: Vec<u8>,
        /// How many are needed.
        needed: u8,
        /// The card just read: its index and the custodian who holds it.
        card: Option<(u8, String)>,
    },
    /// One card is checked alone.
    Check {
        /// The index of the card just read, so that its passphrase is asked.
        read: Option<u8>,
    },
    /// An open vault.
    Desk {
        /// Its title.
        title: String,
        /// Real, or a rehearsal.
        mode: Mode,
        /// How many workstations are enrolled.
        enrolled: usize,
        /// The store's generation.
        generation: u64,
    },
    /// A message is being read.
    Scan {
        /// What is expected.
        expected: Kind,
        /// How far it is.
        progress: Option<Progress>,
    },
    /// A page of a request.
    Review {
        /// The page.
        page: Page,
        /// Its number, from 1.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// A request is refused by the vault's policy.
    Refused(Reason),
    /// A reply is shown.
    Reply,
    /// A workstation asks to be enrolled.
    Enrolment {
        /// Its name.
        name: String,
        /// Its fingerprint's words, to be compared.
        words: Fingerprint,
    },
    /// The vault's public keys are shown.
    PublicKeys {
        /// Their fingerprint's words, to be compared.
        words: Fingerprint,
    },
    /// The process is ending.
    Ended,
}

impl View {
    /// Names the screen, for scripts and journeys.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Home(HomeView::Blank) => "blank",
            Self::Home(HomeView::Sealed { .. }) => "sealed",
            Self::Home(HomeView::Broken(_)) => "broken",
            Self::Plan(_) => "plan",
            Self::Entropy => "entropy",
            Self::Passphrase { .. } => "passphrase",
            Self::Card { .. } => "card",
            Self::ReadBack { .. } => "read-back",
            Self::Saving => "saving",
            Self::Unsaved => "unsaved",
            Self::EndRehearsal => "end-rehearsal",
            Self::Created { .. } => "created",
            Self::Stopped { .. } => "stopped",
            Self::Cards { .. } => "cards",
            Self::Check { .. } => "check",
            Self::Desk { .. } => "desk",
            Self::Scan { .. } => "scan",
            Self::Review { .. } => "review",
            Self::Refused(_) => "refused",
            Self::Reply => "reply",
            Self::Enrolment { .. } => "enrolment",
            Self::PublicKeys { .. } => "public-keys",
            Self::Ended => "ended",
        }
    }
}

/// What there is to say of the last event; the appliance puts it into words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A plan or a custodian's name is not accepted.
    Birth(BirthError),
    /// A number was asked, and something else typed.
    NotANumber(Field),
    /// A passphrase is not accepted.
    Passphrase(PassphraseError),
    /// A card is not accepted; the others stay.
    Card {
        /// Its index, where it could be read; of an unreadable card only what it claims.
        index: Option<u8>,
        /// Why.
        refusal: CardRefusal,
    },
    /// A card was accepted.
    Accepted(u8),
    /// A card was read back and is right.
    Proven(u8),
    /// There is not enough entropy.
    Entropy(EntropyError),
    /// The operating system gave none.
    NoEntropy,
    /// The disk did not take the store; nothing was done.
    NotSaved,
    /// A code is not a frame.
    Frame(FrameError),
    /// A frame of another transfer.
    Stranger {
        /// The one being read.
        reading: TransferId,
        /// The other.
        this: TransferId,
    },
    /// All frames came, and they do not fit together.
    Corrupt,
    /// A message is not accepted.
    Message(MessageError),
    /// The vault did not open.
    Open(OpenError),
    /// k cards were accepted and did not give this vault's root.
    BrokenQuorum,
    /// The request cannot be answered at all.
    Unanswerable(Unanswerable),
    /// An approval came too late: the request expired, or was answered, meanwhile.
    TooLate,
    /// The workstation is not enrolled.
    Enrolment(EnrolmentRefused),
    /// The workstation is enrolled.
    Enrolled(String),
    /// Pages are unread.
    Unread(usize),
    /// The reply could not be made.
    Perform(PerformError),
    /// The change was prepared for another state of the vault.
    Stale(Stale),
}
