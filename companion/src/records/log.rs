//! Verifying a log.

use super::{
    continuity::{Continuity, last},
    error::{RecordError, Witness},
    json, numbered,
    print::{line, print_heading, print_signer},
    read,
    signer::Signer,
    totals::{Names, Totals},
    words::{self, Words},
    words_en::English,
};
use crate::{
    args,
    error::Error,
    home::Home,
    screen::{hex, note, say},
};
use cloison_protocol::{Fingerprint, Log};
use serde_json::{Value, json};
use std::path::Path;

/// Does what was typed about a log.
///
/// # Errors
/// [`RecordError`], and those of reading files.
pub(crate) fn run(home: &Home, typed: &args::Log) -> Result<(), Error> {
    let args::Log::Verify(typed) = typed;
    let report = Report::of(home, typed)?;
    if typed.json {
        say(report.json())?;
    } else {
        report.print(words::of(typed.language))?;
    }
    report.verdict()
}

/// A log whose links and signature are right, and what was found out about it.
struct Report {
    log: Log,
    signer: Signer,
    totals: Totals,
    seen: Option<Continuity>,
    before: Option<Continuity>,
}

impl Report {
    fn of(home: &Home, typed: &args::VerifyLog) -> Result<Self, Error> {
        let log = Log::decode(&read(&typed.file)?)?;
        let signer = Signer::of(home, &log.heading().whose, typed.vault.as_deref())?;
        let before = typed.before.as_deref().map(|earlier| compared(&log, earlier)).transpose()?;
        let seen = signer.vault().and_then(|vault| Continuity::with_seen(&log, vault.seen()));
        Ok(Self { totals: Totals::of(&log), log, signer, seen, before })
    }

    fn verdict(&self) -> Result<(), Error> {
        let title = self.log.heading().whose.title.as_str();
        let compared = [(self.seen, Witness::Workstation), (self.before, Witness::Earlier)];
        if let Some(alarm) = compared.into_iter().find_map(|(found, by)| found?.alarm(title, by)) {
            return Err(alarm.into());
        }
        if let Some(Continuity::Apart { last, first }) = self.before {
            return Err(RecordError::Apart { last, first }.into());
        }
        if self.signer.vault().is_none() {
            return Err(RecordError::Stranger.into());
        }
        note("Every link and the signature are right.");
        Ok(())
    }

    fn print(&self, words: &dyn Words) -> Result<(), Error> {
        let (labels, whose) = (words.labels(), &self.log.heading().whose);
        print_heading(whose, words)?;
        let mut names = Names::default();
        for (number, entry, _) in numbered(&self.log) {
            names.learn(&entry.what);
            say(format_args!("{number:>6}  {}  {}", words.time(entry.at), words.happening(&entry.what, &names)))?;
        }
        self.print_totals(words)?;
        print_signer(&self.signer, whose, words)?;
        match self.seen {
            Some(seen) => line(labels.seen, words.continuity(seen, Witness::Workstation))?,
            None => line(labels.seen, labels.nothing_seen)?,
        }
        if let Some(before) = self.before {
            line(labels.before, words.continuity(before, Witness::Earlier))?;
        }
        line(labels.digest, hex(&self.log.head().0))?;
        line(labels.words, Fingerprint::of(&self.log.head()))
    }

    fn print_totals(&self, words: &dyn Words) -> Result<(), Error> {
        let (labels, totals) = (words.labels(), &self.totals);
        if totals.granted.is_empty() {
            line(labels.granted, labels.nothing_granted)?;
        }
        totals.granted.iter().try_for_each(|(key, granted)| line(labels.granted, words.granted(*key, *granted)))?;
        totals.refused.values().try_for_each(|(reason, times)| line(labels.refused, words.refused(*reason, *times)))?;
        if totals.emergencies() > 0 || totals.unreviewed > 0 {
            line(labels.emergency, words.emergencies(totals.emergencies(), totals.unreviewed))?;
        }
        if totals.left_open > 0 {
            line(labels.open, words.left_open(totals.left_open))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let mut names = Names::default();
        let entries: Vec<Value> = numbered(&self.log)
            .map(|(number, entry, head)| {
                names.learn(&entry.what);
                let sentence = English.happening(&entry.what, &names);
                json::entry(number, entry.at, head, json::happening(&entry.what), sentence)
            })
            .collect();
        json!({
            "record": "log",
            "heading": json::heading(self.log.heading()),
            "signer": json::signer(&self.signer, &self.log.heading().whose),
            "entries": entries,
            "last": last(&self.log),
            "head": hex(&self.log.head().0),
            "words": Fingerprint::of(&self.log.head()).to_string(),
            "granted": self.granted_json(),
            "refused": self.totals.refused.iter().map(|(code, (_, times))| json!({"reason": code, "requests": times})).collect::<Vec<_>>(),
            "emergencies": self.totals.emergencies(),
            "unreviewed": self.totals.unreviewed,
            "left_open": self.totals.left_open,
            "seen": self.seen.map(json::continuity),
            "before": self.before.map(json::continuity),
        })
    }

    fn granted_json(&self) -> Vec<Value> {
        let granted = self.totals.granted.iter();
        granted
            .map(|(key, granted)| {
                json!({
                    "key": key.to_string(),
                    "requests": granted.requests,
                    "operations": granted.operations,
                    "emergencies": granted.emergencies,
                })
            })
            .collect()
    }
}

fn compared(log: &Log, earlier: &Path) -> Result<Continuity, Error> {
    let earlier = Log::decode(&read(earlier)?)?;
    let (this, that) = (&log.heading().whose, &earlier.heading().whose);
    if (this.vault, this.mode, &this.identity) != (that.vault, that.mode, &that.identity) {
        return Err(RecordError::TwoVaults.into());
    }
    Ok(Continuity::with_earlier(log, &earlier))
}
