//! Draws symbols and words onto a plain pixel buffer, for screens, labels and printed cards.
//!
//! [`Canvas`] is an `embedded-graphics` target, so that callers can draw lines and shapes on it
//! too. Words are set in a fixed-width font with the accents of western European languages. It
//! does not shorten words: what does not fit is an error, never cut off.

use crate::{Luma, PictureError, Symbol, SymbolError};
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

/// Draws a whole screen: the symbol at the left as large as it can be, words at its right.
///
/// The first caption line is the title. Lines are wrapped between words.
///
/// # Errors
/// The symbol does not fit at one pixel a module, the caption does not fit beside it, or the
/// plate is empty or too large.
pub fn plate(width: u32, height: u32, symbol: &Symbol, caption: &[&str]) -> Result<Luma, SymbolError> {
    let needed = symbol.side();
    let scale = width.min(height) / needed;
    if scale == 0 {
        return Err(SymbolError::NoRoom { needed, width, height });
    }
    let mut canvas = Canvas::white(width, height)?;
    let side = needed * scale;
    canvas.symbol(symbol, 0, ((height - side) / 2) as i32, scale);
    let room = (width - side).saturating_sub(CHARACTER_WIDTH);
    if !words(&mut canvas, caption, side, room) {
        return Err(SymbolError::Caption { width: room, height });
    }
    Ok(canvas.into_picture())
}

/// Sets a caption into the column at `x` and tells whether all of it fitted.
fn words(canvas: &mut Canvas, caption: &[&str], x: u32, room: u32) -> bool {
    let mut y = LINE_HEIGHT;
    for (number, paragraph) in caption.iter().enumerate() {
        let size = if number == 0 { 2 } else { 1 };
        let columns = (room / (CHARACTER_WIDTH * size)) as usize;
        if columns == 0 {
            return false;
        }
        for line in wrapped(paragraph, columns) {
            let below = y + LINE_HEIGHT * size;
            if below > canvas.picture.height() {
                return false;
            }
            match size {
                2 => canvas.title(&line, x as i32, y as i32),
                _ => canvas.text(&line, x as i32, y as i32),
            }
            y = below;
        }
        y += LINE_HEIGHT / 2;
    }
    true
}

/// Breaks a paragraph into lines of at most `columns` characters, within a word only if it is
/// longer than a line.
fn wrapped(paragraph: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length <= columns {
            used += 1 + length;
            push(&mut lines, ' ');
            word.chars().for_each(|sign| push(&mut lines, sign));
            continue;
        }
        if used > 0 {
            lines.push(String::new());
        }
        used = 0;
        for sign in word.chars() {
            if used == columns {
                lines.push(String::new());
                used = 0;
            }
            push(&mut lines, sign);
            used += 1;
        }
    }
    lines
}

/// Adds a character to the last line.
fn push(lines: &mut [String], sign: char) {
    if let Some(line) = lines.last_mut() {
        line.push(sign);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Density, Level, read};

    fn symbol(version: u8) -> Symbol {
        Symbol::encode(b"plate", Density::new(version, Level::L).unwrap()).unwrap()
    }

    #[test]
    fn lines_break_between_words_and_within_endless_ones() {
        assert_eq!(wrapped("un deux trois", 7), ["un deux", "trois"]);
        assert_eq!(wrapped("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrapped("élève", 5), ["élève"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn a_plate_is_read_back_and_its_words_are_black_on_white() {
        let picture = plate(800, 480, &symbol(25), &["Requête", "Montrez à la caméra"]).unwrap();
        assert_eq!((picture.width(), picture.height()), (800, 480));
        assert_eq!(read(&picture), [b"plate"]);
        let right = picture.rows().flat_map(|row| &row[375..]);
        assert!(right.filter(|grey| **grey == 0).count() > 500);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let room = plate(184, 480, &symbol(40), &[]).unwrap_err();
        assert_eq!(room, SymbolError::NoRoom { needed: 185, width: 184, height: 480 });
        assert!(plate(185, 185, &symbol(40), &[]).is_ok());
        let caption = plate(185, 185, &symbol(40), &["x"]).unwrap_err();
        assert_eq!(caption, SymbolError::Caption { width: 0, height: 185 });
        let long = "mot ".repeat(500);
        assert!(matches!(plate(800, 480, &symbol(5), &["Titre", &long]), Err(SymbolError::Caption { .. })));
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
