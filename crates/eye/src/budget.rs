//! How long looking may take, outside and inside.
//!
//! The parent kills a child when a budget is over: from outside that is sure to work. The child is
//! told the budget with each request and gives up a little before, with what it found until then, so
//! that a picture which merely takes long costs no process.

use std::time::{Duration, Instant};

/// What one frame of a camera may take from its arrival to the answer, on the kiosk and at a
/// workstation.
pub const FRAME_BUDGET: Duration = Duration::from_millis(125);

/// What one frame of a picture file may take, however large: a photograph has up to 16 megapixels.
pub const PICTURE_BUDGET: Duration = Duration::from_secs(10);

/// What all frames of a picture file may take together; an animation of ours takes seconds.
pub(crate) const FILE_BUDGET: Duration = Duration::from_secs(120);

/// The most that the child leaves of a budget: measuring, answering, and a busy machine's delays.
const MOST_LEFT: Duration = Duration::from_millis(50);

/// Gives the part of a budget after which the child gives up by itself.
pub(crate) fn inside(budget: Duration) -> Duration {
    budget - (budget / 3).min(MOST_LEFT)
}

/// Makes what a reader asks for whether there is more time, counted from a moment.
pub(crate) fn until(since: Instant, budget: Duration) -> impl FnMut() -> bool {
    let most = inside(budget);
    move || since.elapsed() < most
}

/// Writes a budget in whole milliseconds.
pub(crate) fn millis(budget: Duration) -> [u8; 4] {
    u32::try_from(budget.as_millis()).unwrap_or(u32::MAX).to_le_bytes()
}

/// Reads a budget.
pub(crate) fn of_millis(bytes: [u8; 4]) -> Duration {
    Duration::from_millis(u32::from_le_bytes(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_gives_up_before_its_parent_kills_it() {
        for millis in [1, 10, 150, 400, 10_000] {
            let budget = Duration::from_millis(millis);
            assert!(inside(budget) < budget && inside(budget) >= budget / 2, "{millis}");
        }
        assert_eq!((inside(Duration::from_secs(1)), inside(Duration::ZERO)), (Duration::from_millis(950), Duration::ZERO));
        assert!(inside(FRAME_BUDGET) > Duration::from_millis(80));
    }

    #[test]
    fn a_budget_comes_through_in_whole_milliseconds() {
        assert_eq!(of_millis(millis(FRAME_BUDGET)), FRAME_BUDGET);
        assert_eq!(of_millis(millis(Duration::from_micros(2999))), Duration::from_millis(2));
        assert_eq!(of_millis(millis(Duration::MAX)), Duration::from_millis(u32::MAX.into()));
    }

    #[test]
    fn there_is_no_more_time_once_it_is_over() {
        let now = Instant::now();
        assert!(until(now, Duration::from_secs(3600))());
        assert!(!until(now, Duration::ZERO)());
    }
}
