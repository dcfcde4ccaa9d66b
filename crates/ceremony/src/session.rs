//! The session: which flow is running, and how one leads to the next.

use crate::{
    answer,
    cards::{Cards, Presenting},
    check::Check,
    create::{Create, Created},
    enrol,
    event::{Effect, Ended, Event, Step},
    scan::Scan,
    screen::{Button, Code, HomeView, Notice, Screen, View},
};
use cloison_custody::{
    Admitted, Adoption, Gathering, NotYet, Occasion, Open, Quorum, Received, Refusal, Review, Stale, Stored, Witnessed,
};
use cloison_protocol::{Enrolment, Kind, Message, Mode, PublicKeys, Reason, Request};
use rand_core::CryptoRng;

/// One run of the kiosk, from its start to sealing.
///
/// # Invariants
/// Secrets live in the flow that needs them and are dropped with it: on back, on cancel, on error
/// and at the end. Only an opened vault outlives its flow, until the session is sealed.
pub struct Session {
    flow: Flow,
    vault: Option<Open>,
    stored: Option<Vec<u8>>,
    home: HomeView,
    notice: Option<Notice>,
}

enum Flow {
    Home,
    Create(Create),
    Made(PublicKeys),
    Stopped(Vec<(u8, String)>),
    Cards(Cards, Then),
    Check(Check),
    EndRehearsal { erasing: bool },
    Desk,
    Scan(Scan),
    Review(Review),
    Refused(Reason, Vec<u8>),
    Enrolment(Enrolment),
    Saving(Saving),
    Reply(Vec<u8>),
    PublicKeys(PublicKeys),
    Ended,
}

/// What a quorum is for.
enum Then {
    Open,
    Approve(Review),
    Enrol(Enrolment),
}

/// What is on its way to disk.
enum Saving {
    Opening,
    Enrolment(Adoption, String),
    /// The trace that cards were presented; the review goes on when it is on disk.
    Presented(Witnessed),
    Answer(Admitted),
    Refusal(Admitted, Reason),
}

/// Where an event leads.
struct Next {
    flow: Flow,
    notice: Option<Notice>,
    effects: Vec<Effect>,
}

impl From<Flow> for Next {
    fn from(flow: Flow) -> Self {
        Self { flow, notice: None, effects: Vec::new() }
    }
}

impl Flow {
    fn saying(self, notice: Notice) -> Next {
        Next { notice: Some(notice), ..self.into() }
    }

    fn doing(self, effect: Effect) -> Next {
        Next { effects: vec![effect], ..self.into() }
    }
}

impl Session {
    /// Starts with the store's bytes, if there are any.
    #[must_use]
    pub fn new(stored: Option<Vec<u8>>) -> Self {
        let home = home_view(stored.as_deref());
        Self { flow: Flow::Home, vault: None, stored, home, notice: None }
    }

    /// Takes one event. `now` is the appliance's clock, in seconds since 1970 UTC.
    pub fn handle(&mut self, event: Event, now: u64, rng: &mut impl CryptoRng) -> Step {
        let flow = std::mem::replace(&mut self.flow, Flow::Ended);
        let next = match event {
            // The button that is on every screen of an open vault.
            Event::Press(Button::Seal) if self.vault.is_some() => {
                self.vault = None;
                Flow::Ended.doing(Effect::End(Ended::Sealed))
            }
            event => self.lead(flow, event, now, rng),
        };
        self.flow = next.flow;
        self.notice = next.notice;
        Step { screen: self.screen(), effects: next.effects }
    }

