//! Dates, durations, numbers and lists, as people write them.

use super::{
    Explain, Words,
    catalogue::{tr, trc, trn},
};
use cloison_protocol::{Digest, Language};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

impl Words {
    /// Writes a moment in UTC; one that no calendar has is written as its seconds.
    pub(super) fn date(self, seconds: u64) -> String {
        let moment = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        moment.map_or_else(|| tr!(self, "second {seconds}", seconds), |moment| self.calendar(TimeZone::UTC.to_datetime(moment)))
    }

    fn calendar(self, moment: DateTime) -> String {
        let two = |number: i8| format!("{number:02}");
        tr!(
            self,
            "{year}-{month}-{day} at {hour}:{minute} UTC",
            year = format!("{:04}", moment.year()),
            month = self.month(moment.month()),
            day = self.day(moment.day()),
            hour = two(moment.hour()),
            minute = two(moment.minute()),
        )
    }

    /// Writes the month as a date has it: its number in English, whose dates are those of ISO 8601.
    fn month(self, month: i8) -> String {
        match month {
            1 => trc!(self, "month of a date", "01"),
            2 => trc!(self, "month of a date", "02"),
            3 => trc!(self, "month of a date", "03"),
            4 => trc!(self, "month of a date", "04"),
            5 => trc!(self, "month of a date", "05"),
            6 => trc!(self, "month of a date", "06"),
            7 => trc!(self, "month of a date", "07"),
            8 => trc!(self, "month of a date", "08"),
            9 => trc!(self, "month of a date", "09"),
            10 => trc!(self, "month of a date", "10"),
            11 => trc!(self, "month of a date", "11"),
            _ => trc!(self, "month of a date", "12"),
        }
    }

    fn day(self, day: i8) -> String {
        match (self.language, day) {
            (Language::French, 1) => "1er".to_owned(),
            (Language::French, day) => day.to_string(),
            (_, day) => format!("{day:02}"),
        }
    }

    /// Writes a duration in its two largest units.
    pub(super) fn duration(self, seconds: u64) -> String {
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, seconds) => tr!(self, "{seconds} s", seconds),
            (0, minutes, 0) => tr!(self, "{minutes} min", minutes),
            (0, minutes, seconds) => tr!(self, "{minutes} min {seconds} s", minutes, seconds),
            (hours, 0, _) => tr!(self, "{hours} h", hours),
            (hours, minutes, _) => tr!(self, "{hours} h {minutes} min", hours, minutes),
        }
    }

    /// Writes a number; in French in groups of three digits, from five on.
    pub(super) fn number(self, number: u64) -> String {
        let digits = number.to_string();
        if self.language != Language::French || digits.len() < 5 {
            return digits;
        }
        let first = digits.len() % 3;
        let group = |(at, digit): (usize, char)| {
            let gap = (at > 0 && at % 3 == first).then_some('\u{a0}');
            gap.into_iter().chain([digit])
        };
        digits.chars().enumerate().flat_map(group).collect()
    }

    pub(super) fn cards(self, count: u8) -> String {
        trn!(self, count, "{count} card", "{count} cards")
    }

    pub(super) fn rolls(self, count: usize) -> String {
        trn!(self, count, "{count} roll", "{count} rolls")
    }

    pub(super) fn operations(self, count: impl TryInto<u64>) -> String {
        trn!(self, count, "{count} operation", "{count} operations")
    }

    /// Writes a list of which all hold.
    pub(super) fn all_of(self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => tr!(self, "{first} and {last}", first = first.join(", "), last),
        }
    }

    /// Writes a list of which one is chosen.
    pub(super) fn one_of(self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => tr!(self, "{first} or {last}", first = first.join(", "), last),
        }
    }

    /// Names the custodians of some cards.
    pub(super) fn holders(self, cards: &[u8]) -> String {
        let numbers: Vec<String> = cards.iter().map(u8::to_string).collect();
        match numbers.len() {
            0 => tr!(self, "the operator alone"),
            1 => tr!(self, "the custodian of card {card}", card = numbers.concat()),
            _ => tr!(self, "the custodians of cards {cards}", cards = self.all_of(&numbers)),
        }
    }

    /// Writes what an error or a refusal says as whole sentences.
    #[must_use]
    pub fn sentences(self, error: &(impl Explain + ?Sized)) -> String {
        whole(&error.explain(self))
    }
}

