//! A payload being shown, screen after screen, more safely the longer it takes.
//!
//! Nobody answers a screen, so it cannot know that a camera reads too little of what it shows.
//! After a profile was shown for long, the next safer one follows by itself, and after the safest
//! the one that was chosen again. What a receiver has read at one density stays read
//! ([`crate::Assembly`]).

use crate::{
    frame::FRAME_OVERHEAD,
    profile::Profile,
    transfer::{Transfer, TransferError},
};
use std::collections::BTreeMap;

/// How often as many frames as the payload needs are shown before the density is changed.
const ROUNDS: u32 = 3;
/// How many seconds a density is shown at least, at its ordinary speed.
const LEAST_SECONDS: u32 = 15;

/// How many frames of each size of symbols were shown, so that a size that comes again goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions(BTreeMap<usize, u32>);

/// What is on one screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// How it is shown.
    pub profile: Profile,
    /// The frames, from left to right: one or two.
    pub frames: Vec<Vec<u8>>,
    /// The number of this screen among those of its profile, from 1.
    pub number: u32,
    /// How many screens of this profile carry the payload when none is lost.
    pub least: u32,
    /// What was shown so far, this screen included.
    pub positions: Positions,
}

/// Shows one payload for as long as somebody looks.
pub struct Presentation {
    payload: Vec<u8>,
    /// The profiles, the safest first.
    ladder: Vec<Profile>,
    /// The place of the current one on the ladder.
    rung: usize,
    transfer: Transfer,
    positions: Positions,
    /// The screens shown since the rung was reached.
    shown: u32,
}

impl Presentation {
    /// Prepares a payload to be shown with the last of some profiles, and with the safer ones before
    /// it after long; see [`Profile::up_to`].
    ///
    /// # Errors
    /// [`TransferError`]; with no profile, there is no size of symbols.
    pub fn new(payload: &[u8], ladder: Vec<Profile>) -> Result<Self, TransferError> {
        Self::from(payload, ladder, Positions::default())
    }

    /// Prepares a payload that was shown with other profiles before: frames of a size that was shown go
    /// on where they were.
    ///
    /// # Errors
    /// [`TransferError`], as for [`Presentation::new`].
    pub fn from(payload: &[u8], ladder: Vec<Profile>, positions: Positions) -> Result<Self, TransferError> {
        let chosen = *ladder.last().ok_or(TransferError::SymbolSize(0))?;
        let transfer = transfer(payload, chosen)?;
        let rung = ladder.len() - 1;
        Ok(Self { payload: payload.to_vec(), ladder, rung, transfer, positions, shown: 0 })
    }

    /// Begins with a later screen than the first, at the profile that is shown now; they count from 0.
    pub fn skip_to(&mut self, screen: u32) {
        let frame = screen.wrapping_mul(self.across());
        self.positions.0.insert(self.transfer.symbol_size(), frame);
    }

    /// Counts the screens of the current profile that carry the payload when none is lost.
    #[must_use]
    pub fn least(&self) -> u32 {
        self.transfer.least_frames().div_ceil(self.across())
    }

    /// Gives the next screen; there is no last one.
    ///
    /// # Errors
    /// A safer profile cannot carry so long a payload.
    pub fn next_screen(&mut self) -> Result<Shown, TransferError> {
        if self.is_long() && self.ladder.len() > 1 {
            self.step()?;
        }
        let (across, least) = (self.across(), self.least());
        let profile = *self.ladder.get(self.rung).ok_or(TransferError::SymbolSize(0))?;
        let next = self.positions.0.entry(self.transfer.symbol_size()).or_default();
        let first = *next;
        *next = next.wrapping_add(across);
        self.shown = self.shown.saturating_add(1);
        let frames = (0..across).map(|place| self.transfer.frame(first.wrapping_add(place))).collect();
        Ok(Shown { profile, frames, number: first / across + 1, least, positions: self.positions.clone() })
    }

    /// Goes one profile down, or from the safest back to the chosen one.
    fn step(&mut self) -> Result<(), TransferError> {
        let rung = self.rung.checked_sub(1).unwrap_or(self.ladder.len() - 1);
        if let Some(profile) = self.ladder.get(rung) {
            self.transfer = transfer(&self.payload, *profile)?;
        }
        (self.rung, self.shown) = (rung, 0);
        Ok(())
    }

    fn is_long(&self) -> bool {
        let rate = self.ladder.get(self.rung).map_or(1, |profile| u32::from(profile.rate));
        self.shown >= (ROUNDS * self.least()).max(LEAST_SECONDS * rate)
    }

    /// Counts the symbols on a screen: what fits one symbol is shown in one.
    fn across(&self) -> u32 {
        let across = self.ladder.get(self.rung).map_or(1, |profile| u32::from(profile.across));
        across.min(self.transfer.least_frames()).max(1)
    }
}

