//! The words of every screen, in English.
//!
//! The one place where a screen's data becomes sentences. The touch screen brings French beside
//! it; until then the desk speaks English.

use cloison_ceremony::{Button, Field, HomeView, Notice, Purposes, Screen, View};
use cloison_custody::{CardRefusal, Page};
use cloison_protocol::{KeyRef, Usage};

/// A screen in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its title.
    pub title: String,
    /// Its texts, in reading order.
    pub texts: Vec<String>,
}

/// Puts a screen into words.
#[must_use]
pub fn said(screen: &Screen) -> Said {
    let (title, texts) = match &screen.view {
        View::Home(home) => self::home(home),
        View::Review { page, number, of } => review(page, *number, *of),
        view => ceremony(view),
    };
    let title = if screen.rehearsal { format!("REHEARSAL: {title}") } else { title };
    Said { title, texts }
}

/// Names a button as it is labelled.
#[must_use]
pub fn label(button: Button) -> &'static str {
    match button {
        Button::CreateVault => "Create a vault",
        Button::RehearseVault => "Rehearse",
        Button::OpenVault => "Open the vault",
        Button::CheckCard => "Check a card",
        Button::Continue => "Continue",
        Button::Cancel => "Cancel",
        Button::MakeCard => "Make the card",
        Button::ReadBack => "Read it back",
        Button::Verify => "Verify",
        Button::ShowAgain => "Show it again",
        Button::NewCard => "Make this card anew",
        Button::TryAgain => "Try again",
        Button::EndRehearsal => "End the rehearsal",
        Button::Erase => "Remove it",
        Button::Present => "Present this card",
        Button::ReadRequest => "Read a request",
        Button::Enrol => "Enrol a workstation",
        Button::ShowPublicKeys => "Show the public keys",
        Button::WordsMatch => "The words are the same",
        Button::Next => "Next",
        Button::Back => "Back",
        Button::PresentCards => "Present the cards",
        Button::Approve => "Approve",
        Button::Decline => "Decline",
        Button::Answer => "Show the answer",
        Button::Done => "Done",
        Button::Seal => "Seal",
        _ => "?",
    }
}

/// Names a field, for scripts and for its label.
#[must_use]
pub fn field(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Title => ("title", "Title of the vault"),
        Field::Threshold => ("threshold", "Cards needed to open it"),
        Field::Cards => ("cards", "Cards to make"),
        Field::Custodian => ("custodian", "Name of the custodian"),
        Field::Passphrase => ("passphrase", "Passphrase"),
        Field::PassphraseAgain => ("passphrase-again", "The same passphrase again"),
        _ => ("?", "?"),
    }
}

fn home(home: &HomeView) -> (String, Vec<String>) {
    match home {
        HomeView::Blank => {
            words("No vault yet", ["This appliance holds no vault. Create one with its custodians, or rehearse first."])
        }
        HomeView::Sealed { title, vault, threshold, cards, .. } => {
            (title.clone(), vec![format!("Sealed. Vault {vault}."), format!("{threshold} of {cards} cards open it.")])
        }
        HomeView::Broken(error) => words("The store cannot be used", [error.to_string()]),
    }
}

