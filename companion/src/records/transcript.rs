//! Verifying a transcript, and putting it on paper.

use super::{
    ceremony::{self, Finding},
    compare,
    error::RecordError,
    html, json, numbered,
    print::{line, print_heading, print_signer},
    read,
    signer::Signer,
    words::{self, Words},
    words_en::English,
};
use crate::{
    args,
    error::Error,
    files::{self, Readers},
    home::Home,
    plan,
    screen::{hex, note, say, shown},
};
use cloison_protocol::{Act, Digest, Fingerprint, Mode, Plan, Transcript};
use serde_json::{Value, json};
use std::path::Path;

/// Does what was typed about a transcript.
///
/// # Errors
/// [`RecordError`], and those of reading and writing files.
pub(crate) fn run(home: &Home, typed: &args::Transcript) -> Result<(), Error> {
    match typed {
        args::Transcript::Verify(typed) => verify(home, typed),
        args::Transcript::Html(typed) => write(home, typed),
    }
}

fn verify(home: &Home, typed: &args::VerifyTranscript) -> Result<(), Error> {
    let report = Report::of(home, &typed.file, typed.vault.as_deref())?;
    let plan = typed.plan.as_deref().map(plan::whole).transpose()?;
    let report = plan.iter().fold(report, Report::held_by);
    if typed.json {
        say(report.json())?;
    } else {
        report.print(words::of(typed.language))?;
    }
    report.verdict()
}

fn write(home: &Home, typed: &args::TranscriptHtml) -> Result<(), Error> {
    home.refuse_own(&typed.output)?;
    files::refuse_existing(&typed.output, typed.force)?;
    files::refuse_itself(&typed.file, &typed.output)?;
    let report = Report::of(home, &typed.file, typed.vault.as_deref())?;
    let page = html::page(&report, words::of(typed.language));
    files::write(&typed.output, page.as_bytes(), Readers::Umask, typed.force)?;
    if !report.findings.is_empty() {
        note("This is NOT the transcript of a whole ceremony; the page says so, and why.");
    }
    if report.signer.vault().is_none() {
        note("Nobody here has compared the words of the vault that signed it; the page says so.");
    }
    note(format_args!("{} is ready to be printed and signed by those who were present.", shown(&typed.output)));
    Ok(())
}

/// A transcript whose links and signature are right, and what was found out about it.
pub(super) struct Report {
    pub(super) transcript: Transcript,
    pub(super) signer: Signer,
    pub(super) findings: Vec<Finding>,
    /// Where it differs from the plan, if one was given.
    unplanned: Option<Vec<Finding>>,
}

impl Report {
    fn of(home: &Home, file: &Path, named: Option<&str>) -> Result<Self, Error> {
        let transcript = Transcript::decode(&read(file)?)?;
        let signer = Signer::of(home, &transcript.heading().whose, named)?;
        let findings = ceremony::findings(&transcript);
        Ok(Self { transcript, signer, findings, unplanned: None })
    }

    fn held_by(mut self, plan: &Plan) -> Self {
        self.unplanned = Some(compare::against(&self.transcript, plan));
        self
    }

    /// Tells whether it is of a rehearsal.
    pub(super) fn is_rehearsal(&self) -> bool {
        self.transcript.heading().whose.mode == Mode::Rehearsal
    }

    /// Tells whether the keys that the ceremony compared last are those that were imported here.
    pub(super) fn same_keys(&self) -> Option<bool> {
        let imported = self.signer.vault()?.keys().digest();
        self.compared_keys().map(|compared| compared == imported)
    }

    /// Gives the digest of the public keys that the ceremony compared last.
    fn compared_keys(&self) -> Option<Digest> {
        self.transcript.entries().iter().rev().find_map(|entry| match entry.what {
            Act::KeysCompared { fingerprint, .. } => Some(fingerprint),
            _ => None,
        })
    }

    fn as_planned(&self) -> Option<bool> {
        self.unplanned.as_ref().map(Vec::is_empty)
    }

    fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.unplanned.iter().flatten())
    }

    fn verdict(&self) -> Result<(), Error> {
        if !self.findings.is_empty() {
            return Err(RecordError::NotWhole(self.findings.len()).into());
        }
        if let Some(unplanned) = self.unplanned.as_ref().filter(|found| !found.is_empty()) {
            return Err(RecordError::NotAsPlanned(unplanned.len()).into());
        }
        if self.signer.vault().is_none() {
            return Err(RecordError::Stranger.into());
        }
        note("Every link and the signature are right. Compare the words with those that the witnesses signed.");
        Ok(())
    }

    fn print(&self, words: &dyn Words) -> Result<(), Error> {
        let (labels, whose) = (words.labels(), &self.transcript.heading().whose);
        print_heading(whose, words)?;
        for (number, entry, _) in numbered(&self.transcript) {
            say(format_args!("{number:>6}  {}  {}", words.time(entry.at), words.act(&entry.what)))?;
        }
        self.all_findings().try_for_each(|finding| line(labels.wrong, words.finding(finding)))?;
        if self.findings.is_empty() {
            line(labels.checked, labels.whole)?;
        }
        if self.as_planned() == Some(true) {
            line(labels.plan, labels.as_planned)?;
        }
        if let Some(same) = self.same_keys() {
            line(labels.keys, words.same_keys(same))?;
        }
        print_signer(&self.signer, whose, words)?;
        line(labels.digest, hex(&self.transcript.head().0))?;
        line(labels.words, Fingerprint::of(&self.transcript.head()))
    }

    fn json(&self) -> Value {
        let entries: Vec<Value> = numbered(&self.transcript)
            .map(|(number, entry, head)| json::entry(number, entry.at, head, json::act(&entry.what), English.act(&entry.what)))
            .collect();
        json!({
            "record": "transcript",
            "heading": json::heading(self.transcript.heading()),
            "signer": json::signer(&self.signer, &self.transcript.heading().whose),
            "entries": entries,
            "head": hex(&self.transcript.head().0),
            "words": Fingerprint::of(&self.transcript.head()).to_string(),
            "whole": self.findings.is_empty(),
            "findings": self.all_findings().map(|finding| English.finding(finding)).collect::<Vec<_>>(),
            "as_planned": self.as_planned(),
            "same_keys": self.same_keys(),
        })
    }
}
