//! Whether rolls look like those of fair dice, or like what people type who throw none.
//!
//! No test can show that rolls are random. These refuse what is made up, copied or thrown with a bad
//! die. Each asks how probable it is that fair dice give what was given, or something further away,
//! and refuses below 2⁻²³ ([`ALPHA`]); the distributions are exact or bounds from above, as said at
//! each. There are eight, so that fair rolls are refused less than once in 2²⁰, however many they are.
//!
//! Rolls are the digits `1` to `6` in ASCII.

use core::ops::RangeInclusive;

/// 2⁻²³.
const ALPHA: f64 = 1.0 / (1 << 23) as f64;
/// How far apart rolls are compared, at most: ten times through the numbers of a die.
const FAR: usize = 60;

/// Says what is wrong with rolls that fair dice do not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pattern {
    /// One number comes too often in a row.
    Run {
        /// How often.
        length: usize,
    },
    /// Too many rolls follow from an earlier one: 1212…, 123456…, 112233….
    Steps {
        /// How many rolls before.
        every: usize,
        /// By how much they are more, after 6 comes 1; 0 when they are the same.
        by: usize,
    },
    /// A row of rolls is there twice, in one contribution or in two.
    Copied,
    /// A row of rolls is there once more, backwards.
    Mirrored,
    /// Some numbers come far more often than others.
    Uneven,
    /// A number never comes.
    Missing,
    /// Too few different numbers come after each other.
    FewPairs,
    /// A number hardly ever comes twice in a row, as people avoid it.
    NeverTwice,
}

/// Tells what is wrong with rolls by themselves.
pub(super) fn pattern(rolls: &[u8]) -> Option<Pattern> {
    let tests = [run, steps, uneven, missing, few_pairs, never_twice];
    tests.iter().find_map(|test| test(rolls)).or_else(|| copied(&[], rolls))
}

/// Tells whether a row of rolls that ends in `added` is there once more, forwards or backwards, in
/// `before` or in itself.
///
/// Two rows are compared for less than n² ÷ 2 pairs of places, and agree in `least` independent
/// rolls with probability 6^−least: rows that overlap agree when differences do that are independent.
pub(super) fn copied(before: &[u8], added: &[u8]) -> Option<Pattern> {
    let count = before.len() + added.len();
    let pairs = u64::try_from(count).unwrap_or(u64::MAX).saturating_pow(2).div_ceil(2);
    let least = throws_as_rare_as(pairs);
    let at = |place: usize| before.get(place).or_else(|| added.get(place.checked_sub(before.len())?));
    let forwards = |i: usize, j: usize| j + least <= count && (0..least).all(|k| at(i + k) == at(j + k));
    let backwards = |i: usize, j: usize| j >= i + 2 * least - 1 && (0..least).all(|k| at(i + k) == at(j - k));
    for j in (before.len() + 1).saturating_sub(least)..count {
        for i in 0..j {
            if forwards(i, j) {
                return Some(Pattern::Copied);
            }
            if backwards(i, j) {
                return Some(Pattern::Mirrored);
            }
        }
    }
    None
}

/// A run of r begins at one of n places, each with probability 6^−(r − 1) or less.
fn run(rolls: &[u8]) -> Option<Pattern> {
    let length = rolls.chunk_by(|a, b| a == b).map(<[u8]>::len).max()?;
    let rare = throws_as_rare_as(u64::try_from(rolls.len()).ok()?) + 1;
    (length >= rare).then_some(Pattern::Run { length })
}

/// The differences between rolls a fixed number of places apart are independent and even over the
/// six steps, so that each step's count is binomial, n − distance trials with probability 1 ÷ 6.
/// [`ALPHA`] is divided among the steps and distances.
fn steps(rolls: &[u8]) -> Option<Pattern> {
    let far = FAR.min(rolls.len() / 2);
    let alpha = ALPHA / (6 * far.max(1)) as f64;
    let all = (1..=far).flat_map(|every| (0..6).map(move |by| (every, by)));
    let strange = |(every, by): &(usize, usize)| {
        let trials = rolls.len() - every;
        chance(trials, stepped(rolls, *every, *by)..=trials) < alpha
    };
    let (every, by) = all.into_iter().find(strange)?;
    Some(Pattern::Steps { every, by })
}

/// The distribution of [`steps`] for the same number twice in a row, from its other end.
fn never_twice(rolls: &[u8]) -> Option<Pattern> {
    let trials = rolls.len().checked_sub(1)?;
    (chance(trials, 0..=stepped(rolls, 1, 0)) < ALPHA).then_some(Pattern::NeverTwice)
}

