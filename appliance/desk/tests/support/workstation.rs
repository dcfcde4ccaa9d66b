//! A workstation's half, as the companion does it: an identity, and requests to show records.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as B64};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::Aead};
use cloison_formats::{
    age::Recipient,
    hpke::{Hybrid, Kem},
};
use cloison_protocol::{
    Algorithm, Enrolment, EnrolmentBody, KeyRef, Operation, Point, PublicKeys, Purpose, Request, RequestBody, RequestId, Seen,
    Sign, SignError, Signature, Usage,
    bounded::{Bytes, Fixed, Line, List},
    secret::{FileKey, Secret},
};
use hpke::{Deserializable, Serializable};
use p384::ecdsa::{Signature as Ecdsa, SigningKey, signature::Signer};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

pub(crate) struct Workstation(SigningKey);

impl Sign for Workstation {
    fn public(&self) -> Point {
        Point::from(*self.0.verifying_key())
    }
    fn sign(&mut self, message: &[u8]) -> Result<Signature, SignError> {
        let signature: Ecdsa = self.0.sign(message);
        Ok(Signature(Fixed(signature.to_bytes().into())))
    }
}

impl Workstation {
    pub(crate) fn new() -> Self {
        Self(SigningKey::from_slice(&[1; 48]).unwrap())
    }

    pub(crate) fn enrolment(&mut self) -> Enrolment {
        let body = EnrolmentBody { name: Line::new("Poste 12").unwrap(), key: self.public() };
        Enrolment::sign(body, self).unwrap()
    }

    /// Asks that records be shown on the kiosk.
    pub(crate) fn view(&mut self, public: &PublicKeys, now: u64, records: &[Record]) -> Request {
        let one_time = <Hybrid as Kem>::PrivateKey::from_bytes(&[1; 32]).unwrap();
        let reply_key: [u8; 1665] = Hybrid::sk_to_pk(&one_time).to_bytes().as_slice().try_into().unwrap();
        let body = RequestBody {
            vault: public.body().vault,
            requester: self.public(),
            id: RequestId(Fixed([7; 16])),
            made: now,
            expires: now + 3600,
            purpose: Purpose { case: Line::new("2026-114").unwrap(), reason: Line::new("Enquête préliminaire").unwrap() },
            key: KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 },
            reply_key: Fixed(reply_key),
            seen: Seen { generation: 0, head: Fixed([0; 48]) },
            operations: List::new(records.iter().map(Record::to_view).collect()).unwrap(),
        };
        Request::sign(body, self).unwrap()
    }
}

/// An age file encrypted to a vault.
pub(crate) struct Record {
    header: Vec<u8>,
    payload: Vec<u8>,
}

impl Record {
    /// Encrypts up to one chunk of content, as age does.
    pub(crate) fn encrypt(public: &PublicKeys, seed: u8, content: &[u8]) -> Self {
        assert!(content.len() <= 65_536);
        let key = KeyRef { usage: Usage::Age, algorithm: Algorithm::MlKem1024P384, number: 0 };
        let recipient = Recipient::hybrid(public.find(key).unwrap().bytes.as_slice()).unwrap();
        let file_key = FileKey(Secret::copied(&[seed; 16]).unwrap());
        let stanza = recipient.wrap(&file_key, &mut ChaCha20Rng::from_seed([seed; 32])).unwrap();
        let mut header = format!("age-encryption.org/v1\n-> {} {}\n", stanza.tag, stanza.args.join(" "));
        let body = B64.encode(&stanza.body);
        body.as_bytes().chunks(64).for_each(|line| header += &(String::from_utf8_lossy(line) + "\n"));
        if body.len().is_multiple_of(64) {
            header += "\n";
        }
        header += "---";
        let mut mac = <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(&expanded(&file_key, None, b"header")).unwrap();
        hmac::Mac::update(&mut mac, header.as_bytes());
        header += &format!(" {}\n", B64.encode(hmac::Mac::finalize(mac).into_bytes()));
        let nonce = [seed; 16];
        let cipher = ChaCha20Poly1305::new_from_slice(&expanded(&file_key, Some(&nonce), b"payload")).unwrap();
        let sealed = cipher.encrypt(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1].into(), content).unwrap();
        Self { header: header.into_bytes(), payload: [&nonce[..], &sealed].concat() }
    }

    fn to_view(&self) -> Operation {
        Operation::View { header: Bytes::new(self.header.clone()).unwrap(), payload: Bytes::new(self.payload.clone()).unwrap() }
    }
}

fn expanded(file_key: &FileKey, salt: Option<&[u8]>, info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    hkdf::Hkdf::<sha2::Sha256>::new(salt, file_key.0.expose()).expand(info, &mut key).unwrap();
    key
}
