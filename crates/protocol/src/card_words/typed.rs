//! What people type, as plain words in lines: case, accents, spacing and line numbers are left out,
//! and nothing else is changed.

use super::{IN_LINE, LINES};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Cuts a text into the lines of a card. Where one line alone of it has words, that is a run: it is
/// cut after so many words as a line has, and the rest is the last line.
pub(super) fn lines(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<Vec<String>> = text.split('\n').map(line).filter(|words| !words.is_empty()).collect();
    if lines.len() != 1 {
        return lines;
    }
    let mut words = words(text);
    let mut line = |number| taken(&mut words, if number == LINES { usize::MAX } else { IN_LINE + 1 });
    (1..=LINES).map(&mut line).collect()
}

/// Reads the words of one line.
pub(super) fn line(text: &str) -> Vec<String> {
    taken(&mut words(text), usize::MAX)
}

/// Makes a word of a list, or what was typed for it, comparable: NFKD (UAX #15), no mark (general
/// category M), small letters.
pub(super) fn plain(word: &str) -> String {
    word.nfkd().filter(|c| !is_combining_mark(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}')).filter(|word| !word.is_empty())
}

/// Takes the words of a line, without the number that may stand before them.
fn taken<'a>(words: &mut impl Iterator<Item = &'a str>, most: usize) -> Vec<String> {
    let first = words.next().map(unnumbered).filter(|word| !word.is_empty());
    first.into_iter().chain(words).take(most).map(plain).collect()
}

/// Leaves out a line's number: one or two digits, and `.`, `)` or `:` or nothing more.
fn unnumbered(word: &str) -> &str {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    match word.len() - rest.len() {
        1 | 2 if rest.is_empty() => rest,
        1 | 2 => rest.strip_prefix(['.', ')', ':']).unwrap_or(word),
        _ => word,
    }
}
