use crate::{
    records_made::{CUSTODIANS, hash, line, transcript, whole},
    vault::Vault,
    workstation::{Workstation, installed},
};
use cloison_protocol::{Act, Fingerprint, Role};
use html5gum::{Token, Tokenizer};
use std::process::Command;

/// What a parser that we did not write makes of a page.
#[derive(Default)]
struct Parsed {
    text: String,
    tags: Vec<String>,
}

/// Tokenizes a page as the standard says; no error, every tag closed, nothing that loads or runs.
fn parsed(page: &str) -> Parsed {
    let (mut parsed, mut open) = (Parsed::default(), Vec::new());
    for Ok(token) in Tokenizer::new(page) {
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8(tag.name.0.clone()).unwrap();
                for attribute in tag.attributes.keys() {
                    let allowed = ["class", "lang", "charset", "scope"];
                    assert!(allowed.iter().any(|name| attribute.0 == name.as_bytes()), "{name} {attribute:?}");
                }
                if !["meta", "br"].contains(&name.as_str()) {
                    open.push(name.clone());
                }
                parsed.tags.push(name);
            }
            Token::EndTag(tag) => assert_eq!(open.pop().map(String::into_bytes), Some(tag.name.0.clone()), "wrongly nested"),
            Token::String(text) => parsed.text += &String::from_utf8(text.value.0.clone()).unwrap(),
            Token::Doctype(doctype) => assert_eq!(doctype.name.0, b"html"),
            Token::Comment(_) => panic!("a comment"),
            Token::Error(error) => panic!("{error:?}"),
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    for tag in &parsed.tags {
        let allowed = [
            "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "br", "ul", "li", "table", "thead", "tbody", "tr",
            "th", "td", "section", "span",
        ];
        assert!(allowed.contains(&tag.as_str()), "{tag}");
    }
    parsed
}

fn titled(title: &'static str) -> Vault {
    let mut vault = Vault::new();
    vault.title = title;
    vault
}

fn page(vault: &Vault, acts: &[Act], language: &str) -> String {
    let desk = Workstation::knowing(vault);
    desk.write("t.cloison", transcript(vault, acts).as_bytes());
    desk.run(&["transcript", "html", "t.cloison", "-o", "t.html", "--language", language]).done();
    String::from_utf8(desk.read("t.html")).unwrap()
}

#[test]
fn a_page_has_all_that_is_to_be_signed_and_loads_nothing() {
    let vault = Vault::new();
    let acts = whole(&vault);
    let head = transcript(&vault, &acts).head();
    for (language, known) in [
        (
            "en",
            [
                "Transcript of a key ceremony",
                "What this does not prove",
                "Custodian",
                "Card 3 was shown to Jeanne Petit",
                "proves nothing if its image was changed",
            ],
        ),
        (
            "fr",
            [
                "Procès-verbal de cérémonie de clés",
                "Ce que cela ne prouve pas",
                "Dépositaire",
                "Remise de la carte 3 à Jeanne Petit",
                "ne prouve rien si son image a été modifiée",
            ],
        ),
    ] {
        let page = page(&vault, &acts, language);
        assert!(page.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{language}\">")));
        for word in ["<script", "http", "src=", "href", "url(", "@import", "REHEARSAL:", "RÉPÉTITION\u{a0}:"] {
            assert!(!page.contains(word), "{word}");
        }
        let Parsed { text, tags } = parsed(&page);
        for part in known.into_iter().chain(CUSTODIANS).chain(["Court of Lyon", "Zoé Lam", "Paul Morel", "size: A4"]) {
            assert!(text.contains(part), "no {part:?}");
        }
        let hex: String = head.0.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(text.contains(&Fingerprint::of(&head).to_string()) && text.matches(&hex).count() == 2);
        assert_eq!(page.matches("<td class=\"sign\">").count(), 5, "a line for each who was present");
        assert_eq!(tags.iter().filter(|tag| *tag == "table").count(), 4);
        assert_eq!(page.matches("<td class=\"number\">").count(), acts.len());
        for named in [hash(9), hash(8), vault.keys().digest()] {
            assert!(text.contains(&Fingerprint::of(&named).to_string()));
        }
    }
}

#[test]
fn the_same_transcript_gives_the_same_page() {
    let vault = Vault::new();
    assert_eq!(page(&vault, &whole(&vault), "fr"), page(&vault, &whole(&vault), "fr"));
}

