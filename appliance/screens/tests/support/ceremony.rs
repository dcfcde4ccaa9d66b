//! The screens of ceremonies.

use super::*;
use cloison_appliance::Booted;
use cloison_ceremony::{HomeView, NoPlace, PlanPage, Purposes};
use cloison_custody::{CardRefusal, PassphraseError, StoreError, entropy::DiceError};
use cloison_protocol::{Alarm, Alarms, Language, Limits, Measure, Mode, Person, Policy, Role, Usage, bounded::List};

pub(super) fn cases() -> Vec<Case> {
    let mut all = homes();
    all.extend(planning());
    all.extend(people());
    all.extend(dealing());
    all.extend(reading());
    all.extend(ends());
    all
}

fn sealed(title: &str, serves: bool, drill: Option<u16>, mode: Mode) -> View {
    let (title, vault) = (title.to_owned(), VAULT);
    View::Home(HomeView::Sealed { title, vault, mode, threshold: 2, cards: 3, serves, drill })
}

fn homes() -> Vec<Case> {
    use Button as B;
    let blank = [B::CreateVault, B::RehearseVault, B::Restore, B::CheckCard, B::TestCodes];
    vec![
        case("home-blank", View::Home(HomeView::Blank), &blank),
        case("home-sealed", sealed("Registry of Lyon", true, None, Mode::Real), &[B::OpenVault, B::CheckCard, B::TestCodes]),
        case(
            "home-undrilled",
            sealed("Registry of Lyon", false, Some(1), Mode::Real),
            &[B::Drill, B::CheckCard, B::TestCodes, B::GiveUp],
        ),
        case(
            "home-rehearsal",
            sealed(LONG, true, Some(2), Mode::Rehearsal),
            &[B::OpenVault, B::Drill, B::CheckCard, B::TestCodes, B::EndRehearsal],
        )
        .rehearsed(),
        case("home-broken", View::Home(HomeView::Broken(StoreError::Malformed)), &[B::Restore, B::CheckCard, B::TestCodes])
            .notice(Notice::NotSaved),
        case("home-newer", View::Home(HomeView::Broken(StoreError::Newer { found: 3, known: 2 })), &[B::CheckCard, B::TestCodes]),
        case("home-training", View::Home(HomeView::Training), &[B::RehearseVault, B::TestCodes]),
        case("home-real", View::Home(HomeView::Real), &[]),
        case("home-image", View::Home(HomeView::Blank), &blank).booted(Booted::Image(DIGEST)),
        case("home-unreadable", sealed(LONG, true, Some(2), Mode::Real), &[B::OpenVault, B::Drill, B::CheckCard, B::TestCodes])
            .booted(Booted::Unreadable),
        case("home-reading", View::Home(HomeView::NoPlace(NoPlace::Several)), &[B::RehearseVault, B::CheckCard, B::TestCodes])
            .booted(Booted::Reading),
        case("alarm", View::Alarm { alarms: Alarms::of(&[Alarm::Interface(line("eth0"))]) }, &[]),
        case("alarm-longest", View::Alarm { alarms: Alarms::of(&alarms()) }, &[]),
        case("ended-alarm", View::Ended, &[]).notice(Notice::Alarm(Alarms::of(&alarms()[..2]).unwrap())),
    ]
}

fn alarms() -> Vec<Alarm> {
    let stick = |number: u16| Alarm::UsbDevice { vendor: 0x0bda, product: number, class: 0xff, name: line(&"W".repeat(64)) };
    let mut all = vec![
        Alarm::Radio(line("ieee80211 phy0")),
        Alarm::Unconfined(Measure::Calls),
        Alarm::Unreadable(line("/proc/self/net/dev")),
    ];
    all.extend((0..30).map(stick));
    all
}

