//! The dealing of cards: of a new root, or of a vault's root anew. Each card is sealed and read
//! back, and only then is there anything to store; what is stored serves once it was drilled.

use crate::{
    Passphrase,
    card::{self, CardRefusal, PROFILE},
    derive::{Root, StoreKeys},
    entropy::Generator,
    keys::{ForIdentity, Identity, SigningKey, public_part},
    minutes::Minutes,
    quorum::{Change, Quorum},
    split::{Share, on_one_polynomial, split},
    state::{More, State},
    vault::{ChangeRefused, Open},
};
use cloison_protocol::{
    Act, BoundError, Card, CardHeader, Chain, Commitment, Custodians, Descriptor, DescriptorBody, Happening, KeyRef, Mode, Plan,
    PolicyFault, VaultId, VaultKey,
    bounded::{Bytes, Fixed, Line, List},
};
use rand_core::Rng;
use std::collections::BTreeSet;
use thiserror::Error;

/// Cards being dealt. Dropping it leaves nothing behind but the cards that were shown.
pub struct Birth {
    plan: Plan,
    mode: Mode,
    epoch: u16,
    root: Root,
    vault: VaultId,
    rng: Generator,
    shares: Vec<Share>,
    commitments: Vec<Commitment>,
    proven: u8,
    pending: Option<Card>,
    origin: Origin,
    minutes: Minutes,
}

/// Whose root is dealt.
enum Origin {
    New,
    Vault { state: Box<State>, keys: StoreKeys, custodians: Custodians },
}

impl Birth {
    /// Deals a fresh root by the plan.
    ///
    /// # Errors
    /// [`BirthError::Broken`] where splitting or derivation failed.
    pub fn new(plan: Plan, mode: Mode, root: Root, rng: Generator, minutes: Minutes, now: u64) -> Result<Self, BirthError> {
        Self::dealt(plan, mode, 1, root, rng, minutes, Origin::New, now)
    }

    /// Deals an open vault's root anew by the plan, under the quorum for that plan. The old cards
    /// stay the vault's until the new ones were drilled.
    ///
    /// # Errors
    /// [`BirthError`].
    pub fn anew(
        plan: Plan,
        vault: &Open,
        quorum: Quorum,
        rng: Generator,
        minutes: Minutes,
        now: u64,
    ) -> Result<Self, BirthError> {
        let change = Change::Reshare(plan.digest());
        let Dealer { root, state, keys, custodians } = vault.dealer(quorum, change).map_err(BirthError::Change)?;
        let epoch = last_epoch(&state).checked_add(1).ok_or(BirthError::Broken)?;
        let mode = state.descriptor.body().mode;
        let origin = Origin::Vault { state: Box::new(state), keys, custodians };
        Self::dealt(plan, mode, epoch, root, rng, minutes, origin, now)
    }

    #[allow(clippy::too_many_arguments, reason = "the two ways in share it, and nobody else calls it")]
    fn dealt(
        plan: Plan,
        mode: Mode,
        epoch: u16,
        root: Root,
        mut rng: Generator,
        minutes: Minutes,
        origin: Origin,
        now: u64,
    ) -> Result<Self, BirthError> {
        let (threshold, cards) = (plan.body().threshold, plan.body().cards());
        let vault = root.vault_id(mode).ok_or(BirthError::Broken)?;
        let shares = split(&root, threshold, cards, &mut rng).ok_or(BirthError::Broken)?;
        if !on_one_polynomial(&shares, threshold, &root) {
            return Err(BirthError::Broken);
        }
        let commit = |share: &Share| Commitment::to(&vault, epoch, threshold, cards, share.index, share.value.expose());
        let commitments = shares.iter().map(commit).collect();
        let minutes = minutes.and(now, Act::Dealt { vault, epoch, threshold, cards }).ok_or(BirthError::Broken)?;
        let birth = Self { plan, mode, epoch, root, vault, rng, shares, commitments, proven: 0, pending: None, origin, minutes };
        birth.vault_keys(now)?;
        Ok(birth)
    }

    /// Lends the plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Says whether the cards are a rehearsal's.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Gives the vault's id.
    #[must_use]
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// Gives the index of the card to be made next and its custodian, or `None` when all were read
    /// back.
    #[must_use]
    pub fn next(&self) -> Option<(u8, &str)> {
        let index = self.proven.checked_add(1)?;
        self.plan.body().custodians().nth(self.proven.into()).map(|name| (index, name.as_str()))
    }

