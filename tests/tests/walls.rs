//! The laws of the house, checked over the real dependency graph and the real sources.
//!
//! Each law is a function over a [`House`], so that the test can also show that it fails when the
//! law is broken.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Who may use whom directly, among ours (DESIGN §3: an arrow points at what is used).
const MAY_USE: &[(&str, &[&str])] = &[
    ("cloison-protocol", &[]),
    ("cloison-optics", &[]),
    ("cloison-eye", &["cloison-optics"]),
    ("cloison-formats", &["cloison-protocol"]),
    ("cloison-custody", &["cloison-protocol", "cloison-formats"]),
    ("cloison-ceremony", &["cloison-protocol", "cloison-custody"]),
    ("cloison-appliance", &["cloison-ceremony", "cloison-custody", "cloison-protocol", "cloison-eye", "cloison-optics"]),
    (
        "cloison-desk",
        &[
            "cloison-appliance",
            "cloison-screens",
            "cloison-ceremony",
            "cloison-custody",
            "cloison-protocol",
            "cloison-eye",
            "cloison-optics",
        ],
    ),
    (
        "cloison-device",
        &["cloison-appliance", "cloison-screens", "cloison-ceremony", "cloison-protocol", "cloison-eye", "cloison-optics"],
    ),
    (
        "cloison-screens",
        &["cloison-appliance", "cloison-ceremony", "cloison-custody", "cloison-protocol", "cloison-eye", "cloison-optics"],
    ),
    ("cloison", &["cloison-protocol", "cloison-formats", "cloison-eye", "cloison-optics"]),
    ("cloison-images", &["cloison-protocol"]),
];

/// What the companion must not even be able to link: code able to hold a vault key, or the kiosk.
const NEVER_IN_COMPANION: &[&str] =
    &["cloison-custody", "cloison-ceremony", "cloison-appliance", "cloison-desk", "cloison-device", "cloison-screens", "slint"];

/// Crates that open sockets.
const NETWORK: &[&str] = &[
    "async-std",
    "curl",
    "curl-sys",
    "h2",
    "hyper",
    "isahc",
    "mio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "surf",
    "tokio",
    "tungstenite",
    "ureq",
];

/// What runs behind the gap.
const OFFLINE: [&str; 4] = ["cloison-appliance", "cloison-screens", "cloison-device", "cloison-desk"];

/// What the heart must not reach: screens, pictures, loggers, threads of others.
const NEVER_IN_HEART: &[&str] = &[
    "cloison-optics",
    "cloison-eye",
    "slint",
    "log",
    "tracing",
    "env_logger",
    "rayon",
    "tokio",
    "crossbeam-channel",
    "image",
    "rxing",
];

/// The graph of what each of our packages links, without what only its tests use.
struct House {
    direct: BTreeMap<String, BTreeSet<String>>,
}

impl House {
    fn of(metadata: &Metadata) -> Self {
        let name = |id: &cargo_metadata::PackageId| metadata[id].name.to_string();
        let resolve = metadata.resolve.as_ref().expect("cargo metadata resolves");
        let linked = |node: &cargo_metadata::Node| {
            let deps = node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development));
            deps.map(|dep| name(&dep.pkg)).collect()
        };
        let mut direct: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in &resolve.nodes {
            // Two versions of one crate are one name here: what either links counts.
            direct.entry(name(&node.id)).or_default().extend::<BTreeSet<String>>(linked(node));
        }
        Self { direct }
    }

    fn ours(&self, package: &str) -> BTreeSet<&str> {
        let direct = self.direct.get(package).into_iter().flatten();
        direct.map(String::as_str).filter(|name| name.starts_with("cloison")).collect()
    }

    fn reaches(&self, package: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![package];
        while let Some(next) = open.pop() {
            for dependency in self.direct.get(next).into_iter().flatten() {
                if reached.insert(dependency.as_str()) {
                    open.push(dependency);
                }
            }
        }
        reached
    }

    fn broken_laws(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for (package, allowed) in MAY_USE {
            if !self.direct.contains_key(*package) {
                broken.push(format!("{package} is not in the workspace"));
            }
            let others = self.ours(package).into_iter().filter(|used| !allowed.contains(used));
            broken.extend(others.map(|used| format!("{package} must not use {used}")));
        }
        let mut never = |package: &str, forbidden: &[&str]| {
            let reached = self.reaches(package);
            let found = forbidden.iter().filter(|name| reached.contains(*name));
            broken.extend(found.map(|name| format!("{package} reaches {name}")));
        };
        never("cloison", NEVER_IN_COMPANION);
        for heart in ["cloison-protocol", "cloison-custody", "cloison-ceremony"] {
            never(heart, NEVER_IN_HEART);
        }
        for package in self.direct.keys().filter(|name| name.starts_with("cloison") && *name != "cloison-tests") {
            if self.ours(package).contains("cloison-desk") {
                broken.push(format!("{package} uses cloison-desk, a test double"));
            }
        }
        broken
    }

    /// Lists the crates that open sockets in what runs behind the gap; asked of the graph of one platform.
    fn sockets(&self) -> Vec<String> {
        let mut found = Vec::new();
        for offline in OFFLINE {
            let reached = self.reaches(offline);
            found.extend(NETWORK.iter().filter(|name| reached.contains(*name)).map(|name| format!("{offline} reaches {name}")));
        }
        found
    }

    fn with(mut self, package: &str, uses: &str) -> Self {
        self.direct.entry(package.to_owned()).or_default().insert(uses.to_owned());
        self
    }
}

