//! Entropy of an ordinary machine: the kernel's generator and the processor's timing jitter.

use crate::hardware::HardwareError;
use cloison_ceremony::EntropyInputs;
use cloison_custody::entropy::Generator;
use cloison_protocol::secret::Secret;
use std::{hint::black_box, time::Instant};
use zeroize::Zeroizing;

const SAMPLES: usize = 2048;
/// Larger than the first-level cache, so that reading it takes a time that varies.
const WALK: usize = 64 * 1024;

/// Gathers all that a new root needs; the fresh bytes are drawn last.
///
/// # Errors
/// [`HardwareError::Entropy`].
pub fn gather() -> Result<EntropyInputs, HardwareError> {
    let mut kernel = Zeroizing::new(vec![0; 64]);
    getrandom::fill(&mut kernel).map_err(HardwareError::Entropy)?;
    let jitter = jitter();
    Ok(EntropyInputs { kernel, jitter, fresh: drawn()? })
}

/// Makes a generator for one event, seeded from the operating system.
///
/// # Errors
/// [`HardwareError::Entropy`].
pub fn generator() -> Result<Generator, HardwareError> {
    Ok(Generator::seeded(&drawn()?))
}

fn drawn<const N: usize>() -> Result<Secret<N>, HardwareError> {
    let mut result = Ok(());
    let secret = Secret::filled(|bytes: &mut [u8; N]| result = getrandom::fill(bytes));
    result.map(|()| secret).map_err(HardwareError::Entropy)
}

/// Times short walks through memory; the raw differences are what the health test looks at.
fn jitter() -> Zeroizing<Vec<u64>> {
    let mut samples = Zeroizing::new(Vec::with_capacity(SAMPLES));
    let mut memory = Zeroizing::new(vec![0u8; WALK]);
    let (mut at, mut last) = (0usize, Instant::now());
    while samples.len() < SAMPLES {
        for _ in 0..64 {
            at = (at * 17 + usize::from(memory[at]) + 4093) % WALK;
            memory[at] = memory[at].wrapping_add(1);
        }
        black_box(&memory);
        let now = Instant::now();
        let nanos = now.duration_since(last).as_nanos();
        samples.push(u64::try_from(nanos).unwrap_or(u64::MAX));
        last = now;
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_gives_enough_and_never_the_same() {
        let (one, two) = (gather().unwrap(), gather().unwrap());
        assert_eq!(one.jitter.len(), SAMPLES);
        assert_eq!(cloison_custody::entropy::jitter_is_alive(&one.jitter), Ok(()));
        assert_ne!(one.kernel, two.kernel);
        assert_ne!(one.jitter, two.jitter);
        assert_ne!(one.fresh.expose(), two.fresh.expose());
    }
}
