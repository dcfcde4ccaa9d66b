//! Judges how hard a passphrase is to guess.
//!
//! `zxcvbn` (USENIX Security 2016) estimates how many guesses it takes somebody who knows lists of
//! passwords, names and words, the rows of a keyboard, dates and repetitions, and reasons about
//! nothing else: a proverb or a line of a song is many words to it, and a birthday no different from
//! another day. It knows no French, so the words that are proposed are given to it as well.
//!
//! # How many guesses are enough
//! A guess is one Argon2id with 64 MiB and t = 3. An RTX 4090 makes 1 667 of them in a second (hashcat
//! 7), an RTX 5090 less than 3 000 (John the Ripper makes 11 434 with a quarter of the memory); memory,
//! not arithmetic, is what limits both. [`LEAST`], 10¹² or 2^39.9, is ten years of the faster card, for
//! one of the k cards that a thief must have and open. The limit that `zxcvbn` calls safe, 10⁸, would be
//! nine hours, and its best, 10¹⁰, six weeks. 10¹² is also what it gives twelve characters in which it
//! recognises nothing. (Of twelve random letters and digits it recognises something in one case of eight.)
//!
//! # What it is not
//! Its own copies of the text are not wiped: the kiosk's process ends when the vault is sealed, and the
//! kernel clears what it frees. It reads the year from the clock, which moves the guesses for a date by
//! less than a factor of three between a clock that is right and one that stands at 1970. Its tables have
//! random seeds, and three texts of a hundred are estimated differently from call to call, by a factor of
//! seventy at most (dropbox/zxcvbn#158); of 6 000 none came to lie on the other side of [`LEAST`]. So its
//! figure is told roughly, and nothing that is stored, signed or derived depends on it.

use super::{PassphraseError, propose::Words};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use zeroize::Zeroizing;
use zxcvbn::{Match, matching::patterns::MatchPattern, zxcvbn};

/// The guesses that a new card's passphrase must need.
const LEAST: u64 = 1_000_000_000_000;
/// The same, as a power of two.
const LEAST_BITS: u32 = LEAST.ilog2() + 1;
/// The guesses that make it strong: a hundred thousand years of a card.
const STRONG: u64 = 10_000_000_000_000_000;
/// How many characters are looked at: as many as the longest proposal has, and a few more. The time
/// that `zxcvbn` takes grows with more than their square.
const MOST: usize = 64;
/// Which word of a list sorted by frequency a word of our own lists counts as; theirs are sorted by
/// the alphabet. It is a word that people know.
const RANK: usize = 1000;

/// Tells how hard a passphrase is to guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How many guesses it takes, roughly, as a power of two: 0 to 63.
    pub bits: u32,
    /// What that means.
    pub verdict: Verdict,
    /// What makes it easier to guess than its length promises; first what covers most of it. There is
    /// one at least where it is weak, and none where it is strong.
    pub reasons: Vec<Reason>,
}

/// Says what a judgement means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is not taken for a new card.
    Weak,
    /// It is taken, and a longer one is better.
    Fair,
    /// Nothing is gained by more.
    Strong,
}

/// Says what a guesser would try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// A password, a word or a name that many people use.
    Known,
    /// One of these backwards or with 4 for a, 0 for o and the like.
    Disguised,
    /// Keys that lie side by side.
    Keyboard,
    /// The same again and again.
    Repetition,
    /// Letters or digits in their order.
    Sequence,
    /// A date or a year.
    Date,
    /// Too few characters, with nothing else against them.
    Short,
}

impl Judgement {
    pub(super) fn accepted(&self) -> Result<(), PassphraseError> {
        match (self.verdict, self.reasons.first()) {
            (Verdict::Weak, Some(why)) => Err(PassphraseError::Guessable { bits: self.bits, least: LEAST_BITS, why: *why }),
            _ => Ok(()),
        }
    }
}

