//! Proposes six words drawn by chance (diceware).
//!
//! The lists, their licences and where they come from are described in the README beside this file.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

const ENGLISH: &str = include_str!("english.txt");
const FRENCH: &str = include_str!("french.txt");
/// Six words of 12.92 bits: 77 bits, more than any card's passphrase needs (see `judge`).
const WORDS: usize = 6;
/// The longest word of either list.
const LONGEST: usize = 9;

/// Chooses the list that words are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// The EFF's long list, 7776 words.
    English,
    /// The French list of `diceware`, 7776 words without accents.
    French,
}

impl Words {
    /// Lists all words, in the order of the dice.
    pub(super) fn all(self) -> impl Iterator<Item = &'static str> {
        let list = match self {
            Self::English => ENGLISH,
            Self::French => FRENCH,
        };
        list.lines().filter_map(|line| line.split_ascii_whitespace().nth(1))
    }
}

/// A passphrase that nobody has seen yet but the custodian it is shown to.
pub struct Proposal(Zeroizing<String>);

impl Proposal {
    /// Lends the words, with a space between two, to be shown and typed again.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Draws six words.
///
/// Each is one of 7776 with the same probability: a number of 13 bits that no word has is drawn again.
#[must_use]
pub fn propose(words: Words, rng: &mut impl CryptoRng) -> Proposal {
    drawn(&words.all().collect::<Vec<_>>(), rng)
}

fn drawn(list: &[&str], rng: &mut impl CryptoRng) -> Proposal {
    // One allocation, so that no copy is left behind by growing.
    let mut text = Zeroizing::new(String::with_capacity(WORDS * (LONGEST + 1)));
    let numbers = core::iter::repeat_with(|| rng.next_u32() & 0x1fff);
    for word in numbers.filter_map(|number| list.get(usize::try_from(number).ok()?)).take(WORDS) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    Proposal(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passphrase::{Passphrase, Verdict, judge};
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use sha2::{Digest, Sha256};
    use std::collections::{BTreeMap, BTreeSet};
    use unicode_normalization::UnicodeNormalization;

    const BOTH: [Words; 2] = [Words::English, Words::French];

    #[test]
    fn the_lists_are_the_published_ones() {
        let digest = |list: &str| Sha256::digest(list).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(digest(ENGLISH), "addd35536511597a02fa0a9ff1e5284677b8883b83e986e43f15a3db996b903e");
        let french = FRENCH.replace(" interroge\n", " Internet\n");
        assert_eq!(digest(&french), "48014d49bbe0691fc82f0b6121f5e50db74b49501403571f80bd7b6e9fbbe022");
    }

    #[test]
    fn each_list_has_a_word_for_each_throw_of_five_dice() {
        for list in [ENGLISH, FRENCH] {
            let throws: Vec<&str> = list.lines().filter_map(|line| line.split_ascii_whitespace().next()).collect();
            let mut all: Vec<String> = vec![String::new()];
            for _ in 0..5 {
                all = all.iter().flat_map(|throw| ('1'..='6').map(move |roll| format!("{throw}{roll}"))).collect();
            }
            assert_eq!(throws, all);
        }
    }

    #[test]
    fn every_word_is_its_own_and_easy_to_type() {
        for words in BOTH {
            let all: Vec<&str> = words.all().collect();
            let normal: BTreeSet<String> = all.iter().map(|word| word.nfkd().collect()).collect();
            assert_eq!((all.len(), normal.len()), (7776, 7776), "{words:?}");
            for word in all {
                assert!((3..=LONGEST).contains(&word.len()), "{word}");
                assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{word}");
            }
        }
    }

    #[test]
    fn what_is_proposed_is_six_words_of_the_list_and_makes_a_passphrase() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        for words in BOTH {
            let list: BTreeSet<&str> = words.all().collect();
            for _ in 0..150 {
                let proposal = propose(words, &mut rng);
                let text = proposal.expose();
                assert!(text.split(' ').all(|word| list.contains(word)) && text.split(' ').count() == 6, "{text}");
                assert!(text.len() <= WORDS * (LONGEST + 1), "it never grows");
                assert!(Passphrase::chosen(text, text).is_ok(), "{text}");
                assert_eq!(judge(text).verdict, Verdict::Strong, "{text}");
            }
        }
    }

    #[test]
    fn proposals_are_the_generators_and_differ() {
        let text = |seed| propose(Words::French, &mut ChaCha20Rng::from_seed([seed; 32])).expose().to_owned();
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }

    /// Pearson's χ² over the words, seventy of each expected: with 7775 degrees of freedom it is
    /// nearly normal, 7775 ± 125, and a modulo's bias would add some thousands.
    #[test]
    fn every_word_is_drawn_as_often_as_every_other() {
        let list: Vec<&str> = Words::English.all().collect();
        let place: BTreeMap<&str, usize> = list.iter().copied().enumerate().map(|(place, word)| (word, place)).collect();
        let mut times = vec![0u32; 7776];
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        for _ in 0..90_720 {
            for word in drawn(&list, &mut rng).expose().split(' ') {
                times[place[word]] += 1;
            }
        }
        assert!(times.iter().all(|times| *times > 0), "every word can be drawn");
        let square = times.iter().map(|times| (f64::from(*times) - 70.0).powi(2) / 70.0).sum::<f64>();
        assert!((square - 7775.0).abs() < 6.0 * 125.0, "{square}");
        // The first and the last words, which a modulo would favour and forget.
        for words in [&times[..416], &times[7360..]] {
            let sum = f64::from(words.iter().sum::<u32>());
            assert!((sum / (70.0 * 416.0) - 1.0).abs() < 0.03, "{sum}");
        }
    }
}
