//! A kiosk on a machine of memory: every effect is carried out, and nothing outlives its screen.

use super::*;
use crate::{
    CardPrinter, Clock, Store,
    words::{Language, Words},
};
use cloison_ceremony::{Code, EntropyInputs, NoPlace, Notice, Typed};
use cloison_custody::passphrase::Verdict;
use cloison_eye::viewer::{Content, Limits, ViewError};
use cloison_protocol::{
    Act, Transcript,
    bounded::{Fixed, Line},
};
use paper::{PaperError, Sheet as Paper};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use zeroize::Zeroizing;

const NOW: u64 = 1_795_271_400;
const IMAGE: Digest = Fixed([5; 48]);
const NAMES: [&str; 3] = ["Amélie", "Bruno", "Chloé"];

/// What a machine and its test both look at.
#[derive(Default)]
struct Parts {
    disk: RefCell<Option<Vec<u8>>>,
    disk_full: Cell<bool>,
    clock: Cell<u64>,
    found: RefCell<Vec<Alarm>>,
    printed: RefCell<Vec<Paper>>,
    out_of_paper: Cell<bool>,
    /// The image, once it is known.
    image: Cell<Option<Digest>>,
}

struct Machine {
    printer: Option<Memory>,
    store: Memory,
}

struct Memory(Rc<Parts>);

impl Hardware for Machine {
    fn program(&self) -> Line<64> {
        Line::new("kiosk-test 1").unwrap()
    }

    fn booted(&self) -> Booted {
        self.store.0.image.get().map_or(Booted::Reading, Booted::Image)
    }

    fn is_training(&self) -> bool {
        false
    }

    fn no_place(&self) -> Option<NoPlace> {
        None
    }
    fn watch(&mut self) -> Vec<Alarm> {
        self.store.0.found.borrow().clone()
    }
    fn entropy(&mut self) -> Result<EntropyInputs, HardwareError> {
        entropy::gather(Zeroizing::default())
    }
    fn store(&mut self) -> &mut dyn Store {
        &mut self.store
    }
    fn clock(&self) -> &dyn Clock {
        &self.store
    }
    fn printer(&mut self) -> Option<&mut dyn CardPrinter> {
        self.printer.as_mut().map(|printer| printer as &mut dyn CardPrinter)
    }
    fn view(&mut self, _: &[u8], _: &Limits) -> Result<Content, ViewError> {
        Err(ViewError::Unconfined)
    }
}

impl Store for Memory {
    fn load(&mut self) -> Result<Option<Vec<u8>>, HardwareError> {
        Ok(self.0.disk.borrow().clone())
    }
    fn save(&mut self, bytes: &[u8]) -> Result<(), HardwareError> {
        if self.0.disk_full.get() {
            return Err(HardwareError::Store("the disk of this test is full".into()));
        }
        *self.0.disk.borrow_mut() = Some(bytes.to_vec());
        Ok(())
    }
    fn erase(&mut self) -> Result<(), HardwareError> {
        *self.0.disk.borrow_mut() = None;
        Ok(())
    }
}

impl Clock for Memory {
    fn now(&self) -> u64 {
        self.0.clock.get()
    }
}

impl CardPrinter for Memory {
    fn print(&mut self, sheet: &Paper) -> Result<(), PaperError> {
        if self.0.out_of_paper.get() {
            return Err(PaperError::OutOfPaper { sent: 4000 });
        }
        self.0.printed.borrow_mut().push(sheet.clone());
        Ok(())
    }
}

fn parts() -> Rc<Parts> {
    let parts = Parts::default();
    parts.clock.set(NOW);
    Rc::new(parts)
}

fn start(parts: &Rc<Parts>) -> Kiosk<Machine> {
    let memory = || Memory(parts.clone());
    Kiosk::start(Machine { printer: Some(memory()), store: memory() }).unwrap()
}

fn passphrase(index: u8) -> String {
    format!("quiet river lamp {index} walnut harbour")
}

