//! Lays the grid of modules over a symbol whose three finder patterns are known.
//!
//! The geometry is zxing-cpp's, and its parts are rxing's: the size of a module along the edges,
//! the fourth corner from the lines and the last alignment pattern, then one perspective map for
//! each cell between alignment patterns. rxing's own function samples black and white pixels at
//! once; here the grid itself is wanted, to look through it at the grey ones.

use crate::read::Limits;
use rxing::common::cpp_essentials::{
    ConcentricPattern, DMRegressionLine, FitSquareToPoints, RegressionLine, RegressionLineTrait,
};
use rxing::common::{BitMatrix, PerspectiveTransform, Quadrilateral};
use rxing::qrcode::common::{Version, VersionRef};
use rxing::qrcode::cpp_port::detector::{self, FinderPatternSet};
use rxing::{Point, point};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What laying a grid costs at least, in steps.
const GRID_STEPS: usize = 40_000;

/// What an alignment pattern costs for each pixel of a module where it is found, in steps.
const FOUND_STEPS: usize = 200;

/// The same where it is not, and nine places were searched.
const MISSED_STEPS: usize = 2000;

/// The least version that carries its number.
const NUMBERED: u32 = 7;

/// Holds where the modules of one symbol lie.
pub(crate) struct Grid {
    /// The modules of a side.
    pub(crate) side: usize,
    cells: Vec<Cell>,
}

/// Maps a rectangle of modules.
struct Cell {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    map: PerspectiveTransform,
}

impl Grid {
    /// Lays the grid; a panic below counts as no symbol.
    pub(crate) fn over(matrix: &BitMatrix, group: &FinderPatternSet, limits: &mut Limits<'_>) -> Option<Self> {
        let mut steps = 0;
        // Only shared references go in, beside a number whose worth a panic cannot spoil.
        let laid = catch_unwind(AssertUnwindSafe(|| laid(matrix, group, &mut steps)));
        let enough = limits.take(GRID_STEPS + steps);
        laid.ok().flatten().filter(|grid| enough && grid.inside(matrix))
    }

    /// Calls for each module with its column, its row and the centre in pixels.
    pub(crate) fn each(&self, mut visit: impl FnMut(usize, usize, Point)) {
        for cell in &self.cells {
            for y in cell.top..cell.bottom {
                for x in cell.left..cell.right {
                    visit(x, y, cell.map.transform_point(point(x as f32 + 0.5, y as f32 + 0.5)));
                }
            }
        }
    }

    /// Returns the outer corners in pixels.
    pub(crate) fn corners(&self) -> [Point; 4] {
        let side = self.side as f32;
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(x, y)| {
            let inside = |cell: &&Cell| {
                (cell.left as f32..=cell.right as f32).contains(&x) && (cell.top as f32..=cell.bottom as f32).contains(&y)
            };
            let cell = self.cells.iter().find(inside);
            cell.map_or(Point::default(), |cell| cell.map.transform_point(point(x, y)))
        })
    }

    /// Tells that the corners of every cell lie in the picture.
    fn inside(&self, matrix: &BitMatrix) -> bool {
        self.cells.iter().all(|cell| {
            let (left, top) = (cell.left as f32 + 0.5, cell.top as f32 + 0.5);
            let (right, bottom) = (cell.right as f32 - 0.5, cell.bottom as f32 - 0.5);
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
            corners.iter().all(|(x, y)| matrix.is_in(cell.map.transform_point(point(*x, *y))))
        })
    }
}

/// Lays the grid over the symbol, or finds that there is none.
fn laid(matrix: &BitMatrix, group: &FinderPatternSet, steps: &mut usize) -> Option<Grid> {
    let edges = [edge(matrix, group.tl, group.tr), edge(matrix, group.tl, group.bl)];
    let best = edges.iter().flatten().min_by_key(|edge| (edge.off, -edge.side))?;
    let reach = (best.module + 1.0) as i32;
    let (corner, offset) = fourth(matrix, group, best.side, reach)?;
    let map = |side: i32| detector::Mod2Pix(side, offset, Quadrilateral([group.tl.p, group.tr.p, corner, group.bl.p])).ok();
    if best.side < 17 + 4 * NUMBERED as i32 {
        let side = best.side as usize;
        let whole = Cell { left: 0, top: 0, right: side, bottom: side, map: map(best.side)? };
        return Some(Grid { side, cells: vec![whole] });
    }
    let version = version(matrix, best.side, &edges, map(best.side)?)?;
    let side = version.getDimensionForVersion();
    let search = Search { matrix, reach, steps };
    let cells = Lattice::over(search, group, version, map(side as i32)?)?.cells(side as usize)?;
    Some(Grid { side: side as usize, cells })
}

