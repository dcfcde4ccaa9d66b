//! Touch screens, by their event devices: no library of the system, no keyboard, and so no keys that
//! lead anywhere.

use crate::{rotation::Rotation, vital};
use cloison_screens::{Courier, Touch};
use evdev::{AbsoluteAxisCode, Device, EventType, InputEvent, KeyCode};
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::sleep,
    time::Duration,
};

const FOLDER: &str = "/dev/input";
/// How often it is looked for screens that were plugged in.
const RESCAN: Duration = Duration::from_secs(1);
/// More devices than these are not listened to.
const MOST: usize = 8;

type Known = Arc<Mutex<BTreeSet<PathBuf>>>;

/// Listens to every touch screen that there is or that comes; all are turned as the picture is.
pub(crate) fn listen(courier: Courier, rotation: Rotation) -> io::Result<()> {
    let known = Known::default();
    vital::spawn_small("touch", move || {
        loop {
            for path in devices(Path::new(FOLDER)) {
                start(path, &known, &courier, rotation);
            }
            sleep(RESCAN);
        }
    })
}

fn devices(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_event = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("event"));
    paths.filter(is_event).take(64).collect()
}

/// Starts a thread for a touch screen that has none.
fn start(path: PathBuf, known: &Known, courier: &Courier, rotation: Rotation) {
    let mut listened = known.lock().unwrap_or_else(PoisonError::into_inner);
    if listened.len() >= MOST || listened.contains(&path) {
        return;
    }
    let Ok(device) = Device::open(&path) else { return };
    let Some(finger) = Finger::of(&device) else { return };
    listened.insert(path.clone());
    drop(listened);
    let (known, courier) = (known.clone(), courier.clone());
    let follow = move || {
        follow(device, finger, &courier, rotation);
        known.lock().unwrap_or_else(PoisonError::into_inner).remove(&path);
    };
    // Without a thread it is tried again at the next look.
    let _ = vital::spawn_spare("finger", follow);
}

/// Hands on what a touch screen tells until it is unplugged.
fn follow(mut device: Device, mut finger: Finger, courier: &Courier, rotation: Rotation) {
    let bring = |touch: Touch| {
        let touch = rotation.turned(touch);
        courier.bring(move |ui| ui.touch(touch));
    };
    while let Ok(events) = device.fetch_events() {
        for event in events {
            if let Some(touch) = finger.take(event) {
                bring(touch);
            }
        }
    }
    // What was held is let go.
    if let Some(touch) = finger.gone() {
        bring(touch);
    }
}

/// One axis: from where to where it goes.
#[derive(Debug, Clone, Copy)]
struct Axis {
    least: i32,
    most: i32,
}

impl Axis {
    /// Tells how far along it a value is, from 0 to 1.
    #[allow(clippy::cast_possible_truncation, reason = "a screen has fewer pixels than a float has steps")]
    fn part(self, value: i32) -> f32 {
        let (value, least, most) = (f64::from(value), f64::from(self.least), f64::from(self.most));
        ((value - least) / (most - least)).clamp(0.0, 1.0) as f32
    }
}

/// The finger that a touch screen follows: the first, where it knows several.
#[derive(Debug)]
struct Finger {
    axes: [Axis; 2],
    slot: i32,
    /// Where it was last, which the kernel does not tell again: a finger may come down there first.
    at: [f32; 2],
    /// Whether it is down, and whether the screen was told.
    down: bool,
    told: bool,
    moved: bool,
}

impl Finger {
    /// Finds the axes of a touch screen; nothing for any other device, such as a keyboard.
    fn of(device: &Device) -> Option<Self> {
        let keys = device.supported_keys()?;
        if !keys.contains(KeyCode::BTN_TOUCH) && !keys.contains(KeyCode::BTN_LEFT) {
            return None;
        }
        let infos: Vec<_> = device.get_absinfo().ok()?.collect();
        let axis = |code: AbsoluteAxisCode| {
            let info = infos.iter().find(|(known, _)| *known == code)?.1;
            let axis = Axis { least: info.minimum(), most: info.maximum() };
            (axis.least < axis.most).then(|| (axis, axis.part(info.value())))
        };
        let many = [AbsoluteAxisCode::ABS_MT_POSITION_X, AbsoluteAxisCode::ABS_MT_POSITION_Y].map(axis);
        let one = [AbsoluteAxisCode::ABS_X, AbsoluteAxisCode::ABS_Y].map(axis);
        match (one, many) {
            ([Some(x), Some(y)], _) | (_, [Some(x), Some(y)]) => Some(Self { at: [x.1, y.1], ..Self::new([x.0, y.0]) }),
            _ => None,
        }
    }

    fn new(axes: [Axis; 2]) -> Self {
        Self { axes, slot: 0, at: [0.0; 2], down: false, told: false, moved: false }
    }

    /// Takes one event; gives a touch at the end of each report that has one.
    fn take(&mut self, event: InputEvent) -> Option<Touch> {
        match event.event_type() {
            EventType::ABSOLUTE => {
                self.axis(AbsoluteAxisCode(event.code()), event.value());
                None
            }
            EventType::KEY => {
                if matches!(KeyCode::new(event.code()), KeyCode::BTN_TOUCH | KeyCode::BTN_LEFT) {
                    self.down = event.value() != 0;
                }
                None
            }
            EventType::SYNCHRONIZATION => self.report(),
            _ => None,
        }
    }

