//! Finds a text on a picture by its pixels, whatever colours it is drawn in.

use crate::{
    letters::{Ink, Style, draw},
    picture::Picture,
};
use cloison_tests::Result;
use std::ops::Range;

/// From which likeness on a place is the text's. What is not the text is below 0.75.
const ALIKE: f32 = 0.86;
/// From which on it is this text to the last letter: all of it, and each part of it that is as wide as high.
const SAME: f32 = 0.96;
const SAME_PART: f32 = 0.9;
/// How far ink and ground must be apart to be worth a closer look, in greys.
const CONTRAST: i32 = 50;
/// How many points of ink, and of ground, are looked at first.
const SAMPLES: usize = 24;
const FEW: usize = 4;

/// A place on a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) y: usize,
    pub(crate) x: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Place {
    pub(crate) fn middle(&self) -> (usize, usize) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }

    /// Tells whether it is read before another: on a line above, or on the same one and left of it.
    pub(crate) fn is_read_before(&self, other: Self) -> bool {
        let overlap = self.y < other.y + other.height && other.y < self.y + self.height;
        if overlap { self.x < other.x } else { self.y < other.y }
    }
}

/// A picture prepared for finding.
pub(crate) struct Page {
    greys: Vec<u8>,
    width: usize,
    height: usize,
}

impl Page {
    pub(crate) fn of(picture: &Picture) -> Self {
        Self { greys: picture.greys(), width: picture.width, height: picture.height }
    }

    /// Finds a text that may be broken into lines anywhere between its words.
    pub(crate) fn find(&self, text: &str, styles: &[Style]) -> Result<Option<Place>> {
        Ok(self.find_all(text, styles)?.into_iter().next())
    }

