//! What is wrong with a plan, each with its place in the file.

use std::fmt::{self, Display, Formatter};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Its line and column, counted from 1, where it has a place.
    pub(crate) place: Option<(usize, usize)>,
    /// What is wrong, and what to do, without a full stop.
    pub(crate) text: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}.", self.text),
            None => write!(f, "{}.", self.text),
        }
    }
}

/// All that is wrong so far with one text.
pub(super) struct Faults<'t> {
    text: &'t str,
    found: Vec<(Option<usize>, String)>,
}

impl<'t> Faults<'t> {
    /// Starts with nothing found.
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Adds a fault at a byte of the text.
    pub(super) fn at(&mut self, at: usize, text: String) {
        self.found.push((Some(at), text));
    }

    /// Adds a fault that has no place.
    pub(super) fn anywhere(&mut self, text: String) {
        self.found.push((None, text));
    }

    /// Counts the faults, so that a caller can tell whether something added to them.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Gives all of them in the order of the text.
    pub(super) fn sorted(mut self) -> Vec<Fault> {
        self.found.sort_by_key(|(at, _)| *at);
        let text = self.text;
        self.found.into_iter().map(|(at, fault)| Fault { place: at.map(|at| place(text, at)), text: fault }).collect()
    }
}

/// Gives line and column of a byte, both from 1; the column counts characters.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters_from_1() {
        let text = "né = 1\nlé = 2\n";
        assert_eq!(place(text, 0), (1, 1));
        assert_eq!(place(text, text.find("= 2").unwrap()), (2, 4));
        assert_eq!(place(text, 999), (3, 1));
        assert_eq!(place(text, 2), (3, 1), "no character begins there");
    }

    #[test]
    fn faults_come_in_the_order_of_the_text() {
        let mut faults = Faults::of("a\nb\n");
        faults.at(2, "second".into());
        faults.at(0, "first".into());
        faults.anywhere("general".into());
        let shown: Vec<_> = faults.sorted().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["general.", "line 1, column 1: first.", "line 2, column 1: second."]);
    }
}
