//! Symbols seen by a camera that is tilted, out of focus and noisy.
//!
//! The camera is a model: a perspective map, linear sampling, a blur, noise. It says that the
//! pieces work together at a stated rate; it does not replace photographs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloison_optics::{Density, Level, Luma, Symbol, read};

/// Describes one camera frame of 1280×720.
#[derive(Clone, Copy, Debug)]
struct Shot {
    /// The rotation in the picture's plane, in degrees.
    turn: f64,
    /// How much nearer the right edge is than the left: 0.2 is a tilt of about 25 degrees.
    tilt: f64,
    /// How often a 3×3 mean is taken.
    blur: u32,
    /// The largest deviation of a pixel.
    noise: i32,
}

/// Draws numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 8
    }

    fn within(&mut self, most: i32) -> i32 {
        (self.roll() % (2 * most as u64 + 1)) as i32 - most
    }
}

/// Takes a picture of a plate whose height fills most of the frame.
fn shoot(plate: &Luma, shot: Shot, dice: &mut Dice) -> Luma {
    let (width, height) = (1280_u32, 720_u32);
    let side = f64::from(plate.width());
    let (sin, cos) = shot.turn.to_radians().sin_cos();
    let scale = side / (0.86 * f64::from(height)) * (sin.abs() + cos.abs()).max(1.0);
    let mut pixels = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (f64::from(x) - 640.3, f64::from(y) - 359.6);
            let depth = 1.0 + shot.tilt * u / 640.0;
            let (u, v) = (u * scale / depth, v * scale / depth);
            let at = (cos * u - sin * v + side / 2.0, sin * u + cos * v + side / 2.0);
            pixels.push(sample(plate, at));
        }
    }
    for _ in 0..shot.blur {
        pixels = mean(&pixels, width as usize);
    }
    for grey in &mut pixels {
        let exposed = 40 + i32::from(*grey) * 180 / 255 + dice.within(shot.noise);
        *grey = exposed.clamp(0, 255) as u8;
    }
    Luma::new(width, height, pixels).unwrap()
}

/// Samples linearly; around the plate lies a grey table.
fn sample(plate: &Luma, (x, y): (f64, f64)) -> u8 {
    let side = plate.width() as i64;
    let grey = |x: i64, y: i64| {
        let inside = (0..side).contains(&x) && (0..side).contains(&y);
        f64::from(if inside { plate.pixels()[(y * side + x) as usize] } else { 110 })
    };
    let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
    let (a, b) = (x - 0.5 - left, y - 0.5 - top);
    let (left, top) = (left as i64, top as i64);
    let upper = grey(left, top) * (1.0 - a) + grey(left + 1, top) * a;
    let lower = grey(left, top + 1) * (1.0 - a) + grey(left + 1, top + 1) * a;
    (upper * (1.0 - b) + lower * b).round() as u8
}

fn mean(pixels: &[u8], width: usize) -> Vec<u8> {
    let at = |index: usize, dx: isize, dy: isize| {
        let near = index as isize + dx + dy * width as isize;
        u32::from(*pixels.get(near as usize).unwrap_or(&pixels[index]))
    };
    let around = [(-1, -1), (0, -1), (1, -1), (-1, 0), (0, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
    let nine = |index| around.iter().map(|(dx, dy)| at(index, *dx, *dy)).sum::<u32>();
    (0..pixels.len()).map(|index| (nine(index) / 9) as u8).collect()
}

/// Counts how many of ten shots of a version are read, each with another content.
fn read_of_ten(version: u8, level: Level, shot: Shot) -> usize {
    let density = Density::new(version, level).unwrap();
    (0..10_u64)
        .filter(|number| {
            let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (number + 1) << 20);
            let data: Vec<u8> = (0..density.capacity()).map(|_| dice.roll() as u8).collect();
            let plate = Symbol::encode(&data, density).unwrap().picture(6);
            let turn = shot.turn + *number as f64 / 10.0;
            let found = read(&shoot(&plate, Shot { turn, ..shot }, &mut dice));
            assert!(found.is_empty() || found == [data], "wrong bytes from {shot:?}");
            !found.is_empty()
        })
        .count()
}

#[test]
fn a_sharp_and_straight_camera_reads_everything_up_to_version_25() {
    for version in [5, 10, 20, 25] {
        let shot = Shot { turn: 0.0, tilt: 0.0, blur: 0, noise: 4 };
        assert_eq!(read_of_ten(version, Level::L, shot), 10, "version {version}");
    }
}

#[test]
fn a_turned_camera_reads_nine_of_ten() {
    for turn in [7.0, 33.0, 90.0, 200.0] {
        let shot = Shot { turn, tilt: 0.0, blur: 0, noise: 8 };
        let count = read_of_ten(15, Level::L, shot);
        assert!(count >= 9, "{count} of 10 at {turn} degrees");
    }
}

#[test]
fn a_tilted_blurred_and_noisy_camera_reads_eight_of_ten() {
    for (version, tilt, blur, noise) in [(10, 0.2, 1, 15), (15, 0.15, 1, 20), (20, 0.1, 1, 10)] {
        let shot = Shot { turn: 4.0, tilt, blur, noise };
        let count = read_of_ten(version, Level::M, shot);
        assert!(count >= 8, "{count} of 10 at version {version}");
    }
}

#[test]
fn strong_noise_is_answered_by_the_prepared_pictures() {
    let shot = Shot { turn: 3.0, tilt: 0.05, blur: 0, noise: 70 };
    let count = read_of_ten(10, Level::M, shot);
    assert!(count >= 8, "{count} of 10");
}
