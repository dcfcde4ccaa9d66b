use crate::{
    records_made::{alarmed, cards, chain, life, log, seen, stretch, upheavals, vault_after, whose},
    vault::Vault,
    workstation::{Said, Workstation},
};
use cloison_protocol::{Happening, Log, MessageError, Reason, RecordFault, Sign, bounded::Fixed};
use serde_json::Value;

/// Verifies a log of the usual vault at a workstation that saw the state after so many entries.
fn verified(happenings: &[Happening], count: u64, more: &[&str]) -> Said {
    let vault = vault_after(happenings, count);
    let desk = Workstation::knowing(&vault);
    desk.write("log.cloison", log(&vault, happenings).as_bytes());
    desk.run(&[&["log", "verify", "log.cloison"], more].concat())
}

#[test]
fn a_log_is_told_entry_by_entry_and_added_up() {
    let said = verified(&life(), 3, &[]).done();
    for part in [
        "     1  2026-03-12 09:00:00 UTC  The vault was made",
        "     4  2026-03-12 09:03:00 UTC  REFUSED: request 282828282828 of the workstation 151515151515, because the workstation was not enrolled.",
        "The custodians of cards 1 and 3 enrolled the workstation 'Claire Martin', whose key's digest begins with 141414141414.",
        "Request 292929292929 of 'Claire Martin' for age/mlkem1024p384/0 was answered: 3 operations granted, approved with cards 1 and 3.",
        "Request 2a2a2a2a2a2a of 'Claire Martin' for text/p384/0 was answered: 1 operation granted, approved by the operator alone.",
        "    10  2026-03-12 09:09:00 UTC  EMERGENCY: Request 2b2b2b2b2b2b",
        "granted     text/p384/0: 1 operation in 1 request\n",
        "granted     age/mlkem1024p384/0: 5 operations in 2 requests, 2 of them in an EMERGENCY\n",
        "refused     1 request: the workstation was not enrolled\n",
        "refused     2 requests: the custodians declined\n",
        "emergency   2 operations granted in an EMERGENCY, 1 of them NOT REVIEWED yet\n",
        "open        cards were presented for 1 request, and nothing came of it here\n",
        "signed      by the vault 'Court of Lyon' that you imported\n",
        "seen        the log goes through entry 3, the last that this workstation has seen\n",
    ] {
        assert!(said.out.contains(part), "no {part:?} in {}", said.out);
    }
    assert!(said.out.ends_with(&format!("words       {}\n", cloison_protocol::Fingerprint::of(&chain(&life()).head()))));
}

#[test]
fn everything_that_a_log_may_tell_has_its_sentence_in_both_languages() {
    let all = [life(), upheavals(), vec![alarmed()]].concat();
    let (english, french) = (verified(&all, 26, &[]).done().out, verified(&all, 26, &["--language", "fr"]).done().out);
    let sentences = |out: &str| -> Vec<String> {
        let lines = out.lines().filter(|line| line.starts_with("    "));
        lines.map(|line| line.split("UTC  ").nth(1).unwrap().to_owned()).collect()
    };
    let (english, french) = (sentences(&english), sentences(&french));
    assert_eq!((english.len(), french.len()), (all.len(), all.len()));
    for (english, french) in english.iter().zip(&french) {
        assert_ne!(english, french);
        assert!(english.ends_with('.') && french.ends_with('.'), "{english} {french}");
        assert!(!english.contains("no words") && !french.contains("pas de mots"));
    }
    let at =
        |part: &str, sentences: &[String]| assert!(sentences.iter().any(|said| said.contains(part)), "{part}: {sentences:?}");
    at("restored the vault WITHOUT its descriptor, without a backup: this log starts anew", &english);
    at("revoked the enrolment of 'Claire Martin'", &english);
    at("ALARM: the vault was sealed at once, because the kiosk found the network interface 'eth0'", &english);
    at("the USB device 'LAN adapter' (0bda:8153) of the class ff", &english);
    at("itself not guarded (calls) and 2 more.", &english);
    at("L’appareil a constaté\u{a0}: une interface réseau «\u{a0}eth0\u{a0}», une radio", &french);
    at("SANS son descripteur, sans sauvegarde\u{a0}: ce journal recommence", &french);
    at("URGENCE\u{a0}: Réponse à la demande 2b2b2b2b2b2b du poste «\u{a0}Claire Martin\u{a0}»", &french);
    at("Renouvellement des quotas sans carte.", &french);
}

