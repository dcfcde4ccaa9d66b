//! Requests: looked at page by page, approved, declined or refused.

use crate::{
    event::{Effect, Event},
    flow::{Flow, For, Next, Refused, Saving, Then},
    scan::Scan,
    screen::{Button, Notice, Screen, View},
    session::{Session, gather},
    view,
};
use cloison_custody::{Admitted, Gathering, NotYet, Open, Performed, Received, Refusal, Review};
use cloison_protocol::Request;
use rand_core::CryptoRng;

impl Session {
    pub(crate) fn request(&mut self, scan: Scan, request: Request, now: u64) -> Next {
        match self.vault.as_ref().map(|vault| vault.receive(request, now)) {
            Some(Ok(Received::Review(review))) => Flow::Review(review).into(),
            Some(Ok(Received::Refused(refusal))) => {
                let emergency = refusal.allows_emergency().then(|| refusal.request().clone());
                let refused = Box::new(Refused { reason: refusal.reason(), reply: Vec::new(), emergency });
                self.admit_refusal(refusal, now, |admitted| Saving::Refusal(admitted, refused))
            }
            Some(Ok(Received::Again(reply))) => Flow::Reply(reply.as_bytes().to_vec()).into(),
            Some(Err(unanswerable)) => Flow::Scan(scan, For::Request).saying(Notice::Unanswerable(unanswerable)),
            None => self.rest().into(),
        }
    }

    pub(crate) fn review(&mut self, mut review: Review, event: &Event, now: u64, rng: &mut impl CryptoRng) -> Next {
        match event {
            Event::Press(Button::Next) => review.forward(),
            Event::Press(Button::Back) => review.back(),
            Event::Press(Button::Cancel) => return self.rest().into(),
            Event::Press(Button::Decline) => return self.admit_refusal(review.decline(), now, Saving::Answer),
            Event::Press(Button::Emergency) => return self.emergency(review, now),
            Event::Press(Button::PresentCards) if review.missing() == Some(NotYet::Quorum) => {
                return match &self.vault {
                    Some(vault) => {
                        let gathering = Gathering::new(vault.descriptor().clone(), review.occasion()).needing(review.cards());
                        gather(gathering, Then::Approve(review))
                    }
                    None => self.rest().into(),
                };
            }
            Event::Press(Button::Approve) => return self.approve(review, now, rng),
            _ => {}
        }
        Flow::Review(review).into()
    }

    /// Goes on by the emergency path, where more approvals are asked than people are here.
    fn emergency(&self, review: Review, now: u64) -> Next {
        match &self.vault {
            Some(vault) if vault.allows_emergency(&review, now) => match vault.in_emergency(review.request().clone(), now) {
                Ok(emergency) => Flow::Review(emergency).into(),
                Err(reason) => Flow::Review(review).saying(Notice::NoEmergency(reason)),
            },
            _ => Flow::Review(review).into(),
        }
    }

    fn approve(&mut self, review: Review, now: u64, rng: &mut impl CryptoRng) -> Next {
        match review.approve() {
            Err((review, NotYet::Unread { pages })) => Flow::Review(review).saying(Notice::Unread(pages)),
            Err((review, _)) => Flow::Review(review).into(),
            Ok(approval) => match self.vault.as_ref().and_then(|vault| vault.admit(approval, now, rng)) {
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

    pub(crate) fn refused(&self, refused: Refused, event: &Event, now: u64) -> Next {
        match (event, &refused.emergency, &self.vault) {
            (Event::Press(Button::Answer), ..) => Flow::Reply(refused.reply).into(),
            (Event::Press(Button::Cancel), ..) => self.rest().into(),
            (Event::Press(Button::Emergency), Some(request), Some(vault)) => match vault.in_emergency(request.clone(), now) {
                Ok(review) => Flow::Review(review).into(),
                Err(reason) => Flow::Refused(refused).saying(Notice::NoEmergency(reason)),
            },
            _ => Flow::Refused(refused).into(),
        }
    }

    pub(crate) fn perform(&mut self, admitted: Admitted, rng: &mut impl CryptoRng, then: impl FnOnce(Vec<u8>) -> Flow) -> Next {
        match self.vault.as_mut().map(|vault| vault.perform(admitted, rng)) {
            Some(Ok(Performed::Reply(reply))) => then(reply.as_bytes().to_vec()).into(),
            Some(Ok(Performed::Show(showing))) => view::first(showing),
            Some(Err(error)) => self.rest().saying(Notice::Perform(error)),
            None => self.rest().into(),
        }
    }
}

/// Puts a review's page on a screen; what can be pressed follows from what is missing.
pub(crate) fn screen(review: &Review, vault: Option<&Open>, now: u64) -> Screen {
    let (page, number, of) = review.page();
    let Some(page) = page else { return Screen::of(View::Saving, &[Button::Cancel]) };
    let mut buttons = Vec::new();
    if number < of {
        buttons.push(Button::Next);
    } else {
        buttons.push(match review.missing() {
            None => Button::Approve,
            Some(NotYet::Quorum) => Button::PresentCards,
            Some(_) => Button::Next,
        });
    }
    if number > 1 {
        buttons.push(Button::Back);
    }
    let emergency = review.missing() == Some(NotYet::Quorum);
    if emergency && vault.is_some_and(|vault| vault.allows_emergency(review, now)) {
        buttons.push(Button::Emergency);
    }
    buttons.extend([Button::Decline, Button::Cancel, Button::Seal]);
    Screen::of(View::Review { page: page.clone(), number, of }, &buttons)
}

/// Puts a refusal on a screen.
pub(crate) fn refused_screen(refused: &Refused) -> Screen {
    let mut buttons = vec![Button::Answer];
    buttons.extend(refused.emergency.as_ref().map(|_| Button::Emergency));
    buttons.extend([Button::Cancel, Button::Seal]);
    Screen::of(View::Refused(refused.reason), &buttons)
}
