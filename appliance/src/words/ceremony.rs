//! The screens of a ceremony: from the plan to the drill, a restore, and what stops them.

use super::{
    figures::{count, date, duration, listed},
    policies,
    screens::{Words, says},
};
use cloison_ceremony::{PlanPage, Screen, View};
use cloison_protocol::{KeyRef, Language, Limits, Person, Policy, Role};

/// Puts a ceremony's screen into words.
pub(super) fn said(screen: &Screen) -> Option<Words> {
    before(&screen.view).or_else(|| dealing(screen)).or_else(|| after(&screen.view))
}

fn before(view: &View) -> Option<Words> {
    Some(match view {
        View::Start => says(
            "The plan",
            [
                "A plan says who takes part, how many cards are made and needed, and which keys.",
                "Read one that was written on a workstation, or type a short one here, which makes the usual keys.",
            ],
        ),
        View::Plan => says(
            "A new vault",
            [
                "Give the vault a title, how many cards are made, and how many are needed to open it.",
                "An administrator leads and a witness watches; both hold no card. Leave empty what there is not.",
            ],
        ),
        View::Name { index, cards } => says(
            format!("Card {index} of {cards}: whose is it?"),
            ["Type the name of its custodian, as the transcript is to have it. One person holds one card."],
        ),
        View::PlanPage { page, number, of } => (format!("The plan, page {number} of {of}"), plan(page)),
        View::Date { clock } => says(
            "Which day is it?",
            [
                format!("The appliance’s clock says {}. Many boards have no clock that runs on.", date(*clock)),
                "Compare it with your watches, all of you, and put it right in UTC, such as 2026-11-21 14:30. The log and all \
                 limits count from it."
                    .to_owned(),
            ],
        ),
        View::RollCall { name, role, number, of } => says(
            format!("Roll-call, person {number} of {of}"),
            [format!("{name}, {}.", role_words(*role)), "Is this person in the room?".to_owned()],
        ),
        _ => return None,
    })
}

fn plan(page: &PlanPage) -> Vec<String> {
    match page {
        PlanPage::Head { title, place, threshold, cards, limits, languages, words } => {
            let mut texts = head(title, place, (*threshold, *cards));
            texts.extend([stays_open(*limits), languages_of(languages)]);
            texts.push("If a workstation wrote this plan, compare these words with its screen:".to_owned());
            texts.push(words.to_string());
            texts
        }
        PlanPage::People(people) => {
            let mut texts = vec!["These people take part. Read the names aloud.".to_owned()];
            texts.extend(people.iter().map(person));
            texts
        }
        PlanPage::Key { key, policy } => key_page(*key, policy),
    }
}

fn head(title: &str, place: &str, (threshold, cards): (u8, u8)) -> Vec<String> {
    let mut texts = vec![format!("The vault “{title}”.")];
    if !place.is_empty() {
        texts.push(format!("The ceremony is held at {place}."));
    }
    texts.push(if threshold == cards {
        format!("All {cards} cards are needed to open it. One lost card loses everything in it.")
    } else {
        format!("{threshold} of {cards} cards open it.")
    });
    texts
}

fn stays_open(limits: Limits) -> String {
    let minutes = |minutes: u64| duration(minutes * 60);
    format!(
        "Once opened it seals itself after {} without a touch, and after {} in any case.",
        minutes(limits.idle_minutes.into()),
        minutes(limits.session_minutes.into())
    )
}

fn languages_of(languages: &[Language]) -> String {
    format!("Cards and proposed passphrases are in {}.", listed(&language_words(languages), "and"))
}

fn language_words(languages: &[Language]) -> Vec<String> {
    let name = |language: &Language| match language {
        Language::English => "English".to_owned(),
        Language::French => "French".to_owned(),
        other => other.label().to_owned(),
    };
    languages.iter().map(name).collect()
}

fn person(person: &Person) -> String {
    format!("{}: {}", person.name.as_str(), role_words(person.role))
}

fn role_words(role: Role) -> &'static str {
    match role {
        Role::Administrator => "administrator, who leads the ceremony and holds no card",
        Role::Custodian => "custodian, who holds one card",
        Role::Witness => "witness, who watches, signs the transcript and holds no card",
        other => other.label(),
    }
}

fn key_page(key: KeyRef, policy: &Policy) -> Vec<String> {
    let mut texts = vec![format!("Key: {}", policies::key_words(key)), policies::algorithm(key.algorithm).to_owned()];
    texts.extend(policies::policy(policy, key.usage));
    texts
}

