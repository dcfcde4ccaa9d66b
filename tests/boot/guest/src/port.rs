//! The serial line between the test and its guest.

use std::{
    fs::{File, OpenOptions, read_dir, read_to_string},
    io,
    thread::sleep,
    time::Duration,
};

const PORTS: &str = "/sys/class/virtio-ports";

/// Opens the line of this name, waiting for it a while.
pub(crate) fn open(name: &str) -> io::Result<File> {
    for _ in 0..1200 {
        if let Some(device) = device(name) {
            return OpenOptions::new().read(true).write(true).open(format!("/dev/{device}"));
        }
        sleep(Duration::from_millis(50));
    }
    Err(io::Error::new(io::ErrorKind::NotFound, format!("no line {name}")))
}

fn device(name: &str) -> Option<String> {
    let ports = read_dir(PORTS).ok()?.filter_map(Result::ok);
    let mut known = ports.filter(|port| read_to_string(port.path().join("name")).is_ok_and(|known| known.trim() == name));
    known.next().map(|port| port.file_name().to_string_lossy().into_owned())
}
