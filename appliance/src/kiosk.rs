//! A session running on some hardware.

use crate::{
    entropy,
    hardware::{Hardware, HardwareError},
};
use cloison_ceremony::{Button, Effect, Ended, Event, Screen, Session};
use std::collections::VecDeque;
use thiserror::Error;

/// Runs a session: hands it events, and carries out its effects before anything else happens.
pub struct Kiosk<H> {
    hardware: H,
    session: Session,
    ended: Option<Ended>,
}

impl<H: Hardware> Kiosk<H> {
    /// Starts with what is on disk.
    ///
    /// # Errors
    /// [`KioskError`] where the disk cannot be read.
    pub fn start(mut hardware: H) -> Result<Self, KioskError> {
        let stored = hardware.store().load()?;
        Ok(Self { hardware, session: Session::new(stored), ended: None })
    }

    /// Gives what is to be shown.
    #[must_use]
    pub fn screen(&self) -> Screen {
        self.session.screen()
    }

    /// Says whether the process is to end, and why.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Hands over an event, and carries out all that comes of it.
    ///
    /// # Errors
    /// [`KioskError`] where the operating system gives no randomness: the event was not handled.
    pub fn handle(&mut self, event: Event) -> Result<Screen, KioskError> {
        // Drawn once, so that an event and what comes of it are handled wholly or not at all.
        let mut rng = match entropy::generator() {
            Ok(rng) => rng,
            Err(error) => return self.without_randomness(&event, error),
        };
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let now = self.hardware.clock().now();
            let step = self.session.handle(event, now, &mut rng);
            let answers = step.effects.into_iter().filter_map(|effect| self.carry_out(effect));
            events.extend(answers.collect::<Vec<_>>());
        }
        Ok(self.screen())
    }

    /// Sealing needs no randomness, and must never fail: the session is dropped, with all it holds.
    fn without_randomness(&mut self, event: &Event, error: HardwareError) -> Result<Screen, KioskError> {
        if !matches!(event, Event::Press(Button::Seal)) {
            return Err(error.into());
        }
        self.session = Session::new(None);
        self.ended = Some(Ended::Sealed);
        Ok(self.screen())
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::GatherEntropy => Some(self.hardware.entropy().map_or(Event::NoEntropy, Event::Entropy)),
            Effect::Save(bytes) => Some(match self.hardware.store().save(&bytes) {
                Ok(()) => Event::Saved,
                Err(_) => Event::NotSaved,
            }),
            Effect::Erase => Some(match self.hardware.store().erase() {
                Ok(()) => Event::Saved,
                Err(_) => Event::NotSaved,
            }),
            Effect::End(ended) => {
                self.ended = Some(ended);
                None
            }
        }
    }
}

/// Says why a kiosk does not go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KioskError {
    /// The machine failed.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
}
