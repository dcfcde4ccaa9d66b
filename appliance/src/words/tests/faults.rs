//! Every error is said in English as its crate says it, and in French.

use super::{ENGLISH, Explain, FRENCH, PATTERNS, WEAKNESSES, assert_all, kinds::KINDS};
use crate::{hardware::HardwareError, paper::PaperError};
use cloison_custody::{
    BirthError, CardRefusal, ChangeRefused, DrillError, EnrolmentRefused, OpenError, PassphraseError, PerformError, RestoreError,
    SelfTestFailed, Stale, StoreError, Unanswerable,
    entropy::{DiceError, EntropyError, Source},
};
use cloison_eye::viewer::{Kind as Shown, Reason as NotShown, ViewError};
use cloison_formats::age::NotReadable;
use cloison_optics::{PictureError, SymbolError, picture::Format};
use cloison_protocol::{
    BoundError, CardError, CardWordsError, FrameError, Kind, MessageError, PlanFault, PolicyFault, Reason, RecordFault,
    ReplyError, SignError, WordList,
};
use std::{
    collections::BTreeMap,
    fmt::{Debug, Display},
    io,
    path::PathBuf,
    time::Duration,
};

/// Asserts that errors are all there, that their English is their own, and that their French is not.
fn assert_said<E: Explain + Display + Debug>(source: &str, name: &str, errors: &[E]) {
    assert_all(source, name, errors);
    let mut french = BTreeMap::new();
    for error in errors {
        assert_eq!(ENGLISH.explain(error), error.to_string(), "{error:?}");
        let said = FRENCH.explain(error);
        assert_ne!(said, error.to_string(), "{error:?}");
        assert!(!said.contains(['{', '}']), "{said}");
        let other = french.insert(said, format!("{error:?}"));
        assert!(other.is_none(), "{error:?} and {other:?} are said alike in French");
    }
}

macro_rules! source {
    ($path:literal) => {
        include_str!(concat!("../../../../crates/", $path))
    };
}

fn messages() -> Vec<MessageError> {
    let mut messages = vec![
        MessageError::NotAMessage,
        MessageError::Version { found: 2, known: 1 },
        MessageError::UnknownKind(99),
        MessageError::TooLong { found: 2_000_000, limit: 1_114_112 },
        MessageError::Unencodable,
        MessageError::Sign(SignError),
        MessageError::Card(CardError::Damaged),
        MessageError::Plan(PlanFault::NoKeys),
        MessageError::Record(RecordFault::Heading),
    ];
    for kind in KINDS {
        messages.extend([MessageError::Malformed(kind), MessageError::NotCanonical(kind), MessageError::BadSignature(kind)]);
        messages.push(MessageError::OtherKind { expected: kind, found: Kind::Enrolment });
    }
    messages
}

#[test]
fn faults_of_messages_are_said_in_both_languages() {
    assert_said(
        source!("protocol/src/bounded.rs"),
        "BoundError",
        &[BoundError::TooLong { found: 70, limit: 64 }, BoundError::Unshowable(0x202e)],
    );
    assert_said(source!("protocol/src/message.rs"), "MessageError", &messages());
    assert_said(
        source!("protocol/src/record.rs"),
        "RecordFault",
        &[RecordFault::Heading, RecordFault::Entry { number: 7 }, RecordFault::End { last: 9 }, RecordFault::Signature],
    );
    assert_said(
        source!("protocol/src/frame.rs"),
        "FrameError",
        &[
            FrameError::NotAFrame,
            FrameError::Version { found: 2, known: 1 },
            FrameError::Damaged,
            FrameError::TooLong { length: 9, limit: 8 },
        ],
    );
    assert_said(
        source!("protocol/src/reply.rs"),
        "ReplyError",
        &[
            ReplyError::OtherRequest,
            ReplyError::ReplyKey,
            ReplyError::Unopened,
            ReplyError::Malformed,
            ReplyError::Count { expected: 2, found: 3 },
            ReplyError::Message(MessageError::NotAMessage),
        ],
    );
    assert_eq!(ENGLISH.explain(&SignError), SignError.to_string());
    assert_ne!(FRENCH.explain(&SignError), SignError.to_string());
}

