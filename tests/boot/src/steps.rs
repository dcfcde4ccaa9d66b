//! What is tested, one step after the other.

use crate::{
    Arguments,
    disk::{Data, is_made},
    guest::{Guest, Hand, Parts},
    images::Images,
    journey::Vault,
    person::Person,
    say,
    start::{answer, first_screen},
};
use cloison_tests::Result;
use std::time::{Duration, Instant};

/// How soon a killed kiosk is back.
const BACK: Duration = Duration::from_secs(2);
/// How many milliseconds after the first write the power is cut, on a card that takes so many a second.
const CUTS: [u64; 5] = [0, 200, 500, 900, 8000];
const PACE: u32 = 10;

/// What the last lines tell.
#[derive(Default)]
pub(crate) struct Figures {
    all: Vec<(String, String)>,
    /// What is beyond its limit.
    beyond: Vec<String>,
}

impl Figures {
    pub(crate) fn add(&mut self, what: &str, much: String) {
        say(&format!("{what}: {much}"));
        self.all.push((what.to_owned(), much));
    }

    /// Adds a figure that has a limit; what is beyond it fails the test at its end.
    pub(crate) fn limited(&mut self, what: &str, much: String, is_within: bool) {
        let much = if is_within { much } else { format!("{much} (BEYOND ITS LIMIT)") };
        if !is_within {
            self.beyond.push(what.to_owned());
        }
        self.add(what, much);
    }

    /// Prints all of them.
    fn told(&self) -> Result<()> {
        self.all.iter().for_each(|(what, much)| println!("{what:64} {much}"));
        if self.beyond.is_empty() { Ok(()) } else { Err(format!("beyond the limit: {}", self.beyond.join("; "))) }
    }
}

/// The steps, in their order.
type Step = fn(&Images, &mut Figures) -> Result<()>;
const STEPS: [(&str, Step); 7] = [
    ("start", crate::start::run),
    ("network", crate::network::run),
    ("kiosk", crate::kills::run),
    ("panel", crate::panel::run),
    ("journey", journey),
    ("boot", first_start_is_cut),
    ("pi", crate::pi::run),
];

/// Runs the steps that were asked for, all of them without a word.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if let Some(unknown) = arguments.steps.iter().find(|wanted| STEPS.iter().all(|(step, _)| step != wanted)) {
        return Err(format!("there is no step {unknown:?}; there are {}", STEPS.map(|(step, _)| step).join(", ")));
    }
    let images = Images::new(arguments)?;
    let mut figures = Figures::default();
    for (name, step) in STEPS {
        if arguments.steps.is_empty() || arguments.steps.iter().any(|wanted| wanted == name) {
            say(&format!("== {name}"));
            if let Err(error) = step(&images, &mut figures) {
                let _ = figures.told();
                return Err(format!("{name}: {error}"));
            }
        }
    }
    figures.told()
}

/// The whole journey, then what may befall a kiosk.
fn journey(images: &Images, figures: &mut Figures) -> Result<()> {
    let card = images.fresh_card("journey.img")?;
    let parts = images.with_hand(&card)?;
    let mut person = Person::before(Guest::start(&parts)?, images.out.clone())?;
    first_screen(&mut person)?;
    answer(&mut person, true)?;
    let mut hand = person.guest.hand()?;
    let held = Vault::make(&mut person, &mut hand, &images.out);
    let mut vault = held.map_err(|error| person.explain(&error))?;
    say("the vault is made and drilled");
    let read = in_service(images, &parts, &mut vault, &mut person, &mut hand, figures);
    read.map_err(|error| person.explain(&error))?;
    let longest = vault.openings.iter().max().copied().unwrap_or_default();
    figures.add("a card is opened, at most", seconds(longest));
    let most = hand.process("--kiosk")?.most;
    figures.limited("the kiosk's memory, at most, while a card is opened", mebibytes(most), most <= (32 + 64) * 1024);
    let befallen = befalls(&mut vault, &mut person, &mut hand, figures);
    befallen.map_err(|error| person.explain(&error))?;
    drop(person);
    let (_, generation) = crate::cuts::store(&card, &images.out, &crate::cuts::root(&vault)?)?;
    say(&format!("after all of it the store is whole, of generation {generation}"));
    Ok(())
}

