//! Many sources of entropy, mixed into one root and one generator.
//!
//! HKDF-Extract with SHA-512 (RFC 5869) over every input, tagged and length-prefixed, with 64
//! fresh bytes of the operating system last, so that no earlier input can have been chosen in the
//! knowledge of them. Two Expands give the root and the seed of the ChaCha20 generator that feeds
//! the rest of the ceremony. Kernel and jitter are required. A hardware generator, a camera and the
//! custodians' dice are mixed in when they are there, and credited nothing. Every source but the
//! kernel is tested first, and one that fails stops the ceremony, required or not: it fails closed.

mod dice;
mod fairness;
mod health;

use crate::derive::Root;
use cloison_protocol::secret::Secret;
use hkdf::{Hkdf, HkdfExtract};
use rand_chacha::ChaCha20Rng;
use rand_core::{SeedableRng, TryCryptoRng, TryRng};
use sha2::Sha512;
use std::{collections::BTreeMap, convert::Infallible};
use thiserror::Error;
use zeroize::Zeroizing;

pub use dice::{Dice, DiceError};
pub use fairness::Pattern;
pub use health::{CAMERA_BYTES, HARDWARE_BYTES, JITTER_SAMPLES, Tested, jitter_is_alive};

const SALT: &[u8] = b"cloison/v1/entropy";

/// Says where an input came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Source {
    /// The operating system's generator, at least 64 bytes.
    Kernel,
    /// Timing jitter of the processor, tested by [`jitter_is_alive`].
    Jitter,
    /// A hardware generator, such as a board's own.
    Hardware,
    /// The noise in a camera's pictures.
    Camera,
    /// What the custodians threw with dice.
    Dice,
}

impl Source {
    const REQUIRED: [(Self, usize); 2] = [(Self::Kernel, 64), (Self::Jitter, JITTER_SAMPLES)];

    /// Gives the name under which it is mixed in and stands in a transcript.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Jitter => "jitter",
            Self::Hardware => "hardware",
            Self::Camera => "camera",
            Self::Dice => "dice",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Kernel | Self::Jitter => "Do not make keys on this machine",
            Self::Hardware => "Unplug it or replace it, then start again",
            Self::Camera => "Take its cover off and turn it away from strong light, then start again",
            Self::Dice => "Throw the dice again, then start again",
        }
    }
}

/// Tells what one source gave to a [`Pool`]: how much, never what. Who threw the dice is told by
/// [`Dice::contributions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contribution {
    /// Which source.
    pub source: Source,
    /// Bytes of the kernel, the hardware generator and the camera; samples of jitter; rolls of dice.
    pub amount: usize,
    /// What the health tests saw, where they ran.
    pub tested: Option<Tested>,
}

/// Collects inputs; turned into a root and a generator when all required ones are in.
pub struct Pool {
    extract: HkdfExtract<Sha512>,
    given: BTreeMap<Source, Given>,
    failed: Option<EntropyError>,
}

/// What a source gave so far: bytes mixed in, and what they count as.
#[derive(Default)]
struct Given {
    bytes: usize,
    amount: usize,
    tested: Option<Tested>,
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    /// Starts empty.
    #[must_use]
    pub fn new() -> Self {
        Self { extract: HkdfExtract::new(Some(SALT)), given: BTreeMap::new(), failed: None }
    }

    /// Mixes in one input of a required source: tag length, tag, input length (both 8 bytes
    /// big-endian), input. Jitter comes as samples of 8 bytes, big-endian, tested by the caller;
    /// [`Pool::jitter`] does both. The other sources have their own functions, which test: given
    /// here, they make [`Pool::finish`] fail.
    pub fn add(&mut self, source: Source, input: &[u8]) {
        match source {
            Source::Kernel => self.mix(source, input, input.len(), None),
            Source::Jitter => self.mix(source, input, input.len() / 8, None),
            Source::Hardware | Source::Camera | Source::Dice => self.fail(EntropyError::Untested(source)),
        }
    }

    /// Tests timing samples and mixes them in.
    ///
    /// # Errors
    /// Those of [`jitter_is_alive`]. Nothing can be made of this pool any more.
    pub fn jitter(&mut self, samples: &[u64]) -> Result<(), EntropyError> {
        let tested = self.alive(health::jitter(samples))?;
        // One allocation, so that no copy is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(samples.len() * 8));
        samples.iter().for_each(|sample| bytes.extend(sample.to_be_bytes()));
        self.mix(Source::Jitter, &bytes, samples.len(), Some(tested));
        Ok(())
    }

