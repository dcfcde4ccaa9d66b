//! A share under a custodian's passphrase.
//!
//! Profile 1: Argon2id version 0x13 (RFC 9106), 64 MiB, t = 3, p = 4, the card's salt, 56 bytes
//! out: a 32-byte key and a 24-byte nonce for XChaCha20-Poly1305, with the 28 bytes of header as
//! associated data. A card's parameters are hostile input: an unknown profile is refused.

use crate::{memory, passphrase::Passphrase, split::Share};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use cloison_protocol::{Card, CardError, CardHeader, Descriptor, bounded::Fixed, secret::Secret};
use thiserror::Error;
use zeroize::Zeroizing;

/// The only profile so far: Argon2id, 64 MiB, t = 3, p = 4 (RFC 9106 §4, second choice).
pub(crate) const PROFILE: u8 = 1;

/// Seals a share under a passphrase.
#[must_use]
pub fn seal_with(header: CardHeader, share: &Secret<32>, passphrase: &Passphrase) -> Option<Card> {
    let (cipher, nonce) = cipher(&header, passphrase)?;
    let aad = header.to_bytes();
    let sealed = cipher.encrypt(&(*nonce).into(), Payload { msg: share.expose(), aad: &aad }).ok()?;
    Some(Card { header, sealed: Fixed(sealed.try_into().ok()?) })
}

/// Opens a card's share, or gives `None` where the tag is wrong or the profile unknown.
#[must_use]
pub fn open_with(card: &Card, passphrase: &Passphrase) -> Option<Secret<32>> {
    let (cipher, nonce) = cipher(&card.header, passphrase)?;
    let aad = card.header.to_bytes();
    let opened = cipher.decrypt(&(*nonce).into(), Payload { msg: &card.sealed.0, aad: &aad }).ok().map(Zeroizing::new)?;
    Secret::copied(&opened)
}

fn cipher(header: &CardHeader, passphrase: &Passphrase) -> Option<(XChaCha20Poly1305, Zeroizing<[u8; 24]>)> {
    if header.profile != PROFILE {
        return None;
    }
    let derived = memory::derive::<56>(passphrase.as_bytes(), &header.salt.0)?;
    let (key, nonce) = derived.split_first_chunk::<32>()?;
    let mut nonce_bytes = Zeroizing::new([0; 24]);
    nonce_bytes.copy_from_slice(nonce);
    Some((XChaCha20Poly1305::new(key.into()), nonce_bytes))
}

/// Checks, without a passphrase, that a card says it is of the vault that `descriptor` describes.
pub(crate) fn check(header: &CardHeader, descriptor: &Descriptor) -> Result<(), CardRefusal> {
    let vault = descriptor.body();
    if !header.names(&vault.vault) || header.mode != vault.mode {
        return Err(CardRefusal::WrongVault);
    }
    if header.epoch != vault.epoch {
        return Err(CardRefusal::WrongEpoch { card: header.epoch, vault: vault.epoch });
    }
    if header.profile != PROFILE {
        return Err(CardRefusal::UnknownProfile(header.profile));
    }
    if (header.threshold, header.cards) != (vault.threshold, vault.cards) {
        return Err(CardRefusal::Forged);
    }
    Ok(())
}

/// Opens a card, and proves its share against the vault's commitment.
pub(crate) fn open(card: &Card, passphrase: &Passphrase, descriptor: &Descriptor) -> Result<Share, CardRefusal> {
    let header = &card.header;
    check(header, descriptor)?;
    let value = open_with(card, passphrase).ok_or(CardRefusal::WrongPassphrase)?;
    if descriptor.commits_to(header.index, value.expose()) {
        Ok(Share { index: header.index, value })
    } else {
        Err(CardRefusal::Forged)
    }
}

/// Tells what can be known of a card before its passphrase: that it says to be of this vault and epoch.
///
/// # Errors
/// [`CardRefusal`].
pub fn belongs(card: &Card, descriptor: &Descriptor) -> Result<(), CardRefusal> {
    check(&card.header, descriptor)
}

/// Checks one card alone: that it opens and that its share is the one this vault made. The share
/// is wiped at once, and nothing is opened by it.
///
/// # Errors
/// [`CardRefusal`].
pub fn check_alone(card: &Card, passphrase: &Passphrase, descriptor: &Descriptor) -> Result<(), CardRefusal> {
    open(card, passphrase, descriptor).map(drop)
}

/// Says why a card is not accepted; the cards accepted before stay valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CardRefusal {
    /// Not readable as a card.
    #[error(transparent)]
    Unreadable(#[from] CardError),
    /// Another vault's.
    #[error("this card belongs to another vault. Use a card of this vault")]
    WrongVault,
    /// Of before or after a reshare.
    #[error(
        "this card is of epoch {card}, and the vault is at epoch {vault}. Use the newest card; an old one is to be destroyed"
    )]
    WrongEpoch {
        /// The card's epoch.
        card: u16,
        /// The vault's epoch.
        vault: u16,
    },
    /// Sealed in a way that this program does not know.
    #[error("this card was sealed with profile {0}, which this appliance does not know. Use a newer appliance")]
    UnknownProfile(u8),
    /// The seal does not open.
    #[error("the passphrase does not open this card. Type it again; if it is surely right, the card is forged")]
    WrongPassphrase,
    /// It says that it is of this vault, and holds what this vault did not make.
    #[error(
        "this card is forged: it names this vault, and what it holds is not what this vault made. Keep it apart and tell the administrator"
    )]
    Forged,
    /// Presented before.
    #[error("this card was already presented. Use another custodian's card")]
    Duplicate,
}
