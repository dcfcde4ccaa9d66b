//! The session: which flow is running, and how one leads to the next.

use crate::{
    answer,
    clock::Clock,
    create::{Around, Create, Created},
    date::Dated,
    drill, enrol,
    event::{Effect, Ended, Event, Kiosk, Step},
    flow::{Before, Flow, For, Next, Stopped, Then},
    guard::Guard,
    manage, pattern,
    restore::{Restoration, Restore},
    screen::{Button, Code, HomeView, Notice, Screen, View},
    view,
};
use cloison_custody::{Change, Gathering, Occasion, Open, Stored};
use cloison_protocol::{Digest, Kind, Mode};
use rand_core::CryptoRng;

/// One run of the kiosk, from its start to sealing.
///
/// # Invariants
/// Secrets live in the flow that needs them and are dropped with it: on back, on cancel, on error
/// and at the end. Only an opened vault outlives its flow, until the session is sealed.
pub struct Session {
    pub(crate) flow: Flow,
    pub(crate) vault: Option<Open>,
    pub(crate) stored: Option<Vec<u8>>,
    pub(crate) home: HomeView,
    pub(crate) kiosk: Kiosk,
    pub(crate) clock: Clock,
    pub(crate) guard: Guard,
    /// Why the process ends once somebody has read what is still to be read.
    ending: Option<Ended>,
    pub(crate) notice: Option<Notice>,
}

impl Session {
    /// Starts with the store's bytes, if there are any. Nothing is let before the first
    /// [`Event::Guard`].
    #[must_use]
    pub fn new(stored: Option<Vec<u8>>, kiosk: Kiosk) -> Self {
        let home = crate::home::view(stored.as_deref(), &kiosk);
        let (flow, clock, guard) = (Flow::Home, Clock::default(), Guard::Unwatched);
        Self { flow, vault: None, stored, home, kiosk, clock, guard, ending: None, notice: None }
    }

    /// Learns the digest of the image that was booted, which is read while the session begins already.
    /// It is told once; another is not believed.
    pub fn booted(&mut self, image: Digest) {
        self.kiosk.program.image.get_or_insert(image);
    }

    /// Takes one event. `clock` is the appliance's, in seconds since 1970 UTC.
    pub fn handle(&mut self, event: Event, clock: u64, rng: &mut impl CryptoRng) -> Step {
        if let Event::Guard(found) = &event {
            return self.guard(found, clock);
        }
        let now = self.clock.now(clock);
        // A code that lies before the camera is nobody's touch, unless something comes of it.
        let seen = matches!(event, Event::Code(_)).then(|| self.screen().view);
        if let Some(ended) = self.clock.note(now, seen.is_none() && !matches!(event, Event::Tick)) {
            return self.end(ended);
        }
        // The button that is on every screen of an open vault.
        if matches!(event, Event::Press(Button::Seal)) && self.vault.is_some() {
            return self.end(Ended::Sealed);
        }
        if matches!(event, Event::Tick | Event::Touched) || !self.is_let(&event) {
            return Step { screen: self.screen(), effects: Vec::new() };
        }
        let flow = std::mem::replace(&mut self.flow, Flow::Ended);
        let next = self.lead(flow, event, (clock, now), rng);
        self.flow = next.flow;
        // Why it ends stays on the screen to the last.
        if self.ending.is_none() || next.notice.is_some() {
            self.notice = next.notice;
        }
        let screen = self.screen();
        if seen.is_some_and(|seen| seen != screen.view) {
            self.clock.note(now, true);
        }
        Step { screen: self.screen(), effects: next.effects }
    }

    /// Seals the vault and ends the process; where cards were shown that are to be destroyed, or are
    /// on their way to disk, only once that was read.
    pub(crate) fn end(&mut self, ended: Ended) -> Step {
        (self.vault, self.notice) = (None, None);
        self.clock.close();
        self.flow = match std::mem::replace(&mut self.flow, Flow::Ended) {
            Flow::Create(create) => create.sealed(),
            Flow::Stopped(stopped) => Flow::Stopped(stopped),
            _ => Flow::Ended,
        };
        self.ending = Some(ended);
        let effects = if matches!(self.flow, Flow::Ended) { vec![Effect::End(ended)] } else { Vec::new() };
        Step { screen: self.screen(), effects }
    }

