//! A person before the kiosk: looks, reads, touches, holds, types, and holds things before the camera.

use crate::{
    film::Film,
    find::{Page, Place},
    guest::Guest,
    keyboard,
    letters::{BUTTONS, Style, TEXTS},
    past::Past,
    picture::Picture,
    screens::{DEAF, explain},
    webcam::{SMALL, Size, Webcam},
};
use cloison_optics::Luma;
use cloison_tests::Result;
use std::{
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

/// What a button that waits for its text to be read is filled with.
const WAITS: [u8; 3] = [0xdf, 0xe4, 0xe8];
/// How long it is waited for what comes by itself. A card is opened by much memory and arithmetic, and
/// the machine is computed.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a keyboard takes to be turned over.
const TURNED: Duration = Duration::from_millis(700);
/// The rows in which the keyboard's screen shows what was typed.
const TYPED: std::ops::Range<usize> = 36..206;

/// Where the buttons of a page begin.
const FOOT: usize = 400;
/// Where a code stands that has words beside it.
const SQUARE: usize = 480;

/// Somebody before a guest's screen.
pub(crate) struct Person {
    pub(crate) guest: Guest,
    pub(crate) webcam: Webcam,
    /// Where pictures of what went wrong are left.
    folder: PathBuf,
    past: Past,
}

impl Person {
    /// Sits down before a guest, with a camera in the hand.
    pub(crate) fn before(guest: Guest, folder: PathBuf) -> Result<Self> {
        let webcam = guest.webcam(SMALL)?;
        Ok(Self { guest, webcam, folder, past: Past::new() })
    }

    /// Plugs another camera in, in place of the one that is there.
    pub(crate) fn changes_camera(&mut self, size: Size) -> Result<()> {
        self.webcam.unplug();
        // QEMU takes the next one when it has noticed.
        sleep(Duration::from_secs(1));
        self.webcam = self.guest.webcam(size)?;
        Ok(())
    }

    /// Does something while no camera is plugged in.
    pub(crate) fn without_camera<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.webcam.unplug();
        sleep(Duration::from_secs(1));
        let done = work(self)?;
        self.webcam = self.guest.webcam(SMALL)?;
        Ok(done)
    }

    /// Gives the place of a file that is left.
    pub(crate) fn out(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Leaves a picture of the screen, and gives the reason with its place.
    pub(crate) fn explain(&mut self, reason: &str) -> String {
        let told = explain(&mut self.guest, &self.folder, reason);
        format!("{told}\nWhat was done last:{}", self.past.told(&self.folder))
    }

    /// Waits for a text, on a button or elsewhere.
    pub(crate) fn see(&mut self, text: &str) -> Result<Place> {
        self.see_within(text, PATIENCE)
    }

    pub(crate) fn see_within(&mut self, text: &str, longest: Duration) -> Result<Place> {
        self.await_in(text, &[&TEXTS[..], &BUTTONS].concat(), longest)
    }

    fn await_in(&mut self, text: &str, styles: &[Style], longest: Duration) -> Result<Place> {
        let (mut found, mut last) = (None, None);
        self.guest.look_until(&format!("“{text}”"), longest, |picture| {
            if last.as_ref() != Some(picture) {
                found = Page::of(picture).find(text, styles)?;
                last = Some(picture.clone());
            }
            Ok(found.is_some())
        })?;
        self.past.note(&format!("sees “{text}”"), None);
        found.ok_or_else(|| format!("“{text}” is not there"))
    }

    /// Tells whether a text is there now.
    pub(crate) fn sees(&mut self, text: &str) -> Result<bool> {
        Ok(Page::of(&self.guest.look()?).find(text, &[&TEXTS[..], &BUTTONS].concat())?.is_some())
    }

    /// Tells whether these words are there now, one after the other.
    pub(crate) fn reads(&mut self, words: &str) -> Result<bool> {
        Page::of(&self.guest.look()?).reads(words, &TEXTS)
    }

    /// Touches a button, once its text was read to the end, and waits for what comes of it.
    pub(crate) fn press(&mut self, label: &str, next: &str) -> Result<Duration> {
        let end = Instant::now() + PATIENCE;
        self.ready(label)?;
        let begun = Instant::now();
        loop {
            if let Some(place) = self.button(label)? {
                self.tap(place.middle())?;
            }
            match self.see_within(next, DEAF) {
                Ok(_) => return Ok(begun.elapsed()),
                // The screen is at work, or a touch came while it was.
                Err(_) if Instant::now() < end => {}
                Err(error) => return Err(format!("after “{label}”: {error}")),
            }
        }
    }

    /// Waits until two looks see the same.
    fn settle(&mut self) -> Result<Picture> {
        let mut last = self.guest.look()?;
        for _ in 0..30 {
            sleep(Duration::from_millis(150));
            let now = self.guest.look()?;
            if now == last {
                break;
            }
            last = now;
        }
        Ok(last)
    }

    /// Turns pages until a button is there, reading each of them to its end.
    pub(crate) fn turn_to(&mut self, label: &str) -> Result<()> {
        for _ in 0..80 {
            let picture = self.settle()?;
            let page = Page::of(&picture);
            if page.find(label, &BUTTONS)?.is_some() {
                return Ok(());
            }
            let Some(next) = page.find("Next", &BUTTONS)? else { continue };
            if waits(&picture, next) {
                self.read_on(&page, "Next")?;
            } else {
                self.tap(next.middle())?;
            }
            // What is above the buttons: a button that is touched looks otherwise at once.
            let above = |seen: &Picture| seen.rgb[..FOOT * seen.width * 3].to_vec();
            let before = above(&picture);
            let _ = self.guest.look_until("another page", DEAF, |now| Ok(above(now) != before));
        }
        Err(format!("no page has “{label}”"))
    }

    /// Turns a text through that a button waits for.
    fn read_on(&mut self, page: &Page, label: &str) -> Result<()> {
        let on = page.find("Read on", &BUTTONS)?.map_or_else(|| page.find("▼", &BUTTONS), |found| Ok(Some(found)))?;
        self.tap(on.ok_or_else(|| format!("“{label}” waits for nothing"))?.middle())
    }

    /// Leaves the screen of a code, which asks whether all of it was read.
    pub(crate) fn leave(&mut self, label: &str, next: &str) -> Result<()> {
        self.press(label, "Stay here")?;
        self.press(label, next).map(drop)
    }

    fn button(&mut self, label: &str) -> Result<Option<Place>> {
        Page::of(&self.guest.look()?).find(label, &BUTTONS)
    }

    /// Waits for a button, and turns the text through where it waits for that.
    pub(crate) fn ready(&mut self, label: &str) -> Result<Place> {
        for _ in 0..40 {
            let place = self.await_in(label, &BUTTONS, PATIENCE)?;
            let picture = self.guest.look()?;
            if !waits(&picture, place) {
                return Ok(place);
            }
            self.read_on(&Page::of(&picture), label)?;
            sleep(Duration::from_millis(400));
        }
        Err(format!("the text before “{label}” has no end"))
    }

    /// Touches a place.
    pub(crate) fn tap(&mut self, at: (usize, usize)) -> Result<()> {
        let before = self.guest.look()?;
        self.past.note(&format!("touches {at:?}"), Some(before));
        self.guest.tap(at)
    }

    /// Holds a button until something else is there.
    pub(crate) fn hold(&mut self, label: &str, next: &str) -> Result<()> {
        let place = self.ready(label)?;
        self.guest.finger(place.middle(), true)?;
        let seen = self.guest.look_until("an end of holding", Duration::from_secs(15), |picture| {
            Ok(Page::of(picture).find(label, &BUTTONS)?.is_none())
        });
        self.guest.finger(place.middle(), false)?;
        seen.map_err(|error| format!("“{label}”: {error}"))?;
        self.see(next).map(drop)
    }

    /// Holds what is private, and gives the first picture with a code; then lets go.
    pub(crate) fn look_at_code(&mut self) -> Result<(Luma, Vec<u8>)> {
        let place = self.ready("Hold to show")?;
        self.guest.finger(place.middle(), true)?;
        let mut code = None;
        let seen = self.guest.look_until("a code", Duration::from_secs(20), |picture| {
            let square = square(picture)?;
            code = cloison_optics::read(&square).pop().map(|bytes| (square, bytes));
            Ok(code.is_some())
        });
        self.guest.finger(place.middle(), false)?;
        seen?;
        code.ok_or_else(|| "there is no code".to_owned())
    }

    /// Touches a field until its keyboard is there: what is on the screen may still be moving.
    fn opens(&mut self, field: &str) -> Result<()> {
        for _ in 0..6 {
            self.settle()?;
            let place = self.await_in(field, &[Style { size: 15, bold: false }], PATIENCE)?;
            self.tap(place.middle())?;
            if self.await_in("OK", &[Style { size: 21, bold: true }], DEAF).is_ok() {
                return self.settle().map(drop);
            }
        }
        Err(format!("“{field}” has no keyboard"))
    }

    /// Types a secret into a field, whose label is told, and closes the keyboard.
    pub(crate) fn write(&mut self, field: &str, text: &str, next: &str) -> Result<()> {
        let count = format!("({})", text.chars().count());
        for attempt in 0..3 {
            self.opens(field)?;
            // A letter that was typed anew begins with none.
            for _ in 0..attempt * 40 {
                self.tap(keyboard::erase().at)?;
            }
            for key in keyboard::touches(text) {
                self.strike(key)?;
            }
            self.past.note(&format!("has typed into “{field}”"), None);
            self.tap(keyboard::done())?;
            self.see(next)?;
            // Long secrets are shown by how many letters they have.
            if Page::of(&self.settle()?).has(&count, &TEXTS)? {
                return Ok(());
            }
        }
        Err(format!("“{field}” does not take {} letters", text.chars().count()))
    }

    /// Strikes a key, and sees that it was struck before the next one.
    fn strike(&mut self, key: keyboard::Touch) -> Result<()> {
        let typed = |picture: &Picture| picture.rgb[TYPED.start * picture.width * 3..TYPED.end * picture.width * 3].to_vec();
        let before = typed(&self.guest.look()?);
        for _ in 0..3 {
            self.tap(key.at)?;
            if !key.types {
                sleep(TURNED);
                return Ok(());
            }
            if self.guest.look_until("a letter", Duration::from_secs(5), |now| Ok(typed(now) != before)).is_ok() {
                return Ok(());
            }
        }
        Err("a key does nothing".to_owned())
    }

    /// Holds one picture before the camera until something is seen on the screen.
    pub(crate) fn show(&mut self, picture: &Luma, next: &str) -> Result<Duration> {
        self.play(&Film::of(std::slice::from_ref(picture))?, Duration::from_secs(1), next)
    }

    /// Plays a film before the camera until something is seen on the screen; tells how long it took.
    pub(crate) fn play(&mut self, film: &Film, each: Duration, next: &str) -> Result<Duration> {
        let begun = Instant::now();
        self.webcam.show(film.clone(), each);
        let seen = self.see(next);
        self.webcam.cover();
        seen.map_err(|error| format!("{error} ({} frames were taken)", self.webcam.taken()))?;
        Ok(begun.elapsed())
    }
}

/// Tells whether a button is filled as one that waits.
fn waits(picture: &Picture, place: Place) -> bool {
    let at = picture.at(place.x.saturating_sub(4), place.y + place.height / 2);
    at.iter().zip(WAITS).all(|(is, waits)| is.abs_diff(waits) < 4)
}

/// Cuts the square out in which a code stands, in black and white.
fn square(picture: &Picture) -> Result<Luma> {
    let greys = picture.greys();
    let rows = greys.chunks(picture.width).take(SQUARE);
    let two = |grey: &u8| if *grey < 128 { 0 } else { 255 };
    let pixels = rows.flat_map(|row| row.iter().take(SQUARE).map(two)).collect();
    let size = u32::try_from(SQUARE).unwrap_or(0);
    Luma::new(size, size, pixels).map_err(|error| error.to_string())
}
