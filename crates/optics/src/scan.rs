//! Reads the symbols of one prepared picture.
//!
//! Patterns are found and grouped by [`crate::locate`], modules are looked at through
//! [`crate::grid`] by [`crate::sample`]; rxing decodes what they show. A panic in it counts as
//! nothing found.

use crate::grid::Grid;
use crate::locate;
use crate::prepare::Prepared;
use crate::read::Limits;
use crate::sample::Modules;
use rxing::Point;
use rxing::common::BitMatrix;
use rxing::qrcode::cpp_port::decoder;
use rxing::qrcode::cpp_port::detector::FinderPatternSet;
use std::panic::catch_unwind;

/// What looking at one module and decoding it cost, in steps.
const MODULE_STEPS: usize = 30;

/// How many groups of one pass are looked at sharpened too, when they gave nothing as they are.
const SHARPENED: usize = 3;

/// Holds a symbol that was read.
pub(crate) struct Seen {
    pub(crate) content: Vec<u8>,
    /// Its outer corners, going round.
    pub(crate) corners: [Point; 4],
}

impl Seen {
    /// Tells that a point lies within the corners.
    pub(crate) fn holds(&self, point: Point) -> bool {
        let [a, b, c, d] = self.corners;
        let sides = [(a, b), (b, c), (c, d), (d, a)].map(|(from, to)| Point::cross(to - from, point - from));
        sides.iter().all(|side| *side >= 0.0) || sides.iter().all(|side| *side <= 0.0)
    }

    /// Moves the corners into another picture.
    pub(crate) fn moved(&self, place: impl Fn(Point) -> Point) -> Self {
        Self { content: self.content.clone(), corners: self.corners.map(place) }
    }
}

/// Holds what one pass found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) seen: Vec<Seen>,
    /// The groups of patterns that gave nothing, the most plausible first, none of a symbol that
    /// was read.
    pub(crate) open: Vec<[Point; 3]>,
    /// How many finder patterns there were.
    pub(crate) finders: usize,
}

/// Finds, groups, looks and decodes; what lies in symbols that are known is left out.
pub(crate) fn scan(prepared: &Prepared<'_>, known: &[Seen], limits: &mut Limits<'_>) -> Found {
    let Some(matrix) = prepared.bits.matrix() else { return Found::default() };
    let mut patterns = locate::finders(&prepared.bits, &matrix, limits);
    let finders = patterns.len();
    patterns.retain(|pattern| !known.iter().any(|seen| seen.holds(pattern.p)));
    let mut found = Found::default();
    let mut open = Vec::new();
    for group in locate::groups(patterns, limits) {
        if corners(&group).iter().any(|corner| found.seen.iter().any(|seen| seen.holds(*corner))) {
            continue;
        }
        if !limits.left() || limits.spent() {
            break;
        }
        let before = limits.steps();
        match look(prepared, &matrix, &group, open.len() < SHARPENED, limits) {
            Some(seen) => {
                // What was read was no waste.
                limits.give_back(before);
                found.seen.push(seen);
            }
            None => open.push(corners(&group)),
        }
    }
    open.retain(|group| !group.iter().any(|corner| found.seen.iter().any(|seen| seen.holds(*corner))));
    Found { open, finders, ..found }
}

fn corners(group: &FinderPatternSet) -> [Point; 3] {
    [group.bl.p, group.tl.p, group.tr.p]
}

/// Looks at the symbol that a group would have: in each of the pictures, as they are and sharpened.
fn look(
    prepared: &Prepared<'_>,
    matrix: &BitMatrix,
    group: &FinderPatternSet,
    sharpened: bool,
    limits: &mut Limits<'_>,
) -> Option<Seen> {
    let grid = Grid::over(matrix, group, limits)?;
    let mut views = Vec::new();
    for (picture, scale) in prepared.looks() {
        if !limits.take(MODULE_STEPS * grid.side * grid.side) {
            return None;
        }
        let modules = Modules::of(picture, &grid, scale);
        if let Some(content) = decoded(&modules.black()?) {
            return Some(Seen { content, corners: grid.corners() });
        }
        views.push(modules);
    }
    for modules in views.iter().filter(|_| sharpened) {
        if !limits.take(MODULE_STEPS * grid.side * grid.side) {
            return None;
        }
        if let Some(content) = decoded(&modules.sharpened().black()?) {
            return Some(Seen { content, corners: grid.corners() });
        }
    }
    None
}

/// Corrects and decodes modules.
fn decoded(modules: &BitMatrix) -> Option<Vec<u8>> {
    // Only a shared reference goes in, so nothing is left half changed by a panic.
    let content = catch_unwind(|| {
        let content = decoder::Decode(modules).ok()?;
        content.isValid().then(|| content.content().bytes().to_vec())
    });
    content.ok().flatten()
}
