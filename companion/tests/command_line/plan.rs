//! Plans: written, checked, carried as codes.

use crate::workstation::{Said, Workstation};
use cloison_protocol::{
    Language, Limits, Person, Plan, PlanBody, PlannedKey, Policy, Role, Usage,
    bounded::{Line, List},
};

const PEOPLE: [&str; 14] = [
    "--title",
    "Cour d’appel de Lyon",
    "--place",
    "Lyon, room 2",
    "--custodian",
    "Anne \"Q\" Roux",
    "--custodian",
    "Karim Benali\\",
    "--custodian",
    "Jeanne Petit",
    "--administrator",
    "Paul Morel",
    "--witness",
    "Zoé Lam",
];

fn person(name: &str, role: Role) -> Person {
    Person { name: Line::new(name).unwrap(), role }
}

fn key(usage: &str, algorithm: &str, policy: Policy) -> PlannedKey {
    PlannedKey { usage: Line::new(usage).unwrap(), algorithm: Line::new(algorithm).unwrap(), policy }
}

/// What [`PEOPLE`] asks for.
fn expected() -> PlanBody {
    PlanBody {
        title: Line::new("Cour d’appel de Lyon").unwrap(),
        place: Line::new("Lyon, room 2").unwrap(),
        threshold: 2,
        people: List::new(vec![
            person("Paul Morel", Role::Administrator),
            person("Anne \"Q\" Roux", Role::Custodian),
            person("Karim Benali\\", Role::Custodian),
            person("Jeanne Petit", Role::Custodian),
            person("Zoé Lam", Role::Witness),
        ])
        .unwrap(),
        keys: List::new(vec![
            key("age", "mlkem1024p384", Policy::usual(Usage::Age)),
            key("age", "p384", Policy::usual(Usage::Age)),
            key("text", "p384", Policy::usual(Usage::Text)),
            key("digest", "p384", Policy::usual(Usage::Digest)),
        ])
        .unwrap(),
        languages: List::new(vec![Language::French, Language::English]).unwrap(),
        limits: Limits { idle_minutes: 10, session_minutes: 120 },
    }
}

fn written(desk: &Workstation) -> Said {
    desk.run(&[&["plan", "new"], &PEOPLE[..]].concat())
}

/// The shortest plan that can be held.
const SHORT: &str = r#"
title = "Lyon"
need = 2
[people]
custodians = ["Anne", "Karim", "Jeanne"]
[[keys]]
purpose = "age"
"#;

fn lint(desk: &Workstation, text: &str) -> Said {
    desk.write("p.toml", text.as_bytes());
    desk.run(&["plan", "lint", "p.toml"])
}

/// Gives the plan of a text, through the message that the kiosk would read.
fn plan_of(desk: &Workstation, text: &str) -> PlanBody {
    desk.write("p.toml", text.as_bytes());
    desk.run(&["plan", "show", "p.toml", "-o", "p.cloison", "--force"]).done();
    Plan::decode(&desk.read("p.cloison")).unwrap().body().clone()
}

#[test]
fn a_plan_from_options_is_the_plan_that_the_kiosk_reads() {
    let desk = Workstation::bare();
    written(&desk).done();
    let linted = desk.run(&["plan", "lint", "plan.toml"]).done();
    let plan = Plan::new(expected()).unwrap();
    let digest: String = plan.digest().0.iter().map(|byte| format!("{byte:02x}")).collect();
    for part in ["The plan can be held.", &plan.fingerprint().to_string(), &digest, "2 of 3 open", "Anne \"Q\" Roux"] {
        assert!(linted.out.contains(part), "no {part:?} in {}", linted.out);
    }
    assert!(!linted.out.contains("advice"), "{}", linted.out);
    let shown = desk.run(&["plan", "show", "plan.toml", "--png", "f", "--frames", "5", "--density", "10"]).done();
    assert!(shown.out.contains(&format!("words  {}", plan.fingerprint())), "{}", shown.out);
    let mut scan = vec!["qr".to_owned(), "scan".into(), "-o".into(), "p.cloison".into()];
    scan.extend(desk.list("f").iter().filter(|name| name.ends_with(".png")).map(|name| format!("f/{name}")));
    desk.run(&scan.iter().map(String::as_str).collect::<Vec<_>>()).done();
    assert_eq!(Plan::decode(&desk.read("p.cloison")).unwrap(), plan);
    desk.run(&["plan", "show", "plan.toml", "--gif", "p.gif"]).done();
    desk.run(&["qr", "scan", "p.gif", "-o", "p.cloison", "--force"]).done();
    assert_eq!(Plan::decode(&desk.read("p.cloison")).unwrap(), plan);
    let again = desk.run(&["plan", "lint", "p.cloison"]).done();
    assert_eq!(again.out, linted.out, "a witness who read the codes sees the same");
}

