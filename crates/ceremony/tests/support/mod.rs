//! A kiosk without a machine, a workstation without a network, and journeys as lists.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use ::hpke::{Deserializable, Serializable};
use cloison_ceremony::{Button, Code, Effect, Ended, EntropyInputs, Event, Field, Screen, Session, Typed};
use cloison_formats::{
    age::{Declared, Recipient},
    hpke::{self, Hybrid, Kem},
};
use cloison_protocol::{
    Algorithm, Enrolment, EnrolmentBody, KeyRef, OpenReply, Operation, Point, PublicKeys, Purpose, REPLY_ENC, Reply, ReplyBody,
    Request, RequestBody, RequestId, Seen, Sign, SignError, Signature, Transfer, Usage,
    bounded::{Bytes, Fixed, Line, List, Prose},
    secret::{FileKey, Secret},
};
use p384::ecdsa::{Signature as Ecdsa, SigningKey, signature::Signer};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::cell::Cell;
use zeroize::Zeroizing;

pub const NOW: u64 = 1_800_000_000;
pub const NAMES: [&str; 5] = ["Amélie", "Bruno", "Chloé", "Driss", "Elsa"];

pub fn passphrase(index: u8) -> String {
    format!("the passphrase of card {index}")
}

/// A session with a disk, whose effects are carried out at once.
pub struct Kiosk {
    pub session: Session,
    pub disk: Option<Vec<u8>>,
    pub saves: usize,
    pub disk_full: bool,
    pub no_entropy: bool,
    /// Saves stay unanswered, as on a slow disk.
    pub slow_disk: bool,
    pub ended: Option<Ended>,
    pub now: u64,
    rng: ChaCha20Rng,
}

impl Kiosk {
    pub fn new(disk: Option<Vec<u8>>) -> Self {
        Self {
            session: Session::new(disk.clone()),
            disk,
            saves: 0,
            disk_full: false,
            no_entropy: false,
            slow_disk: false,
            ended: None,
            now: NOW,
            rng: ChaCha20Rng::from_seed([3; 32]),
        }
    }

    pub fn screen(&self) -> Screen {
        self.session.screen()
    }

    pub fn send(&mut self, event: Event) -> Screen {
        let step = self.session.handle(event, self.now, &mut self.rng);
        let mut screen = step.screen;
        for effect in step.effects {
            screen = match effect {
                Effect::GatherEntropy if self.no_entropy => self.send(Event::NoEntropy),
                Effect::GatherEntropy => self.send(Event::Entropy(entropy())),
                Effect::Save(_) if self.slow_disk => screen,
                Effect::Save(_) if self.disk_full => self.send(Event::NotSaved),
                Effect::Save(bytes) => {
                    self.disk = Some(bytes);
                    self.saves += 1;
                    self.send(Event::Saved)
                }
                Effect::Erase => {
                    self.disk = None;
                    self.saves += 1;
                    self.send(Event::Saved)
                }
                Effect::End(ended) => {
                    self.ended = Some(ended);
                    screen
                }
            };
        }
        screen
    }

    pub fn press(&mut self, button: Button) -> Screen {
        assert!(self.screen().buttons.contains(&button), "{button:?} is not on {:?}", self.screen().view.name());
        self.send(Event::Press(button))
    }

    pub fn type_in(&mut self, field: Field, text: &str) -> Screen {
        self.send(Event::Type(field, Typed(Zeroizing::new(text.to_owned()))))
    }

    /// Shows a message to the camera as frames, some of them lost.
    pub fn show(&mut self, message: &[u8]) -> Screen {
        let transfer = Transfer::new(message, 300).unwrap();
        for number in (0..).filter(|number| number % 3 != 1) {
            if !self.screen().camera {
                break;
            }
            assert!(number < 500, "the message never arrives: {:?}", self.screen().notice);
            self.send(Event::Code(transfer.frame(number)));
            if self.screen().notice.is_some() {
                break;
            }
        }
        self.screen()
    }

    pub fn present(&mut self, card: &[u8], passphrase: &str) -> Screen {
        self.send(Event::Code(card.to_vec()));
        self.type_in(Field::Passphrase, passphrase);
        self.send(Event::Press(Button::Present))
    }

