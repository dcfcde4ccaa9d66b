//! Every kind of message crosses as codes, whatever it says.

use crate::{vault::Vault, workstation::Workstation};
use cloison_protocol::{
    Backup, BackupBody, Chain, Commitment, Descriptor, DescriptorBody, Happening, Kind, Limits, MAX_BACKUP, MAX_MESSAGE, Message,
    Mode, Sign, Transcript, Whose,
    bounded::{Bytes, Fixed, Line, List},
};

fn descriptor(vault: &Vault) -> Vec<u8> {
    let mut signer = vault.signer(0);
    let body = DescriptorBody {
        vault: vault.id(),
        mode: Mode::Real,
        title: Line::new(vault.title).unwrap(),
        epoch: 1,
        threshold: 2,
        cards: 2,
        commitments: List::new(vec![Commitment(Fixed([1; 48])), Commitment(Fixed([2; 48]))]).unwrap(),
        custodians: List::new(vec![Line::new("Anne").unwrap(), Line::new("Karim").unwrap()]).unwrap(),
        identity: signer.public(),
        keys: List::default(),
        limits: Limits::default(),
        made: 1,
        dealt: 1,
        nonce: Fixed([3; 16]),
    };
    Descriptor::sign(body, &mut signer).unwrap().as_bytes().to_vec()
}

fn backup(size: usize) -> Vec<u8> {
    let store = Bytes::new((0..size).map(|at| (at * at / 7) as u8).collect()).unwrap();
    let body = BackupBody { vault: Vault::new().id(), generation: 7, nonce: Fixed([5; 24]), store };
    Backup::new(body).unwrap().as_bytes().to_vec()
}

/// One message of each kind that crosses, and the name under which `qr read` tells it.
fn messages(desk: &Workstation) -> Vec<(Vec<u8>, Kind)> {
    let mut vault = Vault::new();
    let mut signer = vault.signer(0);
    let title = Line::new(vault.title).unwrap();
    let whose = Whose { vault: vault.id(), mode: Mode::Real, title, identity: signer.public() };
    let log = Chain::default().and(1, Happening::Created).unwrap().export(&whose, 100, &mut signer).unwrap();
    let transcript: Transcript = Chain::default().export(&whose, 100, &mut signer).unwrap();
    let (new, old) = (Vault::with(2, 2), Vault::new());
    desk.run(&["plan", "new", "--title", "t", "--custodian", "a", "--custodian", "b"]).done();
    desk.run(&["plan", "show", "plan.toml", "-o", "plan.cloison"]).done();
    desk.run(&["identity", "new", "--name", "Claire"]).done();
    desk.import(&vault).done();
    desk.encrypted("record.txt", b"text");
    desk.request(&["decrypt", "record.txt.age"]).done();
    desk.carry(&mut vault);
    vec![
        (desk.read("plan.cloison"), Kind::Plan),
        (desk.read("ask.cloison"), Kind::Request),
        (desk.read("answer.cloison"), Kind::Reply),
        (desk.read("keys.cloison"), Kind::PublicKeys),
        (desk.read("enrolment.cloison"), Kind::Enrolment),
        (transcript.as_bytes().to_vec(), Kind::Transcript),
        (log.as_bytes().to_vec(), Kind::Log),
        (descriptor(&vault), Kind::Descriptor),
        (backup(300), Kind::Backup),
        (old.signed(old.succession(&new)), Kind::Succession),
    ]
}

#[test]
fn every_kind_is_shown_and_put_together_again() {
    let desk = Workstation::bare();
    for (message, kind) in messages(&desk) {
        assert_eq!(Message::decode(&message).unwrap().kind(), kind);
        desk.write("message", &message);
        desk.run(&["qr", "show", "message", "--gif", "m.gif", "--force"]).done();
        desk.run(&["qr", "scan", "m.gif", "-o", "out", "--force"]).done();
        assert!(desk.read("out") == message, "{kind}");
    }
}

#[test]
fn the_longest_backup_and_the_longest_message_can_be_shown() {
    let desk = Workstation::bare();
    let longest = backup(MAX_BACKUP);
    desk.write("backup", &longest);
    desk.run(&["qr", "show", "backup", "--png", "f", "--frames", "2", "--density", "40"]).done();
    let said = desk.run(&["qr", "read", "f/frame-00000000.png"]).done();
    assert!(said.out.contains("frame 0 of transfer"), "{}", said.out);
    desk.write("message", &vec![1; MAX_MESSAGE]);
    desk.run(&["qr", "show", "message", "--png", "g", "--frames", "1", "--density", "40"]).done();
}
