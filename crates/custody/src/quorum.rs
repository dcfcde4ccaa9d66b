//! Cards presented for one occasion, until there are enough.

use crate::{
    card::{CardRefusal, Passphrase, check, open},
    derive::Root,
    split::{Share, recombine},
};
use cloison_protocol::{Card, Descriptor, DescriptorBody, Digest, VaultId};

/// Says what cards are presented for; a quorum for one occasion is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Occasion {
    /// Opening the vault.
    Opening,
    /// Approving the request with this digest.
    Request(Digest),
    /// Enrolling the workstation whose enrolment has this digest.
    Enrolment(Digest),
}

/// Collects cards for one occasion.
pub struct Gathering {
    descriptor: Descriptor,
    occasion: Occasion,
    shares: Vec<Share>,
}

/// Says what became of an accepted card.
pub enum Presented {
    /// More are needed.
    Waiting(Gathering),
    /// k valid cards of this vault recombined to its root.
    Complete(Quorum),
    /// k valid cards did not give this vault's root, which only a forged descriptor can cause.
    Broken,
}

/// The proof that k valid cards were presented for one occasion.
///
/// # Invariants
/// Made only by [`Gathering::present`], from k distinct cards, each opened with its passphrase and
/// proved against the vault's commitment, whose root gives the vault's id. It tells nothing of
/// what the custodians saw: a [`crate::Review`] does. It holds the root and wipes it on drop.
pub struct Quorum {
    root: Root,
    vault: VaultId,
    epoch: u16,
    occasion: Occasion,
    custodians: Vec<u8>,
}

impl Gathering {
    /// Starts with no cards.
    #[must_use]
    pub fn new(descriptor: Descriptor, occasion: Occasion) -> Self {
        Self { descriptor, occasion, shares: Vec::new() }
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
        if self.shares.len() < usize::from(body.threshold) {
            return Presented::Waiting(self);
        }
        let root = recombine(&self.shares, body.threshold);
        match root.filter(|root| root.vault_id(body.mode) == Some(body.vault)) {
            Some(root) => Presented::Complete(Quorum {
                root,
                vault: body.vault,
                epoch: body.epoch,
                occasion: self.occasion,
                custodians: self.accepted(),
            }),
            None => Presented::Broken,
        }
    }
}

impl Quorum {
    /// Gives up the root and the custodians' indices if this is the vault and the occasion.
    pub(crate) fn spend(self, vault: &DescriptorBody, occasion: Occasion) -> Option<(Root, Vec<u8>)> {
        self.serves(vault, occasion).then_some((self.root, self.custodians))
    }

    /// Tells whether it is of this vault, in its present epoch, and for this occasion.
    pub(crate) fn serves(&self, vault: &DescriptorBody, occasion: Occasion) -> bool {
        self.occasion == occasion && self.vault == vault.vault && self.epoch == vault.epoch
    }

    /// Gives the indices of the cards that were presented.
    pub(crate) fn custodians(&self) -> &[u8] {
        &self.custodians
    }
}
