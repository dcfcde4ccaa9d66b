use super::*;
use crate::{bounded::Fixed, card::CardHeader, key::Mode};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

const BOTH: [WordList; 2] = [WordList::English, WordList::French];

fn card(seed: u8) -> Card {
    let noise = digest(&[b"noise", &[seed]]).0;
    let more = digest(&[b"more noise", &[seed]]).0;
    Card {
        header: CardHeader {
            vault: Fixed(core::array::from_fn(|i| more[i])),
            epoch: 1,
            threshold: 3,
            cards: 5,
            index: 2,
            mode: Mode::Real,
            profile: 1,
            salt: Fixed(core::array::from_fn(|i| more[6 + i])),
        },
        sealed: Fixed(noise),
    }
}

/// Gives a card's lines as words.
fn words_of(card: &Card, list: WordList) -> Vec<Vec<String>> {
    CardWords::of(card, list).lines().iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

fn text_of(lines: &[Vec<String>]) -> String {
    lines.iter().map(|line| line.join(" ") + "\n").collect()
}

/// Writes indices as lines, each with its right check word, whatever card they are.
fn written_as_lines(indices: &[u16], list: WordList) -> String {
    let lines = (1..).zip(indices.chunks(IN_LINE)).map(|(number, line)| written(list, number, line));
    lines.collect::<Vec<_>>().join("\n")
}

fn any_card() -> impl Strategy<Value = Card> {
    let header = (any::<[u8; 6]>(), 1u16.., 2u8..=16, 0u8..16, any::<bool>(), any::<u8>(), any::<[u8; 16]>());
    let index = any::<prop::sample::Index>();
    let sealed = prop::collection::vec(any::<u8>(), 48);
    (header, index, sealed).prop_map(|((vault, epoch, cards, fewer, real, profile, salt), index, sealed)| Card {
        header: CardHeader {
            vault: Fixed(vault),
            epoch,
            threshold: cards.saturating_sub(fewer).max(2),
            cards,
            index: u8::try_from(index.index(usize::from(cards))).unwrap() + 1,
            mode: if real { Mode::Real } else { Mode::Rehearsal },
            profile,
            salt: Fixed(salt),
        },
        sealed: Fixed(sealed.try_into().unwrap()),
    })
}

#[test]
fn the_words_are_the_bits_of_the_card_in_order() {
    let bytes = card(1).encode();
    let indices = indices(&bytes);
    assert_eq!(indices[0], u16::from(bytes[0]) << 3 | u16::from(bytes[1] >> 5));
    assert_eq!(indices[58], u16::from(bytes[79] & 3) << 9);
    assert_eq!(super::bytes(&indices), Ok(bytes));
    let lines = words_of(&card(1), WordList::English);
    assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 7, 7, 7, 7, 7, 7, 6]);
}

#[test]
fn a_check_word_has_one_index_in_both_lists() {
    let [english, french] = BOTH.map(|list| words_of(&card(1), list));
    for (english, french) in english.iter().flatten().zip(french.iter().flatten()) {
        assert_eq!(WordList::English.index(english), WordList::French.index(&typed::plain(french)));
    }
}

/// All words of the list at all 69 places: each is noticed by its line's check word, but for the
/// one in 2048 that the check word cannot tell, which the card's checksum does.
#[test]
fn every_other_word_in_every_place_is_caught_in_its_line() {
    for list in BOTH {
        let right = words_of(&card(1), list);
        let mut missed = 0;
        for (at, line) in right.iter().enumerate() {
            let number = u8::try_from(at + 1).unwrap();
            for place in 0..line.len() {
                for word in (0..2048).map(|index| list.word(index)).filter(|word| *word != line[place]) {
                    let mut wrong = line.clone();
                    word.clone_into(&mut wrong[place]);
                    match CardWords::check_line(number, &wrong.join(" ")) {
                        Err(error) => assert_eq!(error, CardWordsError::Slip { line: number }),
                        Ok(_) => {
                            assert!(place + 1 < line.len(), "a wrong check word is always seen");
                            let mut lines = right.clone();
                            lines[at] = wrong;
                            let error = CardWords::read(&text_of(&lines)).unwrap_err();
                            assert!(matches!(
                                error,
                                CardWordsError::NotOneCard | CardWordsError::Padding | CardWordsError::Card(_)
                            ));
                            missed += 1;
                        }
                    }
                }
            }
        }
        assert!((20..120).contains(&missed), "{missed} of 59 × 2047 pass the check word; 59 are expected");
    }
}

