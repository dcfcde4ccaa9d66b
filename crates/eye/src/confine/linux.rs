//! The layers that every Linux has, and Landlock where the kernel has it.

use super::{Landlock, Needs, Reach, Resources};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::set_no_new_privs;
use std::{io, path::PathBuf};

/// The Landlock that this program was written against; what a kernel lacks of it is left out.
const KNOWN: ABI = ABI::V6;

/// What a kernel must know for a process that goes on working with files: all that can be done to
/// them by their names, and that none is cut short.
const NEEDED: ABI = ABI::V3;

/// Gives up gaining privileges, being traced by others of the same user, and being dumped.
pub(super) fn privileges() -> io::Result<()> {
    no_privileges()?;
    no_tracing()
}

/// Gives up gaining privileges by starting a program.
pub(super) fn no_privileges() -> io::Result<()> {
    Ok(set_no_new_privs(true)?)
}

/// Gives up being traced by others of the same user, and being dumped.
pub(super) fn no_tracing() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Leaves no core dump.
pub(super) fn no_cores() -> io::Result<()> {
    limit(Resource::Core, 0)
}

/// Keeps all memory, now and later, out of any swap. Only without a limit on it: with one, a later
/// allocation would end the process.
pub(super) fn lock_memory() -> io::Result<()> {
    let free = Rlimit { current: None, maximum: None };
    // Lifting it is for root; whoever started this process may have done so.
    if getrlimit(Resource::Memlock) != free {
        setrlimit(Resource::Memlock, free)?;
    }
    // As it is touched: stacks and code that nobody uses take no memory for that.
    Ok(mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)?)
}

/// Takes away every file but those named, TCP, and reaching out of the process.
pub(super) fn landlock_but(reach: &Reach) -> io::Result<Landlock> {
    // A folder of one's own must be there; a device need not be yet.
    let data = PathFd::new(&reach.data).map_err(io::Error::other)?;
    allow(reach, data).map_err(io::Error::other)
}

fn allow(reach: &Reach, data: PathFd) -> Result<Landlock, RulesetError> {
    let handled = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(NEEDED))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(if reach.named_sockets { Scope::Signal.into() } else { Scope::from_all(KNOWN) })?;
    let own = AccessFs::from_read(KNOWN) | AccessFs::from_write(KNOWN);
    let special = AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::MakeSock | AccessFs::MakeFifo | AccessFs::MakeSym;
    let own = own & !(AccessFs::Execute | AccessFs::IoctlDev | special);
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let created = handled.create()?.add_rule(PathBeneath::new(data, own))?;
    let created = beneath(created, &reach.read, read)?;
    let created = beneath(created, &reach.devices, read | AccessFs::WriteFile | AccessFs::IoctlDev)?;
    let created = beneath(created, &reach.programs, read | AccessFs::Execute)?;
    Ok(match created.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full,
        RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::Absent,
    })
}

fn beneath(created: RulesetCreated, paths: &[PathBuf], access: BitFlags<AccessFs>) -> Result<RulesetCreated, RulesetError> {
    created.add_rules(path_beneath_rules(paths, access))
}

/// Takes away every file but those to be read beneath a folder, TCP, and reaching out of the process.
pub(super) fn landlock(reach: &Needs<'_>) -> Landlock {
    match allow_only(reach) {
        Ok(RulesetStatus::FullyEnforced) => Landlock::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Landlock::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Landlock::Absent,
    }
}

fn allow_only(reach: &Needs<'_>) -> Result<RulesetStatus, RulesetError> {
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?;
    let ruleset = match reach {
        Needs::Folder(folder) => ruleset.create()?.add_rule(PathBeneath::new(folder, AccessFs::ReadFile | AccessFs::ReadDir))?,
        Needs::Pipes | Needs::Camera(_) => ruleset.create()?,
    };
    Ok(ruleset.restrict_self()?.ruleset)
}

/// Sets the limits, soft and hard. Files that are open stay so; no further one can be opened, but
/// of a folder.
pub(super) fn limits(resources: &Resources, reach: &Needs<'_>) -> io::Result<()> {
    let files = match reach {
        Needs::Pipes => 0,
        // A process cannot wait for more descriptors than it may have; the two that this allows are
        // its pipes, so that it opens none all the same.
        Needs::Camera(_) => 2,
        Needs::Folder(_) => 16,
    };
    let most = [
        (Resource::As, Some(resources.memory)),
        (Resource::Cpu, resources.cpu_seconds),
        (Resource::Fsize, Some(0)),
        (Resource::Nofile, Some(files)),
        (Resource::Nproc, Some(0)),
        (Resource::Core, Some(0)),
    ];
    most.into_iter().filter_map(|(resource, most)| Some((resource, most?))).try_for_each(|(resource, most)| limit(resource, most))
}

/// Lowers one limit, and leaves one alone that is lower already.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let before = getrlimit(resource);
    let hard = before.maximum.map_or(most, |hard| hard.min(most));
    let soft = before.current.map_or(hard, |soft| soft.min(hard));
    Ok(setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) })?)
}
