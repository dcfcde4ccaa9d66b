//! A record on the screen, page by page, for as long as it is shown.

use cloison_ceremony::{Seen, Unshown, View};
use cloison_eye::viewer::{Content, Limits, Picture, Reason, ViewError};
use std::time::Duration;

/// The lines of a text that one page shows.
pub(crate) const LINES: usize = 12;
/// The rows of a table that one page shows.
pub(crate) const ROWS: usize = 10;
/// The characters of a line, and of each half of a row.
const COLUMNS: u16 = 60;
/// Stands where the path would, when a row is longer than one line and goes on in the next. No path
/// begins like this.
pub(crate) const GOES_ON: &str = "↳";

/// What the viewer may fill, so that pages fit the smaller of the kiosk's screens.
pub(crate) const ROOM: Limits = Limits { columns: COLUMNS, width: 800, height: 480, budget: Duration::from_secs(10) };

/// What is shown of a record at one moment.
pub enum ContentPage<'a> {
    /// Lines of a text.
    Lines(Vec<&'a str>),
    /// Rows of a table: a path and a value. A row that is longer than a line goes on in the next,
    /// which has `↳` in the place of what is finished.
    Rows(Vec<(&'a str, &'a str)>),
    /// A picture.
    Picture(&'a Picture),
}

/// Holds one record's content, wiped when it is dropped.
pub(crate) struct Shown {
    /// Which record of its request, from 1.
    record: usize,
    content: Content,
}

impl Shown {
    /// Keeps what a viewer made of the record that is on the screen.
    pub(crate) fn new(view: &View, content: Content) -> Option<Self> {
        match view {
            View::Record { record, .. } => Some(Self { record: *record, content }),
            _ => None,
        }
    }

    /// Tells whether a screen still shows this record.
    pub(crate) fn is_on(&self, view: &View) -> bool {
        matches!(view, View::Record { record, seen: Seen::Page(..), .. } if *record == self.record)
    }

    /// Counts the pages, from 1.
    pub(crate) fn pages(&self) -> usize {
        match &self.content {
            Content::Text(text) => text.lines().count().div_ceil(LINES).max(1),
            Content::Table(table) => table.rows().map(lines_of).sum::<usize>().div_ceil(ROWS).max(1),
            Content::Picture(_) => 1,
        }
    }

    /// Lends a page, from 1.
    pub(crate) fn page(&self, number: usize) -> ContentPage<'_> {
        let before = number.saturating_sub(1);
        match &self.content {
            Content::Text(text) => ContentPage::Lines(text.lines().skip(before * LINES).take(LINES).collect()),
            Content::Table(table) => ContentPage::Rows(table.rows().flat_map(rows_of).skip(before * ROWS).take(ROWS).collect()),
            Content::Picture(picture) => ContentPage::Picture(picture),
        }
    }
}

/// Counts the lines that a row takes.
fn lines_of((path, value): (&str, &str)) -> usize {
    pieces(path).count().max(pieces(value).count())
}

/// Cuts a row into lines; nothing is left out.
fn rows_of<'a>((path, value): (&'a str, &'a str)) -> impl Iterator<Item = (&'a str, &'a str)> {
    let (mut paths, mut values) = (pieces(path), pieces(value));
    core::iter::from_fn(move || match (paths.next(), values.next()) {
        (None, None) => None,
        (path, value) => Some((path.unwrap_or(GOES_ON), value.unwrap_or(GOES_ON))),
    })
}

/// Cuts a cell into pieces that fit a line; an empty one is one piece.
fn pieces(cell: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(cell);
    core::iter::from_fn(move || {
        let cell = rest?;
        let end = cell.char_indices().nth(COLUMNS.into()).map_or(cell.len(), |(at, _)| at);
        let (piece, left) = cell.split_at(end);
        rest = (!left.is_empty()).then_some(left);
        Some(piece)
    })
}

/// Says to the ceremony why a record is not shown.
pub(crate) fn unshown(error: &ViewError) -> Unshown {
    match error {
        ViewError::TooLarge { .. } => Unshown::TooLarge,
        ViewError::Unshowable { reason: Reason::TooLarge | Reason::TooLong | Reason::TooDeep } => Unshown::TooLarge,
        ViewError::Unshowable { reason: Reason::Damaged | Reason::Failed } => Unshown::Damaged,
        // What makes a viewer misbehave is no honest record of a known kind.
        ViewError::Forbidden | ViewError::Died | ViewError::Garbled => Unshown::Damaged,
        ViewError::Overrun { .. } | ViewError::OutOfMemory => Unshown::TooHard,
        _ => Unshown::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::fmt::{Debug, Display};
    use proptest::prelude::*;
    use static_assertions::assert_not_impl_any;

    assert_not_impl_any!(Shown: Debug, Display, Clone, Copy);
    assert_not_impl_any!(ContentPage<'_>: Debug, Display, Clone, Copy);

    #[test]
    fn a_long_row_goes_on_in_the_next_line_and_a_short_one_does_not() {
        assert_eq!(rows_of(("name", "Amélie")).collect::<Vec<_>>(), [("name", "Amélie")]);
        assert_eq!(rows_of(("", "")).collect::<Vec<_>>(), [("", "")]);
        let value = "é".repeat(61);
        assert_eq!(rows_of(("a", &value)).collect::<Vec<_>>(), [("a", "é".repeat(60).as_str()), (GOES_ON, "é")]);
        assert_eq!(rows_of((&value, "1")).map(|(_, value)| value).collect::<Vec<_>>(), ["1", GOES_ON]);
    }

    #[test]
    fn every_failure_of_a_viewer_is_told_to_the_ceremony() {
        for (error, why) in [
            (ViewError::TooLarge { size: 2, limit: 1 }, Unshown::TooLarge),
            (ViewError::Unshowable { reason: Reason::TooDeep }, Unshown::TooLarge),
            (ViewError::Unshowable { reason: Reason::Damaged }, Unshown::Damaged),
            (ViewError::Unshowable { reason: Reason::Moving }, Unshown::Unsupported),
            (ViewError::Unshowable { reason: Reason::Empty }, Unshown::Unsupported),
            (ViewError::Unconfined, Unshown::Unsupported),
            (ViewError::Forbidden, Unshown::Damaged),
            (ViewError::Overrun { budget: ROOM.budget }, Unshown::TooHard),
            (ViewError::OutOfMemory, Unshown::TooHard),
        ] {
            assert_eq!(unshown(&error), why, "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_row_in_lines_leaves_nothing_out_and_no_line_is_too_long(path in ".{0,200}", value in ".{0,200}") {
            let lines: Vec<_> = rows_of((&path, &value)).collect();
            prop_assert_eq!(lines.len(), lines_of((&path, &value)));
            let longest = lines.iter().flat_map(|(path, value)| [path, value]).map(|cell| cell.chars().count()).max();
            prop_assert!(longest <= Some(60));
            let whole = |cell: &str, count: usize, half: fn(&(&str, &str)) -> String| {
                lines.iter().take(count).map(half).collect::<String>() == cell
            };
            prop_assert!(whole(&path, pieces(&path).count(), |(path, _)| (*path).to_owned()));
            prop_assert!(whole(&value, pieces(&value).count(), |(_, value)| (*value).to_owned()));
        }
    }
}
