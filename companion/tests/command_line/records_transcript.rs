use crate::{
    records_made::{CUSTODIANS, Identity, chain, hash, line, plan, signed, stretch, transcript, whole, whose},
    vault::Vault,
    workstation::Workstation,
};
use cloison_protocol::{
    Act, Ceremony, Entry, Happening, Heading, MessageError, Person, Plan, PlanBody, Record, RecordFault, Role, Transcript,
    VaultId,
    bounded::{Fixed, List},
};
use serde_json::Value;

fn desk_with(vault: &Vault, acts: &[Act]) -> Workstation {
    let desk = Workstation::knowing(vault);
    desk.write("t.cloison", transcript(vault, acts).as_bytes());
    desk
}

/// Verifies acts as a transcript of the usual vault and gives what was found.
fn findings(desk: &Workstation, acts: &[Act], more: &[&str]) -> Vec<String> {
    desk.write("t.cloison", transcript(&Vault::new(), acts).as_bytes());
    let said = desk.run(&[&["transcript", "verify", "t.cloison", "--json"], more].concat());
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let found: Vec<String> = report["findings"].as_array().unwrap().iter().map(|found| found.as_str().unwrap().into()).collect();
    assert_eq!(said.code, i32::from(!found.is_empty()), "{}", said.err);
    let planned = report["as_planned"].as_bool().unwrap_or(true);
    assert_eq!(report["whole"].as_bool().unwrap() && planned, found.is_empty());
    assert_eq!(said.err.contains("not held as this plan says"), report["whole"].as_bool().unwrap() && !planned);
    assert_eq!(found.is_empty(), !said.err.contains("the links are right, but"), "{}", said.err);
    found
}

#[test]
fn a_whole_ceremony_is_told_entry_by_entry_and_whose_it_is() {
    let vault = Vault::new();
    let desk = desk_with(&vault, &whole(&vault));
    let said = desk.run(&["transcript", "verify", "t.cloison"]).done();
    for part in [
        "     1  2026-03-12 09:00:00 UTC  The ceremony to make a vault began",
        "Zoé Lam was called as a witness and is here.",
        "Entropy was mixed in from the processor's jitter: 1024 samples; health tests looked at 1024 samples.",
        "Entropy was mixed in from dice, given by Zoé Lam: 50 rolls.",
        "dealt to 3 cards of epoch 1, of which any 2 open it",
        "Card 3 was shown to Jeanne Petit",
        "    25  2026-03-12 09:24:00 UTC  The keys serve.",
        "checked     a whole ceremony",
        "signed      by the vault 'Court of Lyon' that you imported",
        "keys        the keys that the ceremony compared are those that you imported",
    ] {
        assert!(said.out.contains(part), "no {part:?} in {}", said.out);
    }
    let made = transcript(&vault, &whole(&vault));
    let words = cloison_protocol::Fingerprint::of(&made.head());
    assert!(said.out.ends_with(&format!("words       {words}\n")), "{}", said.out);
    assert!(!said.out.contains("REHEARSAL"));
    assert!(said.err.contains("Every link and the signature are right"));
}

#[test]
fn french_is_said_as_an_administration_writes_it() {
    let vault = Vault::new();
    let said = desk_with(&vault, &whole(&vault)).run(&["transcript", "verify", "t.cloison", "--language", "fr"]).done();
    for part in [
        "12/03/2026 09:00:00 UTC  Ouverture de la cérémonie de création d’un coffre",
        "Zoé Lam, témoin\u{a0}: présence constatée à l’appel.",
        "Remise de la carte 3 à Jeanne Petit, pour copie ou impression.",
        "contrôle    cérémonie complète",
        "empreinte   ",
    ] {
        assert!(said.out.contains(part), "no {part:?} in {}", said.out);
    }
    let english = ["card", "vault", "the ", "was "];
    let names = |line: &str| !english.iter().any(|word| line.to_lowercase().contains(word));
    let lines = said.out.lines().filter(|line| !line.contains("«") && !line.starts_with("identité") && !line.starts_with("mots"));
    assert!(lines.clone().count() > 20 && lines.clone().all(names), "{}", said.out);
}

