//! What is being typed: kept here, wiped when its field goes.

use crate::keys::Key;
use cloison_ceremony::{Field, FieldState, Typed};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// More of a secret is shown as a number than as bullets.
const BULLETS: usize = 16;

/// The texts of the fields of one screen.
///
/// # Invariants
/// A buffer is made in its whole room at once, so that growing leaves no copy behind.
#[derive(Default)]
pub(crate) struct Typing {
    buffers: BTreeMap<Field, Zeroizing<String>>,
}

/// Tells whether a field's content is never shown. One that is newer than this program may be.
pub(crate) fn is_secret(field: Field) -> bool {
    !matches!(
        field,
        Field::Title
            | Field::Place
            | Field::Threshold
            | Field::Cards
            | Field::Administrator
            | Field::Witness
            | Field::Custodian
            | Field::Date
            | Field::Contributor
            | Field::Words
    )
}

/// Counts the characters that a field takes at most.
fn room(field: Field) -> usize {
    match field {
        Field::Threshold | Field::Cards => 3,
        Field::Date => 16,
        Field::Words => 1000,
        Field::Rolls | Field::Passphrase | Field::PassphraseAgain => 256,
        _ => 64,
    }
}

impl Typing {
    /// Follows a screen: what it does not ask any more is wiped, and of what it shows the session is
    /// right.
    pub(crate) fn follow(&mut self, fields: &[FieldState]) {
        self.buffers.retain(|field, _| fields.iter().any(|state| state.field == *field));
        for FieldState { field, shown } in fields {
            let same = self.buffers.get(field).is_some_and(|text| match is_secret(*field) {
                true => text.chars().count() == shown.chars().count(),
                false => **text == *shown,
            });
            if !same {
                let mut buffer = empty(*field);
                if !is_secret(*field) {
                    buffer.push_str(shown);
                }
                self.buffers.insert(*field, buffer);
            }
        }
    }

    /// Types a key; gives the whole text where it changed.
    pub(crate) fn key(&mut self, field: Field, key: Key) -> Option<Typed> {
        let buffer = self.buffers.entry(field).or_insert_with(|| empty(field));
        let letter = match key {
            Key::Char(letter) => letter,
            Key::Space => ' ',
            Key::Line => '\n',
            Key::Erase => return buffer.pop().map(|_| copy(field, buffer)),
            Key::Shift | Key::Signs | Key::Letters | Key::Layout | Key::Done => return None,
        };
        if buffer.chars().count() >= room(field) {
            return None;
        }
        buffer.push(letter);
        Some(copy(field, buffer))
    }

    /// Gives what may be shown of a field.
    pub(crate) fn shown(&self, field: Field) -> String {
        let Some(buffer) = self.buffers.get(&field) else { return String::new() };
        if is_secret(field) { bullets(buffer.chars().count()) } else { buffer.to_string() }
    }
}

/// Writes how many characters a secret has.
pub(crate) fn bullets(count: usize) -> String {
    match count {
        0..=BULLETS => "•".repeat(count),
        more => format!("{}… ({more})", "•".repeat(BULLETS)),
    }
}

fn empty(field: Field) -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(4 * room(field)))
}

fn copy(field: Field, text: &str) -> Typed {
    let mut copy = empty(field);
    copy.push_str(text);
    Typed(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(field: Field, shown: &str) -> FieldState {
        FieldState { field, shown: shown.to_owned() }
    }

    fn typed(typing: &mut Typing, field: Field, text: &str) -> Option<String> {
        text.chars().filter_map(|letter| typing.key(field, Key::Char(letter))).last().map(|typed| typed.0.to_string())
    }

    #[test]
    fn what_is_typed_is_given_whole_and_a_secret_is_shown_as_bullets() {
        let mut typing = Typing::default();
        assert_eq!(typed(&mut typing, Field::Passphrase, "pâté").as_deref(), Some("pâté"));
        assert_eq!(typing.shown(Field::Passphrase), "••••");
        assert_eq!(typing.key(Field::Passphrase, Key::Erase).unwrap().0.as_str(), "pât");
        assert_eq!(typed(&mut typing, Field::Title, "Lyon").as_deref(), Some("Lyon"));
        assert_eq!(typing.shown(Field::Title), "Lyon");
    }

    #[test]
    fn the_session_is_right_about_what_a_field_holds() {
        let mut typing = Typing::default();
        typing.follow(&[state(Field::Date, "2026-11-21 14:30"), state(Field::Passphrase, "")]);
        assert_eq!(typing.key(Field::Date, Key::Erase).unwrap().0.as_str(), "2026-11-21 14:3");
        typed(&mut typing, Field::Passphrase, "wrong");
        typing.follow(&[state(Field::Date, "2026-11-21 14:3"), state(Field::Passphrase, "•••••")]);
        assert_eq!(typed(&mut typing, Field::Passphrase, "!").as_deref(), Some("wrong!"));
        typing.follow(&[state(Field::Passphrase, "")]);
        assert_eq!(typed(&mut typing, Field::Passphrase, "a").as_deref(), Some("a"), "a used passphrase is gone");
        typing.follow(&[]);
        assert!(typing.buffers.is_empty());
    }

    #[test]
    fn no_field_takes_more_than_its_room_and_none_moves_in_memory() {
        let mut typing = Typing::default();
        typing.follow(&[state(Field::Passphrase, "")]);
        let before = typing.buffers[&Field::Passphrase].as_ptr();
        typed(&mut typing, Field::Passphrase, &"œ".repeat(500));
        assert_eq!(typing.buffers[&Field::Passphrase].chars().count(), 256);
        assert_eq!(typing.buffers[&Field::Passphrase].as_ptr(), before);
        assert_eq!(typing.shown(Field::Passphrase), format!("{}… (256)", "•".repeat(16)));
    }
}
