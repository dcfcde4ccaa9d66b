//! Custodians, their cards and their passphrases, and what they do together.

use crate::stage::Stage;
use cloison_ceremony::{Button, Ended, Field, View};
use cloison_optics::Luma;
use cloison_protocol::{Descriptor, KeyRef, Plan, PublicKeys, Transcript};

/// What a custodian takes home: a picture of the card, its words where they were written down, and
/// what only they know.
pub(crate) struct Card {
    pub(crate) paper: Luma,
    pub(crate) words: Option<Vec<String>>,
    pub(crate) passphrase: String,
}

/// How a custodian copies the card that is on the screen.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Copy {
    /// As a picture of the screen.
    Screen,
    /// On the printer.
    Printer,
    /// Its words, by hand; its code is kept too.
    Words,
}

/// How a custodian comes to a passphrase.
pub(crate) enum Choice {
    Own(&'static str),
    Proposed,
}

/// A vault as its people know it.
pub(crate) struct Vault {
    pub(crate) cards: Vec<Card>,
    pub(crate) threshold: usize,
    pub(crate) public: PublicKeys,
    pub(crate) descriptor: Descriptor,
    pub(crate) transcript: Transcript,
}

/// Where to go for a button on the first screens: confirms the date, which is right.
pub(crate) fn confirm_date(stage: &mut Stage) {
    stage.is_on("date");
    stage.press(Button::Continue);
}

/// Has a plan read, and reads it to the roll call.
pub(crate) fn read_plan(stage: &mut Stage, plan: &Plan) {
    stage.press(Button::ReadPlan);
    stage.is_shown(plan.as_bytes());
    stage.is_on("plan-page");
    assert!(stage.says(&plan.fingerprint().to_string()), "the plan's words are there to compare");
    turn_plan(stage);
    call_everybody(stage, &[]);
}

/// Turns the plan's pages; there is no way on before the last.
pub(crate) fn turn_plan(stage: &mut Stage) {
    while stage.screen().buttons.contains(&Button::Next) {
        stage.press(Button::Next);
    }
    stage.press(Button::Continue);
    stage.is_on("roll-call");
}

/// Calls everybody, by their names on the screen; these are not here.
pub(crate) fn call_everybody(stage: &mut Stage, absent: &[&str]) {
    while let View::RollCall { name, .. } = stage.screen().view {
        assert!(stage.says(&name));
        stage.press(if absent.contains(&name.as_str()) { Button::NotHere } else { Button::Here });
    }
}

/// Makes a card for each choice of a passphrase and way of copying it, and reads each back.
pub(crate) fn make_cards(stage: &mut Stage, people: &[(Choice, Copy)]) -> Vec<Card> {
    people.iter().map(|(choice, copy)| make_card(stage, choice, *copy)).collect()
}

fn make_card(stage: &mut Stage, choice: &Choice, copy: Copy) -> Card {
    let passphrase = choose(stage, choice);
    stage.press(Button::MakeCard);
    let card = copied(stage, copy, passphrase);
    stage.press(Button::ReadBack);
    stage.is_on("read-back");
    take(stage, &card, copy);
    stage.write(Field::Passphrase, &card.passphrase);
    stage.press(Button::Verify);
    card
}

/// Types a passphrase twice: one's own, or six words that were shown while the button was held.
pub(crate) fn choose(stage: &mut Stage, choice: &Choice) -> String {
    stage.is_on("passphrase");
    let passphrase = match choice {
        Choice::Own(passphrase) => (*passphrase).to_owned(),
        Choice::Proposed => {
            stage.press(Button::Propose);
            let before = stage.texts();
            let shown = stage.while_held(|stage| stage.texts());
            let mut new = shown.difference(&before).filter(|text| text.split_whitespace().count() == 6);
            let words = new.next().expect("six words, only while they are held").clone();
            assert!(new.next().is_none() && !stage.says(&words));
            words
        }
    };
    stage.write(Field::Passphrase, &passphrase);
    stage.write(Field::PassphraseAgain, &passphrase);
    passphrase
}

/// Copies the card that is on the screen; without holding the button there is nothing to copy.
pub(crate) fn copied(stage: &mut Stage, copy: Copy, passphrase: String) -> Card {
    stage.is_on("card");
    assert!(cloison_optics::read(&stage.picture()).is_empty(), "a card is shown to whoever holds it");
    let paper = match copy {
        Copy::Screen | Copy::Words => stage.while_held(|stage| stage.picture()),
        Copy::Printer => {
            stage.press(Button::Print);
            stage.room.printed.borrow_mut().pop().unwrap()
        }
    };
    let words = (copy == Copy::Words).then(|| {
        stage.press(Button::ShowWords);
        let View::Card { words: Some(lines), .. } = stage.screen().view else { panic!("no words") };
        let shown = stage.while_held(|stage| stage.texts());
        assert!(lines.len() == 10 && lines.iter().all(|line| shown.contains(line)), "all ten lines are on the screen");
        assert!(!lines.iter().any(|line| stage.says(line)), "and covered again");
        lines
    });
    Card { paper, words, passphrase }
}

/// Holds a card before the camera, or types its words.
pub(crate) fn take(stage: &mut Stage, card: &Card, copy: Copy) {
    match card.words.as_ref().filter(|_| copy == Copy::Words) {
        Some(words) => {
            stage.write(Field::Words, &plain(&words.join("\n")));
            stage.press(Button::ReadWords);
        }
        None => stage.sees(&card.paper),
    }
    assert!(stage.screen().fields.iter().any(|known| known.field == Field::Passphrase), "{:?}", stage.screen().notice);
}

/// Leaves the accents out, which the keyboard for words has not.
fn plain(words: &str) -> String {
    let letter = |letter| match letter {
        'à' | 'â' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        'ù' | 'û' => 'u',
        letter => letter,
    };
    words.chars().map(letter).collect()
}

/// Presents one card with its passphrase.
pub(crate) fn present(stage: &mut Stage, card: &Card) {
    stage.is_on("cards");
    take(stage, card, Copy::Screen);
    stage.write(Field::Passphrase, &card.passphrase);
    stage.press(Button::Present);
}

impl Vault {
    /// Presents as many cards as open the vault, the last first.
    pub(crate) fn present(&self, stage: &mut Stage) {
        for card in self.cards.iter().rev().take(self.threshold) {
            present(stage, card);
        }
    }