    /// Tells whether this very text is on a line, to the last letter.
    pub(crate) fn has(&self, text: &str, styles: &[Style]) -> Result<bool> {
        for (style, phase) in styles.iter().flat_map(|style| (0..4).map(move |phase| (*style, phase))) {
            let ink = draw(text, style, phase)?;
            if self.search(&ink, None).into_iter().any(|(place, alike)| alike >= SAME && self.is_same(&ink, place)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Tells whether these words are there, each read after the one before it; a word may be a part of
    /// others elsewhere.
    pub(crate) fn reads(&self, words: &str, styles: &[Style]) -> Result<bool> {
        let mut last: Option<Place> = None;
        for word in words.split(' ') {
            let mut places = Vec::new();
            for style in styles {
                places.extend(self.find_all(word, &[*style])?);
            }
            let later = places.into_iter().filter(|place| last.is_none_or(|last| last.is_read_before(*place)));
            let next = later.reduce(|first, other| if other.is_read_before(first) { other } else { first });
            let Some(next) = next else { return Ok(false) };
            last = Some(next);
        }
        Ok(true)
    }

    /// Finds every place of a text, in the first of these styles that it is found in; the likest first.
    pub(crate) fn find_all(&self, text: &str, styles: &[Style]) -> Result<Vec<Place>> {
        let mut begun = Vec::new();
        let first = text.split(' ').next().unwrap_or(text);
        for style in styles {
            // Where its first word is not, nothing of it is.
            if self.lines(first, *style, None)?.is_empty() {
                continue;
            }
            let found = self.lines(text, *style, None)?;
            if !found.is_empty() {
                return Ok(found);
            }
            begun.push(*style);
        }
        for style in begun {
            let found = self.broken(text, style)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// Finds a text that is broken into two or more lines: its longest beginning, then the rest below it.
    fn broken(&self, text: &str, style: Style) -> Result<Vec<Place>> {
        for (cut, _) in text.match_indices(' ').collect::<Vec<_>>().into_iter().rev() {
            let (first, rest) = (&text[..cut], &text[cut + 1..]);
            for above in self.lines(first, style, None)? {
                if let Some(below) = self.below(rest, style, above)? {
                    return Ok(vec![around(above, below)]);
                }
            }
        }
        Ok(Vec::new())
    }

    fn below(&self, text: &str, style: Style, above: Place) -> Result<Option<Place>> {
        let size = usize::from(style.size);
        let near = Some((above.y + size / 2, above.y + above.height + size * 2));
        if let Some(found) = self.lines(text, style, near)?.into_iter().find(|found| overlaps(*found, above)) {
            return Ok(Some(found));
        }
        for (cut, _) in text.match_indices(' ').collect::<Vec<_>>().into_iter().rev() {
            for found in self.lines(&text[..cut], style, near)?.into_iter().filter(|found| overlaps(*found, above)) {
                if let Some(rest) = self.below(&text[cut + 1..], style, found)? {
                    return Ok(Some(around(found, rest)));
                }
            }
        }
        Ok(None)
    }

    /// Finds one line, within these rows.
    fn lines(&self, text: &str, style: Style, rows: Option<(usize, usize)>) -> Result<Vec<Place>> {
        let mut found: Vec<(Place, f32)> = Vec::new();
        // What counts differs from what comes before it in one digit.
        let counts = text.contains(|letter: char| letter.is_ascii_digit());
        let (phases, least) = if counts { (&[0, 1, 2, 3][..], SAME) } else { (&[0, 2][..], ALIKE) };
        for phase in phases {
            let ink = draw(text, style, *phase)?;
            let may_be = |(place, alike): &(Place, f32)| *alike >= least && (!counts || self.is_same(&ink, *place));
            for (place, alike) in self.search(&ink, rows).into_iter().filter(may_be) {
                match found.iter_mut().find(|(known, _)| near(*known, place)) {
                    Some(known) if known.1 < alike => *known = (place, alike),
                    Some(_) => {}
                    None => found.push((place, alike)),
                }
            }
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(found.into_iter().map(|(place, _)| place).collect())
    }

    fn search(&self, ink: &Ink, rows: Option<(usize, usize)>) -> Vec<(Place, f32)> {
        let Some(shape) = Shape::of(ink, self.width) else { return Vec::new() };
        if ink.width > self.width || ink.height > self.height {
            return Vec::new();
        }
        let (from, to) = rows.unwrap_or((0, self.height));
        let to = to.min(self.height - ink.height + 1);
        let mut found = Vec::new();
        for y in from..to {
            for x in 0..=self.width - ink.width {
                let at = y * self.width + x;
                if !shape.may_be(&self.greys[at..]) {
                    continue;
                }
                let alike = self.likeness(ink, 0..ink.width, x, y);
                if alike >= ALIKE {
                    found.push((Place { y, x, width: ink.width, height: ink.height }, alike));
                }
            }
        }
        found
    }

    /// Tells whether every part of a text is the same: in a long one a digit weighs little.
    fn is_same(&self, ink: &Ink, place: Place) -> bool {
        let wide = ink.height.min(ink.width);
        let last = ink.width - wide;
        let mut parts = (0..last).step_by((wide / 2).max(1)).chain([last]).map(|from| from..from + wide);
        parts.all(|part| !ink.has_letters(part.clone()) || self.likeness(ink, part, place.x, place.y) >= SAME_PART)
    }

    /// Correlates the ink of these columns with what is there, whichever of them is the darker.
    #[allow(clippy::cast_precision_loss, reason = "sums over a few thousand points")]
    fn likeness(&self, ink: &Ink, columns: Range<usize>, x: usize, y: usize) -> f32 {
        let (mut sums, mut squares, mut product) = ([0_i64; 2], [0_i64; 2], 0_i64);
        for (row, line) in ink.covered.chunks_exact(ink.width).enumerate() {
            let at = (y + row) * self.width + x;
            for (covered, grey) in line[columns.clone()].iter().zip(&self.greys[at..at + ink.width][columns.clone()]) {
                let (a, b) = (i64::from(*covered), i64::from(*grey));
                sums = [sums[0] + a, sums[1] + b];
                squares = [squares[0] + a * a, squares[1] + b * b];
                product += a * b;
            }
        }
        let count = (columns.len() * ink.height) as f32;
        let [a, b] = sums.map(|sum| sum as f32 / count);
        let spread = [squares[0] as f32 / count - a * a, squares[1] as f32 / count - b * b];
        let together = product as f32 / count - a * b;
        let spread = (spread[0] * spread[1]).sqrt();
        if spread < 1.0 { 0.0 } else { (together / spread).abs() }
    }
}

/// A few points of a text: where there is ink, and where there is none.
struct Shape {
    ink: Vec<usize>,
    ground: Vec<usize>,
}

impl Shape {
    fn of(ink: &Ink, stride: usize) -> Option<Self> {
        let chosen = |test: &dyn Fn(u8) -> bool| {
            let all: Vec<usize> = (0..ink.covered.len()).filter(|at| test(ink.covered[*at])).collect();
            let step = (all.len() / SAMPLES).max(1);
            let chosen: Vec<usize> = all.into_iter().step_by(step).map(|at| at / ink.width * stride + at % ink.width).collect();
            // The first few lie far from each other.
            (0..7).flat_map(|from| chosen.iter().copied().skip(from).step_by(7)).collect::<Vec<_>>()
        };
        let (ink, ground) = (chosen(&|covered| covered > 190), chosen(&|covered| covered < 10));
        (!ink.is_empty() && !ground.is_empty()).then_some(Self { ink, ground })
    }

    fn may_be(&self, greys: &[u8]) -> bool {
        self.stand_out(greys, FEW) && self.stand_out(greys, SAMPLES)
    }

    /// Tells whether ink and ground differ, by as many points of each.
    fn stand_out(&self, greys: &[u8], count: usize) -> bool {
        let mean = |places: &[usize]| {
            let few = places.get(..count).unwrap_or(places);
            let sum: i32 = few.iter().map(|at| i32::from(greys.get(*at).copied().unwrap_or(0))).sum();
            sum / i32::try_from(few.len()).unwrap_or(1)
        };
        (mean(&self.ink) - mean(&self.ground)).abs() >= CONTRAST
    }
}

fn near(a: Place, b: Place) -> bool {
    a.x.abs_diff(b.x) <= 3 && a.y.abs_diff(b.y) <= 3
}

fn overlaps(a: Place, b: Place) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width
}

fn around(a: Place, b: Place) -> Place {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    let far = |axis: fn(Place) -> usize| axis(a).max(axis(b));
    Place { y, x, width: far(|place| place.x + place.width) - x, height: far(|place| place.y + place.height) - y }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::letters::{BUTTONS, TEXTS};

    pub(crate) fn golden(name: &str) -> Picture {
        Picture::golden(&format!("800x480/{name}")).unwrap()
    }

    #[test]
    fn buttons_are_found_on_the_screens_as_they_are_kept() {
        for (screen, labels) in [
            ("en/home-blank", &["Create a vault", "Rehearse", "Restore", "Check a card"][..]),
            ("fr/home-blank", &["English"]),
            ("en/passphrase", &["Make the card", "Propose six words", "Cancel"]),
            ("en/card", &["Read it back", "Hold to show"]),
            ("en/present-card", &["Cancel", "Present this card", "Seal"]),
            ("en/desk", &["Read a request", "Enrol a workstation", "Manage", "Seal"]),
            ("en/reply-leaving", &["Stay here", "Done"]),
            ("en/passphrase-typing", &["OK"]),
        ] {
            let page = Page::of(&golden(screen));
            for label in labels {
                let begun = std::time::Instant::now();
                let found = page.find_all(label, &BUTTONS).unwrap();
                let found = if found.is_empty() { page.find_all(label, &TEXTS).unwrap() } else { found };
                eprintln!("{screen} {label}: {found:?} {:?}", begun.elapsed());
                assert_eq!(found.len(), 1, "{screen}: {label}: {found:?}");
            }
        }
    }

    #[test]
    fn one_letter_tells_two_texts_apart() {
        let page = Page::of(&golden("en/passphrase"));
        assert!(page.has("(23)", &TEXTS).unwrap());
        assert!(["(22)", "(28)", "(33)", "(13)"].iter().all(|other| !page.has(other, &TEXTS).unwrap()));
        let page = Page::of(&golden("en/present-card"));
        assert!(page.find("1 of 3 cards accepted.", &TEXTS).unwrap().is_some());
        for other in ["0 of 3 cards accepted.", "2 of 3 cards accepted.", "3 of 3 cards accepted.", "1 of 2 cards accepted."] {
            assert_eq!(page.find(other, &TEXTS).unwrap(), None, "{other}");
        }
    }

    #[test]
    fn places_are_read_line_by_line() {
        let place = |x, y| Place { y, x, width: 40, height: 12 };
        assert!(place(10, 50).is_read_before(place(60, 46)) && !place(60, 46).is_read_before(place(10, 50)));
        assert!(place(300, 50).is_read_before(place(10, 75)) && !place(10, 75).is_read_before(place(300, 50)));
        assert!(!place(10, 50).is_read_before(place(10, 50)));
    }

    #[test]
    fn words_are_read_in_their_order_though_they_are_parts_of_others() {
        let page = Page::of(&golden("fr/home-image"));
        assert!(page.reads("pizza coffee harvest ensure fog spot notable regret", &TEXTS).unwrap());
        assert!(page.reads("image pizza coffee", &TEXTS).unwrap());
        assert!(!page.reads("pizza harvest coffee", &TEXTS).unwrap());
        assert!(!page.reads("pizza coffee harvest ensure spot fog notable regret", &TEXTS).unwrap());
        assert!(!page.reads("pizza pizza", &TEXTS).unwrap());
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for screen in ["en/home-blank", "en/desk", "en/passphrase", "en/reply", "en/passphrase-typing"] {
            let page = Page::of(&golden(screen));
            for label in ["Approve", "Erase for good", "Present this card", "Hold the drill"] {
                assert_eq!(page.find_all(label, &BUTTONS).unwrap(), [], "{screen}: {label}");
            }
        }
    }
}
