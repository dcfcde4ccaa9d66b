//! What changes a vault, what it exports, and what becomes of it: other cards, another appliance,
//! another vault.

use crate::{
    answering,
    people::{self, Choice, Copy, Vault},
    plans::{held, planned},
    stage::Stage,
    workstation::{Workstation, text_op},
};
use cloison_ceremony::{Button, Ended, Field, Notice, Purposes, View};
use cloison_protocol::{Backup, Descriptor, Happening, KeyRef, Log, PublicKeys, Reason, Succession, Transcript, Usage};

/// Shows a message of the vault, reads it from the screen, and goes back.
fn export(stage: &mut Stage, button: Button) -> Vec<u8> {
    stage.press(button);
    let message = stage.message();
    stage.press(Button::Done);
    message
}

/// Reads all that the vault exports, from the desk and back to it.
pub(crate) fn exports(stage: &mut Stage, vault: &Vault) -> Backup {
    stage.press(Button::Manage);
    let backup = Backup::decode(&export(stage, Button::BackUp)).unwrap();
    assert_eq!(backup.body().vault, vault.public.body().vault);
    let descriptor = Descriptor::decode(&export(stage, Button::ShowDescriptor)).unwrap();
    assert_eq!(descriptor.digest(), vault.descriptor.digest());
    let transcript = Transcript::decode(&export(stage, Button::ShowTranscript)).unwrap();
    assert_eq!(transcript.head(), vault.transcript.head());
    let log = Log::decode(&export(stage, Button::ShowLog)).unwrap();
    assert!(log.entries().iter().any(|entry| matches!(entry.what, Happening::Drilled { epoch: 1, .. })));
    stage.press(Button::Done);
    let public = PublicKeys::decode(&export(stage, Button::ShowPublicKeys)).unwrap();
    assert_eq!(public.fingerprint(), vault.public.fingerprint());
    stage.is_on("desk");
    backup
}

/// Makes one change in the vault's management, under the cards.
fn change(stage: &mut Stage, vault: &Vault, buttons: &[Button], purpose: Purposes) {
    stage.press(Button::Manage);
    for button in buttons {
        stage.press(*button);
    }
    vault.present(stage);
    assert_eq!((stage.screen().view.name(), stage.screen().notice), ("manage", Some(Notice::Changed(purpose))));
    stage.press(Button::Done);
}

/// Revokes one of two workstations, rotates the key that signs texts, and renews the quotas.
pub(crate) fn changes(stage: &mut Stage, vault: &mut Vault, desk: &mut Workstation) {
    let mut other = Workstation::new("Poste 7", 2);
    answering::enrol(stage, vault, &mut other);
    change(stage, vault, &[Button::Revoke, Button::Item(1)], Purposes::Revocation);
    let request = other.request(&vault.public, Usage::Text, vec![text_op("x")]);
    answering::ask(stage, &request);
    assert_eq!(stage.screen().view, View::Refused(Reason::Revoked));
    stage.press(Button::Cancel);

    change(stage, vault, &[Button::Rotate, Button::Item(2)], Purposes::Rotation);
    change(stage, vault, &[Button::Renew], Purposes::Renewal);
    vault.public = PublicKeys::decode(&export(stage, Button::ShowPublicKeys)).unwrap();
    signs(stage, vault, desk, KeyRef { number: 1, ..crate::plans::TEXT });
}

/// A text is signed by this key.
pub(crate) fn signs(stage: &mut Stage, vault: &Vault, desk: &mut Workstation, key: KeyRef) {
    let request = desk.request_with(&vault.public, Usage::Text, vec![text_op("Lu.")], |body| body.key = key);
    answering::approve(stage, vault, &request);
    let outcomes = answering::answer(stage, desk, &request, &vault.public);
    answering::verified(&vault.public, Usage::Text, b"Lu.", &outcomes);
}

