//! What is tried, and what must come of it.

use cloison_appliance::{
    DiskStore, Store,
    hw::{
        airgap::Watch,
        harden::{Own, Reach, Report, harden},
    },
};
use cloison_custody::{Passphrase, vectors};
use cloison_eye::spawn::{Direct, Keeper, Spawn, keeper};
use cloison_optics::{Density, Level, Symbol, picture};
use cloison_protocol::{Alarm, CardHeader, Measure, Mode, bounded::Fixed, secret::Secret};
use nix::{
    sched::{CloneFlags, unshare},
    sys::ptrace,
    unistd::Pid,
};
use rustix::net::{AddressFamily as Family, SocketType, socket};
use std::{
    fs,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Arc,
};

const ATTEMPT: &str = "CLOISON_ATTEMPT";
const FOLDER: &str = "CLOISON_FOLDER";

type Test = fn();
const TESTS: [(&str, Test); 7] = [
    ("a_hardened_kiosk_has_pictures_read_and_records_shown_by_others", readers),
    ("what_a_hardened_kiosk_is_refused_a_free_process_may", refused),
    ("a_hardened_kiosk_does_its_own_work", works),
    ("the_kernel_says_of_the_process_what_the_report_says", told),
    ("a_kiosk_that_may_start_one_program_starts_no_other", one_program),
    ("a_kiosk_with_a_display_of_its_own_has_unix_sockets_and_no_others", display),
    ("a_measure_that_the_kernel_refuses_is_an_alarm", alarms),
];

/// Lists the tests or runs them, as those who run tests ask for it; or is one attempt.
pub(crate) fn main() {
    if let Some(attempt) = std::env::var_os(ATTEMPT) {
        return child(attempt.to_str().unwrap());
    }
    match std::env::args().nth(1).as_deref() {
        Some(role @ ("eye" | "view")) => {
            return cloison_eye::roles::serve(role, io::stdin().lock(), io::stdout().lock()).unwrap();
        }
        Some("keeper") => return keep(),
        _ => {}
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--list") {
        let listed = if has("--ignored") { &[][..] } else { &TESTS };
        return listed.iter().for_each(|(name, _)| println!("{name}: test"));
    }
    let named: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    for (name, test) in TESTS {
        if named.is_empty() || named.iter().any(|part| name.contains(part.as_str())) {
            test();
            println!("test {name} ... ok");
        }
    }
}

/// Starts readers for a kiosk that can start nothing.
fn keep() {
    let program = std::env::current_exe().unwrap();
    keeper::serve(&keeper::inherited().unwrap(), &program, &["eye", "view"]).unwrap();
}

/// Lets a child try something: hardened in a way, or not at all.
fn attempt(way: &str, what: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.env_clear().env(ATTEMPT, format!("{way}: {what}")).env(FOLDER, folder.path()).stdin(Stdio::null());
    let Output { status, stdout, stderr } = child.output().unwrap();
    let (said, faults) = (String::from_utf8(stdout).unwrap(), String::from_utf8_lossy(&stderr).into_owned());
    assert!(status.success(), "{way}: {what}: {status} {said} {faults}");
    said.trim().to_owned()
}

/// What a child has at hand: some of it open from before it was hardened.
struct Child {
    folder: PathBuf,
    program: PathBuf,
    spawner: Arc<dyn Spawn>,
    watch: Watch,
    status: fs::File,
    report: Option<Report>,
}

fn child(attempt: &str) {
    let (way, what) = attempt.split_once(": ").unwrap();
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let (watch, status) = (Watch::new(), fs::File::open("/proc/self/status").unwrap());
    let program = std::env::current_exe().unwrap();
    // A kiosk that can start nothing has a process beside it that can, from before.
    let spawner: Arc<dyn Spawn> = match way {
        "hardened" if READING.contains(&what) => Arc::new(Keeper::start(&program, &["keeper"]).unwrap().0),
        _ => Arc::new(Direct::new(&program)),
    };
    let report = own(way, &folder, &program).map(|own| harden(&own));
    let mut child = Child { folder, program, spawner, watch, status, report };
    // Only the locking of memory asks for a right that not everybody has who runs tests.
    let refused = child.report.iter().flat_map(|report| &report.refused);
    refused.for_each(|(measure, error)| assert_eq!(*measure, Measure::Memory, "{error}"));
    let said = child.reaches(what).or_else(|| child.meddles(what)).or_else(|| child.works(what));
    println!("{}", said.unwrap_or_else(|| panic!("nobody tries to {what}")));
}

fn own(way: &str, folder: &Path, program: &Path) -> Option<Own> {
    let reach = Reach { data: folder.to_owned(), ..Reach::default() };
    let programs = ["/lib", "/lib64", "/usr/lib"].map(PathBuf::from).into_iter().chain([program.to_owned()]).collect();
    match way {
        "free" => None,
        "hardened" => Some(Own { reach, unix_sockets: false }),
        "starting" => Some(Own { reach: Reach { programs, ..reach }, unix_sockets: false }),
        "displaying" => Some(Own { reach, unix_sockets: true }),
        other => panic!("nobody is {other}"),
    }
}

