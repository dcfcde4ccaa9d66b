//! What the kiosk lends to a screen for as long as it is shown, and what its camera sees.

use cloison_appliance::ContentPage;
use cloison_optics::Luma;

/// What a screen shows beside what it says.
#[derive(Default)]
pub struct Lent<'a> {
    /// What only the person before the screen may see: a proposed passphrase.
    pub private: Option<&'a str>,
    /// The page of a record.
    pub content: Option<Content<'a>>,
}

/// What the camera sees.
#[derive(Default)]
pub struct Sighted<'a> {
    /// Its picture, small.
    pub preview: Option<&'a Luma>,
    /// What came of the last frames, the newest last.
    pub fates: &'a [Fate],
    /// What would help it.
    pub hint: Option<Hint>,
    /// How many seconds the rest takes, about.
    pub left: Option<u32>,
    /// Whether its exposure can be set.
    pub exposes: bool,
}

/// Says what would help the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// The code is small in the picture.
    Closer,
    /// The picture is blurred.
    Steadier,
    /// Too much of the picture is white.
    TooBright,
    /// Too much of the picture is black.
    TooDark,
    /// The same code comes again and again, of a message that needs others.
    Still,
    /// The picture is full of what looks like codes.
    Crowded,
    /// Pictures take longer to read than there is time.
    Slow,
    /// There is no camera.
    Unplugged,
}

/// How the camera is to look, as chosen on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looking {
    /// From 0, the whole picture, to 2, its middle.
    pub zoom: u8,
    /// From -2, dark, to 2, bright.
    pub exposure: i8,
}

impl Looking {
    pub(crate) fn zoomed(self) -> Self {
        Self { zoom: (self.zoom + 1) % 3, ..self }
    }

    pub(crate) fn exposed(self) -> Self {
        Self { exposure: if self.exposure >= 2 { -2 } else { self.exposure + 1 }, ..self }
    }

    pub(crate) fn zoom_label(self) -> &'static str {
        match self.zoom {
            0 => "1×",
            1 => "1.5×",
            _ => "2×",
        }
    }

    pub(crate) fn exposure_label(self) -> String {
        if self.exposure > 0 { format!("+{}", self.exposure) } else { self.exposure.to_string() }
    }
}

/// A page of a record.
pub enum Content<'a> {
    /// Lines of a text.
    Lines(Vec<&'a str>),
    /// Rows of a table.
    Rows(Vec<(&'a str, &'a str)>),
    /// A picture: its size here, its size in the record, and its pixels as red, green and blue.
    Picture {
        /// Width and height.
        size: (u32, u32),
        /// Width and height in the record.
        original: (u32, u32),
        /// Three bytes a pixel, row by row.
        rgb: &'a [u8],
    },
}

impl<'a> From<ContentPage<'a>> for Content<'a> {
    fn from(page: ContentPage<'a>) -> Self {
        match page {
            ContentPage::Lines(lines) => Self::Lines(lines),
            ContentPage::Rows(rows) => Self::Rows(rows),
            ContentPage::Picture(picture) => Self::Picture {
                size: (picture.width().into(), picture.height().into()),
                original: picture.original(),
                rgb: picture.pixels(),
            },
        }
    }
}

/// Says what came of one frame of the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A piece that was not there yet.
    New,
    /// A piece that is there already.
    Again,
    /// No code was found.
    Nothing,
    /// A code that does not belong here.
    Wrong,
}
