//! A workstation's half, as the companion does it.

use super::{AGE, CLASSICAL, NOW};
use ::hpke::{Deserializable, Serializable};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::Aead};
use cloison_formats::{
    age::{Declared, Recipient},
    hpke::{self, Hybrid, Kem},
};
use cloison_protocol::{
    Algorithm, Enrolment, EnrolmentBody, KeyRef, OpenReply, Operation, Point, PublicKeys, Purpose, REPLY_ENC, Reply, ReplyBody,
    Request, RequestBody, RequestId, Seen, Sign, SignError, Signature, Usage,
    bounded::{Bytes, Fixed, Line, List, Prose},
    secret::{FileKey, Secret},
};
use p384::ecdsa::{Signature as Ecdsa, SigningKey, signature::Signer};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::cell::Cell;
use zeroize::Zeroizing;

/// A workstation's half, as the companion does it.
pub struct Workstation {
    name: &'static str,
    key: SigningKey,
    one_time: <Hybrid as Kem>::PrivateKey,
    seed: u8,
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
            seed,
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
            id: RequestId(Fixed(std::array::from_fn(|at| if at == 0 { self.seed } else { self.next_id.get() }))),
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
    header_to(public, if algorithm == Algorithm::P384 { CLASSICAL } else { AGE }, file_key)
}

/// The same to any key, with a declaration of what the record is.
pub fn header_to(public: &PublicKeys, key: KeyRef, file_key: [u8; 16]) -> Vec<u8> {
    let declared = Declared { record: Line::new("TAJ-77").unwrap(), class: Line::new("restreint").unwrap(), size: 4096 };
    written(public, key, file_key, Some(&declared))
}

/// The same without one, as stock age writes it.
pub fn undeclared(public: &PublicKeys, key: KeyRef, file_key: [u8; 16]) -> Vec<u8> {
    written(public, key, file_key, None)
}

fn written(public: &PublicKeys, key: KeyRef, file_key: [u8; 16], declared: Option<&Declared>) -> Vec<u8> {
    use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as B64};
    let known = public.find(key).unwrap();
    let recipient = match key.algorithm {
        Algorithm::P384 => Recipient::classical(known.bytes.as_slice()),
        _ => Recipient::hybrid(known.bytes.as_slice()),
    };
    let file_key = FileKey(Secret::copied(&file_key).unwrap());
    let mut rng = ChaCha20Rng::from_seed([8; 32]);
    let mut stanzas = vec![recipient.unwrap().wrap(&file_key, &mut rng).unwrap()];
    stanzas.extend(declared.map(|declared| declared.seal(&file_key).unwrap()));
    let mut text = b"age-encryption.org/v1\n".to_vec();
    for stanza in stanzas {
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

/// What follows the header of an age file that fits one chunk (C2SP age, "Payload").
pub fn payload(file_key: [u8; 16], record: &[u8]) -> Vec<u8> {
    let nonce = [4; 16];
    let mut key = [0; 32];
    hkdf::Hkdf::<sha2::Sha256>::new(Some(&nonce), &file_key).expand(b"payload", &mut key).unwrap();
    // Chunk 0, which is the last.
    let chunk = [[0; 11].as_slice(), &[1]].concat();
    let sealed = ChaCha20Poly1305::new(&key.into()).encrypt(chunk.as_slice().try_into().unwrap(), record).unwrap();
    [nonce.as_slice(), &sealed].concat()
}

pub fn view_op(header: Vec<u8>, payload: Vec<u8>) -> Operation {
    Operation::View { header: Bytes::new(header).unwrap(), payload: Bytes::new(payload).unwrap() }
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
