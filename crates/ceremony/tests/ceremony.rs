//! A whole ceremony by a plan from a workstation: what is asked, shown, kept and told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::{Button, EntropyInputs, Event, Field, Notice, PlanPage, View};
use cloison_custody::{
    Passphrase,
    entropy::{DiceError, EntropyError, Pattern, Source},
    vectors::open_with,
};
use cloison_protocol::{
    Act, Card, CardWords, CardWordsError, Ceremony, Descriptor, Language, MessageError, Person, Plan, PlanBody, PlanFault,
    PublicKeys, Role, Transcript, WordList,
    bounded::{Line, List},
};
use support::{
    AGE,
    Do::{self, CopiedCard, Press, Show, Type},
    Journey, Kiosk, NAMES, TEXT, abort_on_every_screen, copied, drill, entropy, held, passphrase, planned, read_back, to_dice,
    with_policy,
};
use zeroize::Zeroizing;

const AMELIE: &str = "523351311223322534335124141321262313564122522356533445644351";
const BRUNO: &str = "25624654444164563614143312323154346331465245565256";

fn line(text: &str) -> Line<64> {
    Line::new(text).unwrap()
}

/// Three of five, an administrator, two witnesses, and policies of which none is the usual one.
fn plan() -> Plan {
    let mut body = planned(3, &NAMES);
    let mut people = body.people.as_slice().to_vec();
    people.push(Person { name: line("Xavier"), role: Role::Witness });
    body.people = List::new(people).unwrap();
    body.limits.idle_minutes = 3;
    let body = with_policy(body, AGE, |policy| {
        (policy.approvals, policy.declared_only, policy.emergency) = (4, true, 2);
        policy.requesters = List::new(vec![line("Poste 12")]).unwrap();
    });
    held(with_policy(body, TEXT, |policy| policy.each = true))
}

/// Comes with the plan to the screen where dice are typed; the second witness is not there.
fn to_the_dice(kiosk: &mut Kiosk, plan: &Plan) {
    kiosk.press(Button::CreateVault);
    kiosk.press(Button::Continue);
    kiosk.press(Button::ReadPlan);
    kiosk.show(plan.as_bytes());
    kiosk.read_on();
    kiosk.press(Button::Continue);
    (0..7).for_each(|_| drop(kiosk.press(Button::Here)));
    kiosk.press(Button::NotHere);
    assert_eq!(kiosk.screen().view, View::Dice { rolls: 0, needed: 100 });
}

