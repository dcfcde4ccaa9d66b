//! What happens to a session, and what it asks to be done.

use crate::screen::{Button, Field, Screen};
use cloison_protocol::secret::Secret;
use zeroize::Zeroizing;

/// Text that somebody typed; wiped, since any field may hold a secret.
pub struct Typed(pub Zeroizing<String>);

/// What the appliance gathered for a new root; wiped.
pub struct EntropyInputs {
    /// At least 64 bytes of the operating system's generator.
    pub kernel: Zeroizing<Vec<u8>>,
    /// Raw timing samples.
    pub jitter: Zeroizing<Vec<u64>>,
    /// Drawn from the operating system after all else.
    pub fresh: Secret<64>,
}

/// Something that happened at the kiosk.
pub enum Event {
    /// A button was pressed.
    Press(Button),
    /// A field now holds this text.
    Type(Field, Typed),
    /// The camera read a code: the bytes of one symbol.
    Code(Vec<u8>),
    /// Entropy was gathered.
    Entropy(EntropyInputs),
    /// The operating system gave no entropy.
    NoEntropy,
    /// The bytes of the last [`Effect::Save`] are on disk.
    Saved,
    /// They are not.
    NotSaved,
}

/// Something that the appliance is to do; it answers with an event where one is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Gather entropy; answered by [`Event::Entropy`] or [`Event::NoEntropy`].
    GatherEntropy,
    /// Put these bytes in place of the store, wholly or not at all; answered by [`Event::Saved`]
    /// or [`Event::NotSaved`].
    Save(Vec<u8>),
    /// Remove the store, which is a rehearsal's; answered by [`Event::Saved`] or [`Event::NotSaved`].
    Erase,
    /// End the process; a new one starts with nothing in memory.
    End(Ended),
}

/// Says why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A vault was made.
    Created,
    /// The vault was sealed.
    Sealed,
}

/// What comes of an event.
pub struct Step {
    /// What to show.
    pub screen: Screen,
    /// What to do, in order.
    pub effects: Vec<Effect>,
}
