//! Digests, and the words by which two people compare them across a table.

use crate::bounded::Fixed;
use bip39::Language;
use core::fmt;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha384};

/// A SHA-384 digest (FIPS 180-4), 48 bytes.
pub type Digest = Fixed<48>;

/// Computes SHA-384 over `parts` in a row, the first of which is a label that separates domains.
#[must_use]
pub fn digest(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha384::new();
    for part in parts {
        hash.update(part);
    }
    Fixed(hash.finalize().into())
}

/// Names a vault by a commitment to its root secret, 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VaultId(pub Fixed<16>);

impl VaultId {
    /// Gives the 6 bytes by which a card names its vault.
    #[must_use]
    pub fn short(&self) -> [u8; 6] {
        let [a, b, c, d, e, f, ..] = self.0.0;
        [a, b, c, d, e, f]
    }
}

impl fmt::Debug for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.short().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A public thing's digest as eight words of the BIP-39 English list: 88 bits.
///
/// # Invariants
/// Equal words tell that two screens hold the same thing, against an attacker who cannot try 2⁸⁸
/// candidates. They tell nothing of who made it: people compare them face to face or by voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint([&'static str; 8]);

impl Fingerprint {
    /// Takes the first 88 bits of a digest, 11 a word, most significant first.
    #[must_use]
    pub fn of(digest: &Digest) -> Self {
        let words = Language::English.word_list();
        let bit = |i: usize| usize::from(digest.0[i / 8] >> (7 - i % 8) & 1);
        Self(core::array::from_fn(|word| {
            let index = (0..11).fold(0, |sum, i| sum << 1 | bit(word * 11 + i));
            words.get(index).copied().unwrap_or_default()
        }))
    }

    /// Lends the eight words.
    #[must_use]
    pub fn words(&self) -> &[&'static str; 8] {
        &self.0
    }

    /// Tells whether somebody typed these words, in any case and with any spacing.
    #[must_use]
    pub fn matches(&self, typed: &str) -> bool {
        let typed = typed.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty());
        typed.map(str::to_lowercase).eq(self.0.iter().copied())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_first_bits_in_order() {
        let mut bytes = [0; 48];
        assert_eq!(Fingerprint::of(&Fixed(bytes)).to_string(), ["abandon"; 8].join(" "));
        bytes[10] = 1; // bit 87, the last of the eighth word
        assert_eq!(Fingerprint::of(&Fixed(bytes)).words()[7], "ability");
        bytes[11] = 0xff; // beyond the 88 bits
        assert_eq!(Fingerprint::of(&Fixed(bytes)).words()[7], "ability");
        assert_eq!(Fingerprint::of(&Fixed([0xff; 48])).words(), &["zoo"; 8]);
    }

    #[test]
    fn typed_words_match_in_any_case_and_spacing_only_when_all_are_there() {
        let words = Fingerprint::of(&digest(&[b"x"]));
        assert!(words.matches(&format!("  {} ", words.to_string().to_uppercase().replace(' ', "  "))));
        assert!(words.matches(&words.to_string().replace(' ', "-")));
        assert!(!words.matches(""));
        assert!(!words.matches(&words.words()[..7].join(" ")));
        assert!(!words.matches(&format!("{words} zoo")));
    }
}
