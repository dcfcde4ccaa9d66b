use crate::{
    vault::{Vault, state},
    workstation::{Workstation, installed},
};
use age::secrecy::ExposeSecret;
use cloison_formats::age::Header;
use cloison_protocol::{Reason, Request};
use std::{fs, io::Read, process::Command};

const RECORD: &[u8] = b"born in Lyon, 3 March 1970\n";

/// More than one of age's chunks of 64 KiB.
fn long() -> Vec<u8> {
    (0..200_000u32).flat_map(u32::to_le_bytes).collect()
}

fn encrypted(vault: &Vault) -> Workstation {
    let desk = Workstation::knowing(vault);
    desk.write("record.txt", RECORD);
    desk.run(&["encrypt", "record.txt"]).done();
    desk.remove("record.txt");
    desk
}

#[test]
fn a_record_goes_out_as_a_header_and_comes_back_as_plaintext() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.write("record.bin", &long());
    desk.run(&["encrypt", "record.bin", "--record", "2026-114/7", "--class", "restricted"]).done();
    desk.remove("record.bin");
    desk.request(&["decrypt", "record.bin.age"]).done();
    let asked = desk.read("ask.cloison");
    assert!(asked.len() < 10_000, "only the header crosses: {}", asked.len());
    let request = Request::decode(&asked).unwrap();
    assert_eq!(request.body().purpose.case.as_str(), "2026-114");
    assert_eq!(request.body().seen, state(5, 5));
    assert_eq!(request.body().expires - request.body().made, 24 * 3600);
    assert_eq!(desk.list("home/pending").len(), 1);

    desk.carry(&mut vault);
    desk.run(&["decrypt", "record.bin.age", "--reply", "answer.cloison"]).done();
    assert!(desk.read("record.bin") == long());
    assert!(desk.list("home/pending").is_empty(), "the one-time key is gone");
    desk.run(&["decrypt", "record.bin.age", "--reply", "answer.cloison", "-o", "again"]).failed(1, "no request waits");
    desk.request(&["decrypt", "record.bin.age"]).done();
    assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().seen, state(6, 6), "the newest state is remembered");
}

#[test]
fn the_encryptor_declares_the_record() {
    let vault = Vault::new();
    let desk = encrypted(&vault);
    let bytes = desk.read("record.txt.age");
    let header = Header::parse(&bytes).unwrap();
    let names: Vec<_> = header.stanzas().iter().map(|stanza| stanza.tag.as_str()).collect();
    assert_eq!(names[..2], ["cloison-mlkem1024p384-v1", "cloison-record"]);
    desk.write(&"n".repeat(65), RECORD);
    desk.run(&["encrypt", &"n".repeat(65)]).failed(1, "--record");
    assert!(!desk.has(&format!("{}.age", "n".repeat(65))));
}

#[test]
fn several_records_fit_one_trip_and_may_be_decrypted_one_after_the_other() {
    let mut vault = Vault::new();
    let desk = encrypted(&vault);
    desk.write("second.txt", b"second");
    desk.run(&["encrypt", "second.txt"]).done();
    desk.write("stray.txt", b"stray");
    desk.run(&["encrypt", "stray.txt"]).done();
    desk.request(&["decrypt", "record.txt.age", "second.txt.age"]).done();
    desk.carry(&mut vault);
    fs::create_dir(desk.path("out")).unwrap();
    let reply = ["--reply", "answer.cloison", "--output-dir", "out"];
    desk.run(&[&["decrypt", "stray.txt.age"], &reply[..]].concat()).failed(1, "was not in the request");
    assert!(desk.list("out").is_empty());
    let first = desk.run(&[&["decrypt", "second.txt.age"], &reply[..]].concat()).done();
    assert!(first.err.contains("still to be decrypted"), "{}", first.err);
    assert_eq!(desk.list("home/pending").len(), 1);
    desk.run(&[&["decrypt", "record.txt.age"], &reply[..]].concat()).done();
    assert_eq!((desk.read("out/record.txt"), desk.read("out/second.txt")), (RECORD.to_vec(), b"second".to_vec()));
    assert!(desk.list("home/pending").is_empty());
}