    fn lead(&mut self, flow: Flow, event: Event, (clock, now): (u64, u64), rng: &mut impl CryptoRng) -> Next {
        match flow {
            Flow::Home => {
                self.clock.forget();
                self.home(&event, clock)
            }
            Flow::Start(setup) => self.start(setup, &event),
            Flow::Date(date, before) => self.dated(date.handle(event), before, clock),
            Flow::Create(create) => self.create(create, event, now, rng),
            Flow::Made(made) => match event {
                Event::Press(Button::Done) => Flow::Ended.doing(Effect::End(Ended::Created)),
                _ => Flow::Made(made).into(),
            },
            Flow::Stopped(stopped) => match (event, self.ending) {
                (Event::Press(Button::Done), None) => self.rest().into(),
                (Event::Press(Button::Done), Some(ended)) => Flow::Ended.doing(Effect::End(ended)),
                _ => Flow::Stopped(stopped).into(),
            },
            Flow::Drilled(drilled, part) => drill::handle(drilled, part, &event),
            Flow::GiveUp { erasing } => self.give_up(erasing, &event),
            Flow::Restore(restore) => self.restore(restore, event, now, rng),
            Flow::Check(mut check) => match event {
                Event::Press(Button::Cancel) => Flow::Home.into(),
                event => Next { notice: check.handle(event), ..Flow::Check(check).into() },
            },
            Flow::Test(test) => match pattern::handle(test, &event) {
                Some((test, notice)) => Next { notice, ..Flow::Test(test).into() },
                None => Flow::Home.into(),
            },
            Flow::Cards(cards, then) => self.presenting(cards.handle(event), then, now, rng),
            Flow::EndRehearsal { erasing } => self.end_rehearsal(erasing, &event),
            Flow::Desk => self.desk(&event, rng),
            Flow::Emergencies { at, saving } => self.emergencies(at, saving, &event, now),
            Flow::Manage => self.manage(&event, now, rng),
            Flow::Choose(changes) => self.choose(changes, &event),
            Flow::Scan(scan, wanted) => self.scan(scan, wanted, event, now),
            Flow::Review(review) => self.review(review, &event, now, rng),
            Flow::Refused(refused) => self.refused(refused, &event, now),
            Flow::Enrolment(enrolment) => self.enrolment(enrolment, &event),
            Flow::Succession(public) => self.succession(public, &event),
            Flow::Following(succession) => self.following(succession, &event),
            Flow::Record(viewing) => self.viewing(viewing, &event, rng),
            Flow::Saving(saving) => self.saving(saving, &event, rng),
            Flow::Reply(bytes) => done(&event, Flow::Reply(bytes), Flow::Desk),
            Flow::Export(export) => {
                let then = if export.kind == Kind::PublicKeys { Flow::Desk } else { Flow::Manage };
                done(&event, Flow::Export(export), then)
            }
            Flow::Ended => Flow::Ended.into(),
        }
    }

    fn dated(&mut self, dated: Dated, before: Before, clock: u64) -> Next {
        match dated {
            Dated::Cancelled => self.rest().into(),
            Dated::Still(date, notice) => Next { notice, ..Flow::Date(date, before).into() },
            Dated::Confirmed(date) => {
                self.clock.set(clock, date);
                match before {
                    Before::Open => match self.stored() {
                        Some(stored) => {
                            let gathering = Gathering::new(stored.descriptor().clone(), Occasion::Opening { date });
                            gather(gathering, Then::Open { date })
                        }
                        None => Flow::Home.into(),
                    },
                    Before::Create(setup) => Flow::Start(setup).into(),
                    Before::Restore => Flow::Restore(Restore::new()).into(),
                }
            }
        }
    }

    fn create(&mut self, create: Create, event: Event, now: u64, rng: &mut impl CryptoRng) -> Next {
        let rehearsal = create.is_rehearsal();
        let mut around = Around { now, rng, kiosk: &self.kiosk, vault: self.vault.as_ref() };
        match create.handle(event, &mut around) {
            Created::Still(create, notice, effects) => Next { flow: Flow::Create(create), notice, effects },
            Created::Quorum(ready) => match &self.vault {
                Some(vault) => {
                    let change = Change::Reshare(ready.plan.digest());
                    gather(change_gathering(vault, change), Then::Reshare(ready))
                }
                None => self.rest().into(),
            },
            Created::Made(made) => {
                self.vault = None;
                self.clock.close();
                Flow::Made(made).into()
            }
            Created::Stopped(cards, notice) if cards.is_empty() => Next { notice, ..self.rest().into() },
            Created::Stopped(cards, notice) => Next { notice, ..Flow::Stopped(Stopped { cards, rehearsal }).into() },
        }
    }

    fn restore(&mut self, restore: Restore, event: Event, now: u64, rng: &mut impl CryptoRng) -> Next {
        match restore.handle(event, now, rng) {
            Restoration::Still(restore, notice, effects) => Next { flow: Flow::Restore(restore), notice, effects },
            Restoration::Stopped(notice) => Next { notice, ..Flow::Home.into() },
            Restoration::Ended => Flow::Ended.doing(Effect::End(Ended::Restored)),
        }
    }

    pub(crate) fn stored(&self) -> Option<Stored> {
        Stored::read(self.stored.as_deref()?).ok()
    }

    /// Gives the flow to which every other returns: the open vault's, or the first screen.
    pub(crate) fn rest(&self) -> Flow {
        if self.vault.is_some() { Flow::Desk } else { Flow::Home }
    }

    /// Lends what only the person before the screen may see, while it is shown: a proposed
    /// passphrase.
    #[must_use]
    pub fn private(&self) -> Option<&str> {
        match &self.flow {
            Flow::Create(create) => create.private(),
            _ => None,
        }
    }

