//! The users that processes run as, and the end of all that run as one of them.

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::{
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

/// The kiosk, which holds the session.
pub(crate) const KIOSK: u32 = 1000;
/// The reader, the viewer and the camera, which decode what strangers made.
pub(crate) const READER: u32 = 1001;
/// What reads the boot files to name them.
pub(super) const NAMER: u32 = 1002;

/// How long killed processes may take to go: one that a driver holds may take longer.
const LONGEST: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(5);

/// Kills every process of the kiosk and its readers, and tells whether all have gone.
pub(super) fn clear() -> bool {
    let begun = Instant::now();
    loop {
        let left = theirs();
        if left.is_empty() {
            return true;
        }
        for pid in left {
            // One that has gone meanwhile is as good as killed; one whose parent went too is ours to wait for.
            let _ = kill_process(pid, Signal::KILL);
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
        if begun.elapsed() >= LONGEST {
            return false;
        }
        sleep(STEP);
    }
}

/// Lists the processes of the kiosk and its readers.
fn theirs() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let all = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    all.filter(|number| is_theirs(*number)).filter_map(Pid::from_raw).collect()
}

fn is_theirs(number: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{number}/status")).unwrap_or_default();
    users(&status).iter().any(|user| matches!(*user, KIOSK | READER))
}

/// Takes the users out of what the kernel says of a process: its own, the one that counts, and two more.
/// Who owns its folder tells nothing: that of one which is not to be dumped is root's.
fn users(status: &str) -> Vec<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap_or_default();
    line.split_whitespace().filter_map(|user| user.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_of_a_process_is_understood() {
        let status = "Name:\tcloison\nUmask:\t0077\nState:\tZ (zombie)\nPid:\t7\nUid:\t1000\t1001\t1000\t1000\nGid:\t0\n";
        assert_eq!(users(status), [1000, 1001, 1000, 1000]);
        let own = users(&fs::read_to_string("/proc/self/status").unwrap());
        assert_eq!(own, [rustix::process::getuid().as_raw(); 4]);
        assert!(users("").is_empty() && users("State:\tR\nUid:\tx\n").is_empty());
    }
}
