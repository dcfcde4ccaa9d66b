//! The boot files' hash, held against coreutils; the data partition's template; the bill of materials.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use cargo_metadata::MetadataCommand;
use cloison_images::{
    boot::{BootError, BootFiles, hex},
    sbom,
    template::{self, TemplateError},
};
use proptest::prelude::*;
use std::{collections::BTreeSet, path::Path, process::Command};

/// What the guide tells people to type, in the folder of the card's first partition.
const BY_HAND: &str = "find . -type f | LC_ALL=C sort | xargs sha384sum";

fn shell(folder: &Path, command: &str) -> String {
    let output = Command::new("sh").arg("-c").arg(command).current_dir(folder).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_hash_is_the_one_that_coreutils_compute() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("overlays/deep")).unwrap();
    for name in [
        "vmlinuz.gz",
        "Vmlinuz",
        "config.txt",
        "overlays/b.dtbo",
        "overlays.txt",
        "overlays/deep/x",
        "overlays-1",
        "empty",
        "_+-.",
    ] {
        let bytes = if name == "empty" { Vec::new() } else { name.as_bytes().repeat(1000) };
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let files = BootFiles::read(folder.path()).unwrap();
    assert_eq!(files.text(), shell(folder.path(), BY_HAND));
    let digest = shell(folder.path(), &format!("{BY_HAND} | sha384sum"));
    assert_eq!(hex(&files.digest().0), digest.split_whitespace().next().unwrap());
}

#[test]
fn one_changed_byte_or_name_changes_the_words() {
    let words = |name: &str, bytes: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
        BootFiles::read(folder.path()).unwrap().words().to_string()
    };
    assert_eq!(words("a", b"kernel"), words("a", b"kernel"));
    assert_ne!(words("a", b"kernel"), words("a", b"kerneL"));
    assert_ne!(words("a", b"kernel"), words("b", b"kernel"));
}

#[test]
fn names_that_a_shell_would_read_otherwise_are_refused() {
    for name in ["a b", "a\nb", "a\\b", "-\u{e9}", "a'b", "$x"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), "").unwrap();
        assert!(matches!(BootFiles::read(folder.path()), Err(BootError::Name(_))), "{name:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("a/b/c/d/e/f/g/h/i/j")).unwrap();
    std::fs::write(folder.path().join("a/b/c/d/e/f/g/h/i/j/k"), "").unwrap();
    assert!(matches!(BootFiles::read(folder.path()), Err(BootError::Many)));
}

/// A file system as far as a template looks at it: three blocks that describe it, of which the last is the
/// bitmap, then these, and behind them free ones.
fn file_system(marks: &[u8], free: usize) -> Vec<u8> {
    let (used, mut image) = (3 + marks.len(), vec![0; 3 * 4096]);
    image[1036..][..4].copy_from_slice(&u32::try_from(free).unwrap().to_le_bytes());
    image[1080..][..2].copy_from_slice(&[0x53, 0xef]);
    image[4096] = 2;
    (0..used).for_each(|block| image[2 * 4096 + block / 8] |= 1 << (block % 8));
    image.extend(marks.iter().flat_map(|mark| [vec![*mark], vec![0; 4094], vec![*mark]].concat()));
    image.resize((used + free) * 4096, 0);
    image
}

#[test]
fn a_template_is_written_as_the_formats_say() {
    let template = template::of(&file_system(&[0, 7, 0, 9], 2)).unwrap();
    assert_eq!(template[..16], *b"CLOISON-EXT4\0\0\0\x01");
    assert_eq!(template[16..24], [0, 16, 0, 0, 9, 0, 0, 0], "blocks of 4096 bytes, nine of them");
    let entry = |number: usize| &template[24 + number * 4100..][..5];
    assert_eq!([entry(3), entry(4)], [[4, 0, 0, 0, 7], [6, 0, 0, 0, 9]]);
    assert_eq!(template.len(), 24 + 5 * 4100);
}

#[test]
fn a_template_that_is_not_ours_is_refused() {
    let good = template::of(&file_system(&[1, 0, 2], 1)).unwrap();
    for length in (0..good.len()).filter(|length| length % 4100 != 24) {
        assert_eq!(template::image(&good[..length]), Err(TemplateError::Malformed), "cut to {length}");
    }
    for (at, byte) in [(0, 0), (15, 2), (16, 1), (20, 0), (20, 5), (23, 1), (24, 2), (24 + 4100, 0), (24 + 4 * 4100, 7)] {
        let mut changed = good.clone();
        changed[at] = byte;
        assert_eq!(template::image(&changed), Err(TemplateError::Malformed), "byte {at}");
    }
    assert_eq!(template::of(&[]), Err(TemplateError::Size(0)));
    assert_eq!(template::of(&[1; 4097]), Err(TemplateError::Size(4097)));
}

