//! Vaults that are restored, and vaults that are followed by others.

use crate::{
    vault::{Vault, state},
    workstation::{Said, Workstation},
};
use cloison_protocol::{Mode, Request, bounded::Fixed};

fn restored(desk: &Workstation, vault: &Vault, words: &str) -> Said {
    desk.write("keys.cloison", vault.keys().as_bytes());
    desk.run(&["keys", "import", "keys.cloison", "--restored", "--words", words])
}

fn seen(desk: &Workstation) -> u64 {
    let json: serde_json::Value = serde_json::from_str(&desk.run(&["keys", "show", "--json"]).done().out).unwrap();
    json["generation"].as_u64().unwrap()
}

#[test]
fn a_restored_vault_goes_back_once_and_only_with_its_words() {
    let mut vault = Vault::new();
    vault.state = state(9, 9);
    let desk = Workstation::knowing(&vault);
    let words = vault.words().to_string();
    restored(&desk, &vault, &words).failed(1, "not older than what was seen here. Import it without --restored");
    vault.state = state(4, 4);
    desk.import(&vault).failed(1, "--restored");
    restored(&desk, &vault, "zoo zoo zoo zoo zoo zoo zoo zoo").failed(1, "not the words");
    desk.run(&["keys", "import", "keys.cloison", "--restored"]).failed(1, "--words");
    assert_eq!(seen(&desk), 9, "nothing was accepted");
    let said = restored(&desk, &vault, &words).done();
    for part in ["seen at generation 9", "of generation 4", "restored it from a backup", "make them again"] {
        assert!(said.err.contains(part), "no {part:?} in {}", said.err);
    }
    assert_eq!(seen(&desk), 4);
    desk.encrypted("record.txt", b"text");
    desk.request(&["decrypt", "record.txt.age"]).done();
    assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().seen, state(4, 4));
    desk.carry(&mut vault);
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).done();
    assert_eq!(desk.read("record.txt"), b"text");
}

#[test]
fn a_restore_that_forked_is_accepted_and_another_identity_never_is() {
    let mut vault = Vault::new();
    vault.state = state(9, 9);
    let desk = Workstation::knowing(&vault);
    let words = vault.words().to_string();
    vault.state = state(9, 8);
    desk.import(&vault).failed(4, "two different logs");
    restored(&desk, &vault, &words).done();
    let mut impostor = Vault::with(2, 1);
    impostor.state = state(3, 3);
    restored(&desk, &impostor, &impostor.words().to_string()).failed(4, "another identity");
    let practice = Vault { mode: Mode::Rehearsal, state: state(3, 3), ..Vault::new() };
    restored(&desk, &practice, &practice.words().to_string()).failed(4, "another identity");
    let stranger = Vault::with(3, 3);
    restored(&desk, &stranger, &stranger.words().to_string()).failed(1, "not known here yet");
    assert_eq!(desk.list("home/vaults").len(), 1);
}

#[test]
fn a_request_made_before_a_restore_is_still_an_alarm_when_it_is_answered() {
    let mut vault = Vault::new();
    vault.state = state(9, 9);
    let desk = Workstation::knowing(&vault);
    desk.encrypted("record.txt", b"text");
    desk.request(&["decrypt", "record.txt.age"]).done();
    vault.state = state(4, 4);
    restored(&desk, &vault, &vault.words().to_string()).done();
    desk.carry(&mut vault);
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]).failed(4, "rolled back");
}

/// An old vault that is known, and the one that follows it.
fn pair() -> (Workstation, Vault, Vault) {
    let old = Vault::new();
    let new = Vault { title: "Court of Lyon, 2027", predecessor: Some(old.id()), ..Vault::with(2, 2) };
    (Workstation::knowing(&old), old, new)
}

fn follow(desk: &Workstation, new: &Vault, succession: &[u8]) -> Said {
    desk.write("new.cloison", new.keys().as_bytes());
    desk.write("succession.cloison", succession);
    desk.run(&["keys", "import", "new.cloison", "--succession", "succession.cloison"])
}

