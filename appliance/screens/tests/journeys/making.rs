//! How vaults come into being, and how a ceremony is stopped.

use crate::{
    NOW,
    people::{self, Choice, Copy, Vault},
    plans::{held, planned},
    sealing,
    stage::Stage,
};
use cloison_ceremony::{Button, Ended, Field, Notice, View};
use cloison_optics::read;
use cloison_protocol::Act;

const AMELIE: &str = "523351311223322534335124141321262313564122522356533445644351";
const BRUNO: &str = "25624654444164563614143312323154346331465245565256";

/// Holds a ceremony by a plan that is typed: 2 of 3 cards, dice, one proposed passphrase and two that
/// are typed; the second card is copied by its words. Then the drill.
pub(crate) fn typed_ceremony(stage: &mut Stage) -> Vault {
    stage.room.clock.set(NOW - 3 * 24 * 60 * 60);
    stage.is_on("blank");
    stage.press(Button::CreateVault);
    put_date_right(stage);
    stage.press(Button::TypePlan);
    type_plan(stage);
    people::turn_plan(stage);
    people::call_everybody(stage, &["Wanda"]);
    throw_dice(stage);
    weak_passphrase(stage);
    let people = [
        (Choice::Own("Élan à 42 œufs, brouillard & façade [z]"), Copy::Screen),
        (Choice::Proposed, Copy::Words),
        (Choice::Own("Qwx’ lanterne-jument"), Copy::Printer),
    ];
    let cards = people::make_cards(stage, &people);
    stage.room.clock.set(NOW);
    let vault = people::drill(stage, cards, 2);
    let acts: Vec<Act> = vault.transcript.entries().iter().map(|entry| entry.what.clone()).collect();
    let absent = |act: &Act| matches!(act, Act::Absent { name, .. } if name.as_str() == "Wanda");
    assert_eq!(acts.iter().filter(|act| absent(act)).count(), 1);
    let dice = |act: &&Act| matches!(act, Act::Entropy { source, .. } if source.as_str() == "dice");
    assert_eq!(acts.iter().filter(dice).count(), 2);
    assert_eq!(vault.descriptor.body().title.as_str(), "Greffe d’Évry, œuvre 7");
    vault
}

/// The kiosk's clock is wrong, and a slip of the finger is no date.
fn put_date_right(stage: &mut Stage) {
    stage.write(Field::Date, "2027-13-15 08:00");
    stage.press(Button::Continue);
    assert_eq!(stage.screen().notice, Some(Notice::NotADate));
    stage.write(Field::Date, "2027-01-15 08:00");
    stage.press(Button::Continue);
    stage.is_on("start");
}

fn type_plan(stage: &mut Stage) {
    stage.write(Field::Title, "Greffe d’Évry, œuvre 7");
    stage.write(Field::Place, "Salle des Pas-Perdus (2e)");
    stage.write(Field::Threshold, "2");
    stage.write(Field::Cards, "3");
    stage.write(Field::Administrator, "Odile");
    stage.write(Field::Witness, "Wanda");
    stage.press(Button::Continue);
    for name in ["Amélie Œrsted", "Bruno", "Chloé-Ève"] {
        stage.is_on("name");
        stage.write(Field::Custodian, name);
        stage.press(Button::Continue);
    }
    stage.is_on("plan-page");
}

fn throw_dice(stage: &mut Stage) {
    stage.is_on("dice");
    for (name, rolls) in [("Amélie", AMELIE), ("Bruno", BRUNO)] {
        stage.write(Field::Contributor, name);
        stage.write(Field::Rolls, rolls);
        stage.press(Button::AddRolls);
        assert_eq!(stage.screen().notice, Some(Notice::Rolled(name.to_owned(), rolls.len())));
    }
    stage.press(Button::Continue);
}

