//! The real program in a window of a real X server that shows it to nobody.

#![cfg(all(target_os = "linux", feature = "window"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// Ends with the test.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts an X server, which says on its output which display it is.
fn server() -> (Ending, String) {
    let mut child = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is installed by tests/run");
    let (mut number, mut byte) = (String::new(), [0; 1]);
    let output = child.stdout.as_mut().unwrap();
    while output.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
        number.push(byte[0].into());
    }
    (Ending(child), format!(":{number}"))
}

fn keeper(display: &str, data: &Path, camera: &Path) -> Ending {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloison-appliance"));
    command.args(["--window", "--language", "en", "--size", "1280x720"]).arg("--data").arg(data).arg("--camera").arg(camera);
    Ending(command.env("DISPLAY", display).stderr(Stdio::null()).spawn().unwrap())
}

/// Finds the kiosk that a keeper runs, once it has come as far as its session.
fn kiosk(keeper: &Ending, but: Option<u32>) -> u32 {
    let began = Instant::now();
    loop {
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", keeper.0.id())).unwrap();
        let found = children
            .split_whitespace()
            .map(|id| id.parse().unwrap())
            .find(|id| Some(*id) != but && threads(*id).contains("session"));
        if let Some(found) = found {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "no kiosk comes up");
        sleep(Duration::from_millis(50));
    }
}

fn threads(process: u32) -> String {
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { return String::new() };
    tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok()).collect()
}

#[test]
fn a_kiosk_that_dies_is_followed_by_another_and_each_is_hardened() {
    let (_server, display) = server();
    let (data, camera) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut keeper = keeper(&display, data.path(), camera.path());
    let mut last = None;
    for _ in 0..3 {
        let kiosk = kiosk(&keeper, last);
        let status = fs::read_to_string(format!("/proc/{kiosk}/status")).unwrap();
        for line in ["NoNewPrivs:\t1", "Seccomp:\t2"] {
            assert!(status.contains(line), "{line} is not in {status}");
        }
        let limits = fs::read_to_string(format!("/proc/{kiosk}/limits")).unwrap();
        let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(cores.split_whitespace().filter(|word| *word == "0").count(), 2, "{cores}");
        assert!(Command::new("kill").args(["-9", &kiosk.to_string()]).status().unwrap().success());
        last = Some(kiosk);
    }
    kiosk(&keeper, last);
    assert!(keeper.0.try_wait().unwrap().is_none(), "the keeper goes on");
    assert!(data.path().join("vault.redb").is_file());
}