    /// Lends the custodian of a card.
    fn custodian(&self, index: u8) -> Option<&Line<64>> {
        self.plan.body().custodians().nth(usize::from(index).checked_sub(1)?)
    }

    /// Seals the next card for its custodian. Called again before it was read back, it makes a
    /// new card in place of the one before.
    ///
    /// # Errors
    /// [`BirthError`].
    pub fn seal(&mut self, passphrase: &Passphrase, now: u64) -> Result<Card, BirthError> {
        let (index, _) = self.next().ok_or(BirthError::Broken)?;
        let custodian = self.custodian(index).cloned().ok_or(BirthError::Broken)?;
        let mut salt = [0; 16];
        self.rng.fill_bytes(&mut salt);
        let header = CardHeader {
            vault: Fixed(self.vault.short()),
            epoch: self.epoch,
            threshold: self.plan.body().threshold,
            cards: self.plan.body().cards(),
            index,
            mode: self.mode,
            profile: PROFILE,
            salt: Fixed(salt),
        };
        let share = self.shares.iter().find(|share| share.index == index).ok_or(BirthError::Broken)?;
        let card = card::seal_with(header, &share.value, passphrase).ok_or(BirthError::Broken)?;
        self.note(now, Act::Shown { index, custodian }).ok_or(BirthError::Broken)?;
        self.pending = Some(card);
        Ok(card)
    }

    fn note(&mut self, now: u64, act: Act) -> Option<()> {
        self.minutes = std::mem::take(&mut self.minutes).and(now, act)?;
        Some(())
    }

    /// Checks a card that was read back from paper, and wipes its share. (The root stays until
    /// [`Birth::finish`], which derives the public keys from it.)
    ///
    /// # Errors
    /// [`CardRefusal`]; the card can be read again.
    pub fn read_back(&mut self, read: &Card, passphrase: &Passphrase, now: u64) -> Result<(), CardRefusal> {
        let Some(card) = &self.pending else { return Err(CardRefusal::Duplicate) };
        if !read.header.names(&self.vault) {
            return Err(CardRefusal::WrongVault);
        }
        if read.header.epoch != self.epoch {
            return Err(CardRefusal::WrongEpoch { card: read.header.epoch, vault: self.epoch });
        }
        if read.header.index < card.header.index {
            return Err(CardRefusal::Duplicate);
        }
        if read.header.profile != PROFILE {
            return Err(CardRefusal::UnknownProfile(read.header.profile));
        }
        let value = card::open_with(read, passphrase).ok_or(CardRefusal::WrongPassphrase)?;
        let header = &read.header;
        let found = Commitment::to(&self.vault, header.epoch, header.threshold, header.cards, header.index, value.expose());
        let at = usize::from(header.index).checked_sub(1).and_then(|at| self.commitments.get(at));
        // A card that was sealed before this one, under another passphrase, has a right share too.
        if read != card || at != Some(&found) {
            return Err(CardRefusal::Forged);
        }
        let index = header.index;
        self.note(now, Act::ReadBack { index }).ok_or(CardRefusal::Forged)?;
        self.proven = index;
        self.shares.retain(|share| share.index != index);
        self.pending = None;
        Ok(())
    }

    /// Ends the dealing once every card was read back: gives the store's bytes and wipes the root.
    ///
    /// # Errors
    /// [`BirthError::Unproven`] while a card was not read back.
    pub fn finish(mut self, now: u64) -> Result<Vec<u8>, BirthError> {
        if self.next().is_some() {
            return Err(BirthError::Unproven);
        }
        self.note(now, Act::Stored).ok_or(BirthError::Broken)?;
        let identity = SigningKey::<ForIdentity>::derive(&self.root, self.mode, 0).ok_or(BirthError::Broken)?;
        let vault_keys = self.vault_keys(now)?;
        let public = self.public_parts(&vault_keys)?;
        let descriptor = self.descriptor(&identity, vault_keys, now)?;
        let transcript = self.minutes.entries().to_vec();
        let (state, keys) = match self.origin {
            Origin::New => (newborn(descriptor, public, transcript, now)?, StoreKeys::derive(&self.root, self.mode)),
            Origin::Vault { state, keys, custodians } => {
                let mut next =
                    state.after(now, Happening::Redealt { epoch: self.epoch, custodians }).ok_or(BirthError::Broken)?;
                next.public = public;
                next.more.pending = Some(descriptor.as_bytes().to_vec());
                next.more.transcript = transcript;
                (next, Some(keys))
            }
        };
        state.encode(&keys.ok_or(BirthError::Broken)?).ok_or(BirthError::Broken)
    }

