//! Flattens JSON into rows, with nothing lost on the way: no number is rounded, no name left out.
//!
//! Values are taken as they stand in the source (`RawValue`), not through numbers or maps of Rust's,
//! which would round the one and keep the last of two equal names.

use super::wire::{self, MAX_ANSWER, Reason};
use super::{MAX_DEPTH, MAX_ROWS, Table, text};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// Flattens a text that is JSON; `None` where it is not, so that it is shown as the text it is.
///
/// JSON is here an object or a list. A byte order mark before it is taken off.
///
/// # Errors
/// [`Reason::TooDeep`] above [`MAX_DEPTH`]; [`Reason::TooLong`] above [`MAX_ROWS`] or where the rows
/// take more bytes than an answer has.
pub(super) fn flattened(source: &str) -> Result<Option<Table>, Reason> {
    let source = source.strip_prefix('\u{FEFF}').unwrap_or(source);
    let Ok(value) = serde_json::from_str::<&RawValue>(source) else { return Ok(None) };
    if !value.get().starts_with(['{', '[']) {
        return Ok(None);
    }
    let mut rows = Rows::default();
    match rows.value(value.get(), 0) {
        Ok(()) => Ok(Some(Table { rows: rows.rows })),
        Err(Stop::NotJson) => Ok(None),
        Err(Stop::Refused(reason)) => Err(reason),
    }
}

/// Says why flattening stopped.
enum Stop {
    /// A text in it that is no text, such as half of a surrogate pair.
    NotJson,
    Refused(Reason),
}

/// Collects rows while their paths are followed.
#[derive(Default)]
struct Rows {
    rows: Vec<[Zeroizing<String>; 2]>,
    path: Zeroizing<String>,
    bytes: usize,
}

