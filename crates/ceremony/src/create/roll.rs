//! The roll-call: everybody of the plan is called, one after the other.

use super::{Create, Created, Ready, Setup, Throw, still};
use crate::{
    event::Event,
    screen::{Button, Notice, Screen, View},
};
use cloison_custody::{BirthError, Minutes, entropy::Dice};
use cloison_protocol::{Act, Ceremony, Person, Plan, Role};

/// People being called.
pub(crate) struct RollCall {
    setup: Setup,
    plan: Plan,
    minutes: Minutes,
    at: usize,
}

impl RollCall {
    pub(crate) fn new(setup: Setup, plan: Plan, minutes: Minutes) -> Self {
        Self { setup, plan, minutes, at: 0 }
    }

    pub(crate) fn setup(&self) -> Setup {
        self.setup
    }

    fn person(&self) -> Option<&Person> {
        self.plan.body().people.as_slice().get(self.at)
    }

    pub(crate) fn handle(self, event: &Event, now: u64) -> Created {
        let Some(person) = self.person() else { return still(Create::RollCall(self), None) };
        let (name, role) = (person.name.clone(), person.role);
        match event {
            Event::Press(Button::Here) => self.noted(now, Act::Present { name, role }),
            // A card cannot be given to somebody who is not here.
            Event::Press(Button::NotHere) if role == Role::Custodian => {
                let notice = Notice::Absent(name.as_str().to_owned());
                still(Create::RollCall(self), Some(notice))
            }
            Event::Press(Button::NotHere) => self.noted(now, Act::Absent { name, role }),
            _ => still(Create::RollCall(self), None),
        }
    }

    fn noted(self, now: u64, act: Act) -> Created {
        let Self { setup, plan, minutes, at } = self;
        let Some(minutes) = minutes.and(now, act) else {
            return Created::Stopped(Vec::new(), Some(Notice::Birth(BirthError::Broken)));
        };
        if at + 1 < plan.body().people.as_slice().len() {
            return still(Create::RollCall(Self { setup, plan, minutes, at: at + 1 }), None);
        }
        let ready = Box::new(Ready { setup, plan, minutes, quorum: None, dice: Dice::new() });
        match setup.ceremony {
            Ceremony::Creation => still(Create::Dice(ready, Throw::new()), None),
            _ => Created::Quorum(ready),
        }
    }

    pub(crate) fn screen(&self) -> Screen {
        let of = self.plan.body().people.as_slice().len();
        let Some(person) = self.person() else { return Screen::of(View::Saving, &[Button::Cancel]) };
        let view = View::RollCall { name: person.name.as_str().to_owned(), role: person.role, number: self.at + 1, of };
        Screen::of(view, &[Button::Here, Button::NotHere, Button::Cancel])
    }
}