fn planning() -> Vec<Case> {
    use Button as B;
    let form = |name: &str, title: &str| {
        case(name, View::Plan, &[B::Continue, B::Cancel])
            .field(Field::Title, title)
            .field(Field::Place, title)
            .field(Field::Threshold, "2")
            .field(Field::Cards, "3")
            .field(Field::Administrator, title)
            .field(Field::Witness, "")
    };
    let mut all = vec![
        case("start", View::Start, &[B::ReadPlan, B::TypePlan, B::Cancel]),
        case("date", View::Date { clock: 1_795_271_400 }, &[B::Continue, B::Cancel]).field(Field::Date, "2026-11-21 14:30"),
        Case {
            editing: Some(Field::Date),
            ..case("date-typing", View::Date { clock: 1_795_271_400 }, &[B::Continue, B::Cancel])
                .field(Field::Date, "2026-11-21 14:30")
        },
        form("form", "Registry of Lyon"),
        form("form-longest", LONG).notice(Notice::NotANumber(Field::Threshold)).rehearsed(),
        Case { editing: Some(Field::Title), ..form("form-typing", "Greffe de Lyon") },
        Case { editing: Some(Field::Cards), ..form("form-typing-number", "Greffe de Lyon").rehearsed() },
        case("name", View::Name { index: 1, cards: 3 }, &[B::Continue, B::Cancel]).field(Field::Custodian, "Amélie Lefèvre"),
    ];
    all.extend(plan_pages().into_iter().map(|(name, page, last)| {
        let on = if last { B::Continue } else { B::Next };
        case(name, View::PlanPage { page, number: 2, of: 5 }, &[on, B::Back, B::Cancel])
    }));
    all
}

fn plan_pages() -> Vec<(&'static str, PlanPage, bool)> {
    let head = |title: &str, threshold| PlanPage::Head {
        title: title.to_owned(),
        place: title.to_owned(),
        threshold,
        cards: 3,
        limits: Limits::default(),
        languages: vec![Language::French, Language::English],
        words: words(),
    };
    let person = |name: &str, role| Person { name: line(name), role };
    let people = vec![
        person("Amélie Lefèvre", Role::Custodian),
        person(LONG, Role::Custodian),
        person("Bruno", Role::Custodian),
        person("Chloé", Role::Custodian),
        person("Zoé", Role::Administrator),
        person(LONG, Role::Witness),
    ];
    let named = List::new(vec![line("Claire"), line("Poste 12"), line(LONG)]).unwrap();
    let policy = Policy { each: false, emergency: 20, requesters: named, expires: 1_795_271_400, ..Policy::usual(Usage::Age) };
    vec![
        ("plan-head", head("Registry of Lyon", 2), false),
        ("plan-head-longest", head(LONG, 3), false),
        ("plan-people", PlanPage::People(people), false),
        ("plan-key", PlanPage::Key { key: OPENS, policy }, true),
    ]
}

fn people() -> Vec<Case> {
    use Button as B;
    let call = |name: &str, who: &str, role| {
        let view = View::RollCall { name: who.to_owned(), role, number: 1, of: 5 };
        case(name, view, &[B::Here, B::NotHere, B::Cancel])
    };
    let dice = |name: &str, rolls| {
        let view = View::Dice { rolls, needed: 100 };
        case(name, view, &[B::AddRolls, B::Continue, B::Cancel]).field(Field::Contributor, "Amélie").field(Field::Rolls, "")
    };
    vec![
        call("roll-call", "Amélie Lefèvre", Role::Custodian),
        call("roll-call-longest", LONG, Role::Witness).notice(Notice::Absent(LONG.to_owned())).rehearsed(),
        dice("dice", 0),
        dice("dice-refused", 40).notice(Notice::Dice(DiceError::TooFew { found: 40, needed: 100 })),
        Case { editing: Some(Field::Rolls), ..dice("dice-typing", 40) },
        case("entropy", View::Entropy, &[B::Cancel]),
    ]
}

fn passphrase(name: &str, custodian: &str) -> Case {
    use Button as B;
    let languages = vec![Language::French, Language::English];
    let view = View::Passphrase { index: 1, cards: 3, custodian: custodian.to_owned(), languages };
    case(name, view, &[B::MakeCard, B::Propose, B::Cancel])
        .field(Field::Passphrase, "•••••••••••••••••••••••")
        .field(Field::PassphraseAgain, "")
}

fn proposed(name: &str) -> Case {
    let mut case = passphrase(name, "Amélie Lefèvre");
    case.screen.private = true;
    Case { private: Some(PROPOSED), ..case }
}

/// Ten lines, as long as lines of a card can be.
pub(super) fn lines() -> Vec<String> {
    (1..=10).map(|_| "absolute abstract academic accident accurate activity adequate".to_owned()).collect()
}

