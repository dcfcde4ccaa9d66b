//! A code on the screen: a card's one symbol, or pictures that follow each other, drawn ahead by a
//! thread of their own.

use cloison_ceremony::Code;
use cloison_optics::{Density, Fit, Level, Luma, Press, Symbol, SymbolError};
use cloison_protocol::{CARD_BYTES, Correction, PatternCode, Positions, Presentation, Profile, TransferError};
use core::time::Duration;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use thiserror::Error;

/// What stands for white, at each brightness: a screen that blinds a camera is turned down.
const WHITES: [u8; 3] = [150, 200, 255];
/// How long a picture stays, at each speed, in percent of what its profile says.
const PERCENT: [u32; 3] = [200, 100, 67];
/// A module smaller than this on the screen is too fine for a camera that sees all of it.
const LEAST_PIXELS: u32 = 3;
/// How many pictures are drawn before they are needed.
const AHEAD: usize = 2;

/// How codes are shown; remembered from one to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How fast pictures follow each other, from 0 to 2.
    pub speed: u8,
    /// The number of the profile; see [`Profile::ALL`].
    pub profile: u8,
    /// How bright the plate is, from 0 to 2.
    pub brightness: u8,
}

impl Default for Pace {
    fn default() -> Self {
        Self { speed: 1, profile: Profile::DEFAULT, brightness: 2 }
    }
}

impl Pace {
    /// Gives how long a picture of a profile stays.
    pub(crate) fn interval(self, profile: Option<Profile>) -> Duration {
        let percent = PERCENT.get(usize::from(self.speed)).copied().unwrap_or(PERCENT[0]);
        let rate = profile.map_or(1, |profile| u32::from(profile.rate.max(1)));
        Duration::from_secs(1) * percent / (100 * rate)
    }

    /// Gives what stands for white.
    pub(crate) fn white(self) -> u8 {
        WHITES.get(usize::from(self.brightness)).copied().unwrap_or(u8::MAX)
    }

    pub(crate) fn faster(&mut self) {
        self.speed = (self.speed + 1) % 3;
    }

    /// Takes the next denser profile than the one that is shown, of those that there is room for, and the
    /// safest after the densest.
    pub(crate) fn denser(&mut self, room: Room, shown: Option<Profile>) {
        let numbers = || (0..).zip(Profile::ALL);
        let now = numbers().find(|(_, profile)| Some(*profile) == shown).map_or(self.profile, |(number, _)| number);
        let fitting = || numbers().filter(|(_, profile)| room.has(*profile)).map(|(number, _)| number);
        let next = fitting().find(|number| *number > now).or_else(|| fitting().next());
        self.profile = next.unwrap_or(now);
    }

    pub(crate) fn brighter(&mut self) {
        self.brightness = (self.brightness + 1) % 3;
    }
}

/// How much of the screen there is for codes, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// For one symbol: the side of a square.
    pub(crate) one: u32,
    /// For two side by side: width and height, where what is said leaves room for them.
    pub(crate) two: Option<(u32, u32)>,
}

impl Room {
    fn plate(self, across: u32) -> (u32, u32) {
        if across > 1 { self.two.unwrap_or((0, 0)) } else { (self.one, self.one) }
    }

    /// Tells whether a profile's modules are large enough here.
    pub(crate) fn has(self, profile: Profile) -> bool {
        let (width, height) = self.plate(profile.across.into());
        let fit = density(profile).and_then(|density| Ok(Fit::of(density, profile.across.into(), width, height)?));
        fit.is_ok_and(|fit| fit.scale >= LEAST_PIXELS)
    }
}

/// A picture of a code.
pub(crate) struct Drawn {
    pub(crate) picture: Luma,
    /// Its number among those of its profile, from 1.
    pub(crate) number: u32,
    /// How many of them carry the message when none is lost; none of a pattern.
    pub(crate) least: Option<u32>,
    /// The profile; a card has none.
    pub(crate) profile: Option<Profile>,
    /// Whether two symbols stand side by side.
    pub(crate) is_wide: bool,
    /// How far the frames are, so that another density goes on.
    positions: Positions,
}

/// A code being shown, and how far its pictures are.
pub(crate) struct Showing {
    code: Code,
    /// The profiles that it is shown with, and the room for one symbol.
    plan: (Vec<Profile>, u32),
    pictures: Option<Receiver<Result<Drawn, CodeError>>>,
    /// How many were drawn.
    count: u32,
    current: Option<Drawn>,
}

