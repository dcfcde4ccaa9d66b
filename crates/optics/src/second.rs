//! An independent second reading, by `rqrr`, where every other way gave nothing.
//!
//! It shares no line with the first reader, so what the first one cannot do by a fault of its own is
//! read all the same. It is asked last, and of small calm pictures only: it copies the picture for each
//! pair of patterns that it supposes, and cannot be stopped.

use crate::{Luma, prepare};
use std::borrow::Cow;
use std::panic::catch_unwind;

/// The most pixels that it is given; a picture of twice the sides is halved for it.
const MOST_PIXELS: usize = 640 * 480;

/// The most finder patterns of a picture that it is given.
const MOST_FINDERS: usize = 24;

/// Reads a picture in which so many finder patterns were seen; `None` where it is not one for this.
pub(crate) fn read(picture: &Luma, finders: usize) -> Option<Vec<Vec<u8>>> {
    if finders > MOST_FINDERS {
        return None;
    }
    let small = if picture.pixels().len() > MOST_PIXELS { Cow::Owned(prepare::halved(picture)?) } else { Cow::Borrowed(picture) };
    (small.pixels().len() <= MOST_PIXELS).then(|| contents(&small))
}

fn contents(picture: &Luma) -> Vec<Vec<u8>> {
    // Only a shared reference to plain bytes goes in, so nothing is left half changed by a panic.
    catch_unwind(|| {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let grey = |x: usize, y: usize| picture.pixels().get(y * width + x).copied().unwrap_or(255);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
        let decoded = image.detect_grids().into_iter().filter_map(|grid| {
            let mut content = Vec::new();
            grid.decode_to(&mut content).ok().map(|_| content)
        });
        decoded.collect()
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Density, Level, Symbol};

    fn code(scale: u32) -> Luma {
        Symbol::encode(b"a second opinion", Density::new(6, Level::M).unwrap()).unwrap().picture(scale)
    }

    #[test]
    fn a_picture_is_read_independently_also_where_it_must_be_halved() {
        assert_eq!(read(&code(4), 3).unwrap(), [b"a second opinion"]);
        let large = code(13);
        assert!(large.pixels().len() > MOST_PIXELS);
        assert_eq!(read(&large, 3).unwrap(), [b"a second opinion"]);
    }

    #[test]
    fn what_is_crowded_or_large_is_not_given_to_it() {
        assert_eq!(read(&code(4), MOST_FINDERS + 1), None);
        assert_eq!(read(&code(27), 3), None);
    }
}
