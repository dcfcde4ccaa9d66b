//! The translations are whole, used, and written as their language is.

use super::sources::{Call, calls};
use std::{collections::BTreeMap, fs, path::Path};

#[path = "../../../lang/check.rs"]
mod check;
use check::{placeholders, translations};

const TEMPLATE: &str = include_str!("../../../lang/cloison.pot");
const FRENCH: &str = include_str!("../../../lang/fr/LC_MESSAGES/cloison.po");
const SPACE: char = '\u{a0}';

const HEAD: &str = r#"# The strings of the kiosk, written by its tests from its sources: see README.md.
msgid ""
msgstr ""
"Project-Id-Version: cloison-appliance\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"#;

/// Writes the template of some calls.
fn template(calls: &[Call]) -> String {
    let mut strings: Vec<(&Call, Vec<&str>)> = Vec::new();
    for call in calls {
        let same = |(other, _): &&mut (&Call, Vec<&str>)| (&other.context, &other.english) == (&call.context, &call.english);
        match strings.iter_mut().find(same) {
            Some((_, files)) if files.contains(&call.file.as_str()) => {}
            Some((_, files)) => files.push(&call.file),
            None => strings.push((call, vec![&call.file])),
        }
    }
    strings.iter().fold(HEAD.to_owned(), |text, (call, files)| text + "\n" + &entry(call, files))
}

fn entry(call: &Call, files: &[&str]) -> String {
    let quoted = |text: &str| format!("\"{}\"\n", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text: String = files.iter().map(|file| format!("#: {file}\n")).collect();
    if call.english.contains('{') {
        text += "#, python-brace-format\n";
    }
    if !call.context.is_empty() {
        text += &format!("msgctxt {}", quoted(&call.context));
    }
    text += &format!("msgid {}", quoted(&call.english));
    match &call.plural {
        Some(plural) => text + &format!("msgid_plural {}msgstr[0] \"\"\nmsgstr[1] \"\"\n", quoted(plural)),
        None => text + "msgstr \"\"\n",
    }
}

#[test]
fn the_template_has_what_the_sources_say_and_nothing_else() {
    let template = template(&calls());
    if template != TEMPLATE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("lang/cloison.pot");
        fs::write(path, template).unwrap();
        panic!("lang/cloison.pot was not what the sources say, and is written anew. Merge it into the translations");
    }
}

#[test]
fn what_is_put_into_a_string_is_what_it_asks_for() {
    for Call { file, english, plural, names, .. } in calls() {
        for form in [Some(&english), plural.as_ref()].into_iter().flatten() {
            let asked: Vec<_> = placeholders(form).into_iter().collect();
            assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), asked, "{file}: {form}");
        }
    }
}

#[test]
fn one_string_has_one_plural() {
    let mut plurals = BTreeMap::new();
    for Call { context, english, plural, .. } in calls() {
        let other = plurals.insert((context, english.clone()), plural.clone());
        assert!(other.is_none_or(|other| other == plural), "{english}");
    }
}

#[test]
fn french_is_whole() {
    let french = translations(TEMPLATE, FRENCH).unwrap();
    let strings: std::collections::BTreeSet<_> = calls().into_iter().map(|call| (call.context, call.english)).collect();
    assert!(strings.len() > 600);
    assert!(french.keys().eq(strings.iter()), "the catalogue is not that of the sources");
}

#[test]
fn a_translation_that_is_not_whole_is_refused() {
    let first = "msgid \"One moment.\"\nmsgstr \"Un instant.\"\n";
    let counted = "msgstr[0] \"{count} carte\"\nmsgstr[1] \"{count} cartes\"\n";
    assert!(FRENCH.contains(first) && FRENCH.contains(counted));
    let broken = [
        ("is missing", FRENCH.replace(first, "")),
        ("is not translated", FRENCH.replace(first, "msgid \"One moment.\"\nmsgstr \"\"\n")),
        ("is not translated", FRENCH.replace(counted, "msgstr[0] \"{count} carte\"\n")),
        ("is not translated", FRENCH.replace(counted, "msgstr[0] \"{count} carte\"\nmsgstr[1] \"\"\n")),
        ("is marked fuzzy", FRENCH.replace(first, &format!("#, fuzzy\n{first}"))),
        ("nothing says it", format!("{FRENCH}\nmsgid \"Nobody says this.\"\nmsgstr \"Personne ne dit cela.\"\n")),
        ("there twice", format!("{FRENCH}\n{first}")),
        ("placeholders", FRENCH.replace(counted, "msgstr[0] \"une carte\"\nmsgstr[1] \"{count} cartes\"\n")),
        ("Plural-Forms", FRENCH.replace("plural=(n > 1)", "plural=(n != 1)")),
    ];
    for (what, broken) in broken {
        assert_ne!(broken, FRENCH, "{what}");
        let faults = translations(TEMPLATE, &broken).unwrap_err();
        assert!(faults.len() == 1 && faults[0].contains(what), "{what}: {faults:?}");
    }
}

/// Says what a French typographer would mark in a text.
fn marks(text: &str) -> Option<&'static str> {
    let letters: Vec<char> = text.chars().collect();
    let beside = |at: usize| (at.checked_sub(1).map(|before| letters[before]), letters.get(at + 1).copied());
    for (at, letter) in letters.iter().enumerate() {
        match (letter, beside(at)) {
            ('\'', _) => return Some("an apostrophe is ’"),
            ('"' | '“' | '”', _) => return Some("quotes are « »"),
            // A time in figures.
            (':', (Some(before), Some(after))) if before.is_ascii_digit() && after.is_ascii_digit() => {}
            (':' | ';' | '?' | '!' | '»', (before, _)) if before != Some(SPACE) => {
                return Some("a no-break space is missing before");
            }
            ('«', (_, after)) if after != Some(SPACE) => return Some("a no-break space is missing after"),
            (' ' | &SPACE, (_, Some(' ' | SPACE | '.' | ','))) => return Some("a space is too many"),
            _ => {}
        }
    }
    text.contains("...").then_some("three points are …")
}

#[test]
fn a_typographer_would_mark_nothing_in_french() {
    for ((_, english), forms) in translations(TEMPLATE, FRENCH).unwrap() {
        for form in forms {
            assert_eq!(marks(&form), None, "{form}");
            assert!(!form.starts_with([' ', SPACE]) && !form.ends_with([' ', SPACE]), "{form:?}");
            let end = |text: &str| text.chars().last().filter(|last| ".:?!".contains(*last));
            assert_eq!(end(&form), end(&english), "{form} does not end as {english}");
        }
    }
}

#[test]
fn the_typographer_is_not_asleep() {
    for text in ["l'appareil", "le coffre : ouvert", "Quoi?", "« Coffre »", "le “coffre”", "deux  mots", "un mot .", "et..."]
    {
        assert!(marks(text).is_some(), "{text}");
    }
    for text in ["l’appareil", "le coffre\u{a0}: ouvert", "à 14:30", "«\u{a0}Coffre\u{a0}»"] {
        assert_eq!(marks(text), None, "{text}");
    }
}