#[test]
fn every_reason_has_its_words_in_both_languages() {
    let reasons = [
        Reason::UnknownRequester,
        Reason::Expired,
        Reason::Replayed,
        Reason::UnknownKey,
        Reason::WrongUsage,
        Reason::CannotUnwrap,
        Reason::Declined,
        Reason::TooMany,
        Reason::RolledBack,
        Reason::ViewOnly,
        Reason::NotDeclared,
        Reason::KeyExpired,
        Reason::NotForYou,
        Reason::Retired,
        Reason::SessionQuota,
        Reason::DayQuota,
        Reason::TotalQuota,
        Reason::EmergencyQuota,
        Reason::CannotShow,
        Reason::Revoked,
    ];
    let refused = |reason| Happening::Refused { request: Fixed([1; 48]), requester: Fixed([2; 48]), reason };
    let all = reasons.map(refused);
    for (language, unknown) in [("en", "unknown here"), ("fr", "inconnu ici")] {
        let said = verified(&all, 1, &["--language", language]).done();
        let mut lines: Vec<&str> = said.out.lines().filter(|line| line.starts_with("ref")).collect();
        assert!(lines.len() == reasons.len() && !said.out.contains(unknown), "{}", said.out);
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), reasons.len(), "two reasons have one name");
    }
}

#[test]
fn a_log_that_is_not_the_one_that_was_seen_is_an_alarm() {
    let long = life();
    let vault = vault_after(&long, 15);
    let desk = Workstation::knowing(&vault);
    let said = |log: &Log| {
        desk.write("log.cloison", log.as_bytes());
        desk.run(&["log", "verify", "log.cloison"])
    };
    assert!(said(&log(&vault, &long)).done().out.contains("goes through entry 15"));
    let short = said(&log(&vault, &long[..14])).failed(4, "ends with entry 14, and entry 15 was seen before");
    assert!(short.out.contains("seen        ALARM: the log ends with entry 14"), "{}", short.out);
    let mut other = long.clone();
    other[2] = Happening::Opened { custodians: cards(&[2, 3]) };
    said(&log(&vault, &other)).failed(4, "at entry 15 this log of 'Court of Lyon' is not the one that this workstation has seen");
    let stretched = said(&stretch(&whose(&vault), &other, 4)).failed(4, "at entry 15");
    assert!(stretched.out.contains("    12  "));
    let longer = [long, upheavals()].concat();
    said(&log(&vault, &longer)).done();
    said(&stretch(&whose(&vault), &longer, 11)).done();
    let apart = said(&stretch(&whose(&vault), &longer, 10)).done();
    assert!(
        apart
            .out
            .contains("seen        NOT COMPARED: the last entry that this workstation has seen is 15, and this begins with 17")
    );
    let report: Value = serde_json::from_str(&desk.run(&["log", "verify", "log.cloison", "--json"]).done().out).unwrap();
    assert_eq!(report["seen"], "apart");
}

#[test]
fn verifying_changes_nothing_that_this_workstation_knows() {
    let long = life();
    let vault = vault_after(&long, 3);
    let desk = Workstation::knowing(&vault);
    let before = desk.run(&["keys", "list", "--json"]).done().out;
    desk.write("log.cloison", log(&vault, &long).as_bytes());
    desk.run(&["log", "verify", "log.cloison"]).done();
    assert_eq!(desk.run(&["keys", "list", "--json"]).done().out, before);
    assert!(seen(&long, 3).generation == 3 && before.contains("\"generation\":3"), "{before}");
}

#[test]
fn an_earlier_export_must_be_continued() {
    let all = [life(), upheavals()].concat();
    let vault = vault_after(&all, 1);
    let desk = Workstation::knowing(&vault);
    let whose = whose(&vault);
    let said = |log: &Log, earlier: &Log| {
        desk.write("log.cloison", log.as_bytes());
        desk.write("before.cloison", earlier.as_bytes());
        desk.run(&["log", "verify", "log.cloison", "--before", "before.cloison"])
    };
    let part = |from: usize, to: usize| stretch(&whose, &all[..to], to - from);
    for (log, earlier) in [((0, 26), (0, 26)), ((0, 26), (0, 10)), ((0, 26), (8, 10)), ((10, 26), (0, 10)), ((9, 20), (3, 12))] {
        let said = said(&part(log.0, log.1), &part(earlier.0, earlier.1)).done();
        let expected = format!("before      the log goes through entry {}, the last that the earlier log has seen", earlier.1);
        assert!(said.out.contains(&expected), "{expected} {}", said.out);
    }
    said(&part(11, 26), &part(0, 10)).failed(1, "ends with entry 10 and this one begins with entry 12: nothing links them");
    said(&part(0, 9), &part(0, 10))
        .failed(4, "ends with entry 9, and entry 10 was seen before: it is older than what the earlier log");
    said(&part(0, 5), &part(8, 10)).failed(4, "ends with entry 5");
    let mut other = all.clone();
    other[4] = Happening::Created;
    said(&stretch(&whose, &other, 26), &part(0, 10))
        .failed(4, "at entry 5 this log of 'Court of Lyon' is not the one that the earlier log");
    said(&stretch(&whose, &other, 10), &part(8, 20)).failed(4, "at entry 16");
    let elsewhere = Vault::with(9, 9).keys().body().vault;
    let strange = cloison_protocol::Whose { vault: elsewhere, ..whose.clone() };
    said(&part(0, 26), &stretch(&strange, &all, 26)).failed(1, "of different vaults");
    let mut broken = part(0, 10).as_bytes().to_vec();
    *broken.last_mut().unwrap() ^= 1;
    desk.write("before.cloison", &broken);
    desk.run(&["log", "verify", "log.cloison", "--before", "before.cloison"]).failed(1, "the vault did not sign this");
}

