//! Every role, looked at from outside while it waits for its first job: it is confined by then.

#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::{Density, Level, Symbol, picture};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The longest that a start takes on a busy machine.
const AMPLE: Duration = Duration::from_secs(20);

/// Starts a role and waits until it is confined; nothing was sent to it.
fn confined(arguments: &[&str]) -> Child {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cloison-eye"));
    let child = program.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !about(&child, "status").contains("Seccomp:\t2") {
        assert!(begun.elapsed() < AMPLE, "{arguments:?}: {}", about(&child, "status"));
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

fn about(child: &Child, what: &str) -> String {
    std::fs::read_to_string(format!("/proc/{}/{what}", child.id())).unwrap()
}

/// Gives a limit's soft and hard value.
fn limit(child: &Child, name: &str) -> Vec<String> {
    let limits = about(child, "limits");
    let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().take(2).map(str::to_owned).collect()
}

#[test]
fn every_role_is_confined_before_its_first_job() {
    let folder = std::env::temp_dir().join(format!("cloison-confined-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let picture = Symbol::encode(b"never asked for", Density::new(2, Level::L).unwrap()).unwrap().picture(4);
    std::fs::write(folder.join("1.png"), picture::png(&picture).unwrap()).unwrap();
    let role = format!("folder={}", folder.display());
    // Without an argument the program is the eye.
    let roles = [&[][..], &["eye"], &["view"], &[&role], &["camera=/dev/cloison-no-such-camera"]];
    for (arguments, files) in roles.into_iter().zip(["0", "0", "0", "16", "0"]) {
        let mut child = confined(arguments);
        assert!(about(&child, "status").contains("NoNewPrivs:\t1"), "{arguments:?}");
        for nothing in ["Max file size", "Max core file size", "Max processes"] {
            assert_eq!(limit(&child, nothing), ["0", "0"], "{arguments:?}: {nothing}");
        }
        assert_eq!(limit(&child, "Max open files"), [files, files], "{arguments:?}");
        assert_ne!(limit(&child, "Max address space")[0], "unlimited", "{arguments:?}");
        drop(child.stdin.take());
        child.wait().unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