impl Rows {
    fn value(&mut self, source: &str, depth: usize) -> Result<(), Stop> {
        match source.as_bytes() {
            [b'{', ..] => self.members(&parsed::<Members<'_>>(source)?.0, depth),
            [b'[', ..] => self.items(&parsed::<Vec<&RawValue>>(source)?, depth),
            [b'"', ..] => self.row(&string(&parsed::<Zeroizing<String>>(source)?)),
            _ => self.row(source),
        }
    }

    fn members(&mut self, members: &[(Zeroizing<String>, &RawValue)], depth: usize) -> Result<(), Stop> {
        if members.is_empty() {
            return self.row("{}");
        }
        let mut seen = BTreeMap::new();
        for (name, value) in members {
            let count = seen.entry(name.as_str()).or_insert(0_usize);
            *count += 1;
            let count = *count;
            self.below(depth, |path| step(name, count, path), value)?;
        }
        Ok(())
    }

    fn items(&mut self, items: &[&RawValue], depth: usize) -> Result<(), Stop> {
        if items.is_empty() {
            return self.row("[]");
        }
        for (number, value) in items.iter().enumerate() {
            self.below(depth, |path| path.push_str(&format!("[{number}]")), value)?;
        }
        Ok(())
    }

    /// Goes one step down the path and back.
    fn below(&mut self, depth: usize, step: impl FnOnce(&mut String), value: &RawValue) -> Result<(), Stop> {
        if depth == MAX_DEPTH {
            return Err(Stop::Refused(Reason::TooDeep));
        }
        let length = self.path.len();
        step(&mut self.path);
        self.value(value.get(), depth + 1)?;
        self.path.truncate(length);
        Ok(())
    }

    fn row(&mut self, value: &str) -> Result<(), Stop> {
        self.bytes += wire::ROW_HEAD + self.path.len() + value.len();
        if self.rows.len() == MAX_ROWS || self.bytes > MAX_ANSWER {
            return Err(Stop::Refused(Reason::TooLong));
        }
        self.rows.push([self.path.clone(), Zeroizing::new(value.to_owned())]);
        Ok(())
    }
}

/// Parses one level.
fn parsed<'a, T: Deserialize<'a>>(source: &'a str) -> Result<T, Stop> {
    serde_json::from_str(source).map_err(|_| Stop::NotJson)
}

/// Adds a name to a path: bare where it is simple, else in brackets and quotes; numbered where the
/// same object has had it before.
fn step(name: &str, count: usize, path: &mut String) {
    let simple = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let mut shown = Zeroizing::new(String::new());
    text::cell(name, &mut shown);
    if !simple || *shown != name {
        path.push('[');
        quoted(name, path);
        path.push(']');
    } else {
        path.push_str(if path.is_empty() { "" } else { "." });
        path.push_str(name);
    }
    if count > 1 {
        path.push_str(&format!("⟨{count}⟩"));
    }
}

/// Shows a text bare, or in quotes where it could be taken for something else.
fn string(value: &str) -> Zeroizing<String> {
    let mut shown = Zeroizing::new(String::new());
    let edges = value.starts_with(char::is_whitespace) || value.ends_with(char::is_whitespace);
    let other = serde_json::from_str::<&RawValue>(value).is_ok() || value.starts_with('"');
    if value.is_empty() || edges || other {
        quoted(value, &mut shown);
    } else {
        text::cell(value, &mut shown);
    }
    shown
}

/// Shows a text in quotes, with a backslash before quotes and backslashes in it.
fn quoted(value: &str, out: &mut String) {
    let escaped = Zeroizing::new(value.replace('\\', "\\\\").replace('"', "\\\""));
    out.push('"');
    text::cell(&escaped, out);
    out.push('"');
}

/// The members of one object in their order, equal names too.
struct Members<'a>(Vec<(Zeroizing<String>, &'a RawValue)>);

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'a> Visitor<'a> for InOrder {
    type Value = Members<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(source: &str) -> Vec<(String, String)> {
        let table = flattened(source).ok().unwrap().unwrap();
        table.rows().map(|(path, value)| (path.to_owned(), value.to_owned())).collect()
    }

    fn shows(source: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(path, value)| (path.to_string(), value.to_string())).collect();
        assert_eq!(rows(source), expected, "{source}");
    }

    fn refused(source: &str) -> Reason {
        flattened(source).err().unwrap()
    }

    #[test]
    fn objects_and_lists_become_paths() {
        shows(
            r#"{"person": {"name": "Martin", "place of birth": "Lyon"},
                "births": [{"date": "1980-02-29"}, [true, null]], "none": {}, "": []}"#,
            &[
                ("person.name", "Martin"),
                (r#"person["place of birth"]"#, "Lyon"),
                ("births[0].date", "1980-02-29"),
                ("births[1][0]", "true"),
                ("births[1][1]", "null"),
                ("none", "{}"),
                (r#"[""]"#, "[]"),
            ],
        );
        shows("[1]", &[("[0]", "1")]);
        shows("\u{FEFF} {}", &[("", "{}")]);
    }

    #[test]
    fn numbers_stand_as_they_were_written() {
        let numbers = ["12345678901234567890", "1.10", "-0", "1E400", "0.1000000000000000055511151231257827", "9007199254740993"];
        for number in numbers {
            shows(&format!(r#"{{"n": {number} }}"#), &[("n", number)]);
        }
    }

    #[test]
    fn a_name_that_occurs_twice_is_shown_twice_however_it_is_written() {
        shows(r#"{"a": 1, "b": 2, "\u0061": 3, "a": {"c": 4}}"#, &[("a", "1"), ("b", "2"), ("a⟨2⟩", "3"), ("a⟨3⟩.c", "4")]);
        shows(r#"{"a b": 1, "a b": 2, "o": {"a b": 3}}"#, &[(r#"["a b"]"#, "1"), (r#"["a b"]⟨2⟩"#, "2"), (r#"o["a b"]"#, "3")]);
    }

    #[test]
    fn a_path_cannot_be_imitated_by_a_name() {
        shows(
            r#"{"a.b": 1, "a": {"b": 2}, "a[0]": 3, "x\"]": 4, "a⟨2⟩": 5}"#,
            &[(r#"["a.b"]"#, "1"), ("a.b", "2"), (r#"["a[0]"]"#, "3"), (r#"["x\"]"]"#, "4"), (r#"["a⟨U+27E8⟩2⟨U+27E9⟩"]"#, "5")],
        );
    }

    #[test]
    fn a_text_that_looks_like_something_else_stands_in_quotes() {
        for (text, shown) in [
            ("12", r#""12""#),
            ("true", r#""true""#),
            ("null", r#""null""#),
            ("{}", r#""{}""#),
            ("", r#""""#),
            (" a", r#"" a""#),
            (r#"\"a\""#, r#""\"a\"""#),
            ("0612345678", "0612345678"),
            ("12 rue Haute", "12 rue Haute"),
            (r"a\\b", r"a\b"),
        ] {
            shows(&format!(r#"["{text}"]"#), &[("[0]", shown)]);
        }
    }

    #[test]
    fn what_hides_in_a_cell_becomes_its_number() {
        shows(r#"{"na\u202eme": "a\nb\u0000\u200b"}"#, &[(r#"["na⟨U+202E⟩me"]"#, "a⟨U+000A⟩b⟨U+0000⟩⟨U+200B⟩")]);
    }

    #[test]
    fn what_is_not_json_is_left_to_be_shown_as_text() {
        for source in [
            "",
            "{",
            "{\"a\": 1,}",
            "[1] [2]",
            "[01]",
            r#"["\ud800"]"#,
            r#"{"\udc00": 1}"#,
            "true",
            "\"text\"",
            "12",
            "[note] text",
        ] {
            assert!(flattened(source).ok().unwrap().is_none(), "{source}");
        }
    }

    #[test]
    fn levels_have_a_limit_that_half_a_mebibyte_of_them_reaches_too() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        shows(&nested(MAX_DEPTH), &[("[0]".repeat(MAX_DEPTH).as_str(), "1")]);
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), Reason::TooDeep);
        assert_eq!(refused(&nested((1 << 19) - 1)), Reason::TooDeep);
        let objects = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
        assert_eq!(refused(&objects), Reason::TooDeep);
    }

    #[test]
    fn rows_have_a_limit_and_so_have_their_bytes() {
        let list = |count: usize| format!("[{}1]", "1,".repeat(count - 1));
        assert_eq!(rows(&list(MAX_ROWS)).len(), MAX_ROWS);
        assert_eq!(refused(&list(MAX_ROWS + 1)), Reason::TooLong);
        assert_eq!(refused(&list(1 << 19)), Reason::TooLong);
        // A long name above a long list would be repeated ten thousand times.
        let repeated = format!(r#"{{"{}": {}}}"#, "n".repeat(500_000), list(10_000));
        assert_eq!(refused(&repeated), Reason::TooLong);
    }

    /// Any JSON, as text, with its leaves and their number.
    fn json() -> impl Strategy<Value = (String, usize)> {
        let text = any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap());
        let number = r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?";
        let leaf = prop_oneof![text, number.prop_map(String::from), Just("null".to_owned())].prop_map(|leaf| (leaf, 1));
        leaf.prop_recursive(5, 100, 10, |inner| {
            let count = |leaves: usize| leaves.max(1);
            let list = proptest::collection::vec(inner.clone(), 0..10).prop_map(move |items| {
                let leaves = items.iter().map(|(_, leaves)| leaves).sum();
                (format!("[{}]", items.into_iter().map(|(item, _)| item).collect::<Vec<_>>().join(", ")), count(leaves))
            });
            let object = proptest::collection::vec(("[a-c.\\[]{0,2}", inner), 0..10).prop_map(move |members| {
                let leaves = members.iter().map(|(_, (_, leaves))| leaves).sum();
                let members =
                    members.into_iter().map(|(name, (value, _))| format!("{}: {value}", serde_json::to_string(&name).unwrap()));
                (format!("{{{}}}", members.collect::<Vec<_>>().join(",")), count(leaves))
            });
            prop_oneof![list, object]
        })
    }

    proptest! {
        #[test]
        fn every_value_has_a_row_and_no_two_rows_the_same_path((source, leaves) in json()) {
            prop_assume!(source.starts_with(['[', '{']));
            let rows = rows(&source);
            prop_assert_eq!(rows.len(), leaves);
            let paths: std::collections::BTreeSet<_> = rows.iter().map(|(path, _)| path).collect();
            prop_assert_eq!(paths.len(), leaves);
            prop_assert!(rows.iter().all(|(path, value)| path.chars().chain(value.chars()).all(text::is_shown)));
        }
    }
}
