//! A card's sheet as paper has it: drawn, printed, read back, and opened by its own instructions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_appliance::paper::{Code, Language, Layout, Line, MARGIN, PaperError, Printer, Sheet, Style, WIDTH};
use cloison_optics::{Luma, QUIET_ZONE, examine, picture, read};
use cloison_protocol::{Card, CardWords, Mode, WordList};
use proptest::prelude::*;
use std::{
    fs::{self, File},
    path::Path,
};
use support::{Roll, card, sheet, unhex};

const MODES: [Mode; 2] = [Mode::Real, Mode::Rehearsal];
const LANGUAGES: [Language; 2] = [Language::English, Language::French];
const LISTS: [WordList; 2] = [WordList::English, WordList::French];

fn every_sheet() -> impl Iterator<Item = Sheet> {
    MODES.into_iter().flat_map(|mode| {
        LANGUAGES.into_iter().flat_map(move |language| {
            LISTS.into_iter().flat_map(move |list| {
                [(2, 2, 1), (3, 5, 2), (16, 16, 16)].map(|numbers| sheet(card(mode, numbers), language, list))
            })
        })
    })
}

/// The longest texts that a plan takes, in every kind of letter.
fn widest() -> Sheet {
    let mut widest = sheet(card(Mode::Rehearsal, (16, 16, 16)), Language::French, WordList::French);
    widest.title = "W".repeat(64);
    widest.custodian = "東".repeat(21) + "W";
    widest.card.header.epoch = u16::MAX;
    widest.made = u64::MAX;
    widest.word_lines = CardWords::of(&widest.card, WordList::French).lines().to_vec();
    widest
}

fn text(layout: &Layout) -> String {
    let lines: Vec<&str> = layout.lines().iter().map(|line| line.text.trim()).collect();
    lines.join(" ").replace('\u{a0}', " ")
}

/// The lines between the heading of the words and the next, as somebody would type them.
fn words(layout: &Layout) -> Vec<&Line> {
    let start = layout.code().y + layout.code().side;
    let mut lines = layout.lines().iter().skip_while(|line| line.y < start);
    assert_eq!(lines.next().unwrap().style, Style::Heading);
    lines.take_while(|line| line.style == Style::Body).collect()
}

