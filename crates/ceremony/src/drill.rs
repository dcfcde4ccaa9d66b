//! What a drill leaves: the public keys, the transcript and the description, each shown as codes.

use crate::{
    event::{Effect, Ended, Event},
    flow::{Flow, Next, Part},
    screen::{Button, Screen, View},
    session::showing,
};
use cloison_custody::Drilled;
use cloison_protocol::{Fingerprint, Kind};

pub(crate) fn handle(drilled: Box<Drilled>, part: Part, event: &Event) -> Next {
    let part = match event {
        Event::Press(Button::ShowTranscript) => Part::Transcript,
        Event::Press(Button::ShowDescriptor) => Part::Descriptor,
        Event::Press(Button::ShowPublicKeys) => Part::PublicKeys,
        Event::Press(Button::Done) => return Flow::Ended.doing(Effect::End(Ended::Drilled)),
        _ => part,
    };
    Flow::Drilled(drilled, part).into()
}

pub(crate) fn screen(drilled: &Drilled, part: Part) -> Screen {
    let others = [
        (Part::PublicKeys, Button::ShowPublicKeys),
        (Part::Transcript, Button::ShowTranscript),
        (Part::Descriptor, Button::ShowDescriptor),
    ];
    let mut buttons: Vec<Button> = others.into_iter().filter(|(other, _)| *other != part).map(|(_, button)| button).collect();
    buttons.push(Button::Done);
    let body = drilled.public.body();
    match part {
        Part::PublicKeys => {
            let words = drilled.public.fingerprint();
            let view = View::Drilled { title: body.title.as_str().to_owned(), cards: body.cards, words };
            showing(view, drilled.public.as_bytes(), &buttons)
        }
        Part::Transcript => {
            let words = Some(Fingerprint::of(&drilled.transcript.head()));
            showing(View::Export { kind: Kind::Transcript, words }, drilled.transcript.as_bytes(), &buttons)
        }
        Part::Descriptor => {
            let view = View::Export { kind: Kind::Descriptor, words: None };
            showing(view, drilled.descriptor.as_bytes(), &buttons)
        }
    }
}
