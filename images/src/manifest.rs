//! The manifest of an image: every file with its hash, and every version that went into it.

use crate::{
    boot::{BootFiles, hex, sha384},
    cpio::{Archive, Kind},
};

/// What a manifest says beside the files.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// What the image is for: `virt`, `rpi` or `rpi5`.
    pub target: &'a str,
    /// Our version.
    pub version: &'a str,
    /// The commit of the sources, and whether they differ from it.
    pub commit: &'a str,
    /// The compiler's version.
    pub rustc: &'a str,
    /// Whether the versions are those of `images/versions.lock`.
    pub locked: bool,
    /// The Debian packages: `GROUP NAME VERSION SHA256`, one a line.
    pub packages: &'a str,
}

/// Writes the manifest; the same image gives the same text.
#[must_use]
pub fn text(origin: &Origin<'_>, initramfs: &Archive, boot: &BootFiles) -> String {
    let mut text = head(origin, boot);
    text += "\n# Boot files, SHA-384 (what sha384sum prints for them)\n";
    text += &boot.text();
    text += "\n# In the initramfs: mode, SHA-384 or what it is, path\n";
    for (path, entry) in initramfs.entries() {
        let what = match &entry.kind {
            Kind::File(bytes) => hex(&sha384(bytes)),
            Kind::Folder => "folder".to_owned(),
            Kind::Link(target) => format!("link to {target}"),
            Kind::Device { major, minor } => format!("device {major}:{minor}"),
        };
        text += &format!("{:06o} {what}  /{path}\n", entry.mode());
    }
    text += "\n# Debian packages: for what, name, version, SHA-256 where the package itself is in the image\n";
    text + origin.packages
}

fn head(origin: &Origin<'_>, boot: &BootFiles) -> String {
    let versions = if origin.locked { "as in images/versions.lock" } else { "NOT those of images/versions.lock" };
    format!(
        "Cloison {} {}\nsource commit: {}\ncompiler: {}\nversions: {versions}\nboot files: {}\nwords: {}\n",
        origin.version,
        origin.target,
        origin.commit.trim(),
        origin.rustc.trim(),
        hex(&boot.digest().0),
        boot.words(),
    )
}