impl Showing {
    /// Begins to show a code; pictures are drawn ahead from here on.
    pub(crate) fn new(code: &Code, pace: Pace, room: Room) -> Result<Self, CodeError> {
        Self::begun(code, pace, room, Positions::default())
    }

    /// Shows the same code in another way; what was shown of it is not shown again.
    pub(crate) fn again(&self, pace: Pace, room: Room) -> Result<Self, CodeError> {
        let positions = self.current.as_ref().map(|drawn| drawn.positions.clone()).unwrap_or_default();
        Ok(Self { count: self.count, ..Self::begun(&self.code, pace, room, positions)? })
    }

    fn begun(code: &Code, pace: Pace, room: Room, positions: Positions) -> Result<Self, CodeError> {
        let plan = plan(code, pace, room);
        let pictures = match code {
            Code::Card(_) => None,
            Code::Message(bytes) => {
                let mut presentation = Presentation::from(bytes, plan.0.clone(), positions)?;
                let mut artist = Artist::new(room);
                Some(ahead(move || message(&mut presentation, &mut artist))?)
            }
            Code::Pattern => {
                let (mut artist, mut number) = (Artist::new(room), 0);
                Some(ahead(move || pattern(&mut number, &mut artist))?)
            }
        };
        Ok(Self { code: code.clone(), plan, pictures, count: 0, current: None })
    }

    /// Tells whether it is this code that is shown.
    pub(crate) fn shows(&self, code: &Code) -> bool {
        self.code == *code
    }

    /// Tells whether it would be shown in the same way there.
    pub(crate) fn suits(&self, pace: Pace, room: Room) -> bool {
        self.plan == plan(&self.code, pace, room)
    }

    pub(crate) fn is_moving(&self) -> bool {
        self.pictures.is_some()
    }

    /// Tells whether no picture was taken yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.current.is_none()
    }

    /// Gives the number of the picture that was drawn last, from 1; 0 before the first.
    pub(crate) fn number(&self) -> u32 {
        self.count
    }

    /// Tells how long the picture that was drawn last stays. A pattern is shown at the profiles' own speed.
    pub(crate) fn interval(&self, pace: Pace) -> Duration {
        let pace = if self.code == Code::Pattern { Pace { speed: 1, ..pace } } else { pace };
        pace.interval(self.current.as_ref().and_then(|drawn| drawn.profile))
    }

    /// Lends the picture that was drawn last.
    pub(crate) fn current(&self) -> Option<&Drawn> {
        self.current.as_ref()
    }

    /// Takes the next picture.
    pub(crate) fn advance(&mut self) -> Result<&Drawn, CodeError> {
        let drawn = match (&self.code, &self.pictures) {
            (Code::Card(card), _) => still(card, self.plan.1)?,
            (_, Some(pictures)) => pictures.recv().map_err(|_| CodeError::Nothing)??,
            (_, None) => return Err(CodeError::Nothing),
        };
        self.count = self.count.wrapping_add(1);
        Ok(self.current.insert(drawn))
    }
}

/// Gives the profiles to show with, the safest first, and the room for one symbol. Where none fits,
/// drawing the safest says so.
fn plan(code: &Code, pace: Pace, room: Room) -> (Vec<Profile>, u32) {
    // A pattern has one profile after the other.
    let most = if *code == Code::Pattern { u8::MAX } else { pace.profile };
    let ladder = Profile::up_to(most, |profile| room.has(profile));
    (if ladder.is_empty() { vec![Profile::ALL[0]] } else { ladder }, room.one)
}

/// Draws pictures in a thread, a few before they are needed, until nobody takes them any more.
fn ahead(
    mut draw: impl FnMut() -> Result<Drawn, CodeError> + Send + 'static,
) -> Result<Receiver<Result<Drawn, CodeError>>, CodeError> {
    let (sender, receiver): (SyncSender<_>, _) = sync_channel(AHEAD);
    let work = move || {
        loop {
            let drawn = draw();
            let broken = drawn.is_err();
            if sender.send(drawn).is_err() || broken {
                return;
            }
        }
    };
    std::thread::Builder::new().name("codes".to_owned()).spawn(work).map_err(|_| CodeError::Thread)?;
    Ok(receiver)
}

