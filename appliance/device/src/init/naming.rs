//! Has the boot files named by a process that can do nothing else, once the kiosk had time for its first screen.

use super::{
    boot::{self, FOLDER},
    console::say,
    data::tell,
    disks::Disks,
    mounts::CLOSED,
    place::{Reason, booted},
    users::NAMER,
};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::{
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Where it is told.
const TOLD: &str = "boot";
/// It is begun so long after the machine is ready, and so long at the latest, should the kiosk not draw at all.
const SOONEST: Duration = Duration::from_millis(900);
const LATEST: Duration = Duration::from_secs(10);
/// As every Linux shows the names that are on such a card, and for the one who reads them.
const OPTIONS: &std::ffi::CStr = c"shortname=mixed,uid=1002,gid=1002,fmask=0377,dmask=0277";

/// Whether the boot files are being named.
#[derive(Default)]
pub(super) struct Naming {
    asked: Option<Instant>,
    is_begun: bool,
}

impl Naming {
    /// Begins, once the machine is ready and the kiosk at work: reading a card takes the time that its first screen
    /// needs. It is asked each second.
    pub(super) fn begin(&mut self, program: &Path, beat: Option<Duration>) {
        let asked = *self.asked.get_or_insert_with(Instant::now);
        let since = asked.elapsed();
        if self.is_begun || since < SOONEST || (beat.is_none() && since < LATEST) {
            return;
        }
        self.is_begun = true;
        let program = program.to_owned();
        let work = move || {
            let line = named(&program).unwrap_or_else(|reason| format!("none {reason}"));
            if let Err(error) = tell(TOLD, &line) {
                say(&format_args!("the boot files' hash cannot be told ({error}). The kiosk goes on without"));
            }
        };
        if let Err(error) = std::thread::Builder::new().name("naming".into()).spawn(work) {
            say(&format_args!("the boot files are not named ({error}). The kiosk goes on without"));
        }
    }
}

/// Mounts the boot files, has them named, and takes them out of the tree again.
fn named(program: &Path) -> Result<String, Reason> {
    let disks = Disks::of_this_machine();
    let partition = booted(&disks.list())?;
    let device = disks.device(&partition).ok_or(Reason::Failed)?;
    mounted(&device).map_err(|error| {
        say(&format_args!("the boot files on {} cannot be mounted ({error}). Their hash is not shown", device.display()));
        Reason::Failed
    })?;
    let line = asked(program);
    let _ = unmount(FOLDER, UnmountFlags::DETACH);
    line.ok().flatten().ok_or(Reason::Failed)
}

fn mounted(device: &PathBuf) -> io::Result<()> {
    Ok(mount(device, FOLDER, "vfat", CLOSED | MountFlags::RDONLY, OPTIONS)?)
}

/// Starts the process and takes what it writes.
fn asked(program: &Path) -> io::Result<Option<String>> {
    let mut command = Command::new(program);
    command.arg(boot::ROLE).env_clear().current_dir("/").uid(NAMER).gid(NAMER);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let line = child.stdout.take().and_then(boot::line);
    let _ = child.kill();
    child.wait()?;
    Ok(line)
}