fn transfer(payload: &[u8], profile: Profile) -> Result<Transfer, TransferError> {
    Transfer::new(payload, profile.capacity.saturating_sub(FRAME_OVERHEAD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assembly, Fate, Frame};

    fn payload(length: usize) -> Vec<u8> {
        (0..length).map(|at| ((at * 31) >> 3) as u8).collect()
    }

    fn all(payload: &[u8]) -> Presentation {
        Presentation::new(payload, Profile::ALL.to_vec()).unwrap()
    }

    fn number(profile: Profile) -> usize {
        Profile::ALL.iter().position(|one| *one == profile).unwrap()
    }

    #[test]
    fn it_steps_down_after_long_and_comes_back_to_the_chosen_one() {
        let mut shown = all(&payload(20_000));
        let (mut met, mut screens) = (vec![5], 0);
        while met.len() < 8 {
            let screen = shown.next_screen().unwrap();
            let at = *met.last().unwrap();
            if number(screen.profile) != at {
                assert!(screens >= ROUNDS * 7 && screens >= LEAST_SECONDS * u32::from(Profile::ALL[at].rate));
                met.push(number(screen.profile));
                screens = 0;
            }
            screens += 1;
            assert!(screens < 20_000);
        }
        assert_eq!(met, [5, 4, 3, 2, 1, 0, 5, 4]);
    }

    #[test]
    fn a_density_that_comes_again_goes_on_where_it_was() {
        let mut shown = Presentation::new(&payload(3000), Profile::ALL[..2].to_vec()).unwrap();
        let mut numbers = Vec::new();
        for _ in 0..400 {
            let screen = shown.next_screen().unwrap();
            if screen.profile == Profile::ALL[1] {
                numbers.push(Frame::decode(&screen.frames[0]).unwrap().symbol_id);
                assert_eq!(screen.number as usize, numbers.len());
            }
        }
        assert_eq!(numbers, (0..numbers.len() as u32).collect::<Vec<_>>());
        assert!(numbers.len() > 100);
        shown.skip_to(7);
        assert_eq!(Frame::decode(&shown.next_screen().unwrap().frames[0]).unwrap().symbol_id, 7);
    }

    #[test]
    fn profiles_of_one_size_go_on_from_each_other_and_a_change_loses_nothing() {
        let id = |frame: &[u8]| Frame::decode(frame).unwrap().symbol_id;
        let mut two = Presentation::new(&payload(9000), vec![Profile::ALL[3]]).unwrap();
        (0..5).for_each(|_| drop(two.next_screen()));
        let positions = two.next_screen().unwrap().positions;
        let mut one = Presentation::from(&payload(9000), vec![Profile::ALL[2]], positions.clone()).unwrap();
        assert_eq!(one.next_screen().map(|screen| id(&screen.frames[0])), Ok(12));
        let mut other = Presentation::from(&payload(9000), vec![Profile::ALL[5]], positions).unwrap();
        other.skip_to(10);
        assert_eq!(other.next_screen().map(|screen| (id(&screen.frames[0]), screen.number)), Ok((20, 11)));
    }

    #[test]
    fn a_weak_receiver_is_done_at_last_whatever_was_chosen() {
        for chosen in 0..Profile::ALL.len() {
            let mut shown = Presentation::new(&payload(40_000), Profile::ALL[..=chosen].to_vec()).unwrap();
            let (mut assembly, mut pieces) = (Assembly::new(), 0);
            // Of all frames only one in seven is read.
            let whole = (0..20_000_u32).find_map(|screens| {
                let screen = shown.next_screen().unwrap();
                let frame = screen.frames.first().filter(|_| screens % 7 == 0)?;
                let fate = assembly.take(frame).unwrap();
                assert!(matches!(fate, Fate::Complete(_)) || assembly.pieces() >= pieces, "no piece is lost");
                pieces = assembly.pieces();
                if let Fate::Complete(found) = fate { Some(found) } else { None }
            });
            assert_eq!(whole, Some(payload(40_000)), "chosen {chosen}");
        }
    }

    #[test]
    fn every_profile_carries_the_payload_and_frames_fit_their_symbols() {
        for profile in Profile::ALL {
            let mut shown = Presentation::new(&payload(9_000), vec![profile]).unwrap();
            let mut assembly = Assembly::new();
            assert_eq!(shown.least(), (9_032_u32).div_ceil(profile.capacity as u32 - 13).div_ceil(profile.across.into()));
            let whole = (0..shown.least() + 2).find_map(|_| {
                let screen = shown.next_screen().unwrap();
                assert_eq!((screen.profile, screen.frames.len()), (profile, usize::from(profile.across)));
                screen.frames.iter().find_map(|frame| {
                    assert_eq!(frame.len(), profile.capacity);
                    match assembly.take(frame).unwrap() {
                        Fate::Complete(found) => Some(found),
                        _ => None,
                    }
                })
            });
            assert_eq!(whole, Some(payload(9_000)));
        }
    }

    #[test]
    fn what_fits_one_symbol_is_one_symbol() {
        let mut shown = all(b"short");
        let screen = shown.next_screen().unwrap();
        assert_eq!((screen.frames.len(), screen.least, shown.least()), (1, 1, 1));
    }

    #[test]
    fn nothing_to_show_and_nothing_to_show_it_with_are_refused() {
        assert!(matches!(Presentation::new(b"", Profile::ALL.to_vec()), Err(TransferError::Empty)));
        assert!(matches!(Presentation::new(b"x", Vec::new()), Err(TransferError::SymbolSize(0))));
    }

    #[test]
    fn what_was_read_at_one_density_is_not_lost_at_the_next() {
        let mut shown = all(&payload(30_000));
        let mut assembly = Assembly::new();
        let mut met = Vec::new();
        // Of dense frames only one in fifty is read, of others one in two.
        for screens in 0_u32.. {
            let screen = shown.next_screen().unwrap();
            met.push(number(screen.profile));
            let apart = if met.last() == Some(&5) { 50 } else { 2 };
            if screens % apart != 0 {
                continue;
            }
            let before = assembly.progress();
            if let Fate::Complete(found) = assembly.take(&screen.frames[0]).unwrap() {
                assert_eq!(found, payload(30_000));
                break;
            }
            let (Some(before), Some(after)) = (before, assembly.progress()) else { continue };
            assert!(after.read * before.needed >= before.read * after.needed, "progress never falls");
        }
        met.dedup();
        assert_eq!(met, [5, 4]);
    }
}