#[test]
fn every_byte_that_is_altered_names_its_entry() {
    let vault = Vault::new();
    let made = transcript(&vault, &whole(&vault));
    let bytes = made.as_bytes();
    let ends = ends(&made);
    for at in 0..bytes.len() {
        let mut altered = bytes.to_vec();
        altered[at] ^= 0x10;
        let error = Transcript::decode(&altered).expect_err("altered");
        let place = ends.iter().position(|end| at < *end);
        match (place, error) {
            (Some(0), MessageError::NotAMessage | MessageError::Version { .. } | MessageError::UnknownKind(_)) => assert!(at < 4),
            (Some(1), MessageError::Record(RecordFault::Heading)) => {}
            // The number of entries: it is read as more of them, or fewer.
            (Some(2), MessageError::Record(RecordFault::Entry { .. } | RecordFault::End { .. })) => {}
            (Some(entry), MessageError::Record(RecordFault::Entry { number })) => assert_eq!(entry, number as usize + 2),
            (None, MessageError::Record(RecordFault::Signature)) => {}
            other => panic!("byte {at}: {other:?}"),
        }
    }
    let desk = Workstation::knowing(&vault);
    for at in (4..bytes.len()).step_by(bytes.len() / 40) {
        let mut altered = bytes.to_vec();
        altered[at] ^= 1;
        let named = Transcript::decode(&altered).unwrap_err().to_string();
        desk.write("t.cloison", &altered);
        assert_eq!(desk.run(&["transcript", "verify", "t.cloison"]).failed(1, &named).out, "", "byte {at}");
        assert!(named.contains("entry") || named.contains("heading"), "{named}");
    }
}

/// The ends of the header, the heading, the number of entries, and each entry.
fn ends(made: &Transcript) -> Vec<usize> {
    let heading = postcard::to_allocvec(made.heading()).unwrap().len();
    let mut ends = vec![4, 4 + heading + 48, 4 + heading + 48 + 1];
    for entry in made.entries() {
        ends.push(ends.last().unwrap() + postcard::to_allocvec(entry).unwrap().len() + 48);
    }
    assert_eq!(ends.last().unwrap() + 96, made.as_bytes().len());
    ends
}

#[test]
fn a_transcript_that_is_cut_or_of_another_kind_is_refused() {
    let vault = Vault::new();
    let made = transcript(&vault, &whole(&vault));
    let desk = desk_with(&vault, &whole(&vault));
    let bytes = made.as_bytes();
    desk.write("t.cloison", &bytes[..bytes.len() - 1]);
    desk.run(&["transcript", "verify", "t.cloison"]).failed(1, "what follows entry 25 was cut off");
    desk.write("t.cloison", &[bytes, b"x"].concat());
    desk.run(&["transcript", "verify", "t.cloison"]).failed(1, "what follows entry 25 was cut off or added");
    desk.write("t.cloison", signed(&whose(&vault), &[Happening::Created]).as_bytes());
    desk.run(&["transcript", "verify", "t.cloison"]).failed(1, "expected a transcript, but this is a log");
    desk.run(&["transcript", "verify", "nothing"]).failed(1, "there is no file");
}

#[test]
fn each_act_that_is_left_out_is_missed() {
    let (vault, desk) = (Vault::new(), Workstation::knowing(&Vault::new()));
    let acts = whole(&vault);
    for left_out in 0..acts.len() {
        let mut fewer = acts.clone();
        let act = fewer.remove(left_out);
        // A witness, an administrator or dice more or less make no ceremony less whole.
        let spare = match &act {
            Act::Present { role, .. } => *role != Role::Custodian,
            Act::Entropy { source, .. } => source.as_str() == "dice",
            _ => false,
        };
        assert_eq!(findings(&desk, &fewer, &[]).is_empty(), spare, "without {act:?}");
    }
}

