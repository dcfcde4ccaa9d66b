//! The optical bench: the link from a screen to a camera, each part beside a peer or a bound.
//!
//! Without arguments everything that Rust alone can run is measured; rows say what, what the peer
//! or the bound gives in the same run, their ratio, and the goal. A benchmark tells; it never
//! fails. `docs/performance.md` says what the figures mean; `tests/bench/run` fills it in.
//!
//! | arguments | what it does |
//! |---|---|
//! | `[--seed N] [--json FILE] [--only PART]` | measures, writes the rows and series to a file too |
//! | `corpus --seed N [--from N] --count N --out FOLDER` | writes pictures and an index for other readers |
//! | `read --index FILE [--repeat N]` | reads them in process, with the CPU time of each |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod arguments;
mod channel;
mod clock;
mod files;
mod fountain;
mod hostile;
mod memory;
mod symbols;
mod table;
mod tear;

use arguments::Arguments;
use std::io;
use table::Table;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        // This program is its own reader process, and the receiver whose memory is measured.
        Some(role) if cloison_eye::roles::is_role(role) => {
            cloison_eye::roles::serve(role, io::stdin().lock(), io::stdout().lock()).unwrap();
        }
        Some(memory::ROLE) => memory::receive(),
        Some("corpus") => files::write(&Arguments::of(&words)),
        Some("read") => files::read(&Arguments::of(&words)),
        _ => measure(&Arguments::of(&words)),
    }
}

/// Measures one part of the link, with a seed.
type Part = fn(&mut Table, u64);

fn measure(arguments: &Arguments) {
    let seed = arguments.number("seed").unwrap_or(1);
    let parts: [(&str, Part); 7] = [
        ("fountain", fountain::measure),
        ("payload", symbols::payload),
        ("render", symbols::render),
        ("tear", tear::measure),
        ("hostile", hostile::measure),
        ("memory", memory::measure),
        ("channel", channel::measure),
    ];
    let only = arguments.text("only");
    let mut table = Table::new(seed);
    for (_, part) in parts.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)) {
        part(&mut table, seed);
    }
    if let Some(file) = arguments.text("json") {
        table.write(file);
    }
}
