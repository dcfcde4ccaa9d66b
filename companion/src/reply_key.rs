//! The one-time key to which the vault seals one reply.

use cloison_formats::hpke::{Hybrid, Kem, open};
use cloison_protocol::{OpenReply, REPLY_ENC, bounded::Fixed, secret::Secret};
use hpke::Serializable;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The 32 bytes from which an MLKEM1024-P384 key pair is derived (RFC 9180 §7.1.3, DeriveKeyPair).
///
/// # Invariants
/// Used for one request. Whoever holds it and has filmed the reply can read the reply, so it is
/// wiped when the reply was used.
pub(crate) struct OneTimeKey(pub(crate) Secret<32>);

impl OneTimeKey {
    /// Makes a new key.
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::filled(|seed| rng.fill_bytes(seed)))
    }

    /// Gives the public half, as a request carries it.
    pub(crate) fn public(&self) -> Fixed<1665> {
        let (_, public) = Hybrid::derive_keypair(self.0.expose());
        let mut bytes = [0; 1665];
        bytes.copy_from_slice(&public.to_bytes());
        Fixed(bytes)
    }
}

impl OpenReply for OneTimeKey {
    fn open(&self, enc: &[u8; REPLY_ENC], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (private, _) = Hybrid::derive_keypair(self.0.expose());
        open::<Hybrid>(&private, enc, info, ciphertext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{identity::Identity, pending::Pending};
    use core::fmt::Debug;
    use static_assertions::assert_not_impl_any;

    assert_not_impl_any!(OneTimeKey: Debug, Clone, Copy, serde::Serialize);
    assert_not_impl_any!(Pending: Debug, Clone, Copy, serde::Serialize);
    assert_not_impl_any!(Identity: Debug, Clone, Copy, serde::Serialize);
}
