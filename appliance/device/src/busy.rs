//! Whether the session's thread is at work on what was touched.

use std::time::{Duration, Instant};

/// Work that is shorter is not worth a word.
const PATIENCE: Duration = Duration::from_millis(250);

/// Counts what was touched and what of it was heard.
#[derive(Debug, Default)]
pub(crate) struct Busy {
    sent: u64,
    /// The number of the last button that was pressed.
    pressed: u64,
    heard: u64,
    since: Option<Instant>,
}

impl Busy {
    /// Counts a touch; gives its number.
    pub(crate) fn sent(&mut self, is_press: bool) -> u64 {
        self.sent += 1;
        if is_press {
            self.pressed = self.sent;
        }
        self.since.get_or_insert_with(Instant::now);
        self.sent
    }

    /// Notes that so many touches were heard; tells whether these are all.
    pub(crate) fn heard(&mut self, heard: u64) -> bool {
        self.heard = self.heard.max(heard);
        if self.heard >= self.sent {
            self.since = None;
        }
        !self.is_waiting()
    }

    /// Tells whether something that was touched was not heard yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.heard < self.sent
    }

    /// Tells whether a button was pressed of which nothing came yet: another press would be for a
    /// screen that is not there yet.
    pub(crate) fn is_deaf(&self) -> bool {
        self.heard < self.pressed
    }

    /// Tells for how long it has been at work on a button, where that is worth a word. Over a letter it is
    /// not: the keyboard would go from under the finger, and the next letter with it.
    pub(crate) fn since(&self) -> Option<Duration> {
        self.since.filter(|_| self.is_deaf()).map(|since| since.elapsed()).filter(|elapsed| *elapsed >= PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_until_the_last_touch_was_heard() {
        let mut busy = Busy::default();
        assert!(!busy.is_waiting() && busy.heard(0));
        assert_eq!((busy.sent(false), busy.sent(true)), (1, 2));
        assert!(busy.is_deaf());
        assert!(!busy.heard(1) && busy.is_waiting(), "what was typed second is not on that screen");
        assert!(busy.heard(2) && !busy.is_waiting());
        assert_eq!(busy.since(), None);
        assert_eq!(busy.sent(false), 3);
        assert!(!busy.is_deaf(), "a letter is no press");
        assert!(!busy.heard(2), "an older screen comes late");
    }

    #[test]
    fn a_letter_that_takes_long_leaves_the_keyboard_where_it_is() {
        let long_ago = Instant::now().checked_sub(Duration::from_secs(3));
        let mut busy = Busy { since: long_ago, ..Busy::default() };
        busy.sent(false);
        assert_eq!(busy.since(), None);
        busy.sent(true);
        assert!(busy.since().is_some_and(|since| since >= Duration::from_secs(3)));
    }
}
