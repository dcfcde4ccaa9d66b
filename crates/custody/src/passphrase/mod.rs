//! A custodian's passphrase: typed, chosen, proposed, judged.
//!
//! What is chosen must be long enough, typed twice alike, and hard to guess by the judgement of
//! [`judge()`]. Six words drawn by [`propose()`] are. Words for people live in the appliance.

mod judge;
mod propose;

pub use judge::{Judgement, Reason, Verdict, judge};
pub use propose::{Proposal, Words, propose};

use std::collections::BTreeSet;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

const MIN_CHARS: usize = 12;
const MIN_DIFFERENT: usize = 5;
const MAX_BYTES: usize = 1024;

/// A custodian's passphrase, in Unicode NFKD so that every keyboard gives the same bytes.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes what was typed to open a card.
    ///
    /// # Errors
    /// [`PassphraseError`].
    pub fn typed(text: &str) -> Result<Self, PassphraseError> {
        if text.is_empty() {
            return Err(PassphraseError::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(PassphraseError::TooLong { limit: MAX_BYTES });
        }
        // Reserved at the most that NFKD can need, so that growing leaves no copies behind.
        let mut normal = Zeroizing::new(String::with_capacity(text.len() * 18));
        normal.extend(text.nfkd());
        Ok(Self(normal))
    }

    /// Takes what was chosen for a new card, which must be long enough, hard to guess, and typed
    /// twice alike.
    ///
    /// # Errors
    /// [`PassphraseError`].
    pub fn chosen(text: &str, again: &str) -> Result<Self, PassphraseError> {
        let (first, second) = (Self::typed(text)?, Self::typed(again)?);
        if *first.0 != *second.0 {
            return Err(PassphraseError::Differ);
        }
        // Counted as typed: an accent or a ligature is one key, whatever NFKD makes of it.
        let found = text.trim().chars().count();
        if found < MIN_CHARS {
            return Err(PassphraseError::TooShort { found, least: MIN_CHARS });
        }
        if text.trim().chars().collect::<BTreeSet<_>>().len() < MIN_DIFFERENT {
            return Err(PassphraseError::Monotonous { least: MIN_DIFFERENT });
        }
        judge(text).accepted()?;
        Ok(first)
    }

    /// Lends its bytes to what seals a card.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Says why a passphrase is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// Nothing was typed.
    #[error("no passphrase was typed. Type it, then go on")]
    Empty,
    /// Too short for a new card.
    #[error(
        "this passphrase has {found} characters, fewer than {least}. Choose a longer one: six words from a dictionary are good"
    )]
    TooShort {
        /// What was typed.
        found: usize,
        /// What is needed.
        least: usize,
    },
    /// The same few characters again and again.
    #[error("this passphrase has fewer than {least} different characters. Choose words that nobody would guess")]
    Monotonous {
        /// What is needed.
        least: usize,
    },
    /// Too easy to guess for a new card.
    #[error(
        "this passphrase can be guessed in about 2^{bits} tries, fewer than 2^{least}. Choose other words: six drawn by chance are best"
    )]
    Guessable {
        /// The tries that it takes, as a power of two.
        bits: u32,
        /// What is needed.
        least: u32,
        /// What makes most of it easy.
        why: Reason,
    },
    /// Too long.
    #[error("this passphrase is longer than {limit} bytes. Choose a shorter one")]
    TooLong {
        /// What is allowed.
        limit: usize,
    },
    /// Two different ones.
    #[error("the two passphrases differ. Type the same one twice")]
    Differ,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_easy_to_guess_is_refused_and_it_is_said_why() {
        for (text, why) in [
            ("azerty123456", Reason::Known),
            ("12/03/1987 Amelie", Reason::Date),
            ("qsdfghjklmù1", Reason::Keyboard),
            ("chatchienchatchienchatchien", Reason::Repetition),
        ] {
            match Passphrase::chosen(text, text).err() {
                Some(PassphraseError::Guessable { bits, least: 40, why: found }) => {
                    assert!(bits < 40, "{text}: {bits}");
                    assert_eq!(found, why, "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_first_rule_that_is_broken_is_the_one_that_is_said() {
        for (text, again, error) in [
            ("", "", PassphraseError::Empty),
            ("azerty123456", "azerty123457", PassphraseError::Differ),
            ("azerty", "azerty", PassphraseError::TooShort { found: 6, least: 12 }),
            ("aaaaaaaaaaaa", "aaaaaaaaaaaa", PassphraseError::Monotonous { least: 5 }),
        ] {
            assert_eq!(Passphrase::chosen(text, again).err(), Some(error));
        }
        let long = "é".repeat(513);
        assert_eq!(Passphrase::chosen(&long, &long).err(), Some(PassphraseError::TooLong { limit: 1024 }));
    }

    #[test]
    fn a_card_is_opened_by_what_no_new_card_would_take() {
        assert!(Passphrase::typed("azerty123456").is_ok() && Passphrase::typed("1").is_ok());
    }
}
