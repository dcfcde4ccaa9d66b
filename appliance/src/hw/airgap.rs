//! The watch over the air gap: what leads out of this machine.
//!
//! It reads what the kernel says of itself, in bounded pieces, and raises an alarm for whatever it
//! knows to be a way out, for every USB class that a kiosk has no use for, and for whatever the
//! kernel does not tell. It opens no socket, and nothing switches it off.
//!
//! | looked at | raises an alarm |
//! |---|---|
//! | `/proc/self/net/dev` and `/sys/class/net` | every interface but `lo`, in either of them |
//! | `/sys/class/{bluetooth,ieee80211,ieee802154,nfc,rfkill,wwan}` | every entry |
//! | `/sys/bus/usb/devices` | every class but those of keyboards and touch screens (03), printers (07), storage (08), hubs (09) and cameras (0e); sound (01) where a driver has it |
//!
//! The network chips that are soldered to two boards are let where no driver has them, since they cannot be
//! taken out: what drives them is in no image, and where something does, its interface is an alarm.
//! Sound is let where no driver has it, because a camera often has a microphone, and a microphone
//! that nothing drives hears nothing; with a driver it would be a way out, and an ear for passphrases.

use cloison_protocol::{Alarm, bounded::Line};
use std::{
    fs::{self, File},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

#[cfg(test)]
mod tests;

/// The most entries of one folder that are looked at: with more, nobody knows what is there.
const MOST: usize = 512;
/// The longest list of interfaces that is read.
const LONGEST: u64 = 256 << 10;
/// The longest attribute of a device that is read.
const ATTRIBUTE: u64 = 256;

const INTERFACES: &str = "proc/self/net/dev";
const RADIOS: [&str; 6] = ["bluetooth", "ieee80211", "ieee802154", "nfc", "rfkill", "wwan"];
const SOUND: u8 = 0x01;
/// Of a device as a whole: each of its interfaces says for itself; several belong together.
const COMPOSITE: [u8; 2] = [0x00, 0xef];
/// The network chips of the Raspberry Pi 3 B and 3 B+, which are on the board and on its USB.
const SOLDERED: [(u16, u16); 2] = [(0x0424, 0xec00), (0x0424, 0x7800)];
/// HID, printer, mass storage, hub, video.
const ALLOWED: [u8; 5] = [0x03, 0x07, 0x08, 0x09, 0x0e];

/// Watches this machine.
///
/// It is made before the process is confined, and holds the list of its network namespace's
/// interfaces open; the rest is read anew at every look, for which `/sys` must stay readable.
pub struct Watch {
    root: PathBuf,
    interfaces: Option<File>,
}

impl Watch {
    /// Watches the machine that this runs on.
    #[must_use]
    pub fn new() -> Self {
        Self::under(Path::new("/"))
    }

    fn under(root: &Path) -> Self {
        Self { root: root.to_owned(), interfaces: File::open(root.join(INTERFACES)).ok() }
    }

    /// Looks once, and gives what was found, in an order that does not change by itself.
    #[must_use]
    pub fn look(&mut self) -> Vec<Alarm> {
        let mut found = self.interfaces();
        found.extend(self.radios());
        found.extend(self.usb());
        found
    }

    fn interfaces(&mut self) -> Vec<Alarm> {
        let unread = |what: &str| vec![Alarm::Unreadable(Line::lent(what))];
        let Some(mut names) = self.interfaces.as_mut().and_then(|file| listed(file).ok()) else {
            return unread("/proc/self/net/dev");
        };
        let Ok(more) = entries(&self.root.join("sys/class/net")) else { return unread("/sys/class/net") };
        names.extend(more);
        names.sort();
        names.dedup();
        names.iter().filter(|name| *name != "lo").map(|name| Alarm::Interface(Line::lent(name))).collect()
    }

    fn radios(&self) -> Vec<Alarm> {
        let classes = self.root.join("sys/class");
        let Ok(present) = entries(&classes) else { return vec![Alarm::Unreadable(Line::lent("/sys/class"))] };
        let radio = |class: &&str| present.iter().any(|name| name == class);
        RADIOS.iter().filter(|class| radio(class)).flat_map(|class| radios(&classes, class)).collect()
    }

    fn usb(&self) -> Vec<Alarm> {
        let unread = |what: &str| vec![Alarm::Unreadable(Line::lent(what))];
        let Ok(buses) = entries(&self.root.join("sys/bus")) else { return unread("/sys/bus") };
        if !buses.iter().any(|bus| bus == "usb") {
            return Vec::new();
        }
        let folder = self.root.join("sys/bus/usb/devices");
        let Ok(devices) = entries(&folder) else { return unread("/sys/bus/usb/devices") };
        let mut found: Vec<Alarm> = Vec::new();
        for alarm in devices.iter().filter_map(|name| device(&folder, name)) {
            // A device says the same of itself and of each of its interfaces.
            if !found.contains(&alarm) {
                found.push(alarm);
            }
        }
        found
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads the kernel's list of interfaces: two lines of heading, then a name before each colon.
fn listed(file: &mut File) -> io::Result<Vec<String>> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let headed = [lines.next(), lines.next()].iter().all(|line| line.is_some_and(|line| line.contains('|')));
    if !headed || bytes.len() as u64 == LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    lines.map(|line| Ok(line.split_once(':').ok_or(io::ErrorKind::InvalidData)?.0.trim().to_owned())).collect()
}

/// Lists a folder in order.
fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        if names.len() == MOST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn radios(classes: &Path, class: &str) -> Vec<Alarm> {
    match entries(&classes.join(class)) {
        Ok(names) => names.iter().map(|name| Alarm::Radio(Line::lent(&format!("{class} {name}")))).collect(),
        Err(_) => vec![Alarm::Unreadable(Line::lent(&format!("/sys/class/{class}")))],
    }
}

/// Looks at one entry of the bus: a device (`1-1`), or an interface of one (`1-1:1.0`).
fn device(folder: &Path, name: &str) -> Option<Alarm> {
    let (of, attribute) = match name.split_once(':') {
        Some((device, _)) => (device, "bInterfaceClass"),
        None => (name, "bDeviceClass"),
    };
    let Some(class) = number(&folder.join(name).join(attribute), 2) else {
        // Taken out meanwhile, or a kernel that does not tell.
        return fs::symlink_metadata(folder.join(name)).is_ok().then(|| Alarm::Unreadable(Line::lent(&format!("usb {name}"))));
    };
    let class = u8::try_from(class).ok()?;
    let whole = of == name;
    let undriven = !folder.join(name).join("driver").exists();
    if ALLOWED.contains(&class) || (whole && COMPOSITE.contains(&class)) || (class == SOUND && (whole || undriven)) {
        return None;
    }
    let of = folder.join(of);
    let (vendor, product) =
        (number(&of.join("idVendor"), 4).unwrap_or_default(), number(&of.join("idProduct"), 4).unwrap_or_default());
    if SOLDERED.contains(&(vendor, product)) && (whole || undriven) {
        return None;
    }
    let text = |attribute: &str| attribute_of(&of.join(attribute)).unwrap_or_default();
    Some(Alarm::UsbDevice { vendor, product, class, name: Line::lent(&text("product")) })
}

/// Reads a number of at most so many hexadecimal digits.
fn number(path: &Path, digits: usize) -> Option<u16> {
    let text = attribute_of(path)?;
    (text.len() <= digits).then(|| u16::from_str_radix(&text, 16).ok())?
}

fn attribute_of(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(ATTRIBUTE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim().to_owned())
}