fn metadata() -> Metadata {
    command().exec().unwrap()
}

/// The graph as it is built for an image of a Linux machine: without windows, and without what is
/// for browsers and other systems.
fn metadata_of(platform: &str) -> Metadata {
    let options = ["--filter-platform", platform, "--no-default-features"].map(str::to_owned);
    command().other_options(options).exec().unwrap()
}

fn command() -> MetadataCommand {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("Cargo.toml");
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest);
    command
}

/// What an appliance is built for.
const PLATFORMS: [&str; 2] = ["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"];

#[test]
fn the_house_keeps_its_laws() {
    assert_eq!(House::of(&metadata()).broken_laws(), Vec::<String>::new());
    for platform in PLATFORMS {
        assert_eq!(House::of(&metadata_of(platform)).sockets(), Vec::<String>::new(), "{platform}");
    }
}

#[test]
fn every_broken_law_is_noticed() {
    let metadata = metadata_of(PLATFORMS[0]);
    for (package, uses) in [
        ("cloison", "cloison-custody"),
        ("cloison", "slint"),
        ("cloison-protocol", "cloison-optics"),
        ("cloison-optics", "cloison-protocol"),
        ("cloison-eye", "cloison-protocol"),
        ("cloison-custody", "cloison-optics"),
        ("cloison-custody", "log"),
        ("cloison-ceremony", "slint"),
        ("cloison-appliance", "reqwest"),
        ("cloison-appliance", "cloison-desk"),
        ("cloison-desk", "tokio"),
        ("redb", "socket2"),
    ] {
        let house = House::of(&metadata).with(package, uses);
        let broken = [house.broken_laws(), house.sockets()].concat();
        assert!(!broken.is_empty(), "{package} using {uses} was not noticed");
    }
    // through a third one
    let broken = House::of(&metadata).with("cloison-formats", "cloison-ceremony").broken_laws();
    assert!(broken.iter().any(|law| law == "cloison reaches cloison-custody"), "{broken:?}");
}

#[test]
fn no_package_has_a_feature_that_could_weaken_it() {
    for package in metadata().workspace_packages() {
        let features: Vec<&str> = package.features.keys().map(String::as_str).collect();
        // It adds a display for training, where nothing real is done.
        let known: &[&str] = if package.name.as_str() == "cloison-device" { &["default", "window"] } else { &[] };
        assert_eq!(features, known, "{} has other features", package.name);
    }
}

#[test]
fn licences_are_as_designed() {
    for package in metadata().workspace_packages() {
        let offline = OFFLINE.contains(&package.name.as_str());
        let expected = if offline { "GPL-3.0-only" } else { "MIT OR Apache-2.0" };
        assert_eq!(package.license.as_deref(), Some(expected), "{}", package.name);
    }
}

/// What Slint generates is included here, and it alone works round the lints.
const GENERATED: &str = "screens/src/ui/generated.rs";

/// Every crate takes the workspace's lints, which forbid `unsafe`; and none works round them.
#[test]
fn no_unsafe_code_and_no_way_round_the_lints() {
    let workspace = std::fs::read_to_string(metadata().workspace_root.join("Cargo.toml")).unwrap();
    for package in metadata().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        if package.name.as_str() == "cloison-screens" {
            let lints =
                |manifest: &str, from: &str| manifest.split_once(from).unwrap().1.split("\n\n[d").next().unwrap().to_owned();
            let (ours, all) = (lints(&manifest, "[lints.rust]"), lints(&workspace, "[workspace.lints.rust]"));
            let all = all.split("\n\n#").next().unwrap().replace("forbid", "deny").replace("[workspace.lints", "[lints");
            assert_eq!(ours.trim(), all.trim(), "as the workspace's, but for `forbid`");
        } else {
            assert!(manifest.contains("[lints]\nworkspace = true"), "{} does not take the workspace's lints", package.name);
        }
        let folder = package.manifest_path.parent().unwrap().join("src");
        for file in sources(folder.as_std_path()).into_iter().filter(|file| !file.ends_with(GENERATED)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let word = |word: &str| code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word);
                assert!(!word("unsafe"), "{}:{}: unsafe", file.display(), number + 1);
                let allows = code.contains("allow(") || code.contains("expect(clippy");
                let disallowed = ["unsafe_code", "disallowed", "unwrap_used", "expect_used", "clippy::panic"];
                let cfg_test = code.contains("cfg_attr(test");
                let worked_round = allows && !cfg_test && disallowed.iter().any(|lint| code.contains(lint));
                assert!(!worked_round, "{}:{}: {line}", file.display(), number + 1);
            }
        }
    }
}

/// `custody::vectors` hands out shares and private keys for the published vectors: tests only. The boot test
/// is one, though it is a program: it verifies the stores of cards that it cut the power of.
#[test]
fn no_program_touches_the_vectors_door() {
    for package in metadata().workspace_packages() {
        if ["cloison-custody", "cloison-boot"].contains(&package.name.as_str()) {
            continue;
        }
        for file in sources(package.manifest_path.parent().unwrap().join("src").as_std_path()) {
            for (number, line) in std::fs::read_to_string(&file).unwrap().lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let named = code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "vectors");
                assert!(!named, "{}:{} uses custody::vectors", file.display(), number + 1);
            }
        }
    }
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