#[test]
fn a_vault_is_taken_in_on_the_word_of_the_one_that_it_follows() {
    let (desk, mut old, mut new) = pair();
    desk.encrypted("old.txt", b"old");
    let said = follow(&desk, &new, &old.signed(old.succession(&new))).done();
    assert!(said.out.contains(&new.words().to_string()), "{}", said.out);
    assert!(said.err.contains("'Court of Lyon' (010101010101) signed that this vault follows it"), "{}", said.err);

    // Without being named, the new vault gets what is new, and the old one is asked for what is old.
    desk.encrypted("new.txt", b"new");
    for (name, vault) in [("new.txt", &mut new), ("old.txt", &mut old)] {
        desk.request(&["decrypt", &format!("{name}.age")]).done();
        assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().vault, vault.id());
        desk.carry(vault);
        desk.run(&["decrypt", &format!("{name}.age"), "--reply", "answer.cloison"]).done();
        assert_eq!(desk.read(name), &name.as_bytes()[..3]);
    }
    let refused = desk.run(&["encrypt", "new.txt", "--to", "0101", "-o", "x"]).failed(1, "was followed by 'Court of Lyon, 2027'");
    assert!(refused.err.contains("--to"), "{}", refused.err);
    desk.request(&["sign", "new.txt", "--text", "--to", "0101"]).failed(1, "was followed by");
    desk.request(&["sign", "new.txt", "--text"]).done();
    assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().vault, new.id());

    let shown = desk.run(&["keys", "show", "0101"]).done();
    assert!(shown.out.contains(&format!("followed by {} ('Court of Lyon, 2027')", "02".repeat(16))), "{}", shown.out);
    let shown = desk.run(&["keys", "show", "0202"]).done();
    assert!(shown.out.contains(&format!("follows {} ('Court of Lyon')", "01".repeat(16))), "{}", shown.out);
    let json: serde_json::Value = serde_json::from_str(&desk.run(&["keys", "list", "--json"]).done().out).unwrap();
    assert_eq!((&json[0]["successor"], &json[1]["predecessor"]), (&"02".repeat(16).into(), &"01".repeat(16).into()));
    assert!(desk.run(&["keys", "list"]).done().out.contains("followed by 020202020202"));
    // Given again, it changes nothing.
    follow(&desk, &new, &old.signed(old.succession(&new))).done();
}

#[test]
fn namesakes_after_a_succession_are_told_apart_by_the_record() {
    let (desk, old, new) = pair();
    let new = Vault { title: old.title, ..new };
    desk.encrypted("old.txt", b"old");
    let said = follow(&desk, &new, &old.signed(old.succession(&new))).done();
    assert!(!said.err.contains("name them by their ids"), "{}", said.err);
    desk.encrypted("new.txt", b"new");
    for (name, id) in [("new.txt.age", new.id()), ("old.txt.age", old.id())] {
        desk.request(&["decrypt", name, "--to", "Court of Lyon"]).done();
        assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().vault, id);
    }
    desk.request(&["decrypt", "new.txt.age", "old.txt.age"]).failed(1, "several vaults are meant");
}

