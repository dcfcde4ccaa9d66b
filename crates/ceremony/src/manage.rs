//! The desk of an open vault, and what its people can do there beside answering requests.

use crate::{
    create::{Create, Setup},
    event::{Effect, Event},
    flow::{Export, Flow, For, Next, Saving, Stopped, Then},
    home::cards_of,
    scan::Scan,
    screen::{Button, Choice, Notice, Purposes, Screen, View},
    session::{Session, change_gathering, gather},
};
use cloison_custody::{Adoption, Change, ChangeRefused, Open};
use cloison_protocol::{Ceremony, Entry, Fingerprint, Happening, Kind, MessageError, Mode, PublicKeys, Succession};
use rand_core::CryptoRng;

/// The most entries of the log that are shown as codes at once: about a hundred kilobytes.
const LOG_ENTRIES: usize = 512;
const EMERGENCIES_A_PAGE: usize = 4;

impl Session {
    pub(crate) fn desk(&mut self, event: &Event, rng: &mut impl CryptoRng) -> Next {
        match event {
            Event::Press(Button::ReadRequest) => Flow::Scan(Scan::new(Kind::Request), For::Request).into(),
            Event::Press(Button::Enrol) => Flow::Scan(Scan::new(Kind::Enrolment), For::Enrolment).into(),
            Event::Press(Button::Manage) => Flow::Manage.into(),
            Event::Press(Button::ShowPublicKeys) => self.exporting(Flow::Desk, |vault| {
                let public = vault.public_keys(rng)?;
                Ok(Export { kind: Kind::PublicKeys, words: Some(public.fingerprint()), bytes: public.as_bytes().to_vec() })
            }),
            _ => Flow::Desk.into(),
        }
    }

    fn exporting(&self, from: Flow, export: impl FnOnce(&Open) -> Result<Export, MessageError>) -> Next {
        match self.vault.as_ref().map(export) {
            Some(Ok(export)) => Flow::Export(export).into(),
            Some(Err(error)) => from.saying(Notice::Message(error)),
            None => self.rest().into(),
        }
    }

    pub(crate) fn manage(&mut self, event: &Event, now: u64, rng: &mut impl CryptoRng) -> Next {
        let Event::Press(button) = event else { return Flow::Manage.into() };
        let Some(vault) = &self.vault else { return self.rest().into() };
        if !manage_buttons(vault).contains(button) {
            return Flow::Manage.into();
        }
        match button {
            Button::Done => Flow::Desk.into(),
            Button::ShowLog => self.exporting(Flow::Manage, |vault| {
                let log = vault.export_log(LOG_ENTRIES, rng)?;
                Ok(Export { kind: Kind::Log, words: Some(Fingerprint::of(&log.head())), bytes: log.as_bytes().to_vec() })
            }),
            Button::ShowDescriptor => self.exporting(Flow::Manage, |vault| {
                Ok(Export { kind: Kind::Descriptor, words: None, bytes: vault.descriptor().as_bytes().to_vec() })
            }),
            Button::ShowTranscript => self.transcript(rng),
            Button::BackUp => self.back_up(now, rng),
            Button::Renew => ask(vault, Change::Renew),
            Button::ConfirmKeys => ask(vault, Change::Confirm),
            Button::GiveUpNewCards => give_up_new_cards(vault, now),
            Button::Revoke => {
                Flow::Choose((0..).map_while(|at| vault.revocation(at)).take(usize::from(u8::MAX)).collect()).into()
            }
            Button::Rotate => match vault.rotatable() {
                Ok(keys) => Flow::Choose(keys.into_iter().map(Change::Rotate).collect()).into(),
                Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
            },
            Button::Succeed => Flow::Scan(Scan::new(Kind::PublicKeys), For::Succession).into(),
            Button::Follow => Flow::Scan(Scan::new(Kind::Succession), For::Following).into(),
            Button::Reshare => Flow::Start(Setup { ceremony: Ceremony::Reshare, mode: vault.descriptor().body().mode }).into(),
            _ => Flow::Manage.into(),
        }
    }

    fn transcript(&self, rng: &mut impl CryptoRng) -> Next {
        match self.vault.as_ref().map(|vault| vault.export_transcript(rng)) {
            Some(Ok(Some(transcript))) => Flow::Export(Export {
                kind: Kind::Transcript,
                words: Some(Fingerprint::of(&transcript.head())),
                bytes: transcript.as_bytes().to_vec(),
            })
            .into(),
            Some(Ok(None)) => Flow::Manage.saying(Notice::NoTranscript),
            Some(Err(error)) => Flow::Manage.saying(Notice::Message(error)),
            None => self.rest().into(),
        }
    }