#[test]
fn nothing_is_asked_that_cannot_be_answered() {
    let vault = Vault::new();
    let desk = encrypted(&vault);
    desk.import(&Vault::with(7, 7)).done();
    desk.request(&["decrypt", "record.txt.age", "--to", "0707"]).failed(1, "is not encrypted to a key");
    desk.request(&["decrypt", "record.txt.age", "--to", "0101", "--classical"]).failed(1, "is not encrypted to a key");
    desk.write("plain.age", b"not age at all");
    desk.request(&["decrypt", "plain.age", "--to", "0101"]).failed(1, "not an age file");
    desk.write("empty.age", b"");
    desk.request(&["decrypt", "empty.age", "--to", "0101"]).failed(1, "empty");
    desk.request(&["decrypt", "missing.age", "--to", "0101"]).failed(1, "no file");
    fs::create_dir(desk.path("folder.age")).unwrap();
    desk.request(&["decrypt", "folder.age", "--to", "0101"]).failed(1, "folder");
    let mut endless = b"age-encryption.org/v1\n-> x\n".to_vec();
    endless.extend(b"A".repeat(64).iter().chain(b"\n").cycle().take(65 * 4000));
    desk.write("endless.age", &endless);
    desk.request(&["decrypt", "endless.age", "--to", "0101"]).failed(1, "longer than");
    let many = ["record.txt.age"; 101];
    desk.request(&[&["decrypt"], &many[..]].concat()).failed(2, "more than the 100");
    assert!(desk.list("home/pending").is_empty() && !desk.has("ask.cloison"));
    desk.run(&["decrypt", "record.txt.age", "--case", "1", "--reason", "r", "--to", "0101"]).failed(1, "no terminal");
}

#[test]
fn altered_and_truncated_files_leave_no_plaintext() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.write("record.bin", &long());
    desk.run(&["encrypt", "record.bin"]).done();
    desk.remove("record.bin");
    let whole = desk.read("record.bin.age");
    desk.request(&["decrypt", "record.bin.age"]).done();
    desk.carry(&mut vault);
    let before = desk.list(".");
    let mut late = whole.clone();
    *late.last_mut().unwrap() ^= 1;
    let chunk = 64 * 1024 + 16;
    let header = Header::parse(&whole).unwrap().as_bytes().len();
    let at_chunk = &whole[..header + 16 + 3 * chunk];
    let longer = [whole.as_slice(), b"x"].concat();
    for (what, bytes) in [
        ("last byte", &late[..]),
        ("half", &whole[..whole.len() / 2]),
        ("at a chunk", at_chunk),
        ("longer", &longer),
        ("no payload", &whole[..header]),
    ] {
        desk.write("record.bin.age", bytes);
        let said =
            desk.run(&["decrypt", "record.bin.age", "--reply", "answer.cloison"]).failed(1, "altered, damaged or cut short");
        assert_eq!(desk.list("."), before, "{what}: {}", said.err);
    }
    assert_eq!(desk.list("home/pending").len(), 1, "the request waits for the right file");
    desk.write("record.bin.age", &whole);
    desk.run(&["decrypt", "record.bin.age", "--reply", "answer.cloison"]).done();
    assert!(desk.read("record.bin") == long());
}

#[test]
fn what_exists_is_never_replaced_unasked_and_that_is_said_first() {
    let mut vault = Vault::new();
    let desk = encrypted(&vault);
    desk.write("record.txt", b"mine");
    desk.run(&["encrypt", "record.txt"]).failed(1, "already exists");
    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.run(&["decrypt", "record.txt.age", "--case", "1", "--reason", "r", "--request", "ask.cloison"])
        .failed(1, "already exists");
    desk.carry(&mut vault);
    let reply = ["decrypt", "record.txt.age", "--reply", "answer.cloison"];
    desk.run(&reply).failed(1, "record.txt already exists");
    desk.run(&["decrypt", "record.txt.age", "--reply", "no such reply"]).failed(1, "there is no file no such reply");
    assert_eq!(desk.read("record.txt"), b"mine");
    desk.run(&[&reply[..], &["-o", "record.txt.age", "--force"]].concat()).failed(1, "over itself");
    desk.run(&[&reply[..], &["--force"]].concat()).done();
    assert_eq!(desk.read("record.txt"), RECORD);
}

#[test]
fn a_refusal_has_its_reason_and_exit_code_3() {
    let mut vault = Vault::new();
    let desk = encrypted(&vault);
    desk.write("second.txt", b"second");
    desk.run(&["encrypt", "second.txt"]).done();
    desk.remove("second.txt");
    vault.refuses = vec![(0, Reason::Declined)];
    desk.request(&["decrypt", "record.txt.age", "second.txt.age"]).done();
    desk.carry(&mut vault);
    let both = ["decrypt", "record.txt.age", "second.txt.age", "--reply", "answer.cloison"];
    desk.run(&both).failed(3, "the custodians declined. Ask them why");
    assert!(!desk.has("record.txt") && desk.read("second.txt") == b"second");
    assert!(desk.list("home/pending").is_empty(), "everything granted was written");
    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).failed(3, "refused");
}

#[test]
fn a_vault_that_goes_back_or_forks_is_an_alarm_and_nothing_is_used() {
    for (later, alarm) in [(state(3, 3), "rolled back"), (state(6, 77), "two different logs")] {
        let mut vault = Vault::new();
        let desk = encrypted(&vault);
        desk.request(&["decrypt", "record.txt.age"]).done();
        desk.carry(&mut vault);
        desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison", "-o", "first"]).done();
        desk.request(&["decrypt", "record.txt.age"]).done();
        vault.state = state(later.generation - 1, later.head.0[0] - 1);
        desk.carry(&mut vault);
        let seen = desk.run(&["keys", "list", "--json"]).done().out;
        desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).failed(4, alarm);
        assert!(!desk.has("record.txt"));
        assert_eq!(desk.run(&["keys", "list", "--json"]).done().out, seen, "the state is not updated");
    }
}

