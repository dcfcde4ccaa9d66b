//! The archive: our own reading, cpio's, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cloison_images::{
    cpio::{Archive, CpioError, Entry, Kind},
    list,
};
use proptest::prelude::*;
use std::{
    io::Write,
    process::{Command, Stdio},
};

fn folder() -> Entry {
    Entry { permissions: 0o755, kind: Kind::Folder }
}

fn file(bytes: &[u8]) -> Entry {
    Entry { permissions: 0o444, kind: Kind::File(bytes.to_vec()) }
}

fn sample() -> Archive {
    let mut archive = Archive::default();
    archive.add("/dev", folder()).unwrap();
    archive.add("/dev/console", Entry { permissions: 0o600, kind: Kind::Device { major: 5, minor: 1 } }).unwrap();
    archive.add("/init", Entry { permissions: 0o777, kind: Kind::Link("/cloison".to_owned()) }).unwrap();
    archive.add("/cloison", Entry { permissions: 0o555, kind: Kind::File(b"program".to_vec()) }).unwrap();
    archive.add("/empty", file(b"")).unwrap();
    archive
}

/// Has GNU cpio list an archive.
fn listed_by_cpio(bytes: &[u8]) -> String {
    let mut cpio = Command::new("cpio");
    let mut child =
        cpio.args(["-itvn", "--quiet"]).env("TZ", "UTC").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn cpio_reads_what_was_written() {
    let listed = listed_by_cpio(&sample().write());
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected = [
        "-r-xr-xr-x 1 0 0 7 Jan 1 1970 cloison",
        "drwxr-xr-x 2 0 0 0 Jan 1 1970 dev",
        "crw------- 1 0 0 5, 1 Jan 1 1970 dev/console",
        "-r--r--r-- 1 0 0 0 Jan 1 1970 empty",
        "lrwxrwxrwx 1 0 0 8 Jan 1 1970 init -> /cloison",
    ];
    assert_eq!(lines, expected.map(|line| line.split_whitespace().collect::<Vec<_>>()));
}

#[test]
fn the_order_of_adding_does_not_show() {
    let mut other = Archive::default();
    for (path, entry) in sample().entries().collect::<Vec<_>>().into_iter().rev().filter(|(path, _)| *path != "dev/console") {
        other.add(path, entry.clone()).unwrap();
    }
    other.add("dev/console", Entry { permissions: 0o600, kind: Kind::Device { major: 5, minor: 1 } }).unwrap();
    assert_eq!(other.write(), sample().write());
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for path in ["", "/", "//x", "a/../b", "./a", "a//b", "a/", "a b", "a\nb", "é", "TRAILER!!!", &"x".repeat(256)] {
        assert!(matches!(Archive::default().add(path, file(b"")), Err(CpioError::Path(_))), "{path:?}");
    }
    assert_eq!(Archive::default().add("dev/null", file(b"")), Err(CpioError::Orphan("dev/null".to_owned())));
    assert_eq!(sample().add("cloison", file(b"")), Err(CpioError::Twice("cloison".to_owned())));
    assert_eq!(sample().add("empty/x", file(b"")), Err(CpioError::Orphan("empty/x".to_owned())));
}

#[test]
fn an_archive_that_is_cut_short_or_goes_on_is_refused() {
    let bytes = sample().write();
    assert_eq!(Archive::read(&bytes), Ok(sample()));
    for length in 0..bytes.len() {
        assert!(Archive::read(&bytes[..length]).is_err(), "cut to {length}");
    }
    assert!(Archive::read(&[bytes.as_slice(), &[0]].concat()).is_err());
}

/// A time, an owner, a hidden hard link: whatever the kernel reads and the list does not show.
#[test]
fn no_field_can_carry_anything_else() {
    let bytes = sample().write();
    let header = 6..110;
    for at in header {
        for digit in *b"0123456789ABCDEFabcdef" {
            let mut changed = bytes.clone();
            changed[at] = digit;
            if changed != bytes
                && let Ok(archive) = Archive::read(&changed)
            {
                assert_ne!(archive, sample(), "byte {at}");
            }
        }
    }
}

#[test]
fn a_list_is_understood_or_refused_with_its_line() {
    let sources = tempfile::tempdir().unwrap();
    std::fs::write(sources.path().join("program"), "program").unwrap();
    std::fs::create_dir(sources.path().join("modules")).unwrap();
    std::fs::write(sources.path().join("modules/b.ko"), "b").unwrap();
    std::fs::write(sources.path().join("modules/a.ko"), "a").unwrap();
    let text = "# a comment\nfile /cloison program 0555 0 0 # and another\n\ndir /m 0755 0 0\nfiles /m modules 0444 0 0\nnod /null 0666 0 0 c 1 3\n";
    let archive = list::archive(text, sources.path()).unwrap();
    let paths: Vec<&str> = archive.entries().map(|(path, _)| path).collect();
    assert_eq!(paths, ["cloison", "m", "m/a.ko", "m/b.ko", "null"]);
    for line in [
        "file /x program 0555 1000 0",
        "file /x program 9999 0 0",
        "file /x program 4755 0 0",
        "nod /x 0600 0 0 b 8 0",
        "nod /x 0600 0 0 c five 1",
        "sock /x 0755 0 0",
        "dir /x",
        "dir /x 0755 0 0 0",
    ] {
        let error = list::archive(&format!("\n{line}\n"), sources.path()).unwrap_err();
        assert!(error.to_string().starts_with("line 2 "), "{line}: {error}");
    }
    assert!(list::archive("file /x missing 0444 0 0", sources.path()).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(files in prop::collection::btree_map("[a-z]{1,8}", prop::collection::vec(any::<u8>(), 0..300), 0..8)) {
        let mut archive = Archive::default();
        for (name, bytes) in &files {
            archive.add(name, file(bytes)).unwrap();
        }
        prop_assert_eq!(Archive::read(&archive.write()), Ok(archive));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0_usize..600, byte: u8) {
        let _ = Archive::read(&bytes);
        let _ = Archive::read(&[b"070701".as_slice(), &bytes].concat());
        let mut changed = sample().write();
        let at = at % changed.len();
        changed[at] = byte;
        let _ = Archive::read(&changed);
    }
}
