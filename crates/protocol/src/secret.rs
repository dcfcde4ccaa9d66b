//! Fixed-size secrets that are wiped when they are dropped.
//!
//! # Invariants
//! A [`Secret`] cannot be printed, cloned, copied or serialised, and is compared in constant time.
//! It does not protect against a debugger, a swap file or a compiler's stack copies; the
//! appliance locks its memory for those.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Holds `N` secret bytes on the heap and wipes them on drop.
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Makes a secret by letting `fill` write into zeroed memory that is already the secret's own.
    pub fn filled(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0);
        secret
    }

    /// Copies a slice of exactly `N` bytes, or gives `None`.
    #[must_use]
    pub fn copied(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == N).then(|| Self::filled(|own| own.copy_from_slice(bytes)))
    }

    /// Lends the bytes; the caller must not keep a copy.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> ConstantTimeEq for Secret<N> {
    fn ct_eq(&self, other: &Self) -> subtle::Choice {
        self.0.as_slice().ct_eq(other.0.as_slice())
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> ZeroizeOnDrop for Secret<N> {}

/// The 128-bit key of one age file (C2SP age, "File key").
pub struct FileKey(pub Secret<16>);

#[cfg(test)]
mod tests {
    use super::*;
    use core::fmt::{Debug, Display};
    use static_assertions::assert_not_impl_any;

    assert_not_impl_any!(Secret<32>: Debug, Display, Clone, Copy, serde::Serialize);
    assert_not_impl_any!(FileKey: Debug, Display, Clone, Copy, serde::Serialize);

    #[test]
    fn a_secret_is_copied_only_at_its_exact_size() {
        assert!(Secret::<4>::copied(&[1, 2, 3]).is_none());
        assert!(Secret::<4>::copied(&[1, 2, 3, 4, 5]).is_none());
        assert_eq!(Secret::<4>::copied(&[1, 2, 3, 4]).unwrap().expose(), &[1, 2, 3, 4]);
    }

    #[test]
    fn equality_sees_every_byte() {
        let a = Secret::<3>::copied(&[1, 2, 3]).unwrap();
        for changed in [[0, 2, 3], [1, 0, 3], [1, 2, 0]] {
            assert!(!bool::from(a.ct_eq(&Secret::copied(&changed).unwrap())));
        }
        assert!(bool::from(a.ct_eq(&Secret::copied(&[1, 2, 3]).unwrap())));
    }
}