#[test]
fn the_whole_card_names_the_line_of_a_slip() {
    for list in BOTH {
        let right = words_of(&card(1), list);
        for at in 0..LINES {
            let mut lines = right.clone();
            lines[at][2] = list.word(if lines[at][2] == list.word(77) { 78 } else { 77 }).to_owned();
            assert_eq!(CardWords::read(&text_of(&lines)), Err(CardWordsError::Slip { line: u8::try_from(at + 1).unwrap() }));
        }
    }
}

#[test]
fn two_words_changing_places_within_a_line_are_a_slip_of_it() {
    let right = words_of(&card(1), WordList::English);
    for (at, line) in right.iter().enumerate() {
        for (i, j) in (0..line.len()).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|(i, j)| line[*i] != line[*j]) {
            let mut lines = right.clone();
            lines[at].swap(i, j);
            let slip = CardWordsError::Slip { line: u8::try_from(at + 1).unwrap() };
            assert_eq!(CardWords::read(&text_of(&lines)), Err(slip), "words {i} and {j}");
        }
    }
}

#[test]
fn two_lines_changing_places_are_slips_of_both() {
    let right = words_of(&card(1), WordList::French);
    for (i, j) in (0..LINES - 1).flat_map(|i| (0..i).map(move |j| (i, j))) {
        let mut lines = right.clone();
        lines.swap(i, j);
        assert_eq!(CardWords::read(&text_of(&lines)), Err(CardWordsError::Slip { line: u8::try_from(j + 1).unwrap() }));
        let second = CardWords::check_line(u8::try_from(i + 1).unwrap(), &lines[i].join(" "));
        assert_eq!(second, Err(CardWordsError::Slip { line: u8::try_from(i + 1).unwrap() }));
    }
}

#[test]
fn lines_of_two_cards_are_each_right_and_not_one_card() {
    let (one, other) = (words_of(&card(1), WordList::English), words_of(&card(2), WordList::English));
    for at in 1..LINES {
        let mixed = text_of(&[&one[..at], &other[at..]].concat());
        for (number, line) in (1..).zip(mixed.lines()) {
            assert_eq!(CardWords::check_line(number, line), Ok(WordList::English));
        }
        assert_eq!(CardWords::read(&mixed), Err(CardWordsError::NotOneCard), "from line {}", at + 1);
    }
}

#[test]
fn what_the_right_words_spell_must_be_a_card() {
    let mut later = card(1).encode();
    later[0] = 0xA2;
    assert_eq!(
        CardWords::read(&written_as_lines(&indices(&later), WordList::English)),
        Err(CardWordsError::Card(CardError::Version { found: 2, known: 1 }))
    );
    later[0] = 0xB1;
    assert_eq!(
        CardWords::read(&written_as_lines(&indices(&later), WordList::French)),
        Err(CardWordsError::Card(CardError::NotACard))
    );
    for bit in 0..9 {
        let mut padded = indices(&card(1).encode());
        padded[58] |= 1 << bit;
        assert_eq!(CardWords::read(&written_as_lines(&padded, WordList::English)), Err(CardWordsError::Padding), "bit {bit}");
    }
}

#[test]
fn french_is_read_with_any_accents_or_none() {
    let shown = CardWords::of(&card(1), WordList::French).to_string();
    assert!(!shown.is_ascii(), "this card has accents to leave out");
    let bare = typed::plain(&shown);
    assert!(bare.is_ascii());
    let others = [shown.nfd().collect(), bare, shown.to_uppercase(), shown.replace('e', "é"), shown.replace(' ', " \u{a0}\t")];
    for typed in others {
        assert_eq!(CardWords::read(&typed), Ok(card(1)), "{typed}");
    }
}

#[test]
fn spacing_hyphens_and_line_numbers_do_not_matter() {
    for list in BOTH {
        let words = CardWords::of(&card(3), list);
        let numbered = |write: fn(usize, &str) -> String| {
            (1..).zip(words.lines()).map(|(number, line)| write(number, line)).collect::<String>()
        };
        let typed = [
            numbered(|number, line| format!("{number}. {line}\n")),
            numbered(|number, line| format!("{number:02}:{line}\r\n")),
            numbered(|number, line| format!("\n\n  {number})\t{}  ", line.replace(' ', "   "))),
            numbered(|number, line| format!("{number} {}\n", line.replace(' ', "-"))),
            numbered(|_, line| format!("{line} ")),
            numbered(|number, line| format!("{number}. {line} ")),
            numbered(|_, line| line.replace(' ', "\u{2013}") + "\u{2014}"),
            numbered(|number, line| format!("{number})-{line}\r")),
        ];
        for typed in typed {
            assert_eq!(CardWords::read(&typed), Ok(card(3)), "{typed}");
        }
    }
}

