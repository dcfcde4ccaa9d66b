//! A corpus as files, for readers in other languages, and the same read here.
//!
//! Pictures are binary PGM. The index is JSON: for each picture its file, what is wrong with it,
//! and the contents that may be read, in hex.

use crate::arguments::Arguments;
use crate::clock::timed;
use cloison_optics::{Luma, examine};
use cloison_tests::light::corpus::{self, Sample};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn write(arguments: &Arguments) {
    let (seed, count) = (arguments.number("seed").unwrap_or(1), arguments.number("count").unwrap_or(120));
    let folder = Path::new(arguments.text("out").expect("--out FOLDER"));
    std::fs::create_dir_all(folder).unwrap();
    let mut index = Vec::new();
    let from = arguments.number("from").unwrap_or(0);
    for number in from..from + count {
        let sample = corpus::sample(seed, number).unwrap();
        let file = format!("{number:05}.pgm");
        let picture = sample.picture().unwrap();
        let head = format!("P5\n{} {}\n255\n", picture.width(), picture.height());
        std::fs::write(folder.join(&file), [head.as_bytes(), picture.pixels()].concat()).unwrap();
        index.push(entry(&file, &sample));
    }
    let whole = json!({ "seed": seed, "pictures": index });
    std::fs::write(folder.join("index.json"), serde_json::to_vec_pretty(&whole).unwrap()).unwrap();
}

fn entry(file: &str, sample: &Sample) -> Value {
    json!({
        "file": file,
        "defect": sample.defect.name(),
        "version": sample.density.version(),
        "level": format!("{:?}", sample.density.level()),
        "camera": sample.shot.camera.name(),
        "module": sample.module,
        "contents": sample.contents.iter().map(|content| hex(content)).collect::<Vec<_>>(),
    })
}

/// Reads every picture of an index, so many times, and prints what was found and the CPU time of each.
pub(crate) fn read(arguments: &Arguments) {
    let index = Path::new(arguments.text("index").expect("--index FILE"));
    let repeat = arguments.number("repeat").unwrap_or(1);
    let whole: Value = serde_json::from_slice(&std::fs::read(index).unwrap()).unwrap();
    let mut results = Vec::new();
    for entry in whole["pictures"].as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        let picture = pgm(&std::fs::read(index.with_file_name(file)).unwrap());
        let mut micros = Vec::new();
        let mut symbols = Vec::new();
        for _ in 0..repeat {
            // A single shot: nothing is known of the one before.
            let (reading, time) = timed(|| examine(&picture));
            symbols = reading.symbols.iter().map(|content| hex(content)).collect();
            micros.push(time.as_micros() as u64);
        }
        results.push(json!({ "file": file, "symbols": symbols, "micros": micros }));
    }
    println!("{}", Value::from(results));
}

/// Opens a picture that [`write`] wrote.
fn pgm(bytes: &[u8]) -> Luma {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    assert_eq!(lines.next(), Some(&b"P5"[..]));
    let size = std::str::from_utf8(lines.next().unwrap()).unwrap();
    let (width, height) = size.split_once(' ').unwrap();
    assert_eq!(lines.next(), Some(&b"255"[..]));
    Luma::new(width.parse().unwrap(), height.parse().unwrap(), lines.next().unwrap().to_vec()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
