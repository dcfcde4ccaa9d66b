//! Draws symbols and words onto a plain pixel buffer, for screens, labels and printed cards.
//!
//! [`Canvas`] is an `embedded-graphics` target, so that callers can draw lines and shapes on it
//! too. Words are set in a fixed-width font with the accents of western European languages.

use crate::{Luma, PictureError, Symbol};
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoTextStyle, iso_8859_15::FONT_10X20};
use embedded_graphics::pixelcolor::{Gray8, GrayColor};
use embedded_graphics::primitives::Rectangle;
use embedded_graphics::text::{Baseline, Text};
use embedded_graphics::{Drawable, Pixel};
use std::convert::Infallible;

/// The width of a character of ordinary text; a title's are twice as wide.
pub const CHARACTER_WIDTH: u32 = 10;

/// The height of a line of ordinary text; a title's is twice as high.
pub const LINE_HEIGHT: u32 = 20;

/// Holds a picture that is being drawn.
#[derive(Clone, Debug)]
pub struct Canvas {
    picture: Luma,
}

impl Canvas {
    /// Starts with a white picture.
    ///
    /// # Errors
    /// A side is zero or the picture is larger than [`crate::MAX_PIXELS`] or [`crate::MAX_SIDE`].
    pub fn white(width: u32, height: u32) -> Result<Self, PictureError> {
        Ok(Self { picture: Luma::white(width, height)? })
    }

    /// Draws a symbol with its white quiet zone, whose upper left corner is at (x, y).
    pub fn symbol(&mut self, symbol: &Symbol, x: i32, y: i32, scale: u32) {
        symbol.draw(&mut self.picture, x, y, scale);
    }

    /// Draws one line of text, its upper left corner at (x, y).
    pub fn text(&mut self, text: &str, x: i32, y: i32) {
        self.line(text, x, y, 1);
    }

    /// Draws one line of text at double size, its upper left corner at (x, y).
    pub fn title(&mut self, text: &str, x: i32, y: i32) {
        self.line(text, x, y, 2);
    }

    fn line(&mut self, text: &str, x: i32, y: i32, size: u32) {
        let style = MonoTextStyle::new(&FONT_10X20, Gray8::BLACK);
        let mut target = Scaled { canvas: self, x, y, size };
        // The error type has no values, so there is nothing to handle.
        let _ = Text::with_baseline(&plain(text), Point::zero(), style, Baseline::Top).draw(&mut target);
    }

    /// Ends the drawing and gives the picture.
    pub fn into_picture(self) -> Luma {
        self.picture
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.picture.width(), self.picture.height())
    }
}

impl DrawTarget for Canvas {
    type Color = Gray8;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Gray8>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            self.picture.fill(at.x, at.y, 1, 1, colour.luma());
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Gray8) -> Result<(), Infallible> {
        let (at, size) = (area.top_left, area.size);
        self.picture.fill(at.x, at.y, size.width, size.height, colour.luma());
        Ok(())
    }
}

/// Moves a text to its place and enlarges its pixels, since the largest font has 20 lines.
///
/// The text itself is set at the origin: its arithmetic would overflow far outside the picture.
struct Scaled<'a> {
    canvas: &'a mut Canvas,
    x: i32,
    y: i32,
    size: u32,
}

impl OriginDimensions for Scaled<'_> {
    fn size(&self) -> Size {
        self.canvas.size()
    }
}

impl DrawTarget for Scaled<'_> {
    type Color = Gray8;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Gray8>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let size = self.size;
        for Pixel(at, colour) in pixels {
            let x = self.x.saturating_add(at.x.saturating_mul(size as i32));
            let y = self.y.saturating_add(at.y.saturating_mul(size as i32));
            self.canvas.picture.fill(x, y, size, size, colour.luma());
        }
        Ok(())
    }
}

/// Replaces typographic signs that the font lacks by the nearest that it has.
fn plain(text: &str) -> String {
    text.chars()
        .map(|sign| match sign {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            '\u{2010}'..='\u{2015}' => '-',
            '\u{00a0}' | '\u{2009}' | '\u{202f}' | '\n' | '\r' | '\t' => ' ',
            '\u{2026}' => '.',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Density, Level};

    fn symbol(version: u8) -> Symbol {
        Symbol::encode(b"plate", Density::new(version, Level::L).unwrap()).unwrap()
    }

    #[test]
    fn french_accents_have_glyphs() {
        let drawn = |text: &str| {
            let mut canvas = Canvas::white(40, 20).unwrap();
            canvas.text(text, 0, 0);
            canvas.into_picture()
        };
        for sign in "éèêàçùîôœŒ€«»ÉÀ".chars() {
            assert_ne!(drawn(&sign.to_string()), drawn("?"), "{sign}");
        }
        assert_eq!(drawn("l\u{2019}\u{e9}"), drawn("l'é"));
    }

    #[test]
    fn a_title_is_a_text_at_twice_the_size() {
        let mut small = Canvas::white(100, 20).unwrap();
        small.text("Été", 0, 0);
        let mut large = Canvas::white(100, 40).unwrap();
        large.title("Été", 0, 0);
        let black = |canvas: Canvas| canvas.into_picture().pixels().iter().filter(|grey| **grey == 0).count();
        assert_eq!(4 * black(small), black(large));
    }

    #[test]
    fn drawing_outside_is_cut_off() {
        let mut canvas = Canvas::white(10, 10).unwrap();
        canvas.text("abc", i32::MAX - 4, i32::MAX - 4);
        canvas.title("abc", i32::MIN + 4, -7);
        canvas.symbol(&symbol(1), -90_000, 5, u32::MAX);
        assert_eq!(canvas.into_picture().pixels().len(), 100);
    }
}