fn did(done: bool) -> Option<String> {
    Some(if done { "done" } else { "refused" }.to_owned())
}

impl Child {
    fn reaches(&self, what: &str) -> Option<String> {
        let outside = self.folder.with_extension("outside");
        match what {
            "speak IPv4" => did(socket(Family::INET, SocketType::DGRAM, None).is_ok()),
            "speak IPv6" => did(socket(Family::INET6, SocketType::STREAM, None).is_ok()),
            "speak netlink" => did(socket(Family::NETLINK, SocketType::RAW, None).is_ok()),
            "speak raw packets" => did(socket(Family::PACKET, SocketType::RAW, None).is_ok()),
            "speak over a Unix socket" => did(socket(Family::UNIX, SocketType::STREAM, None).is_ok()),
            "read /etc/passwd" => did(fs::read("/etc/passwd").is_ok()),
            "read its memory by name" => did(fs::File::open("/proc/self/mem").is_ok()),
            "list a folder" => did(fs::read_dir("/").is_ok()),
            "write outside its folder" => did(fs::write(&outside, "x").and_then(|()| fs::remove_file(&outside)).is_ok()),
            "link to a file outside" => did(fs::hard_link(&self.program, self.folder.join("link")).is_ok()),
            "start a program" => did(Command::new("/bin/true").status().is_ok()),
            "start itself" => {
                did(Command::new(&self.program).arg("--list").env_remove(ATTEMPT).output().is_ok_and(|run| run.status.success()))
            }
            _ => None,
        }
    }

    fn meddles(&self, what: &str) -> Option<String> {
        use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
        match what {
            "be traced" => did(ptrace::traceme().is_ok()),
            "trace its parent" => did(ptrace::seize(Pid::parent(), ptrace::Options::empty()).is_ok()),
            "take a descriptor" => {
                let own = pidfd_open(getpid(), PidfdFlags::empty()).unwrap();
                did(pidfd_getfd(own, 0, PidfdGetfdFlags::empty()).is_ok())
            }
            "make a namespace" => did(unshare(CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWUSER).is_ok()),
            "change its name" => did(rustix::system::sethostname(rustix::system::uname().nodename().to_bytes()).is_ok()),
            _ => None,
        }
    }

    fn works(&mut self, what: &str) -> Option<String> {
        match what {
            "write a file of its own" => {
                let path = self.folder.join("file");
                did(fs::write(&path, "x").and_then(|()| fs::read(&path)).and_then(|_| fs::remove_file(&path)).is_ok())
            }
            "keep a store" => did(keeps_a_store(&self.folder)),
            "open a card in a thread" => did(std::thread::spawn(opens_a_card).join().unwrap()),
            "start a hundred threads" => {
                let threads: Vec<_> = (0..100).map(|number| std::thread::spawn(move || number)).collect();
                did(threads.into_iter().map(|thread| thread.join().unwrap()).sum::<i32>() == 4950)
            }
            "read /etc/passwd in a thread" => did(std::thread::spawn(|| fs::read("/etc/passwd").is_ok()).join().unwrap()),
            "speak IPv4 in a thread" => {
                did(std::thread::spawn(|| std::net::UdpSocket::bind("127.0.0.1:0").is_ok()).join().unwrap())
            }
            "watch" => did(!self.watch.look().iter().any(|alarm| matches!(alarm, Alarm::Unreadable(_)))),
            "draw randomness" => did(cloison_appliance::entropy::generator().is_ok()),
            "show a record" => {
                let record = "Procès-verbal".as_bytes();
                let shown = cloison_eye::viewer::show(&*self.spawner, "view", record, &Default::default());
                Some(match shown {
                    Ok(cloison_eye::viewer::Content::Text(text)) => text.lines().collect(),
                    Ok(_) => "something else".to_owned(),
                    Err(error) => error.to_string(),
                })
            }
            "read a picture" => {
                let symbol = Symbol::encode(b"read by another", Density::smallest_for(15, Level::Q).unwrap()).unwrap();
                let drawn = picture::png(&symbol.picture(4)).unwrap();
                let mut eye = cloison_eye::Eye::new(self.spawner.clone(), "eye", std::time::Duration::from_secs(10));
                let seen = eye.picture(&drawn).unwrap();
                did(seen.len() == 1 && seen[0].symbols == [b"read by another"])
            }
            "report" => self.report.as_ref().map(|report| format!("{:?} {:?}", report.done, report.alarms())),
            "status" => {
                let mut text = String::new();
                self.status.rewind().and_then(|()| self.status.read_to_string(&mut text)).unwrap();
                Some(text)
            }
            "report beside a thread" => {
                let (stop, wait) = std::sync::mpsc::channel::<()>();
                let beside = std::thread::spawn(move || wait.recv());
                let report = harden(&own("hardened", &self.folder, &self.program)?);
                drop(stop);
                let _ = beside.join();
                Some(format!("{:?}", report.alarms()))
            }
            "report without a folder" => {
                let report = harden(&own("hardened", &self.folder.join("gone"), &self.program)?);
                Some(format!("{:?}", report.alarms()))
            }
            _ => None,
        }
    }
}

