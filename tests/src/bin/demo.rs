//! `cargo demo`: the main job of Cloison, end to end, on real input, in front of your eyes.
//!
//! Two real programs that share nothing but pictures: `cloison` on a workstation and
//! `cloison-desk`, the kiosk's brain without its screen. Everything is left under `target/demo/`.

use cloison_tests::{
    Result,
    desk::Desk,
    programs::{program, workspace},
    story::{Cards, carry_in, carry_out, make_vault, read_pages, text},
    workstation::Workstation,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

const RECORDS: [&str; 2] = ["record.json", "photograph.jpg"];
const STEPS: usize = 9;

fn main() -> ExitCode {
    let started = Instant::now();
    match Demo::prepare().and_then(|mut demo| demo.play()) {
        Ok(()) => {
            println!("\nDone in {:.0} s. Cards, frames and results are in target/demo/.", started.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\nThe demo failed: {error}.");
            ExitCode::FAILURE
        }
    }
}

struct Demo {
    folder: PathBuf,
    workstation: Workstation,
    step: usize,
}

impl Demo {
    fn prepare() -> Result<Self> {
        println!("Cloison: a record encrypted on a workstation is opened across a gap that only light crosses.\n");
        println!("Building the two programs; the first time takes some minutes.");
        program("cloison")?;
        println!();
        let folder = workspace().join("target").join("demo");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let workstation = Workstation::at(&folder.join("workstation"));
        Ok(Self { folder, workstation, step: 0 })
    }

    fn play(&mut self) -> Result<()> {
        let (cards, words) = self.ceremony()?;
        self.import(&words)?;
        let mut desk = Desk::start(&self.folder.join("vault"))?;
        self.tell("Three custodians open the vault", "cards 1, 3 and 5, read from pictures, each with its passphrase", |_| {
            cards.open(&mut desk, &[1, 3, 5]).map(drop)
        })?;
        self.enrol(&mut desk, &cards)?;
        self.encrypt()?;
        self.decrypt(&mut desk, &cards)?;
        self.sign(&mut desk)?;
        self.tell("The vault is sealed", "the kiosk's process ends; nothing is left in memory", |_| {
            let screen = desk.press("Seal")?;
            if screen.0["ended"] == "sealed" { desk.wait() } else { Err("the vault was not sealed".to_owned()) }
        })
    }

    fn ceremony(&mut self) -> Result<(Cards, String)> {
        let folder = self.folder.clone();
        self.tell("Five custodians make a vault that any three open", "five cards, each read back and proven", |demo| {
            let mut desk = Desk::start(&folder.join("vault"))?;
            let cards = make_vault(&mut desk, "Registry of Lyon", 3, 5, &folder.join("cards"))?;
            let words = desk.screen()?.words()?;
            carry_out(&mut desk, &demo.workstation, &folder.join("frames-public-keys"), &folder.join("keys.cloison"))?;
            desk.press("Done")?;
            desk.wait()?;
            Ok((cards, words))
        })
    }

    fn import(&mut self, words: &str) -> Result<()> {
        let keys = self.path("keys.cloison");
        self.tell("The workstation takes the public keys", &format!("both screens show “{words}”"), |demo| {
            demo.workstation.does(&["keys", "import", &keys, "--words", words]).map(drop)
        })
    }

    fn enrol(&mut self, desk: &mut Desk, cards: &Cards) -> Result<()> {
        let folder = self.folder.clone();
        self.tell("The workstation is enrolled", "its words are compared on both screens, then three cards confirm", |demo| {
            let file = folder.join("enrolment.cloison");
            let said = demo.workstation.does(&["identity", "new", "--name", "Claire Martin, desk 4", "-o", &text(&file)])?;
            desk.press("Enrol a workstation")?.expect("scan")?;
            let (screen, _, _) = carry_in(&demo.workstation, desk, &file, &folder.join("frames-enrolment"), 40)?;
            let words = screen.expect("enrolment")?.words()?;
            if !said.out.contains(&words) && !said.err.contains(&words) {
                return Err("the two screens show different words".to_owned());
            }
            desk.press("The words are the same")?.expect("cards")?;
            cards.present_all(desk, &[5, 2, 4])?.expect("desk").map(drop)
        })
    }

    fn encrypt(&mut self) -> Result<()> {
        let folder = self.folder.clone();
        self.tell("Two records are encrypted to the vault", "post-quantum hybrid, in the age format", |demo| {
            for record in RECORDS {
                let fixture = workspace().join("tests").join("fixtures").join(record);
                let encrypted = folder.join(format!("{record}.age"));
                let name = format!("2026-114 {record}");
                demo.workstation.does(&[
                    "encrypt",
                    &text(&fixture),
                    "-o",
                    &text(&encrypted),
                    "--record",
                    &name,
                    "--class",
                    "restricted",
                ])?;
            }
            Ok(())
        })
    }

    fn decrypt(&mut self, desk: &mut Desk, cards: &Cards) -> Result<()> {
        let folder = self.folder.clone();
        let files = RECORDS.map(|record| self.path(&format!("{record}.age")));
        let request = self.path("request.cloison");
        let said = self.tell(
            "Only the headers cross the gap, and the custodians read the request",
            "40 % of the frames are lost, the rest out of order",
            |demo| {
                demo.workstation.does(&[
                    "decrypt",
                    &files[0],
                    &files[1],
                    "--case",
                    "2026-114",
                    "--reason",
                    "Hearing of 3 December",
                    "--request",
                    &request,
                ])?;
                desk.press("Read a request")?.expect("scan")?;
                let (screen, shown, all) =
                    carry_in(&demo.workstation, desk, Path::new(&request), &folder.join("frames-request"), 40)?;
                screen.expect("review")?;
                let mut said = vec![format!("[{shown} of {all} frames were seen]")];
                said.extend(read_pages(desk)?);
                desk.press("Present the cards")?.expect("cards")?;
                cards.present_all(desk, &[2, 3, 4])?.expect("review")?;
                said.extend(read_pages(desk)?);
                Ok(said)
            },
        )?;
        said.iter().for_each(|line| println!("        │ {line}"));
        self.finish(desk, &files)
    }

    fn finish(&mut self, desk: &mut Desk, files: &[String; 2]) -> Result<()> {
        let folder = self.folder.clone();
        self.tell(
            "They approve; the keys come back sealed to that workstation",
            "the decrypted records are compared with the originals",
            |demo| {
                desk.press("Approve")?.expect("reply")?;
                let reply = folder.join("reply.cloison");
                carry_out(desk, &demo.workstation, &folder.join("frames-reply"), &reply)?;
                desk.press("Done")?.expect("desk")?;
                let opened = folder.join("opened");
                std::fs::create_dir_all(&opened).map_err(|error| error.to_string())?;
                demo.workstation.does(&[
                    "decrypt",
                    &files[0],
                    &files[1],
                    "--reply",
                    &text(&reply),
                    "--output-dir",
                    &text(&opened),
                ])?;
                RECORDS.iter().try_for_each(|record| same(&workspace().join("tests/fixtures").join(record), &opened.join(record)))
            },
        )
    }

    fn sign(&mut self, desk: &mut Desk) -> Result<()> {
        let folder = self.folder.clone();
        let statement = folder.join("statement.txt");
        let openssl =
            self.tell("A text is shown whole and signed", "verified by cloison, and by openssl where it is installed", |demo| {
                let write = |path: &Path, text: &str| std::fs::write(path, text).map_err(|error| error.to_string());
                write(&statement, "Le coffre du greffe de Lyon a été mis en service ce jour.\n")?;
                let (request, reply) = (folder.join("sign.cloison"), folder.join("signed.cloison"));
                demo.workstation.does(&[
                    "sign",
                    &text(&statement),
                    "--text",
                    "--case",
                    "2026-1",
                    "--reason",
                    "Statement",
                    "--request",
                    &text(&request),
                ])?;
                desk.press("Read a request")?.expect("scan")?;
                carry_in(&demo.workstation, desk, &request, &folder.join("frames-sign"), 40)?.0.expect("review")?;
                read_pages(desk)?;
                desk.press("Approve")?.expect("reply")?;
                carry_out(desk, &demo.workstation, &folder.join("frames-signed"), &reply)?;
                desk.press("Done")?.expect("desk")?;
                demo.workstation.does(&["sign", &text(&statement), "--reply", &text(&reply)])?;
                let signature = folder.join("statement.txt.sig");
                demo.workstation.does(&["verify", &text(&statement), "--signature", &text(&signature)])?;
                let pem = folder.join("text-key.pem");
                write(&pem, &demo.workstation.does(&["keys", "show", "--pem", "text"])?.out)?;
                openssl_verifies(&statement, &signature, &pem)
            })?;
        println!("        │ openssl: {}", openssl.unwrap_or("not installed here, so not asked"));
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        text(&self.folder.join(name))
    }

    fn tell<T>(&mut self, what: &str, how: &str, act: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.step += 1;
        let title = format!("{}/{STEPS}  {what}", self.step);
        let result = step_bar(&title, || act(self));
        if result.is_ok() {
            println!("        │ {how}");
        }
        result
    }
}

/// Shows that something is under way, and how long it took.
fn step_bar<T>(title: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    let bar = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{spinner} {msg}").map_err(|error| error.to_string())?);
    bar.set_message(title.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    let started = Instant::now();
    let result = act();
    bar.finish_and_clear();
    let mark = if result.is_ok() { "✓" } else { "✗" };
    println!("{mark} {title}  ({:.1} s)", started.elapsed().as_secs_f64());
    result
}

fn same(original: &Path, opened: &Path) -> Result<()> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    if read(original)? == read(opened)? { Ok(()) } else { Err(format!("{} differs from the original", opened.display())) }
}

/// Asks the real `openssl`; `None` where there is none.
fn openssl_verifies(file: &Path, signature: &Path, pem: &Path) -> Result<Option<&'static str>> {
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha384", "-verify"]).arg(pem).arg("-signature").arg(signature).arg(file);
    match command.stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Err(_) => Ok(None),
        Ok(status) if status.success() => Ok(Some("Verified OK")),
        Ok(status) => Err(format!("openssl does not verify the signature ({status})")),
    }
}