#[test]
fn a_plan_without_names_has_lines_for_three_of_five_and_every_blank_is_named() {
    let desk = Workstation::bare();
    desk.run(&["plan", "new"]).done();
    let said = desk.run(&["plan", "lint", "plan.toml"]).failed(1, "8 faults");
    for part in ["the plan has no title", "custodian 1 has no name", "custodian 5 has no name", "witness 1 has no name"] {
        assert!(said.out.contains(part), "no {part:?} in {}", said.out);
    }
    let mut text = String::from_utf8(desk.read("plan.toml")).unwrap();
    for number in 0..9 {
        text = text.replacen("\"\"", &format!("\"name {number}\""), 1);
    }
    assert!(!text.contains("\"\""));
    let body = plan_of(&desk, &text);
    assert_eq!((body.threshold, body.cards()), (3, 5));
    assert_eq!(body.keys, expected().keys);
    desk.run(&["plan", "new"]).failed(1, "already exists");
    desk.run(&["plan", "new", "--force", "--need", "4"]).done();
    let text = String::from_utf8(desk.read("plan.toml")).unwrap();
    assert!(text.contains("need = 4") && text.matches("    \"\",").count() == 7, "{text}");
}

#[test]
fn options_that_make_no_plan_write_nothing() {
    let desk = Workstation::bare();
    let new = |arguments: &[&str], part: &str| {
        let said = desk.run(&[&["plan", "new"], arguments].concat()).failed(1, "nothing was written");
        assert!(said.err.contains(part) && !desk.has("plan.toml"), "no {part:?} in {}", said.err);
    };
    new(&["--custodian", "Anne"], "2 of 1 cards");
    new(&["--custodian", "Anne", "--custodian", "Karim", "--need", "3"], "3 of 2 cards");
    new(&["--custodian", "Zoé", "--custodian", "ZOE\u{301}"], "custodian 2 has the name of custodian 1");
    new(&["--custodian", "Anne", "--custodian", "Karim", "--witness", "Anne"], "witness 1 has the name of custodian 1");
    new(&["--title", &"t".repeat(65)], "65 bytes, more than the 64");
    new(&["--place", "a\nb"], "U+000A");
    new(&["--custodian", "a", "--custodian", " "], "custodian 2 has no name");
    desk.run(&["plan", "new", "--need", "1"]).failed(2, "--need");
    desk.run(&["plan", "new", "--need", "17"]).failed(2, "--need");
    let bare: Vec<_> = (0..17).flat_map(|number| ["--custodian".to_owned(), format!("n{number}")]).collect();
    new(&bare.iter().map(String::as_str).collect::<Vec<_>>(), "at most 16");
    desk.run(&["plan", "new", "-o", "no/such/plan.toml"]).failed(1, "folder does not exist");
    desk.run(&["plan", "new", "-o", "home/pending/x"]).failed(1, "");
}

