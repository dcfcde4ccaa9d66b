//! Finds the QR symbols of a picture and gives back their bytes.
//!
//! A picture is read in passes, each over a picture prepared in another way, in the order in which
//! they were measured to pay (decision 14). The first is nearly always enough. The others follow
//! where nothing was found, and beside symbols that were read where one more is known to be: three
//! finder patterns that gave nothing, or fewer symbols than there were a picture ago. Last comes an
//! independent reader, for small pictures.
//!
//! A [`Reader`] keeps where the last symbols were and looks there first. What hostile pixels can
//! drive is counted in steps and has limits, so that the worst picture ends soon; the caller's own
//! limit of time is asked beside them. Only full QR symbols are read, no Micro QR. What the bytes
//! mean is not known here.

use crate::Luma;
use crate::prepare::Way;
use crate::scan::{self, Seen};
use crate::second;
use rxing::Point;
use std::borrow::Cow;

/// The most symbols that are read from one picture.
pub const MAX_SYMBOLS: usize = 64;

/// The most bytes that one symbol can hold: the 7089 digits of version 40-L.
pub const MAX_SYMBOL_BYTES: usize = 7089;

/// The most steps that the pixels of one picture may cause, all passes together. One is about a
/// nanosecond, and a picture that is full of patterns causes them all.
const MAX_STEPS: usize = 45_000_000;

/// Every so many pictures all of a picture is searched, whatever its region gave.
const WHOLE_EVERY: u32 = 8;

/// So many pictures a region is kept that gives less than it did.
const PATIENCE: u32 = 8;

/// The most places that are searched again for a symbol beside those that were read.
const MAX_PLACES: usize = 3;

/// Holds what was read from one picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The contents of the symbols, at most [`MAX_SYMBOLS`]. Symbols of equal bytes are one content.
    pub symbols: Vec<Vec<u8>>,
    /// A limit was reached before the whole picture was searched, so there may be more symbols.
    pub crowded: bool,
    /// The caller's time ended before the reader did, so there may be more symbols.
    pub unfinished: bool,
}

/// Reads the QR symbols of a picture, each content once; see [`examine`], which also tells whether
/// a limit was reached.
pub fn read(picture: &Luma) -> Vec<Vec<u8>> {
    examine(picture).symbols
}

/// Reads the QR symbols of a picture and tells whether there may be more: a new [`Reader`] without
/// a limit of time.
pub fn examine(picture: &Luma) -> Reading {
    Reader::new().read(picture, &mut || true)
}

/// Reads pictures that follow one another, and looks first where the last symbols were.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    last: Option<Last>,
    pictures: u32,
}

/// Holds what the pictures before have shown.
#[derive(Clone, Debug)]
struct Last {
    region: Region,
    symbols: usize,
    /// The way that read them.
    way: Way,
    /// The pictures since that have shown less.
    missed: u32,
    /// The last picture gave all of it in one pass.
    easy: bool,
}

impl Reader {
    /// Makes a reader that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the QR symbols of a picture.
    ///
    /// The bytes are exact, whatever they are. Nothing found is an empty list. A panic in a decoder
    /// counts as nothing found. `more` is asked every few hundred microseconds whether there is
    /// time left; after its first no the reading ends with what was found and says so.
    ///
    /// Three things are not seen. A picture that gives less than one before it that was easy is searched
    /// quickly and where the symbols were; if the next one gives less too, it is searched whole. Symbols of equal bytes are one content, since a frame shown twice
    /// says nothing new. And a symbol whose finder patterns show in no pass that was made is not
    /// known to be missing: beside a clear symbol, white on black or hidden by noise, it is left.
    pub fn read(&mut self, picture: &Luma, more: &mut dyn FnMut() -> bool) -> Reading {
        let mut search = Search::new(picture, more);
        self.pictures = self.pictures.wrapping_add(1);
        let whole_due = self.pictures.is_multiple_of(WHOLE_EVERY);
        // Where pictures are easy one pass over the whole of it shows what else there is.
        let near = self.last.as_ref().filter(|last| !whole_due || last.easy);
        let enough = near.is_some_and(|last| {
            let region = if whole_due { Region::whole(picture) } else { last.region };
            search.pass(&region, last.way);
            search.seen.len() >= last.symbols
        });
        match near.filter(|last| last.easy) {
            _ if enough => {}
            Some(last) => search.quickly(last),
            None => {
                search.everywhere();
                search.again(self.last.as_ref());
            }
        }
        self.remember(&search);
        search.reading()
    }

