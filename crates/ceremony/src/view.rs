//! Records shown on the kiosk only, one after the other, before there is a reply.

use crate::{
    event::{Effect, Event},
    flow::{Flow, Next, Sight, Viewing},
    screen::{Button, Notice, Screen, Seen, View},
    session::Session,
};
use cloison_custody::Showing;
use rand_core::CryptoRng;

impl Sight {
    /// Tells whether all of it was seen that there is to see.
    fn is_whole(self) -> bool {
        match self {
            Self::Decoding => false,
            Self::Page { at, of } => at + 1 == of,
            Self::Not(_) | Self::Refused(_) => true,
        }
    }
}

/// Starts with the first record.
pub(crate) fn first(showing: Showing) -> Next {
    at(Viewing { showing, at: 0, seen: Sight::Decoding, shown: Vec::new() })
}

/// Has the present record decoded, or tells why it did not open.
fn at(mut viewing: Viewing) -> Next {
    match viewing.showing.records().get(viewing.at) {
        Some(Ok(_)) => {
            viewing.seen = Sight::Decoding;
            Flow::Record(viewing).doing(Effect::ShowRecord)
        }
        Some(Err(reason)) => {
            viewing.seen = Sight::Refused(*reason);
            Flow::Record(viewing).into()
        }
        None => Flow::Record(viewing).into(),
    }
}

/// Lends the record that is to be shown.
pub(crate) fn record(viewing: &Viewing) -> Option<&[u8]> {
    let record = viewing.showing.records().get(viewing.at)?;
    record.as_ref().ok().map(|record| record.as_slice())
}

impl Session {
    pub(crate) fn viewing(&mut self, mut viewing: Viewing, event: &Event, rng: &mut impl CryptoRng) -> Next {
        match (event, viewing.seen) {
            (Event::Shown { pages }, Sight::Decoding) => viewing.seen = Sight::Page { at: 0, of: (*pages).max(1) },
            (Event::NotShown(why), Sight::Decoding) => viewing.seen = Sight::Not(*why),
            (Event::Press(Button::Next), Sight::Page { at, of }) if at + 1 < of => {
                viewing.seen = Sight::Page { at: at + 1, of };
            }
            (Event::Press(Button::Back), Sight::Page { at, of }) => {
                viewing.seen = Sight::Page { at: at.saturating_sub(1), of };
            }
            (Event::Press(Button::Done), seen) if seen.is_whole() => return self.looked(viewing, rng),
            _ => {}
        }
        Flow::Record(viewing).into()
    }

    /// Goes on to the next record, or to the reply after the last.
    fn looked(&mut self, mut viewing: Viewing, rng: &mut impl CryptoRng) -> Next {
        viewing.shown.push(matches!(viewing.seen, Sight::Page { .. }));
        viewing.at += 1;
        if viewing.at < viewing.showing.records().len() {
            return at(viewing);
        }
        let Viewing { showing, shown, .. } = viewing;
        match self.vault.as_mut().map(|vault| vault.shown(showing, &shown, rng)) {
            Some(Ok(reply)) => Flow::Reply(reply.as_bytes().to_vec()).into(),
            Some(Err(error)) => self.rest().saying(Notice::Perform(error)),
            None => self.rest().into(),
        }
    }
}

pub(crate) fn screen(viewing: &Viewing) -> Screen {
    let (seen, buttons) = match viewing.seen {
        Sight::Decoding => (Seen::Decoding, vec![]),
        Sight::Refused(reason) => (Seen::Refused(reason), vec![Button::Done]),
        Sight::Not(why) => (Seen::Not(why), vec![Button::Done]),
        Sight::Page { at, of } => {
            let mut buttons = vec![if at + 1 < of { Button::Next } else { Button::Done }];
            buttons.extend((at > 0).then_some(Button::Back));
            (Seen::Page(at + 1, of), buttons)
        }
    };
    let of = viewing.showing.records().len();
    let mut screen = Screen::of(View::Record { record: viewing.at + 1, of, seen }, &buttons);
    screen.private = matches!(seen, Seen::Page(..));
    screen
}