/// Judges a passphrase, whole and without its spaces, whichever is easier.
///
/// Only the first 64 characters count. Accents, which a guesser leaves out and puts in, do not.
#[must_use]
pub fn judge(text: &str) -> Judgement {
    let whole = plain(text);
    // Reserved, so that no copy is left behind by growing.
    let mut joined = Zeroizing::new(String::with_capacity(whole.len()));
    joined.extend(whole.chars().filter(|character| !character.is_whitespace()));
    let mut estimate = Estimate::of(&whole);
    if joined.len() < whole.len() {
        let other = Estimate::of(&joined);
        // Where nothing is recognised, all that is found is that there are fewer characters.
        if !other.reasons.is_empty() && other.guesses < estimate.guesses {
            estimate = other;
        }
    }
    estimate.judgement()
}

/// Gives the letters without their accents.
fn plain(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(MOST * 4));
    let begin = text.trim().chars().take(4 * MOST);
    plain.extend(begin.nfkd().filter(|character| !is_combining_mark(*character)).take(MOST));
    plain
}

struct Estimate {
    guesses: u64,
    reasons: Vec<Reason>,
}

impl Estimate {
    fn of(text: &str) -> Self {
        let found = zxcvbn(text, &words_in(text));
        let mut covered: Vec<(usize, Reason)> = Vec::new();
        for part in found.sequence() {
            let Some(reason) = reason(part) else { continue };
            match covered.iter_mut().find(|(_, known)| *known == reason) {
                Some((characters, _)) => *characters += part.j + 1 - part.i,
                None => covered.push((part.j + 1 - part.i, reason)),
            }
        }
        covered.sort_unstable_by_key(|(characters, reason)| (core::cmp::Reverse(*characters), *reason));
        Self { guesses: found.guesses(), reasons: covered.into_iter().map(|(_, reason)| reason).collect() }
    }

    fn judgement(mut self) -> Judgement {
        let verdict = match self.guesses {
            STRONG.. => Verdict::Strong,
            LEAST.. => Verdict::Fair,
            _ => Verdict::Weak,
        };
        match verdict {
            Verdict::Weak if self.reasons.is_empty() => self.reasons.push(Reason::Short),
            Verdict::Strong => self.reasons.clear(),
            _ => {}
        }
        Judgement { bits: self.guesses.checked_ilog2().unwrap_or(0), verdict, reasons: self.reasons }
    }
}

/// Lists the words of our lists that a text has, behind as much nothing as gives them their rank.
fn words_in(text: &str) -> Vec<&'static str> {
    let mut lower = Zeroizing::new(String::with_capacity(text.len() * 3));
    lower.extend(text.chars().flat_map(char::to_lowercase));
    let all = Words::French.all().chain(Words::English.all());
    core::iter::repeat_n("", RANK).chain(all.filter(|word| lower.contains(word))).collect()
}

