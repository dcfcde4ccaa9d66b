//! Ceremonies, records shown on the kiosk only, time and restores, with both real programs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use cloison_tests::{
    desk::Desk,
    story::{Cards, carry_in, carry_out, make_vault, read_pages, read_record, text},
    workstation::Workstation,
};
use std::path::PathBuf;
use tempfile::TempDir;

/// A drilled vault of 2 of 3 cards, all that its drill exported, and a workstation that knows it.
struct Custody {
    folder: TempDir,
    cards: Cards,
    workstation: Workstation,
}

impl Custody {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn made() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let workstation = Workstation::at(&at("home"));
        let (cards, mut desk) = make_vault(&at("vault"), "Registry", 2, 3, &at("cards")).unwrap();
        let words = desk.screen().unwrap().words().unwrap();
        carry_out(&mut desk, &workstation, &at("frames-keys"), &at("keys.cloison")).unwrap();
        workstation.does(&["keys", "import", &text(&at("keys.cloison")), "--words", &words]).unwrap();
        desk.press("Show the transcript").unwrap();
        carry_out(&mut desk, &workstation, &at("frames-transcript"), &at("transcript.cloison")).unwrap();
        desk.press("Show the descriptor").unwrap();
        carry_out(&mut desk, &workstation, &at("frames-descriptor"), &at("descriptor.cloison")).unwrap();
        desk.press("Done").unwrap();
        desk.wait().unwrap();
        Self { folder, cards, workstation }
    }

    fn enrolled(&self, desk: &mut Desk) {
        let file = self.path("enrolment.cloison");
        self.workstation.does(&["identity", "new", "--name", "Poste 12", "-o", &text(&file)]).unwrap();
        self.cards.open(desk, &[1, 2]).unwrap();
        desk.press("Enrol a workstation").unwrap();
        carry_in(&self.workstation, desk, &file, &self.path("frames-enrolment"), 10).unwrap().0.expect("enrolment").unwrap();
        desk.press("The words are the same").unwrap();
        self.cards.present_all(desk, &[3, 1]).unwrap().expect("desk").unwrap();
    }

    /// Has a file viewed on the kiosk; gives what was shown, and how `cloison` ended.
    fn viewed(&self, desk: &mut Desk, name: &str, content: &[u8]) -> (Vec<String>, Vec<String>, i32, String) {
        let (file, request, reply) = (self.path(name), self.path("view.cloison"), self.path("viewed.cloison"));
        std::fs::write(&file, content).unwrap();
        self.workstation.does(&["encrypt", &text(&file), "--force"]).unwrap();
        let encrypted = self.path(&format!("{name}.age"));
        let why = ["--case", "2026-9", "--reason", "test", "--force", "--request", &text(&request)];
        self.workstation.does(&[&["view", &text(&encrypted)], why.as_slice()].concat()).unwrap();
        desk.press("Read a request").unwrap();
        let frames = self.path(&format!("frames-{name}"));
        carry_in(&self.workstation, desk, &request, &frames, 20).unwrap().0.expect("review").unwrap();
        read_pages(desk).unwrap();
        desk.press("Present the cards").unwrap();
        self.cards.present_all(desk, &[2, 3]).unwrap().expect("review").unwrap();
        read_pages(desk).unwrap();
        let shown = read_record(desk).unwrap();
        let said = desk.screen().unwrap().texts().into_iter().map(str::to_owned).collect();
        desk.press("Done").unwrap().expect("reply").unwrap();
        let _ = std::fs::remove_file(&reply);
        carry_out(desk, &self.workstation, &self.path(&format!("frames-{name}-reply")), &reply).unwrap();
        desk.press("Done").unwrap().expect("desk").unwrap();
        let run = self.workstation.run(&["view", &text(&encrypted), "--reply", &text(&reply)]).unwrap();
        (shown, said, run.code, run.err)
    }
}

/// The header of a PNG that says that it has 60,000 × 60,000 pixels.
fn enormous() -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(60_000u32.to_be_bytes());
    header.extend(60_000u32.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(13u32.to_be_bytes());
    png.extend(&header);
    png.extend(crc32(&header).to_be_bytes());
    png
}

/// CRC-32 as PNG has it (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)))
}

#[test]
fn records_are_shown_on_the_kiosk_and_a_hostile_one_costs_nothing_but_itself() {
    let custody = Custody::made();
    let mut desk = Desk::start(&custody.path("vault")).unwrap();
    custody.enrolled(&mut desk);

    let json = br#"{"person": {"name": "Martin", "births": ["1971-02-03"]}, "amount": 12345678901234567890.10}"#;
    let (shown, _, code, said) = custody.viewed(&mut desk, "record.json", json);
    assert_eq!(code, 0, "{said}");
    let shown = shown.join("\n");
    assert!(shown.contains("person.name: Martin") && shown.contains("amount: 12345678901234567890.10"), "{shown}");

    let (shown, told, code, said) = custody.viewed(&mut desk, "enormous.png", &enormous());
    assert_eq!((shown.len(), code), (0, 3), "{said}");
    assert!(said.contains("cannot show") && !told.is_empty(), "{said}");

    let (shown, _, code, _) = custody.viewed(&mut desk, "letter.txt", "Lyon, le 3 décembre\npay \u{202E}001\n".as_bytes());
    assert_eq!(code, 0);
    assert!(shown.iter().any(|line| line.contains("décembre")) && !shown.join("").contains('\u{202E}'), "{shown:?}");
    desk.press("Seal").unwrap();
    desk.wait().unwrap();
}

