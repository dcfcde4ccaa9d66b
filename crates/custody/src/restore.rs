//! A vault restored on a blank appliance from k cards: with its descriptor or without, with a
//! backup or without.

use crate::{
    Passphrase,
    card::{self, CardRefusal, PROFILE},
    derive::{Root, StoreKeys},
    keys::{ForIdentity, Identity, SigningKey, public_part},
    sealed::open_backup,
    split::{Share, recombine, share_at},
    state::{More, State, StoreError, Stored},
};
use cloison_protocol::{
    Algorithm, Backup, Card, CardHeader, Chain, Commitment, Custodians, Descriptor, DescriptorBody, Happening, KeyRef, Limits,
    MessageError, Mode, Policy, Usage, VaultId, VaultKey,
    bounded::{Bytes, Fixed, Line, List},
};
use rand_core::CryptoRng;
use std::collections::BTreeSet;
use thiserror::Error;

/// How many numbers of each key are looked for where no descriptor tells.
const NUMBERS: u16 = 4;

/// Cards being presented to restore a vault.
pub struct Restoring {
    descriptor: Option<Descriptor>,
    backup: Option<Backup>,
    header: Option<CardHeader>,
    shares: Vec<Share>,
}

/// Says what became of an accepted card.
pub enum Recovered {
    /// More are needed.
    Waiting(Restoring),
    /// k cards gave the root that they name.
    Root(Rebuilt),
    /// k cards opened and do not belong together.
    Broken,
}

/// A root that k cards gave, before the store is made from it. Holds secrets.
pub struct Rebuilt {
    root: Root,
    header: CardHeader,
    vault: VaultId,
    shares: Vec<Share>,
    descriptor: Option<Descriptor>,
    backup: Option<Backup>,
}

/// A restored vault on its way to disk.
pub struct Restored {
    /// The store's bytes.
    pub store: Vec<u8>,
    /// The vault's description.
    pub descriptor: Descriptor,
    /// Whether the description was at hand; else the keys open records only until a quorum confirms.
    pub described: bool,
    /// How many workstations are enrolled.
    pub enrolled: usize,
    /// The generation of the backup, if there was one.
    pub backup: Option<u64>,
}

impl Restoring {
    /// Starts with what is at hand beside the cards.
    ///
    /// # Errors
    /// [`RestoreError::OtherBackup`].
    pub fn new(descriptor: Option<Descriptor>, backup: Option<Backup>) -> Result<Self, RestoreError> {
        if let (Some(descriptor), Some(backup)) = (&descriptor, &backup)
            && descriptor.body().vault != backup.body().vault
        {
            return Err(RestoreError::OtherBackup);
        }
        Ok(Self { descriptor, backup, header: None, shares: Vec::new() })
    }

    /// Gives how many cards are needed, once it is known.
    #[must_use]
    pub fn needed(&self) -> Option<u8> {
        let described = self.descriptor.as_ref().map(|descriptor| descriptor.body().threshold);
        described.or_else(|| self.header.map(|header| header.threshold))
    }

    /// Gives the indices of the cards accepted so far.
    #[must_use]
    pub fn accepted(&self) -> Vec<u8> {
        self.shares.iter().map(|share| share.index).collect()
    }

    /// Says whether the vault is a rehearsal's, as far as its description or an accepted card tells.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        let described = self.descriptor.as_ref().map(|descriptor| descriptor.body().mode);
        described.or_else(|| self.header.map(|header| header.mode))
    }

    /// Lends the description, where it is at hand.
    #[must_use]
    pub fn descriptor(&self) -> Option<&Descriptor> {
        self.descriptor.as_ref()
    }

    /// Checks what can be known of a card before its passphrase is typed.
    ///
    /// # Errors
    /// [`CardRefusal`].
    pub fn admits(&self, card: &Card) -> Result<(), CardRefusal> {
        match (&self.descriptor, &self.header) {
            (Some(descriptor), _) => card::check(&card.header, descriptor)?,
            (None, Some(first)) => goes_with(&card.header, first)?,
            (None, None) if card.header.profile != PROFILE => return Err(CardRefusal::UnknownProfile(card.header.profile)),
            (None, None) => {}
        }
        let seen = self.shares.iter().any(|share| share.index == card.header.index);
        if seen { Err(CardRefusal::Duplicate) } else { Ok(()) }
    }

    /// Takes one card with its passphrase.
    ///
    /// # Errors
    /// [`CardRefusal`] with everything as it was.
    pub fn present(mut self, card: &Card, passphrase: &Passphrase) -> Result<Recovered, (Self, CardRefusal)> {
        if let Err(refusal) = self.admits(card) {
            return Err((self, refusal));
        }
        let share = match &self.descriptor {
            Some(descriptor) => card::open(card, passphrase, descriptor),
            None => card::open_with(card, passphrase)
                .map(|value| Share { index: card.header.index, value })
                .ok_or(CardRefusal::WrongPassphrase),
        };
        match share {
            Err(refusal) => Err((self, refusal)),
            Ok(share) => {
                self.shares.push(share);
                self.header = self.header.or(Some(card.header));
                Ok(self.advance(card.header))
            }
        }
    }

    fn advance(self, header: CardHeader) -> Recovered {
        if self.shares.len() < usize::from(header.threshold) {
            return Recovered::Waiting(self);
        }
        let root = recombine(&self.shares, header.threshold);
        let vault = root.as_ref().and_then(|root| root.vault_id(header.mode));
        match (root, vault) {
            (Some(root), Some(vault)) if header.names(&vault) => Recovered::Root(Rebuilt {
                root,
                header,
                vault,
                shares: self.shares,
                descriptor: self.descriptor,
                backup: self.backup,
            }),
            _ => Recovered::Broken,
        }
    }
}