#[test]
fn an_altered_log_names_its_entry_and_an_unknown_vault_is_not_enough() {
    let vault = vault_after(&life(), 15);
    let desk = Workstation::new();
    let made = log(&vault, &life());
    desk.write("log.cloison", made.as_bytes());
    desk.run(&["log", "verify", "log.cloison"]).failed(1, "nobody here has compared the words");
    let bytes = made.as_bytes();
    for at in (4..bytes.len()).step_by(bytes.len() / 20) {
        let mut altered = bytes.to_vec();
        altered[at] ^= 4;
        let Err(error @ MessageError::Record(fault)) = Log::decode(&altered) else { panic!("byte {at}") };
        assert!(matches!(fault, RecordFault::Heading | RecordFault::Entry { .. } | RecordFault::Signature), "{fault}");
        desk.write("log.cloison", &altered);
        assert_eq!(desk.run(&["log", "verify", "log.cloison"]).failed(1, &error.to_string()).out, "");
    }
}

#[test]
fn json_tells_totals_and_every_field() {
    let all = [life(), upheavals()].concat();
    let report: Value = serde_json::from_str(&verified(&all, 26, &["--json"]).done().out).unwrap();
    assert_eq!((&report["record"], &report["last"], &report["seen"]), (&"log".into(), &26.into(), &"continues".into()));
    assert_eq!(report["emergencies"], 2);
    assert_eq!((&report["unreviewed"], &report["left_open"]), (&1.into(), &1.into()));
    assert_eq!(report["granted"][1]["key"], "age/mlkem1024p384/0");
    assert_eq!(report["granted"][1]["operations"], 5);
    assert_eq!(report["refused"][1], serde_json::json!({"reason": 7, "requests": 2}));
    let entries = report["entries"].as_array().unwrap();
    assert!(entries.len() == 26 && entries.iter().all(|entry| entry["happening"].is_string()));
    assert_eq!(entries[6]["cards"], serde_json::json!([1, 3]));
    assert_eq!(entries[9]["emergency"], true);
    assert_eq!(entries[15]["backup"], Value::Null);
    assert_eq!(entries[18]["backup"], 12);
}

#[test]
fn json_tells_each_alarm_with_its_fields() {
    let report: Value = serde_json::from_str(&verified(&[alarmed()], 1, &["--json"]).done().out).unwrap();
    let entry = &report["entries"][0];
    assert_eq!((&entry["happening"], &entry["more"]), (&"alarmed".into(), &2.into()));
    assert_eq!(entry["alarms"][0], serde_json::json!({"alarm": "interface", "name": "eth0"}));
    let usb = serde_json::json!({
        "alarm": "usb-device", "vendor": 0x0bda, "product": 0x8153, "class": 255, "name": "LAN adapter",
    });
    assert_eq!(entry["alarms"][2], usb);
    assert_eq!(entry["alarms"][7], serde_json::json!({"alarm": "unconfined", "measure": "calls"}));
    assert_eq!(entry["alarms"].as_array().unwrap().len(), 8);
}

#[test]
fn a_rehearsals_log_is_marked() {
    let mut vault = Vault::rehearsal();
    vault.state = seen(&life(), 1);
    let desk = Workstation::knowing(&vault);
    desk.write("log.cloison", log(&vault, &life()).as_bytes());
    let said = desk.run(&["log", "verify", "log.cloison"]).done();
    assert!(said.out.starts_with("REHEARSAL: ") && said.out.matches("REHEARSAL: ").count() == 2, "{}", said.out);
    assert_eq!(whose(&vault).identity, crate::records_made::Identity::with(1).public());
}
