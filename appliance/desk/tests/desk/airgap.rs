//! The air gap for real: a desk that watches as a device does, in a network namespace of its own, to
//! which an interface is added.

use crate::support::{Cards, Desk, Folder, in_service, list};
use cloison_protocol::{Alarm, Happening, Log};
use serde_json::{Value, json};
use std::{
    os::unix::fs::MetadataExt,
    process::Command,
    time::{Duration, Instant},
};

/// Ways to make an interface, of which a kernel has some.
const WAYS: &str = "ip link add gap0 type dummy 2>/dev/null || ip link add gap0 type veth peer name gap1 2>/dev/null || \
                    ip tuntap add gap0 mode tap";
/// The list of interfaces in `/sys` is that of whoever mounted it, so it is mounted anew.
const MOUNT: &str = "mount -t sysfs none /sys";

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Runs a script in namespaces of its own, and then becomes the program that is given.
fn apart(script: &str) -> Command {
    let mut command = Command::new("unshare");
    if !is_root() {
        command.arg("--map-root-user");
    }
    command.args(["--net", "--mount", "sh", "-c", &format!("{MOUNT} && {script} && exec \"$@\""), "sh"]);
    command
}

/// Runs a script in the network of a process.
fn beside(process: u32, script: &str) {
    let mut command = Command::new("nsenter");
    command.args(["--net", "--target", &process.to_string()]);
    if !is_root() {
        command.args(["--user", "--preserve-credentials"]);
    }
    assert!(command.args(["sh", "-c", script]).status().unwrap().success(), "{script}");
}

/// Tells whether this machine lets a test have namespaces and make interfaces in them, and has no radio
/// or strange device itself, which no namespace hides.
fn can_be_tried() -> bool {
    let can = apart(&format!("{{ {WAYS}; }}")).arg("true").output().is_ok_and(|run| run.status.success());
    let why = match can.then(|| Folder::new().watching_desk(&mut apart("true")).screen()) {
        None => "this machine lets nobody make a namespace with an interface".to_owned(),
        Some(screen) if screen["name"] == "blank" => return true,
        Some(screen) => screen["texts"].to_string(),
    };
    assert!(!may_make_namespaces(), "it must be tried here: {why}");
    eprintln!("there is nothing to see: {why}");
    false
}

/// Tells whether this process has `CAP_SYS_ADMIN`, so that nothing but a fault stands in the way.
fn may_make_namespaces() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap();
    u64::from_str_radix(effective.trim(), 16).unwrap() >> 21 & 1 == 1
}

/// Opens the vault.
fn open(cards: &Cards, desk: &mut Desk<'_>) {
    assert_eq!(cards.open(desk)["name"], "desk");
}

#[test]
fn an_interface_that_is_plugged_in_seals_an_open_vault_within_two_seconds_and_is_in_its_log() {
    if !can_be_tried() {
        return;
    }
    let folder = Folder::new();
    let (cards, _) = in_service(&folder);
    let mut desk = folder.watching_desk(&mut apart("true"));
    open(&cards, &mut desk);

    beside(desk.process(), WAYS);
    let since = Instant::now();
    let answer = desk.unasked();
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    assert_eq!((&answer["ended"], &answer["screen"]["name"]), (&json!("alarm"), &json!("ended")), "{answer}");
    assert!(answer["screen"]["notice"].as_str().unwrap().contains("the network interface “gap0”"), "{answer}");
    assert_eq!(answer["screen"]["left"], Value::Null);
    drop(desk);

    let mut desk = folder.desk(&[]);
    open(&cards, &mut desk);
    desk.press("Manage");
    desk.press("Show the log");
    let log = Log::decode(&desk.message()).unwrap();
    let [.., before, opened] = log.entries() else { panic!("{:?}", log.entries()) };
    assert!(matches!(opened.what, Happening::Opened { .. }), "{opened:?}");
    let Happening::Alarmed { alarms } = &before.what else { panic!("{before:?}") };
    let named = |alarm: &Alarm| matches!(alarm, Alarm::Interface(name) if name.as_str() == "gap0");
    assert!(alarms.named().iter().any(named), "{alarms:?}");
}

#[test]
fn a_desk_that_starts_beside_an_interface_offers_nothing_until_it_is_taken_out() {
    if !can_be_tried() {
        return;
    }
    let folder = Folder::new();
    in_service(&folder);
    let mut desk = folder.watching_desk(&mut apart(&format!("{{ {WAYS}; }}")));
    let screen = desk.screen();
    assert_eq!((&screen["name"], &screen["buttons"], &screen["camera"]), (&json!("alarm"), &json!([]), &json!(false)));
    assert!(list(&screen["texts"]).contains(&"The network interface “gap0”.".to_owned()), "{screen}");
    for label in ["Open the vault", "Check a card", "Cancel"] {
        let answer = desk.raw(&json!({"do": "press", "label": label}));
        assert_eq!((&answer["ok"], &answer["screen"]), (&json!(false), &Value::Null), "{label}");
    }
    beside(desk.process(), "ip link del gap0");
    let screen = desk.screen();
    assert_eq!(screen["name"], "sealed", "{screen}");
    assert!(list(&screen["buttons"]).contains(&"Open the vault".to_owned()), "{screen}");
}

#[test]
fn a_desk_that_watches_is_an_ordinary_desk_where_nothing_leads_out() {
    if !can_be_tried() {
        return;
    }
    let folder = Folder::new();
    let mut desk = folder.watching_desk(&mut apart("true"));
    assert_eq!(desk.screen()["name"], "blank");
    assert_eq!(desk.press("Create a vault")["name"], "date");
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(desk.screen()["name"], "date", "time passes, and nothing was said unasked");
}
