//! Vaults, as their ceremonies leave them.

use super::{Kiosk, NAMES, Workstation, held, other_entropy, passphrase};
use cloison_ceremony::{Button, Ended, Event, Field, View};
use cloison_custody::{Gathering, Passphrase, Presented, Quorum};
use cloison_protocol::{Card, Descriptor, Outcome, Plan, PlanBody, PublicKeys, Reason, Request, Transcript};

/// A vault as its ceremony and its drill leave it.
pub struct Made {
    /// The store before the drill.
    pub undrilled: Vec<u8>,
    pub disk: Vec<u8>,
    pub cards: Vec<Vec<u8>>,
    pub public: PublicKeys,
    pub transcript: Transcript,
    pub descriptor: Descriptor,
}

impl Made {
    /// Holds a whole ceremony and its drill by a plan that is shown as codes.
    pub fn with_plan(body: PlanBody) -> Self {
        hold(Kiosk::new(None), Button::CreateVault, &held(body))
    }

    /// The same on another machine, which gives another root.
    pub fn elsewhere(body: PlanBody) -> Self {
        let mut kiosk = Kiosk::new(None);
        kiosk.sources = other_entropy;
        hold(kiosk, Button::CreateVault, &held(body))
    }
}

/// Holds a ceremony at a blank kiosk, and its drill in a new process.
pub fn hold(mut kiosk: Kiosk, button: Button, plan: &Plan) -> Made {
    kiosk.press(button);
    kiosk.press(Button::Continue);
    kiosk.press(Button::ReadPlan);
    kiosk.show(plan.as_bytes());
    to_dice(&mut kiosk);
    kiosk.press(Button::Continue);
    let made = cards_of(&mut kiosk, plan.body().cards(), button == Button::RehearseVault);
    assert_eq!(kiosk.screen().view.name(), "created");
    kiosk.press(Button::Done);
    drill(kiosk.disk.unwrap(), made)
}

/// Holds a whole ceremony and gives what it leaves.
pub fn make(threshold: u8, cards: u8) -> Made {
    make_by(Button::CreateVault, threshold, cards)
}

/// The same for a rehearsal. The entropy is the same too, so the root is; the mode gives another
/// vault, and other shares where the plan differs.
pub fn rehearse(threshold: u8, cards: u8) -> Made {
    make_by(Button::RehearseVault, threshold, cards)
}

fn make_by(button: Button, threshold: u8, cards: u8) -> Made {
    let mut kiosk = Kiosk::new(None);
    kiosk.press(button);
    let rehearsal = button == Button::RehearseVault;
    plan(&mut kiosk, threshold, cards);
    let made = cards_of(&mut kiosk, cards, rehearsal);
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().rehearsal), ("created", rehearsal));
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended, Some(Ended::Created));
    drill(kiosk.disk.unwrap(), made)
}

/// Makes every card and reads it back.
pub fn cards_of(kiosk: &mut Kiosk, cards: u8, rehearsal: bool) -> Vec<Vec<u8>> {
    let mut made: Vec<Vec<u8>> = Vec::new();
    for index in 1..=cards {
        card(kiosk, index);
        assert_eq!(kiosk.screen().rehearsal, rehearsal, "every screen of a rehearsal says so");
        made.push(copied(kiosk));
        read_back(kiosk, index, made.last().unwrap());
    }
    made
}

/// Copies the card that is on the screen.
pub fn copied(kiosk: &mut Kiosk) -> Vec<u8> {
    let card = kiosk.card();
    kiosk.press(Button::ReadBack);
    card
}

pub fn read_back(kiosk: &mut Kiosk, index: u8, card: &[u8]) {
    kiosk.send(Event::Code(card.to_vec()));
    kiosk.type_in(Field::Passphrase, &passphrase(index));
    kiosk.press(Button::Verify);
}

/// Holds the drill in a new process, and takes what it exports.
pub fn drill(undrilled: Vec<u8>, cards: Vec<Vec<u8>>) -> Made {
    let mut kiosk = Kiosk::new(Some(undrilled.clone()));
    kiosk.press(Button::Drill);
    for (card, index) in cards.iter().zip(1..) {
        kiosk.present(card, &passphrase(index));
    }
    assert_eq!(kiosk.screen().view.name(), "drilled", "{:?}", kiosk.screen().notice);
    let public = PublicKeys::decode(&kiosk.message()).unwrap();
    kiosk.press(Button::ShowTranscript);
    let transcript = Transcript::decode(&kiosk.message()).unwrap();
    kiosk.press(Button::ShowDescriptor);
    let descriptor = Descriptor::decode(&kiosk.message()).unwrap();
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended, Some(Ended::Drilled));
    Made { undrilled, disk: kiosk.disk.unwrap(), cards, public, transcript, descriptor }
}

/// Goes from the confirmed date to the first card, by a plan that is typed.
pub fn plan(kiosk: &mut Kiosk, threshold: u8, cards: u8) {
    kiosk.press(Button::Continue);
    kiosk.press(Button::TypePlan);
    type_plan(kiosk, threshold, cards);
    to_dice(kiosk);
    kiosk.press(Button::Continue);
}

pub fn type_plan(kiosk: &mut Kiosk, threshold: u8, cards: u8) {
    kiosk.type_in(Field::Title, "Coffre d’essai");
    kiosk.type_in(Field::Threshold, &threshold.to_string());
    kiosk.type_in(Field::Cards, &cards.to_string());
    kiosk.type_in(Field::Administrator, "Odile");
    kiosk.type_in(Field::Witness, "Wanda");
    kiosk.press(Button::Continue);
    for name in &NAMES[..usize::from(cards)] {
        kiosk.type_in(Field::Custodian, name);
        kiosk.press(Button::Continue);
    }
}