    /// Keeps where symbols were, and for some pictures where they have been.
    fn remember(&mut self, search: &Search<'_>) {
        let found = search.seen.len();
        let last = self.last.take();
        if search.limits.ended && last.as_ref().is_none_or(|last| found < last.symbols) {
            // What was left out says nothing of what there is.
            self.last = last;
            return;
        }
        // At first a symbol that only its finder patterns show is waited for like one that was read.
        let hoped = if last.is_none() { search.places(None) } else { Vec::new() };
        let seen = Region::around(search.seen.iter().flat_map(|seen| seen.corners), search.picture);
        let region = seen.into_iter().chain(hoped.iter().copied()).reduce(|all, next| all.and(&next));
        let fewer = last.filter(|last| found < last.symbols && last.missed < PATIENCE);
        self.last = match (fewer, region) {
            (Some(last), region) => {
                let region = region.map_or(last.region, |new| new.and(&last.region));
                Some(Last { region, missed: last.missed + 1, easy: false, ..last })
            }
            (None, Some(region)) => {
                let easy = search.passes == 1 && hoped.is_empty();
                Some(Last { region, symbols: found + hoped.len(), way: search.way, missed: 0, easy })
            }
            (None, None) => None,
        };
    }
}

/// Counts what a picture may still cost, and asks for the caller's time.
pub(crate) struct Limits<'a> {
    more: &'a mut dyn FnMut() -> bool,
    steps: usize,
    ended: bool,
    crowded: bool,
}

impl<'a> Limits<'a> {
    pub(crate) fn new(more: &'a mut dyn FnMut() -> bool) -> Self {
        Self { more, steps: MAX_STEPS, ended: false, crowded: false }
    }

    /// Asks whether the reading may go on; a no is final.
    pub(crate) fn left(&mut self) -> bool {
        self.ended = self.ended || !(self.more)();
        !self.ended
    }

    /// Takes some steps; false when there are not so many, and none are left then.
    pub(crate) fn take(&mut self, steps: usize) -> bool {
        let enough = self.steps >= steps;
        self.steps = if enough { self.steps - steps } else { 0 };
        self.crowded |= !enough;
        enough
    }

    /// Tells that no steps are left.
    pub(crate) fn spent(&self) -> bool {
        self.steps == 0
    }

    /// Returns the steps that are left.
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// Sets the steps that are left to what they were.
    pub(crate) fn give_back(&mut self, steps: usize) {
        self.steps = steps;
    }

    /// Notes that something was left out because there is too much.
    pub(crate) fn crowd(&mut self) {
        self.crowded = true;
    }
}

/// Holds the reading of one picture while it lasts.
struct Search<'a> {
    picture: &'a Luma,
    limits: Limits<'a>,
    seen: Vec<Seen>,
    /// The finder patterns of symbols that were not read.
    open: Vec<[Point; 3]>,
    /// The way that has read something last.
    way: Way,
    passes: u32,
    /// The most finder patterns that a pass has seen.
    finders: usize,
    /// What the second reader gave.
    second: Vec<Vec<u8>>,
}

impl<'a> Search<'a> {
    fn new(picture: &'a Luma, more: &'a mut dyn FnMut() -> bool) -> Self {
        Self {
            picture,
            limits: Limits::new(more),
            seen: Vec::new(),
            open: Vec::new(),
            way: Way::Smoothed,
            passes: 0,
            finders: 0,
            second: Vec::new(),
        }
    }

    /// Searches where the last symbols were in the quick ways. A picture that gives less than one before
    /// it that was easy is most often torn or blended between two screens, and the next one is due.
    fn quickly(&mut self, last: &Last) {
        for way in Way::QUICK.into_iter().filter(|way| *way != last.way) {
            if self.seen.len() < last.symbols {
                self.pass(&last.region, way);
            }
        }
    }

    /// Searches the whole picture, in one way after the other until something is found.
    fn everywhere(&mut self) {
        let whole = Region::whole(self.picture);
        for way in Way::ALL {
            self.pass(&whole, way);
            if !self.seen.is_empty() {
                return;
            }
        }
        if !self.limits.spent() && self.limits.left() {
            self.second = second::read(self.picture, self.finders).unwrap_or_default();
        }
    }

    /// Searches in the other ways where a symbol is known to be that was not read.
    fn again(&mut self, last: Option<&Last>) {
        if self.seen.is_empty() {
            return;
        }
        for place in self.places(last) {
            let before = self.seen.len();
            for way in Way::ALL {
                self.pass(&place, way);
                if self.seen.len() > before {
                    break;
                }
            }
        }
    }

