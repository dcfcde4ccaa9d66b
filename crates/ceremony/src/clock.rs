//! The vault's time: the appliance's clock, set right by the custodians, and the limits of a session.

use crate::event::Ended;
use cloison_protocol::Limits;

/// How far a clock may seem to go back before it counts as set back, in seconds.
const SLACK: u64 = 2;

/// The confirmed time and when things happened by it.
#[derive(Default)]
pub(crate) struct Clock {
    ahead: i64,
    last: u64,
    opened: Option<Opened>,
}

struct Opened {
    at: u64,
    touched: u64,
    limits: Limits,
}

impl Clock {
    /// Gives the time by the custodians' word from what the appliance's clock says.
    pub(crate) fn now(&self, clock: u64) -> u64 {
        clock.saturating_add_signed(self.ahead)
    }

    /// Sets it right.
    pub(crate) fn set(&mut self, clock: u64, date: u64) {
        let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        self.ahead = signed(date).saturating_sub(signed(clock));
        self.last = date;
    }

    /// Forgets a date that nobody's cards confirmed.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Starts a session.
    pub(crate) fn open(&mut self, now: u64, limits: Limits) {
        self.opened = Some(Opened { at: now, touched: now, limits });
        self.last = now;
    }

    /// Gives the last time that was noted.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Ends a session that did not come about.
    pub(crate) fn close(&mut self) {
        self.opened = None;
    }

    /// Notes the time, and that somebody touched the kiosk where that is so; says why an open vault
    /// must be sealed, if it must.
    pub(crate) fn note(&mut self, now: u64, touched: bool) -> Option<Ended> {
        let back = now.saturating_add(SLACK) < self.last;
        self.last = self.last.max(now);
        let opened = self.opened.as_mut()?;
        if back {
            return Some(Ended::ClockWentBack);
        }
        if left(opened.at, now, u64::from(opened.limits.session_minutes) * 60) == 0 {
            return Some(Ended::TimeUp);
        }
        if left(opened.touched, now, u64::from(opened.limits.idle_minutes) * 60) == 0 {
            return Some(Ended::Idle);
        }
        if touched {
            opened.touched = now;
        }
        None
    }

    /// Gives the seconds left until the vault was idle too long, and in all.
    pub(crate) fn left(&self) -> Option<(u64, u64)> {
        let opened = self.opened.as_ref()?;
        let idle = left(opened.touched, self.last, u64::from(opened.limits.idle_minutes) * 60);
        Some((idle, left(opened.at, self.last, u64::from(opened.limits.session_minutes) * 60)))
    }
}

fn left(since: u64, now: u64, limit: u64) -> u64 {
    limit.saturating_sub(now.saturating_sub(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Clock {
        let mut clock = Clock::default();
        clock.open(1000, Limits { idle_minutes: 2, session_minutes: 5 });
        clock
    }

    #[test]
    fn touching_keeps_a_vault_open_until_its_time_is_up() {
        let mut clock = open();
        for now in [1100, 1200, 1299] {
            assert_eq!(clock.note(now, true), None);
        }
        assert_eq!(clock.left(), Some((120, 1)));
        assert_eq!(clock.note(1300, true), Some(Ended::TimeUp));
    }

    #[test]
    fn time_passing_is_not_a_touch() {
        let mut clock = open();
        assert_eq!(clock.note(1119, false), None);
        assert_eq!(clock.note(1120, true), Some(Ended::Idle));
    }

    #[test]
    fn a_clock_set_back_seals() {
        let mut clock = open();
        assert_eq!(clock.note(1060, true), None);
        assert_eq!(clock.note(1058, true), None, "a second of jitter is nothing");
        assert_eq!(clock.note(1000, true), Some(Ended::ClockWentBack));
    }

    #[test]
    fn the_custodians_word_counts_from_then_on() {
        let mut clock = Clock::default();
        clock.set(50, 1_795_271_400);
        assert_eq!(clock.now(60), 1_795_271_410);
        clock.set(1_795_271_400, 50);
        assert_eq!(clock.now(1_795_271_460), 110);
    }
}
