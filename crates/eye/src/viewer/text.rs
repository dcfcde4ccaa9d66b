//! Makes of any text one that a screen shows truthfully, in lines or in a cell.

use super::wire::Reason;
use super::{MAX_LINES, Text};
use std::fmt::Write;
use zeroize::Zeroizing;

/// The columns from one tab stop to the next.
const TAB: usize = 8;

/// The most marks, such as accents, on one letter: more would reach into other lines.
const MAX_MARKS: usize = 2;

/// Wraps a text at the columns, between words where it can.
///
/// Nothing is dropped: a tab becomes spaces up to the next stop, a line's end begins a line, a
/// carriage return before it goes with it, and what cannot be shown becomes its number.
///
/// # Errors
/// [`Reason::TooLong`] above [`MAX_LINES`].
pub(super) fn wrapped(text: &str, columns: usize) -> Result<Text, Reason> {
    let mut page = Page { columns, ..Page::default() };
    page.out.reserve(text.len() + text.len() / 8);
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            page.end_line()?;
        }
        page.line(line)?;
    }
    Ok(Text { lines: page.out })
}

/// Writes a text into a cell, in one line whatever it holds.
pub(super) fn cell(text: &str, out: &mut String) {
    let mut marks = Marks::default();
    text.chars().for_each(|c| shown(c, &mut marks, out));
}

/// Tells whether a character stands for itself on the screen, as the parent checks once more.
pub(super) fn is_shown(c: char) -> bool {
    !unshowable(c)
}

/// Writes a character, or its number between brackets.
fn shown(c: char, marks: &mut Marks, out: &mut String) {
    // The brackets themselves are numbered too, so that nothing in a record looks like a number of ours.
    if unshowable(c) || matches!(c, '⟨' | '⟩') || !marks.fit(c) {
        *marks = Marks::default();
        // Writing to a string does not fail.
        let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
    } else {
        out.push(c);
    }
}

/// Counts the marks on the last letter.
#[derive(Default)]
struct Marks {
    after_letter: bool,
    count: usize,
}

impl Marks {
    /// Takes the next character and tells whether it may stand there.
    fn fit(&mut self, c: char) -> bool {
        if is_mark(c) {
            self.count += 1;
            return self.after_letter && self.count <= MAX_MARKS;
        }
        *self = Self { after_letter: !c.is_whitespace(), count: 0 };
        true
    }
}

/// Tells a mark that is drawn over or under the letter before it.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36F | 0x483..=0x489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

/// Says how many columns a character takes (after UAX #11: the wide ones two).
fn columns_of(c: char) -> usize {
    match u32::from(c) {
        _ if is_mark(c) => 0,
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xA960..=0xA97F | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF => 2,
        0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F000..=0x1FAFF | 0x20000..=0x3FFFF => 2,
        _ => 1,
    }
}

/// Holds what is written, and where the line that is being written stands.
#[derive(Default)]
struct Page {
    out: Zeroizing<String>,
    columns: usize,
    lines: usize,
    column: usize,
    /// Where the line can be broken: after the last space in it.
    space: Option<usize>,
}

impl Page {
    fn line(&mut self, line: &str) -> Result<(), Reason> {
        let mut marks = Marks::default();
        let mut piece = Zeroizing::new(String::new());
        for c in line.chars() {
            piece.clear();
            match c {
                '\t' => (0..TAB - self.column % TAB).for_each(|_| piece.push(' ')),
                _ => shown(c, &mut marks, &mut piece),
            }
            self.piece(&piece)?;
        }
        Ok(())
    }

    /// Writes what must stay together; spaces may hang over the line's end by one.
    fn piece(&mut self, piece: &str) -> Result<(), Reason> {
        if piece.starts_with(' ') {
            return (0..piece.len()).try_for_each(|_| self.space());
        }
        let wide: usize = piece.chars().map(columns_of).sum();
        if wide > 0 && self.column + wide > self.columns {
            self.wrap(wide)?;
        }
        self.out.push_str(piece);
        self.column += wide;
        Ok(())
    }

    fn space(&mut self) -> Result<(), Reason> {
        if self.column > self.columns {
            self.end_line()?;
        }
        self.out.push(' ');
        self.column += 1;
        self.space = Some(self.out.len());
        Ok(())
    }

    /// Begins a new line, which takes along the word that does not fit together with the next piece.
    fn wrap(&mut self, next: usize) -> Result<(), Reason> {
        let Some(space) = self.space else { return self.end_line() };
        let word: usize = self.out[space..].chars().map(columns_of).sum();
        self.out.insert(space, '\n');
        self.begin(word)?;
        if word + next > self.columns { self.end_line() } else { Ok(()) }
    }

    fn end_line(&mut self) -> Result<(), Reason> {
        self.out.push('\n');
        self.begin(0)
    }

    fn begin(&mut self, column: usize) -> Result<(), Reason> {
        self.lines += 1;
        self.column = column;
        self.space = None;
        if self.lines < MAX_LINES { Ok(()) } else { Err(Reason::TooLong) }
    }
}

