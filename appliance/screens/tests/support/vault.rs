//! The screens of an open vault.

use super::*;
use cloison_ceremony::{Choice, Seen, Unshown};
use cloison_custody::{Page, Quota, Waiting};
use cloison_formats::age::Declared;
use cloison_protocol::{CaseCommitment, Custodians, Entry, Happening, Kind, MessageError, Mode, Progress, Purpose, Reason};

pub(super) fn cases() -> Vec<Case> {
    let mut all = desks();
    all.extend(scans());
    all.extend(reviews());
    all.extend(records());
    all.extend(exports());
    all
}

const CALM: Waiting = Waiting { emergencies: 0, unconfirmed: false, undrilled: None, successor: false, since_backup: 0 };
const BUSY: Waiting = Waiting { emergencies: 2, unconfirmed: true, undrilled: Some(2), successor: true, since_backup: 5 };

fn desks() -> Vec<Case> {
    use Button as B;
    let desk = |name: &str, title: &str, waiting| {
        let (title, head) = (title.to_owned(), words());
        let view = View::Desk { title, mode: Mode::Real, enrolled: 1, generation: 5, head, waiting };
        case(name, view, &[B::ReadRequest, B::Enrol, B::ShowPublicKeys, B::Manage, B::Seal]).open()
    };
    let manage = [
        B::BackUp,
        B::ShowLog,
        B::ShowTranscript,
        B::ShowDescriptor,
        B::Renew,
        B::Revoke,
        B::Rotate,
        B::Reshare,
        B::ConfirmKeys,
        B::GiveUpNewCards,
        B::Succeed,
        B::Follow,
        B::Done,
    ];
    let calm = manage.into_iter().filter(|button| !matches!(button, B::ConfirmKeys | B::GiveUpNewCards)).collect::<Vec<_>>();
    let mut keys = vec![Choice::Key(OPENS), Choice::Key(SIGNS)];
    let stations: Vec<Choice> = (1..=9).map(|number| Choice::Workstation(format!("Poste {number}"))).collect();
    let items = |count: u8| (0..count).map(B::Item).chain([B::Cancel]).collect::<Vec<_>>();
    keys.push(Choice::Key(KeyRef { number: 2, ..SIGNS }));
    vec![
        Case { busy: Some(3), ..desk("desk-at-work", "Registry of Lyon", CALM) },
        desk("desk", "Registry of Lyon", CALM).notice(Notice::Enrolled("Poste 12".to_owned())),
        desk("desk-busy", LONG, BUSY).rehearsed(),
        case("manage", View::Manage { waiting: CALM }, &calm).open(),
        case("manage-busy", View::Manage { waiting: BUSY }, &manage).open().rehearsed().notice(Notice::NoTranscript),
        case("choose-key", View::Choose { items: keys }, &items(3)).open(),
        case("choose-many", View::Choose { items: stations }, &items(9)).open(),
        case("choose-longest", View::Choose { items: vec![Choice::Workstation(LONG.to_owned())] }, &items(1)).open().rehearsed(),
        case("enrolment", View::Enrolment { name: LONG.to_owned(), words: words() }, &[B::WordsMatch, B::Cancel, B::Seal]).open(),
        case(
            "succession",
            View::Succession { title: "Registry of Lyon, 2".to_owned(), words: words() },
            &[B::WordsMatch, B::Cancel],
        )
        .open(),
        case("following", View::Following { old: VAULT }, &[B::PresentCards, B::Cancel]).open(),
        emergencies(),
    ]
}

fn emergencies() -> Case {
    let custodians = Custodians::new(vec![1, 3]).unwrap();
    let what = Happening::Answered {
        request: DIGEST,
        requester: DIGEST,
        case: CaseCommitment(DIGEST),
        key: OPENS,
        custodians,
        granted: 2,
        emergency: true,
    };
    let entries = vec![Entry { at: 1_795_271_400, what }; 4];
    case("emergencies", View::Emergencies { entries, number: 2, of: 2 }, &[Button::Reviewed, Button::Back]).open()
}

