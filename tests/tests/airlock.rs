//! The airlock as people use it: two real programs, and nothing but pictures between them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use cloison_optics::{Density, Level, Symbol, picture};
use cloison_tests::{
    channel::lossy,
    desk::Desk,
    story::{Cards, carry_in, carry_out, make_vault, pictures, read_pages, text},
    workstation::Workstation,
};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A vault in service and a workstation that it knows.
struct Airlock {
    folder: TempDir,
    cards: Cards,
    desk: Desk,
    workstation: Workstation,
}

impl Airlock {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sealed(threshold: usize, cards: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let workstation = Workstation::at(&at("home"));
        let (made, mut desk) = make_vault(&at("vault"), "Registry", threshold, cards, &at("cards")).unwrap();
        let words = desk.screen().unwrap().words().unwrap();
        carry_out(&mut desk, &workstation, &at("frames-keys"), &at("keys.cloison")).unwrap();
        workstation.does(&["keys", "import", &text(&at("keys.cloison")), "--words", &words]).unwrap();
        desk.press("Done").unwrap();
        desk.wait().unwrap();
        let desk = Desk::start(&at("vault")).unwrap();
        Self { folder, cards: made, desk, workstation }
    }

    fn in_service() -> Self {
        let mut airlock = Self::sealed(2, 3);
        airlock.cards.open(&mut airlock.desk, &[1, 2]).unwrap();
        airlock.enrol();
        airlock
    }

    fn enrol(&mut self) {
        let file = self.path("enrolment.cloison");
        self.workstation.does(&["identity", "new", "--name", "Poste 12", "-o", &text(&file)]).unwrap();
        self.desk.press("Enrol a workstation").unwrap();
        let frames = self.path("frames-enrolment");
        carry_in(&self.workstation, &mut self.desk, &file, &frames, 10).unwrap().0.expect("enrolment").unwrap();
        self.desk.press("The words are the same").unwrap();
        self.cards.present_all(&mut self.desk, &[3, 1]).unwrap().expect("desk").unwrap();
    }

    /// Encrypts a file and makes the request for it.
    fn asked(&self, content: &[u8]) -> (PathBuf, PathBuf) {
        let (record, request) = (self.path("record.txt"), self.path("request.cloison"));
        std::fs::write(&record, content).unwrap();
        self.workstation.does(&["encrypt", &text(&record), "--force"]).unwrap();
        std::fs::remove_file(&record).unwrap();
        let encrypted = self.path("record.txt.age");
        self.workstation
            .does(&[
                "decrypt",
                &text(&encrypted),
                "--case",
                "2026-9",
                "--reason",
                "test",
                "--request",
                &text(&request),
                "--force",
            ])
            .unwrap();
        (encrypted, request)
    }
}

/// Draws a card's bytes as a camera would see them.
fn drawn(bytes: &[u8], file: &Path) -> PathBuf {
    let density = Density::smallest_for(bytes.len(), Level::Q).unwrap();
    let png = picture::png(&Symbol::encode(bytes, density).unwrap().picture(5)).unwrap();
    std::fs::write(file, png).unwrap();
    file.to_path_buf()
}

fn bytes_of(card: &Path) -> Vec<u8> {
    let frames = picture::decode(&std::fs::read(card).unwrap()).unwrap();
    cloison_optics::read(&frames[0]).pop().unwrap()
}