#[test]
fn refusals_are_said_in_both_languages() {
    let reasons = [
        Reason::UnknownRequester,
        Reason::Expired,
        Reason::Replayed,
        Reason::UnknownKey,
        Reason::WrongUsage,
        Reason::CannotUnwrap,
        Reason::Declined,
        Reason::TooMany,
        Reason::RolledBack,
        Reason::ViewOnly,
        Reason::NotDeclared,
        Reason::KeyExpired,
        Reason::NotForYou,
        Reason::Retired,
        Reason::SessionQuota,
        Reason::DayQuota,
        Reason::TotalQuota,
        Reason::EmergencyQuota,
        Reason::CannotShow,
        Reason::Revoked,
    ];
    assert_said(source!("protocol/src/reply.rs"), "Reason", &reasons);
    assert_eq!(ENGLISH.not_readable(), NotReadable.to_string());
    assert_ne!(FRENCH.not_readable(), NotReadable.to_string());
}

#[test]
fn faults_of_plans_are_said_in_both_languages() {
    let policies = [
        PolicyFault::Approvals { asked: 9, threshold: 2, cards: 3 },
        PolicyFault::ApprovalsOfASession,
        PolicyFault::Batch { asked: 200, most: 32 },
        PolicyFault::QuotaBelowBatch { batch: 5 },
        PolicyFault::NotForRecords,
    ];
    assert_said(source!("protocol/src/policy.rs"), "PolicyFault", &policies);
    let mut plans = vec![
        PlanFault::NoTitle,
        PlanFault::Threshold { threshold: 4, cards: 3, most: 16 },
        PlanFault::NoName { person: 2 },
        PlanFault::NameTaken { first: 1, second: 3 },
        PlanFault::NoKeys,
        PlanFault::UnknownUsage { key: 1 },
        PlanFault::UnknownAlgorithm { key: 1 },
        PlanFault::NoLanguage,
        PlanFault::Limits,
    ];
    plans.extend(policies.map(|fault| PlanFault::Policy { key: 2, fault }));
    assert_said(source!("protocol/src/plan.rs"), "PlanFault", &plans);
}

#[test]
fn faults_of_cards_are_said_in_both_languages() {
    let cards = [CardError::NotACard, CardError::Version { found: 2, known: 1 }, CardError::Damaged, CardError::Malformed];
    assert_said(source!("protocol/src/card.rs"), "CardError", &cards);
    let mut words = vec![
        CardWordsError::TooLong { found: 9000, limit: 8192 },
        CardWordsError::Empty,
        CardWordsError::NotWords,
        CardWordsError::WrongLines { found: 9, expected: 10 },
        CardWordsError::NoSuchLine(11),
        CardWordsError::WrongCount { line: 2, found: 6, expected: 7 },
        CardWordsError::UnknownWord { line: 2, word: 3, nearest: Some("abandon") },
        CardWordsError::Slip { line: 2 },
        CardWordsError::NotOneCard,
        CardWordsError::Padding,
    ];
    words.extend([WordList::English, WordList::French].map(|list| CardWordsError::Mixed { line: 2, word: 3, list }));
    words.extend(cards.map(CardWordsError::Card));
    assert_said(source!("protocol/src/card_words.rs"), "CardWordsError", &words);
    let mut refusals = vec![
        CardRefusal::WrongVault,
        CardRefusal::WrongEpoch { card: 1, vault: 2 },
        CardRefusal::UnknownProfile(9),
        CardRefusal::WrongPassphrase,
        CardRefusal::Forged,
        CardRefusal::Duplicate,
    ];
    refusals.extend(cards.map(CardRefusal::Unreadable));
    assert_said(source!("custody/src/card.rs"), "CardRefusal", &refusals);
    let passphrases = [
        PassphraseError::Empty,
        PassphraseError::TooShort { found: 3, least: 12 },
        PassphraseError::Monotonous { least: 5 },
        PassphraseError::Guessable { bits: 23, least: 40, why: WEAKNESSES[0] },
        PassphraseError::TooLong { limit: 1024 },
        PassphraseError::Differ,
    ];
    assert_said(source!("custody/src/passphrase/mod.rs"), "PassphraseError", &passphrases);
}

