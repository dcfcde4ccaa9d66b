//! The main journey: a vault is made by three custodians, and a record is read with it.

use crate::{
    film::Film,
    guest::{DATA, Hand},
    light::{EACH, carry_out, film},
    person::Person,
    say,
    webcam::{LARGE, SMALL},
};
use cloison_custody::{
    Passphrase,
    vectors::{Share, open_with},
};
use cloison_optics::Luma;
use cloison_protocol::{Card as Sealed, Enrolment, PublicKeys};
use cloison_tests::{
    Result,
    story::{pictures, text},
    workstation::Workstation,
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const CUSTODIANS: [&str; 3] = ["Anna", "Bruno", "Claire"];
const TITLE: &str = "Registry of Lyon";
/// How long each picture is held, so that there is a middle.
const SLOWLY: Duration = Duration::from_secs(4);

/// A workstation and what people take home.
pub(crate) struct Vault {
    pub(crate) workstation: Workstation,
    folder: PathBuf,
    cards: Vec<Card>,
    /// How long a card took to open, each time.
    pub(crate) openings: Vec<Duration>,
}

struct Card {
    paper: Luma,
    passphrase: String,
}

impl Vault {
    /// Holds the ceremony from a plan that the real `cloison` made, to the sealed vault.
    ///
    /// When the store is first written, the disk is full: that is said, and goes on when there is room.
    pub(crate) fn make(person: &mut Person, hand: &mut Hand, folder: &Path) -> Result<Self> {
        let mut vault = Self {
            workstation: Workstation::at(&folder.join("home")),
            folder: folder.to_path_buf(),
            cards: Vec::new(),
            openings: Vec::new(),
        };
        vault.plan(person)?;
        vault.people(person)?;
        for number in 1..=CUSTODIANS.len() {
            vault.deal(person, hand, number)?;
        }
        person.see(&format!("The cards of “{TITLE}” are made"))?;
        person.press("Done", "Hold the drill")?;
        vault.drill(person)?;
        Ok(vault)
    }

    /// Opens a card's share, as anybody could who has the card and its passphrase.
    pub(crate) fn share(&self, number: usize) -> Result<Share> {
        let card = &self.cards[number - 1];
        let bytes = cloison_optics::read(&card.paper).pop().ok_or("the card has no code")?;
        let sealed = Sealed::decode(&bytes).map_err(|error| error.to_string())?;
        let passphrase = Passphrase::typed(&card.passphrase).map_err(|error| error.to_string())?;
        let share = open_with(&sealed, &passphrase).ok_or("the card does not open")?;
        Ok(Share::new(sealed.header.index, share))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn plan(&mut self, person: &mut Person) -> Result<()> {
        let (toml, message) = (text(&self.path("plan.toml")), text(&self.path("plan.cloison")));
        let mut new = vec!["plan", "new", "--title", TITLE, "--place", "Lyon, room 4", "--need", "2"];
        CUSTODIANS.iter().for_each(|name| new.extend(["--custodian", name]));
        new.extend(["--administrator", "Odile", "--witness", "Wanda", "-o", &toml]);
        self.workstation.does(&new)?;
        let linted = self.workstation.does(&["plan", "lint", &toml, "--json"])?;
        let linted: serde_json::Value = serde_json::from_str(&linted.out).map_err(|error| error.to_string())?;
        let words = linted["words"].as_str().ok_or("the plan has no words")?.to_owned();
        self.workstation.does(&["plan", "show", &toml, "-o", &message])?;
        let film = film(&self.workstation, Path::new(&message), &self.path("frames-plan"), 40)?;
        person.press("Create a vault", "Which day is it?")?;
        person.press("Continue", "Read a plan")?;
        person.press("Read a plan", "Cancel")?;
        let took = person.play(&film, EACH, "The plan, page 1 of")?;
        say(&format!("the plan was read in {:.1} s", took.as_secs_f32()));
        self.compare(person, &words)
    }

    /// Expects the words on the screen that the workstation shows, in their order.
    fn compare(&self, person: &mut Person, words: &str) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(5);
        loop {
            if person.reads(words)? {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(format!("“{words}” is not there, in this order"));
            }
        }
    }

    fn people(&mut self, person: &mut Person) -> Result<()> {
        person.turn_to("Continue")?;
        person.press("Continue", "Roll-call, person 1 of 5")?;
        for number in 2..=5 {
            person.press("Is here", &format!("Roll-call, person {number} of 5"))?;
        }
        person.press("Is here", "Dice")?;
        person.press("Continue", "Card 1 of 3: Anna")?;
        Ok(())
    }

    /// Makes one card and reads it back.
    fn deal(&mut self, person: &mut Person, hand: &mut Hand, number: usize) -> Result<()> {
        let name = CUSTODIANS[number - 1];
        person.see(&format!("Card {number} of 3: {name}"))?;
        let passphrase = format!("six quiet words of {}", name.to_lowercase());
        person.write("Passphrase", &passphrase, "Make the card")?;
        person.write("The same passphrase again", &passphrase, "Make the card")?;
        person.press("Make the card", "Hold to show")?;
        let (paper, _) = person.look_at_code()?;
        person.press("Read it back", &format!("Card {number} of 3: read it back"))?;
        person.show(&paper, "Passphrase")?;
        person.write("Passphrase", &passphrase, "Verify")?;
        let next = match CUSTODIANS.get(number) {
            Some(next) => format!("Card {} of 3: {next}", number + 1),
            None => format!("The cards of “{TITLE}” are made"),
        };
        let took = if number < CUSTODIANS.len() {
            person.press("Verify", &next)?
        } else {
            let long = hand.ask(&format!("fill {DATA}/fill"))?;
            let took = person.press("Verify", "The disk did not take the change")?;
            say(&format!("the disk was full, {long} bytes did not leave room for the store, and it was said"));
            hand.ask(&format!("remove {DATA}/fill"))?;
            person.press("Try again", &next)?;
            took
        };
        say(&format!("card {number} was made and read back; proving it took {:.1} s", took.as_secs_f32()));
        self.openings.push(took);
        self.cards.push(Card { paper, passphrase });
        Ok(())
    }

    /// Holds a card before the camera and types its passphrase.
    fn present(&mut self, person: &mut Person, number: usize, next: &str) -> Result<()> {
        let card = &self.cards[number - 1];
        person.show(&card.paper, "Passphrase")?;
        person.write("Passphrase", &card.passphrase, "Present this card")?;
        let took = person.press("Present this card", next)?;
        self.openings.push(took);
        Ok(())
    }

    /// Proves every card, and takes the public keys to the workstation.
    fn drill(&mut self, person: &mut Person) -> Result<()> {
        person.press("Hold the drill", "0 of 3 cards accepted.")?;
        for number in 1..=3 {
            let next = if number < 3 { format!("{number} of 3 cards accepted.") } else { "Show the transcript".to_owned() };
            self.present(person, number, &next)?;
        }
        let file = self.path("keys.cloison");
        let (pictures, took) = carry_out(person, &self.workstation, &self.path("frames-keys"), &file)?;
        say(&format!("the public keys were read from {pictures} pictures of the screen in {:.1} s", took.as_secs_f32()));
        let bytes = fs::read(&file).map_err(|error| error.to_string())?;
        let words = PublicKeys::decode(&bytes).map_err(|error| error.to_string())?.fingerprint().to_string();
        self.compare(person, &words)?;
        self.workstation.does(&["keys", "import", &text(&file), "--words", &words])?;
        person.leave("Done", "Open the vault")
    }

    /// Opens the vault with two of its cards.
    pub(crate) fn open(&mut self, person: &mut Person, cards: [usize; 2]) -> Result<()> {
        person.press("Open the vault", "Which day is it?")?;
        person.press("Continue", "0 of 2 cards accepted.")?;
        self.present(person, cards[0], "1 of 2 cards accepted.")?;
        self.present(person, cards[1], "Read a request")
    }

    /// Makes the workstation known to the open vault.
    pub(crate) fn enrol(&mut self, person: &mut Person) -> Result<()> {
        let file = self.path("enrolment.cloison");
        self.workstation.does(&["identity", "new", "--name", "Desk 12", "-o", &text(&file)])?;
        let film = film(&self.workstation, &file, &self.path("frames-enrolment"), 40)?;
        person.press("Enrol a workstation", "Cancel")?;
        person.play(&film, EACH, "The words are the same")?;
        let bytes = fs::read(&file).map_err(|error| error.to_string())?;
        let words = Enrolment::decode(&bytes).map_err(|error| error.to_string())?.fingerprint().to_string();
        self.compare(person, &words)?;
        person.press("The words are the same", "0 of 2 cards accepted.")?;
        self.present(person, 3, "1 of 2 cards accepted.")?;
        self.present(person, 1, "Read a request")
    }

    /// Writes a record for the vault and asks for it; gives the files of the record and the request.
    pub(crate) fn ask(&self, content: &[u8], name: &str) -> Result<(PathBuf, PathBuf)> {
        let (record, request) = (self.path(name), self.path(&format!("{name}.cloison")));
        fs::write(&record, content).map_err(|error| error.to_string())?;
        self.workstation.does(&["encrypt", &text(&record), "--force"])?;
        fs::remove_file(&record).map_err(|error| error.to_string())?;
        let encrypted = self.path(&format!("{name}.age"));
        let asked = text(&request);
        let why = ["--case", "2026-114", "--reason", "hearing", "--request", &asked, "--force"];
        self.workstation.does(&[&["decrypt", &text(&encrypted)][..], &why].concat())?;
        Ok((encrypted, request))
    }

    /// Has a request read, reviewed and approved, and its answer carried back; what is to happen before the
    /// approval happens there.
    pub(crate) fn read_record(
        &mut self,
        person: &mut Person,
        before: impl FnOnce(&mut Self, &mut Person) -> Result<()>,
    ) -> Result<()> {
        let content = b"what only two custodians and desk 12 have read\n".repeat(200);
        let (encrypted, request) = self.ask(&content, "record.txt")?;
        let film = film(&self.workstation, &request, &self.path("frames-request"), 60)?;
        person.press("Read a request", "Cancel")?;
        let took = person.play(&film, EACH, "Desk 12")?;
        say(&format!("the request was read in {:.1} s", took.as_secs_f32()));
        if !person.sees("2026-114")? {
            return Err("the case is not on the screen".to_owned());
        }
        person.turn_to("Present the cards")?;
        person.press("Present the cards", "0 of 2 cards accepted.")?;
        self.present(person, 1, "1 of 2 cards accepted.")?;
        self.present(person, 2, "Decline")?;
        person.turn_to("Approve")?;
        before(self, person)?;
        person.hold("Approve", "The reply")?;
        let reply = self.path("reply.cloison");
        let (pictures, took) = carry_out(person, &self.workstation, &self.path("frames-reply"), &reply)?;
        say(&format!("the reply was read from {pictures} pictures of the screen in {:.1} s", took.as_secs_f32()));
        self.workstation.does(&["decrypt", &text(&encrypted), "--reply", &text(&reply)])?;
        let opened = fs::read(self.path("record.txt")).map_err(|error| error.to_string())?;
        if opened != content {
            return Err("the record that was opened is another one".to_owned());
        }
        person.leave("Done", "Read a request")
    }

    /// Has a long request read while something befalls it. What was read before it is not lost: of the film,
    /// which goes on, so few pictures follow that a transfer begun anew would not be as far.
    pub(crate) fn is_read_although(&mut self, person: &mut Person, befall: impl FnOnce() -> Result<()>) -> Result<()> {
        let (_, request) = self.ask(b"another record\n", "second.txt")?;
        let film = film(&self.workstation, &request, &self.path("frames-second"), 60)?;
        person.press("Read a request", "Cancel")?;
        person.webcam.show(film.clone(), SLOWLY);
        person.see_within("3 of at least", Duration::from_secs(60))?;
        befall()?;
        person.see_within("4 of at least", SLOWLY * 2)?;
        person.play(&film, EACH, "Desk 12")?;
        Ok(())
    }

    /// Holds a request before a larger camera, put in place of the one that was there, and gives what
    /// that gives after a while.
    pub(crate) fn looks_closely<T>(&mut self, person: &mut Person, ask: impl FnOnce() -> Result<T>) -> Result<T> {
        let film = Film::read(&pictures(&self.path("frames-second"))?)?;
        person.changes_camera(LARGE)?;
        person.press("Read a request", "Cancel")?;
        person.webcam.show(film, EACH);
        person.webcam.is_looked_through()?;
        let asked = ask()?;
        person.webcam.cover();
        person.changes_camera(SMALL)?;
        if person.sees("Desk 12")? {
            self.declines(person)?;
        } else {
            person.press("Cancel", "Read a request")?;
        }
        Ok(asked)
    }

    /// Declines the request on the screen.
    pub(crate) fn declines(&mut self, person: &mut Person) -> Result<()> {
        person.turn_to("Decline")?;
        person.press("Decline", "The reply")?;
        person.leave("Done", "Read a request")
    }

    /// Declines the request on the screen while the disk is full: the store has room of its own, or it is said.
    pub(crate) fn declines_on_a_full_disk(&mut self, person: &mut Person, hand: &mut Hand) -> Result<()> {
        person.turn_to("Decline")?;
        hand.ask(&format!("fill {DATA}/fill"))?;
        let pressed = person.press("Decline", "The reply");
        let is_taken = match pressed {
            Ok(_) => true,
            Err(error) if !person.sees("The disk did not take the change")? => return Err(error),
            Err(_) => false,
        };
        hand.ask(&format!("remove {DATA}/fill"))?;
        say(if is_taken { "on a full disk the store goes on in the room it has" } else { "a full disk is said" });
        if is_taken { person.leave("Done", "Read a request") } else { self.declines(person) }
    }
}
