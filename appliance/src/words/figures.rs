//! Dates, durations, numbers and lists, as people write them.

use cloison_protocol::Digest;
use std::fmt::Display;

/// Writes a moment in UTC; one that no calendar has is written as its seconds.
pub(super) fn date(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| format!("second {seconds}"), |moment| moment.strftime("%Y-%m-%d at %H:%M UTC").to_string())
}

/// Writes a duration in its two largest units.
pub(super) fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Counts things that have an ordinary plural.
pub(super) fn count(number: impl TryInto<u64>, thing: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Writes a list with a word before its last item.
pub(super) fn listed(items: &[String], and: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

/// Names the custodians of some cards.
pub(super) fn holders(cards: &[u8]) -> String {
    let numbers: Vec<String> = cards.iter().map(u8::to_string).collect();
    match numbers.len() {
        0 => "the operator alone".to_owned(),
        1 => format!("the custodian of card {}", numbers.concat()),
        _ => format!("the custodians of cards {}", listed(&numbers, "and")),
    }
}

/// Gives the beginning of a digest, by which people tell two requests or keys apart.
pub(super) fn short(digest: &Digest) -> String {
    digest.0.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes what an error or a refusal says as whole sentences.
pub(super) fn sentences(error: impl Display) -> String {
    let text = capital(&error.to_string());
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
            assert_eq!(duration(seconds), words);
        }
    }

    #[test]
    fn things_are_counted_and_listed_as_people_do() {
        assert_eq!([count(0_u8, "card"), count(1_usize, "card"), count(2_u64, "card")], ["0 cards", "1 card", "2 cards"]);
        let named = |count: usize| listed(&["a", "b", "c"][..count].iter().map(ToString::to_string).collect::<Vec<_>>(), "or");
        assert_eq!([named(0), named(1), named(2), named(3)], ["", "a", "a or b", "a, b or c"]);
        assert_eq!(holders(&[]), "the operator alone");
        assert_eq!(holders(&[4]), "the custodian of card 4");
        assert_eq!(holders(&[1, 3, 4]), "the custodians of cards 1, 3 and 4");
    }

    #[test]
    fn an_error_becomes_whole_sentences() {
        assert_eq!(sentences("the disk is full. Make room"), "The disk is full. Make room.");
        assert_eq!(sentences("être ici. Bien!"), "Être ici. Bien!");
    }

    proptest! {
        #[test]
        fn no_moment_and_no_duration_is_without_words(seconds: u64) {
            prop_assert!(!date(seconds).is_empty() && !duration(seconds).is_empty());
        }
    }
}
