//! The making of a vault: its root is split, each card is sealed and read back, and only then is
//! there anything to store.

use crate::{
    card::{self, CardRefusal, PROFILE, Passphrase},
    derive::{Root, store_key},
    entropy::Generator,
    keys::{AgeKey, ForDigest, ForIdentity, ForText, Identity, SigningKey},
    log::{Happening, Log},
    split::{Share, recombine, split},
    state::State,
    vault::public_keys,
};
use cloison_protocol::{
    Algorithm, BoundError, Card, CardHeader, Commitment, Descriptor, DescriptorBody, KeyRef, Mode, PublicKey, PublicKeys, Usage,
    VaultId,
    bounded::{Bytes, Fixed, Line, List},
};
use rand_core::Rng;
use std::collections::BTreeSet;
use subtle::ConstantTimeEq;
use thiserror::Error;

/// The most cards that a vault may have.
pub const MAX_CARDS: u8 = 16;

/// What a vault is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its title.
    pub title: Line<64>,
    /// Real, or a rehearsal.
    pub mode: Mode,
    /// Cards needed: k, from 2.
    pub threshold: u8,
    /// Cards made: n, at most [`MAX_CARDS`].
    pub cards: u8,
}

impl Plan {
    /// Checks a plan.
    ///
    /// # Errors
    /// [`BirthError`].
    pub fn new(title: &str, mode: Mode, threshold: u8, cards: u8) -> Result<Self, BirthError> {
        if title.trim().is_empty() {
            return Err(BirthError::NoTitle);
        }
        if !(2..=cards).contains(&threshold) || cards > MAX_CARDS {
            return Err(BirthError::Threshold { threshold, cards, most: MAX_CARDS });
        }
        Ok(Self { title: Line::new(title.trim())?, mode, threshold, cards })
    }
}

/// A vault being made. Dropping it leaves nothing behind but the cards that were shown.
pub struct Birth {
    plan: Plan,
    root: Root,
    vault: VaultId,
    rng: Generator,
    shares: Vec<Share>,
    commitments: Vec<Commitment>,
    custodians: Vec<Line<64>>,
    pending: Option<(Card, Line<64>)>,
}

impl Birth {
    /// Splits a fresh root by the plan.
    ///
    /// # Errors
    /// [`BirthError::Broken`] where splitting or derivation failed.
    pub fn new(plan: Plan, root: Root, mut rng: Generator) -> Result<Self, BirthError> {
        let vault = root.vault_id(plan.mode).ok_or(BirthError::Broken)?;
        let shares = split(&root, plan.threshold, plan.cards, &mut rng).ok_or(BirthError::Broken)?;
        if !on_one_polynomial(&shares, plan.threshold, &root) {
            return Err(BirthError::Broken);
        }
        let commit = |share: &Share| Commitment::to(&vault, 1, plan.threshold, plan.cards, share.index, share.value.expose());
        let commitments = shares.iter().map(commit).collect();
        Ok(Self { plan, root, vault, rng, shares, commitments, custodians: Vec::new(), pending: None })
    }

    /// Lends the plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Gives the vault's id.
    #[must_use]
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// Gives the index of the card to be made next, or `None` when all were read back.
    #[must_use]
    pub fn next(&self) -> Option<u8> {
        let next = u8::try_from(self.custodians.len()).ok()?.checked_add(1)?;
        (next <= self.plan.cards).then_some(next)
    }

    /// Seals the next card for its custodian. Called again before it was read back, it makes a
    /// new card in place of the one before.
    ///
    /// # Errors
    /// [`BirthError`].
    pub fn seal(&mut self, custodian: &str, passphrase: &Passphrase) -> Result<Card, BirthError> {
        let index = self.next().ok_or(BirthError::Broken)?;
        if custodian.trim().is_empty() {
            return Err(BirthError::NoName);
        }
        let name = Line::new(custodian.trim())?;
        if self.custodians.contains(&name) {
            return Err(BirthError::NameTaken);
        }
        let mut salt = [0; 16];
        self.rng.fill_bytes(&mut salt);
        let header = CardHeader {
            vault: Fixed(self.vault.short()),
            epoch: 1,
            threshold: self.plan.threshold,
            cards: self.plan.cards,
            index,
            mode: self.plan.mode,
            profile: PROFILE,
            salt: Fixed(salt),
        };
        let share = self.shares.iter().find(|share| share.index == index).ok_or(BirthError::Broken)?;
        let card = card::seal_with(header, &share.value, passphrase).ok_or(BirthError::Broken)?;
        self.pending = Some((card, name));
        Ok(card)
    }

