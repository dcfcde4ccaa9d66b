//! How bright a panel's backlight is, where the kernel lets it be set.
//!
//! A panel that has none, such as a monitor, is as bright as its own buttons make it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

const FOLDER: &str = "/sys/class/backlight";
/// More of them than these are not looked at.
const MOST: usize = 8;
/// What `bl_power` is set to: on, and off (`FB_BLANK_UNBLANK`, `FB_BLANK_POWERDOWN`).
const ON: &str = "0";
const OFF: &str = "4";

/// The backlights of a machine.
#[derive(Debug, Clone, Default)]
pub struct Backlight(Vec<Light>);

#[derive(Debug, Clone)]
struct Light {
    folder: PathBuf,
    most: u32,
}

impl Backlight {
    /// Finds them.
    #[must_use]
    pub fn find() -> Self {
        Self::under(Path::new(FOLDER))
    }

    fn under(folder: &Path) -> Self {
        let Ok(entries) = fs::read_dir(folder) else { return Self::default() };
        let mut folders: Vec<_> = entries.take(MOST).filter_map(|entry| entry.ok()?.path().canonicalize().ok()).collect();
        folders.sort();
        Self(folders.into_iter().filter_map(Light::of).collect())
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.0.is_empty()
    }

    /// Names the files that are written, as they are before any link to them.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.0.iter().flat_map(|light| [light.folder.join("brightness"), light.folder.join("bl_power")]).collect()
    }

    /// Sets how bright they are, in percent of the most; 0 switches them off.
    ///
    /// # Errors
    /// What the kernel says of the last one that refused; the others are set.
    pub fn set(&self, percent: u8) -> io::Result<()> {
        // Each is set, whatever came of those before.
        let refused: Vec<io::Error> = self.0.iter().filter_map(|light| light.set(percent).err()).collect();
        refused.into_iter().next_back().map_or(Ok(()), Err)
    }
}

impl Light {
    fn of(folder: PathBuf) -> Option<Self> {
        let most = fs::read_to_string(folder.join("max_brightness")).ok()?.trim().parse().ok().filter(|most| *most > 0)?;
        Some(Self { folder, most })
    }

    fn set(&self, percent: u8) -> io::Result<()> {
        // A panel without a switch of its own is dark at 0.
        let power = fs::write(self.folder.join("bl_power"), if percent == 0 { OFF } else { ON });
        let level = match percent {
            0 => 0,
            percent => (u64::from(self.most) * u64::from(percent.min(100)) / 100).max(1),
        };
        fs::write(self.folder.join("brightness"), level.to_string())
            .or_else(|error| if percent == 0 { power } else { Err(error) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(folder: &Path, name: &str, most: &str) -> PathBuf {
        let own = folder.join(name);
        fs::create_dir(&own).unwrap();
        for (file, text) in [("max_brightness", most), ("brightness", "1"), ("bl_power", "0")] {
            fs::write(own.join(file), text).unwrap();
        }
        own
    }

    #[test]
    fn a_panel_is_as_bright_as_it_is_told_and_never_dark_but_at_nought() {
        let folder = tempfile::tempdir().unwrap();
        let panel = panel(folder.path(), "10-0045", "31\n");
        let light = Backlight::under(folder.path());
        let read = |name: &str| fs::read_to_string(panel.join(name)).unwrap();
        for (percent, level, power) in [(100, "31", "0"), (60, "18", "0"), (1, "1", "0"), (0, "0", "4"), (255, "31", "0")] {
            light.set(percent).unwrap();
            assert_eq!((read("brightness").as_str(), read("bl_power").as_str()), (level, power), "{percent} %");
        }
    }

    #[test]
    fn what_is_no_panel_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Backlight::under(&folder.path().join("none")).is_missing());
        for (name, most) in [("a", "0"), ("b", "many"), ("c", "")] {
            panel(folder.path(), name, most);
        }
        assert!(Backlight::under(folder.path()).is_missing());
        let real = panel(folder.path(), "d", "255");
        assert_eq!(Backlight::under(folder.path()).files(), [real.join("brightness"), real.join("bl_power")]);
    }

    #[test]
    fn one_that_refuses_is_told_and_the_others_are_set() {
        let folder = tempfile::tempdir().unwrap();
        let (gone, there) = (panel(folder.path(), "a", "10"), panel(folder.path(), "b", "10"));
        let light = Backlight::under(folder.path());
        fs::remove_dir_all(gone).unwrap();
        assert!(light.set(50).is_err());
        assert_eq!(fs::read_to_string(there.join("brightness")).unwrap(), "5");
    }
}