fn typed(layout: &Layout) -> String {
    words(layout).iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_code_is_read_back_to_exactly_the_cards_bytes() {
    for sheet in every_sheet().chain([widest()]) {
        let drawn = sheet.draw().unwrap();
        assert_eq!(read(&drawn), [sheet.card.encode()]);
        assert!(!examine(&drawn).crowded, "the words around it must not crowd the reader");
        assert_eq!(picture::decode(&sheet.to_png().unwrap()).unwrap(), [drawn]);
    }
}

#[test]
fn what_the_printer_is_sent_is_the_picture_dot_for_dot() {
    for sheet in every_sheet().step_by(5).chain([widest()]) {
        let drawn = sheet.draw().unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        Printer::new(file.as_file_mut()).print(&drawn).unwrap();
        let roll = Roll::printed(&fs::read(file.path()).unwrap());
        assert_eq!(roll.cuts, [roll.rows.len()], "cut once, at the end");
        let printed = roll.picture();
        let size = drawn.pixels().len();
        assert_eq!(printed.width(), WIDTH);
        assert_eq!(printed.pixels()[..size], *drawn.pixels());
        assert!(printed.pixels()[size..].iter().all(|grey| *grey == 255), "only white is added");
        assert_eq!(read(&printed), [sheet.card.encode()]);
    }
}

#[test]
fn the_words_are_read_back_to_the_card() {
    for sheet in every_sheet().chain([widest()]) {
        let layout = sheet.layout().unwrap();
        assert_eq!(CardWords::read(&typed(&layout)).unwrap(), sheet.card);
        let numbers: Vec<usize> = words(&layout).iter().filter_map(|line| line.text.get(..2)?.trim().parse().ok()).collect();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    }
}

/// Follows the printed instructions with primitives alone, on the first card of `tests/vectors`.
#[test]
fn the_instructions_open_a_card_without_us() {
    const BYTES: &str = "a1f00e638614c900012481019dc6fc555239c440a5aba43c0a8ed64a70f67ac0b0a57cfb4f0d762039fb2ee0394a544c2d1eceb2f1285b394e06910b1103be868c669f83a67a44d8a6bf95e30fcc21aa";
    const SHARE: &str = "9321662baa1dc2e8dd48941200cfad79e8361d87b8b44bf6b2eee27a93020ecd";
    let printed = sheet(Card::decode(&unhex(BYTES)).unwrap(), Language::English, WordList::English).layout().unwrap();
    let bytes = support::bytes_of_words(&typed(&printed));
    assert_eq!(bytes, unhex(BYTES), "step 1");
    assert_eq!((bytes[0], bytes[9] >> 4, bytes[9] & 15, bytes[10], bytes[11]), (0xa1, 3 - 1, 5 - 1, 0x81, 1), "step 2");
    assert_eq!(support::checksum(&bytes[..=75]), bytes[76..=79], "step 2");
    assert_eq!(support::opened(&bytes, "first custodian of the vectors"), unhex(SHARE), "steps 3 and 4");
}

#[test]
fn every_sentence_that_somebody_may_need_is_there() {
    const NUMBERS: &[&str] = &[
        "80 ",
        "BIP-39",
        "11 bits",
        "640",
        "59",
        "A1",
        "12 ",
        "27",
        "28 ",
        "75",
        "76 ",
        "79",
        "SHA-384",
        "cloison/v1/card-checksum",
        "Argon2id, version 0x13",
        "RFC 9106",
        "NFKD",
        "UTF-8",
        "65536",
        "t=3, p=4",
        "56 ",
        "XChaCha20-Poly1305",
        "32 ",
        "24 ",
        "16 ",
        "Shamir",
        "GF(2^8)",
        "0x11d",
        "XOR",
        "Lagrange",
        "HKDF-SHA-384",
        "docs/formats.md",
    ];
    const ENGLISH: &[&str] = &[
        "This paper is one of 5 sealed parts of a secret key. Any 3 of them, each with the passphrase of its own custodian, \
         rebuild that key. This one alone opens nothing.",
        "Do not photograph, scan or photocopy it.",
        "apart from its passphrase",
        "Bring it to the organisation or the custodian named above.",
        "then show it 3 of the cards and type the passphrase of each",
        "On a blank Cloison appliance choose “Restore”. Show it the vault’s descriptor and its newest backup, if there are any",
        "A programmer needs 3 cards of the same vault and epoch, their passphrases, and what follows.",
        "leave out the last word of every line, which only checks its line",
        "exactly 3 shares, each at its card’s x",
        "Card 2 of 5 — any 3 open it",
    ];
    const FRENCH: &[&str] = &[
        "Ce papier est l’une des 5 parts scellées d’une clé secrète. 3 d’entre elles, n’importe lesquelles, chacune \
         avec la phrase de passe de son dépositaire, reconstituent cette clé. Seule, cette part n’ouvre rien.",
        "Ne pas photographier, numériser ni photocopier.",
        "loin de sa phrase de passe",
        "Apportez-le à l’organisation ou au dépositaire nommés ci-dessus.",
        "Sur un appareil Cloison vierge, choisir « Restaurer ». Lui montrer le descripteur du coffre et sa dernière sauvegarde",
        "puis lui montrer 3 des cartes et saisir la phrase de passe de chacune",
        "Il faut à un programmeur 3 cartes du même coffre et de la même époque, leurs phrases de passe, et ce qui suit.",
        "laisser le dernier mot de chaque ligne, qui ne fait que la vérifier",
        "exactement 3 parts, chacune au point x de sa carte",
        "Carte 2 sur 5 — il en faut 3",
    ];
    for mode in MODES {
        for (language, sentences) in LANGUAGES.into_iter().zip([ENGLISH, FRENCH]) {
            let said = text(&sheet(card(mode, (3, 5, 2)), language, WordList::English).layout().unwrap());
            for sentence in NUMBERS.iter().chain(sentences) {
                assert!(said.contains(sentence), "{sentence:?} is not in {said}");
            }
            let info = if mode == Mode::Real { "cloison/v1/real/vault-id" } else { "cloison/v1/rehearsal/vault-id" };
            assert!(said.contains(info));
        }
    }
}

#[test]
fn the_facts_are_there_and_only_a_rehearsal_is_marked_as_one() {
    for sheet in every_sheet() {
        let layout = sheet.layout().unwrap();
        let said = text(&layout);
        for fact in [
            "Cloison",
            "Tribunal de Saint-Œuf",
            "Łukasz O’Şerife",
            "0506 0708 090a 0b0c 0d0e 0f10 1112 1314",
            "7",
            "2026-11-02 (UTC)",
        ] {
            assert!(said.contains(fact), "{fact} is not in {said}");
        }
        let banner = layout.lines().iter().find(|line| line.style == Style::Banner).map(|line| line.text.as_str());
        let rehearsal = sheet.card.header.mode == Mode::Rehearsal;
        let mark = if sheet.language == Language::French { "RÉPÉTITION" } else { "REHEARSAL" };
        assert_eq!(banner, rehearsal.then_some(mark));
    }
}

#[test]
fn the_list_that_is_named_is_the_one_that_the_words_are_of() {
    for (language, list, named) in [
        (Language::English, WordList::English, "in the English word list of BIP-39"),
        (Language::English, WordList::French, "in the French word list of BIP-39"),
        (Language::French, WordList::English, "dans la liste anglaise de BIP-39"),
        (Language::French, WordList::French, "dans la liste française de BIP-39"),
    ] {
        let said = text(&sheet(card(Mode::Real, (3, 5, 2)), language, list).layout().unwrap());
        assert!(said.contains(named), "{said}");
    }
}

#[test]
fn where_all_cards_are_needed_it_says_so() {
    let english = text(&sheet(card(Mode::Real, (4, 4, 1)), Language::English, WordList::English).layout().unwrap());
    assert!(english.contains("Card 1 of 4 — all 4 open it") && english.contains("All 4, each with the passphrase"));
    let french = text(&sheet(card(Mode::Real, (4, 4, 1)), Language::French, WordList::French).layout().unwrap());
    assert!(french.contains("Ensemble, les 4, chacune avec la phrase de passe"));
}

/// Checks that nothing stands over anything else or in the margins.
fn stands_well(layout: &Layout) {
    let Code { x, y, side, scale } = layout.code();
    assert!(scale >= 6 && x >= MARGIN && x + side <= WIDTH - MARGIN);
    let mut boxes = vec![(y, y + side)];
    boxes.extend(layout.rules().iter().map(|y| (*y, y + 3)));
    for line in layout.lines() {
        assert!(line.x >= MARGIN && line.x + line.width() <= WIDTH - MARGIN, "{line:?}");
        boxes.push((line.y, line.y + line.height()));
    }
    boxes.sort_unstable();
    assert!(boxes.first().unwrap().0 >= MARGIN && boxes.last().unwrap().1 <= layout.height() - MARGIN);
    for pair in boxes.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "{pair:?} overlap");
    }
}

