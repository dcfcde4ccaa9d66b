//! What is done once cards were presented, and once its traces are on disk.

use crate::{
    cards::Presenting,
    create::Create,
    event::{Effect, Event},
    flow::{Export, Flow, For, Next, Part, Saving, Then},
    manage,
    scan::Scan,
    screen::{Button, Notice, Purposes},
    session::{Session, gather},
};
use cloison_custody::{Adoption, Change, Gathering, Open, OpenError, Quorum, Review, Stale, drilled};
use cloison_protocol::{Enrolment, Kind, Message, PublicKeys, Succession};
use rand_core::CryptoRng;

impl Session {
    pub(crate) fn presenting(&mut self, presenting: Presenting, then: Then, now: u64, rng: &mut impl CryptoRng) -> Next {
        match presenting {
            Presenting::Waiting(cards, notice) => Next { notice, ..Flow::Cards(cards, then).into() },
            Presenting::Complete(quorum) => self.complete(quorum, then, now, rng),
            Presenting::Cancelled => match then {
                Then::Approve(review) => Flow::Review(review).into(),
                _ => self.rest().into(),
            },
            Presenting::Broken => self.rest().saying(Notice::BrokenQuorum),
        }
    }

    fn complete(&mut self, quorum: Quorum, then: Then, now: u64, rng: &mut impl CryptoRng) -> Next {
        let then = match then {
            Then::Open { date } => return self.open(quorum, date, now),
            Then::Drill { began } => return self.drill(quorum, began, now, rng),
            then => then,
        };
        let Some(vault) = &self.vault else { return self.rest().into() };
        match then {
            Then::Approve(review) => witness(vault, review, quorum, now),
            Then::Enrol(enrolment) => enrol(vault, enrolment, quorum, now),
            Then::Reshare(ready) => Flow::Create(Create::with_quorum(ready, quorum)).into(),
            Then::Change(Change::Renew) => self.changing(vault.renew(quorum, now), Purposes::Renewal),
            Then::Change(Change::Confirm) => self.changing(vault.confirm(quorum, now), Purposes::Confirmation),
            Then::Change(Change::Revoke(key)) => self.changing(vault.revoke(key, quorum, now), Purposes::Revocation),
            Then::Rotate(key) => match vault.rotate(key, quorum, now, rng) {
                Ok((rotated, bytes)) => Flow::Saving(Saving::Rotation(rotated)).doing(Effect::Save(bytes)),
                Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
            },
            Then::Succeed(public) => succeed(vault, &public, quorum, now, rng),
            Then::Follow(succession) => self.changing(vault.follow(&succession, quorum, now), Purposes::Following),
            Then::Change(_) | Then::Open { .. } | Then::Drill { .. } => self.rest().into(),
        }
    }

    fn open(&mut self, quorum: Quorum, date: u64, now: u64) -> Next {
        let Some(stored) = self.stored() else { return Flow::Home.into() };
        match Open::with_quorum(stored, quorum, date, now) {
            Err(error) => self.not_opened(error),
            Ok(vault) => match vault.to_store() {
                None => Flow::Home.saying(Notice::NotSaved),
                Some(bytes) => {
                    self.clock.open(now, vault.limits());
                    self.vault = Some(vault);
                    Flow::Saving(Saving::Opening).doing(Effect::Save(bytes))
                }
            },
        }
    }

    /// A store that the vault's own cards prove to be wrong is not offered again.
    fn not_opened(&mut self, error: OpenError) -> Next {
        if let OpenError::Store(error) = error {
            self.home = crate::screen::HomeView::Broken(error);
        }
        Flow::Home.saying(Notice::Open(error))
    }

    fn drill(&mut self, quorum: Quorum, began: u64, now: u64, rng: &mut impl CryptoRng) -> Next {
        let Some(stored) = self.stored() else { return Flow::Home.into() };
        match drilled(stored, quorum, began, now, rng) {
            Ok(drilled) => {
                let bytes = drilled.store.clone();
                Flow::Saving(Saving::Drill(Box::new(drilled))).doing(Effect::Save(bytes))
            }
            Err(error) => Flow::Home.saying(Notice::Drill(error)),
        }
    }

    pub(crate) fn saving(&mut self, saving: Saving, event: &Event, rng: &mut impl CryptoRng) -> Next {
        match (saving, event) {
            (Saving::Opening, Event::Saved) => self.opened(),
            (Saving::Opening, Event::NotSaved) => {
                self.vault = None;
                self.clock.close();
                Flow::Home.saying(Notice::NotSaved)
            }
            (Saving::Drill(drilled), Event::Saved) => Flow::Drilled(drilled, Part::PublicKeys).into(),
            (Saving::Enrolment(adoption, name), Event::Saved) => self.adopted(adoption, Flow::Desk, Some(Notice::Enrolled(name))),
            (Saving::Change(adoption, purpose), Event::Saved) => {
                self.adopted(adoption, Flow::Manage, Some(Notice::Changed(purpose)))
            }
            (Saving::Abandoning(adoption, stopped), Event::Saved) => self.adopted(adoption, Flow::Stopped(stopped), None),
            (Saving::Export(adoption, export), Event::Saved) => self.adopted(adoption, Flow::Export(export), None),
            (Saving::Rotation(rotated), Event::Saved) => match self.vault.as_mut().map(|vault| vault.adopt_rotated(rotated)) {
                Some(Ok(())) => Flow::Manage.saying(Notice::Changed(Purposes::Rotation)),
                Some(Err(stale)) => Flow::Manage.saying(Notice::Stale(stale)),
                None => self.rest().into(),
            },
            (Saving::Presented(witnessed), Event::Saved) => match self.vault.as_mut().map(|vault| vault.look(witnessed)) {
                Some(Ok(review)) => Flow::Review(review).into(),
                Some(Err(review)) => Flow::Review(review).saying(Notice::BrokenQuorum),
                None => self.rest().into(),
            },
            (Saving::Presented(witnessed), Event::NotSaved) => Flow::Review(witnessed.abandon()).saying(Notice::NotSaved),
            (Saving::Answer(admitted), Event::Saved) => self.perform(admitted, rng, Flow::Reply),
            (Saving::Refusal(admitted, mut refused), Event::Saved) => self.perform(admitted, rng, |reply| {
                refused.reply = reply;
                Flow::Refused(*refused)
            }),
            (Saving::Change(..) | Saving::Abandoning(..) | Saving::Rotation(_) | Saving::Export(..), Event::NotSaved) => {
                Flow::Manage.saying(Notice::NotSaved)
            }
            (_, Event::NotSaved) => self.rest().saying(Notice::NotSaved),
            (saving, _) => Flow::Saving(saving).into(),
        }
    }

