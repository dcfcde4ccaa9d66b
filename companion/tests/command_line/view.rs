//! Records that are only shown on the kiosk.

use crate::{
    vault::{Vault, state},
    workstation::Workstation,
};
use cloison_protocol::{MAX_VIEWED, Operation, Reason, Request};

const RECORD: &[u8] = b"born in Lyon, 3 March 1970\n";

fn desk(vault: &Vault) -> Workstation {
    let desk = Workstation::knowing(vault);
    desk.encrypted("record.txt", RECORD);
    desk
}

fn viewing() -> Vault {
    Vault { view_only: vec!["age/mlkem1024p384/0"], ..Vault::new() }
}

#[test]
fn a_record_crosses_whole_is_shown_and_nothing_of_it_comes_back() {
    let mut vault = viewing();
    let desk = desk(&vault);
    desk.request(&["view", "record.txt.age"]).done();
    let request = Request::decode(&desk.read("ask.cloison")).unwrap();
    let [Operation::View { header, payload }] = request.body().operations.as_slice() else { panic!("one view") };
    assert_eq!([header.as_slice(), payload.as_slice()].concat(), desk.read("record.txt.age"));
    assert_eq!(request.body().key.to_string(), "age/mlkem1024p384/0");
    desk.carry(&mut vault);
    let files = desk.list(".");
    let said = desk.run(&["view", "record.txt.age", "--reply", "answer.cloison"]).done();
    assert!(said.err.contains("record.txt.age was shown on the kiosk"), "{}", said.err);
    assert_eq!(*vault.shown.borrow(), [RECORD]);
    assert_eq!(desk.list("."), files, "no plaintext is here");
    assert!(desk.list("home/pending").is_empty(), "the one-time key is gone");
    desk.run(&["view", "record.txt.age", "--reply", "answer.cloison"]).failed(1, "no request waits");
    desk.request(&["view", "record.txt.age"]).done();
    assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().seen, state(6, 6), "the newest state is remembered");
}

#[test]
fn a_refusal_has_its_reason_and_exit_code_3() {
    let mut vault = viewing();
    let desk = desk(&vault);
    vault.refuses = vec![(0, Reason::CannotShow)];
    desk.request(&["view", "record.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["view", "record.txt.age", "--reply", "answer.cloison"]).failed(3, "the kiosk cannot show what is in this record");
    assert!(desk.list("home/pending").is_empty());
}

#[test]
fn a_record_is_as_long_as_crosses_and_not_a_byte_longer() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    // A nonce, and a tag for each chunk of 64 KiB (C2SP age).
    let longest = MAX_VIEWED - 16 - 16 * 16;
    let content = vec![7; longest];
    desk.encrypted("longest", &content);
    desk.request(&["view", "longest.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["view", "longest.age", "--reply", "answer.cloison"]).done();
    assert!(vault.shown.borrow()[0] == content);
    desk.encrypted("longer", &vec![7; longest + 1]);
    let said = desk.request(&["view", "longer.age"]).failed(1, "1048577 bytes after its header, more than the 1048576");
    assert!(said.err.contains("cloison decrypt"), "{}", said.err);
    assert!(!desk.has("ask.cloison") && desk.list("home/pending").is_empty());
}

#[test]
fn nothing_is_asked_that_cannot_be_shown() {
    let vault = Vault::new();
    let desk = desk(&vault);
    let whole = desk.read("record.txt.age");
    let header = whole.len() - 16 - 16 - RECORD.len();
    for (length, part) in [(header, "ends before"), (header + 31, "ends before"), (header - 1, "cut short"), (0, "is empty")] {
        desk.write("cut.age", &whole[..length]);
        desk.request(&["view", "cut.age"]).failed(1, part);
    }
    desk.write("plain.age", b"not age at all");
    desk.request(&["view", "plain.age"]).failed(1, "not an age file");
    desk.import(&Vault::with(7, 7)).done();
    desk.request(&["view", "record.txt.age", "--to", "0707"]).failed(1, "is not encrypted to a key");
    desk.request(&["view", "record.txt.age", "--to", "0101", "--classical"]).failed(1, "is not encrypted to a key");
    desk.run(&["view", "record.txt.age", "--case", "1", "--reason", "r"]).failed(1, "no terminal");
    desk.run(&["view", "record.txt.age", "--case", "1"]).failed(2, "--reason");
    desk.run(&["view", "a", "b", "--case", "1", "--reason", "r"]).failed(2, "unexpected argument");
    assert!(!desk.has("ask.cloison") && desk.list("home/pending").is_empty());
    desk.request(&["view", "record.txt.age"]).done();
}

#[test]
fn a_reply_counts_for_the_record_that_was_asked_about_and_for_no_other_command() {
    let mut vault = Vault::new();
    let desk = desk(&vault);
    desk.encrypted("other.txt", RECORD);
    desk.request(&["view", "record.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["view", "other.txt.age", "--reply", "answer.cloison"]).failed(1, "was not in the request");
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).failed(1, "another kind");
    desk.run(&["sign", "record.txt.age", "--reply", "answer.cloison"]).failed(1, "another kind");
    let mut altered = desk.read("record.txt.age");
    *altered.last_mut().unwrap() ^= 1;
    desk.write("altered.age", &altered);
    desk.run(&["view", "altered.age", "--reply", "answer.cloison"]).failed(1, "was not in the request");
    assert_eq!(desk.list("home/pending").len(), 1, "the request waits for its own file");
    desk.run(&["view", "record.txt.age", "--reply", "answer.cloison"]).done();

    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["view", "record.txt.age", "--reply", "answer.cloison"]).failed(1, "another kind");
}

#[test]
fn a_vault_that_went_back_is_an_alarm_here_too() {
    let mut vault = Vault::new();
    let desk = desk(&vault);
    desk.request(&["view", "record.txt.age"]).done();
    vault.state = state(2, 2);
    desk.carry(&mut vault);
    let said = desk.run(&["view", "record.txt.age", "--reply", "answer.cloison"]).failed(4, "rolled back");
    assert!(!said.err.contains("was shown"), "{}", said.err);
}
