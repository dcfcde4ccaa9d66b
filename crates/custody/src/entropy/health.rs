//! Health tests on raw timing samples, before they are trusted (SP 800-90B §4.3 and §4.4).
//!
//! The assumed min-entropy is half a bit a sample and the false-alarm rate α is 2⁻²⁰ a test. The
//! tests notice a source that has failed; they do not measure how good a working one is.

use super::{EntropyError, Source};

/// The raw jitter samples that the start-up test needs at least (SP 800-90B §4.3).
pub const JITTER_SAMPLES: usize = 1024;
/// The cut-off of the repetition count test (§4.4.1): 1 + ⌈20 ÷ 0.5⌉.
const REPETITIONS: usize = 41;
/// The window of the adaptive proportion test for samples that are not bits (§4.4.2).
const WINDOW: usize = 512;
/// Its cut-off: 1 + critbinom(512, 2^−0.5, 1 − 2⁻²⁰).
const PROPORTION: usize = 410;

/// Runs both tests over all samples, as they came.
///
/// # Errors
/// [`EntropyError`] when there are too few samples, one value repeats too long in a row, or one
/// value fills too much of a window.
pub fn jitter_is_alive(samples: &[u64]) -> Result<(), EntropyError> {
    if samples.len() < JITTER_SAMPLES {
        return Err(EntropyError::Missing { source_name: Source::Jitter, given: samples.len(), wanted: JITTER_SAMPLES });
    }
    if samples.chunk_by(|a, b| a == b).any(|run| run.len() >= REPETITIONS) {
        return Err(EntropyError::Stuck(Source::Jitter));
    }
    if samples.chunks_exact(WINDOW).any(|window| proportion(window) >= PROPORTION) {
        return Err(EntropyError::Biased(Source::Jitter));
    }
    Ok(())
}

/// Counts how often a window's first sample comes in it.
fn proportion(window: &[u64]) -> usize {
    window.iter().filter(|sample| Some(*sample) == window.first()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    /// Samples that are 0 with probability `p` and otherwise anything.
    fn source(seed: u8, p: f64, length: usize) -> Vec<u64> {
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let limit = (p * f64::from(u32::MAX)) as u32;
        (0..length).map(|_| if rng.next_u32() < limit { 0 } else { rng.next_u64() }).collect()
    }

    #[test]
    fn a_live_source_passes_and_too_few_samples_do_not() {
        let live = source(1, 0.3, 2048);
        assert_eq!(jitter_is_alive(&live), Ok(()));
        assert!(matches!(jitter_is_alive(&live[..1023]), Err(EntropyError::Missing { .. })));
    }

    #[test]
    fn a_stuck_source_trips_at_the_cut_off_and_not_one_before() {
        let mut samples = source(2, 0.0, 2048);
        samples[700..700 + REPETITIONS - 1].fill(5);
        assert_eq!(jitter_is_alive(&samples), Ok(()));
        samples[700 + REPETITIONS - 1] = 5;
        assert_eq!(jitter_is_alive(&samples), Err(EntropyError::Stuck(Source::Jitter)));
        assert_eq!(jitter_is_alive(&[0; 2048]), Err(EntropyError::Stuck(Source::Jitter)));
    }

    #[test]
    fn two_values_taking_turns_are_no_source_when_one_prevails() {
        let samples: Vec<u64> = (0..2048).map(|i| u64::from(i % 6 == 5)).collect();
        assert_eq!(jitter_is_alive(&samples), Err(EntropyError::Biased(Source::Jitter)));
    }

    /// P[X ≥ at least] for X of the binomial distribution.
    fn tail(trials: u32, p: f64, at_least: u32) -> f64 {
        let ln_choose = |k: u32| (0..k).map(|i| (f64::from(trials - i) / f64::from(i + 1)).ln()).sum::<f64>();
        (at_least..=trials).map(|k| (ln_choose(k) + f64::from(k) * p.ln() + f64::from(trials - k) * (1.0 - p).ln()).exp()).sum()
    }

    #[test]
    fn the_cut_off_of_the_proportion_test_is_the_first_that_keeps_alpha() {
        let (p, alpha) = (0.5f64.sqrt(), 2f64.powi(-20));
        let cut_off = u32::try_from(PROPORTION).unwrap();
        assert!(tail(512, p, cut_off) <= alpha);
        assert!(tail(512, p, cut_off - 1) > alpha);
    }

    /// A source at the assumed entropy trips as rarely as α says, and a worse one as often as the
    /// binomial distribution says.
    #[test]
    fn biased_sources_trip_at_the_rates_that_alpha_predicts() {
        let rate = |p: f64| {
            let samples = source(9, p, WINDOW * 6000);
            let first_is_zero = samples.chunks_exact(WINDOW).filter(|window| window[0] == 0);
            let (tripped, windows) = first_is_zero
                .fold((0, 0), |(tripped, windows), window| (tripped + u32::from(proportion(window) >= PROPORTION), windows + 1));
            f64::from(tripped) / f64::from(windows)
        };
        assert_eq!(rate(0.5f64.sqrt()), 0.0, "at half a bit: fewer than one window in a million");
        for p in [0.78, 0.80, 0.82] {
            // The first sample is the counted value by condition, so 511 trials are left.
            let predicted = tail(511, p, u32::try_from(PROPORTION).unwrap() - 1);
            assert!((rate(p) - predicted).abs() < 0.03, "p = {p}: {} and {predicted} predicted", rate(p));
        }
    }
}
