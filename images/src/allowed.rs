//! A finished image, held against the list of what may be in it, and against what no image may have.

use crate::{
    boot::BootFiles,
    cpio::{Archive, Kind},
    elf::{Elf, Module},
};
use std::{collections::BTreeSet, fmt};

/// The one program.
const PROGRAM: &str = "cloison";

/// What the program's bytes must not name: what plays the kiosk's camera and people in tests, what
/// draws in windows, crates that open sockets, and shells that a command line would be given to.
/// (`/bin/sh` alone is in every static program of glibc, whose `execvp` names it; the image has no such file.)
const NEVER_NAMED: &[&str] = &[
    "cloison-desk",
    "cloison_desk",
    "cloison-feeder",
    "cloison_feeder",
    "i_slint_backend_testing",
    "i-slint-backend-testing",
    "i_slint_backend_winit",
    "winit-0",
    "/dev/vport",
    "tokio-1",
    "tokio::",
    "/mio-",
    "rustls-0",
    "rustls::",
    "/hyper-",
    "hyper::",
    "socket2-0",
    "socket2::",
    "busybox",
    "/bin/bash",
];

/// What a kernel module calls to bring a network interface, a protocol, a radio or a sound card into being.
const NEVER_CALLED: &[&str] = &[
    "alloc_etherdev_mqs",
    "alloc_netdev_mqs",
    "cfg80211_register_netdevice",
    "devm_alloc_etherdev_mqs",
    "devm_register_netdev",
    "gether_register_netdev",
    "hci_alloc_dev_priv",
    "hci_register_dev",
    "ieee80211_alloc_hw_nm",
    "proto_register",
    "register_candev",
    "register_netdev",
    "register_netdevice",
    "register_pernet_device",
    "rtnl_link_register",
    "sock_register",
    "usb_gadget_register_driver_owner",
    "usbnet_probe",
    "wiphy_new_nm",
];

/// Beginnings of the aliases by which a module asks for a network device: virtio's, PCI's class 02,
/// USB's communication classes, and radios.
const NEVER_DRIVEN: &[&str] =
    &["virtio:d00000001v", "virtio:d0000000Av", "virtio:d00000013v", "net-pf-", "bluetooth-proto-", "rtnl-link-"];
const NEVER_USB_CLASSES: &[&str] = &["ic02", "ic0A", "ic0a", "icE0", "ice0"];

/// One thing that is in an image and may not be, or is not and should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// Something is there that the list does not have.
    NotListed(String),
    /// The list has something that is not there.
    NotThere(String),
    /// A file may not be in any image, and why.
    Never {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotListed(line) => write!(f, "not on the list: {line}"),
            Self::NotThere(line) => write!(f, "on the list, but not there: {line}"),
            Self::Never { path, reason } => write!(f, "{path}: {reason}"),
        }
    }
}

/// Writes the list of what an image holds: `initramfs MODE PATH` and `boot PATH`, one a line.
#[must_use]
pub fn list(initramfs: &Archive, boot: &BootFiles) -> String {
    let inside = initramfs.entries().map(|(path, entry)| format!("initramfs {:06o} {path}\n", entry.mode()));
    inside.chain(boot.files().map(|(name, _)| format!("boot {name}\n"))).collect()
}

/// Finds whatever differs from the allowed list, and whatever no list could allow.
#[must_use]
pub fn faults(allowed: &str, initramfs: &Archive, boot: &BootFiles) -> BTreeSet<Fault> {
    let lines = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let (allowed, found) = (lines(allowed), lines(&list(initramfs, boot)));
    let mut faults: BTreeSet<Fault> = found.difference(&allowed).cloned().map(Fault::NotListed).collect();
    faults.extend(allowed.difference(&found).cloned().map(Fault::NotThere));
    for (path, entry) in initramfs.entries() {
        let reasons = match &entry.kind {
            Kind::File(bytes) if path == PROGRAM => program(bytes),
            Kind::File(bytes) if path.ends_with(".ko") => module(bytes),
            Kind::File(bytes) => other(bytes, entry.permissions),
            Kind::Link(target) => link(target),
            Kind::Folder | Kind::Device { .. } => Vec::new(),
        };
        faults.extend(reasons.into_iter().map(|reason| Fault::Never { path: path.to_owned(), reason }));
    }
    if initramfs.file(PROGRAM).is_none() {
        faults.insert(Fault::Never { path: PROGRAM.to_owned(), reason: "the program is missing".to_owned() });
    }
    faults.extend(loading(initramfs));
    faults
}