#[test]
fn nothing_that_a_transcript_says_is_more_than_text() {
    let evil = "<script>alert(\"1\")</script>'&amp;<!--";
    let vault = titled(evil);
    let mut acts = whole(&vault);
    let names = ["</title></style>", "\"><img src=x onerror=y>", "a&b;&#60;"];
    for act in &mut acts {
        match act {
            Act::Present { name, role: Role::Custodian } => {
                let index = CUSTODIANS.iter().position(|known| *known == name.as_str()).unwrap();
                *name = line(names[index]);
            }
            Act::Shown { index, custodian } => *custodian = line(names[usize::from(*index) - 1]),
            Act::Entropy { by, .. } => *by = line("--><svg/onload=z>"),
            Act::Began { program, .. } => *program = line("<b>&lt;</b>"),
            _ => {}
        }
    }
    for language in ["en", "fr"] {
        let page = page(&vault, &acts, language);
        let Parsed { text, .. } = parsed(&page);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<svg"));
        for name in names.into_iter().chain([evil, "--><svg/onload=z>", "<b>&lt;</b>"]) {
            assert!(text.contains(name), "{name} is not shown as it is: {text}");
        }
    }
}

#[test]
fn a_page_tells_what_is_wrong_and_who_is_not_known() {
    let vault = Vault::new();
    let mut acts = whole(&vault);
    acts.retain(|act| !matches!(act, Act::Drilled { index: 2 }));
    let absent = Act::Absent { name: line("Marc Dupuis"), role: Role::Witness };
    acts.insert(2, absent);
    let desk = Workstation::new();
    desk.write("t.cloison", transcript(&vault, &acts).as_bytes());
    let said = desk.run(&["transcript", "html", "t.cloison", "-o", "t.html"]).done();
    assert!(said.err.contains("NOT the transcript of a whole ceremony") && said.err.contains("Nobody here has compared"));
    let Parsed { text, .. } = parsed(&String::from_utf8(desk.read("t.html")).unwrap());
    for part in [
        "THIS IS NOT THE TRANSCRIPT OF A WHOLE CEREMONY",
        "Card 2 was never drilled.",
        "Signed by a vault that nobody here has compared the words of",
        "Marc Dupuis, called as a witness, did not come.",
    ] {
        assert!(text.contains(part), "no {part:?}");
    }
    assert!(!text.contains("a whole ceremony: every card"));
    assert_eq!(text.matches("Marc Dupuis").count(), 2, "no line to sign for who was not there");
}

#[test]
fn an_unverified_file_is_never_put_on_paper_and_nothing_is_replaced_unasked() {
    let vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    let bytes = transcript(&vault, &whole(&vault)).as_bytes().to_vec();
    for at in (0..bytes.len()).step_by(bytes.len() / 12) {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        desk.write("t.cloison", &altered);
        desk.run(&["transcript", "html", "t.cloison", "-o", "t.html"]).failed(1, "");
        assert!(!desk.has("t.html"), "byte {at}");
    }
    desk.write("t.cloison", &bytes);
    desk.write("t.html", b"mine");
    desk.run(&["transcript", "html", "t.cloison", "-o", "t.html"]).failed(1, "t.html already exists");
    assert_eq!(desk.read("t.html"), b"mine");
    desk.run(&["transcript", "html", "t.cloison", "-o", "t.cloison", "--force"]).failed(1, "over itself");
    desk.run(&["transcript", "html", "t.cloison", "-o", "home/identity.key", "--force"]).failed(1, "keeps for itself");
    desk.run(&["transcript", "html", "t.cloison", "-o", "t.html", "--force"]).done();
    assert!(desk.read("t.html").starts_with(b"<!DOCTYPE html>"));
}

#[test]
fn a_rehearsals_page_is_marked_on_every_sheet() {
    let vault = Vault::rehearsal();
    for (language, mark) in [("en", "REHEARSAL: made for practice"), ("fr", "RÉPÉTITION\u{a0}: fait pour s’exercer")] {
        let page = page(&vault, &whole(&vault), language);
        let Parsed { text, .. } = parsed(&page);
        assert!(text.contains(mark), "{text}");
        assert!(page.contains("<p class=\"mark\">") && page.contains(".mark { position: fixed;"));
    }
}

#[test]
fn pythons_parser_agrees() {
    let Some(python) = installed("python3") else { return eprintln!("python3 is not installed: not compared with it") };
    let vault = titled("<script>alert(\"1\")</script>");
    let page = page(&vault, &whole(&vault), "fr");
    let desk = Workstation::bare();
    desk.write("t.html", page.as_bytes());
    let script = "
import sys
from html.parser import HTMLParser
class Check(HTMLParser):
    open = []
    def handle_starttag(self, tag, attributes):
        assert tag not in ('script', 'link', 'img', 'iframe'), tag
        if tag not in ('meta', 'br'): self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, data):
        if self.open[-1:] == ['h1']: print(data)
check = Check()
check.feed(open(sys.argv[1], encoding='utf-8').read())
check.close()
assert not check.open
";
    let said = Command::new(python).args(["-c", script]).arg(desk.path("t.html")).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert_eq!(String::from_utf8(said.stdout).unwrap().trim(), "Procès-verbal de cérémonie de clés");
}