/// Finds the first act that is like this.
fn at(acts: &[Act], like: impl Fn(&Act) -> bool) -> usize {
    acts.iter().position(like).unwrap()
}

fn is_stored(act: &Act) -> bool {
    matches!(act, Act::Stored)
}

/// Gives the acts of a whole ceremony with one of them in another place.
fn moved(acts: &[Act], from: usize, to: usize) -> Vec<Act> {
    let mut acts = acts.to_vec();
    let act = acts.remove(from);
    acts.insert(to, act);
    acts
}

#[test]
fn what_is_missing_and_what_is_out_of_order_is_named() {
    let (vault, desk) = (Vault::new(), Workstation::knowing(&Vault::new()));
    let acts = whole(&vault);
    let last = acts.len() - 1;
    let position = |like: fn(&Act) -> bool| at(&acts, like);
    let dealt = position(|act| matches!(act, Act::Dealt { .. }));
    let stored = position(is_stored);
    let drilled = position(|act| matches!(act, Act::Drilled { index: 3 }));
    let proven = position(|act| matches!(act, Act::Proven { .. }));
    let compared = position(|act| matches!(act, Act::KeysCompared { .. }));
    let read_back = position(|act| matches!(act, Act::ReadBack { index: 2 }));
    let jitter = position(|act| matches!(act, Act::Entropy { source, .. } if source.as_str() == "jitter"));
    let anne = position(|act| matches!(act, Act::Present { name, .. } if name.as_str() == CUSTODIANS[0]));
    let without = |index: usize| [&acts[..index], &acts[index + 1..]].concat();
    let cases: Vec<(Vec<Act>, Vec<&str>)> = vec![
        (without(drilled), vec!["Card 3 was never drilled."]),
        (without(read_back), vec!["Card 2 was not read back after it was last shown."]),
        (without(compared), vec!["The drilled keys were never compared with those that were made."]),
        (without(jitter), vec!["No entropy came from the processor's jitter."]),
        (without(1), vec!["There was no self-test."]),
        (without(0), vec!["There is no beginning."]),
        (without(last), vec!["The keys were never activated."]),
        (moved(&acts, drilled, proven), vec!["Entry 22 stands before card 3 was drilled."]),
        (moved(&acts, read_back, stored), vec!["Entry 17 stands before card 2 was read back."]),
        (moved(&acts, compared, proven), vec!["Entry 23 stands before the cards were proven to belong together."]),
        (moved(&acts, 1, dealt), vec!["Entry 10 stands before the self-test."]),
        (moved(&acts, 0, 3), vec!["Entry 1 stands before the beginning."]),
        (moved(&acts, last, last - 1), vec!["Entry 25 follows the activation", "The drilled keys were never compared"]),
        (moved(&acts, anne, dealt + 1), vec!["Card 1 was shown in entry 11 to Anne Roux, who had not been called"]),
        (
            acts[..=dealt].to_vec(),
            vec![
                "Card 1 was never shown",
                "Card 2 was never",
                "Card 3 was never",
                "The store was never",
                "The drill never",
                "The cards were never",
                "The drilled keys were never",
                "The keys were never",
            ],
        ),
        (
            vec![],
            vec![
                "There is no beginning",
                "There was no self-test",
                "Nobody was called",
                "No entropy came from the kernel",
                "No entropy came from the processor",
                "The root was never",
                "The store was never",
                "The drill never",
                "The cards were never",
                "The drilled keys",
                "The keys were never",
            ],
        ),
    ];
    for (acts, expected) in cases {
        let found = findings(&desk, &acts, &[]);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found:?} is not {expected:?}");
        }
    }
}

