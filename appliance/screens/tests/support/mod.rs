//! Screens as a session gives them: one at least of every view, and the longest that there can be.

#![allow(dead_code, unreachable_pub, reason = "each test uses what it needs")]

mod ceremony;
mod codes;
mod vault;

use cloison_appliance::{
    Booted, HardwareError,
    words::{Explain, Words},
};
use cloison_ceremony::{Button, Code, Field, FieldState, Notice, Screen, View};
use cloison_optics::{Density, Level, Luma, Symbol};
use cloison_protocol::{
    Algorithm, Digest, Fingerprint, KeyRef, Usage, VaultId,
    bounded::{Fixed, Line},
};
use cloison_screens::{Content, Fate, Hint, Language, Lent, Looking, Pace, Sighted, Spoken, Ui};
use std::time::Duration;

pub const DIGEST: Digest = Fixed([0xa5; 48]);
pub const VAULT: VaultId = VaultId(Fixed([7; 16]));
pub const OPENS: KeyRef = KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 };
pub const SIGNS: KeyRef = KeyRef { usage: Usage::Text, algorithm: Algorithm::P384, number: 1 };
/// As long as a name can be.
pub const LONG: &str = "Direction interrégionale de la police judiciaire, Villefranche";
pub const PROPOSED: &str = "cigale muraille ortolan plonger rigide tuyau";

/// A screen, and what is lent with it.
pub struct Case {
    pub name: String,
    pub screen: Screen,
    pub private: Option<&'static str>,
    pub record: Option<Record>,
    pub camera: bool,
    pub fates: Vec<Fate>,
    pub hint: Option<Hint>,
    pub left: Option<u32>,
    pub exposes: bool,
    /// Whether it was pressed to leave, so that it is asked whether the code was read.
    pub leaving: bool,
    /// For how long the kiosk has been at work.
    pub busy: Option<u64>,
    /// Whether it is held, or uncovered, for its picture.
    pub held: bool,
    /// A passphrase that was judged, and what the machine knows more of the last event.
    pub judged: Option<&'static str>,
    pub detail: bool,
    /// The field that is being filled in.
    pub editing: Option<Field>,
    /// The profile of codes, which stays for the cases after it.
    pub profile: Option<u8>,
    /// What the machine knows of its image, whose panel can be turned and lit.
    pub booted: Booted,
}

/// A record to show.
#[derive(Clone, Copy)]
pub enum Record {
    Lines,
    Rows,
    Picture,
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let mut all = ceremony::cases();
    all.extend(vault::cases());
    all.extend(codes::cases());
    all
}

pub fn screen(view: View, buttons: &[Button]) -> Screen {
    Screen::of(view, buttons)
}

pub fn case(name: &str, view: View, buttons: &[Button]) -> Case {
    Case {
        name: name.to_owned(),
        screen: screen(view, buttons),
        private: None,
        record: None,
        camera: false,
        fates: Vec::new(),
        hint: None,
        left: None,
        exposes: false,
        leaving: false,
        busy: None,
        held: false,
        judged: None,
        detail: false,
        editing: None,
        profile: None,
        booted: Booted::Nothing,
    }
}

impl Case {
    pub fn field(mut self, field: Field, shown: &str) -> Self {
        self.screen.fields.push(FieldState { field, shown: shown.to_owned() });
        self
    }

    pub fn notice(mut self, notice: Notice) -> Self {
        self.screen.notice = Some(notice);
        self
    }

    pub fn message(mut self, bytes: usize) -> Self {
        let bytes = (0..bytes).map(|at| u8::try_from(at * at % 251).unwrap()).collect();
        self.screen.code = Some(Code::Message(bytes));
        self
    }

    pub fn card(mut self) -> Self {
        self.screen.code = Some(Code::Card([0x5a; 80]));
        self
    }

    /// Of an open vault.
    pub fn open(mut self) -> Self {
        self.screen.left = Some((580, 6725));
        if !self.screen.buttons.contains(&Button::Seal) {
            self.screen.buttons.push(Button::Seal);
        }
        self
    }

    pub fn rehearsed(mut self) -> Self {
        self.screen.rehearsal = true;
        self
    }

    pub fn camera(mut self) -> Self {
        self.camera = true;
        self.screen.camera = true;
        self
    }

    /// Of a screen on which codes are shown with another profile than the ordinary.
    pub fn profile(mut self, profile: u8) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Of a device, which started from an image.
    pub fn booted(mut self, booted: Booted) -> Self {
        self.booted = booted;
        self
    }

    pub fn held(mut self) -> Self {
        self.held = true;
        self
    }

    pub fn spoken(&self, language: Language) -> Spoken {
        let judgement = self.judged.map(cloison_custody::passphrase::judge);
        let full = HardwareError::Store(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
        let detail = self.detail.then(|| full.explain(Words::new(language)));
        Spoken::of(&self.screen, language, judgement.as_ref(), detail.as_deref()).of_machine(&self.screen, language, self.booted)
    }

    /// Shows it.
    pub fn present(&self, ui: &Ui, spoken: &Spoken) {
        if let Some(profile) = self.profile {
            ui.adjust(Pace { profile, ..Pace::default() }, Looking::default());
        }
        let preview = self.camera.then(sight);
        let rgb = picture();
        let lent = Lent { private: self.private, content: self.record.map(|record| content(record, &rgb)) };
        ui.present(&self.screen, spoken, &lent).unwrap();
        let (hint, left, exposes) = (self.hint, self.left, self.exposes);
        ui.sight(&Sighted { preview: preview.as_ref(), fates: &self.fates, hint, left, exposes });
        let is_device = self.booted != Booted::Nothing;
        ui.turns(is_device);
        ui.light(if is_device { 60 } else { 0 });
        ui.busy(self.busy.map(Duration::from_secs));
        let done = self.screen.buttons.iter().position(|button| *button == Button::Done);
        if let Some(done) = done.filter(|_| self.leaving) {
            cloison_screens::inside::press(ui, i32::try_from(done).unwrap());
        }
        ui.hold(self.held);
        ui.edit(self.editing);
    }
}

fn content(record: Record, rgb: &[u8]) -> Content<'_> {
    match record {
        Record::Lines => Content::Lines(vec![TEXT; 12]),
        Record::Rows => Content::Rows(
            [("dossier.numero", "2026-114"), ("personne.nom", "Lefèvre-Dubreuil"), (&TEXT[..58], TEXT), ("↳", "suite")]
                .into_iter()
                .cycle()
                .take(10)
                .collect(),
        ),
        Record::Picture => Content::Picture { size: (320, 240), original: (1280, 960), rgb },
    }
}

const TEXT: &str = "Je soussignée, certifie avoir vu ce qui suit, à Villefranche";

fn picture() -> Vec<u8> {
    let pixel = |at: u32| [u8::try_from(at % 320 * 255 / 320).unwrap(), u8::try_from(at / 320).unwrap(), 120];
    (0..320 * 240).flat_map(pixel).collect()
}

/// What a camera sees: a code on a grey wall.
pub fn sight() -> Luma {
    let code = Symbol::encode(&[9; 40], Density::smallest_for(40, Level::L).unwrap()).unwrap().picture(7);
    let (width, height) = (640, 480);
    let mut pixels = vec![150; width * height];
    for (row, line) in code.pixels().chunks(code.width() as usize).enumerate() {
        let start = (row + 100) * width + 180;
        pixels[start..start + line.len()].copy_from_slice(line);
    }
    Luma::new(640, 480, pixels).unwrap()
}

pub fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::new(text).unwrap()
}

pub fn words() -> Fingerprint {
    Fingerprint::of(&DIGEST)
}
