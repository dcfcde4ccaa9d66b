//! The test of codes: a pattern that another machine reads, or one of another screen that is read here.

use super::{QrError, Reader, terminal};
use crate::{
    args,
    error::Error,
    screen::{note, say, shown},
};
use cloison_protocol::{PatternCode, Profile, Score, Tally};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Shows a pattern, or reads one and says which profile carries most.
///
/// # Errors
/// [`QrError`]: nothing of a pattern was read, or nothing can be shown.
pub(crate) fn trial(typed: &args::Trial) -> Result<(), Error> {
    let mut tally = Tally::new();
    match &typed.camera {
        Some(place) => super::watch_pattern(place.as_deref(), &mut tally)?,
        None if typed.pictures.is_empty() => return Ok(terminal::pattern().map(drop)?),
        None => pictures(&typed.pictures, &mut tally)?,
    }
    report(&tally, typed.json)
}

/// Reads the codes of pictures.
fn pictures(pictures: &[PathBuf], tally: &mut Tally) -> Result<(), QrError> {
    let mut reader = Reader::new()?;
    for path in pictures {
        match reader.picture(path) {
            Ok(sights) => sights.iter().flat_map(|sight| &sight.symbols).for_each(|code| take(tally, code)),
            Err(error) => note(format_args!("{}: {error}", shown(path))),
        }
    }
    Ok(())
}

/// Counts a code, where it is one of a pattern.
pub(super) fn take(tally: &mut Tally, code: &[u8]) {
    if let Some(code) = PatternCode::decode(code) {
        tally.take(&code);
    }
}

/// Says how much of each profile was read, and which carries most.
fn report(tally: &Tally, as_json: bool) -> Result<(), Error> {
    let scores = tally.scores();
    if scores.is_empty() {
        return Err(QrError::NoPattern.into());
    }
    let best = tally.best().map(|best| best + 1);
    if as_json {
        let scores: Vec<Value> = scores.iter().map(fields).collect();
        return Ok(say(json!({ "profiles": scores, "whole": tally.is_whole(), "best": best }))?);
    }
    for score in &scores {
        say(line(score))?;
    }
    Ok(say(verdict(tally, best))?)
}

fn fields(score: &Score) -> Value {
    let Score { profile, read, shown } = *score;
    json!({ "profile": profile + 1, "codes": name(profile), "read": read, "shown": shown, "bytes_a_second": score.bytes_a_second() })
}

fn line(score: &Score) -> String {
    let Score { profile, read, shown } = *score;
    let kilobytes = score.bytes_a_second() as f64 / 1000.0;
    format!("profile {}  {:<8} {read:>3} of {shown:>3} codes read  {kilobytes:>5.1} kB/s", profile + 1, name(profile))
}

/// Writes what a profile's codes are, such as `2 × 25-L`.
fn name(number: u8) -> String {
    let Some(Profile { version, correction, across, .. }) = Profile::numbered(number) else { return String::new() };
    let times = if across > 1 { format!("{across} × ") } else { String::new() };
    format!("{times}{version}-{correction:?}")
}

fn verdict(tally: &Tally, best: Option<u8>) -> String {
    match best {
        Some(best) => {
            format!("Profile {best} carries most between this screen and this camera. Choose it where codes are shown.")
        }
        None if tally.is_whole() => {
            "No profile was read well. Bring the camera closer, hold it still, or change the light, and try again.".to_owned()
        }
        None => format!(
            "Only {} % of a round was seen, so nothing is recommended. Look until every profile had its turn.",
            tally.percent()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_said_with_its_codes_and_its_speed() {
        let score = Score { profile: 4, read: 30, shown: 40 };
        assert_eq!(line(&score), "profile 5  2 × 25-L  30 of  40 codes read   19.1 kB/s");
        assert_eq!(name(0), "10-M");
    }
}
