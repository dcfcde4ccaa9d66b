//! Everything that the `.slint` files say is in the French catalogue, and nothing else is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// A sentence, and the component that says it.
type Said = (String, String);

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Lists what is said by the components of one file.
fn said(source: &str) -> BTreeSet<Said> {
    let (mut all, mut component) = (BTreeSet::new(), String::new());
    for line in source.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some(at) = words.iter().position(|word| *word == "component") {
            component = words[at + 1].to_owned();
        }
        for piece in line.split("@tr(\"").skip(1) {
            all.insert((component.clone(), piece.split('"').next().unwrap().to_owned()));
        }
        assert!(!line.contains("text: \"") || is_no_language(line), "{line} is not translated");
    }
    all
}

/// A sample to measure a line by, or a sign.
fn is_no_language(line: &str) -> bool {
    ["\"x\"", "\"x\\nx"].iter().any(|sample| line.contains(sample))
}

/// Reads a catalogue: what is said, and how in French.
fn catalogue(source: &str) -> BTreeMap<Said, Vec<String>> {
    let quoted = |line: &str| line.split_once('"').map(|(_, rest)| rest.trim_end_matches('"').to_owned()).unwrap();
    let mut all = BTreeMap::new();
    for entry in source.split("\n\n").skip(1) {
        let line = |start: &str| entry.lines().filter(|line| line.starts_with(start)).map(quoted).collect::<Vec<_>>();
        let key = (line("msgctxt ").concat(), line("msgid ").concat());
        assert!(all.insert(key.clone(), line("msgstr")).is_none(), "{key:?} is there twice");
    }
    all
}

#[test]
fn everything_that_screens_say_is_translated_and_nothing_else_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let said: BTreeSet<Said> =
        files(&root.join("ui")).iter().flat_map(|path| said(&std::fs::read_to_string(path).unwrap())).collect();
    let catalogue = catalogue(include_str!("../lang/fr/LC_MESSAGES/cloison-screens.po"));
    assert!(said.len() > 25, "the sentences are found");
    assert_eq!(catalogue.keys().cloned().collect::<BTreeSet<_>>(), said);
    for (key, french) in catalogue {
        assert!(!french.is_empty() && french.iter().all(|text| !text.is_empty()), "{key:?} is not translated");
        let holes = |text: &str| text.matches('{').count();
        assert!(french.iter().all(|text| holes(text) == holes(&key.1)), "{key:?} leaves something out");
    }
}