/// Pearson's χ² of the six counts with 5 degrees of freedom, 6 Σ count² ÷ n − n, refused from 48 on.
/// The textbook's distribution is not exact so far out; the exact one, over all counts there can be,
/// stays below 2⁻²³ from 20 rolls on; a test here adds it up to 100
/// of them, and further on it tends to the textbook's 2⁻²⁸.
fn uneven(rolls: &[u8]) -> Option<Pattern> {
    let (count, squares) = (rolls.len(), counts(rolls).iter().map(|count| count * count).sum::<usize>());
    (count >= 20 && 6 * squares >= count * (count + 48)).then_some(Pattern::Uneven)
}

/// One of six numbers is missing with probability 6 · (5 ÷ 6)ⁿ or less: below 2⁻²³ from 98 rolls on.
fn missing(rolls: &[u8]) -> Option<Pattern> {
    (rolls.len() >= 98 && counts(rolls).contains(&0)).then_some(Pattern::Missing)
}

/// At most 16 of the 36 pairs of neighbours in 100 rolls or more.
///
/// Of the 6ⁿ sequences, those that use no other pairs than d given ones are the walks through a graph
/// of d edges, at most 6 · √d^(n − 1), since a matrix's norm is at most its Frobenius norm. Over all
/// choices of the pairs: (36 choose 16) · (√16 ÷ 6)⁹⁹ < 2⁻²⁵.
fn few_pairs(rolls: &[u8]) -> Option<Pattern> {
    let mut seen = [false; 36];
    rolls.windows(2).for_each(|pair| {
        if let Some(seen) = seen.get_mut(pair.iter().fold(0, |index, roll| 6 * index + face(*roll))) {
            *seen = true;
        }
    });
    (rolls.len() >= 100 && seen.iter().filter(|seen| **seen).count() <= 16).then_some(Pattern::FewPairs)
}

/// How many given throws are together as rare as [`ALPHA`], when there are so many places for them.
fn throws_as_rare_as(places: u64) -> usize {
    let mut throws = 0;
    let mut one_in: u128 = 1;
    while one_in < u128::from(places) << 23 {
        one_in *= 6;
        throws += 1;
    }
    throws
}

/// Counts the rolls that are `by` more than the one `every` places before.
fn stepped(rolls: &[u8], every: usize, by: usize) -> usize {
    let later = rolls.iter().skip(every);
    later.zip(rolls).filter(|(later, roll)| (face(**later) + 6 - face(**roll)) % 6 == by).count()
}

fn counts(rolls: &[u8]) -> [usize; 6] {
    core::array::from_fn(|number| rolls.iter().filter(|roll| face(**roll) == number).count())
}

fn face(roll: u8) -> usize {
    usize::from(roll.wrapping_sub(b'1')) % 6
}

