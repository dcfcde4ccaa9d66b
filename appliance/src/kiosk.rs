//! A session running on some hardware.

use crate::{
    content::{self, ContentPage, Shown},
    entropy,
    hardware::{Booted, Hardware, HardwareError},
    paper,
    words::Explain,
};
use cloison_ceremony::{Button, Effect, Ended, Event, Field, Screen, Seen, Session, Sheet, Unshown, View};
use cloison_custody::{
    Program,
    passphrase::{Judgement, judge},
};
use cloison_protocol::{Alarm, Digest};
use std::collections::VecDeque;
use thiserror::Error;

#[cfg(test)]
mod tests;

/// Runs a session: hands it events, and carries out its effects before anything else happens.
///
/// # Invariants
/// The content of a record is held only while the screen shows that record, and wiped then.
pub struct Kiosk<H> {
    hardware: H,
    session: Session,
    ended: Option<Ended>,
    content: Option<Shown>,
    judgement: Option<Judgement>,
    detail: Option<Box<dyn Explain + Send>>,
}

impl<H: Hardware> Kiosk<H> {
    /// Starts with what is on disk, and with a look at the machine.
    ///
    /// # Errors
    /// [`KioskError`] where the disk cannot be read.
    pub fn start(mut hardware: H) -> Result<Self, KioskError> {
        let stored = hardware.store().load()?;
        let session = Session::new(stored, machine(&mut hardware));
        let mut kiosk = Self { hardware, session, ended: None, content: None, judgement: None, detail: None };
        let found = kiosk.hardware.watch();
        kiosk.guard(&found);
        Ok(kiosk)
    }

    /// Gives what is to be shown.
    #[must_use]
    pub fn screen(&self) -> Screen {
        self.session.screen()
    }

    /// Lends what only the person before the screen may see, while it is shown: a proposed
    /// passphrase.
    #[must_use]
    pub fn private(&self) -> Option<&str> {
        self.session.private()
    }

