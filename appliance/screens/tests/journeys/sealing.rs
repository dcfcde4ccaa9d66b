//! How an open vault is sealed: by its people, by time, and by what leads out of the machine.

use crate::{people::Vault, stage::Stage};
use cloison_ceremony::{Button, Ended, Event, Notice};
use cloison_protocol::{Alarm, bounded::Line};

/// Seals a vault from the keyboard, in the middle of a passphrase; opens it again.
pub(crate) fn from_the_keyboard(stage: &mut Stage, vault: &Vault) {
    stage.press(Button::Manage);
    stage.press(Button::Renew);
    stage.sees(&vault.cards[0].paper);
    stage.touch_field(cloison_ceremony::Field::Passphrase);
    assert_eq!(stage.key("q").as_deref(), Some("q"));
    stage.press(Button::Seal);
    stage.restart_after(Ended::Sealed);
    vault.open(stage);
}

/// Leaves an open vault alone until it seals itself.
pub(crate) fn by_idleness(stage: &mut Stage, vault: &Vault) {
    let (idle, _) = stage.screen().left.unwrap();
    let began = stage.room.clock.get();
    stage.room.clock.set(began + idle - 10);
    stage.tick();
    stage.is_on("desk");
    assert!(stage.says("0:10"), "how long it stays open is on the button that seals it");
    stage.room.clock.set(began + idle);
    stage.tick();
    stage.restart_after(Ended::Idle);
    vault.open(stage);
}

/// Finds a network interface while a vault is open, and while nothing is.
pub(crate) fn by_alarm(stage: &mut Stage) {
    *stage.room.found.borrow_mut() = vec![Alarm::Interface(Line::new("eth0").unwrap())];
    stage.tick();
    assert!(matches!(stage.screen().notice, Some(Notice::Alarm(_))));
    assert!(stage.says("eth0"), "what was found is on the screen");
    stage.restart_after(Ended::Alarm);
    stage.is_on("alarm");
    assert!(stage.says("eth0") && stage.screen().buttons.is_empty());
    stage.handle(Event::Press(Button::OpenVault));
    stage.is_on("alarm");
    stage.room.found.borrow_mut().clear();
    stage.tick();
    stage.is_on("sealed");
}