#[test]
fn a_file_system_of_which_something_would_not_be_written_makes_no_template() {
    let good = file_system(&[1, 2], 3);
    assert!(template::of(&good).is_ok());
    let bitmap = 2 * 4096;
    // A free block among the used ones, a used one behind them, another count, no mark, no bitmap.
    for (at, byte) in [(bitmap, 0b10111), (bitmap, 0b101_1111), (1036, 2), (1036, 9), (1080, 0), (4096, 200)] {
        let mut changed = good.clone();
        changed[at] = byte;
        assert_eq!(template::of(&changed), Err(TemplateError::Layout), "byte {at}");
    }
    assert_eq!(template::of(&[0; 4096]), Err(TemplateError::Layout));
}

proptest! {
    #[test]
    fn a_template_makes_its_image_again(
        marks in prop::collection::vec(prop_oneof![3 => Just(0_u8), 1 => any::<u8>()], 1..40),
        free in 0..9_usize,
    ) {
        let image = file_system(&marks, free);
        let template = template::of(&image).unwrap();
        prop_assert_eq!(template::image(&template).unwrap(), image);
        prop_assert_eq!(template.len(), 24 + 4100 * (3 + marks.iter().filter(|mark| **mark != 0).count()));
    }
}

/// The bill of the real program: what it lists is what cargo says, and nothing points nowhere.
#[test]
fn the_bill_of_materials_is_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let options = ["--offline", "--locked", "--filter-platform", "aarch64-unknown-linux-gnu"].map(str::to_owned);
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).other_options(options).exec().unwrap();
    let tree = format!(
        "{} tree --offline --locked -p cloison-device --no-default-features --target aarch64-unknown-linux-gnu \
         -e normal,no-proc-macro --prefix none -f '{{p}}'",
        env!("CARGO")
    );
    let tree = shell(root, &tree);
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let hash = "ab".repeat(32);
    let packages = format!("trixie linux-image-6.12+deb13 6.12~1+b1 {hash}\nchroot libc6-dev:arm64 1:2.36\n");
    let bill = sbom::cyclonedx("rpi", &metadata, &tree, &lock, &packages).unwrap();

    assert_eq!((bill["bomFormat"].as_str(), bill["specVersion"].as_str()), (Some("CycloneDX"), Some("1.5")));
    let components = bill["components"].as_array().unwrap();
    let references: BTreeSet<&str> = components.iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
    assert_eq!(references.len(), components.len(), "each is there once");
    let crates = || components.iter().filter(|component| component["purl"].as_str().unwrap().starts_with("pkg:cargo/"));
    for one in crates() {
        assert!(one["licenses"][0]["expression"].is_string(), "{one}");
        let ours = one["name"].as_str().unwrap().starts_with("cloison");
        assert_eq!(one["hashes"][0]["content"].as_str().map(str::len), (!ours).then_some(64), "{one}");
    }
    let names: BTreeSet<&str> = crates().map(|one| one["name"].as_str().unwrap()).collect();
    for name in ["cloison-custody", "redb", "slint", "evdev", "landlock"] {
        assert!(names.contains(name), "{name}");
    }
    for name in ["tokio", "winit", "i-slint-backend-testing", "proptest", "cloison-desk", "syn", "cloison-device"] {
        assert!(!names.contains(name), "{name} is not linked into the program");
    }
    for one in bill["dependencies"].as_array().unwrap() {
        for reference in one["dependsOn"].as_array().unwrap() {
            assert!(references.contains(reference.as_str().unwrap()), "{reference}");
        }
    }
    assert!(references.contains("pkg:deb/debian/linux-image-6.12%2Bdeb13@6.12~1%2Bb1"));
    assert!(sbom::cyclonedx("rpi", &metadata, "other v1.0.0\n", &lock, &packages).is_none());
    assert!(references.contains("pkg:deb/debian/libc6-dev@1%3A2.36?arch=arm64"));
    assert_eq!(bill.to_string(), sbom::cyclonedx("rpi", &metadata, &tree, &lock, &packages).unwrap().to_string());
}
