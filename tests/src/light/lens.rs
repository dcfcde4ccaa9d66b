//! The way of the light from the screen to the sensor: blur, then a perspective map.
//!
//! Blur acts before the sensor samples, so it is laid over the plate, which has fewer pixels; a
//! sensor pixel's own width is part of it. Around the plate lies a dark frame, around that a table.

use crate::light::Shot;
use crate::light::sensor::nearest;
use cloison_optics::Luma;

/// The width of the frame, and of the strip of table around it, in the screen's pixels.
const FRAME: usize = 16;
const FRAME_GREY: f32 = 20.0;
const TABLE_GREY: f32 = 105.0;
const MARGIN: usize = 3 * FRAME;

/// What of a screen's light passes the lens: a plate, its surroundings, blurred.
pub struct Plate {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Plate {
    pub(super) fn new(shown: &Luma, shot: &Shot) -> Self {
        let (width, height) = (shown.width() as usize + 2 * MARGIN, shown.height() as usize + 2 * MARGIN);
        let mut light = surrounded(shown, width, height);
        let scale = shot.pose.scale.max(0.01);
        if let Some(motion) = shot.motion {
            // The movement is the camera's: in the screen's plane it is turned back.
            let (sin, cos) = (motion.direction - shot.pose.turn).to_radians().sin_cos();
            light = smeared(&light, width, motion.length / scale * cos, motion.length / scale * sin);
        }
        let light = softened(&light, width, spread(shot));
        Self { width, height, pixels: light.iter().map(|grey| nearest(*grey)).collect() }
    }
}

/// Gives one standard deviation of lens and pixel together, in the screen's pixels.
fn spread(shot: &Shot) -> f32 {
    (shot.defocus.powi(2) + 1.0 / 12.0).sqrt() / shot.pose.scale.max(0.01)
}

fn surrounded(shown: &Luma, width: usize, height: usize) -> Vec<f32> {
    let mut light = vec![TABLE_GREY; width * height];
    let rows = light.chunks_exact_mut(width).skip(MARGIN - FRAME).take(height - 2 * (MARGIN - FRAME));
    rows.for_each(|row| row[MARGIN - FRAME..width - MARGIN + FRAME].fill(FRAME_GREY));
    let rows = light.chunks_exact_mut(width).skip(MARGIN);
    for (row, pixels) in rows.zip(shown.pixels().chunks_exact(shown.width() as usize)) {
        row[MARGIN..width - MARGIN].iter_mut().zip(pixels).for_each(|(light, grey)| *light = f32::from(*grey));
    }
    light
}

/// Takes the mean along a line; steps of half a pixel, to whole pixels.
fn smeared(light: &[f32], width: usize, dx: f32, dy: f32) -> Vec<f32> {
    let steps = (2.0 * dx.hypot(dy)).ceil().max(1.0) as i32;
    let mut sum = vec![0.0; light.len()];
    for step in 0..=steps {
        let along = step as f32 / steps as f32 - 0.5;
        let shift = (along * dy).round() as isize * width as isize + (along * dx).round() as isize;
        let (from, to) = (shift.max(0) as usize, (-shift).max(0) as usize);
        let (from, to) = (from.min(light.len()), to.min(light.len()));
        let inner = light.len() - from.max(to);
        sum[to..to + inner].iter_mut().zip(&light[from..]).for_each(|(sum, light)| *sum += light);
        // From beyond the edge comes the table's light.
        sum[..to].iter_mut().for_each(|sum| *sum += TABLE_GREY);
        sum[to + inner..].iter_mut().for_each(|sum| *sum += TABLE_GREY);
    }
    sum.iter().map(|sum| sum / (steps + 1) as f32).collect()
}

/// Blurs with a Gaussian, columns first, then rows; the outermost strip stays as it is.
fn softened(light: &[f32], width: usize, sigma: f32) -> Vec<f32> {
    let radius = ((3.0 * sigma).ceil() as usize).clamp(1, MARGIN - 1);
    let weights: Vec<f32> = (0..=2 * radius).map(|at| bell(at as f32 - radius as f32, sigma)).collect();
    let total: f32 = weights.iter().sum();
    let weights: Vec<f32> = weights.iter().map(|weight| weight / total).collect();
    let down = convolved(light, &weights, radius, width);
    convolved(&down, &weights, radius, 1)
}

fn bell(at: f32, sigma: f32) -> f32 {
    (-at * at / (2.0 * sigma * sigma).max(1e-6)).exp()
}

/// Sums neighbours that are `step` apart; what wraps round a row's end is table on both sides.
fn convolved(light: &[f32], weights: &[f32], radius: usize, step: usize) -> Vec<f32> {
    let mut sum = light.to_vec();
    let reach = 2 * radius * step;
    let Some(inner) = light.len().checked_sub(reach) else { return sum };
    // A few thousand at a time, which stay in the nearest cache.
    let target = &mut sum[radius * step..radius * step + inner];
    for (start, part) in target.chunks_mut(4096).enumerate().map(|(number, part)| (number * 4096, part)) {
        part.fill(0.0);
        for (number, weight) in weights.iter().enumerate() {
            let source = &light[start + number * step..];
            part.iter_mut().zip(source).for_each(|(sum, light)| *sum += weight * light);
        }
    }
    sum
}

/// The map from the camera's pixels to a plate's, row by row.
pub(super) struct View {
    map: [f32; 9],
    across: Vec<u32>,
    down: Vec<u32>,
    light: Vec<f32>,
    grid: Option<Grid>,
    size: (usize, usize),
}

impl View {
    pub(super) fn new(shot: &Shot, plate: &Plate) -> Self {
        let width = shot.camera.size().0;
        let map = inverse(projection(shot, plate)).map(|number| number as f32);
        let grid = (shot.grid > 0.0).then(|| Grid::new(shot));
        let size = (plate.width, plate.height);
        Self { map, across: vec![0; width], down: vec![0; width], light: vec![0.0; width], grid, size }
    }

