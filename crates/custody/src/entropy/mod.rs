//! Many sources of entropy, mixed into one root and one generator.
//!
//! HKDF-Extract with SHA-512 (RFC 5869) over every input, tagged and length-prefixed, with 64
//! fresh bytes of the operating system last, so that no earlier input can have been chosen in the
//! knowledge of them. Two Expands give the root and the seed of the ChaCha20 generator that feeds
//! the rest of the ceremony. Missing or failing required sources stop it: it fails closed.

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

pub use health::{JITTER_SAMPLES, jitter_is_alive};

const SALT: &[u8] = b"cloison/v1/entropy";

/// Says where an input came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Source {
    /// The operating system's generator, at least 64 bytes.
    Kernel,
    /// Timing jitter of the processor, tested by [`jitter_is_alive`].
    Jitter,
}

impl Source {
    const REQUIRED: [(Self, usize); 2] = [(Self::Kernel, 64), (Self::Jitter, JITTER_SAMPLES)];

    fn tag(self) -> &'static [u8] {
        match self {
            Self::Kernel => b"kernel",
            Self::Jitter => b"jitter",
        }
    }
}

/// Collects inputs; turned into a root and a generator when all required ones are in.
pub struct Pool {
    extract: HkdfExtract<Sha512>,
    given: BTreeMap<Source, usize>,
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
        Self { extract: HkdfExtract::new(Some(SALT)), given: BTreeMap::new() }
    }

    /// Mixes in one input: tag length, tag, input length (both 8 bytes big-endian), input.
    pub fn add(&mut self, source: Source, input: &[u8]) {
        self.framed(source.tag(), input);
        *self.given.entry(source).or_default() += input.len();
    }

    /// Ends the collection with 64 bytes freshly drawn from the operating system.
    ///
    /// # Errors
    /// [`EntropyError::Missing`] when a required source gave too little.
    pub fn finish(mut self, fresh: &Secret<64>) -> Result<(Root, Generator), EntropyError> {
        for (source, wanted) in Source::REQUIRED {
            let given = self.given.get(&source).copied().unwrap_or(0);
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
    /// A required source gave too little.
    #[error(
        "the entropy source {source_name:?} gave {given} of the {wanted} bytes or samples it must give. Do not make keys on this machine"
    )]
    Missing {
        /// Which.
        source_name: Source,
        /// What it gave.
        given: usize,
        /// What it must give.
        wanted: usize,
    },
    /// A source repeats itself.
    #[error("the entropy source {0:?} is stuck. Do not make keys on this machine")]
    Stuck(Source),
    /// A source gives one value far too often.
    #[error("the entropy source {0:?} is biased. Do not make keys on this machine")]
    Biased(Source),
    /// The expansion failed.
    #[error("the entropy could not be expanded. Do not make keys on this machine")]
    Expand,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

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
