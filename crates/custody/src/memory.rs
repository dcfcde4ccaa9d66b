//! The memory in which Argon2id works on a passphrase: wiped after every use, and set aside at the
//! start where a program asks for it, so that no card is refused for want of memory later.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::{Zeroize, Zeroizing};

/// What is set aside: nothing, or the blocks that one card needs.
static RESERVED: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// Sets the memory aside that one card needs, 64 MiB, for the rest of the process; tells whether it
/// is. A second call sets no more aside.
#[must_use]
pub fn reserve() -> bool {
    let Some(blocks) = params(0).map(|params| params.block_count()) else { return false };
    let mut reserved = reserved();
    if reserved.len() >= blocks {
        return true;
    }
    let Some(memory) = allocated(blocks) else { return false };
    *reserved = memory;
    true
}

/// Derives `out` from a passphrase by profile 1: version 0x13, 64 MiB, t = 3, p = 4. `None` where
/// there is no memory.
pub(crate) fn derive<const N: usize>(passphrase: &[u8], salt: &[u8]) -> Option<Zeroizing<[u8; N]>> {
    let params = params(N)?;
    let mut memory = Memory::of(params.block_count())?;
    let mut derived = Zeroizing::new([0; N]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into_with_memory(passphrase, salt, derived.as_mut_slice(), &mut memory.blocks).ok()?;
    Some(derived)
}

fn params(out: usize) -> Option<Params> {
    Params::new(64 * 1024, 3, 4, (out > 0).then_some(out)).ok()
}

/// Blocks in use: of what was set aside where that is free, or allocated for this use alone.
struct Memory {
    blocks: Vec<Block>,
    reserved: bool,
}

impl Memory {
    fn of(count: usize) -> Option<Self> {
        let blocks = std::mem::take(&mut *reserved());
        if blocks.len() == count {
            return Some(Self { blocks, reserved: true });
        }
        Some(Self { blocks: allocated(count)?, reserved: false })
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.blocks.iter_mut().for_each(Zeroize::zeroize);
        if self.reserved {
            *reserved() = std::mem::take(&mut self.blocks);
        }
    }
}

fn reserved() -> MutexGuard<'static, Vec<Block>> {
    // What is in it is memory and nothing else, so that a panic elsewhere leaves it whole.
    RESERVED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Allocates blocks; `None` where there is no memory, which ends no process.
fn allocated(count: usize) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    blocks.try_reserve_exact(count).ok()?;
    blocks.resize(count, Block::default());
    Some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, since the memory that is set aside is the process's.
    #[test]
    fn what_was_set_aside_is_used_wiped_and_given_back_and_changes_no_key() {
        let key = |passphrase: &[u8]| derive::<32>(passphrase, &[7; 16]).unwrap();
        let (one, other) = (key(b"one passphrase"), key(b"another passphrase"));
        assert_ne!(one, other);
        assert!(reserve() && reserve());
        let found = || {
            let reserved = reserved();
            (reserved.len(), reserved.as_ptr() as usize)
        };
        let place = found();
        assert_eq!(place.0, 64 * 1024);
        for _ in 0..2 {
            assert_eq!(key(b"one passphrase"), one);
            assert_eq!(found(), place, "the same memory is back");
            assert!(reserved().iter().all(|block| block.as_ref().iter().all(|word| *word == 0)), "and wiped");
        }
        // Two at once: the second finds its own.
        let both = std::thread::scope(|scope| {
            let threads = [b"one passphrase".as_slice(), b"another passphrase"].map(|text| scope.spawn(move || key(text)));
            threads.map(|thread| thread.join().unwrap())
        });
        assert!(both == [one, other]);
        assert_eq!(found(), place);
    }
}