fn throw(kiosk: &mut Kiosk, by: &str, rolls: &str) -> Option<Notice> {
    kiosk.type_in(Field::Contributor, by);
    kiosk.type_in(Field::Rolls, rolls);
    kiosk.press(Button::AddRolls).notice
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn five_custodians_hold_a_ceremony_and_its_transcript_tells_all_of_it_and_no_secret() {
    let plan = plan();
    let mut kiosk = Kiosk::new(None);
    to_the_dice(&mut kiosk, &plan);
    assert_eq!(throw(&mut kiosk, "Amélie", AMELIE), Some(Notice::Rolled("Amélie".to_owned(), 60)));
    assert_eq!(throw(&mut kiosk, " Bruno ", BRUNO), Some(Notice::Rolled("Bruno".to_owned(), 50)));
    kiosk.press(Button::Continue);
    assert_eq!(kiosk.disk, None, "nothing is stored before every card was read back");
    let cards = support::cards_of(&mut kiosk, 5, false);
    assert_eq!(kiosk.screen().view, View::Created { title: "Coffre d’essai".to_owned(), cards: 5 });
    kiosk.press(Button::Done);

    let made = drill(kiosk.disk.unwrap(), cards);
    let told: Vec<&Act> = made.transcript.entries().iter().map(|entry| &entry.what).collect();
    let expected = expected(&plan, &made.public, &made.descriptor);
    assert_eq!(told, expected.iter().collect::<Vec<_>>());
    assert_eq!(made.transcript.heading().whose.identity, made.public.body().identity);
    let body = made.descriptor.body();
    assert_eq!((body.epoch, body.threshold, body.cards, body.limits), (1, 3, 5, plan.body().limits));
    let policies: Vec<_> = body.keys.as_slice().iter().map(|known| (known.key, known.policy.clone())).collect();
    assert_eq!(policies, plan.body().key_refs(), "the policies are the plan's");

    let exported = [made.transcript.as_bytes(), made.public.as_bytes(), made.descriptor.as_bytes(), &made.disk, &made.undrilled];
    for (index, card) in (1..).zip(&made.cards) {
        let share = open_with(&Card::decode(card).unwrap(), &Passphrase::typed(&passphrase(index)).unwrap()).unwrap();
        for secret in [share.expose().as_slice(), passphrase(index).as_bytes(), &card[card.len() - 56..]] {
            assert!(exported.iter().all(|bytes| !holds(bytes, secret)), "something secret of card {index}");
        }
    }
    for rolls in [AMELIE, BRUNO].iter().flat_map(|rolls| rolls.as_bytes().chunks_exact(8)) {
        let numbers: Vec<u8> = rolls.iter().map(|roll| roll - b'0').collect();
        assert!(exported.iter().all(|bytes| !holds(bytes, rolls) && !holds(bytes, &numbers)), "a part of the rolls");
    }
}

/// Every entry of the transcript, in order.
fn expected(plan: &Plan, public: &PublicKeys, descriptor: &Descriptor) -> Vec<Act> {
    let mut acts = vec![
        Act::Began { ceremony: Ceremony::Creation, plan: plan.digest(), program: line("cloison-test 0"), image: None },
        Act::SelfTested { answers: 7 },
    ];
    acts.extend(plan.body().people.as_slice().iter().map(|Person { name, role }| match name.as_str() {
        "Xavier" => Act::Absent { name: name.clone(), role: *role },
        _ => Act::Present { name: name.clone(), role: *role },
    }));
    let entropy = |source, by, amount, tested| Act::Entropy { source: Line::new(source).unwrap(), by: line(by), amount, tested };
    acts.extend([
        entropy("kernel", "", 64, 0),
        entropy("jitter", "", 2048, 2048),
        entropy("dice", "Amélie", 60, 0),
        entropy("dice", "Bruno", 50, 0),
        Act::Dealt { vault: public.body().vault, epoch: 1, threshold: 3, cards: 5 },
    ]);
    for (index, name) in (1..).zip(NAMES) {
        acts.extend([Act::Shown { index, custodian: line(name) }, Act::ReadBack { index }]);
    }
    acts.extend([Act::Stored, Act::DrillBegan]);
    acts.extend((1..=5).map(|index| Act::Drilled { index }));
    acts.extend([
        Act::Proven { cards: 5, subsets: 10 },
        Act::KeysCompared { keys: 4, fingerprint: public.digest() },
        Act::Activated { descriptor: descriptor.digest() },
    ]);
    acts
}

/// The ceremony as a list, with everything that can be done on the way.
fn journey(plan: &Plan) -> Journey {
    let mut journey = vec![
        (Press(Button::CreateVault), "date"),
        (Press(Button::Continue), "start"),
        (Press(Button::ReadPlan), "scan"),
        (Show(plan.as_bytes().to_vec()), "plan-page"),
    ];
    journey.extend((1..7).map(|_| (Press(Button::Next), "plan-page")));
    journey.push((Press(Button::Continue), "roll-call"));
    journey.extend((1..8).map(|_| (Press(Button::Here), "roll-call")));
    journey.push((Press(Button::NotHere), "dice"));
    for (name, rolls) in [("Amélie", AMELIE), ("Bruno", BRUNO)] {
        journey.extend([
            (Type(Field::Contributor, name.into()), "dice"),
            (Type(Field::Rolls, rolls.into()), "dice"),
            (Press(Button::AddRolls), "dice"),
        ]);
    }
    journey.push((Press(Button::Continue), "passphrase"));
    for index in 1..=5 {
        let more: Vec<(Do, &'static str)> = match index {
            1 => vec![(Press(Button::Print), "card"), (Press(Button::ShowWords), "card")],
            _ => Vec::new(),
        };
        journey.extend((index == 1).then_some((Press(Button::Propose), "passphrase")));
        journey.extend([
            (Type(Field::Passphrase, passphrase(index)), "passphrase"),
            (Type(Field::PassphraseAgain, passphrase(index)), "passphrase"),
            (Press(Button::MakeCard), "card"),
        ]);
        journey.extend(more);
        journey.extend([
            (Press(Button::ReadBack), "read-back"),
            (CopiedCard, "read-back"),
            (Type(Field::Passphrase, passphrase(index)), "read-back"),
            (Press(Button::Verify), if index < 5 { "passphrase" } else { "created" }),
        ]);
    }
    journey.push((Press(Button::Done), "ended"));
    journey
}

#[test]
fn a_ceremony_that_is_stopped_keeps_nothing_and_lists_exactly_the_cards_that_were_shown() {
    assert_eq!(abort_on_every_screen(None, &[], &journey(&plan())).saves, 1);
}

#[test]
fn the_pages_of_a_plan_leave_nothing_of_it_out() {
    let plan = plan();
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::CreateVault);
    kiosk.press(Button::Continue);
    kiosk.press(Button::ReadPlan);
    kiosk.show(plan.as_bytes());
    let (mut people, mut keys) = (Vec::new(), Vec::new());
    for page in 1..=7 {
        let View::PlanPage { page: shown, number, of } = kiosk.screen().view else { panic!() };
        assert_eq!((number, of), (page, 7));
        match shown {
            PlanPage::Head { title, place, threshold, cards, limits, languages, words } => {
                let body = plan.body();
                assert_eq!((title.as_str(), place.as_str(), threshold, cards), ("Coffre d’essai", "Salle 3", 3, 5));
                assert_eq!((limits, languages.as_slice(), words), (body.limits, body.languages.as_slice(), plan.fingerprint()));
            }
            PlanPage::People(some) => people.extend(some),
            PlanPage::Key { key, policy } => keys.push((key, policy)),
        }
        let before = kiosk.screen().view;
        if page < 7 {
            assert_eq!(kiosk.send(Event::Press(Button::Continue)).view, before, "it is read to its end first");
            kiosk.press(Button::Next);
        }
    }
    assert_eq!(people, plan.body().people.as_slice());
    assert_eq!(keys, plan.body().key_refs());
}

