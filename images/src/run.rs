//! The commands: files in, files out.

use cargo_metadata::MetadataCommand;
use clap::Parser;
use cloison_images::{
    allowed,
    boot::{BootError, BootFiles, hex},
    cpio::{Archive, CpioError},
    list::{self, ListError},
    manifest::{self, Origin},
    modules::{self, Kernel, ModulesError},
    sbom,
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
        /// The wanted modules; a line of `---` begins another part, which is loaded after those before
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
    /// Hold an image against the list of what may be in it
    Check {
        #[command(flatten)]
        image: Image,
        /// The list; `images/allowed` has one for each target
        #[arg(long)]
        allowed: PathBuf,
        /// Print what the image holds, as such a list, and check nothing
        #[arg(long)]
        list: bool,
    },
    /// Write what an image is made of: every file's hash, every version
    Manifest {
        #[command(flatten)]
        image: Image,
        #[command(flatten)]
        made: Made,
    },
    /// Write the bill of materials (CycloneDX)
    Sbom {
        /// What the image is for
        #[arg(long)]
        target: String,
        /// The folder of the sources
        #[arg(long)]
        sources: PathBuf,
        /// The Debian packages: for what, name, version, SHA-256
        #[arg(long)]
        packages: PathBuf,
        /// What `cargo metadata` printed
        #[arg(long)]
        metadata: PathBuf,
        /// What `cargo tree -e normal,no-proc-macro --prefix none` printed for the program
        #[arg(long)]
        tree: PathBuf,
    },
}

/// A finished image's parts.
#[derive(Debug, clap::Args)]
pub(crate) struct Image {
    /// The archive of the initramfs, unpacked by zstd
    #[arg(long)]
    initramfs: PathBuf,
    /// The folder of the boot files
    #[arg(long)]
    boot: PathBuf,
}

impl Image {
    fn read(&self) -> Result<(Archive, BootFiles), Error> {
        Ok((Archive::read(&read(&self.initramfs)?)?, BootFiles::read(&self.boot)?))
    }
}

/// How an image was made.
#[derive(Debug, clap::Args)]
pub(crate) struct Made {
    /// What the image is for
    #[arg(long)]
    target: String,
    /// The commit of the sources
    #[arg(long)]
    commit: String,
    /// A file with the compiler's version
    #[arg(long)]
    rustc: PathBuf,
    /// The Debian packages: for what, name, version, SHA-256
    #[arg(long)]
    packages: PathBuf,
    /// Every version is that of images/versions.lock
    #[arg(long)]
    locked: bool,
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
    #[error(
        "the image is not what it should be:{0}\nTake out what is too much, or add to the list what belongs there and say why"
    )]
    NotAllowed(String),
    #[error("this is not what cargo prints ({0}). Give the output of `cargo metadata --format-version 1`")]
    Cargo(#[from] cargo_metadata::Error),
    #[error("the tree does not begin at the program. Give the output of `cargo tree` for it")]
    NoProgram,
    #[error(transparent)]
    Cpio(#[from] CpioError),
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
        Command::Check { image, allowed, list } => check(image, allowed, *list),
        Command::Manifest { image, made } => manifest(image, made),
        Command::Sbom { target, sources, packages, metadata, tree } => {
            let metadata = MetadataCommand::parse(text(metadata)?)?;
            let lock = text(&sources.join("Cargo.lock"))?;
            let bill = sbom::cyclonedx(target, &metadata, &text(tree)?, &lock, &text(packages)?);
            println!("{:#}", bill.ok_or(Error::NoProgram)?);
            Ok(())
        }
    }
}

fn modules(list: &Path, kernel: &Path, output: &Path) -> Result<(), Error> {
    let chosen = modules::choose(&Kernel::open(kernel)?, &modules::wanted(&text(list)?))?;
    for note in &chosen.unmet {
        eprintln!("note: {} would like {}, which is left out", note.module, note.wish);
    }
    for taken in chosen.files() {
        write(&output.join(&taken.name), &taken.bytes)?;
    }
    write(&output.join("order"), chosen.order().as_bytes())
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

fn check(image: &Image, allowed: &Path, list: bool) -> Result<(), Error> {
    let (initramfs, boot) = image.read()?;
    if list {
        print!("{}", allowed::list(&initramfs, &boot));
        return Ok(());
    }
    let faults = allowed::faults(&text(allowed)?, &initramfs, &boot);
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::NotAllowed(faults.iter().map(|fault| format!("\n  {fault}")).collect()))
}

fn manifest(image: &Image, made: &Made) -> Result<(), Error> {
    let (initramfs, boot) = image.read()?;
    let (rustc, packages) = (text(&made.rustc)?, text(&made.packages)?);
    let origin = Origin {
        target: &made.target,
        version: env!("CARGO_PKG_VERSION"),
        commit: &made.commit,
        rustc: &rustc,
        locked: made.locked,
        packages: &packages,
    };
    print!("{}", manifest::text(&origin, &initramfs, &boot));
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
