//! Single shots with random defects, each with the bytes that are in it.
//!
//! A defect's strength is drawn evenly from nothing much to more than any reader bears, so that a
//! share read of 100 % is not to be had and readers differ. The contents are printable signs in
//! byte mode: some readers turn other bytes into another encoding of theirs.

use crate::Result;
use crate::light::{Camera, Dice, Glare, Motion, Pose, Screen, Shot};
use cloison_optics::{Density, Level, Luma, Symbol};

/// The versions of QR symbols in a corpus.
pub const VERSIONS: std::ops::RangeInclusive<u8> = 5..=40;

/// What is wrong with a shot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// A little of everything, as always.
    Clean,
    /// The lens is out of focus.
    Blur,
    /// The camera looks from the side.
    Tilt,
    /// There is little light.
    Noise,
    /// A lamp is reflected.
    Glare,
    /// The screen's grid meets the sensor's.
    Moire,
    /// The camera moves.
    Motion,
    /// The screen changes while the rows are read out.
    Tear,
    /// The screen changes while the shutter is open.
    Blend,
    /// The camera compresses.
    Jpeg,
    /// The screen is dark or too bright, and the corners darker.
    Exposure,
    /// Three of these, each half as strong.
    Mixed,
}

impl Defect {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Clean,
        Self::Blur,
        Self::Tilt,
        Self::Noise,
        Self::Glare,
        Self::Moire,
        Self::Motion,
        Self::Tear,
        Self::Blend,
        Self::Jpeg,
        Self::Exposure,
        Self::Mixed,
    ];

    /// Names it in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Blur => "blur",
            Self::Tilt => "tilt",
            Self::Noise => "noise",
            Self::Glare => "glare",
            Self::Moire => "moiré",
            Self::Motion => "motion",
            Self::Tear => "tear",
            Self::Blend => "blend",
            Self::Jpeg => "jpeg",
            Self::Exposure => "exposure",
            Self::Mixed => "mixed",
        }
    }
}

/// One shot of a corpus, described and not yet taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What is wrong with it.
    pub defect: Defect,
    /// What the code holds.
    pub density: Density,
    /// What it is shown on.
    pub screen: Screen,
    /// How it is taken.
    pub shot: Shot,
    /// The camera's pixels for one module, before any tilt.
    pub module: f32,
    /// The share of the code's height that already shows the next frame.
    pub torn: f32,
    /// The share of the light that is the next frame's.
    pub blended: f32,
    /// What may be read: what the code shows, and what the next shows if there is one.
    pub contents: Vec<Vec<u8>>,
}

/// Gives the `number`-th shot of the corpus with this seed.
///
/// # Errors
/// A version is none, which [`VERSIONS`] sees to.
pub fn sample(seed: u64, number: u64) -> Result<Sample> {
    let mut dice = Dice::part(seed, number);
    let defect = Defect::ALL[(number % Defect::ALL.len() as u64) as usize];
    let version = VERSIONS.start() + dice.below(VERSIONS.count()) as u8;
    let level = if dice.chance(0.5) { Level::L } else { Level::M };
    let camera = if dice.chance(0.5) { Camera::P720 } else { Camera::P1080 };
    let screen = if dice.chance(0.5) { Screen::PANEL } else { Screen::MONITOR };
    let density = Density::new(version, level).map_err(|error| error.to_string())?;
    Ok(of(defect, density, camera, screen, &mut dice))
}

/// Describes a shot with this defect and of this code.
#[must_use]
pub fn of(defect: Defect, density: Density, camera: Camera, screen: Screen, dice: &mut Dice) -> Sample {
    let (shot, module) = placed(density, camera, screen, defect, dice);
    let contents = vec![content(density, dice)];
    let mut sample = Sample { defect, density, screen, shot, module, torn: 0.0, blended: 0.0, contents };
    sample.shot.seed = dice.roll();
    if defect == Defect::Mixed {
        (0..3).for_each(|_| sample.spoil(Defect::ALL[1 + dice.below(10)], 0.5, dice));
    } else {
        sample.spoil(defect, 1.0, dice);
    }
    if sample.torn > 0.0 || sample.blended > 0.0 {
        sample.contents.push(content(density, dice));
    }
    sample
}

/// Describes a shot without any other defect, of whose code a share already shows the next frame.
#[must_use]
pub fn torn(share: f32, density: Density, camera: Camera, screen: Screen, dice: &mut Dice) -> Sample {
    let mut sample = of(Defect::Clean, density, camera, screen, dice);
    sample.defect = Defect::Tear;
    sample.torn = share;
    sample.contents.push(content(density, dice));
    sample
}

/// Draws what fills a code: 64 printable signs, one byte each.
fn content(density: Density, dice: &mut Dice) -> Vec<u8> {
    (0..density.capacity()).map(|_| b'0' + dice.below(64) as u8).collect()
}

