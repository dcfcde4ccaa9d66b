//! How codes are shown in the terminal, as it was last chosen by keys.

use crate::{
    files::{self, Readers},
    home::Home,
};
use cloison_protocol::Profile;
use std::time::Duration;

const MAX_FILE: u64 = 64;
/// The slowest and the fastest, in percent of the time that a profile takes.
const PERCENT: (u32, u32) = (25, 1500);

/// Which profile is shown, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// The profile's number, from 0.
    pub(crate) profile: u8,
    /// How long each picture stays, in percent of what is ordinary.
    pub(crate) percent: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { profile: Profile::DEFAULT, percent: 100 }
    }
}

impl Pace {
    /// Reads what was chosen; a file that is missing or not understood is as good as none.
    pub(crate) fn remembered(home: Option<&Home>) -> Self {
        let text = home.and_then(|home| files::read(&home.pace(), MAX_FILE).ok());
        text.and_then(|text| Self::parse(std::str::from_utf8(&text).ok()?)).unwrap_or_default()
    }

    /// Keeps what was chosen. It matters too little for an error: then it is chosen again.
    pub(crate) fn remember(self, home: Option<&Home>) {
        let Some(home) = home else { return };
        if Self::remembered(Some(home)) != self && home.make().is_ok() {
            let text = format!("{} {}\n", self.profile + 1, self.percent);
            let _ = files::write(&home.pace(), text.as_bytes(), Readers::Umask, true);
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (profile, percent) = text.trim_end().split_once(' ')?;
        let profile = profile.parse::<u8>().ok()?.checked_sub(1).filter(|number| Profile::numbered(*number).is_some())?;
        let percent = percent.parse().ok().filter(|percent| (PERCENT.0..=PERCENT.1).contains(percent))?;
        Some(Self { profile, percent })
    }

    /// Shows each picture a little shorter.
    pub(crate) fn faster(&mut self) {
        self.percent = (self.percent * 4 / 5).max(PERCENT.0);
    }

    /// Shows each picture a little longer.
    pub(crate) fn slower(&mut self) {
        self.percent = (self.percent * 5 / 4).min(PERCENT.1);
    }

    /// Gives the time that a picture stays, of which this much is ordinary.
    pub(crate) fn delay(self, ordinary: Duration) -> Duration {
        ordinary * self.percent / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_understood_and_nothing_else() {
        assert_eq!(Pace::parse("4 80\n"), Some(Pace { profile: 3, percent: 80 }));
        for text in ["", "4", "0 100", "7 100", "4 24", "4 1501", "4 80 1", "x 80", "4 -80"] {
            assert_eq!(Pace::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_speed_has_ends() {
        let mut pace = Pace::default();
        (0..50).for_each(|_| pace.faster());
        assert_eq!(pace.percent, PERCENT.0);
        (0..50).for_each(|_| pace.slower());
        assert_eq!(pace.percent, PERCENT.1);
        assert_eq!(pace.delay(Duration::from_millis(100)), Duration::from_millis(1500));
    }
}
