//! A plan read page by page by everybody, before it is held.

use super::{Around, Create, Created, Setup, roll::RollCall, still};
use crate::{
    event::Event,
    screen::{Button, Notice, PlanPage, Screen, View},
};
use cloison_custody::{BirthError, Minutes, self_test};
use cloison_protocol::{Act, Plan};
use rand_core::CryptoRng;

const PEOPLE_A_PAGE: usize = 6;

/// A plan being read.
pub(crate) struct Pages {
    setup: Setup,
    plan: Plan,
    pages: Vec<PlanPage>,
    at: usize,
}

impl Pages {
    pub(crate) fn new(setup: Setup, plan: Plan) -> Self {
        let pages = pages(&plan);
        Self { setup, plan, pages, at: 0 }
    }

    pub(crate) fn setup(&self) -> Setup {
        self.setup
    }

    pub(crate) fn handle(mut self, event: &Event, around: &mut Around<'_, impl CryptoRng>) -> Created {
        let last = self.at + 1 == self.pages.len();
        match event {
            Event::Press(Button::Next) if !last => self.at += 1,
            Event::Press(Button::Back) => self.at = self.at.saturating_sub(1),
            Event::Press(Button::Continue) if last => {
                return match begun(&self.plan, self.setup, around) {
                    Ok(minutes) => still(Create::RollCall(RollCall::new(self.setup, self.plan, minutes)), None),
                    Err(notice) => Created::Stopped(Vec::new(), Some(notice)),
                };
            }
            _ => {}
        }
        still(Create::Pages(self), None)
    }

    pub(crate) fn screen(&self) -> Screen {
        let (number, of) = (self.at + 1, self.pages.len());
        let mut buttons = vec![if number == of { Button::Continue } else { Button::Next }];
        if number > 1 {
            buttons.push(Button::Back);
        }
        buttons.push(Button::Cancel);
        match self.pages.get(self.at) {
            Some(page) => Screen::of(View::PlanPage { page: page.clone(), number, of }, &buttons),
            None => Screen::of(View::Saving, &[Button::Cancel]),
        }
    }
}

/// Begins the minutes, with the appliance's self-test.
fn begun(plan: &Plan, setup: Setup, around: &mut Around<'_, impl CryptoRng>) -> Result<Minutes, Notice> {
    let answers = self_test(around.rng).map_err(Notice::SelfTest)?;
    let minutes = Minutes::begin(setup.ceremony, plan, &around.kiosk.program, around.now);
    let minutes = minutes.and_then(|minutes| minutes.and(around.now, Act::SelfTested { answers }));
    minutes.ok_or(Notice::Birth(BirthError::Broken))
}

fn pages(plan: &Plan) -> Vec<PlanPage> {
    let body = plan.body();
    let mut pages = vec![PlanPage::Head {
        title: body.title.as_str().to_owned(),
        place: body.place.as_str().to_owned(),
        threshold: body.threshold,
        cards: body.cards(),
        limits: body.limits,
        languages: body.languages.as_slice().to_vec(),
        words: plan.fingerprint(),
    }];
    pages.extend(body.people.as_slice().chunks(PEOPLE_A_PAGE).map(|people| PlanPage::People(people.to_vec())));
    pages.extend(body.key_refs().into_iter().map(|(key, policy)| PlanPage::Key { key, policy }));
    pages
}
