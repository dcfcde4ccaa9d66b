//! What the custodians throw with their own dice.
//!
//! Dice are the source that everyone in the room can see. They are credited nothing, like every
//! source but kernel and jitter; [`Dice::NEEDED`] rolls would be enough by themselves.

use super::fairness::{Pattern, copied, pattern};
use thiserror::Error;
use zeroize::Zeroizing;

/// The bits of the root.
const ROOT_BITS: usize = 256;
/// What is typed at once, at most, in bytes: twenty times what is needed, with spaces.
const MAX_TYPED: usize = 4096;
/// The rolls of all, at most. Looking for copies takes a time that grows with their square.
const MAX_ROLLS: usize = 2000;

/// Collects the rolls of several custodians.
///
/// # Invariants
/// The rolls are wiped when it is dropped. That it holds them says that each contribution passed the
/// tests by itself and copies no other; [`Dice::check`] says it of all together.
#[derive(Default)]
pub struct Dice {
    thrown: Vec<Thrown>,
}

struct Thrown {
    contributor: String,
    rolls: Zeroizing<Vec<u8>>,
}

impl Dice {
    /// The rolls that hold as many bits as the root: a roll holds log₂ 6 = 2.58496… of them, and
    /// 256 ÷ 2.58496 = 99.03. (6¹⁰⁰ is the first power of 6 above 2²⁵⁶.)
    pub const NEEDED: usize = (ROOT_BITS * 100_000).div_ceil(258_496);

    /// Starts with no roll.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what one custodian threw, typed as digits from 1 to 6; spaces, tabs, commas and line
    /// ends between them are left out. Gives how many rolls that were.
    ///
    /// # Errors
    /// [`DiceError`]; nothing is taken then.
    pub fn add(&mut self, contributor: &str, rolls: &str) -> Result<usize, DiceError> {
        if contributor.trim().is_empty() {
            return Err(DiceError::Nobody);
        }
        let rolls = read(rolls)?;
        if self.total() + rolls.len() > MAX_ROLLS {
            return Err(DiceError::TooMany { limit: MAX_ROLLS });
        }
        if let Some(found) = pattern(&rolls).or_else(|| copied(&self.all(), &rolls)) {
            return Err(DiceError::Patterned(found));
        }
        let count = rolls.len();
        self.thrown.push(Thrown { contributor: contributor.to_owned(), rolls });
        Ok(count)
    }

    /// Tells how many rolls there are so far.
    #[must_use]
    pub fn total(&self) -> usize {
        self.thrown.iter().map(|thrown| thrown.rolls.len()).sum()
    }

    /// Tells whether there are as many rolls as are needed.
    #[must_use]
    pub fn enough(&self) -> bool {
        self.total() >= Self::NEEDED
    }

    /// Tells who gave how many rolls, in the order in which they did.
    pub fn contributions(&self) -> impl Iterator<Item = (&str, usize)> {
        self.thrown.iter().map(|thrown| (thrown.contributor.as_str(), thrown.rolls.len()))
    }

    /// Checks that there are enough rolls, and that all together look like those of fair dice.
    ///
    /// # Errors
    /// [`DiceError::TooFew`], [`DiceError::Patterned`].
    pub fn check(&self) -> Result<(), DiceError> {
        if !self.enough() {
            return Err(DiceError::TooFew { found: self.total(), needed: Self::NEEDED });
        }
        pattern(&self.all()).map_or(Ok(()), |found| Err(DiceError::Patterned(found)))
    }

    /// Lends the rolls of each contribution, as digits in ASCII.
    pub(super) fn rolls(&self) -> impl Iterator<Item = &[u8]> {
        self.thrown.iter().map(|thrown| thrown.rolls.as_slice())
    }

    fn all(&self) -> Zeroizing<Vec<u8>> {
        let mut all = Zeroizing::new(Vec::with_capacity(self.total()));
        self.rolls().for_each(|rolls| all.extend_from_slice(rolls));
        all
    }
}