#[test]
fn every_field_reaches_the_plan() {
    let desk = Workstation::bare();
    let body = plan_of(
        &desk,
        r#"
title = "Lyon"
need = 2
languages = ["en"]
people = { custodians = ["a", "b", "c", "d"] }
[limits]
idle-minutes = 3
session-minutes = 45
[[keys]]
purpose = "age"
algorithm = "p384"
quorum = "session"
view-only = true
declared-only = true
batch = 100
per-session = 200
per-day = 300
total = 4_000_000_000
expires = 2030-01-31
requesters = ["Claire Martin", "desk 4"]
emergency = 7
[[keys]]
purpose = "digest"
approvals = 3
[[keys]]
purpose = "text"
quorum = "each"
"#,
    );
    let policy = Policy {
        each: false,
        approvals: 0,
        view_only: true,
        declared_only: true,
        batch: 100,
        per_session: 200,
        per_day: 300,
        total: 4_000_000_000,
        // The last second of that day: `date -u -d '2030-01-31 23:59:59' +%s`.
        expires: 1_896_134_399,
        requesters: List::new(vec![Line::new("Claire Martin").unwrap(), Line::new("desk 4").unwrap()]).unwrap(),
        emergency: 7,
    };
    let keys = vec![
        key("age", "p384", policy),
        key("digest", "p384", Policy { approvals: 3, ..Policy::usual(Usage::Digest) }),
        key("text", "p384", Policy { each: true, ..Policy::usual(Usage::Text) }),
    ];
    assert_eq!(body.keys.as_slice(), keys);
    assert_eq!(body.limits, Limits { idle_minutes: 3, session_minutes: 45 });
    assert_eq!(body.languages.as_slice(), [Language::English]);
    assert_eq!(body.place.as_str(), "");
    let short = plan_of(&desk, SHORT);
    assert_eq!(short.keys.as_slice(), [key("age", "mlkem1024p384", Policy::usual(Usage::Age))]);
    assert_eq!((short.languages, short.limits), (expected().languages, expected().limits));
}

