//! The disks that the kernel knows, and what stands at their beginning.

use super::place::{Disk, Partition};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

/// The most disks that are looked at.
const MOST: usize = 64;
/// What must be zeros at a blank stick's beginning.
const BEGINNING: usize = 1 << 20;
/// What is no disk of its own, by the beginning of its name.
const NONE: [&str; 8] = ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd"];

/// How long disks may take to come, how long nothing new must have come (a hub powers its ports, and what is
/// behind it answers), and how often it is looked.
const LONGEST: Duration = Duration::from_secs(3);
/// How long a stick that is plugged in may take to show its disk.
const SLOWEST: Duration = Duration::from_secs(30);
const QUIET: Duration = Duration::from_millis(600);
const STEP: Duration = Duration::from_millis(25);
/// The class of a USB interface that is a disk.
const STORAGE: &str = "08";

/// Where the kernel shows its disks, and where their devices are.
pub(super) struct Disks {
    pub(super) sys: PathBuf,
    pub(super) dev: PathBuf,
}

impl Disks {
    pub(super) fn of_this_machine() -> Self {
        Self { sys: "/sys".into(), dev: "/dev".into() }
    }

    /// Lists the disks that can be read, by name.
    pub(super) fn list(&self) -> Vec<Disk> {
        names(&self.sys.join("block")).iter().filter_map(|name| self.disk(name)).collect()
    }

    /// Waits until no more disks come and `is_enough` of those that have, or for long, and lists them.
    pub(super) fn settled(&self, is_enough: impl Fn(&[Disk]) -> bool) -> Vec<Disk> {
        let (begun, mut since) = (Instant::now(), Instant::now());
        let mut known = self.traces();
        while begun.elapsed() < LONGEST || (self.is_pending() && begun.elapsed() < SLOWEST) {
            let now = self.traces();
            if now != known {
                (known, since) = (now, Instant::now());
            }
            if since.elapsed() >= QUIET && !self.is_pending() {
                let disks = self.list();
                if is_enough(&disks) {
                    return disks;
                }
            }
            sleep(STEP);
        }
        self.list()
    }

    /// Lists what changes while disks come.
    fn traces(&self) -> [Vec<String>; 2] {
        [names(&self.sys.join("block")), names(&self.sys.join("bus/usb/devices"))]
    }

    /// Tells whether a stick is plugged in whose disk has not come yet.
    fn is_pending(&self) -> bool {
        let folder = self.sys.join("bus/usb/devices");
        let is_storage = |name: &String| {
            let of_it = |attribute: &str| text(&folder.join(name).join(attribute)).unwrap_or_default();
            of_it("bInterfaceClass") == STORAGE && folder.join(name).join("driver").exists()
        };
        let paths: Vec<PathBuf> = names(&self.sys.join("block")).iter().filter_map(|name| self.real(name)).collect();
        let has_disk = |name: &String| paths.iter().any(|path| path.iter().any(|part| part == name.as_str()));
        names(&folder).iter().any(|name| is_storage(name) && !has_disk(name))
    }

    fn real(&self, name: &str) -> Option<PathBuf> {
        fs::canonicalize(self.sys.join("block").join(name)).ok()
    }

    fn disk(&self, name: &str) -> Option<Disk> {
        let folder = self.sys.join("block").join(name);
        // One whose addresses count larger sectors is never one of ours.
        let is_ordinary = text(&folder.join("queue/logical_block_size")).is_none_or(|size| size == "512");
        let sectors: u64 = text(&folder.join("size"))?.parse().ok()?;
        if !is_ordinary || NONE.iter().any(|none| name.starts_with(none)) {
            return None;
        }
        let mut beginning = vec![0; BEGINNING];
        File::open(self.dev.join(name)).ok()?.read_exact(&mut beginning).ok()?;
        let is_usb = self.real(name)?.iter().any(|part| part.to_string_lossy().starts_with("usb"));
        let is_blank = beginning.iter().all(|byte| *byte == 0);
        Some(Disk { name: name.into(), sectors, is_usb, is_blank, first: beginning.first_chunk().copied()? })
    }

    /// Gives a partition's device, where the kernel has it and in the place where it must be.
    pub(super) fn device(&self, partition: &Partition) -> Option<PathBuf> {
        let name = partition.name();
        let of_it = |attribute: &str| text(&self.sys.join("class/block").join(&name).join(attribute))?.parse::<u64>().ok();
        let is_there = of_it("start") == Some(partition.extent.start) && of_it("size") == Some(partition.extent.sectors);
        Some(self.dev.join(name)).filter(|device| is_there && device.exists())
    }

    /// Has the kernel look at a disk's partitions anew: its driver lets go of it and takes it again.
    pub(super) fn look_again(&self, disk: &str) -> io::Result<()> {
        let device = fs::canonicalize(self.sys.join("block").join(disk).join("device"))?;
        let driver = fs::canonicalize(device.join("driver"))?;
        let name = device.file_name().ok_or(io::ErrorKind::NotFound)?.to_string_lossy().into_owned();
        fs::write(driver.join("unbind"), &name)?;
        fs::write(driver.join("bind"), &name)
    }
}

/// Lists a folder in order; one that is not there is empty.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).take(MOST).collect();
    names.sort();
    names
}