/// Draws the next picture of a message.
fn message(presentation: &mut Presentation, artist: &mut Artist) -> Result<Drawn, CodeError> {
    let shown = presentation.next_screen()?;
    let picture = artist.draw(&shown.frames, density(shown.profile)?)?;
    let is_wide = shown.frames.len() > 1;
    let (least, profile, positions) = (Some(shown.least), Some(shown.profile), shown.positions);
    Ok(Drawn { picture, number: shown.number, least, profile, is_wide, positions })
}

/// Draws the next picture of the test pattern.
fn pattern(number: &mut u32, artist: &mut Artist) -> Result<Drawn, CodeError> {
    let room = artist.room;
    let codes = PatternCode::screen(*number, |profile| room.has(profile));
    *number = number.wrapping_add(1);
    let profile = codes.first().and_then(|code| Profile::numbered(code.profile())).ok_or(CodeError::NoRoom { side: room.one })?;
    let bytes: Vec<Vec<u8>> = codes.iter().map(PatternCode::encode).collect();
    let picture = artist.draw(&bytes, density(profile)?)?;
    let (is_wide, positions) = (bytes.len() > 1, Positions::default());
    Ok(Drawn { picture, number: *number, least: None, profile: Some(profile), is_wide, positions })
}

/// Draws a card's symbol.
fn still(card: &[u8; CARD_BYTES], side: u32) -> Result<Drawn, CodeError> {
    let density = Density::smallest_for(card.len(), Level::Q).ok_or(CodeError::Nothing)?;
    let picture = Fit::of(density, 1, side, side)?.draw(&[Symbol::encode(card, density)?])?;
    Ok(Drawn { picture, number: 1, least: Some(1), profile: None, is_wide: false, positions: Positions::default() })
}

/// Draws symbols; those of one density after the other.
struct Artist {
    room: Room,
    press: Option<Press>,
}

impl Artist {
    fn new(room: Room) -> Self {
        Self { room, press: None }
    }

    /// Draws contents of one length side by side, as large as there is room; those that are shorter
    /// than a symbol of the density get a smaller one.
    fn draw(&mut self, contents: &[Vec<u8>], wanted: Density) -> Result<Luma, CodeError> {
        let length = contents.iter().map(Vec::len).max().unwrap_or_default();
        let density = Density::smallest_for(length, wanted.level()).unwrap_or(wanted);
        let across = u32::try_from(contents.len()).unwrap_or(u32::MAX);
        let (width, height) = self.room.plate(across);
        let press = match self.press.take().filter(|press| press.density() == density) {
            Some(press) => press,
            None => Press::new(density)?,
        };
        let press = self.press.insert(press);
        let symbols = contents.iter().map(|bytes| press.symbol(bytes)).collect::<Result<Vec<_>, _>>()?;
        Ok(Fit::of(density, across, width, height)?.draw(&symbols)?)
    }
}

/// Gives the density of a profile as optics names it.
fn density(profile: Profile) -> Result<Density, CodeError> {
    let level = match profile.correction {
        Correction::L => Level::L,
        Correction::M => Level::M,
        Correction::Q => Level::Q,
        Correction::H => Level::H,
    };
    Ok(Density::new(profile.version, level)?)
}