#[test]
fn a_number_that_touches_a_word_is_part_of_it() {
    let line = &CardWords::of(&card(1), WordList::English).lines()[0].clone();
    for front in ["1", "123. ", "1.1. ", "١. ", "#1 "] {
        let error = CardWords::check_line(1, &format!("{front}{line}")).unwrap_err();
        let expected = matches!(error, CardWordsError::UnknownWord { word: 1, .. } | CardWordsError::WrongCount { found: 8, .. });
        assert!(expected, "{front} {error:?}");
    }
}

#[test]
fn an_unknown_word_is_named_and_the_nearest_offered_but_never_taken() {
    let mut lines = words_of(&card(1), WordList::English);
    let right = lines[4][3].clone();
    lines[4][3] = format!("{right}q");
    let nearest = WordList::English.nearest(&lines[4][3]);
    assert_eq!(nearest, Some(right.as_str()));
    assert_eq!(CardWords::read(&text_of(&lines)), Err(CardWordsError::UnknownWord { line: 5, word: 4, nearest }));
    lines[4][3] = right[..4].to_owned();
    assert!(matches!(CardWords::read(&text_of(&lines)), Err(CardWordsError::UnknownWord { line: 5, word: 4, .. })));
    lines[4][3] = "\u{1f511}".to_owned();
    let unknown = CardWordsError::UnknownWord { line: 5, word: 4, nearest: None };
    assert_eq!(CardWords::read(&text_of(&lines)), Err(unknown));
}

#[test]
fn a_word_of_the_other_language_is_named() {
    let [english, french] = BOTH.map(|list| words_of(&card(1), list));
    let mut lines = french.clone();
    "zoo".clone_into(&mut lines[6][2]);
    let mixed = CardWordsError::Mixed { line: 7, word: 3, list: WordList::French };
    assert_eq!(CardWords::read(&text_of(&lines)), Err(mixed));
    let lines = [&english[..8], &french[8..]].concat();
    let mixed = CardWordsError::Mixed { line: 9, word: 1, list: WordList::English };
    assert_eq!(CardWords::read(&text_of(&lines)), Err(mixed));
    for (at, line) in lines.iter().enumerate() {
        let list = if at < 8 { WordList::English } else { WordList::French };
        assert_eq!(CardWords::check_line(u8::try_from(at + 1).unwrap(), &line.join(" ")), Ok(list));
    }
}

#[test]
fn with_as_many_words_of_both_languages_the_first_decides() {
    let line = |words: &str| CardWords::check_line(1, words);
    let mixed = |word, list| Err(CardWordsError::Mixed { line: 1, word, list });
    assert_eq!(line("zoo zoo zoo zèbre zèbre zèbre animal"), mixed(4, WordList::English));
    assert_eq!(line("animal zèbre zèbre zèbre zoo zoo zoo"), mixed(5, WordList::French));
}

/// Words of both lists alone, in the first line: the check word tells which list it is.
#[test]
fn a_line_whose_words_are_in_both_lists_is_read_in_the_list_that_it_is_right_in() {
    let shared: Vec<(u16, u16)> =
        (0..2048).filter_map(|english| Some((english, WordList::French.index(WordList::English.word(english))?))).collect();
    for list in BOTH {
        let own = |pair: &(u16, u16)| if list == WordList::English { pair.0 } else { pair.1 };
        let indices: Vec<u16> = shared.iter().map(own).collect();
        let line = indices.windows(6).find(|line| indices.contains(&check_word(1, line))).unwrap();
        let typed = typed::plain(&written(list, 1, line));
        assert_eq!(CardWords::check_line(1, &typed), Ok(list), "{typed}");
    }
    assert_eq!(
        CardWords::check_line(1, "animal animal animal animal animal animal animal"),
        Err(CardWordsError::Slip { line: 1 })
    );
}

#[test]
fn missing_and_surplus_words_and_lines_are_counted() {
    let right = words_of(&card(1), WordList::English);
    let run = |lines: &[Vec<String>]| text_of(lines).replace('\n', " ");
    let read = |text: &str| CardWords::read(text).unwrap_err();
    assert_eq!(read(&text_of(&right[..9])), CardWordsError::WrongLines { found: 9, expected: 10 });
    assert_eq!(read(&(text_of(&right) + "zoo")), CardWordsError::WrongLines { found: 11, expected: 10 });
    assert_eq!(read(&(run(&right) + "zoo")), CardWordsError::WrongCount { line: 10, found: 7, expected: 6 }, "70 words");
    assert_eq!(read(&run(&right[..9])), CardWordsError::WrongCount { line: 10, found: 0, expected: 6 });
    assert_eq!(read(&run(&right[..1])), CardWordsError::WrongCount { line: 2, found: 0, expected: 7 });
    for at in 0..LINES {
        let line = u8::try_from(at + 1).unwrap();
        let mut lines = right.clone();
        let expected = lines[at].len();
        lines[at].remove(1);
        assert_eq!(read(&text_of(&lines)), CardWordsError::WrongCount { line, found: expected - 1, expected });
        let error = if at == 9 { CardWordsError::WrongCount { line, found: 5, expected } } else { CardWordsError::Slip { line } };
        assert_eq!(read(&run(&lines)), error, "in a run, a missing word is a slip of its line");
        lines[at] = [&right[at][..], &right[at][..1]].concat();
        assert_eq!(read(&text_of(&lines)), CardWordsError::WrongCount { line, found: expected + 1, expected });
    }
}

