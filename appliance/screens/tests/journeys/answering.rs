//! An open vault and the workstations that ask it: keys of records, records that are shown, texts and
//! digests that are signed, and what is refused.

use crate::{
    CLASSICAL,
    people::Vault,
    stage::Stage,
    workstation::{Workstation, digest_op, header_to, payload, text_op, unwrap_op, view_op},
};
use cloison_ceremony::{Button, View};
use cloison_protocol::{KeyRef, Outcome, Point, PublicKeys, Reason, Request, Usage, bounded::Line};

/// Enrols a workstation after its words were compared.
pub(crate) fn enrol(stage: &mut Stage, vault: &Vault, desk: &mut Workstation) {
    let enrolment = desk.enrolment();
    stage.press(Button::Enrol);
    stage.is_shown(enrolment.as_bytes());
    stage.is_on("enrolment");
    assert!(stage.texts().contains(&enrolment.fingerprint().to_string()), "the words are on the screen, and nothing else there");
    stage.press(Button::WordsMatch);
    vault.present(stage);
    stage.is_on("desk");
}

/// Shows a request, reads it to its end, presents cards where they are asked for, and approves.
pub(crate) fn approve(stage: &mut Stage, vault: &Vault, request: &Request) {
    ask(stage, request);
    read_on(stage);
    if stage.screen().buttons.contains(&Button::PresentCards) {
        stage.press(Button::PresentCards);
        vault.present(stage);
        stage.is_on("review");
        read_on(stage);
    }
    stage.press(Button::Approve);
}

pub(crate) fn ask(stage: &mut Stage, request: &Request) {
    stage.press(Button::ReadRequest);
    stage.is_shown(request.as_bytes());
}

pub(crate) fn read_on(stage: &mut Stage) {
    while stage.screen().buttons.contains(&Button::Next) {
        stage.press(Button::Next);
    }
}

/// Takes the reply from the screen to its workstation.
pub(crate) fn answer(stage: &mut Stage, desk: &Workstation, request: &Request, public: &PublicKeys) -> Vec<Outcome> {
    stage.is_on("reply");
    let reply = desk.open(&stage.message(), request, public);
    stage.press(Button::Done);
    stage.is_on("desk");
    reply.outcomes
}

/// Two records' keys leave for the workstation that asked; then nobody gets too many at once, and what
/// its people decline is told as well.
pub(crate) fn keys_leave_and_are_refused(stage: &mut Stage, vault: &Vault, desk: &mut Workstation) {
    let key = vault.public.body().keys.as_slice()[0].key;
    let unwrap = |number: u8| unwrap_op(&header_to(&vault.public, key, [number; 16]));
    let request = desk.request(&vault.public, Usage::Age, vec![unwrap(5), unwrap(6)]);
    approve(stage, vault, &request);
    let outcomes = answer(stage, desk, &request, &vault.public);
    let opened = |outcome: &Outcome, number| matches!(outcome, Outcome::FileKey(key) if key.0.expose() == &[number; 16]);
    assert!(outcomes.len() == 2 && opened(&outcomes[0], 5) && opened(&outcomes[1], 6));

    let many = desk.request(&vault.public, Usage::Age, (0..6).map(unwrap).collect());
    ask(stage, &many);
    assert_eq!(stage.screen().view, View::Refused(Reason::TooMany));
    stage.press(Button::Answer);
    let outcomes = answer(stage, desk, &many, &vault.public);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Refused(Reason::TooMany))));

    let unwanted = desk.request(&vault.public, Usage::Age, vec![unwrap(7)]);
    ask(stage, &unwanted);
    stage.press(Button::Decline);
    let outcomes = answer(stage, desk, &unwanted, &vault.public);
    assert!(matches!(outcomes[..], [Outcome::Refused(Reason::Declined)]));
}

/// A record of several pages is shown on the kiosk only: covered until it is uncovered, and read to
/// its last page.
pub(crate) fn a_record_is_shown(stage: &mut Stage, vault: &Vault, desk: &mut Workstation) {
    let lines: Vec<String> =
        (1..=30).map(|number| format!("Ligne {number} : née le {number} mars 1971, dite « Œillet ».")).collect();
    let record = view_op(header_to(&vault.public, CLASSICAL, [5; 16]), payload([5; 16], lines.join("\n").as_bytes()));
    let request = desk.request_with(&vault.public, Usage::Age, vec![record], |body| body.key = CLASSICAL);
    approve(stage, vault, &request);
    stage.is_on("record");
    assert!(!stage.says("née le"), "it is covered");
    stage.waits(Button::Next);
    stage.touch_own("Show it here");
    assert!(stage.says(&lines[0]), "{:?}", stage.texts());
    stage.touch_own("Cover it");
    assert!(!stage.says("née le"));
    stage.touch_own("Show it here");
    let mut shown = stage.texts();
    while stage.screen().buttons.contains(&Button::Next) {
        stage.press(Button::Next);
        shown.extend(stage.texts());
    }
    assert!(lines.iter().all(|line| shown.iter().any(|text| text.lines().any(|shown| shown == line))), "no line is left out");
    stage.press(Button::Done);
    assert!(!stage.says("née le"));
    let outcomes = answer(stage, desk, &request, &vault.public);
    assert!(matches!(outcomes[..], [Outcome::Viewed]));
}

/// A text is read whole and signed by the operator; a digest needs the cards.
pub(crate) fn texts_and_digests_are_signed(stage: &mut Stage, vault: &Vault, desk: &mut Workstation) {
    let text: String =
        (1..=40).map(|number| format!("Article {number}. Je soussignée certifie l’exactitude de ce qui précède.\n")).collect();
    let request = desk.request(&vault.public, Usage::Text, vec![text_op(&text)]);
    ask(stage, &request);
    assert!(!stage.screen().buttons.contains(&Button::PresentCards));
    read_on(stage);
    stage.press(Button::Approve);
    let outcomes = answer(stage, desk, &request, &vault.public);
    verified(&vault.public, Usage::Text, text.as_bytes(), &outcomes);

    let file = b"an image of 4 GB";
    let request = desk.request_with(&vault.public, Usage::Digest, vec![digest_op(file)], |body| {
        // As long as it can be: more than a page has room for, so that it is turned through.
        let reason = "Réquisition du procureur de la République ; ".repeat(9);
        (body.purpose.case, body.purpose.reason) = (Line::lent(&reason), Line::lent(&reason));
    });
    approve(stage, vault, &request);
    let outcomes = answer(stage, desk, &request, &vault.public);
    verified(&vault.public, Usage::Digest, file, &outcomes);
}

/// Expects a signature of the vault's newest key of this usage.
pub(crate) fn verified(public: &PublicKeys, usage: Usage, signed: &[u8], outcomes: &[Outcome]) {
    let [Outcome::Signature(signature)] = outcomes else { panic!("no signature") };
    let newest = |key: &&KeyRef| key.usage == usage;
    let keys: Vec<KeyRef> = public.body().keys.as_slice().iter().map(|known| known.key).collect();
    let key = keys.iter().rfind(newest).unwrap();
    let point = Point::from_bytes(public.find(*key).unwrap().bytes.as_slice().try_into().unwrap()).unwrap();
    assert!(point.verifies(signed, signature));
}
