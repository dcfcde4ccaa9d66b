//! Everything that touches a private key: the root and what derives from it, shares and cards,
//! quorum, review, approval, and the operations themselves.
//!
//! The order of things is in the types, which can be made in one place only:
//! a [`Quorum`] tells that k valid cards were presented for one [`Occasion`]; [`Open`] is a vault
//! opened by one; a [`Review`] owns a request and shows it page by page; an [`Approval`] is made
//! only by [`Review::approve`]; [`Admitted`] is an approval whose traces are ready to be written;
//! and only [`Open::perform`] takes one, once.
//!
//! What this crate deliberately does not do: it touches no file, thread, clock, ambient
//! randomness, logger, screen or picture. Randomness and time are arguments.

mod birth;
mod card;
mod counters;
mod derive;
mod drill;
pub mod entropy;
mod keys;
mod memory;
mod minutes;
pub mod passphrase;
mod quorum;
mod restore;
mod review;
mod sealed;
mod selftest;
mod split;
mod state;
mod vault;

pub use birth::{Birth, BirthError};
pub use card::{CardRefusal, belongs, check_alone};
pub use derive::Root;
pub use drill::{DrillError, Drilled, drill, drilled};
pub use memory::reserve;
pub use minutes::{Minutes, Program};
pub use passphrase::{Passphrase, PassphraseError};
pub use quorum::{Change, Gathering, Occasion, Presented, Quorum};
pub use restore::{Rebuilt, Recovered, RestoreError, Restored, Restoring};
pub use review::{Approval, NotYet, Page, Quota, Refusal, Review};
pub use selftest::{SelfTestFailed, self_test};
pub use state::{StoreError, Stored};
pub use vault::{
    Admitted, Adoption, ChangeRefused, EnrolmentRefused, Open, OpenError, PerformError, Performed, Received, Rotated, Showing,
    Stale, Unanswerable, Waiting, Witnessed,
};

/// The functions whose results the published vectors fix, for the vectors' own test.
#[doc(hidden)]
pub mod vectors {
    use crate::{Root, StoreError, Stored, derive::StoreKeys};
    pub use crate::{
        card::{open_with, seal_with},
        derive::{classical_scalar, hybrid_seed, store_cipher_key, store_key, vault_id},
        split::{Share, recombine},
    };
    use cloison_protocol::secret::Secret;

    /// Verifies a store under the keys of a root, and gives its generation: one more with every commit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn verify_store(stored: Stored, root: &Root) -> Result<u64, StoreError> {
        let keys = StoreKeys::derive(root, stored.descriptor().body().mode).ok_or(StoreError::Unauthentic)?;
        stored.verify(&keys).map(|state| state.generation)
    }

    /// Gives the value at another index of the polynomials through `threshold` shares.
    #[must_use]
    pub fn share_at(shares: &[Share], threshold: u8, index: u8) -> Option<Secret<32>> {
        crate::split::share_at(shares, threshold, index).map(|share| share.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::fmt::{Debug, Display};
    use static_assertions::assert_not_impl_any;

    macro_rules! secret {
        ($($type:ty),+ $(,)?) => { $(assert_not_impl_any!($type: Debug, Display, Clone, Copy, serde::Serialize);)+ };
    }

    // Everything that holds a key, a share, a passphrase or a file key.
    secret!(
        Root,
        Passphrase,
        passphrase::Proposal,
        split::Share,
        entropy::Pool,
        entropy::Dice,
        entropy::Generator,
        keys::AgeKey,
        keys::SigningKey<keys::ForText>,
        keys::SigningKey<keys::ForDigest>,
        keys::SigningKey<keys::ForIdentity>,
        Birth,
        Gathering,
        Presented,
        Quorum,
        Review,
        review::Work,
        Approval,
        Open,
        Received,
        Admitted,
        Witnessed,
        Showing,
        Performed,
        Restoring,
        Rebuilt,
        Recovered,
        derive::StoreKeys,
    );
}
