//! Before the image's own first program: mounts, and the modules that a test forces in.

use rustix::{
    mount::{MountFlags, mount},
    system::finit_module,
};
use std::{
    ffi::CString,
    fs::{File, read_to_string},
    io,
    path::Path,
};

/// The modules of the overlay, in their order: a name and what it is told, one a line.
const ORDER: &str = "/hand/order";
const FOLDER: &str = "/hand";

pub(crate) fn all() -> io::Result<()> {
    for (what, place) in [("devtmpfs", "/dev"), ("proc", "/proc"), ("sysfs", "/sys")] {
        let mounted = mount(what, place, what, MountFlags::NOSUID | MountFlags::NOEXEC, None);
        if let Err(error) = mounted.map_err(io::Error::from).or_else(busy_is_mounted) {
            eprintln!("hand: {place} is not mounted ({error})");
        }
    }
    if !Path::new(ORDER).exists() {
        return Ok(());
    }
    for line in read_to_string(ORDER)?.lines() {
        let (name, told) = line.split_once(' ').unwrap_or((line, ""));
        load(&format!("{FOLDER}/{name}"), told).unwrap_or_else(|error| eprintln!("hand: {name}: {error}"));
    }
    Ok(())
}

fn busy_is_mounted(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::ResourceBusy { Ok(()) } else { Err(error) }
}

/// Loads a module.
pub(crate) fn load(path: &str, told: &str) -> io::Result<()> {
    let told = CString::new(told).map_err(io::Error::other)?;
    finit_module(File::open(path)?, &told, 0).map_err(io::Error::from)
}