    fn back_up(&self, now: u64, rng: &mut impl CryptoRng) -> Next {
        match self.vault.as_ref().map(|vault| vault.back_up(now, rng)) {
            Some(Ok((adoption, bytes, backup))) => {
                let export = Export { kind: Kind::Backup, words: None, bytes: backup.as_bytes().to_vec() };
                Flow::Saving(Saving::Export(adoption, export)).doing(Effect::Save(bytes))
            }
            Some(Err(error)) => Flow::Manage.saying(Notice::Message(error)),
            None => self.rest().into(),
        }
    }

    /// Saves a change, or says why there is none.
    pub(crate) fn changing(&self, change: Result<(Adoption, Vec<u8>), ChangeRefused>, purpose: Purposes) -> Next {
        match change {
            Ok((adoption, bytes)) => Flow::Saving(Saving::Change(adoption, purpose)).doing(Effect::Save(bytes)),
            Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
        }
    }

    pub(crate) fn choose(&self, changes: Vec<Change>, event: &Event) -> Next {
        match (event, &self.vault) {
            (Event::Press(Button::Cancel), _) => Flow::Manage.into(),
            (Event::Press(Button::Item(at)), Some(vault)) => match changes.get(usize::from(*at)) {
                Some(change) => ask(vault, *change),
                None => Flow::Choose(changes).into(),
            },
            _ => Flow::Choose(changes).into(),
        }
    }

    pub(crate) fn choose_screen(&self, changes: &[Change]) -> Screen {
        let names: Vec<String> = match &self.vault {
            Some(vault) => vault.enrolments().iter().map(|known| known.body().name.as_str().to_owned()).collect(),
            None => Vec::new(),
        };
        let item = |(at, change): (usize, &Change)| match change {
            Change::Rotate(key) => Choice::Key(*key),
            _ => Choice::Workstation(names.get(at).cloned().unwrap_or_default()),
        };
        let items: Vec<Choice> = changes.iter().enumerate().map(item).collect();
        let mut buttons: Vec<Button> = (0..u8::MAX).take(items.len()).map(Button::Item).collect();
        buttons.push(Button::Cancel);
        Screen::of(View::Choose { items }, &buttons)
    }

    /// Asks for the cards so that this vault is followed by another, once its words were compared.
    pub(crate) fn succession(&self, public: PublicKeys, event: &Event) -> Next {
        match (event, &self.vault) {
            (Event::Press(Button::Cancel), _) => Flow::Manage.into(),
            (Event::Press(Button::WordsMatch), Some(vault)) => match vault.succession(&public) {
                Ok(change) => gather(change_gathering(vault, change), Then::Succeed(public)),
                Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
            },
            _ => Flow::Succession(public).into(),
        }
    }

    pub(crate) fn following(&self, succession: Succession, event: &Event) -> Next {
        match (event, &self.vault) {
            (Event::Press(Button::Cancel), _) => Flow::Manage.into(),
            (Event::Press(Button::PresentCards), Some(vault)) => match vault.following(&succession) {
                Ok(change) => gather(change_gathering(vault, change), Then::Follow(succession)),
                Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
            },
            _ => Flow::Following(succession).into(),
        }
    }

    /// Shows what was answered in emergencies, before anything else is done.
    pub(crate) fn emergencies(&mut self, at: usize, saving: Option<Adoption>, event: &Event, now: u64) -> Next {
        let pages = self.emergency_entries().len().div_ceil(EMERGENCIES_A_PAGE).max(1);
        match (event, saving, &mut self.vault) {
            (Event::Saved, Some(adoption), Some(vault)) => match vault.adopt(adoption) {
                Ok(()) => Flow::Desk.into(),
                Err(stale) => Flow::Emergencies { at, saving: None }.saying(Notice::Stale(stale)),
            },
            (Event::NotSaved, Some(_), _) => Flow::Emergencies { at, saving: None }.saying(Notice::NotSaved),
            (_, Some(adoption), _) => Flow::Emergencies { at, saving: Some(adoption) }.into(),
            (Event::Press(Button::Next), None, _) => Flow::Emergencies { at: (at + 1).min(pages - 1), saving: None }.into(),
            (Event::Press(Button::Back), None, _) => Flow::Emergencies { at: at.saturating_sub(1), saving: None }.into(),
            (Event::Press(Button::Reviewed), None, Some(vault)) if at + 1 == pages => match vault.reviewed(now) {
                Ok((adoption, bytes)) => Flow::Emergencies { at, saving: Some(adoption) }.doing(Effect::Save(bytes)),
                Err(refused) => Flow::Emergencies { at, saving: None }.saying(Notice::Change(refused)),
            },
            _ => Flow::Emergencies { at, saving: None }.into(),
        }
    }