#[test]
fn a_plan_that_this_kiosk_cannot_hold_is_named_where_it_is_read() {
    let raw = |body: &PlanBody| [b"CL\x01\x01".to_vec(), postcard::to_allocvec(body).unwrap()].concat();
    let changed = |usage, algorithm| {
        let mut body = planned(2, &NAMES);
        let mut keys = body.keys.as_slice().to_vec();
        (keys[2].usage, keys[2].algorithm) = (Line::new(usage).unwrap(), Line::new(algorithm).unwrap());
        body.keys = List::new(keys).unwrap();
        body
    };
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::RehearseVault);
    kiosk.press(Button::Continue);
    kiosk.press(Button::ReadPlan);
    assert!(kiosk.screen().rehearsal, "every screen of a rehearsal says so");
    for (body, fault) in [
        (changed("age", "mlkem2048"), PlanFault::UnknownAlgorithm { key: 3 }),
        (changed("fax", "p384"), PlanFault::UnknownUsage { key: 3 }),
        (PlanBody { threshold: 6, ..planned(2, &NAMES) }, PlanFault::Threshold { threshold: 6, cards: 5, most: 16 }),
        (planned(2, &["Amélie", "Bruno", "amélie"]), PlanFault::NameTaken { first: 1, second: 3 }),
    ] {
        let screen = kiosk.show(&raw(&body));
        assert_eq!((screen.view.name(), screen.notice), ("scan", Some(Notice::Message(MessageError::Plan(fault)))));
    }
    assert_eq!(kiosk.show(&raw(&planned(2, &NAMES))).view.name(), "plan-page", "and one that it can hold is still read");
    assert!(kiosk.screen().rehearsal);
}

#[test]
fn an_absent_custodian_stops_nothing_and_cannot_be_passed() {
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::CreateVault);
    kiosk.press(Button::Continue);
    kiosk.press(Button::ReadPlan);
    kiosk.show(plan().as_bytes());
    kiosk.read_on();
    kiosk.press(Button::Continue);
    kiosk.press(Button::Here);
    for _ in 0..2 {
        let screen = kiosk.press(Button::NotHere);
        assert_eq!(screen.notice, Some(Notice::Absent("Bruno".to_owned())));
        let called = View::RollCall { name: "Bruno".to_owned(), role: Role::Custodian, number: 2, of: 8 };
        assert_eq!(screen.view, called);
    }
    assert!(matches!(kiosk.press(Button::Here).view, View::RollCall { number: 3, .. }), "Bruno came after all");
}

