//! Cards presented for one occasion, until there are enough.

use crate::{
    Passphrase,
    card::{CardRefusal, check, open},
    derive::Root,
    split::{Share, on_one_polynomial, recombine},
};
use cloison_protocol::{Card, Custodians, Descriptor, DescriptorBody, Digest, KeyRef, VaultId};

/// Says what cards are presented for; a quorum for one occasion is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Occasion {
    /// Opening the vault, on a date that the custodians confirm by presenting their cards.
    Opening {
        /// Seconds since 1970 UTC.
        date: u64,
    },
    /// Approving the request with this digest.
    Request(Digest),
    /// Approving the request with this digest by the emergency path.
    Emergency(Digest),
    /// Enrolling the workstation whose enrolment has this digest.
    Enrolment(Digest),
    /// Changing the vault.
    Change(Change),
    /// Proving every card of an epoch, from nothing.
    Drill,
    /// Restoring the vault on a blank appliance.
    Restoring,
}

/// Says how a vault is changed; each needs a full quorum for exactly that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Revoking the workstation whose key has this digest.
    Revoke(Digest),
    /// Granting the quotas anew.
    Renew,
    /// Confirming the keys of a vault that was restored without its descriptor.
    Confirm,
    /// Following this key by a new one.
    Rotate(KeyRef),
    /// Naming the vault whose public keys have this digest as the one that follows.
    Succeed(Digest),
    /// Acknowledging the vault before this one.
    Follow(VaultId),
    /// Dealing the root anew by the plan with this digest.
    Reshare(Digest),
}

/// Collects cards for one occasion.
pub struct Gathering {
    descriptor: Descriptor,
    occasion: Occasion,
    needed: u8,
    shares: Vec<Share>,
}

/// Says what became of an accepted card.
pub enum Presented {
    /// More are needed.
    Waiting(Gathering),
    /// Enough valid cards of this vault recombined to its root.
    Complete(Quorum),
    /// They did not give this vault's root, or do not belong together, which only a forged
    /// descriptor or a fault of this machine can cause.
    Broken,
}

/// The proof that enough valid cards were presented for one occasion.
///
/// # Invariants
/// Made only by [`Gathering::present`], from at least k distinct cards, each opened with its
/// passphrase and proved against the vault's commitment, all on one polynomial, whose root gives
/// the vault's id. It tells nothing of what the custodians saw: a [`crate::Review`] does. It holds
/// the root and wipes it on drop.
pub struct Quorum {
    root: Root,
    vault: VaultId,
    epoch: u16,
    occasion: Occasion,
    custodians: Custodians,
}

impl Gathering {
    /// Starts with no cards; as many are needed as the vault's threshold.
    #[must_use]
    pub fn new(descriptor: Descriptor, occasion: Occasion) -> Self {
        let needed = descriptor.body().threshold;
        Self { descriptor, occasion, needed, shares: Vec::new() }
    }

    /// Asks for more cards than the threshold, at most all.
    #[must_use]
    pub fn needing(self, cards: u8) -> Self {
        let body = self.descriptor.body();
        let needed = cards.clamp(body.threshold, body.cards);
        Self { needed, ..self }
    }

    /// Gives how many cards are needed.
    #[must_use]
    pub fn needed(&self) -> u8 {
        self.needed
    }

    /// Says what the cards are presented for.
    #[must_use]
    pub fn occasion(&self) -> Occasion {
        self.occasion
    }

    /// Lends the description of the vault.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Gives the indices of the cards accepted so far.
    #[must_use]
    pub fn accepted(&self) -> Vec<u8> {
        self.shares.iter().map(|share| share.index).collect()
    }

    /// Checks what can be known of a card before its passphrase is typed.
    ///
    /// # Errors
    /// [`CardRefusal`].
    pub fn admits(&self, card: &Card) -> Result<(), CardRefusal> {
        check(&card.header, &self.descriptor)?;
        let seen = self.shares.iter().any(|share| share.index == card.header.index);
        if seen { Err(CardRefusal::Duplicate) } else { Ok(()) }
    }

    /// Takes one card with its passphrase.
    ///
    /// # Errors
    /// [`CardRefusal`] with the gathering as it was: one bad card does not spoil the others.
    pub fn present(mut self, card: &Card, passphrase: &Passphrase) -> Result<Presented, (Self, CardRefusal)> {
        if let Err(refusal) = self.admits(card) {
            return Err((self, refusal));
        }
        match open(card, passphrase, &self.descriptor) {
            Err(refusal) => Err((self, refusal)),
            Ok(share) => {
                self.shares.push(share);
                Ok(self.advance())
            }
        }
    }

    fn advance(self) -> Presented {
        let body = self.descriptor.body();
        if self.shares.len() < usize::from(self.needed) {
            return Presented::Waiting(self);
        }
        match self.root() {
            Some(root) => Presented::Complete(Quorum {
                root,
                vault: body.vault,
                epoch: body.epoch,
                occasion: self.occasion,
                custodians: Custodians::new(self.accepted()).unwrap_or_default(),
            }),
            None => Presented::Broken,
        }
    }

    /// Recombines exactly k shares, and proves that any others lie on the same polynomial.
    fn root(&self) -> Option<Root> {
        let body = self.descriptor.body();
        let first: Vec<&Share> = self.shares.iter().take(body.threshold.into()).collect();
        let root = recombine(&first, body.threshold)?;
        let ours = root.vault_id(body.mode) == Some(body.vault) && on_one_polynomial(&self.shares, body.threshold, &root);
        ours.then_some(root)
    }
}

impl Quorum {
    /// Gives up the root and the custodians' indices if this is the vault and the occasion.
    pub(crate) fn spend(self, vault: &DescriptorBody, occasion: Occasion) -> Option<(Root, Custodians)> {
        self.serves(vault, occasion).then_some((self.root, self.custodians))
    }

    /// Tells whether it is of this vault, in its present epoch, and for this occasion.
    pub(crate) fn serves(&self, vault: &DescriptorBody, occasion: Occasion) -> bool {
        self.occasion == occasion && self.vault == vault.vault && self.epoch == vault.epoch
    }

    /// Gives the indices of the cards that were presented.
    pub(crate) fn custodians(&self) -> &Custodians {
        &self.custodians
    }
}
