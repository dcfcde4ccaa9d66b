//! Where buttons stand, and how they look.

use crate::{kinds::Kind, spoken::Spoken};
use cloison_ceremony::{Button, Screen};

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Primary,
    Danger,
}

/// A button in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Its place among the screen's buttons.
    pub(crate) at: usize,
    pub(crate) label: String,
    pub(crate) tone: Tone,
    /// Whether it works only when it is held.
    pub(crate) hold: bool,
    /// Whether it stays away until the whole text was turned through.
    pub(crate) gated: bool,
}

/// The buttons of a screen, but for the one that seals.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arranged {
    /// What can be done, one under the other.
    pub(crate) menu: Vec<Placed>,
    /// The rows at the foot.
    pub(crate) rows: Vec<Row>,
}

/// Buttons beside each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) buttons: Vec<Placed>,
    /// How many lines the longest label takes, and how many what is said under one that is held.
    pub(crate) lines: usize,
    pub(crate) notes: usize,
}

/// As long as what is said under a button that is held, in any language.
const NOTE: &str = "maintenir appuyé";

impl Row {
    fn of(buttons: Vec<Placed>, room: Room) -> Self {
        let letters = room.column(buttons.len());
        let longest = buttons.iter().map(|button| lines(&button.label, letters)).max().unwrap_or(1);
        let notes = if buttons.iter().any(|button| button.hold) { lines(NOTE, letters) } else { 0 };
        Self { buttons, lines: longest, notes }
    }
}

/// The room at a screen's foot: how many letters a row has, and how many lines a label.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) letters: usize,
    pub(crate) lines: usize,
}

impl Room {
    /// Gives the letters that one of so many columns holds.
    fn column(self, columns: usize) -> usize {
        (self.letters / columns.max(1)).saturating_sub(2)
    }
}

/// Arranges a screen's buttons.
pub(crate) fn arrange(screen: &Screen, spoken: &Spoken, room: Room) -> Arranged {
    let kind = Kind::of(&screen.view);
    let placed = |(at, button): (usize, &Button)| Placed {
        at,
        label: spoken.buttons.get(at).cloned().unwrap_or_default(),
        tone: tone(*button),
        hold: is_held(kind, *button),
        gated: kind.is_read_first() && goes_on(*button),
    };
    let shown = screen.buttons.iter().enumerate().filter(|(_, button)| **button != Button::Seal);
    let (menu, mut foot): (Vec<_>, Vec<_>) = shown.partition(|(_, button)| kind.is_menu() && !is_a_way_out(**button));
    foot.sort_by_key(|(_, button)| place(**button));
    let only = kind == Kind::Home && menu.len() == 1;
    let foot: Vec<Placed> = foot.into_iter().map(placed).collect();
    let mut menu: Vec<Placed> = menu.into_iter().map(placed).collect();
    // The one thing that can be done is what to do.
    menu.iter_mut().filter(|_| only).for_each(|button| button.tone = Tone::Primary);
    Arranged { menu, rows: rows(foot, room) }
}

/// Tells whether one touch is too little: what it ends cannot be had back, or others are asked to act.
pub(crate) fn is_held(kind: Kind, button: Button) -> bool {
    match button {
        Button::Approve | Button::Erase | Button::GiveUpNewCards => true,
        // A ceremony that is cancelled now has cards to destroy.
        Button::Cancel => matches!(kind, Kind::Passphrase | Kind::Card | Kind::ReadBack),
        _ => false,
    }
}

/// Tells whether a button stands at the foot of a menu.
fn is_a_way_out(button: Button) -> bool {
    matches!(button, Button::Cancel | Button::Back | Button::Done | Button::GiveUpNewCards)
}

/// Ways out stand at the left, the way on at the right.
fn place(button: Button) -> u8 {
    match button {
        Button::Cancel => 0,
        Button::Decline => 1,
        Button::Back => 2,
        _ if tone(button) == Tone::Primary => 4,
        _ => 3,
    }
}

