//! Nothing that a kiosk can show is without words of its own.
//!
//! The samples are checked against the sources of what they are samples of, so that a variant which
//! is added there is missed here.

mod faults;
mod french;
mod kinds;
mod samples;
mod sources;
mod translations;

use super::*;
use cloison_ceremony::{Button, Notice, PlanPage, Screen, View};
use cloison_custody::{
    Page,
    passphrase::{Judgement, Verdict},
};
use cloison_protocol::{Entry, Happening, KeyRef, Policy, Usage};
use proptest::prelude::*;
use samples::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

const ENGLISH: Words = Words::new(Language::English);
const FRENCH: Words = Words::new(Language::French);

const SCREEN: &str = concat!(
    include_str!("../../../../crates/ceremony/src/screen/mod.rs"),
    include_str!("../../../../crates/ceremony/src/screen/notice.rs"),
    include_str!("../../../../crates/ceremony/src/screen/view.rs"),
);
const EVENT: &str = include_str!("../../../../crates/ceremony/src/event.rs");
const REVIEW: &str = include_str!("../../../../crates/custody/src/review.rs");
const JUDGE: &str = include_str!("../../../../crates/custody/src/passphrase/judge.rs");
const FAIRNESS: &str = include_str!("../../../../crates/custody/src/entropy/fairness.rs");
const ALARM: &str = include_str!("../../../../crates/protocol/src/alarm.rs");
const LOG: &str = include_str!("../../../../crates/protocol/src/log.rs");

/// Lists the variants of an enum as its source has them.
fn variants<'a>(source: &'a str, name: &str) -> BTreeSet<&'a str> {
    let (_, body) = source.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let at_the_margin = |line: &&str| line.strip_prefix("    ").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    body.lines().filter(at_the_margin).map(|line| variant(line.trim())).collect()
}

fn variant(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default()
}

fn assert_all<T: Debug>(source: &str, name: &str, samples: &[T]) {
    let samples: Vec<String> = samples.iter().map(|sample| format!("{sample:?}")).collect();
    let sampled: BTreeSet<&str> = samples.iter().map(|sample| variant(sample)).collect();
    assert_eq!(sampled, variants(source, name), "{name}");
}

/// Asserts that texts are there, and that nothing of two kinds is said in the same words.
fn assert_distinct<'a, T: Debug + 'a>(said: impl IntoIterator<Item = (&'a T, String)>) {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (what, words) in said {
        let kind = format!("{what:?}");
        assert!(!words.trim().is_empty() && !words.contains("has no words"), "{kind}: {words:?}");
        if let Some(other) = all.insert(words.clone(), kind.clone()) {
            panic!("{kind} and {other} are both said as {words:?}");
        }
    }
}

#[test]
fn there_is_a_sample_of_everything_that_is_put_into_words() {
    assert_all(SCREEN, "Button", &BUTTONS);
    assert_all(SCREEN, "Field", &FIELDS);
    assert_all(SCREEN, "Purposes", &PURPOSES);
    assert_all(SCREEN, "Choice", &choices());
    assert_all(SCREEN, "PlanPage", &plan_pages());
    assert_all(SCREEN, "HomeView", &homes());
    assert_all(SCREEN, "View", &views());
    assert_all(SCREEN, "Notice", &notices());
    let seen: Vec<_> =
        views().into_iter().filter_map(|view| if let View::Record { seen, .. } = view { Some(seen) } else { None }).collect();
    assert_all(SCREEN, "Seen", &seen);
    let unshown: Vec<_> =
        seen.into_iter().filter_map(|seen| if let cloison_ceremony::Seen::Not(why) = seen { Some(why) } else { None }).collect();
    assert_all(EVENT, "Unshown", &unshown);
    assert_all(REVIEW, "Page", &pages());
    assert_all(JUDGE, "Reason", &WEAKNESSES);
    assert_all(FAIRNESS, "Pattern", &PATTERNS);
    assert_all(LOG, "Happening", &happenings());
    assert_all(EVENT, "Ended", &ENDS);
    assert_all(ALARM, "Alarm", &each_alarm());
    assert_all(ALARM, "Measure", &MEASURES);
}

