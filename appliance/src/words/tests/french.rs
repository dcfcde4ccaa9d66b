//! What a kiosk shows is said in French too, all of it.

use super::{samples::*, *};

/// Asserts that two languages say the same thing in different words, with nothing left to put in.
fn assert_translated(what: &impl Debug, english: &str, french: &str) {
    assert_ne!(english, french, "{what:?} is in English");
    assert!(!french.contains(['{', '}', '“', '”']), "{what:?}: {french}");
}

fn whole(words: Words, screen: &Screen) -> String {
    let Said { title, texts } = words.said(screen);
    assert!(!title.is_empty() && !texts.is_empty() && texts.iter().all(|text| !text.is_empty()), "{:?}", screen.view);
    format!("{title}\n{}", texts.join("\n"))
}

#[test]
fn every_screen_is_said_in_french() {
    let views = views();
    let said = views.iter().map(|view| {
        let screen = on(view.clone(), &[Button::Emergency, Button::Without]);
        let (english, french) = (whole(ENGLISH, &screen), whole(FRENCH, &screen));
        assert_translated(view, &english, &french);
        assert!(!french.contains("n’a pas de mots"), "{view:?}: {french}");
        (view, french)
    });
    assert_distinct(said);
}

#[test]
fn no_text_of_a_screen_stays_in_english() {
    // What is not the kiosk's own: names, titles, texts to sign, digests and words to compare.
    let lent = |text: &str| {
        text.starts_with(char::is_numeric) || text == "Je soussignée\ncertifie." || text.contains("a5a5a5") || text.contains('-')
    };
    for view in views() {
        let screen = on(view.clone(), &[]);
        let (english, french) = (ENGLISH.said(&screen), FRENCH.said(&screen));
        assert_eq!(english.texts.len(), french.texts.len(), "{view:?}");
        for (english, french) in english.texts.iter().zip(&french.texts) {
            assert!(english != french || lent(english) || english.split(' ').count() == 8, "{view:?}: {english}");
        }
    }
}

#[test]
fn every_notice_is_said_in_french() {
    let notices = notices();
    let said = notices.iter().map(|one| {
        let french = FRENCH.notice(one);
        assert_translated(one, &ENGLISH.notice(one), &french);
        assert!(french.ends_with('.') && !french.contains("..") && !french.contains("n’a pas de mots"), "{french}");
        assert!(french.starts_with(|letter: char| !letter.is_lowercase()), "{french}");
        (one, french)
    });
    assert_distinct(said);
}

#[test]
fn no_two_buttons_of_one_screen_have_one_label_in_french() {
    for screen in pressed() {
        let labelled = BUTTONS.iter().map(|button| {
            let french = FRENCH.label(&screen, *button);
            assert_translated(button, &ENGLISH.label(&screen, *button), &french);
            (button, french)
        });
        assert_distinct(labelled);
    }
}

#[test]
fn fields_keep_their_names_and_have_french_labels() {
    for one in FIELDS {
        let ((name, label), (same, translated)) = (ENGLISH.field(one), FRENCH.field(one));
        assert_eq!(name, same);
        assert_translated(&one, &label, &translated);
    }
    assert_distinct(FIELDS.iter().map(|one| (one, FRENCH.field(*one).1)));
}

#[test]
fn judgements_and_ends_are_said_in_french() {
    for verdict in [Verdict::Weak, Verdict::Fair, Verdict::Strong] {
        let judged = Judgement { bits: 20, verdict, reasons: WEAKNESSES.to_vec() };
        let (english, french) = (ENGLISH.judgement(&judged), FRENCH.judgement(&judged));
        assert_eq!(english.len(), french.len());
        english.iter().zip(&french).for_each(|(english, french)| assert_translated(&verdict, english, french));
        assert_eq!(french.iter().collect::<BTreeSet<_>>().len(), french.len());
    }
    let said = ENDS.map(|ended| {
        assert_translated(&ended, &ENGLISH.ended(ended), &FRENCH.ended(ended));
        FRENCH.ended(ended)
    });
    assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), ENDS.len());
}

#[test]
fn policies_and_happenings_are_said_in_french() {
    for policy in policies() {
        for usage in [Usage::Age, Usage::Text, Usage::Digest, Usage::Identity] {
            let (english, french) = (ENGLISH.policy(&policy, usage), FRENCH.policy(&policy, usage));
            assert_eq!(english.len(), french.len());
            english.iter().zip(&french).for_each(|(english, french)| assert_translated(&usage, english, french));
        }
    }
    let happenings = happenings();
    let said = happenings.iter().map(|what| {
        let entry = Entry { at: 1_795_271_400, what: what.clone() };
        assert_translated(what, &ENGLISH.entry(&entry), &FRENCH.entry(&entry));
        (what, FRENCH.entry(&entry))
    });
    assert_distinct(said);
    let emergency = FRENCH.entry(&Entry { at: 1_795_271_400, what: happenings[4].clone() }).replace('\u{a0}', " ");
    assert!(emergency.starts_with("21 novembre 2026 à 14 h 30 UTC : URGENCE : 2 opérations"), "{emergency}");
    assert!(emergency.contains("approuvées par les dépositaires des cartes 1 et 3"), "{emergency}");
}

#[test]
fn private_things_are_announced_in_french_as_in_english() {
    for view in views() {
        let announced =
            |words: Words, look: &str| words.said(&on(view.clone(), &[])).texts.join(" ").to_lowercase().contains(look);
        assert_eq!(announced(FRENCH, "regardez autour de vous"), announced(ENGLISH, "look around you"), "{view:?}");
    }
}

#[test]
fn a_rehearsal_says_so_in_french() {
    for view in views() {
        let screen = Screen { rehearsal: true, ..on(view, &[]) };
        assert!(FRENCH.said(&screen).title.starts_with("RÉPÉTITION\u{a0}: "));
    }
}

#[test]
fn the_button_that_a_card_names_is_there() {
    // A card that was printed sends whoever holds it to this button.
    assert_eq!(FRENCH.label(&on(View::Start, &[]), Button::Restore), "Restaurer");
    let created = FRENCH.said(&on(View::Created { title: "Coffre".to_owned(), cards: 3 }, &[])).texts.join(" ");
    assert!(created.contains(&format!("«\u{a0}{}\u{a0}»", FRENCH.label(&on(View::Start, &[]), Button::Done))), "{created}");
}

#[test]
fn one_of_a_thing_is_not_counted_as_many() {
    let enrolled = |enrolled| {
        let view = View::Restored { title: String::new(), described: true, backup: None, enrolled };
        FRENCH.said(&on(view, &[])).texts[1].clone()
    };
    for (count, begins) in [(0, "0 poste inscrit."), (1, "1 poste inscrit."), (2, "2 postes inscrits.")] {
        assert!(enrolled(count).starts_with(begins), "{}", enrolled(count));
    }
}