/// Tells whether a character is invisible, reorders its neighbours, or has no agreed picture.
///
/// The same as in the texts of `cloison-protocol`, which a test compares: what is refused in a text
/// to be signed is numbered in a record.
fn unshowable(c: char) -> bool {
    c.is_control()
        || u32::from(c) & 0xFFFE == 0xFFFE
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x590..=0x8FF | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164
            | 0xFB1D..=0xFDFF | 0xFE00..=0xFE0F | 0xFE70..=0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x10800..=0x10FFF | 0x13430..=0x1345F | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A | 0x1E800..=0x1EFFF | 0xE000..=0xF8FF | 0xE0000..=0xE0FFF | 0xF0000..=0x10FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_protocol::bounded::Line;
    use proptest::prelude::*;

    fn lines(text: &str, columns: usize) -> Vec<String> {
        wrapped(text, columns).ok().unwrap().lines().map(str::to_owned).collect()
    }

    /// Turns numbers between brackets back into their characters.
    fn read_back(shown: &str) -> String {
        let mut parts = shown.split("⟨U+");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            let (number, rest) = part.split_once('⟩').unwrap();
            text.push(char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap());
            text.push_str(rest);
        }
        text
    }

    #[test]
    fn the_characters_that_stand_for_themselves_are_those_of_a_text_to_be_signed() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_shown(c), Line::<4>::new(c.encode_utf8(&mut [0; 4])).is_ok(), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn what_hides_or_reorders_becomes_its_number() {
        assert_eq!(lines("payer \u{202E}001 \u{202C}EUR", 80), ["payer ⟨U+202E⟩001 ⟨U+202C⟩EUR"]);
        assert_eq!(lines("a\u{200B}b\u{7}c\u{AD}d\u{E0041}", 80), ["a⟨U+200B⟩b⟨U+0007⟩c⟨U+00AD⟩d⟨U+E0041⟩"]);
        assert_eq!(lines("\u{FEFF}début", 80), ["⟨U+FEFF⟩début"]);
        // A record cannot pretend that something was hidden.
        assert_eq!(lines("⟨U+0041⟩", 80), ["⟨U+27E8⟩U+0041⟨U+27E9⟩"]);
    }

    #[test]
    fn a_carriage_return_is_shown_unless_a_line_feed_follows_it() {
        assert_eq!(lines("Durand\r\nMartin\rX", 80), ["Durand", "Martin⟨U+000D⟩X"]);
    }

    #[test]
    fn the_last_line_feed_begins_no_line_and_the_others_do() {
        assert_eq!(lines("a\n\nb\n", 80), ["a", "", "b"]);
        assert_eq!(lines("\n", 80), [""]);
    }

    #[test]
    fn a_tab_reaches_to_the_next_stop() {
        assert_eq!(lines("a\tb\t\tc", 80), [format!("a{}b{}c", " ".repeat(7), " ".repeat(15))]);
    }

    #[test]
    fn accents_stay_on_their_letter_and_towers_of_them_do_not() {
        assert_eq!(lines("e\u{301}te\u{301}", 80), ["e\u{301}te\u{301}"]);
        assert_eq!(lines("a\u{300}\u{301}\u{302}", 80), ["a\u{300}\u{301}⟨U+0302⟩"]);
        assert_eq!(lines(" \u{301}", 80), [" ⟨U+0301⟩"]);
        let letters = "e\u{301}".repeat(25);
        assert_eq!(lines(&letters, 20), ["e\u{301}".repeat(20), "e\u{301}".repeat(5)]);
    }

    #[test]
    fn lines_break_between_words_and_within_a_word_that_is_longer_than_a_line() {
        assert_eq!(lines("Le présent jugement est exécutoire.", 20), ["Le présent jugement ", "est exécutoire."]);
        assert_eq!(lines("Le présent jugement, est", 20), ["Le présent jugement, ", "est"]);
        assert_eq!(lines("La première décision", 19), ["La première ", "décision"]);
        let word = "x".repeat(45);
        assert_eq!(lines(&format!("a {word}"), 20), ["a ", &word[..20], &word[..20], &word[..5]]);
        assert_eq!(lines("nineteen characters\u{1}", 20), ["nineteen ", "characters⟨U+0001⟩"]);
        assert_eq!(
            lines("eighteencharacter. nineteencharacters.\u{1}", 20),
            ["eighteencharacter. ", "nineteencharacters.", "⟨U+0001⟩"]
        );
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(lines(&"漢".repeat(11), 20), ["漢".repeat(10), "漢".into()]);
    }

    #[test]
    fn more_lines_than_are_shown_are_refused() {
        assert!(wrapped(&"\n".repeat(MAX_LINES), 20).is_ok());
        assert!(wrapped(&"\n".repeat(MAX_LINES + 1), 20).is_err());
        assert!(wrapped(&" ".repeat(21 * MAX_LINES), 20).is_ok());
        assert!(wrapped(&" ".repeat(21 * MAX_LINES + 1), 20).is_err());
    }

    proptest! {
        #[test]
        fn nothing_is_dropped_and_no_line_is_too_long(text in "[^\n\t]{0,200}", columns in 20_usize..60) {
            let text = text.trim_end_matches('\r');
            let lines = lines(text, columns);
            prop_assert_eq!(read_back(&lines.concat()), text);
            for line in &lines {
                prop_assert!(line.chars().all(is_shown));
                prop_assert!(line.trim_end_matches(' ').chars().map(columns_of).sum::<usize>() <= columns);
                prop_assert!(line.chars().map(columns_of).sum::<usize>() <= columns + 1);
            }
        }

        #[test]
        fn words_of_any_script_wrap_without_a_loss(text in "([a-zé漢\u{301}⟨\u{202E}]{0,30} {1,3}){0,20}", columns in 20_usize..40) {
            let lines = lines(&text, columns);
            prop_assert_eq!(read_back(&lines.concat()), text);
            prop_assert!(lines.iter().all(|line| line.trim_end_matches(' ').chars().map(columns_of).sum::<usize>() <= columns));
        }

        #[test]
        fn a_cell_is_one_line_of_what_can_be_shown(text: String) {
            let mut shown = String::new();
            cell(&text, &mut shown);
            prop_assert!(shown.chars().all(is_shown));
            prop_assert_eq!(read_back(&shown), text);
        }
    }
}
