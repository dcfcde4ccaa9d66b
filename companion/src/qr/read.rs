//! Telling what codes are on pictures.

use super::{QrError, Reader};
use crate::{
    error::Error,
    screen::{hex, say, shown},
};
use cloison_eye::Sight;
use cloison_protocol::{Frame, Message};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Instant,
};

/// Prints one line a picture.
///
/// # Errors
/// [`QrError::Unopened`] after all lines, where a picture could not be opened.
pub(crate) fn read(pictures: &[PathBuf], as_json: bool) -> Result<(), Error> {
    let mut reader = Reader::new()?;
    let mut failed = 0;
    for path in pictures {
        let started = Instant::now();
        let sights = reader.picture(path);
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        failed += usize::from(sights.is_err());
        if as_json {
            say(line(path, &sights, micros))?;
        } else {
            say(format_args!("{}: {}", shown(path), words(&sights)))?;
        }
    }
    if failed > 0 { Err(QrError::Unopened { failed, all: pictures.len() }.into()) } else { Ok(()) }
}

fn line(path: &Path, sights: &Result<Vec<Sight>, QrError>, micros: u64) -> Value {
    let picture = path.to_string_lossy();
    match sights {
        Ok(sights) => {
            let symbols: Vec<_> = codes(sights).map(|code| hex(code)).collect();
            // What the reader itself took, without the pipe and its start.
            let micros: u64 = sights.iter().map(|sight| u64::from(sight.micros)).sum();
            let mut line = json!({ "picture": picture, "symbols": symbols, "micros": micros });
            if crowded(sights) {
                line["crowded"] = true.into();
            }
            line
        }
        Err(error) => json!({ "picture": picture, "micros": micros, "error": error.to_string() }),
    }
}

fn words(sights: &Result<Vec<Sight>, QrError>) -> String {
    match sights {
        Ok(sights) => {
            let codes: Vec<_> = codes(sights).map(|code| what(code)).collect();
            let more = if crowded(sights) { "; and more than are looked for in one picture" } else { "" };
            if codes.is_empty() { "no code found".to_owned() } else { codes.join("; ") + more }
        }
        Err(error) => error.to_string(),
    }
}

fn codes(sights: &[Sight]) -> impl Iterator<Item = &Vec<u8>> {
    sights.iter().flat_map(|sight| &sight.symbols)
}

/// Tells whether a picture holds more codes than are looked for.
fn crowded(sights: &[Sight]) -> bool {
    sights.iter().any(|sight| sight.crowded)
}

fn what(code: &[u8]) -> String {
    if let Ok(frame) = Frame::decode(code) {
        return format!("frame {} of transfer {}, which needs {}", frame.symbol_id, frame.transfer, frame.source_symbols());
    }
    match Message::decode(code) {
        Ok(Message::Card(card)) => format!("card {} of {}, which stays offline", card.header.index, card.header.cards),
        Ok(message) => with_article(&message.kind().to_string()),
        Err(_) => format!("{} bytes that are not Cloison's", code.len()),
    }
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}
