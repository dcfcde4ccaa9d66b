//! The journeys that the demo and the tests share, each a few lines as people would tell it.

use crate::{
    Result,
    channel::lossy,
    desk::{Desk, Screen},
    workstation::Workstation,
};
use std::path::{Path, PathBuf};

/// The custodians of every story.
pub const CUSTODIANS: [&str; 5] = ["Amélie", "Bruno", "Chloé", "Driss", "Elsa"];

/// A vault's cards as pictures, and what only their custodians know.
pub struct Cards {
    /// One picture a card.
    pub pictures: Vec<PathBuf>,
    /// One passphrase a card.
    pub passphrases: Vec<String>,
    /// Cards needed.
    pub threshold: usize,
}

/// Makes a vault of a plan that is typed, and drills it in a process of its own; gives the desk
/// that shows its public keys.
///
/// # Errors
/// In words.
pub fn make_vault(data: &Path, title: &str, threshold: usize, cards: usize, folder: &Path) -> Result<(Cards, Desk)> {
    let mut desk = Desk::start(data)?;
    desk.press("Create a vault")?.expect("date")?;
    desk.press("Continue")?.expect("start")?;
    desk.press("Type a plan")?.expect("plan")?;
    desk.type_in("title", title)?;
    desk.type_in("threshold", &threshold.to_string())?;
    desk.type_in("cards", &cards.to_string())?;
    desk.press("Continue")?.expect("name")?;
    for custodian in &CUSTODIANS[..cards] {
        desk.type_in("custodian", custodian)?;
        desk.press("Continue")?;
    }
    read_plan(&mut desk)?;
    call_everybody(&mut desk)?;
    desk.press("Continue")?.expect("passphrase")?;
    let cards = deal(&mut desk, threshold, cards, folder)?;
    desk.press("Done")?;
    desk.wait()?;
    let desk = drill(data, &cards)?;
    Ok((cards, desk))
}

/// Turns the pages of a plan and accepts it; gives what they say.
///
/// # Errors
/// In words.
pub fn read_plan(desk: &mut Desk) -> Result<Vec<String>> {
    let mut screen = desk.screen()?.expect("plan-page")?;
    let mut said: Vec<String> = screen.texts().into_iter().map(str::to_owned).collect();
    while screen.has("Next") {
        screen = desk.press("Next")?.expect("plan-page")?;
        said.extend(screen.texts().into_iter().map(str::to_owned));
    }
    desk.press("Continue")?.expect("roll-call")?;
    Ok(said)
}

/// Calls everybody of the plan, and everybody is here.
///
/// # Errors
/// In words.
pub fn call_everybody(desk: &mut Desk) -> Result<()> {
    let mut screen = desk.screen()?.expect("roll-call")?;
    while screen.name() == "roll-call" {
        screen = desk.press("Is here")?;
    }
    screen.expect("dice").map(drop)
}

/// Makes every card, reads it back, and goes on to the screen that ends the process.
///
/// # Errors
/// In words.
pub fn deal(desk: &mut Desk, threshold: usize, cards: usize, folder: &Path) -> Result<Cards> {
    let mut made = Cards { pictures: Vec::new(), passphrases: Vec::new(), threshold };
    let mut screen = desk.screen()?;
    for (custodian, number) in CUSTODIANS[..cards].iter().zip(1..) {
        screen.expect("passphrase")?;
        let passphrase = format!("six quiet words only {custodian} knows");
        let picture = make_card(desk, &passphrase, &folder.join(format!("card-{number}")))?;
        screen = read_back(desk, &picture, &passphrase)?;
        made.pictures.push(picture);
        made.passphrases.push(passphrase);
    }
    screen.expect("created")?;
    Ok(made)
}

/// Holds the drill in a new process: every card is presented. The desk shows the public keys.
///
/// # Errors
/// In words.
pub fn drill(data: &Path, cards: &Cards) -> Result<Desk> {
    let mut desk = Desk::start(data)?;
    desk.press("Hold the drill")?.expect("cards")?;
    for number in 1..cards.pictures.len() {
        cards.present(&mut desk, number)?.expect("cards")?;
    }
    cards.present(&mut desk, cards.pictures.len())?.expect("drilled")?;
    Ok(desk)
}

