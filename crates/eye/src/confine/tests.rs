//! Each attempt is made by a process of its own: this test program again, which confines itself,
//! or puts on one layer alone, and then tries.

#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use super::{Landlock, Needs, Resources, confine, confine_to, filter, linux};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, RawDir, openat};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

/// Names to the child what it is to try.
const ATTEMPT: &str = "CLOISON_ATTEMPT";

const RESOURCES: Resources = Resources { memory: 512 << 20, cpu_seconds: Some(1) };

/// How a child ends that did what it tried, that was refused it, or that did not know what to try.
const DONE: i32 = 10;
const REFUSED: i32 = 11;
const UNKNOWN: i32 = 12;

/// Lets a child try something.
fn attempt(name: &str) -> ExitStatus {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "confine::tests::child", "--nocapture"]).env_clear().env(ATTEMPT, name);
    // Pipes, because a confined process writes to no file; read, so that nothing waits for room.
    child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap().status
}

/// Is the child's whole life where it is one; a test that passes where it is not.
#[test]
fn child() {
    let Some(name) = std::env::var_os(ATTEMPT) else { return };
    let (layer, what) = name.to_str().and_then(|name| name.split_once(": ")).unwrap();
    let file = std::fs::OpenOptions::new().read(true).open("/etc/passwd").unwrap();
    // Never dropped, since closing it would be a call too.
    let mut before = std::mem::ManuallyDrop::new(file);
    let folder = std::mem::ManuallyDrop::new(std::fs::OpenOptions::new().read(true).open("/etc").unwrap());
    let held = match layer {
        "camera" => confine_to(&RESOURCES, Needs::Camera([before.as_fd(), folder.as_fd()])).is_ok(),
        "folder" => confine_to(&RESOURCES, Needs::Folder(folder.as_fd())).is_ok(),
        "folder with landlock" => {
            let held = confine_to(&RESOURCES, Needs::Folder(folder.as_fd()));
            held.is_ok_and(|held| held.landlock != Landlock::Absent)
        }
        "nothing" => true,
        "all" => confine(&RESOURCES).is_ok(),
        "limits" => linux::limits(&RESOURCES, &Needs::Pipes).is_ok(),
        "landlock" => linux::privileges().is_ok() && linux::landlock(&Needs::Pipes) != Landlock::Absent,
        "full landlock" => linux::privileges().is_ok() && linux::landlock(&Needs::Pipes) == Landlock::Full,
        "filter" => filter::install(&Needs::Pipes).is_ok(),
        _ => false,
    };
    let ended = match attempted(what, &mut before, &folder) {
        _ if !held => UNKNOWN,
        None => UNKNOWN,
        Some(true) => DONE,
        Some(false) => REFUSED,
    };
    std::process::exit(ended);
}

/// Tries, and tells whether it was let.
fn attempted(what: &str, before: &mut std::fs::File, folder: &std::fs::File) -> Option<bool> {
    let scratch = std::env::temp_dir().join(format!("cloison-confined-{}", std::process::id()));
    Some(match what {
        "read a file" => std::fs::read_to_string("/etc/passwd").is_ok(),
        "read a file that was open" => std::io::Read::read(before, &mut [0; 8]).is_ok(),
        "list a folder" => std::fs::read_dir("/").is_ok(),
        "write a file" => std::fs::write(&scratch, "x").and_then(|()| std::fs::remove_file(&scratch)).is_ok(),
        "start a program" => Command::new("/bin/true").status().is_ok(),
        "listen on TCP" => std::net::TcpListener::bind("127.0.0.1:0").is_ok(),
        "speak UDP" => std::net::UdpSocket::bind("127.0.0.1:0").is_ok(),
        "make a Unix socket" => std::os::unix::net::UnixStream::pair().is_ok(),
        "make a pipe" => std::io::pipe().is_ok(),
        "start a thread" => std::thread::Builder::new().spawn(|| {}).is_ok(),
        "signal the parent" => rustix::process::test_kill_process(rustix::process::getppid()?).is_ok(),
        "lift a limit" => linux::limits(&Resources { memory: u64::MAX, cpu_seconds: None }, &Needs::Pipes).is_ok(),
        "be traced" => rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::Dumpable).is_ok(),
        "take 2 GiB" => Vec::<u8>::new().try_reserve_exact(2 << 30).is_ok(),
        "take 2 GiB or end" => !vec![1_u8; 2 << 30].is_empty(),
        "compute for ever" => loop {
            std::hint::black_box(0);
        },
        // What a camera or a folder needs is let there, and what is next to it is not.
        "wait for a descriptor" => waited(&mut [PollFd::new(before, PollFlags::IN), PollFd::new(folder, PollFlags::IN)]),
        "control what is no camera" => rustix::io::ioctl_fionread(std::io::stdin()).is_ok(),
        "control a camera otherwise" => rustix::io::ioctl_fionread(before).is_ok(),
        "read in the folder" => opened(folder, "passwd", OFlags::RDONLY).is_some_and(|bytes| !bytes.is_empty()),
        "list the folder" => listed(folder),
        "write in the folder" => opened(folder, "cloison-confined", OFlags::WRONLY | OFlags::CREATE).is_some(),
        "empty a file in the folder" => {
            opened(folder, "cloison-confined", OFlags::RDONLY | OFlags::CREATE | OFlags::TRUNC).is_some()
        }
        "read beyond the folder" => opened(folder, "../proc/version", OFlags::RDONLY).is_some(),
        // What decoding needs is let.
        "take 200 MiB" => vec![1_u8; 200 << 20].iter().all(|byte| *byte == 1),
        "panic" => std::panic::catch_unwind(|| panic!("a decoder's")).is_err(),
        "hash" => !std::collections::HashMap::from([(1, 2)]).is_empty(),
        "tell the time" => std::time::Instant::now().elapsed().as_nanos() < u128::MAX,
        "write to a pipe" => std::io::Write::write_all(&mut std::io::stdout(), b"x").is_ok(),
        _ => return None,
    })
}