    fn axis(&mut self, code: AbsoluteAxisCode, value: i32) {
        let [x, y] = self.axes;
        match code {
            AbsoluteAxisCode::ABS_MT_SLOT => self.slot = value,
            // What other fingers do is nothing.
            _ if self.slot != 0 => {}
            AbsoluteAxisCode::ABS_X | AbsoluteAxisCode::ABS_MT_POSITION_X => (self.at[0], self.moved) = (x.part(value), true),
            AbsoluteAxisCode::ABS_Y | AbsoluteAxisCode::ABS_MT_POSITION_Y => (self.at[1], self.moved) = (y.part(value), true),
            AbsoluteAxisCode::ABS_MT_TRACKING_ID => self.down = value >= 0,
            _ => {}
        }
    }

    /// Lifts the finger from a screen that is not there any more.
    fn gone(&mut self) -> Option<Touch> {
        self.down = false;
        self.report()
    }

    fn report(&mut self) -> Option<Touch> {
        let [x, y] = self.at;
        let moved = std::mem::take(&mut self.moved);
        match (self.told, self.down) {
            (false, true) => {
                self.told = true;
                Some(Touch::Down(x, y))
            }
            (true, false) => {
                self.told = false;
                Some(Touch::Up(x, y))
            }
            (true, true) if moved => Some(Touch::Move(x, y)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touches(events: &[(EventType, u16, i32)]) -> Vec<Touch> {
        let mut finger = Finger::new([Axis { least: 0, most: 1000 }, Axis { least: -100, most: 100 }]);
        events.iter().filter_map(|(kind, code, value)| finger.take(InputEvent::new(kind.0, *code, *value))).collect()
    }

    const X: u16 = AbsoluteAxisCode::ABS_X.0;
    const Y: u16 = AbsoluteAxisCode::ABS_Y.0;
    const REPORT: (EventType, u16, i32) = (EventType::SYNCHRONIZATION, 0, 0);

    fn touch(down: i32) -> (EventType, u16, i32) {
        (EventType::KEY, KeyCode::BTN_TOUCH.0, down)
    }

    #[test]
    fn a_touch_is_where_the_finger_is_in_parts_of_the_screen() {
        let events = [
            (EventType::ABSOLUTE, X, 250),
            (EventType::ABSOLUTE, Y, 0),
            touch(1),
            REPORT,
            (EventType::ABSOLUTE, X, 500),
            REPORT,
            REPORT,
            touch(0),
            REPORT,
        ];
        assert_eq!(touches(&events), [Touch::Down(0.25, 0.5), Touch::Move(0.5, 0.5), Touch::Up(0.5, 0.5)]);
    }

    #[test]
    fn a_screen_that_is_unplugged_under_a_finger_lets_go() {
        let mut finger = Finger::new([Axis { least: 0, most: 10 }; 2]);
        for (kind, code, value) in [touch(1), REPORT] {
            finger.take(InputEvent::new(kind.0, code, value));
        }
        assert_eq!(finger.gone(), Some(Touch::Up(0.0, 0.0)));
        assert_eq!(finger.gone(), None);
    }

    #[test]
    fn a_value_beyond_its_axis_is_at_its_end() {
        let events = [(EventType::ABSOLUTE, X, i32::MAX), (EventType::ABSOLUTE, Y, i32::MIN), touch(1), REPORT];
        assert_eq!(touches(&events), [Touch::Down(1.0, 0.0)]);
    }

    #[test]
    fn of_several_fingers_the_first_is_followed() {
        let many = |code: AbsoluteAxisCode, value| (EventType::ABSOLUTE, code.0, value);
        let events = [
            many(AbsoluteAxisCode::ABS_MT_SLOT, 0),
            many(AbsoluteAxisCode::ABS_MT_TRACKING_ID, 7),
            many(AbsoluteAxisCode::ABS_MT_POSITION_X, 100),
            many(AbsoluteAxisCode::ABS_MT_POSITION_Y, 100),
            REPORT,
            many(AbsoluteAxisCode::ABS_MT_SLOT, 1),
            many(AbsoluteAxisCode::ABS_MT_TRACKING_ID, 8),
            many(AbsoluteAxisCode::ABS_MT_POSITION_X, 900),
            REPORT,
            many(AbsoluteAxisCode::ABS_MT_SLOT, 0),
            many(AbsoluteAxisCode::ABS_MT_TRACKING_ID, -1),
            REPORT,
        ];
        assert_eq!(touches(&events), [Touch::Down(0.1, 1.0), Touch::Up(0.1, 1.0)]);
    }

    #[test]
    fn keys_of_a_keyboard_are_nothing() {
        let keys: Vec<_> =
            (1..240).flat_map(|code| [(EventType::KEY, code, 1), REPORT, (EventType::KEY, code, 0), REPORT]).collect();
        assert_eq!(touches(&keys), []);
    }

    #[test]
    fn only_event_devices_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["event0", "event12", "mouse0", "js0", "by-id"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        assert_eq!(devices(folder.path()).len(), 2);
        assert!(devices(Path::new("/nowhere")).is_empty());
    }
}
