//! The bill of materials of an image, in the form of CycloneDX 1.5: the crates that the program is
//! linked from, and the Debian packages whose files are in the image or in the program.

use cargo_metadata::{DependencyKind, Metadata, Node, PackageId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The package of the program.
const PROGRAM: &str = "cloison-device";

/// Writes the bill of materials; nothing in it depends on the day.
///
/// `tree` is what `cargo tree -e normal,no-proc-macro --prefix none` printed for the program: only it
/// knows which features are on. `packages` has lines `GROUP NAME VERSION SHA256`, `lock` is the text
/// of `Cargo.lock`. Nothing is returned when the tree or the metadata does not have the program.
#[must_use]
pub fn cyclonedx(target: &str, metadata: &Metadata, tree: &str, lock: &str, packages: &str) -> Option<Value> {
    let linked = linked(metadata, tree);
    let program = metadata.packages.iter().find(|package| package.name.as_str() == PROGRAM && linked.contains(&package.id))?;
    let checksums = checksums(lock);
    let crates = linked.iter().filter(|id| **id != &program.id).map(|id| cargo_component(metadata, id, &checksums));
    let mut components: Vec<Value> = crates.collect();
    components.extend(packages.lines().filter_map(debian_component));
    let version = program.version.to_string();
    Some(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "firmware", "bom-ref": format!("cloison-{target}"), "name": format!("cloison-{target}"), "version": version,
            "components": [{ "type": "application", "bom-ref": reference(metadata, &program.id), "name": "cloison-appliance",
                "version": version, "licenses": [{ "expression": program.license }] }],
        }},
        "components": components,
        "dependencies": dependencies(metadata, &linked),
    }))
}

/// Finds the packages that the tree names, each on a line `NAME vVERSION`.
fn linked<'a>(metadata: &'a Metadata, tree: &str) -> BTreeSet<&'a PackageId> {
    let named: BTreeSet<(&str, &str)> = tree.lines().filter_map(|line| line.split_once(" v")).collect();
    let named: BTreeSet<(&str, &str)> =
        named.into_iter().map(|(name, rest)| (name, rest.split(' ').next().unwrap_or_default())).collect();
    let packages = metadata.packages.iter();
    packages
        .filter(|package| named.contains(&(package.name.as_str(), &package.version.to_string())))
        .map(|package| &package.id)
        .collect()
}

fn reference(metadata: &Metadata, id: &PackageId) -> String {
    format!("pkg:cargo/{}@{}", metadata[id].name, metadata[id].version)
}

fn cargo_component(metadata: &Metadata, id: &PackageId, checksums: &BTreeMap<(String, String), String>) -> Value {
    let package = &metadata[id];
    let (name, version) = (package.name.to_string(), package.version.to_string());
    let mut component = json!({
        "type": "library", "bom-ref": reference(metadata, id), "name": name, "version": version,
        "purl": reference(metadata, id),
    });
    if let Some(licence) = &package.license {
        // Older crates write `/` where the expression's language has `OR`.
        component["licenses"] = json!([{ "expression": licence.replace('/', " OR ") }]);
    }
    if let Some(checksum) = checksums.get(&(name, version)) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

fn debian_component(line: &str) -> Option<Value> {
    let mut words = line.split_whitespace();
    let (_group, name, version, hash) = (words.next()?, words.next()?, words.next()?, words.next());
    let (name, architecture) = name.split_once(':').map_or((name, String::new()), |(name, arch)| (name, format!("?arch={arch}")));
    let escaped = |text: &str| text.replace(':', "%3A").replace('+', "%2B");
    let reference = format!("pkg:deb/debian/{}@{}{architecture}", escaped(name), escaped(version));
    let mut component = json!({ "type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference });
    if let Some(hash) = hash.filter(|hash| hash.len() == 64) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": hash }]);
    }
    Some(component)
}

fn dependencies(metadata: &Metadata, linked: &BTreeSet<&PackageId>) -> Vec<Value> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).filter(|node| linked.contains(&node.id));
    let one = |node: &Node| {
        let normal = node.deps.iter().filter(|found| found.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
        let on: BTreeSet<String> =
            normal.filter(|found| linked.contains(&found.pkg)).map(|found| reference(metadata, &found.pkg)).collect();
        json!({ "ref": reference(metadata, &node.id), "dependsOn": on })
    };
    nodes.map(one).collect()
}

/// Reads the crates' checksums: `Cargo.lock` has each package's name, version and checksum on lines of their own.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut checksums = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
            line.and_then(|line| line.strip_suffix('"')).map(str::to_owned)
        };
        if let (Some(name), Some(version), Some(checksum)) = (value("name"), value("version"), value("checksum")) {
            checksums.insert((name, version), checksum);
        }
    }
    checksums
}
