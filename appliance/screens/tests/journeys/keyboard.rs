//! Typing on the on-screen keyboard, key by key.

use crate::stage::Stage;
use cloison_ceremony::Field;

impl Stage {
    /// Fills a field in anew: erases what is there, types, and closes the keyboard.
    pub(crate) fn write(&mut self, field: Field, text: &str) {
        let shown = |stage: &Self| {
            let fields = stage.screen().fields;
            let known = fields.into_iter().find(|known| known.field == field);
            known.unwrap_or_else(|| panic!("{field:?} is not on {}", stage.screen().view.name())).shown
        };
        let before = shown(self).chars().count();
        self.touch_field(field);
        for left in (0..before).rev() {
            let rest = self.key(self.called("Erase")).expect("there is something to erase");
            assert_eq!(rest.chars().count(), left);
        }
        let mut expected = String::new();
        for letter in text.chars() {
            expected.push(letter);
            assert_eq!(self.strike(letter).as_deref(), Some(expected.as_str()), "the key of “{letter}”");
        }
        assert_eq!(self.key("OK"), None);
        assert!(!self.is_there("OK"), "the keyboard is gone");
        assert_eq!(shown(self).chars().count(), text.chars().count(), "{field:?} holds what was typed");
    }

    /// Strikes the key of a letter, on whichever face of the keyboard it is.
    fn strike(&mut self, letter: char) -> Option<String> {
        let label = match letter {
            ' ' => self.called("Space").to_owned(),
            '\n' => self.called("Next line").to_owned(),
            letter => letter.to_string(),
        };
        for turn in [None, Some("Capitals"), Some("Digits and signs"), Some("Letters"), Some("Capitals")] {
            if let Some(turn) = turn.map(|turn| self.called(turn)).filter(|turn| self.is_there(turn)) {
                // Capitals would only be in the way of what is on the other face.
                if turn != self.called("Capitals") || letter.is_uppercase() {
                    assert_eq!(self.key(turn), None);
                }
            }
            if self.is_there(&label) {
                return self.key(&label);
            }
        }
        panic!("no key for “{letter}” among {:?}", self.texts());
    }
}
