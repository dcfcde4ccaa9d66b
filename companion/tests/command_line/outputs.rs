//! What is never written over, and what is said instead.

use crate::{
    vault::Vault,
    workstation::{PURPOSE, Workstation},
};
use std::fs;

#[test]
fn no_output_replaces_what_it_is_made_from_even_with_force() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.encrypted("record.txt", b"secret");
    desk.write("statement.txt", b"text");
    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.carry(&mut vault);
    desk.run(&["qr", "show", "ask.cloison", "--png", "f", "--frames", "1", "--density", "40"]).done();
    let purpose = |arguments: &[&str]| desk.run(&[arguments, &PURPOSE, &["--force"]].concat());
    let files = ["record.txt.age", "statement.txt", "ask.cloison", "answer.cloison", "f/frame-00000000.png", "home/identity.key"];
    let before = files.map(|file| desk.read(file));
    purpose(&["decrypt", "record.txt.age", "--request", "record.txt.age"]).failed(1, "over itself");
    purpose(&["sign", "statement.txt", "--text", "--request", "./statement.txt"]).failed(1, "over itself");
    desk.run(&["decrypt", "record.txt.age", "--reply", "answer.cloison", "-o", "answer.cloison", "--force"])
        .failed(1, "over itself");
    desk.run(&["sign", "statement.txt", "--reply", "answer.cloison", "-o", "answer.cloison", "--force"]).failed(1, "over itself");
    desk.run(&["qr", "show", "ask.cloison", "--gif", "ask.cloison", "--force"]).failed(1, "over itself");
    let picture = "f/frame-00000000.png";
    desk.run(&["qr", "scan", picture, "-o", picture, "--force"]).failed(1, "over itself");
    let own = "home/identity.key";
    desk.run(&["identity", "new", "--name", "x", "-o", own, "--force"]).failed(1, "keeps for itself");
    desk.run(&["identity", "show", "-o", own, "--force"]).failed(1, "keeps for itself");
    desk.run(&["encrypt", "statement.txt", "-o", own, "--force"]).failed(1, "keeps for itself");
    desk.run(&["encrypt", "statement.txt", "-o", "home/pending/x"]).failed(1, "keeps for itself");
    desk.run(&["qr", "show", "ask.cloison", "--gif", own, "--force"]).failed(1, "keeps for itself");
    desk.run(&["qr", "scan", picture, "-o", own, "--force"]).failed(1, "keeps for itself");
    purpose(&["decrypt", "record.txt.age", "--request", own]).failed(1, "keeps for itself");
    assert!(before == files.map(|file| desk.read(file)));
}

#[test]
fn an_identity_is_replaced_only_when_all_else_worked() {
    let desk = Workstation::new();
    let key = desk.read("home/identity.key");
    desk.run(&["identity", "new", "--name", "New", "-o", "no/such/folder", "--force"]).failed(1, "folder does not exist");
    fs::create_dir(desk.path("folder")).unwrap();
    desk.run(&["identity", "new", "--name", "New", "-o", "folder", "--force"]).failed(1, "is a folder");
    assert!(key == desk.read("home/identity.key"));
    let bare = Workstation::bare();
    bare.run(&["identity", "new", "--name", "New", "-o", "no/such/folder"]).failed(1, "cannot be written");
    assert!(!bare.has("home/identity.key"));
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_replaced() {
    use std::os::unix::{fs::FileTypeExt, net::UnixListener};
    let desk = Workstation::knowing(&Vault::new());
    desk.write("record.txt", b"text");
    let _socket = UnixListener::bind(desk.path("special")).unwrap();
    std::os::unix::fs::symlink("special", desk.path("link")).unwrap();
    for output in ["special", "link"] {
        desk.run(&["encrypt", "record.txt", "-o", output, "--force"]).failed(1, "pipe or a device");
    }
    assert!(fs::metadata(desk.path("special")).unwrap().file_type().is_socket());
}

#[cfg(unix)]
#[test]
fn a_files_name_cannot_draw_on_the_screen() {
    let desk = Workstation::knowing(&Vault::new());
    let name = "a\u{1b}[2J\n\u{202e}txt";
    let said = desk.run(&["encrypt", name, "--record", "r"]).failed(1, "there is no file a\\u{1b}[2J\\n\\u{202e}txt");
    assert!(!said.err.contains('\u{1b}') && said.err.lines().count() == 1, "{}", said.err);
    desk.write(name, b"text");
    let said = desk.run(&["encrypt", name, "--record", "r"]).done();
    assert!(!said.err.contains('\u{1b}') && !said.err.contains('\u{202e}'), "{}", said.err);
}

#[test]
fn what_the_custodians_read_is_never_blank_and_its_limit_is_named() {
    let desk = Workstation::knowing(&Vault::new());
    desk.write("record.txt", b"text");
    desk.write(" ", b"text");
    desk.run(&["encrypt", "record.txt", "--record", ""]).failed(1, "--record");
    desk.run(&["encrypt", "record.txt", "--class", " "]).failed(1, "--class");
    desk.run(&["encrypt", " "]).failed(1, "--record");
    desk.run(&["encrypt", "record.txt", "--class", &"c".repeat(33)]).failed(1, "33 bytes, more than the 32");
    assert!(!desk.has("record.txt.age") && !desk.has(" .age"));
    let ask = |case: &str, reason: &str, part: &str| {
        let arguments = ["sign", "record.txt", "--text", "--request", "ask", "--case", case, "--reason", reason];
        desk.run(&arguments).failed(1, part);
    };
    ask(&"c".repeat(65), "r", "the case has 65 bytes, more than the 64");
    ask("c", &"r".repeat(257), "the reason has 257 bytes, more than the 256");
    ask("c", "\u{202e}", "the reason holds the character U+202E");
    ask(" ", "r", "the case is blank");
    assert!(!desk.has("ask"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_not_declared() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt, process::Command};
    let desk = Workstation::knowing(&Vault::new());
    let name = OsStr::from_bytes(b"\xff.txt");
    fs::write(desk.folder().join(name), b"text").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloison"));
    command.current_dir(desk.folder()).arg("--home").arg(desk.path("home")).arg("encrypt").arg(name);
    let said = command.output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("--record"));
}

#[test]
fn a_request_says_what_comes_next_and_takes_no_output() {
    let desk = Workstation::knowing(&Vault::new());
    desk.encrypted("record.txt", b"text");
    desk.write("statement.txt", b"text");
    let said = desk.request(&["decrypt", "record.txt.age"]).done();
    assert!(said.err.contains("`cloison decrypt FILE… --reply REPLY`"), "{}", said.err);
    let said = desk.request(&["sign", "statement.txt", "--text"]).done();
    assert!(said.err.contains("`cloison sign FILE --reply REPLY`"), "{}", said.err);
    desk.request(&["decrypt", "record.txt.age", "record.txt.age"]).failed(2, "given twice");
    desk.request(&["decrypt", "record.txt.age", "-o", "x"]).failed(2, "cannot be used with");
    desk.request(&["decrypt", "record.txt.age", "--output-dir", "x"]).failed(2, "cannot be used with");
    desk.request(&["sign", "statement.txt", "--text", "-o", "x"]).failed(2, "cannot be used with");
    assert!(desk.run(&["--help"]).done().out.contains("cloison qr scan photos/*.jpg -o keys.cloison"));
}