    fn opened(&self) -> Next {
        let emergencies = self.vault.as_ref().map_or(0, |vault| vault.waiting().emergencies);
        if emergencies > 0 { Flow::Emergencies { at: 0, saving: None }.into() } else { Flow::Desk.into() }
    }

    fn adopted(&mut self, adoption: Adoption, then: Flow, notice: Option<Notice>) -> Next {
        match self.vault.as_mut().map_or(Err(Stale), |vault| vault.adopt(adoption)) {
            Ok(()) => Next { notice, ..then.into() },
            Err(stale) => self.rest().saying(Notice::Stale(stale)),
        }
    }

    pub(crate) fn scan(&mut self, mut scan: Scan, wanted: For, event: Event, now: u64) -> Next {
        match event {
            Event::Press(Button::Cancel) => self.rest().into(),
            Event::Code(bytes) => match scan.code(&bytes) {
                Ok(Some(message)) => self.scanned(scan, wanted, message, now),
                Ok(None) => Flow::Scan(scan, wanted).into(),
                Err(notice) => Flow::Scan(scan, wanted).saying(notice),
            },
            _ => Flow::Scan(scan, wanted).into(),
        }
    }

    fn scanned(&mut self, scan: Scan, wanted: For, message: Message, now: u64) -> Next {
        match (wanted, message, &self.vault) {
            (For::Request, Message::Request(request), _) => self.request(scan, request, now),
            (For::Enrolment, Message::Enrolment(enrolment), _) => self.introduced(enrolment),
            (For::Plan(setup), Message::Plan(plan), _) => manage::planned(setup, plan),
            (For::Check, Message::Descriptor(descriptor), _) => Flow::Check(crate::check::Check::new(descriptor, None)).into(),
            (For::Succession, Message::PublicKeys(public), Some(vault)) => match vault.succession(&public) {
                Ok(_) => Flow::Succession(public).into(),
                Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
            },
            (For::Following, Message::Succession(succession), Some(vault)) => match vault.following(&succession) {
                Ok(_) => Flow::Following(succession).into(),
                Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
            },
            (wanted, ..) => Flow::Scan(scan, wanted).into(),
        }
    }

    fn introduced(&self, enrolment: Enrolment) -> Next {
        match self.vault.as_ref().map(|vault| vault.enrolment_occasion(&enrolment)) {
            Some(Ok(_)) => Flow::Enrolment(enrolment).into(),
            Some(Err(refused)) => self.rest().saying(Notice::Enrolment(refused)),
            None => self.rest().into(),
        }
    }

    pub(crate) fn enrolment(&self, enrolment: Enrolment, event: &Event) -> Next {
        match event {
            Event::Press(Button::Cancel) => self.rest().into(),
            Event::Press(Button::WordsMatch) => {
                match self.vault.as_ref().map(|vault| (vault, vault.enrolment_occasion(&enrolment))) {
                    Some((vault, Ok(occasion))) => {
                        gather(Gathering::new(vault.descriptor().clone(), occasion), Then::Enrol(enrolment))
                    }
                    _ => self.rest().into(),
                }
            }
            _ => Flow::Enrolment(enrolment).into(),
        }
    }
}

fn witness(vault: &Open, review: Review, quorum: Quorum, now: u64) -> Next {
    match vault.witness(review, quorum, now) {
        Ok((witnessed, bytes)) => Flow::Saving(Saving::Presented(witnessed)).doing(Effect::Save(bytes)),
        Err(review) => Flow::Review(review).saying(Notice::BrokenQuorum),
    }
}

fn enrol(vault: &Open, enrolment: Enrolment, quorum: Quorum, now: u64) -> Next {
    let name = enrolment.body().name.as_str().to_owned();
    match vault.enrol(enrolment, quorum, now) {
        Ok((adoption, bytes)) => Flow::Saving(Saving::Enrolment(adoption, name)).doing(Effect::Save(bytes)),
        Err(refused) => Flow::Desk.saying(Notice::Enrolment(refused)),
    }
}

fn succeed(vault: &Open, public: &PublicKeys, quorum: Quorum, now: u64, rng: &mut impl CryptoRng) -> Next {
    match vault.succeed(public, quorum, now, rng) {
        Ok((adoption, bytes, succession)) => {
            Flow::Saving(Saving::Export(adoption, exported(&succession))).doing(Effect::Save(bytes))
        }
        Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
    }
}

fn exported(succession: &Succession) -> Export {
    Export { kind: Kind::Succession, bytes: succession.as_bytes().to_vec(), words: None }
}
