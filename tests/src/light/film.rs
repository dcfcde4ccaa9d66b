//! A screen that changes, before a camera with a rate, a shutter and a read-out time.
//!
//! The camera reads its rows one after the other, and each row sees the screen for as long as the
//! shutter is open. So a picture during which the screen changes is torn, and rows at the seam are
//! a blend of two frames. Time is counted in seconds from the first frame.

use crate::Result;
use crate::light::{Dice, Plate, Screen, Shot};
use cloison_optics::Luma;
use std::collections::BTreeMap;

/// What stands before a lost frame: a hand, as grey as that.
const HAND: u8 = 90;

/// How a transfer is shown and filmed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Film {
    /// What it is shown on.
    pub screen: Screen,
    /// How each picture is taken; its seed changes from one to the next.
    pub shot: Shot,
    /// Frames shown in a second.
    pub shown_rate: f64,
    /// How long a screen takes from one frame to the next.
    pub settling: f64,
    /// Pictures taken in a second.
    pub camera_rate: f64,
    /// How long each row sees the screen.
    pub shutter: f64,
    /// The time from the first row's beginning to the last row's.
    pub read_out: f64,
    /// When the first picture begins.
    pub phase: f64,
    /// The share of the frames shown that are not seen at all.
    pub loss: f32,
}

/// One picture of a film.
pub struct Exposure {
    /// When its last row was read.
    pub time: f64,
    /// The frame that was shown when its first row began.
    pub frame: u32,
    /// The picture.
    pub picture: Luma,
}

impl Film {
    /// Films a transfer as it should be done: a camera of not quite 30 pictures a second, so that
    /// its clock drifts against the screen's, with a shutter of 10 ms and a read-out of 20; and a
    /// screen that changes in 5 ms. When the first picture begins is the shot's seed's to say.
    #[must_use]
    pub fn steady(shot: Shot, shown_rate: f64, loss: f32) -> Self {
        let phase = Dice::part(shot.seed, 0x7068).between(0.0, 1.0 / 30.0).into();
        let (settling, camera_rate, shutter, read_out) = (0.005, 29.97, 0.01, 0.02);
        Self { screen: Screen::PANEL, shot, shown_rate, settling, camera_rate, shutter, read_out, phase, loss }
    }

    /// Starts filming: `frame` gives what the screen shows, frame by frame and in order, each once.
    pub fn roll<F: FnMut(u32) -> Result<Luma>>(self, frame: F) -> Reel<F> {
        Reel { film: self, frame, plates: BTreeMap::new(), next: 0 }
    }

    /// Tells whether a frame is lost: of every twenty in a row the same number, drawn at random.
    #[must_use]
    pub fn loses(&self, frame: u32) -> bool {
        let mut dice = Dice::part(self.shot.seed ^ 0x6c6f_7373, u64::from(frame / 20));
        let mut order: [u32; 20] = std::array::from_fn(|place| place as u32);
        (1..20).rev().for_each(|place| order.swap(place, dice.below(place + 1)));
        let lost = (20.0 * self.loss).round() as usize;
        order.iter().take(lost).any(|place| *place == frame % 20)
    }

    /// Gives the share of what a row that begins at a time sees of the frames from `frame` on.
    fn seen_from(&self, frame: u32, time: f64) -> f64 {
        let since = time - f64::from(frame) / self.shown_rate;
        let settling = self.settling.max(1e-6);
        // The integral of a ramp from 0 to 1: how much of the change has been seen.
        let seen = |time: f64| {
            let risen = time.clamp(0.0, settling);
            risen * risen / (2.0 * settling) + (time - settling).max(0.0)
        };
        (seen(since + self.shutter) - seen(since)) / self.shutter.max(1e-6)
    }
}

/// Gives the pictures of a film one after the other, without an end.
pub struct Reel<F> {
    film: Film,
    frame: F,
    plates: BTreeMap<u32, Plate>,
    next: u32,
}

impl<F: FnMut(u32) -> Result<Luma>> Reel<F> {
    /// Waits for the next picture and does not take it: the reader is busy.
    pub fn miss(&mut self) {
        self.next += 1;
    }

    /// Tells when the next picture is there.
    #[must_use]
    pub fn due(&self) -> f64 {
        self.begins() + self.film.read_out + self.film.shutter
    }

    fn begins(&self) -> f64 {
        self.film.phase + f64::from(self.next) / self.film.camera_rate
    }

    /// Takes the next picture.
    ///
    /// # Errors
    /// A frame cannot be drawn.
    pub fn picture(&mut self) -> Result<Exposure> {
        let (begins, time, film) = (self.begins(), self.due(), self.film);
        // What was shown before still settles for a moment.
        let frame = ((begins - film.settling).max(0.0) * film.shown_rate) as u32;
        let mut shot = film.shot;
        shot.seed = Dice::part(shot.seed, self.next.into()).roll();
        self.next += 1;
        let plates = self.plates(frame, (time * film.shown_rate) as u32)?;
        let row = film.read_out / film.shot.camera.size().1 as f64;
        let mix = |y: usize| {
            let begins = begins + y as f64 * row;
            let [second, third] = [1, 2].map(|later| film.seen_from(frame + later, begins) as f32);
            [second - third, third]
        };
        let picture = shot.take(plates, &mix)?;
        Ok(Exposure { time, frame, picture })
    }

    /// Gives what the lens lets pass of three frames in a row; later ones are not needed yet.
    fn plates(&mut self, frame: u32, last: u32) -> Result<[&Plate; 3]> {
        self.plates.retain(|known, _| *known >= frame);
        for wanted in frame..=last.min(frame + 2) {
            if !self.plates.contains_key(&wanted) {
                let shown = if self.film.loses(wanted) { self.film.screen.blank(HAND)? } else { (self.frame)(wanted)? };
                self.plates.insert(wanted, self.film.shot.focus(&shown));
            }
        }
        let plate = |later: u32| (0..=later).rev().find_map(|later| self.plates.get(&(frame + later)));
        let missing = || "a frame was not drawn".to_owned();
        Ok([plate(0).ok_or_else(missing)?, plate(1).ok_or_else(missing)?, plate(2).ok_or_else(missing)?])
    }
}
