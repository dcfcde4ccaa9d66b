//! What was chosen on the screen and is remembered: the language, how codes are shown, how the camera
//! looks. Nothing here matters to a vault.

use cloison_protocol::{Language, Profile};
use cloison_screens::{Looking, Pace};
use std::{fs, io, path::Path};

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
}

impl Settings {
    /// Reads them; a file that is missing or not understood is as good as none.
    pub(crate) fn read(data: &Path, language: Language) -> Self {
        let path = data.join(FILE);
        let is_short = fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= LONGEST);
        let text = is_short.then(|| fs::read_to_string(&path).ok()).flatten().unwrap_or_default();
        Self::parse(&text).unwrap_or(Self { language, pace: Pace::default(), looking: Looking::default() })
    }

    /// Writes them, wholly or not at all.
    pub(crate) fn write(&self, data: &Path) -> io::Result<()> {
        let (path, new) = (data.join(FILE), data.join("display.new"));
        fs::write(&new, self.text())?;
        fs::rename(new, path)
    }

    fn text(&self) -> String {
        let Self { language, pace, looking } = self;
        let (Pace { speed, profile, brightness }, Looking { zoom, exposure }) = (pace, looking);
        format!("{} {speed} {profile} {brightness} {zoom} {exposure}\n", language.label())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let language = Language::named(words.next()?)?;
        let mut level = |most: u8| words.next()?.parse::<u8>().ok().filter(|level| *level <= most);
        let pace = Pace { speed: level(2)?, profile: level(MOST_DENSE)?, brightness: level(2)? };
        let zoom = level(2)?;
        let exposure = words.next()?.parse::<i8>().ok().filter(|step| (-2..=2).contains(step))?;
        words.next().is_none().then_some(Self { language, pace, looking: Looking { zoom, exposure } })
    }
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
        let chosen = Settings { language: Language::English, pace, looking: Looking { zoom: 2, exposure: -2 } };
        chosen.write(folder.path()).unwrap();
        assert_eq!(Settings::read(folder.path(), Language::French), chosen);
    }

    #[test]
    fn a_file_that_is_not_understood_is_as_good_as_none() {
        for text in ["", "fr", "fr 3 0 0 0 0", "fr 0 6 0 0 0", "fr 0 0 0 0 3", "xx 0 0 0 0 0", "fr 0 0 0 0 0 0", "fr -1 0 0 0 0"]
        {
            assert_eq!(Settings::parse(text), None, "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), vec![b'x'; 5000]).unwrap();
        assert_eq!(Settings::read(folder.path(), Language::English).language, Language::English);
    }
}
