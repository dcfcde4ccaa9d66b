//! Messages as QR codes and back.
//!
//! Making codes happens here; pictures are read in a process of its own, since hostile pictures
//! make decoders panic or work for minutes.

#[cfg(target_os = "linux")]
mod camera;
mod folder;
mod pace;
mod read;
mod scan;
mod show;
mod strip;
mod terminal;
mod trial;
#[cfg(target_os = "linux")]
mod watched;

use crate::{
    error::Error,
    files::{self, FileError},
    home::Home,
    screen::shown,
};
use cloison_eye::spawn::Direct;
use cloison_eye::{Eye, EyeError, MAX_PICTURE_BYTES, PICTURE_BUDGET, Sight};
use cloison_optics::{PictureError, SymbolError};
use cloison_protocol::{TransferError, TransferId};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use thiserror::Error;

#[cfg(target_os = "linux")]
pub(crate) use camera::{pattern as watch_pattern, scan as watch};
pub(crate) use read::read;
pub(crate) use scan::{Gathering, scan};
pub(crate) use show::{check_places, present, show};
pub(crate) use terminal::Ended;
pub(crate) use trial::trial;

/// Shows a payload in the terminal as it fits, as a part of another command.
///
/// # Errors
/// There is no terminal, or it is too small.
pub(crate) fn animate(home: &Home, payload: &[u8], caption: &str) -> Result<Ended, QrError> {
    let show = terminal::Show { wish: terminal::Wish::default(), from: 0, caption, ends: terminal::Ends::Enter };
    terminal::animate(payload, &show, Some(home))
}

/// Says that there is no looking through a camera on this system.
///
/// # Errors
/// [`QrError::CameraElsewhere`].
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch(_: Option<&crate::home::Home>, _: Option<&Path>, _: &Path, _: bool) -> Result<(), Error> {
    Err(QrError::CameraElsewhere.into())
}

/// Says that there is no looking through a camera on this system.
///
/// # Errors
/// [`QrError::CameraElsewhere`].
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch_pattern(_: Option<&Path>, _: &mut cloison_protocol::Tally) -> Result<(), Error> {
    Err(QrError::CameraElsewhere.into())
}

/// Is the reading process, or a camera's: confines itself and answers until its input ends.
///
/// # Errors
/// The pipe broke.
pub(crate) fn eye(role: &str) -> Result<(), Error> {
    Ok(cloison_eye::roles::serve(role, io::stdin().lock(), io::stdout().lock()).map_err(QrError::Pipe)?)
}

/// Reads picture files through the reading process.
pub(crate) struct Reader(Eye);

impl Reader {
    /// Prepares to start this same program as the reading process.
    ///
    /// # Errors
    /// The system does not say where this program is.
    pub(crate) fn new() -> Result<Self, QrError> {
        let program = std::env::current_exe().map_err(QrError::Pipe)?;
        Ok(Self(Eye::new(Arc::new(Direct::new(program)), "eye", PICTURE_BUDGET)))
    }

    /// Reads one picture; one sight a frame.
    ///
    /// # Errors
    /// [`QrError`]; the next picture can be read all the same.
    pub(crate) fn picture(&mut self, path: &Path) -> Result<Vec<Sight>, QrError> {
        let bytes = files::read(path, MAX_PICTURE_BYTES as u64)?;
        Ok(self.0.picture(&bytes)?)
    }
}

/// Says why codes were not shown or not read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum QrError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The payload.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A symbol.
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    /// A picture to be written.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A picture to be read.
    #[error(transparent)]
    Eye(#[from] EyeError),
    /// The reading process.
    #[error("the process that reads pictures could not be used: {0}. Try again; if it stays so, install Cloison again")]
    Pipe(io::Error),
    /// A camera.
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Camera(#[from] cloison_eye::camera::CameraError),
    /// No camera at all.
    #[cfg(target_os = "linux")]
    #[error("this computer has no camera. Plug one in, name it with --camera, or take pictures and give those")]
    NoCamera,
    /// Not on Linux.
    #[cfg(not(target_os = "linux"))]
    #[error("looking through a camera works on Linux only. Take pictures with it, and give those")]
    CameraElsewhere,
    /// A signal.
    #[cfg(target_os = "linux")]
    #[error("stopped before the message was whole, and nothing was written. Run it again, and keep the code in view")]
    Stopped,
    /// No terminal.
    #[error("there is no terminal to show codes in. Write them with --png DIR --frames N or with --gif OUT")]
    NoTerminal,
    /// The terminal failed.
    #[error("the terminal could not be written to: {0}. Use --png or --gif")]
    Terminal(io::Error),
    /// The terminal is small.
    #[error("this terminal has {columns}×{rows} characters, too few for any code. Make it larger, or use --png or --gif")]
    SmallTerminal {
        /// Its width.
        columns: u16,
        /// Its height.
        rows: u16,
    },
    /// Another transfer's folder.
    #[error("{} holds codes of something else, or of another density. Name an empty folder", shown(.0))]
    OtherFolder(PathBuf),
    /// A picture of this number is there.
    #[error("{} already exists, and pictures of codes are never replaced. Leave out --from, or name another folder", shown(.0))]
    PictureExists(PathBuf),
    /// Too long for a GIF.
    #[error(
        "{frames} codes of this size are more than one GIF holds ({limit}). Use a smaller --scale, a higher --density, or --png"
    )]
    LongGif {
        /// Codes that are needed.
        frames: u32,
        /// Codes that fit.
        limit: u32,
    },
    /// Not all was read.
    #[error(
        "transfer {transfer} is not complete: {read} of at least {needed} codes were read. Take pictures of more codes, any of them, and give all pictures again"
    )]
    Incomplete {
        /// The transfer.
        transfer: TransferId,
        /// Codes read.
        read: usize,
        /// Codes needed.
        needed: usize,
    },
    /// Nothing was read.
    #[error(
        "no code of a Cloison transfer is on these pictures ({unreadable} could not be opened). Take them closer, straighter and without glare"
    )]
    Nothing {
        /// Pictures that could not be opened.
        unreadable: usize,
    },
    /// No picture could be opened.
    #[error("no picture could be opened, of {0} given. The reasons are in the lines above: check the names")]
    NoneOpened(usize),
    /// Wrong codes among the right ones.
    #[error(
        "enough codes of transfer {0} were read, but together they are not what was announced: at least one is wrong. Take \
         pictures of more codes, any of them, and give all pictures again"
    )]
    Corrupt(TransferId),
    /// No pattern.
    #[error("no code of a test pattern was read. Show the pattern on the other screen, and hold the camera before it")]
    NoPattern,
    /// A card.
    #[error(
        "these pictures show a custodian's card and nothing else, and nothing was written. Cards stay offline: delete the pictures, and show the card to the kiosk only"
    )]
    CardOnly,
    /// Two payloads.
    #[error("these pictures hold more than one message: transfers {0}. Give the pictures of one of them")]
    Several(String),
    /// Some pictures failed.
    #[error("{failed} of {all} pictures could not be opened. The reasons are in their lines")]
    Unopened {
        /// Pictures that failed.
        failed: usize,
        /// All pictures.
        all: usize,
    },
}
