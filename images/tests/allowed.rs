//! The check of a finished image: a good one passes, and each thing that may not be is found.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use cloison_images::{
    allowed::{self, Fault},
    boot::BootFiles,
    cpio::{Archive, Entry, Kind},
    manifest::{self, Origin},
};
use common::{module, program};
use std::collections::BTreeMap;

/// What an image is made of, for the test to spoil.
#[derive(Clone)]
struct Image {
    inside: BTreeMap<String, Entry>,
    boot: BTreeMap<String, Vec<u8>>,
}

fn file(permissions: u32, bytes: impl Into<Vec<u8>>) -> Entry {
    Entry { permissions, kind: Kind::File(bytes.into()) }
}

fn folder() -> Entry {
    Entry { permissions: 0o755, kind: Kind::Folder }
}

impl Image {
    fn good() -> Self {
        let ext4 = module(&["alias=fs-ext4", "depends="], &["register_filesystem"]);
        let usb = module(&["alias=usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*"], &["usb_register_driver"]);
        let inside = [
            ("cloison", file(0o555, program("the kiosk, /bin/sh as glibc has it, dynamio, winit", false))),
            ("init", Entry { permissions: 0o777, kind: Kind::Link("/cloison".to_owned()) }),
            ("dev", folder()),
            ("dev/null", Entry { permissions: 0o666, kind: Kind::Device { major: 1, minor: 3 } }),
            ("modules", folder()),
            ("modules/ext4.ko", file(0o444, ext4)),
            ("modules/usb_storage.ko", file(0o444, usb)),
            ("modules/order", file(0o444, "usb_storage.ko usb_common.ko\n\next4.ko\n")),
        ];
        let boot = [("initramfs", b"archive".to_vec()), ("vmlinuz.gz", b"kernel".to_vec())];
        Self {
            inside: inside.map(|(path, entry)| (path.to_owned(), entry)).into(),
            boot: boot.map(|(name, bytes)| (name.to_owned(), bytes)).into(),
        }
    }

