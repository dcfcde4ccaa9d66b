//! Finds the finder patterns of a picture and the groups of three that may belong to one symbol.
//!
//! The tests are zxing-cpp's (1:1:3:1:1 along the row, the column and both diagonals, then a ring
//! around the centre). The search is written anew, because rxing's compares each candidate with
//! every pattern before it, and because hostile pixels drive its loops: here each has a limit.

use crate::binarize::Bits;
use crate::read::Limits;
use rxing::common::BitMatrix;
use rxing::common::cpp_essentials::{ConcentricPattern, FinetuneConcentricPatternCenter};
use rxing::qrcode::cpp_port::detector::FinderPatternSet;
use rxing::{Point, point};
use std::panic::catch_unwind;

/// The most finder patterns that are taken from one picture, from the top.
const MAX_FINDERS: usize = 512;

/// Every so many rows are searched; a finder pattern's centre is three modules high.
const ROW_STEP: usize = 3;

/// After so many rows it is asked whether there is time left.
const ROWS_AT_ONCE: usize = 96;

/// What the rings of a pattern cost for each pixel of their range, in steps.
const RING_STEPS: usize = 16;

/// The most neighbours of a pattern that are grouped with it, the nearest first.
const MAX_NEIGHBOURS: usize = 15;

/// Searches the rows of a picture.
pub(crate) fn finders(bits: &Bits, matrix: &BitMatrix, limits: &mut Limits<'_>) -> Vec<ConcentricPattern> {
    let mut found: Vec<ConcentricPattern> = Vec::new();
    let mut edges = Vec::new();
    // For each column the last pattern found there.
    let mut above = vec![usize::MAX; bits.width()];
    for y in (ROW_STEP - 1..bits.height()).step_by(ROW_STEP) {
        if y % ROWS_AT_ONCE < ROW_STEP && !limits.left() {
            return found;
        }
        runs(bits, y, &mut edges);
        for window in edges.windows(6).step_by(2) {
            let Some(candidate) = candidate(window, y) else { continue };
            let column = above.get(candidate.x).and_then(|index| found.get(*index));
            if column.is_some_and(|old| inside(old, candidate.point())) {
                continue;
            }
            let Some(pattern) = located(bits, matrix, candidate, limits) else { continue };
            if found.iter().any(|old| inside(old, pattern.p)) {
                continue;
            }
            if found.len() == MAX_FINDERS {
                limits.crowd();
                return found;
            }
            let (middle, half) = (pattern.p.x as usize, pattern.size as usize / 2);
            let columns = middle.saturating_sub(half)..(middle + half + 1).min(above.len());
            if let Some(columns) = above.get_mut(columns) {
                columns.fill(found.len());
            }
            found.push(pattern);
        }
    }
    found
}

/// Tells that a point belongs to a pattern that is known.
fn inside(pattern: &ConcentricPattern, at: Point) -> bool {
    Point::distance(at, pattern.p) < pattern.size as f32 / 2.0
}

/// Lists where a row changes its colour; even entries begin black, odd ones end it.
fn runs(bits: &Bits, y: usize, edges: &mut Vec<usize>) {
    edges.clear();
    let mut carry = 0;
    for (at, word) in bits.row(y).iter().enumerate() {
        let mut changes = word ^ (word << 1 | carry);
        carry = word >> (usize::BITS - 1);
        while changes != 0 {
            edges.push(at * usize::BITS as usize + changes.trailing_zeros() as usize);
            changes &= changes - 1;
        }
    }
    if edges.len() % 2 == 1 {
        edges.push(bits.width());
    }
}

/// Holds the centre of what looks like a finder pattern along a row.
#[derive(Clone, Copy)]
struct Candidate {
    x: usize,
    y: usize,
    width: usize,
}

impl Candidate {
    fn point(self) -> Point {
        point(self.x as f32, self.y as f32)
    }
}

/// Compares five runs between six edges with 1:1:3:1:1.
fn candidate(edges: &[usize], y: usize) -> Option<Candidate> {
    let [a, b, c, d, e, f] = *edges else { return None };
    let runs = [b - a, c - b, d - c, e - d, f - e];
    let [first, white, centre, other, last] = runs;
    if centre < 3 || centre < 2 * first.max(last) || centre < white.max(other) || !alike(runs) {
        return None;
    }
    Some(Candidate { x: (c + d) / 2, y, width: f - a })
}

