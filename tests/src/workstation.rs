//! Drives the real `cloison` with a home folder of its own.

use crate::{Result, programs::program};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A workstation: the program and its home.
pub struct Workstation {
    home: PathBuf,
}

/// What a run of the program gave.
pub struct Run {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said on the error stream.
    pub err: String,
}

impl Workstation {
    /// Uses `home`, which need not exist.
    #[must_use]
    pub fn at(home: &Path) -> Self {
        Self { home: home.to_path_buf() }
    }

    /// Runs `cloison` and gives whatever came of it.
    ///
    /// # Errors
    /// In words, when it does not start.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Run> {
        let mut command = Command::new(program("cloison")?);
        command.arg("--home").arg(&self.home).args(arguments).stdin(Stdio::null());
        let Output { status, stdout, stderr } = command.output().map_err(|error| format!("cloison does not start: {error}"))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Run { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) })
    }

    /// Runs `cloison` and goes on only if it succeeded.
    ///
    /// # Errors
    /// In words, with what it said.
    pub fn does<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Run> {
        let run = self.run(arguments)?;
        if run.code == 0 {
            return Ok(run);
        }
        let said: Vec<_> = arguments.iter().map(|argument| argument.as_ref().to_string_lossy()).collect();
        Err(format!("`cloison {}` ended with {}: {}", said.join(" "), run.code, run.err))
    }
}
