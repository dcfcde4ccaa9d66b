//! The power is cut while an approval is written: fifty times, after each of its writes and in between.
//!
//! A guest is kept as it stands before “Approve” is held, and goes on from there again and again, on a card
//! that takes a few writes a second. QEMU is killed after so many of them, and what it leaves is read by the
//! host's tools and by the vault's own code, under the keys of its cards. Some of the cards are started
//! again, and the last is opened.

use crate::{
    disk::Data,
    guest::{Guest, Parts},
    images::Images,
    journey::Vault,
    person::Person,
    say,
    screens::{explained, see},
    steps::Figures,
};
use cloison_custody::{
    Root, Stored,
    vectors::{recombine, verify_store},
};
use cloison_tests::Result;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify::{self, CreateFlags, Reader, WatchFlags},
    io::Errno,
};
use std::{
    collections::BTreeMap,
    fs,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

const CUTS: u64 = 50;
/// Every so many cards are started again.
const STARTED: u64 = 10;
/// How many writes a second the card takes, and how much later the same one is cut each round.
const PACE: u32 = 10;
const LATER: Duration = Duration::from_millis(9);
/// The longest that an approval takes to be written, and a card to start.
const LONGEST: Duration = Duration::from_secs(120);
/// How long nothing is written once all of it is.
const QUIET: Duration = Duration::from_secs(2);
/// One notice of a write and no second, wherever a buffer begins.
const ONE: usize = 16 + 3;
const APPROVE: &str = "Approve";

/// A guest that stands before “Approve”.
struct Moment<'a> {
    images: &'a Images,
    parts: Parts,
    state: PathBuf,
    /// The card as it was then, and the copy of it that is used up.
    kept: PathBuf,
    card: PathBuf,
    at: (usize, usize),
    root: Root,
}

/// What the cuts left.
#[derive(Default)]
struct Tally {
    before: u64,
    after: u64,
    /// How many cuts came after so many writes.
    cuts: BTreeMap<u64, u64>,
}

/// Cuts the power of copies of the guest that stands before “Approve”, which itself goes on after it.
pub(crate) fn run(images: &Images, parts: &Parts, vault: &mut Vault, person: &mut Person, figures: &mut Figures) -> Result<()> {
    let moment = Moment::keep(images, parts, person, root(vault)?)?;
    let (bytes, first) = moment.store(&moment.kept)?;
    let writes = moment.writes()?;
    let (_, last) = moment.store(&moment.card)?;
    if last <= first || writes < 2 {
        return Err("the reply is on the screen, and the store does not know of it".to_owned());
    }
    say(&format!("an approval is {writes} writes to the card, from generation {first} of the store to {last}"));
    let mut tally = Tally::default();
    for cut in 0..CUTS {
        let (number, later) = (cut % writes + 1, LATER * u32::try_from(cut / writes).unwrap_or(0));
        *tally.cuts.entry(moment.cut(number, later)?).or_default() += 1;
        let left = moment.store(&moment.card).map_err(|error| format!("cut after write {number} and {later:?}: {error}"))?;
        match left {
            (left, _) if left == bytes => tally.before += 1,
            (_, generation) if generation > first && generation <= last => tally.after += 1,
            (_, generation) => return Err(format!("the store is of generation {generation}, not {first} to {last}")),
        }
        if (cut + 1).is_multiple_of(STARTED) {
            moment.starts()?;
            say(&format!("{} cuts: {} stores as before, {} with the opening written", cut + 1, tally.before, tally.after));
        }
    }
    moment.opens(vault)?;
    tally.told(writes, figures)
}

impl Tally {
    fn told(&self, writes: u64, figures: &mut Figures) -> Result<()> {
        let cuts: Vec<String> = self.cuts.iter().map(|(writes, cuts)| format!("{cuts} after {writes}")).collect();
        figures.add(&format!("the power is cut {CUTS} times during the {writes} writes of an approval"), cuts.join(", "));
        let told = format!("{} as before, {} with the opening in it, none otherwise", self.before, self.after);
        figures.add("the stores that were left", told);
        // The last write is followed by nothing, so that a cut after it is a cut after all.
        let sides = self.before > 0 && self.after > 0;
        let places = (1..writes).filter(|number| self.cuts.contains_key(number)).count();
        if sides && places > 1 { Ok(()) } else { Err("the cuts were not in the middle of the change".to_owned()) }
    }
}

impl<'a> Moment<'a> {
    /// Keeps what a guest is about to do, and its card; the guest goes on.
    fn keep(images: &'a Images, parts: &Parts, person: &mut Person, root: Root) -> Result<Self> {
        let at = person.ready(APPROVE)?.middle();
        let (state, kept, card) = (images.out.join("moment"), images.out.join("moment.img"), images.out.join("moment-cut.img"));
        let mut parts = parts.clone();
        let disk = parts.disks.first_mut().ok_or("the guest has no card")?;
        person.guest.keep(&state)?;
        copied(&disk.file, &kept)?;
        person.guest.goes_on()?;
        disk.file.clone_from(&card);
        Ok(Self { images, parts, state, kept, card, at, root })
    }

