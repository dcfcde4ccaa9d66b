//! The keeper: a process that starts others in the roles it was given, for one that can start none.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_eye::spawn::keeper::{MAX_CHILDREN, Rules, serve, serve_while};
use cloison_eye::spawn::{Child, Keeper, Running, Spawn};
use cloison_eye::viewer::{Content, Limits, ViewError, show};
use cloison_eye::{Eye, EyeError};
use cloison_optics::{Density, Level, Luma, Symbol};
use proptest::prelude::*;
use std::io::{ErrorKind, Read, Write};
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Child as Process;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cloison-eye");

/// The longest that anything here takes on a busy machine.
const AMPLE: Duration = Duration::from_secs(20);

fn keeper(roles: &[&str]) -> (Keeper, Process) {
    let arguments: Vec<&str> = ["keeper"].into_iter().chain(roles.iter().copied()).collect();
    Keeper::start(Path::new(PROGRAM), &arguments).unwrap()
}

fn code(content: &[u8]) -> Luma {
    let density = Density::smallest_for(content.len(), Level::L).unwrap();
    Symbol::encode(content, density).unwrap().picture(4)
}

/// Lists the processes that a process started.
fn children(of: &Process) -> Vec<u32> {
    let all = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", of.id())).unwrap();
    all.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

/// Waits until something holds.
fn soon(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < AMPLE);
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn is_gone(pid: u32) -> bool {
    // A process whose parent has not asked for its end yet is gone too.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

#[test]
fn pictures_are_read_and_records_shown_by_children_of_the_keeper() {
    let (keeper, mut process) = keeper(&["eye", "view"]);
    let mut eye = Eye::new(Arc::new(keeper.clone()), "eye", AMPLE);
    for content in [&b"first"[..], b"second"] {
        assert_eq!(eye.frame(&code(content)).unwrap().symbols, [content]);
    }
    assert_eq!(children(&process).len(), 1);
    let limits = Limits { budget: AMPLE, ..Limits::default() };
    for _ in 0..3 {
        let Ok(Content::Text(text)) = show(&keeper, "view", b"a record", &limits) else { panic!("not shown") };
        assert!(text.lines().eq(["a record"]));
    }
    // Each viewer has gone; the reader stays until it is dropped.
    assert_eq!(children(&process).len(), 1);
    drop(eye);
    assert_eq!(children(&process).len(), 0);
    drop(keeper);
    assert!(process.wait().unwrap().success());
}

#[test]
fn a_child_that_overruns_is_replaced_through_the_keeper() {
    let (keeper, mut process) = keeper(&["eye"]);
    let slow = Luma::white(4096, 4096).unwrap();
    let mut eye = Eye::new(Arc::new(keeper), "eye", Duration::from_millis(1));
    for _ in 0..3 {
        let error = eye.frame(&slow).unwrap_err();
        assert!(matches!(error, EyeError::Overrun { .. }), "{error:?}");
        assert_eq!(children(&process).len(), 0);
    }
    drop(eye);
    assert!(process.wait().unwrap().success());
}

#[test]
fn a_childs_end_is_told_as_it_was() {
    let (keeper, mut process) = keeper(&["eye"]);
    let Running { stdin, mut stdout, mut child } = keeper.spawn("eye").unwrap();
    assert!(child.is_running());
    assert_eq!(child.end().unwrap().signal(), Some(9));
    assert!(!child.is_running() && child.end().is_none());
    assert_eq!(stdout.read(&mut [0]).unwrap(), 0);
    // A child's handle holds the socket as well.
    drop((stdin, child));
    let Running { stdin, mut child, .. } = keeper.spawn("eye").unwrap();
    drop(stdin);
    soon_not_running(&mut *child);
    assert!(child.end().unwrap().success());
    drop((child, keeper));
    assert!(process.wait().unwrap().success());
}

fn soon_not_running(child: &mut dyn Child) {
    let begun = Instant::now();
    while child.is_running() {
        assert!(begun.elapsed() < AMPLE);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_role_that_is_not_on_the_list_is_refused_and_the_next_is_started() {
    let (keeper, process) = keeper(&["view"]);
    let long = "v".repeat(256);
    for role in ["eye", "", "vie", "view ", "view\0", "../view", "keeper", &long] {
        let error = keeper.spawn(role).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{role:?}");
    }
    assert_eq!(children(&process).len(), 0);
    let error = Eye::new(Arc::new(keeper.clone()), "eye", AMPLE).frame(&code(b"x")).unwrap_err();
    assert!(matches!(error, EyeError::Start(_)), "{error:?}");
    assert!(show(&keeper, "view", b"a record", &Limits { budget: AMPLE, ..Limits::default() }).is_ok());
    finish(keeper, process);
}

fn finish(keeper: Keeper, mut process: Process) {
    drop(keeper);
    assert!(process.wait().unwrap().success());
}

#[test]
fn only_so_many_children_are_started_and_those_that_ended_make_room() {
    let (keeper, process) = keeper(&["eye"]);
    let mut all: Vec<Running> = (0..MAX_CHILDREN).map(|_| keeper.spawn("eye").unwrap()).collect();
    assert_eq!(keeper.spawn("eye").err().unwrap().kind(), ErrorKind::QuotaExceeded);
    all.truncate(MAX_CHILDREN - 1);
    assert!(keeper.spawn("eye").is_ok());
    drop(all);
    finish(keeper, process);
}

#[test]
fn a_client_that_sends_garbage_is_cut_off_and_its_children_ended() {
    let garbage: [&[u8]; 5] = [&[0; 6], &[255; 300], b"\x01\0\0\0\0\0", b"\x02\0\0\0\0\x05abcde", b"\x01\0\0\0\0\x03ey"];
    for garbage in garbage {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let served = std::thread::spawn(move || serve(&theirs, Path::new(PROGRAM), &["eye"]));
        ours.write_all(b"\x01\0\0\0\0\x03eye").unwrap();
        let mut answer = [0; 9];
        ours.read_exact(&mut answer).unwrap();
        assert_eq!(answer[0], 1);
        ours.write_all(garbage).unwrap();
        ours.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(served.join().unwrap().is_err(), "{garbage:?}");
    }
}

#[test]
fn children_end_with_a_keeper_that_is_killed() {
    let (keeper, mut process) = keeper(&["eye"]);
    let Running { mut stdin, mut stdout, child } = keeper.spawn("eye").unwrap();
    let pids = children(&process);
    assert_eq!(pids.len(), 1);
    // It answers, so it has asked to be ended with its keeper by now: one byte is no picture.
    stdin.write_all(b"\x01\xff\0\0\0\x01\0\0\0x").unwrap();
    stdout.read_exact(&mut [0; 2]).unwrap();
    // Its handle is lost, as when the client is killed too; the pipes are still open.
    std::mem::forget(child);
    assert!(!is_gone(pids[0]));
    process.kill().and_then(|()| process.wait()).unwrap();
    soon(|| is_gone(pids[0]));
    drop((stdin, stdout));
    let error = keeper.spawn("eye").err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset), "{error:?}");
    assert_eq!(keeper.spawn("eye").err().unwrap().kind(), ErrorKind::NotConnected);
}

#[test]
fn children_end_when_the_socket_closes() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let served = std::thread::spawn(move || serve(&theirs, Path::new(PROGRAM), &["eye"]));
    let keeper = Keeper::new(ours.try_clone().unwrap()).unwrap();
    let Running { stdin, mut stdout, child } = keeper.spawn("eye").unwrap();
    std::mem::forget(child);
    ours.shutdown(std::net::Shutdown::Both).unwrap();
    assert!(served.join().unwrap().is_ok());
    // The child's end of the pipe is closed while ours is open: it was killed.
    assert_eq!(stdout.read(&mut [0]).unwrap(), 0);
    drop(stdin);
}

#[test]
fn a_keeper_that_answers_nonsense_is_given_up() {
    for answer in [&b"\x01\x00\x00\x00\x00\x00\x00\x00\x00"[..], b"\x09\0\0\0\0\0\0\0\0", b"\x02\x01\0\0\0\0\0\0\0", b"\x04"] {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let keeper = Keeper::new(ours).unwrap();
        theirs.write_all(answer).unwrap();
        assert_eq!(keeper.spawn("eye").err().unwrap().kind(), ErrorKind::InvalidData, "{answer:?}");
        assert_eq!(keeper.spawn("eye").err().unwrap().kind(), ErrorKind::NotConnected);
    }
}

/// The kiosk finds its socket as its standard input, and that stays open whatever is closed.
#[test]
fn a_keeper_that_is_given_up_notices_though_its_socket_is_open_elsewhere() {
    // An answer of nonsense, and one that is none of the answers to what was asked.
    for answer in [&b"\x09\0\0\0\0\0\0\0\0"[..], b"\x02\x01\0\0\0\0\0\0\0"] {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let elsewhere = ours.try_clone().unwrap();
        let keeper = Keeper::new(ours).unwrap();
        theirs.write_all(answer).unwrap();
        assert_eq!(keeper.spawn("eye").err().unwrap().kind(), ErrorKind::InvalidData);
        // The keeper's side: the request that came, and then the end, at which it ends its children.
        theirs.set_read_timeout(Some(AMPLE)).unwrap();
        let mut came = Vec::new();
        theirs.read_to_end(&mut came).unwrap();
        assert_eq!(came, b"\x01\0\0\0\0\x03eye");
        drop((keeper, elsewhere));
    }
}

#[test]
fn a_child_of_the_keeper_inherits_no_variable_and_no_socket() {
    let (keeper, process) = keeper(&["eye"]);
    let running = keeper.spawn("eye").unwrap();
    let pid = children(&process)[0];
    // Between fork and exec it still has what the keeper has.
    soon(|| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap().split('\0').nth(1) == Some("eye"));
    assert_eq!(std::fs::read_to_string(format!("/proc/{pid}/environ")).unwrap(), "");
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let open: Vec<String> = open.map(|file| std::fs::read_link(file.unwrap().path()).unwrap().display().to_string()).collect();
    // Files that the test runner left open to all of its processes are not the keeper's.
    assert!(!open.iter().any(|file| file.starts_with("socket:")), "{open:?}");
    drop(running);
    finish(keeper, process);
}

#[test]
fn what_ended_a_viewer_is_named_through_the_keeper_too() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    // A script in a viewer's place, as the only role.
    let script = std::env::temp_dir().join(format!("cloison-keeper-{}.sh", std::process::id()));
    std::fs::write(&script, "#!/bin/sh\ncat >/dev/null; kill -SYS $$\n").unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let place = script.clone();
    let served = std::thread::spawn(move || serve(&theirs, &place, &["view"]));
    let keeper = Keeper::new(ours).unwrap();
    let error = show(&keeper, "view", b"x", &Limits { budget: AMPLE, ..Limits::default() }).err();
    assert!(matches!(error, Some(ViewError::Forbidden)), "{error:?}");
    drop(keeper);
    assert!(served.join().unwrap().is_ok());
    std::fs::remove_file(&script).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_bring_a_keeper_down_or_start_what_is_not_on_the_list(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        // Were anything started, it would be a program that does not exist, and say so.
        let served = std::thread::spawn(move || serve(&theirs, Path::new("/nowhere"), &["eye"]));
        // It may hang up in the middle.
        let _ = ours.write_all(&bytes);
        let _ = ours.shutdown(std::net::Shutdown::Write);
        let mut answers = Vec::new();
        let _ = ours.read_to_end(&mut answers);
        prop_assert!(served.join().is_ok());
        prop_assert!(answers.chunks(9).all(|answer| answer[0] != 1));
    }
}