fn program(bytes: &[u8]) -> Vec<String> {
    let mut reasons = Vec::new();
    match Elf::new(bytes) {
        Ok(elf) if elf.is_arm64() && elf.runs() && !elf.needs_a_loader() => {}
        _ => reasons.push("the program is no static file for arm64".to_owned()),
    }
    reasons.extend(named(bytes).into_iter().map(|name| format!("the program names {name}")));
    reasons
}

/// Finds what may not be named, in one pass: most bytes begin none of the names.
fn named(bytes: &[u8]) -> BTreeSet<&'static str> {
    let mut begins = [false; 256];
    for first in NEVER_NAMED.iter().filter_map(|name| name.bytes().next()) {
        begins[usize::from(first)] = true;
    }
    let mut found = BTreeSet::new();
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| begins[usize::from(**byte)]) {
        found.extend(NEVER_NAMED.iter().filter(|name| bytes[at..].starts_with(name.as_bytes())));
    }
    found
}

fn module(bytes: &[u8]) -> Vec<String> {
    let Ok(module) = Module::read(bytes) else { return vec!["this is no kernel module".to_owned()] };
    let mut reasons = Vec::new();
    if !bytes.ends_with(b"~Module signature appended~\n") {
        reasons.push("the module is not signed".to_owned());
    }
    let called = module.symbols.iter().filter(|symbol| NEVER_CALLED.contains(&symbol.as_str()));
    reasons.extend(called.map(|symbol| format!("the module calls {symbol}")));
    let driven = module.aliases.iter().filter(|alias| networked(alias));
    reasons.extend(driven.take(1).map(|alias| format!("the module drives {alias}")));
    reasons
}

fn networked(alias: &str) -> bool {
    let usb = alias.starts_with("usb:") && NEVER_USB_CLASSES.iter().any(|class| alias.contains(class));
    let pci = alias.starts_with("pci:") && alias.contains("bc02");
    usb || pci || NEVER_DRIVEN.iter().any(|beginning| alias.starts_with(beginning))
}

/// Any other file is data: nothing that the kernel would run.
fn other(bytes: &[u8], permissions: u32) -> Vec<String> {
    let mut reasons = Vec::new();
    if bytes.starts_with(b"\x7fELF") {
        reasons.push("this is a second program or a library".to_owned());
    }
    if bytes.starts_with(b"#!") {
        reasons.push("this is a script".to_owned());
    }
    if permissions & 0o111 != 0 {
        reasons.push("this is data, and may be run".to_owned());
    }
    reasons
}

fn link(target: &str) -> Vec<String> {
    if target == "/cloison" { Vec::new() } else { vec![format!("this leads to {target}")] }
}

/// What is loaded is what is there, each once.
fn loading(initramfs: &Archive) -> Vec<Fault> {
    let order = initramfs.file("modules/order").map(String::from_utf8_lossy).unwrap_or_default();
    let ordered: Vec<&str> = order.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty()).collect();
    let there = initramfs.entries().filter_map(|(path, _)| path.strip_prefix("modules/"));
    let mut there: Vec<&str> = there.filter(|name| *name != "order").collect();
    let mut sorted = ordered;
    sorted.sort_unstable();
    there.sort_unstable();
    if sorted == there {
        return Vec::new();
    }
    vec![Fault::Never { path: "modules/order".to_owned(), reason: "what is loaded is not what is there".to_owned() }]
}
