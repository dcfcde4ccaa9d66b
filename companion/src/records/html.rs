//! A transcript on paper: one HTML file that needs nothing else, to be printed and signed by hand.
//!
//! It holds no script and names no other resource. All that comes from the transcript or from a
//! file's name is escaped. The same transcript gives the same page: there is no clock in it.

use super::{
    ceremony::people,
    numbered,
    signer::identity_digest,
    transcript::Report,
    words::{Page, Words},
};
use crate::screen::hex;
use cloison_protocol::{Act, Digest, Entry, Fingerprint};
use std::fmt::{self, Display, Formatter};

const STYLE: &str = include_str!("page.css");

/// Writes the page of a transcript.
pub(super) fn page(report: &Report, words: &dyn Words) -> String {
    let page = words.page();
    let title = report.transcript.heading().whose.title.as_str();
    let parts = [
        rehearsal(report, page),
        format!("<h1>{}</h1>\n", Text(page.title)),
        facts(report, words),
        findings(report, words),
        seal(report, page),
        signatures(report, words),
        statement(report, words),
        entries(report, words),
        digests(report, page),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{} – {}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n{}<p class=\"maker\">{} cloison {}</p>\n</body>\n</html>\n",
        page.language,
        Text(page.title),
        Text(title),
        parts.concat(),
        Text(page.made_by),
        env!("CARGO_PKG_VERSION"),
    )
}

/// Marks a rehearsal: in words above all, and behind the text of every sheet.
fn rehearsal(report: &Report, page: &Page) -> String {
    if !report.is_rehearsal() {
        return String::new();
    }
    let (mark, sentence) = (Text(page.practice), Text(page.rehearsal));
    format!("<p class=\"mark\">{mark}</p>\n<p class=\"rehearsal\">{sentence}</p>\n")
}

fn facts(report: &Report, words: &dyn Words) -> String {
    let (page, whose) = (words.page(), &report.transcript.heading().whose);
    let (first, last) = (report.transcript.entries().first(), report.transcript.entries().last());
    let time = |entry: Option<&Entry<Act>>| entry.map_or_else(String::new, |entry| words.time(entry.at));
    let mode = if report.is_rehearsal() { page.practice } else { page.real };
    let rows = [
        (page.vault, whose.title.as_str().to_owned()),
        (page.id, hex(&whose.vault.0.0)),
        (page.mode, mode.to_owned()),
        (page.began, time(first)),
        (page.ended, time(last)),
    ];
    let rows = rows.map(|(name, value)| format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", Text(name), Text(&value)));
    format!("<table class=\"facts\">\n{}</table>\n", rows.concat())
}

fn findings(report: &Report, words: &dyn Words) -> String {
    if report.findings.is_empty() {
        return String::new();
    }
    let page = words.page();
    let items = report.findings.iter().map(|finding| words.finding(finding));
    format!(
        "<section class=\"wrong\">\n<h2>{}</h2>\n<p>{}</p>\n{}</section>\n",
        Text(page.findings),
        Text(page.findings_use),
        list(items)
    )
}

fn seal(report: &Report, page: &Page) -> String {
    let head = report.transcript.head();
    format!(
        "<section class=\"seal\">\n<h2>{}</h2>\n<p class=\"words\">{}</p>\n<p class=\"hex\">{}</p>\n<p>{}</p>\n</section>\n",
        Text(page.digest),
        Fingerprint::of(&head),
        hex(&head.0),
        Text(page.digest_use)
    )
}

fn signatures(report: &Report, words: &dyn Words) -> String {
    let (page, called) = (words.page(), people(&report.transcript));
    let here = called.iter().filter(|(.., came)| *came);
    let rows: String = here
        .map(|(name, role, _)| {
            format!(
                "<tr><td>{}</td><td>{}</td><td class=\"date\"></td><td class=\"sign\"></td></tr>\n",
                Text(name),
                Text(words.role(*role))
            )
        })
        .collect();
    let away: String = called
        .iter()
        .filter(|(.., came)| !came)
        .map(|(name, role, _)| format!("<p>{}</p>\n", Text(&words.absent(name, *role))))
        .collect();
    let table = if rows.is_empty() {
        format!("<p>{}</p>\n", Text(page.nobody))
    } else {
        table("signatures", &page.columns_of_signatures, &rows)
    };
    format!("<section>\n<h2>{}</h2>\n<p>{}</p>\n{table}{away}</section>\n", Text(page.signatures), Text(page.signatures_use))
}

fn statement(report: &Report, words: &dyn Words) -> String {
    let (page, labels) = (words.page(), words.labels());
    let signer = report.signer.vault().map_or_else(|| labels.stranger.to_owned(), |vault| words.imported(vault.title()));
    let whole = report.findings.is_empty().then(|| format!("{}.", capital(labels.whole)));
    let keys = report.same_keys().map(|same| format!("{}.", capital(words.same_keys(same))));
    let signed = format!("{} {signer}.", capital(labels.signed));
    let verified = page.verified_points.into_iter().map(str::to_owned).chain([signed]).chain(whole).chain(keys);
    let unproven = page.unproven_points.into_iter().map(str::to_owned);
    format!(
        "<section>\n<h2>{}</h2>\n{}<h2>{}</h2>\n{}</section>\n",
        Text(page.verified),
        list(verified),
        Text(page.unproven),
        list(unproven)
    )
}

fn entries(report: &Report, words: &dyn Words) -> String {
    let page = words.page();
    let rows: String = numbered(&report.transcript)
        .map(|(number, entry, head)| {
            format!(
                "<tr><td class=\"number\">{number}</td><td class=\"time\">{}</td><td>{}<br><span class=\"hex\">{}</span></td></tr>\n",
                Text(&words.time(entry.at)),
                Text(&words.act(&entry.what)),
                hex(&head.0)
            )
        })
        .collect();
    format!("<section>\n<h2>{}</h2>\n{}</section>\n", Text(page.entries), table("entries", &page.columns_of_entries, &rows))
}

fn digests(report: &Report, page: &Page) -> String {
    let identity = identity_digest(&report.transcript.heading().whose);
    let told = report.transcript.entries().iter().flat_map(|entry| told(&entry.what, page));
    let rows: String = told
        .chain([(page.identity, identity)])
        .map(|(name, digest)| {
            let (name, words, hex) = (Text(name), Fingerprint::of(&digest), hex(&digest.0));
            format!("<tr><td>{name}</td><td>{words}</td><td class=\"hex\">{hex}</td></tr>\n")
        })
        .collect();
    format!("<section>\n<h2>{}</h2>\n{}</section>\n", Text(page.digests), table("digests", &page.columns_of_digests, &rows))
}

/// Gives the digests that an act tells.
fn told<'a>(act: &Act, page: &'a Page) -> Vec<(&'a str, Digest)> {
    match act {
        Act::Began { plan, image, .. } => {
            [(page.plan, *plan)].into_iter().chain(image.map(|image| (page.image, image))).collect()
        }
        Act::KeysCompared { fingerprint, .. } => vec![(page.keys, *fingerprint)],
        Act::Activated { descriptor } => vec![(page.descriptor, *descriptor)],
        _ => Vec::new(),
    }
}

fn table(class: &str, columns: &[&str], rows: &str) -> String {
    let head: String = columns.iter().map(|column| format!("<th scope=\"col\">{}</th>", Text(column))).collect();
    format!("<table class=\"{class}\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n")
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("<li>{}</li>\n", Text(&item))).collect();
    format!("<ul>\n{items}</ul>\n")
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// Text that is nothing but text within HTML, also between quotes.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => write!(f, "{c}"),
        })
    }
}
