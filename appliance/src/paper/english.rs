//! The words of a sheet in English.

use super::sheet::{Part, Wording};
use cloison_protocol::{CardHeader, Mode, WordList};

pub(super) fn wording(card: &CardHeader, list: WordList) -> Wording {
    Wording {
        purpose: "A sealed part of a secret key. Do not throw it away.",
        rehearsal: ["REHEARSAL", "For practice: it protects nothing. Destroy it afterwards."],
        card: number(card),
        labels: ["Custodian", "Vault", "Epoch", "Made on"],
        words: "The same in words",
        parts: vec![about(card), care(), with_cloison(card), without_cloison(card, list)],
    }
}

fn number(card: &CardHeader) -> String {
    let (index, cards, threshold) = (card.index, card.cards, card.threshold);
    let needed = if threshold == cards { format!("all {cards}") } else { format!("any {threshold}") };
    format!("Card {index} of {cards} — {needed} open it")
}

fn about(card: &CardHeader) -> Part {
    let (cards, threshold) = (card.cards, card.threshold);
    let needed = if threshold == cards { format!("All {cards}") } else { format!("Any {threshold} of them") };
    Part::plain(
        "What this is",
        [
            format!(
                "This paper is one of {cards} sealed parts of a secret key. {needed}, each with the passphrase of its own \
                 custodian, rebuild that key. This one alone opens nothing."
            ),
            "The square code and the words say the same, so either is enough.".to_owned(),
        ],
    )
}

fn care() -> Part {
    Part::plain(
        "What to do with it",
        [
            "Keep it dry, dark and flat, and apart from its passphrase. Do not photograph, scan or photocopy it.",
            "The print on thermal paper fades: copy the ten lines of words by hand, in ink, on lasting paper, and guard the \
             copy as you guard this.",
            "If you found this paper, do not copy it. Bring it to the organisation or the custodian named above.",
        ],
    )
}

fn with_cloison(card: &CardHeader) -> Part {
    let threshold = card.threshold;
    Part::plain(
        "To recover with Cloison",
        [format!(
            "On a blank Cloison appliance choose “Restore”. Show it the vault’s descriptor and its newest backup, if there are \
             any; then show it {threshold} of the cards and type the passphrase of each. A card that no camera reads is typed \
             in as words."
        )],
    )
}

fn without_cloison(card: &CardHeader, list: WordList) -> Part {
    let threshold = card.threshold;
    let list = match list {
        WordList::English => "English",
        WordList::French => "French",
    };
    let mode = match card.mode {
        Mode::Real => "real",
        Mode::Rehearsal => "rehearsal",
    };
    Part::numbered(
        "To recover without Cloison",
        format!(
            "A programmer needs {threshold} cards of the same vault and epoch, their passphrases, and what follows. Bytes are \
             counted from 0, and “to” includes both ends."
        ),
        [
            format!(
                "Bytes. The code is a QR code (ISO/IEC 18004) of 80 bytes. The words are the same bytes: leave out the last \
                 word of every line, which only checks its line; 59 words remain. Each is its place, counted from 0, in the \
                 {list} word list of BIP-39, as 11 bits, the highest first. The first 640 bits are the 80 bytes; 9 zeros \
                 follow."
            ),
            "Fields. Byte 0: A1 (hexadecimal). 1 to 6: start of the vault’s id. 7 to 8: epoch. 9: k - 1 in the high four \
             bits, n - 1 in the low four, where k of n cards are needed. 10: in the low five bits the card’s number x; the \
             highest bit marks a rehearsal. 11: profile, 1. 12 to 27: salt. 28 to 75: sealed share. 76 to 79: the first four \
             bytes of SHA-384 over the ASCII text cloison/v1/card-checksum and bytes 0 to 75."
                .to_owned(),
            "Key. Argon2id, version 0x13 (RFC 9106): the passphrase in Unicode NFKD, as UTF-8; the salt; 65536 KiB (64 MiB), \
             t=3, p=4; 56 bytes out. The first 32 are a key, the other 24 a nonce."
                .to_owned(),
            "Share. XChaCha20-Poly1305 with that key and nonce opens bytes 28 to 75, which are 32 of ciphertext and 16 of \
             tag; the associated data are bytes 0 to 27. The 32 bytes that come out are the share."
                .to_owned(),
            format!(
                "Secret. Shamir’s scheme, each of the 32 bytes by itself, in GF(2^8) with the polynomial 0x11d, where adding \
                 is XOR: Lagrange interpolation at 0 through exactly {threshold} shares, each at its card’s x."
            ),
            format!(
                "Proof. HKDF-SHA-384 (RFC 5869) of the secret, with the salt cloison/v1, the info cloison/v1/{mode}/vault-id \
                 and 16 bytes out, is the vault’s id above. Every key of the vault is derived in like manner: see \
                 docs/formats.md in the sources of Cloison."
            ),
        ],
    )
}
