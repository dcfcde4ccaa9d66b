//! Where the keys of the on-screen keyboard are, on the small screen, for the letters of a passphrase.

/// The keys of English: rows of what they type, from the top.
const LETTERS: [&str; 5] = ["qwertyuiop", "asdfghjkl", "⇧zxcvbnm’-⌫", "éèàçêîôûùëïœ", "①②, .③"];
const DIGITS: [&str; 5] = ["1234567890", "-_.,;:!?'\"", "@#$%&*+=/\\", "()[]{}<>|~^`€", "① ⌫③"];

/// The height of a key and the least width, and what is between two of them, in pixels.
const KEY: usize = 48;
const GAP: usize = 4;
const SCREEN: (usize, usize) = (800, 480);

/// A key to touch: where it is, and whether it types a letter or turns the keyboard over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Touch {
    pub(crate) at: (usize, usize),
    pub(crate) types: bool,
}

/// Gives the keys to touch for a text, one after the other; what has no key is left out.
pub(crate) fn touches(text: &str) -> Vec<Touch> {
    let touch = |types: bool| move |at: (usize, usize)| Touch { at, types };
    let (mut all, mut digits) = (Vec::new(), false);
    for letter in text.chars() {
        let small = letter.to_lowercase().next().unwrap_or(letter);
        let on = |face: &[&str]| face.iter().any(|row| row.contains(small));
        let wanted = if on(if digits { &DIGITS } else { &LETTERS }) { digits } else { !digits };
        if wanted != digits {
            all.extend(place(face(digits), '①').map(touch(false)));
            digits = wanted;
        }
        if small != letter {
            all.extend(place(face(digits), '⇧').map(touch(false)));
        }
        all.extend(place(face(digits), small).map(touch(true)));
    }
    all
}

/// Gives the place of the key that closes the keyboard.
pub(crate) fn done() -> (usize, usize) {
    place(&LETTERS, '③').unwrap_or_default()
}

/// Gives the key that takes the last letter away.
pub(crate) fn erase() -> Touch {
    Touch { at: place(&LETTERS, '⌫').unwrap_or_default(), types: true }
}

fn face(digits: bool) -> &'static [&'static str; 5] {
    if digits { &DIGITS } else { &LETTERS }
}

/// How much of what is left of a row a key takes, in halves.
fn weight(key: char) -> usize {
    match key {
        ' ' => 8,
        '③' => 4,
        '⇧' | '⌫' | '①' | '②' => 3,
        _ => 2,
    }
}

fn place(face: &[&str; 5], key: char) -> Option<(usize, usize)> {
    let row = face.iter().position(|row| row.contains(key))?;
    let keys: Vec<char> = face[row].chars().collect();
    let weights: usize = keys.iter().map(|key| weight(*key)).sum();
    let left = SCREEN.0 - GAP - keys.len() * (KEY + GAP);
    let width = |key: char| KEY + left * weight(key) / weights;
    let before: usize = keys.iter().take_while(|known| **known != key).map(|key| width(*key) + GAP).sum();
    let top = SCREEN.1 - face.len() * (KEY + GAP) - GAP + GAP;
    Some((GAP + before + width(key) / 2, top + row * (KEY + GAP) + KEY / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{find::Page, find::tests::golden, letters::Style};

    #[test]
    fn keys_are_where_the_kept_screen_has_them() {
        let page = Page::of(&golden("en/passphrase-typing"));
        for (key, text) in [('q', "q"), ('g', "g"), ('k', "k"), ('m', "m"), ('p', "p"), (' ', "Space")] {
            let (x, y) = place(&LETTERS, key).unwrap();
            let found = page.find_all(text, &[Style { size: 21, bold: false }]).unwrap();
            let hit = |(at_x, at_y): (usize, usize)| at_x.abs_diff(x) < 12 && at_y.abs_diff(y) < 12;
            assert!(found.iter().any(|found| hit(found.middle())), "{key}: {x} {y}, {found:?}");
        }
        let (x, y) = done();
        let found = page.find("OK", &[Style { size: 21, bold: true }]).unwrap().unwrap().middle();
        assert!(found.0.abs_diff(x) < 12 && found.1.abs_diff(y) < 12, "{found:?} {x} {y}");
    }

    #[test]
    fn the_keyboard_is_turned_over_for_digits_and_back() {
        assert_eq!(touches("a1b").len(), 5);
        assert_eq!(touches("Ab").len(), 3);
        assert_eq!(touches("a b").len(), 3);
    }
}
