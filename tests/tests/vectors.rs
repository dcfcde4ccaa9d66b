//! Checks the published vectors against our code: every file, every case, every field.
//!
//! Each file in `tests/vectors` is an array of cases. A case says `why` it exists and which `check`
//! it is for; the rest are its inputs and outputs. What is deterministic is computed again; what is
//! not (signatures, encapsulations) is decoded, verified and encoded again. A malformed case names
//! the one error that it must give. A file, a case or a field that no check reads is a failure.

#[cfg(test)]
#[path = "vectors/age.rs"]
mod age;
#[cfg(test)]
#[path = "vectors/backup.rs"]
mod backup;
#[cfg(test)]
#[path = "vectors/card.rs"]
mod card;
#[cfg(test)]
#[path = "vectors/card_words.rs"]
mod card_words;
#[cfg(test)]
#[path = "vectors/case.rs"]
mod case;
#[cfg(test)]
#[path = "vectors/derivation.rs"]
mod derivation;
#[cfg(test)]
#[path = "vectors/frame.rs"]
mod frame;
#[cfg(test)]
#[path = "vectors/malformed.rs"]
mod malformed;
#[cfg(test)]
#[path = "vectors/messages.rs"]
mod messages;
#[cfg(test)]
#[path = "vectors/pattern.rs"]
mod pattern;
#[cfg(test)]
#[path = "vectors/plan.rs"]
mod plan;
#[cfg(test)]
#[path = "vectors/records.rs"]
mod records;
#[cfg(test)]
#[path = "vectors/replies.rs"]
mod replies;
#[cfg(test)]
#[path = "vectors/store.rs"]
mod store;
#[cfg(test)]
#[path = "vectors/succession.rs"]
mod succession;
#[cfg(test)]
#[path = "vectors/text.rs"]
mod text;

use case::{Case, folder, read};
use std::collections::BTreeSet;

macro_rules! files {
    ($($file:ident: $check:path),+ $(,)?) => {
        const FILES: &[&str] = &[$(stringify!($file)),+];

        mod every_case_holds_in {
            $(#[test]
            fn $file() {
                super::check(stringify!($file), $check);
            })+
        }
    };
}

files! {
    age: crate::age::check,
    backup: crate::backup::check,
    card: crate::card::check,
    card_words: crate::card_words::check,
    derivation: crate::derivation::check,
    descriptor: crate::messages::check,
    enrolment: crate::messages::check,
    fingerprint: crate::text::check,
    frame: crate::frame::check,
    log: crate::records::check,
    message: crate::malformed::check,
    pattern: crate::pattern::check,
    plan: crate::plan::check,
    public_keys: crate::messages::check,
    reply: crate::replies::check,
    request: crate::messages::check,
    shamir: crate::derivation::check,
    store: crate::store::check,
    succession: crate::succession::check,
    text: crate::text::check,
    transcript: crate::records::check,
    transfer: crate::frame::check,
}

fn check(file: &str, check: fn(&Case)) {
    let cases = read(file);
    assert!(!cases.is_empty(), "{file} has no case");
    for case in cases {
        assert!(!case.text("why").is_empty());
        check(&case);
    }
}

#[test]
fn every_file_in_the_folder_is_read() {
    let found: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let known: BTreeSet<String> = FILES.iter().map(|file| format!("{file}.json")).collect();
    assert_eq!(found, known);
}

#[test]
fn every_error_of_every_decoder_has_a_case() {
    let expected: &[(&str, &[&str])] = &[
        ("age", &["NotAge", "Malformed", "TooLong", "NotForThisKey", "Ambiguous", "Unopened", "HeaderAltered"]),
        ("age", &["NotReadable", "NotAKey"]),
        ("backup", &["Malformed(Backup)", "NotCanonical(Backup)"]),
        ("card", &["NotACard", "Version", "Damaged", "Malformed"]),
        ("card", &["WrongVault", "WrongEpoch", "UnknownProfile", "WrongPassphrase", "Forged", "Duplicate"]),
        ("card", &["Empty", "TooShort", "Monotonous", "TooLong", "Differ"]),
        ("card_words", &["TooLong", "Empty", "NotWords", "WrongLines", "NoSuchLine", "WrongCount", "UnknownWord", "Mixed"]),
        ("card_words", &["Slip", "NotOneCard", "Padding", "Card"]),
        ("descriptor", &["Malformed(Descriptor)", "NotCanonical(Descriptor)", "BadSignature(Descriptor)"]),
        ("enrolment", &["Malformed(Enrolment)", "NotCanonical(Enrolment)", "BadSignature(Enrolment)"]),
        ("frame", &["NotAFrame", "Version", "Damaged", "TooLong"]),
        ("log", &["Record(Heading)", "Record(Entry", "Record(End", "Record(Signature)", "OtherKind", "Version"]),
        ("message", &["NotAMessage", "Version", "UnknownKind", "OtherKind", "TooLong", "Unencodable", "Sign", "Card"]),
        ("message", &["Plan"]),
        ("plan", &["Plan(NoTitle)", "Plan(Threshold", "Plan(NoName", "Plan(NameTaken", "Plan(NoKeys)", "Plan(UnknownUsage"]),
        ("plan", &["Plan(UnknownAlgorithm", "Plan(Policy", "Plan(NoLanguage)", "Plan(Limits)"]),
        ("plan", &["Malformed(Plan)", "NotCanonical(Plan)"]),
        ("public_keys", &["Malformed(PublicKeys)", "NotCanonical(PublicKeys)", "BadSignature(PublicKeys)"]),
        ("reply", &["Malformed(Reply)", "NotCanonical(Reply)", "Message(BadSignature(Reply))"]),
        ("reply", &["OtherRequest", "ReplyKey", "Unopened", "Malformed", "Count"]),
        ("request", &["Malformed(Request)", "NotCanonical(Request)", "BadSignature(Request)"]),
        ("store", &["NotAStore", "Version", "TooLong", "Malformed", "Store(Unauthentic)", "Store(Malformed)", "Store(Version"]),
        ("store", &["OtherVault", "NotDrilled", "Earlier", "Nothing", "OtherKeys", "OtherBackup", "Altered", "OtherEpoch"]),
        ("succession", &["Malformed(Succession)", "NotCanonical(Succession)", "BadSignature(Succession)"]),
        ("text", &["TooLong", "Unshowable"]),
        ("transcript", &["Record(Heading)", "Record(Entry", "Record(End", "Record(Signature)", "OtherKind", "Version"]),
        ("transfer", &["Empty", "TooLong", "SymbolSize"]),
    ];
    for (file, errors) in expected {
        let named: Vec<String> = read(file).iter().filter_map(Case::error).collect();
        for error in *errors {
            let found = named
                .iter()
                .any(|name| name == error || name.starts_with(&format!("{error} ")) || name.starts_with(&format!("{error}(")));
            assert!(found, "{file} has no case for {error}");
        }
    }
}