#[test]
fn each_fault_is_named_with_its_line() {
    let desk = Workstation::bare();
    // What is changed in the short plan, and what must be said of it.
    let table = [
        ("need = 2", "need = 4", "line 3, column 8: 4 of 3 cards is not possible"),
        ("need = 2", "need = 1", "line 3, column 8: `need` of the plan is 1, which is not possible. Write a number from 2 to 16"),
        ("need = 2", "need = 99999999999999999999", "Write a number from 2 to 16"),
        ("need = 2", "need = -2", "`need` of the plan is -2"),
        ("need = 2", "need = \"2\"", "`need` of the plan is text. Write a whole number"),
        ("need = 2", "need = 2.5", "`need` of the plan is a number with a point"),
        ("need = 2", "", "`need` is missing. Say how many cards"),
        ("title = \"Lyon\"", "", "`title` is missing"),
        ("title = \"Lyon\"", "title = \" \"", "line 2, column 9: the plan has no title"),
        ("\"Lyon\"", "\"\\u202e\"", "line 2, column 9: `title`: the text holds the character U+202E"),
        ("title = ", "titel = ", "line 2, column 1: the plan has no field `titel`. Its fields are: title, place"),
        ("title = \"Lyon\"", "title = \"Lyon", "line 2, column 14: this is not TOML: invalid basic string"),
        ("title = \"Lyon\"", "title = \"a\"\ntitle = \"b\"", "line 3, column 1: this is not TOML: duplicate key"),
        ("\"Karim\"", "\"ANNE\"", "line 5, column 23: custodian 2 has the name of custodian 1: 'ANNE' and 'Anne' are one"),
        ("\"Karim\"", "\" Anne \"", "custodian 2 has the name of custodian 1"),
        ("\"Anne\", \"Karim\"", "\"Zo\u{e9}\", \"Zoe\u{301}\"", "custodian 2 has the name of custodian 1"),
        ("\"Karim\"", "\"\"", "line 5, column 23: custodian 2 has no name"),
        ("\"Karim\"", "3", "`custodians` of [people] is a whole number. Write a list of texts"),
        (
            "custodians = ",
            "custodian = ",
            "[people] has no field `custodian`. Its fields are: administrators, custodians, witnesses",
        ),
        ("custodians = ", "witnesses = [\"Anne\"]\ncustodians = ", "witness 1 has the name of custodian 1"),
        ("custodians = [", "custodians = [\"", "this is not TOML"),
        ("[people]", "[peoples]", "`people` is missing"),
        ("[people]", "[limits]\nidle-minutes = 61\n[people]", "Write a number from 1 to 60"),
        (
            "[people]",
            "[limits]\nidle-minutes = 30\nsession-minutes = 20\n[people]",
            "line 4, column 1: the time limits are not possible",
        ),
        (
            "[people]",
            "[limits]\nidle = 30\n[people]",
            "[limits] has no field `idle`. Its fields are: idle-minutes, session-minutes",
        ),
        ("need = 2", "need = 2\nlanguages = [\"de\"]", "line 4, column 14: the language `de` is not known"),
        ("need = 2", "need = 2\nlanguages = [\"fr\", \"fr\"]", "the language `fr` is named twice"),
        ("need = 2", "need = 2\nlanguages = []", "line 4, column 13: the plan names no language"),
        ("\"age\"", "\"email\"", "line 6, column 1: key 1 is for `email`, which this program does not know"),
        ("\"age\"", "\"\"", "key 1 has no `purpose`"),
        ("purpose = \"age\"", "", "key 1 has no `purpose`"),
        ("\"age\"", "\"age\"\nalgorithm = \"rsa\"", "key 1 has the algorithm `rsa`, which this program does not know for `age`"),
        ("\"age\"", "\"text\"\nalgorithm = \"mlkem1024p384\"", "does not know for `text`"),
        ("\"age\"", "\"age\"\nquorum = \"never\"", "line 8, column 10: the quorum `never` is not known"),
        ("\"age\"", "\"age\"\nbatch = 101", "Write a number from 1 to 100"),
        ("\"age\"", "\"age\"\nbatch = 11", "key 1 (age/mlkem1024p384): a quota is below the 11 operations"),
        ("\"age\"", "\"age\"\napprovals = 4", "key 1 (age/mlkem1024p384): 4 approvals are not possible with 2 of 3 cards"),
        ("\"age\"", "\"age\"\napprovals = 3\nquorum = \"session\"", "Set `quorum` to \"each\""),
        ("\"age\"", "\"text\"\nview-only = true", "`view-only` and `declared-only` are for keys that open records"),
        ("\"age\"", "\"age\"\nview-only = \"yes\"", "`view-only` of key 1 is text. Write true or false"),
        ("\"age\"", "\"age\"\nexpires = \"2030-01-31\"", "Write a date without quotes"),
        ("\"age\"", "\"age\"\nexpires = 2030-01-31T10:00:00Z", "without a time"),
        ("\"age\"", "\"age\"\nexpires = 2030-02-30", "line 8, column 11: this is not TOML"),
        ("\"age\"", "\"age\"\nexpires = 1901-01-01", "Write one after 1970"),
        ("\"age\"", "\"age\"\nrequesters = [\"\"]", "requester 1 has no name"),
        ("\"age\"", "\"age\"\nview_only = true", "key 1 has no field `view_only`"),
        ("[[keys]]", "[keys]", "Write lines under [[keys]], with two brackets"),
        ("[[keys]]\npurpose = \"age\"", "", "`keys` is missing"),
        ("need = 2", "need = 2\nkeys = []", "this is not TOML"),
    ];
    for (from, to, said) in table {
        assert!(SHORT.contains(from), "{from}");
        let linted = lint(&desk, &SHORT.replace(from, to)).failed(1, "cannot be held");
        assert!(linted.out.contains(said), "{to:?}: no {said:?} in {}", linted.out);
        // A field of another name is one that is not known and one that is missing.
        let count = if ["titel = ", "custodian = ", "[peoples]", "custodians = [\""].contains(&to) { 2 } else { 1 };
        assert_eq!(linted.out.lines().count(), count, "{to:?}: {}", linted.out);
        desk.run(&["plan", "show", "p.toml", "-o", "p.cloison"]).failed(1, "cannot be held");
        assert!(!desk.has("p.cloison"));
    }
}

