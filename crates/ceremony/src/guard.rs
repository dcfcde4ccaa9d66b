//! The watch over the machine: what it finds ends or stops everything, whatever is going on.
//!
//! Nothing switches it off, and nothing is let before it has looked once.

use crate::{
    create::Create,
    event::{Effect, Ended, Event, Step},
    flow::{Flow, Saving, Stopped},
    restore::Restore,
    screen::{Button, HomeView, Notice, Screen, View},
    session::Session,
};
use cloison_protocol::{Alarm, Alarms, Mode};

/// What the watch has said last.
pub(crate) enum Guard {
    Unwatched,
    Clear,
    Alarmed(Alarms),
}

impl Session {
    /// Takes what the watch found at this look, in order; nothing found is an empty list. It needs no
    /// randomness, so that nothing keeps a vault from being sealed.
    ///
    /// An open vault is sealed at once, with the reason on its way to disk. A flow that has shown
    /// cards, or has written or may have written, ends the process; any other is dropped. Then nothing
    /// is let until a look finds nothing.
    #[must_use]
    pub fn guard(&mut self, found: &[Alarm], clock: u64) -> Step {
        let Some(alarms) = Alarms::of(found) else {
            self.guard = Guard::Clear;
            return Step { screen: self.screen(), effects: Vec::new() };
        };
        self.guard = Guard::Alarmed(alarms.clone());
        let now = self.clock.now(clock);
        if let Some(vault) = self.vault.take() {
            // Sealed all the same where the entry cannot be encoded or does not come to disk; and it
            // must not take the place of new cards that are on their way there.
            let dealing = matches!(self.flow, Flow::Create(Create::Saving(_)));
            let bytes = vault.alarmed(alarms.clone(), now).filter(|_| !dealing);
            let effects = bytes.map(Effect::Save).into_iter().collect();
            return self.alarmed(alarms, effects);
        }
        self.flow = match std::mem::replace(&mut self.flow, Flow::Ended) {
            Flow::GiveUp { erasing: true } => Flow::Stopped(self.given_up()),
            flow if outlives(&flow) => flow,
            _ => {
                (self.flow, self.notice) = (Flow::Home, None);
                self.clock.forget();
                return Step { screen: self.screen(), effects: Vec::new() };
            }
        };
        self.alarmed(alarms, Vec::new())
    }

    /// Ends the process; where cards are to be destroyed, only once that was read.
    fn alarmed(&mut self, alarms: Alarms, mut effects: Vec<Effect>) -> Step {
        if matches!(self.flow, Flow::Ended) {
            return Step { screen: self.screen(), effects };
        }
        effects.extend(self.end(Ended::Alarm).effects);
        self.notice = Some(Notice::Alarm(alarms));
        Step { screen: self.screen(), effects }
    }

    /// Tells whether an event is let: all of them while all is well, and otherwise only what brings a
    /// session to its end.
    pub(crate) fn is_let(&self, event: &Event) -> bool {
        match (&self.guard, &self.flow) {
            (Guard::Clear, _) | (_, Flow::Ended) => true,
            (_, Flow::Stopped(_)) => matches!(event, Event::Press(Button::Done)),
            (_, Flow::Create(_)) => matches!(event, Event::Saved | Event::NotSaved),
            _ => false,
        }
    }

    /// Gives the screen that stands before every other while all is not well.
    pub(crate) fn guard_screen(&self) -> Option<Screen> {
        let alarms = match (&self.guard, &self.flow) {
            (Guard::Clear, _) | (_, Flow::Ended | Flow::Stopped(_) | Flow::Create(_)) => return None,
            (Guard::Unwatched, _) => None,
            (Guard::Alarmed(alarms), _) => Some(alarms.clone()),
        };
        Some(Screen::of(View::Alarm { alarms }, &[]))
    }

    fn given_up(&self) -> Stopped {
        let rehearsal = matches!(self.home, HomeView::Sealed { mode: Mode::Rehearsal, .. });
        Stopped { cards: self.undrilled_cards(), rehearsal }
    }
}

/// Tells whether something of a flow may be on disk or on paper, so that the process cannot go on
/// with what it knew at its start.
fn outlives(flow: &Flow) -> bool {
    match flow {
        Flow::Made(_) | Flow::Stopped(_) | Flow::Drilled(..) | Flow::Ended => true,
        Flow::EndRehearsal { erasing } => *erasing,
        Flow::Saving(saving) => matches!(saving, Saving::Drill(_)),
        Flow::Create(create) => matches!(create, Create::Card(_) | Create::Saving(_) | Create::Unsaved(_)),
        Flow::Restore(restore) => matches!(restore, Restore::Saving(_) | Restore::Unsaved(_) | Restore::Done(_)),
        _ => false,
    }
}
