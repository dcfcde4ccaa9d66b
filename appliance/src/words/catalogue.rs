//! The strings of the appliance, in every language, as gettext has them.
//!
//! The English text of a string is its name in the sources (`msgid`); `appliance/lang` has the others,
//! which are checked and bundled when the appliance is built. Nothing is read at run time.
//!
//! `tr!` gives a string, `trc!` one of a context (`msgctxt`), and `trn!` one that depends on a number
//! (`msgid_plural`), which stands in it as `{count}`. What is in braces is put in by name:
//! `tr!(words, "card {index}, {custodian}", index, custodian)`.

use super::Words;
use cloison_protocol::Language;
use core::fmt::{Display, Write};

/// A context, the English text, and its forms: one, or singular and plural.
type Entry = (&'static str, &'static str, &'static [&'static str]);

// `static FRENCH: &[Entry]`, sorted by context and English text.
include!(concat!(env!("OUT_DIR"), "/french.rs"));

/// Gives a string in the language of some [`Words`].
macro_rules! tr {
    (@value $name:ident) => { $name };
    (@value $name:ident $value:expr) => { $value };
    ($words:expr, $id:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::words::catalogue::filled($words.string("", $id), &[$(
            (stringify!($name), &$crate::words::catalogue::tr!(@value $name $($value)?) as &dyn core::fmt::Display)
        ),*])
    };
}

/// Gives a string of a context in the language of some [`Words`].
macro_rules! trc {
    ($words:expr, $context:literal, $id:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::words::catalogue::filled($words.string($context, $id), &[$(
            (stringify!($name), &$crate::words::catalogue::tr!(@value $name $($value)?) as &dyn core::fmt::Display)
        ),*])
    };
}

/// Gives the singular or the plural of a string in the language of some [`Words`].
macro_rules! trn {
    ($words:expr, $count:expr, $one:literal, $many:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        let count = $crate::words::catalogue::amount($count);
        $crate::words::catalogue::filled($words.plural($one, $many, count), &[
            ("count", &$words.number(count) as &dyn core::fmt::Display),
            $((stringify!($name), &$crate::words::catalogue::tr!(@value $name $($value)?) as &dyn core::fmt::Display)),*
        ])
    }};
}

pub(super) use {tr, trc, trn};

impl Words {
    /// Gives a string of a context; one that is not there in English.
    pub(super) fn string(self, context: &str, english: &'static str) -> &'static str {
        self.forms(context, english).and_then(<[_]>::first).copied().unwrap_or(english)
    }

    /// Gives the form of a string that goes with a number: of none and one it is the singular in
    /// French, of one alone in English.
    pub(super) fn plural(self, one: &'static str, many: &'static str, count: u64) -> &'static str {
        match self.forms("", one) {
            Some(forms) => forms.get(usize::from(count > 1)).copied().unwrap_or(many),
            None if count == 1 => one,
            None => many,
        }
    }

    fn forms(self, context: &str, english: &str) -> Option<&'static [&'static str]> {
        let catalogue: &[Entry] = match self.language {
            Language::French => FRENCH,
            _ => return None,
        };
        let found = catalogue.binary_search_by(|entry| (entry.0, entry.1).cmp(&(context, english)));
        found.ok().and_then(|at| catalogue.get(at)).map(|entry| entry.2)
    }
}

/// Takes a number of things, however large its type.
pub(super) fn amount(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

/// Puts values into a string, each once: what a value holds is not looked at.
pub(super) fn filled(string: &str, values: &[(&str, &dyn Display)]) -> String {
    let (mut text, mut rest) = (String::with_capacity(string.len()), string);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            // Writing to a text cannot fail.
            let _ = write!(text, "{value}");
        }
        rest = behind;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IN_ENGLISH: Words = Words::new(Language::English);
    const IN_FRENCH: Words = Words::new(Language::French);

    #[test]
    fn none_and_one_are_singular_in_french_and_one_alone_in_english() {
        let cards = |words: Words, count: u64| trn!(words, count, "{count} card", "{count} cards");
        assert_eq!([0, 1, 2].map(|count| cards(IN_ENGLISH, count)), ["0 cards", "1 card", "2 cards"]);
        assert_eq!([0, 1, 2].map(|count| cards(IN_FRENCH, count)), ["0 carte", "1 carte", "2 cartes"]);
    }

    #[test]
    fn the_same_english_has_its_own_french_in_each_context() {
        assert_eq!(trc!(IN_FRENCH, "source of randomness", "Dice"), "dés");
        assert_eq!(tr!(IN_FRENCH, "Dice"), "Dés");
        assert_eq!(IN_FRENCH.string("no such context", "Dice"), "Dice");
    }

    #[test]
    fn what_is_put_in_is_not_looked_at() {
        let name = "{index} {";
        assert_eq!(tr!(IN_ENGLISH, "card {index}, {custodian}", index = 3, custodian = name), "card 3, {index} {");
        assert_eq!(filled("a {gone} and {open", &[]), "a  and ");
    }

    #[test]
    fn the_catalogue_is_sorted_and_whole() {
        assert!(FRENCH.len() > 400);
        assert!(FRENCH.windows(2).all(|pair| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1)));
        assert!(FRENCH.iter().all(|entry| !entry.2.is_empty() && entry.2.iter().all(|form| !form.is_empty())));
    }

    proptest! {
        #[test]
        fn filling_never_fails(string in ".{0,80}", value in ".{0,20}") {
            let plain = string.replace(['{', '}'], "");
            prop_assert_eq!(filled(&plain, &[("a", &value)]), plain);
            let _ = filled(&string, &[("a", &value)]);
        }
    }
}