fn reason(part: &Match) -> Option<Reason> {
    match &part.pattern {
        MatchPattern::Dictionary(word) if word.l33t || word.reversed => Some(Reason::Disguised),
        MatchPattern::Dictionary(_) => Some(Reason::Known),
        MatchPattern::Spatial(_) => Some(Reason::Keyboard),
        MatchPattern::Repeat(_) => Some(Reason::Repetition),
        MatchPattern::Sequence(_) => Some(Reason::Sequence),
        MatchPattern::Regex(_) | MatchPattern::Date(_) => Some(Reason::Date),
        MatchPattern::BruteForce => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passphrase::propose;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    const WEAK: &[(&str, Reason)] = &[
        ("azerty123456", Reason::Known),
        ("motdepasse2024", Reason::Known),
        ("aaaaaaaaaaaa", Reason::Repetition),
        ("abcdeabcdeab", Reason::Repetition),
        ("Paris 2024 !!", Reason::Known),
        ("Amélie 12/03/1987", Reason::Date),
        ("another passphrase", Reason::Known),
        ("je suis charlie", Reason::Known),
        ("la vie est belle", Reason::Known),
        ("maison jardin soleil", Reason::Known),
        ("qsdfghjklmù*", Reason::Keyboard),
        ("efghijklmnopq", Reason::Sequence),
        ("drowssapdrowssap1", Reason::Repetition),
        ("P@55w0rd!!!!", Reason::Disguised),
        ("zqx", Reason::Short),
        ("", Reason::Short),
    ];
    const TAKEN: &[&str] = &[
        "the passphrase of card 1",
        "the passphrase of card 16",
        "six quiet words only Amélie knows",
        "six quiet words only Bruno knows",
        "six quiet words only Chloé knows",
        "été à la clé",
        "nK8#vQ2!xZ7p",
        "maison jardin soleil chat",
        "doodle faculty caravan shucking henna mocha",
        "dactylo farci beauf poulette herbage lexicale",
    ];

    #[test]
    fn what_people_choose_is_weak_for_a_reason() {
        for (text, reason) in WEAK {
            let judged = judge(text);
            assert_eq!((judged.verdict, judged.reasons.first()), (Verdict::Weak, Some(reason)), "{text}: {judged:?}");
            assert!(judged.bits < LEAST_BITS && judged.accepted().is_err(), "{text}");
        }
    }

    #[test]
    fn phrases_and_random_characters_are_taken() {
        for text in TAKEN {
            let judged = judge(text);
            assert!(judged.verdict >= Verdict::Fair && judged.accepted().is_ok(), "{text}: {judged:?}");
        }
        assert_eq!(judge(TAKEN[8]), Judgement { bits: 63, verdict: Verdict::Strong, reasons: Vec::new() });
    }

    /// Its tables have random seeds; what it decides has not.
    #[test]
    fn the_verdict_is_the_same_from_call_to_call() {
        for text in WEAK.iter().map(|(text, _)| text).chain(TAKEN) {
            let verdicts: Vec<Verdict> = (0..20).map(|_| judge(text).verdict).collect();
            assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{text}: {verdicts:?}");
        }
    }

    #[test]
    fn spaces_accents_and_capitals_do_not_help() {
        for text in ["p a s s w o r d 1 2 3", "mötdépasse 2024", "  Azerty 123456  "] {
            assert_eq!(judge(text).verdict, Verdict::Weak, "{text}");
        }
        let spaced = "nK8# vQ2! xZ7p";
        assert!(judge(spaced).verdict >= Verdict::Fair, "nor do spaces harm");
    }

    #[test]
    fn three_words_of_a_list_are_too_few_and_five_are_enough() {
        let mut rng = ChaCha20Rng::from_seed([5; 32]);
        for words in [Words::English, Words::French] {
            for _ in 0..40 {
                let proposal = propose(words, &mut rng);
                let some = |count| proposal.expose().split(' ').take(count).collect::<Vec<_>>().join(" ");
                assert_eq!(judge(&some(3)).verdict, Verdict::Weak, "{}", some(3));
                assert!(judge(&some(5)).verdict >= Verdict::Fair, "{}", some(5));
            }
        }
    }

    /// Of twelve random letters and digits one in eight has something in it by chance that counts
    /// against it; of fourteen none.
    #[test]
    fn fourteen_random_characters_are_taken() {
        let mut rng = ChaCha20Rng::from_seed([6; 32]);
        let alphabet: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
        for _ in 0..200 {
            let text: String = (0..14).map(|_| alphabet[rng.next_u32() as usize % alphabet.len()]).collect();
            assert!(judge(&text).verdict >= Verdict::Fair, "{text}");
        }
    }

    /// 4 for a, $ for s and the like, all at once, is what costs most: about half a second, since no
    /// more than 64 characters are looked at.
    #[test]
    fn the_longest_and_the_worst_text_is_judged_by_its_first_64_characters() {
        for text in [
            "a".repeat(1024),
            "4@8({[<369!1|7$5+%20".repeat(51),
            "p@55w0rd 1l0v3 y0u! 4(7|%".repeat(41),
            "\u{301}".repeat(512),
            "\u{fdfa}".repeat(341),
        ] {
            assert_eq!(judge(&text).verdict, judge(&plain(&text)).verdict, "what comes after 64 characters counts for nothing");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_text_has_a_judgement(text in "\\PC{0,80}|[a4@1l!0o ]{0,40}|([0-9]{1,4}[/. -]?){0,8}|.{0,300}") {
            let judged = judge(&text);
            prop_assert!(judged.bits <= 63);
            prop_assert!(judged.verdict != Verdict::Weak || !judged.reasons.is_empty());
            prop_assert_eq!(judged.accepted().is_err(), judged.verdict == Verdict::Weak);
        }
    }
}
