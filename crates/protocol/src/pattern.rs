//! The test pattern: codes that say which profile they are shown with, and the count of those that
//! were read.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | `0xD1`: a test pattern, version 1 |
//! | 1 | the profiles that the screen shows: bit n for number n |
//! | 1 | the number of this one |
//! | 1 | its place, 0 left and 1 right |
//! | 4 | the number of the screen since the pattern began, big-endian |
//! | 2 | checksum: the first bytes of SHA-256 over the code without them |
//! | the rest | filler: SHA-256 of the 8 bytes before the checksum and of 0, 1, 2 … as 2 bytes, cut off |
//!
//! The profiles follow each other, [`PATTERN_TURN`] screens each, from the safest to the densest,
//! and begin again. So whoever has read any two codes knows what was shown between them, and what
//! was missed.

use crate::profile::Profile;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// The screens of one profile before the next one follows.
pub const PATTERN_TURN: u32 = 20;
/// The bytes of a code before its filler.
const HEAD: usize = 10;
const FAMILY: u8 = 0xD1;
/// The part of a profile's codes that must be read for it to be recommended, in percent: below it a
/// small change of place or light loses all.
const ENOUGH: usize = 60;

/// One code of a test pattern.
///
/// # Invariants
/// Its profile is the one whose turn it is at its screen's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternCode {
    shows: u8,
    profile: u8,
    place: u8,
    screen: u32,
}

impl PatternCode {
    /// Gives the codes of one screen, from left to right, of a pattern of the profiles that `fits`
    /// names; none where no profile fits.
    pub fn screen(number: u32, fits: impl Fn(Profile) -> bool) -> Vec<Self> {
        let shows = (0..).zip(Profile::ALL).filter(|(_, profile)| fits(*profile)).fold(0, |shows, (bit, _)| shows | 1 << bit);
        let Some(profile) = turn(shows, number) else { return Vec::new() };
        let across = Profile::numbered(profile).map_or(0, |profile| profile.across);
        (0..across).map(|place| Self { shows, profile, place, screen: number }).collect()
    }

    /// Gives the number of the profile that it is shown with.
    #[must_use]
    pub fn profile(&self) -> u8 {
        self.profile
    }

    /// Writes the code, as long as a symbol of its profile holds.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let [a, b, c, d] = self.screen.to_be_bytes();
        let start = [FAMILY, self.shows, self.profile, self.place, a, b, c, d];
        let capacity = Profile::numbered(self.profile).map_or(HEAD, |profile| profile.capacity);
        let filler = filler(&start, capacity - HEAD);
        [&start[..], &checksum(&start, &filler), &filler].concat()
    }

    /// Reads a code; `None` for anything that is not one.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (head, found) = bytes.split_first_chunk::<HEAD>()?;
        let [family, shows, profile, place, a, b, c, d, sum @ ..] = *head;
        let code = Self { shows, profile, place, screen: u32::from_be_bytes([a, b, c, d]) };
        let shown = Profile::numbered(profile)?;
        let is_one = family == FAMILY
            && usize::from(shows) >> Profile::ALL.len() == 0
            && place < shown.across
            && turn(shows, code.screen) == Some(profile)
            && bytes.len() == shown.capacity
            && checksum(&head[..8], found) == sum;
        is_one.then_some(code)
    }
}

/// Names the profile whose turn it is.
fn turn(shows: u8, screen: u32) -> Option<u8> {
    let profiles: Vec<u8> = profiles(shows).collect();
    let at = (screen / PATTERN_TURN) as usize % profiles.len().max(1);
    profiles.get(at).copied()
}

/// Gives the numbers of the profiles that a pattern shows.
fn profiles(shows: u8) -> impl Iterator<Item = u8> {
    (0..Profile::ALL.len() as u8).filter(move |number| shows >> number & 1 == 1)
}

fn filler(start: &[u8], length: usize) -> Vec<u8> {
    let block = |number: u16| Sha256::new().chain_update(start).chain_update(number.to_be_bytes()).finalize();
    let mut bytes: Vec<u8> = (0..).take(length.div_ceil(32)).flat_map(block).collect();
    bytes.truncate(length);
    bytes
}

