//! The filter of a process that goes on working: what leads out of it, or into the kernel's corners.

use super::{
    filter::{all, apply, int},
    keep::Calls,
};
use libc::c_long;
use seccompiler::SeccompCmpArgLen::Qword;
use seccompiler::SeccompCmpOp::{Eq, MaskedEq, Ne};
use seccompiler::{BackendError, BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule};
use std::collections::BTreeMap;
use std::io;

/// Other processes: their memory, their descriptors, what they do.
const OTHERS: [c_long; 6] = [
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
];

/// The machine: its kernel, modules, mounts, names, clocks, swap, and its power, which is init's.
const MACHINE: [c_long; 34] = [
    libc::SYS_kexec_load,
    KEXEC_FILE_LOAD,
    libc::SYS_reboot,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    OPEN_TREE_ATTR,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fsconfig,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_personality,
];

/// Large or rarely used parts of the kernel, and ways around names and around this filter.
const CORNERS: [c_long; 14] = [
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    libc::SYS_fanotify_init,
];

const PROGRAMS: [c_long; 2] = [libc::SYS_execve, libc::SYS_execveat];

/// Numbers that the `libc` crate does not have everywhere.
const KEXEC_FILE_LOAD: c_long = if cfg!(target_arch = "aarch64") { 294 } else { 320 };
const OPEN_TREE_ATTR: c_long = 467;
/// `TIOCSTI` and `TIOCLINUX`, whose type is not the same everywhere.
const TYPING: [u64; 2] = [0x5412, 0x541c];

/// Every namespace that `clone` makes.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Puts the filter on all threads of this process.
///
/// `clone3` does not exist any more, since what it is to make is in memory where no filter looks: a C
/// library that is told so goes back to `clone`.
pub(super) fn install(calls: Calls) -> io::Result<()> {
    apply(program([(libc::SYS_clone3, Vec::new())].into(), libc::ENOSYS))?;
    apply(refused(calls).and_then(|rules| program(rules, libc::EPERM)))
}

fn program(rules: BTreeMap<c_long, Vec<SeccompRule>>, error: i32) -> Result<BpfProgram, BackendError> {
    let arch = std::env::consts::ARCH.try_into()?;
    let refuse = SeccompAction::Errno(error.unsigned_abs());
    SeccompFilter::new(everywhere(rules), SeccompAction::Allow, refuse, arch)?.try_into()
}

fn refused(calls: Calls) -> Result<BTreeMap<c_long, Vec<SeccompRule>>, BackendError> {
    let always = [OTHERS.as_slice(), &MACHINE, &CORNERS, of_this_processor()].concat();
    let mut rules: BTreeMap<_, _> = always.into_iter().map(|call| (call, Vec::new())).collect();
    if !calls.programs {
        rules.extend(PROGRAMS.map(|call| (call, Vec::new())));
    }
    let other_family = all([int(0, Ne, libc::AF_UNIX.unsigned_abs().into())])?;
    rules.insert(libc::SYS_socket, if calls.unix_sockets { vec![other_family.clone()] } else { Vec::new() });
    rules.insert(libc::SYS_socketpair, vec![other_family]);
    let namespace = |flag: i32| {
        let flag = u64::from(flag.unsigned_abs());
        all([SeccompCondition::new(0, Qword, MaskedEq(flag), flag)])
    };
    rules.insert(libc::SYS_clone, NAMESPACES.into_iter().map(namespace).collect::<Result<_, _>>()?);
    // Typing into a terminal, and into a console, for whoever reads it next.
    let typed = TYPING.map(|request| all([int(1, Eq, request)]));
    rules.insert(libc::SYS_ioctl, typed.into_iter().collect::<Result<_, _>>()?);
    Ok(rules)
}

#[cfg(target_arch = "x86_64")]
fn of_this_processor() -> &'static [c_long] {
    &[libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt, libc::SYS__sysctl]
}

#[cfg(not(target_arch = "x86_64"))]
fn of_this_processor() -> &'static [c_long] {
    &[]
}

/// Adds the numbers by which an x86-64 kernel may know the same calls: those of the x32 ABI, which
/// have a bit more, and of those that work on pointers a number of their own. None of them is let.
#[cfg(target_arch = "x86_64")]
fn everywhere(mut rules: BTreeMap<c_long, Vec<SeccompRule>>) -> BTreeMap<c_long, Vec<SeccompRule>> {
    const X32: c_long = 0x4000_0000;
    let more: Vec<_> = rules.keys().copied().chain(512..=547).map(|call| (X32 | call, Vec::new())).collect();
    rules.extend(more);
    rules
}

#[cfg(not(target_arch = "x86_64"))]
fn everywhere(rules: BTreeMap<c_long, Vec<SeccompRule>>) -> BTreeMap<c_long, Vec<SeccompRule>> {
    rules
}