    fn lead(&mut self, flow: Flow, event: Event, now: u64, rng: &mut impl CryptoRng) -> Next {
        match flow {
            Flow::Home => self.home(&event),
            Flow::Create(create) => create_next(create.handle(event, now)),
            Flow::Made(public) => match event {
                Event::Press(Button::Done) => Flow::Ended.doing(Effect::End(Ended::Created)),
                _ => Flow::Made(public).into(),
            },
            Flow::Stopped(cards) => match event {
                Event::Press(Button::Done) => Flow::Home.into(),
                _ => Flow::Stopped(cards).into(),
            },
            Flow::Check(mut check) => match event {
                Event::Press(Button::Cancel) => Flow::Home.into(),
                event => Next { notice: check.handle(event), ..Flow::Check(check).into() },
            },
            Flow::Cards(cards, then) => self.presenting(cards.handle(event), then, now),
            Flow::Desk => self.desk(&event, rng),
            Flow::Scan(scan) => self.scan(scan, event, now),
            Flow::Review(review) => self.review(review, &event, now),
            Flow::Refused(reason, reply) => match event {
                Event::Press(Button::Answer) => Flow::Reply(reply).into(),
                Event::Press(Button::Cancel) => self.rest().into(),
                _ => Flow::Refused(reason, reply).into(),
            },
            Flow::EndRehearsal { erasing } => self.end_rehearsal(erasing, &event),
            Flow::Enrolment(enrolment) => self.enrolment(enrolment, &event),
            Flow::Saving(saving) => self.saving(saving, &event, rng),
            Flow::Reply(bytes) => done(&event, Flow::Reply(bytes)),
            Flow::PublicKeys(public) => done(&event, Flow::PublicKeys(public)),
            Flow::Ended => Flow::Ended.into(),
        }
    }

    fn home(&self, event: &Event) -> Next {
        match (event, &self.home) {
            (Event::Press(Button::CreateVault), HomeView::Blank) => Flow::Create(Create::new(Mode::Real)).into(),
            (Event::Press(Button::RehearseVault), HomeView::Blank) => Flow::Create(Create::new(Mode::Rehearsal)).into(),
            (Event::Press(Button::OpenVault), HomeView::Sealed { .. }) => match self.stored() {
                Some(stored) => {
                    Flow::Cards(Cards::new(Gathering::new(stored.descriptor().clone(), Occasion::Opening)), Then::Open).into()
                }
                None => Flow::Home.into(),
            },
            (Event::Press(Button::CheckCard), HomeView::Sealed { .. }) => match self.stored() {
                Some(stored) => Flow::Check(Check::new(stored.descriptor().clone())).into(),
                None => Flow::Home.into(),
            },
            (Event::Press(Button::EndRehearsal), HomeView::Sealed { mode: Mode::Rehearsal, .. }) => {
                Flow::EndRehearsal { erasing: false }.into()
            }
            _ => Flow::Home.into(),
        }
    }

    /// Removes a rehearsal, so that the appliance is blank again for the real vault.
    fn end_rehearsal(&mut self, erasing: bool, event: &Event) -> Next {
        match event {
            Event::Press(Button::Cancel) if !erasing => Flow::Home.into(),
            Event::Press(Button::Erase) if !erasing => Flow::EndRehearsal { erasing: true }.doing(Effect::Erase),
            Event::Saved if erasing => {
                (self.stored, self.home) = (None, HomeView::Blank);
                Flow::Home.into()
            }
            Event::NotSaved if erasing => Flow::Home.saying(Notice::NotSaved),
            _ => Flow::EndRehearsal { erasing }.into(),
        }
    }

    fn stored(&self) -> Option<Stored> {
        Stored::read(self.stored.as_deref()?).ok()
    }

    fn presenting(&mut self, presenting: Presenting, then: Then, now: u64) -> Next {
        match presenting {
            Presenting::Waiting(cards, notice) => Next { notice, ..Flow::Cards(cards, then).into() },
            Presenting::Complete(quorum) => self.complete(quorum, then, now),
            Presenting::Cancelled => self.rest().into(),
            Presenting::Broken => self.rest().saying(Notice::BrokenQuorum),
        }
    }

    /// Gives the flow to which every other returns: the open vault's, or the first screen.
    fn rest(&self) -> Flow {
        if self.vault.is_some() { Flow::Desk } else { Flow::Home }
    }

    fn complete(&mut self, quorum: Quorum, then: Then, now: u64) -> Next {
        match then {
            Then::Open => self.open(quorum, now),
            Then::Approve(review) => match &self.vault {
                Some(vault) => match vault.witness(review, quorum, now) {
                    Ok((witnessed, bytes)) => Flow::Saving(Saving::Presented(witnessed)).doing(Effect::Save(bytes)),
                    Err(review) => Flow::Review(review).saying(Notice::BrokenQuorum),
                },
                None => self.rest().into(),
            },
            Then::Enrol(enrolment) => {
                let name = enrolment.body().name.as_str().to_owned();
                match self.vault.as_ref().map(|vault| vault.enrol(enrolment, quorum, now)) {
                    Some(Ok((adoption, bytes))) => Flow::Saving(Saving::Enrolment(adoption, name)).doing(Effect::Save(bytes)),
                    Some(Err(refused)) => self.rest().saying(Notice::Enrolment(refused)),
                    None => self.rest().into(),
                }
            }
        }
    }

