//! What there is to say of the last event.

use super::{Field, Purposes};
use cloison_custody::{
    BirthError, CardRefusal, ChangeRefused, DrillError, EnrolmentRefused, OpenError, PassphraseError, PerformError, RestoreError,
    SelfTestFailed, Stale, Unanswerable,
    entropy::{DiceError, EntropyError},
};
use cloison_protocol::{Alarms, CardWordsError, FrameError, MessageError, PlanFault, Reason, TransferId};

/// What there is to say of the last event; the appliance puts it into words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Cards could not be dealt.
    Birth(BirthError),
    /// The plan cannot be held.
    Plan(PlanFault),
    /// A person whom the ceremony needs is not here.
    Absent(String),
    /// The appliance computes wrongly.
    SelfTest(SelfTestFailed),
    /// What was typed is not a date such as `2026-11-21 14:30`.
    NotADate,
    /// The date is before the last entry of the log, in seconds since 1970 UTC.
    DateBefore(u64),
    /// The dice are not accepted.
    Dice(DiceError),
    /// The rolls of one person are mixed in.
    Rolled(String, usize),
    /// A card's words are not accepted.
    Words(CardWordsError),
    /// The printer did not take the card.
    NotPrinted,
    /// The card was printed.
    Printed,
    /// The cards were not drilled.
    Drill(DrillError),
    /// The vault was not restored.
    Restore(RestoreError),
    /// The vault was not changed.
    Change(ChangeRefused),
    /// The vault was changed.
    Changed(Purposes),
    /// The emergency path is closed.
    NoEmergency(Reason),
    /// The store holds no transcript.
    NoTranscript,
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
    /// A code is none of a test pattern.
    NotAPattern,
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
    /// Everything was stopped, because the watch found this.
    Alarm(Alarms),
}
