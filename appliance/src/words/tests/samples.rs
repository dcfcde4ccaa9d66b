//! One value at least of everything that is put into words.

use cloison_ceremony::{
    Button, Choice, Ended, Field, HomeView, NoPlace, Notice, PlanPage, Purposes, Screen, Seen, Unshown, View,
};
use cloison_custody::{
    BirthError, CardRefusal, ChangeRefused, DrillError, EnrolmentRefused, OpenError, Page, PassphraseError, PerformError, Quota,
    RestoreError, SelfTestFailed, Stale, StoreError, Unanswerable, Waiting,
    entropy::{DiceError, EntropyError, Pattern, Source},
    passphrase::Reason as Weakness,
};
use cloison_formats::age::{Declared, NotReadable};
use cloison_protocol::{
    Alarm, Alarms, Algorithm, CardError, CardWordsError, CaseCommitment, Custodians, Digest, Entry, Fingerprint, FrameError,
    Happening, KeyRef, Kind, Language, Limits, Measure, MessageError, Mode, Person, PlanFault, Policy, Progress, Purpose, Reason,
    Role, Score, Transfer, Usage, VaultId,
    bounded::{Fixed, Line, List},
};

pub(super) const DIGEST: Digest = Fixed([0xa5; 48]);
pub(super) const VAULT: VaultId = VaultId(Fixed([7; 16]));
pub(super) const OPENS: KeyRef = KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 };
pub(super) const SIGNS: KeyRef = KeyRef { usage: Usage::Text, algorithm: Algorithm::P384, number: 1 };

pub(super) fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::new(text).unwrap()
}

fn words() -> Fingerprint {
    Fingerprint::of(&DIGEST)
}

pub(super) fn on(view: View, buttons: &[Button]) -> Screen {
    Screen::of(view, buttons)
}

pub(super) const BUTTONS: [Button; 59] = {
    use Button as B;
    [
        B::CreateVault,
        B::RehearseVault,
        B::OpenVault,
        B::CheckCard,
        B::TestCodes,
        B::ReadPattern,
        B::Drill,
        B::Restore,
        B::GiveUp,
        B::EndRehearsal,
        B::Erase,
        B::ReadPlan,
        B::TypePlan,
        B::Here,
        B::NotHere,
        B::AddRolls,
        B::Propose,
        B::ShowWords,
        B::Print,
        B::ReadWords,
        B::Without,
        B::Manage,
        B::BackUp,
        B::ShowDescriptor,
        B::ShowLog,
        B::ShowTranscript,
        B::Renew,
        B::Rotate,
        B::Revoke,
        B::Reshare,
        B::ConfirmKeys,
        B::GiveUpNewCards,
        B::Succeed,
        B::Follow,
        B::Emergency,
        B::Reviewed,
        B::Item(0),
        B::Item(1),
        B::Continue,
        B::Cancel,
        B::MakeCard,
        B::ReadBack,
        B::Verify,
        B::ShowAgain,
        B::NewCard,
        B::TryAgain,
        B::Present,
        B::ReadRequest,
        B::Enrol,
        B::ShowPublicKeys,
        B::WordsMatch,
        B::Next,
        B::Back,
        B::PresentCards,
        B::Approve,
        B::Decline,
        B::Answer,
        B::Done,
        B::Seal,
    ]
};

pub(super) const FIELDS: [Field; 13] = [
    Field::Title,
    Field::Place,
    Field::Threshold,
    Field::Cards,
    Field::Administrator,
    Field::Witness,
    Field::Custodian,
    Field::Date,
    Field::Contributor,
    Field::Rolls,
    Field::Words,
    Field::Passphrase,
    Field::PassphraseAgain,
];

pub(super) const PURPOSES: [Purposes; 13] = [
    Purposes::Opening,
    Purposes::Request,
    Purposes::Emergency,
    Purposes::Enrolment,
    Purposes::Revocation,
    Purposes::Renewal,
    Purposes::Confirmation,
    Purposes::Rotation,
    Purposes::Succession,
    Purposes::Following,
    Purposes::Reshare,
    Purposes::Drill,
    Purposes::Restore,
];

