//! Makes text that can be drawn as it is meant, and breaks it into lines.
//!
//! The font is the X Window System's "misc-fixed" 10×20 with the letters of most alphabets that
//! are written from left to right, one cell a letter. A character that it lacks, or that it could
//! not set truly (a loose accent, a script that is joined or runs from the right), is drawn as its
//! number, such as `[U+6771]`: never as another letter, and never left out.

use embedded_graphics::mono_font::MonoFont;
use embedded_graphics_unicodefonts::MONO_10X20;
use std::ops::RangeInclusive;
use unicode_normalization::UnicodeNormalization;

pub(super) static FONT: MonoFont<'static> = MONO_10X20;

/// A space at which no line is broken; it is drawn as any other.
pub(super) const FIRM: char = '\u{a0}';

/// What is drawn where a character has no glyph of its own.
const REPLACEMENT: char = '\u{fffd}';

/// The blocks of Unicode whose characters each stand in a cell of their own.
const UPRIGHT: [RangeInclusive<char>; 13] = [
    '!'..='~',
    '\u{a1}'..='\u{2af}',    // Latin-1, Latin Extended A and B, phonetic letters
    '\u{370}'..='\u{482}',   // Greek; Cyrillic up to its combining marks
    '\u{48a}'..='\u{52f}',   // Cyrillic after them
    '\u{531}'..='\u{58a}',   // Armenian
    '\u{10a0}'..='\u{10fc}', // Georgian
    '\u{1e00}'..='\u{1fff}', // Latin Extended Additional, Greek Extended
    '\u{2010}'..='\u{2027}', // dashes, quotation marks, points
    '\u{2030}'..='\u{205e}', // per mille, primes, angle quotation marks
    '\u{2070}'..='\u{2094}', // raised and lowered figures
    '\u{20a0}'..='\u{20b5}', // currencies
    '\u{2100}'..='\u{218f}', // letter-like signs, number forms
    '\u{fb00}'..='\u{fb06}', // ligatures
];

/// The soft hyphen, which the font has as a hyphen, and which is to be invisible.
const SOFT_HYPHEN: char = '\u{ad}';

/// Gives a text as it is drawn: every space plain, every character either itself or its number.
pub(super) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for sign in text.nfc() {
        match sign {
            FIRM | '\u{2007}' | '\u{202f}' => visible.push(FIRM),
            _ if sign.is_whitespace() => visible.push(' '),
            _ if is_drawn(sign) => visible.push(sign),
            _ => visible.push_str(&format!("[U+{:04X}]", u32::from(sign))),
        }
    }
    visible
}

/// Tells whether the font draws a character as itself.
pub(super) fn is_drawn(sign: char) -> bool {
    let upright = sign != SOFT_HYPHEN && UPRIGHT.iter().any(|block| block.contains(&sign));
    upright && FONT.glyph_mapping.index(sign) != FONT.glyph_mapping.index(REPLACEMENT)
}

/// Breaks visible text into lines of at most `columns` characters: between words, and within a
/// word only if it is longer than a line.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        for (number, piece) in pieces(word, columns.max(1)).into_iter().enumerate() {
            let gap = usize::from(used > 0);
            let length = piece.chars().count();
            if number > 0 || used + gap + length > columns {
                lines.extend((used > 0).then(|| std::mem::take(&mut line)));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(&piece);
            used += length;
        }
    }
    lines.extend((used > 0).then_some(line));
    lines
}

/// Breaks visible text into as few lines as [`wrapped`] does, about as long as each other.
pub(super) fn balanced(text: &str, columns: usize) -> Vec<String> {
    let widest = wrapped(text, columns);
    let narrower = (1..columns).map(|columns| wrapped(text, columns)).find(|lines| lines.len() <= widest.len());
    narrower.unwrap_or(widest)
}

/// Cuts a word that is longer than a line, and not within a character's number.
fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut rest: Vec<char> = word.chars().collect();
    let mut pieces = Vec::new();
    while rest.len() > columns {
        let tail = rest.split_off(cut(&rest, columns));
        pieces.push(rest.into_iter().collect());
        rest = tail;
    }
    pieces.push(rest.into_iter().collect());
    pieces
}