/// Checks that every dot belongs to something that was laid out.
fn ink_is_in_its_place(layout: &Layout, drawn: &Luma) {
    assert_eq!((drawn.width(), drawn.height()), (WIDTH, layout.height()));
    let mut allowed = Luma::pixels(drawn).iter().map(|_| false).collect::<Vec<_>>();
    let mut allow = |x: u32, y: u32, width: u32, height: u32| {
        for row in y..y + height {
            let start = (row * WIDTH + x) as usize;
            allowed[start..start + width as usize].fill(true);
        }
    };
    let code = layout.code();
    let quiet = QUIET_ZONE * code.scale;
    allow(code.x + quiet, code.y + quiet, code.side - 2 * quiet, code.side - 2 * quiet);
    layout.rules().iter().for_each(|y| allow(MARGIN, *y, WIDTH - 2 * MARGIN, 3));
    for line in layout.lines() {
        match line.style.is_inverted() {
            true => allow(MARGIN, line.y, WIDTH - 2 * MARGIN, line.height() + line.height() / 5),
            false => allow(line.x, line.y, line.width(), line.height()),
        }
    }
    for (at, grey) in drawn.pixels().iter().enumerate() {
        assert!(*grey == 255 || *grey == 0 && allowed[at], "({}, {})", at % WIDTH as usize, at / WIDTH as usize);
    }
}

