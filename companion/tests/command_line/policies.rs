//! What a vault's policy says of its keys, minded before anybody is asked.

use crate::{vault::Vault, workstation::Workstation};
use cloison_formats::age::Header;
use cloison_protocol::{Algorithm, MAX_OPERATIONS, Request};

const HYBRID: Algorithm = Algorithm::MlKem1024P384;

fn several() -> Vault {
    Vault { age: vec![(HYBRID, 0), (HYBRID, 1), (HYBRID, 2), (Algorithm::P384, 0)], ..Vault::new() }
}

/// Encrypts a record and tells which key it is to, by asking for it.
fn key_of(desk: &Workstation, arguments: &[&str], ask: &str) -> String {
    desk.write("record.txt", b"text");
    desk.run(&[&["encrypt", "record.txt", "--force"], arguments].concat()).done();
    desk.request(&[ask, "record.txt.age"]).done();
    Request::decode(&desk.read("ask.cloison")).unwrap().body().key.to_string()
}

#[test]
fn the_newest_key_that_is_neither_retired_nor_view_only_is_taken() {
    let vault = several();
    let desk = Workstation::knowing(&vault);
    assert_eq!(key_of(&desk, &[], "decrypt"), "age/mlkem1024p384/2");
    assert_eq!(key_of(&desk, &["--classical"], "decrypt"), "age/p384/0");
    assert_eq!(key_of(&desk, &["--key", "age/mlkem1024p384/0"], "decrypt"), "age/mlkem1024p384/0");
    assert_eq!(key_of(&desk, &["--key", "age/p384/0"], "decrypt"), "age/p384/0");

    let desk = Workstation::knowing(&Vault { retired: vec!["age/mlkem1024p384/2"], ..several() });
    assert_eq!(key_of(&desk, &[], "decrypt"), "age/mlkem1024p384/1");
    let desk = Workstation::knowing(&Vault {
        retired: vec!["age/mlkem1024p384/0"],
        view_only: vec!["age/mlkem1024p384/2"],
        ..several()
    });
    assert_eq!(key_of(&desk, &[], "decrypt"), "age/mlkem1024p384/1");
    assert_eq!(key_of(&desk, &["--view-only"], "view"), "age/mlkem1024p384/2");
    assert_eq!(key_of(&desk, &["--key", "age/mlkem1024p384/2"], "view"), "age/mlkem1024p384/2");
}

#[test]
fn where_all_keys_are_view_only_one_is_taken_and_that_is_said() {
    let vault = Vault { view_only: vec!["age/mlkem1024p384/0"], ..Vault::new() };
    let desk = Workstation::knowing(&vault);
    desk.write("record.txt", b"text");
    let said = desk.run(&["encrypt", "record.txt"]).done();
    assert!(said.err.contains("only ever shown on the kiosk") && said.err.contains("age/mlkem1024p384/0"), "{}", said.err);
    let refused = desk.request(&["decrypt", "record.txt.age"]).failed(1, "are only ever shown on the kiosk");
    assert!(refused.err.contains("cloison view"), "{}", refused.err);
    assert!(!desk.has("ask.cloison") && desk.list("home/pending").is_empty());
    let classical = desk.run(&["encrypt", "record.txt", "--force", "--classical"]).done();
    assert!(!classical.err.contains("shown on the kiosk"), "{}", classical.err);
    desk.request(&["decrypt", "record.txt.age"]).done();
}

#[test]
fn keys_to_which_nothing_may_be_encrypted_are_refused_by_name() {
    let desk = Workstation::knowing(&Vault { retired: vec!["age/mlkem1024p384/0", "text/p384/0"], ..several() });
    desk.write("record.txt", b"text");
    let encrypt = |arguments: &[&str], code: i32, part: &str| {
        desk.run(&[&["encrypt", "record.txt"], arguments].concat()).failed(code, part);
        assert!(!desk.has("record.txt.age"));
    };
    encrypt(&["--key", "age/mlkem1024p384/0"], 1, "age/mlkem1024p384/0 of 'Court of Lyon' is retired");
    let usable = "Those that it has are: age/mlkem1024p384/1, age/mlkem1024p384/2, age/p384/0";
    encrypt(&["--key", "age/mlkem1024p384/9"], 1, usable);
    encrypt(&["--key", "text/p384/0"], 1, usable);
    encrypt(&["--view-only"], 1, "no mlkem1024p384 key whose records are only shown");
    encrypt(&["--view-only", "--key", "age/p384/0"], 2, "cannot be used with");
    encrypt(&["--classical", "--key", "age/p384/0"], 2, "cannot be used with");
    desk.request(&["sign", "record.txt", "--text"]).failed(1, "every text key of 'Court of Lyon' for p384 is retired");
    let all = Vault { retired: vec!["age/mlkem1024p384/0"], ..Vault::new() };
    let desk = Workstation::knowing(&all);
    desk.write("record.txt", b"text");
    desk.run(&["encrypt", "record.txt"]).failed(1, "every age key of 'Court of Lyon' for mlkem1024p384 is retired");
    desk.run(&["encrypt", "record.txt", "--classical"]).done();
    let none = Workstation::knowing(&Vault { age: vec![], ..Vault::new() });
    none.write("record.txt", b"text");
    none.run(&["encrypt", "record.txt"]).failed(1, "exported no age key for mlkem1024p384");
    none.run(&["encrypt", "record.txt", "--key", "x"]).failed(1, "Those that it has are: none");
}

