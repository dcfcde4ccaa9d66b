//! The choice of kernel modules, over a kernel made by hand.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use cloison_images::{
    elf::Module,
    modules::{self, Kernel, ModulesError},
};
use common::module;
use proptest::prelude::*;
use std::{collections::BTreeSet, path::Path, process::Command};
use tempfile::TempDir;

/// Makes a kernel's folder of modules: where each is, and what it says of itself.
fn kernel(built_in: &str, files: &[(&str, &[&str])]) -> (TempDir, Kernel) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("modules.builtin"), built_in).unwrap();
    std::fs::create_dir(folder.path().join("kernel")).unwrap();
    for (path, modinfo) in files {
        put(&folder.path().join("kernel").join(path), &module(modinfo, &[]));
    }
    let kernel = Kernel::open(folder.path()).unwrap();
    (folder, kernel)
}

fn put(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn names(kernel: &Kernel, list: &str) -> Result<Vec<String>, ModulesError> {
    Ok(modules::choose(kernel, &modules::wanted(list))?.files().map(|taken| taken.name.clone()).collect())
}

#[test]
fn what_a_module_needs_is_loaded_before_it_and_once() {
    let (_folder, kernel) = kernel(
        "kernel/drivers/usb/core/usb-common.ko\n",
        &[
            ("fs/ext4/ext4.ko", &["depends=jbd2,mbcache", "softdep=pre: crypto-crc32c"]),
            ("fs/jbd2/jbd2.ko", &["depends="]),
            ("fs/mbcache.ko", &[]),
            ("crypto/crc32c_generic.ko", &["alias=crypto-crc32c"]),
            ("drivers/usb/uas.ko", &["depends=usb-storage,usb-common", "softdep=post: sd_mod"]),
            ("drivers/usb/usb-storage.ko", &["depends=usb_common"]),
            ("drivers/scsi/sd_mod.ko", &[]),
        ],
    );
    let list = "crc32c_generic # asked for by name\next4\n# nothing\nuas usb-storage sd_mod";
    let expected = ["crc32c_generic", "jbd2", "mbcache", "ext4", "usb_storage", "uas", "sd_mod"];
    assert_eq!(names(&kernel, list).unwrap(), expected.map(|name| format!("{name}.ko")));
    let wishes = |list| modules::choose(&kernel, &modules::wanted(list)).unwrap().unmet;
    assert_eq!(wishes(list), [], "crc32c_generic does what ext4 would like");
    assert_eq!(wishes("ext4")[0].wish, "crypto-crc32c");
}

#[test]
fn a_module_that_is_missing_is_not_passed_over() {
    let (_folder, kernel) =
        kernel("kernel/a/built-in.ko\n", &[("a/needy.ko", &["depends=lost"]), ("a/wishful.ko", &["softdep=pre: lost"])]);
    assert!(matches!(names(&kernel, "lost"), Err(ModulesError::Missing(name)) if name == "lost"));
    assert!(matches!(names(&kernel, "needy"), Err(ModulesError::Missing(name)) if name == "lost"));
    assert_eq!(names(&kernel, "wishful built_in").unwrap(), ["wishful.ko"]);
}

#[test]
fn no_network_radio_or_sound_driver_comes_in_by_any_door() {
    let (_folder, kernel) = kernel(
        "",
        &[
            ("drivers/net/virtio_net.ko", &[]),
            ("net/core/failover.ko", &[]),
            ("drivers/bluetooth/btusb.ko", &[]),
            ("sound/soc/bcm/snd-soc-bcm2835-i2s.ko", &[]),
            ("drivers/usb/gadget/legacy/g_serial.ko", &[]),
            ("a/needy.ko", &["depends=failover"]),
            ("a/wishful.ko", &["softdep=pre: btusb"]),
            ("sound/soundcore.ko", &[]),
            ("sound/core/snd.ko", &["depends=soundcore"]),
            ("drivers/gpu/vc4.ko", &["depends=snd"]),
        ],
    );
    for name in ["virtio_net", "failover", "btusb", "snd-soc-bcm2835-i2s", "g_serial", "needy"] {
        assert!(matches!(names(&kernel, name), Err(ModulesError::Never(_))), "{name}");
    }
    assert_eq!(names(&kernel, "wishful").unwrap(), ["wishful.ko"]);
    assert_eq!(names(&kernel, "vc4").unwrap(), ["soundcore.ko", "snd.ko", "vc4.ko"], "libraries, which drive nothing");
}

#[test]
fn a_circle_and_a_file_that_is_no_module_are_refused() {
    let (folder, _) = kernel("", &[("a/one.ko", &["depends=two"]), ("a/two.ko", &["depends=one"])]);
    put(&folder.path().join("kernel/a/text.ko"), b"#!/bin/sh\n");
    put(&folder.path().join("kernel/a/broken.ko.xz"), b"no xz");
    let kernel = Kernel::open(folder.path()).unwrap();
    assert!(matches!(names(&kernel, "one"), Err(ModulesError::Circle(_))));
    assert!(matches!(names(&kernel, "text"), Err(ModulesError::NotElf(_))));
    assert!(matches!(names(&kernel, "broken"), Err(ModulesError::File { .. })));
    assert!(Kernel::open(&folder.path().join("nothing")).is_err());
}

#[test]
fn a_packed_module_is_the_same_unpacked() {
    let (folder, _) = kernel("", &[("a/plain.ko", &["depends="])]);
    let packed = folder.path().join("kernel/a/packed.ko");
    put(&packed, &module(&["depends=plain"], &[]));
    assert!(Command::new("xz").arg(&packed).status().unwrap().success());
    let kernel = Kernel::open(folder.path()).unwrap();
    let chosen = modules::choose(&kernel, &modules::wanted("packed")).unwrap();
    let packed = chosen.files().nth(1).unwrap();
    assert_eq!((packed.name.as_str(), &packed.bytes), ("packed.ko", &module(&["depends=plain"], &[])));
}

#[test]
fn the_list_that_the_device_reads_has_parts_and_says_what_each_needs() {
    let (_folder, kernel) = kernel(
        "kernel/lib/crc16.ko\n",
        &[
            ("gpu/drm.ko", &["depends="]),
            ("gpu/virtio-gpu.ko", &["depends=drm,virtio-dma-buf,crc16"]),
            ("virtio/virtio_dma_buf.ko", &[]),
            ("fs/ext4.ko", &["depends=jbd2"]),
            ("fs/jbd2.ko", &[]),
            ("media/uvcvideo.ko", &["depends=drm"]),
        ],
    );
    let chosen = modules::choose(&kernel, &modules::wanted("virtio-gpu # the screen\n--- # the disk\next4 drm\n---\nuvcvideo\n"));
    let order =
        "drm.ko\nvirtio_dma_buf.ko\nvirtio_gpu.ko drm.ko virtio_dma_buf.ko\n\njbd2.ko\next4.ko jbd2.ko\n\nuvcvideo.ko drm.ko\n";
    assert_eq!(chosen.unwrap().order(), order);
}

proptest! {
    /// Over any kernel without circles: each comes after what it needs, none twice, none that nobody asked for.
    #[test]
    fn the_order_can_be_loaded(needs in prop::collection::vec(prop::collection::btree_set(0_usize..12, 0..4), 1..12), wanted: prop::sample::Index) {
        let name = |number: usize| format!("m{number}");
        let below = |number: usize| needs[number].iter().filter(move |other| **other < number).map(|other| name(*other)).collect::<Vec<_>>();
        let files: Vec<(String, String)> = (0..needs.len()).map(|n| (format!("a/{}.ko", name(n)), format!("depends={}", below(n).join(",")))).collect();
        let modinfo: Vec<[&str; 1]> = files.iter().map(|(_, depends)| [depends.as_str()]).collect();
        let files: Vec<(&str, &[&str])> = files.iter().zip(&modinfo).map(|((path, _), lines)| (path.as_str(), lines.as_slice())).collect();
        let (_folder, kernel) = kernel("", &files);
        let wanted = wanted.index(needs.len());
        let order = names(&kernel, &name(wanted)).unwrap();
        let mut loaded = BTreeSet::new();
        for file in &order {
            let number: usize = file[1..].trim_end_matches(".ko").parse().unwrap();
            for needed in below(number) {
                prop_assert!(loaded.contains(&format!("{needed}.ko")), "{file} before {needed}");
            }
            prop_assert!(loaded.insert(file.clone()));
        }
        prop_assert_eq!(order.last(), Some(&format!("{}.ko", name(wanted))));
    }

    #[test]
    fn no_bytes_make_the_reading_of_a_module_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at: prop::sample::Index, byte: u8) {
        let _ = Module::read(&bytes);
        let _ = Module::read(&[b"\x7fELF\x02\x01".as_slice(), &bytes].concat());
        let mut changed = module(&["depends=a,b", "alias=x"], &["one"]);
        let at = at.index(changed.len());
        changed[at] = byte;
        let _ = Module::read(&changed);
    }
}
