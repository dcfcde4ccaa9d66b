//! The layers that every Linux has, and Landlock where the kernel has it.

use super::{Landlock, Resources};
use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::set_no_new_privs;
use std::io;

/// The Landlock that this program was written against; what a kernel lacks of it is left out.
const KNOWN: ABI = ABI::V6;

/// Gives up gaining privileges, being traced by others of the same user, and being dumped.
pub(super) fn privileges() -> io::Result<()> {
    set_no_new_privs(true)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Takes away every file, TCP, and reaching out of the process, with no exception.
pub(super) fn landlock() -> Landlock {
    match allow_nothing() {
        Ok(RulesetStatus::FullyEnforced) => Landlock::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Landlock::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Landlock::Absent,
    }
}

fn allow_nothing() -> Result<RulesetStatus, RulesetError> {
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?;
    Ok(ruleset.create()?.restrict_self()?.ruleset)
}

/// Sets the limits, soft and hard. Files that are open stay so; no further one can be opened.
pub(super) fn limits(resources: &Resources) -> io::Result<()> {
    let most = [
        (Resource::As, Some(resources.memory)),
        (Resource::Cpu, resources.cpu_seconds),
        (Resource::Fsize, Some(0)),
        (Resource::Nofile, Some(0)),
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