#[test]
fn dice_that_nobody_threw_are_named_and_fair_ones_are_taken_after_them() {
    let mut kiosk = Kiosk::new(None);
    to_the_dice(&mut kiosk, &plan());
    let refused = |error| Some(Notice::Dice(error));
    assert!(matches!(throw(&mut kiosk, "Amélie", &"123456".repeat(17)), Some(Notice::Dice(DiceError::Patterned(_)))));
    assert_eq!(throw(&mut kiosk, "Amélie", "35x4"), refused(DiceError::NotARoll { position: 3 }));
    assert_eq!(throw(&mut kiosk, "", AMELIE), refused(DiceError::Nobody), "the transcript says whose they are");
    assert_eq!(throw(&mut kiosk, "  ", AMELIE), refused(DiceError::Nobody));
    for name in ["a name that is longer than any line of a transcript can be, by far", "Am\u{202E}eli"] {
        assert!(matches!(throw(&mut kiosk, name, AMELIE), Some(Notice::Birth(_))), "{name}");
    }
    assert_eq!(throw(&mut kiosk, "Amélie", AMELIE), Some(Notice::Rolled("Amélie".to_owned(), 60)));
    let screen = kiosk.press(Button::Continue);
    assert_eq!((screen.view.name(), screen.notice), ("dice", refused(DiceError::TooFew { found: 60, needed: 100 })));
    assert_eq!(throw(&mut kiosk, "Bruno", AMELIE), refused(DiceError::Patterned(Pattern::Copied)), "Bruno copied hers");
    assert_eq!(throw(&mut kiosk, "Bruno", BRUNO), Some(Notice::Rolled("Bruno".to_owned(), 50)));
    assert!(kiosk.screen().fields.iter().all(|field| field.shown.is_empty()));
    assert_eq!(kiosk.press(Button::Continue).view.name(), "passphrase");
}

#[test]
fn a_source_that_fails_stops_the_ceremony_and_is_named() {
    fn few() -> EntropyInputs {
        EntropyInputs { kernel: Zeroizing::new(vec![1; 63]), ..entropy() }
    }
    fn stuck() -> EntropyInputs {
        EntropyInputs { jitter: Zeroizing::new(vec![7; 2048]), ..entropy() }
    }
    fn broken() -> EntropyInputs {
        EntropyInputs { hardware: Zeroizing::new(vec![0xff; 2048]), ..entropy() }
    }
    fn covered() -> EntropyInputs {
        EntropyInputs { camera: Zeroizing::new(vec![0; 1 << 16]), ..entropy() }
    }
    let missing = EntropyError::Missing { source_name: Source::Kernel, given: 63, wanted: 64 };
    for (sources, error) in [
        (few as fn() -> EntropyInputs, missing),
        (stuck, EntropyError::Stuck(Source::Jitter)),
        (broken, EntropyError::Stuck(Source::Hardware)),
        (covered, EntropyError::Stuck(Source::Camera)),
    ] {
        let mut kiosk = Kiosk::new(None);
        kiosk.sources = sources;
        to_the_dice(&mut kiosk, &plan());
        let screen = kiosk.press(Button::Continue);
        assert_eq!((screen.view.name(), screen.notice), ("blank", Some(Notice::Entropy(error))));
        assert_eq!(kiosk.disk, None);
    }
}

/// Comes to the first card's passphrase of a plan for two, without dice.
fn to_the_first_card() -> Kiosk {
    let mut kiosk = Kiosk::new(None);
    kiosk.press(Button::CreateVault);
    kiosk.press(Button::Continue);
    kiosk.press(Button::ReadPlan);
    kiosk.show(held(planned(2, &NAMES[..2])).as_bytes());
    to_dice(&mut kiosk);
    kiosk.press(Button::Continue);
    kiosk
}

#[test]
fn a_proposed_passphrase_is_lent_on_its_screen_only_and_never_stands_in_one() {
    let mut kiosk = to_the_first_card();
    assert_eq!((kiosk.session.private(), kiosk.screen().private), (None, false));
    let mut proposed = Vec::new();
    for _ in 0..3 {
        let screen = kiosk.press(Button::Propose);
        let words = kiosk.session.private().unwrap().to_owned();
        assert!(screen.private && words.split_whitespace().count() == 6, "six words");
        assert!(!format!("{screen:?}").contains(&words));
        assert!(!proposed.contains(&words), "each is another");
        proposed.push(words);
    }
    kiosk.type_in(Field::Passphrase, &proposed[2]);
    kiosk.type_in(Field::PassphraseAgain, &proposed[2]);
    assert_eq!(kiosk.press(Button::MakeCard).view.name(), "card");
    assert_eq!((kiosk.session.private(), kiosk.screen().private), (None, false), "gone with its screen");
    let card = copied(&mut kiosk);
    assert_eq!(kiosk.session.private(), None);
    kiosk.send(Event::Code(card));
    kiosk.type_in(Field::Passphrase, &proposed[2]);
    assert_eq!(kiosk.press(Button::Verify).notice, Some(Notice::Proven(1)), "and it opens the card");
    assert_eq!(kiosk.session.private(), None, "the next custodian sees nothing of it");
    kiosk.press(Button::Propose);
    assert_ne!(kiosk.session.private(), Some(proposed[2].as_str()));
    kiosk.press(Button::Cancel);
    assert_eq!(kiosk.session.private(), None);
}

