//! What the tests of paper need: a sheet, a printer that keeps what it prints, and the steps that
//! are printed on a card, taken without Cloison's code.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use cloison_appliance::paper::{Language, Sheet, WIDTH};
use cloison_optics::Luma;
use cloison_protocol::{Card, CardHeader, CardWords, Mode, VaultId, WordList, bounded::Fixed};
use sha2::{Digest, Sha384};
use unicode_normalization::UnicodeNormalization;

/// Makes card `index` of `cards`, of which `threshold` are needed.
pub(crate) fn card(mode: Mode, (threshold, cards, index): (u8, u8, u8)) -> Card {
    let header = CardHeader {
        vault: Fixed([5, 6, 7, 8, 9, 10]),
        epoch: 7,
        threshold,
        cards,
        index,
        mode,
        profile: 1,
        salt: Fixed(std::array::from_fn(|at| at as u8 * 7)),
    };
    Card { header, sealed: Fixed(std::array::from_fn(|at| (at as u8).wrapping_mul(37) ^ index)) }
}

pub(crate) fn sheet(card: Card, language: Language, list: WordList) -> Sheet {
    let mut vault = [0; 16];
    vault.iter_mut().zip(5..).for_each(|(byte, next)| *byte = next);
    vault[..6].copy_from_slice(&card.header.vault.0);
    Sheet {
        card,
        custodian: "Łukasz O’Şerife".to_owned(),
        title: "Tribunal de Saint-Œuf".to_owned(),
        vault: VaultId(Fixed(vault)),
        made: 1_793_577_600,
        word_lines: CardWords::of(&card, list).lines().to_vec(),
        language,
    }
}

/// A roll of paper after a printer took some bytes; anything that is not ESC/POS as we use it
/// fails the test.
pub(crate) struct Roll {
    pub(crate) rows: Vec<Vec<u8>>,
    /// After how many rows it was cut.
    pub(crate) cuts: Vec<usize>,
}

impl Roll {
    pub(crate) fn printed(mut sent: &[u8]) -> Self {
        let mut roll = Self { rows: Vec::new(), cuts: Vec::new() };
        sent = sent.strip_prefix(b"\x1b@").expect("it begins with ESC @, initialise");
        while !sent.is_empty() {
            sent = roll.command(sent);
        }
        roll
    }

    fn command<'a>(&mut self, sent: &'a [u8]) -> &'a [u8] {
        match sent {
            [0x1d, b'v', b'0', 0, xl, xh, yl, yh, data @ ..] => {
                let (bytes, rows) = (u16::from_le_bytes([*xl, *xh]), u16::from_le_bytes([*yl, *yh]));
                assert!(bytes <= 72 && rows <= 4095, "GS v 0: {bytes} bytes, {rows} rows");
                let (data, rest) = data.split_at(usize::from(bytes) * usize::from(rows));
                assert!(data.len() <= 4096, "small printers keep no more");
                self.rows.extend(data.chunks(usize::from(bytes)).map(row));
                rest
            }
            [0x1d, b'V', b'A', 0, rest @ ..] => {
                self.cuts.push(self.rows.len());
                rest
            }
            other => panic!("no command: {:02x?}", &other[..other.len().min(8)]),
        }
    }

    pub(crate) fn picture(&self) -> Luma {
        Luma::new(WIDTH, self.rows.len() as u32, self.rows.concat()).unwrap()
    }
}

fn row(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| (0..8).map(move |bit| if byte << bit & 0x80 == 0 { 255 } else { 0 })).collect()
}

/// Takes step 1 of a card's instructions: numbered lines of words become 80 bytes.
pub(crate) fn bytes_of_words(typed: &str) -> Vec<u8> {
    let list = bip39::Language::English.word_list();
    let mut lines: Vec<Vec<&str>> = Vec::new();
    for word in typed.split_whitespace() {
        match word.parse::<u8>() {
            Ok(_) => lines.push(Vec::new()),
            Err(_) => lines.last_mut().unwrap().push(word),
        }
    }
    let words: Vec<&str> = lines.iter().flat_map(|line| line.split_last().unwrap().1).copied().collect();
    assert_eq!(words.len(), 59);
    let place = |word: &str| list.iter().position(|known| *known == word).unwrap();
    let bits: Vec<u8> = words.iter().flat_map(|word| (0..11).map(move |bit| (place(word) >> (10 - bit) & 1) as u8)).collect();
    assert_eq!(bits[640..], [0; 9]);
    bits[..640].chunks(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect()
}

/// Takes step 2: the checksum.
pub(crate) fn checksum(bytes: &[u8]) -> Vec<u8> {
    Sha384::new().chain_update("cloison/v1/card-checksum").chain_update(bytes).finalize()[..4].to_vec()
}

/// Takes steps 3 and 4: the passphrase's key opens the share.
pub(crate) fn opened(card: &[u8], passphrase: &str) -> Vec<u8> {
    let passphrase: String = passphrase.nfkd().collect();
    let params = Params::new(65536, 3, 4, Some(56)).unwrap();
    let mut out = [0; 56];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.as_bytes(), &card[12..=27], &mut out).unwrap();
    let cipher = XChaCha20Poly1305::new_from_slice(&out[..32]).unwrap();
    let nonce = XNonce::try_from(&out[32..]).unwrap();
    cipher.decrypt(&nonce, Payload { msg: &card[28..=75], aad: &card[..=27] }).unwrap()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
