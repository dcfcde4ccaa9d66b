//! `cargo demo`: the main job of Cloison, end to end, on real input, in front of your eyes.
//!
//! Two real programs that share nothing but pictures: `cloison` on a workstation and
//! `cloison-desk`, the kiosk's brain without its screen. Everything is left under `target/demo/`.

mod ceremony;
mod custody;
mod records;

use cloison_tests::{
    Result,
    desk::Desk,
    programs::{program, workspace},
    story::text,
    workstation::Workstation,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

const STEPS: usize = 16;

fn main() -> ExitCode {
    let started = Instant::now();
    match Demo::prepare().and_then(|mut demo| demo.play()) {
        Ok(()) => {
            println!(
                "\nDone in {:.0} s. Cards, frames and results are in target/demo/; look at transcript.html first.",
                started.elapsed().as_secs_f64()
            );
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
        let cards = self.ceremony()?;
        let words = self.drill(&cards)?;
        self.import(&words)?;
        self.transcript()?;
        let mut desk = Desk::start(&self.folder.join("vault"))?;
        self.tell(
            "Three custodians open the vault",
            "they confirm the date; cards 1, 3 and 5, each with its passphrase",
            |_| cards.open(&mut desk, &[1, 3, 5]).map(drop),
        )?;
        self.enrol(&mut desk, &cards)?;
        self.encrypt()?;
        self.decrypt(&mut desk, &cards)?;
        self.view(&mut desk, &cards)?;
        self.refusal(&mut desk)?;
        self.sign(&mut desk)?;
        self.keep(&mut desk)?;
        self.tell(
            "The vault is sealed, and its appliance burns",
            "the kiosk's process ends; nothing is left in memory",
            |demo| {
                let screen = desk.press("Seal")?;
                if screen.0["ended"] != "sealed" {
                    return Err("the vault was not sealed".to_owned());
                }
                desk.wait()?;
                std::fs::remove_dir_all(demo.folder.join("vault")).map_err(|error| error.to_string())
            },
        )?;
        self.restore(&cards)
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
