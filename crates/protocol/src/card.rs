//! The 80 bytes of a custodian's card.
//!
//! Only the bytes are here; the passphrase and the share inside are custody's. A card's version,
//! once released, keeps its decoder and its vectors for ever: what is on paper stays readable.

use crate::{
    bounded::Fixed,
    fingerprint::{VaultId, digest},
    key::Mode,
};
use thiserror::Error;

/// The bytes of a card.
pub const CARD_BYTES: usize = 80;
const FAMILY: u8 = 0xA0;
const VERSION: u8 = 1;
const REHEARSAL: u8 = 0x80;
const CHECKSUM: &[u8] = b"cloison/v1/card-checksum";

/// The public part of a card; it is the associated data of the sealed share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardHeader {
    /// The first 6 bytes of the vault's id.
    pub vault: Fixed<6>,
    /// Counts reshares, from 1.
    pub epoch: u16,
    /// Cards needed: k.
    pub threshold: u8,
    /// Cards that exist: n.
    pub cards: u8,
    /// This card, from 1 to n: the x coordinate of its share.
    pub index: u8,
    /// Real, or a rehearsal.
    pub mode: Mode,
    /// Which passphrase derivation sealed it; 1 is Argon2id, 64 MiB, t = 3, p = 4.
    pub profile: u8,
    /// The derivation's salt.
    pub salt: Fixed<16>,
}

impl CardHeader {
    /// Gives the 28 bytes that stand before the sealed share.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 28] {
        let mut bytes = [0; 28];
        bytes[0] = FAMILY | VERSION;
        bytes[1..7].copy_from_slice(&self.vault.0);
        bytes[7..9].copy_from_slice(&self.epoch.to_be_bytes());
        bytes[9] = self.threshold.wrapping_sub(1) << 4 | self.cards.wrapping_sub(1) & 0x0f;
        bytes[10] = self.index | if self.mode == Mode::Rehearsal { REHEARSAL } else { 0 };
        bytes[11] = self.profile;
        bytes[12..].copy_from_slice(&self.salt.0);
        bytes
    }

    /// Tells whether it names this vault.
    #[must_use]
    pub fn names(&self, vault: &VaultId) -> bool {
        self.vault.0 == vault.short()
    }
}

/// One custodian's card: header, sealed share, checksum.
///
/// # Invariants
/// Holding one tells that its checksum is right and its fields are in range. It does not tell that
/// the share inside is genuine: only the passphrase and the vault's commitment do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// The public part.
    pub header: CardHeader,
    /// The share under the passphrase's key: 32 bytes of ciphertext, 16 of tag.
    pub sealed: Fixed<48>,
}

impl Card {
    /// Writes the card.
    #[must_use]
    pub fn encode(&self) -> [u8; CARD_BYTES] {
        let mut bytes = [0; CARD_BYTES];
        bytes[..28].copy_from_slice(&self.header.to_bytes());
        bytes[28..76].copy_from_slice(&self.sealed.0);
        let sum = checksum(&bytes[..76]);
        bytes[76..].copy_from_slice(&sum);
        bytes
    }

    /// Reads a card.
    ///
    /// # Errors
    /// [`CardError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CardError> {
        if bytes.first().is_none_or(|first| first & 0xf0 != FAMILY) || bytes.len() != CARD_BYTES {
            return Err(CardError::NotACard);
        }
        let version = bytes[0] & 0x0f;
        if version != VERSION {
            return Err(CardError::Version { found: version, known: VERSION });
        }
        if checksum(&bytes[..76]) != bytes[76..] {
            return Err(CardError::Damaged);
        }
        let card = Self { header: header(bytes)?, sealed: Fixed(array(&bytes[28..76])) };
        if card.encode() == bytes { Ok(card) } else { Err(CardError::Malformed) }
    }
}

/// Gives the index that a card claims, also where its checksum is wrong: enough to say which card
/// to clean, and no more to be trusted than the rest of it.
#[must_use]
pub fn claimed_index(bytes: &[u8]) -> Option<u8> {
    let index = bytes.get(10)? & 0x1f;
    (looks_like_card(bytes) && (1..=16).contains(&index)).then_some(index)
}