/// Gives the beginning of a digest, by which people tell two requests or keys apart.
pub(super) fn short(digest: &Digest) -> String {
    digest.0.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Begins sentences with a capital, and ends them where they have no end.
pub(super) fn whole(text: &str) -> String {
    let text = capital(text);
    if text.ends_with(['.', '!', '?']) { text } else { text + "." }
}

/// Begins a sentence with a capital.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENGLISH: Words = Words::new(Language::English);
    const FRENCH: Words = Words::new(Language::French);

    #[test]
    fn durations_are_written_in_their_two_largest_units() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (580, "9 min 40 s"),
            (3600, "1 h"),
            (6725, "1 h 52 min"),
            (43_259, "12 h"),
            (u64::MAX, "5124095576030431 h"),
        ] {
            assert_eq!(ENGLISH.duration(seconds), words);
            assert_eq!(FRENCH.duration(seconds).replace('\u{a0}', " "), words);
        }
    }

    #[test]
    fn a_date_is_written_as_the_language_does() {
        for (seconds, english, french) in [
            (1_795_271_400, "2026-11-21 at 14:30 UTC", "21 novembre 2026 à 14 h 30 UTC"),
            (1_772_323_500, "2026-03-01 at 00:05 UTC", "1er mars 2026 à 00 h 05 UTC"),
            (0, "1970-01-01 at 00:00 UTC", "1er janvier 1970 à 00 h 00 UTC"),
            (u64::MAX, "second 18446744073709551615", "seconde 18446744073709551615"),
        ] {
            assert_eq!(ENGLISH.date(seconds), english);
            assert_eq!(FRENCH.date(seconds).replace('\u{a0}', " "), french);
        }
        let months: std::collections::BTreeSet<_> = (1..=12).map(|month| FRENCH.month(month)).collect();
        assert_eq!(months.len(), 12);
        assert_eq!(
            (1..=12).map(|month| ENGLISH.month(month).parse::<i8>()).collect::<Vec<_>>(),
            (1..=12).map(Ok).collect::<Vec<_>>()
        );
    }

    #[test]
    fn long_numbers_are_grouped_in_french_alone() {
        for (number, french) in [
            (0, "0"),
            (4096, "4096"),
            (65_536, "65\u{a0}536"),
            (123_456, "123\u{a0}456"),
            (4 << 30, "4\u{a0}294\u{a0}967\u{a0}296"),
        ] {
            assert_eq!(FRENCH.number(number), french);
            assert_eq!(ENGLISH.number(number), number.to_string());
        }
    }

    #[test]
    fn things_are_listed_as_people_do() {
        let items = |count: usize| ["a", "b", "c"][..count].iter().map(ToString::to_string).collect::<Vec<_>>();
        let named = |words: Words| [0, 1, 2, 3].map(|count| words.one_of(&items(count)));
        assert_eq!(named(ENGLISH), ["", "a", "a or b", "a, b or c"]);
        assert_eq!(named(FRENCH), ["", "a", "a ou b", "a, b ou c"]);
        assert_eq!(ENGLISH.holders(&[]), "the operator alone");
        assert_eq!(ENGLISH.holders(&[4]), "the custodian of card 4");
        assert_eq!(ENGLISH.holders(&[1, 3, 4]), "the custodians of cards 1, 3 and 4");
        assert_eq!(FRENCH.holders(&[1, 3, 4]), "les dépositaires des cartes 1, 3 et 4");
    }

    #[test]
    fn an_error_becomes_whole_sentences() {
        assert_eq!(whole("the disk is full. Make room"), "The disk is full. Make room.");
        assert_eq!(whole("être ici. Bien!"), "Être ici. Bien!");
    }

    proptest! {
        #[test]
        fn no_moment_and_no_duration_is_without_words(seconds: u64) {
            for words in [ENGLISH, FRENCH] {
                prop_assert!(!words.date(seconds).is_empty() && !words.duration(seconds).is_empty());
            }
        }

        #[test]
        fn a_grouped_number_has_its_digits(number: u64) {
            prop_assert_eq!(FRENCH.number(number).replace('\u{a0}', ""), number.to_string());
        }
    }
}