fn ceremony(view: &View) -> (String, Vec<String>) {
    match view {
        View::Plan(_) => {
            words("A new vault", ["Give the vault a title, how many cards are made, and how many are needed to open it."])
        }
        View::Entropy => words("Gathering randomness", ["One moment."]),
        View::Passphrase { index, cards } => words(
            &format!("Card {index} of {cards}"),
            [
                "Look around you: only the custodian of this card may see the screen.",
                "Type the custodian's name, and a passphrase of at least 12 characters. Six words from a dictionary are good.",
            ],
        ),
        View::Card { index, cards, custodian } => words(
            &format!("Card {index} of {cards}: {custodian}"),
            ["Photograph nothing. Print or copy this code onto the card, then read it back."],
        ),
        View::ReadBack { index, cards, read } => words(
            &format!("Card {index} of {cards}: read it back"),
            [if *read { "Type the card's passphrase again." } else { "Hold the card before the camera." }],
        ),
        View::Saving => words("Saving", ["One moment."]),
        View::Unsaved => words(
            "The vault could not be saved",
            ["Every card is proven, and nothing is lost. Check the data partition and its free space, then try again."],
        ),
        View::EndRehearsal => words(
            "End the rehearsal?",
            ["The rehearsed vault is removed from this appliance. Its cards open nothing any more; destroy them."],
        ),
        View::Created { title, words } => (
            format!("The vault “{title}” is made"),
            vec!["Its public keys are in the code. Compare these words on the workstation:".to_owned(), words.to_string()],
        ),
        View::Stopped { cards } => stopped(cards),
        View::Cards { purpose, accepted, needed, card } => presenting(*purpose, accepted, *needed, card.as_ref()),
        View::Check { read } => words(
            "Check a card",
            [match read {
                Some(index) => format!("Card {index}: type its passphrase. Nothing is opened by it."),
                None => "Hold the card before the camera. It is checked alone, and nothing is opened by it.".to_owned(),
            }],
        ),
        View::Desk { title, enrolled, generation, .. } => (
            title.clone(),
            vec!["The vault is open.".to_owned(), format!("{enrolled} workstations are enrolled. State {generation}.")],
        ),
        View::Scan { expected, progress } => (
            format!("Show the {expected} to the camera"),
            vec![match progress {
                Some(progress) => format!("{} of at least {} pieces read.", progress.read, progress.needed),
                None => "Nothing read yet.".to_owned(),
            }],
        ),
        View::Refused(reason) => words("This request is refused", [reason.to_string()]),
        View::Reply => words("The reply", ["Show this code to the workstation's camera."]),
        View::Enrolment { name, words } => (
            format!("Enrol “{name}”?"),
            vec!["Compare these words with the workstation's screen, face to face:".to_owned(), words.to_string()],
        ),
        View::PublicKeys { words } => {
            ("The public keys".to_owned(), vec!["Compare these words on the workstation:".to_owned(), words.to_string()])
        }
        _ => words("Sealed", ["Nothing is in memory."]),
    }
}

fn presenting(purpose: Purposes, accepted: &[u8], needed: u8, card: Option<&(u8, String)>) -> (String, Vec<String>) {
    let title = match purpose {
        Purposes::Opening => "Present the cards to open the vault",
        Purposes::Request => "Present the cards to approve this request",
        Purposes::Enrolment => "Present the cards to enrol this workstation",
    };
    let ask = match card {
        Some((index, custodian)) => format!("Card {index}, {custodian}: type its passphrase."),
        None => "Hold a card before the camera.".to_owned(),
    };
    (title.to_owned(), vec![format!("{} of {needed} cards accepted.", accepted.len()), ask])
}

fn stopped(cards: &[(u8, String)]) -> (String, Vec<String>) {
    let mut texts = vec!["Nothing was kept. Destroy these cards before the witness:".to_owned()];
    texts.extend(cards.iter().map(|(index, custodian)| format!("card {index}, {custodian}")));
    ("The ceremony was stopped".to_owned(), texts)
}