fn tone(button: Button) -> Tone {
    match button {
        Button::Erase | Button::Decline | Button::GiveUp | Button::GiveUpNewCards | Button::Seal => Tone::Danger,
        Button::Continue
        | Button::Next
        | Button::Here
        | Button::MakeCard
        | Button::ReadBack
        | Button::Verify
        | Button::Present
        | Button::ReadWords
        | Button::PresentCards
        | Button::Approve
        | Button::WordsMatch
        | Button::Reviewed
        | Button::Done
        | Button::TryAgain
        | Button::ReadPlan
        | Button::OpenVault
        | Button::Drill
        | Button::ReadRequest
        | Button::Answer => Tone::Primary,
        _ => Tone::Plain,
    }
}

/// Tells whether a button goes on with what was read.
fn goes_on(button: Button) -> bool {
    matches!(
        button,
        Button::Next
            | Button::Approve
            | Button::PresentCards
            | Button::Continue
            | Button::WordsMatch
            | Button::Reviewed
            | Button::Emergency
            | Button::Answer
            | Button::Erase
            | Button::Done
    )
}

/// Sets buttons into as few rows of columns as their labels fit.
fn rows(buttons: Vec<Placed>, room: Room) -> Vec<Row> {
    if buttons.is_empty() {
        return Vec::new();
    }
    let fits = |columns: &usize| buttons.iter().all(|button| fits(&button.label, *columns, room));
    let columns = (1..=5).rev().find(fits).unwrap_or(1);
    let count = buttons.len().div_ceil(columns);
    let (each, mut longer) = (buttons.len() / count, buttons.len() % count);
    let mut rows = Vec::new();
    let mut rest = buttons.into_iter();
    for _ in 0..count {
        // The rows above take what does not divide.
        let take = each + usize::from(longer > 0);
        longer = longer.saturating_sub(1);
        rows.push(Row::of(rest.by_ref().take(take).collect(), room));
    }
    rows
}

/// Tells whether a label fits one of so many columns, by the lines that its words take.
fn fits(label: &str, columns: usize, room: Room) -> bool {
    let letters = room.column(columns);
    label.split_whitespace().all(|word| word.chars().count() <= letters) && lines(label, letters) <= room.lines
}

/// Counts the lines that a text takes in a column.
fn lines(text: &str, letters: usize) -> usize {
    let (mut lines, mut filled) = (1, 0);
    for word in text.split_whitespace().map(|word| word.chars().count()) {
        if filled > 0 && filled + 1 + word > letters {
            (lines, filled) = (lines + 1, word);
        } else {
            filled += word + usize::from(filled > 0);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(labels: &[&str]) -> Vec<Placed> {
        let placed =
            |(at, label): (usize, &&str)| Placed { at, label: (*label).to_owned(), tone: Tone::Plain, hold: false, gated: false };
        labels.iter().enumerate().map(placed).collect()
    }

    #[test]
    fn every_button_is_in_one_row_and_rows_are_balanced() {
        let labels = ["Cancel", "Decline", "Back", "Emergency", "Present the cards", "Next"];
        for letters in [20, 26, 45, 60, 70] {
            let rows = rows(placed(&labels), Room { letters, lines: 2 });
            let all: Vec<usize> = rows.iter().flat_map(|row| &row.buttons).map(|button| button.at).collect();
            assert_eq!(all, [0, 1, 2, 3, 4, 5]);
            let lengths: Vec<usize> = rows.iter().map(|row| row.buttons.len()).collect();
            assert!(lengths.iter().max().unwrap() - lengths.iter().min().unwrap() <= 1, "{lengths:?}");
        }
    }

    #[test]
    fn a_label_that_is_longer_than_a_row_has_a_row_of_its_own() {
        assert_eq!(rows(placed(&["Cancel", &"long ".repeat(30)]), Room { letters: 40, lines: 2 }).len(), 2);
        assert!(rows(Vec::new(), Room { letters: 40, lines: 2 }).is_empty());
    }
}
