//! Health tests on raw samples, before they are trusted (SP 800-90B §4.3 and §4.4).
//!
//! The false-alarm rate α is 2⁻²⁰ a test, at an assumed min-entropy that is far below what a working
//! source gives: half a bit for a timing sample, four bits for a byte of a hardware generator, half a
//! bit for [`BLOCK`] bytes of a picture. The tests notice a source that has failed; they do not
//! measure how good a working one is.

use super::{EntropyError, Source};
use zeroize::Zeroizing;

/// The raw jitter samples that the start-up test needs at least (SP 800-90B §4.3).
pub const JITTER_SAMPLES: usize = START_UP;
/// The bytes that a hardware generator must give at least.
pub const HARDWARE_BYTES: usize = START_UP;
/// The bytes of pictures that a camera must give at least: one picture of 256 × 128 points.
pub const CAMERA_BYTES: usize = START_UP * BLOCK;

/// How many samples are tested at least.
const START_UP: usize = 1024;
/// The window of the adaptive proportion test for samples that are not bits (§4.4.2).
const WINDOW: usize = 512;
/// How many bytes of a picture make one sample. Neighbouring points of a picture are alike and its
/// colours take turns, so that single bytes would trip the tests in every white wall.
const BLOCK: usize = 32;

/// When a source is taken to have failed.
#[derive(Clone, Copy)]
struct Limits {
    /// The cut-off of the repetition count test (§4.4.1): 1 + ⌈20 ÷ H⌉.
    repetitions: usize,
    /// The cut-off of the adaptive proportion test: 1 + critbinom(512, 2^−H, 1 − 2⁻²⁰).
    proportion: usize,
}

/// For H = 0.5.
const SLOW: Limits = Limits { repetitions: 41, proportion: 410 };
/// For H = 4.
const FAST: Limits = Limits { repetitions: 6, proportion: 62 };

/// Counts what the health tests saw, and the cut-offs that they held it against; for a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tested {
    /// How many samples were tested.
    pub samples: usize,
    /// How often the same sample came in a row, at most.
    pub longest_run: usize,
    /// From how long a row on the source is stuck.
    pub run_cut_off: usize,
    /// How often a window's first sample came in it, at most.
    pub most_alike: usize,
    /// From how often on the source is biased.
    pub alike_cut_off: usize,
}

impl Tested {
    /// Joins what two tests of one source saw.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            samples: self.samples.saturating_add(other.samples),
            longest_run: self.longest_run.max(other.longest_run),
            most_alike: self.most_alike.max(other.most_alike),
            ..self
        }
    }

    fn verdict(self, source: Source) -> Result<Self, EntropyError> {
        if self.longest_run >= self.run_cut_off {
            return Err(EntropyError::Stuck(source));
        }
        if self.most_alike >= self.alike_cut_off {
            return Err(EntropyError::Biased(source));
        }
        Ok(self)
    }
}

/// Runs both tests over all samples, as they came.
///
/// # Errors
/// [`EntropyError`] when there are too few samples, one value repeats too long in a row, or one
/// value fills too much of a window.
pub fn jitter_is_alive(samples: &[u64]) -> Result<(), EntropyError> {
    jitter(samples).map(drop)
}

pub(super) fn jitter(samples: &[u64]) -> Result<Tested, EntropyError> {
    enough(Source::Jitter, samples.len(), JITTER_SAMPLES)?;
    tested(samples, SLOW).verdict(Source::Jitter)
}

pub(super) fn hardware(bytes: &[u8]) -> Result<Tested, EntropyError> {
    enough(Source::Hardware, bytes.len(), HARDWARE_BYTES)?;
    tested(bytes, FAST).verdict(Source::Hardware)
}

pub(super) fn camera(bytes: &[u8]) -> Result<Tested, EntropyError> {
    enough(Source::Camera, bytes.len(), CAMERA_BYTES)?;
    // A picture without noise has long rows of equal sums; a bit of noise in 32 bytes changes one.
    let mut sums = Zeroizing::new(Vec::with_capacity(bytes.len() / BLOCK));
    sums.extend(bytes.chunks_exact(BLOCK).map(|block| block.iter().map(|byte| u16::from(*byte)).sum::<u16>()));
    tested(&sums, SLOW).verdict(Source::Camera)
}

fn enough(source_name: Source, given: usize, wanted: usize) -> Result<(), EntropyError> {
    if given < wanted { Err(EntropyError::Missing { source_name, given, wanted }) } else { Ok(()) }
}

fn tested<T: PartialEq>(samples: &[T], limits: Limits) -> Tested {
    Tested {
        samples: samples.len(),
        longest_run: samples.chunk_by(|a, b| a == b).map(<[T]>::len).max().unwrap_or(0),
        run_cut_off: limits.repetitions,
        most_alike: samples.chunks_exact(WINDOW).map(proportion).max().unwrap_or(0),
        alike_cut_off: limits.proportion,
    }
}