/// Tells whether two cards are of one dealing, as far as they say themselves.
fn goes_with(header: &CardHeader, first: &CardHeader) -> Result<(), CardRefusal> {
    if (header.vault, header.mode) != (first.vault, first.mode) {
        return Err(CardRefusal::WrongVault);
    }
    if header.epoch != first.epoch {
        return Err(CardRefusal::WrongEpoch { card: header.epoch, vault: first.epoch });
    }
    if header.profile != PROFILE {
        return Err(CardRefusal::UnknownProfile(header.profile));
    }
    let same = (header.threshold, header.cards) == (first.threshold, first.cards);
    if same { Ok(()) } else { Err(CardRefusal::Forged) }
}

impl Rebuilt {
    /// Says whether the vault is a rehearsal's.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.header.mode
    }

    /// Makes the store: its keys are derived again, its quotas are used up until a quorum grants
    /// them, and the log says how it was restored.
    ///
    /// # Errors
    /// [`RestoreError`].
    pub fn restore(mut self, now: u64, rng: &mut impl CryptoRng) -> Result<Restored, RestoreError> {
        let mode = self.header.mode;
        let keys = StoreKeys::derive(&self.root, mode).ok_or(RestoreError::Derivation)?;
        let identity = SigningKey::<ForIdentity>::derive(&self.root, mode, 0).ok_or(RestoreError::Derivation)?;
        let backup = self.backup.take().map(|backup| read(&backup, self.vault, &keys)).transpose()?;
        let described = self.descriptor.is_some() || backup.is_some();
        let descriptor = match (self.descriptor.take(), backup.as_ref()) {
            (Some(descriptor), Some(state)) if age(&descriptor) < age(&state.descriptor) => {
                self.proven(state.descriptor.clone())?
            }
            (Some(descriptor), _) => descriptor,
            (None, Some(state)) => self.proven(state.descriptor.clone())?,
            (None, None) => self.described_anew(&identity, now, rng)?,
        };
        if descriptor.body().vault != self.vault || descriptor.body().identity != identity.public() {
            return Err(RestoreError::OtherVault);
        }
        let generation = backup.as_ref().map(|state| state.generation);
        let custodians = Custodians::new(self.shares.iter().map(|share| share.index).collect()).unwrap_or_default();
        let happening = Happening::Restored { custodians, descriptor: described, backup: generation };
        let mut state = match backup {
            Some(state) => state.after(now, happening).ok_or(RestoreError::Derivation)?,
            None => blank(&descriptor, happening, now).ok_or(RestoreError::Derivation)?,
        };
        state.public = self.public_parts(&descriptor)?;
        state.more.counters.exhaust(descriptor.body().keys.as_slice().iter().map(|known| known.key));
        state.more.unconfirmed |= !described;
        state.more.drilled = true;
        state.more.pending = None;
        state.descriptor = descriptor.clone();
        let store = state.encode(&keys).ok_or(RestoreError::Derivation)?;
        Ok(Restored { store, descriptor, described, enrolled: state.enrolments.len(), backup: generation })
    }

    /// Checks the cards against the description that a backup held.
    fn proven(&self, descriptor: Descriptor) -> Result<Descriptor, RestoreError> {
        let epoch = descriptor.body().epoch;
        if epoch != self.header.epoch {
            return Err(RestoreError::OtherEpoch { cards: self.header.epoch, backup: epoch });
        }
        let ours = self.shares.iter().all(|share| descriptor.commits_to(share.index, share.value.expose()));
        if ours { Ok(descriptor) } else { Err(RestoreError::OtherVault) }
    }

    /// Describes the vault from its root alone: every share follows from k of them, and keys are
    /// found by usage, algorithm and number.
    fn described_anew(
        &self,
        identity: &SigningKey<ForIdentity>,
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Descriptor, RestoreError> {
        let header = &self.header;
        let commitment = |index| {
            let share = share_at(&self.shares, header.threshold, index)?;
            Some(Commitment::to(&self.vault, header.epoch, header.threshold, header.cards, index, share.value.expose()))
        };
        let commitments = (1..=header.cards).map(commitment).collect::<Option<Vec<_>>>().ok_or(RestoreError::Derivation)?;
        let line = |text: String| Line::new(&text).map_err(|_| RestoreError::Derivation);
        let custodians = (1..=header.cards).map(|index| line(format!("Card {index}"))).collect::<Result<Vec<_>, _>>()?;
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        let body = DescriptorBody {
            vault: self.vault,
            mode: header.mode,
            title: line(format!("{}", self.vault))?,
            epoch: header.epoch,
            threshold: header.threshold,
            cards: header.cards,
            commitments: List::new(commitments).map_err(|_| RestoreError::Derivation)?,
            custodians: List::new(custodians).map_err(|_| RestoreError::Derivation)?,
            identity: identity.public(),
            keys: List::new(found_keys(now)).map_err(|_| RestoreError::Derivation)?,
            limits: Limits::default(),
            made: now,
            dealt: now,
            nonce: Fixed(nonce),
        };
        Descriptor::sign(body, &mut Identity { key: identity, rng }).map_err(RestoreError::Message)
    }

    fn public_parts(&self, descriptor: &Descriptor) -> Result<Vec<(KeyRef, Bytes<2048>)>, RestoreError> {
        let part = |known: &VaultKey| {
            let part = public_part(&self.root, self.header.mode, known.key)?;
            Some((known.key, Bytes::new(part).ok()?))
        };
        descriptor.body().keys.as_slice().iter().map(part).collect::<Option<_>>().ok_or(RestoreError::Derivation)
    }
}