/// Reads the plan's pages and calls everybody.
pub fn to_dice(kiosk: &mut Kiosk) {
    while kiosk.screen().buttons.contains(&Button::Next) {
        kiosk.press(Button::Next);
    }
    kiosk.press(Button::Continue);
    while kiosk.screen().view.name() == "roll-call" {
        kiosk.press(Button::Here);
    }
}

pub fn card(kiosk: &mut Kiosk, index: u8) {
    kiosk.type_in(Field::Passphrase, &passphrase(index));
    kiosk.type_in(Field::PassphraseAgain, &passphrase(index));
    kiosk.press(Button::MakeCard);
    assert_eq!(kiosk.screen().view.name(), "card", "{:?}", kiosk.screen().notice);
}

impl Made {
    pub fn open(&self, threshold: u8) -> Kiosk {
        self.open_disk(Some(self.disk.clone()), threshold)
    }

    /// Opens a store of this vault.
    pub fn open_disk(&self, disk: Option<Vec<u8>>, threshold: u8) -> Kiosk {
        let mut kiosk = Kiosk::new(disk);
        kiosk.press(Button::OpenVault);
        kiosk.press(Button::Continue);
        self.present_all(&mut kiosk, threshold);
        assert_eq!(kiosk.screen().view.name(), "desk", "{:?}", kiosk.screen().notice);
        kiosk
    }

    /// Shows a request, reads it whole, presents so many cards where cards are asked for, and approves.
    pub fn grant(&self, kiosk: &mut Kiosk, desk: &Workstation, request: &Request, cards: u8) -> Vec<Outcome> {
        kiosk.ask(request);
        kiosk.read_on();
        if kiosk.screen().buttons.contains(&Button::PresentCards) {
            kiosk.press(Button::PresentCards);
            self.present_all(kiosk, cards);
        }
        kiosk.read_on();
        kiosk.press(Button::Approve);
        let reply = desk.open(&kiosk.message(), request, &self.public);
        kiosk.press(Button::Done);
        reply.outcomes
    }

    /// Shows a request that is refused, takes the refusal to its workstation, and gives the reason.
    pub fn refusal(&self, kiosk: &mut Kiosk, desk: &Workstation, request: &Request) -> Reason {
        let View::Refused(reason) = kiosk.ask(request).view else { panic!("{:?} is not refused", request.body().key) };
        kiosk.press(Button::Answer);
        let reply = desk.open(&kiosk.message(), request, &self.public);
        let same = |outcome: &Outcome| matches!(outcome, Outcome::Refused(found) if *found == reason);
        assert_eq!(reply.outcomes.len(), request.body().operations.as_slice().len());
        assert!(reply.outcomes.iter().all(same), "{reason:?}");
        kiosk.press(Button::Done);
        reason
    }

    pub fn present_all(&self, kiosk: &mut Kiosk, threshold: u8) {
        for index in 1..=threshold {
            kiosk.present(&self.cards[usize::from(index) - 1], &passphrase(index));
        }
    }

    pub fn enrol(&self, kiosk: &mut Kiosk, desk: &mut Workstation, threshold: u8) {
        kiosk.press(Button::Enrol);
        kiosk.show(desk.enrolment().as_bytes());
        kiosk.press(Button::WordsMatch);
        self.present_all(kiosk, threshold);
        assert_eq!(kiosk.screen().view.name(), "desk", "{:?}", kiosk.screen().notice);
    }

    /// Comes to the first card of a dealing of an open vault's root by another plan.
    pub fn begin_reshare(&self, kiosk: &mut Kiosk, threshold: u8, plan: &Plan) {
        kiosk.press(Button::Manage);
        kiosk.press(Button::Reshare);
        kiosk.press(Button::ReadPlan);
        kiosk.show(plan.as_bytes());
        to_dice(kiosk);
        self.present_all(kiosk, threshold);
        assert_eq!(kiosk.screen().view.name(), "dice", "{:?}", kiosk.screen().notice);
        kiosk.press(Button::Continue);
    }

    /// Deals an open vault's root to new cards, which are not drilled then.
    pub fn reshare(&self, kiosk: &mut Kiosk, threshold: u8, plan: &Plan) -> Vec<Vec<u8>> {
        self.begin_reshare(kiosk, threshold, plan);
        let cards = cards_of(kiosk, plan.body().cards(), false);
        assert_eq!(kiosk.screen().view.name(), "created");
        kiosk.press(Button::Done);
        assert_eq!(kiosk.ended, Some(Ended::Created));
        cards
    }

    /// An open vault with one enrolled workstation.
    pub fn in_service(&self, threshold: u8) -> (Kiosk, Workstation) {
        let (mut kiosk, mut desk) = (self.open(threshold), Workstation::new("Poste 12", 1));
        self.enrol(&mut kiosk, &mut desk, threshold);
        (kiosk, desk)
    }
}

/// Presents cards below the session, from the first one on, until they are a quorum.
pub fn gathered(mut gathering: Gathering, cards: &[Vec<u8>]) -> Quorum {
    for (card, index) in cards.iter().zip(1..) {
        let typed = Passphrase::typed(&passphrase(index)).unwrap();
        match gathering.present(&Card::decode(card).unwrap(), &typed).map_err(|(_, refusal)| refusal).unwrap() {
            Presented::Waiting(more) => gathering = more,
            Presented::Complete(quorum) => return quorum,
            Presented::Broken => panic!("the cards give no root"),
        }
    }
    panic!("the cards are no quorum")
}
