//! Shows what a record holds: text, JSON as a table, a PNG or a JPEG, decoded in a process of its own.
//!
//! A record is a stranger's bytes, and what decodes them must be able to do no harm. So the kiosk
//! starts a second process, the *viewer*, which is given nothing but the content, confines itself
//! before it looks ([`crate::confine`]), decodes, answers once in bounded lines, cells or pixels,
//! and ends. Every record has a viewer of its own, so that none learns of another.
//!
//! - [`serve`] is the whole of the child.
//! - [`show`] is the parent's side: it starts the child, times it, and believes nothing beyond
//!   fixed limits.
//!
//! What is shown is what is there: a character that a screen cannot show truthfully appears as
//! `⟨U+202E⟩`, a number stands as it was written, a name that occurs twice is shown twice, and what
//! is not quite JSON is shown as the text that it is.
//! What is deliberately not shown: a picture's metadata, a moving picture, and any format that is
//! not one of these four. The kind is told by the content, never by a name.
//!
//! Both sides wipe the buffers that they hold. The decoders' own working memory is not wiped: it
//! ends with the child, and a kernel gives no page to another process before it is cleared.

mod child;
mod kind;
mod parent;
mod picture;
mod table;
mod text;
mod wire;

pub use child::serve;
pub use kind::Kind;
pub use parent::{ViewError, show};
pub use wire::Reason;

use std::time::Duration;
use zeroize::Zeroizing;

/// The most bytes of a record that is shown.
pub const MAX_CONTENT: usize = 1 << 20;

/// The most lines of a text.
pub const MAX_LINES: usize = 65_536;

/// The most rows of a table.
pub const MAX_ROWS: usize = 20_000;

/// The most levels of objects and lists within each other.
pub const MAX_DEPTH: usize = 64;

/// The widest picture and the highest, to which a larger one is scaled down.
pub const MAX_PICTURE: (u16, u16) = (1280, 720);

/// The narrowest and the widest line of text in columns.
pub const COLUMNS: (u16, u16) = (20, 512);

/// What the viewer may fill, and the time that it has.
///
/// Sizes beyond [`MAX_PICTURE`] and [`COLUMNS`] are brought within them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The columns of a line of text.
    pub columns: u16,
    /// The most pixels of a picture's width.
    pub width: u16,
    /// The most pixels of a picture's height.
    pub height: u16,
    /// The time for everything: starting the viewer, decoding, answering.
    pub budget: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { columns: 80, width: MAX_PICTURE.0, height: MAX_PICTURE.1, budget: Duration::from_secs(5) }
    }
}

/// Holds what a record shows, wiped when it is dropped.
///
/// # Invariants
/// Every character of its text and its cells can be shown as it is. It tells nothing of whether
/// the viewer told the truth: a decoder that was taken over can answer anything within the limits.
pub enum Content {
    /// Text in lines.
    Text(Text),
    /// JSON in rows.
    Table(Table),
    /// A picture.
    Picture(Picture),
}

/// Holds text, wrapped at the columns that were asked for.
///
/// A line may have one space more, at its end.
pub struct Text {
    /// The lines, each but the last followed by a line feed.
    lines: Zeroizing<String>,
}

impl Text {
    /// Lends the lines; there is at least one.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.split('\n')
    }
}

/// Holds JSON, flattened into a row for each value.
///
/// A row is a path, such as `births[0].date`, and a value. A name that is not letters, digits, `_`
/// and `-` stands in brackets and quotes: `person["place of birth"]`. Where a name occurs again in
/// one object it is numbered: `name`, `name⟨2⟩`. A number stands as it was written. A text stands
/// in quotes where it would look like something else: a number, `true`, nothing.
pub struct Table {
    rows: Vec<[Zeroizing<String>; 2]>,
}

impl Table {
    /// Lends the rows, each a path and a value, in the order of the record.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.rows.iter().map(|[path, value]| (path.as_str(), value.as_str()))
    }
}

/// Holds a picture in colours, upright, on white where it is transparent.
///
/// # Invariants
/// Width and height are at least 1 and within the [`Limits`]; there are three bytes a pixel.
pub struct Picture {
    width: u16,
    height: u16,
    original: (u32, u32),
    pixels: Zeroizing<Vec<u8>>,
}

impl Picture {
    /// Gives the width in pixels.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Gives the height in pixels.
    #[must_use]
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Gives the upright width and height in the record, larger where the picture was scaled down.
    #[must_use]
    pub fn original(&self) -> (u32, u32) {
        self.original
    }

    /// Lends the pixels, row by row, each as red, green and blue.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::fmt::{Debug, Display};
    use static_assertions::assert_not_impl_any;

    assert_not_impl_any!(Content: Debug, Display, Clone, Copy);
    assert_not_impl_any!(Text: Debug, Display, Clone, Copy);
    assert_not_impl_any!(Table: Debug, Display, Clone, Copy);
    assert_not_impl_any!(Picture: Debug, Display, Clone, Copy);
}
