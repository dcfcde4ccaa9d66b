//! Entropy of an ordinary machine: the kernel's generator, the processor's timing jitter, and the
//! hardware's own generator where there is one.

use crate::hardware::HardwareError;
use cloison_ceremony::EntropyInputs;
use cloison_custody::entropy::{Generator, HARDWARE_BYTES};
use cloison_protocol::secret::Secret;
use std::{
    fs::File,
    hint::black_box,
    io::Read,
    path::{Path, PathBuf},
    sync::mpsc::sync_channel,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

const SAMPLES: usize = 2048;
/// Where Linux lends the hardware's generator.
const HARDWARE: &str = "/dev/hwrng";
/// How long its bytes are waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Larger than the first-level cache, so that reading it takes a time that varies.
const WALK: usize = 64 * 1024;

/// Gathers all that a new root needs; the fresh bytes are drawn last. `camera` is the noise of a
/// camera's pictures, empty where there is no camera.
///
/// # Errors
/// [`HardwareError::Entropy`].
pub fn gather(camera: Zeroizing<Vec<u8>>) -> Result<EntropyInputs, HardwareError> {
    let mut kernel = Zeroizing::new(vec![0; 64]);
    getrandom::fill(&mut kernel).map_err(HardwareError::Entropy)?;
    let (jitter, hardware) = (jitter(), hardware(Path::new(HARDWARE), PATIENCE));
    Ok(EntropyInputs { kernel, jitter, hardware, camera, fresh: drawn()? })
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

/// Reads a hardware generator; nothing where there is none, or it gives too little in time. What
/// it gives is tested where it is mixed in.
fn hardware(path: &Path, patience: Duration) -> Zeroizing<Vec<u8>> {
    let (path, (bytes, read)) = (path.to_owned(), sync_channel(1));
    // In a thread, since a generator that hangs holds whoever reads it: at most a thread is left
    // behind, which wipes what it reads when nobody takes it.
    let reading = std::thread::Builder::new().spawn(move || {
        let _ = bytes.send(hardware_bytes(path));
    });
    let read = reading.ok().and_then(|_| read.recv_timeout(patience).ok());
    read.flatten().unwrap_or_default()
}

fn hardware_bytes(path: PathBuf) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; HARDWARE_BYTES]);
    File::open(path).and_then(|mut device| device.read_exact(&mut bytes)).ok()?;
    Some(bytes)
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
        let gather = || gather(Zeroizing::default()).unwrap();
        let (one, two) = (gather(), gather());
        assert_eq!(one.jitter.len(), SAMPLES);
        assert_eq!(cloison_custody::entropy::jitter_is_alive(&one.jitter), Ok(()));
        assert_ne!(one.kernel, two.kernel);
        assert_ne!(one.jitter, two.jitter);
        assert_ne!(one.fresh.expose(), two.fresh.expose());
        assert!(one.camera.is_empty() && [0, HARDWARE_BYTES].contains(&one.hardware.len()));
    }

    #[test]
    fn a_hardware_generator_gives_what_its_test_needs_or_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            hardware(&path, PATIENCE)
        };
        assert_eq!(hardware(&dir.path().join("none"), PATIENCE).len(), 0);
        assert_eq!(hardware(dir.path(), PATIENCE).len(), 0);
        assert_eq!(file("short", &[7; HARDWARE_BYTES - 1]).len(), 0);
        assert_eq!(*file("long", &[7; HARDWARE_BYTES + 1]), vec![7; HARDWARE_BYTES]);
    }

    #[cfg(unix)]
    #[test]
    fn a_hardware_generator_that_hangs_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("hangs");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let began = Instant::now();
        assert_eq!(hardware(&pipe, Duration::from_millis(50)).len(), 0);
        assert!(began.elapsed() < PATIENCE);
    }
}