/// A passphrase that many people use is told to be weak while it is typed, and makes no card.
fn weak_passphrase(stage: &mut Stage) {
    let before = stage.texts();
    people::choose(stage, &Choice::Own("azerty123456"));
    assert!(stage.texts().difference(&before).any(|text| text.split_whitespace().count() > 3), "nothing is said of it");
    stage.press(Button::MakeCard);
    assert!(matches!(stage.screen().notice, Some(Notice::Passphrase(_))));
}

/// Holds a ceremony by a plan that is read from codes. First it is cancelled half way, then an alarm
/// stops it, and both list the cards that were shown; then it is held to its end.
pub(crate) fn read_ceremony(stage: &mut Stage) -> Vault {
    to_the_first_card(stage);
    cancelled_at_the_second_card(stage);
    to_the_first_card(stage);
    stopped_while_a_card_is_held(stage);
    to_the_first_card(stage);
    let people = [
        (Choice::Own("first quiet walnut harbour 1"), Copy::Printer),
        (Choice::Own("second quiet walnut harbour 2"), Copy::Screen),
    ];
    let cards = people::make_cards(stage, &people);
    people::drill(stage, cards, 2)
}

fn to_the_first_card(stage: &mut Stage) {
    stage.press(Button::CreateVault);
    people::confirm_date(stage);
    people::read_plan(stage, &held(planned(2, &["Driss", "Elsa"])));
    stage.is_on("dice");
    stage.press(Button::Continue);
}

fn cancelled_at_the_second_card(stage: &mut Stage) {
    people::make_cards(stage, &[(Choice::Own("a first quiet walnut harbour"), Copy::Screen)]);
    people::choose(stage, &Choice::Own("a second quiet walnut harbour"));
    stage.press(Button::MakeCard);
    stage.press(Button::Cancel);
    lists(stage, &["Driss", "Elsa"]);
    stage.press(Button::Done);
    stage.is_on("blank");
}

fn stopped_while_a_card_is_held(stage: &mut Stage) {
    people::choose(stage, &Choice::Own("a fifth quiet walnut harbour"));
    stage.press(Button::MakeCard);
    stage.while_held(|stage| {
        assert_eq!(read(&stage.picture()).len(), 1);
        sealing::alarm(stage);
        assert!(read(&stage.picture()).is_empty(), "the card is gone from under the finger");
    });
    lists(stage, &["Driss"]);
    stage.press(Button::Done);
    stage.restart_after(Ended::Alarm);
    sealing::nothing_is_offered(stage);
    stage.is_on("blank");
}

/// Expects the names of those whose cards are to be destroyed, on the screen.
fn lists(stage: &Stage, names: &[&str]) {
    let View::Stopped { cards } = stage.screen().view else { panic!("{:?}", stage.screen().notice) };
    assert!(cards.iter().map(|(_, name)| name.as_str()).eq(names.iter().copied()));
    assert!(names.iter().all(|name| stage.says(name)), "{:?}", stage.texts());
}

/// Makes cards that are never drilled, on a disk that is full at first; they are given up.
pub(crate) fn given_up(stage: &mut Stage) {
    stage.press(Button::CreateVault);
    people::confirm_date(stage);
    people::read_plan(stage, &held(planned(2, &["Fatou", "Gabriel"])));
    stage.press(Button::Continue);
    stage.room.disk_full.set(true);
    let people = [
        (Choice::Own("a third quiet walnut harbour"), Copy::Screen),
        (Choice::Own("a fourth quiet walnut harbour"), Copy::Screen),
    ];
    let _ = people::make_cards(stage, &people);
    stage.is_on("unsaved");
    stage.room.disk_full.set(false);
    stage.press(Button::TryAgain);
    stage.is_on("created");
    stage.press(Button::Done);
    stage.restart_after(Ended::Created);
    stage.press(Button::GiveUp);
    stage.is_on("give-up");
    stage.press(Button::Cancel);
    stage.press(Button::GiveUp);
    stage.press(Button::Erase);
    lists(stage, &["Fatou", "Gabriel"]);
    stage.press(Button::Done);
    stage.is_on("blank");
}