    /// Lists the keys: those of the vault, with the plan's policies where it names them, and those
    /// that the plan adds.
    fn vault_keys(&self, now: u64) -> Result<Vec<VaultKey>, BirthError> {
        let mut keys = match &self.origin {
            Origin::New => Vec::new(),
            Origin::Vault { state, .. } => state.descriptor.body().keys.as_slice().to_vec(),
        };
        for (key, policy) in self.plan.body().key_refs() {
            match keys.iter_mut().find(|known| known.key == key) {
                Some(known) => known.policy = policy,
                None => keys.push(VaultKey { key, made: now, retired: false, policy }),
            }
        }
        let (threshold, cards) = (self.plan.body().threshold, self.plan.body().cards());
        for known in &keys {
            let checked = known.policy.check(known.key.usage, threshold, cards);
            checked.map_err(|fault| BirthError::Policy { key: known.key, fault })?;
        }
        Ok(keys)
    }

    fn public_parts(&self, keys: &[VaultKey]) -> Result<Vec<(KeyRef, Bytes<2048>)>, BirthError> {
        let part = |known: &VaultKey| {
            let part = public_part(&self.root, self.mode, known.key).ok_or(BirthError::Broken)?;
            Ok((known.key, Bytes::new(part)?))
        };
        keys.iter().map(part).collect()
    }

    fn descriptor(
        &mut self,
        identity: &SigningKey<ForIdentity>,
        keys: Vec<VaultKey>,
        now: u64,
    ) -> Result<Descriptor, BirthError> {
        let mut nonce = [0; 16];
        self.rng.fill_bytes(&mut nonce);
        let plan = self.plan.body();
        let made = match &self.origin {
            Origin::New => now,
            Origin::Vault { state, .. } => state.descriptor.body().made,
        };
        let body = DescriptorBody {
            vault: self.vault,
            mode: self.mode,
            title: plan.title.clone(),
            epoch: self.epoch,
            threshold: plan.threshold,
            cards: plan.cards(),
            commitments: List::new(self.commitments.clone())?,
            custodians: List::new(plan.custodians().cloned().collect())?,
            identity: identity.public(),
            keys: List::new(keys)?,
            limits: plan.limits,
            made,
            dealt: now,
            nonce: Fixed(nonce),
        };
        Descriptor::sign(body, &mut Identity { key: identity, rng: &mut self.rng }).map_err(|_| BirthError::Broken)
    }
}

/// Finds the last epoch of which cards were ever dealt: those that were given up had theirs, too.
fn last_epoch(state: &State) -> u16 {
    let dealt = state.log.entries().iter().filter_map(|entry| match entry.what {
        Happening::Redealt { epoch, .. } => Some(epoch),
        _ => None,
    });
    dealt.chain([state.descriptor.body().epoch]).max().unwrap_or(0)
}

/// What an open vault gives up so that its root can be dealt anew.
pub(crate) struct Dealer {
    pub(crate) root: Root,
    pub(crate) state: State,
    pub(crate) keys: StoreKeys,
    pub(crate) custodians: Custodians,
}

fn newborn(
    descriptor: Descriptor,
    public: Vec<(KeyRef, Bytes<2048>)>,
    transcript: Vec<cloison_protocol::Entry<Act>>,
    now: u64,
) -> Result<State, BirthError> {
    let log = Chain::default().and(now, Happening::Created).ok_or(BirthError::Broken)?;
    let more = More { transcript, ..More::default() };
    Ok(State { generation: 1, descriptor, public, enrolments: Vec::new(), used: BTreeSet::new(), log, cases: Vec::new(), more })
}

/// Says why cards are not dealt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BirthError {
    /// A text that cannot be shown or is too long.
    #[error(transparent)]
    Text(#[from] BoundError),
    /// A card was not read back.
    #[error("not every card was read back. Read each card back before the vault is made")]
    Unproven,
    /// The vault's root was not given up.
    #[error(transparent)]
    Change(ChangeRefused),
    /// A key's policy does not fit the new cards.
    #[error("the policy of the key {key} does not fit the new cards: {fault}. Name this key in the plan with a policy that fits")]
    Policy {
        /// Which.
        key: KeyRef,
        /// Why.
        fault: PolicyFault,
    },
    /// Something that cannot fail failed.
    #[error("the vault's keys could not be made. Stop the ceremony, destroy the cards, and use another appliance")]
    Broken,
}
