use crate::{
    vault::Vault,
    workstation::{Workstation, installed},
};
use cloison_protocol::Reason;
use std::process::Command;

fn signed(kind: &str, content: &[u8]) -> (Workstation, Vault) {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.write("file", content);
    desk.request(&["sign", "file", kind]).done();
    desk.carry(&mut vault);
    desk.run(&["sign", "file", "--reply", "answer.cloison"]).done();
    (desk, vault)
}

#[test]
fn a_text_and_a_digest_are_signed_each_by_its_key_and_openssl_agrees() {
    let long: Vec<u8> = (0..100_000u32).map(|n| n as u8).collect();
    for (kind, key, content) in [("--text", "text", "We, the court,\nhave decided.\n".as_bytes()), ("--digest", "digest", &long)]
    {
        let (desk, _) = signed(kind, content);
        let said = desk.run(&["verify", "file", "--signature", "file.sig"]).done();
        assert!(said.out.starts_with(&format!("{key}/p384/0 of 'Court of Lyon'")), "{}", said.out);
        assert!(desk.list("home/pending").is_empty());
        desk.write("pem", desk.run(&["keys", "show", "--pem", key]).done().out.as_bytes());
        let Some(openssl) = installed("openssl") else { return eprintln!("openssl is not installed: not compared with it") };
        let (pem, signature, file) = (desk.path("pem"), desk.path("file.sig"), desk.path("file"));
        let mut openssl = Command::new(openssl);
        openssl.args(["dgst", "-sha384", "-verify"]).arg(pem).arg("-signature").arg(signature).arg(file);
        assert!(openssl.output().unwrap().status.success());
    }
}

#[test]
fn an_altered_file_and_a_strangers_signature_do_not_verify() {
    let (desk, _) = signed("--text", b"pay 100");
    desk.write("file", b"pay 900");
    desk.run(&["verify", "file", "--signature", "file.sig"]).failed(1, "NOT VERIFIED");
    desk.write("file", b"pay 100");
    let other = Workstation::knowing(&Vault::with(3, 3));
    other.write("file", b"pay 100");
    other.write("file.sig", &desk.read("file.sig"));
    other.run(&["verify", "file", "--signature", "file.sig"]).failed(1, "NOT VERIFIED");
    desk.write("file.sig", b"garbage");
    desk.run(&["verify", "file", "--signature", "file.sig"]).failed(1, "not an ECDSA");
}

#[test]
fn a_signature_is_written_only_for_the_file_that_was_asked_about() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.write("file", b"as it was");
    desk.request(&["sign", "file", "--digest"]).done();
    desk.carry(&mut vault);
    desk.write("file", b"as it is now");
    desk.run(&["sign", "file", "--reply", "answer.cloison"]).failed(1, "not the file");
    desk.write("file", b"as it was");
    desk.write("file.sig", b"mine");
    desk.run(&["sign", "file", "--reply", "answer.cloison"]).failed(1, "already exists");
    desk.run(&["sign", "file", "--reply", "answer.cloison", "--force"]).done();
    desk.run(&["verify", "file", "--signature", "file.sig", "--from", "Court of Lyon"]).done();
}

#[test]
fn a_refused_signature_leaves_nothing() {
    let mut vault = Vault::new();
    vault.refuses = vec![(0, Reason::UnknownRequester)];
    let desk = Workstation::knowing(&vault);
    desk.write("file", b"text");
    desk.request(&["sign", "file", "--text"]).done();
    desk.carry(&mut vault);
    desk.run(&["sign", "file", "--reply", "answer.cloison"]).failed(3, "not enrolled");
    assert!(!desk.has("file.sig") && desk.list("home/pending").is_empty());
}

#[test]
fn a_text_that_cannot_be_shown_names_its_character_and_the_way_out() {
    let desk = Workstation::knowing(&Vault::new());
    let with = |content: &[u8], part: &str| {
        desk.write("file", content);
        let said = desk.request(&["sign", "file", "--text"]).failed(1, part);
        assert!(said.err.contains("--digest"), "{}", said.err);
    };
    with("one\ntwo \u{202e}three".as_bytes(), "line 2 of file holds the character U+202E");
    with(b"dos\r\n", "U+000D");
    with(b"\xff\xfe", "not UTF-8");
    with(&[b'a'; 8193], "8193 bytes");
    desk.write("file", b"");
    desk.request(&["sign", "file", "--text"]).failed(1, "empty");
    desk.request(&["sign", "file", "--digest"]).failed(1, "empty");
}

#[test]
fn a_rehearsals_signature_is_marked_loudly() {
    let mut vault = Vault::rehearsal();
    let desk = Workstation::knowing(&vault);
    desk.write("file", b"text");
    desk.request(&["sign", "file", "--text"]).done();
    desk.carry(&mut vault);
    desk.run(&["sign", "file", "--reply", "answer.cloison"]).done();
    let said = desk.run(&["verify", "file", "--signature", "file.sig"]).done();
    assert!(said.out.starts_with("REHEARSAL") && said.err.contains("proves nothing"), "{}{}", said.out, said.err);
}
