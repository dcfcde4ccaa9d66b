//! The panel of a device: lit as was chosen, and dark when nobody has touched it for a while.

use cloison_appliance::hw::backlight::Backlight;
use cloison_screens::Ui;
use std::{cell::Cell, time::Duration};

/// How bright it can be, in percent.
const LEVELS: [u8; 3] = [100, 60, 30];
/// After so long without a touch it goes dark, where nothing on it is to be looked at.
const REST: Duration = Duration::from_secs(5 * 60);

/// Gives the number of the darkest level.
pub(crate) const fn darkest() -> u8 {
    LEVELS.len() as u8 - 1
}

/// Gives the number of the level after this one.
pub(crate) fn next(level: u8) -> u8 {
    if level >= darkest() { 0 } else { level + 1 }
}

/// What lights it.
#[derive(Default)]
pub(crate) struct Panel {
    backlight: Backlight,
    lit: Cell<Option<u8>>,
}

impl Panel {
    pub(crate) fn new(backlight: Backlight) -> Self {
        Self { backlight, lit: Cell::default() }
    }

    /// Tells whether it can be lit more and less.
    pub(crate) fn is_lit(&self) -> bool {
        !self.backlight.is_missing()
    }

    /// Lets it rest when nobody is there, and lights it as is due.
    pub(crate) fn follow(&self, ui: &Ui, level: u8) {
        if !ui.is_dark() && ui.may_rest() && ui.untouched() >= REST {
            ui.darken();
        }
        let percent = LEVELS.get(usize::from(level)).copied().unwrap_or(100);
        if self.is_lit() {
            ui.light(percent);
        }
        let due = if ui.is_dark() { 0 } else { percent };
        if self.lit.replace(Some(due)) != Some(due) {
            // A panel that refuses stays as bright as it is.
            let _ = self.backlight.set(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_follow_each_other_from_any_number() {
        assert_eq!((next(0), next(1), next(darkest()), next(200)), (1, 2, 0, 0));
        assert!(LEVELS.is_sorted_by(|more, less| more > less) && LEVELS.iter().all(|level| (1..=100).contains(level)));
    }
}