#[test]
fn what_was_done_too_often_or_by_the_wrong_people_is_named() {
    let (vault, desk) = (Vault::new(), Workstation::knowing(&Vault::new()));
    let acts = whole(&vault);
    let stored = at(&acts, is_stored);
    let dealt = at(&acts, |act| matches!(act, Act::Dealt { .. }));
    let put = |index: usize, act: &Act| [&acts[..index], std::slice::from_ref(act), &acts[index..]].concat();
    let instead = |index: usize, act: Act| [&acts[..index], &[act], &acts[index + 1..]].concat();
    let shown = |index, name: &str| Act::Shown { index, custodian: line(name) };
    let deal = |vault, threshold, cards| Act::Dealt { vault, epoch: 1, threshold, cards };
    let id = vault.keys().body().vault;
    let proven = at(&acts, |act| matches!(act, Act::Proven { .. }));
    let jitter = at(&acts, |act| matches!(act, Act::Entropy { source, .. } if source.as_str() == "jitter"));
    let untested = Act::Entropy { source: line("jitter"), by: line(""), amount: 1024, tested: 0 };
    let cases = [
        (put(1, &acts[0]), "Entry 2 repeats what was done already."),
        (put(stored, &Act::Stored), "Entry 19 repeats"),
        (put(stored + 3, &Act::Drilled { index: 3 }), "Entry 21 repeats"),
        (put(stored + 1, &shown(2, CUSTODIANS[1])), "Card 2 was shown in entry 19, after the store was written."),
        (
            put(dealt, &Act::Present { name: line("zoé LAM "), role: Role::Custodian }),
            "zoé LAM  was called in entry 11 in a second role",
        ),
        (put(stored, &shown(4, CUSTODIANS[1])), "Entry 18 is about card 4, which was never dealt."),
        (put(stored + 2, &Act::Drilled { index: 0 }), "Entry 20 is about card 0"),
        (
            put(stored, &shown(2, "Paul Morel")),
            "Card 2 was shown in entry 18 to Paul Morel, who had not been called as a custodian",
        ),
        (put(dealt + 2, &shown(2, CUSTODIANS[0])), "Anne Roux was shown both card 1 and card 2 (entry 13)"),
        (put(stored, &shown(2, CUSTODIANS[2])), "Card 2 was shown to Karim Benali and, in entry 18, to Jeanne Petit."),
        (put(acts.len(), &Act::SelfTested { answers: 1 }), "Entry 26 follows the activation"),
        (instead(dealt, deal(VaultId(Fixed([7; 16])), 2, 3)), "Entry 11 deals another vault"),
        (instead(dealt, deal(id, 1, 3)), "Entry 11 deals 3 cards of which 1 suffice"),
        (instead(dealt, deal(id, 2, 17)), "Entry 11 deals 17 cards"),
        (instead(dealt, deal(id, 3, 3)), "The proof in entry 23, over 3 cards and 3 choices"),
        (instead(proven, Act::Proven { cards: 2, subsets: 1 }), "The proof in entry 23, over 2 cards"),
        (instead(1, Act::SelfTested { answers: 0 }), "Entry 2 says that nothing was compared."),
        (instead(jitter, untested), "The jitter of entry 9 was taken without its health tests."),
    ];
    for (acts, expected) in cases {
        let found = findings(&desk, &acts, &[]);
        assert!(found.iter().any(|found| found.starts_with(expected)), "{found:?} lacks {expected:?}");
    }
}

#[test]
fn a_card_shown_again_and_a_drill_that_was_cut_off_are_no_fault() {
    let (vault, desk) = (Vault::new(), Workstation::knowing(&Vault::new()));
    let mut acts = whole(&vault);
    let stored = at(&acts, is_stored);
    let again = [Act::Shown { index: 1, custodian: line(CUSTODIANS[0]) }, Act::ReadBack { index: 1 }];
    acts.splice(stored + 3..stored + 3, [Act::DrillBegan, Act::Drilled { index: 3 }]);
    acts.splice(stored..stored, again);
    assert_eq!(findings(&desk, &acts, &[]), Vec::<String>::new());
    acts.remove(stored + 1);
    assert_eq!(findings(&desk, &acts, &[]), ["Card 1 was not read back after it was last shown."]);
}