    /// Tests the bytes of a hardware generator and mixes them in.
    ///
    /// # Errors
    /// [`EntropyError`] when they are fewer than [`HARDWARE_BYTES`] or fail a health test. Nothing
    /// can be made of this pool any more.
    pub fn hardware(&mut self, bytes: &[u8]) -> Result<(), EntropyError> {
        let tested = self.alive(health::hardware(bytes))?;
        self.mix(Source::Hardware, bytes, bytes.len(), Some(tested));
        Ok(())
    }

    /// Tests the raw bytes of a camera's pictures, one after another, and mixes them in.
    ///
    /// # Errors
    /// [`EntropyError`] when they are fewer than [`CAMERA_BYTES`] or fail a health test, as when
    /// the lens is covered. Nothing can be made of this pool any more.
    pub fn camera(&mut self, pictures: &[u8]) -> Result<(), EntropyError> {
        let tested = self.alive(health::camera(pictures))?;
        self.mix(Source::Camera, pictures, pictures.len(), Some(tested));
        Ok(())
    }

    /// Checks what the custodians threw and mixes it in, a contribution at a time.
    ///
    /// # Errors
    /// Those of [`Dice::check`]. They can be mended: the pool is as it was.
    pub fn dice(&mut self, dice: &Dice) -> Result<(), DiceError> {
        dice.check()?;
        dice.rolls().for_each(|rolls| self.mix(Source::Dice, rolls, rolls.len(), None));
        Ok(())
    }

    /// Tells what each source gave so far, in the order of [`Source`].
    #[must_use]
    pub fn given(&self) -> Vec<Contribution> {
        let told =
            |(source, given): (&Source, &Given)| Contribution { source: *source, amount: given.amount, tested: given.tested };
        self.given.iter().map(told).collect()
    }

    /// Ends the collection with 64 bytes freshly drawn from the operating system.
    ///
    /// # Errors
    /// [`EntropyError::Missing`] when a required source gave too little; what was wrong with a
    /// source before.
    pub fn finish(mut self, fresh: &Secret<64>) -> Result<(Root, Generator), EntropyError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        for (source, wanted) in Source::REQUIRED {
            let given = self.given.get(&source).map_or(0, |given| given.bytes);
            if given < wanted {
                return Err(EntropyError::Missing { source_name: source, given, wanted });
            }
        }
        self.framed(b"fresh", fresh.expose());
        let (_, expand) = self.extract.finalize();
        let root = expanded(&expand, b"cloison/v1/entropy/root")?;
        let seed = expanded(&expand, b"cloison/v1/entropy/ceremony")?;
        Ok((Root::new(root), Generator::seeded(&seed)))
    }

    fn alive(&mut self, tested: Result<Tested, EntropyError>) -> Result<Tested, EntropyError> {
        tested.inspect_err(|error| self.fail(*error))
    }

    fn fail(&mut self, error: EntropyError) {
        self.failed.get_or_insert(error);
    }

    fn mix(&mut self, source: Source, input: &[u8], amount: usize, tested: Option<Tested>) {
        self.framed(source.label().as_bytes(), input);
        let given = self.given.entry(source).or_default();
        given.bytes += input.len();
        given.amount += amount;
        given.tested = given.tested.into_iter().chain(tested).reduce(Tested::and);
    }

    fn framed(&mut self, tag: &[u8], input: &[u8]) {
        for part in [tag, input] {
            self.extract.input_ikm(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            self.extract.input_ikm(part);
        }
    }
}

fn expanded(expand: &Hkdf<Sha512>, info: &[u8]) -> Result<Secret<32>, EntropyError> {
    let mut result = Ok(());
    let secret = Secret::filled(|bytes: &mut [u8; 32]| result = expand.expand(info, bytes));
    result.map(|()| secret).map_err(|_| EntropyError::Expand)
}

/// ChaCha20 (RFC 8439) as a generator, seeded with 32 bytes and wiped at its end.
pub struct Generator(Box<ChaCha20Rng>);

impl Generator {
    /// Starts from a seed, which must come from the operating system or from a [`Pool`].
    #[must_use]
    pub fn seeded(seed: &Secret<32>) -> Self {
        Self(Box::new(ChaCha20Rng::from_seed(*seed.expose())))
    }
}