pub(super) const WEAKNESSES: [Weakness; 7] = [
    Weakness::Known,
    Weakness::Disguised,
    Weakness::Keyboard,
    Weakness::Repetition,
    Weakness::Sequence,
    Weakness::Date,
    Weakness::Short,
];

pub(super) const ENDS: [Ended; 8] = [
    Ended::Created,
    Ended::Drilled,
    Ended::Restored,
    Ended::Sealed,
    Ended::Idle,
    Ended::TimeUp,
    Ended::ClockWentBack,
    Ended::Alarm,
];

pub(super) const MEASURES: [Measure; 7] =
    [Measure::Cores, Measure::Tracing, Measure::Privileges, Measure::Memory, Measure::Reserve, Measure::Files, Measure::Calls];

pub(super) fn each_alarm() -> Vec<Alarm> {
    let usb = |name| Alarm::UsbDevice { vendor: 0x0bda, product: 0x8153, class: 0xff, name: line(name) };
    let mut alarms = vec![
        Alarm::Interface(line("eth0")),
        Alarm::Radio(line("phy0")),
        usb("LAN adapter"),
        usb(""),
        Alarm::Unreadable(line("/proc/self/net/dev")),
    ];
    alarms.extend(MEASURES.map(Alarm::Unconfined));
    alarms
}

/// Each alarm alone, two together, and more than are named.
pub(super) fn alarms() -> Vec<Alarms> {
    let each = each_alarm();
    let mut alarms: Vec<_> = each.iter().map(|alarm| Alarms::of(std::slice::from_ref(alarm)).unwrap()).collect();
    alarms.extend([&each[..2], &each].map(|several| Alarms::of(several).unwrap()));
    alarms
}

pub(super) const PATTERNS: [Pattern; 8] = [
    Pattern::Run { length: 13 },
    Pattern::Steps { every: 1, by: 2 },
    Pattern::Copied,
    Pattern::Mirrored,
    Pattern::Uneven,
    Pattern::Missing,
    Pattern::FewPairs,
    Pattern::NeverTwice,
];

pub(super) fn homes() -> Vec<HomeView> {
    let sealed = |serves, drill| HomeView::Sealed {
        title: "Registry of Lyon".to_owned(),
        vault: VAULT,
        mode: Mode::Real,
        threshold: 2,
        cards: 3,
        serves,
        drill,
    };
    vec![
        HomeView::Blank,
        sealed(false, Some(1)),
        sealed(true, None),
        sealed(true, Some(2)),
        HomeView::Broken(StoreError::Malformed),
        HomeView::Training,
        HomeView::Real,
        HomeView::NoPlace(NoPlace::Missing),
        HomeView::NoPlace(NoPlace::Small),
        HomeView::NoPlace(NoPlace::Several),
        HomeView::NoPlace(NoPlace::Failed),
    ]
}

pub(super) fn choices() -> Vec<Choice> {
    vec![Choice::Workstation("Seal".to_owned()), Choice::Key(OPENS), Choice::Key(SIGNS)]
}

pub(super) fn policies() -> Vec<Policy> {
    let usual = Policy::usual(Usage::Age);
    let named = List::new(vec![line("Claire"), line("Poste 12")]).unwrap();
    vec![
        Policy { approvals: 3, view_only: true, declared_only: true, expires: 1_795_271_400, ..usual.clone() },
        Policy { each: false, emergency: 20, requesters: named, ..usual.clone() },
        usual,
    ]
}

