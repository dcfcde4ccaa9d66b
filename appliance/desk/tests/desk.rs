//! A desk from its first screen to a record on it, through nothing but its pipes and pictures.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[cfg(target_os = "linux")]
#[path = "desk/airgap.rs"]
mod airgap;
mod support;

use cloison_optics::{Luma, picture};
use cloison_protocol::{Act, Transcript};
use serde_json::{Value, json};
use std::{ffi::OsStr, process::Command};
use support::{Cards, Desk, Folder, Record, Workstation, dice, drill, in_service, list, make_card, read_back, type_plan};

#[test]
fn a_ceremony_is_held_from_a_typed_plan_to_the_drill_and_the_vault_opens() {
    let folder = Folder::new();
    let paper = folder.path("paper");
    let mut desk = folder.desk(&[OsStr::new("--paper"), paper.as_os_str()]);
    let said = type_plan(&mut desk).join("\n");
    for part in ["“Registry of Lyon”", "Room 12", "2 of 3 cards open it", "Amélie: custodian", "Yann: witness", "opens records"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    throw_dice(&mut desk);
    let cards = make_cards(&mut desk, &paper);
    assert_eq!(desk.end("Done"), "created");

    let mut desk = folder.desk(&[]);
    let screen = desk.screen();
    assert_eq!(screen["name"], "sealed");
    assert_eq!(list(&screen["buttons"]), ["Hold the drill", "Check a card", "Test the codes", "Give the cards up"]);
    drop(desk);
    let public = drill(&folder, &cards);
    assert_eq!((public.body().threshold, public.body().cards), (2, 3));

    let mut desk = folder.desk(&[]);
    desk.press("Open the vault");
    desk.types("date", "2026-11-22 14:29");
    assert!(desk.press("Continue")["notice"].as_str().unwrap().contains("cannot be earlier"));
    desk.types("date", "2026-11-24 09:00");
    assert_eq!(desk.press("Continue")["name"], "cards");
    cards.present(&mut desk, 2);
    let screen = cards.present(&mut desk, 1);
    assert_eq!((&screen["name"], &screen["left"]["idle"]), (&json!("desk"), &json!(600)), "{screen}");
    transcript_names_who_threw_dice(&mut desk);
    assert_eq!(desk.end("Seal"), "sealed");
}

fn throw_dice(desk: &mut Desk<'_>) {
    desk.through("Is here");
    desk.types("contributor", "Amélie");
    desk.types("rolls", &"123456".repeat(20));
    assert!(desk.press("Add these rolls")["notice"].as_str().unwrap().contains("pattern"));
    desk.types("contributor", "Amélie");
    desk.types("rolls", &dice(5, 120));
    let screen = desk.press("Add these rolls");
    assert_eq!(screen["notice"], "120 rolls of Amélie added.");
    assert_eq!(desk.press("Continue")["name"], "passphrase");
}

/// One card with proposed words and read back from its words, one printed, one from the screen.
fn make_cards(desk: &mut Desk<'_>, paper: &std::path::Path) -> Cards {
    let screen = desk.press("Propose six words");
    let proposed = screen["private"].as_str().unwrap().to_owned();
    desk.types("passphrase", &proposed);
    desk.types("passphrase-again", &proposed);
    let screen = desk.press("Make the card");
    assert_eq!((&screen["name"], &screen["private"]), (&json!("card"), &Value::Null), "private only while it is shown");
    let first = desk.code();
    let lines = list(&desk.press("Show the words")["texts"])[1..].join("\n");
    desk.press("Read it back");
    desk.types("words", &lines);
    desk.press("Read the typed words");
    desk.types("passphrase", &proposed);
    desk.press("Verify");

    let printed = "six quiet words only Bruno knows";
    desk.types("passphrase", printed);
    desk.types("passphrase-again", printed);
    desk.press("Make the card");
    assert!(desk.press("Print the card")["notice"].as_str().unwrap().starts_with("The card is printed."));
    let second = paper.join("card-2.png");
    read_back(desk, &second, printed);

    let last = "six quiet words only Chloé knows";
    let third = make_card(desk, last);
    assert_eq!(desk.screen()["name"], "created");
    Cards { pictures: vec![first, second, third], passphrases: [&proposed, printed, last].map(String::from).to_vec() }
}

fn transcript_names_who_threw_dice(desk: &mut Desk<'_>) {
    desk.press("Manage");
    assert_eq!(desk.press("Show the transcript")["name"], "export");
    let transcript = Transcript::decode(&desk.message()).unwrap();
    let acts: Vec<&Act> = transcript.entries().iter().map(|entry| &entry.what).collect();
    assert!(matches!(acts[0], Act::Began { program, .. } if program.as_str().starts_with("cloison-desk ")), "{:?}", acts[0]);
    let thrown = |act: &&&Act| match act {
        Act::Entropy { source, by, amount, .. } => (source.as_str(), by.as_str(), *amount) == ("dice", "Amélie", 120),
        _ => false,
    };
    assert_eq!(acts.iter().filter(thrown).count(), 1, "{acts:?}");
    desk.press("Done");
    assert_eq!(desk.press("Done")["name"], "desk");
}

#[test]
fn records_are_shown_page_by_page_and_nothing_of_them_stays() {
    let folder = Folder::new();
    let (cards, public) = in_service(&folder);
    let mut desk = folder.desk(&[]);
    assert_eq!(cards.open(&mut desk)["name"], "desk");
    let mut workstation = Workstation::new();
    enrol(&mut desk, &cards, &mut workstation);

    let poem: String = (1..=30).map(|line| format!("line {line}\n")).collect();
    let long = "x".repeat(100);
    let json = format!("{{\"name\": \"Amélie\", \"births\": [{{\"year\": 1987}}], \"note\": \"{long}\"}}");
    let picture = picture::png(&Luma::white(1600, 480).unwrap()).unwrap();
    let contents: [&[u8]; 4] = [json.as_bytes(), poem.as_bytes(), &picture, b"%PDF-1.7 of nothing"];
    let records: Vec<Record> = (1..).zip(contents).map(|(seed, content)| Record::encrypt(&public, seed, content)).collect();
    approve(&mut desk, &cards, workstation.view(&public, folder.began(), &records).as_bytes());

    let screen = desk.screen();
    assert_eq!((&screen["name"], &screen["title"]), (&json!("record"), &json!("Record 1 of 4")), "{screen}");
    let rows = json!([["name", "Amélie"], ["births[0].year", "1987"], ["note", "x".repeat(60)], ["↳", "x".repeat(40)]]);
    assert_eq!(screen["content"], json!({"kind": "table", "rows": rows}));

    let screen = desk.press("Done");
    assert_eq!(list(&screen["texts"])[1], "Page 1 of 3.");
    assert_eq!(list(&screen["content"]["lines"]), (1..=12).map(|line| format!("line {line}")).collect::<Vec<_>>());
    desk.press("Next");
    assert_eq!(list(&desk.press("Next")["content"]["lines"])[5], "line 30");
    assert_eq!(list(&desk.press("Back")["content"]["lines"])[0], "line 13");
    desk.press("Next");

    let screen = desk.press("Done");
    assert_eq!(screen["content"], json!({"kind": "picture", "width": 800, "height": 240, "original": [1600, 480]}));

    let screen = desk.press("Done");
    assert_eq!(screen["content"], Value::Null);
    assert!(list(&screen["texts"]).join(" ").contains("is not shown"), "{screen}");
    assert!(screen["detail"].as_str().unwrap().contains("a PDF document"), "{screen}");

    let screen = desk.press("Done");
    assert_eq!((&screen["name"], &screen["content"], &screen["detail"]), (&json!("reply"), &Value::Null, &Value::Null));
    assert_eq!(desk.end("Seal"), "sealed");
}

fn enrol(desk: &mut Desk<'_>, cards: &Cards, workstation: &mut Workstation) {
    desk.press("Enrol a workstation");
    let enrolment = workstation.enrolment();
    let screen = desk.show(enrolment.as_bytes());
    assert!(list(&screen["texts"]).contains(&enrolment.fingerprint().to_string()), "{screen}");
    desk.press("The words are the same");
    cards.present(desk, 2);
    assert_eq!(cards.present(desk, 3)["notice"], "“Poste 12” is enrolled.");
}

fn approve(desk: &mut Desk<'_>, cards: &Cards, request: &[u8]) {
    desk.press("Read a request");
    assert_eq!(desk.show(request)["name"], "review");
    let said = desk.through("Next").join("\n");
    for part in ["“Poste 12” asks.", "Case: 2026-114", "0 of 10 opened since the vault was opened", "to show on this kiosk only"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    desk.press("Present the cards");
    cards.present(desk, 1);
    assert_eq!(cards.present(desk, 2)["name"], "review");
    desk.through("Next");
    desk.press("Approve");
}

#[test]
fn a_vault_is_restored_at_another_desk_and_a_workstation_is_revoked_by_its_label() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let (cards, _) = in_service(&folder);
    let mut desk = folder.desk(&[]);
    cards.open(&mut desk);
    enrol(&mut desk, &cards, &mut Workstation::new());
    desk.press("Manage");
    desk.press("Show the descriptor");
    let descriptor = desk.message();
    desk.press("Done");
    assert_eq!(desk.press("Make a backup")["name"], "export");
    let backup = desk.message();
    drop(desk);

    let mut desk = elsewhere.desk_at(folder.began() + 3600);
    desk.press("Restore");
    desk.press("Continue");
    assert_eq!(list(&desk.screen()["buttons"]), ["Go on without it", "Cancel"]);
    desk.show(&descriptor);
    assert_eq!(desk.show(&backup)["title"], "Present the cards to restore the vault");
    cards.present(&mut desk, 3);
    let screen = cards.present(&mut desk, 2);
    assert_eq!((&screen["name"], &screen["title"]), (&json!("restored"), &json!("“Registry of Lyon” is restored")), "{screen}");
    assert!(list(&screen["texts"]).join(" ").contains("1 workstation enrolled"), "{screen}");
    assert_eq!(desk.end("Done"), "restored");

    let mut desk = elsewhere.desk_at(folder.began() + 7200);
    cards.open(&mut desk);
    desk.press("Manage");
    let screen = desk.press("Revoke a workstation");
    assert_eq!(list(&screen["buttons"]), ["Revoke “Poste 12”", "Cancel", "Seal"], "{screen}");
    assert_eq!(desk.press("Revoke “Poste 12”")["name"], "cards");
    cards.present(&mut desk, 1);
    assert_eq!(cards.present(&mut desk, 2)["notice"], "The workstation is revoked. It can ask for nothing any more.");
    let screen = desk.press("Revoke a workstation");
    assert_eq!(screen["title"], "Nothing to choose", "{screen}");
}

#[test]
fn an_open_vault_seals_itself_when_it_is_idle_and_when_its_time_is_up() {
    let folder = Folder::new();
    let (cards, _) = in_service(&folder);
    let mut desk = folder.desk(&[]);
    cards.open(&mut desk);
    let answer = desk.wait(540);
    let left = answer["screen"]["left"]["idle"].as_u64().unwrap();
    assert!((30..=60).contains(&left) && answer["ended"].is_null(), "{answer}");
    assert!(answer["screen"]["left"]["said"].as_str().unwrap().starts_with("The vault seals itself in "), "{answer}");
    let answer = desk.wait(60);
    assert_eq!((&answer["ended"], &answer["screen"]["name"]), (&json!("idle"), &json!("ended")), "{answer}");
    drop(desk);

    let mut desk = folder.desk(&[]);
    cards.open(&mut desk);
    for _ in 0..13 {
        desk.wait(540);
        desk.press("Manage");
        desk.press("Done");
    }
    assert_eq!(desk.wait(300)["ended"], "time-up");
}

#[test]
fn the_date_that_people_confirm_counts_and_the_clock_runs_on_from_it() {
    let folder = Folder::new();
    let (cards, _) = in_service(&folder);
    // A board without a battery starts in 1970 each time.
    let mut desk = folder.desk_at(0);
    desk.press("Open the vault");
    assert!(desk.press("Continue")["notice"].as_str().unwrap().contains("cannot be earlier"));
    desk.types("date", "2030-01-01 00:00");
    desk.press("Continue");
    cards.present(&mut desk, 1);
    assert_eq!(cards.present(&mut desk, 3)["name"], "desk");
    let answer = desk.send(&json!({"do": "tick"}));
    assert_eq!((&answer["ended"], &answer["screen"]["name"]), (&Value::Null, &json!("desk")), "{answer}");
    assert_eq!(desk.wait(600)["ended"], "idle");
}

#[test]
fn a_desk_without_a_clock_of_its_own_cannot_be_moved_on_but_ticks() {
    let folder = Folder::new();
    let mut desk = folder.desk_with(&[]);
    assert_eq!(desk.send(&json!({"do": "tick"}))["screen"]["name"], "blank");
    let answer = desk.raw(&json!({"do": "wait", "seconds": 5}));
    assert_eq!(answer["ok"], false);
    assert!(answer["error"].as_str().unwrap().contains("--clock"), "{answer}");
    // The computer's own clock is asked.
    let clock = list(&desk.press("Create a vault")["texts"])[0].clone();
    assert!(!clock.contains("2026-11-21 at 14:30"), "{clock}");
    drop(desk);
    let clock = list(&folder.desk(&[]).press("Create a vault")["texts"])[0].clone();
    assert!(clock.contains("2026-11-21 at 14:30"), "{clock}");
}

#[test]
fn a_printer_that_is_a_file_takes_what_a_printer_would_and_one_that_is_missing_says_so() {
    let folder = Folder::new();
    let (file, gone) = (folder.path("printed"), "/dev/there-is-no-such-printer");
    for printer in [file.as_os_str(), OsStr::new(gone)] {
        let mut desk = folder.desk(&[OsStr::new("--printer"), printer]);
        type_plan(&mut desk);
        desk.through("Is here");
        desk.press("Continue");
        let weak = list(&desk.types("passphrase", "azerty123456")["strength"]).join(" ");
        assert!(weak.contains("too easy to guess"), "{weak}");
        for field in ["passphrase", "passphrase-again"] {
            desk.types(field, "six quiet words only Amélie knows");
        }
        assert_eq!(desk.press("Make the card")["strength"], Value::Null);
        let screen = desk.press("Print the card");
        if printer == gone {
            assert!(screen["notice"].as_str().unwrap().starts_with("The printer did not take the card."), "{screen}");
            assert!(screen["detail"].as_str().unwrap().contains(gone), "{screen}");
        } else {
            assert!(screen["notice"].as_str().unwrap().starts_with("The card is printed."), "{screen}");
        }
    }
    let printed = std::fs::read(file).unwrap();
    assert!(printed.starts_with(b"\x1b@") && printed.len() > 10_000, "{} bytes", printed.len());
}

#[test]
fn a_line_that_is_no_command_changes_nothing_and_repeats_nothing() {
    let folder = Folder::new();
    let mut desk = folder.desk(&[]);
    for line in [
        json!({"do": "type", "field": "passphrase", "text": 7, "secret": "hunter2hunter2"}),
        json!({"do": "wait", "seconds": -1, "text": "hunter2hunter2"}),
        json!({"do": "open", "text": "hunter2hunter2"}),
    ] {
        let answer = desk.raw(&line);
        assert_eq!((&answer["ok"], &answer["screen"]), (&json!(false), &Value::Null));
        assert!(!answer.to_string().contains("hunter2"), "{answer}");
    }
    assert_eq!(desk.screen()["name"], "blank");
}

#[test]
fn paper_and_a_printer_are_not_used_at_once() {
    let run = Command::new(env!("CARGO_BIN_EXE_cloison-desk")).args(["--data", "d", "--printer", "p", "--paper", "q"]).output();
    let run = run.unwrap();
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    assert!(String::from_utf8_lossy(&run.stderr).contains("cannot be used with"), "{run:?}");
}
