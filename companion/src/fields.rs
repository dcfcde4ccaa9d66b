//! What was typed for the custodians to read, each within what the kiosk shows.

use cloison_protocol::bounded::{BoundError, Line};
use thiserror::Error;

/// One thing that the custodians read, and the option that gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    what: &'static str,
    option: &'static str,
}

pub(crate) const CASE: Field = Field { what: "the case", option: "--case" };
pub(crate) const REASON: Field = Field { what: "the reason", option: "--reason" };
pub(crate) const RECORD: Field = Field { what: "the record's name", option: "--record" };
pub(crate) const CLASS: Field = Field { what: "the record's class", option: "--class" };
pub(crate) const NAME: Field = Field { what: "the name", option: "--name" };

impl Field {
    /// Takes a line that is not blank, without the blanks around it.
    ///
    /// # Errors
    /// [`FieldError`].
    pub(crate) fn line<const MAX: usize>(self, typed: &str) -> Result<Line<MAX>, FieldError> {
        let Self { what, option } = self;
        if typed.trim().is_empty() {
            return Err(FieldError::Blank { what, option });
        }
        Line::new(typed.trim()).map_err(|error| match error {
            BoundError::TooLong { found, limit } => FieldError::TooLong { what, option, found, limit },
            BoundError::Unshowable(code) => FieldError::Unshowable { what, option, code },
            other => FieldError::Other { what, option, error: other },
        })
    }
}

/// Says why the custodians cannot be shown what was typed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum FieldError {
    /// Nothing but blanks.
    #[error("{what} is blank. The custodians decide by it: give it with {option}")]
    Blank {
        /// What it is.
        what: &'static str,
        /// How it is given.
        option: &'static str,
    },
    /// More than is shown.
    #[error("{what} has {found} bytes, more than the {limit} that the kiosk shows. Give a shorter one with {option}")]
    TooLong {
        /// What it is.
        what: &'static str,
        /// How it is given.
        option: &'static str,
        /// Its length.
        found: usize,
        /// What is allowed.
        limit: usize,
    },
    /// A character that cannot be shown truthfully.
    #[error("{what} holds the character U+{code:04X}, which the kiosk cannot show truthfully. Give one without it with {option}")]
    Unshowable {
        /// What it is.
        what: &'static str,
        /// How it is given.
        option: &'static str,
        /// The character.
        code: u32,
    },
    /// A limit that is newer than this program.
    #[error("{what} cannot be used: {error}. Give another one with {option}")]
    Other {
        /// What it is.
        what: &'static str,
        /// How it is given.
        option: &'static str,
        /// What is wrong.
        error: BoundError,
    },
}
