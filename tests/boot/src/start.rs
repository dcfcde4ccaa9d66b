//! The first screen: how soon it comes, how it looks, how soon it answers.

use crate::{
    find::Page,
    guest::{Guest, Parts},
    images::Images,
    letters::{BUTTONS, TEXTS},
    person::Person,
    picture::Picture,
    say,
    screens::{START, named},
    steps::{Figures, seconds},
};
use cloison_tests::Result;
use std::{
    cmp::Ordering,
    time::{Duration, Instant},
};

/// How many times what the bare kernel takes the kiosk's first picture is to take; it is not met yet.
const GOAL: f32 = 1.5;
/// What it may not come to, and what the first screen may not that something can be done on: at later starts, and at
/// the first, which waits for sticks that may yet come before it makes the data partition.
const PICTURE: f32 = 2.2;
const LATER: f32 = 3.3;
const FIRST: f32 = 4.6;
/// How many times the image is started.
const STARTS: usize = 7;
/// How long one of the first pictures is waited for, on a disk that is cold.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a person takes for at once.
const AT_ONCE: Duration = Duration::from_millis(300);
const MIB: u64 = 1 << 20;

/// The kept pictures of a machine that starts, and that makes its data partition, and where its dots are, one of which is lit.
const STARTING: &str = "800x480/fr/starting";
const MAKING: &str = "800x480/fr/starting-data";
const DOTS: [usize; 4] = [300, 200, 500, 260];
/// The kept picture of a new machine that knows its image's words.
const DRAWN: &str = "800x480/fr/home-image";
/// Where those words stand, and where a panel's light is set: left, top, right, bottom.
const WORDS: [usize; 4] = [0, 190, 430, 240];
const LIGHT: [usize; 4] = [212, 346, 368, 404];

/// The first screen: how soon it comes, how it looks, how soon it answers.
pub(crate) fn run(images: &Images, figures: &mut Figures) -> Result<()> {
    // The first start of all reads the kernel from a cold disk.
    bare(images)?;
    let mut last = None;
    let first =
        starts(images, || begun(images, &images.released(&images.used_card("start.img")?)?, &[STARTING, MAKING]), &mut last)?;
    first.told(figures, "a card's first start, which makes its data partition", FIRST);
    let mut person = last.take().ok_or("nothing was started")?;
    let answers: Vec<Duration> = (0..4).map(|turn| answer(&mut person, turn % 2 == 0)).collect::<Result<_>>()?;
    let longest = answers.iter().max().copied().unwrap_or_default();
    let all: Vec<String> = answers.iter().map(|answer| answer.as_millis().to_string()).collect();
    figures.limited("from a touch to what it changes", format!("{} ms", all.join(", ")), longest <= AT_ONCE);
    drop(person);
    let parts = images.released(&images.out.join("start.img"))?;
    let later = starts(images, || begun(images, &parts, &[STARTING]), &mut last)?;
    later.told(figures, "every later start", LATER);
    let mut person = last.take().ok_or("nothing was started")?;
    let words = as_drawn(&mut person, images);
    let words = words.map_err(|error| person.explain(&error))?;
    say(&format!("it is the picture that is kept of it, point by point; the words of its image are {words}"));
    let size = std::fs::metadata(images.card("virt")).map_err(|error| error.to_string())?.len();
    figures.limited("the image", format!("{:.1} MiB", size as f32 / MIB as f32), size <= 50 * MIB);
    Ok(())
}

/// When a start came to what people see of it.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// What the bare kernel took right before.
    bare: Duration,
    /// The kiosk's first picture.
    picture: Duration,
    /// The first screen that something can be done on.
    screen: Duration,
}

/// What is in the middle of several starts.
#[derive(Debug)]
struct Starts(Vec<Seen>);

impl Starts {
    /// Adds what they came to, beside what the bare kernel took right before each.
    fn told(self, figures: &mut Figures, start: &str, most: f32) {
        figures.add(&format!("the kernel alone, right before {start}"), seconds(self.middle(|seen| seen.bare)));
        let told = |at: Duration, times: f32| format!("{}, {times:.2} times the kernel alone", seconds(at));
        let times = self.middle(|seen| seen.picture.as_secs_f32() / seen.bare.as_secs_f32());
        let missed = if times > GOAL { format!(" (the goal of {GOAL} is not met)") } else { String::new() };
        let picture = told(self.middle(|seen| seen.picture), times) + &missed;
        figures.limited(&format!("the kiosk's first picture at {start}"), picture, times <= PICTURE);
        let times = self.middle(|seen| seen.screen.as_secs_f32() / seen.bare.as_secs_f32());
        let screen = told(self.middle(|seen| seen.screen), times);
        figures.limited(&format!("the first screen to touch at {start}"), screen, times <= most);
    }

