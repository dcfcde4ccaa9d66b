//! What is said to people about records, in each language.
//!
//! One module a language holds all its sentences; what is said is decided elsewhere.

use super::{
    ceremony::Finding,
    continuity::Continuity,
    error::Witness,
    totals::{Granted, Names},
    words_en::English,
    words_fr::French,
};
use crate::{args::Tongue, screen::hex};
use cloison_protocol::{Act, Digest, Happening, KeyRef, Reason, Role};
use jiff::Timestamp;

/// Says everything in one language.
pub(crate) trait Words {
    /// Writes a time in UTC.
    fn time(&self, at: u64) -> String;
    /// Says what happened at a ceremony.
    fn act(&self, act: &Act) -> String;
    /// Says what a vault did or refused.
    fn happening(&self, happening: &Happening, names: &Names) -> String;
    /// Says what is wrong with a ceremony.
    fn finding(&self, finding: &Finding) -> String;
    /// Says that a known vault signed.
    fn imported(&self, title: &str) -> String;
    /// Says whether the keys that a ceremony compared are those that were imported.
    fn same_keys(&self, same: bool) -> &'static str;
    /// Says how a log stands to what was seen before.
    fn continuity(&self, continuity: Continuity, by: Witness) -> String;
    /// Says what was granted with a key.
    fn granted(&self, key: KeyRef, granted: Granted) -> String;
    /// Says how often requests were refused for a reason.
    fn refused(&self, reason: Reason, times: u64) -> String;
    /// Says how much was granted in emergencies, and how much of it is not reviewed.
    fn emergencies(&self, granted: u64, unreviewed: u64) -> String;
    /// Says for how many requests cards were presented in vain.
    fn left_open(&self, requests: u64) -> String;
    /// Names a role.
    fn role(&self, role: Role) -> &'static str;
    /// Says who was called and did not come.
    fn absent(&self, name: &str, role: Role) -> String;
    /// Lends what stands before values in a terminal.
    fn labels(&self) -> &'static Labels;
    /// Lends what stands on paper.
    fn page(&self) -> &'static Page;
}

/// Finds the words of a language.
pub(crate) fn of(tongue: Tongue) -> &'static dyn Words {
    match tongue {
        Tongue::En => &English,
        Tongue::Fr => &French,
    }
}

/// What stands before values in a terminal; each at most ten letters.
pub(crate) struct Labels {
    pub(crate) vault: &'static str,
    pub(crate) identity: &'static str,
    pub(crate) signed: &'static str,
    pub(crate) digest: &'static str,
    pub(crate) words: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) checked: &'static str,
    pub(crate) plan: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) granted: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) emergency: &'static str,
    pub(crate) open: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) before: &'static str,
    pub(crate) rehearsal: &'static str,
    pub(crate) stranger: &'static str,
    pub(crate) whole: &'static str,
    pub(crate) as_planned: &'static str,
    pub(crate) nothing_seen: &'static str,
    pub(crate) nothing_granted: &'static str,
}

/// What stands on paper beside what the transcript says.
pub(crate) struct Page {
    pub(crate) language: &'static str,
    pub(crate) title: &'static str,
    pub(crate) rehearsal: &'static str,
    pub(crate) real: &'static str,
    pub(crate) practice: &'static str,
    pub(crate) vault: &'static str,
    pub(crate) id: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) began: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) digest: &'static str,
    pub(crate) digest_use: &'static str,
    pub(crate) findings: &'static str,
    pub(crate) findings_use: &'static str,
    pub(crate) signatures: &'static str,
    pub(crate) signatures_use: &'static str,
    pub(crate) columns_of_signatures: [&'static str; 4],
    pub(crate) nobody: &'static str,
    pub(crate) entries: &'static str,
    pub(crate) columns_of_entries: [&'static str; 3],
    pub(crate) digests: &'static str,
    pub(crate) columns_of_digests: [&'static str; 3],
    pub(crate) plan: &'static str,
    pub(crate) image: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) descriptor: &'static str,
    pub(crate) identity: &'static str,
    pub(crate) verified: &'static str,
    pub(crate) verified_points: [&'static str; 2],
    pub(crate) unproven: &'static str,
    pub(crate) unproven_points: [&'static str; 5],
    pub(crate) made_by: &'static str,
}

/// Writes a time in UTC as a format says; the bare seconds where no calendar reaches so far.
pub(crate) fn utc(at: u64, format: &str) -> String {
    let time = i64::try_from(at).ok().and_then(|at| Timestamp::from_second(at).ok());
    time.map_or_else(|| at.to_string(), |time| time.strftime(format).to_string())
}

/// Gives the beginning of a digest, by which people tell two requests or keys apart.
pub(crate) fn short(digest: &Digest) -> String {
    hex(digest.0.get(..6).unwrap_or_default())
}

/// Writes a list with a word before its last item.
pub(crate) fn listed(items: &[String], and: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}
