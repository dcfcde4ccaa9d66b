//! How a panel is mounted: what is drawn is turned, and so is what is touched.

use cloison_screens::Touch;

/// How far the picture is turned on its panel, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Rotation {
    /// As the panel is.
    #[default]
    None,
    /// By 90 degrees.
    Quarter,
    /// Upside down.
    Half,
    /// By 270 degrees.
    ThreeQuarters,
}

impl Rotation {
    const ALL: [Self; 4] = [Self::None, Self::Quarter, Self::Half, Self::ThreeQuarters];

    /// Gives the degrees.
    pub(crate) fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }

    /// Finds a rotation by its degrees in digits.
    pub(crate) fn named(degrees: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rotation| rotation.degrees().to_string() == degrees)
    }

    /// Gives the next one: a picture that is upright is turned upside down, and one that lies on its side
    /// is put up.
    pub(crate) fn next(self, is_upright: bool) -> Self {
        let steps = if is_upright { 2 } else { 1 };
        Self::ALL.into_iter().cycle().skip_while(|rotation| *rotation != self).nth(steps).unwrap_or_default()
    }

    /// Gives what to try for a picture that lies on its side though nobody turned it so; nothing where
    /// that was tried.
    pub(crate) fn righted(self) -> Option<Self> {
        matches!(self, Self::None | Self::Half).then(|| self.next(false))
    }

    /// Turns a touch on the panel into one on the picture.
    pub(crate) fn turned(self, touch: Touch) -> Touch {
        match touch {
            Touch::Down(x, y) => self.at(x, y, Touch::Down),
            Touch::Move(x, y) => self.at(x, y, Touch::Move),
            Touch::Up(x, y) => self.at(x, y, Touch::Up),
        }
    }

    fn at(self, x: f32, y: f32, touch: impl Fn(f32, f32) -> Touch) -> Touch {
        match self {
            Self::None => touch(x, y),
            Self::Quarter => touch(y, 1.0 - x),
            Self::Half => touch(1.0 - x, 1.0 - y),
            Self::ThreeQuarters => touch(1.0 - y, x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The panel's corners, clockwise from the upper left.
    const CORNERS: [(f32, f32); 4] = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];

    #[test]
    fn a_picture_turned_clockwise_has_its_upper_left_corner_so_many_corners_further() {
        for (turns, rotation) in Rotation::ALL.into_iter().enumerate() {
            for corner in 0..4 {
                let (x, y) = CORNERS[(corner + turns) % 4];
                let (expected_x, expected_y) = CORNERS[corner];
                assert_eq!(rotation.turned(Touch::Down(x, y)), Touch::Down(expected_x, expected_y), "{rotation:?}");
            }
        }
    }

    #[test]
    fn every_kind_of_touch_is_turned_and_a_whole_turn_is_none() {
        for touch in [Touch::Down(0.25, 0.125), Touch::Move(0.25, 0.125), Touch::Up(0.25, 0.125)] {
            assert_eq!(Rotation::None.turned(touch), touch);
            assert_eq!(Rotation::Half.turned(Rotation::Half.turned(touch)), touch);
            assert_eq!(Rotation::Quarter.turned(Rotation::ThreeQuarters.turned(touch)), touch);
        }
        assert_eq!(Rotation::Quarter.turned(Touch::Up(0.25, 0.125)), Touch::Up(0.125, 0.75));
    }

    #[test]
    fn rotations_are_named_by_their_degrees_alone() {
        for rotation in Rotation::ALL {
            assert_eq!(Rotation::named(&rotation.degrees().to_string()), Some(rotation));
        }
        assert!(["", "45", "360", "-90", "090", "90.0"].iter().all(|name| Rotation::named(name).is_none()));
    }

    #[test]
    fn a_picture_is_turned_upside_down_or_put_up() {
        for rotation in Rotation::ALL {
            assert_eq!(rotation.next(true).degrees(), (rotation.degrees() + 180) % 360);
            assert_eq!(rotation.next(false).degrees(), (rotation.degrees() + 90) % 360);
        }
        assert_eq!(Rotation::None.righted(), Some(Rotation::Quarter));
        assert_eq!(Rotation::Half.righted(), Some(Rotation::ThreeQuarters));
        assert_eq!((Rotation::Quarter.righted(), Rotation::ThreeQuarters.righted()), (None, None), "tried once");
    }
}
