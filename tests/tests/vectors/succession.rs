//! Successions, and the public keys that they lead to.

use crate::{
    case::Case,
    derivation::mode,
    malformed,
    messages::{Recorded, line, point, vault},
};
use cloison_protocol::{Kind, Message, PublicKeys, Succession, SuccessionBody, bounded::Fixed};

pub(crate) fn check(case: &Case) {
    match case.text("check") {
        "succession" => succession(case),
        "leads" => {
            let succession = Succession::decode(&case.bytes("succession")).unwrap();
            let keys = PublicKeys::decode(&case.bytes("public_keys")).unwrap();
            assert_eq!(succession.leads_to(&keys), case.flag("leads"), "{}", case.name());
        }
        "malformed" => malformed::malformed(case),
        other => panic!("{}: no check {other}", case.name()),
    }
}

fn succession(case: &Case) {
    let bytes = case.bytes("bytes");
    let body = SuccessionBody {
        old: vault(case, "old"),
        mode: mode(case),
        old_identity: point(case, "old_identity"),
        new: vault(case, "new"),
        new_title: line(case, "new_title"),
        new_identity: point(case, "new_identity"),
        new_keys: Fixed(case.array("new_keys")),
        at: case.number("at"),
    };
    assert_eq!(Succession::decode(&bytes).unwrap().body(), &body);
    let mut signer = Recorded::of(&bytes, &body.old_identity);
    assert_eq!(Succession::sign(body, &mut signer).unwrap().as_bytes(), bytes, "{}", case.name());
    assert_eq!(Message::decode(&bytes).unwrap().kind(), Kind::Succession);
}