fn keeps_a_store(folder: &Path) -> bool {
    let mut store = DiskStore::open(folder).unwrap();
    store.save(&[7; 100_000]).unwrap();
    drop(store);
    DiskStore::open(folder).unwrap().load().unwrap() == Some(vec![7; 100_000])
}

/// Seals a card and opens it again, by 64 MiB of Argon2id each time.
fn opens_a_card() -> bool {
    let (vault, salt) = (Fixed([1; 6]), Fixed([2; 16]));
    let header = CardHeader { vault, epoch: 1, threshold: 2, cards: 3, index: 1, mode: Mode::Real, profile: 1, salt };
    let text = "quiet river lamp walnut harbour";
    let passphrase = || Passphrase::chosen(text, text).ok().unwrap();
    let card = vectors::seal_with(header, &Secret::copied(&[3; 32]).unwrap(), &passphrase()).unwrap();
    vectors::open_with(&card, &passphrase()).unwrap().expose() == &[3; 32]
}

/// What whoever takes a kiosk over would try first.
const HARM: [&str; 15] = [
    "speak IPv4",
    "speak IPv6",
    "speak netlink",
    "speak raw packets",
    "speak over a Unix socket",
    "read /etc/passwd",
    "list a folder",
    "read its memory by name",
    "write outside its folder",
    "link to a file outside",
    "start a program",
    "start itself",
    "be traced",
    "take a descriptor",
    "read /etc/passwd in a thread",
];

/// What only some may who run tests: of a free process nothing is asked of it.
const PRIVILEGED: [&str; 4] = ["trace its parent", "make a namespace", "change its name", "speak IPv4 in a thread"];

fn refused() {
    for what in HARM {
        // A kernel without IPv6, or somebody without the right to raw packets, proves nothing of a filter.
        let may_be_refused = matches!(what, "speak IPv6" | "speak raw packets" | "link to a file outside");
        assert!(attempt("free", what) == "done" || may_be_refused, "{what}");
        assert_eq!(attempt("hardened", what), "refused", "{what}");
    }
    for what in PRIVILEGED {
        assert_eq!(attempt("hardened", what), "refused", "{what}");
    }
}

fn works() {
    for way in ["hardened", "starting", "displaying"] {
        for what in [
            "write a file of its own",
            "keep a store",
            "open a card in a thread",
            "start a hundred threads",
            "watch",
            "draw randomness",
        ] {
            assert_eq!(attempt(way, what), "done", "{way}: {what}");
        }
    }
}

fn told() {
    let (status, report) = (attempt("hardened", "status"), attempt("hardened", "report"));
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).map(str::trim);
        line.unwrap_or_else(|| panic!("no {name} in {status}")).to_owned()
    };
    assert_eq!((field("NoNewPrivs"), field("Seccomp"), field("CoreDumping")), ("1".into(), "2".into(), "0".into()));
    let locked: u64 = field("VmLck").trim_end_matches(" kB").parse().unwrap();
    if report.contains("Memory") && !report.contains("Unconfined(Memory)") {
        assert!(locked > 64 << 10, "what is set aside for cards alone is 64 MiB: {locked} kB");
    } else {
        assert_eq!(locked, 0, "{report}");
    }
    for measure in ["Cores", "Tracing", "Privileges", "Reserve", "Files", "Calls"] {
        assert!(report.contains(measure) && !report.contains(&format!("Unconfined({measure})")), "{report}");
    }
}

/// What another process does for a kiosk.
const READING: [&str; 2] = ["read a picture", "show a record"];

fn readers() {
    let shown = attempt("free", "show a record");
    assert!(shown.contains("Procès-verbal"), "{shown}");
    // Started by the kiosk itself, and by its keeper; both confine themselves further.
    for way in ["starting", "hardened"] {
        assert_eq!(attempt(way, "read a picture"), "done", "{way}");
        assert_eq!(attempt(way, "show a record"), shown, "{way}");
    }
}

fn one_program() {
    assert_eq!(attempt("starting", "start itself"), "done");
    for what in HARM.into_iter().filter(|what| *what != "start itself") {
        assert_eq!(attempt("starting", what), "refused", "{what}");
    }
}

fn display() {
    assert_eq!(attempt("displaying", "speak over a Unix socket"), "done");
    for what in ["speak IPv4", "speak netlink", "speak raw packets", "start itself"] {
        assert_eq!(attempt("displaying", what), "refused", "{what}");
    }
}

fn alarms() {
    let beside = attempt("free", "report beside a thread");
    assert!(beside.contains("Unconfined(Privileges)") && beside.contains("Unconfined(Files)"), "{beside}");
    let without = attempt("free", "report without a folder");
    assert!(without.contains("Unconfined(Files)") && !without.contains("Unconfined(Privileges)"), "{without}");
}
