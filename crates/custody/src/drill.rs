//! The drill: in a process that began with nothing, every card is presented and proven, the keys
//! are derived again and compared, and only then does the vault serve.

use crate::{
    derive::StoreKeys,
    keys::{ForIdentity, SigningKey, public_part},
    quorum::{Gathering, Occasion, Quorum},
    state::{State, StoreError, Stored},
    vault::{public_keys, transcript},
};
use cloison_protocol::{Act, Chain, Descriptor, Happening, MessageError, PublicKeys, Transcript};
use rand_core::CryptoRng;
use thiserror::Error;

/// What a drill leaves: the store's bytes, and what is exported once they are on disk.
pub struct Drilled {
    /// The store's bytes.
    pub store: Vec<u8>,
    /// The public keys.
    pub public: PublicKeys,
    /// The transcript of the whole ceremony.
    pub transcript: Transcript,
    /// The description by which single cards are checked, and by which the vault is restored.
    pub descriptor: Descriptor,
}

/// Starts a drill, where cards are to be drilled: every one of them must be presented.
#[must_use]
pub fn drill(stored: &Stored) -> Option<Gathering> {
    let descriptor = stored.to_drill()?;
    let cards = descriptor.body().cards;
    Some(Gathering::new(descriptor, Occasion::Drill).needing(cards))
}

/// Ends a drill with the quorum of every card. `began` is when it was started.
///
/// # Errors
/// [`DrillError`].
pub fn drilled(stored: Stored, quorum: Quorum, began: u64, now: u64, rng: &mut impl CryptoRng) -> Result<Drilled, DrillError> {
    let descriptor = stored.to_drill().ok_or(DrillError::Nothing)?;
    let body = descriptor.body();
    let (root, presented) = quorum.spend(body, Occasion::Drill).ok_or(DrillError::OtherOccasion)?;
    if presented.as_slice().len() != usize::from(body.cards) {
        return Err(DrillError::OtherOccasion);
    }
    let keys = StoreKeys::derive(&root, body.mode).ok_or(DrillError::Derivation)?;
    let state = stored.verify(&keys)?;
    let identity = SigningKey::<ForIdentity>::derive(&root, body.mode, 0).ok_or(DrillError::Derivation)?;
    if identity.public() != body.identity {
        return Err(DrillError::OtherKeys);
    }
    for known in body.keys.as_slice() {
        let stored = state.public.iter().find(|(key, _)| *key == known.key).map(|(_, bytes)| bytes.as_slice());
        if stored.is_none() || public_part(&root, body.mode, known.key).as_deref() != stored {
            return Err(DrillError::OtherKeys);
        }
    }
    let mut state = activated(state, &descriptor);
    let public = public_keys(&state, &identity, rng)?;
    let chain = minuted(&state, &descriptor, presented.as_slice(), &public, began, now).ok_or(DrillError::Derivation)?;
    let happening = Happening::Drilled { epoch: body.epoch, cards: body.cards, transcript: chain.head() };
    state.more.transcript = chain.entries().to_vec();
    let state = state.after(now, happening).ok_or(DrillError::Derivation)?;
    let store = state.encode(&keys).ok_or(DrillError::Derivation)?;
    // Signed once more, since the public keys tell the state that is saved.
    let public = public_keys(&state, &identity, rng)?;
    let transcript = transcript(&state, &identity, rng)?;
    Ok(Drilled { store, public, transcript, descriptor })
}

fn activated(mut state: State, descriptor: &Descriptor) -> State {
    state.descriptor = descriptor.clone();
    state.more.pending = None;
    state.more.drilled = true;
    state
}

fn minuted(
    state: &State,
    descriptor: &Descriptor,
    presented: &[u8],
    public: &PublicKeys,
    began: u64,
    now: u64,
) -> Option<Chain<Act>> {
    let body = descriptor.body();
    let mut chain = Chain::of(state.more.transcript.clone())?.and(began, Act::DrillBegan)?;
    for index in presented {
        chain = chain.and(now, Act::Drilled { index: *index })?;
    }
    let keys = u8::try_from(body.keys.as_slice().len()).ok()?;
    chain
        .and(now, Act::Proven { cards: body.cards, subsets: subsets(body.cards, body.threshold) })?
        .and(now, Act::KeysCompared { keys, fingerprint: public.digest() })?
        .and(now, Act::Activated { descriptor: descriptor.digest() })
}

/// Counts the subsets of k cards among n: at most 12,870.
fn subsets(cards: u8, threshold: u8) -> u32 {
    (1..=u32::from(threshold)).fold(1, |count, step| count * (u32::from(cards) - u32::from(threshold) + step) / step)
}

/// Says why a drill does not end well; the vault does not serve, and the cards can be presented again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DrillError {
    /// Nothing to drill.
    #[error("no cards wait for a drill. Open the vault")]
    Nothing,
    /// The cards were presented for something else.
    #[error("these cards were presented for something else. Present every card again for the drill")]
    OtherOccasion,
    /// The keys differ.
    #[error("the cards give other keys than the ceremony made. Destroy the cards, and make the vault anew on another appliance")]
    OtherKeys,
    /// A key could not be derived.
    #[error("the vault's keys could not be derived. Try again; if it happens twice, use another appliance")]
    Derivation,
    /// The store is wrong.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something could not be signed.
    #[error(transparent)]
    Message(#[from] MessageError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_counted_as_pascal_did() {
        assert_eq!([subsets(5, 3), subsets(2, 2), subsets(16, 8), subsets(16, 2), subsets(7, 6)], [10, 1, 12_870, 120, 7]);
    }
}
