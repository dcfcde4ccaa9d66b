//! Where everything stands on a sheet, as data.

use super::{
    MARGIN, WIDTH,
    text::{FONT, balanced, visible, wrapped},
};
use cloison_optics::{QUIET_ZONE, Symbol};
use embedded_graphics::geometry::Size;

/// The pixels of a sheet between its margins.
const ROOM: u32 = WIDTH - 2 * MARGIN;
/// How far white letters stand from the left end of their bar: less than a letter.
const INSET: u32 = 10;
/// What is left white below a line, for each of its size.
const LEADING: u32 = 4;
/// The thickness of a rule.
pub(super) const RULE: u32 = 3;

/// Says how a line is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Three times as large.
    Headline,
    /// Three times as large, white on a black bar across the sheet.
    Banner,
    /// White on a black bar across the sheet.
    Heading,
    /// Twice as large.
    Title,
    /// Plain.
    Body,
}

impl Style {
    /// Gives how many pixels each of the font's is drawn with.
    pub(super) fn size(self) -> u32 {
        match self {
            Self::Headline | Self::Banner => 3,
            Self::Title => 2,
            Self::Heading | Self::Body => 1,
        }
    }

    /// Gives the size of a letter in pixels.
    fn letter(self) -> Size {
        FONT.character_size * self.size()
    }

    /// Gives the pixels from the top of a line to the top of the next.
    fn step(self) -> u32 {
        self.letter().height + LEADING * self.size()
    }

    /// Tells whether it is white on black.
    #[must_use]
    pub fn is_inverted(self) -> bool {
        matches!(self, Self::Banner | Self::Heading)
    }

    fn columns(self) -> usize {
        (ROOM / self.letter().width) as usize
    }
}

/// One line of text on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it says; every character is drawn.
    pub text: String,
    /// How it is set.
    pub style: Style,
    /// Its left edge in pixels.
    pub x: u32,
    /// Its upper edge in pixels.
    pub y: u32,
}

impl Line {
    /// Measures the text in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        let letters = u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX);
        letters.saturating_mul(self.style.letter().width)
    }

    /// Measures the letters' height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.style.letter().height
    }

    /// Measures the black bar behind the line where it is inverted, in pixels from its upper edge.
    pub(super) fn bar(&self) -> u32 {
        self.style.step()
    }
}

/// Where the card's code stands, with its white quiet zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Its left edge in pixels.
    pub x: u32,
    /// Its upper edge in pixels.
    pub y: u32,
    /// Its side in pixels.
    pub side: u32,
    /// The pixels of one module's side.
    pub scale: u32,
}

/// Everything that stands on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub(super) lines: Vec<Line>,
    pub(super) rules: Vec<u32>,
    pub(super) code: Code,
    pub(super) height: u32,
}

impl Layout {
    /// Lends the lines, from the top.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Lends the upper edges of the rules that go across the sheet.
    #[must_use]
    pub fn rules(&self) -> &[u32] {
        &self.rules
    }

    /// Tells where the code is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Gives the height of the sheet in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }
}

/// Sets a sheet from its top to its end.
pub(super) struct Column {
    lines: Vec<Line>,
    rules: Vec<u32>,
    y: u32,
}

impl Column {
    pub(super) fn new() -> Self {
        Self { lines: Vec::new(), rules: Vec::new(), y: MARGIN }
    }

    pub(super) fn gap(&mut self, pixels: u32) {
        self.y = self.y.saturating_add(pixels);
    }

    pub(super) fn rule(&mut self) {
        self.gap(8);
        self.rules.push(self.y);
        self.gap(RULE + 12);
    }

    pub(super) fn text(&mut self, text: &str, style: Style) {
        let columns = style.columns().saturating_sub(usize::from(style.is_inverted()));
        let lines = wrapped(&visible(text), columns);
        self.lines(lines, style, if style.is_inverted() { INSET } else { 0 });
    }

    /// Sets a text beside its mark: a number or a name. Its further lines are indented as its
    /// first is.
    pub(super) fn marked(&mut self, mark: &str, indent: usize, text: &str) {
        let lines = wrapped(&visible(text), Style::Body.columns().saturating_sub(indent));
        self.beside(mark, indent, lines);
    }

    /// As [`Self::marked`], with lines that are about as long as each other.
    pub(super) fn numbered(&mut self, mark: &str, indent: usize, text: &str) {
        let lines = balanced(&visible(text), Style::Body.columns().saturating_sub(indent));
        self.beside(mark, indent, lines);
    }

    fn beside(&mut self, mark: &str, indent: usize, lines: Vec<String>) {
        let marks = std::iter::once(mark).chain(std::iter::repeat(""));
        let lines = marks.zip(lines).map(|(mark, line)| format!("{mark:indent$}{line}")).collect();
        self.lines(lines, Style::Body, 0);
    }

    fn lines(&mut self, lines: Vec<String>, style: Style, inset: u32) {
        for text in lines {
            self.lines.push(Line { text, style, x: MARGIN + inset, y: self.y });
            self.gap(style.step());
        }
    }

    /// Leaves room for the code, as large as the sheet allows, in the middle.
    pub(super) fn code(&mut self, symbol: &Symbol) -> Code {
        let modules = symbol.modules() + 2 * QUIET_ZONE;
        let scale = (ROOM / modules).max(1);
        let side = modules * scale;
        let code = Code { x: WIDTH.saturating_sub(side) / 2, y: self.y, side, scale };
        self.gap(side);
        code
    }

    pub(super) fn end(self, code: Code) -> Layout {
        Layout { lines: self.lines, rules: self.rules, code, height: self.y.saturating_add(MARGIN) }
    }
}
