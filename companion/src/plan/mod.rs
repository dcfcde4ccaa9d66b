//! The plan of a ceremony: written here, checked here, read by the kiosk.
//!
//! Here it is TOML for people; across the gap goes the message of `cloison-protocol`. A plan proves
//! nothing of who wrote it: its words are compared at the kiosk.

mod advice;
mod fault;
mod fields;
mod named;
mod read;
mod summary;
mod template;

use crate::{
    args,
    error::Error,
    files::{self, Readers},
    home::Home,
    qr,
    screen::{count, hex, note, say, shown},
};
use cloison_protocol::Plan;
use fault::Fault;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use template::Filling;
use thiserror::Error;

/// The longest plan, as TOML or as a message.
const MAX_PLAN: u64 = 64 << 10;
/// The custodians of a template without names, and of their cards those that are needed.
const CARDS: usize = 5;
const MAX_CARDS: usize = cloison_protocol::MAX_CARDS as usize;

/// Writes a plan to fill in, or one that is complete.
///
/// # Errors
/// [`PlanError::Options`] where the names do not make a plan that can be held; then nothing is written.
pub(crate) fn new(home: Option<&Home>, typed: &args::NewPlan) -> Result<(), Error> {
    files::refuse_existing(&typed.output, typed.force)?;
    home.map_or(Ok(()), |home| home.refuse_own(&typed.output))?;
    let names = names(typed);
    let filling = filling(typed, &names, "");
    // Checked with all that is left to fill in filled in, so that only what was typed can be wrong.
    let stand_ins: Vec<_> = (1..=names.len()).map(|number| format!("custodian {number}")).collect();
    let whole = if typed.custodians.is_empty() { &stand_ins } else { &names };
    if let Err(faults) = read::read(&self::filling(typed, whole, "title").text()) {
        faults.iter().for_each(|fault| note(format_args!("{}.", fault.text)));
        return Err(PlanError::Options(count(faults.len(), "fault")).into());
    }
    files::write(&typed.output, filling.text().as_bytes(), Readers::Umask, typed.force)?;
    let what = if typed.title.is_some() && !typed.custodians.is_empty() { "is complete" } else { "is to be filled in" };
    note(format_args!("The plan in {0} {what}. Check it with `cloison plan lint {0}`.", shown(&typed.output)));
    Ok(())
}

/// Gives the custodians' names, or as many empty ones as there are to be custodians.
fn names(typed: &args::NewPlan) -> Vec<String> {
    if !typed.custodians.is_empty() {
        return typed.custodians.clone();
    }
    let cards = typed.need.map_or(CARDS, |need| (usize::from(need) * 2 - 1).min(MAX_CARDS));
    vec![String::new(); cards]
}

fn filling<'a>(typed: &'a args::NewPlan, custodians: &'a [String], title: &'a str) -> Filling<'a> {
    let majority = u8::try_from(custodians.len() / 2 + 1).unwrap_or(u8::MAX).max(2);
    // Where nobody is named, there is a line for everybody.
    let blank = title.is_empty() && typed.custodians.is_empty();
    let others = |names: &'a [String]| match names {
        [] if blank => vec![""],
        names => names.iter().map(String::as_str).collect(),
    };
    Filling {
        title: typed.title.as_deref().unwrap_or(title),
        place: typed.place.as_deref().unwrap_or_default(),
        need: typed.need.unwrap_or(majority),
        administrators: others(&typed.administrators),
        custodians: custodians.iter().map(String::as_str).collect(),
        witnesses: others(&typed.witnesses),
    }
}

/// Tells everything that keeps a plan from being held; or its summary, its words, and advice.
///
/// # Errors
/// [`PlanError::Faulty`] after all faults were named.
pub(crate) fn lint(file: &Path, as_json: bool) -> Result<(), Error> {
    let plan = load(file)?;
    if as_json {
        say(report(&plan))?;
    } else {
        match &plan {
            Ok(plan) => held(plan)?,
            Err(faults) => faults.iter().try_for_each(say)?,
        }
    }
    match plan {
        Ok(_) => Ok(()),
        Err(faults) => Err(PlanError::Faulty { path: file.to_owned(), faults: faults.len() }.into()),
    }
}