/// Says why a code is not drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum CodeError {
    #[error("there is nothing to draw. Go back and show it again")]
    Nothing,
    #[error("no code fits {side} pixels. Use a larger screen")]
    NoRoom { side: u32 },
    #[error("this machine starts no more threads. Switch it off and on")]
    Thread,
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    #[error(transparent)]
    Picture(#[from] cloison_optics::PictureError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_optics::read;
    use cloison_protocol::{Assembly, Fate, Tally};

    const SMALL: Room = Room { one: 480, two: Some((800, 400)) };
    const LARGE: Room = Room { one: 720, two: Some((1280, 610)) };

    fn pace(profile: u8) -> Pace {
        Pace { speed: 0, profile, brightness: 2 }
    }

    #[test]
    fn a_message_is_read_back_with_every_profile_on_both_screens() {
        let message: Vec<u8> = (0..9000_u32).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
        for (number, room) in (0..6).flat_map(|number| [(number, SMALL), (number, LARGE)]) {
            let mut showing = Showing::new(&Code::Message(message.clone()), pace(number), room).unwrap();
            let mut assembly = Assembly::new();
            let whole = (0..100).find_map(|_| {
                let drawn = showing.advance().unwrap();
                let profile = drawn.profile.unwrap();
                assert_eq!((Some(profile), drawn.is_wide), (Profile::numbered(number), profile.across == 2));
                let codes = read(&drawn.picture);
                assert_eq!(codes.len(), usize::from(profile.across));
                codes.iter().find_map(|code| match assembly.take(code).unwrap() {
                    Fate::Complete(bytes) => Some(bytes),
                    _ => None,
                })
            });
            assert_eq!(whole.as_deref(), Some(message.as_slice()));
        }
    }

    #[test]
    fn where_words_stand_beside_it_one_symbol_is_shown_and_a_short_message_is_one_small_symbol() {
        let narrow = Room { two: None, ..SMALL };
        let mut showing = Showing::new(&Code::Message(vec![5; 5000]), pace(5), narrow).unwrap();
        let drawn = showing.advance().unwrap();
        assert_eq!((drawn.profile, drawn.is_wide), (Profile::numbered(2), false));
        let mut short = Showing::new(&Code::Message(b"short".to_vec()), pace(5), SMALL).unwrap();
        let drawn = short.advance().unwrap();
        assert_eq!((drawn.is_wide, drawn.least), (false, Some(1)));
        assert!(drawn.picture.width() > 400);
    }

    #[test]
    fn the_pattern_shows_every_profile_that_fits_and_is_read_whole() {
        for (room, best) in [(SMALL, 5), (Room { two: None, ..SMALL }, 2), (LARGE, 5)] {
            let mut showing = Showing::new(&Code::Pattern, Pace::default(), room).unwrap();
            let mut tally = Tally::new();
            for _ in 0..20 * (best + 1) {
                let drawn = showing.advance().unwrap();
                let codes = read(&drawn.picture);
                codes.iter().for_each(|code| {
                    tally.take(&PatternCode::decode(code).unwrap());
                });
            }
            assert_eq!(tally.best(), Some(best));
            assert!(tally.scores().iter().all(|score| score.read == score.shown), "{:?}", tally.scores());
        }
        let none = Room { one: 50, two: None };
        assert!(matches!(
            Showing::new(&Code::Pattern, Pace::default(), none).unwrap().advance(),
            Err(CodeError::NoRoom { side: 50 })
        ));
    }

    #[test]
    fn a_card_is_one_code_in_whole_pixels() {
        let mut showing = Showing::new(&Code::Card([7; 80]), Pace::default(), SMALL).unwrap();
        assert!(!showing.is_moving() && showing.is_fresh());
        let picture = showing.advance().unwrap().picture.clone();
        assert_eq!((read(&picture), showing.number()), (vec![vec![7; 80]], 1));
    }

    #[test]
    fn denser_goes_round_what_there_is_room_for() {
        let round = |room| {
            let mut pace = pace(0);
            let mut go = || {
                let before = pace.profile;
                pace.denser(room, None);
                before
            };
            (0..7).map(|_| go()).collect::<Vec<_>>()
        };
        assert_eq!(round(SMALL), [0, 1, 2, 3, 4, 5, 0]);
        assert_eq!(round(Room { two: None, ..SMALL }), [0, 1, 2, 0, 1, 2, 0]);
        assert_eq!(round(Room { one: 10, two: None }), [0; 7]);
    }

    #[test]
    fn denser_goes_on_from_what_is_shown_and_frames_from_where_they_were() {
        let mut stepped_down = pace(5);
        stepped_down.denser(SMALL, Profile::numbered(1));
        assert_eq!(stepped_down.profile, 2);
        let mut showing = Showing::new(&Code::Message(vec![9; 60_000]), pace(3), SMALL).unwrap();
        (0..4).for_each(|_| assert!(showing.advance().unwrap().is_wide));
        assert!(
            showing.suits(pace(3), SMALL)
                && !showing.suits(pace(2), SMALL)
                && !showing.suits(pace(3), Room { two: None, ..SMALL })
        );
        let mut again = showing.again(pace(2), SMALL).unwrap();
        assert_eq!((again.advance().unwrap().number, again.number()), (9, 5), "eight frames of this size were shown");
    }

    #[test]
    fn a_picture_stays_as_long_as_its_profile_and_the_speed_say() {
        let interval = |speed, number| Pace { speed, ..pace(0) }.interval(Profile::numbered(number)).as_millis();
        assert_eq!([interval(0, 2), interval(1, 2), interval(2, 2)], [250, 125, 83]);
        assert_eq!([interval(1, 0), interval(1, 5)], [200, 66]);
    }
}
