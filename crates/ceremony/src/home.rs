//! The first screen: what stands on the card, and what can be done with it.

use crate::{
    check::Check,
    create::{Create, Setup},
    date::Date,
    event::{Effect, Event, Kiosk},
    flow::{Before, Flow, For, Next, Stopped, Then},
    pattern::Test,
    scan::Scan,
    screen::{Button, HomeView, Notice, Screen, View},
    session::{Session, gather},
};
use cloison_custody::{StoreError, Stored, drill};
use cloison_protocol::{Ceremony, Descriptor, Kind, Mode};

impl Session {
    pub(crate) fn home(&self, event: &Event, now: u64) -> Next {
        let Event::Press(button) = event else { return Flow::Home.into() };
        if !self.home_buttons().contains(button) {
            return Flow::Home.into();
        }
        let dated = |before| {
            let last = self.stored().map_or(0, |stored| stored.last());
            Flow::Date(Date::new(now, if matches!(before, Before::Open) { last } else { 0 }), before).into()
        };
        let setup = |mode| Before::Create(Setup { ceremony: Ceremony::Creation, mode });
        match button {
            Button::CreateVault => dated(setup(Mode::Real)),
            Button::RehearseVault => dated(setup(Mode::Rehearsal)),
            Button::OpenVault => dated(Before::Open),
            Button::Restore => dated(Before::Restore),
            Button::EndRehearsal => Flow::EndRehearsal { erasing: false }.into(),
            Button::GiveUp => Flow::GiveUp { erasing: false }.into(),
            Button::CheckCard => match self.stored() {
                Some(stored) => Flow::Check(Check::new(stored.descriptor().clone(), stored.to_drill())).into(),
                None => Flow::Scan(Scan::new(Kind::Descriptor), For::Check).into(),
            },
            Button::TestCodes => Flow::Test(Test::Shown).into(),
            Button::Drill => match self.stored().as_ref().and_then(drill) {
                Some(gathering) => gather(gathering, Then::Drill { began: now }),
                None => Flow::Home.into(),
            },
            _ => Flow::Home.into(),
        }
    }

    pub(crate) fn start(&self, setup: Setup, event: &Event) -> Next {
        match event {
            Event::Press(Button::ReadPlan) => Flow::Scan(Scan::new(Kind::Plan), For::Plan(setup)).into(),
            Event::Press(Button::TypePlan) => Flow::Create(Create::typed(setup)).into(),
            Event::Press(Button::Cancel) => self.rest().into(),
            _ => Flow::Start(setup).into(),
        }
    }

    /// Removes a rehearsal, so that the appliance is blank again for the real vault.
    pub(crate) fn end_rehearsal(&mut self, erasing: bool, event: &Event) -> Next {
        self.erase(erasing, event, |erasing| Flow::EndRehearsal { erasing })
    }

    /// Removes a vault that was never drilled: it never served, and its cards are to be destroyed.
    pub(crate) fn give_up(&mut self, erasing: bool, event: &Event) -> Next {
        let (cards, rehearsal) = (self.undrilled_cards(), matches!(self.home, HomeView::Sealed { mode: Mode::Rehearsal, .. }));
        let next = self.erase(erasing, event, |erasing| Flow::GiveUp { erasing });
        if erasing && matches!(event, Event::Saved) { Flow::Stopped(Stopped { cards, rehearsal }).into() } else { next }
    }

    fn erase(&mut self, erasing: bool, event: &Event, flow: impl Fn(bool) -> Flow) -> Next {
        match event {
            Event::Press(Button::Cancel) if !erasing => Flow::Home.into(),
            Event::Press(Button::Erase) if !erasing => flow(true).doing(Effect::Erase),
            Event::Saved if erasing => {
                (self.stored, self.home) = (None, view(None, &self.kiosk));
                Flow::Home.into()
            }
            Event::NotSaved if erasing => Flow::Home.saying(Notice::NotSaved),
            _ => flow(erasing).into(),
        }
    }

    pub(crate) fn undrilled_cards(&self) -> Vec<(u8, String)> {
        let descriptor = self.stored().and_then(|stored| stored.to_drill());
        descriptor.as_ref().map(cards_of).unwrap_or_default()
    }

    pub(crate) fn give_up_screen(&self) -> Screen {
        Screen::of(View::GiveUp { cards: self.undrilled_cards() }, &[Button::Erase, Button::Cancel])
    }

    pub(crate) fn home_screen(&self) -> Screen {
        Screen::of(View::Home(self.home.clone()), &self.home_buttons())
    }

    fn home_buttons(&self) -> Vec<Button> {
        match &self.home {
            HomeView::Training => vec![Button::RehearseVault, Button::TestCodes],
            HomeView::Real => Vec::new(),
            // What is rehearsed is kept in memory.
            HomeView::NoPlace(_) => vec![Button::RehearseVault, Button::CheckCard, Button::TestCodes],
            HomeView::Broken(_) if self.kiosk.training => Vec::new(),
            HomeView::Blank => {
                vec![Button::CreateVault, Button::RehearseVault, Button::Restore, Button::CheckCard, Button::TestCodes]
            }
            // Nothing is wrong with it, and nothing takes its place.
            HomeView::Broken(StoreError::Newer { .. }) => vec![Button::CheckCard, Button::TestCodes],
            // A store that cannot be used is kept as it is until a restored one takes its place.
            HomeView::Broken(_) => vec![Button::Restore, Button::CheckCard, Button::TestCodes],
            HomeView::Sealed { mode, serves, drill, .. } => {
                let mut buttons = Vec::new();
                buttons.extend(drill.map(|_| Button::Drill));
                buttons.extend(serves.then_some(Button::OpenVault));
                buttons.extend([Button::CheckCard, Button::TestCodes]);
                buttons.extend((!serves).then_some(Button::GiveUp));
                buttons.extend((*serves && *mode == Mode::Rehearsal).then_some(Button::EndRehearsal));
                buttons
            }
        }
    }
}

/// Lists the cards of an epoch: index and custodian of each.
pub(crate) fn cards_of(descriptor: &Descriptor) -> Vec<(u8, String)> {
    let names = descriptor.body().custodians.as_slice();
    (1..).zip(names).map(|(index, name)| (index, name.as_str().to_owned())).collect()
}

pub(crate) fn view(stored: Option<&[u8]>, kiosk: &Kiosk) -> HomeView {
    let Some(bytes) = stored else { return empty(kiosk) };
    match Stored::read(bytes) {
        Err(error) => HomeView::Broken(error),
        Ok(stored) if kiosk.training && stored.descriptor().body().mode == Mode::Real => HomeView::Real,
        Ok(stored) => {
            let body = stored.descriptor().body();
            HomeView::Sealed {
                title: body.title.as_str().to_owned(),
                vault: body.vault,
                mode: body.mode,
                threshold: body.threshold,
                cards: body.cards,
                serves: stored.serves(),
                drill: stored.to_drill().map(|descriptor| descriptor.body().epoch),
            }
        }
    }
}

fn empty(kiosk: &Kiosk) -> HomeView {
    match kiosk.no_place {
        _ if kiosk.training => HomeView::Training,
        Some(why) => HomeView::NoPlace(why),
        None => HomeView::Blank,
    }
}
