//! Words for people: answers on standard output, everything else on standard error.

use crate::files::FileError;
use std::{
    fmt::{self, Display, Formatter},
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
};

/// Prints one line of the answer.
///
/// # Errors
/// Standard output is closed or full, so that a script does not take half an answer for all of it.
pub(crate) fn say(line: impl Display) -> Result<(), FileError> {
    writeln!(io::stdout().lock(), "{line}").map_err(|error| FileError::Output(error.kind()))
}

/// Prints a remark beside the answer.
pub(crate) fn note(line: impl Display) {
    // Where nobody can read remarks, nothing is lost by dropping them.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints an error as `cloison: what happened. What to do.`
pub(crate) fn complain(error: &impl Display) {
    let text = error.to_string();
    // Some libraries end their sentences with a full stop and some do not.
    note(format_args!("cloison: {}.", text.trim_end_matches('.')));
}

/// Tells whether somebody sits before this program and can be asked.
pub(crate) fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for one line; gives `None` when the input ends.
pub(crate) fn ask(question: &str) -> Option<String> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} ").and_then(|()| stderr.flush()).ok()?;
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim().to_owned())
}

/// Names a file on a screen.
pub(crate) fn shown<P: AsRef<Path> + ?Sized>(path: &P) -> Shown<'_> {
    Shown(path.as_ref())
}

/// A file's name with its control and direction characters escaped, so that a name can neither
/// move the cursor nor read as another one.
pub(crate) struct Shown<'a>(&'a Path);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.to_string_lossy().chars().try_for_each(|c| match c {
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                write!(f, "{}", c.escape_unicode())
            }
            c if c.is_control() => write!(f, "{}", c.escape_default()),
            c => write!(f, "{c}"),
        })
    }
}

/// Counts things: `1 file`, `2 files`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Writes bytes in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a size for people.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
