//! Pictures named on a line that somebody typed: split and expanded as a shell would.

use std::path::{Path, PathBuf};

const ENDINGS: [&str; 4] = ["png", "jpg", "jpeg", "gif"];

/// Finds the pictures that a line means: paths, patterns with `*`, `~/`, and whole folders.
///
/// What means nothing is given as it was typed, so that reading it says what is wrong.
pub(crate) fn named(line: &str) -> Vec<PathBuf> {
    words(line).into_iter().map(|word| at_home(&word)).flat_map(|path| matching(&path)).flat_map(inside).collect()
}

/// Splits at blanks that are neither quoted nor escaped.
fn words(line: &str) -> Vec<String> {
    let (mut found, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            ('\\', None) => word.extend(characters.next()),
            (c, None) if c.is_whitespace() => found.push(std::mem::take(&mut word)),
            (c, _) => word.push(c),
        }
    }
    found.push(word);
    found.retain(|word| !word.is_empty());
    found
}

fn at_home(word: &str) -> PathBuf {
    match (word.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => PathBuf::from(word),
    }
}

/// Expands `*` in a file's name; a file that really has that name comes first.
fn matching(path: &Path) -> Vec<PathBuf> {
    let pattern = path.file_name().and_then(|name| name.to_str()).filter(|name| name.contains('*') && !path.exists());
    let Some(pattern) = pattern else { return vec![path.to_owned()] };
    let folder = path.parent().unwrap_or(Path::new(""));
    let hidden = |name: &str| name.starts_with('.') && !pattern.starts_with('.');
    let found = sorted(folder, |name| !hidden(name) && fits(name, pattern));
    if found.is_empty() { vec![path.to_owned()] } else { found }
}

/// Gives the pictures in a folder, and anything else as it is.
fn inside(path: PathBuf) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path];
    }
    let ends =
        |name: &str| name.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.iter().any(|known| end.eq_ignore_ascii_case(known)));
    let found = sorted(&path, ends);
    if found.is_empty() { vec![path] } else { found }
}

fn sorted(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let readable = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = readable.read_dir().into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name()).filter(|name| name.to_str().is_some_and(&wanted));
    let mut found: Vec<_> = names.map(|name| folder.join(name)).collect();
    found.sort();
    found
}

/// Tells whether a name fits a pattern whose stars stand for any characters.
fn fits(name: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let (first, last) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
    let middle = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    // The leftmost place for each part leaves the most for the next ones.
    middle.is_some_and(|middle| parts.try_fold(middle, |rest, part| rest.split_once(part).map(|(_, after)| after)).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_line_of_paths_is_split_as_a_shell_would() {
        assert_eq!(words("a.png  b.png"), ["a.png", "b.png"]);
        assert_eq!(words(r#"'two words.png' "it's.png" three\ words.png"#), ["two words.png", "it's.png", "three words.png"]);
        assert_eq!(words(r"ends\"), ["ends"]);
        assert!(words("   ").is_empty());
    }

    #[test]
    fn stars_stand_for_any_characters() {
        for (name, pattern, expected) in [
            ("a1.png", "*.png", true),
            ("a1.jpg", "*.png", false),
            ("frame-01.png", "f*-*1*g", true),
            ("ab", "ab*b", false),
            ("a", "*", true),
            ("abc", "a**c", true),
        ] {
            assert_eq!(fits(name, pattern), expected, "{name} {pattern}");
        }
    }

    #[test]
    fn folders_and_patterns_give_their_pictures_and_what_means_nothing_stays() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.PNG", "a.png", "notes.txt", ".hidden.png"] {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        let given = |line: String| named(&line).into_iter().map(|path| path.file_name().unwrap().to_owned()).collect::<Vec<_>>();
        let path = folder.path().display();
        assert_eq!(given(format!("{path}/*.png")), ["a.png"]);
        assert_eq!(given(format!("{path}/*")), ["a.png", "b.PNG", "notes.txt"]);
        assert_eq!(given(format!("{path}/*.gif")), ["*.gif"]);
        assert_eq!(given(format!("{path}")), [".hidden.png", "a.png", "b.PNG"]);
        assert!(named("~/x.png")[0].is_absolute());
    }
}