pub(super) fn plan_pages() -> Vec<PlanPage> {
    let person = |name: &str, role| Person { name: line(name), role };
    let head = |threshold| PlanPage::Head {
        title: "Registry of Lyon".to_owned(),
        place: "Room 12".to_owned(),
        threshold,
        cards: 3,
        limits: Limits::default(),
        languages: vec![Language::French, Language::English],
        words: words(),
    };
    let mut pages = vec![head(2), head(3)];
    pages.push(PlanPage::People(vec![
        person("Amélie", Role::Custodian),
        person("Zoé", Role::Administrator),
        person("Yann", Role::Witness),
    ]));
    pages.extend(policies().into_iter().map(|policy| PlanPage::Key { key: OPENS, policy }));
    pages
}

pub(super) fn pages() -> Vec<Page> {
    let who = |cards, emergency| Page::Who {
        requester: "Poste 12".to_owned(),
        purpose: Purpose { case: line("2026-114"), reason: line("Enquête préliminaire") },
        key: OPENS,
        operations: 2,
        made: 1_795_271_400,
        expires: 1_795_275_000,
        cards,
        emergency,
        quota: Quota { session: (3, 10), day: (4, 10), total: (57, 1000) },
    };
    let declared = Declared { record: line("TAJ-77"), class: line("restreint"), size: 4096 };
    vec![
        who(Some(2), false),
        who(None, false),
        who(Some(2), true),
        Page::Text { operation: 1, part: 1, parts: 2, text: "Je soussignée\ncertifie.".to_owned() },
        Page::Digest { operation: 1, name: "image.iso".to_owned(), size: 4 << 30, digest: DIGEST },
        Page::Record { operation: 1, viewed: false, header: DIGEST },
        Page::Record { operation: 1, viewed: true, header: DIGEST },
        Page::Declared { operation: 1, refused: None, declared: Ok(Some(declared.clone())) },
        Page::Declared { operation: 1, refused: Some(Reason::CannotUnwrap), declared: Ok(Some(declared)) },
        Page::Declared { operation: 1, refused: None, declared: Ok(None) },
        Page::Declared { operation: 1, refused: Some(Reason::NotDeclared), declared: Ok(None) },
        Page::Declared { operation: 1, refused: None, declared: Err(NotReadable) },
    ]
}

pub(super) fn happenings() -> Vec<Happening> {
    let some = || Custodians::new(vec![1, 3]).unwrap();
    let answered = |custodians, emergency| Happening::Answered {
        request: DIGEST,
        requester: DIGEST,
        case: CaseCommitment(DIGEST),
        key: OPENS,
        custodians,
        granted: 2,
        emergency,
    };
    let mut happenings = vec![
        Happening::Created,
        Happening::Opened { custodians: some() },
        Happening::Enrolled { name: line("Poste 12"), key: DIGEST, custodians: some() },
        Happening::Presented { request: DIGEST, requester: DIGEST, custodians: some() },
        answered(some(), true),
        answered(Custodians::default(), false),
        Happening::Refused { request: DIGEST, requester: DIGEST, reason: Reason::DayQuota },
        Happening::Drilled { epoch: 1, cards: 3, transcript: DIGEST },
        Happening::Redealt { epoch: 2, custodians: some() },
        Happening::RedealAbandoned { epoch: 2 },
        Happening::Restored { custodians: some(), descriptor: true, backup: Some(9) },
        Happening::Restored { custodians: some(), descriptor: false, backup: None },
        Happening::Confirmed { custodians: some() },
        Happening::Renewed { custodians: some() },
        Happening::Rotated { key: SIGNS, custodians: some() },
        Happening::Revoked { name: line("Poste 12"), key: DIGEST, custodians: some() },
        Happening::Succeeded { by: VAULT, custodians: some() },
        Happening::Follows { old: VAULT, custodians: some() },
        Happening::Reviewed { custodians: some(), operations: 4 },
        Happening::BackedUp { backup: DIGEST },
    ];
    happenings.extend(alarms().into_iter().map(|alarms| Happening::Alarmed { alarms }));
    happenings
}

fn waiting() -> [Waiting; 2] {
    let all = Waiting { emergencies: 2, unconfirmed: true, undrilled: Some(2), successor: true, since_backup: 5 };
    [Waiting { emergencies: 0, unconfirmed: false, undrilled: None, successor: false, since_backup: 0 }, all]
}

