//! A custodian's card on paper: what is drawn, and the printer that prints it.
//!
//! - [`Sheet`] holds what a card says. [`Sheet::layout`] sets it in lines, [`Sheet::draw`] draws
//!   them with the card's code on a picture as wide as the paper.
//! - [`Printer`] sends a picture to a receipt printer as ESC/POS raster bands, and cuts the paper.
//!
//! Someone may read the sheet decades from now who has never heard of Cloison, so it says what it
//! is and how it is opened without us. It holds no secret in the clear: the share on it is sealed
//! under a passphrase, which never comes here. Nothing here is read back; the ceremony does that
//! with the camera, and believes a card only then.

mod draw;
mod english;
mod french;
mod layout;
mod printer;
mod sheet;
mod text;

pub use cloison_protocol::Language;
pub use layout::{Code, Layout, Line, Style};
pub use printer::Printer;
pub use sheet::Sheet;

use cloison_optics::{PictureError, SymbolError};
use std::{io, path::PathBuf};
use thiserror::Error;

/// The width of a sheet in pixels: the 72 mm that are printed of 80 mm paper, at 203 dots an inch.
pub const WIDTH: u32 = 576;

/// The pixels that stay white at every edge of a sheet.
pub const MARGIN: u32 = 8;

/// Says why a card is not drawn or not printed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PaperError {
    /// The name or the title is longer than any that a plan takes.
    #[error("the name or the title has {found} bytes, more than the {limit} that a card takes. Shorten it")]
    TooLong {
        /// What came.
        found: usize,
        /// What is taken.
        limit: usize,
    },
    /// The card names another vault than the sheet does.
    #[error("this card is another vault's. Print it with the vault that it names")]
    WrongVault,
    /// The card's bytes would not be read again.
    #[error("this card could not be read again from paper. Make the card anew")]
    Unreadable,
    /// The instructions describe another way to seal a card than this one's.
    #[error("the instructions are for cards of profile {known}, and this card has profile {found}. Use a newer appliance")]
    Profile {
        /// The card's.
        found: u8,
        /// What the instructions describe.
        known: u8,
    },
    /// The words are not this card's, so that the code and the words would disagree.
    #[error("the words are not those of this card. Make them anew from the card that is printed")]
    Words,
    /// The code cannot be made.
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    /// The picture cannot be made.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The picture is wider than the paper.
    #[error("the picture is {width} pixels wide, and the paper has {WIDTH}. Draw it for this paper")]
    TooWide {
        /// The picture's width.
        width: u32,
    },
    /// Nothing is at the path.
    #[error("there is no printer at {}. Plug it in, switch it on, and try again", .0.display())]
    Missing(PathBuf),
    /// What is at the path is no device.
    #[error("{} is not a printer's device file. Name the printer's, such as /dev/usb/lp0", .0.display())]
    NotADevice(PathBuf),
    /// The device may not be written to.
    #[error("the printer at {} may not be written to. Give this program the right to", .0.display())]
    NotWritable(PathBuf),
    /// Another program prints.
    #[error("the printer at {} is in use by another program. Let it end, and try again", .0.display())]
    Busy(PathBuf),
    /// The device cannot be opened for another reason.
    #[error("the printer at {} cannot be opened ({source}). Unplug it, plug it in, and try again", path.display())]
    Unopened {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The device says that there is no room, which of a printer's means paper.
    #[error("the printer has no paper left, after {sent} bytes. Destroy what it printed, put paper in, and print again")]
    OutOfPaper {
        /// The bytes that it had taken.
        sent: u64,
    },
    /// The device took only a part.
    #[error("the printer stopped after {sent} bytes ({source}). Destroy what it printed, check its cable, and print again")]
    Stopped {
        /// The bytes that it had taken.
        sent: u64,
        /// Why.
        source: io::Error,
    },
}