#[test]
fn what_is_no_card_at_all_is_told_as_such() {
    assert_eq!(CardWords::read(""), Err(CardWordsError::Empty));
    assert_eq!(CardWords::read(" \n-\n 3. \n\u{2014}\r\n"), Err(CardWordsError::Empty));
    assert_eq!(CardWords::read("ein Fahrschein\nnach Bern"), Err(CardWordsError::NotWords));
    assert_eq!(CardWords::read("\u{1f600}\u{1f600} \u{1f511}"), Err(CardWordsError::NotWords));
    assert_eq!(CardWords::check_line(4, ""), Err(CardWordsError::Empty));
    for number in [0, 11, 255] {
        assert_eq!(CardWords::check_line(number, "abandon"), Err(CardWordsError::NoSuchLine(number)));
    }
}

#[test]
fn a_huge_text_is_refused_before_it_is_looked_at() {
    let padded = |length: usize| format!("{:length$}", CardWords::of(&card(1), WordList::English).to_string());
    assert_eq!(CardWords::read(&padded(4096)), Ok(card(1)));
    assert_eq!(CardWords::read(&padded(4097)), Err(CardWordsError::TooLong { found: 4097, limit: 4096 }));
    let huge = "abandon ".repeat(1 << 20);
    assert_eq!(CardWords::check_line(1, &huge), Err(CardWordsError::TooLong { found: 1 << 23, limit: 4096 }));
}

#[test]
fn heaps_of_combining_marks_are_left_out() {
    let heap = |marks: usize| format!("zoo{} zoo", "\u{301}\u{316}".repeat(marks));
    assert_eq!(CardWords::check_line(1, &heap(1000)), Err(CardWordsError::WrongCount { line: 1, found: 2, expected: 7 }));
    assert_eq!(CardWords::read(&"\u{301}".repeat(2048)), Err(CardWordsError::NotWords));
    assert_eq!(CardWords::read(&"\u{fdfa}".repeat(1365)), Err(CardWordsError::NotWords), "18 letters each in NFKD");
    let line = CardWords::of(&card(1), WordList::English).lines()[0].replacen(' ', "\u{301}\u{30a}\u{338} ", 1);
    assert_eq!(CardWords::check_line(1, &line), Ok(WordList::English));
}

proptest! {
    #[test]
    fn a_card_is_read_from_the_words_that_are_written_of_it(card in any_card()) {
        for list in BOTH {
            let words = CardWords::of(&card, list);
            prop_assert_eq!(CardWords::read(&words.to_string()), Ok(card));
            prop_assert_eq!(CardWords::read(&words.lines().join(" ")), Ok(card));
            for (number, line) in (1..).zip(words.lines()) {
                prop_assert_eq!(CardWords::check_line(number, line), Ok(list));
            }
        }
    }

    #[test]
    fn several_words_slipping_never_give_another_card(
        card in any_card(), slips in prop::collection::vec((0usize..10, 0usize..6, 0u16..2048), 1..20),
    ) {
        let right = words_of(&card, WordList::English);
        let mut lines = right.clone();
        for (line, place, word) in slips {
            lines[line][place] = WordList::English.word(word).to_owned();
        }
        prop_assert_eq!(CardWords::read(&text_of(&lines)).is_ok(), lines == right);
    }

    #[test]
    fn any_text_is_refused_without_panic(text: String, number: u8) {
        prop_assert!(CardWords::read(&text).is_err());
        prop_assert!(CardWords::check_line(number, &text).is_err());
    }

    #[test]
    fn any_mix_of_words_and_rubbish_is_refused_without_panic(
        words in prop::collection::vec(prop_oneof![
            (0u16..2048).prop_map(|index| WordList::English.word(index).to_owned()),
            (0u16..2048).prop_map(|index| WordList::French.word(index).to_owned()),
            "[0-9]{0,3}[.):\n-]", "\\PC{0,4}", "\u{301}{0,3}",
        ], 0..120),
    ) {
        prop_assert!(CardWords::read(&words.join(" ")).is_err());
    }
}