fn cut(word: &[char], columns: usize) -> usize {
    let head = word.get(..columns).unwrap_or(word);
    let last = |sign: char| head.iter().rposition(|found| *found == sign);
    match (last('['), last(']')) {
        (Some(open), close) if open > 0 && close.is_none_or(|close| close < open) => open,
        _ => columns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::{Style, draw};
    use cloison_optics::{Luma, draw::Canvas};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn glyph(sign: char) -> Vec<u8> {
        let mut canvas = Canvas::white(10, 20).unwrap();
        draw::text(&mut canvas, &sign.to_string(), (0, 0), Style::Body);
        Luma::pixels(&canvas.into_picture()).to_vec()
    }

    #[test]
    fn names_of_europe_are_drawn_in_their_own_letters() {
        for name in [
            "Łukasz Żółć",
            "Şerife Yıldız",
            "Ștefan Țurcanu",
            "Ægir Þórðarson",
            "Œdipe Laÿs",
            "Đặng Thị Ngọc",
            "Ελένη",
            "Юлія Ґонта",
        ] {
            assert_eq!(visible(name), name);
        }
        assert_eq!(visible("“l’œuvre” — 5 €"), "“l’œuvre” — 5 €");
        assert_eq!(visible("e\u{301}le\u{300}ve"), "élève", "one letter, however it was typed");
    }

    #[test]
    fn what_the_font_cannot_set_is_drawn_as_its_number() {
        assert_eq!(visible("東 京"), "[U+6771] [U+4EAC]");
        assert_eq!(visible("x\u{323}\u{20dd}"), "x[U+0323][U+20DD]");
        assert_eq!(visible("a\u{200b}b\u{ad}c\u{202e}d\0"), "a[U+200B]b[U+00AD]c[U+202E]d[U+0000]");
        assert_eq!(visible("שלום"), "[U+05E9][U+05DC][U+05D5][U+05DD]");
        assert_eq!(visible("🙂"), "[U+1F642]");
        assert_eq!(visible("\u{fffd}"), "[U+FFFD]", "the replacement itself stands for nothing");
        assert_eq!(visible("a\tb\nc\u{2009}d\u{202f}e"), "a b c d\u{a0}e");
    }

    #[test]
    fn every_character_that_is_drawn_has_ink() {
        let white = vec![255; 200];
        let replacement = glyph(REPLACEMENT);
        let drawn: Vec<char> = ('\0'..=char::MAX).filter(|sign| is_drawn(*sign)).collect();
        assert!(drawn.len() > 1500, "{}", drawn.len());
        for sign in drawn {
            let glyph = glyph(sign);
            assert_ne!(glyph, white, "U+{:04X}", u32::from(sign));
            assert_ne!(glyph, replacement, "U+{:04X}", u32::from(sign));
        }
    }

    #[test]
    fn no_two_latin_letters_look_the_same_but_those_that_do_everywhere() {
        let mut seen = BTreeMap::new();
        let drawn = ('!'..='~').chain('\u{c0}'..='\u{17f}').filter(|sign| is_drawn(*sign));
        let alike: Vec<_> = drawn.filter_map(|sign| Some((seen.insert(glyph(sign), sign)?, sign))).collect();
        assert_eq!(alike, [('Ð', 'Đ')]);
    }

    #[test]
    fn lines_break_between_words_and_within_endless_ones() {
        assert_eq!(wrapped("un deux  trois", 7), ["un deux", "trois"]);
        assert_eq!(wrapped("a abcdefgh ij", 3), ["a", "abc", "def", "gh", "ij"]);
        assert_eq!(wrapped("deux\u{a0}: trois", 7), ["deux\u{a0}:", "trois"]);
        assert!(wrapped("  ", 5).is_empty());
        assert_eq!(wrapped("ab", 0), ["a", "b"]);
        assert_eq!(wrapped("ab[U+6771][U+4EAC]", 12), ["ab[U+6771]", "[U+4EAC]"]);
    }

    #[test]
    fn a_line_that_breaks_can_break_in_its_middle() {
        assert_eq!(wrapped("un deux trois quatre", 18), ["un deux trois", "quatre"]);
        assert_eq!(balanced("un deux trois quatre", 18), ["un deux", "trois quatre"]);
        assert_eq!(balanced("un deux", 18), ["un deux"]);
        assert!(balanced("", 18).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_by_wrapping(text: String, columns in 1usize..60) {
            let visible = visible(&text);
            let lines = wrapped(&visible, columns);
            prop_assert!(lines.iter().all(|line| (1..=columns).contains(&line.chars().count())));
            let joined: String = lines.concat().replace(' ', "");
            prop_assert_eq!(joined, visible.replace(' ', ""));
        }

        #[test]
        fn whatever_is_drawn_is_a_space_or_has_a_glyph(text: String) {
            prop_assert!(visible(&text).chars().all(|sign| matches!(sign, ' ' | FIRM) || is_drawn(sign)));
        }
    }
}