#[test]
fn a_transcript_with_one_altered_byte_is_refused_with_the_entry_named() {
    let custody = Custody::made();
    let transcript = custody.path("transcript.cloison");
    let verified = custody.workstation.does(&["transcript", "verify", &text(&transcript)]).unwrap();
    assert!(verified.out.contains("Chloé") && verified.out.contains("jitter"), "{}", verified.out);
    let bytes = std::fs::read(&transcript).unwrap();
    let altered = custody.path("altered.cloison");
    for at in (0..bytes.len()).step_by(bytes.len() / 60) {
        let mut copy = bytes.clone();
        copy[at] ^= 0x20;
        std::fs::write(&altered, copy).unwrap();
        let run = custody.workstation.run(&["transcript", "verify", &text(&altered)]).unwrap();
        assert_eq!(run.code, 1, "byte {at}");
        let named = ["entry ", "heading", "did not sign", "not a Cloison message", "format version", "kind"];
        assert!(named.iter().any(|name| run.err.contains(name)), "byte {at}: {}", run.err);
    }
    // In the middle of the file it is always an entry.
    let mut copy = bytes.clone();
    copy[bytes.len() / 2] ^= 1;
    std::fs::write(&altered, copy).unwrap();
    let run = custody.workstation.run(&["transcript", "verify", &text(&altered)]).unwrap();
    assert!(run.err.contains("entry "), "{}", run.err);
}

#[test]
fn a_vault_left_alone_is_sealed_and_a_clock_set_back_opens_nothing() {
    let custody = Custody::made();
    let data = custody.path("vault");
    // The custodians' word counts, and it is after the ceremony's.
    let late = "4000000000";
    let mut desk = Desk::start_with(&data, &["--clock", late]).unwrap();
    custody.cards.open(&mut desk, &[1, 3]).unwrap();
    desk.pass(9 * 60).unwrap().expect("desk").unwrap();
    let screen = desk.pass(2 * 60).unwrap();
    assert_eq!(screen.0["ended"], "idle", "ten minutes without a touch");
    desk.wait().unwrap();

    let mut desk = Desk::start_with(&data, &["--clock", "3999999000"]).unwrap();
    desk.press("Open the vault").unwrap().expect("date").unwrap();
    let screen = desk.press("Continue").unwrap().expect("date").unwrap();
    assert!(!screen.notice().is_empty(), "the log is later than this clock");
    desk.type_in("date", "2096-10-02 08:00").unwrap();
    desk.press("Continue").unwrap().expect("cards").unwrap();
    custody.cards.present_all(&mut desk, &[2, 3]).unwrap().expect("desk").unwrap();
}

#[test]
fn a_vault_comes_back_from_two_cards_and_nothing_else_and_only_opens_records_until_confirmed() {
    let custody = Custody::made();
    let data = custody.path("vault-restored");
    let mut desk = Desk::start(&data).unwrap();
    desk.press("Restore").unwrap().expect("date").unwrap();
    desk.press("Continue").unwrap().expect("scan").unwrap();
    desk.press("Go on without it").unwrap().expect("scan").unwrap();
    desk.press("Go on without it").unwrap().expect("cards").unwrap();
    custody.cards.present_all(&mut desk, &[3, 1]).unwrap().expect("restored").unwrap();
    desk.press("Done").unwrap();
    desk.wait().unwrap();

    let mut desk = Desk::start(&data).unwrap();
    custody.enrolled(&mut desk);
    desk.press("Manage").unwrap();
    desk.press("Renew the quotas").unwrap().expect("cards").unwrap();
    custody.cards.present_all(&mut desk, &[1, 2]).unwrap().expect("manage").unwrap();
    desk.press("Done").unwrap().expect("desk").unwrap();

    // To a workstation it looks like another store, until somebody compares the words again.
    let words = desk.press("Show the public keys").unwrap().words().unwrap();
    let (keys, frames) = (custody.path("keys-restored.cloison"), custody.path("frames-restored"));
    carry_out(&mut desk, &custody.workstation, &frames, &keys).unwrap();
    desk.press("Done").unwrap().expect("desk").unwrap();
    custody.workstation.does(&["keys", "import", &text(&keys), "--words", &words]).unwrap();
    let (shown, _, code, said) = custody.viewed(&mut desk, "old.txt", b"encrypted before the fire\n");
    assert_eq!((shown.join("").trim(), code), ("encrypted before the fire", 0), "{said}");
    assert!(desk.press("Manage").unwrap().has("Confirm the keys"));
}