impl Kiosk<Machine> {
    /// Presses a button that must be there, and checks that all of it is said in words.
    fn press(&mut self, button: Button) -> Screen {
        let before = self.screen();
        assert!(before.buttons.contains(&button), "{button:?} is not on {:?}: {:?}", before.view.name(), before.notice);
        let screen = self.handle(Event::Press(button));
        let said = Words::new(Language::English).said(&screen);
        assert!(!said.title.contains("The screen “") && !said.texts.is_empty(), "{:?}", screen.view);
        screen
    }

    fn types(&mut self, field: Field, text: &str) {
        self.handle(Event::Type(field, Typed(Zeroizing::new(text.to_owned()))));
    }

    fn card(&self) -> Vec<u8> {
        let Some(Code::Card(bytes)) = self.screen().code else { panic!("no card") };
        bytes.to_vec()
    }

    /// Goes from a blank kiosk to the first card.
    fn reach_the_first_card(&mut self) {
        self.press(Button::CreateVault);
        self.press(Button::Continue);
        self.press(Button::TypePlan);
        self.types(Field::Title, "Registry of Lyon");
        self.types(Field::Threshold, "2");
        self.types(Field::Cards, "3");
        self.types(Field::Witness, "Yann");
        self.press(Button::Continue);
        for name in NAMES {
            self.types(Field::Custodian, name);
            self.press(Button::Continue);
        }
        while self.screen().buttons.contains(&Button::Next) {
            self.press(Button::Next);
        }
        self.press(Button::Continue);
        while self.screen().view.name() == "roll-call" {
            self.press(Button::Here);
        }
        assert_eq!(self.press(Button::Continue).view.name(), "passphrase");
    }

    fn make_card(&mut self, passphrase: &str) -> Screen {
        self.types(Field::Passphrase, passphrase);
        self.types(Field::PassphraseAgain, passphrase);
        self.press(Button::MakeCard)
    }

    /// Makes all three cards, reads each back from its words, and gives them.
    fn make_cards(&mut self) -> Vec<Vec<u8>> {
        let mut cards = Vec::new();
        for index in 1..=3 {
            self.make_card(&passphrase(index));
            cards.push(self.card());
            let View::Card { words: Some(lines), .. } = self.press(Button::ShowWords).view else { panic!("no words") };
            self.press(Button::ReadBack);
            self.types(Field::Words, &lines.join("\n"));
            self.press(Button::ReadWords);
            self.types(Field::Passphrase, &passphrase(index));
            self.press(Button::Verify);
        }
        cards
    }

    fn present(&mut self, card: &[u8], index: u8) -> Screen {
        self.handle(Event::Code(card.to_vec()));
        self.types(Field::Passphrase, &passphrase(index));
        self.press(Button::Present)
    }
}

/// Makes a vault of 2 of 3 cards up to its drill, and gives the cards.
fn in_service(parts: &Rc<Parts>) -> Vec<Vec<u8>> {
    let mut kiosk = start(parts);
    assert_eq!(kiosk.booted(), Booted::Reading);
    // It is known when the kiosk has begun already, and told once.
    for image in [IMAGE, Fixed([6; 48])] {
        parts.image.set(Some(image));
        kiosk.tick();
    }
    kiosk.reach_the_first_card();
    let cards = kiosk.make_cards();
    assert_eq!(kiosk.screen().view.name(), "created");
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended(), Some(Ended::Created));
    let mut kiosk = start(parts);
    kiosk.press(Button::Drill);
    for (card, index) in cards.iter().zip(1..) {
        kiosk.present(card, index);
    }
    assert_eq!(kiosk.screen().view.name(), "drilled", "{:?}", kiosk.screen().notice);
    let Some(Code::Message(bytes)) = kiosk.press(Button::ShowTranscript).code else { panic!("no transcript") };
    let transcript = Transcript::decode(&bytes).unwrap();
    let Act::Began { program, image, .. } = &transcript.entries()[0].what else { panic!("it does not begin") };
    assert_eq!((program.as_str(), *image), ("kiosk-test 1", Some(IMAGE)));
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended(), Some(Ended::Drilled));
    cards
}

fn open(parts: &Rc<Parts>, cards: &[Vec<u8>]) -> Kiosk<Machine> {
    let mut kiosk = start(parts);
    kiosk.press(Button::OpenVault);
    kiosk.press(Button::Continue);
    kiosk.present(&cards[2], 3);
    assert_eq!(kiosk.present(&cards[0], 1).view.name(), "desk", "{:?}", kiosk.screen().notice);
    kiosk
}

