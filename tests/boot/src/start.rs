//! The first screen: how soon it comes, how it looks, how soon it answers.

use crate::{
    find::Page,
    guest::{Guest, Parts},
    images::Images,
    letters::{BUTTONS, TEXTS},
    person::Person,
    picture::Picture,
    say,
    screens::named,
    steps::{Figures, seconds},
};
use cloison_tests::Result;
use std::time::{Duration, Instant};

/// How many times what the bare kernel takes the first screen is to take, as the goal is; it is not met yet.
const GOAL: f32 = 1.5;
/// What it may not come to again: later starts, and the first, which waits for sticks that may yet come before
/// it makes the data partition.
const LATER: f32 = 2.5;
const FIRST: f32 = 4.0;
/// What a person takes for at once.
const AT_ONCE: Duration = Duration::from_millis(300);
const MIB: u64 = 1 << 20;

/// The kept picture of a new machine that knows its image's words.
const DRAWN: &str = "800x480/fr/home-image";
/// Where those words stand, and where a panel's light is set: left, top, right, bottom.
const WORDS: [usize; 4] = [0, 190, 430, 240];
const LIGHT: [usize; 4] = [212, 346, 368, 404];

/// The first screen: how soon it comes, how it looks, how soon it answers.
pub(crate) fn run(images: &Images, figures: &mut Figures) -> Result<()> {
    let bare = median(|| bare(images))?;
    figures.add("the kernel alone, to a first program that does nothing", seconds(bare));
    let mut last = None;
    let first = median(|| {
        // Whoever is still before the last one has its card.
        drop(last.take());
        begun(images, &images.released(&images.used_card("start.img")?)?, &mut last)
    })?;
    let times = |at: Duration| at.as_secs_f32() / bare.as_secs_f32();
    let told = |at: Duration| {
        let missed = if times(at) > GOAL { format!(" (the goal of {GOAL} is not met)") } else { String::new() };
        format!("{}, {:.2} times the kernel alone{missed}", seconds(at), times(at))
    };
    figures.limited(
        "the first screen of a card's first start, which makes its data partition",
        told(first),
        times(first) <= FIRST,
    );
    let mut person = last.take().ok_or("nothing was started")?;
    let answers: Vec<Duration> = (0..4).map(|turn| answer(&mut person, turn % 2 == 0)).collect::<Result<_>>()?;
    let longest = answers.iter().max().copied().unwrap_or_default();
    let all: Vec<String> = answers.iter().map(|answer| answer.as_millis().to_string()).collect();
    figures.limited("from a touch to what it changes", format!("{} ms", all.join(", ")), longest <= AT_ONCE);
    drop(person);
    let parts = images.released(&images.out.join("start.img"))?;
    let later = median(|| {
        drop(last.take());
        begun(images, &parts, &mut last)
    })?;
    figures.limited("the first screen of every later start", told(later), times(later) <= LATER);
    let mut person = last.take().ok_or("nothing was started")?;
    let words = as_drawn(&mut person, images);
    let words = words.map_err(|error| person.explain(&error))?;
    say(&format!("it is the picture that is kept of it, point by point; the words of its image are {words}"));
    let size = std::fs::metadata(images.card("virt")).map_err(|error| error.to_string())?.len();
    figures.limited("the image", format!("{:.1} MiB", size as f32 / MIB as f32), size <= 50 * MIB);
    Ok(())
}

/// Measures three times, and gives what is in the middle.
fn median(mut measure: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let mut all = [measure()?, measure()?, measure()?];
    all.sort();
    Ok(all[1])
}

/// Starts a guest until its first screen is there, and leaves somebody before it.
fn begun(images: &Images, parts: &Parts, last: &mut Option<Person>) -> Result<Duration> {
    let person = last.insert(Person::before(Guest::start(parts)?, images.out.clone())?);
    first_screen(person)
}

/// Measures how long the kernel takes to a first program that does nothing.
fn bare(images: &Images) -> Result<Duration> {
    let mut guest = Guest::start(&images.bare()?)?;
    while !guest.serial().contains("the first program is here") {
        if guest.begun.elapsed() > Duration::from_secs(120) || guest.is_off() {
            return Err(format!("the bare kernel does not come: {}", guest.serial()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(guest.begun.elapsed())
}

/// Waits for the first screen, in French as a kiosk comes.
pub(crate) fn first_screen(person: &mut Person) -> Result<Duration> {
    let begun = person.guest.begun;
    let seen = person.guest.look_until("the first screen", Duration::from_secs(180), |picture| {
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
