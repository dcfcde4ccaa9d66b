// What is asked of a translation: by the build, and by the tests that break one.

use rspolib::{POEntry, pofile};
use std::collections::{BTreeMap, BTreeSet};

/// The forms of each string, by its context and its English text.
pub(crate) type Translations = BTreeMap<(String, String), Vec<String>>;

/// How French counts, as every French catalogue says it.
const PLURAL: &str = "nplurals=2; plural=(n > 1);";

/// Reads a translation of a template, or says all that is wrong with it.
pub(crate) fn translations(template: &str, translation: &str) -> Result<Translations, Vec<String>> {
    let template = read(template)?;
    let translated = read(translation)?;
    let mut faults = Vec::new();
    if translated.plural.as_deref() != Some(PLURAL) {
        faults.push(format!("Plural-Forms is not “{PLURAL}”"));
    }
    for (key, entry) in &template.entries {
        match translated.entries.get(key) {
            None => faults.push(format!("{key:?} is missing: merge the template (msgmerge)")),
            Some(found) => faults.extend(faults_of(entry, found).into_iter().map(|fault| format!("{key:?}: {fault}"))),
        }
    }
    let unused = translated.entries.keys().filter(|key| !template.entries.contains_key(key));
    faults.extend(unused.map(|key| format!("{key:?} is not in the template, so nothing says it")));
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(translated.entries.into_iter().map(|(key, entry)| (key, forms(&entry))).collect())
}

struct Catalogue {
    plural: Option<String>,
    entries: BTreeMap<(String, String), POEntry>,
}

fn read(text: &str) -> Result<Catalogue, Vec<String>> {
    let file = pofile(text).map_err(|error| vec![format!("it cannot be read: {error}")])?;
    let mut entries = BTreeMap::new();
    for entry in file.entries.into_iter().filter(|entry| !entry.obsolete) {
        let key = (entry.msgctxt.clone().unwrap_or_default(), entry.msgid.clone());
        if entries.insert(key.clone(), entry).is_some() {
            return Err(vec![format!("{key:?} is there twice")]);
        }
    }
    Ok(Catalogue { plural: file.metadata.get("Plural-Forms").cloned(), entries })
}

fn forms(entry: &POEntry) -> Vec<String> {
    match &entry.msgid_plural {
        Some(_) => entry.msgstr_plural.clone(),
        None => entry.msgstr.iter().cloned().collect(),
    }
}

fn faults_of(english: &POEntry, found: &POEntry) -> Vec<String> {
    let mut faults = Vec::new();
    let forms = forms(found);
    if english.msgid_plural != found.msgid_plural {
        faults.push("its plural is another in the template".to_owned());
    }
    if forms.len() != 1 + usize::from(english.msgid_plural.is_some()) || forms.iter().any(String::is_empty) {
        faults.push("it is not translated".to_owned());
    }
    if found.fuzzy() {
        faults.push("it is marked fuzzy".to_owned());
    }
    let asked = placeholders(&english.msgid);
    if forms.iter().chain(&english.msgid_plural).any(|form| !form.is_empty() && placeholders(form) != asked) {
        faults.push(format!("its placeholders are not {asked:?}"));
    }
    faults
}

/// Lists what is put into a string, by name.
pub(crate) fn placeholders(string: &str) -> BTreeSet<&str> {
    string.split('{').skip(1).map(|rest| rest.split_once('}').map_or(rest, |(name, _)| name)).collect()
}
