//! A folder in which the program is run.

use crate::vault::Vault;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// What `decrypt` and `sign` need to say why they ask.
pub(crate) const PURPOSE: [&str; 4] = ["--case", "2026-114", "--reason", "hearing of 3 March"];

pub(crate) struct Workstation {
    folder: TempDir,
}

/// What one run said and how it ended.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.err);
        self
    }

    /// Checks the exit code, a part of the message, and that errors are two sentences.
    pub(crate) fn failed(self, code: i32, part: &str) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.contains(part), "no {part:?} in {}", self.err);
        if code != 2 {
            let line = self.err.lines().rfind(|line| line.starts_with("cloison: ")).expect("an error line");
            assert!(line.ends_with('.'), "{line}");
            assert!(line.trim_end_matches('.').contains(['.', ':', ';', '?']), "one sentence only: {line}");
        }
        self
    }
}

impl Workstation {
    /// A folder with nothing.
    pub(crate) fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A workstation with an identity.
    pub(crate) fn new() -> Self {
        let this = Self::bare();
        this.run(&["identity", "new", "--name", "Claire Martin"]).done();
        this
    }

    /// A workstation with an identity that knows this vault.
    pub(crate) fn knowing(vault: &Vault) -> Self {
        let this = Self::new();
        this.import(vault).done();
        this
    }

    pub(crate) fn import(&self, vault: &Vault) -> Said {
        self.write("keys.cloison", vault.keys().as_bytes());
        self.run(&["keys", "import", "keys.cloison", "--words", &vault.keys().fingerprint().to_string()])
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloison"));
        command.current_dir(self.folder.path()).env_remove("CLOISON_HOME").stdin(Stdio::null());
        let Output { status, stdout, stderr } = command.arg("--home").arg(self.path("home")).args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    /// Starts a command and does not wait for it.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloison"));
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.arg("--home").arg(self.path("home")).args(arguments).spawn().unwrap()
    }

    /// Runs a command with a purpose, that makes `ask.cloison`.
    pub(crate) fn request(&self, arguments: &[&str]) -> Said {
        let _ = fs::remove_file(self.path("ask.cloison"));
        self.run(&[arguments, &PURPOSE, &["--request", "ask.cloison"]].concat())
    }

    /// Encrypts a file of this content and removes the plaintext.
    pub(crate) fn encrypted(&self, name: &str, content: &[u8]) {
        self.write(name, content);
        self.run(&["encrypt", name]).done();
        self.remove(name);
    }

    /// Lets the vault answer `ask.cloison` into `answer.cloison`.
    pub(crate) fn carry(&self, vault: &mut Vault) {
        self.write("answer.cloison", &vault.answer(&self.read("ask.cloison")));
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    pub(crate) fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// Finds a program that other people made, if it is installed.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| Path::is_file(file))
}
