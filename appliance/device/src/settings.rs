//! What was chosen on the screen and is remembered: the language, how codes are shown, how the camera
//! looks. Nothing here matters to a vault.

use crate::{panel, rotation::Rotation};
use cloison_protocol::{Language, Profile};
use cloison_screens::{Looking, Pace};
use rustix::fs::OFlags;
use std::{
    fs::{self, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

const FILE: &str = "display";
/// The number of the densest profile.
const MOST_DENSE: u8 = Profile::ALL.len() as u8 - 1;
/// The longest file that is read.
const LONGEST: u64 = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) language: Language,
    pub(crate) pace: Pace,
    pub(crate) looking: Looking,
    /// It counts from the next start of a kiosk on.
    pub(crate) rotation: Rotation,
    /// The number of the panel's level, 0 the brightest.
    pub(crate) light: u8,
}

impl Settings {
    /// Reads them; a file that is missing or not understood is as good as none.
    pub(crate) fn read(data: &Path, language: Language) -> Self {
        let none = Self { language, pace: Pace::default(), looking: Looking::default(), rotation: Rotation::default(), light: 0 };
        text(&data.join(FILE)).ok().and_then(|text| Self::parse(&text)).unwrap_or(none)
    }

    /// Writes them, wholly or not at all.
    pub(crate) fn write(&self, data: &Path) -> io::Result<()> {
        let (path, new) = (data.join(FILE), data.join("display.new"));
        fs::write(&new, self.text())?;
        fs::rename(new, path)
    }

    fn text(&self) -> String {
        let Self { language, pace, looking, rotation, light } = self;
        let (Pace { speed, profile, brightness }, Looking { zoom, exposure }) = (pace, looking);
        let degrees = rotation.degrees();
        format!("{} {speed} {profile} {brightness} {zoom} {exposure} {degrees} {light}\n", language.label())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let language = Language::named(words.next()?)?;
        let mut level = |most: u8| words.next()?.parse::<u8>().ok().filter(|level| *level <= most);
        let pace = Pace { speed: level(2)?, profile: level(MOST_DENSE)?, brightness: level(2)? };
        let zoom = level(2)?;
        let exposure = words.next()?.parse::<i8>().ok().filter(|step| (-2..=2).contains(step))?;
        // Files of earlier versions end here, and here.
        let rotation = words.next().map_or(Some(Rotation::default()), Rotation::named)?;
        let light = words.next().map_or(Some(0), |word| word.parse().ok().filter(|level| *level <= panel::darkest()))?;
        let looking = Looking { zoom, exposure };
        words.next().is_none().then_some(Self { language, pace, looking, rotation, light })
    }
}

/// Reads a file that is one, and short: what a disk has by this name may be anything, and the keeper
/// reads it too.
fn text(path: &Path) -> io::Result<String> {
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.len() > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let first = Settings::read(folder.path(), Language::French);
        assert_eq!((first.language, first.pace), (Language::French, Pace::default()));
        let pace = Pace { speed: 2, profile: 5, brightness: 1 };
        let looking = Looking { zoom: 2, exposure: -2 };
        let chosen = Settings { language: Language::English, pace, looking, rotation: Rotation::Quarter, light: 2 };
        chosen.write(folder.path()).unwrap();
        assert_eq!(Settings::read(folder.path(), Language::French), chosen);
    }

    #[test]
    fn a_file_of_an_earlier_version_is_read_and_nothing_is_turned() {
        let old = Settings::parse("fr 2 5 1 2 -2\n").unwrap();
        assert_eq!((old.pace.profile, old.looking.exposure, old.rotation), (5, -2, Rotation::None));
        assert_eq!(Settings::parse(&old.text()), Some(old));
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("other"), "en 0 0 0 0 0 90\n").unwrap();
        std::os::unix::fs::symlink(folder.path().join("other"), folder.path().join(FILE)).unwrap();
        assert_eq!(Settings::read(folder.path(), Language::French).language, Language::French);
        fs::remove_file(folder.path().join(FILE)).unwrap();
        fs::create_dir(folder.path().join(FILE)).unwrap();
        assert_eq!(Settings::read(folder.path(), Language::French).rotation, Rotation::None);
    }

    #[test]
    fn a_file_that_is_not_understood_is_as_good_as_none() {
        for text in [
            "",
            "fr",
            "fr 3 0 0 0 0",
            "fr 0 6 0 0 0",
            "fr 0 0 0 0 3",
            "xx 0 0 0 0 0",
            "fr 0 0 0 0 0 45",
            "fr 0 0 0 0 0 90 3",
            "fr 0 0 0 0 0 90 0 0",
            "fr -1 0 0 0 0",
        ] {
            assert_eq!(Settings::parse(text), None, "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), vec![b'x'; 5000]).unwrap();
        assert_eq!(Settings::read(folder.path(), Language::English).language, Language::English);
    }
}
