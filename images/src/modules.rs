//! Which kernel modules an image takes, and in which order they are loaded.

use crate::elf::{Module, NotElf};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use thiserror::Error;

/// What no image takes, whatever asks for it: folders of the kernel's tree that hold network
/// drivers and protocols, radios, sound drivers, and gadgets that make the device a peripheral.
const NEVER: &[&str] = &["drivers/net/", "net/", "drivers/bluetooth/", "sound/", "drivers/usb/gadget/", "drivers/infiniband/"];
/// Libraries among them that drive nothing: `vc4` and `dwc2` are linked with them, and cannot be loaded without.
const BUT: &[&str] = &["sound/soundcore.ko", "sound/core/", "sound/soc/snd-soc-core.ko", "drivers/usb/gadget/udc/udc-core.ko"];

/// What can be wrong with a wish for modules.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModulesError {
    /// Says that a module is neither in the kernel nor beside it.
    #[error("the kernel has no module {0}. Take it off the list, or give its new name")]
    Missing(String),
    /// Says that a module is of a kind that no image takes.
    #[error("{0} is a driver or protocol that no image takes. Find what asks for it, and do without")]
    Never(String),
    /// Says that modules need one another in a circle.
    #[error("{0} needs itself. Take the kernel's package again")]
    Circle(String),
    /// Says that a file of the kernel's package cannot be read.
    #[error("{} cannot be read ({error}). Unpack the kernel's package again", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Says that a file is no module.
    #[error("{} is no kernel module. Unpack the kernel's package again", .0.display())]
    NotElf(PathBuf),
}

/// One kernel's folder of modules, as its package has it.
#[derive(Debug)]
pub struct Kernel {
    files: BTreeMap<String, PathBuf>,
    built_in: BTreeSet<String>,
    root: PathBuf,
}

impl Kernel {
    /// Lists what the kernel in `root` has, built in and beside it.
    ///
    /// # Errors
    /// [`ModulesError::File`] when the folder or its `modules.builtin` cannot be read.
    pub fn open(root: &Path) -> Result<Self, ModulesError> {
        let list = root.join("modules.builtin");
        let text = std::fs::read_to_string(&list).map_err(|error| ModulesError::File { path: list, error })?;
        let built_in = text.lines().filter_map(|line| name(Path::new(line))).collect();
        let mut files = BTreeMap::new();
        walk(&root.join("kernel"), &mut files)?;
        Ok(Self { files, built_in, root: root.to_owned() })
    }
}

/// The modules of an image.
#[derive(Debug, Default)]
pub struct Chosen {
    /// The modules in the order in which they are loaded, part by part of the list.
    pub parts: Vec<Vec<Taken>>,
    /// What a module would like beside it and does not get; a note for who reads the build.
    pub unmet: Vec<Unmet>,
}

/// A module that an image takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The name of its file.
    pub name: String,
    /// The files of those that it needs, built in ones apart.
    pub needs: Vec<String>,
    /// What is in its file.
    pub bytes: Vec<u8>,
}

impl Chosen {
    /// Gives the list that the device reads: a line for each module with those that it needs behind it,
    /// and an empty line between two parts.
    #[must_use]
    pub fn order(&self) -> String {
        let words = |taken: &Taken| taken.needs.iter().fold(taken.name.clone(), |line, needed| format!("{line} {needed}"));
        let line = |taken: &Taken| format!("{}\n", words(taken));
        let parts: Vec<String> = self.parts.iter().map(|part| part.iter().map(line).collect()).collect();
        parts.join("\n")
    }

    /// Gives every module, in the order in which they are loaded.
    pub fn files(&self) -> impl Iterator<Item = &Taken> {
        self.parts.iter().flatten()
    }
}

/// A module's wish that is not met, since the kernel has no such module or no image takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// Who wishes.
    pub module: String,
    /// What it would like.
    pub wish: String,
}

/// Chooses the wanted modules and what they need, in the order in which they are loaded.
///
/// # Errors
/// [`ModulesError`] for a wanted or needed module that is missing, that no image takes, or that cannot be read.
pub fn choose(kernel: &Kernel, wanted: &[Vec<String>]) -> Result<Chosen, ModulesError> {
    let mut choice =
        Choice { kernel, done: BTreeSet::new(), open: BTreeSet::new(), names: BTreeSet::new(), chosen: Chosen::default() };
    for part in wanted {
        choice.chosen.parts.push(Vec::new());
        for name in part {
            choice.take(name)?;
        }
    }
    // A wish can be for what a module does, and any that does it will do.
    let Choice { names, mut chosen, .. } = choice;
    chosen.unmet.retain(|unmet| !names.contains(&unmet.wish));
    Ok(chosen)
}