/// Holds what one edge of a symbol says about it.
#[derive(Clone, Copy)]
struct Edge {
    side: i32,
    module: f64,
    /// How far the modules counted are from a possible number.
    off: i32,
}

/// Counts the modules between two finder patterns.
fn edge(matrix: &BitMatrix, a: ConcentricPattern, b: ConcentricPattern) -> Option<Edge> {
    let sizes = [detector::EstimateModuleSize(matrix, a, b), detector::EstimateModuleSize(matrix, b, a)];
    if sizes.iter().any(|size| *size < 0.0) {
        return None;
    }
    let module = (sizes[0] + sizes[1]) / 2.0;
    let counted = (f64::from(a.distance(b)) / module).round() as i32 + 7;
    let off = 1 - counted.rem_euclid(4);
    let side = counted.saturating_add(off);
    (21..=177 + 8).contains(&side).then_some(Edge { side, module, off: off.abs() })
}

/// Reads the version from the symbol; what the edges say must not be far from it.
fn version(matrix: &BitMatrix, side: i32, edges: &[Option<Edge>; 2], map: PerspectiveTransform) -> Option<VersionRef> {
    let near = |version: &VersionRef| {
        let found = version.getDimensionForVersion() as i32;
        edges.iter().flatten().any(|edge| (found - edge.side).abs() <= 8)
    };
    let read = detector::ReadVersion(matrix, side as u32, map).ok().filter(near);
    // Noise hides the number sooner than the edges, and a wrong one fails at the first codeword.
    let agreed = || edges.iter().all(|edge| edge.is_some_and(|edge| edge.side == side));
    let counted = || Version::getProvisionalVersionForDimension(side as u32).ok();
    read.or_else(|| if agreed() { counted() } else { None })
}

/// Finds the fourth corner, and how far inside the symbol it is known.
fn fourth(matrix: &BitMatrix, group: &FinderPatternSet, side: i32, reach: i32) -> Option<(Point, Point)> {
    let plain = (group.tr.p - group.tl.p + group.bl.p, point(0.0, 0.0));
    let lines = |from: ConcentricPattern| {
        let line = |edge| detector::TraceLine(matrix, from.p, group.tl.p, edge);
        (line(2), line(3))
    };
    let ((low, lower), (right, righter)) = (lines(group.bl), lines(group.tr));
    if !(low.isValid() && lower.isValid() && right.isValid() && righter.isValid()) {
        return Some(plain);
    }
    let crossing = (DMRegressionLine::intersect(&low, &right)? + DMRegressionLine::intersect(&lower, &righter)?) / 2.0;
    let pattern = if side > 21 { detector::LocateAlignmentPattern(matrix, reach, crossing) } else { None };
    let sharp = low.isHighRes() && lower.isHighRes() && right.isHighRes() && righter.isHighRes();
    let aslant = detector::EstimateTilt(group) > 1.1;
    let corner = pattern.or_else(|| (aslant || sharp).then_some(crossing)).filter(|corner| matrix.is_in(*corner));
    let square = || FitSquareToPoints(matrix, group.bl.p, group.bl.size, 2, false).is_some();
    Some(corner.filter(|_| square()).map_or(plain, |corner| (corner, point(3.0, 3.0))))
}

/// Looks for alignment patterns and counts what that costs.
struct Search<'a> {
    matrix: &'a BitMatrix,
    /// About the size of a module in pixels.
    reach: i32,
    steps: &'a mut usize,
}

impl Search<'_> {
    /// Looks around a point.
    fn near(&mut self, guess: Point) -> Option<Point> {
        let found = detector::LocateAlignmentPattern(self.matrix, self.reach, guess);
        let each = if found.is_some() { FOUND_STEPS } else { MISSED_STEPS };
        *self.steps += each * self.reach.unsigned_abs() as usize;
        found
    }
}

/// Holds the alignment patterns of a symbol, found or supposed.
struct Lattice {
    /// Their places in modules, the same across and down.
    places: &'static [u32],
    /// Their centres in pixels, row by row.
    centres: Vec<Option<Point>>,
    map: PerspectiveTransform,
}

impl Lattice {
    fn over(mut search: Search<'_>, group: &FinderPatternSet, version: VersionRef, map: PerspectiveTransform) -> Option<Self> {
        let places = version.getAlignmentPatternCenters();
        let mut lattice = Self { places, centres: vec![None; places.len() * places.len()], map };
        let last = places.len().checked_sub(1)?;
        for (x, y, pattern) in [(0, 0, group.tl), (0, last, group.bl), (last, 0, group.tr)] {
            lattice.set(x, y, inner_corner(search.matrix, pattern, lattice.supposed(x, y)));
        }
        lattice.search(&mut search);
        lattice.fill(&mut search);
        if let Some(corner) = lattice.at(last, last) {
            let corners = Quadrilateral([group.tl.p, group.tr.p, corner, group.bl.p]);
            lattice.map = detector::Mod2Pix(version.getDimensionForVersion() as i32, point(3.0, 3.0), corners).ok()?;
        }
        Some(lattice)
    }