    fn middle<T: PartialOrd + Copy>(&self, of: fn(&Seen) -> T) -> T {
        let mut all: Vec<T> = self.0.iter().map(of).collect();
        all.sort_by(|one, other| one.partial_cmp(other).unwrap_or(Ordering::Equal));
        all[STARTS / 2]
    }
}

/// Measures several starts, the bare kernel right before each: a machine that others share is now slow and now fast.
fn starts(
    images: &Images,
    mut start: impl FnMut() -> Result<(Person, Duration, Duration)>,
    last: &mut Option<Person>,
) -> Result<Starts> {
    let mut all = Vec::new();
    for _ in 0..STARTS {
        // Whoever is still before the last one has its card.
        drop(last.take());
        let bare = bare(images)?;
        let (person, picture, screen) = start()?;
        *last = Some(person);
        say(&format!(
            "the kernel alone {}, the first picture {}, the first screen {}",
            seconds(bare),
            seconds(picture),
            seconds(screen)
        ));
        all.push(Seen { bare, picture, screen });
    }
    Ok(Starts(all))
}

/// Starts a guest until it showed these pictures and its first screen is there; gives somebody before it, and when
/// the first picture and the first screen were there.
fn begun(images: &Images, parts: &Parts, pictures: &[&str]) -> Result<(Person, Duration, Duration)> {
    let mut person = Person::before(Guest::start(parts)?, images.out.clone())?;
    let mut seen = Vec::new();
    for name in pictures {
        let kept = Picture::golden(name)?;
        let look = |picture: &Picture| Ok(picture.differing_outside(&kept, &[DOTS]) == 0);
        let (_, at) = person.guest.look_until(name, PATIENCE, look).map_err(|error| person.explain(&error))?;
        seen.push(at - person.guest.begun);
    }
    let screen = first_screen(&mut person)?;
    Ok((person, seen.first().copied().unwrap_or(screen), screen))
}

/// Measures how long the kernel takes to a first program that does nothing.
fn bare(images: &Images) -> Result<Duration> {
    let mut guest = Guest::start(&images.bare()?)?;
    while !guest.serial().contains("the first program is here") {
        if guest.begun.elapsed() > START || guest.is_off() {
            return Err(format!("the bare kernel does not come: {}", guest.serial()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(guest.begun.elapsed())
}

/// Waits for the first screen, in French as a kiosk comes.
pub(crate) fn first_screen(person: &mut Person) -> Result<Duration> {
    let begun = person.guest.begun;
    let seen = person.guest.look_until("the first screen", START, |picture| {
        Ok(!picture.is_blank() && Page::of(picture).find("Aucun coffre", &TEXTS)?.is_some())
    });
    match seen {
        Ok((picture, at)) => {
            picture.write(&person.out("first.png"))?;
            Ok(at - begun)
        }
        Err(error) => Err(person.explain(&error)),
    }
}

/// Holds the first screen against the picture that is kept of it, once the words of the image stand on
/// it. Of other letters are those words, and a virtual panel has no light: they are looked at apart.
fn as_drawn(person: &mut Person, images: &Images) -> Result<String> {
    let words = images.words()?;
    let picture = named(&mut person.guest, &words)?;
    match picture.differing_outside(&Picture::golden(DRAWN)?, &[WORDS, LIGHT]) {
        0 => Ok(words),
        points => Err(format!("{points} points of the first screen are not as in {DRAWN}")),
    }
}

/// Touches the other language's button, and measures when the screen is another one.
pub(crate) fn answer(person: &mut Person, to_english: bool) -> Result<Duration> {
    let (label, title) = if to_english { ("English", "No vault yet") } else { ("Français", "Aucun coffre") };
    person.see(label)?;
    let picture = person.guest.look()?;
    let place = Page::of(&picture).find(label, &BUTTONS)?.ok_or_else(|| format!("there is no button “{label}”"))?;
    let begun = Instant::now();
    person.tap(place.middle())?;
    let changed = |now: &Picture| Ok(now.differing(&picture, 40) > 2000);
    let (_, at) = person.guest.look_until("an answer", Duration::from_secs(10), changed)?;
    person.see(title)?;
    Ok(at - begun)
}