fn review(page: &Page, number: usize, of: usize) -> (String, Vec<String>) {
    let title = format!("Page {number} of {of}");
    let texts = match page {
        Page::Who { requester, purpose, key, operations, made, expires, each } => vec![
            format!("{requester} asks."),
            format!("Case: {}", purpose.case.as_str()),
            format!("Reason: {}", purpose.reason.as_str()),
            format!("Key: {}, {operations} operations.", key_words(*key)),
            format!("Made on {}, by the workstation's clock.", date(*made)),
            format!("Not to be answered after {}.", date(*expires)),
            if *each {
                "The custodians present their cards for this request.".to_owned()
            } else {
                "The operator approves this alone, by the key's policy.".to_owned()
            },
        ],
        Page::Text { operation, part, parts, text } => {
            vec![format!("Text {operation} to sign, part {part} of {parts}:"), text.clone()]
        }
        Page::Digest { operation, name, size, digest } => vec![
            format!("File {operation} to sign: “{name}”, {size} bytes, as the requester says."),
            "The appliance cannot show this file. It signs the digest only:".to_owned(),
            format!("{digest:?}"),
        ],
        Page::Record { operation, header } => vec![
            format!("Record {operation} to open."),
            "What it is, is shown after the cards were presented.".to_owned(),
            format!("Its header's digest: {header:?}"),
        ],
        Page::Declared { operation, opens, declared } => match (opens, declared) {
            (false, _) => vec![format!("Record {operation} cannot be opened with this key, or was altered. It will be refused.")],
            (true, Ok(None)) => vec![format!("Record {operation} declares nothing of itself.")],
            (true, Err(error)) => vec![format!("Record {operation}: {error}.")],
            (true, Ok(Some(declared))) => vec![
                format!("Record {operation}, as declared by the encryptor:"),
                format!("Name: {}", declared.record.as_str()),
                format!("Class: {}", declared.class.as_str()),
                format!("Size: {} bytes", declared.size),
            ],
        },
        _ => Vec::new(),
    };
    (title, texts)
}

fn key_words(key: KeyRef) -> String {
    let usage = match key.usage {
        Usage::Text => "signs texts",
        Usage::Digest => "signs digests",
        Usage::Age => "opens records",
        _ => "internal",
    };
    format!("{key} ({usage})")
}

/// Says in words what there is to say of the last event.
#[must_use]
pub fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Birth(error) => error.to_string(),
        Notice::NotANumber(asked) => format!("“{}” takes a whole number. Type one, such as 3.", field(*asked).1),
        Notice::Passphrase(error) => error.to_string(),
        Notice::Card { index: Some(index), refusal: refusal @ CardRefusal::Unreadable(_) } => {
            format!("The card that says it is number {index}: {refusal}.")
        }
        Notice::Card { index: Some(index), refusal } => format!("Card {index}: {refusal}."),
        Notice::Card { index: None, refusal } => format!("A card that cannot be named: {refusal}."),
        Notice::Accepted(index) => format!("Card {index} is accepted."),
        Notice::Proven(index) => format!("Card {index} opens, and its share is the vault's own."),
        Notice::Entropy(error) => error.to_string(),
        Notice::NoEntropy => "The operating system gave no random bytes. Do not make keys on this machine.".to_owned(),
        Notice::NotSaved => {
            "The disk did not take the change, so nothing was done. Check its free space, and try again.".to_owned()
        }
        Notice::Frame(error) => error.to_string(),
        Notice::Stranger { reading, this } => format!("Still reading {reading}; this code is of {this}. Show one at a time."),
        Notice::Corrupt => "The pieces do not fit together, so something altered them. Reading starts again.".to_owned(),
        Notice::Message(error) => error.to_string(),
        Notice::Open(error) => error.to_string(),
        Notice::BrokenQuorum => "The cards were accepted and do not give this vault's root. Do not use this store.".to_owned(),
        Notice::Unanswerable(error) => error.to_string(),
        Notice::TooLate => "The request expired, or was answered, before it was approved. Make a new one.".to_owned(),
        Notice::Enrolment(error) => error.to_string(),
        Notice::Enrolled(name) => format!("“{name}” is enrolled."),
        Notice::Unread(pages) => format!("{pages} pages are unread. Read them all, then approve."),
        Notice::Perform(error) => error.to_string(),
        Notice::Stale(error) => error.to_string(),
        _ => String::new(),
    }
}

/// Writes a moment as people write it, in UTC; one that no calendar has is written as its seconds.
fn date(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| format!("second {seconds}"), |moment| moment.strftime("%Y-%m-%d at %H:%M UTC").to_string())
}

fn words<const N: usize>(title: &str, texts: [impl Into<String>; N]) -> (String, Vec<String>) {
    (title.to_owned(), texts.map(Into::into).to_vec())
}
