//! age files (C2SP age v1): the two Cloison recipient stanzas, the record stanza, and the header.
//!
//! Only the header crosses the gap, except for a record that is shown on the kiosk: there the whole
//! file does. The header is parsed with a limit first, since its text comes from strangers, and its
//! MAC is verified under the unwrapped file key, which binds all stanzas.

mod header;
mod payload;
mod recipient;
mod record;

pub use age_core::format::Stanza;
pub use header::{Header, HeaderError, MAX_HEADER};
pub use payload::{PayloadError, open_payload};
pub use recipient::{CLASSICAL, Decapsulate, HYBRID, NotReadable, Recipient, RecipientError, StanzaKind, UnwrapError};
pub use record::{Declared, RECORD};