#[test]
fn a_keeper_is_told_how_long_ago_its_client_was_alive_and_ends_when_it_is_told_to() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let client = Keeper::new(theirs).unwrap();
    let beats = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1500));
        client.beat().unwrap();
        let begun = Instant::now();
        while client.beat().is_ok() {
            assert!(begun.elapsed() < AMPLE, "the keeper goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let mut told = Vec::new();
    let goes_on = |ago: Option<Duration>| {
        told.push(ago);
        if told.len() < 4 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let rules = Rules { program: Path::new(PROGRAM), roles: &["eye"], user: None };
    serve_while(&ours, &rules, goes_on).unwrap();
    drop(ours);
    beats.join().unwrap();
    assert_eq!(told.first(), Some(&None), "no beat came in the first second");
    assert!(told.last().unwrap().is_some_and(|ago| ago < Duration::from_secs(1)), "{told:?}");
}

#[test]
fn half_a_request_does_not_stop_a_keeper_for_long() {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.write_all(&[1, 0]).unwrap();
    let begun = Instant::now();
    assert!(serve(&ours, Path::new(PROGRAM), &["eye"]).is_err());
    assert!(begun.elapsed() < AMPLE);
}

#[test]
fn children_are_of_the_user_that_was_named() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let (ours, theirs) = UnixStream::pair().unwrap();
    let asked = std::thread::spawn(move || {
        let client = Keeper::new(theirs).unwrap();
        let child = client.spawn("eye").unwrap();
        let me = std::process::id();
        let mine = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("status")).ok());
        let status = mine
            .filter(|status| status.contains(&format!("\nPPid:\t{me}\n")))
            .find(|status| status.contains("\nUid:\t1001\t1001\t1001\t1001\n"));
        drop(child);
        status
    });
    let rules = Rules { program: Path::new(PROGRAM), roles: &["eye"], user: Some(1001) };
    serve_while(&ours, &rules, |_| ControlFlow::Continue(())).unwrap();
    let status = asked.join().unwrap().expect("a child of user 1001");
    assert!(status.contains("\nGid:\t1001\t1001\t1001\t1001\n") && status.contains("\nGroups:\t \n"), "{status}");
}
