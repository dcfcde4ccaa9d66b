//! What is tested, one step after the other.

use crate::{
    Arguments,
    find::Page,
    guest::Guest,
    images::Images,
    journey::Vault,
    letters::{BUTTONS, TEXTS},
    person::Person,
    say,
};
use cloison_tests::Result;
use std::time::{Duration, Instant};

/// How much slower than the bare kernel the first screen may come.
const SLOWER: f32 = 1.5;

/// What the last lines tell.
#[derive(Default)]
pub(crate) struct Figures(Vec<(String, String)>);

impl Figures {
    pub(crate) fn add(&mut self, what: &str, much: String) {
        say(&format!("{what}: {much}"));
        self.0.push((what.to_owned(), much));
    }
}

/// Runs the steps that were asked for, all of them without a word.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let images = Images::new(arguments)?;
    let mut figures = Figures::default();
    let wanted = |step: &str| arguments.steps.is_empty() || arguments.steps.iter().any(|wanted| wanted == step);
    if wanted("start") {
        start(&images, &mut figures)?;
    }
    if wanted("journey") {
        journey(&images, &mut figures)?;
    }
    for (what, much) in &figures.0 {
        println!("{what:60} {much}");
    }
    Ok(())
}

/// The first screen: how soon it comes, how it looks, how soon it answers.
fn start(images: &Images, figures: &mut Figures) -> Result<()> {
    let bare = bare(images)?;
    figures.add("the kernel alone, to a first program that does nothing", seconds(bare));
    let parts = images.released(&images.fresh_card("start.img")?)?;
    let mut person = Person::before(Guest::start(&parts)?, images.out.clone())?;
    let first = first_screen(&mut person)?;
    let times = first.as_secs_f32() / bare.as_secs_f32();
    figures.add("the first screen", format!("{}, {times:.2} times the kernel alone", seconds(first)));
    if times > SLOWER {
        return Err(format!("the first screen comes {times:.2} times as late as the kernel alone, and {SLOWER} are allowed"));
    }
    let answer = answer(&mut person)?;
    figures.add("from a touch to what it changes", format!("{} ms", answer.as_millis()));
    Ok(())
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
fn first_screen(person: &mut Person) -> Result<Duration> {
    let begun = person.guest.begun;
    let seen = person.guest.look_until("the first screen", Duration::from_secs(180), |picture| {
        Ok(!picture.is_blank() && Page::of(picture).find("Aucun coffre", &TEXTS)?.is_some())
    });
    match seen {
        Ok((picture, at)) => {
            picture.write(&std::path::Path::new("/tmp/w/try/first.png").to_path_buf())?;
            Ok(at - begun)
        }
        Err(error) => Err(person.explain(&error)),
    }
}

/// Touches the other language's button, and measures when the screen is another one.
fn answer(person: &mut Person) -> Result<Duration> {
    let picture = person.guest.look()?;
    let place = Page::of(&picture).find("English", &BUTTONS)?.ok_or("there is no button “English”")?;
    let begun = Instant::now();
    person.tap(place.middle())?;
    let changed = |now: &crate::picture::Picture| Ok(now.differing(&picture, 40) > 2000);
    let (_, at) = person.guest.look_until("an answer", Duration::from_secs(10), changed)?;
    person.see("No vault yet")?;
    Ok(at - begun)
}

fn journey(images: &Images, figures: &mut Figures) -> Result<()> {
    let parts = images.with_hand(&images.fresh_card("journey.img")?)?;
    let mut person = Person::before(Guest::start(&parts)?, images.out.clone())?;
    first_screen(&mut person)?;
    answer(&mut person)?;
    let held = held(images, &mut person);
    let vault = held.map_err(|error| person.explain(&error))?;
    let longest = vault.openings.iter().max().copied().unwrap_or_default();
    figures.add("a card is opened, at most", seconds(longest));
    Ok(())
}

fn held(images: &Images, person: &mut Person) -> Result<Vault> {
    let mut vault = Vault::make(person, &images.out)?;
    say("the vault is made and drilled");
    vault.open(person, [1, 2])?;
    vault.enrol(person)?;
    say("the workstation is enrolled");
    vault.read_record(person)?;
    say("the record was read, and it is the original");
    Ok(vault)
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f32())
}