#[test]
fn all_faults_are_named_at_once() {
    let desk = Workstation::bare();
    let text = SHORT
        .replace("\"Lyon\"", "\"\"")
        .replace("need = 2", "need = 4")
        .replace("\"Karim\"", "\"anne\"")
        .replace("\"age\"", "\"text\"\nview-only = true\nper-day = 1\ncolour = 1\n[[keys]]\npurpose = \"x\"");
    let said = lint(&desk, &text).failed(1, "7 faults");
    let lines: Vec<_> = said.out.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(lines, ["line 2", "line 3", "line 5", "line 6", "line 6", "line 10", "line 11"], "{}", said.out);
    let said = desk.run(&["plan", "lint", "p.toml", "--json"]).failed(1, "7 faults");
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&json["held"], json["faults"].as_array().unwrap().len()), (&false.into(), 7));
    assert_eq!((&json["faults"][0]["line"], &json["faults"][0]["column"]), (&2.into(), &9.into()));
}

#[test]
fn more_people_keys_and_requesters_than_a_plan_holds_are_counted() {
    let desk = Workstation::bare();
    let names = |count: usize| (0..count).map(|number| format!("\"n{number}\"")).collect::<Vec<_>>().join(", ");
    let said = lint(&desk, &SHORT.replace("[people]", &format!("[people]\nwitnesses = [{}]", names(30)))).failed(1, "1 fault");
    assert!(said.out.contains("33 people are more than the 32"), "{}", said.out);
    let said = lint(&desk, &SHORT.replace("\"age\"", &format!("\"age\"\nrequesters = [{}]", names(17)))).failed(1, "1 fault");
    assert!(said.out.contains("17 requesters of one key are more than the 16"), "{}", said.out);
    let said = lint(&desk, &(SHORT.to_owned() + &"[[keys]]\npurpose = \"text\"\n".repeat(16))).failed(1, "1 fault");
    assert!(said.out.contains("line 38, column 1: 17 keys are more than the 16"), "{}", said.out);
    let custodians = SHORT.replace("[\"Anne\", \"Karim\", \"Jeanne\"]", &format!("[{}]", names(17)));
    assert!(lint(&desk, &custodians).failed(1, "1 fault").out.contains("2 of 17 cards"));
}

#[test]
fn files_that_are_no_plans_are_refused_by_name() {
    let desk = Workstation::bare();
    let lint = |bytes: &[u8], part: &str| {
        desk.write("p.toml", bytes);
        desk.run(&["plan", "lint", "p.toml"]).failed(1, part)
    };
    lint(&vec![b'#'; (64 << 10) + 1], "p.toml is larger than the 65536 bytes");
    lint(b"", "p.toml is empty");
    lint(b"title = \"a\"\nplace = \"\xff\"\n", "line 2 of p.toml is not UTF-8 text. Save the plan as UTF-8");
    lint("title".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice(), "cannot be held");
    lint(b"\xff\xfet\0", "line 1 of p.toml is not UTF-8");
    lint(b"CL\x01\x04rest", "expected a plan, but this is a set of public keys");
    lint(b"CL\x02\x01rest", "format version 2");
    lint(b"CL\x01\x01rest", "this plan is malformed");
    lint(format!("x = {}", "[".repeat(60_000)).as_bytes(), "cannot be held");
    lint(b"# only a remark\n", "4 faults");
    desk.run(&["plan", "lint", "nothing"]).failed(1, "there is no file nothing");
    desk.run(&["plan", "lint", "."]).failed(1, "is a folder");
    let windows = format!("\u{feff}{}", SHORT.replace('\n', "\r\n"));
    lint_held(&desk, &windows);
}

