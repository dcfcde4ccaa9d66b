//! Telling what codes are on pictures.

use super::{QrError, Reader};
use crate::{
    error::Error,
    screen::{hex, say},
};
use cloison_eye::Sight;
use cloison_protocol::{Frame, Message};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Prints one line a picture.
///
/// # Errors
/// [`QrError::Unopened`] after all lines, where a picture could not be opened.
pub(crate) fn read(pictures: &[PathBuf], as_json: bool) -> Result<(), Error> {
    let mut reader = Reader::new()?;
    let mut failed = 0;
    for path in pictures {
        let sights = reader.picture(path);
        failed += usize::from(sights.is_err());
        if as_json {
            say(line(path, &sights))?;
        } else {
            say(format_args!("{}: {}", path.display(), words(&sights)))?;
        }
    }
    if failed > 0 { Err(QrError::Unopened { failed, all: pictures.len() }.into()) } else { Ok(()) }
}

fn line(path: &Path, sights: &Result<Vec<Sight>, QrError>) -> Value {
    let picture = path.to_string_lossy();
    match sights {
        Ok(sights) => {
            let symbols: Vec<_> = codes(sights).map(|code| hex(code)).collect();
            let micros: u64 = sights.iter().map(|sight| u64::from(sight.micros)).sum();
            json!({ "picture": picture, "symbols": symbols, "micros": micros })
        }
        Err(error) => json!({ "picture": picture, "error": error.to_string() }),
    }
}

fn words(sights: &Result<Vec<Sight>, QrError>) -> String {
    match sights {
        Ok(sights) => {
            let codes: Vec<_> = codes(sights).map(|code| what(code)).collect();
            if codes.is_empty() { "no code found".to_owned() } else { codes.join("; ") }
        }
        Err(error) => error.to_string(),
    }
}

fn codes(sights: &[Sight]) -> impl Iterator<Item = &Vec<u8>> {
    sights.iter().flat_map(|sight| &sight.symbols)
}

fn what(code: &[u8]) -> String {
    if let Ok(frame) = Frame::decode(code) {
        return format!("frame {} of transfer {}, which needs {}", frame.symbol_id, frame.transfer, frame.source_symbols());
    }
    match Message::decode(code) {
        Ok(Message::Card(card)) => format!("card {} of {}, which stays offline", card.header.index, card.header.cards),
        Ok(message) => format!("a {}", message.kind()),
        Err(_) => format!("{} bytes that are not Cloison's", code.len()),
    }
}