#[test]
fn every_screen_has_a_title_and_texts_of_its_own() {
    let views = views();
    let whole = |view: &View| {
        let Said { title, texts } = ENGLISH.said(&on(view.clone(), &[]));
        assert!(!title.is_empty() && !texts.is_empty() && texts.iter().all(|text| !text.is_empty()), "{view:?}");
        assert!(!texts.iter().any(|text| text.contains("has no words")), "{view:?}");
        format!("{title}\n{}", texts.join("\n"))
    };
    assert_distinct(views.iter().map(|view| (view, whole(view))));
}

#[test]
fn every_sentence_ends() {
    for view in views() {
        let first = ENGLISH.said(&on(view.clone(), &[])).texts.remove(0);
        assert!(first.ends_with(['.', ':', '?', ')']) || first.starts_with("Key: "), "{view:?}: {first}");
    }
    for one in notices() {
        let words = ENGLISH.notice(&one);
        assert!(words.ends_with('.') && !words.contains(".."), "{words}");
        assert!(words.starts_with(|letter: char| !letter.is_lowercase()), "{words}");
    }
}

#[test]
fn every_notice_is_said_in_words_of_its_own() {
    let notices = notices();
    assert_distinct(notices.iter().map(|one| (one, ENGLISH.notice(one))));
    let earlier = ENGLISH.notice(&Notice::DateBefore(1_795_271_400));
    assert!(earlier.contains("2026-11-21 at 14:30 UTC"), "{earlier}");
}

/// Every screen with every button.
fn pressed() -> Vec<Screen> {
    let mut screens: Vec<_> = views().into_iter().map(|view| on(view, &BUTTONS)).collect();
    screens.push(on(View::Choose { items: choices() }, &BUTTONS));
    let proposed = screens.iter().find(|screen| matches!(screen.view, View::Passphrase { .. })).unwrap().clone();
    screens.push(Screen { private: true, ..proposed });
    screens
}

#[test]
fn no_two_buttons_of_one_screen_have_one_label() {
    for screen in pressed() {
        assert_distinct(BUTTONS.iter().map(|button| (button, ENGLISH.label(&screen, *button))));
    }
}

#[test]
fn items_are_labelled_by_what_they_are() {
    let screen = on(View::Choose { items: choices() }, &BUTTONS);
    assert_eq!(ENGLISH.label(&screen, Button::Item(0)), "Revoke “Seal”");
    assert_eq!(ENGLISH.label(&screen, Button::Item(1)), "Rotate age/mlkem1024p384/0 (opens records)");
    assert_eq!(ENGLISH.label(&screen, Button::Item(200)), "Number 201");
    assert_ne!(
        ENGLISH.label(&screen, Button::Item(0)),
        ENGLISH.label(&screen, Button::Seal),
        "a workstation’s name is no button’s"
    );
}

#[test]
fn fields_have_names_and_labels_of_their_own() {
    assert_distinct(FIELDS.iter().map(|one| (one, ENGLISH.field(*one).0.to_owned())));
    assert_distinct(FIELDS.iter().map(|one| (one, ENGLISH.field(*one).1)));
    for one in FIELDS {
        assert!(
            ENGLISH.field(one).0.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
                && ENGLISH.field(one).0 != "other"
        );
    }
}

#[test]
fn private_things_are_announced() {
    let look = |view: View| ENGLISH.said(&on(view, &[])).texts.join(" ").to_lowercase().contains("look around you");
    for view in views() {
        let private = match &view {
            View::Passphrase { .. } | View::Dice { .. } | View::Check { read: Some(_) } | View::ReadBack { read: true, .. } => {
                true
            }
            View::Cards { card, .. } => card.is_some(),
            View::Record { seen: cloison_ceremony::Seen::Page(..), .. } => true,
            _ => continue,
        };
        assert_eq!(look(view.clone()), private, "{view:?}");
    }
}

