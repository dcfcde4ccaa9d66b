//! What `images/build` made, and what a test adds to it.

use crate::{
    Arguments,
    guest::{Disk, Parts, SMALL_SCREEN},
};
use cloison_tests::Result;
use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
};

/// The hand's overlay, in the language of the kernel's `gen_init_cpio`.
const OVERLAY: &str = "file /init init 0555 0 0\n";
/// The list of modules of an overlay, which comes before the image's own.
const FORCED: &str = "dir /hand 0755 0 0\nfiles /hand hand 0444 0 0\n";

/// A disk of a guest has room for the data partition behind the image.
const CARD: u64 = 256 << 20;

/// The images and where the test works.
pub(crate) struct Images {
    folder: PathBuf,
    hand: PathBuf,
    pub(crate) out: PathBuf,
}

impl Images {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self> {
        let whole = |path: &Path| std::path::absolute(path).map_err(|error| error.to_string());
        let all = Self { folder: whole(&arguments.images)?, hand: whole(&arguments.hand)?, out: whole(&arguments.out)? };
        let _ = fs::remove_dir_all(&all.out);
        fs::create_dir_all(&all.out).map_err(|error| format!("{}: {error}", all.out.display()))?;
        Ok(all)
    }

    fn boot(&self, target: &str, name: &str) -> PathBuf {
        self.folder.join(target).join("boot").join(name)
    }

    /// Gives the file of a target's image.
    pub(crate) fn card(&self, target: &str) -> PathBuf {
        self.folder.join(target).join(format!("cloison-{target}.img"))
    }

    /// Copies the image onto a card that is larger than it.
    pub(crate) fn fresh_card(&self, name: &str) -> Result<PathBuf> {
        let card = self.out.join(name);
        let copied = fs::copy(self.card("virt"), &card).map_err(|error| format!("{}: {error}", card.display()))?;
        let file = fs::OpenOptions::new().write(true).open(&card).map_err(|error| error.to_string())?;
        file.set_len(CARD.max(copied)).map_err(|error| error.to_string())?;
        Ok(card)
    }

    /// Copies the image onto a card that held something else before.
    pub(crate) fn used_card(&self, name: &str) -> Result<PathBuf> {
        let card = self.fresh_card(name)?;
        let image = fs::metadata(self.card("virt")).map_err(|error| error.to_string())?.len();
        let file = fs::OpenOptions::new().write(true).open(&card).map_err(|error| error.to_string())?;
        let junk = vec![0xee; 1 << 20];
        for at in (image..CARD).step_by(junk.len()) {
            let size = usize::try_from(CARD - at).unwrap_or(junk.len()).min(junk.len());
            file.write_all_at(&junk[..size], at).map_err(|error| format!("{}: {error}", card.display()))?;
        }
        Ok(card)
    }

    /// Gives the parts of a guest of the image with a card, as it is released.
    pub(crate) fn released(&self, card: &Path) -> Result<Parts> {
        let line = fs::read_to_string(self.boot("virt", "cmdline.txt")).map_err(|error| format!("cmdline.txt: {error}"))?;
        Ok(Parts {
            kernel: self.boot("virt", "vmlinuz.gz"),
            initramfs: vec![self.boot("virt", "initramfs")],
            command_line: line.trim().to_owned(),
            screen: SMALL_SCREEN,
            disks: vec![Disk { file: card.to_path_buf(), format: "raw", usb: false }],
            more: Vec::new(),
        })
    }

    /// Gives the same with the hand in an overlay behind the initramfs.
    pub(crate) fn with_hand(&self, card: &Path) -> Result<Parts> {
        let mut parts = self.released(card)?;
        parts.initramfs.push(self.overlay("hand", OVERLAY, &[])?);
        Ok(parts)
    }