    /// Lists the emergencies since the last review.
    fn emergency_entries(&self) -> Vec<Entry<Happening>> {
        let log = self.vault.as_ref().map(Open::log).unwrap_or_default();
        let since = log.iter().rposition(|entry| matches!(entry.what, Happening::Reviewed { .. })).map_or(0, |at| at + 1);
        let emergency = |entry: &&Entry<Happening>| matches!(entry.what, Happening::Answered { emergency: true, .. });
        log[since..].iter().filter(emergency).cloned().collect()
    }

    pub(crate) fn emergencies_screen(&self, at: usize, saving: bool) -> Screen {
        if saving {
            return Screen::of(View::Saving, &[]);
        }
        let all = self.emergency_entries();
        let of = all.len().div_ceil(EMERGENCIES_A_PAGE).max(1);
        let entries = all.chunks(EMERGENCIES_A_PAGE).nth(at).unwrap_or_default().to_vec();
        let mut buttons = vec![if at + 1 < of { Button::Next } else { Button::Reviewed }];
        buttons.extend((at > 0).then_some(Button::Back));
        Screen::of(View::Emergencies { entries, number: at + 1, of }, &buttons)
    }

    pub(crate) fn desk_screen(&self) -> Screen {
        let Some(vault) = &self.vault else { return self.home_screen() };
        let (body, seen) = (vault.descriptor().body(), vault.seen());
        let view = View::Desk {
            title: body.title.as_str().to_owned(),
            mode: body.mode,
            enrolled: vault.enrolments().len(),
            generation: seen.generation,
            head: Fingerprint::of(&seen.head),
            waiting: vault.waiting(),
        };
        let buttons = [Button::ReadRequest, Button::Enrol, Button::ShowPublicKeys, Button::Manage, Button::Seal];
        Screen::of(view, &buttons)
    }

    pub(crate) fn manage_screen(&self) -> Screen {
        let Some(vault) = &self.vault else { return self.home_screen() };
        Screen::of(View::Manage { waiting: vault.waiting() }, &manage_buttons(vault))
    }
}

/// Goes on with a plan that was read.
pub(crate) fn planned(setup: Setup, plan: cloison_protocol::Plan) -> Next {
    Flow::Create(Create::planned(setup, plan)).into()
}

fn ask(vault: &Open, change: Change) -> Next {
    let then = match change {
        Change::Rotate(key) => Then::Rotate(key),
        change => Then::Change(change),
    };
    gather(change_gathering(vault, change), then)
}

fn give_up_new_cards(vault: &Open, now: u64) -> Next {
    let cards = vault.to_drill().as_ref().map(cards_of).unwrap_or_default();
    let stopped = Stopped { cards, rehearsal: vault.descriptor().body().mode == Mode::Rehearsal };
    match vault.abandon_new_cards(now) {
        Ok((adoption, bytes)) => Flow::Saving(Saving::Abandoning(adoption, stopped)).doing(Effect::Save(bytes)),
        Err(refused) => Flow::Manage.saying(Notice::Change(refused)),
    }
}

fn manage_buttons(vault: &Open) -> Vec<Button> {
    let waiting = vault.waiting();
    let mut buttons = vec![
        Button::BackUp,
        Button::ShowLog,
        Button::ShowTranscript,
        Button::ShowDescriptor,
        Button::Renew,
        Button::Revoke,
        Button::Rotate,
        Button::Reshare,
    ];
    buttons.extend(waiting.unconfirmed.then_some(Button::ConfirmKeys));
    buttons.extend(waiting.undrilled.map(|_| Button::GiveUpNewCards));
    buttons.extend([Button::Succeed, Button::Follow, Button::Done]);
    buttons
}

pub(crate) fn succession_screen(public: &PublicKeys) -> Screen {
    let view = View::Succession { title: public.body().title.as_str().to_owned(), words: public.fingerprint() };
    Screen::of(view, &[Button::WordsMatch, Button::Cancel])
}

pub(crate) fn following_screen(succession: &Succession) -> Screen {
    Screen::of(View::Following { old: succession.body().old }, &[Button::PresentCards, Button::Cancel])
}