    fn parts(&self) -> (Archive, BootFiles) {
        let mut archive = Archive::default();
        for (path, entry) in &self.inside {
            archive.add(path, entry.clone()).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in &self.boot {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        (archive, BootFiles::read(folder.path()).unwrap())
    }

    fn list(&self) -> String {
        let (archive, boot) = self.parts();
        allowed::list(&archive, &boot)
    }

    fn faults(&self, list: &str) -> Vec<String> {
        let (archive, boot) = self.parts();
        allowed::faults(list, &archive, &boot).iter().map(Fault::to_string).collect()
    }

    /// Finds what is wrong although the list has been made to allow it.
    fn faults_with_its_own_list(&self) -> Vec<String> {
        self.faults(&self.list())
    }

    fn with(mut self, path: &str, entry: Entry) -> Self {
        self.inside.insert(path.to_owned(), entry);
        self
    }

    /// Adds a module, and has it loaded.
    fn with_module(self, name: &str, bytes: Vec<u8>) -> Self {
        let order = format!("usb_storage.ko\next4.ko\n{name}\n");
        self.with(&format!("modules/{name}"), file(0o444, bytes)).with("modules/order", file(0o444, order))
    }
}

#[test]
fn a_good_image_passes() {
    let list = format!("# what each is for\n\n{}", Image::good().list().replace("ext4.ko\n", "ext4.ko   # the data\n"));
    assert_eq!(Image::good().faults(&list), [""; 0]);
}

#[test]
fn one_file_more_or_less_or_with_other_permissions_is_found() {
    let list = Image::good().list();
    let more = Image::good().with("dev/notes", file(0o444, "")).faults(&list);
    assert_eq!(more, ["not on the list: initramfs 100444 dev/notes"]);
    let mut less = Image::good();
    less.inside.remove("dev/null");
    assert_eq!(less.faults(&list), ["on the list, but not there: initramfs 020666 dev/null"]);
    let other = Image::good().with("dev", Entry { permissions: 0o777, kind: Kind::Folder }).faults(&list);
    assert_eq!(other, ["not on the list: initramfs 040777 dev", "on the list, but not there: initramfs 040755 dev"]);
    let mut boot = Image::good();
    boot.boot.insert("overlay.dtbo".to_owned(), Vec::new());
    boot.boot.remove("vmlinuz.gz");
    assert_eq!(boot.faults(&list), ["not on the list: boot overlay.dtbo", "on the list, but not there: boot vmlinuz.gz"]);
}

#[test]
fn no_list_can_allow_a_network_driver() {
    for (name, bytes) in [
        ("virtio_net.ko", module(&["alias=virtio:d00000001v*"], &[])),
        ("e1000.ko", module(&["alias=pci:v00008086d0000100Esv*sd*bc02sc*i*"], &[])),
        ("cdc_ether.ko", module(&["alias=usb:v*p*d*dc*dsc*dp*ic02isc06ip00in*"], &[])),
        ("btusb.ko", module(&["alias=usb:v*p*d*dcE0dsc01dp01icE0isc01ip01in*"], &[])),
        ("af_packet.ko", module(&["alias=net-pf-17"], &[])),
        ("asix.ko", module(&["alias=usb:v0B95p1720d*dc*dsc*dp*ic*isc*ip*in*"], &["usbnet_probe"])),
        ("dummy.ko", module(&[], &["register_netdevice"])),
        ("any.ko", module(&[], &["kfree", "alloc_netdev_mqs"])),
        ("wlan.ko", module(&[], &["wiphy_new_nm"])),
    ] {
        let faults = Image::good().with_module(name, bytes).faults_with_its_own_list();
        assert!(faults.len() == 1 && faults[0].starts_with(&format!("modules/{name}: the module ")), "{name}: {faults:?}");
    }
}

#[test]
fn no_list_can_allow_a_second_program_a_script_or_a_shell() {
    let spoiled = [
        ("dev/tool", file(0o555, program("", false)), "dev/tool: this is a second program or a library"),
        ("dev/tool", file(0o444, "#!/bin/sh\nreboot\n"), "dev/tool: this is a script"),
        ("dev/tool", file(0o555, "data"), "dev/tool: this is data, and may be run"),
        ("sh", Entry { permissions: 0o777, kind: Kind::Link("/dev/tool".to_owned()) }, "sh: this leads to /dev/tool"),
        ("modules/ext4.ko", file(0o444, "no module"), "modules/ext4.ko: this is no kernel module"),
        ("cloison", file(0o555, program("", true)), "cloison: the program is no static file for arm64"),
        ("cloison", file(0o555, "MZ"), "cloison: the program is no static file for arm64"),
    ];
    for (path, entry, fault) in spoiled {
        let faults = Image::good().with(path, entry).faults_with_its_own_list();
        assert!(faults.iter().any(|found| found == fault), "{fault}: {faults:?}");
    }
}

#[test]
fn no_list_can_allow_a_program_with_test_doubles_or_sockets() {
    for name in [
        "cloison-desk",
        "cloison-feeder",
        "i_slint_backend_testing",
        "/deps/tokio-1.0/src",
        "x/mio-1.0",
        "busybox",
        "hyper::client",
    ] {
        let image = Image::good().with("cloison", file(0o555, program(&format!("before {name} after"), false)));
        let faults = image.faults_with_its_own_list();
        assert!(faults.len() == 1 && faults[0].starts_with("cloison: the program names "), "{name}: {faults:?}");
    }
}

#[test]
fn what_is_loaded_is_what_is_there() {
    for order in ["ext4.ko\n", "usb_storage.ko\next4.ko\next4.ko\n", "usb_storage.ko\next4.ko\n../evil.ko\n", ""] {
        let faults = Image::good().with("modules/order", file(0o444, order)).faults_with_its_own_list();
        assert_eq!(faults, ["modules/order: what is loaded is not what is there"], "{order:?}");
    }
    let unsigned = module(&[], &[]).strip_suffix(b"~Module signature appended~\n").unwrap().to_vec();
    let faults = Image::good().with_module("other.ko", unsigned).faults_with_its_own_list();
    assert_eq!(faults, ["modules/other.ko: the module is not signed"]);
}

#[test]
fn the_manifest_names_every_file_and_every_package() {
    let (archive, boot) = Image::good().parts();
    let origin = Origin {
        target: "virt",
        version: "1.2.3",
        commit: "abc with changes\n",
        rustc: "rustc 1.92.0\n",
        locked: false,
        packages: "trixie linux-image 6.12 00ff\n",
    };
    let text = manifest::text(&origin, &archive, &boot);
    for (path, _) in archive.entries() {
        assert!(text.contains(&format!("  /{path}\n")), "{path}");
    }
    assert!(text.contains(&boot.text()));
    assert!(text.contains(&format!("words: {}\n", boot.words())));
    assert!(text.contains("versions: NOT those of images/versions.lock\n"));
    assert!(text.ends_with("trixie linux-image 6.12 00ff\n"));
    assert!(
        manifest::text(&Origin { locked: true, ..origin }, &archive, &boot).contains("versions: as in images/versions.lock\n")
    );
}
