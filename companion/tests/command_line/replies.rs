//! Replies that are given more than once, and requests that are never answered.

use crate::{vault::Vault, workstation::Workstation};
use cloison_protocol::{Reason, Request};
use std::fs;

#[test]
fn copies_of_one_file_need_one_key() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.encrypted("record.txt", b"text");
    fs::copy(desk.path("record.txt.age"), desk.path("copy.txt.age")).unwrap();
    desk.request(&["decrypt", "record.txt.age", "copy.txt.age"]).done();
    assert_eq!(Request::decode(&desk.read("ask.cloison")).unwrap().body().operations.as_slice().len(), 1);
    desk.carry(&mut vault);
    desk.run(&["decrypt", "record.txt.age", "copy.txt.age", "--reply", "answer.cloison"]).done();
    assert_eq!((desk.read("record.txt"), desk.read("copy.txt")), (b"text".to_vec(), b"text".to_vec()));
    assert!(desk.list("home/pending").is_empty());
}

#[test]
fn a_reply_given_again_goes_on_where_it_stopped_even_after_newer_replies() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.encrypted("one.txt", b"one");
    desk.encrypted("two.txt", b"two");
    desk.encrypted("three.txt", b"three");
    desk.request(&["decrypt", "one.txt.age", "two.txt.age"]).done();
    desk.carry(&mut vault);
    fs::rename(desk.path("answer.cloison"), desk.path("first.cloison")).unwrap();
    let whole = desk.read("two.txt.age");
    desk.write("two.txt.age", &whole[..whole.len() - 1]);
    let both = ["decrypt", "one.txt.age", "two.txt.age", "--reply", "first.cloison"];
    let said = desk.run(&both).failed(1, "1 of 2 files");
    assert!(said.err.contains("1 granted file is still"), "{}", said.err);
    desk.request(&["decrypt", "three.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["decrypt", "three.txt.age", "--reply", "answer.cloison"]).done();
    desk.write("two.txt.age", &whole);
    let said = desk.run(&both).done();
    assert!(said.err.contains("one.txt is left as it is"), "{}", said.err);
    assert_eq!((desk.read("one.txt"), desk.read("two.txt")), (b"one".to_vec(), b"two".to_vec()));
    assert!(desk.list("home/pending").is_empty());
}

#[test]
fn what_was_not_decrypted_before_is_still_not_replaced() {
    let mut vault = Vault::new();
    vault.refuses = vec![(1, Reason::Declined)];
    let desk = Workstation::knowing(&vault);
    desk.encrypted("one.txt", b"one");
    desk.encrypted("two.txt", b"two");
    desk.request(&["decrypt", "one.txt.age", "two.txt.age"]).done();
    desk.carry(&mut vault);
    desk.write("one.txt", b"mine");
    desk.run(&["decrypt", "one.txt.age", "two.txt.age", "--reply", "answer.cloison"]).failed(1, "one.txt already exists");
    assert_eq!(desk.read("one.txt"), b"mine");
}

#[cfg(unix)]
#[test]
fn one_time_keys_of_requests_that_ran_out_are_removed() {
    use std::os::unix::fs::PermissionsExt;
    let vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.encrypted("record.txt", b"text");
    desk.request(&["decrypt", "record.txt.age"]).done();
    let fresh = desk.list("home/pending");
    let kept = desk.read(&format!("home/pending/{}", fresh[0]));
    let aged = vault.aged(&desk.read("ask.cloison"));
    let old = [&kept[..8 + 32 + 16], aged.as_bytes()].concat();
    let answered = [&kept[..8 + 32], &1u128.to_le_bytes(), aged.as_bytes()].concat();
    for (name, bytes) in [("old", &old[..]), ("answered", &answered), ("stray", b"not a request")] {
        let path = format!("home/pending/{name}");
        desk.write(&path, bytes);
        fs::set_permissions(desk.path(&path), fs::Permissions::from_mode(0o600)).unwrap();
    }
    desk.request(&["decrypt", "record.txt.age"]).done();
    let left = desk.list("home/pending");
    assert!(left.len() == 4 && left.contains(&fresh[0]) && !left.contains(&"old".to_owned()), "{left:?}");
}

#[test]
fn a_stray_or_damaged_folder_stops_nothing_that_names_another_vault() {
    let desk = Workstation::knowing(&Vault::new());
    desk.write("record.txt", b"text");
    fs::create_dir_all(desk.path("home/vaults/stray")).unwrap();
    fs::create_dir_all(desk.path("home/vaults").join("03".repeat(16))).unwrap();
    desk.run(&["encrypt", "record.txt"]).done();
    desk.import(&Vault::with(3, 3)).done();
    desk.write(&format!("home/vaults/{}/keys.cloison", "03".repeat(16)), b"damaged");
    desk.run(&["encrypt", "record.txt", "--to", "0101", "--force"]).done();
    desk.run(&["encrypt", "record.txt", "--to", "0303", "--force"]).failed(1, "does not hold what Cloison wrote");
    desk.run(&["encrypt", "record.txt", "--force"]).failed(1, "does not hold what Cloison wrote");
    let said = desk.run(&["keys", "list"]).failed(1, "does not hold what Cloison wrote");
    assert!(said.out.contains("Court of Lyon"), "{}", said.out);
}