/// Counts how often a window's first sample comes in it.
fn proportion<T: PartialEq>(window: &[T]) -> usize {
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
        samples[700..700 + SLOW.repetitions - 1].fill(5);
        assert_eq!(jitter_is_alive(&samples), Ok(()));
        samples[700 + SLOW.repetitions - 1] = 5;
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
    fn the_cut_offs_are_the_first_that_keep_alpha() {
        for (limits, bits) in [(SLOW, 0.5), (FAST, 4.0)] {
            let (p, alpha) = (2f64.powf(-bits), 2f64.powi(-20));
            let cut_off = u32::try_from(limits.proportion).unwrap();
            assert!(tail(512, p, cut_off) <= alpha);
            assert!(tail(512, p, cut_off - 1) > alpha);
            let run = i32::try_from(limits.repetitions).unwrap();
            assert!(p.powi(run - 1) <= alpha * 1.000_001);
            assert!(p.powi(run - 2) > alpha * 1.000_001);
        }
    }

    #[test]
    fn what_the_tests_saw_is_told() {
        let mut samples: Vec<u64> = (0..2048).collect();
        samples[100..107].fill(9_999);
        samples[512..1024].iter_mut().step_by(4).for_each(|sample| *sample = 512);
        let seen = jitter(&samples).unwrap();
        assert_eq!(seen, Tested { samples: 2048, longest_run: 7, run_cut_off: 41, most_alike: 128, alike_cut_off: 410 });
        let both = seen.and(jitter(&samples[..1024]).unwrap());
        assert_eq!((both.samples, both.longest_run, both.most_alike), (3072, 7, 128));
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        ChaCha20Rng::from_seed([4; 32]).fill_bytes(&mut bytes);
        bytes
    }

    #[test]
    fn a_hardware_generator_that_hangs_or_repeats_itself_is_noticed() {
        assert_eq!(hardware(&noise(64 * 1024)).unwrap().samples, 64 * 1024);
        assert!(matches!(hardware(&noise(1023)), Err(EntropyError::Missing { source_name: Source::Hardware, .. })));
        assert_eq!(hardware(&[0xff; 1024]), Err(EntropyError::Stuck(Source::Hardware)));
        let mut hangs = noise(4096);
        hangs[1000..1006].fill(0);
        assert_eq!(hardware(&hangs), Err(EntropyError::Stuck(Source::Hardware)));
        let digits: Vec<u8> = (0..4096u32).map(|i| if i % 3 == 0 { 7 } else { i.to_be_bytes()[3] }).collect();
        assert_eq!(hardware(&digits), Err(EntropyError::Biased(Source::Hardware)));
    }

    /// A picture as a cheap camera gives it: brightness that changes slowly, colours that take
    /// turns with it, and noise of one step in some points.
    fn picture(noisy: bool) -> Vec<u8> {
        let mut rng = ChaCha20Rng::from_seed([8; 32]);
        let brightness = |at: usize| u8::try_from(60 + at / 2 % 640 / 8).unwrap();
        let grain = |rng: &mut ChaCha20Rng| u8::from(noisy && rng.next_u32().is_multiple_of(4));
        (0..2 * 640 * 480).map(|at| if at % 2 == 1 { 128 } else { brightness(at) + grain(&mut rng) }).collect()
    }

    #[test]
    fn a_camera_passes_with_a_little_noise_and_not_behind_its_lid() {
        assert!(camera(&picture(true)).is_ok());
        for lid in [vec![16; 2 * 640 * 480], [16, 128].repeat(640 * 480), [235, 128, 235, 129].repeat(320 * 480)] {
            assert_eq!(camera(&lid), Err(EntropyError::Stuck(Source::Camera)));
        }
        let mut half_dark = picture(true);
        half_dark[300_000..].fill(16);
        assert_eq!(camera(&half_dark), Err(EntropyError::Stuck(Source::Camera)));
        assert!(matches!(camera(&picture(true)[..CAMERA_BYTES - 1]), Err(EntropyError::Missing { .. })));
    }

    #[test]
    fn a_camera_that_sees_next_to_nothing_is_biased() {
        let almost_black: Vec<u8> = (0..640 * 480).map(|at| 16 + u8::from(at % (7 * BLOCK) == 5)).collect();
        assert_eq!(camera(&almost_black), Err(EntropyError::Biased(Source::Camera)));
    }

    /// A source at the assumed entropy trips as rarely as α says, and a worse one as often as the
    /// binomial distribution says.
    #[test]
    fn biased_sources_trip_at_the_rates_that_alpha_predicts() {
        let rate = |p: f64| {
            let samples = source(9, p, WINDOW * 6000);
            let first_is_zero = samples.chunks_exact(WINDOW).filter(|window| window[0] == 0);
            let (tripped, windows) = first_is_zero.fold((0, 0), |(tripped, windows), window| {
                (tripped + u32::from(proportion(window) >= SLOW.proportion), windows + 1)
            });
            f64::from(tripped) / f64::from(windows)
        };
        assert_eq!(rate(0.5f64.sqrt()), 0.0, "at half a bit: fewer than one window in a million");
        for p in [0.78, 0.80, 0.82] {
            // The first sample is the counted value by condition, so 511 trials are left.
            let predicted = tail(511, p, u32::try_from(SLOW.proportion).unwrap() - 1);
            assert!((rate(p) - predicted).abs() < 0.03, "p = {p}: {} and {predicted} predicted", rate(p));
        }
    }
}
