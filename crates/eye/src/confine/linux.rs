//! The layers that every Linux has, and Landlock where the kernel has it.

use super::{Landlock, Reach, Resources};
use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
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

/// Takes away every file but those to be read beneath a folder, TCP, and reaching out of the process.
pub(super) fn landlock(reach: &Reach<'_>) -> Landlock {
    match allow_only(reach) {
        Ok(RulesetStatus::FullyEnforced) => Landlock::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Landlock::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Landlock::Absent,
    }
}

fn allow_only(reach: &Reach<'_>) -> Result<RulesetStatus, RulesetError> {
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?;
    let ruleset = match reach {
        Reach::Folder(folder) => ruleset.create()?.add_rule(PathBeneath::new(folder, AccessFs::ReadFile | AccessFs::ReadDir))?,
        Reach::Pipes | Reach::Camera(_) => ruleset.create()?,
    };
    Ok(ruleset.restrict_self()?.ruleset)
}

/// Sets the limits, soft and hard. Files that are open stay so; no further one can be opened, but
/// of a folder.
pub(super) fn limits(resources: &Resources, reach: &Reach<'_>) -> io::Result<()> {
    let files = match reach {
        Reach::Pipes => 0,
        // A process cannot wait for more descriptors than it may have; the two that this allows are
        // its pipes, so that it opens none all the same.
        Reach::Camera(_) => 2,
        Reach::Folder(_) => 16,
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
