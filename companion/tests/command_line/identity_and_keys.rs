use crate::{
    vault::{Vault, state},
    workstation::Workstation,
};
use cloison_protocol::Enrolment;

#[test]
fn an_identity_is_made_once_is_private_and_tells_its_words() {
    let desk = Workstation::bare();
    desk.run(&["identity", "show"]).failed(1, "no identity yet");
    let made = desk.run(&["identity", "new", "--name", "Claire Martin, l’accueil"]).done();
    let enrolment = Enrolment::decode(&desk.read("enrolment.cloison")).unwrap();
    assert_eq!(enrolment.body().name.as_str(), "Claire Martin, l’accueil");
    assert!(made.out.contains(&enrolment.fingerprint().to_string()), "{}", made.out);
    assert!(made.err.contains("qr show"), "what to do next: {}", made.err);

    let key = desk.read("home/identity.key");
    desk.run(&["identity", "new", "--name", "Somebody else", "-o", "other"]).failed(1, "identity show");
    assert!(key == desk.read("home/identity.key") && !desk.has("other"));
    let shown = desk.run(&["identity", "show", "-o", "again.cloison"]).done();
    assert_eq!(shown.out, made.out);
    assert_eq!(desk.read("again.cloison"), desk.read("enrolment.cloison"));

    desk.run(&["identity", "new", "--name", "New", "--force"]).done();
    assert!(key != desk.read("home/identity.key"));
    desk.run(&["identity", "new", "--name", " ", "--force"]).failed(1, "blank");
}

#[cfg(unix)]
#[test]
fn secrets_are_readable_by_their_owner_only_and_an_exposed_key_is_refused() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let desk = Workstation::new();
    let mode = |name: &str| fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("home/identity.key"), 0o600);
    assert_eq!(mode("home"), 0o700);
    fs::set_permissions(desk.path("home/identity.key"), fs::Permissions::from_mode(0o644)).unwrap();
    desk.run(&["identity", "show"]).failed(1, "chmod 600");
}

#[test]
fn keys_are_taken_in_only_with_the_kiosks_words() {
    let (desk, vault) = (Workstation::new(), Vault::new());
    desk.write("keys.cloison", vault.keys().as_bytes());
    let asked = desk.run(&["keys", "import", "keys.cloison"]).failed(1, "--words");
    assert!(asked.err.contains("Court of Lyon") && asked.err.contains("2 of 3"), "{}", asked.err);
    let first = vault.words().words()[0];
    for wrong in ["", "zoo zoo zoo zoo zoo zoo zoo zoo", first, &format!("{} zoo", vault.words())] {
        let refused = desk.run(&["keys", "import", "keys.cloison", "--words", wrong]).failed(1, "not the words");
        assert!(!refused.err.contains(&vault.words().to_string()), "the words are not given away");
    }
    assert!(desk.list("home/vaults").is_empty());

    let typed = vault.words().to_string().to_uppercase().replace(' ', "-");
    desk.run(&["keys", "import", "keys.cloison", "--words", &typed]).done();
    let listed = desk.run(&["keys", "list", "--json"]).done();
    let json: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(json[0]["title"], "Court of Lyon");
    assert_eq!(json[0]["words"], vault.words().to_string());
    assert_eq!(json[0]["keys"].as_array().unwrap().len(), 4);
    let shown = desk.run(&["keys", "show", "Court of Lyon"]).done();
    assert!(shown.out.contains("age/mlkem1024p384/0"), "{}", shown.out);
    assert_eq!(desk.run(&["keys", "show", "01010101"]).done().out, shown.out, "an id's beginning names it too");
    desk.run(&["keys", "show", "Court of Nice"]).failed(1, "no vault called");
    assert!(desk.run(&["keys", "show", "--pem", "text"]).done().out.starts_with("-----BEGIN PUBLIC KEY-----\n"));
}

#[test]
fn altered_keys_are_refused_before_anybody_compares_words() {
    let (desk, vault) = (Workstation::new(), Vault::new());
    let mut bytes = vault.keys().as_bytes().to_vec();
    bytes[300] ^= 1;
    desk.write("keys.cloison", &bytes);
    desk.run(&["keys", "import", "keys.cloison", "--words", &vault.words().to_string()]).failed(1, "");
    desk.write("keys.cloison", &[b'x'; 200]);
    desk.run(&["keys", "import", "keys.cloison"]).failed(1, "not a Cloison message");
}

#[test]
fn the_same_vault_with_another_identity_is_an_alarm() {
    let vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.import(&Vault::with(2, 1)).failed(4, "ALARM");
    desk.import(&vault).done();
    desk.import(&Vault::with(2, 2)).done();
    desk.run(&["keys", "show"]).failed(1, "several vaults");
    desk.run(&["keys", "show", "Court of Lyon"]).failed(1, "several vaults");
    desk.run(&["keys", "show", "0202"]).done();
}

#[test]
fn a_newer_export_is_taken_in_an_older_one_refused_and_a_forked_one_is_an_alarm() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    vault.state = state(9, 9);
    desk.import(&vault).done();
    vault.state = state(5, 5);
    desk.import(&vault).failed(1, "Export the keys again");
    vault.state = state(9, 8);
    desk.import(&vault).failed(4, "two different logs");
}

#[test]
fn exit_codes_are_in_the_help_and_typing_errors_are_code_2() {
    let desk = Workstation::bare();
    let help = desk.run(&["--help"]).done();
    assert!(help.out.contains("Exit codes:") && !help.out.contains("eye"), "{}", help.out);
    desk.run(&["encript"]).failed(2, "encrypt");
    desk.run(&["decrypt", "a.age", "--case", "1"]).failed(2, "--reason");
    desk.run(&["sign", "a", "--case", "1", "--reason", "r"]).failed(2, "--text");
}