#[test]
fn faults_of_randomness_are_said_in_both_languages() {
    assert_said(
        source!("custody/src/entropy/dice.rs"),
        "DiceError",
        &[
            DiceError::Nobody,
            DiceError::NotARoll { position: 3 },
            DiceError::TooFew { found: 3, needed: 100 },
            DiceError::TooMany { limit: 1000 },
            DiceError::Patterned(PATTERNS[0]),
        ],
    );
    let sources = [Source::Kernel, Source::Jitter, Source::Hardware, Source::Camera, Source::Dice];
    assert_all(source!("custody/src/entropy/mod.rs"), "Source", &sources);
    let mut entropy = vec![EntropyError::Expand];
    for source in sources {
        entropy.push(EntropyError::Missing { source_name: source, given: 3, wanted: 64 });
        entropy.extend([EntropyError::Stuck(source), EntropyError::Biased(source), EntropyError::Untested(source)]);
    }
    assert_said(source!("custody/src/entropy/mod.rs"), "EntropyError", &entropy);
}

#[test]
fn faults_of_vaults_are_said_in_both_languages() {
    let stores = [
        StoreError::NotAStore,
        StoreError::Version { found: 1, known: 2 },
        StoreError::Newer { found: 3, known: 2 },
        StoreError::TooLong { found: 9, limit: 8 },
        StoreError::Malformed,
        StoreError::Unauthentic,
    ];
    assert_said(source!("custody/src/state.rs"), "StoreError", &stores);
    let (store, message) = (StoreError::Malformed, MessageError::NotAMessage);
    assert_said(
        source!("custody/src/birth.rs"),
        "BirthError",
        &[
            BirthError::Text(BoundError::Unshowable(7)),
            BirthError::Unproven,
            BirthError::Change(ChangeRefused::Unknown),
            BirthError::Policy { key: super::OPENS, fault: PolicyFault::NotForRecords },
            BirthError::Broken,
        ],
    );
    assert_said(
        source!("custody/src/drill.rs"),
        "DrillError",
        &[
            DrillError::Nothing,
            DrillError::OtherOccasion,
            DrillError::OtherKeys,
            DrillError::Derivation,
            DrillError::Store(store),
            DrillError::Message(message),
        ],
    );
    assert_said(
        source!("custody/src/restore.rs"),
        "RestoreError",
        &[
            RestoreError::OtherBackup,
            RestoreError::Altered,
            RestoreError::OtherEpoch { cards: 2, backup: 1 },
            RestoreError::OtherVault,
            RestoreError::Derivation,
            RestoreError::Store(store),
            RestoreError::Message(message),
        ],
    );
    assert_eq!(ENGLISH.explain(&SelfTestFailed(3)), SelfTestFailed(3).to_string());
    assert!(FRENCH.explain(&SelfTestFailed(3)).contains("l’autotest 3 "));
}

#[test]
fn faults_of_an_open_vault_are_said_in_both_languages() {
    let errors = source!("custody/src/vault/errors.rs");
    assert_said(errors, "Unanswerable", &[Unanswerable::OtherVault, Unanswerable::ReplyKey]);
    assert_said(errors, "PerformError", &[PerformError::Stale, PerformError::Reply(ReplyError::Malformed)]);
    assert_said(
        errors,
        "OpenError",
        &[
            OpenError::OtherOccasion,
            OpenError::OtherVault,
            OpenError::Derivation,
            OpenError::NotDrilled,
            OpenError::Earlier { last: 1_795_271_400 },
            OpenError::Store(StoreError::Unauthentic),
        ],
    );
    assert_said(
        errors,
        "EnrolmentRefused",
        &[
            EnrolmentRefused::Known,
            EnrolmentRefused::Revoked,
            EnrolmentRefused::NoName,
            EnrolmentRefused::NameTaken,
            EnrolmentRefused::OtherOccasion,
            EnrolmentRefused::Unencodable,
        ],
    );
    assert_said(
        errors,
        "ChangeRefused",
        &[
            ChangeRefused::OtherOccasion,
            ChangeRefused::Unknown,
            ChangeRefused::TooManyKeys { most: 64 },
            ChangeRefused::Undrilled { epoch: 2 },
            ChangeRefused::Derivation,
            ChangeRefused::Succeeded,
            ChangeRefused::Itself,
            ChangeRefused::OtherMode,
            ChangeRefused::OtherVault,
            ChangeRefused::Follows,
            ChangeRefused::Message(MessageError::Unencodable),
            ChangeRefused::Unencodable,
        ],
    );
    assert_eq!(ENGLISH.explain(&Stale), Stale.to_string());
    assert_ne!(FRENCH.explain(&Stale), Stale.to_string());
}

