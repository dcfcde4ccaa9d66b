//! The kernel's own settings: what nothing on a kiosk needs is taken away, before anything is started.

use super::console::say;
use rustix::process::{Resource, Rlimit, setrlimit, umask};
use std::{fs, io, path::Path};

/// Under `/proc/sys`, and what it is set to. A kernel that has no such setting has nothing to take.
const SETTINGS: [(&str, &str); 18] = [
    // No other kernel is started from this one, and no key does anything to it.
    ("kernel/kexec_load_disabled", "1"),
    ("kernel/sysrq", "0"),
    ("kernel/ctrl-alt-del", "0"),
    // Its addresses and messages are its own.
    ("kernel/kptr_restrict", "2"),
    ("kernel/dmesg_restrict", "1"),
    ("kernel/randomize_va_space", "2"),
    // Nothing is dumped.
    ("kernel/core_pattern", ""),
    ("kernel/core_uses_pid", "0"),
    ("fs/suid_dumpable", "0"),
    // Nobody looks into another process, and what is made for looking or for speed is not there.
    ("kernel/yama/ptrace_scope", "3"),
    ("kernel/perf_event_paranoid", "3"),
    ("kernel/unprivileged_bpf_disabled", "1"),
    ("kernel/io_uring_disabled", "2"),
    ("user/max_user_namespaces", "0"),
    ("vm/unprivileged_userfaultfd", "0"),
    ("fs/protected_symlinks", "1"),
    ("fs/protected_hardlinks", "1"),
    ("fs/protected_fifos", "2"),
];

/// Sets all of them, and says which does not hold.
pub(super) fn restrict() {
    for name in refused(Path::new("/proc/sys")) {
        say(&format_args!("the kernel does not take the setting {name}. The kiosk is protected by one measure less"));
    }
}

fn refused(root: &Path) -> Vec<&'static str> {
    SETTINGS.iter().filter(|(name, value)| !holds(&root.join(name), value)).map(|(name, _)| *name).collect()
}

fn holds(setting: &Path, value: &str) -> bool {
    match fs::write(setting, format!("{value}\n")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        // One that was strict already may refuse to be set again.
        _ => fs::read_to_string(setting).is_ok_and(|text| text.trim() == value),
    }
}

/// Sets what every process started from here has: memory that may be locked, and files of its own.
pub(super) fn pass_on() {
    let _ = setrlimit(Resource::Memlock, Rlimit { current: None, maximum: None });
    umask(rustix::fs::Mode::from_raw_mode(0o077));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_there_are_set_and_those_that_do_not_hold_are_named() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("kernel/core_pattern")).unwrap();
        fs::write(root.path().join("kernel/sysrq"), "438\n").unwrap();
        assert_eq!(refused(root.path()), ["kernel/core_pattern"], "a folder is no setting");
        assert_eq!(fs::read_to_string(root.path().join("kernel/sysrq")).unwrap(), "0\n");
        assert_eq!(fs::read_to_string(root.path().join("kernel/kptr_restrict")).unwrap(), "2\n");
    }
}
