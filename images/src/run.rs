//! The commands: files in, files out.

use clap::Parser;
use cloison_images::{
    boot::{BootError, BootFiles, hex},
    list::{self, ListError},
    modules::{self, Kernel, ModulesError},
    template::{self, TemplateError},
};
use std::{
    io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// The image tool: each command is one step of `images/build`.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) enum Command {
    /// Pack an archive for the kernel's first file system
    Pack {
        /// What is in it, in the language of the kernel's gen_init_cpio
        list: PathBuf,
        /// The folder of the files that the list names
        #[arg(long)]
        from: PathBuf,
        /// The archive to write
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Choose kernel modules with what they need, in the order in which they are loaded
    Modules {
        /// The wanted modules, one a line
        list: PathBuf,
        /// The kernel's folder, usr/lib/modules/VERSION of its package
        #[arg(long)]
        kernel: PathBuf,
        /// The folder to write them into, with their order
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Make the template of an empty file system
    Template {
        /// The file system's image
        image: PathBuf,
        /// The template to write
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Tell the hash of a folder of boot files, and its words
    Words {
        /// The folder: an image's boot files, or a card's first partition
        folder: PathBuf,
        /// Print what sha384sum prints for the files, instead
        #[arg(long)]
        text: bool,
    },
}

/// Why a command failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum Error {
    #[error("{} cannot be read ({error}). Give another file", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("{} cannot be written ({error}). Make room, or give another place", path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("the template does not make the same file system again. Report this")]
    Template,
    #[error(transparent)]
    Boot(#[from] BootError),
    #[error(transparent)]
    List(#[from] ListError),
    #[error(transparent)]
    Modules(#[from] ModulesError),
    #[error(transparent)]
    Image(#[from] TemplateError),
}

pub(crate) fn run(command: &Command) -> Result<(), Error> {
    match command {
        Command::Pack { list, from, output } => write(output, &list::archive(&text(list)?, from)?.write()),
        Command::Modules { list, kernel, output } => modules(list, kernel, output),
        Command::Template { image, output } => template(image, output),
        Command::Words { folder, text } => words(folder, *text),
    }
}

fn modules(list: &Path, kernel: &Path, output: &Path) -> Result<(), Error> {
    let chosen = modules::choose(&Kernel::open(kernel)?, &modules::wanted(&text(list)?))?;
    for note in &chosen.unmet {
        eprintln!("note: {note}, which is left out");
    }
    let order: String = chosen.files.iter().map(|(name, _)| format!("{name}\n")).collect();
    for (name, bytes) in &chosen.files {
        write(&output.join(name), bytes)?;
    }
    write(&output.join("order"), order.as_bytes())
}

fn template(image: &Path, output: &Path) -> Result<(), Error> {
    let image = read(image)?;
    let template = template::of(&image)?;
    if template::image(&template)? != image {
        return Err(Error::Template);
    }
    write(output, &template)
}

fn words(folder: &Path, text: bool) -> Result<(), Error> {
    let files = BootFiles::read(folder)?;
    if text {
        print!("{}", files.text());
    } else {
        println!("{}\n{}", hex(&files.digest().0), files.words());
    }
    Ok(())
}

fn text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::Read { path: path.to_owned(), error })
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::Read { path: path.to_owned(), error })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|error| Error::Write { path: path.to_owned(), error })
}
