//! Why a card, its words or its passphrase are not taken.

use super::{
    super::{Words, catalogue::tr},
    Explain,
};
use cloison_custody::{CardRefusal, PassphraseError};
use cloison_protocol::{CardError, CardWordsError, Language, WordList};

impl Explain for CardError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::NotACard => tr!(words, "this is not a custodian's card. Show the card's own code"),
            Self::Version { found, known } => tr!(
                words,
                "this card has version {found}, and this program reads version {known}. Use a newer appliance",
                found,
                known
            ),
            Self::Damaged => {
                tr!(words, "this card is damaged: its checksum is wrong. Clean it and read it again, or use another card")
            }
            Self::Malformed => tr!(
                words,
                "this card's fields are impossible, though its checksum is right. It was not made by Cloison; use another card"
            ),
            newer => newer.to_string(),
        }
    }
}

impl Explain for CardWordsError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::TooLong { found, limit } => tr!(
                words,
                "this text has {found} bytes, and a card's words have less than {limit}. Give one card's words and nothing else",
                found,
                limit
            ),
            Self::Empty => tr!(words, "there are no words. Type the ten lines of a card"),
            Self::NotWords => {
                tr!(words, "none of these words is in a list of a card's words. Type the card's lines as they are on paper")
            }
            Self::WrongLines { found, expected } => tr!(
                words,
                "{found} lines have words, and a card has {expected}. Type the card line by line, or all of it as one line",
                found,
                expected
            ),
            Self::NoSuchLine(line) => tr!(words, "a card has no line {line}. Its lines are numbered from 1 to 10", line),
            Self::WrongCount { line, found, expected } => tr!(
                words,
                "line {line} has {found} words instead of {expected}. Compare it with the paper, word by word",
                line,
                found,
                expected
            ),
            Self::UnknownWord { line, word, .. } => tr!(
                words,
                "word {word} of line {line} is in no list of a card's words. Compare it with the paper, letter by letter",
                line,
                word
            ),
            Self::Mixed { line, word, list } => tr!(
                words,
                "word {word} of line {line} is not in the {list} list, as the others are. Compare it with the paper: a card \
                 has one language",
                line,
                word,
                list = words.list(*list)
            ),
            Self::Slip { line } => tr!(
                words,
                "there is a slip in line {line}: its last word does not agree with the others. Compare this line with the paper",
                line
            ),
            Self::NotOneCard => {
                tr!(words, "every line is right by itself, but they are not of one card. Type the ten lines of the same card")
            }
            Self::Padding => tr!(
                words,
                "every line is right, but a bit beyond the card is not zero. It was not made by Cloison; use another card"
            ),
            Self::Card(error) => error.explain(words),
            newer => newer.to_string(),
        }
    }
}

impl Explain for CardRefusal {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Unreadable(error) => error.explain(words),
            Self::WrongVault => tr!(words, "this card belongs to another vault. Use a card of this vault"),
            Self::WrongEpoch { card, vault } => tr!(
                words,
                "this card is of epoch {card}, and the vault is at epoch {vault}. Use the newest card; an old one is to be \
                 destroyed",
                card,
                vault
            ),
            Self::UnknownProfile(profile) => tr!(
                words,
                "this card was sealed with profile {profile}, which this appliance does not know. Use a newer appliance",
                profile
            ),
            Self::WrongPassphrase => {
                tr!(words, "the passphrase does not open this card. Type it again; if it is surely right, the card is forged")
            }
            Self::Forged => tr!(
                words,
                "this card is forged: it names this vault, and what it holds is not what this vault made. Keep it apart and \
                 tell the administrator"
            ),
            Self::Duplicate => tr!(words, "this card was already presented. Use another custodian's card"),
            newer => newer.to_string(),
        }
    }
}

impl Explain for PassphraseError {
    fn explain(&self, words: Words) -> String {
        match self {
            Self::Empty => tr!(words, "no passphrase was typed. Type it, then go on"),
            Self::TooShort { found, least } => tr!(
                words,
                "this passphrase has {found} characters, fewer than {least}. Choose a longer one: six words from a dictionary \
                 are good",
                found,
                least
            ),
            Self::Monotonous { least } => tr!(
                words,
                "this passphrase has fewer than {least} different characters. Choose words that nobody would guess",
                least
            ),
            Self::Guessable { bits, least, .. } => tr!(
                words,
                "this passphrase can be guessed in about 2^{bits} tries, fewer than 2^{least}. Choose other words: six drawn \
                 by chance are best",
                bits,
                least
            ),
            Self::TooLong { limit } => tr!(words, "this passphrase is longer than {limit} bytes. Choose a shorter one", limit),
            Self::Differ => tr!(words, "the two passphrases differ. Type the same one twice"),
            newer => newer.to_string(),
        }
    }
}

impl Words {
    fn list(self, list: WordList) -> String {
        match list {
            WordList::English => self.tongue(Language::English),
            WordList::French => self.tongue(Language::French),
        }
    }
}