/// Compares runs with 1:1:3:1:1, black and white each by their own module.
fn alike(runs: [usize; 5]) -> bool {
    let [a, b, c, d, e] = runs.map(|run| run as f32);
    let (black, white) = ((a + c + e) / 5.0, (b + d) / 2.0);
    if black.max(white) > 4.0 * black.min(white) {
        return false;
    }
    let (dark, light) = (black * 0.75 + 0.5, white / 3.0 + 0.5);
    let off = |run: f32, modules: f32, allowed: f32| (run - modules).abs() > allowed;
    !(off(a, black, dark) || off(c, 3.0 * black, dark) || off(e, black, dark) || off(b, white, light) || off(d, white, light))
}

/// Looks at a candidate along its column, its row and both diagonals, and finds its centre.
fn located(bits: &Bits, matrix: &BitMatrix, candidate: Candidate, limits: &mut Limits<'_>) -> Option<ConcentricPattern> {
    // Three times, for symbols seen very aslant.
    let range = 3 * candidate.width;
    if !limits.take(range) {
        return None;
    }
    let (mut x, mut y) = (candidate.x as isize, candidate.y as isize);
    let (high, shift) = crossed(bits, (x, y), (0, 1), range)?;
    y += shift;
    let (wide, shift) = crossed(bits, (x, y), (1, 0), range)?;
    x += shift;
    let (falling, _) = crossed(bits, (x, y), (1, 1), 2 * range)?;
    let (rising, _) = crossed(bits, (x, y), (1, -1), 2 * range)?;
    let all = [high, wide, falling, rising];
    let (least, most) = (*all.iter().min()?, *all.iter().max()?);
    if most > 5 * least || !limits.take(RING_STEPS * range) {
        return None;
    }
    let centre = catch_unwind(|| FinetuneConcentricPatternCenter(matrix, point(x as f32, y as f32), range as i32, 5));
    Some(ConcentricPattern { p: centre.ok()??, size: ((least + most) / 2) as i32 })
}

/// Measures the five runs through a black pixel in one direction and its opposite: their whole
/// length, and how far the middle of the centre is.
fn crossed(bits: &Bits, from: (isize, isize), way: (isize, isize), range: usize) -> Option<(usize, isize)> {
    let mut left = range as isize;
    let mut ahead = Walk { bits, at: from, way };
    let mut behind = Walk { bits, at: from, way: (-way.0, -way.1) };
    let forward = ahead.step_to_edge(left)?;
    let back = behind.step_to_edge(left)?;
    let centre = forward + back - 1;
    left -= centre;
    let mut runs = [0; 5];
    let [a, b, c, d, e] = &mut runs;
    *c = centre as usize;
    for (near, far) in [(d, b), (e, a)] {
        for (walk, run) in [(&mut ahead, near), (&mut behind, far)] {
            let length = walk.step_to_edge(left)?;
            *run = length as usize;
            left -= length;
        }
    }
    alike(runs).then(|| (runs.iter().sum(), centre / 2 - (back - 1)))
}

/// Walks over a picture in one direction.
struct Walk<'a> {
    bits: &'a Bits,
    at: (isize, isize),
    way: (isize, isize),
}

impl Walk<'_> {
    /// Steps until the colour changes or the picture ends; `None` where that is too far.
    fn step_to_edge(&mut self, most: isize) -> Option<isize> {
        let colour = self.bits.black(self.at.0, self.at.1)?;
        for steps in 1..=most {
            self.at = (self.at.0 + self.way.0, self.at.1 + self.way.1);
            if self.bits.black(self.at.0, self.at.1) != Some(colour) {
                return Some(steps);
            }
        }
        None
    }
}

/// Groups patterns by threes that may be corners of one symbol, the most plausible first.
pub(crate) fn groups(mut patterns: Vec<ConcentricPattern>, limits: &mut Limits<'_>) -> Vec<FinderPatternSet> {
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.size));
    let mut groups = Vec::new();
    for (at, largest) in patterns.iter().enumerate() {
        if at % 16 == 0 && !limits.left() {
            break;
        }
        let reach = largest.size as f32 / 7.0 * MAX_MODULES;
        let smaller = patterns.get(at + 1..).unwrap_or_default().iter();
        let mut near: Vec<(f32, &ConcentricPattern)> = smaller
            .filter(|other| largest.size <= 2 * other.size)
            .map(|other| (Point::distance(largest.p, other.p), other))
            .filter(|(distance, _)| *distance <= reach)
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.truncate(MAX_NEIGHBOURS);
        for (at, (_, middle)) in near.iter().enumerate() {
            let others = near.get(at + 1..).unwrap_or_default();
            groups.extend(others.iter().filter_map(|(_, other)| group(largest, middle, other)));
        }
    }
    groups.sort_by(|a, b| a.0.total_cmp(&b.0));
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The most modules of a side, with room for perspective.
const MAX_MODULES: f32 = 177.0 * 1.5;