fn waited(descriptors: &mut [PollFd<'_>]) -> bool {
    poll(descriptors, Some(&Timespec { tv_sec: 0, tv_nsec: 1 })).is_ok()
}

/// Opens a file by its name in a folder and gives its first bytes.
fn opened(folder: &std::fs::File, name: &str, flags: OFlags) -> Option<Vec<u8>> {
    let file = openat(folder, name, flags | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let mut bytes = vec![0; 8];
    let read = rustix::io::read(&file, &mut bytes).unwrap_or(0);
    bytes.truncate(read);
    Some(bytes)
}

fn listed(folder: &std::fs::File) -> bool {
    let folder = openat(folder, ".", OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty());
    let mut space = [std::mem::MaybeUninit::uninit(); 4096];
    folder.is_ok_and(|folder| RawDir::new(folder, &mut space).next().is_some())
}

const HARM: [&str; 13] = [
    "read a file",
    "read a file that was open",
    "list a folder",
    "write a file",
    "start a program",
    "listen on TCP",
    "speak UDP",
    "make a Unix socket",
    "make a pipe",
    "start a thread",
    "signal the parent",
    "lift a limit",
    "be traced",
];

#[test]
fn what_a_confined_process_is_refused_a_free_one_may() {
    for what in HARM.into_iter().chain(["take 2 GiB"]) {
        assert_eq!(attempt(&format!("nothing: {what}")).code(), Some(DONE), "{what}");
    }
}

#[test]
fn a_confined_process_that_tries_more_than_decoding_is_ended_at_once() {
    for layer in ["all", "filter"] {
        for what in HARM {
            assert_eq!(attempt(&format!("{layer}: {what}")).signal(), Some(libc::SIGSYS), "{layer}: {what}");
        }
    }
}

#[test]
fn a_confined_process_has_no_more_than_its_memory_and_its_time() {
    for layer in ["all", "limits"] {
        assert_eq!(attempt(&format!("{layer}: take 2 GiB")).code(), Some(REFUSED), "{layer}");
        // A program that cannot go on without the memory ends itself, which the filter lets it do.
        assert_eq!(attempt(&format!("{layer}: take 2 GiB or end")).signal(), Some(libc::SIGABRT), "{layer}");
        let ended = attempt(&format!("{layer}: compute for ever")).signal();
        assert!(matches!(ended, Some(libc::SIGXCPU | libc::SIGKILL)), "{layer}: {ended:?}");
    }
}

#[test]
fn a_confined_process_may_do_what_decoding_needs() {
    for what in ["take 200 MiB", "panic", "hash", "tell the time", "write to a pipe"] {
        assert_eq!(attempt(&format!("all: {what}")).code(), Some(DONE), "{what}");
    }
}

#[test]
fn a_cameras_process_may_wait_and_nothing_else_more() {
    for what in ["wait for a descriptor", "take 200 MiB", "panic", "hash", "tell the time", "write to a pipe"] {
        assert_eq!(attempt(&format!("camera: {what}")).code(), Some(DONE), "{what}");
    }
    let beside = ["control what is no camera", "control a camera otherwise", "read in the folder", "list the folder"];
    for what in HARM.into_iter().chain(beside) {
        assert_eq!(attempt(&format!("camera: {what}")).signal(), Some(libc::SIGSYS), "{what}");
    }
}

#[test]
fn a_folders_process_reads_beneath_the_folder_and_writes_nothing() {
    for what in ["wait for a descriptor", "read in the folder", "list the folder", "panic", "hash", "write to a pipe"] {
        assert_eq!(attempt(&format!("folder: {what}")).code(), Some(DONE), "{what}");
    }
    let harm = HARM.into_iter().filter(|what| *what != "read a file that was open");
    for what in harm.chain(["write in the folder", "empty a file in the folder", "control what is no camera"]) {
        assert_eq!(attempt(&format!("folder: {what}")).signal(), Some(libc::SIGSYS), "{what}");
    }
    // Only Landlock sees where a path leads.
    if attempt("folder with landlock: tell the time").code() == Some(DONE) {
        assert_eq!(attempt("folder with landlock: read beyond the folder").code(), Some(REFUSED));
    }
}

#[test]
fn the_limits_alone_let_no_file_be_opened_or_written() {
    for what in ["read a file", "write a file", "speak UDP", "make a pipe"] {
        assert_eq!(attempt(&format!("limits: {what}")).code(), Some(REFUSED), "{what}");
    }
}

#[test]
fn landlock_alone_takes_away_what_the_kernel_knows_of() {
    let files = ["read a file", "list a folder", "write a file", "start a program"];
    for (layer, refused) in [("landlock", &files[..]), ("full landlock", &["listen on TCP", "signal the parent"])] {
        // Where the kernel has none, or an older one, the child says so and there is nothing to see.
        if attempt(&format!("{layer}: tell the time")).code() == Some(DONE) {
            for what in refused {
                assert_eq!(attempt(&format!("{layer}: {what}")).code(), Some(REFUSED), "{layer}: {what}");
            }
        }
    }
}