#[test]
fn a_reshare_is_a_ceremony_too_and_a_stretch_is_none() {
    let (vault, desk) = (Vault::new(), Workstation::knowing(&Vault::new()));
    let mut acts = whole(&vault);
    let Act::Began { plan, program, .. } = acts[0].clone() else { panic!() };
    acts[0] = Act::Began { ceremony: Ceremony::Reshare, plan, program, image: None };
    assert_eq!(findings(&desk, &acts, &[]), Vec::<String>::new());
    let said = desk.run(&["transcript", "verify", "t.cloison"]).done();
    assert!(said.out.contains("to deal a vault's root to other cards began") && said.out.contains("does not know the image"));
    desk.write("t.cloison", stretch(&whose(&vault), &acts, 20).as_bytes());
    let said = desk.run(&["transcript", "verify", "t.cloison"]).failed(1, "not the transcript of a whole ceremony");
    assert!(said.out.contains("WRONG       The beginning is not here: this starts at entry 6."), "{}", said.out);
}

#[test]
fn entries_with_the_last_numbers_and_times_that_there_are_can_be_told() {
    let (vault, desk) = (Vault::new(), Workstation::knowing(&Vault::new()));
    let heading = Heading { whose: whose(&vault), first: u64::MAX - 1, before: hash(1) };
    let created = |at| Entry { at, what: Happening::Created };
    let entry = |at, what| Entry { at, what };
    let transcript =
        Record::sign(heading.clone(), &[entry(u64::MAX, Act::Stored), entry(u64::MAX, Act::DrillBegan)], &mut Identity::with(1));
    desk.write("t.cloison", transcript.unwrap().as_bytes());
    let said = desk.run(&["transcript", "verify", "t.cloison"]).failed(1, "not the transcript of a whole ceremony");
    assert!(said.out.contains("18446744073709551615  18446744073709551615  The drill began"), "{}", said.out);
    desk.run(&["transcript", "verify", "t.cloison", "--json"]).failed(1, "not the transcript");
    desk.run(&["transcript", "html", "t.cloison", "-o", "t.html"]).done();
    let log = Record::sign(heading, &[created(1), created(2)], &mut Identity::with(1));
    desk.write("log.cloison", log.unwrap().as_bytes());
    let said = desk.run(&["log", "verify", "log.cloison", "--before", "log.cloison"]).done();
    assert!(said.out.contains("goes through entry 18446744073709551615, the last that the earlier log has seen"), "{}", said.out);
}

#[test]
fn a_plan_is_compared_by_its_digest_and_then_by_what_it_says() {
    let (vault, desk) = (Vault::new(), Workstation::knowing(&Vault::new()));
    let with_plan = |body: PlanBody, change: &dyn Fn(&mut Vec<Act>)| {
        let plan = Plan::new(body).unwrap();
        desk.write("plan.cloison", plan.as_bytes());
        let mut acts = whole(&vault);
        change(&mut acts);
        if let Act::Began { plan: digest, .. } = &mut acts[0] {
            *digest = plan.digest();
        }
        findings(&desk, &acts, &["--plan", "plan.cloison"])
    };
    assert_eq!(with_plan(plan(), &|_| {}), Vec::<String>::new());
    let said = desk.run(&["transcript", "verify", "t.cloison", "--plan", "plan.cloison"]).done();
    assert!(said.out.contains("plan        held by the plan given here"), "{}", said.out);
    let elsewhere = Plan::new(PlanBody { place: line("Paris"), ..plan() }).unwrap();
    desk.write("plan.cloison", elsewhere.as_bytes());
    assert_eq!(
        findings(&desk, &whole(&vault), &["--plan", "plan.cloison"]),
        ["The ceremony was held by another plan than the one given here."]
    );
    let mut people = plan().people.as_slice().to_vec();
    people.swap(2, 3);
    people.push(Person { name: line("Marc Dupuis"), role: Role::Witness });
    people.remove(0);
    let found = with_plan(PlanBody { threshold: 3, people: List::new(people).unwrap(), ..plan() }, &|_| {});
    assert_eq!(
        found,
        [
            "Marc Dupuis is in the plan and was never called in that role.",
            "Paul Morel was called in entry 3, and is not in the plan in that role.",
            "Entry 11 does not deal what the plan says (title, k and n).",
            "Card 1 was not shown to Karim Benali in entry 12, as the plan says.",
            "Card 2 was not shown to Anne Roux in entry 14, as the plan says.",
        ]
    );
    desk.run(&["transcript", "verify", "t.cloison", "--plan", "keys.cloison"]).failed(1, "expected a plan");
}