    /// Lends the record that is being shown on the kiosk only.
    #[must_use]
    pub fn record(&self) -> Option<&[u8]> {
        match &self.flow {
            Flow::Record(viewing) => view::record(viewing),
            _ => None,
        }
    }

    /// Gives what is to be shown now.
    #[must_use]
    pub fn screen(&self) -> Screen {
        let mut screen = self.guard_screen().unwrap_or_else(|| self.flow_screen());
        if self.vault.is_some() && !screen.buttons.contains(&Button::Seal) {
            screen.buttons.push(Button::Seal);
        }
        screen.notice.clone_from(&self.notice);
        screen.rehearsal = self.is_rehearsal();
        screen.left = self.vault.as_ref().and_then(|_| self.clock.left());
        screen
    }

    fn flow_screen(&self) -> Screen {
        match &self.flow {
            Flow::Home => self.home_screen(),
            Flow::Start(_) => Screen::of(View::Start, &[Button::ReadPlan, Button::TypePlan, Button::Cancel]),
            Flow::Date(date, _) => date.screen(),
            Flow::Create(create) => create.screen(&self.kiosk),
            Flow::Made(made) => Screen::of(View::Created { title: made.title.clone(), cards: made.cards }, &[Button::Done]),
            Flow::Stopped(stopped) => Screen::of(View::Stopped { cards: stopped.cards.clone() }, &[Button::Done]),
            Flow::Drilled(drilled, part) => drill::screen(drilled, *part),
            Flow::GiveUp { erasing: false } => self.give_up_screen(),
            Flow::Restore(restore) => restore.screen(),
            Flow::Cards(cards, _) => cards.screen(),
            Flow::Check(check) => check.screen(),
            Flow::Test(test) => pattern::screen(test),
            Flow::EndRehearsal { erasing: false } => Screen::of(View::EndRehearsal, &[Button::Erase, Button::Cancel]),
            Flow::GiveUp { erasing: true } | Flow::EndRehearsal { erasing: true } | Flow::Saving(_) => {
                Screen::of(View::Saving, &[])
            }
            Flow::Desk => self.desk_screen(),
            Flow::Emergencies { at, saving } => self.emergencies_screen(*at, saving.is_some()),
            Flow::Manage => self.manage_screen(),
            Flow::Choose(changes) => self.choose_screen(changes),
            Flow::Scan(scan, _) => scan.screen(),
            Flow::Review(review) => answer::screen(review, self.vault.as_ref(), self.clock.last()),
            Flow::Refused(refused) => answer::refused_screen(refused),
            Flow::Enrolment(enrolment) => enrol::screen(enrolment),
            Flow::Succession(public) => manage::succession_screen(public),
            Flow::Following(succession) => manage::following_screen(succession),
            Flow::Record(viewing) => view::screen(viewing),
            Flow::Reply(bytes) => showing(View::Reply, bytes, &[Button::Done]),
            Flow::Export(export) => {
                let view = View::Export { kind: export.kind, words: export.words.clone() };
                showing(view, &export.bytes, &[Button::Done])
            }
            Flow::Ended => Screen::of(View::Ended, &[]),
        }
    }

    fn is_rehearsal(&self) -> bool {
        match &self.flow {
            Flow::Start(setup) | Flow::Date(_, Before::Create(setup)) | Flow::Scan(_, For::Plan(setup)) => {
                setup.mode == Mode::Rehearsal
            }
            Flow::Create(create) => create.is_rehearsal(),
            Flow::Made(made) => made.mode == Mode::Rehearsal,
            Flow::Stopped(stopped) => stopped.rehearsal,
            Flow::Restore(restore) => restore.is_rehearsal(),
            Flow::Drilled(drilled, _) => drilled.public.body().mode == Mode::Rehearsal,
            _ => matches!(self.home, HomeView::Sealed { mode: Mode::Rehearsal, .. }),
        }
    }
}

impl Screen {
    /// Makes a screen that shows a view and offers buttons, and has nothing else.
    #[must_use]
    pub fn of(view: View, buttons: &[Button]) -> Self {
        Self {
            view,
            buttons: buttons.to_vec(),
            fields: Vec::new(),
            notice: None,
            code: None,
            camera: false,
            rehearsal: false,
            private: false,
            left: None,
        }
    }
}

pub(crate) fn showing(view: View, message: &[u8], buttons: &[Button]) -> Screen {
    Screen { code: Some(Code::Message(message.to_vec())), ..Screen::of(view, buttons) }
}

/// Asks for the cards of a gathering.
pub(crate) fn gather(gathering: Gathering, then: Then) -> Next {
    Flow::Cards(crate::cards::Cards::new(gathering), then).into()
}

/// Starts the gathering for a change of an open vault.
pub(crate) fn change_gathering(vault: &Open, change: Change) -> Gathering {
    Gathering::new(vault.descriptor().clone(), Occasion::Change(change))
}

fn done(event: &Event, flow: Flow, then: Flow) -> Next {
    match event {
        Event::Press(Button::Done) => then.into(),
        _ => flow.into(),
    }
}