fn lint_held(desk: &Workstation, text: &str) {
    assert!(lint(desk, text).done().out.contains("The plan can be held."));
}

#[test]
fn advice_is_given_where_it_is_due_and_is_no_fault() {
    let desk = Workstation::bare();
    let quiet = SHORT
        .replace("need = 2", "need = 2\nplace = \"Lyon\"")
        .replace("[people]", "[people]\nadministrators = [\"Paul\"]\nwitnesses = [\"Zoé\"]");
    assert!(!lint(&desk, &quiet).done().out.contains("advice"));
    let many = format!("{quiet}{}", "[[keys]]\npurpose = \"text\"\n".repeat(4));
    let age = |more: &str| quiet.replace("\"age\"", &format!("\"age\"\n{more}"));
    for (text, advice) in [
        (quiet.replace("administrators = [\"Paul\"]", ""), "no administrator is named"),
        (quiet.replace("witnesses = [\"Zoé\"]", ""), "no witness is named"),
        (quiet.replace("place = \"Lyon\"", ""), "no place is named"),
        (quiet.replace("need = 2", "need = 3"), "all 3 cards are needed. One that is lost loses the vault"),
        (many, "any two of 3 people open all 5 keys"),
        (quiet.replace("need = 2", "need = 2\nlanguages = [\"fr\"]"), "only one language"),
        (age("batch = 21\nper-session = 30\nper-day = 30"), "age/mlkem1024p384/0: `batch` is 21, which is unusually much"),
        (age("per-session = 101"), "`per-session` is 101"),
        (age("per-day = 101"), "`per-day` is 101"),
        (age("total = 10001"), "`total` is 10001"),
        (age("emergency = 5"), "an emergency sets nothing aside but quotas"),
        (age("quorum = \"session\""), "the operator approves alone"),
        (age("expires = 2001-01-01"), "its last day is over"),
    ] {
        let said = lint(&desk, &text).done();
        let lines: Vec<_> = said.out.lines().filter(|line| line.starts_with("advice")).collect();
        assert!(lines.len() == 1 && lines[0].contains(advice), "{advice}: {lines:?}");
    }
    assert!(!lint(&desk, &age("emergency = 5\napprovals = 3")).done().out.contains("advice"));
}

#[test]
fn a_held_plan_is_told_as_json() {
    let desk = Workstation::bare();
    written(&desk).done();
    let said = desk.run(&["plan", "lint", "plan.toml", "--json"]).done();
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let plan = Plan::new(expected()).unwrap();
    assert_eq!(json["held"], true);
    assert_eq!(json["words"], plan.fingerprint().to_string());
    assert_eq!((&json["need"], &json["cards"]), (&2.into(), &3.into()));
    assert_eq!(json["keys"][0], "age/mlkem1024p384/0");
    assert!(json["faults"].as_array().unwrap().is_empty() && json["advice"].as_array().unwrap().is_empty());
}

#[test]
fn a_plan_is_never_written_over_and_its_message_replaces_nothing_unasked() {
    let desk = Workstation::bare();
    written(&desk).done();
    let plan = desk.read("plan.toml");
    desk.run(&["plan", "show", "plan.toml", "-o", "plan.toml", "--force"]).failed(1, "over itself");
    desk.run(&["plan", "show", "plan.toml", "--gif", "plan.toml", "--force"]).failed(1, "over itself");
    desk.write("p.cloison", b"mine");
    desk.run(&["plan", "show", "plan.toml", "-o", "p.cloison"]).failed(1, "already exists");
    assert_eq!(desk.read("p.cloison"), b"mine");
    desk.run(&["plan", "show", "plan.toml", "-o", "p.cloison", "--gif", "p.gif", "--force"]).done();
    assert!(desk.has("p.gif") && Plan::decode(&desk.read("p.cloison")).is_ok());
    desk.run(&["plan", "show", "plan.toml"]).failed(1, "no terminal");
    assert_eq!(desk.read("plan.toml"), plan);
}