#[test]
fn a_plan_may_be_given_as_it_was_written() {
    let (vault, desk) = (Vault::new(), Workstation::knowing(&Vault::new()));
    let custodians = CUSTODIANS.map(|name| ["--custodian", name]).concat();
    let others = ["--administrator", "Paul Morel", "--witness", "Zoé Lam", "--title", "Court of Lyon", "--need", "2"];
    desk.run(&[&["plan", "new", "-o", "plan.toml"], &custodians[..], &others].concat()).done();
    desk.run(&["plan", "show", "plan.toml", "-o", "plan.cloison"]).done();
    let mut acts = whole(&vault);
    let Act::Began { plan, .. } = &mut acts[0] else { panic!() };
    *plan = Plan::decode(&desk.read("plan.cloison")).unwrap().digest();
    for file in ["plan.toml", "plan.cloison"] {
        assert_eq!(findings(&desk, &acts, &["--plan", file]), Vec::<String>::new());
    }
    let changed = String::from_utf8(desk.read("plan.toml")).unwrap().replace("Zoé Lam", "Zoé Lamy");
    desk.write("plan.toml", changed.as_bytes());
    assert_eq!(
        findings(&desk, &acts, &["--plan", "plan.toml"]),
        ["The ceremony was held by another plan than the one given here."]
    );
    desk.write("plan.toml", b"title = 3");
    desk.run(&["transcript", "verify", "t.cloison", "--plan", "plan.toml"]).failed(1, "cannot be held");
}

#[test]
fn an_unknown_vault_is_named_as_such_and_is_not_enough() {
    let vault = Vault::new();
    let desk = Workstation::new();
    desk.write("t.cloison", transcript(&vault, &whole(&vault)).as_bytes());
    let said = desk.run(&["transcript", "verify", "t.cloison"]).failed(1, "nobody here has compared the words of the vault");
    assert!(said.err.contains("the links are right, but") && said.out.contains("The keys serve."));
    assert!(said.out.contains("signed      by a vault that nobody here has compared the words of"), "{}", said.out);
    let identity = Workstation::knowing(&vault);
    identity.write("t.cloison", &desk.read("t.cloison"));
    let known = identity.run(&["transcript", "verify", "t.cloison"]).done();
    let words = |out: &str| out.lines().find(|line| line.starts_with("identity")).unwrap().to_owned();
    assert_eq!(words(&known.out), words(&said.out), "two workstations can compare the words of an identity");
}

#[test]
fn a_named_vault_must_have_signed() {
    let (vault, mut other) = (Vault::new(), Vault::with(3, 3));
    other.title = "Other";
    let desk = desk_with(&vault, &whole(&vault));
    desk.import(&other).done();
    desk.run(&["transcript", "verify", "t.cloison", "--vault", "Court of Lyon"]).done();
    desk.run(&["transcript", "verify", "t.cloison", "--vault", "0101"]).done();
    let said = desk.run(&["transcript", "verify", "t.cloison", "--vault", "Other"]).failed(1, "another vault than 'Other'");
    assert_eq!(said.out, "");
    desk.run(&["transcript", "verify", "t.cloison", "--vault", "Nobody"]).failed(1, "no vault called 'Nobody'");
}