fn checksum(start: &[u8], filler: &[u8]) -> [u8; 2] {
    let hash = Sha256::new().chain_update(start).chain_update(filler).finalize();
    [hash[0], hash[1]]
}

/// How much of one profile was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Its number.
    pub profile: u8,
    /// Its codes that were read.
    pub read: usize,
    /// Its codes that were shown from the first to the last screen of which one was read.
    pub shown: usize,
}

impl Score {
    /// Estimates how many bytes a second come across.
    #[must_use]
    pub fn bytes_a_second(&self) -> usize {
        let all = Profile::numbered(self.profile).map_or(0, |profile| profile.bytes_a_second());
        all * self.read / self.shown.max(1)
    }

    fn is_enough(&self) -> bool {
        self.read * 100 >= self.shown * ENOUGH && self.read > 0
    }
}

/// Counts the codes of a pattern that were read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    shows: u8,
    /// The screens and places that were read, within the last two rounds.
    read: BTreeSet<(u32, u8)>,
}

impl Tally {
    /// Starts with nothing read.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one code; tells whether it was not read before. One of another pattern, or of a pattern
    /// that began anew, starts the count again.
    pub fn take(&mut self, code: &PatternCode) -> bool {
        let goes_on = self.read.first().is_none_or(|(first, _)| code.screen >= *first)
            && self.read.last().is_none_or(|(last, _)| code.screen <= last.saturating_add(2 * self.round()));
        if code.shows != self.shows || !goes_on {
            self.read.clear();
        }
        self.shows = code.shows;
        let new = self.read.insert((code.screen, code.place));
        while self.span() > 2 * self.round() {
            self.read.pop_first();
        }
        new
    }