    /// Gives the light that falls on a row of the sensor.
    pub(super) fn row(&mut self, y: usize, plates: &[&Plate], shares: [f32; 3]) -> &[f32] {
        self.places(y);
        self.light.fill(0.0);
        for (plate, share) in plates.iter().zip(shares) {
            if share > 0.0 {
                self.add(plate, share);
            }
        }
        if let Some(grid) = &self.grid {
            for ((light, u), v) in self.light.iter_mut().zip(&self.across).zip(&self.down) {
                *light *= grid.across[(u & 255) as usize] + grid.down[(v & 255) as usize];
            }
        }
        &self.light
    }

    /// Computes where in the plate each pixel of a row looks, in 256ths of a pixel.
    fn places(&mut self, y: usize) {
        let [a, b, c, d, e, f, g, h, i] = self.map;
        let y = y as f32 + 0.5;
        let (c, f, i) = (b * y + c, e * y + f, h * y + i);
        let right = (self.size.0 * 256 - 512) as f32;
        let bottom = (self.size.1 * 256 - 512) as f32;
        for (x, (u, v)) in self.across.iter_mut().zip(&mut self.down).enumerate() {
            let x = x as f32 + 0.5;
            let depth = 256.0 / (g * x + i);
            *u = whole(((a * x + c) * depth - 128.0).clamp(0.0, right));
            *v = whole(((d * x + f) * depth - 128.0).clamp(0.0, bottom));
        }
    }

