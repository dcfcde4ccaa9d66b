//! A rehearsal, from its ceremony by way of an emergency to its end.

use crate::{
    answering,
    people::{self, Choice, Copy},
    plans::{TEXT, held, planned, with_policy},
    stage::Stage,
    workstation::{Workstation, text_op},
};
use cloison_ceremony::{Button, Ended, View};
use cloison_protocol::{Mode, Outcome, Reason, Usage};
use cloison_screens::Language;

/// Rehearses with a key that signs one text a day, and one more in an emergency, which is reviewed
/// when the vault is next opened.
pub(crate) fn rehearsal(stage: &mut Stage) {
    stage.press(Button::RehearseVault);
    is_marked(stage);
    people::confirm_date(stage);
    let plan = with_policy(planned(2, &["Jeanne", "Karim"]), TEXT, |policy| {
        (policy.batch, policy.per_session, policy.per_day, policy.emergency) = (1, 1, 1, 1);
    });
    people::read_plan(stage, &held(plan));
    stage.press(Button::Continue);
    is_marked(stage);
    let people =
        [(Choice::Own("rehearsed walnut harbour 1"), Copy::Screen), (Choice::Own("rehearsed walnut harbour 2"), Copy::Screen)];
    let cards = people::make_cards(stage, &people);
    let vault = people::drill(stage, cards, 2);
    assert_eq!(vault.public.body().mode, Mode::Rehearsal);
    vault.open(stage);
    is_marked(stage);

    let mut desk = Workstation::new("Poste 12", 1);
    answering::enrol(stage, &vault, &mut desk);
    let first = desk.request(&vault.public, Usage::Text, vec![text_op("Un.")]);
    answering::approve(stage, &vault, &first);
    answering::verified(&vault.public, Usage::Text, b"Un.", &answering::answer(stage, &desk, &first, &vault.public));
    let second = desk.request(&vault.public, Usage::Text, vec![text_op("Deux.")]);
    answering::ask(stage, &second);
    assert_eq!(stage.screen().view, View::Refused(Reason::DayQuota));
    stage.press(Button::Emergency);
    answering::read_on(stage);
    stage.press(Button::PresentCards);
    vault.present(stage);
    answering::read_on(stage);
    stage.press(Button::Approve);
    let outcomes = answering::answer(stage, &desk, &second, &vault.public);
    assert!(matches!(outcomes[..], [Outcome::Signature(_)]));
    stage.press(Button::Seal);
    stage.restart_after(Ended::Sealed);

    vault.open(stage);
    stage.is_on("emergencies");
    answering::read_on(stage);
    stage.press(Button::Reviewed);
    stage.is_on("desk");
    stage.press(Button::Seal);
    stage.restart_after(Ended::Sealed);
    end(stage);
}

fn end(stage: &mut Stage) {
    stage.press(Button::EndRehearsal);
    stage.is_on("end-rehearsal");
    is_marked(stage);
    stage.press(Button::Erase);
    stage.is_on("blank");
    assert!(!stage.screen().rehearsal);
}

/// Expects the banner across the top.
fn is_marked(stage: &Stage) {
    let banner = if stage.language == Language::French { "RÉPÉTITION" } else { "REHEARSAL" };
    assert!(stage.screen().rehearsal && stage.says(banner), "{}", stage.screen().view.name());
}