#[test]
fn nothing_overlaps_and_nothing_is_outside() {
    for sheet in every_sheet().chain([widest()]) {
        let layout = sheet.layout().unwrap();
        stands_well(&layout);
        ink_is_in_its_place(&layout, &sheet.draw().unwrap());
    }
    let said = text(&widest().layout().unwrap()).replace(' ', "");
    assert!(said.contains(&"W".repeat(64)) && said.contains(&"[U+6771]".repeat(21)));
    assert!(said.contains("second18446744073709551615") && said.contains("65535"));
}

#[test]
fn a_sheet_whose_parts_disagree_is_not_drawn() {
    let good = sheet(card(Mode::Real, (3, 5, 2)), Language::English, WordList::English);
    let bad = |change: fn(&mut Sheet)| {
        let mut sheet = good.clone();
        change(&mut sheet);
        assert!(sheet.layout().is_err());
        sheet.to_png().unwrap_err()
    };
    assert!(matches!(bad(|sheet| sheet.vault.0.0[5] ^= 1), PaperError::WrongVault));
    assert!(matches!(bad(|sheet| sheet.card.header.index = 6), PaperError::Unreadable));
    assert!(matches!(bad(|sheet| sheet.card.header.profile = 2), PaperError::Profile { found: 2, known: 1 }));
    assert!(matches!(bad(|sheet| sheet.word_lines.swap(0, 1)), PaperError::Words));
    assert!(matches!(bad(|sheet| sheet.word_lines.truncate(9)), PaperError::Words));
    assert!(matches!(bad(|sheet| sheet.word_lines.clear()), PaperError::Words));
    assert!(matches!(bad(|sheet| sheet.card.sealed.0[0] ^= 1), PaperError::Words), "another card's words");
    assert!(matches!(bad(|sheet| sheet.title = "x".repeat(257)), PaperError::TooLong { found: 257, limit: 256 }));
    assert!(matches!(bad(|sheet| sheet.custodian = "x".repeat(1 << 20)), PaperError::TooLong { .. }));
}

#[test]
fn a_creased_stained_or_faded_card_is_still_read() {
    let sheet = sheet(card(Mode::Real, (3, 5, 2)), Language::French, WordList::French);
    let drawn = sheet.draw().unwrap();
    let Code { x, y, side, scale } = sheet.layout().unwrap().code();
    let middle = (x + side / 2, y + side / 2);
    let damaged = |hit: &dyn Fn(u32, u32) -> Option<u8>| {
        let pixels = drawn.pixels().iter().zip(0u32..);
        let pixels = pixels.map(|(grey, at)| hit(at % WIDTH, at / WIDTH).unwrap_or(*grey)).collect();
        read(&Luma::new(WIDTH, drawn.height(), pixels).unwrap())
    };
    let card = [sheet.card.encode()];
    let crease = |px: u32, py: u32| (px.abs_diff(middle.0) < scale || py.abs_diff(middle.1) < scale).then_some(255);
    assert_eq!(damaged(&crease), card, "folded twice, two modules of ink lost along each fold");
    let stain = |px: u32, py: u32| {
        let (dx, dy) = (px.abs_diff(middle.0 + 9 * scale), py.abs_diff(middle.1 + 9 * scale));
        (dx * dx + dy * dy < 64 * scale * scale).then_some(0)
    };
    assert_eq!(damaged(&stain), card, "a round stain, sixteen modules wide");
    let dead = |px: u32, _: u32| (px % 97 == 5).then_some(255);
    assert_eq!(damaged(&dead), card, "heating dots that do not print");
    let torn = |px: u32, py: u32| (px > middle.0 + 9 * scale && py > middle.1 + 12 * scale).then_some(255);
    assert_eq!(damaged(&torn), card, "the corner without a finder is gone");
}

