//! The ceremony: a plan, five cards, the drill, and the transcript.

use crate::Demo;
use cloison_tests::{
    Result,
    desk::Desk,
    story::{CUSTODIANS, Cards, call_everybody, carry_in, carry_out, deal, drill, read_plan, text},
};

/// A hundred throws of a die, typed by the custodians.
const THROWS: [(&str, &str); 2] = [
    ("Amélie", "35216 42631 15364 26145 63212 54136 21653 46325 16423 51264"),
    ("Bruno", "61352 24516 33641 52163 14265 36254 45132 62413 15546 23361"),
];

impl Demo {
    pub(crate) fn ceremony(&mut self) -> Result<Cards> {
        let plan = self.plan()?;
        println!("        │ the plan's words: “{plan}”");
        let folder = self.folder.clone();
        self.tell(
            "The kiosk reads the plan, and five custodians hold the ceremony",
            "each card is read back before the next",
            |demo| {
                let paper = text(&folder.join("cards"));
                let mut desk = Desk::start_with(&folder.join("vault"), &["--paper", &paper])?;
                desk.press("Create a vault")?.expect("date")?;
                desk.press("Continue")?.expect("start")?;
                desk.press("Read a plan")?.expect("scan")?;
                let (screen, _, _) =
                    carry_in(&demo.workstation, &mut desk, &folder.join("plan.cloison"), &folder.join("frames-plan"), 40)?;
                if screen.expect("plan-page")?.words()? != plan {
                    return Err("the kiosk shows other words than the workstation".to_owned());
                }
                read_plan(&mut desk)?;
                call_everybody(&mut desk)?;
                for (custodian, throws) in THROWS {
                    desk.type_in("contributor", custodian)?;
                    desk.type_in("rolls", throws)?;
                    desk.press("Add these rolls")?;
                }
                desk.press("Continue")?.expect("passphrase")?;
                let cards = deal(&mut desk, 3, 5, &folder.join("cards"))?;
                desk.press("Done")?;
                desk.wait()?;
                Ok(cards)
            },
        )
    }

    /// Writes a plan in which three records may be opened while the vault stays open.
    fn plan(&mut self) -> Result<String> {
        let (toml, message) = (self.path("plan.toml"), self.path("plan.cloison"));
        self.tell(
            "A plan is written and checked on a workstation",
            "title, people, keys, quotas; it crosses as QR codes",
            |demo| {
                let mut arguments = vec!["plan", "new", "--title", "Registry of Lyon", "--place", "Lyon, room 4", "--need", "3"];
                CUSTODIANS.iter().for_each(|name| arguments.extend(["--custodian", name]));
                arguments.extend(["--administrator", "Odile", "--witness", "Wanda", "-o", &toml]);
                demo.workstation.does(&arguments)?;
                let written = std::fs::read_to_string(&toml).map_err(|error| error.to_string())?;
                let stricter = written.replacen("batch = 5", "batch = 2", 1).replacen("per-session = 10", "per-session = 3", 1);
                std::fs::write(&toml, stricter).map_err(|error| error.to_string())?;
                let linted = demo.workstation.does(&["plan", "lint", &toml, "--json"])?;
                demo.workstation.does(&["plan", "show", &toml, "-o", &message])?;
                let said: serde_json::Value = serde_json::from_str(&linted.out).map_err(|error| error.to_string())?;
                said["words"].as_str().map(str::to_owned).ok_or_else(|| "the plan has no words".to_owned())
            },
        )
    }

    /// Presents every card in a new process, and carries out what the drill leaves.
    pub(crate) fn drill(&mut self, cards: &Cards) -> Result<String> {
        let folder = self.folder.clone();
        self.tell(
            "The drill: a new process, and every card proven",
            "only now do the keys serve; public keys, transcript and descriptor cross as QR codes",
            |demo| {
                let mut desk = drill(&folder.join("vault"), cards)?;
                let words = desk.screen()?.words()?;
                let carry = |desk: &mut Desk, name: &str, file: &str| {
                    carry_out(desk, &demo.workstation, &folder.join(format!("frames-{name}")), &folder.join(file))
                };
                carry(&mut desk, "public-keys", "keys.cloison")?;
                desk.press("Show the transcript")?.expect("export")?;
                carry(&mut desk, "transcript", "transcript.clsn")?;
                desk.press("Show the descriptor")?.expect("export")?;
                carry(&mut desk, "descriptor", "descriptor.cloison")?;
                desk.press("Done")?;
                desk.wait()?;
                Ok(words)
            },
        )
    }

    /// Verifies the transcript, and a copy of which one byte was altered.
    pub(crate) fn transcript(&mut self) -> Result<()> {
        let (transcript, html, plan) = (self.path("transcript.clsn"), self.path("transcript.html"), self.path("plan.cloison"));
        let altered = self.folder.join("transcript-altered.clsn");
        let said = self.tell(
            "The transcript is verified and put on paper",
            "target/demo/transcript.html, to be signed by hand",
            |demo| {
                demo.workstation.does(&["transcript", "html", &transcript, "-o", &html])?;
                let told = demo.workstation.run(&["transcript", "verify", &transcript, "--plan", &plan])?;
                let mut bytes = std::fs::read(&transcript).map_err(|error| error.to_string())?;
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(&altered, bytes).map_err(|error| error.to_string())?;
                let run = demo.workstation.run(&["transcript", "verify", &text(&altered)])?;
                let named = run.code == 1 && run.err.contains("entry ");
                if named { Ok((told.out, run.err)) } else { Err(format!("an altered transcript ended with {}", run.code)) }
            },
        )?;
        said.0
            .lines()
            .filter(|line| line.contains("proven") || line.contains("dice"))
            .for_each(|line| println!("        │ {}", line.trim()));
        println!("        │ one byte altered: {}", said.1.trim());
        Ok(())
    }
}
