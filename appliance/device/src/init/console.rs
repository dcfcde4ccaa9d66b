//! What init says: two sentences a line, where the kernel says its own.

use std::{fmt::Display, fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt};

/// The console that the kernel was given, and the one that is on the screen.
const KERNELS: &str = "/dev/console";
const SCREENS: &str = "/dev/tty0";

/// Says something to whoever reads the console.
pub(super) fn say(what: &dyn Display) {
    write(KERNELS, what);
}

/// Says what ends the machine, on the screen too, where no kiosk draws any more.
pub(super) fn say_on_screen(what: &dyn Display) {
    write(KERNELS, what);
    write(SCREENS, what);
}

fn write(console: &str, what: &dyn Display) {
    let no_terminal = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap_or_default();
    // Nobody is there to be told that nobody can be told.
    if let Ok(mut console) = OpenOptions::new().write(true).custom_flags(no_terminal).open(console) {
        let _ = console.write_all(format!("cloison: {what}.\r\n").as_bytes());
    }
}