pub(super) fn views() -> Vec<View> {
    let mut views: Vec<View> = homes().into_iter().map(View::Home).collect();
    views.extend(ceremony());
    views.extend(PURPOSES.map(|purpose| View::Cards { purpose, accepted: vec![1], needed: 2, card: None }));
    let card = Some((2, String::new()));
    views.push(View::Cards { purpose: Purposes::Restore, accepted: Vec::new(), needed: 0, card });
    views.extend([None, Some(2)].map(|read| View::Check { read }));
    views.extend(vault());
    views.extend(messages());
    views.push(View::Alarm { alarms: None });
    views.extend(alarms().into_iter().map(|alarms| View::Alarm { alarms: Some(alarms) }));
    views
}

fn ceremony() -> Vec<View> {
    let (title, custodian) = (|| "Registry of Lyon".to_owned(), || "Amélie".to_owned());
    let languages = vec![Language::French, Language::English];
    let cards = vec![(1, "Amélie".to_owned()), (2, "Bruno".to_owned())];
    let lines = (1..=10).map(|number| format!("abandon ability able about above absent line{number}")).collect();
    let mut views = vec![
        View::Start,
        View::Plan,
        View::Name { index: 1, cards: 3 },
        View::Date { clock: 1_795_271_400 },
        View::Entropy,
        View::Passphrase { index: 1, cards: 3, custodian: custodian(), languages },
        View::Card { index: 1, cards: 3, custodian: custodian(), words: None },
        View::Card { index: 1, cards: 3, custodian: custodian(), words: Some(lines) },
        View::ReadBack { index: 1, cards: 3, read: false },
        View::ReadBack { index: 1, cards: 3, read: true },
        View::Saving,
        View::Unsaved,
        View::EndRehearsal,
        View::Created { title: title(), cards: 3 },
        View::Drilled { title: title(), cards: 3, words: words() },
        View::GiveUp { cards: cards.clone() },
        View::Stopped { cards },
        View::Restored { title: title(), described: true, backup: Some(9), enrolled: 1 },
        View::Restored { title: title(), described: false, backup: None, enrolled: 0 },
    ];
    views.extend([0, 40, 100].map(|rolls| View::Dice { rolls, needed: 100 }));
    let roles = [Role::Administrator, Role::Custodian, Role::Witness];
    views.extend(roles.map(|role| View::RollCall { name: custodian(), role, number: 1, of: 4 }));
    views.extend(plan_pages().into_iter().map(|page| View::PlanPage { page, number: 1, of: 5 }));
    views
}

fn vault() -> Vec<View> {
    let mut views = vec![
        View::Choose { items: Vec::new() },
        View::Choose { items: vec![Choice::Workstation("Poste 12".to_owned())] },
        View::Choose { items: vec![Choice::Key(OPENS)] },
        View::Enrolment { name: "Poste 12".to_owned(), words: words() },
        View::Succession { title: "Registry of Lyon, 2".to_owned(), words: words() },
        View::Following { old: VAULT },
    ];
    for waiting in waiting() {
        let (title, head) = ("Registry of Lyon".to_owned(), words());
        views.push(View::Desk { title, mode: Mode::Real, enrolled: 1, generation: 5, head, waiting });
        views.push(View::Manage { waiting });
    }
    views
}