    /// Adds a plate's light, sampled linearly.
    fn add(&mut self, plate: &Plate, share: f32) {
        let share = share / 65536.0;
        let width = plate.width;
        for ((light, u), v) in self.light.iter_mut().zip(&self.across).zip(&self.down) {
            let at = (v >> 8) as usize * width + (u >> 8) as usize;
            let (Some(&[a, b]), Some(&[c, d])) = (pair(&plate.pixels, at), pair(&plate.pixels, at + width)) else { continue };
            let (u, v) = (u & 255, v & 255);
            let upper = u32::from(a) * (256 - u) + u32::from(b) * u;
            let lower = u32::from(c) * (256 - u) + u32::from(d) * u;
            *light += (upper * (256 - v) + lower * v) as i32 as f32 * share;
        }
    }
}

/// Rounds a number from 0 to 2²³; see [`crate::light::sensor::nearest`].
fn whole(number: f32) -> u32 {
    (number + 8_388_608.0).to_bits() & 0x007f_ffff
}

fn pair(pixels: &[u8], at: usize) -> Option<&[u8; 2]> {
    pixels.get(at..)?.first_chunk()
}

/// The screen's pixel grid: gaps between pixels both ways, three stripes a pixel across, as far as
/// lens and sensor pixel let them pass. Where camera pixels are near a multiple, moiré comes.
struct Grid {
    across: [f32; 256],
    down: [f32; 256],
}

impl Grid {
    fn new(shot: &Shot) -> Self {
        let once = shot.grid * passed(shot, 1.0);
        let thrice = 0.5 * shot.grid * passed(shot, 3.0);
        // Places are counted from the middle of a pixel, so a gap is in the middle of the table.
        let angle = |at: usize| at as f32 / 256.0 * std::f32::consts::TAU;
        let across = |at: usize| 0.5 - 0.25 * once * (1.0 - angle(at).cos()) - 0.25 * thrice * (1.0 - (3.0 * angle(at)).cos());
        let down = |at: usize| 0.5 - 0.25 * once * (1.0 - angle(at).cos());
        Self { across: std::array::from_fn(across), down: std::array::from_fn(down) }
    }
}

/// Tells how much of a pattern of `cycles` in one screen pixel passes the lens and a sensor pixel.
fn passed(shot: &Shot, cycles: f32) -> f32 {
    let cycles = std::f32::consts::PI * cycles / shot.pose.scale.max(0.01);
    let lens = (-2.0 * (cycles * shot.defocus).powi(2)).exp();
    lens * (cycles.sin() / cycles)
}

/// Projects a plate's place to the camera's pixels: a matrix for homogeneous coordinates.
fn projection(shot: &Shot, plate: &Plate) -> [f64; 9] {
    let (width, height) = shot.camera.size();
    let pose = shot.pose;
    // About 45 degrees from side to side, as webcams have.
    let focal = 1.2 * width as f64;
    let distance = focal / f64::from(pose.scale);
    let (s, c) = f64::from(pose.turn).to_radians().sin_cos();
    let (sp, cp) = f64::from(pose.pitch).to_radians().sin_cos();
    let (sy, cy) = f64::from(pose.yaw).to_radians().sin_cos();
    // The first two columns of turn · pitch · yaw.
    let first = [c * cy - s * sp * sy, s * cy + c * sp * sy, -cp * sy];
    let second = [-s * cp, c * cp, sp];
    let (u, v) = (plate.width as f64 / 2.0, plate.height as f64 / 2.0);
    let third: [f64; 3] = std::array::from_fn(|i| [0.0, 0.0, distance][i] - first[i] * u - second[i] * v);
    let centre = [width as f64 / 2.0 + f64::from(pose.offset.0), height as f64 / 2.0 + f64::from(pose.offset.1)];
    let line = |axis: usize| [first, second, third].map(|column: [f64; 3]| focal * column[axis] + centre[axis] * column[2]);
    let ([a, b, c], [d, e, f]) = (line(0), line(1));
    [a, b, c, d, e, f, first[2], second[2], third[2]]
}

/// Inverts a matrix up to a factor, which homogeneous coordinates do not have.
fn inverse([a, b, c, d, e, f, g, h, i]: [f64; 9]) -> [f64; 9] {
    let whole = [
        e * i - f * h,
        c * h - b * i,
        b * f - c * e,
        f * g - d * i,
        a * i - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    ];
    // So that the camera's centre has a depth of about one and single precision suffices.
    let factor = whole[8].abs().max(f64::MIN_POSITIVE);
    whole.map(|number| number / factor)
}