fn scans() -> Vec<Case> {
    use Button as B;
    let fates: Vec<Fate> =
        [Fate::New, Fate::Again, Fate::Nothing, Fate::New, Fate::Wrong, Fate::Nothing].into_iter().cycle().take(40).collect();
    let scan = |name: &str, expected, progress| case(name, View::Scan { expected, progress, pieces: 0 }, &[B::Cancel]).camera();
    let mut without = scan("scan-without", Kind::Backup, None);
    without.screen.buttons.insert(0, B::Without);
    vec![
        scan("scan", Kind::Request, None).open(),
        Case {
            fates,
            hint: Some(Hint::Closer),
            left: Some(14),
            ..scan("scan-half", Kind::Plan, Some(Progress { read: 31, needed: 60 })).rehearsed()
        },
        scan("scan-wrong", Kind::Request, None)
            .notice(Notice::Message(MessageError::OtherKind { expected: Kind::Request, found: Kind::Enrolment }))
            .open(),
        without,
        Case {
            hint: Some(Hint::TooBright),
            exposes: true,
            ..scan("scan-bright", Kind::Request, Some(Progress { read: 1, needed: 60 })).open()
        },
        Case { hint: Some(Hint::Unplugged), camera: false, ..scan("scan-unplugged", Kind::Request, None).open() },
    ]
}

const WHY: &str = "Vérifier les dates d’une plainte, à la demande du parquet de Lyon";

fn reviews() -> Vec<Case> {
    use Button as B;
    let who = |emergency, requester: &str, case: &str, reason: &str| Page::Who {
        requester: requester.to_owned(),
        purpose: Purpose { case: line(case), reason: line(reason) },
        key: OPENS,
        operations: 2,
        made: 1_795_271_400,
        expires: 1_795_275_000,
        cards: Some(2),
        emergency,
        quota: Quota { session: (3, 10), day: (4, 10), total: (57, 1000) },
    };
    let longest: String = [LONG; 5].join(" ").chars().take(240).collect();
    let text: String =
        (1..=12).map(|number| format!("{number:2} Je soussignée Amélie Lefèvre certifie ce qui suit, ligne\n")).collect();
    let signed = Page::Text { operation: 1, part: 1, parts: 2, text: text.trim_end().to_owned() };
    let digest = Page::Digest { operation: 1, name: "x".repeat(255), size: 4 << 30, digest: DIGEST };
    let declared = Declared { record: line("TAJ-77"), class: line("restreint"), size: 4096 };
    let review = |name: &str, page, buttons: &[Button]| {
        let number = if buttons.contains(&B::Approve) { 2 } else { 1 };
        let mut case = case(name, View::Review { page, number, of: 2 }, buttons).open();
        case.screen.buttons.retain(|button| *button != B::Seal);
        case.screen.buttons.push(B::Seal);
        case
    };
    let first = [B::Next, B::Emergency, B::Decline, B::Cancel];
    let last = [B::Approve, B::Back, B::Decline, B::Cancel];
    vec![
        review("review-who", who(false, "Poste 12, cabinet d’instruction", "2026-114", WHY), &first),
        review(
            "review-who-longest",
            who(true, LONG, LONG, &longest),
            &[B::PresentCards, B::Back, B::Emergency, B::Decline, B::Cancel],
        ),
        review("review-text", signed, &last),
        review("review-digest", digest, &last),
        review("review-record", Page::Record { operation: 1, viewed: true, header: DIGEST }, &last),
        review("review-declared", Page::Declared { operation: 1, refused: None, declared: Ok(Some(declared)) }, &last),
        case("refused", View::Refused(Reason::DayQuota), &[B::Answer, B::Emergency, B::Cancel, B::Seal]).open(),
    ]
}

fn records() -> Vec<Case> {
    use Button as B;
    let record = |name: &str, seen, buttons: &[Button]| case(name, View::Record { record: 1, of: 2, seen }, buttons).open();
    let shown = |name: &str, what| Case { record: Some(what), ..record(name, Seen::Page(2, 3), &[B::Next, B::Back]) };
    vec![
        record("record-decoding", Seen::Decoding, &[]),
        record("record-refused", Seen::Refused(Reason::CannotUnwrap), &[B::Done]),
        record("record-not", Seen::Not(Unshown::TooHard), &[B::Done]),
        shown("record-covered", Record::Lines),
        shown("record-text", Record::Lines).held(),
        shown("record-table", Record::Rows).held(),
        shown("record-picture", Record::Picture).held(),
    ]
}

fn exports() -> Vec<Case> {
    let show = |name: &str, view| case(name, view, &[Button::Done]).message(3000);
    vec![
        show("reply", View::Reply).open(),
        Case { leaving: true, ..show("reply-leaving", View::Reply).open() },
        show("export-public-keys", View::Export { kind: Kind::PublicKeys, words: Some(words()) }).open(),
        show("export-descriptor", View::Export { kind: Kind::Descriptor, words: None }).rehearsed(),
        show("export-transcript", View::Export { kind: Kind::Transcript, words: Some(words()) }).open().rehearsed(),
    ]
}