/// Orders the descriptions of one vault by when they were made: a reshare counts the epoch up, and a
/// rotation within it adds a key.
fn age(descriptor: &Descriptor) -> (u16, usize) {
    (descriptor.body().epoch, descriptor.body().keys.as_slice().len())
}

/// Lists the keys that a vault may have had: the first of each signs and opens, the later ones only
/// open what was encrypted to them.
fn found_keys(now: u64) -> Vec<VaultKey> {
    let key = |usage, algorithm, number| VaultKey {
        key: KeyRef { usage, algorithm, number },
        made: now,
        retired: number > 0,
        policy: Policy::usual(usage),
    };
    let mut keys: Vec<VaultKey> = (0..NUMBERS)
        .flat_map(|number| [Algorithm::MlKem1024P384, Algorithm::P384].map(|algorithm| key(Usage::Age, algorithm, number)))
        .collect();
    keys.extend([Usage::Text, Usage::Digest].map(|usage| key(usage, Algorithm::P384, 0)));
    keys
}

fn read(backup: &Backup, vault: VaultId, keys: &StoreKeys) -> Result<State, RestoreError> {
    if backup.body().vault != vault {
        return Err(RestoreError::OtherBackup);
    }
    let store = open_backup(backup, keys).ok_or(RestoreError::Altered)?;
    let state = Stored::read(&store)?.verify(keys)?;
    let same = (state.descriptor.body().vault, state.generation) == (vault, backup.body().generation);
    if same { Ok(state) } else { Err(RestoreError::Altered) }
}

fn blank(descriptor: &Descriptor, happening: Happening, now: u64) -> Option<State> {
    Some(State {
        generation: 1,
        descriptor: descriptor.clone(),
        public: Vec::new(),
        enrolments: Vec::new(),
        used: BTreeSet::new(),
        log: Chain::default().and(now, happening)?,
        cases: Vec::new(),
        more: More::default(),
    })
}

/// Says why a vault is not restored; nothing was stored, and the cards stay what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The backup is another vault's.
    #[error("this backup is of another vault. Show the backup of the vault whose cards these are")]
    OtherBackup,
    /// The backup does not decrypt.
    #[error("this backup was altered, or the vault's cards do not open it. Use another copy of it, or restore without one")]
    Altered,
    /// The cards are of another epoch than the backup.
    #[error(
        "the cards are of epoch {cards} and the backup of epoch {backup}. Present the cards of that epoch, or show the vault's newest descriptor"
    )]
    OtherEpoch {
        /// The cards' epoch.
        cards: u16,
        /// The backup's.
        backup: u16,
    },
    /// The descriptor is another vault's.
    #[error("the description is not of the vault whose cards these are. Show the right one, or restore without it")]
    OtherVault,
    /// A key could not be derived.
    #[error("the vault's keys could not be derived. Try again; if it happens twice, use another appliance")]
    Derivation,
    /// The store in the backup is wrong.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something could not be signed.
    #[error(transparent)]
    Message(MessageError),
}
