//! A Raspberry Pi 3, as far as QEMU knows it: the files of the card's own image start it, and it makes
//! its data partition on that card.
//!
//! QEMU has no firmware of the board and no display of its driver. So the kernel, the initramfs and the
//! device tree are taken out of the image and given to it, and into a copy of the device tree goes what
//! the firmware would put there: a frame buffer.

use crate::{
    disk::{Data, does},
    guest::Guest,
    images::Images,
    say,
    screens::{explained, first, touch},
    steps::Figures,
};
use cloison_tests::Result;
use std::{fs, path::Path, process::Command};

/// Where partition 1 of the image begins, for mtools.
const BOOT: &str = "@@1M";
const TREE: &str = "bcm2837-rpi-3-b.dtb";
const FILES: [&str; 4] = ["vmlinuz.gz", "initramfs", "cmdline.txt", TREE];
/// QEMU's board takes cards of a power of two.
const CARD: u64 = 256 << 20;

/// Where QEMU's board has its frame buffer, and how it is told to look.
const FRAME: &str = "/chosen/framebuffer@3c100000";
const CELLS: [(&str, &str); 4] = [("reg", "3c100000 177000"), ("width", "320"), ("height", "1e0"), ("stride", "c80")];
const TEXTS: [(&str, &str); 3] = [("compatible", "simple-framebuffer"), ("format", "a8r8g8b8"), ("status", "okay")];
const DISPLAY: [&str; 8] = [
    "-global",
    "bcm2835-fb.xres=800",
    "-global",
    "bcm2835-fb.yres=480",
    "-global",
    "bcm2835-fb.bpp=32",
    "-global",
    "bcm2835-fb.pixo=0",
];
/// What the board has and QEMU has not: its display's driver waits for what never comes, and its
/// watchdog resets the machine as soon as it is set, whatever time it is given.
const ABSENT: [&str; 2] = ["/soc/gpu", "/soc/watchdog@7e100000"];

/// The data partition: 64 MiB, of Linux.
const DATA_SECTORS: u64 = (64 << 20) / SECTOR;
const SECTOR: u64 = 512;
/// Where partition 1 begins: before it is the table, which changes.
const PARTITIONS: u64 = 1 << 20;

/// Starts it once, and looks at the card afterwards.
pub(crate) fn run(images: &Images, figures: &mut Figures) -> Result<()> {
    let folder = images.out.join("pi");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let card = folder.join("card.img");
    fs::copy(images.card("rpi"), &card).map_err(|error| format!("{}: {error}", card.display()))?;
    for name in FILES {
        does("mcopy", &["-n", "-i", &format!("{}{BOOT}", card.display()), &format!("::{name}"), &at(&folder, name)])?;
    }
    let grown = fs::OpenOptions::new().write(true).open(&card).and_then(|file| file.set_len(CARD));
    grown.map_err(|error| format!("{}: {error}", card.display()))?;
    display(&at(&folder, TREE))?;
    let mut guest = Guest::start_board(board(&folder, &card)?)?;
    explained(&mut guest, &images.out, |guest| {
        let (picture, took) = first(guest)?;
        picture.write(&images.out.join("pi.png"))?;
        figures.add("the first screen of the card's own files on QEMU's Raspberry Pi 3", format!("{:.1} s", took.as_secs_f32()));
        touch(guest, "English", "No vault yet").map(drop)
    })?;
    guest.cut();
    unchanged(&images.card("rpi"), &card)?;
    kept(&folder, &card, &images.card("rpi"))
}

fn at(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// Puts into a device tree what the board's firmware would: a frame buffer.
fn display(tree: &str) -> Result<()> {
    does("fdtput", &["-c", tree, FRAME])?;
    for (name, text) in TEXTS {
        does("fdtput", &["-t", "s", tree, FRAME, name, text])?;
    }
    for (name, cells) in CELLS {
        let told: Vec<&str> = ["-t", "x", tree, FRAME, name].into_iter().chain(cells.split(' ')).collect();
        does("fdtput", &told)?;
    }
    for name in ["#address-cells", "#size-cells"] {
        does("fdtput", &["-t", "x", tree, "/chosen", name, "1"])?;
    }
    does("fdtput", &[tree, "/chosen", "ranges"])?;
    for node in ABSENT {
        does("fdtput", &["-t", "s", tree, node, "status", "disabled"])?;
    }
    Ok(())
}

fn board(folder: &Path, card: &Path) -> Result<Command> {
    let line = fs::read_to_string(folder.join("cmdline.txt")).map_err(|error| format!("cmdline.txt: {error}"))?;
    let mut command = Command::new("qemu-system-aarch64");
    command.args(["-M", "raspi3b", "-kernel", &at(folder, "vmlinuz.gz"), "-initrd", &at(folder, "initramfs")]);
    command.args(["-dtb", &at(folder, TREE), "-append", line.trim()]);
    command.args(["-drive", &format!("if=sd,format=raw,cache=writeback,file={}", card.display())]);
    command.args(DISPLAY).args(["-device", "usb-tablet"]);
    Ok(command)
}

/// Makes sure that the boot files' partition is as it was, to the last byte.
fn unchanged(image: &Path, card: &Path) -> Result<()> {
    let size = fs::metadata(image).map_err(|error| error.to_string())?.len();
    let bytes = (size - PARTITIONS).to_string();
    let same = ["-i", &PARTITIONS.to_string(), "-n", &bytes].map(str::to_owned);
    let (image, card) = (image.display().to_string(), card.display().to_string());
    let told: Vec<&str> = same.iter().chain([&image, &card]).map(String::as_str).collect();
    does("cmp", &told)
}

/// Looks at the card with tools of the host: behind the boot files is a whole file system.
fn kept(folder: &Path, card: &Path, image: &Path) -> Result<()> {
    let (data, long) = (Data::of(card, folder)?, fs::metadata(image).map_err(|error| error.to_string())?.len());
    if data.start * SECTOR < long || data.size != DATA_SECTORS {
        return Err(format!("the data partition begins at {} and has {} sectors", data.start, data.size));
    }
    data.has_store()?;
    say("the card has a whole file system in its data partition, with a store in it");
    Ok(())
}