fn dealing(screen: &Screen) -> Option<Words> {
    Some(match &screen.view {
        View::Dice { rolls, needed } => dice(*rolls, *needed),
        View::Entropy => says("Gathering randomness", ["One moment."]),
        View::Passphrase { index, cards, custodian, languages } => {
            let title = format!("Card {index} of {cards}: {custodian}");
            (title, passphrase(custodian, languages, screen.private))
        }
        View::Card { index, cards, custodian, words } => {
            (format!("Card {index} of {cards}: {custodian}"), card(words.as_deref()))
        }
        View::ReadBack { index, cards, read } => says(
            format!("Card {index} of {cards}: read it back"),
            [if *read {
                "Look around you, then type the card’s passphrase again. If it cannot be proven, make the card anew."
            } else {
                "Hold the card before the camera, or type the ten lines that are on it. What is read proves what is on paper."
            }],
        ),
        View::Unsaved => says(
            "The vault could not be saved",
            [
                "The cards are right, and nothing is lost. Check the data partition and its free space, then try again.",
                "Where you cancel, nothing is kept.",
            ],
        ),
        _ => return None,
    })
}

fn dice(rolls: usize, needed: usize) -> Words {
    let far = match rolls {
        0 => format!("Whoever likes adds rolls, {needed} at least in all. Or go on without."),
        rolls if rolls < needed => format!("{} of the {needed} that are needed. Throw on.", count(rolls, "roll")),
        rolls => format!("{}, and {needed} are enough. Go on, or add more.", count(rolls, "roll")),
    };
    let why = "Dice are randomness that everyone can see. They are mixed into the appliance’s own, and cannot make it worse.";
    let how = "Look around you: nobody else may see what you throw. Type your name, and one digit from 1 to 6 for each roll.";
    says("Dice", [why.to_owned(), far, how.to_owned()])
}

fn passphrase(custodian: &str, languages: &[Language], proposed: bool) -> Vec<String> {
    let mut texts = vec![
        format!("Look around you: only {custodian} may see the screen."),
        "Choose a passphrase of at least 12 characters that nobody guesses, and type it twice. The card needs it each time, and \
         nobody can bring it back."
            .to_owned(),
    ];
    texts.push(if proposed {
        "These six words were drawn by chance. Learn them or write them down, keep them apart from the card, and type them \
         twice."
            .to_owned()
    } else {
        format!("Or have six words proposed, in {}.", listed(&language_words(languages), "or"))
    });
    texts
}

fn card(lines: Option<&[String]>) -> Vec<String> {
    let Some(lines) = lines else {
        return vec!["Photograph nothing. Print or copy this code onto the card, then read it back.".to_owned()];
    };
    let mut texts = vec![
        "Photograph nothing. Copy these ten lines onto the card by hand, then read it back. The last word of a line only checks \
         it."
        .to_owned(),
    ];
    texts.extend((1..).zip(lines).map(|(number, line): (u8, _)| format!("{number}. {line}")));
    texts
}

fn after(view: &View) -> Option<Words> {
    Some(match view {
        View::Created { title, cards } => says(
            format!("The cards of “{title}” are made"),
            [
                format!("All {} are proven and the vault is stored. It serves once they were drilled.", count(*cards, "card")),
                "Press “Done”: the kiosk starts anew, with nothing in memory. Then hold the drill with all cards.".to_owned(),
            ],
        ),
        View::Drilled { title, cards, words } => (
            format!("“{title}” serves"),
            vec![
                format!("All {cards} cards were proven, and with them every choice of as many as open the vault."),
                "Its public keys are in the code. Compare these words on the workstation:".to_owned(),
                words.to_string(),
                "Show the transcript and the descriptor as well, and have both kept.".to_owned(),
            ],
        ),
        View::GiveUp { cards } => {
            let text = "This vault was never drilled and never served. It is removed from this appliance. Destroy its cards \
                        before the witness:";
            ("Give the cards up?".to_owned(), with_cards(text, cards))
        }
        View::Stopped { cards } => {
            let text = "Nothing was kept. Destroy these cards before the witness:";
            ("The ceremony was stopped".to_owned(), with_cards(text, cards))
        }
        View::EndRehearsal => says(
            "End the rehearsal?",
            ["The rehearsed vault is removed from this appliance. Its cards open nothing any more; destroy them."],
        ),
        View::Restored { title, described, backup, enrolled } => restored(title, *described, *backup, *enrolled),
        _ => return None,
    })
}

fn with_cards(text: &str, cards: &[(u8, String)]) -> Vec<String> {
    let mut texts = vec![text.to_owned()];
    texts.extend(cards.iter().map(|(index, custodian)| format!("card {index}, {custodian}")));
    texts
}

fn restored(title: &str, described: bool, backup: Option<u64>, enrolled: usize) -> Words {
    let descriptor = "It was restored without its descriptor: its keys only open records until the custodians confirm them.";
    let mut texts: Vec<String> = (!described).then(|| descriptor.to_owned()).into_iter().collect();
    texts.push(match backup {
        Some(state) => format!("Its backup is of state {state}; what happened afterwards is not known here."),
        None => "There was no backup: a new log begins.".to_owned(),
    });
    texts.push(format!("{} enrolled. All quotas are used up until the custodians renew them.", count(enrolled, "workstation")));
    texts.push("Press “Done”: the kiosk starts anew with nothing in memory.".to_owned());
    (format!("“{title}” is restored"), texts)
}
