//! Progress on standard error, for what takes longer than a blink.

use indicatif::{ProgressBar, ProgressStyle};
use std::{path::Path, time::Duration};

/// Below this a file is done before a bar could be read.
const WORTH_A_BAR: u64 = 16 << 20;
/// The same for codes.
const MANY_CODES: u32 = 100;

/// Gives a bar for a file of `size` bytes; invisible for small files and where nobody watches.
pub(crate) fn bar(doing: &'static str, file: &Path, size: u64) -> ProgressBar {
    if size < WORTH_A_BAR {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(size);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes}, {eta} left");
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(format!("{doing} {name}"))
}

/// Gives a bar for making `count` codes; invisible for few.
pub(crate) fn codes(count: u32) -> ProgressBar {
    if count < MANY_CODES {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("making codes {wide_bar} {pos}/{len}, {eta} left");
    ProgressBar::new(count.into()).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Shows that something goes on whose end cannot be told, for `count` codes.
pub(crate) fn waiting(doing: &'static str, count: u32) -> ProgressBar {
    if count < MANY_CODES {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(doing);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Gives a bar for the codes of a transfer, and what became of the last look; its length comes with the
/// first code.
#[cfg(target_os = "linux")]
pub(crate) fn looking() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} codes, {msg:20}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Gives a bar for a round of a test pattern, in percent, and what was read of it.
#[cfg(target_os = "linux")]
pub(crate) fn round() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos} % of a round, {msg:20}");
    ProgressBar::new(100).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