/// The vault serves; before the first approval, copies of the machine have their power cut in it.
fn in_service(
    images: &Images,
    parts: &Parts,
    vault: &mut Vault,
    person: &mut Person,
    hand: &mut Hand,
    figures: &mut Figures,
) -> Result<()> {
    vault.open(person, [1, 2])?;
    vault.enrol(person)?;
    say("the workstation is enrolled");
    vault.read_record(person, |vault, person| {
        // What is still to be written of before is no part of the approval.
        hand.ask("sync")?;
        person.without_camera(|person| crate::cuts::run(images, parts, vault, person, figures))
    })?;
    say("the record was read, and it is the original");
    Ok(())
}

/// A reader that is killed in the middle of a transfer; a larger camera; a kiosk that is killed.
fn befalls(vault: &mut Vault, person: &mut Person, hand: &mut Hand, figures: &mut Figures) -> Result<()> {
    vault.is_read_although(person, || {
        let reader = hand.kill("camera=")?;
        say(&format!("the reader, process {}, is killed in the middle of a transfer", reader.number));
        Ok(())
    })?;
    say("the transfer went on from where it was");
    vault.declines_on_a_full_disk(person, hand)?;

    let most = vault.looks_closely(person, || Ok(hand.process("camera=")?.most))?;
    figures.limited("the reader's memory, at most, with 1280x720", mebibytes(most), most <= 64 * 1024);

    let (begun, kiosk) = (Instant::now(), hand.kill("--kiosk")?);
    person.see_within("Open the vault", Duration::from_secs(30))?;
    figures.limited("a killed kiosk is back, sealed", seconds(begun.elapsed()), begun.elapsed() <= BACK);
    let next = hand.process("--kiosk")?;
    if next.number == kiosk.number || next.user != 1000 {
        return Err(format!("this is no other kiosk: {next:?}"));
    }
    vault.open(person, [2, 3])?;
    say("and the vault opens");
    Ok(())
}

/// The power is cut while the data partition is made, on a card that takes a few writes a second and was used
/// before: the next start makes it whole.
fn first_start_is_cut(images: &Images, figures: &mut Figures) -> Result<()> {
    let mut told = Vec::new();
    for wait in CUTS {
        let card = images.used_card("cut.img")?;
        let parts = images.released(&card)?;
        let mut guest = Guest::start(&parts)?;
        guest.writes_slowly(PACE)?;
        begins_to_write(&mut guest)?;
        std::thread::sleep(Duration::from_millis(wait));
        let writes = guest.written()?;
        guest.cut();
        let made = if is_made(&card) { "made" } else { "not made" };
        say(&format!("cut after {writes} writes: {made}"));
        told.push(made);
        let mut person = Person::before(Guest::start(&parts)?, images.out.clone())?;
        first_screen(&mut person)?;
        drop(person);
        Data::of(&card, &images.out)?.has_store()?;
    }
    let count = |what: &str| told.iter().filter(|made| **made == what).count();
    let (made, unmade) = (count("made"), count("not made"));
    if made == 0 || unmade < 2 {
        return Err(format!("{unmade} cuts came before the data partition was there and {made} after; both are to be seen"));
    }
    figures.add(
        "the power is cut while the data partition is made, then it starts",
        format!("{unmade} times before it was there, {made} after"),
    );
    Ok(())
}

/// Waits until something is written to the card.
fn begins_to_write(guest: &mut Guest) -> Result<()> {
    while guest.written()? == 0 {
        if guest.begun.elapsed() > Duration::from_secs(180) || guest.is_off() {
            return Err(format!("nothing is written to the card: {}", guest.serial()));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a figure with one digit behind its point")]
pub(crate) fn mebibytes(kibibytes: u32) -> String {
    format!("{:.1} MiB", kibibytes as f32 / 1024.0)
}

pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f32())
}
