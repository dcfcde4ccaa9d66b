//! What is on a card, seen by tools of the host: its partition for data, and the store in it.

use cloison_appliance::{DiskStore, Store};
use cloison_tests::Result;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Sectors of a mebibyte.
const MEBIBYTE: u64 = 2048;
const STORE: &str = "vault.redb";

/// A card's partition for data, taken out of it.
pub(crate) struct Data {
    image: PathBuf,
    /// Where it begins on the card, and how long it is, in sectors.
    pub(crate) start: u64,
    pub(crate) size: u64,
}

impl Data {
    /// Takes it out of a card whose power was cut, puts its journal in order as any start does, and makes
    /// sure that nothing else is wrong with it.
    pub(crate) fn of(card: &Path, folder: &Path) -> Result<Self> {
        let (start, size) = partition(card)?;
        let image = folder.join("data.ext4");
        let (from, long) = (format!("skip={}", start / MEBIBYTE), format!("count={}", size / MEBIBYTE));
        let (input, output) = (format!("if={}", card.display()), format!("of={}", image.display()));
        does("dd", &[&input, &output, "bs=1M", &from, &long, "conv=sparse", "status=none"])?;
        let data = Self { image, start, size };
        does("e2fsck", &["-p", "-E", "journal_only", &data.path()])?;
        does("e2fsck", &["-f", "-n", &data.path()])?;
        Ok(data)
    }

    fn path(&self) -> String {
        self.image.display().to_string()
    }

    /// Gives what is in the store, as the kiosk's own code reads it.
    pub(crate) fn store(&self) -> Result<Vec<u8>> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let copy = folder.path().join(STORE);
        does("debugfs", &["-R", &format!("dump /{STORE} {}", copy.display()), &self.path()])?;
        if fs::metadata(&copy).map_or(0, |file| file.len()) == 0 {
            return Err("the data partition has no store".to_owned());
        }
        let mut store = DiskStore::open(folder.path()).map_err(|error| error.to_string())?;
        store.load().map_err(|error| error.to_string())?.ok_or_else(|| "the store is empty".to_owned())
    }

    /// Makes sure that there is a store, whatever is in it.
    pub(crate) fn has_store(&self) -> Result<()> {
        let files = output("debugfs", &["-R", "ls -p /", &self.path()])?;
        if files.contains(STORE) { Ok(()) } else { Err(format!("the data partition has no store: {files}")) }
    }
}

/// Gives the first sector of partition 2 and how many it has.
fn partition(card: &Path) -> Result<(u64, u64)> {
    let table = output("sfdisk", &["--json", &card.display().to_string()])?;
    let table: serde_json::Value = serde_json::from_str(&table).map_err(|error| format!("sfdisk: {error}"))?;
    let table = &table["partitiontable"];
    let partition = &table["partitions"][1];
    match (table["id"].as_str(), partition["type"].as_str(), partition["start"].as_u64(), partition["size"].as_u64()) {
        (Some("0xc1015017"), Some("83"), Some(start), Some(size)) => Ok((start, size)),
        _ => Err(format!("the card has no data partition: {table}")),
    }
}

/// Tells whether a card's table names a partition for data.
pub(crate) fn is_made(card: &Path) -> bool {
    partition(card).is_ok()
}

/// Runs a program of the host.
pub(crate) fn does(program: &str, arguments: &[&str]) -> Result<()> {
    output(program, arguments).map(drop)
}

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let ended = Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    let (out, errors) = (String::from_utf8_lossy(&ended.stdout).into_owned(), String::from_utf8_lossy(&ended.stderr));
    if ended.status.success() { Ok(out) } else { Err(format!("{program} {}: {out}{errors}", arguments.join(" "))) }
}