#[test]
fn a_rehearsal_says_so_on_every_screen() {
    for view in views() {
        let screen = Screen { rehearsal: true, ..on(view, &[]) };
        assert!(ENGLISH.said(&screen).title.starts_with("REHEARSAL: "));
    }
}

#[test]
fn quotas_are_told_as_they_stand() {
    let texts = ENGLISH.page(&pages()[0]);
    assert!(
        texts.contains(
            &"Before this request: 3 of 10 opened since the vault was opened; 4 of 10 today by this workstation; 57 of 1000 in \
              all."
                .to_owned()
        ),
        "{texts:?}"
    );
}

#[test]
fn a_policy_says_all_that_it_allows() {
    let all = ENGLISH.policy(&policies()[0], Usage::Age).join("\n");
    for part in ["needs 3 cards", "only shown on this kiosk", "declare", "5 records", "10 each time", "1000 in all", "2026-11-21"]
    {
        assert!(all.contains(part), "{part}: {all}");
    }
    let other = ENGLISH.policy(&policies()[1], Usage::Age).join("\n");
    for part in ["operator approves", "“Claire” and “Poste 12”", "20 operations"] {
        assert!(other.contains(part), "{part}: {other}");
    }
}

#[test]
fn every_happening_is_said_in_words_of_its_own() {
    let happenings = happenings();
    let words = |what: &Happening| ENGLISH.entry(&Entry { at: 1_795_271_400, what: what.clone() });
    assert_distinct(happenings.iter().map(|what| (what, words(what))));
    let emergency = words(&happenings[4]);
    assert!(emergency.starts_with("2026-11-21 at 14:30 UTC: In an EMERGENCY, 2 operations"), "{emergency}");
    assert!(emergency.contains("cards 1 and 3") && emergency.contains("a5a5a5a5a5a5"), "{emergency}");
}

#[test]
fn a_judgement_says_what_makes_a_passphrase_easy() {
    let weak = Judgement { bits: 20, verdict: Verdict::Weak, reasons: WEAKNESSES.to_vec() };
    let texts = ENGLISH.judgement(&weak);
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 1 + WEAKNESSES.len());
    let verdicts = [Verdict::Weak, Verdict::Fair, Verdict::Strong];
    let said = verdicts.map(|verdict| ENGLISH.judgement(&Judgement { bits: 50, verdict, reasons: Vec::new() }).concat());
    assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn the_time_left_is_told_while_a_vault_is_open() {
    let open = |left| ENGLISH.left(&Screen { left, ..on(View::Start, &[]) });
    assert_eq!(open(None), None);
    assert_eq!(
        open(Some((580, 6725))).as_deref(),
        Some("The vault seals itself in 9 min 40 s if nobody touches the kiosk, else in 1 h 52 min.")
    );
    assert_eq!(open(Some((600, 45))).as_deref(), Some("The vault seals itself in 45 s."));
}

proptest! {
    #[test]
    fn nothing_of_a_text_to_sign_is_left_out(text in "\\PC{0,80}(\n\\PC{0,80}){0,5}") {
        let page = Page::Text { operation: 1, part: 1, parts: 1, text: text.clone() };
        prop_assert!(ENGLISH.page(&page).contains(&text));
        prop_assert!(FRENCH.page(&page).contains(&text));
    }

    #[test]
    fn no_number_is_too_large_to_be_said(seconds: u64, number: u16) {
        let key = KeyRef { number, ..OPENS };
        let policy = Policy { expires: seconds, total: u32::MAX, emergency: number, ..Policy::usual(Usage::Age) };
        for view in [
            View::Date { clock: seconds },
            View::PlanPage { page: PlanPage::Key { key, policy }, number: 1, of: 1 },
            View::Restored { title: String::new(), described: true, backup: Some(seconds), enrolled: usize::MAX },
        ] {
            for words in [ENGLISH, FRENCH] {
                prop_assert!(words.said(&on(view.clone(), &[])).texts.iter().all(|text| !text.is_empty()));
            }
        }
        prop_assert!(ENGLISH.notice(&Notice::DateBefore(seconds)).ends_with('.'));
    }
}