fn held(plan: &Plan) -> Result<(), Error> {
    summary::lines(plan.body()).iter().try_for_each(say)?;
    for told in advice::on(plan.body(), now()) {
        say(format_args!("advice          {told}."))?;
    }
    say(format_args!("words           {}", plan.fingerprint()))?;
    say(format_args!("digest          {}", hex(&plan.digest().0)))?;
    Ok(say("The plan can be held.")?)
}

fn report(plan: &Result<Plan, Vec<Fault>>) -> Value {
    match plan {
        Ok(plan) => {
            let body = plan.body();
            json!({
                "held": true,
                "faults": [],
                "advice": advice::on(body, now()),
                "title": body.title.as_str(),
                "place": body.place.as_str(),
                "need": body.threshold,
                "cards": body.cards(),
                "keys": body.key_refs().iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>(),
                "words": plan.fingerprint().to_string(),
                "digest": hex(&plan.digest().0),
            })
        }
        Err(faults) => json!({ "held": false, "faults": faults.iter().map(entry).collect::<Vec<_>>(), "advice": [] }),
    }
}

fn entry(fault: &Fault) -> Value {
    let (line, column) = fault.place.unzip();
    json!({ "line": line, "column": column, "text": fault.text })
}

/// Shows a plan to the kiosk, writes it as a message, or both.
///
/// # Errors
/// [`PlanError::Faulty`] where it cannot be held, and [`qr::QrError`].
pub(crate) fn show(home: Option<&Home>, typed: &args::ShowPlan) -> Result<(), Error> {
    qr::check_places(home, &typed.file, &typed.codes)?;
    if let Some(output) = &typed.output {
        files::refuse_existing(output, typed.codes.force)?;
        files::refuse_itself(&typed.file, output)?;
        home.map_or(Ok(()), |home| home.refuse_own(output))?;
    }
    let plan = whole(&typed.file)?;
    if let Some(output) = &typed.output {
        files::write(output, plan.as_bytes(), Readers::Umask, typed.codes.force)?;
        note(format_args!("The message is in {0}. Show it to the kiosk with `cloison qr show {0}`.", shown(output)));
    }
    // Said first: in a terminal they stay on the screen behind the codes.
    say(format_args!("title  {}", plan.body().title.as_str()))?;
    say(format_args!("words  {}", plan.fingerprint()))?;
    note("Compare these words with the ones that the kiosk shows at the plan's end.");
    if typed.output.is_some() && typed.codes.png.is_none() && typed.codes.gif.is_none() {
        return Ok(());
    }
    qr::present(home, plan.as_bytes(), &typed.file, &typed.codes)
}

/// Reads a plan that can be held, as TOML or as a message.
///
/// # Errors
/// [`PlanError::Faulty`] after all faults were named.
pub(crate) fn whole(file: &Path) -> Result<Plan, Error> {
    load(file)?.map_err(|faults| {
        faults.iter().for_each(note);
        PlanError::Faulty { path: file.to_owned(), faults: faults.len() }.into()
    })
}

/// Reads a plan, as TOML or as a message.
fn load(file: &Path) -> Result<Result<Plan, Vec<Fault>>, Error> {
    let bytes = files::read(file, MAX_PLAN)?;
    // No text has a version number where a message has one.
    if matches!(bytes.as_slice(), [b'C', b'L', 0..=8, ..]) {
        return Ok(Ok(Plan::decode(&bytes)?));
    }
    let text = str::from_utf8(&bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        PlanError::NotText { path: file.to_owned(), line: before.iter().filter(|byte| **byte == b'\n').count() + 1 }
    })?;
    Ok(read::read(text))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Says why a plan was not written or cannot be held.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum PlanError {
    /// Bytes that are no text.
    #[error("line {line} of {} is not UTF-8 text. Save the plan as UTF-8 in your editor", shown(path))]
    NotText {
        /// The file.
        path: PathBuf,
        /// Where it stops being text.
        line: usize,
    },
    /// It has faults.
    #[error("the plan in {} cannot be held: {}, named above. Mend what is named, then run `cloison plan lint` again", shown(path), count(*faults, "fault"))]
    Faulty {
        /// The file.
        path: PathBuf,
        /// How many.
        faults: usize,
    },
    /// What was typed does not make a plan.
    #[error("these options do not make a plan that can be held: {0}, named above. Change them; nothing was written")]
    Options(String),
}