fn read(typed: &str) -> Result<Zeroizing<Vec<u8>>, DiceError> {
    if typed.len() > MAX_TYPED {
        return Err(DiceError::TooMany { limit: MAX_ROLLS });
    }
    // One allocation, so that no copy is left behind by growing.
    let mut rolls = Zeroizing::new(Vec::with_capacity(typed.len()));
    for (before, character) in typed.chars().enumerate() {
        match character {
            '1'..='6' => rolls.extend(u8::try_from(character)),
            ' ' | '\t' | ',' | '\n' | '\r' => {}
            _ => return Err(DiceError::NotARoll { position: before + 1 }),
        }
    }
    if rolls.is_empty() { Err(DiceError::TooFew { found: 0, needed: 1 }) } else { Ok(rolls) }
}

/// Says why rolls are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DiceError {
    /// Nobody's.
    #[error("it is not said who threw these dice. Type the name that the transcript is to have")]
    Nobody,
    /// Something else than a number from 1 to 6.
    #[error("the character at place {position} is not a number from 1 to 6. Type what the dice show")]
    NotARoll {
        /// Where, counted from 1 in what was typed.
        position: usize,
    },
    /// Not enough rolls.
    #[error("there are {found} rolls of the {needed} that are needed. Throw the dice again and type what they show")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// More rolls than are of any use.
    #[error("there are more than {limit} rolls. Type fewer at once")]
    TooMany {
        /// How many are taken.
        limit: usize,
    },
    /// Rolls that fair dice do not make.
    #[error("these rolls have a pattern that fair dice do not make. Throw the dice and type what they show, in their order")]
    Patterned(Pattern),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    /// Rolls of a fair die, as typed.
    fn fair(seed: u8, count: usize) -> String {
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let bytes = core::iter::repeat_with(|| rng.next_u32().to_le_bytes()[0]).filter(|byte| *byte < 252);
        bytes.take(count).map(|byte| char::from(b'1' + byte % 6)).collect()
    }

    #[test]
    fn a_hundred_rolls_are_the_first_to_hold_the_root() {
        assert_eq!(Dice::NEEDED, 100);
        assert!(6f64.log2() * 100.0 > 256.0 && 6f64.log2() * 99.0 < 256.0);
    }

    #[test]
    fn custodians_add_up_and_are_listed() {
        let mut dice = Dice::new();
        assert_eq!(dice.add("Amélie", &fair(1, 50)), Ok(50));
        assert!(!dice.enough());
        assert_eq!(dice.check(), Err(DiceError::TooFew { found: 50, needed: 100 }));
        let spaced: String = fair(2, 49).chars().flat_map(|roll| [roll, ',', ' ', '\n', '\t', '\r']).collect();
        assert_eq!(dice.add("Bruno", &spaced), Ok(49));
        assert!(!dice.enough());
        assert_eq!(dice.add("Amélie", "4"), Ok(1));
        assert_eq!((dice.total(), dice.enough(), dice.check()), (100, true, Ok(())));
        assert_eq!(dice.contributions().collect::<Vec<_>>(), [("Amélie", 50), ("Bruno", 49), ("Amélie", 1)]);
        assert_eq!(dice.rolls().last(), Some(b"4".as_slice()));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        let mut dice = Dice::new();
        for typed in ["", "  , \n"] {
            assert_eq!(dice.add("A", typed), Err(DiceError::TooFew { found: 0, needed: 1 }));
        }
        assert_eq!(dice.add("A", &" ".repeat(MAX_TYPED + 1)), Err(DiceError::TooMany { limit: MAX_ROLLS }));
        assert_eq!(dice.add("A", &fair(1, MAX_ROLLS)), Ok(MAX_ROLLS));
        assert_eq!(dice.add("A", "3"), Err(DiceError::TooMany { limit: MAX_ROLLS }));
        assert_eq!((dice.total(), dice.check()), (MAX_ROLLS, Ok(())));
    }

    /// What people type who throw no dice, most of it from watching some do it.
    #[test]
    fn what_people_make_up_is_refused() {
        let made_up = [
            ("one number", "6".repeat(100)),
            ("one number with spaces", "3 ".repeat(100)),
            ("two in turn", "12".repeat(50)),
            ("three in turn", "135".repeat(34)),
            ("counting up", "123456".repeat(17)),
            ("counting down", "654321".repeat(17)),
            ("counting in twos", "135246".repeat(17)),
            ("counting up and down", "1234565432".repeat(10)),
            ("counting up and down, the ends twice", "123456654321".repeat(9)),
            ("each number twice", "112233445566".repeat(9)),
            ("each number many times", ["1", "2", "3", "4", "5", "6"].map(|roll| roll.repeat(17)).concat()),
            ("a row of the keyboard's block of digits", "456123".repeat(17)),
            ("its columns", "142536".repeat(17)),
            ("a date, again and again", "1412561".repeat(15)),
            ("a row made up once, and then again", "1462531426351624".repeat(7)),
            ("fifty fair rolls, twice", fair(9, 50).repeat(2)),
            ("fifty fair rolls, and backwards", fair(9, 50) + &fair(9, 50).chars().rev().collect::<String>()),
            ("never a six", fair(9, 140).replace('6', "")),
            ("ones and sixes", fair(9, 400).chars().filter(|roll| "16".contains(*roll)).collect()),
            ("sixes whenever they can", fair(9, 120).replace(['1', '2'], "6")),
            ("never the same twice", never_twice(120)),
            ("each number once, in some order, again and again", orders(20)),
        ];
        for (what, typed) in made_up {
            let refused = Dice::new().add("A", &typed);
            assert!(matches!(refused, Err(DiceError::Patterned(_))), "{what}: {refused:?}");
        }
    }

    /// Fair but for never giving a number twice in a row, as people who make rolls up do.
    fn never_twice(count: usize) -> String {
        let mut last = ' ';
        fair(11, 2 * count).chars().filter(|roll| *roll != core::mem::replace(&mut last, *roll)).take(count).collect()
    }

    /// Six fair choices of the order of six numbers, with no number at the joints twice.
    fn orders(count: usize) -> String {
        let mut typed = String::new();
        for roll in fair(12, 2000).chars() {
            let begun = typed.len() / 6 * 6;
            if typed.len() < 6 * count && !typed[begun..].contains(roll) && !typed.ends_with(roll) {
                typed.push(roll);
            }
        }
        typed
    }

    #[test]
    fn a_contribution_that_copies_another_is_refused() {
        let mut dice = Dice::new();
        dice.add("A", &fair(1, 40)).unwrap();
        for (copy, found) in [
            (fair(1, 40), Pattern::Copied),
            (fair(2, 30) + &fair(1, 40)[10..30], Pattern::Copied),
            (fair(1, 40).chars().rev().collect(), Pattern::Mirrored),
        ] {
            assert_eq!(dice.add("B", &copy), Err(DiceError::Patterned(found)));
        }
        assert_eq!(dice.total(), 40, "nothing of them was taken");
        assert_eq!(dice.add("B", &fair(2, 60)), Ok(60));
    }

    #[test]
    fn what_is_too_short_to_show_a_pattern_shows_it_with_what_came_before() {
        for made_up in ["66666", "24153", "3", "123"] {
            let mut dice = Dice::new();
            let taken = (0..40).filter(|_| dice.add("A", made_up).is_ok()).count();
            assert!(taken * made_up.len() < 20, "{made_up} was taken {taken} times");
        }
    }

    proptest! {
        #[test]
        fn a_character_that_is_no_roll_is_refused_with_its_place(before in "[1-6 ,\n]{0,40}", wrong in "[^1-6 ,\n\r\t]", after in ".{0,9}") {
            let typed = before.clone() + &wrong + &after;
            let position = before.chars().count() + 1;
            prop_assert_eq!(Dice::new().add("A", &typed), Err(DiceError::NotARoll { position }));
        }

        #[test]
        fn fair_rolls_are_taken_however_they_are_divided(seed: u8, cuts in proptest::collection::vec(1usize..40, 4..12)) {
            let rolls = fair(seed, 500);
            let mut dice = Dice::new();
            let mut at = 0;
            for cut in &cuts {
                prop_assert_eq!(dice.add("A", &rolls[at..at + cut]), Ok(*cut));
                at += cut;
            }
            prop_assert_eq!(dice.check().is_ok(), at >= 100);
        }

        #[test]
        fn nothing_that_is_typed_panics(typed in proptest::collection::vec("[1-6]{0,30}|.{0,30}|(12){0,15}", 0..6)) {
            let mut dice = Dice::new();
            let taken: usize = typed.iter().filter_map(|typed| dice.add("A", typed).ok()).sum();
            prop_assert_eq!(taken, dice.total());
        }
    }
}