    /// Goes on from there, with the finger on the button; tells what was written to the card before.
    fn begin(&self) -> Result<(Guest, Writes, u64)> {
        copied(&self.kept, &self.card)?;
        let mut guest = Guest::start_from(&self.parts, &self.state)?;
        guest.writes_slowly(PACE)?;
        let (writes, before) = (Writes::to(&self.card)?, guest.written()?);
        guest.finger(self.at, true)?;
        Ok((guest, writes, before))
    }

    /// Counts the writes until the reply is on the screen, and cuts the power then.
    fn writes(&self) -> Result<u64> {
        let (mut guest, _, before) = self.begin()?;
        explained(&mut guest, &self.images.out, |guest| see(guest, "The reply", LONGEST).map(drop))?;
        let written = guest.written()? - before;
        guest.cut();
        Ok(written)
    }

    /// Cuts the power after so many writes, and a little later; tells how many they were then.
    fn cut(&self, number: u64, later: Duration) -> Result<u64> {
        let (mut guest, mut writes, before) = self.begin()?;
        for count in 0..number {
            let longest = if count == 0 { LONGEST } else { QUIET };
            match (writes.next(longest)?, count) {
                (true, _) => {}
                (false, 0) => return Err("the approval is not written".to_owned()),
                // Some came so close upon each other that they were noticed as one.
                (false, _) => break,
            }
        }
        sleep(later);
        let written = guest.written()? - before;
        guest.cut();
        Ok(written)
    }

    fn store(&self, card: &Path) -> Result<(Vec<u8>, u64)> {
        store(card, &self.images.out, &self.root)
    }

    /// Starts the card that was cut: its vault is there, sealed.
    fn starts(&self) -> Result<()> {
        let mut guest = Guest::start(&self.parts)?;
        explained(&mut guest, &self.images.out, |guest| see(guest, "Open the vault", LONGEST).map(drop))?;
        guest.cut();
        Ok(())
    }

    /// Starts it, and has it opened by two custodians.
    fn opens(&self, vault: &mut Vault) -> Result<()> {
        let mut person = Person::before(Guest::start(&self.parts)?, self.images.out.clone())?;
        let opened = vault.open(&mut person, [1, 3]);
        opened.map_err(|error| person.explain(&error))?;
        say("the last of the cards was started, and its vault opened");
        Ok(())
    }
}

/// Reads the store on a card whose power was cut, and makes sure that it is whole and of this vault; gives its
/// generation as well.
pub(crate) fn store(card: &Path, folder: &Path, root: &Root) -> Result<(Vec<u8>, u64)> {
    let store = Data::of(card, folder)?.store()?;
    let stored = Stored::read(&store).map_err(|error| error.to_string())?;
    let generation = verify_store(stored, root).map_err(|error| error.to_string())?;
    Ok((store, generation))
}

/// Puts the root together from two cards, as their custodians could.
pub(crate) fn root(vault: &Vault) -> Result<Root> {
    let shares = [1, 3].map(|number| vault.share(number)).into_iter().collect::<Result<Vec<_>>>()?;
    recombine(&shares, 2).ok_or_else(|| "two cards are no vault".to_owned())
}

/// Copies a card without what was never written of it.
fn copied(from: &Path, to: &Path) -> Result<()> {
    let _ = fs::remove_file(to);
    let ended = Command::new("cp").args(["--sparse=always", "--reflink=auto"]).arg(from).arg(to).status();
    if ended.is_ok_and(|status| status.success()) { Ok(()) } else { Err(format!("{} is not copied", from.display())) }
}

/// Writes to a file, as they come.
struct Writes {
    line: OwnedFd,
}

impl Writes {
    fn to(file: &Path) -> Result<Self> {
        let line = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).map_err(|error| error.to_string())?;
        inotify::add_watch(&line, file, WatchFlags::MODIFY).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self { line })
    }

    /// Waits for the next one; tells whether there was one.
    fn next(&mut self, longest: Duration) -> Result<bool> {
        let end = Instant::now() + longest;
        let mut buffer = [MaybeUninit::uninit(); ONE];
        loop {
            match Reader::new(&self.line, &mut buffer).next() {
                Ok(_) => return Ok(true),
                Err(Errno::AGAIN) => {}
                Err(error) => return Err(error.to_string()),
            }
            let Some(left) = end.checked_duration_since(Instant::now()) else { return Ok(false) };
            let time = Timespec::try_from(left).map_err(|error| error.to_string())?;
            poll(&mut [PollFd::new(&self.line, PollFlags::IN)], Some(&time)).map_err(|error| error.to_string())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn writes_are_seen_as_they_come() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut writes = Writes::to(file.path()).unwrap();
        assert!(!writes.next(Duration::from_millis(5)).unwrap());
        for _ in 0..3 {
            file.write_all(b"a").unwrap();
            assert!(writes.next(Duration::from_secs(5)).unwrap());
        }
        assert!(!writes.next(Duration::ZERO).unwrap());
    }
}