    /// Names the places of symbols that were not read.
    fn places(&self, last: Option<&Last>) -> Vec<Region> {
        let missing = last.filter(|last| self.seen.len() < last.symbols);
        let mut places: Vec<Region> = missing.map(|last| last.region).into_iter().collect();
        for group in self.open.iter().filter(|group| plausible(group)) {
            let known = places.iter().any(|place| group.iter().all(|corner| place.holds(*corner)));
            if known || places.len() == MAX_PLACES {
                continue;
            }
            let [low, corner, right] = *group;
            places.extend(Region::around([low, corner, right, low + right - corner], self.picture));
        }
        places
    }

    /// Makes one pass over a part of the picture.
    fn pass(&mut self, region: &Region, way: Way) {
        if self.limits.spent() || !self.limits.left() {
            return;
        }
        self.passes += 1;
        let Some(prepared) = region.of(self.picture).and_then(|part| way.of(part)) else { return };
        let origin = rxing::point(region.left as f32, region.top as f32);
        let known: Vec<Seen> = self.seen.iter().map(|seen| seen.moved(|at| (at - origin) / prepared.scale)).collect();
        let found = scan::scan(&prepared, &known, &mut self.limits);
        self.finders = self.finders.max(found.finders);
        let back = |at: Point| at * prepared.scale + origin;
        self.way = if found.seen.is_empty() { self.way } else { way };
        self.open.extend(found.open.iter().map(|group| group.map(back)));
        self.seen.extend(found.seen.iter().map(|seen| seen.moved(back)));
        let seen = &self.seen;
        self.open.retain(|group| !group.iter().any(|corner| seen.iter().any(|seen| seen.holds(*corner))));
    }

    fn reading(self) -> Reading {
        let mut reading = Reading { crowded: self.limits.crowded, unfinished: self.limits.ended, ..Reading::default() };
        for content in self.seen.iter().map(|seen| &seen.content).chain(&self.second) {
            if !reading.keep(content) {
                break;
            }
        }
        reading
    }
}

/// Tells whether three finder patterns look like a symbol seen not too much from the side.
fn plausible(group: &[Point; 3]) -> bool {
    let [low, corner, right] = *group;
    let (down, across) = (low - corner, right - corner);
    let (height, width) = (Point::length(down), Point::length(across));
    let cosine = Point::dot(down, across) / (height * width);
    height < 1.5 * width && width < 1.5 * height && cosine.abs() < 0.4
}

/// Holds a rectangle of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Region {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Region {
    fn whole(picture: &Luma) -> Self {
        Self { left: 0, top: 0, right: picture.width(), bottom: picture.height() }
    }

    /// Surrounds points, with room for a quiet zone and a movement; `None` where there are none.
    fn around(points: impl IntoIterator<Item = Point>, picture: &Luma) -> Option<Self> {
        let (mut least, mut most) = (rxing::point(f32::MAX, f32::MAX), rxing::point(f32::MIN, f32::MIN));
        for point in points {
            least = rxing::point(least.x.min(point.x), least.y.min(point.y));
            most = rxing::point(most.x.max(point.x), most.y.max(point.y));
        }
        let room = 16.0 + (most.x - least.x).max(most.y - least.y) / 8.0;
        let clamp = |at: f32, limit: u32| at.clamp(0.0, limit as f32) as u32;
        let region = Self {
            left: clamp(least.x - room, picture.width()),
            top: clamp(least.y - room, picture.height()),
            right: clamp(most.x + room, picture.width()),
            bottom: clamp(most.y + room, picture.height()),
        };
        (region.left < region.right && region.top < region.bottom).then_some(region)
    }

    /// Joins two.
    fn and(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn holds(&self, point: Point) -> bool {
        (self.left as f32..=self.right as f32).contains(&point.x) && (self.top as f32..=self.bottom as f32).contains(&point.y)
    }

    /// Gives this part of a picture, which may be another than the one it was made for.
    fn of<'a>(&self, picture: &'a Luma) -> Option<Cow<'a, Luma>> {
        if *self == Self::whole(picture) {
            return Some(Cow::Borrowed(picture));
        }
        let (width, height) = (self.right.checked_sub(self.left)?, self.bottom.checked_sub(self.top)?);
        picture.part(self.left, self.top, width, height).map(Cow::Owned)
    }
}

