//! Runs that are stopped in the middle, or that overlap.

#![cfg(target_os = "linux")]

use crate::{vault::Vault, workstation::Workstation};
use std::{
    fs::{self, File},
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !happened() {
        assert!(Instant::now() < until, "{what} never happened");
        sleep(Duration::from_millis(1));
    }
}

/// Tells whether the program has written into a file in this folder that has no name, or a draft's.
fn is_writing(child: &Child, desk: &Workstation) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{}/fd", child.id())) else { return false };
    let mut drafts = open.flatten().filter(|handle| {
        let Ok(target) = fs::read_link(handle.path()) else { return false };
        let name = target.strip_prefix(desk.folder()).map(|name| name.to_string_lossy().into_owned());
        name.is_ok_and(|name| name.starts_with('#') || name.starts_with(".cloison-") || name.ends_with("(deleted)"))
    });
    drafts.any(|draft| fs::metadata(draft.path()).is_ok_and(|about| about.len() > 1 << 20))
}

#[test]
fn a_run_that_is_killed_while_it_writes_leaves_no_plaintext() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.encrypted("record.bin", &vec![7; 48 << 20]);
    desk.request(&["decrypt", "record.bin.age"]).done();
    desk.carry(&mut vault);
    let before = desk.list(".");
    for signal in ["KILL", "TERM", "INT", "HUP"] {
        let mut child = desk.start(&["decrypt", "record.bin.age", "--reply", "answer.cloison"]);
        wait_until("writing", || is_writing(&child, &desk));
        assert!(Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().unwrap().success());
        assert!(!child.wait().unwrap().success(), "it ended before {signal}");
        assert_eq!(desk.list("."), before, "{signal}");
    }
    desk.run(&["decrypt", "record.bin.age", "--reply", "answer.cloison"]).done();
    assert!(desk.read("record.bin").len() == 48 << 20);
}

#[test]
fn a_run_that_overlaps_a_newer_one_neither_takes_the_state_back_nor_fails() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.encrypted("record.txt", b"one");
    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.carry(&mut vault);
    let folder = format!("home/vaults/{}", desk.list("home/vaults")[0]);
    let lock = File::options().write(true).create(true).truncate(false).open(desk.path("home/lock")).unwrap();
    lock.lock().unwrap();
    let mut older = desk.start(&["decrypt", "record.txt.age", "--reply", "answer.cloison"]);
    sleep(Duration::from_millis(300));
    assert!(older.try_wait().unwrap().is_none(), "it waits for the other run");
    let newer = format!("9 {}\n", "07".repeat(48));
    desk.write(&format!("{folder}/seen"), newer.as_bytes());
    let pending = desk.list("home/pending");
    desk.remove(&format!("home/pending/{}", pending[0]));
    drop(lock);
    assert!(older.wait().unwrap().success(), "what another run did already is done");
    assert_eq!(desk.read(&format!("{folder}/seen")), newer.as_bytes());
    assert_eq!(desk.read("record.txt"), b"one");
}
