//! The steps of exposure: half stops about what the camera itself calls ordinary. Pure.

use super::Exposure;

/// The most half stops either way.
const MOST: i8 = 16;

/// Says what values a camera takes for the time that it lets light in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    least: i32,
    most: i32,
    step: i32,
    ordinary: i32,
}

impl Range {
    /// Takes what a driver says; `None` where no step could be made of it.
    pub(super) fn new(least: i32, most: i32, step: i32, ordinary: i32) -> Option<Self> {
        let sane = least >= 0 && least < most && ordinary > 0 && (least..=most).contains(&ordinary);
        sane.then_some(Self { least, most, step: step.max(1), ordinary })
    }

    /// Gives the steps that make a difference, and says which of them is set.
    pub(super) fn told(self, now: Option<i8>) -> Exposure {
        let steps = |value: i32| (2.0 * (f64::from(value.max(1)) / f64::from(self.ordinary)).log2()) as i8;
        let (darkest, brightest) = (steps(self.least).max(-MOST), steps(self.most).min(MOST));
        Exposure { darkest, brightest, now: now.map(|step| step.clamp(darkest, brightest)) }
    }

    /// Gives the camera's value for a step; one beyond the range is the last within.
    pub(super) fn value(self, step: i8) -> i32 {
        let wanted = f64::from(self.ordinary) * (f64::from(step) / 2.0).exp2();
        // From a float the conversion saturates.
        let value = (wanted.round() as i32).clamp(self.least, self.most);
        self.least + (value - self.least) / self.step * self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_step_is_half_a_stop() {
        // As an ordinary USB camera says, in tenths of a millisecond.
        let range = Range::new(3, 2047, 1, 250).unwrap();
        assert_eq!([-2, -1, 0, 1, 2].map(|step| range.value(step)), [125, 177, 250, 354, 500]);
        assert_eq!((range.value(-100), range.value(100)), (3, 2047));
        assert_eq!(range.told(Some(100)), Exposure { darkest: -12, brightest: 6, now: Some(6) });
        assert_eq!(range.told(None).now, None);
    }

    proptest! {
        #[test]
        fn whatever_a_driver_says_each_step_is_a_value_that_it_takes(least: i32, most: i32, step: i32, ordinary: i32, chosen: i8) {
            for (least, most) in [(least, most), (least % 100, most), (0, most)] {
                let Some(range) = Range::new(least, most, step, ordinary) else { continue };
                let value = range.value(chosen);
                prop_assert!((least..=most).contains(&value) && (value - least) % step.max(1) == 0);
                prop_assert!(range.value(chosen.saturating_add(1)) >= value);
                let told = range.told(Some(chosen));
                prop_assert!(told.darkest <= 0 && told.brightest >= 0);
                prop_assert!((told.darkest..=told.brightest).contains(&told.now.unwrap()));
            }
        }
    }
}