/// Deals the root of an open vault to two others, by a plan that is read; after their drill the old
/// cards open nothing.
pub(crate) fn reshare(stage: &mut Stage, old: Vault) -> Vault {
    stage.press(Button::Manage);
    stage.press(Button::Reshare);
    stage.is_on("start");
    people::read_plan(stage, &held(planned(2, &["Hélène", "Ivo"])));
    old.present(stage);
    stage.is_on("dice");
    stage.press(Button::Continue);
    let people = [(Choice::Own("third quiet walnut harbour 3"), Copy::Screen), (Choice::Proposed, Copy::Screen)];
    let cards = people::make_cards(stage, &people);
    let new = people::drill(stage, cards, 2);
    assert_eq!(new.public.fingerprint(), old.public.fingerprint());
    stage.press(Button::OpenVault);
    people::confirm_date(stage);
    stage.sees(&old.cards[0].paper);
    assert!(matches!(stage.screen().notice, Some(Notice::Card { index: Some(1), .. })));
    new.present(stage);
    stage.is_on("desk");
    new
}

/// Restores a vault on a blank appliance from its cards, its descriptor and its backup; its log goes
/// on, and its quotas are granted anew.
pub(crate) fn restored(stage: &mut Stage, vault: &Vault, backup: &Backup, enrolled: usize) {
    stage.press(Button::Restore);
    people::confirm_date(stage);
    stage.is_shown(vault.descriptor.as_bytes());
    stage.is_on("scan");
    stage.is_shown(backup.as_bytes());
    vault.present(stage);
    stage.is_on("restored");
    let View::Restored { described: true, backup: Some(generation), enrolled: found, .. } = stage.screen().view else { panic!() };
    assert_eq!((generation, found), (backup.body().generation, enrolled));
    stage.press(Button::Done);
    stage.restart_after(Ended::Restored);
    vault.open(stage);
    stage.is_on("desk");
    change(stage, vault, &[Button::Renew], Purposes::Renewal);
}

/// Checks one card by its words, and one with another's passphrase, without opening anything.
pub(crate) fn cards_are_checked(stage: &mut Stage, vault: &Vault) {
    stage.press(Button::CheckCard);
    let [first, second] = &vault.cards[..2] else { panic!() };
    stage.sees(&first.paper);
    stage.write(Field::Passphrase, &second.passphrase);
    stage.press(Button::Verify);
    assert!(matches!(stage.screen().notice, Some(Notice::Card { index: Some(1), .. })));
    people::take(stage, second, Copy::Words);
    stage.write(Field::Passphrase, &second.passphrase);
    stage.press(Button::Verify);
    assert_eq!(stage.screen().notice, Some(Notice::Proven(2)));
    stage.press(Button::Cancel);
    stage.is_on("sealed");
}

/// Names the vault that follows an open one; gives what it signs of it.
pub(crate) fn succeeded(stage: &mut Stage, old: &Vault, new: &Vault) -> Succession {
    stage.press(Button::Manage);
    stage.press(Button::Succeed);
    stage.is_shown(new.public.as_bytes());
    stage.is_on("succession");
    assert!(stage.says(&new.public.fingerprint().to_string()));
    stage.press(Button::WordsMatch);
    old.present(stage);
    stage.is_on("export");
    let succession = Succession::decode(&stage.message()).unwrap();
    stage.press(Button::Seal);
    stage.restart_after(Ended::Sealed);
    succession
}

/// Acknowledges the vault before an open one.
pub(crate) fn follows(stage: &mut Stage, old: &Vault, new: &Vault, succession: &Succession) {
    stage.press(Button::Manage);
    stage.press(Button::Follow);
    stage.is_shown(succession.as_bytes());
    stage.is_on("following");
    stage.press(Button::PresentCards);
    new.present(stage);
    stage.is_on("manage");
    stage.press(Button::Done);
    let public = PublicKeys::decode(&export(stage, Button::ShowPublicKeys)).unwrap();
    assert_eq!(public.body().predecessor, Some(old.public.body().vault));
    assert!(succession.leads_to(&public));
}