#[test]
fn faults_of_a_viewer_are_said_in_both_languages() {
    let kinds = [Shown::Pdf, Shown::Archive, Shown::OtherPicture, Shown::Encrypted, Shown::Unknown];
    assert_all(source!("eye/src/viewer/kind.rs"), "Kind", &kinds);
    let reasons = [
        NotShown::Empty,
        NotShown::Damaged,
        NotShown::TooLarge,
        NotShown::TooLong,
        NotShown::TooDeep,
        NotShown::Moving,
        NotShown::Failed,
    ];
    assert_all(source!("eye/src/viewer/wire.rs"), "Reason", &reasons);
    let mut errors = vec![
        ViewError::TooLarge { size: 2, limit: 1 },
        ViewError::Unconfined,
        ViewError::Overrun { budget: Duration::from_secs(10) },
        ViewError::OutOfMemory,
        ViewError::Forbidden,
        ViewError::Died,
        ViewError::Garbled,
        ViewError::Start(io::ErrorKind::NotFound.into()),
    ];
    errors.extend(kinds.map(|kind| ViewError::Unsupported { kind }));
    errors.extend(reasons.map(|reason| ViewError::Unshowable { reason }));
    assert_said(source!("eye/src/viewer/parent.rs"), "ViewError", &errors);
}

#[test]
fn faults_of_the_printer_and_the_disk_are_said_in_both_languages() {
    let (path, fault) = (|| PathBuf::from("/dev/usb/lp0"), || io::Error::from(io::ErrorKind::BrokenPipe));
    let errors = [
        PaperError::TooLong { found: 70, limit: 64 },
        PaperError::WrongVault,
        PaperError::Unreadable,
        PaperError::Profile { found: 2, known: 1 },
        PaperError::Words,
        PaperError::Symbol(SymbolError::Empty),
        PaperError::Picture(PictureError::Empty),
        PaperError::TooWide { width: 600 },
        PaperError::Missing(path()),
        PaperError::NotADevice(path()),
        PaperError::NotWritable(path()),
        PaperError::Busy(path()),
        PaperError::Unopened { path: path(), source: fault() },
        PaperError::OutOfPaper { sent: 9 },
        PaperError::Stopped { sent: 9, source: fault() },
    ];
    assert_said(include_str!("../../paper/mod.rs"), "PaperError", &errors);
    let hardware = [HardwareError::Entropy(getrandom::Error::UNSUPPORTED), HardwareError::Store(Box::new(fault()))];
    assert_said(include_str!("../../hardware.rs"), "HardwareError", &hardware);
}

#[test]
fn faults_of_pictures_are_said_in_both_languages() {
    let pictures = [
        PictureError::Empty,
        PictureError::Mismatch { expected: 4, found: 3 },
        PictureError::TooLarge { width: 9, height: 8 },
        PictureError::TooLong,
        PictureError::Uneven { width: 9, height: 8 },
        PictureError::Unknown,
        PictureError::Damaged { format: Format::Png },
        PictureError::Unwritable { format: Format::Png },
    ];
    assert_said(source!("optics/src/picture.rs"), "PictureError", &pictures);
    let symbols = [
        SymbolError::Version { version: 41 },
        SymbolError::Empty,
        SymbolError::TooLong { found: 9, capacity: 8 },
        SymbolError::NoRoom { needed: 900, width: 800, height: 480 },
        SymbolError::Picture(PictureError::Empty),
    ];
    assert_said(source!("optics/src/symbol.rs"), "SymbolError", &symbols);
}