impl TryRng for Generator {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

impl TryCryptoRng for Generator {}

impl Drop for Generator {
    fn drop(&mut self) {
        // The crate has no wiping of its own: overwrite the state, and keep the write.
        *self.0 = ChaCha20Rng::from_seed(*Zeroizing::new([0; 32]));
        core::hint::black_box(&self.0);
    }
}

/// Says why there is not enough entropy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EntropyError {
    /// A source gave too little.
    #[error("the entropy source {source_name:?} gave {given} of the {wanted} bytes or samples it must give. {}", source_name.remedy())]
    Missing {
        /// Which.
        source_name: Source,
        /// What it gave.
        given: usize,
        /// What it must give.
        wanted: usize,
    },
    /// A source repeats itself.
    #[error("the entropy source {0:?} is stuck. {remedy}", remedy = .0.remedy())]
    Stuck(Source),
    /// A source gives one value far too often.
    #[error("the entropy source {0:?} is biased. {remedy}", remedy = .0.remedy())]
    Biased(Source),
    /// A source was mixed in past its test, which is a fault of the program.
    #[error("the entropy source {0:?} was not tested. Do not make keys with this program")]
    Untested(Source),
    /// The expansion failed.
    #[error("the entropy could not be expanded. Do not make keys on this machine")]
    Expand,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;
    use std::collections::BTreeSet;

    fn pool(kernel: &[u8], jitter: &[u8]) -> Pool {
        let mut pool = Pool::new();
        pool.add(Source::Kernel, kernel);
        pool.add(Source::Jitter, jitter);
        pool
    }
    fn fresh(byte: u8) -> Secret<64> {
        Secret::copied(&[byte; 64]).unwrap()
    }
    fn drawn(pool: Pool, last: u8) -> ([u8; 32], [u8; 32]) {
        let (root, mut rng) = pool.finish(&fresh(last)).unwrap();
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        (*root.expose_for_split(), bytes)
    }

    #[test]
    fn a_required_source_that_gives_too_little_stops_the_ceremony() {
        let mut no_jitter = Pool::new();
        no_jitter.add(Source::Kernel, &[1; 64]);
        for poor in [Pool::new(), no_jitter, pool(&[1; 63], &[2; 1024]), pool(&[1; 64], &[2; 1023])] {
            assert!(matches!(poor.finish(&fresh(0)), Err(EntropyError::Missing { .. })));
        }
    }

    fn live(seed: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        ChaCha20Rng::from_seed([seed; 32]).fill_bytes(&mut bytes);
        bytes
    }

    fn thrown(seed: u8) -> Dice {
        let rolls: String = live(seed, 200).iter().filter(|byte| **byte < 252).map(|byte| char::from(b'1' + byte % 6)).collect();
        let mut dice = Dice::new();
        dice.add("Amélie", &rolls[..40]).unwrap();
        dice.add("Bruno", &rolls[40..100]).unwrap();
        dice
    }

    #[test]
    fn an_optional_source_changes_root_and_generator_when_it_is_there() {
        let with = |give: &dyn Fn(&mut Pool)| {
            let mut pool = pool(&[1; 64], &[2; 1024]);
            give(&mut pool);
            drawn(pool, 3)
        };
        let drawn = [
            with(&|_| {}),
            with(&|pool| pool.hardware(&live(1, HARDWARE_BYTES)).unwrap()),
            with(&|pool| pool.camera(&live(1, CAMERA_BYTES)).unwrap()),
            with(&|pool| pool.camera(&live(2, CAMERA_BYTES)).unwrap()),
            with(&|pool| pool.dice(&thrown(1)).unwrap()),
            with(&|pool| pool.dice(&thrown(2)).unwrap()),
        ];
        let (roots, seeds): (BTreeSet<_>, BTreeSet<_>) = drawn.into_iter().unzip();
        assert_eq!((roots.len(), seeds.len()), (6, 6));
    }