/// Orders three patterns as the corners of a symbol and says how implausible that is; `None` where
/// they can be none.
fn group(one: &ConcentricPattern, two: &ConcentricPattern, three: &ConcentricPattern) -> Option<(f32, FinderPatternSet)> {
    // The smallest first and the largest last, which the distances below suppose.
    let mut sorted = [one, two, three];
    sorted.sort_by_key(|pattern| pattern.size);
    let [mut a, mut b, mut c] = sorted;
    let (mut ab, mut bc, mut ac) = (apart(a, b), apart(b, c), apart(a, c));
    if bc >= ab && bc >= ac {
        (a, b, bc, ac) = (b, a, ac, bc);
    } else if ab >= ac && ab >= bc {
        (b, c, ab, ac) = (c, b, ac, ab);
    }
    if ab > 4.0 * bc || bc > 4.0 * ab {
        return None;
    }
    let (first, second) = (ab.sqrt(), bc.sqrt());
    let modules = (first + second) / (2.0 * (a.size + b.size + c.size) as f32 / 21.0) + 7.0;
    let cosine = (ab + bc - ac) / (2.0 * first * second);
    if !(21.0 * 0.9..=MAX_MODULES).contains(&modules) || !(-0.5..=0.5).contains(&cosine) {
        return None;
    }
    if Point::cross(c.p - b.p, a.p - b.p) < 0.0 {
        (a, c) = (c, a);
    }
    Some((first + second + (first - second).abs(), FinderPatternSet { bl: *a, tl: *b, tr: *c }))
}

/// Gives the squared distance, enlarged where the second pattern is nearer to the camera.
fn apart(a: &ConcentricPattern, b: &ConcentricPattern) -> f32 {
    let between = a.p - b.p;
    Point::dot(between, between) * b.size as f32 / a.size.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Density, Level, Luma, Symbol};
    use rxing::qrcode::cpp_port::detector;

    const PLACES: [(i32, u8, u32); 3] = [(10, 5, 3), (160, 12, 4), (460, 20, 5)];

    /// Makes a picture with three symbols.
    fn picture() -> Luma {
        let mut canvas = crate::draw::Canvas::white(1000, 600).unwrap();
        for (x, version, module) in PLACES {
            let density = Density::new(version, Level::M).unwrap();
            canvas.symbol(&Symbol::encode(&[version; 60], density).unwrap(), x, 20, module);
        }
        canvas.into_picture()
    }

    fn unlimited<T>(act: impl FnOnce(&mut Limits<'_>) -> T) -> T {
        let mut more = || true;
        act(&mut Limits::new(&mut more))
    }

    #[test]
    fn the_patterns_are_those_that_rxing_finds() {
        let bits = Bits::of(&picture());
        let matrix = bits.matrix().unwrap();
        let ours = unlimited(|limits| finders(&bits, &matrix, limits));
        let theirs = detector::FindFinderPatterns(&matrix, true, 0);
        assert!(theirs.len() >= 9);
        for pattern in &theirs {
            assert!(ours.iter().any(|own| Point::distance(own.p, pattern.p) < 1.0 && own.size.abs_diff(pattern.size) <= 2));
        }
        assert_eq!(ours.len(), theirs.len());
    }

    #[test]
    fn the_corners_of_each_symbol_are_grouped_and_in_order() {
        let bits = Bits::of(&picture());
        let matrix = bits.matrix().unwrap();
        let patterns = unlimited(|limits| finders(&bits, &matrix, limits));
        let groups = unlimited(|limits| groups(patterns, limits));
        for (x, version, module) in PLACES {
            let (near, far) = (7.5 * module as f32, (13.5 + 4.0 * f32::from(version) + 4.0) * module as f32);
            let corner = |across: f32, down: f32| point(x as f32 + across, 20.0 + down);
            let expected = [corner(near, far), corner(near, near), corner(far, near)];
            let same = |group: &&FinderPatternSet| {
                let corners = [group.bl.p, group.tl.p, group.tr.p];
                corners.iter().zip(expected).all(|(found, corner)| Point::distance(*found, corner) < 1.0)
            };
            assert!(groups.iter().any(|group| same(&group)), "version {version}");
        }
    }

    #[test]
    fn a_limit_on_steps_or_patterns_ends_the_search_and_it_is_said() {
        let bits = Bits::of(&picture());
        let matrix = bits.matrix().unwrap();
        let mut more = || true;
        let mut limits = Limits::new(&mut more);
        limits.give_back(5000);
        assert!(finders(&bits, &matrix, &mut limits).len() < 9 && limits.spent());
    }
}