#[test]
fn a_vault_is_made_drilled_and_opened_and_seals_itself_when_nobody_touches_it() {
    let parts = parts();
    let cards = in_service(&parts);
    let mut kiosk = open(&parts, &cards);
    assert_eq!(kiosk.screen().left, Some((600, 7200)));
    parts.clock.set(NOW + 590);
    assert_eq!(kiosk.tick().left, Some((10, 6610)));
    assert_eq!(kiosk.ended(), None);
    parts.clock.set(NOW + 600);
    assert_eq!(kiosk.tick().view, View::Ended);
    assert_eq!(kiosk.ended(), Some(Ended::Idle));
}

#[test]
fn a_card_is_printed_with_all_that_its_custodian_needs() {
    let parts = parts();
    let mut kiosk = start(&parts);
    kiosk.reach_the_first_card();
    kiosk.make_card(&passphrase(1));
    let card = kiosk.card();
    parts.out_of_paper.set(true);
    assert_eq!(kiosk.press(Button::Print).notice, Some(Notice::NotPrinted));
    let detail = |language| kiosk.detail().unwrap().explain(Words::new(language));
    assert!(detail(Language::English).starts_with("the printer has no paper left"), "{}", detail(Language::English));
    assert!(detail(Language::French).starts_with("l’imprimante n’a plus de papier"), "{}", detail(Language::French));
    assert!(kiosk.tick().notice.is_some() && kiosk.detail().is_some(), "time that passes takes nothing away");
    parts.out_of_paper.set(false);
    assert_eq!(kiosk.press(Button::Print).notice, Some(Notice::Printed));
    assert!(kiosk.detail().is_none());
    let printed = parts.printed.borrow();
    let [sheet] = printed.as_slice() else { panic!("{} sheets", printed.len()) };
    assert_eq!((sheet.custodian.as_str(), sheet.title.as_str(), sheet.made), ("Amélie", "Registry of Lyon", NOW));
    assert_eq!(sheet.card.encode().to_vec(), card);
    let read = cloison_optics::read(&sheet.draw().unwrap());
    assert_eq!(read, [card], "the sheet is drawn, and its code is the card");
}

#[test]
fn a_kiosk_without_a_printer_offers_no_printing() {
    let parts = parts();
    let mut kiosk = Kiosk::start(Machine { printer: None, store: Memory(parts) }).unwrap();
    kiosk.reach_the_first_card();
    assert!(!kiosk.make_card(&passphrase(1)).buttons.contains(&Button::Print));
}

#[test]
fn a_disk_that_is_full_is_said_to_be_and_tried_again() {
    let parts = parts();
    parts.disk_full.set(true);
    let mut kiosk = start(&parts);
    kiosk.reach_the_first_card();
    kiosk.make_cards();
    assert_eq!((kiosk.screen().view, kiosk.screen().notice), (View::Unsaved, Some(Notice::NotSaved)));
    assert!(kiosk.detail().unwrap().explain(Words::new(Language::English)).contains("the disk of this test is full"));
    parts.disk_full.set(false);
    assert_eq!(kiosk.press(Button::TryAgain).view.name(), "created");
    assert!(kiosk.detail().is_none());
}

#[test]
fn a_passphrase_is_judged_while_it_is_chosen_and_never_later() {
    let parts = parts();
    let mut kiosk = start(&parts);
    kiosk.types(Field::Passphrase, "azerty123456");
    assert_eq!(kiosk.judgement(), None, "nobody chooses one here");
    kiosk.reach_the_first_card();
    kiosk.types(Field::Passphrase, "azerty123456");
    assert_eq!(kiosk.judgement().map(|judged| judged.verdict), Some(Verdict::Weak));
    kiosk.types(Field::PassphraseAgain, "azerty123456");
    kiosk.tick();
    assert!(kiosk.judgement().is_some());
    let screen = kiosk.press(Button::MakeCard);
    assert_eq!(screen.view.name(), "passphrase");
    assert!(Words::new(Language::English).notice(&screen.notice.unwrap()).contains("many people use"));
    kiosk.types(Field::Passphrase, "");
    assert_eq!(kiosk.judgement(), None);
    kiosk.types(Field::Passphrase, &passphrase(1));
    assert!(kiosk.judgement().unwrap().verdict >= Verdict::Fair);
    assert_eq!(kiosk.make_card(&passphrase(1)).view.name(), "card");
    assert_eq!(kiosk.judgement(), None);
}

