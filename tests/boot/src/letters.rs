//! Text as the kiosk draws it: the same fonts, drawn by the same crate, so that it is found by its
//! own pixels.

use cloison_tests::Result;
use std::ops::Range;
use swash::{
    FontRef,
    scale::{Render, ScaleContext, Source, image::Image},
    shape::ShapeContext,
    zeno::{Format, Vector},
};

const PLAIN: &[u8] = include_bytes!("../../../appliance/screens/fonts/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("../../../appliance/screens/fonts/DejaVuSans-Bold.ttf");

/// How a text looks: its size in pixels, and whether it is bold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) size: u8,
    pub(crate) bold: bool,
}

/// Those of the labels of buttons, on the small screen.
pub(crate) const BUTTONS: [Style; 2] = [Style { size: 17, bold: true }, Style { size: 15, bold: true }];
/// Those of all else.
pub(crate) const TEXTS: [Style; 10] = [
    Style { size: 23, bold: true },
    Style { size: 18, bold: false },
    Style { size: 20, bold: true },
    Style { size: 17, bold: false },
    Style { size: 15, bold: false },
    Style { size: 15, bold: true },
    Style { size: 17, bold: true },
    Style { size: 21, bold: true },
    Style { size: 21, bold: false },
    Style { size: 34, bold: true },
];

/// How much of each point is covered by ink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ink {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) covered: Vec<u8>,
}

/// Draws one line of text, beginning at `phase` quarters of a pixel.
pub(crate) fn draw(text: &str, style: Style, phase: u8) -> Result<Ink> {
    let font = FontRef::from_index(if style.bold { BOLD } else { PLAIN }, 0).ok_or("the font cannot be read")?;
    let glyphs = placed(text, font, style, f32::from(phase) / 4.0);
    let mut images = Vec::new();
    let mut context = ScaleContext::new();
    let mut scaler = context.builder(font).size(f32::from(style.size)).build();
    for (glyph, at) in glyphs {
        let (whole, part) = quarters(at);
        let mut render = Render::new(&[Source::Outline]);
        let drawn = render.format(Format::Alpha).offset(Vector::new(part, 0.0)).render(&mut scaler, glyph);
        images.extend(drawn.map(|image| (whole, image)));
    }
    Ok(joined(&images))
}

/// Places the glyphs of a text.
fn placed(text: &str, font: FontRef<'_>, style: Style, begin: f32) -> Vec<(u16, f32)> {
    let mut context = ShapeContext::new();
    let mut shaper = context.builder(font).size(f32::from(style.size)).build();
    shaper.add_str(text);
    let (mut at, mut all) = (begin, Vec::new());
    shaper.shape_with(|cluster| {
        for glyph in cluster.glyphs {
            all.push((glyph.id, at + glyph.x));
            at += glyph.advance;
        }
    });
    all
}

/// Splits a place into whole pixels and quarters, as the kiosk's renderer does.
#[allow(clippy::cast_possible_truncation, reason = "places are within a screen")]
fn quarters(at: f32) -> (i32, f32) {
    let quarters = (at * 4.0).round() as i32;
    let part = [0.0, 0.25, 0.5, 0.75][usize::try_from(quarters.rem_euclid(4)).unwrap_or(0)];
    (quarters.div_euclid(4), part)
}

/// Puts the pictures of glyphs onto one, cut to its ink.
fn joined(images: &[(i32, Image)]) -> Ink {
    let boxes = || {
        images.iter().filter(|(_, image)| image.placement.width > 0).map(|(at, image)| {
            let place = image.placement;
            let size = [place.width, place.height].map(|size| i32::try_from(size).unwrap_or(0));
            ([at + place.left, -place.top], size)
        })
    };
    let edge = |axis: usize| boxes().map(|(from, _)| from[axis]).min().unwrap_or(0);
    let far = |axis: usize| boxes().map(|(from, size)| from[axis] + size[axis]).max().unwrap_or(0);
    let (left, top) = (edge(0), edge(1));
    let size = |axis: usize, from: i32| usize::try_from(far(axis) - from).unwrap_or(0);
    let mut ink = Ink { width: size(0, left), height: size(1, top), covered: Vec::new() };
    ink.covered = vec![0; ink.width * ink.height];
    for (([x, y], [width, _]), (_, image)) in boxes().zip(images.iter().filter(|(_, image)| image.placement.width > 0)) {
        let width = usize::try_from(width).unwrap_or(1);
        for (row, line) in (0..).zip(image.data.chunks(width)) {
            for (column, value) in (0..).zip(line) {
                ink.cover(x - left + column, y - top + row, *value);
            }
        }
    }
    ink
}

impl Ink {
    /// Tells whether there is ink worth comparing in these columns.
    pub(crate) fn has_letters(&self, columns: Range<usize>) -> bool {
        let covered = |line: &[u8]| line[columns.clone()].iter().filter(|covered| **covered > 190).count();
        self.covered.chunks_exact(self.width).map(covered).sum::<usize>() >= self.height
    }

    fn cover(&mut self, x: i32, y: i32, value: u8) {
        let place = usize::try_from(y).ok().zip(usize::try_from(x).ok()).map(|(y, x)| y * self.width + x);
        if let Some(point) = place.and_then(|place| self.covered.get_mut(place)) {
            *point = point.saturating_add(value);
        }
    }
}