    fn open(&mut self, quorum: Quorum, now: u64) -> Next {
        let Some(stored) = self.stored() else { return Flow::Home.into() };
        match Open::with_quorum(stored, quorum, now) {
            Err(error) => Flow::Home.saying(Notice::Open(error)),
            Ok(vault) => match vault.to_store() {
                None => Flow::Home.saying(Notice::NotSaved),
                Some(bytes) => {
                    self.vault = Some(vault);
                    Flow::Saving(Saving::Opening).doing(Effect::Save(bytes))
                }
            },
        }
    }

    fn desk(&mut self, event: &Event, rng: &mut impl CryptoRng) -> Next {
        match event {
            Event::Press(Button::ReadRequest) => Flow::Scan(Scan::new(Kind::Request)).into(),
            Event::Press(Button::Enrol) => Flow::Scan(Scan::new(Kind::Enrolment)).into(),
            Event::Press(Button::ShowPublicKeys) => match self.vault.as_ref().map(|vault| vault.public_keys(rng)) {
                Some(Ok(public)) => Flow::PublicKeys(public).into(),
                Some(Err(error)) => Flow::Desk.saying(Notice::Message(error)),
                None => self.rest().into(),
            },
            _ => Flow::Desk.into(),
        }
    }

    fn scan(&mut self, mut scan: Scan, event: Event, now: u64) -> Next {
        match event {
            Event::Press(Button::Cancel) => self.rest().into(),
            Event::Code(bytes) => match scan.code(&bytes) {
                Ok(Some(Message::Request(request))) => self.request(scan, request, now),
                Ok(Some(Message::Enrolment(enrolment))) => self.introduced(enrolment),
                Ok(_) => Flow::Scan(scan).into(),
                Err(notice) => Flow::Scan(scan).saying(notice),
            },
            _ => Flow::Scan(scan).into(),
        }
    }

    fn request(&mut self, scan: Scan, request: Request, now: u64) -> Next {
        match self.vault.as_ref().map(|vault| vault.receive(request, now)) {
            Some(Ok(Received::Review(review))) => Flow::Review(review).into(),
            Some(Ok(Received::Refused(refusal))) => {
                let reason = refusal.reason();
                self.admit_refusal(refusal, now, |admitted| Saving::Refusal(admitted, reason))
            }
            Some(Ok(Received::Again(reply))) => Flow::Reply(reply.as_bytes().to_vec()).into(),
            Some(Err(unanswerable)) => Flow::Scan(scan).saying(Notice::Unanswerable(unanswerable)),
            None => self.rest().into(),
        }
    }

    fn introduced(&self, enrolment: Enrolment) -> Next {
        match self.vault.as_ref().map(|vault| vault.enrolment_occasion(&enrolment)) {
            Some(Ok(_)) => Flow::Enrolment(enrolment).into(),
            Some(Err(refused)) => self.rest().saying(Notice::Enrolment(refused)),
            None => self.rest().into(),
        }
    }

    fn enrolment(&self, enrolment: Enrolment, event: &Event) -> Next {
        match event {
            Event::Press(Button::Cancel) => self.rest().into(),
            Event::Press(Button::WordsMatch) => {
                match self.vault.as_ref().map(|vault| (vault, vault.enrolment_occasion(&enrolment))) {
                    Some((vault, Ok(occasion))) => gather(vault, occasion, Then::Enrol(enrolment)),
                    _ => self.rest().into(),
                }
            }
            _ => Flow::Enrolment(enrolment).into(),
        }
    }

    fn review(&mut self, mut review: Review, event: &Event, now: u64) -> Next {
        match event {
            Event::Press(Button::Next) => review.forward(),
            Event::Press(Button::Back) => review.back(),
            Event::Press(Button::Cancel) => return self.rest().into(),
            Event::Press(Button::Decline) => return self.admit_refusal(review.decline(), now, Saving::Answer),
            Event::Press(Button::PresentCards) if review.missing() == Some(NotYet::Quorum) => {
                return match &self.vault {
                    Some(vault) => gather(vault, review.occasion(), Then::Approve(review)),
                    None => self.rest().into(),
                };
            }
            Event::Press(Button::Approve) => return self.approve(review, now),
            _ => {}
        }
        Flow::Review(review).into()
    }