    pub fn message(&self) -> Vec<u8> {
        match self.screen().code {
            Some(Code::Message(bytes)) => bytes,
            other => panic!("no message on {:?}: {other:?}", self.screen().view.name()),
        }
    }

    pub fn card(&self) -> Vec<u8> {
        match self.screen().code {
            Some(Code::Card(bytes)) => bytes.to_vec(),
            other => panic!("no card: {other:?}"),
        }
    }
}

pub fn entropy() -> EntropyInputs {
    EntropyInputs {
        kernel: Zeroizing::new(vec![1; 64]),
        jitter: Zeroizing::new((0..2048u64).map(|i| i * i % 251).collect()),
        fresh: Secret::copied(&[9; 64]).unwrap(),
    }
}

/// A vault as its ceremony leaves it.
pub struct Made {
    pub disk: Vec<u8>,
    pub cards: Vec<Vec<u8>>,
    pub public: PublicKeys,
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
    let mut made = Vec::new();
    for index in 1..=cards {
        card(&mut kiosk, index);
        assert_eq!(kiosk.screen().rehearsal, rehearsal, "every screen of a rehearsal says so");
        made.push(kiosk.card());
        kiosk.press(Button::ReadBack);
        kiosk.send(Event::Code(kiosk_card(&made)));
        kiosk.type_in(Field::Passphrase, &passphrase(index));
        kiosk.press(Button::Verify);
    }
    assert_eq!((kiosk.screen().view.name(), kiosk.screen().rehearsal), ("created", rehearsal));
    let public = PublicKeys::decode(&kiosk.message()).unwrap();
    kiosk.press(Button::Done);
    assert_eq!(kiosk.ended, Some(Ended::Created));
    Made { disk: kiosk.disk.unwrap(), cards: made, public }
}

fn kiosk_card(made: &[Vec<u8>]) -> Vec<u8> {
    made.last().unwrap().clone()
}

pub fn plan(kiosk: &mut Kiosk, threshold: u8, cards: u8) {
    kiosk.type_in(Field::Title, "Coffre d’essai");
    kiosk.type_in(Field::Threshold, &threshold.to_string());
    kiosk.type_in(Field::Cards, &cards.to_string());
    kiosk.press(Button::Continue);
}

pub fn card(kiosk: &mut Kiosk, index: u8) {
    kiosk.type_in(Field::Custodian, NAMES[usize::from(index) - 1]);
    kiosk.type_in(Field::Passphrase, &passphrase(index));
    kiosk.type_in(Field::PassphraseAgain, &passphrase(index));
    kiosk.press(Button::MakeCard);
}

impl Made {
    pub fn open(&self, threshold: u8) -> Kiosk {
        let mut kiosk = Kiosk::new(Some(self.disk.clone()));
        kiosk.press(Button::OpenVault);
        self.present_all(&mut kiosk, threshold);
        assert_eq!(kiosk.screen().view.name(), "desk", "{:?}", kiosk.screen().notice);
        kiosk
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

    /// An open vault with one enrolled workstation.
    pub fn in_service(&self, threshold: u8) -> (Kiosk, Workstation) {
        let (mut kiosk, mut desk) = (self.open(threshold), Workstation::new("Poste 12", 1));
        self.enrol(&mut kiosk, &mut desk, threshold);
        (kiosk, desk)
    }
}

/// A workstation's half, as the companion does it.
pub struct Workstation {
    name: &'static str,
    key: SigningKey,
    one_time: <Hybrid as Kem>::PrivateKey,
    next_id: Cell<u8>,
}

impl Sign for Workstation {
    fn public(&self) -> Point {
        Point::from(*self.key.verifying_key())
    }
    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        let signature: Ecdsa = self.key.sign(message);
        Ok(Signature(Fixed(signature.to_bytes().into())))
    }
}

impl OpenReply for Workstation {
    fn open(&self, enc: &[u8; REPLY_ENC], info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        hpke::open::<Hybrid>(&self.one_time, enc, info, ciphertext)
    }
}

impl Workstation {
    pub fn new(name: &'static str, seed: u8) -> Self {
        Self {
            name,
            key: SigningKey::from_slice(&[seed; 48]).unwrap(),
            one_time: <Hybrid as Kem>::PrivateKey::from_bytes(&[seed; 32]).unwrap(),
            next_id: Cell::new(0),
        }
    }