#[test]
fn a_record_crosses_with_forty_percent_of_the_frames_lost_and_none_in_order() {
    let mut airlock = Airlock::in_service();
    let content = b"nobody but the custodians and desk 12 reads this\n".repeat(300);
    let (encrypted, request) = airlock.asked(&content);
    airlock.desk.press("Read a request").unwrap();
    let frames = airlock.path("frames-request");
    let (screen, shown, all) = carry_in(&airlock.workstation, &mut airlock.desk, &request, &frames, 40).unwrap();
    assert_eq!((shown, all), (36, 60));
    screen.expect("review").unwrap();
    let said = read_pages(&mut airlock.desk).unwrap().join("\n");
    assert!(said.contains("Poste 12") && said.contains("2026-9"), "{said}");
    airlock.desk.press("Present the cards").unwrap();
    airlock.cards.present_all(&mut airlock.desk, &[2, 3]).unwrap().expect("review").unwrap();
    let said = read_pages(&mut airlock.desk).unwrap().join("\n");
    assert!(said.contains("record.txt") && said.contains(&content.len().to_string()), "{said}");
    airlock.desk.press("Approve").unwrap().expect("reply").unwrap();
    let (reply, frames) = (airlock.path("reply.cloison"), airlock.path("frames-reply"));
    carry_out(&mut airlock.desk, &airlock.workstation, &frames, &reply).unwrap();
    airlock.workstation.does(&["decrypt", &text(&encrypted), "--reply", &text(&reply)]).unwrap();
    assert_eq!(std::fs::read(airlock.path("record.txt")).unwrap(), content);
}

#[test]
fn too_few_frames_are_said_to_be_too_few_and_more_finish_the_job() {
    let mut airlock = Airlock::in_service();
    let (_, request) = airlock.asked(b"x");
    airlock.desk.press("Read a request").unwrap();
    let folder = airlock.path("frames");
    let show = ["qr", "show", &text(&request), "--png", &text(&folder), "--frames", "9", "--density", "12"];
    airlock.workstation.does(&show).unwrap();
    let first = pictures(&folder).unwrap();
    let screen = airlock.desk.camera(&first).unwrap().expect("scan").unwrap();
    assert!(screen.texts()[0].starts_with("9 of at least "), "{:?}", screen.texts());
    airlock.workstation.does(&show).unwrap();
    let all = pictures(&folder).unwrap();
    assert_eq!(all.len(), 18, "the second call continues where the first ended");
    airlock.desk.camera(&lossy(&all[9..], 0, 5)).unwrap().expect("review").unwrap();
}

#[test]
fn one_card_too_few_opens_nothing_and_a_flipped_bit_is_named() {
    let mut airlock = Airlock::sealed(3, 4);
    airlock.desk.press("Open the vault").unwrap().expect("date").unwrap();
    airlock.desk.press("Continue").unwrap().expect("cards").unwrap();
    airlock.cards.present(&mut airlock.desk, 1).unwrap().expect("cards").unwrap();
    let screen = airlock.cards.present(&mut airlock.desk, 2).unwrap().expect("cards").unwrap();
    assert!(screen.texts()[0].starts_with("2 of 3"));
    assert!(!screen.has("Read a request") && !screen.has("Seal"));

    // A flipped bit of the sealed share, with the checksum made right again: only the passphrase tells.
    let mut card = bytes_of(&airlock.cards.pictures[2]);
    card[30] ^= 1;
    let damaged = drawn(&card, &airlock.path("damaged.png"));
    let screen = airlock.desk.camera(&[damaged]).unwrap();
    assert!(screen.notice().starts_with("The card that says it is number 3: this card is damaged"), "{}", screen.notice());

    let mut parsed = cloison_protocol::Card::decode(&bytes_of(&airlock.cards.pictures[2])).unwrap();
    parsed.sealed.0[2] ^= 1;
    let forged = drawn(&parsed.encode(), &airlock.path("forged.png"));
    airlock.desk.camera(&[forged]).unwrap();
    airlock.desk.type_in("passphrase", &airlock.cards.passphrases[2]).unwrap();
    let screen = airlock.desk.press("Present this card").unwrap().expect("cards").unwrap();
    assert!(screen.notice().starts_with("Card 3: "), "{}", screen.notice());

    airlock.cards.present(&mut airlock.desk, 4).unwrap().expect("desk").unwrap();
}