    /// Gives the same with the hand, which loads these modules of the kernel's package, in this order,
    /// before the image's own program begins. The image's tool would not take them.
    pub(crate) fn with_modules(&self, card: &Path, name: &str, modules: &[&str]) -> Result<Parts> {
        let mut parts = self.released(card)?;
        let (folder, kernel) = (self.out.join(name), self.kernel()?.join("kernel"));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let mut order = String::new();
        for module in modules {
            let file = format!("{}.ko", module.rsplit('/').next().unwrap_or(module));
            fs::write(folder.join(&file), unpacked(&kernel.join(format!("{module}.ko.xz")))?)
                .map_err(|error| error.to_string())?;
            order.extend([&file, "\n"]);
        }
        fs::write(folder.join("order"), order).map_err(|error| error.to_string())?;
        parts.initramfs.push(self.overlay(name, &format!("{OVERLAY}{FORCED}"), &[(&folder, "hand")])?);
        Ok(parts)
    }

    /// Gives a guest in which nothing runs but the kernel and one line of text.
    pub(crate) fn bare(&self) -> Result<Parts> {
        let line = self.released(Path::new(""))?.command_line;
        let list = "file /init init 0555 0 0\nfile /bare init 0444 0 0\ndir /dev 0755 0 0\nnod /dev/console 0600 0 0 c 5 1\n";
        Ok(Parts {
            kernel: self.boot("virt", "vmlinuz.gz"),
            initramfs: vec![self.overlay("bare", list, &[])?],
            command_line: line
                .split(' ')
                .filter(|word| !word.starts_with("console="))
                .chain(["console=ttyAMA0"])
                .collect::<Vec<_>>()
                .join(" "),
            screen: SMALL_SCREEN,
            disks: Vec::new(),
            more: Vec::new(),
        })
    }

    /// Gives the words of the image's boot files, as anybody has them counted.
    pub(crate) fn words(&self) -> Result<String> {
        let mut tool = self.tool();
        let ended = tool.arg("words").arg(self.boot("virt", "")).output().map_err(|error| format!("{tool:?}: {error}"))?;
        let told = String::from_utf8_lossy(&ended.stdout).into_owned();
        let words = told.lines().nth(1).filter(|words| words.split(' ').count() == 8);
        words
            .map(str::to_owned)
            .ok_or_else(|| format!("the image has no words: {told}{}", String::from_utf8_lossy(&ended.stderr)))
    }

    fn tool(&self) -> Command {
        Command::new(self.folder.join("cloison-image"))
    }

    /// Gives the folder of the kernel's modules.
    fn kernel(&self) -> Result<PathBuf> {
        let all = self.folder.join("packages/trixie/root/usr/lib/modules");
        let mut folders =
            fs::read_dir(&all).map_err(|error| format!("{}: {error}", all.display()))?.filter_map(|entry| entry.ok());
        folders.next().map(|folder| folder.path()).ok_or_else(|| format!("{} is empty", all.display()))
    }

    /// Packs what is put behind an initramfs.
    fn overlay(&self, name: &str, list: &str, folders: &[(&Path, &str)]) -> Result<PathBuf> {
        let stage = self.out.join(format!("overlay-{name}"));
        fs::create_dir_all(&stage).map_err(|error| error.to_string())?;
        fs::copy(&self.hand, stage.join("init")).map_err(|error| format!("{}: {error}", self.hand.display()))?;
        for (from, to) in folders {
            let _ = fs::remove_dir_all(stage.join(to));
            fs::rename(from, stage.join(to)).map_err(|error| error.to_string())?;
        }
        let (written, packed) = (self.out.join(format!("overlay-{name}.list")), self.out.join(format!("overlay-{name}.cpio")));
        fs::write(&written, list).map_err(|error| error.to_string())?;
        let mut pack = self.tool();
        pack.arg("pack").arg(&written).arg("--from").arg(&stage).arg("--output").arg(&packed);
        runs(pack)?;
        Ok(packed)
    }
}

fn unpacked(file: &Path) -> Result<Vec<u8>> {
    let ended = Command::new("xz").arg("-dc").arg(file).output().map_err(|error| format!("xz: {error}"))?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if ended.status.success() { Ok(ended.stdout) } else { Err(format!("{}: {said}", file.display())) }
}

fn runs(mut command: Command) -> Result<()> {
    let ended = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if ended.status.success() { Ok(()) } else { Err(format!("{command:?}: {said}")) }
}
