//! What a screen shows, screen by screen.

use super::{Choice, HomeView, PlanPage, Purposes};
use crate::event::Unshown;
use cloison_custody::{Page, Waiting};
use cloison_protocol::{Alarms, Entry, Fingerprint, Happening, Kind, Language, Mode, Progress, Reason, Role, Score, VaultId};

/// What a screen shows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum View {
    /// The first screen.
    Home(HomeView),
    /// Whether a plan is read or typed.
    Start,
    /// Title, k, n and those who hold no card are asked.
    Plan,
    /// The name of one custodian is asked.
    Name {
        /// Which card, from 1.
        index: u8,
        /// Of how many.
        cards: u8,
    },
    /// A page of the plan.
    PlanPage {
        /// The page.
        page: PlanPage,
        /// Its number, from 1.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// The date is asked, which everybody confirms.
    Date {
        /// What the appliance's clock says, in seconds since 1970 UTC.
        clock: u64,
    },
    /// One person is called.
    RollCall {
        /// The name.
        name: String,
        /// The role.
        role: Role,
        /// Which person, from 1.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// The custodians roll dice.
    Dice {
        /// Rolls so far.
        rolls: usize,
        /// Rolls that are needed, if any are given.
        needed: usize,
    },
    /// Entropy is being gathered.
    Entropy,
    /// A custodian's passphrase is asked, in private.
    Passphrase {
        /// Which card, from 1.
        index: u8,
        /// Of how many.
        cards: u8,
        /// Whose card it will be.
        custodian: String,
        /// The languages in which a passphrase can be proposed.
        languages: Vec<Language>,
    },
    /// A card is shown to be copied or printed.
    Card {
        /// Which card, from 1.
        index: u8,
        /// Of how many.
        cards: u8,
        /// Whose card it is.
        custodian: String,
        /// The card in words, where it is to be copied by hand.
        words: Option<Vec<String>>,
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
    /// Cards were dealt and stored; the drill comes next, in a new process.
    Created {
        /// The vault's title.
        title: String,
        /// Cards dealt.
        cards: u8,
    },
    /// Every card was proven, and the vault serves; its public keys are shown.
    Drilled {
        /// The vault's title.
        title: String,
        /// Cards proven.
        cards: u8,
        /// The words of its public keys.
        words: Fingerprint,
    },
    /// A vault that was never drilled is about to be given up, and its cards destroyed.
    GiveUp {
        /// Index and custodian of each.
        cards: Vec<(u8, String)>,
    },
    /// A vault was restored.
    Restored {
        /// The vault's title.
        title: String,
        /// Whether its description was at hand.
        described: bool,
        /// The generation of the backup, if there was one.
        backup: Option<u64>,
        /// How many workstations are enrolled.
        enrolled: usize,
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
        /// The words of the log's head.
        head: Fingerprint,
        /// What waits for its people.
        waiting: Waiting,
    },
    /// What the vault's people can do beside answering requests.
    Manage {
        /// What waits for them.
        waiting: Waiting,
    },
    /// One item is chosen from a list.
    Choose {
        /// The items.
        items: Vec<Choice>,
    },
    /// Answers given in an emergency, to be reviewed.
    Emergencies {
        /// The log's entries.
        entries: Vec<Entry<Happening>>,
        /// The page, from 1.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// The vault that is to follow this one.
    Succession {
        /// Its title.
        title: String,
        /// The words of its public keys, to be compared with its kiosk's screen.
        words: Fingerprint,
    },
    /// The vault that this one is to acknowledge as the one before it.
    Following {
        /// Its id.
        old: VaultId,
    },
    /// A record is shown on the kiosk only.
    Record {
        /// Which record, from 1.
        record: usize,
        /// Of how many.
        of: usize,
        /// What is seen of it.
        seen: Seen,
    },
    /// A message is being read.
    Scan {
        /// What is expected.
        expected: Kind,
        /// How far it is, by the size of frames that lacks least.
        progress: Option<Progress>,
        /// How many different pieces there are, of all sizes of frames.
        pieces: usize,
    },
    /// The test pattern is shown.
    Pattern,
    /// The test pattern of another screen is being read.
    Trial {
        /// How far a round of all profiles is, in percent.
        percent: u32,
        /// What was read of each.
        scores: Vec<Score>,
        /// The one that carries most, once a round was seen; from 0.
        best: Option<u8>,
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
    /// A message of the vault is shown.
    Export {
        /// What it is.
        kind: Kind,
        /// Words to compare or to write down, where it has any.
        words: Option<Fingerprint>,
    },
    /// A workstation asks to be enrolled.
    Enrolment {
        /// Its name.
        name: String,
        /// Its fingerprint's words, to be compared.
        words: Fingerprint,
    },
    /// Nothing is offered, because of what the watch found.
    Alarm {
        /// What; nothing where it has not looked yet.
        alarms: Option<Alarms>,
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
            Self::Home(HomeView::Training) => "training",
            Self::Home(HomeView::Real) => "real",
            Self::Home(HomeView::NoPlace(_)) => "no-place",
            Self::Start => "start",
            Self::Plan => "plan",
            Self::Name { .. } => "name",
            Self::PlanPage { .. } => "plan-page",
            Self::Date { .. } => "date",
            Self::RollCall { .. } => "roll-call",
            Self::Dice { .. } => "dice",
            Self::Drilled { .. } => "drilled",
            Self::GiveUp { .. } => "give-up",
            Self::Restored { .. } => "restored",
            Self::Manage { .. } => "manage",
            Self::Choose { .. } => "choose",
            Self::Emergencies { .. } => "emergencies",
            Self::Succession { .. } => "succession",
            Self::Following { .. } => "following",
            Self::Record { .. } => "record",
            Self::Export { .. } => "export",
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
            Self::Pattern => "pattern",
            Self::Trial { .. } => "trial",
            Self::Review { .. } => "review",
            Self::Refused(_) => "refused",
            Self::Reply => "reply",
            Self::Enrolment { .. } => "enrolment",
            Self::Alarm { .. } => "alarm",
            Self::Ended => "ended",
        }
    }
}

/// What is seen of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It is being decoded.
    Decoding,
    /// One of its pages, from 1, and how many there are.
    Page(usize, usize),
    /// It did not open.
    Refused(Reason),
    /// It opened and cannot be shown.
    Not(Unshown),
}