/// What stands between two parts of a list.
const BETWEEN: &str = "---";

/// Reads a list of wanted modules: any number in a line, `#` begins a comment, and a line of `---` another part.
#[must_use]
pub fn wanted(list: &str) -> Vec<Vec<String>> {
    let names = list.lines().filter_map(|line| line.split('#').next()).flat_map(str::split_whitespace);
    let names: Vec<String> = names.map(str::to_owned).collect();
    names.split(|name| name == BETWEEN).map(<[String]>::to_vec).collect()
}

struct Choice<'a> {
    kernel: &'a Kernel,
    done: BTreeSet<String>,
    open: BTreeSet<String>,
    /// What the chosen ones answer to beside their own names.
    names: BTreeSet<String>,
    chosen: Chosen,
}

impl Choice<'_> {
    fn take(&mut self, wanted: &str) -> Result<(), ModulesError> {
        let name = wanted.replace('-', "_");
        if self.done.contains(&name) || self.kernel.built_in.contains(&name) {
            return Ok(());
        }
        let Some(path) = self.kernel.files.get(&name) else { return Err(ModulesError::Missing(wanted.to_owned())) };
        allowed(path.strip_prefix(self.kernel.root.join("kernel")).unwrap_or(path))?;
        if !self.open.insert(name.clone()) {
            return Err(ModulesError::Circle(name));
        }
        let bytes = bytes(path)?;
        let module = Module::read(&bytes).map_err(|NotElf| ModulesError::NotElf(path.clone()))?;
        self.take_soft(&name, &module.before)?;
        for needed in &module.depends {
            self.take(needed)?;
        }
        self.names.extend(module.aliases);
        let needs = module.depends.iter().map(|needed| needed.replace('-', "_"));
        let needs = needs.filter(|needed| !self.kernel.built_in.contains(needed)).map(|needed| format!("{needed}.ko"));
        let taken = Taken { name: format!("{name}.ko"), needs: needs.collect(), bytes };
        if let Some(part) = self.chosen.parts.last_mut() {
            part.push(taken);
        }
        self.open.remove(&name);
        self.done.insert(name.clone());
        self.take_soft(&name, &module.after)
    }

    /// Takes what a module would like; the kernel's own loader too goes on without it.
    fn take_soft(&mut self, of: &str, names: &[String]) -> Result<(), ModulesError> {
        for wanted in names {
            match self.take(wanted) {
                Err(ModulesError::Missing(_) | ModulesError::Never(_)) => {
                    self.chosen.unmet.push(Unmet { module: of.to_owned(), wish: wanted.clone() })
                }
                Err(ModulesError::Circle(_)) => {}
                other => other?,
            }
        }
        Ok(())
    }
}

/// Refuses what no image takes, by its place in the kernel's tree.
fn allowed(path: &Path) -> Result<(), ModulesError> {
    let text = path.to_string_lossy();
    let under = |folders: &[&str]| folders.iter().any(|folder| text.starts_with(folder));
    if under(NEVER) && !under(BUT) { Err(ModulesError::Never(text.into_owned())) } else { Ok(()) }
}

fn walk(folder: &Path, files: &mut BTreeMap<String, PathBuf>) -> Result<(), ModulesError> {
    let unreadable = |error| ModulesError::File { path: folder.to_owned(), error };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if let Some(name) = name(&path) {
            files.insert(name, path);
        }
    }
    Ok(())
}

/// Makes a module's name of its file's: without what says how it is packed, and with one kind of dash.
fn name(path: &Path) -> Option<String> {
    let file = path.file_name()?.to_str()?;
    let name = file.strip_suffix(".ko").or_else(|| file.strip_suffix(".ko.xz"))?;
    Some(name.replace('-', "_"))
}

/// Reads a module, unpacked by `xz`; the signature at its end stays.
fn bytes(path: &Path) -> Result<Vec<u8>, ModulesError> {
    let unreadable = |error| ModulesError::File { path: path.to_owned(), error };
    if path.extension().is_none_or(|extension| extension != "xz") {
        return std::fs::read(path).map_err(unreadable);
    }
    let output = Command::new("xz").arg("-dc").arg(path).stderr(Stdio::inherit()).output().map_err(unreadable)?;
    if output.status.success() { Ok(output.stdout) } else { Err(unreadable(io::Error::other("xz refuses it"))) }
}