    pub fn enrolment(&mut self) -> Enrolment {
        let body = EnrolmentBody { name: Line::new(self.name).unwrap(), key: self.public() };
        Enrolment::sign(body, self).unwrap()
    }

    pub fn request(&mut self, public: &PublicKeys, usage: Usage, operations: Vec<Operation>) -> Request {
        self.request_with(public, usage, operations, |_| {})
    }

    pub fn request_with(
        &mut self,
        public: &PublicKeys,
        usage: Usage,
        operations: Vec<Operation>,
        change: impl FnOnce(&mut RequestBody),
    ) -> Request {
        let algorithm = if usage == Usage::Age { Algorithm::MlKem1024P384 } else { Algorithm::P384 };
        self.next_id.set(self.next_id.get() + 1);
        let one_time: [u8; 1665] = Hybrid::sk_to_pk(&self.one_time).to_bytes().as_slice().try_into().unwrap();
        let mut body = RequestBody {
            vault: public.body().vault,
            requester: self.public(),
            id: RequestId(Fixed([self.next_id.get(); 16])),
            made: NOW - 60,
            expires: NOW + 3600,
            purpose: Purpose { case: Line::new("2026-114").unwrap(), reason: Line::new("Enquête préliminaire").unwrap() },
            key: KeyRef { usage, algorithm, number: 0 },
            reply_key: Fixed(one_time),
            seen: Seen { generation: 0, head: Fixed([0; 48]) },
            operations: List::new(operations).unwrap(),
        };
        change(&mut body);
        Request::sign(body, self).unwrap()
    }

    pub fn open(&self, reply: &[u8], request: &Request, public: &PublicKeys) -> ReplyBody {
        Reply::decode(reply).unwrap().open(request, &public.body().identity, self).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// The header of a record encrypted to the vault's hybrid or classical key, as age writes it.
pub fn header(public: &PublicKeys, algorithm: Algorithm, file_key: [u8; 16]) -> Vec<u8> {
    use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as B64};
    let key = public.find(KeyRef { usage: Usage::Age, algorithm, number: 0 }).unwrap();
    let recipient = match algorithm {
        Algorithm::P384 => Recipient::classical(key.bytes.as_slice()),
        _ => Recipient::hybrid(key.bytes.as_slice()),
    };
    let file_key = FileKey(Secret::copied(&file_key).unwrap());
    let mut rng = ChaCha20Rng::from_seed([8; 32]);
    let declared = Declared { record: Line::new("TAJ-77").unwrap(), class: Line::new("restreint").unwrap(), size: 4096 };
    let mut text = b"age-encryption.org/v1\n".to_vec();
    for stanza in [recipient.unwrap().wrap(&file_key, &mut rng).unwrap(), declared.seal(&file_key).unwrap()] {
        text.extend(format!("-> {}", stanza.tag).bytes());
        stanza.args.iter().for_each(|arg| text.extend(format!(" {arg}").bytes()));
        text.push(b'\n');
        let body = B64.encode(&stanza.body);
        body.as_bytes().chunks(64).for_each(|line| {
            text.extend(line);
            text.push(b'\n');
        });
        if body.len() % 64 == 0 {
            text.push(b'\n');
        }
    }
    text.extend(b"---");
    let mut mac_key = [0; 32];
    hkdf::Hkdf::<sha2::Sha256>::new(None, file_key.0.expose()).expand(b"header", &mut mac_key).unwrap();
    let mut mac = <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(&mac_key).unwrap();
    hmac::Mac::update(&mut mac, &text);
    let tag = hmac::Mac::finalize(mac).into_bytes();
    text.extend(format!(" {}\n", B64.encode(tag)).bytes());
    text
}

pub fn unwrap_op(header: &[u8]) -> Operation {
    Operation::Unwrap(Bytes::new(header.to_vec()).unwrap())
}

pub fn text_op(text: &str) -> Operation {
    Operation::SignText(Prose::new(text).unwrap())
}

pub fn digest_op(file: &[u8]) -> Operation {
    let size = file.len() as u64;
    Operation::SignDigest { digest: cloison_protocol::digest(&[file]), name: Line::new("image.iso").unwrap(), size }
}
