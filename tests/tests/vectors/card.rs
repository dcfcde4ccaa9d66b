//! Cards: their bytes, their seal, and why one is not accepted.

use crate::{case::Case, derivation::mode};
use cloison_custody::{
    CardRefusal, Gathering, Occasion, Passphrase, Presented,
    vectors::{open_with, seal_with},
};
use cloison_protocol::{Card, CardHeader, Commitment, Descriptor, VaultId, bounded::Fixed, secret::Secret};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "sealed" => sealed(case),
        "decoded" => {
            let card = decoded(case);
            assert_eq!(card.header, header(&case.inner("header")));
            assert_eq!(card.sealed.0, case.array("sealed"));
        }
        "malformed" => {
            let error = Card::decode(&case.bytes("bytes")).unwrap_err();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        "presented" => assert_eq!(outcome(case), "Complete"),
        "refused" => assert_eq!(outcome(case), case.text("error"), "{}", case.name()),
        "chosen" => assert!(Passphrase::chosen(case.text("typed"), case.text("again")).is_ok(), "{}", case.name()),
        "passphrase" => {
            let error = Passphrase::chosen(case.text("typed"), case.text("again")).err().unwrap();
            assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        }
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn header(case: &Case) -> CardHeader {
    CardHeader {
        vault: Fixed(case.array("vault")),
        epoch: case.number("epoch"),
        threshold: case.number("threshold"),
        cards: case.number("cards"),
        index: case.number("index"),
        mode: mode(case),
        profile: case.number("profile"),
        salt: Fixed(case.array("salt")),
    }
}

fn decoded(case: &Case) -> Card {
    let bytes = case.bytes("bytes");
    let card = Card::decode(&bytes).unwrap();
    assert_eq!(card.encode().as_slice(), bytes, "{}", case.name());
    card
}

fn sealed(case: &Case) {
    let (header, card) = (header(&case.inner("header")), decoded(case));
    let passphrase = Passphrase::typed(case.text("passphrase")).unwrap();
    let share = Secret::copied(&case.bytes("share")).unwrap();
    assert_eq!(seal_with(header, &share, &passphrase), Some(card), "{}", case.name());
    assert_eq!(open_with(&card, &passphrase).unwrap().expose(), share.expose());
    let vault = VaultId(Fixed(case.array("vault_id")));
    assert_eq!(vault.short(), header.vault.0);
    let commitment = Commitment::to(&vault, header.epoch, header.threshold, header.cards, header.index, share.expose());
    assert_eq!(commitment.0.0, case.array("commitment"));
}

/// Presents cards in a row. Where it ends before the last, that card is left unread, which fails.
pub(crate) fn present(descriptor: &Descriptor, occasion: Occasion, cards: &[Case]) -> Result<Presented, CardRefusal> {
    let mut gathering = Gathering::new(descriptor.clone(), occasion);
    for presented in cards {
        let passphrase = Passphrase::typed(presented.text("passphrase")).unwrap();
        let card = Card::decode(&presented.bytes("bytes"))?;
        match gathering.present(&card, &passphrase) {
            Ok(Presented::Waiting(waiting)) => gathering = waiting,
            Ok(done) => return Ok(done),
            Err((_, refusal)) => return Err(refusal),
        }
    }
    Ok(Presented::Waiting(gathering))
}

fn outcome(case: &Case) -> String {
    let descriptor = Descriptor::decode(&case.bytes("descriptor")).unwrap();
    match present(&descriptor, Occasion::Opening { date: 0 }, &case.list("cards")) {
        Ok(Presented::Waiting(_)) => "Waiting".to_owned(),
        Ok(Presented::Complete(_)) => "Complete".to_owned(),
        Ok(Presented::Broken) => "Broken".to_owned(),
        Err(refusal) => format!("{refusal:?}"),
    }
}
