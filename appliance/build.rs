//! Checks the translations and bundles them, so that nothing is read when the kiosk runs.

#[path = "lang/check.rs"]
mod check;

use check::{Translations, translations};
use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=lang");
    let out = env::var_os("OUT_DIR").ok_or("cargo names no folder for what is made here")?;
    let template = fs::read_to_string("lang/cloison.pot")?;
    let french = translations(&template, &fs::read_to_string("lang/fr/LC_MESSAGES/cloison.po")?);
    let french = french.map_err(|faults| format!("lang/fr/LC_MESSAGES/cloison.po:\n{}", faults.join("\n")))?;
    fs::write(Path::new(&out).join("french.rs"), table("FRENCH", &french))?;
    Ok(())
}

/// Writes a table in Rust, in the order in which it is searched.
fn table(name: &str, translations: &Translations) -> String {
    let rows: String =
        translations.iter().map(|((context, english), forms)| format!("    ({context:?}, {english:?}, &{forms:?}),\n")).collect();
    format!("static {name}: &[Entry] = &[\n{rows}];\n")
}