fn text(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(64).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::mbr::{Extent, tests::sector};
    use super::*;
    use std::os::unix::fs::symlink;

    /// A machine with disks, as the kernel shows them.
    fn machine(disks: &[(&str, &str, &[u8])]) -> (tempfile::TempDir, Disks) {
        let root = tempfile::tempdir().unwrap();
        let here = Disks { sys: root.path().join("sys"), dev: root.path().join("dev") };
        for folder in ["block", "class/block", "bus/usb/devices"] {
            fs::create_dir_all(here.sys.join(folder)).unwrap();
        }
        fs::create_dir_all(&here.dev).unwrap();
        for (name, under, bytes) in disks {
            let real = here.sys.join("devices").join(under).join("block").join(name);
            fs::create_dir_all(real.join("queue")).unwrap();
            fs::write(real.join("size"), "200000\n").unwrap();
            fs::write(real.join("queue/logical_block_size"), "512\n").unwrap();
            symlink(&real, here.sys.join("block").join(name)).unwrap();
            fs::write(here.dev.join(name), bytes).unwrap();
        }
        (root, here)
    }

    #[test]
    fn disks_are_read_and_what_is_none_is_passed_over() {
        let mut card = vec![0; BEGINNING];
        card[..512].copy_from_slice(&sector(0xC101_5017, &[(0x0c, 2048, 90_000)]));
        let zeros = vec![0; BEGINNING];
        let (_root, here) = machine(&[
            ("mmcblk0", "soc/mmc", &card),
            ("sda", "pci/usb1/1-1/1-1:1.0", &zeros),
            ("sdb", "pci/usb1/1-2/1-2:1.0", &zeros[1..]),
            ("loop0", "virtual", &zeros),
            ("nvme0n1", "pci", &zeros),
        ]);
        fs::write(here.sys.join("block/nvme0n1/queue/logical_block_size"), "4096\n").unwrap();
        let disks = here.list();
        let known: Vec<_> = disks.iter().map(|disk| (disk.name.as_str(), disk.is_usb, disk.is_blank)).collect();
        assert_eq!(known, [("mmcblk0", false, false), ("sda", true, true)]);
        assert_eq!((disks[0].sectors, disks[0].first[510]), (200_000, 0x55));
    }

    #[test]
    fn a_stick_that_is_plugged_in_is_waited_for_until_its_disk_is_there() {
        let (_root, here) = machine(&[]);
        let interface = here.sys.join("bus/usb/devices/1-1:1.0");
        fs::create_dir_all(interface.join("driver")).unwrap();
        fs::write(interface.join("bInterfaceClass"), "08\n").unwrap();
        assert!(here.is_pending());
        fs::create_dir_all(here.sys.join("devices/usb1/1-1:1.0/block/sda")).unwrap();
        symlink(here.sys.join("devices/usb1/1-1:1.0/block/sda"), here.sys.join("block/sda")).unwrap();
        assert!(!here.is_pending());
        fs::write(interface.join("bInterfaceClass"), "03\n").unwrap();
        assert!(!here.is_pending());
    }

    #[test]
    fn disks_that_come_late_are_found_and_with_none_it_is_given_up() {
        let (_root, here) = machine(&[("sda", "usb1/1-1:1.0", &[0; BEGINNING])]);
        let begun = Instant::now();
        assert_eq!(here.settled(|disks| !disks.is_empty()).len(), 1);
        assert!(begun.elapsed() < LONGEST);
        fs::remove_file(here.sys.join("block/sda")).unwrap();
        let begun = Instant::now();
        assert!(here.settled(|disks| !disks.is_empty()).is_empty());
        assert!(begun.elapsed() >= LONGEST);
    }

    #[test]
    fn a_partition_is_used_only_where_the_kernel_has_it_where_it_must_be() {
        let (_root, here) = machine(&[]);
        let extent = Extent { start: 2048, sectors: 131_072 };
        let partition = Partition { disk: "sda".into(), number: 1, extent };
        assert_eq!(here.device(&partition), None);
        let folder = here.sys.join("class/block/sda1");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("start"), "2048\n").unwrap();
        fs::write(folder.join("size"), "131072\n").unwrap();
        assert_eq!(here.device(&partition), None, "no device yet");
        fs::write(here.dev.join("sda1"), b"").unwrap();
        assert_eq!(here.device(&partition), Some(here.dev.join("sda1")));
        fs::write(folder.join("start"), "4096\n").unwrap();
        assert_eq!(here.device(&partition), None);
    }

    #[test]
    fn the_driver_lets_go_of_a_disk_and_takes_it_again() {
        let (_root, here) = machine(&[("mmcblk0", "soc/mmc", &[])]);
        let (device, driver) = (here.sys.join("devices/soc/mmc0:aaaa"), here.sys.join("bus/mmc/drivers/mmcblk"));
        fs::create_dir_all(&device).unwrap();
        fs::create_dir_all(&driver).unwrap();
        symlink(&driver, device.join("driver")).unwrap();
        symlink(&device, here.sys.join("block/mmcblk0/device")).unwrap();
        here.look_again("mmcblk0").unwrap();
        for action in ["unbind", "bind"] {
            assert_eq!(fs::read_to_string(driver.join(action)).unwrap(), "mmc0:aaaa");
        }
        assert!(here.look_again("sdz").is_err());
    }
}
