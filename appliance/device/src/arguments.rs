//! What the program is told when it is started.

use crate::{rotation::Rotation, told};
use clap::Parser;
use cloison_protocol::Language;
use cloison_screens::Size;
use std::path::{Path, PathBuf};

/// Runs the kiosk on the device, or in a window on a desktop, for training.
#[derive(Parser, Debug, Clone)]
#[command(
    name = "cloison-appliance",
    version,
    after_help = "Examples:\n  cloison-appliance --data /data\n  cloison-appliance --data ~/training --window --camera /dev/video0\n  cloison-appliance --data ~/training --window --camera ~/pictures\n\n\
                  On a device it draws on the screen itself, and offers nothing while the machine has a network interface, a\n\
                  radio or an unknown USB device. In a window there are rehearsals only."
)]
pub(crate) struct Arguments {
    /// The folder where the store is kept; made where it is missing.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Draws in a window of a desktop, for training: only rehearsals are held there.
    #[arg(long)]
    pub(crate) window: bool,
    /// The camera's device, such as /dev/video0, or a folder of PNG and JPEG pictures in its place.
    #[arg(long, value_name = "PATH", default_value = "/dev/video0")]
    pub(crate) camera: PathBuf,
    /// The printer's device, such as /dev/usb/lp0.
    #[arg(long, value_name = "PATH")]
    pub(crate) printer: Option<PathBuf>,
    /// What the kiosk speaks before anybody has chosen: `en` or `fr`.
    #[arg(long, value_name = "LANGUAGE", value_parser = language, default_value = "fr")]
    pub(crate) language: Language,
    /// The size of the window: 800x480 or 1280x720.
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "800x480")]
    pub(crate) size: Size,
    /// How far the picture is turned on its panel, clockwise: 0, 90, 180 or 270; what was chosen on the
    /// screen where nothing is said here.
    #[arg(long, value_name = "DEGREES", value_parser = rotation)]
    pub(crate) rotation: Option<Rotation>,
    /// Runs the kiosk itself, for the keeper (internal).
    #[arg(long, hide = true)]
    pub(crate) kiosk: bool,
}

impl Arguments {
    /// Gives what holds on a machine of its own, where nobody types anything.
    pub(crate) fn of_a_machine() -> Self {
        Self {
            data: told::STORE.into(),
            window: false,
            camera: "/dev/video*".into(),
            printer: Some("/dev/usb/lp0".into()),
            language: Language::French,
            size: Size::Small,
            rotation: None,
            kiosk: false,
        }
    }

    /// Gives the role of the process that looks through the camera.
    pub(crate) fn camera_role(&self) -> String {
        // A device is given no folder: its reader could open any file there.
        let kind = if self.window && self.camera.is_dir() { "folder" } else { "camera" };
        format!("{kind}={}", absolute(&self.camera).display())
    }

    /// Gives the arguments that start the kiosk itself.
    pub(crate) fn of_the_kiosk(&self) -> Vec<std::ffi::OsString> {
        let mut all: Vec<std::ffi::OsString> = vec!["--kiosk".into(), "--data".into(), absolute(&self.data).into()];
        all.extend(["--camera".into(), absolute(&self.camera).into()]);
        all.extend(["--language".into(), self.language.label().into()]);
        let (width, height) = self.size.pixels();
        all.extend(["--size".into(), format!("{width}x{height}").into()]);
        if let Some(rotation) = self.rotation {
            all.extend(["--rotation".into(), rotation.degrees().to_string().into()]);
        }
        if let Some(printer) = &self.printer {
            all.extend(["--printer".into(), absolute(printer).into()]);
        }
        if self.window {
            all.push("--window".into());
        }
        all
    }
}

/// Makes a path absolute, since processes are started in `/`.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn language(label: &str) -> Result<Language, &'static str> {
    Language::named(label).ok_or("the kiosk speaks `en` and `fr`. Give one of them")
}

fn size(label: &str) -> Result<Size, &'static str> {
    Size::named(label).ok_or("a window is 800x480 or 1280x720. Give one of them")
}

fn rotation(degrees: &str) -> Result<Rotation, &'static str> {
    Rotation::named(degrees).ok_or("a picture is turned by 0, 90, 180 or 270 degrees. Give one of them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_kiosk_is_started_with_what_the_keeper_was_told() {
        Arguments::command().debug_assert();
        let told = Arguments::parse_from([
            "cloison-appliance",
            "--data",
            "vault",
            "--window",
            "--camera",
            "/tmp",
            "--printer",
            "/dev/usb/lp0",
            "--language",
            "en",
            "--size",
            "1280x720",
            "--rotation",
            "270",
        ]);
        let again = Arguments::parse_from([std::ffi::OsString::from("cloison-appliance")].into_iter().chain(told.of_the_kiosk()));
        assert_eq!(again.camera_role(), "folder=/tmp");
        assert!(again.kiosk && again.window && again.data.is_absolute() && again.data.ends_with("vault"));
        assert_eq!((again.size, again.language, again.printer), (told.size, told.language, told.printer));
        assert_eq!((again.rotation, told.rotation), (Some(Rotation::ThreeQuarters), Some(Rotation::ThreeQuarters)));
    }

    #[test]
    fn a_machine_of_its_own_is_no_window_and_looks_through_whichever_camera_there_is() {
        let own = Arguments::of_a_machine();
        let told = own.of_the_kiosk();
        let kiosk = Arguments::parse_from([std::ffi::OsString::from("cloison-appliance")].into_iter().chain(told));
        assert!(kiosk.kiosk && !kiosk.window && kiosk.rotation.is_none());
        assert_eq!((own.camera_role(), kiosk.camera_role()), ("camera=/dev/video*".into(), "camera=/dev/video*".into()));
    }

    #[test]
    fn another_language_or_size_is_refused() {
        assert!(language("de").is_err() && size("640x480").is_err() && size("").is_err() && rotation("45").is_err());
    }
}