    /// Tells whether a whole round was seen, so that every profile had its turn.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.read.is_empty() && self.span() >= self.round()
    }

    /// Says how far the first round is, in percent.
    #[must_use]
    pub fn percent(&self) -> u32 {
        (self.span() * 100).checked_div(self.round()).unwrap_or(0).min(100)
    }

    /// Gives the score of each profile that was shown meanwhile, the safest first.
    #[must_use]
    pub fn scores(&self) -> Vec<Score> {
        let (Some((first, _)), Some((last, _))) = (self.read.first(), self.read.last()) else { return Vec::new() };
        let of = |screen: u32| turn(self.shows, screen).unwrap_or_default();
        let score = |profile: u8| {
            let screens = (*first..=*last).filter(|screen| of(*screen) == profile).count();
            let across = Profile::numbered(profile).map_or(1, |profile| usize::from(profile.across));
            let read = self.read.iter().filter(|(screen, _)| of(*screen) == profile).count();
            Score { profile, read, shown: screens * across }
        };
        profiles(self.shows).map(score).filter(|score| score.shown > 0).collect()
    }

    /// Names the profile that carries most, once a whole round was seen; `None` before, and where
    /// none was read well enough.
    #[must_use]
    pub fn best(&self) -> Option<u8> {
        let scores = self.scores();
        let good = scores.iter().filter(|score| score.is_enough());
        good.max_by_key(|score| score.bytes_a_second()).map(|score| score.profile).filter(|_| self.is_whole())
    }

    /// Counts the screens of a round.
    fn round(&self) -> u32 {
        self.shows.count_ones() * PATTERN_TURN
    }

    /// Counts the screens from the first that was read to the last.
    fn span(&self) -> u32 {
        match (self.read.first(), self.read.last()) {
            (Some((first, _)), Some((last, _))) => last - first + 1,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round() -> u32 {
        Profile::ALL.len() as u32 * PATTERN_TURN
    }

    #[test]
    fn a_code_comes_through_and_every_changed_byte_is_noticed() {
        for number in [0, 25, 45, 70, 90, 115, round(), 4_000_000_000] {
            for code in PatternCode::screen(number, |_| true) {
                let bytes = code.encode();
                assert_eq!(bytes.len(), Profile::numbered(code.profile()).unwrap().capacity);
                assert_eq!(PatternCode::decode(&bytes), Some(code));
                for at in 0..bytes.len() {
                    let mut changed = bytes.clone();
                    changed[at] ^= 0x40;
                    assert_eq!(PatternCode::decode(&changed), None, "byte {at}");
                }
                assert_eq!(PatternCode::decode(&bytes[..bytes.len() - 1]), None);
            }
        }
    }

    #[test]
    fn every_profile_that_fits_has_its_turn() {
        let profiles = |fits: fn(Profile) -> bool| {
            let mut met: Vec<u8> =
                (0..round()).flat_map(|number| PatternCode::screen(number, fits)).map(|code| code.profile).collect();
            met.dedup();
            met
        };
        assert_eq!(profiles(|_| true), [0, 1, 2, 3, 4, 5]);
        assert_eq!(profiles(|profile| profile.across == 1), [0, 1, 2, 0, 1, 2]);
        assert!(profiles(|_| false).is_empty());
    }

    /// Reads a pattern from some screen on, of each profile only what `reads` lets through.
    fn tally(from: u32, screens: u32, reads: fn(u8, u32) -> bool) -> Tally {
        let mut tally = Tally::new();
        for code in (from..from + screens).flat_map(|number| PatternCode::screen(number, |_| true)) {
            if reads(code.profile, code.screen) {
                tally.take(&code);
            }
        }
        tally
    }

    #[test]
    fn the_densest_that_is_read_well_is_recommended() {
        let all = tally(7, round() + 5, |_, _| true);
        assert_eq!((all.best(), all.is_whole(), all.percent()), (Some(5), true, 100));
        assert!(all.scores().iter().all(|score| score.read == score.shown));
        let fine_is_lost = tally(1000, 2 * round(), |profile, _| profile < 4);
        assert_eq!(fine_is_lost.best(), Some(3));
        let fine_is_poor = tally(0, 2 * round(), |profile, screen| profile < 4 || screen % 2 == 0);
        assert_eq!(fine_is_poor.best(), Some(3), "half of it is not enough");
        let little = tally(0, round() / 2, |_, _| true);
        assert_eq!((little.best(), little.is_whole(), little.percent()), (None, false, 50));
        assert_eq!(Tally::new().best(), None);
        assert_eq!(tally(0, 2 * round(), |_, screen| screen % 3 == 0).best(), None, "no profile was read well");
    }

    #[test]
    fn a_pattern_that_begins_anew_is_counted_anew() {
        let mut tally = tally(500, 60, |_, _| true);
        let [code] = PatternCode::screen(0, |_| true)[..] else { panic!("one symbol") };
        assert!(tally.take(&code) && !tally.take(&code));
        assert_eq!(tally.scores(), [Score { profile: 0, read: 1, shown: 1 }]);
        let [far] = PatternCode::screen(u32::MAX / 120 * 120, |_| true)[..] else { panic!("one symbol") };
        assert!(tally.take(&far));
        assert_eq!(tally.read.len(), 1);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(PatternCode::decode(&bytes), None);
        }

        #[test]
        fn any_codes_in_any_order_are_counted_within_bounds(
            screens in prop::collection::vec((any::<u32>(), 0_u32..400, any::<bool>(), 1_u8..64), 0..300), far in any::<bool>(),
        ) {
            let mut tally = Tally::new();
            for (wild, near, right, shows) in screens {
                let number = if far { wild } else { near };
                let fits = |profile: Profile| Profile::ALL.iter().position(|one| *one == profile).is_some_and(|at| shows >> at & 1 == 1);
                let codes = PatternCode::screen(number, fits);
                if let Some(code) = codes.get(usize::from(right)).or(codes.first()) {
                    tally.take(code);
                }
                prop_assert!(tally.read.len() as u32 <= 4 * round());
                for score in tally.scores() {
                    prop_assert!(score.read <= score.shown && score.shown as u32 <= 4 * round());
                }
                let _ = (tally.best(), tally.percent());
            }
        }
    }
}