    fn approve(&mut self, review: Review, now: u64) -> Next {
        match review.approve() {
            Err((review, NotYet::Unread { pages })) => Flow::Review(review).saying(Notice::Unread(pages)),
            Err((review, _)) => Flow::Review(review).into(),
            Ok(approval) => match self.vault.as_ref().and_then(|vault| vault.admit(approval, now)) {
                Some((admitted, bytes)) => Flow::Saving(Saving::Answer(admitted)).doing(Effect::Save(bytes)),
                None => self.rest().saying(Notice::TooLate),
            },
        }
    }

    /// A refusal is in the log before anybody is shown it.
    fn admit_refusal(&mut self, refusal: Refusal, now: u64, saving: impl FnOnce(Admitted) -> Saving) -> Next {
        match self.vault.as_ref().and_then(|vault| vault.refuse(refusal, now)) {
            Some((admitted, bytes)) => Flow::Saving(saving(admitted)).doing(Effect::Save(bytes)),
            None => self.rest().saying(Notice::NotSaved),
        }
    }

    fn saving(&mut self, saving: Saving, event: &Event, rng: &mut impl CryptoRng) -> Next {
        match (saving, event) {
            (Saving::Opening, Event::Saved) => Flow::Desk.into(),
            (Saving::Opening, Event::NotSaved) => {
                self.vault = None;
                Flow::Home.saying(Notice::NotSaved)
            }
            (Saving::Enrolment(adoption, name), Event::Saved) => match self.adopt(adoption) {
                Ok(()) => self.rest().saying(Notice::Enrolled(name)),
                Err(stale) => self.rest().saying(Notice::Stale(stale)),
            },
            (Saving::Presented(witnessed), Event::Saved) => match self.vault.as_mut().map(|vault| vault.look(witnessed)) {
                Some(Ok(review)) => Flow::Review(review).into(),
                Some(Err(review)) => Flow::Review(review).saying(Notice::BrokenQuorum),
                None => self.rest().into(),
            },
            (Saving::Presented(witnessed), Event::NotSaved) => Flow::Review(witnessed.abandon()).saying(Notice::NotSaved),
            (Saving::Answer(admitted), Event::Saved) => self.perform(admitted, rng, Flow::Reply),
            (Saving::Refusal(admitted, reason), Event::Saved) => {
                self.perform(admitted, rng, |reply| Flow::Refused(reason, reply))
            }
            (_, Event::NotSaved) => self.rest().saying(Notice::NotSaved),
            (saving, _) => Flow::Saving(saving).into(),
        }
    }

    fn adopt(&mut self, adoption: Adoption) -> Result<(), Stale> {
        self.vault.as_mut().map_or(Err(Stale), |vault| vault.adopt(adoption))
    }

    fn perform(&mut self, admitted: Admitted, rng: &mut impl CryptoRng, then: impl FnOnce(Vec<u8>) -> Flow) -> Next {
        match self.vault.as_mut().map(|vault| vault.perform(admitted, rng)) {
            Some(Ok(reply)) => then(reply.as_bytes().to_vec()).into(),
            Some(Err(error)) => self.rest().saying(Notice::Perform(error)),
            None => self.rest().into(),
        }
    }

