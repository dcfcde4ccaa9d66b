//! Looks through a camera, in a process of its own that has nothing else.
//!
//! A camera is a stranger's device and its frames are hostile input, so a child opens it, confines
//! itself, and only then takes the first frame. It decodes each frame itself and answers with what
//! was in it: codes, a small grey preview, and how well it was taken. Whole frames never leave it.
//!
//! - [`serve`] is the whole of the child. Its [`Source`] is a V4L2 device, or a folder of pictures
//!   for training.
//! - [`Camera`] is the parent's side: it asks for one look at a time, kills and replaces a child
//!   that takes too long, dies or answers nonsense, and tries a missing camera again.
//!
//! The child answers only when it is asked, and looks at the newest frame that there is: frames
//! that nobody asked for go back to the driver undecoded, and nothing queues up.
//!
//! What it deliberately does not do: it keeps no frame (only where codes were, to look there
//! first), records nothing, and tells no names that the device says of itself.

mod child;
mod convert;
mod device;
mod exposure;
mod feed;
mod folder;
mod measure;
mod parent;
mod stream;
mod wire;

pub use child::serve;
pub use parent::{Camera, CameraError};

use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The widest preview and the highest.
pub const MAX_PREVIEW: (u16, u16) = (320, 240);

/// The most bytes of one raw sample of noise.
pub const MAX_NOISE: usize = 64 << 10;

/// The most frames that one sample of noise is taken from.
pub const MAX_NOISE_FRAMES: u8 = 64;

/// Names where a camera's frames come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A V4L2 device, such as `/dev/video0`; `/dev/video*` is the first by number that is a camera.
    Device(PathBuf),
    /// A folder of PNG and JPEG files, each shown once a turn, in the order of their names. They have a
    /// frame's budget, so they are to be no larger than a camera's frames.
    Folder(PathBuf),
}

impl Source {
    /// Takes the source out of a role, `camera=DEVICE` or `folder=FOLDER`, each an absolute path.
    #[must_use]
    pub fn of_role(role: &str) -> Option<Self> {
        let (kind, place) = role.split_once('=')?;
        let place = Path::new(place);
        match kind {
            _ if !place.is_absolute() => None,
            "camera" => Some(Self::Device(place.into())),
            "folder" => Some(Self::Folder(place.into())),
            _ => None,
        }
    }
}

/// Says how much of the frame is looked at: all of it, or its middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zoom {
    /// All of it.
    #[default]
    One,
    /// Two thirds of each side: what is there seems one and a half times as large.
    OneAndHalf,
    /// Half of each side: what is there seems twice as large.
    Two,
}

/// Says how a device's exposure can be set, in half stops from what it calls ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The darkest step, 0 or below.
    pub darkest: i8,
    /// The brightest step, 0 or above.
    pub brightest: i8,
    /// The step that is set; `None` while the device chooses by itself.
    pub now: Option<i8>,
}

/// Holds what was seen in one frame. Its codes and its preview are wiped when it is dropped.
pub struct Look {
    /// The contents of the QR symbols, each once; see [`cloison_optics::examine`] for what is not seen.
    pub symbols: Vec<Zeroizing<Vec<u8>>>,
    /// How long reading the frame took the child, in microseconds, without decoding and measuring it.
    pub micros: u32,
    /// A limit was reached before the whole frame was searched, so there may be more symbols.
    pub crowded: bool,
    /// The time was over before the whole frame was searched, so there may be more symbols.
    pub unfinished: bool,
    /// How many damaged frames were passed over since the last look.
    pub damaged: u32,
    /// The width and height of what was looked at, after the zoom.
    pub size: (u16, u16),
    /// How bright it is on average, 0 black and 255 white.
    pub brightness: u8,
    /// How many of a thousand pixels are too bright to tell anything.
    pub clipped: u16,
    /// How sharp it is: the variance of the Laplacian, to be compared with other looks only.
    pub sharpness: u32,
    /// How the exposure can be set; `None` where the device has no such control.
    pub exposure: Option<Exposure>,
    /// The zoom that it was taken with.
    pub zoom: Zoom,
    /// What was looked at, small.
    pub preview: Preview,
}

/// Says how a frame was taken, where that may be why no code is seen in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taken {
    /// Too many pixels are too bright to tell anything.
    TooBright,
    /// It is dark all over.
    TooDark,
    /// It has no edges.
    Blurred,
    /// None of these.
    Fine,
}

impl Look {
    /// Judges how the frame was taken. What is shown may be so bright, dark or plain by itself, so this
    /// is of use only where no code is seen for a while.
    #[must_use]
    pub fn taken(&self) -> Taken {
        measure::taken(self.clipped, self.brightness, self.sharpness)
    }
}

/// Holds a small grey picture, wiped when it is dropped.
///
/// # Invariants
/// Neither side is zero or above [`MAX_PREVIEW`], and there is one byte a pixel.
pub struct Preview {
    width: u16,
    height: u16,
    pixels: Zeroizing<Vec<u8>>,
}

impl Preview {
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

    /// Lends the pixels, row by row, 0 black and 255 white.
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

    assert_not_impl_any!(Look: Debug, Display, Clone, Copy);
    assert_not_impl_any!(Preview: Debug, Display, Clone, Copy);

    #[test]
    fn a_role_names_a_source_by_an_absolute_path() {
        assert_eq!(Source::of_role("camera=/dev/video0"), Some(Source::Device("/dev/video0".into())));
        assert_eq!(Source::of_role("folder=/tmp/a=b"), Some(Source::Folder("/tmp/a=b".into())));
        for role in ["camera", "camera=", "camera=video0", "folder=.", "eye=/dev/video0", "=/dev/video0", ""] {
            assert_eq!(Source::of_role(role), None, "{role}");
        }
    }
}