/// P[X in `hits`] for X binomial with probability 1 ÷ 6. Exact enough for a few thousand trials,
/// where the first term is still far above what a float can hold.
fn chance(trials: usize, hits: RangeInclusive<usize>) -> f64 {
    let mut term = (0..trials).fold(1.0, |term, _| term * 5.0 / 6.0);
    let mut sum = 0.0;
    for hit in 0..=trials {
        if hits.contains(&hit) {
            sum += term;
        }
        term *= (trials - hit) as f64 / (5 * (hit + 1)) as f64;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    fn fair(rng: &mut ChaCha20Rng, count: usize) -> Vec<u8> {
        // Bytes from 252 on are thrown away, so that all six numbers are as probable.
        let roll = |rng: &mut ChaCha20Rng| loop {
            let byte = rng.next_u32().to_le_bytes()[0];
            if byte < 252 {
                return b'1' + byte % 6;
            }
        };
        (0..count).map(|_| roll(rng)).collect()
    }

    #[test]
    fn fair_dice_are_not_refused_in_twenty_thousand_ceremonies() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        for ceremony in 0..20_000 {
            let rolls = fair(&mut rng, 100);
            assert_eq!(pattern(&rolls), None, "ceremony {ceremony}");
        }
    }

    #[test]
    fn fair_dice_are_not_refused_whatever_their_number() {
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        for count in 0..400 {
            for _ in 0..10 {
                let (before, rolls) = (fair(&mut rng, count % 97), fair(&mut rng, count));
                assert_eq!(pattern(&rolls), None, "{count} rolls");
                assert_eq!(copied(&before, &rolls), None, "{count} rolls");
            }
        }
        assert_eq!(pattern(&fair(&mut rng, 2000)), None);
    }

    #[test]
    fn the_binomial_distribution_is_the_one_of_the_tables() {
        assert!((chance(99, 0..=99) - 1.0).abs() < 1e-12);
        assert!((chance(2, 1..=1) - 10.0 / 36.0).abs() < 1e-15);
        assert!((chance(3, 3..=3) - 1.0 / 216.0).abs() < 1e-15);
        // P[X >= 30], n = 60, from exact fractions.
        assert!((chance(60, 30..=60) / 2.7847710798625953e-09 - 1.0).abs() < 1e-6);
        assert!(chance(2000, 333..=2000) > 0.4 && chance(2000, 333..=2000) < 0.6);
    }

    #[test]
    fn rare_throws_are_as_rare_as_they_are_said_to_be() {
        for places in [1, 20, 100, 5_000, 2_000_000] {
            let throws = i32::try_from(throws_as_rare_as(places)).unwrap();
            assert!(places as f64 * 6f64.powi(-throws) <= ALPHA);
            assert!(places as f64 * 6f64.powi(1 - throws) > ALPHA);
        }
    }

    /// Adds up the probability of all counts whose χ² is 48 or more: counts in falling order, each
    /// weighed by the orders in which its numbers can stand.
    struct Uneven {
        rolls: u32,
        ln_factorials: Vec<f64>,
    }

    impl Uneven {
        fn by_chance(rolls: u32) -> f64 {
            let ln_factorials: Vec<f64> = (0..=rolls).map(|n| (1..=n).map(|i| f64::from(i).ln()).sum()).collect();
            let all = Self { rolls, ln_factorials };
            all.add_up(6, rolls, (rolls + 1, 0), 0, all.ln_factorial(rolls) - f64::from(rolls) * 6f64.ln() + 720f64.ln())
        }

        fn ln_factorial(&self, n: u32) -> f64 {
            self.ln_factorials[usize::try_from(n).unwrap()]
        }

        fn add_up(&self, faces: u32, left: u32, (last, times): (u32, u32), squares: u32, ln: f64) -> f64 {
            if faces == 0 {
                return if left == 0 && 6 * squares >= self.rolls * (self.rolls + 48) { ln.exp() } else { 0.0 };
            }
            let least = left.div_ceil(faces);
            let each = (least..=left.min(last)).map(|count| {
                let times = if count == last { times + 1 } else { 1 };
                let ln = ln - self.ln_factorial(count) - f64::from(times).ln();
                self.add_up(faces - 1, left - count, (count, times), squares + count * count, ln)
            });
            each.sum()
        }
    }

    #[test]
    fn the_limit_of_unevenness_keeps_alpha_exactly() {
        for rolls in 20..=100 {
            let by_chance = Uneven::by_chance(rolls);
            assert!(by_chance < ALPHA && by_chance > ALPHA / 16.0, "{rolls}: 2^{}", by_chance.log2());
        }
        // A die that is not fair is refused: half of all rolls are sixes.
        let mut rng = ChaCha20Rng::from_seed([5; 32]);
        let loaded: Vec<u8> =
            fair(&mut rng, 200).into_iter().map(|roll| if rng.next_u32() % 5 < 2 { b'6' } else { roll }).collect();
        assert_eq!(uneven(&loaded), Some(Pattern::Uneven));
    }

    #[test]
    fn the_limits_of_the_other_counts_keep_alpha() {
        assert!(6.0 * (5.0f64 / 6.0).powi(98) < ALPHA && 6.0 * (5.0f64 / 6.0).powi(97) > ALPHA);
        let choose: f64 = (0..16).map(|i| f64::from(36 - i) / f64::from(i + 1)).product();
        assert!(choose * (4.0f64 / 6.0).powi(99) < ALPHA / 4.0);
    }

    #[test]
    fn a_row_is_found_again_at_its_least_length_and_not_below() {
        let mut rng = ChaCha20Rng::from_seed([6; 32]);
        let (one, two) = (fair(&mut rng, 60), fair(&mut rng, 60));
        let least = throws_as_rare_as(120 * 120 / 2);
        for (length, found) in [(least - 2, None), (least, Some(Pattern::Copied))] {
            let mut copy = two.clone();
            copy[20..20 + length].copy_from_slice(&one[5..5 + length]);
            assert_eq!(copied(&one, &copy), found, "{length}");
        }
        let backwards: Vec<u8> = one.iter().rev().copied().collect();
        assert_eq!(copied(&one, &backwards), Some(Pattern::Mirrored));
        assert_eq!(copied(&one, &one), Some(Pattern::Copied));
        assert_eq!(copied(&one, &two), None);
    }

    #[test]
    fn a_run_is_refused_from_its_least_length_on() {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let mut rolls = fair(&mut rng, 100);
        rolls[39] = b'1';
        rolls[40..52].fill(b'4');
        rolls[52] = b'2';
        assert_eq!(pattern(&rolls), None, "twelve in a row: once in sixty million times a hundred rolls");
        rolls[52] = b'4';
        rolls[53] = b'1';
        assert_eq!(pattern(&rolls), Some(Pattern::Run { length: 13 }));
    }
}
