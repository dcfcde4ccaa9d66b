//! The keys of the on-screen keyboard, as data.

use cloison_ceremony::Field;
use cloison_protocol::Language;

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Char(char),
    Shift,
    Erase,
    Space,
    Signs,
    Letters,
    Layout,
    Line,
    Done,
}

/// Where the letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Azerty,
    Qwerty,
}

impl From<Language> for Layout {
    fn from(language: Language) -> Self {
        match language {
            Language::French => Self::Azerty,
            _ => Self::Qwerty,
        }
    }
}

/// Which keys a field needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pad {
    Text,
    /// Words without accents, line by line.
    Words,
    Number,
    Date,
    Dice,
}

/// A keyboard as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Board {
    layout: Layout,
    pad: Pad,
    signs: bool,
    shift: bool,
}

impl Board {
    pub(crate) fn new(layout: Layout, field: Field) -> Self {
        let pad = match field {
            Field::Threshold | Field::Cards => Pad::Number,
            Field::Date => Pad::Date,
            Field::Rolls => Pad::Dice,
            Field::Words => Pad::Words,
            _ => Pad::Text,
        };
        Self { layout, pad, signs: false, shift: false }
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    pub(crate) fn is_shifted(&self) -> bool {
        self.shift
    }

    /// Gives the keys, row by row.
    pub(crate) fn rows(&self) -> Vec<Vec<Key>> {
        match self.pad {
            Pad::Number => pad(&["123", "456", "789", "0"], &[Key::Erase, Key::Done]),
            Pad::Date => pad(&["1234567890", "-:"], &[Key::Space, Key::Erase, Key::Done]),
            Pad::Dice => pad(&["123", "456"], &[Key::Erase, Key::Done]),
            Pad::Text | Pad::Words if self.signs => self.signs_face(),
            Pad::Text | Pad::Words => self.letters_face(),
        }
    }

    fn letters_face(&self) -> Vec<Vec<Key>> {
        let [top, middle, bottom] = match self.layout {
            Layout::Azerty => ["azertyuiop", "qsdfghjklm", "wxcvbn’-"],
            Layout::Qwerty => ["qwertyuiop", "asdfghjkl", "zxcvbnm’-"],
        };
        let mut last = vec![Key::Shift];
        last.extend(self.chars(bottom));
        last.push(Key::Erase);
        let mut rows = vec![self.chars(top), self.chars(middle), last];
        if self.pad == Pad::Words {
            rows.push(vec![Key::Signs, Key::Layout, Key::Space, Key::Line, Key::Done]);
        } else {
            rows.push(self.chars("éèàçêîôûùëïœ"));
            rows.push(vec![Key::Signs, Key::Layout, Key::Char(','), Key::Space, Key::Char('.'), Key::Done]);
        }
        rows
    }

    fn signs_face(&self) -> Vec<Vec<Key>> {
        let mut rows: Vec<Vec<Key>> =
            ["1234567890", "-_.,;:!?'\"", "@#$%&*+=/\\"].iter().map(|row| row.chars().map(Key::Char).collect()).collect();
        let mut more: Vec<Key> = "()[]{}<>|~^`€".chars().map(Key::Char).collect();
        if self.pad == Pad::Words {
            more.clear();
        }
        rows.push(more);
        rows.push(vec![Key::Letters, Key::Space, Key::Erase, Key::Done]);
        rows.retain(|row| !row.is_empty());
        rows
    }

    fn chars(&self, row: &str) -> Vec<Key> {
        row.chars().map(|letter| Key::Char(if self.shift { capital(letter) } else { letter })).collect()
    }

    /// Takes a touch: turns the keyboard over where the key does that, and gives the key.
    pub(crate) fn tap(&mut self, row: usize, column: usize) -> Option<Key> {
        let key = *self.rows().get(row)?.get(column)?;
        match key {
            Key::Shift => self.shift = !self.shift,
            Key::Char(_) => self.shift = false,
            Key::Signs => self.signs = true,
            Key::Letters => self.signs = false,
            Key::Layout => {
                self.layout = match self.layout {
                    Layout::Azerty => Layout::Qwerty,
                    Layout::Qwerty => Layout::Azerty,
                }
            }
            Key::Erase | Key::Space | Key::Line | Key::Done => {}
        }
        Some(key)
    }
}

fn pad(rows: &[&str], last: &[Key]) -> Vec<Vec<Key>> {
    let mut keys: Vec<Vec<Key>> = rows.iter().map(|row| row.chars().map(Key::Char).collect()).collect();
    match keys.last_mut() {
        // What is left of a short row is for the other keys.
        Some(row) if row.len() < 3 => row.extend(last),
        _ => keys.push(last.to_vec()),
    }
    keys
}

fn capital(letter: char) -> char {
    let mut capitals = letter.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(board: Board) -> String {
        board
            .rows()
            .concat()
            .into_iter()
            .filter_map(|key| if let Key::Char(letter) = key { Some(letter) } else { None })
            .collect()
    }

    #[test]
    fn every_letter_and_accent_is_on_both_layouts() {
        for layout in [Layout::Azerty, Layout::Qwerty] {
            let mut board = Board::new(layout, Field::Title);
            let small = all(board);
            assert!("abcdefghijklmnopqrstuvwxyzéèàçêîôûùëïœ’-".chars().all(|letter| small.contains(letter)), "{small}");
            board.shift = true;
            let large = all(board);
            assert!("ABCDEFGHIJKLMNOPQRSTUVWXYZÉÈÀÇÊÎÔÛÙËÏŒ".chars().all(|letter| large.contains(letter)), "{large}");
        }
    }

    #[test]
    fn every_printable_ascii_character_can_be_typed_into_a_passphrase() {
        let mut board = Board::new(Layout::Azerty, Field::Passphrase);
        let mut all_faces = all(board);
        board.shift = true;
        all_faces += &all(board);
        board.signs = true;
        all_faces += &all(board);
        for letter in (33..127_u8).map(char::from) {
            assert!(all_faces.contains(letter), "{letter}");
        }
    }

    #[test]
    fn no_row_is_too_long_for_keys_that_a_finger_meets() {
        for field in [Field::Title, Field::Words, Field::Threshold, Field::Date, Field::Rolls, Field::Passphrase] {
            for signs in [false, true] {
                let board = Board { signs, ..Board::new(Layout::Azerty, field) };
                // 800 pixels, 4 between keys, 48 a key at least.
                assert!(board.rows().iter().all(|row| row.len() * 52 <= 796), "{field:?}");
                assert!(board.rows().len() <= 5);
            }
        }
    }

    #[test]
    fn dice_have_six_sides() {
        assert_eq!(all(Board::new(Layout::Azerty, Field::Rolls)), "123456");
    }

    #[test]
    fn capitals_are_for_one_letter() {
        let mut board = Board::new(Layout::Qwerty, Field::Title);
        assert_eq!(board.tap(2, 0), Some(Key::Shift));
        assert_eq!(board.tap(0, 0), Some(Key::Char('Q')));
        assert_eq!(board.tap(0, 0), Some(Key::Char('q')));
        assert_eq!(board.tap(9, 9), None);
    }
}