    /// Gives what is to be shown now.
    #[must_use]
    pub fn screen(&self) -> Screen {
        let mut screen = match &self.flow {
            Flow::Home => self.home_screen(),
            Flow::Create(create) => create.screen(),
            Flow::Made(public) => {
                let title = public.body().title.as_str().to_owned();
                let view = View::Created { title, words: public.fingerprint() };
                showing(view, public.as_bytes(), &[Button::Done])
            }
            Flow::Stopped(cards) => Screen::of(View::Stopped { cards: cards.clone() }, &[Button::Done]),
            Flow::Cards(cards, _) => cards.screen(),
            Flow::Check(check) => check.screen(),
            Flow::Desk => self.desk_screen(),
            Flow::Scan(scan) => scan.screen(),
            Flow::Review(review) => answer::screen(review),
            Flow::Refused(reason, _) => Screen::of(View::Refused(*reason), &[Button::Answer, Button::Cancel, Button::Seal]),
            Flow::EndRehearsal { erasing: true } => Screen::of(View::Saving, &[]),
            Flow::EndRehearsal { erasing: false } => Screen::of(View::EndRehearsal, &[Button::Erase, Button::Cancel]),
            Flow::Enrolment(enrolment) => enrol::screen(enrolment),
            Flow::Saving(_) => Screen::of(View::Saving, &[]),
            Flow::Reply(bytes) => showing(View::Reply, bytes, &[Button::Done, Button::Seal]),
            Flow::PublicKeys(public) => {
                let view = View::PublicKeys { words: public.fingerprint() };
                showing(view, public.as_bytes(), &[Button::Done, Button::Seal])
            }
            Flow::Ended => Screen::of(View::Ended, &[]),
        };
        if self.vault.is_some() && !screen.buttons.contains(&Button::Seal) {
            screen.buttons.push(Button::Seal);
        }
        screen.notice.clone_from(&self.notice);
        screen.rehearsal = self.is_rehearsal();
        screen
    }

    fn is_rehearsal(&self) -> bool {
        match &self.flow {
            Flow::Create(create) => create.is_rehearsal(),
            Flow::Made(public) => public.body().mode == Mode::Rehearsal,
            _ => matches!(self.home, HomeView::Sealed { mode: Mode::Rehearsal, .. }),
        }
    }

    fn home_screen(&self) -> Screen {
        let home = self.home.clone();
        let buttons: &[Button] = match home {
            HomeView::Blank => &[Button::CreateVault, Button::RehearseVault],
            HomeView::Sealed { mode: Mode::Rehearsal, .. } => &[Button::OpenVault, Button::CheckCard, Button::EndRehearsal],
            HomeView::Sealed { .. } => &[Button::OpenVault, Button::CheckCard],
            HomeView::Broken(_) => &[],
        };
        Screen::of(View::Home(home), buttons)
    }

    fn desk_screen(&self) -> Screen {
        let Some(vault) = &self.vault else { return self.home_screen() };
        let body = vault.descriptor().body();
        let view = View::Desk {
            title: body.title.as_str().to_owned(),
            mode: body.mode,
            enrolled: vault.enrolments().len(),
            generation: vault.seen().generation,
        };
        Screen::of(view, &[Button::ReadRequest, Button::Enrol, Button::ShowPublicKeys, Button::Seal])
    }
}

impl Screen {
    pub(crate) fn of(view: View, buttons: &[Button]) -> Self {
        Self { view, buttons: buttons.to_vec(), fields: Vec::new(), notice: None, code: None, camera: false, rehearsal: false }
    }
}

fn showing(view: View, message: &[u8], buttons: &[Button]) -> Screen {
    Screen { code: Some(Code::Message(message.to_vec())), ..Screen::of(view, buttons) }
}

fn gather(vault: &Open, occasion: Occasion, then: Then) -> Next {
    Flow::Cards(Cards::new(Gathering::new(vault.descriptor().clone(), occasion)), then).into()
}

fn done(event: &Event, flow: Flow) -> Next {
    match event {
        Event::Press(Button::Done) => Flow::Desk.into(),
        _ => flow.into(),
    }
}

fn create_next(created: Created) -> Next {
    match created {
        Created::Still(create, notice, effects) => Next { flow: Flow::Create(create), notice, effects },
        Created::Made(public) => Flow::Made(public).into(),
        Created::Stopped(cards, notice) if cards.is_empty() => Next { notice, ..Flow::Home.into() },
        Created::Stopped(cards, notice) => Next { notice, ..Flow::Stopped(cards).into() },
    }
}

fn home_view(stored: Option<&[u8]>) -> HomeView {
    let Some(bytes) = stored else { return HomeView::Blank };
    match Stored::read(bytes) {
        Err(error) => HomeView::Broken(error),
        Ok(stored) => {
            let body = stored.descriptor().body();
            HomeView::Sealed {
                title: body.title.as_str().to_owned(),
                vault: body.vault,
                mode: body.mode,
                threshold: body.threshold,
                cards: body.cards,
            }
        }
    }
}