/// Tells whether bytes could be a card of some version.
pub(crate) fn looks_like_card(bytes: &[u8]) -> bool {
    bytes.len() == CARD_BYTES && bytes[0] & 0xf0 == FAMILY
}

fn header(bytes: &[u8]) -> Result<CardHeader, CardError> {
    let header = CardHeader {
        vault: Fixed(array(&bytes[1..7])),
        epoch: u16::from_be_bytes(array(&bytes[7..9])),
        threshold: (bytes[9] >> 4) + 1,
        cards: (bytes[9] & 0x0f) + 1,
        index: bytes[10] & 0x1f,
        mode: if bytes[10] & REHEARSAL == 0 { Mode::Real } else { Mode::Rehearsal },
        profile: bytes[11],
        salt: Fixed(array(&bytes[12..28])),
    };
    let right = (2..=header.cards).contains(&header.threshold) && (1..=header.cards).contains(&header.index) && header.epoch > 0;
    if right { Ok(header) } else { Err(CardError::Malformed) }
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    array(&digest(&[CHECKSUM, bytes]).0[..4])
}

/// Says why bytes are not a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CardError {
    /// Not the size and mark of a card.
    #[error("this is not a custodian's card. Show the card's own code")]
    NotACard,
    /// A later card.
    #[error("this card has version {found}, and this program reads version {known}. Use a newer appliance")]
    Version {
        /// What came.
        found: u8,
        /// What is known.
        known: u8,
    },
    /// The checksum is wrong.
    #[error("this card is damaged: its checksum is wrong. Clean it and read it again, or use another card")]
    Damaged,
    /// The checksum is right, the fields are impossible.
    #[error("this card's fields are impossible, though its checksum is right. It was not made by Cloison; use another card")]
    Malformed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn card() -> Card {
        Card {
            header: CardHeader {
                vault: Fixed([1, 2, 3, 4, 5, 6]),
                epoch: 1,
                threshold: 3,
                cards: 5,
                index: 2,
                mode: Mode::Rehearsal,
                profile: 1,
                salt: Fixed([7; 16]),
            },
            sealed: Fixed([9; 48]),
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = card().encode();
        assert_eq!(Card::decode(&bytes), Ok(card()));
        for bit in 0..CARD_BYTES * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            let error = Card::decode(&changed).unwrap_err();
            if bit >= 8 {
                assert_eq!(error, CardError::Damaged, "bit {bit}");
            }
        }
    }

    #[test]
    fn a_damaged_card_still_says_which_it_is() {
        let mut bytes = card().encode();
        bytes[40] ^= 1;
        assert_eq!((Card::decode(&bytes), claimed_index(&bytes)), (Err(CardError::Damaged), Some(2)));
        assert_eq!(claimed_index(&bytes[..79]), None);
        assert_eq!(claimed_index(b"a bus ticket"), None);
        bytes[10] = 31;
        assert_eq!(claimed_index(&bytes), None);
    }

    #[test]
    fn impossible_fields_are_refused_even_with_a_right_checksum() {
        let with = |change: fn(&mut CardHeader)| {
            let mut card = card();
            change(&mut card.header);
            Card::decode(&card.encode())
        };
        assert_eq!(with(|h| h.threshold = 1), Err(CardError::Malformed));
        assert_eq!(with(|h| h.threshold = 6), Err(CardError::Malformed));
        assert_eq!(with(|h| h.index = 0), Err(CardError::Malformed));
        assert_eq!(with(|h| h.index = 6), Err(CardError::Malformed));
        assert_eq!(with(|h| h.index |= 0x40), Err(CardError::Malformed));
        assert_eq!(with(|h| h.epoch = 0), Err(CardError::Malformed));
        assert!(with(|h| h.profile = 200).is_ok(), "an unknown profile is custody's to refuse, by name");
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes: Vec<u8>) {
            prop_assert!(Card::decode(&bytes).is_err());
        }
    }
}
