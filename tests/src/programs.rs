//! Finds the programs under test, and builds them first, so that no stale one is driven.

use crate::Result;
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// Names a folder of programs that were built by whoever starts the test.
const BUILT: &str = "CLOISON_PROGRAMS";

/// Gives the path of a program of the workspace.
///
/// # Errors
/// In words, when it cannot be built.
pub fn program(name: &str) -> Result<PathBuf> {
    static FOLDER: OnceLock<Result<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(build).clone()?;
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.exists() { Ok(path) } else { Err(format!("{} was not built", path.display())) }
}

/// Gives the workspace's folder.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn build() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os(BUILT) {
        return Ok(PathBuf::from(folder));
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut folder = own.parent().ok_or("the program has no folder")?;
    if folder.ends_with("deps") {
        folder = folder.parent().ok_or("the program has no folder")?;
    }
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // All of them, as `./tests/run` does: a choice of packages would build their dependencies again
    // with the features of that choice.
    command.current_dir(workspace()).args(["build", "--locked", "--workspace", "--bins"]);
    if folder.ends_with("release") {
        command.arg("--release");
    }
    if let Some(target) = folder.parent() {
        command.arg("--target-dir").arg(target);
    }
    let status = command.stdin(Stdio::null()).status().map_err(|error| format!("cargo does not start: {error}"))?;
    if status.success() { Ok(folder.to_path_buf()) } else { Err("the programs do not build".to_owned()) }
}
