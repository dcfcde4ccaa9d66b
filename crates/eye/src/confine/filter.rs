//! The filter of system calls: what a program needs to compute, to speak over its pipes, to end.

use rustix::process::getpid;
use seccompiler::SeccompCmpArgLen::Qword;
use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;
use std::io;

/// Calls that pass whatever their arguments: they reach nothing outside the process's own memory
/// and threads, and its end.
const HARMLESS: [libc::c_long; 17] = [
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
];

/// Filters the system calls of all threads of this process; one that is not allowed ends it with
/// `SIGSYS`, so that the parent sees that more was tried than decoding.
pub(super) fn install() -> io::Result<()> {
    let filter = filter().map_err(io::Error::other)?;
    seccompiler::apply_filter_all_threads(&filter).map_err(|error| match error {
        Error::Prctl(error) | Error::Seccomp(error) => error,
        other => io::Error::other(other),
    })
}

fn filter() -> Result<BpfProgram, BackendError> {
    let mut rules = BTreeMap::new();
    rules.extend(HARMLESS.map(|call| (call, Vec::new())));
    rules.extend(with_arguments()?);
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, arch)?.try_into()
}

/// Calls that pass with some arguments only.
fn with_arguments() -> Result<Vec<(libc::c_long, Vec<SeccompRule>)>, BackendError> {
    let own = u64::from(getpid().as_raw_nonzero().get().unsigned_abs());
    let descriptor = |number: u64| all([int(0, Eq, number)]);
    // Memory that is neither a file's nor ever to be run.
    let (executable, anonymous) = (libc::PROT_EXEC as u64, libc::MAP_ANONYMOUS as u64);
    let not_run = || SeccompCondition::new(2, Qword, MaskedEq(executable), 0);
    let no_file = SeccompCondition::new(3, Qword, MaskedEq(anonymous), anonymous);
    Ok(vec![
        (libc::SYS_read, vec![descriptor(0)?]),
        (libc::SYS_write, vec![descriptor(1)?, descriptor(2)?]),
        (libc::SYS_mmap, vec![all([not_run(), no_file])?]),
        (libc::SYS_mprotect, vec![all([not_run()])?]),
        // Only to end itself by a signal, which is how running out of memory ends a Rust program.
        (libc::SYS_tgkill, vec![all([int(0, Eq, own)])?]),
        (libc::SYS_tkill, vec![all([int(0, Eq, own)])?]),
    ])
}

/// Compares an argument of the C type `int`, of which the kernel looks at 32 bits.
fn int(argument: u8, comparison: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, comparison, value)
}

/// Makes a rule of conditions that must all hold.
fn all<const N: usize>(conditions: [Result<SeccompCondition, BackendError>; N]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.into_iter().collect::<Result<_, _>>()?)
}