    /// Lends what is to be shown now of a record.
    #[must_use]
    pub fn content_page(&self) -> Option<ContentPage<'_>> {
        match self.session.screen().view {
            View::Record { seen: Seen::Page(number, _), .. } => self.content.as_ref().map(|shown| shown.page(number)),
            _ => None,
        }
    }

    /// Tells how hard the passphrase that was typed for a new card is to guess, while its custodian
    /// is asked for it.
    #[must_use]
    pub fn judgement(&self) -> Option<&Judgement> {
        self.judgement.as_ref()
    }

    /// Says in two sentences what the machine could not do at the last event, where it knows more
    /// of it than the screen says.
    #[must_use]
    pub fn detail(&self) -> Option<&dyn Explain> {
        self.detail.as_deref().map(|detail| detail as &dyn Explain)
    }

    /// Tells what is known of the image that the machine started from.
    #[must_use]
    pub fn booted(&self) -> Booted {
        self.hardware.booted()
    }

    /// Says whether the process is to end, and why.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Lets time pass, and looks at the machine: to be called each second or so, since an open vault
    /// seals itself when its time is up, and at once for whatever leads out of the machine.
    pub fn tick(&mut self) -> Screen {
        let found = self.hardware.watch();
        self.guard(&found);
        if let Some(image) = image(&self.hardware) {
            self.session.booted(image);
        }
        self.handle(Event::Tick)
    }

    /// Hands over what the watch found. Nothing that it asks for can fail in a way that matters: what
    /// was open is sealed already.
    fn guard(&mut self, found: &[Alarm]) {
        let now = self.hardware.clock().now();
        let step = self.session.guard(found, now);
        for effect in step.effects {
            let _ = self.carry_out(effect);
        }
        self.forget(&step.screen.view);
    }

    /// Hands over an event, and carries out all that comes of it. Where the operating system gives no
    /// randomness nothing is done but sealing, and [`Kiosk::detail`] says so.
    pub fn handle(&mut self, event: Event) -> Screen {
        if let Event::Guard(found) = &event {
            self.guard(found);
            return self.screen();
        }
        // Drawn once, so that an event and what comes of it are handled wholly or not at all.
        let mut rng = match entropy::generator() {
            Ok(rng) => rng,
            Err(error) => return self.without_randomness(&event, error),
        };
        self.note(&event);
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let now = self.hardware.clock().now();
            let step = self.session.handle(event, now, &mut rng);
            let answers = step.effects.into_iter().filter_map(|effect| self.carry_out(effect));
            events.extend(answers.collect::<Vec<_>>());
        }
        let screen = self.screen();
        self.forget(&screen.view);
        screen
    }

    /// Sealing needs no randomness, and must never fail: the session is dropped, with all it holds.
    /// Time that passes seals an open vault then, since nothing else can be done with it.
    fn without_randomness(&mut self, event: &Event, error: HardwareError) -> Screen {
        match event {
            Event::Press(Button::Seal) => {}
            Event::Tick if self.session.screen().left.is_some() => {}
            Event::Tick | Event::Touched => return self.screen(),
            _ => {
                self.detail = Some(Box::new(error));
                return self.screen();
            }
        }
        self.session = Session::new(None, machine(&mut self.hardware));
        self.ended = Some(Ended::Sealed);
        let screen = self.screen();
        self.forget(&screen.view);
        screen
    }

    /// Takes from an event what is shown beside the session's own screen.
    fn note(&mut self, event: &Event) {
        match event {
            Event::Tick | Event::Touched => return,
            Event::Type(Field::Passphrase, typed) if is_choosing(&self.session.screen().view) => {
                self.judgement = (!typed.0.is_empty()).then(|| judge(&typed.0));
            }
            Event::Type(..) => {}
            _ => self.judgement = None,
        }
        self.detail = None;
    }

    /// Drops what this screen does not show.
    fn forget(&mut self, view: &View) {
        self.content.take_if(|shown| !shown.is_on(view));
        self.judgement.take_if(|_| !is_choosing(view));
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::GatherEntropy => Some(self.hardware.entropy().map_or(Event::NoEntropy, Event::Entropy)),
            Effect::Save(bytes) => {
                let saved = self.hardware.store().save(&bytes);
                Some(if self.done(saved) { Event::Saved } else { Event::NotSaved })
            }
            Effect::Erase => {
                let erased = self.hardware.store().erase();
                Some(if self.done(erased) { Event::Saved } else { Event::NotSaved })
            }
            Effect::Print(sheet) => Some(self.print(sheet)),
            Effect::ShowRecord => Some(self.show()),
            Effect::End(ended) => {
                self.ended = Some(ended);
                None
            }
        }
    }

    /// Keeps why something was not done.
    fn done<E: Explain + Send + 'static>(&mut self, result: Result<(), E>) -> bool {
        self.detail = result.err().map(|error| Box::new(error) as Box<dyn Explain + Send>);
        self.detail.is_none()
    }

    fn print(&mut self, sheet: Sheet) -> Event {
        let Some(printer) = self.hardware.printer() else { return Event::NotPrinted };
        let printed = printer.print(&on_paper(sheet));
        if self.done(printed) { Event::Printed } else { Event::NotPrinted }
    }

    fn show(&mut self) -> Event {
        // The record before it is wiped first.
        self.content = None;
        let Some(record) = self.session.record() else { return Event::NotShown(Unshown::Unsupported) };
        match self.hardware.view(record, &content::ROOM) {
            Ok(content) => {
                self.content = Shown::new(&self.session.screen().view, content);
                Event::Shown { pages: self.content.as_ref().map_or(1, Shown::pages) }
            }
            Err(error) => {
                let why = content::unshown(&error);
                self.detail = Some(Box::new(error));
                Event::NotShown(why)
            }
        }
    }
}

fn image(hardware: &impl Hardware) -> Option<Digest> {
    match hardware.booted() {
        Booted::Image(digest) => Some(digest),
        _ => None,
    }
}

/// Tells the session what it runs on.
fn machine(hardware: &mut impl Hardware) -> cloison_ceremony::Kiosk {
    cloison_ceremony::Kiosk {
        program: Program { name: hardware.program(), image: image(hardware) },
        printer: hardware.printer().is_some(),
        training: hardware.is_training(),
        no_place: hardware.no_place(),
    }
}

fn on_paper(sheet: Sheet) -> paper::Sheet {
    let Sheet { card, custodian, title, vault, made, words, language } = sheet;
    paper::Sheet { card, custodian, title, vault, made, word_lines: words, language }
}

/// Tells whether a passphrase is being chosen for a new card.
fn is_choosing(view: &View) -> bool {
    matches!(view, View::Passphrase { .. })
}

/// Says why a kiosk does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KioskError {
    /// The machine failed.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
}