#[test]
fn proposed_words_are_lent_while_they_are_shown_and_are_taken() {
    let parts = parts();
    let mut kiosk = start(&parts);
    kiosk.reach_the_first_card();
    assert_eq!(kiosk.private(), None);
    assert!(kiosk.press(Button::Propose).private);
    let words = kiosk.private().unwrap().to_owned();
    assert_eq!(words.split(' ').count(), 6);
    assert!(!format!("{:?}", kiosk.screen()).contains(&words), "a screen never holds it");
    assert_eq!(kiosk.make_card(&words).view.name(), "card");
    assert_eq!(kiosk.private(), None);
}

#[test]
fn without_randomness_an_open_vault_is_sealed_and_nothing_else_is_done() {
    let parts = parts();
    let cards = in_service(&parts);
    let failed = || HardwareError::Entropy(getrandom::Error::UNEXPECTED);
    for event in [Event::Press(Button::Seal), Event::Tick] {
        let mut kiosk = open(&parts, &cards);
        kiosk.without_randomness(&Event::Touched, failed());
        assert!(kiosk.detail().is_none(), "nothing was asked for");
        kiosk.without_randomness(&Event::Press(Button::Manage), failed());
        assert!(kiosk.detail().is_some(), "it is said");
        kiosk.handle(Event::Press(Button::Back));
        assert!(kiosk.detail().is_none(), "and no longer once there is randomness again");
        assert_eq!((kiosk.screen().view.name(), kiosk.ended()), ("desk", None));
        let screen = kiosk.without_randomness(&event, failed());
        assert_eq!((screen.left, kiosk.ended()), (None, Some(Ended::Sealed)));
    }
    let mut kiosk = start(&parts);
    assert_eq!(kiosk.without_randomness(&Event::Tick, failed()).view.name(), "sealed");
    assert_eq!(kiosk.ended(), None, "nothing is open that could be sealed");
}

fn interface() -> Vec<Alarm> {
    vec![Alarm::Interface(Line::lent("eth0"))]
}

#[test]
fn what_the_watch_finds_at_the_start_is_on_the_first_screen_until_it_is_gone() {
    let parts = parts();
    *parts.found.borrow_mut() = interface();
    let mut kiosk = start(&parts);
    let screen = kiosk.screen();
    assert_eq!((screen.view.name(), screen.buttons.len()), ("alarm", 0));
    let texts = Words::new(Language::English).said(&screen).texts;
    assert!(texts.contains(&"The network interface “eth0”.".to_owned()), "{texts:?}");
    assert_eq!(kiosk.handle(Event::Press(Button::CreateVault)).view.name(), "alarm");
    parts.found.borrow_mut().clear();
    assert_eq!(kiosk.tick().view.name(), "blank");
}

#[test]
fn what_the_watch_finds_at_a_tick_seals_an_open_vault_whatever_the_disk_says() {
    let parts = parts();
    let cards = in_service(&parts);
    for disk_full in [true, false] {
        let mut kiosk = open(&parts, &cards);
        let before = parts.disk.borrow().clone();
        parts.disk_full.set(disk_full);
        *parts.found.borrow_mut() = interface();
        let screen = kiosk.tick();
        assert_eq!((screen.view, screen.left, kiosk.ended()), (View::Ended, None, Some(Ended::Alarm)));
        let said = Words::new(Language::French).notice(&screen.notice.unwrap());
        assert!(said.contains("l’interface réseau «\u{a0}eth0\u{a0}»"), "{said}");
        assert_eq!(*parts.disk.borrow() == before, disk_full, "the log has a line more, where the disk took it");
        parts.disk_full.set(false);
        parts.found.borrow_mut().clear();
    }
}