fn make_card(desk: &mut Desk, passphrase: &str, folder: &Path) -> Result<PathBuf> {
    desk.type_in("passphrase", passphrase)?;
    desk.type_in("passphrase-again", passphrase)?;
    let screen = desk.press("Make the card")?.expect("card")?;
    if screen.has("Print the card") {
        desk.press("Print the card")?.expect("card")?;
    }
    desk.codes(folder, 1)?.pop().ok_or_else(|| "no card was drawn".to_owned())
}

fn read_back(desk: &mut Desk, picture: &Path, passphrase: &str) -> Result<Screen> {
    desk.press("Read it back")?.expect("read-back")?;
    desk.camera(&[picture.to_path_buf()])?;
    desk.type_in("passphrase", passphrase)?;
    desk.press("Verify")
}

impl Cards {
    /// Presents one card, numbered from 1, with its passphrase.
    ///
    /// # Errors
    /// In words.
    pub fn present(&self, desk: &mut Desk, number: usize) -> Result<Screen> {
        desk.camera(&self.pictures[number - 1..number])?;
        desk.type_in("passphrase", &self.passphrases[number - 1])?;
        desk.press("Present this card")
    }

    /// Presents as many of these cards as are needed.
    ///
    /// # Errors
    /// In words.
    pub fn present_all(&self, desk: &mut Desk, numbers: &[usize]) -> Result<Screen> {
        for number in &numbers[..self.threshold - 1] {
            self.present(desk, *number)?.expect("cards")?;
        }
        self.present(desk, numbers[self.threshold - 1])
    }

    /// Opens the vault.
    ///
    /// # Errors
    /// In words.
    pub fn open(&self, desk: &mut Desk, numbers: &[usize]) -> Result<Screen> {
        desk.press("Open the vault")?.expect("date")?;
        desk.press("Continue")?.expect("cards")?;
        self.present_all(desk, numbers)?.expect("desk")
    }
}

/// Carries a message from the desk's screen to a file of the workstation.
///
/// # Errors
/// In words.
pub fn carry_out(desk: &mut Desk, workstation: &Workstation, folder: &Path, file: &Path) -> Result<()> {
    let frames = desk.codes(folder, 40)?;
    let mut arguments = vec!["qr".into(), "scan".into(), "-o".into(), file.as_os_str().to_owned()];
    arguments.extend(lossy(&frames, 25, 77).into_iter().map(PathBuf::into_os_string));
    workstation.does(&arguments).map(drop)
}

/// Carries a file of the workstation to the desk's camera, losing frames on the way; gives how
/// many of how many frames were shown.
///
/// # Errors
/// In words.
pub fn carry_in(
    workstation: &Workstation,
    desk: &mut Desk,
    file: &Path,
    folder: &Path,
    lost_percent: usize,
) -> Result<(Screen, usize, usize)> {
    let count = 60.to_string();
    let how = ["--frames", &count, "--density", "12", "--across", "2"];
    let (from, to) = (text(file), text(folder));
    workstation.does(&[&["qr", "show", &from, "--png", &to][..], &how].concat())?;
    let frames = pictures(folder)?;
    let left = lossy(&frames, lost_percent, 2026);
    let (shown, all) = (left.len(), frames.len());
    Ok((desk.camera(&left)?, shown, all))
}

/// Lists a folder's PNG pictures in their order.
///
/// # Errors
/// In words.
pub fn pictures(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "png"));
    files.sort();
    Ok(files)
}

/// Turns all pages of a review and gives what they say.
///
/// # Errors
/// In words.
pub fn read_pages(desk: &mut Desk) -> Result<Vec<String>> {
    let mut screen = desk.screen()?.expect("review")?;
    let mut said: Vec<String> = screen.texts().into_iter().map(str::to_owned).collect();
    while screen.has("Next") {
        screen = desk.press("Next")?.expect("review")?;
        said.extend(screen.texts().into_iter().map(str::to_owned));
    }
    Ok(said)
}

/// Approves a request to view a record, and turns all its pages; gives what they show.
///
/// # Errors
/// In words.
pub fn read_record(desk: &mut Desk) -> Result<Vec<String>> {
    let mut screen = desk.press("Approve")?.expect("record")?;
    let mut shown = screen.content();
    while screen.has("Next") {
        screen = desk.press("Next")?.expect("record")?;
        shown.extend(screen.content());
    }
    Ok(shown)
}

/// Gives a path as text.
#[must_use]
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
