//! Errors in words. The English is that of the crates which the errors come from; a test compares.
//!
//! What is newer than this program is said as its crate says it, in English.

mod cards;
mod entropy;
mod machine;
mod messages;
mod plans;
mod refusals;
mod vaults;

use super::Words;

/// Says in two sentences what happened and what to do, in the language of some [`Words`]: as an
/// error's own text does, without a capital at the beginning or a stop at the end.
pub trait Explain {
    /// Gives the sentences.
    fn explain(&self, words: Words) -> String;
}

impl Words {
    /// Says in two sentences what happened and what to do; see [`Explain`].
    #[must_use]
    pub fn explain(self, error: &(impl Explain + ?Sized)) -> String {
        error.explain(self)
    }
}