#[test]
fn a_full_device_is_out_of_paper() {
    let mut printer = Printer::open(Path::new("/dev/full")).unwrap();
    let drawn = sheet(card(Mode::Real, (3, 5, 2)), Language::English, WordList::English).draw().unwrap();
    assert!(matches!(printer.print(&drawn).unwrap_err(), PaperError::OutOfPaper { sent: 0 }));
    Printer::open(Path::new("/dev/null")).unwrap().print(&drawn).unwrap();
}

#[test]
fn what_is_no_device_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("lp0");
    assert!(matches!(Printer::open(&missing).unwrap_err(), PaperError::Missing(path) if path == missing));
    assert!(!missing.exists(), "nothing is made in its place");
    let file = folder.path().join("vault.redb");
    fs::write(&file, b"precious").unwrap();
    for path in [&file, folder.path()] {
        assert!(matches!(Printer::open(path).unwrap_err(), PaperError::NotADevice(found) if found == path));
    }
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    let read_only = File::open(&file).unwrap();
    let error = Printer::new(read_only).print(&Luma::white(8, 8).unwrap()).unwrap_err();
    assert!(matches!(error, PaperError::Stopped { sent: 0, .. }), "{error:?}");
}

#[test]
fn every_message_says_what_happened_and_what_to_do() {
    let path = || Path::new("/dev/usb/lp0").to_owned();
    let source = || std::io::Error::other("why");
    for error in [
        PaperError::TooLong { found: 257, limit: 256 },
        PaperError::WrongVault,
        PaperError::Unreadable,
        PaperError::Profile { found: 2, known: 1 },
        PaperError::Words,
        PaperError::TooWide { width: 577 },
        PaperError::Missing(path()),
        PaperError::NotADevice(path()),
        PaperError::NotWritable(path()),
        PaperError::Busy(path()),
        PaperError::Unopened { path: path(), source: source() },
        PaperError::OutOfPaper { sent: 1 },
        PaperError::Stopped { sent: 1, source: source() },
    ] {
        let text = error.to_string();
        assert_eq!(text.matches(". ").count(), 1, "{text}");
        assert!(!text.ends_with('.') && !text.starts_with(char::is_uppercase), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_people_are_called_the_sheet_stands_well(title: String, custodian in "\\PC{0,64}", french: bool, made: u64) {
        let language = if french { Language::French } else { Language::English };
        let mut sheet = sheet(card(Mode::Rehearsal, (16, 16, 16)), language, WordList::French);
        (sheet.title, sheet.custodian, sheet.made) = (title, custodian, made);
        let layout = sheet.layout().unwrap();
        stands_well(&layout);
        let drawn = sheet.draw().unwrap();
        ink_is_in_its_place(&layout, &drawn);
        prop_assert_eq!(read(&drawn), [sheet.card.encode()]);
    }

    #[test]
    fn any_picture_comes_out_as_it_is(width in 1u32..=WIDTH, height in 1u32..200, seed: u32) {
        let dot = |at: u32| if (at ^ seed).wrapping_mul(2_654_435_761) >> 31 == 0 { 0 } else { 255 };
        let drawn = Luma::new(width, height, (0..width * height).map(dot).collect()).unwrap();
        let mut sent = Vec::new();
        Printer::new(&mut sent).print(&drawn).unwrap();
        let roll = Roll::printed(&sent);
        for (printed, row) in roll.rows.iter().zip(drawn.pixels().chunks(width as usize)) {
            prop_assert_eq!(&printed[..width as usize], row);
            prop_assert!(printed[width as usize..].iter().all(|grey| *grey == 255));
        }
        prop_assert!(roll.rows.len() >= height as usize && roll.rows.len() < height as usize + 50);
    }
}
