//! Changes of the vault itself, each under a full quorum for exactly that.

use super::{Adoption, ChangeRefused, Open};
use crate::{
    birth::Dealer,
    derive::{Root, StoreKeys},
    keys::{ForText, Identity, SigningKey, public_part},
    quorum::{Change, Quorum},
    state::State,
};
use cloison_protocol::{
    Descriptor, Happening, KeyRef, MessageError, PublicKeys, Succession, SuccessionBody, Usage, VaultId, VaultKey,
    bounded::{Bytes, List},
};
use rand_core::CryptoRng;

/// The most keys of a vault, retired ones among them.
const MAX_KEYS: usize = 32;

/// A key that follows another, on its way to disk.
pub struct Rotated {
    adoption: Adoption,
    text: Option<(KeyRef, SigningKey<ForText>)>,
}

impl Open {
    /// Grants the quotas anew; the bytes are to be on disk before [`Open::adopt`], as for every
    /// change here.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn renew(&self, quorum: Quorum, now: u64) -> Result<(Adoption, Vec<u8>), ChangeRefused> {
        let (_, custodians) = self.spend(quorum, Change::Renew)?;
        let mut next = self.next(now, Happening::Renewed { custodians })?;
        next.more.counters.renew();
        self.changed(next).ok_or(ChangeRefused::Unencodable)
    }

    /// Confirms the keys of a vault that was restored without its descriptor.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn confirm(&self, quorum: Quorum, now: u64) -> Result<(Adoption, Vec<u8>), ChangeRefused> {
        let (_, custodians) = self.spend(quorum, Change::Confirm)?;
        let mut next = self.next(now, Happening::Confirmed { custodians })?;
        next.more.unconfirmed = false;
        self.changed(next).ok_or(ChangeRefused::Unencodable)
    }

    /// Lists the keys that can be followed by a new one.
    ///
    /// # Errors
    /// [`ChangeRefused::Undrilled`]: cards that wait for their drill come with the keys that there
    /// were when they were dealt.
    pub fn rotatable(&self) -> Result<Vec<KeyRef>, ChangeRefused> {
        if let Some(new) = self.to_drill() {
            return Err(ChangeRefused::Undrilled { epoch: new.body().epoch });
        }
        let served = self.state.more.successor.is_none() && !self.state.more.unconfirmed;
        let keys = self.state.descriptor.body().keys.as_slice().iter();
        Ok(keys.filter(|known| served && !known.retired).map(|known| known.key).collect())
    }

    /// Follows a key by a new one of its usage, algorithm and policy. The old one opens what was
    /// encrypted to it, and does nothing else.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn rotate(
        &self,
        key: KeyRef,
        quorum: Quorum,
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(Rotated, Vec<u8>), ChangeRefused> {
        if !self.rotatable()?.contains(&key) {
            return Err(ChangeRefused::Unknown);
        }
        let (root, custodians) = self.spend(quorum, Change::Rotate(key))?;
        let new = self.next_number(key).ok_or(ChangeRefused::TooManyKeys { most: MAX_KEYS })?;
        let mut next = self.next(now, Happening::Rotated { key: new, custodians })?;
        next.descriptor = self.with_key(key, new, now, rng)?;
        let part = self.new_part(&root, new)?;
        next.public.push((new, part));
        let session = key.usage == Usage::Text && next.key(new).is_some_and(|known| !known.policy.each);
        let mode = self.state.descriptor.body().mode;
        let text = session.then(|| SigningKey::derive(&root, mode, new.number).map(|key| (new, key)));
        let (adoption, bytes) = self.changed(next).ok_or(ChangeRefused::Unencodable)?;
        Ok((Rotated { adoption, text: text.flatten() }, bytes))
    }

    /// Takes on a rotation that was saved.
    ///
    /// # Errors
    /// [`super::Stale`].
    pub fn adopt_rotated(&mut self, rotated: Rotated) -> Result<(), super::Stale> {
        self.adopt(rotated.adoption)?;
        self.text.extend(rotated.text);
        Ok(())
    }

    /// Derives the new key's public part twice: its drill, since it comes from the same root.
    fn new_part(&self, root: &Root, new: KeyRef) -> Result<Bytes<2048>, ChangeRefused> {
        let mode = self.state.descriptor.body().mode;
        let (one, two) = (public_part(root, mode, new), public_part(root, mode, new));
        let part = one.filter(|one| Some(one) == two.as_ref()).ok_or(ChangeRefused::Derivation)?;
        Bytes::new(part).map_err(|_| ChangeRefused::Derivation)
    }

    fn next_number(&self, key: KeyRef) -> Option<KeyRef> {
        let keys = self.state.descriptor.body().keys.as_slice();
        let same = keys.iter().filter(|known| (known.key.usage, known.key.algorithm) == (key.usage, key.algorithm));
        let number = same.map(|known| known.key.number).max()?.checked_add(1)?;
        (keys.len() < MAX_KEYS).then_some(KeyRef { number, ..key })
    }

    fn with_key(&self, old: KeyRef, new: KeyRef, now: u64, rng: &mut impl CryptoRng) -> Result<Descriptor, ChangeRefused> {
        let mut body = self.state.descriptor.body().clone();
        let mut keys = body.keys.as_slice().to_vec();
        let known = keys.iter_mut().find(|known| known.key == old).ok_or(ChangeRefused::Unknown)?;
        known.retired = true;
        let policy = known.policy.clone();
        keys.push(VaultKey { key: new, made: now.max(self.state.log.last()), retired: false, policy });
        body.keys = List::new(keys).map_err(|_| ChangeRefused::TooManyKeys { most: MAX_KEYS })?;
        let mut identity = Identity { key: &self.identity, rng };
        Descriptor::sign(body, &mut identity).map_err(ChangeRefused::Message)
    }

    /// Says for what cards are presented so that this vault is followed by the one with these keys.
    /// It can be said of the same vault again, since what was signed before may be lost.
    ///
    /// # Errors
    /// [`ChangeRefused`], before anybody is asked for a card.
    pub fn succession(&self, new: &PublicKeys) -> Result<Change, ChangeRefused> {
        let (ours, theirs) = (self.state.descriptor.body(), new.body());
        if self.state.more.successor.is_some_and(|known| known != theirs.vault) {
            return Err(ChangeRefused::Succeeded);
        }
        if theirs.vault == ours.vault {
            return Err(ChangeRefused::Itself);
        }
        if theirs.mode != ours.mode {
            return Err(ChangeRefused::OtherMode);
        }
        Ok(Change::Succeed(new.digest()))
    }

    /// Names the vault that follows this one, which only opens records from then on.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn succeed(
        &self,
        new: &PublicKeys,
        quorum: Quorum,
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(Adoption, Vec<u8>, Succession), ChangeRefused> {
        let change = self.succession(new)?;
        let (_, custodians) = self.spend(quorum, change)?;
        let (ours, theirs) = (self.state.descriptor.body(), new.body());
        let mut next = self.next(now, Happening::Succeeded { by: theirs.vault, custodians })?;
        next.more.successor = Some(theirs.vault);
        let body = SuccessionBody {
            old: ours.vault,
            mode: ours.mode,
            old_identity: ours.identity.clone(),
            new: theirs.vault,
            new_title: theirs.title.clone(),
            new_identity: theirs.identity.clone(),
            new_keys: new.digest(),
            at: next.log.last(),
        };
        let succession = Succession::sign(body, &mut Identity { key: &self.identity, rng }).map_err(ChangeRefused::Message)?;
        let (adoption, bytes) = self.changed(next).ok_or(ChangeRefused::Unencodable)?;
        Ok((adoption, bytes, succession))
    }

    /// Says for what cards are presented so that this vault acknowledges the one before it.
    ///
    /// # Errors
    /// [`ChangeRefused`], before anybody is asked for a card.
    pub fn following(&self, succession: &Succession) -> Result<Change, ChangeRefused> {
        let (body, ours) = (succession.body(), self.state.descriptor.body());
        if (body.new, body.mode) != (ours.vault, ours.mode) || body.new_identity != ours.identity {
            return Err(ChangeRefused::OtherVault);
        }
        if self.state.more.predecessor.is_some() {
            return Err(ChangeRefused::Follows);
        }
        Ok(Change::Follow(body.old))
    }

    /// Acknowledges the vault before this one; the public keys name it from then on.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn follow(&self, succession: &Succession, quorum: Quorum, now: u64) -> Result<(Adoption, Vec<u8>), ChangeRefused> {
        let change = self.following(succession)?;
        let (_, custodians) = self.spend(quorum, change)?;
        let old: VaultId = succession.body().old;
        let mut next = self.next(now, Happening::Follows { old, custodians })?;
        next.more.predecessor = Some(old);
        self.changed(next).ok_or(ChangeRefused::Unencodable)
    }

    /// Gives up new cards that were dealt and never drilled; the old ones stay the vault's. The new
    /// cards hold the same root, so they are to be destroyed.
    ///
    /// # Errors
    /// [`ChangeRefused::Unknown`] where there are none.
    pub fn abandon_new_cards(&self, now: u64) -> Result<(Adoption, Vec<u8>), ChangeRefused> {
        let epoch = self.state.to_drill().ok_or(ChangeRefused::Unknown)?.body().epoch;
        let mut next = self.next(now, Happening::RedealAbandoned { epoch })?;
        next.more.pending = None;
        self.changed(next).ok_or(ChangeRefused::Unencodable)
    }

    /// Gives up the root under the quorum for a reshare.
    pub(crate) fn dealer(&self, quorum: Quorum, change: Change) -> Result<Dealer, ChangeRefused> {
        let (root, custodians) = self.spend(quorum, change)?;
        let mode = self.state.descriptor.body().mode;
        let keys = StoreKeys::derive(&root, mode).ok_or(ChangeRefused::Derivation)?;
        Ok(Dealer { root, state: self.state.clone(), keys, custodians })
    }

    /// Notes that the custodians who opened the vault reviewed what was granted in emergencies.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn reviewed(&self, now: u64) -> Result<(Adoption, Vec<u8>), ChangeRefused> {
        let happening = Happening::Reviewed { custodians: self.custodians.clone(), operations: self.state.more.emergencies };
        let mut next = self.next(now, happening)?;
        next.more.emergencies = 0;
        self.changed(next).ok_or(ChangeRefused::Unencodable)
    }

    fn next(&self, now: u64, happening: Happening) -> Result<State, ChangeRefused> {
        self.state.after(now, happening).ok_or(ChangeRefused::Unencodable)
    }
}

impl From<MessageError> for ChangeRefused {
    fn from(error: MessageError) -> Self {
        Self::Message(error)
    }
}