    /// Gives the newest key like this one.
    pub(crate) fn newest(&self, like: KeyRef) -> KeyRef {
        let keys = self.public.body().keys.as_slice().iter().map(|known| known.key);
        keys.rev().find(|key| (key.usage, key.algorithm) == (like.usage, like.algorithm)).unwrap()
    }

    /// Opens the vault from the first screen.
    pub(crate) fn open(&self, stage: &mut Stage) {
        stage.is_on("sealed");
        stage.press(Button::OpenVault);
        confirm_date(stage);
        self.present(stage);
    }
}

/// Leaves the screen that says that the cards are dealt, and holds the drill in a new process; takes
/// away what it exports.
pub(crate) fn drill(stage: &mut Stage, cards: Vec<Card>, threshold: usize) -> Vault {
    stage.is_on("created");
    stage.press(Button::Done);
    stage.restart_after(Ended::Created);
    stage.press(Button::Drill);
    for card in &cards {
        present(stage, card);
    }
    stage.is_on("drilled");
    let public = PublicKeys::decode(&stage.message()).unwrap();
    assert!(stage.says(&public.fingerprint().to_string()), "its words are there to write down");
    stage.press(Button::ShowTranscript);
    let transcript = Transcript::decode(&stage.message()).unwrap();
    stage.press(Button::ShowDescriptor);
    let descriptor = Descriptor::decode(&stage.message()).unwrap();
    stage.press(Button::Done);
    stage.restart_after(Ended::Drilled);
    Vault { cards, threshold, public, descriptor, transcript }
}
