//! How an open vault is sealed: by its people, by time, and by what leads out of the machine.

use crate::{
    CLASSICAL, answering,
    people::Vault,
    stage::Stage,
    workstation::{Workstation, header_to, payload, view_op},
};
use cloison_ceremony::{Button, Ended, Event, Field, Notice};
use cloison_protocol::{Alarm, Usage, bounded::Line};

/// Begins to type a passphrase at an open vault, and leaves the keyboard where it is.
fn begin_to_type(stage: &mut Stage, vault: &Vault) {
    stage.press(Button::Manage);
    stage.press(Button::Renew);
    stage.sees(&vault.cards[0].paper);
    stage.touch_field(Field::Passphrase);
    assert_eq!(stage.key("q").as_deref(), Some("q"));
}

/// Seals a vault from the keyboard, in the middle of a passphrase; opens it again.
pub(crate) fn from_the_keyboard(stage: &mut Stage, vault: &Vault) {
    begin_to_type(stage, vault);
    stage.press(Button::Seal);
    stage.restart_after(Ended::Sealed);
    vault.open(stage);
}

/// Leaves an open vault alone until it seals itself, with a passphrase half typed.
pub(crate) fn by_idleness(stage: &mut Stage, vault: &Vault) {
    begin_to_type(stage, vault);
    let (idle, _) = stage.screen().left.unwrap();
    let began = stage.room.clock.get();
    stage.room.clock.set(began + idle - 10);
    stage.tick();
    assert!(stage.is_there("OK") && stage.says("0:10"), "how long it stays open is on the button that seals it");
    stage.room.clock.set(began + idle);
    stage.tick();
    assert!(!stage.is_there("OK"), "the keyboard is gone with what was typed");
    stage.restart_after(Ended::Idle);
    vault.open(stage);
}

/// Finds a network interface while a record is uncovered, and then while nothing is open.
pub(crate) fn by_alarm(stage: &mut Stage, vault: &Vault, desk: &mut Workstation) {
    let record = view_op(header_to(&vault.public, CLASSICAL, [9; 16]), payload([9; 16], "connue sous un alias".as_bytes()));
    let request = desk.request_with(&vault.public, Usage::Age, vec![record], |body| body.key = CLASSICAL);
    answering::approve(stage, vault, &request);
    stage.touch_own("Show it here");
    assert!(stage.says("un alias"));
    alarm(stage);
    assert!(!stage.says("un alias"), "nothing of the record is left on the screen");
    stage.restart_after(Ended::Alarm);
    nothing_is_offered(stage);
    stage.is_on("sealed");
}

/// Finds a network interface; it is named on the screen.
pub(crate) fn alarm(stage: &mut Stage) {
    *stage.room.found.borrow_mut() = vec![Alarm::Interface(Line::new("eth0").unwrap())];
    stage.tick();
    assert!(matches!(stage.screen().notice, Some(Notice::Alarm(_))) && stage.says("eth0"));
}

/// Expects that a kiosk does nothing for as long as the interface is there.
pub(crate) fn nothing_is_offered(stage: &mut Stage) {
    stage.is_on("alarm");
    assert!(stage.says("eth0") && stage.screen().buttons.is_empty());
    stage.handle(Event::Press(Button::OpenVault));
    stage.is_on("alarm");
    stage.room.found.borrow_mut().clear();
    stage.tick();
}