#[test]
fn a_succession_that_does_not_lead_from_a_known_vault_to_these_keys_is_refused() {
    let (desk, old, new) = pair();
    let good = old.succession(&new);
    let known = desk.list("home/vaults");
    let refuse = |new: &Vault, succession: &[u8], code: i32, part: &str| {
        follow(&desk, new, succession).failed(code, part);
        assert_eq!(desk.list("home/vaults"), known, "{part}: nothing was imported");
        assert_eq!(desk.list(&format!("home/vaults/{}", known[0])).len(), 2, "{part}: nothing was noted");
    };
    let impostor = Vault::with(9, 1);
    refuse(&new, &impostor.signed(good.clone()), 4, "ALARM: this succession claims to come from 'Court of Lyon'");
    let stranger = Vault::with(5, 5);
    refuse(&new, &stranger.signed(stranger.succession(&new)), 1, "comes from the vault 050505050505, which is not known here");
    let third = Vault { predecessor: Some(old.id()), ..Vault::with(3, 3) };
    refuse(&third, &old.signed(good.clone()), 1, "names the vault 020202020202, and these are the keys of 030303030303");
    let other_identity = Vault { predecessor: Some(old.id()), ..Vault::with(4, 2) };
    refuse(&other_identity, &old.signed(good.clone()), 1, "signed by another identity");
    let silent = Vault { predecessor: None, title: new.title, ..Vault::with(2, 2) };
    refuse(&silent, &old.signed(good.clone()), 1, "does not say that it follows");
    let of_another = Vault { predecessor: Some(stranger.id()), ..Vault::with(2, 2) };
    refuse(&of_another, &old.signed(good.clone()), 1, "does not say that it follows");
    let more_keys = Vault { age: vec![], predecessor: Some(old.id()), ..Vault::with(2, 2) };
    refuse(&more_keys, &old.signed(good.clone()), 1, "not the keys that 'Court of Lyon' signed for");
    let practice = Vault { mode: Mode::Rehearsal, predecessor: Some(old.id()), ..Vault::with(2, 2) };
    refuse(&practice, &old.signed(old.succession(&practice)), 1, "a rehearsal's vault neither follows");
    let mut as_practice = old.succession(&practice);
    as_practice.mode = Mode::Rehearsal;
    refuse(&practice, &old.signed(as_practice), 1, "a rehearsal's vault neither follows");
    let mut other_keys = good.clone();
    other_keys.new_keys = Fixed([7; 48]);
    refuse(&new, &old.signed(other_keys), 1, "not the keys that");
    let mut altered = old.signed(good.clone());
    *altered.last_mut().unwrap() ^= 1;
    refuse(&new, &altered, 1, "the signature of this succession is wrong");
    refuse(&new, old.keys().as_bytes(), 1, "expected a succession, but this is a set of public keys");
    refuse(&new, b"", 1, "is empty");
    desk.write("ask", &old.signed(good));
    desk.run(&["keys", "import", "ask"]).failed(1, "expected a set of public keys, but this is a succession");
    desk.run(&["keys", "import", "ask", "--succession", "ask", "--words", "x"]).failed(2, "cannot be used with");
    desk.run(&["keys", "import", "ask", "--succession", "ask", "--restored"]).failed(2, "cannot be used with");
}

#[test]
fn a_vault_that_names_two_successors_is_an_alarm() {
    let (desk, old, new) = pair();
    follow(&desk, &new, &old.signed(old.succession(&new))).done();
    let other = Vault { predecessor: Some(old.id()), ..Vault::with(3, 3) };
    follow(&desk, &other, &old.signed(old.succession(&other))).failed(4, "is followed by the vault 020202020202 already");
    assert_eq!(desk.list("home/vaults").len(), 2);

    let told = Vault { successor: Some(new.id()), ..Vault::new() };
    let desk = Workstation::knowing(&told);
    follow(&desk, &other, &old.signed(old.succession(&other))).failed(4, "ALARM");
    follow(&desk, &new, &old.signed(old.succession(&new))).done();
}

#[test]
fn nothing_is_encrypted_to_a_vault_whose_export_names_a_successor() {
    let (_, _, new) = pair();
    let old = Vault { successor: Some(new.id()), ..Vault::new() };
    let desk = Workstation::knowing(&old);
    desk.write("record.txt", b"text");
    let said = desk.run(&["encrypt", "record.txt"]).failed(1, "was followed by another vault, 020202020202");
    assert!(said.err.contains("keys import FILE --succession FILE") && !desk.has("record.txt.age"), "{}", said.err);
    assert!(desk.run(&["keys", "show"]).done().out.contains("(not known here)"));
    // Imported with words, without the succession, the new one is taken all the same.
    desk.import(&new).done();
    desk.run(&["encrypt", "record.txt"]).done();
    desk.request(&["decrypt", "record.txt.age"]).done();
    assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().vault, new.id());
}

#[test]
fn a_succession_that_was_changed_on_the_disk_is_noticed() {
    let (desk, old, new) = pair();
    follow(&desk, &new, &old.signed(old.succession(&new))).done();
    let path = format!("home/vaults/{}/succession.cloison", "01".repeat(16));
    let forged = Vault::with(9, 1);
    for bytes in [b"garbage".to_vec(), forged.signed(forged.succession(&new))] {
        desk.write(&path, &bytes);
        desk.run(&["keys", "show", "0101"]).failed(1, "does not hold what Cloison wrote");
        desk.run(&["keys", "show", "0202"]).done();
    }
}
