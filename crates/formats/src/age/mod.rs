//! age files (C2SP age v1): the two Cloison recipient stanzas, the record stanza, and the header.
//!
//! Only the header ever crosses the gap. It is parsed with a limit first, since its text comes
//! from strangers, and its MAC is verified under the unwrapped file key, which binds all stanzas.

mod header;
mod recipient;
mod record;

pub use age_core::format::Stanza;
pub use header::{Header, HeaderError, MAX_HEADER};
pub use recipient::{CLASSICAL, Decapsulate, HYBRID, NotReadable, Recipient, RecipientError, StanzaKind, UnwrapError};
pub use record::{Declared, RECORD};
