//! What gives frames, whatever it is, and what can be wrong with it.

use super::Exposure;
use super::convert::Shape;
use std::os::fd::BorrowedFd;

/// Gives frames in some format.
pub(super) trait Feed {
    /// Waits for the parent to ask or to end, and lets go of frames that nobody asked for.
    fn idle(&mut self, input: BorrowedFd<'_>) -> Result<(), Fault>;

    /// Lends the newest frame that was not lent yet, and waits for it where there is none.
    fn newest(&mut self) -> Result<(Shape, &[u8]), Fault>;

    /// Tells how many frames were damaged since this was last asked.
    fn damaged(&mut self) -> u32;

    /// Sets the exposure for the frames to come where that can be done; `None` leaves it to the device.
    fn expose(&mut self, step: Option<i8>);

    /// Tells how the exposure can be set.
    fn exposure(&self) -> Option<Exposure>;

    /// Tells whether its frames come from a sensor, so that they hold noise.
    fn is_sensor(&self) -> bool;
}

/// Says why there is no frame, or no noise in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no such device or folder.
    Absent,
    /// The process may not open it.
    Denied,
    /// Another process uses it.
    Busy,
    /// It gives no frames in a format that is understood.
    Unusable,
    /// The process could not confine itself.
    Unconfined,
    /// It was there and has gone.
    Unplugged,
    /// It gives no frames any more.
    Stalled,
    /// All of its last frames were damaged.
    Damaged,
    /// The folder has no pictures.
    Empty,
    /// Its pictures come from no sensor.
    Noiseless,
}

impl Fault {
    pub(super) const ALL: [Self; 10] = [
        Self::Absent,
        Self::Denied,
        Self::Busy,
        Self::Unusable,
        Self::Unconfined,
        Self::Unplugged,
        Self::Stalled,
        Self::Damaged,
        Self::Empty,
        Self::Noiseless,
    ];

    /// Tells whether the child ends after it said so. With the others, the next frame may be good.
    pub(super) fn ends(self) -> bool {
        !matches!(self, Self::Damaged | Self::Empty | Self::Noiseless)
    }

    pub(super) fn code(self) -> u8 {
        // The order of `ALL`, from 1.
        self as u8 + 1
    }

    pub(super) fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.code() == code)
    }
}
