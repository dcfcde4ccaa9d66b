//! Processes of the image: whose they are, how much memory they take, and what comes after one is killed.
//!
//! A guest's clock goes as the host's, so that its seconds are counted outside.

use crate::{
    film::Film,
    guest::{DATA, Guest, Hand, Process},
    images::Images,
    picture::Picture,
    place, say,
    screens::{FIRST, explained, first, named, see, settled, touch},
    steps::{Figures, mebibytes},
    webcam::{SMALL, Webcam},
};
use cloison_optics::Luma;
use cloison_tests::Result;
use std::{
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

pub(crate) const KIOSK: &str = "--kiosk";
const READER: &str = "camera=";
const USERS: (u32, u32) = (1000, 1001);

/// How soon another kiosk is there, and the longest that is waited for it.
const SOON: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(60);

/// Kilobytes.
const RESERVE: u32 = 64 << 10;
const KIOSK_MOST: u32 = 32 << 10;
const READER_MOST: u32 = 64 << 10;

/// How many points of the preview change when something else is before the camera.
const CHANGED: usize = 20_000;
/// The width and height of what is held before the camera.
const SIDE: u32 = 640;
/// What a machine says that starts, and where the first screen will have a button.
const STARTING: &str = "La machine démarre.";
const OFFER: (usize, usize) = (600, 120);
const CHECK: &str = "Vérifier une carte";
const CANCEL: &str = "Annuler";

/// Runs it all before three guests, of which one has no card.
pub(crate) fn run(images: &Images, figures: &mut Figures) -> Result<()> {
    let mut guest = Guest::start(&images.with_hand(&images.fresh_card("starting.img")?)?)?;
    explained(&mut guest, &images.out, starting)?;
    drop(guest);
    place::missing(images)?;
    let mut guest = Guest::start(&images.with_hand(&images.fresh_card("kiosk.img")?)?)?;
    explained(&mut guest, &images.out, |guest| {
        let webcam = guest.webcam(SMALL)?;
        first(guest)?;
        let first = named(guest, &images.words()?)?;
        let mut hand = guest.hand()?;
        confined(&mut hand, "ext4")?;
        counted(&mut hand, images)?;
        memory(&mut hand, figures)?;
        kiosk(guest, &mut hand, &first, figures)?;
        reader(guest, &mut hand, &webcam, figures)
    })
}

/// While the machine starts nothing can be touched, and a kiosk that is killed is followed by one that waits as well.
fn starting(guest: &mut Guest) -> Result<()> {
    let mut hand = guest.hand()?;
    see(guest, STARTING, PATIENCE)?;
    let killed = hand.kill(KIOSK)?;
    let another = hand.process(KIOSK)?;
    let told = hand.ask("read /run/cloison/data")?;
    if told.trim() != "coming" || another.number == killed.number {
        return Err(format!("{} was killed too late: init said {told:?} when there was {}", killed.number, another.number));
    }
    see(guest, STARTING, PATIENCE)?;
    guest.tap(OFFER)?;
    first(guest)?;
    confined(&mut hand, "ext4")?;
    // What was touched before it was there presses nothing, late as it may be.
    first(guest)?;
    say("the kiosk is killed while the machine starts, another waits as well, and what is touched meanwhile presses nothing");
    Ok(())
}

/// Nothing more is loaded, and nothing in the place for data is run, which is a file system of this kind.
pub(crate) fn confined(hand: &mut Hand, wanted: &str) -> Result<()> {
    let disabled = hand.ask("read /proc/sys/kernel/modules_disabled")?;
    if disabled.trim() != "1" {
        return Err(format!("modules can still be loaded: {disabled:?}"));
    }
    let mounts = hand.ask("read /proc/mounts")?;
    let data = mounts.lines().find(|line| line.split(' ').nth(1) == Some(DATA)).ok_or_else(|| format!("there is no {DATA}"))?;
    let mut words = data.split(' ').skip(2);
    let (kind, options) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let closed = ["rw", "nosuid", "nodev", "noexec"].iter().all(|option| options.split(',').any(|word| word == *option));
    if kind != wanted || !closed {
        return Err(format!("the place for data is mounted otherwise: {data}"));
    }
    say(&format!("{DATA} is {kind}, {options}"));
    Ok(())
}

/// The boot files were named by the digest that anybody counts from the release's list of them.
fn counted(hand: &mut Hand, images: &Images) -> Result<()> {
    let list = images.card("virt").with_file_name("cloison-virt.boot.sha384");
    let counted = Command::new("sha384sum").arg(&list).output().map_err(|error| format!("sha384sum: {error}"))?;
    let counted = String::from_utf8_lossy(&counted.stdout).split(' ').next().unwrap_or_default().to_owned();
    let end = Instant::now() + PATIENCE;
    loop {
        match hand.ask("read /run/cloison/boot") {
            Ok(told) if counted.len() == 96 && told.trim() == counted => return Ok(()),
            Ok(told) => return Err(format!("the boot files are named {told:?}, and {} says {counted:?}", list.display())),
            Err(error) if Instant::now() > end => return Err(error),
            Err(_) => sleep(Duration::from_millis(500)),
        }
    }
}

fn memory(hand: &mut Hand, figures: &mut Figures) -> Result<()> {
    let kiosk = hand.process(KIOSK)?;
    if kiosk.user != USERS.0 {
        return Err(format!("the kiosk runs as {}", kiosk.user));
    }
    let besides = kiosk.now.saturating_sub(RESERVE);
    figures.add("the kiosk's memory at rest, besides what it reserves for passphrases", mebibytes(besides));
    if kiosk.now < RESERVE || besides > KIOSK_MOST {
        return Err(format!("the kiosk takes {} kB, and {RESERVE} + {KIOSK_MOST} are allowed", kiosk.now));
    }
    Ok(())
}

/// The camera's process: its memory while it looks, and another one after it is killed.
fn reader(guest: &mut Guest, hand: &mut Hand, webcam: &Webcam, figures: &mut Figures) -> Result<()> {
    webcam.show(half(true)?, Duration::from_secs(1));
    touch(guest, CHECK, CANCEL)?;
    let seen = preview(guest, None)?;
    webcam.is_looked_through()?;
    let reader = hand.process(READER)?;
    say(&format!("its processes: {}", told(hand)?));
    if reader.user != USERS.1 {
        return Err(format!("the camera's process runs as {}", reader.user));
    }
    let size = format!("{} × {}", SMALL.0, SMALL.1);
    figures.add(&format!("the camera's process while it looks, at {size}"), mebibytes(reader.most));
    if reader.most > READER_MOST {
        return Err(format!("the camera's process takes {} kB, and {READER_MOST} are allowed", reader.most));
    }
    let (begun, killed) = (Instant::now(), hand.kill(READER)?);
    let other = another(hand, READER, &killed)?;
    webcam.show(half(false)?, Duration::from_secs(1));
    preview(guest, Some(&seen))?;
    figures.add("from the camera's process killed to a new preview", milliseconds(begun.elapsed()));
    if other.user != USERS.1 || hand.process(KIOSK)?.user != USERS.0 {
        return Err("after the camera's process was killed, another user runs it".to_owned());
    }
    touch(guest, CANCEL, FIRST).map(drop)
}

/// Gives a picture to hold before the camera: one half dark, on the left or on the right. It is no
/// code, nor like one: reading it takes no time.
fn half(on_the_left: bool) -> Result<Film> {
    let pixels = (0..SIDE * SIDE).map(|at| if (at % SIDE < SIDE / 2) == on_the_left { 0 } else { 255 }).collect();
    Film::of(&[Luma::new(SIDE, SIDE, pixels).map_err(|error| error.to_string())?])
}

/// Waits until the preview shows something, and something else than this.
fn preview(guest: &mut Guest, other: Option<&Picture>) -> Result<Picture> {
    let (picture, _) = guest.look_until("a preview", PATIENCE, |picture| {
        let changed = other.is_none_or(|other| picture.differing(other, 80) > CHANGED);
        Ok(changed && bright_and_dark(picture))
    })?;
    Ok(picture)
}

/// Tells whether the pattern is in the middle of the preview.
fn bright_and_dark(picture: &Picture) -> bool {
    let points = (100..380).step_by(4).flat_map(|y| (100..380).step_by(4).map(move |x| (x, y)));
    let greys: Vec<u8> = points.map(|(x, y)| picture.at(x, y)[1]).collect();
    let count = |is: &dyn Fn(u8) -> bool| greys.iter().filter(|grey| is(**grey)).count() * 4 > greys.len();
    count(&|grey| grey < 90) && count(&|grey| grey > 165)
}

/// The kiosk: another one is there soon, with nothing of the one before on its screen.
fn kiosk(guest: &mut Guest, hand: &mut Hand, first: &Picture, figures: &mut Figures) -> Result<()> {
    touch(guest, CHECK, CANCEL)?;
    let reader = hand.process(READER)?;
    let (begun, before) = (Instant::now(), hand.kill(KIOSK)?);
    let (_, at) = guest.look_until("the first screen", PATIENCE, |picture| Ok(picture == first))?;
    let after = another(hand, KIOSK, &before)?;
    if after.user != USERS.0 || &settled(guest)? != first {
        return Err("the kiosk comes back as another user, or with another screen".to_owned());
    }
    say(&format!("process {}, which looked through the camera for it, has ended with it", reader.number));
    gone(hand)?;
    figures.limited("from the kiosk killed to the first screen again", milliseconds(at - begun), at - begun <= SOON);
    Ok(())
}

/// What the kiosk before had started has ended with it.
fn gone(hand: &mut Hand) -> Result<()> {
    let left: Vec<Process> = hand.processes()?.into_iter().filter(|process| process.user == USERS.1).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("of the kiosk before there is left: {left:?}")) }
}

/// Lists the processes that are not the kernel's or the first one's.
fn told(hand: &mut Hand) -> Result<String> {
    let all = hand.processes()?.into_iter().filter(|process| process.user != 0);
    let told =
        all.map(|process| format!("{} (user {}, {} kB, at most {})", process.told, process.user, process.now, process.most));
    Ok(told.collect::<Vec<_>>().join("; "))
}

/// Waits for a process like this one with another number.
pub(crate) fn another(hand: &mut Hand, argument: &str, before: &Process) -> Result<Process> {
    let end = Instant::now() + PATIENCE;
    loop {
        match hand.process(argument) {
            Ok(process) if process.number != before.number => return Ok(process),
            _ if Instant::now() > end => return Err(format!("there is no other process {argument}")),
            _ => sleep(Duration::from_millis(50)),
        }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}
