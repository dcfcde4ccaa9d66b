//! The filter of system calls: what a program needs to compute, to speak over its pipes, to end.

use super::Needs;
use rustix::process::getpid;
use seccompiler::SeccompCmpArgLen::Qword;
use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

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

/// Calls that wait for descriptors which are open, or for a time.
#[cfg(target_arch = "x86_64")]
const WAITING: [libc::c_long; 2] = [libc::SYS_poll, libc::SYS_ppoll];
#[cfg(not(target_arch = "x86_64"))]
const WAITING: [libc::c_long; 1] = [libc::SYS_ppoll];

/// What is asked of a camera once it streams: `VIDIOC_` `QUERYBUF`, `QBUF`, `DQBUF`, `STREAMOFF` and
/// `S_CTRL`, as `linux/videodev2.h` makes them on 64 bits (direction, size, `V`, number).
const CAMERA_CONTROLS: [u64; 5] = [0xc058_5609, 0xc058_560f, 0xc058_5611, 0x4004_5613, 0xc008_561c];

/// Filters the system calls of all threads of this process; one that is not allowed ends it with
/// `SIGSYS`, so that the parent sees that more was tried than decoding.
pub(super) fn install(reach: &Needs<'_>) -> io::Result<()> {
    apply(filter(reach))
}

/// Puts a filter on all threads of this process.
pub(super) fn apply(filter: Result<BpfProgram, BackendError>) -> io::Result<()> {
    let filter = filter.map_err(io::Error::other)?;
    seccompiler::apply_filter_all_threads(&filter).map_err(|error| match error {
        Error::Prctl(error) | Error::Seccomp(error) => error,
        other => io::Error::other(other),
    })
}

fn filter(reach: &Needs<'_>) -> Result<BpfProgram, BackendError> {
    let mut rules = BTreeMap::new();
    rules.extend(HARMLESS.map(|call| (call, Vec::new())));
    rules.extend(with_arguments()?);
    rules.extend(match reach {
        Needs::Pipes => Vec::new(),
        Needs::Camera(descriptors) => for_camera(descriptors)?,
        Needs::Folder(folder) => for_folder(*folder)?,
    });
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

/// Calls that a camera's frames need: taking a buffer, giving it back, asking which are filled,
/// setting a control, stopping, and waiting. The buffers are in memory by now.
fn for_camera(descriptors: &[BorrowedFd<'_>; 2]) -> Result<Vec<(libc::c_long, Vec<SeccompRule>)>, BackendError> {
    let allowed = |descriptor: &BorrowedFd<'_>| {
        let number = u64::from(descriptor.as_raw_fd().unsigned_abs());
        CAMERA_CONTROLS.map(|control| all([int(0, Eq, number), int(1, Eq, control)]))
    };
    let controls = descriptors.iter().flat_map(allowed).collect::<Result<_, _>>()?;
    Ok([(libc::SYS_ioctl, controls)].into_iter().chain(with_descriptors()?).collect())
}

/// Calls that reading beneath a folder needs: opening there, to read only, and reading what was
/// opened. Where the path of an opened file lies is Landlock's to see.
fn for_folder(folder: BorrowedFd<'_>) -> Result<Vec<(libc::c_long, Vec<SeccompRule>)>, BackendError> {
    let number = u64::from(folder.as_raw_fd().unsigned_abs());
    let changing = (libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC) as u64;
    let opening = all([int(0, Eq, number), int(2, MaskedEq(changing), 0)])?;
    let free = [libc::SYS_read, libc::SYS_getdents64].map(|call| (call, Vec::new()));
    Ok([(libc::SYS_openat, vec![opening])].into_iter().chain(free).chain(with_descriptors()?).collect())
}

/// Calls that having a descriptor brings with it: waiting for it, and closing it, before which the
/// standard library asks in a debug build whether it is still open.
fn with_descriptors() -> Result<Vec<(libc::c_long, Vec<SeccompRule>)>, BackendError> {
    let asking = all([int(1, Eq, libc::F_GETFD as u64)])?;
    let free = WAITING.into_iter().chain([libc::SYS_close]).map(|call| (call, Vec::new()));
    Ok(free.chain([(libc::SYS_fcntl, vec![asking])]).collect())
}

/// Compares an argument of the C type `int`, of which the kernel looks at 32 bits.
pub(super) fn int(argument: u8, comparison: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, comparison, value)
}

/// Makes a rule of conditions that must all hold.
pub(super) fn all<const N: usize>(conditions: [Result<SeccompCondition, BackendError>; N]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.into_iter().collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::ioctl::opcode::{read_write, write};

    /// As `videodev2.h` defines them; its `struct v4l2_buffer` has 88 bytes on 64 bits.
    #[test]
    fn a_cameras_controls_are_those_of_the_kernel() {
        let buffer = [9, 15, 17].map(|number| read_write::<[u8; 88]>(b'V', number));
        let [query, queue, dequeue] = buffer.map(u64::from);
        let (off, control) = (u64::from(write::<i32>(b'V', 19)), u64::from(read_write::<[u32; 2]>(b'V', 28)));
        assert_eq!(CAMERA_CONTROLS, [query, queue, dequeue, off, control]);
    }
}