fn dealing() -> Vec<Case> {
    use Button as B;
    let card = |name: &str, custodian: &str, words: Option<Vec<String>>| {
        let view = View::Card { index: 1, cards: 3, custodian: custodian.to_owned(), words };
        case(name, view, &[B::ReadBack, B::ShowWords, B::Print, B::Cancel]).card()
    };
    let back = |name: &str, read| {
        let first = if read { B::Verify } else { B::ReadWords };
        let field = if read { Field::Passphrase } else { Field::Words };
        let view = View::ReadBack { index: 1, cards: 3, read };
        case(name, view, &[first, B::ShowAgain, B::NewCard, B::Cancel]).field(field, "").camera()
    };
    vec![
        passphrase("passphrase", "Amélie Lefèvre"),
        passphrase("passphrase-refused", LONG).notice(Notice::Passphrase(PassphraseError::Differ)).rehearsed(),
        Case { editing: Some(Field::Passphrase), ..passphrase("passphrase-typing", "Amélie Lefèvre") },
        Case { judged: Some("azerty2026"), ..passphrase("passphrase-weak", "Amélie Lefèvre") },
        proposed("passphrase-proposed"),
        proposed("passphrase-proposed-held").held(),
        card("card", "Amélie Lefèvre", None),
        card("card-held", "Amélie Lefèvre", None).held().notice(Notice::NotPrinted),
        card("card-words", LONG, Some(lines())).rehearsed(),
        card("card-words-held", "Amélie Lefèvre", Some(lines())).held(),
        back("read-back", false),
        back("read-back-read", true),
        Case { editing: Some(Field::Words), ..back("read-back-typing", false) }.with_words(),
    ]
}

impl Case {
    fn with_words(mut self) -> Self {
        self.screen.fields[0].shown = lines().join("\n");
        self
    }
}

fn reading() -> Vec<Case> {
    use Button as B;
    let present = |name: &str, accepted: &[u8], needed, card: Option<(u8, String)>, purpose| {
        let (first, field) = if card.is_some() { (B::Present, Field::Passphrase) } else { (B::ReadWords, Field::Words) };
        let view = View::Cards { purpose, accepted: accepted.to_vec(), needed, card };
        case(name, view, &[first, B::Cancel]).field(field, "").camera()
    };
    let check = |name: &str, read: Option<u8>| {
        let (first, field) = if read.is_some() { (B::Verify, Field::Passphrase) } else { (B::ReadWords, Field::Words) };
        case(name, View::Check { read }, &[first, B::Cancel]).field(field, "").camera()
    };
    let mut dark = present("present-dark", &[], 2, None, Purposes::Opening);
    dark.camera = false;
    vec![
        present("present", &[1], 3, None, Purposes::Opening).notice(Notice::Accepted(1)),
        present("present-card", &[1], 3, Some((2, LONG.to_owned())), Purposes::Rotation)
            .notice(Notice::Card { index: Some(2), refusal: CardRefusal::WrongPassphrase })
            .open(),
        present("present-many", &[1, 3, 4, 9, 16], 16, None, Purposes::Drill).rehearsed(),
        present("present-restore", &[], 0, None, Purposes::Restore),
        dark,
        check("check", None),
        check("check-read", Some(2)).notice(Notice::Proven(2)),
    ]
}

fn ends() -> Vec<Case> {
    use Button as B;
    let cards: Vec<_> = (1..=16).map(|index| (index, LONG.to_owned())).collect();
    let title = || "Registry of Lyon".to_owned();
    vec![
        case("saving", View::Saving, &[]),
        Case { busy: Some(0), ..case("busy", View::Saving, &[]) },
        Case { detail: true, ..case("unsaved", View::Unsaved, &[B::TryAgain, B::Cancel]).notice(Notice::NotSaved) },
        case("end-rehearsal", View::EndRehearsal, &[B::Erase, B::Cancel]).rehearsed(),
        case("created", View::Created { title: title(), cards: 3 }, &[B::Done]),
        case("give-up", View::GiveUp { cards: cards[..3].to_vec() }, &[B::Erase, B::Cancel]),
        case("stopped", View::Stopped { cards: vec![(1, "Amélie".to_owned()), (2, "Bruno".to_owned())] }, &[B::Done]),
        case("stopped-longest", View::Stopped { cards }, &[B::Done]).rehearsed(),
        case("restored", View::Restored { title: title(), described: false, backup: None, enrolled: 0 }, &[B::Done]),
        case(
            "drilled",
            View::Drilled { title: title(), cards: 3, words: words() },
            &[B::ShowTranscript, B::ShowDescriptor, B::Done],
        )
        .message(5000),
        case("ended", View::Ended, &[]),
    ]
}
