//! Records and texts: encrypted, asked for, answered, shown, and refused.

use crate::Demo;
use cloison_tests::{
    Result,
    desk::Desk,
    programs::workspace,
    story::{Cards, carry_in, carry_out, read_pages, read_record, text},
};
use std::{
    path::Path,
    process::{Command, Stdio},
};

const RECORDS: [&str; 2] = ["record.json", "photograph.jpg"];

impl Demo {
    pub(crate) fn import(&mut self, words: &str) -> Result<()> {
        let keys = self.path("keys.cloison");
        self.tell("The workstation takes the public keys", &format!("both screens show “{words}”"), |demo| {
            demo.workstation.does(&["keys", "import", &keys, "--words", words]).map(drop)
        })
    }

    pub(crate) fn enrol(&mut self, desk: &mut Desk, cards: &Cards) -> Result<()> {
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

    pub(crate) fn encrypt(&mut self) -> Result<()> {
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

    pub(crate) fn decrypt(&mut self, desk: &mut Desk, cards: &Cards) -> Result<()> {
        let folder = self.folder.clone();
        let files = RECORDS.map(|record| self.path(&format!("{record}.age")));
        let request = self.path("request.cloison");
        let said = self.tell(
            "Only the headers cross the gap, and the custodians read the request",
            "two codes a picture; 40 % of the pictures are lost, the rest out of order",
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
                let mut said = vec![format!("[{shown} of {all} pictures were seen]")];
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

    /// A record that is only ever shown on the kiosk: the ciphertext crosses, nothing comes back.
    pub(crate) fn view(&mut self, desk: &mut Desk, cards: &Cards) -> Result<()> {
        let folder = self.folder.clone();
        let (record, request, reply) = (self.path("record.json.age"), self.path("view.cloison"), folder.join("viewed.cloison"));
        let said = self.tell(
            "A record is shown on the offline screen, and nowhere else",
            "its content is decoded in a confined process that holds no key",
            |demo| {
                let why = ["--case", "2026-114", "--reason", "Reading before the hearing", "--request", &request];
                demo.workstation.does(&[&["view", &record], why.as_slice()].concat())?;
                desk.press("Read a request")?.expect("scan")?;
                carry_in(&demo.workstation, desk, Path::new(&request), &folder.join("frames-view"), 40)?.0.expect("review")?;
                read_pages(desk)?;
                desk.press("Present the cards")?.expect("cards")?;
                cards.present_all(desk, &[1, 2, 5])?.expect("review")?;
                read_pages(desk)?;
                let shown = read_record(desk)?;
                desk.press("Done")?.expect("reply")?;
                carry_out(desk, &demo.workstation, &folder.join("frames-viewed"), &reply)?;
                desk.press("Done")?.expect("desk")?;
                demo.workstation.does(&["view", &record, "--reply", &text(&reply)])?;
                Ok(shown)
            },
        )?;
        said.iter().take(4).for_each(|line| println!("        │ {line}"));
        Ok(())
    }

    /// The plan allows three records a session: two were opened, one was viewed.
    pub(crate) fn refusal(&mut self, desk: &mut Desk) -> Result<()> {
        let folder = self.folder.clone();
        let (record, request, reply) = (self.path("record.json.age"), self.path("more.cloison"), folder.join("refusal.cloison"));
        let said = self.tell("A fourth record is refused", "three for one opening of the vault, says the plan", |demo| {
            let why = ["--case", "2026-115", "--reason", "One more", "--request", &request];
            demo.workstation.does(&[&["decrypt", &record], why.as_slice()].concat())?;
            desk.press("Read a request")?.expect("scan")?;
            let (screen, _, _) = carry_in(&demo.workstation, desk, Path::new(&request), &folder.join("frames-more"), 40)?;
            screen.expect("refused")?;
            desk.press("Show the answer")?.expect("reply")?;
            carry_out(desk, &demo.workstation, &folder.join("frames-refusal"), &reply)?;
            desk.press("Done")?.expect("desk")?;
            let run = demo.workstation.run(&["decrypt", &record, "--reply", &text(&reply)])?;
            let refused = run.code == 3 && !folder.join("record.json").exists();
            if refused { Ok(run.err) } else { Err(format!("the refusal ended with {}: {}", run.code, run.err)) }
        })?;
        said.lines().for_each(|line| println!("        │ {line}"));
        Ok(())
    }

    pub(crate) fn sign(&mut self, desk: &mut Desk) -> Result<()> {
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
