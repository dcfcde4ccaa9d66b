//! The file systems of the kernel's own that init mounts, and what may be done in each.

use super::InitError;
use rustix::{
    io::Errno,
    mount::{MountFlags, mount, mount_remount},
};
use std::{ffi::CStr, fs, os::unix::fs::PermissionsExt};

/// What is mounted: which file system, where, how.
const KERNELS: [(&str, &str, MountFlags, &CStr); 4] = [
    ("devtmpfs", "/dev", MountFlags::NOSUID.union(MountFlags::NOEXEC), c"mode=0755"),
    ("proc", "/proc", CLOSED, c"hidepid=2"),
    ("sysfs", "/sys", CLOSED, c""),
    ("tmpfs", "/run", CLOSED, c"mode=0755,size=16m,nr_inodes=1024"),
];
/// Nothing there changes who runs it, is a device, or is run.
pub(super) const CLOSED: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV).union(MountFlags::NOEXEC);

/// Folders of devices that the kiosk is let into before any device has come.
const FOLDERS: [&str; 3] = ["/dev/dri", "/dev/input", "/dev/usb"];
/// Where init tells the kiosk what it found.
pub(super) const TOLD: &str = "/run/cloison";

/// Mounts them, and makes the folders that others are told of.
pub(super) fn all() -> Result<(), InitError> {
    for (kind, place, flags, options) in KERNELS {
        match mount(kind, place, kind, flags, options) {
            // Whoever ran before as the first process left it.
            Ok(()) | Err(Errno::BUSY) => {}
            Err(error) => return Err(InitError::Mount(place, error.into())),
        }
    }
    FOLDERS.iter().chain([&TOLD]).try_for_each(|folder| open_folder(folder).map_err(|error| InitError::Mount(folder, error)))
}

/// Makes a folder that everybody may look into.
fn open_folder(folder: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

/// Makes the root read-only, as far as the kernel lets it: it is memory, and nothing in it is written.
pub(super) fn close_root() {
    let _ = mount_remount("/", MountFlags::RDONLY | MountFlags::NODEV | MountFlags::NOSUID, c"");
}