#[test]
fn replies_are_read_in_any_order() {
    let mut vault = Vault::new();
    let desk = encrypted(&vault);
    desk.write("second.txt", b"second");
    desk.run(&["encrypt", "second.txt"]).done();
    desk.remove("second.txt");
    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.carry(&mut vault);
    fs::rename(desk.path("answer.cloison"), desk.path("first.cloison")).unwrap();
    desk.request(&["decrypt", "second.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["decrypt", "second.txt.age", "--reply", "answer.cloison"]).done();
    desk.run(&["decrypt", "record.txt.age", "--reply", "first.cloison"]).done();
    assert!(desk.read("record.txt") == RECORD && desk.read("second.txt") == b"second");
    desk.request(&["decrypt", "record.txt.age"]).done();
    assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().seen, state(7, 7), "the newest stays the newest");
}

#[test]
fn a_reply_of_another_vault_or_to_another_request_is_not_used() {
    let mut vault = Vault::new();
    let desk = encrypted(&vault);
    desk.request(&["decrypt", "record.txt.age"]).done();
    let mut impostor = Vault::with(9, 1);
    desk.carry(&mut impostor);
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).failed(1, "signature of this reply is wrong");
    let other = encrypted(&vault);
    other.request(&["decrypt", "record.txt.age"]).done();
    other.carry(&mut vault);
    desk.write("answer.cloison", &other.read("answer.cloison"));
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).failed(1, "no request waits");
    desk.write("answer.cloison", &desk.read("ask.cloison"));
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).failed(1, "expected a reply");
    assert!(!desk.has("record.txt"));
}

#[test]
fn a_hybrid_file_takes_no_ordinary_recipient() {
    let vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.write("record.txt", RECORD);
    let ordinary = age::x25519::Identity::generate().to_public().to_string();
    desk.run(&["encrypt", "record.txt", "-r", &ordinary]).failed(1, "--classical");
    desk.run(&["encrypt", "record.txt", "--classical", "-r", "age1nonsense"]).failed(1, "not an age recipient");
    assert!(!desk.has("record.txt.age"));
}

#[test]
fn what_cannot_be_encrypted_is_said_and_leaves_nothing() {
    let desk = Workstation::knowing(&Vault::new());
    let before = desk.list(".");
    desk.run(&["encrypt", "nothing"]).failed(1, "there is no file nothing");
    desk.run(&["encrypt", "home"]).failed(1, "home is a folder");
    desk.run(&["encrypt", "/dev/zero", "-o", "zero.age"]).failed(1, "pipe or a device");
    desk.run(&["encrypt", "keys.cloison", "-o", "no/such/folder"]).failed(1, "cannot be written");
    assert_eq!(desk.list("."), before);
    desk.write("empty", b"");
    desk.run(&["encrypt", "empty"]).failed(1, "empty is empty");
    Workstation::new().run(&["encrypt", "x"]).failed(1, "keys import");
}

#[test]
fn a_classical_file_is_read_by_the_vault_and_by_ordinary_age() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.write("record.txt", RECORD);
    let identity = age::x25519::Identity::generate();
    desk.run(&["encrypt", "record.txt", "--classical", "-r", &identity.to_public().to_string()]).done();
    let file = desk.read("record.txt.age");
    let opened = age::Decryptor::new(&file[..]).unwrap().decrypt(std::iter::once(&identity as &dyn age::Identity));
    let mut plaintext = Vec::new();
    opened.unwrap().read_to_end(&mut plaintext).unwrap();
    assert_eq!(plaintext, RECORD);
    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison", "-o", "out"]).done();
    assert_eq!(desk.read("out"), RECORD);
    let Some(program) = installed("age") else { return eprintln!("age is not installed: not compared with it") };
    desk.write("identity.txt", identity.to_string().expose_secret().as_bytes());
    let said = Command::new(program)
        .arg("-d")
        .arg("-i")
        .arg(desk.path("identity.txt"))
        .arg(desk.path("record.txt.age"))
        .output()
        .unwrap();
    assert_eq!(said.stdout, RECORD, "{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn a_rehearsals_vault_needs_to_be_meant() {
    let (real, rehearsal) = (Workstation::knowing(&Vault::new()), Workstation::knowing(&Vault::rehearsal()));
    for desk in [&real, &rehearsal] {
        desk.write("record.txt", RECORD);
    }
    rehearsal.run(&["encrypt", "record.txt"]).failed(1, "--rehearsal");
    real.run(&["encrypt", "record.txt", "--rehearsal"]).failed(1, "real vault");
    assert!(!real.has("record.txt.age") && !rehearsal.has("record.txt.age"));
    assert!(rehearsal.run(&["encrypt", "record.txt", "--rehearsal"]).done().err.contains("REHEARSAL"));
}
