//! A kiosk without a machine, a workstation without a network, and journeys as lists.

#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test file uses its part")]

mod made;
mod plans;
mod walker;
mod workstation;

pub use made::{Made, card, cards_of, copied, drill, gathered, hold, make, plan, read_back, rehearse, to_dice, type_plan};
pub use plans::{AGE, CLASSICAL, DIGEST, TEXT, held, planned, with_policy};
pub use walker::{Do, Journey, Walker, abort_everywhere, abort_on_every_screen, open, presented, walk};
pub use workstation::{Workstation, digest_op, header, header_to, payload, text_op, undeclared, unwrap_op, view_op};

use cloison_ceremony::{
    Button, Code, Effect, Ended, EntropyInputs, Event, Field, Kiosk as About, Screen, Session, Typed, Unshown,
};
use cloison_custody::Program;
use cloison_protocol::{Alarm, Request, Transfer, bounded::Line, secret::Secret};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use zeroize::Zeroizing;

pub const NOW: u64 = 1_800_000_000;
pub const NAMES: [&str; 5] = ["Amélie", "Bruno", "Chloé", "Driss", "Elsa"];

pub fn passphrase(index: u8) -> String {
    format!("the passphrase of card {index}")
}

/// A session with a disk, whose effects are carried out at once.
pub struct Kiosk {
    pub session: Session,
    pub disk: Option<Vec<u8>>,
    pub saves: usize,
    pub disk_full: bool,
    pub no_entropy: bool,
    /// What its sources give.
    pub sources: fn() -> EntropyInputs,
    /// Saves stay unanswered, as on a slow disk.
    pub slow_disk: bool,
    pub ended: Option<Ended>,
    pub now: u64,
    /// What the printer took.
    pub printed: Vec<cloison_ceremony::Sheet>,
    /// The records that were shown, and whether the kiosk can show them.
    pub viewed: Vec<Vec<u8>>,
    pub unshowable: Option<Unshown>,
    rng: ChaCha20Rng,
}

impl Kiosk {
    pub fn new(disk: Option<Vec<u8>>) -> Self {
        let mut session = Session::new(disk.clone(), about());
        let _ = session.guard(&[], NOW);
        Self {
            session,
            disk,
            saves: 0,
            disk_full: false,
            no_entropy: false,
            sources: entropy,
            slow_disk: false,
            ended: None,
            now: NOW,
            printed: Vec::new(),
            viewed: Vec::new(),
            unshowable: None,
            rng: ChaCha20Rng::from_seed([3; 32]),
        }
    }

    pub fn screen(&self) -> Screen {
        self.session.screen()
    }

    pub fn send(&mut self, event: Event) -> Screen {
        let step = self.session.handle(event, self.now, &mut self.rng);
        step.effects.into_iter().fold(step.screen, |screen, effect| self.carry_out(effect).unwrap_or(screen))
    }

    /// Lets the watch find a network interface.
    pub fn alarm(&mut self) -> Screen {
        self.send(Event::Guard(vec![interface("eth0")]))
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Screen> {
        let answer = match effect {
            Effect::GatherEntropy if self.no_entropy => Event::NoEntropy,
            Effect::GatherEntropy => Event::Entropy((self.sources)()),
            Effect::Save(_) if self.slow_disk => return None,
            Effect::Save(_) if self.disk_full => Event::NotSaved,
            Effect::Save(bytes) => {
                self.disk = Some(bytes);
                self.saves += 1;
                Event::Saved
            }
            Effect::Erase if self.disk_full => Event::NotSaved,
            Effect::Erase => {
                self.disk = None;
                self.saves += 1;
                Event::Saved
            }
            Effect::Print(sheet) => {
                self.printed.push(sheet);
                Event::Printed
            }
            Effect::ShowRecord => {
                self.viewed.push(self.session.record().unwrap().to_vec());
                self.unshowable.map_or(Event::Shown { pages: 2 }, Event::NotShown)
            }
            Effect::End(ended) => {
                self.ended = Some(ended);
                return None;
            }
        };
        Some(self.send(answer))
    }

    pub fn press(&mut self, button: Button) -> Screen {
        assert!(self.screen().buttons.contains(&button), "{button:?} is not on {:?}", self.screen().view.name());
        self.send(Event::Press(button))
    }

    pub fn type_in(&mut self, field: Field, text: &str) -> Screen {
        self.send(Event::Type(field, Typed(Zeroizing::new(text.to_owned()))))
    }

    /// Shows a message to the camera as frames, some of them lost.
    pub fn show(&mut self, message: &[u8]) -> Screen {
        let transfer = Transfer::new(message, 300).unwrap();
        for number in (0..).filter(|number| number % 3 != 1) {
            if !self.screen().camera {
                break;
            }
            assert!(number < 5000, "the message never arrives: {:?}", self.screen().notice);
            self.send(Event::Code(transfer.frame(number)));
            if self.screen().notice.is_some() {
                break;
            }
        }
        self.screen()
    }

    /// Shows a request to an open vault.
    pub fn ask(&mut self, request: &Request) -> Screen {
        self.press(Button::ReadRequest);
        self.show(request.as_bytes())
    }

    /// Reads every page that follows.
    pub fn read_on(&mut self) -> Screen {
        while self.screen().buttons.contains(&Button::Next) {
            self.press(Button::Next);
        }
        self.screen()
    }

    pub fn present(&mut self, card: &[u8], passphrase: &str) -> Screen {
        self.send(Event::Code(card.to_vec()));
        self.type_in(Field::Passphrase, passphrase);
        self.send(Event::Press(Button::Present))
    }

    pub fn message(&self) -> Vec<u8> {
        match self.screen().code {
            Some(Code::Message(bytes)) => bytes,
            other => panic!("no message on {:?}: {other:?}", self.screen().view.name()),
        }
    }

    /// Presses a button that shows a message, takes the message, and goes back.
    pub fn export(&mut self, button: Button) -> Vec<u8> {
        self.press(button);
        let message = self.message();
        self.press(Button::Done);
        message
    }

    pub fn card(&self) -> Vec<u8> {
        match self.screen().code {
            Some(Code::Card(bytes)) => bytes.to_vec(),
            other => panic!("no card: {other:?}"),
        }
    }
}

pub fn interface(name: &str) -> Alarm {
    Alarm::Interface(Line::lent(name))
}

pub fn entropy() -> EntropyInputs {
    EntropyInputs {
        kernel: Zeroizing::new(vec![1; 64]),
        jitter: Zeroizing::new((0..2048u64).map(|i| i * i % 251).collect()),
        hardware: Zeroizing::default(),
        camera: Zeroizing::default(),
        fresh: Secret::copied(&[9; 64]).unwrap(),
    }
}

/// What another machine's sources give: another root.
pub fn other_entropy() -> EntropyInputs {
    EntropyInputs { fresh: Secret::copied(&[10; 64]).unwrap(), ..entropy() }
}

pub fn about() -> About {
    About {
        program: Program { name: Line::new("cloison-test 0").unwrap(), image: None },
        printer: true,
        training: false,
        no_place: None,
    }
}