#[test]
fn whoever_poses_as_a_known_vault_is_an_alarm() {
    let vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    let acts = whole(&vault);
    let forged = |identity: u8, id: Option<u8>| {
        let mut whose = whose(&vault);
        let mut signer = Identity::with(identity);
        whose.identity = cloison_protocol::Sign::public(&signer);
        whose.vault = id.map_or(whose.vault, |id| VaultId(Fixed([id; 16])));
        chain(&acts).export(&whose, usize::MAX, &mut signer).unwrap()
    };
    for (identity, id) in [(9, None), (1, Some(9))] {
        desk.write("t.cloison", forged(identity, id).as_bytes());
        for command in [&["verify", "t.cloison"][..], &["html", "t.cloison", "-o", "t.html"]] {
            let said = desk.run(&[&["transcript"], command].concat()).failed(4, "ALARM: this claims to be of 'Court of Lyon'");
            assert!(said.out.is_empty() && !desk.has("t.html"));
        }
    }
    let stranger = Vault::with(9, 9);
    let made = chain(&whole(&stranger)).export(&whose(&stranger), usize::MAX, &mut Identity::with(9)).unwrap();
    desk.write("t.cloison", made.as_bytes());
    desk.run(&["transcript", "verify", "t.cloison"]).failed(1, "nobody here has compared");
}

#[test]
fn a_rehearsal_is_marked_at_both_ends() {
    let vault = Vault::rehearsal();
    let desk = desk_with(&vault, &whole(&vault));
    for (language, mark) in [("en", "REHEARSAL"), ("fr", "RÉPÉTITION")] {
        let said = desk.run(&["transcript", "verify", "t.cloison", "--language", language]).done();
        assert!(said.out.starts_with(mark) && said.out.matches(mark).count() == 2, "{}", said.out);
    }
    let report: Value = serde_json::from_str(&desk.run(&["transcript", "verify", "t.cloison", "--json"]).done().out).unwrap();
    assert_eq!(report["heading"]["mode"], "rehearsal");
}

#[test]
fn json_tells_every_field() {
    let vault = Vault::new();
    let desk = desk_with(&vault, &whole(&vault));
    let report: Value = serde_json::from_str(&desk.run(&["transcript", "verify", "t.cloison", "--json"]).done().out).unwrap();
    assert_eq!(report["record"], "transcript");
    assert_eq!(report["heading"]["title"], "Court of Lyon");
    assert_eq!((&report["heading"]["first"], &report["signer"]["imported"]), (&1.into(), &true.into()));
    let entries = report["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 25);
    assert_eq!(entries[0]["program"], "cloison-kiosk 0.1.0");
    assert_eq!(entries[0]["image"], "09".repeat(48));
    assert_eq!(
        (&entries[9]["act"], &entries[9]["by"], &entries[9]["amount"]),
        (&"entropy".into(), &"Zoé Lam".into(), &50.into())
    );
    assert_eq!(entries[24]["head"], report["head"]);
    assert!(entries.iter().all(|entry| entry["act"].is_string() && !entry["sentence"].as_str().unwrap().is_empty()));
    assert_eq!(report["same_keys"], true);
    let mut acts = whole(&vault);
    let compared = at(&acts, |act| matches!(act, Act::KeysCompared { .. }));
    acts[compared] = Act::KeysCompared { keys: 4, fingerprint: hash(1) };
    desk.write("t.cloison", transcript(&vault, &acts).as_bytes());
    assert!(desk.run(&["transcript", "verify", "t.cloison"]).done().out.contains("you imported other keys than those"));
}
