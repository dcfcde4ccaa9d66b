//! Randomness from the operating system, stretched by one generator a command.

use getrandom::fill;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use thiserror::Error;
use zeroize::Zeroizing;

/// Seeds a generator; waits until the system has gathered enough, and fails rather than guess.
///
/// # Errors
/// [`RandomError`].
pub(crate) fn generator() -> Result<ChaCha20Rng, RandomError> {
    let mut seed = Zeroizing::new([0; 32]);
    fill(seed.as_mut_slice()).map_err(|_| RandomError)?;
    Ok(ChaCha20Rng::from_seed(*seed))
}

/// Says that there is no randomness.
#[derive(Debug, Error)]
#[error("the operating system gave no randomness, so no key can be made. Do not work on this machine until that is mended")]
pub(crate) struct RandomError;
