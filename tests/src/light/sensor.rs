//! What the sensor makes of the light: exposure, falling off to the corners, a reflection, noise.

use crate::light::{Dice, Shot};
use std::sync::LazyLock;

/// Draws of the normal distribution; rows begin at random places in it.
static NOISE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut dice = Dice::new(0x006e_6f69_7365);
    (0..1 << 16).map(|_| dice.normal()).collect()
});

pub(super) struct Sensor {
    black: f32,
    gain: f32,
    vignette: f32,
    noise: f32,
    /// The square of each column's distance from the centre, 1 at the edges.
    across: Vec<f32>,
    height: usize,
    /// The reflection, column by column and row by row.
    glare: Option<(Vec<f32>, Vec<f32>)>,
    dice: Dice,
}

impl Sensor {
    pub(super) fn new(shot: &Shot, dice: Dice) -> Self {
        let (width, height) = shot.camera.size();
        let bell = |at: usize, centre: f32, radius: f32| (-((at as f32 - centre) / radius.max(1.0)).powi(2) / 2.0).exp();
        let glare = shot.glare.map(|glare| {
            let radius = glare.radius * height as f32;
            let across = (0..width).map(|x| glare.strength * bell(x, glare.at.0 * width as f32, radius)).collect();
            let down = (0..height).map(|y| bell(y, glare.at.1 * height as f32, radius)).collect();
            (across, down)
        });
        Self {
            black: shot.black,
            gain: (shot.white - shot.black) / 255.0,
            vignette: shot.vignette / 2.0,
            noise: shot.noise,
            across: (0..width).map(|x| off_centre(x, width)).collect(),
            height,
            glare,
            dice,
        }
    }

    /// Turns a row of light into greys.
    pub(super) fn expose(&mut self, y: usize, light: &[f32], row: &mut [u8]) {
        let down = off_centre(y, self.height);
        let glare = self.glare.as_ref().map(|(across, rows)| (across, rows[y])).filter(|(_, strength)| *strength > 0.001);
        let start = self.dice.below(NOISE.len() - light.len());
        let noise = &NOISE[start..start + light.len()];
        let mut greys = [0.0_f32; 1920];
        for (((grey, light), across), noise) in greys.iter_mut().zip(light).zip(&self.across).zip(noise) {
            let fallen = light * self.gain * (1.0 - self.vignette * (across + down)) + self.black;
            // Photons come at random: half of the noise grows with the square root of the light.
            let shot = 0.5 + 0.5 * (fallen.max(0.0) / 128.0).sqrt();
            *grey = fallen + self.noise * shot * noise;
        }
        if let Some((across, strength)) = glare {
            greys.iter_mut().zip(across).for_each(|(grey, across)| *grey += across * strength);
        }
        row.iter_mut().zip(greys).for_each(|(pixel, grey)| *pixel = nearest(grey));
    }
}

/// Rounds to the nearest grey; adding 2²³ leaves a single no bits for a fraction, which is many
/// times faster than a cast that checks.
pub(super) fn nearest(grey: f32) -> u8 {
    (grey.clamp(0.0, 255.0) + 8_388_608.0).to_bits() as u8
}

fn off_centre(at: usize, size: usize) -> f32 {
    let half = size as f32 / 2.0;
    ((at as f32 - half) / half).powi(2)
}