fn messages() -> Vec<View> {
    let kinds = [Kind::Plan, Kind::PublicKeys, Kind::Descriptor, Kind::Backup, Kind::Transcript, Kind::Log, Kind::Succession];
    let unshown = [Unshown::Unsupported, Unshown::TooLarge, Unshown::Damaged, Unshown::TooHard];
    let mut seen = vec![Seen::Decoding, Seen::Page(2, 3), Seen::Refused(Reason::CannotUnwrap)];
    seen.extend(unshown.map(Seen::Not));
    let entries: Vec<_> = happenings().into_iter().map(|what| Entry { at: 1_795_271_400, what }).collect();
    let mut views = vec![
        View::Emergencies { entries, number: 1, of: 2 },
        View::Scan { expected: Kind::Request, progress: None, pieces: 0 },
        View::Scan { expected: Kind::Enrolment, progress: Some(Progress { read: 3, needed: 9 }), pieces: 3 },
        View::Pattern,
        View::Trial { percent: 0, scores: Vec::new(), best: None },
        View::Trial { percent: 40, scores: vec![Score { profile: 0, read: 17, shown: 20 }], best: None },
        View::Trial { percent: 100, scores: vec![Score { profile: 0, read: 2, shown: 20 }], best: None },
        View::Trial { percent: 100, scores: vec![Score { profile: 3, read: 17, shown: 20 }], best: Some(3) },
        View::Refused(Reason::Replayed),
        View::Reply,
        View::Ended,
    ];
    views.extend(seen.into_iter().map(|seen| View::Record { record: 1, of: 2, seen }));
    views.extend(kinds.map(|kind| View::Export { kind, words: Some(words()) }));
    views.extend(pages().into_iter().map(|page| View::Review { page, number: 1, of: 2 }));
    views
}

pub(super) fn notices() -> Vec<Notice> {
    let id = Transfer::new(b"anything", 100).unwrap().id();
    let guessable = |why| PassphraseError::Guessable { bits: 23, least: 40, why };
    let mut notices = vec![
        Notice::Birth(BirthError::Broken),
        Notice::Plan(PlanFault::NoTitle),
        Notice::Absent("Amélie".to_owned()),
        Notice::SelfTest(SelfTestFailed(3)),
        Notice::NotADate,
        Notice::DateBefore(1_795_271_400),
        Notice::Dice(DiceError::TooFew { found: 3, needed: 100 }),
        Notice::Rolled("Amélie".to_owned(), 50),
        Notice::Rolled(String::new(), 1),
        Notice::Words(CardWordsError::Empty),
        Notice::NotPrinted,
        Notice::Printed,
        Notice::Drill(DrillError::OtherKeys),
        Notice::Restore(RestoreError::OtherVault),
        Notice::Change(ChangeRefused::Succeeded),
        Notice::NoEmergency(Reason::EmergencyQuota),
        Notice::NoTranscript,
        Notice::NotANumber(Field::Threshold),
        Notice::Passphrase(PassphraseError::Differ),
        Notice::Card { index: Some(3), refusal: CardRefusal::Unreadable(CardError::Damaged) },
        Notice::Card { index: Some(3), refusal: CardRefusal::WrongPassphrase },
        Notice::Card { index: None, refusal: CardRefusal::Unreadable(CardError::NotACard) },
        Notice::Accepted(3),
        Notice::Proven(3),
        Notice::Entropy(EntropyError::Stuck(Source::Hardware)),
        Notice::NoEntropy,
        Notice::NotSaved,
        Notice::Frame(FrameError::Damaged),
        Notice::Stranger { reading: id, this: id },
        Notice::Corrupt,
        Notice::NotAPattern,
        Notice::Message(MessageError::BadSignature(Kind::Request)),
        Notice::Open(OpenError::OtherVault),
        Notice::Open(OpenError::Earlier { last: 1_795_271_400 }),
        Notice::BrokenQuorum,
        Notice::Unanswerable(Unanswerable::OtherVault),
        Notice::TooLate,
        Notice::Enrolment(EnrolmentRefused::NameTaken),
        Notice::Enrolled("Poste 12".to_owned()),
        Notice::Unread(2),
        Notice::Perform(PerformError::Stale),
        Notice::Stale(Stale),
    ];
    notices.extend(alarms().into_iter().map(Notice::Alarm));
    notices.extend(PURPOSES.map(Notice::Changed));
    notices.extend(WEAKNESSES.map(|why| Notice::Passphrase(guessable(why))));
    notices.extend(PATTERNS.map(|found| Notice::Dice(DiceError::Patterned(found))));
    notices
}