#[test]
fn old_records_of_a_retired_key_are_still_asked_for() {
    let mut vault = several();
    let desk = Workstation::knowing(&vault);
    desk.encrypted("record.txt", b"old");
    vault.retired = vec!["age/mlkem1024p384/2"];
    vault.state = crate::vault::state(6, 6);
    desk.import(&vault).done();
    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).done();
    assert_eq!(desk.read("record.txt"), b"old");
}

#[test]
fn a_key_that_wants_declared_records_always_gets_them() {
    let vault = Vault { declared_only: vec!["age/mlkem1024p384/0", "age/p384/0"], ..Vault::new() };
    let desk = Workstation::knowing(&vault);
    for arguments in [&[][..], &["--classical"], &["--key", "age/mlkem1024p384/0"]] {
        desk.write("record.txt", b"text");
        desk.run(&[&["encrypt", "record.txt", "--force"], arguments].concat()).done();
        let bytes = desk.read("record.txt.age");
        let header = Header::parse(&bytes).unwrap();
        assert!(header.stanzas().iter().any(|stanza| stanza.tag == "cloison-record"), "{arguments:?}");
    }
    desk.run(&["encrypt", "record.txt", "--force", "--record", " "]).failed(1, "--record");
}

#[test]
fn more_at_once_than_the_policy_allows_is_refused_before_anybody_is_asked() {
    let vault = Vault { batch: 2, ..Vault::new() };
    let desk = Workstation::knowing(&vault);
    for name in ["a", "b", "c"] {
        desk.encrypted(name, name.as_bytes());
    }
    let said = desk.request(&["decrypt", "a.age", "b.age", "c.age"]).failed(1, "3 records are asked for at once");
    assert!(said.err.contains("allows 2 for its key age/mlkem1024p384/0"), "{}", said.err);
    assert!(!desk.has("ask.cloison") && desk.list("home/pending").is_empty());
    desk.request(&["decrypt", "a.age", "b.age"]).done();
    std::fs::copy(desk.path("a.age"), desk.path("d.age")).unwrap();
    desk.request(&["decrypt", "a.age", "b.age", "d.age"]).done();
    assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().operations.as_slice().len(), 2, "copies count once");
}

#[test]
fn a_hundred_records_fit_one_trip_where_the_policy_allows_them() {
    let mut vault = Vault { batch: 100, ..Vault::new() };
    let desk = Workstation::knowing(&vault);
    let names: Vec<_> = (0..MAX_OPERATIONS).map(|number| format!("r{number}")).collect();
    for name in &names {
        desk.encrypted(name, name.as_bytes());
    }
    let files: Vec<_> = names.iter().map(|name| format!("{name}.age")).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    desk.request(&[&["decrypt"], &files[..]].concat()).done();
    desk.carry(&mut vault);
    let reply = ["--reply", "answer.cloison"];
    let first = desk.run(&[&["decrypt"], &files[..60], &reply].concat()).done();
    assert!(first.err.contains("40 granted files are still to be decrypted"), "{}", first.err);
    let rest = desk.run(&[&["decrypt"], &files[50..], &reply].concat()).done();
    assert_eq!(rest.err.matches("was decrypted before").count(), 10, "what is done is remembered for each of the hundred");
    assert!(names.iter().all(|name| desk.read(name) == name.as_bytes()));
    assert!(desk.list("home/pending").is_empty());
}

#[test]
fn the_policy_of_each_key_is_shown() {
    let vault = Vault {
        batch: 7,
        view_only: vec!["age/mlkem1024p384/1"],
        declared_only: vec!["age/mlkem1024p384/1"],
        retired: vec!["age/mlkem1024p384/0"],
        ..several()
    };
    let desk = Workstation::knowing(&vault);
    let said = desk.run(&["keys", "show"]).done();
    for line in [
        "key     age/mlkem1024p384/0  7 at once, RETIRED",
        "key     age/mlkem1024p384/1  7 at once, view only, declared only",
        "key     text/p384/0  7 at once\n",
    ] {
        assert!(said.out.contains(line), "no {line:?} in {}", said.out);
    }
    let json: serde_json::Value = serde_json::from_str(&desk.run(&["keys", "show", "--json"]).done().out).unwrap();
    assert_eq!(json["keys"][3]["key"], "age/mlkem1024p384/1");
    assert_eq!(
        json["keys"][3],
        serde_json::json!({
            "key": "age/mlkem1024p384/1", "batch": 7, "view_only": true, "declared_only": true, "retired": false
        })
    );
    assert!(json["successor"].is_null() && json["predecessor"].is_null());
    let listed: serde_json::Value = serde_json::from_str(&desk.run(&["keys", "list", "--json"]).done().out).unwrap();
    assert_eq!(listed[0], json, "both tell the same");
    desk.run(&["keys", "show", "--json", "--pem", "text"]).failed(2, "cannot be used with");
}