impl Reading {
    /// Adds a content that is new and has a possible length; false where there is no room for it.
    fn keep(&mut self, content: &[u8]) -> bool {
        let possible = (1..=MAX_SYMBOL_BYTES).contains(&content.len());
        if !possible || self.symbols.iter().any(|known| known == content) {
            return true;
        }
        let room = self.symbols.len() < MAX_SYMBOLS;
        if room {
            self.symbols.push(content.to_vec());
        } else {
            self.crowded = true;
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Density, Level, Symbol};

    /// Adds the same noise in every run.
    fn noisy(picture: &Luma, most: i32) -> Luma {
        let mut state = 0x2545_f491_u32;
        let mut noise = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 8) as i32 % (2 * most + 1) - most
        };
        let mut pixels = Vec::new();
        for grey in picture.pixels() {
            let exposed = 60 + i32::from(*grey) * 135 / 255 + noise();
            pixels.push(exposed.clamp(0, 255) as u8);
        }
        Luma::new(picture.width(), picture.height(), pixels).unwrap()
    }

    /// Makes one pass over a whole picture.
    fn pass(picture: &Luma, way: Way) -> Vec<Vec<u8>> {
        let mut more = || true;
        let mut search = Search::new(picture, &mut more);
        search.pass(&Region::whole(picture), way);
        search.reading().symbols
    }

    fn symbol(version: u8) -> Symbol {
        let density = Density::new(version, Level::L).unwrap();
        Symbol::encode(&[0x3c; 100], density).unwrap()
    }

    #[test]
    fn every_way_reads_a_clear_picture_that_suits_it() {
        for way in Way::ALL {
            let clear = symbol(10).picture(5);
            let picture = if way == Way::Inverted { white_on_black(&clear) } else { clear };
            assert_eq!(pass(&picture, way), [[0x3c; 100]], "{way:?}");
        }
    }

    fn white_on_black(picture: &Luma) -> Luma {
        let pixels = picture.pixels().iter().map(|grey| 255 - grey).collect();
        Luma::new(picture.width(), picture.height(), pixels).unwrap()
    }

    #[test]
    fn a_prepared_picture_wins_back_what_the_first_pass_loses() {
        let won = |picture: &Luma| pass(picture, Way::Smoothed).is_empty() && read(picture) == [[0x3c; 100]];
        assert!(won(&white_on_black(&symbol(10).picture(4))));
        let strengths = [2, 3, 4, 6].iter().flat_map(|module| (60..200).step_by(10).map(move |most| (*module, most)));
        let noise = strengths.filter(|(module, most)| won(&noisy(&symbol(10).picture(*module), *most))).count();
        assert!(noise >= 2, "{noise} strengths of noise");
    }

    #[test]
    fn a_region_stays_inside_its_picture_and_holds_its_points() {
        let picture = Luma::white(300, 200).unwrap();
        let points = [(-50.0, 10.0), (20.0, 1e9), (f32::NAN, 30.0)].map(|(x, y)| rxing::point(x, y));
        let region = Region::around(points, &picture).unwrap();
        assert!(region.right <= 300 && region.bottom <= 200 && region.holds(rxing::point(0.0, 10.0)));
        assert_eq!(Region::around([], &picture), None);
        assert_eq!(Region::around([rxing::point(-900.0, -900.0)], &picture), None);
    }

    #[test]
    fn steps_that_are_spent_end_the_reading_and_it_is_said() {
        let mut more = || true;
        let picture = symbol(10).picture(5);
        let mut search = Search::new(&picture, &mut more);
        assert!(!search.limits.take(MAX_STEPS + 1) && search.limits.spent());
        search.everywhere();
        assert_eq!(search.reading(), Reading { crowded: true, ..Reading::default() });
    }

    #[test]
    fn the_same_content_is_kept_once_and_an_impossible_one_never() {
        let mut reading = Reading::default();
        for content in [&b"a"[..], b"a", b"", &[0; MAX_SYMBOL_BYTES + 1]] {
            assert!(reading.keep(content));
        }
        assert_eq!(reading, Reading { symbols: vec![b"a".to_vec()], ..Reading::default() });
    }

    #[test]
    fn one_content_above_the_limit_is_refused_and_said() {
        let mut reading = Reading::default();
        for number in 0..MAX_SYMBOLS {
            assert!(reading.keep(&number.to_le_bytes()));
        }
        assert!(reading.keep(&[0; 8]) && !reading.crowded, "known already");
        assert!(!reading.keep(b"new") && reading.crowded);
        assert_eq!(reading.symbols.len(), MAX_SYMBOLS);
    }
}
