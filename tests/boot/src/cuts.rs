//! The power is cut while an approval is written: fifty times, each time a little later.
//!
//! A guest is kept as it stands before “Approve” is held, and goes on from there again and again. QEMU is
//! killed after so many writes to the card, and what it leaves is read by the host's tools and by the
//! vault's own code, under the keys of its cards. Some of the cards are started again.

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
    fs,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

const CUTS: usize = 50;
/// Every so many cards are started again.
const STARTED: usize = 10;
/// The same rush of writes is cut a little later each round.
const LATER: Duration = Duration::from_millis(1);
/// The longest that an approval takes to be written, and a card to start.
const LONGEST: Duration = Duration::from_secs(120);
/// How long nothing is written before all of it is.
const QUIET: Duration = Duration::from_secs(3);
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
}

/// What a cut left.
enum Left {
    /// The store is the one that was there before, to the byte.
    Before,
    /// The store is a later one, and authentic.
    After,
}

/// Cuts the power of copies of the guest that stands before “Approve”, which itself goes on after it.
pub(crate) fn run(images: &Images, parts: &Parts, vault: &Vault, person: &mut Person, figures: &mut Figures) -> Result<()> {
    let (moment, root) = (Moment::keep(images, parts, person)?, root(vault)?);
    let before = Data::of(&moment.kept, &images.out)?.store()?;
    authentic(&before, &root)?;
    let (rushes, all) = moment.writes()?;
    if matches!(moment.left(&before, &root)?, Left::Before) {
        return Err("the reply is on the screen, and the store does not know of it".to_owned());
    }
    say(&format!("an approval is {all} writes to the card, in {rushes} rushes"));
    let (mut unwritten, mut written) = (0, 0);
    for cut in 0..CUTS {
        let (number, later) = (cut % rushes + 1, LATER * u32::try_from(cut / rushes).unwrap_or(0));
        moment.cut(number, later)?;
        match moment.left(&before, &root).map_err(|error| format!("cut after rush {number} and {later:?}: {error}"))? {
            Left::Before => unwritten += 1,
            Left::After => written += 1,
        }
        if (cut + 1).is_multiple_of(STARTED) {
            moment.starts()?;
            say(&format!("{} cuts: {unwritten} stores as before, {written} with the opening written", cut + 1));
        }
    }
    if unwritten == 0 || written == 0 {
        return Err("the cuts were all on one side of the change".to_owned());
    }
    let told = format!("{unwritten} left the store as it was, {written} with the opening in it, none otherwise");
    figures.add(&format!("the power is cut {CUTS} times during the {all} writes of an approval"), told);
    Ok(())
}

impl<'a> Moment<'a> {
    /// Keeps what a guest is about to do, and its card; the guest goes on.
    fn keep(images: &'a Images, parts: &Parts, person: &mut Person) -> Result<Self> {
        let at = person.ready(APPROVE)?.middle();
        let (state, kept, card) = (images.out.join("moment"), images.out.join("moment.img"), images.out.join("moment-cut.img"));
        let mut parts = parts.clone();
        let disk = parts.disks.first_mut().ok_or("the guest has no card")?;
        person.guest.keep(&state)?;
        copied(&disk.file, &kept)?;
        person.guest.goes_on()?;
        disk.file.clone_from(&card);
        Ok(Self { images, parts, state, kept, card, at })
    }

    /// Goes on from there, with the finger on the button.
    fn begin(&self) -> Result<(Guest, Writes)> {
        copied(&self.kept, &self.card)?;
        let mut guest = Guest::start_from(&self.parts, &self.state)?;
        let writes = Writes::to(&self.card)?;
        guest.qmp.finger(self.at, (800, 480), Some(true))?;
        Ok((guest, writes))
    }

    /// Counts the rushes of writes until the reply is on the screen, and the writes, and cuts the power then.
    fn writes(&self) -> Result<(usize, u64)> {
        let (mut guest, mut writes) = self.begin()?;
        let before = guest.written()?;
        explained(&mut guest, &self.images.out, |guest| see(guest, "The reply", LONGEST).map(drop))?;
        let all = guest.written()? - before;
        let mut rushes = 0;
        while writes.next(QUIET)? {
            rushes += 1;
        }
        guest.cut();
        if rushes == 0 || all == 0 { Err("an approval writes nothing".to_owned()) } else { Ok((rushes, all)) }
    }

    /// Cuts the power after so many rushes of writes, and a little later.
    fn cut(&self, number: usize, later: Duration) -> Result<()> {
        let (guest, mut writes) = self.begin()?;
        for count in 0..number {
            let longest = if count == 0 { LONGEST } else { QUIET };
            if !writes.next(longest)? {
                // Rushes that came close upon each other are one.
                break;
            }
        }
        sleep(later);
        guest.cut();
        Ok(())
    }

    /// Reads what is left on the card.
    fn left(&self, before: &[u8], root: &Root) -> Result<Left> {
        let store = Data::of(&self.card, &self.images.out)?.store()?;
        authentic(&store, root)?;
        Ok(if store == before { Left::Before } else { Left::After })
    }

    /// Starts the card that was cut: its vault is there, sealed.
    fn starts(&self) -> Result<()> {
        let mut guest = Guest::start(&self.parts)?;
        explained(&mut guest, &self.images.out, |guest| see(guest, "Open the vault", LONGEST).map(drop))?;
        guest.cut();
        Ok(())
    }
}

/// Puts the root together from two cards, as their custodians could.
fn root(vault: &Vault) -> Result<Root> {
    let shares = [1, 3].map(|number| vault.share(number)).into_iter().collect::<Result<Vec<_>>>()?;
    recombine(&shares, 2).ok_or_else(|| "two cards are no vault".to_owned())
}

/// Makes sure that a store is whole, and written with this vault's keys.
fn authentic(store: &[u8], root: &Root) -> Result<()> {
    let stored = Stored::read(store).map_err(|error| error.to_string())?;
    verify_store(stored, root).map_err(|error| error.to_string())
}

/// Copies a card without what was never written of it.
fn copied(from: &Path, to: &Path) -> Result<()> {
    let _ = fs::remove_file(to);
    let ended = Command::new("cp").args(["--sparse=always", "--reflink=auto"]).arg(from).arg(to).status();
    if ended.is_ok_and(|status| status.success()) { Ok(()) } else { Err(format!("{} is not copied", from.display())) }
}

/// Writes to a file, as they come; those that are not waited for one by one are one rush.
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
