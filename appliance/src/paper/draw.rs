//! Draws a layout on pixels, each of them black or white.

use super::{
    MARGIN, PaperError, WIDTH,
    layout::{Layout, Line, RULE, Style},
    text::FONT,
};
use cloison_optics::{Luma, Symbol, draw::Canvas};
use embedded_graphics::{
    Drawable, Pixel,
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Point, Size},
    mono_font::MonoTextStyle,
    pixelcolor::{Gray8, GrayColor},
    primitives::Rectangle,
    text::{Baseline, Text},
};
use std::convert::Infallible;

pub(super) fn sheet(layout: &Layout, symbol: &Symbol) -> Result<Luma, PaperError> {
    let mut canvas = Canvas::white(WIDTH, layout.height)?;
    let code = layout.code;
    canvas.symbol(symbol, pixels(code.x), pixels(code.y), code.scale);
    for rule in &layout.rules {
        bar(&mut canvas, *rule, RULE);
    }
    for line in &layout.lines {
        self::line(&mut canvas, line);
    }
    Ok(canvas.into_picture())
}

fn line(canvas: &mut Canvas, line: &Line) {
    if line.style.is_inverted() {
        bar(canvas, line.y, line.bar());
    }
    text(canvas, &line.text, (line.x, line.y), line.style);
}

fn bar(canvas: &mut Canvas, y: u32, height: u32) {
    let area = Rectangle::new(Point::new(pixels(MARGIN), pixels(y)), Size::new(WIDTH - 2 * MARGIN, height));
    // The error type has no values, so there is nothing to handle.
    let _ = canvas.fill_solid(&area, Gray8::BLACK);
}

/// Draws one line of text with its upper left corner at `at`.
pub(super) fn text(canvas: &mut Canvas, text: &str, at: (u32, u32), style: Style) {
    let colour = if style.is_inverted() { Gray8::WHITE } else { Gray8::BLACK };
    let letters = MonoTextStyle::new(&FONT, colour);
    let mut target = Enlarged { canvas, at: Point::new(pixels(at.0), pixels(at.1)), size: style.size() };
    // The error type has no values, so there is nothing to handle.
    let _ = Text::with_baseline(text, Point::zero(), letters, Baseline::Top).draw(&mut target);
}

fn pixels(length: u32) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

/// Moves a text to its place and draws each of its pixels as a square.
struct Enlarged<'a> {
    canvas: &'a mut Canvas,
    at: Point,
    size: u32,
}

impl OriginDimensions for Enlarged<'_> {
    fn size(&self) -> Size {
        self.canvas.size()
    }
}

impl DrawTarget for Enlarged<'_> {
    type Color = Gray8;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Gray8>>>(&mut self, dots: I) -> Result<(), Infallible> {
        let size = pixels(self.size);
        for Pixel(dot, colour) in dots {
            let x = self.at.x.saturating_add(dot.x.saturating_mul(size));
            let y = self.at.y.saturating_add(dot.y.saturating_mul(size));
            self.canvas.fill_solid(&Rectangle::new(Point::new(x, y), Size::new(self.size, self.size)), colour)?;
        }
        Ok(())
    }
}
