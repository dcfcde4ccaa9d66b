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
mod derive;
pub mod entropy;
mod keys;
mod log;
mod quorum;
mod review;
mod split;
mod state;
mod vault;

pub use birth::{Birth, BirthError, MAX_CARDS, Plan};
pub use card::{CardRefusal, Passphrase, PassphraseError, check_alone};
pub use derive::Root;
pub use log::{Entry, Happening};
pub use quorum::{Gathering, Occasion, Presented, Quorum};
pub use review::{Approval, NotYet, Page, Refusal, Review};
pub use state::{StoreError, Stored};
pub use vault::{
    Admitted, Adoption, BATCH, EnrolmentRefused, Open, OpenError, PerformError, Received, Stale, Unanswerable, Witnessed,
};

/// The functions whose results the published vectors fix, for the vectors' own test.
#[doc(hidden)]
pub mod vectors {
    pub use crate::{
        card::{open_with, seal_with},
        derive::{classical_scalar, hybrid_seed, store_key, vault_id},
        split::{Share, recombine},
    };
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
        split::Share,
        entropy::Pool,
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
    );
}