#[test]
fn a_card_is_printed_and_read_back_and_presented_by_its_words() {
    let mut kiosk = to_the_first_card();
    support::card(&mut kiosk, 1);
    assert_eq!(kiosk.press(Button::Print).notice, Some(Notice::Printed));
    let card = Card::decode(&kiosk.card()).unwrap();
    let sheet = kiosk.printed.pop().unwrap();
    assert_eq!((sheet.card, sheet.custodian.as_str(), sheet.title.as_str()), (card, "Amélie", "Coffre d’essai"));
    assert!(card.header.names(&sheet.vault));
    assert_eq!((sheet.made, sheet.language), (support::NOW, Language::French), "the plan's first language");
    let lists = [WordList::French, WordList::English].map(|list| CardWords::of(&card, list).lines().to_vec());
    assert_eq!(sheet.words, lists[0]);
    let shown = |kiosk: &mut Kiosk| match kiosk.press(Button::ShowWords).view {
        View::Card { words, custodian, index, .. } if custodian == "Amélie" && index == 1 => words,
        other => panic!("{other:?}"),
    };
    assert_eq!([shown(&mut kiosk), shown(&mut kiosk), shown(&mut kiosk)], [Some(lists[0].clone()), Some(lists[1].clone()), None]);
    let first = copied(&mut kiosk);
    typed(&mut kiosk, &lists[0]);
    kiosk.type_in(Field::Passphrase, &passphrase(1));
    assert_eq!(kiosk.press(Button::Verify).notice, Some(Notice::Proven(1)));
    support::card(&mut kiosk, 2);
    let second = copied(&mut kiosk);
    read_back(&mut kiosk, 2, &second);

    let made = drill(kiosk.disk.unwrap(), vec![first, second]);
    let mut kiosk = Kiosk::new(Some(made.disk.clone()));
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    typed(&mut kiosk, &lists[1]);
    kiosk.type_in(Field::Passphrase, &passphrase(1));
    assert_eq!(kiosk.press(Button::Present).notice, Some(Notice::Accepted(1)));
    assert_eq!(kiosk.present(&made.cards[1], &passphrase(2)).view.name(), "desk");
    assert!(Transcript::decode(made.transcript.as_bytes()).is_ok());
}

/// Types a card's words: first with a slip in the fourth line, then with a word that is no word, then
/// as they are.
fn typed(kiosk: &mut Kiosk, lines: &[String]) {
    let mut slip = lines.to_vec();
    let mut words: Vec<&str> = slip[3].split(' ').collect();
    words.swap(0, 1);
    slip[3] = words.join(" ");
    let mut blot = lines.to_vec();
    blot[6] = blot[6].replacen(blot[6].split(' ').nth(1).unwrap(), "xyzzyxyzzy", 1);
    for (wrong, error) in [
        (slip, CardWordsError::Slip { line: 4 }),
        (blot, CardWordsError::UnknownWord { line: 7, word: 2, nearest: None }),
        (lines[..9].to_vec(), CardWordsError::WrongLines { found: 9, expected: 10 }),
    ] {
        kiosk.type_in(Field::Words, &wrong.join("\n"));
        let screen = kiosk.press(Button::ReadWords);
        assert_eq!(screen.notice, Some(Notice::Words(error)));
        assert_eq!(screen.fields[0].shown, wrong.join("\n"), "what was typed stays, to be corrected");
    }
    kiosk.type_in(Field::Words, &lines.join("\n"));
    let screen = kiosk.press(Button::ReadWords);
    assert_eq!((screen.notice, screen.fields[0].field), (None, Field::Passphrase));
}