    #[test]
    fn jitter_is_mixed_in_as_its_bytes_are() {
        let samples: Vec<u64> = (0..1024).map(|at| at * at).collect();
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_be_bytes()).collect();
        let mut tested = Pool::new();
        tested.add(Source::Kernel, &[1; 64]);
        tested.jitter(&samples).unwrap();
        assert_eq!(drawn(tested, 3), drawn(pool(&[1; 64], &bytes), 3));
    }

    #[test]
    fn what_each_source_gave_is_told_and_no_value_of_it() {
        let mut pool = Pool::new();
        assert_eq!(pool.given(), []);
        pool.dice(&thrown(1)).unwrap();
        pool.add(Source::Kernel, &[1; 64]);
        pool.jitter(&(0..2048).collect::<Vec<_>>()).unwrap();
        pool.hardware(&live(1, 1024)).unwrap();
        pool.hardware(&live(2, 2048)).unwrap();
        pool.camera(&live(3, 2 * CAMERA_BYTES)).unwrap();
        let told: Vec<_> = pool.given().into_iter().map(|given| (given.source.label(), given.amount)).collect();
        assert_eq!(told, [("kernel", 64), ("jitter", 2048), ("hardware", 3072), ("camera", 2 * CAMERA_BYTES), ("dice", 100)]);
        let tested: Vec<_> = pool.given().into_iter().map(|given| given.tested.map(|tested| tested.samples)).collect();
        assert_eq!(tested, [None, Some(2048), Some(3072), Some(2048), None]);
        let jitter = pool.given()[1].tested.unwrap();
        assert_eq!((jitter.longest_run, jitter.run_cut_off, jitter.most_alike, jitter.alike_cut_off), (1, 41, 1, 410));
    }

    #[test]
    fn a_source_that_fails_its_test_ends_the_ceremony_required_or_not() {
        type Give = fn(&mut Pool) -> Result<(), EntropyError>;
        let failing: [(Give, EntropyError); 3] = [
            (|pool| pool.jitter(&[7; 2048]), EntropyError::Stuck(Source::Jitter)),
            (|pool| pool.hardware(&[0; 2048]), EntropyError::Stuck(Source::Hardware)),
            (|pool| pool.camera(&[16; CAMERA_BYTES]), EntropyError::Stuck(Source::Camera)),
        ];
        for (give, error) in failing {
            let mut pool = pool(&[1; 64], &[2; 1024]);
            assert_eq!(give(&mut pool), Err(error));
            pool.hardware(&live(1, 1024)).unwrap();
            assert_eq!(pool.finish(&fresh(0)).err(), Some(error), "what comes later does not mend it");
        }
    }

    #[test]
    fn a_source_cannot_go_past_its_test() {
        for source in [Source::Hardware, Source::Camera, Source::Dice] {
            let mut pool = pool(&[1; 64], &[2; 1024]);
            pool.add(source, &live(1, CAMERA_BYTES));
            assert_eq!(pool.finish(&fresh(0)).err(), Some(EntropyError::Untested(source)));
        }
    }

    #[test]
    fn too_few_rolls_are_refused_and_can_be_completed() {
        let mut pool = pool(&[1; 64], &[2; 1024]);
        let mut few = Dice::new();
        few.add("A", "2461").unwrap();
        assert_eq!(pool.dice(&few), Err(DiceError::TooFew { found: 4, needed: 100 }));
        assert_eq!(pool.dice(&thrown(1)), Ok(()));
        assert!(pool.finish(&fresh(0)).is_ok());
    }

    #[test]
    fn an_error_names_the_source_and_says_what_to_do() {
        for (error, words) in [
            (EntropyError::Stuck(Source::Jitter), "the entropy source Jitter is stuck. Do not make keys on this machine"),
            (
                EntropyError::Biased(Source::Hardware),
                "the entropy source Hardware is biased. Unplug it or replace it, then start again",
            ),
            (
                EntropyError::Missing { source_name: Source::Camera, given: 5, wanted: 9 },
                "the entropy source Camera gave 5 of the 9 bytes or samples it must give. Take its cover off and turn it away from strong light, then start again",
            ),
        ] {
            assert_eq!(error.to_string(), words);
        }
    }

    #[test]
    fn every_input_changes_root_and_generator_and_the_two_differ() {
        let base = drawn(pool(&[1; 64], &[2; 1024]), 3);
        assert_ne!(base.0, base.1);
        for other in
            [drawn(pool(&[9; 64], &[2; 1024]), 3), drawn(pool(&[1; 64], &[9; 1024]), 3), drawn(pool(&[1; 64], &[2; 1024]), 9)]
        {
            assert_ne!(base.0, other.0);
            assert_ne!(base.1, other.1);
        }
        assert_eq!(base, drawn(pool(&[1; 64], &[2; 1024]), 3));
    }
}