    /// Checks a card that was read back from paper, and wipes its share. (The root stays until
    /// [`Birth::finish`], which derives the public keys from it.)
    ///
    /// # Errors
    /// [`CardRefusal`]; the card can be read again.
    pub fn read_back(&mut self, read: &Card, passphrase: &Passphrase) -> Result<(), CardRefusal> {
        let Some((card, name)) = &self.pending else { return Err(CardRefusal::Duplicate) };
        if !read.header.names(&self.vault) {
            return Err(CardRefusal::WrongVault);
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
        self.custodians.push(name.clone());
        self.shares.retain(|share| share.index != index);
        self.pending = None;
        Ok(())
    }

    /// Ends the making once every card was read back: gives the store's first state and the public
    /// keys, and wipes the root.
    ///
    /// # Errors
    /// [`BirthError::Unproven`] while a card was not read back.
    pub fn finish(mut self, now: u64) -> Result<(Vec<u8>, PublicKeys), BirthError> {
        if self.next().is_some() {
            return Err(BirthError::Unproven);
        }
        let identity = SigningKey::<ForIdentity>::derive(&self.root, self.plan.mode, 0).ok_or(BirthError::Broken)?;
        let store = store_key(&self.root, self.plan.mode).ok_or(BirthError::Broken)?;
        let keys = self.public_parts()?;
        let descriptor = self.descriptor(&identity, now)?;
        let log = Log::new().and(now, Happening::Created).ok_or(BirthError::Broken)?;
        let state = State { generation: 1, descriptor, keys, enrolments: Vec::new(), used: BTreeSet::new(), log };
        let public = public_keys(&state, &identity, &mut self.rng).map_err(|_| BirthError::Broken)?;
        Ok((state.encode(&store).ok_or(BirthError::Broken)?, public))
    }

    fn descriptor(&mut self, identity: &SigningKey<ForIdentity>, now: u64) -> Result<Descriptor, BirthError> {
        let mut nonce = [0; 16];
        self.rng.fill_bytes(&mut nonce);
        let body = DescriptorBody {
            vault: self.vault,
            mode: self.plan.mode,
            title: self.plan.title.clone(),
            epoch: 1,
            threshold: self.plan.threshold,
            cards: self.plan.cards,
            commitments: List::new(self.commitments.clone())?,
            custodians: List::new(self.custodians.clone())?,
            identity: identity.public(),
            keys: List::new(KEYS.to_vec())?,
            made: now,
            nonce: Fixed(nonce),
        };
        Descriptor::sign(body, &mut Identity { key: identity, rng: &mut self.rng }).map_err(|_| BirthError::Broken)
    }

    fn public_parts(&self) -> Result<Vec<PublicKey>, BirthError> {
        KEYS.iter()
            .map(|(key, _)| Ok(PublicKey { key: *key, bytes: Bytes::new(self.public_part(*key).ok_or(BirthError::Broken)?)? }))
            .collect()
    }

    fn public_part(&self, key: KeyRef) -> Option<Vec<u8>> {
        let (root, mode) = (&self.root, self.plan.mode);
        match key.usage {
            Usage::Text => SigningKey::<ForText>::derive(root, mode, key.number).map(|key| key.public().to_bytes().to_vec()),
            Usage::Digest => SigningKey::<ForDigest>::derive(root, mode, key.number).map(|key| key.public().to_bytes().to_vec()),
            Usage::Age => AgeKey::derive(root, mode, key.algorithm, key.number)?.public(),
            _ => None,
        }
    }
}

/// Proves that all shares lie on the polynomial through the root, which covers every subset: the
/// first k − 1 of them with any other one give the root. A fault in the dealing or in memory would
/// otherwise be found on the day of recovery.
fn on_one_polynomial(shares: &[Share], threshold: u8, root: &Root) -> bool {
    let (common, others) = shares.split_at(usize::from(threshold) - 1);
    others.iter().all(|other| {
        let subset: Vec<&Share> = common.iter().chain([other]).collect();
        recombine(&subset, threshold).is_some_and(|found| found.expose_for_split().ct_eq(root.expose_for_split()).into())
    })
}

/// The keys of a new vault, and whether each needs a fresh quorum for every request. A text is
/// shown whole, so an open vault's operator may approve it alone; the others cannot be shown.
const KEYS: [(KeyRef, bool); 4] = [
    (KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 }, true),
    (KeyRef { usage: Usage::Age, algorithm: Algorithm::P384, number: 0 }, true),
    (KeyRef { usage: Usage::Text, algorithm: Algorithm::P384, number: 0 }, false),
    (KeyRef { usage: Usage::Digest, algorithm: Algorithm::P384, number: 0 }, true),
];

/// Says why a vault is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BirthError {
    /// No title.
    #[error("the vault has no title. Type one that its users will recognise")]
    NoTitle,
    /// No custodian's name.
    #[error("the custodian has no name. Type the name of the person who will hold this card")]
    NoName,
    /// A name twice.
    #[error("another custodian has this name. One person holds one card; type another name")]
    NameTaken,
    /// k and n do not fit.
    #[error("{threshold} of {cards} cards is not possible. Choose at least 2 needed, and at most {most} cards")]
    Threshold {
        /// k.
        threshold: u8,
        /// n.
        cards: u8,
        /// The largest n.
        most: u8,
    },
    /// A text that cannot be shown or is too long.
    #[error(transparent)]
    Text(#[from] BoundError),
    /// A card was not read back.
    #[error("not every card was read back. Read each card back before the vault is made")]
    Unproven,
    /// Something that cannot fail failed.
    #[error("the vault's keys could not be made. Stop the ceremony, destroy the cards, and use another appliance")]
    Broken,
}
