//! How codes are shown: the profiles, from the one that nearly every camera reads to the one that
//! carries most.
//!
//! A sender and a receiver need not agree on one: frames describe themselves. The profiles have
//! numbers so that people can say which one they mean, and so that a test pattern can tell which
//! one a screen and a camera manage ([`crate::Tally`]).

/// Names how much of a symbol may be damaged and still be read (ISO/IEC 18004, 6.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correction {
    /// About 7 %.
    L,
    /// About 15 %: mends a picture that is torn between two frames.
    M,
    /// About 25 %.
    Q,
    /// About 30 %.
    H,
}

/// Says how codes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The QR version, 1 to 40.
    pub version: u8,
    /// The level of error correction.
    pub correction: Correction,
    /// How many symbols stand side by side, 1 or 2.
    pub across: u8,
    /// How many screens follow each other in a second, ordinarily.
    pub rate: u8,
    /// The bytes that one symbol holds in byte mode.
    pub capacity: usize,
}

impl Profile {
    /// The profiles, the safest first. A profile's number is its place here, from 0; people count
    /// from 1.
    pub const ALL: [Self; 6] = [
        Self { version: 10, correction: Correction::M, across: 1, rate: 5, capacity: 213 },
        Self { version: 15, correction: Correction::M, across: 1, rate: 6, capacity: 412 },
        Self { version: 20, correction: Correction::L, across: 1, rate: 8, capacity: 858 },
        Self { version: 20, correction: Correction::L, across: 2, rate: 10, capacity: 858 },
        Self { version: 25, correction: Correction::L, across: 2, rate: 10, capacity: 1273 },
        Self { version: 27, correction: Correction::L, across: 2, rate: 15, capacity: 1465 },
    ];

    /// The number of the profile that is used where nobody chose one: the densest of one symbol.
    pub const DEFAULT: u8 = 2;

    /// Gives a profile by its number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Gives the profiles that a screen has room for, the safest first, up to the chosen one.
    #[must_use]
    pub fn up_to(chosen: u8, fits: impl Fn(Self) -> bool) -> Vec<Self> {
        Self::ALL.into_iter().take(usize::from(chosen) + 1).filter(|profile| fits(*profile)).collect()
    }

    /// Counts the bytes that a second of screens carries when all of them are read, frames' heads
    /// included.
    #[must_use]
    pub fn bytes_a_second(&self) -> usize {
        self.capacity * usize::from(self.across) * usize::from(self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_carries_more_than_the_one_before() {
        for two in Profile::ALL.windows(2) {
            assert!(two[0].bytes_a_second() < two[1].bytes_a_second());
        }
        let default = Profile::numbered(Profile::DEFAULT).unwrap();
        assert_eq!(default.across, 1);
        assert!(Profile::numbered(Profile::ALL.len() as u8).is_none());
        assert_eq!(Profile::up_to(4, |profile| profile.across == 2), Profile::ALL[3..5]);
        assert_eq!(Profile::up_to(u8::MAX, |_| true), Profile::ALL);
    }
}