    fn at(&self, x: usize, y: usize) -> Option<Point> {
        self.centres.get(y * self.places.len() + x).copied().flatten()
    }

    fn set(&mut self, x: usize, y: usize, centre: Point) {
        if let Some(place) = self.centres.get_mut(y * self.places.len() + x) {
            *place = Some(centre);
        }
    }

    /// Gives where one should be by the map of the whole symbol.
    fn supposed(&self, x: usize, y: usize) -> Point {
        let place = |at: usize| self.places.get(at).map_or(0.0, |place| *place as f32 + 0.5);
        self.map.transform_point(point(place(x), place(y)))
    }

    fn guess(&self, x: usize, y: usize) -> Point {
        self.at(x, y).unwrap_or_else(|| self.supposed(x, y))
    }

    /// Looks for each pattern beside those already found.
    fn search(&mut self, search: &mut Search<'_>) {
        for (x, y) in self.missing() {
            let guess = if x * y == 0 {
                self.supposed(x, y)
            } else {
                self.guess(x - 1, y) + self.guess(x, y - 1) - self.guess(x - 1, y - 1)
            };
            if let Some(found) = search.near(guess) {
                self.set(x, y, found);
            }
        }
    }

    /// Supposes each pattern that was not found where the lines through its neighbours cross.
    fn fill(&mut self, search: &mut Search<'_>) {
        for (x, y) in self.missing() {
            let across = self.nearest(x, |at| self.at(at, y));
            let down = self.nearest(y, |at| self.at(x, at));
            let (Some((a, b)), Some((c, d))) = (across, down) else { continue };
            let (across, down) = (DMRegressionLine::new(a, b), DMRegressionLine::new(c, d));
            let Some(guess) = RegressionLine::intersect(&across, &down) else { continue };
            self.set(x, y, search.near(guess).unwrap_or(guess));
        }
    }

    fn missing(&self) -> Vec<(usize, usize)> {
        let side = self.places.len();
        let all = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        all.filter(|(x, y)| self.at(*x, *y).is_none()).collect()
    }

    /// Gives the two known points that are nearest to a place in its row or column.
    fn nearest(&self, place: usize, known: impl Fn(usize) -> Option<Point>) -> Option<(Point, Point)> {
        let mut near: Vec<usize> = (0..self.places.len()).filter(|at| known(*at).is_some()).collect();
        near.sort_by_key(|at| at.abs_diff(place));
        let [first, second, ..] = *near else { return None };
        Some((known(first)?, known(second)?))
    }

    /// Makes the maps between the patterns.
    fn cells(&self, side: usize) -> Option<Vec<Cell>> {
        let last = self.places.len().checked_sub(1)?;
        let mut cells = Vec::with_capacity(last * last);
        for y in 0..last {
            for x in 0..last {
                cells.push(self.cell(x, y, last, side)?);
            }
        }
        Some(cells)
    }

    /// Makes the map of one cell; those at the edge reach to it.
    fn cell(&self, x: usize, y: usize, last: usize, side: usize) -> Option<Cell> {
        let place = |at: usize| self.places.get(at).map(|place| *place as usize);
        let (left, top, right, bottom) = (place(x)?, place(y)?, place(x + 1)?, place(y + 1)?);
        let modules = Quadrilateral::rectangle_from_xy(left as f32, right as f32, top as f32, bottom as f32, None);
        let pixels = [self.guess(x, y), self.guess(x + 1, y), self.guess(x + 1, y + 1), self.guess(x, y + 1)];
        Some(Cell {
            left: if x == 0 { 0 } else { left },
            top: if y == 0 { 0 } else { top },
            right: if x + 1 == last { side } else { right },
            bottom: if y + 1 == last { side } else { bottom },
            map: PerspectiveTransform::quadrilateralToQuadrilateral(modules, Quadrilateral(pixels)).ok()?,
        })
    }
}

/// Gives the corner of a finder pattern that serves as an alignment pattern.
fn inner_corner(matrix: &BitMatrix, pattern: ConcentricPattern, supposed: Point) -> Point {
    let corners = rxing::common::cpp_essentials::FindConcentricPatternCorners(matrix, pattern.p, pattern.size, 2);
    let near = |corner: &&Point| Point::distance(**corner, supposed) < pattern.size as f32 / 2.0;
    corners.as_ref().and_then(|corners| corners.0.iter().rfind(near)).copied().unwrap_or(supposed)
}