/// Puts the camera at a distance at which the code fits the picture.
fn placed(density: Density, camera: Camera, screen: Screen, defect: Defect, dice: &mut Dice) -> (Shot, f32) {
    let side = (density.modules() + 2 * cloison_optics::QUIET_ZONE) as f32;
    let turn = if dice.chance(0.2) { dice.around(180.0) } else { dice.around(4.0) };
    let (sin, cos) = turn.to_radians().sin_cos();
    let room = if defect == Defect::Tilt { 0.8 } else { 0.96 };
    let largest = room * camera.size().1 as f32 / side / (sin.abs() + cos.abs());
    // Most are small, where it matters.
    let module = 2.4_f32.min(largest) + dice.between(0.0, 1.0).powi(2) * (largest.min(9.0) - 2.4).max(0.0);
    let mut shot = Shot::clean(camera, screen.height, 0);
    let free = (largest - module) * side / 2.0;
    let scale = module / screen.scale(density.modules(), 1) as f32;
    let offset = (dice.around(free.clamp(0.0, 120.0)), dice.around(free.clamp(0.0, 60.0)));
    shot.pose = Pose { scale, turn, pitch: dice.around(4.0), yaw: dice.around(4.0), offset };
    shot.defocus = dice.between(0.3, 0.6);
    shot.black = dice.between(12.0, 45.0);
    shot.white = dice.between(165.0, 235.0);
    shot.vignette = dice.between(0.0, 0.25);
    shot.noise = dice.between(1.0, 4.0);
    shot.grid = dice.between(0.0, 0.2);
    (shot, module)
}

impl Sample {
    /// Adds a defect, of a strength up to `most` of what any reader bears and more.
    fn spoil(&mut self, defect: Defect, most: f32, dice: &mut Dice) {
        let strength = most * dice.between(0.1, 1.0);
        let (shot, code) = (&mut self.shot, self.module * self.density.modules() as f32);
        match defect {
            Defect::Clean | Defect::Mixed => {}
            Defect::Blur => shot.defocus = shot.defocus.max(strength * 0.75 * self.module),
            Defect::Tilt => {
                let direction = dice.around(std::f32::consts::PI);
                shot.pose.pitch = 60.0 * strength * direction.sin();
                shot.pose.yaw = 60.0 * strength * direction.cos();
            }
            Defect::Noise => shot.noise = 5.0 + 95.0 * strength,
            Defect::Glare => {
                let (width, height) = shot.camera.size();
                let at = |size: usize, dice: &mut Dice| 0.5 + dice.around(code / 2.0) / size as f32;
                let at = (at(width, dice), at(height, dice));
                let radius = strength * 0.4 * code / height as f32;
                shot.glare = Some(Glare { at, radius, strength: dice.between(80.0, 300.0) });
            }
            Defect::Moire => {
                shot.grid = 0.3 + 0.7 * strength;
                // A sharp lens lets it pass.
                shot.defocus = 0.15;
            }
            Defect::Motion => {
                shot.motion = Some(Motion { length: 2.2 * strength * self.module, direction: dice.around(180.0) });
            }
            Defect::Tear => self.torn = 0.16 * strength,
            Defect::Blend => self.blended = 0.5 * strength,
            Defect::Jpeg => shot.jpeg = Some((60.0 - 57.0 * strength) as u8),
            Defect::Exposure => {
                shot.white = if dice.chance(0.6) { shot.black + 120.0 * (1.05 - strength) } else { 255.0 + 600.0 * strength };
                shot.vignette = 0.8 * strength;
            }
        }
    }

    /// Takes the picture.
    ///
    /// # Errors
    /// The code does not fit its screen, which the corpus sees to.
    pub fn picture(&self) -> Result<Luma> {
        let symbol = |content: &Vec<u8>| Symbol::encode(content, self.density).map_err(|error| error.to_string());
        let plates: Vec<Luma> =
            self.contents.iter().map(|content| self.screen.plate(&[symbol(content)?])).collect::<Result<_>>()?;
        match &plates[..] {
            [first, second] => {
                let seam = self.seam();
                // A shutter of ten rows or so: the seam is not a knife's cut.
                let mix = |y: usize| [self.blended.max(((y as f32 - seam) / 10.0 + 0.5).clamp(0.0, 1.0)), 0.0];
                self.shot.take([&self.shot.focus(first), &self.shot.focus(second)], &mix)
            }
            [only, ..] => self.shot.picture(only),
            [] => Err("a shot shows something".into()),
        }
    }

    /// Finds the row from which the next frame is seen.
    fn seam(&self) -> f32 {
        if self.torn == 0.0 {
            return f32::INFINITY;
        }
        let (sin, cos) = self.shot.pose.turn.to_radians().sin_cos();
        let height = self.module * self.density.modules() as f32 * (sin.abs() + cos.abs());
        self.shot.camera.size().1 as f32 / 2.0 + self.shot.pose.offset.1 + height * (0.5 - self.torn)
    }
}
