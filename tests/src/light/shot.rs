//! The description of one picture, and its taking.

use crate::Result;
use crate::light::lens::{Plate, View};
use crate::light::sensor::Sensor;
use crate::light::{Dice, jpeg};
use cloison_optics::Luma;

/// A camera's picture size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Camera {
    /// 1280×720.
    P720,
    /// 1920×1080.
    P1080,
}

impl Camera {
    /// Gives the width and height in pixels.
    #[must_use]
    pub fn size(self) -> (usize, usize) {
        match self {
            Self::P720 => (1280, 720),
            Self::P1080 => (1920, 1080),
        }
    }

    /// Names it by its height.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P720 => "720p",
            Self::P1080 => "1080p",
        }
    }
}

/// Where the camera stands and looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Camera pixels for one pixel of the screen, at its centre: the distance.
    pub scale: f32,
    /// The rotation in the picture's plane, in degrees.
    pub turn: f32,
    /// The tilt about the picture's horizontal, in degrees.
    pub pitch: f32,
    /// The tilt about the picture's vertical, in degrees.
    pub yaw: f32,
    /// How far the screen's centre is from the picture's, in camera pixels.
    pub offset: (f32, f32),
}

/// A straight movement during the exposure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// Its length in camera pixels.
    pub length: f32,
    /// Its direction in degrees.
    pub direction: f32,
}

/// A lamp's reflection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glare {
    /// Its centre, as a share of the picture's width and height.
    pub at: (f32, f32),
    /// Its radius (one standard deviation), as a share of the picture's height.
    pub radius: f32,
    /// The greys that it adds at its centre.
    pub strength: f32,
}

/// Everything that makes one picture what it is, beside what is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shot {
    /// The picture's size.
    pub camera: Camera,
    /// Where the camera stands.
    pub pose: Pose,
    /// The blur of the lens: one standard deviation, in camera pixels.
    pub defocus: f32,
    /// The movement during the exposure.
    pub motion: Option<Motion>,
    /// How dark the gaps between the screen's pixels are, 0 to 1; with the sensor's own grid they
    /// make moiré.
    pub grid: f32,
    /// What a black screen gives, in greys.
    pub black: f32,
    /// What a white screen gives, in greys; above 255 it is overexposed.
    pub white: f32,
    /// The share of light that is lost in the corners.
    pub vignette: f32,
    /// A reflection.
    pub glare: Option<Glare>,
    /// The sensor's noise at middle grey: one standard deviation, in greys.
    pub noise: f32,
    /// The quality of the JPEG that the camera makes of it, 1 to 100.
    pub jpeg: Option<u8>,
    /// What the noise is drawn from.
    pub seed: u64,
}

/// How much of the second and of the third plate a row of the picture shows; the rest is the first.
type Mix<'a> = &'a dyn Fn(usize) -> [f32; 2];

impl Shot {
    /// Describes a sharp, straight and well lit picture whose height is filled to nine tenths by
    /// `height` pixels of the screen.
    #[must_use]
    pub fn clean(camera: Camera, height: u32, seed: u64) -> Self {
        let scale = 0.9 * camera.size().1 as f32 / height as f32;
        let pose = Pose { scale, turn: 0.0, pitch: 0.0, yaw: 0.0, offset: (0.3, -0.4) };
        Self {
            camera,
            pose,
            defocus: 0.4,
            motion: None,
            grid: 0.0,
            black: 30.0,
            white: 215.0,
            vignette: 0.1,
            glare: None,
            noise: 2.0,
            jpeg: None,
            seed,
        }
    }

    /// Lets the lens act on what is shown; a film does it once for several pictures.
    #[must_use]
    pub fn focus(&self, shown: &Luma) -> Plate {
        Plate::new(shown, self)
    }

    /// Takes a picture of one plate.
    ///
    /// # Errors
    /// See [`Self::take`].
    pub fn picture(&self, shown: &Luma) -> Result<Luma> {
        self.take([&self.focus(shown)], &|_| [0.0; 2])
    }

    /// Takes a picture during which the screen changed: `mix` says what each row saw.
    ///
    /// # Errors
    /// The picture cannot be held, which no camera here brings about.
    pub fn take<const N: usize>(&self, plates: [&Plate; N], mix: Mix<'_>) -> Result<Luma> {
        let (width, height) = self.camera.size();
        let mut pixels = vec![0; width * height];
        let mut sensor = Sensor::new(self, Dice::part(self.seed, 1));
        if let Some(first) = plates.first() {
            let mut view = View::new(self, first);
            for (y, row) in pixels.chunks_exact_mut(width).enumerate() {
                let [second, third] = mix(y);
                let shares = [1.0 - second - third, second, third];
                sensor.expose(y, view.row(y, &plates, shares), row);
            }
        }
        if let Some(quality) = self.jpeg {
            jpeg::squeeze(&mut pixels, width, quality);
        }
        Luma::new(width as u32, height as u32, pixels).map_err(|error| error.to_string())
    }
}