#[test]
fn a_power_cut_after_approval_leaves_the_trace_and_no_second_answer() {
    let mut airlock = Airlock::in_service();
    let (_, request) = airlock.asked(b"x");
    airlock.desk.press("Read a request").unwrap();
    let frames = airlock.path("frames");
    carry_in(&airlock.workstation, &mut airlock.desk, &request, &frames, 0).unwrap().0.expect("review").unwrap();
    read_pages(&mut airlock.desk).unwrap();
    airlock.desk.press("Present the cards").unwrap();
    airlock.cards.present_all(&mut airlock.desk, &[1, 2]).unwrap();
    read_pages(&mut airlock.desk).unwrap();
    airlock.desk.press("Approve").unwrap().expect("reply").unwrap();
    let again = Desk::start(&airlock.path("vault"));
    let second = again.and_then(|mut desk| desk.screen());
    assert!(second.is_err(), "two desks on one store");
    airlock.desk.kill();

    let mut desk = Desk::start(&airlock.folder.path().join("vault")).unwrap();
    airlock.cards.open(&mut desk, &[1, 3]).unwrap();
    desk.press("Read a request").unwrap();
    let screen = desk.camera(&pictures(&frames).unwrap()).unwrap().expect("refused").unwrap();
    assert!(screen.texts()[0].contains("already answered"), "{:?}", screen.texts());
    desk.press("Show the answer").unwrap().expect("reply").unwrap();
    let reply = airlock.folder.path().join("refusal.cloison");
    carry_out(&mut desk, &airlock.workstation, &airlock.folder.path().join("frames-refusal"), &reply).unwrap();
    let encrypted = airlock.folder.path().join("record.txt.age");
    let run = airlock.workstation.run(&["decrypt", &text(&encrypted), "--reply", &text(&reply)]).unwrap();
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(!airlock.folder.path().join("record.txt").exists());
}

#[test]
fn nonsense_on_the_desks_input_is_answered_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::start(folder.path()).unwrap();
    let secret = "a passphrase that must not be repeated";
    for line in [
        "nonsense".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        r#"{"do":"fly"}"#.to_owned(),
        r#"{"do":"press"}"#.to_owned(),
        r#"{"do":"press","label":"Approve"}"#.to_owned(),
        format!(r#"{{"do":"type","field":"passphrase","text":"{secret}"}}"#),
        format!(r#"{{"do":"type","field":7,"text":"{secret}"}}"#),
        r#"{"do":"camera","images":["/nonexistent.png"]}"#.to_owned(),
        r#"{"do":"codes","dir":"/tmp","count":1}"#.to_owned(),
        "\u{0}".to_owned(),
    ] {
        let answer = desk.raw(&line).unwrap();
        assert_eq!(answer["ok"], false, "{line}");
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(". ") && !error.contains(secret), "{line}: {error}");
    }
    desk.screen().unwrap().expect("blank").unwrap();
}

#[test]
fn pictures_that_are_no_pictures_cost_a_frame_each_and_nothing_more() {
    let mut airlock = Airlock::in_service();
    let (_, request) = airlock.asked(b"x");
    let junk: Vec<PathBuf> = [b"".to_vec(), b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 5000], b"GIF89a".to_vec()]
        .into_iter()
        .enumerate()
        .map(|(number, bytes)| {
            let file = airlock.path(&format!("junk-{number}"));
            std::fs::write(&file, bytes).unwrap();
            file
        })
        .collect();
    airlock.desk.press("Read a request").unwrap();
    let screen = airlock.desk.camera(&junk).unwrap().expect("scan").unwrap();
    let frames = screen.0["frames"].as_array().unwrap();
    assert_eq!(frames.len(), 4);
    assert!(frames.iter().all(|frame| frame["error"].is_string()));
    let frames = airlock.path("frames");
    carry_in(&airlock.workstation, &mut airlock.desk, &request, &frames, 0).unwrap().0.expect("review").unwrap();
}
